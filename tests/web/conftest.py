"""A dashboard as it runs, for the page tests: real server, real link, real store; only the person is scripted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page
from scripted_station import ScriptedStation
from stored_practice import fill

from station.config import Config, overridden
from station.service.ipc import IpcClient
from station.store import Reader, Store
from web.__main__ import start_server
from web.app import create_app
from web.live.stream import LiveBroadcaster

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One that runs.  `station` is scripted; `sessions` are the ids of stored sessions, oldest first."""

    url: str
    app: Flask
    station: ScriptedStation
    reader: Reader
    sessions: list[int]

    @property
    def live(self) -> LiveBroadcaster:
        live: LiveBroadcaster = self.app.extensions["backlift"].live
        return live


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """A database with three sessions of a simulated body; nobody writes to it."""
    path = tmp_path_factory.mktemp("filled") / "backlift.db"
    return path, fill(path, sessions=3, lasts_s=140.0, days_between=5.0)


@pytest.fixture
def database(filled_database: tuple[Path, list[int]], tmp_path: Path) -> Path:
    """The same, to be written to."""
    return Path(shutil.copy(filled_database[0], tmp_path / "backlift.db"))


@contextmanager
def scripted_app(folder: Path, database: Path) -> Iterator[tuple[Flask, ScriptedStation]]:
    """The dashboard's app over a scripted station, which keeps what commands change in `database`."""
    station = ScriptedStation(folder / "station.sock")
    for name, method in STORED.items():
        station.answers[name] = _stored(database, method)
    config = overridden(Config(), data=database.parent)
    app = create_app(config, IpcClient(folder / "station.sock"), Reader(config.database), folder=folder)
    yield app, station
    app.extensions["backlift"].live.close()
    app.extensions["backlift"].link.close()
    station.close()


@contextmanager
def running(folder: Path, filled: tuple[Path, list[int]]) -> Iterator[Dashboard]:
    """The same, serving."""
    with scripted_app(folder, Path(shutil.copy(filled[0], folder / "backlift.db"))) as (app, station):
        server = start_server("127.0.0.1", 0, app, None)
        services = app.extensions["backlift"]
        services.live.start()
        yield Dashboard(f"http://127.0.0.1:{server.address[1]}", app, station, services.reader, filled[1])
        services.live.close()
        server.stop()


STORED = {
    "correction_add": lambda store, a: store.correction_add(
        a["session"], a["lift"], boundary=a["boundary"], t_s=a["t_s"], not_a_lift=a["not_a_lift"]
    ),
    "correction_undo": lambda store, a: store.correction_undo(a["session"], a["correction"]),
    "note_set": lambda store, a: store.note_set(a["session"], a["text"], lift_id=a["lift"]),
    "comfort_set": lambda store, a: store.comfort_set(a["session"], a["moment"], a["face"]),
    "setting_set": lambda store, a: store.setting_set(a["key"], a["value"]),
    "session_person_set": lambda store, a: store.session_person_set(a["session"], a["person"]),
    "session_delete": lambda store, a: store.session_delete(a["session"]),
}


def _stored(database: Path, method: Any) -> Any:
    def answer(args: dict[str, Any]) -> None:
        with Store(database) as store:
            method(store, args)

    return answer


@pytest.fixture
def scripted(tmp_path: Path, database: Path) -> Iterator[tuple[Flask, ScriptedStation]]:
    with scripted_app(tmp_path, database) as both:
        yield both


@pytest.fixture
def app(scripted: tuple[Flask, ScriptedStation]) -> Flask:
    return scripted[0]


@pytest.fixture
def station(scripted: tuple[Flask, ScriptedStation]) -> ScriptedStation:
    return scripted[1]


@pytest.fixture
def reader(app: Flask) -> Reader:
    reader: Reader = app.extensions["backlift"].reader
    return reader


@pytest.fixture
def own_dashboard(tmp_path: Path, filled_database: tuple[Path, list[int]]) -> Iterator[Dashboard]:
    """A dashboard for this test alone: its sessions may be changed, its station may be taken away."""
    with running(tmp_path, filled_database) as dashboard:
        yield dashboard


@pytest.fixture(scope="session")
def standing_dashboard(tmp_path_factory: pytest.TempPathFactory, filled_database: tuple[Path, list[int]]) -> Iterator[Dashboard]:
    with running(tmp_path_factory.mktemp("dashboard"), filled_database) as dashboard:
        yield dashboard


@pytest.fixture
def dashboard(standing_dashboard: Dashboard) -> Dashboard:
    """The dashboard all page tests share; who changes stored sessions or breaks something takes `own_dashboard`."""
    standing_dashboard.station.commands.clear()
    return standing_dashboard


# The browser ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: 'sudo apt install chromium fonts-dejavu-core'")
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": list(QUIET)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1024, "height": 768}, "has_touch": True, "locale": "en-GB"}


def until(page: Page, expression: str, patience: int = 200) -> None:
    """Wait until an expression is true on the page.  Playwright's own way of waiting needs `eval`, which the policy forbids."""
    for _ in range(patience):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never true: {expression}")


@pytest.fixture
def strict_page(page: Page) -> Iterator[Page]:
    """A page on which nothing may go wrong unseen: no script error, no breach of the security policy, no request elsewhere."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("request", lambda request: None if request.url.startswith("http://127.0.0.1:") else wrong.append(request.url))
    yield page
    assert wrong == []
