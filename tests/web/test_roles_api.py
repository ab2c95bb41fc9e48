"""The API as an owner's and as a guest's device meet it: generated requests to the real, guarded server."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from conftest import STORED, _stored
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance
from scripted_station import ScriptedStation

from station.config import Config, overridden
from station.messages import COMMANDS
from station.service.ipc import IpcClient
from station.store import Reader, Store
from web.__main__ import start_server
from web.api.api_routes import OPEN_COMMANDS
from web.api.openapi import document
from web.app import create_app
from web.auth.guard import require_paired_device

OPERATIONS = [(path, method) for path, methods in document(OPEN_COMMANDS)["paths"].items() for method in methods]
TOKENS = {"owner": "token of an owner", "practises": "token of a friend", "looks": "token of a guest"}


@dataclass(frozen=True, slots=True)
class Guarded:
    url: str
    station: ScriptedStation


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, filled_database: tuple[Path, list[int]]) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    database = Path(shutil.copy(filled_database[0], folder / "backlift.db"))
    with Store(database) as store:
        for role, token in TOKENS.items():
            store.device_add(role, hashlib.sha256(token.encode()).digest(), role=role)
    station = ScriptedStation(folder / "station.sock")
    for name, method in STORED.items():
        station.answers[name] = _stored(database, method)
    link, reader = IpcClient(folder / "station.sock"), Reader(database)
    app = create_app(overridden(Config(), data=folder), link, reader, folder=folder, guard=require_paired_device(link, reader))
    server = start_server("127.0.0.1", 0, app, None)
    yield Guarded(f"http://127.0.0.1:{server.address[1]}", station)
    server.stop()
    station.close()


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[role]}"}


def each_operation(tried: Callable[[Case, str, str], None]) -> None:
    """Call `tried` with a few generated requests of every operation, and its path and method."""
    schema = schemathesis.openapi.from_dict(document(OPEN_COMMANDS))
    for path, method in OPERATIONS:
        operation = schema[path][method]

        @given(case=operation.as_strategy())
        @settings(max_examples=4, suppress_health_check=list(HealthCheck), deadline=None, database=None)
        def requests(case: Case) -> None:
            tried(case, path, method)  # noqa: B023  # called before the loop goes on

        requests()


def test_to_an_owner_every_answer_is_as_described(guarded: Guarded) -> None:
    def tried(case: Case, path: str, method: str) -> None:
        excluded = [positive_data_acceptance] if method == "post" else []
        case.call_and_validate(base_url=guarded.url, headers=bearer("owner"), excluded_checks=excluded)

    each_operation(tried)


@pytest.mark.parametrize("role", ["practises", "looks"])
def test_a_guest_gets_no_further_than_the_role_whatever_is_sent(guarded: Guarded, role: str) -> None:
    rank = ["looks", "practises", "owner"].index

    def tried(case: Case, path: str, method: str) -> None:
        command = path.rpartition("/commands/")[2]
        guarded.station.commands.clear()
        status = case.call(base_url=guarded.url, headers=bearer(role)).status_code
        assert status < 500
        if command in COMMANDS and rank(COMMANDS[command].least_role) > rank(role):
            assert status in (403, 415)
            # That a device was seen is noted; nothing else reached the station.
            assert {name for name, _ in guarded.station.commands} <= {"device_touch"}

    each_operation(tried)
