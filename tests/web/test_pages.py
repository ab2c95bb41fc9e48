"""Pages as they leave the server: readable without scripts, strict about what a browser may do, honest when something is away."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from stored_practice import NOON_WALL_S

from station.config import Config, overridden
from station.service.ipc import IpcClient
from station.service.runtime import CRASHES_FOR_SAFE_MODE, note_start, note_words
from station.store import Reader
from web import assets
from web.app import create_app

PAGES = (
    "/",
    "/sessions",
    "/sessions/1",
    "/sessions/1/lifts/1",
    "/compare?a=1&b=2",
    "/sessions/1/print",
    "/progress",
    "/progress?span=all",
    "/setup",
    "/sound",
    "/nowhere",
)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_to_the_strict_policy(client: FlaskClient, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == (404 if path == "/nowhere" else 200)
    html = answer.text
    assert f'<html lang="{language}"' in html
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", html)
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", html) == []
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_session_is_readable_without_scripts(client: FlaskClient, reader: Reader) -> None:
    record = reader.session(1)
    html = client.get("/sessions/1").text
    for repetition in record.repetitions:
        for lift in repetition.lifts:
            row = re.search(rf'<li class="lift[^>]*data-lift="{lift.id}".*?</li>', html, re.DOTALL)
            assert row, lift
            for value in (lift.prepare_s, lift.aloft_s, lift.melt_s):
                assert value is None or f">{value:.1f}<" in row[0] or f">{value:.0f}<" in row[0]
            assert f'href="/sessions/1/lifts/{lift.id}"' in row[0]
    assert "Not a medical" in html or "not a medical" in html


def test_the_print_view_holds_every_lift(client: FlaskClient, reader: Reader) -> None:
    lifts = [lift for repetition in reader.session(1).repetitions for lift in repetition.lifts]
    assert client.get("/sessions/1/print").text.count("<tr") == len(lifts) + 1


def test_wishes_of_the_device_are_rendered_at_once(client: FlaskClient) -> None:
    for name, value in (("theme", "dark"), ("lie", "left"), ("numbers", "hidden"), ("lang", "de")):
        client.set_cookie(name, value)
    html = client.get("/").text
    assert 'lang="de" data-theme="dark" data-numbers="hidden" data-lie="left"' in html


@pytest.mark.parametrize("value", ["", "purple", "dark light", '"><script>'])
def test_a_strange_wish_counts_as_none(client: FlaskClient, value: str) -> None:
    for name in ("theme", "lie", "numbers", "lang"):
        client.set_cookie(name, value)
    html = client.get("/").text
    assert "data-theme=" not in html and 'data-lie="up"' in html and "<script>" not in html


def test_notes_cannot_smuggle_markup_into_a_page(client: FlaskClient, reader: Reader) -> None:
    evil = "</textarea></script><script>alert(1)</script><img src=x onerror=alert(1)>"
    lift = reader.session(1).repetitions[0].lifts[0].id
    for args in ({"session": 1, "text": evil}, {"session": 1, "lift": lift, "text": evil}):
        assert client.post("/api/v1/commands/note_set", json=args).status_code == 200
    day = time.strftime("%Y-%m-%d", time.localtime(NOON_WALL_S))
    for path in ("/sessions/1", f"/sessions?day={day}", "/sessions/1/print"):
        html = client.get(path).text
        assert "<script>alert" not in html and "<img src=x" not in html and "&lt;script&gt;" in html


def test_built_assets_are_kept_for_ever_and_sent_compressed(client: FlaskClient) -> None:
    name = assets.manifest()["page-live"].file
    plain, packed = client.get(f"/built/{name}"), client.get(f"/built/{name}", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in plain.headers["Cache-Control"]
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) < len(plain.data) / 2
    assert plain.mimetype == packed.mimetype == "text/javascript"


@pytest.mark.parametrize("name", ["manifest.json", "sources.sha256", "..%2Fapp.py", "nothing.js"])
def test_nothing_but_bundles_is_served_from_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/built/{name}").status_code == 404


@pytest.mark.parametrize("bundle", sorted(name for name in assets.manifest() if name.startswith("page-")))
def test_no_page_is_heavy(bundle: str) -> None:
    """All scripts and styles of a page, as sent: at most 150 kB gzipped."""
    asset = assets.manifest()[bundle]
    names = [asset.file, *asset.parts, assets.manifest()["app.css"].file]
    assert sum((assets.BUILT / f"{name}.gz").stat().st_size for name in names) <= 150_000


def test_without_the_station_the_pages_say_so_and_go_on(tmp_path: Path, database: Path) -> None:
    app = create_app(overridden(Config(), data=database.parent), IpcClient(tmp_path / "nobody.sock", 0.2), Reader(database))
    client = app.test_client()
    assert client.get("/").status_code == 200
    assert "repetitions" in client.get("/sessions").text
    declined = client.post("/api/v1/commands/pause", json={})
    assert declined.status_code == 503 and "station does not answer" in declined.json["error"]
    assert client.get("/healthz").json == {"dashboard": "ok", "station": False}


def test_before_the_first_session_every_page_opens(tmp_path: Path) -> None:
    app = create_app(
        overridden(Config(), data=tmp_path), IpcClient(tmp_path / "nobody.sock", 0.2), Reader(tmp_path / "backlift.db")
    )
    client = app.test_client()
    for path in ("/", "/sessions", "/progress", "/setup", "/sound"):
        assert client.get(path).status_code == 200, path
    assert client.get("/sessions/1").status_code == 404


def test_a_station_that_does_not_get_going_shows_what_it_said(tmp_path: Path, database: Path) -> None:
    for _ in range(CRASHES_FOR_SAFE_MODE):
        note_start(tmp_path)
    note_words(tmp_path, "no bus at /dev/i2c-1: is I2C switched on?")
    app = create_app(
        overridden(Config(), data=database.parent), IpcClient(tmp_path / "nobody.sock", 0.2), Reader(database), folder=tmp_path
    )
    client = app.test_client()
    answer = client.get("/")
    assert answer.status_code == 503 and "no bus at /dev/i2c-1" in answer.text
    copy = client.get("/backup").data
    assert copy.startswith(b"SQLite format 3")
    assert client.get("/healthz").status_code == 200


def test_an_unforeseen_mistake_shows_no_traceback(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret inner workings")

    monkeypatch.setattr(app.extensions["backlift"].reader, "sessions", broken)
    for path in ("/sessions", "/api/v1/sessions"):
        answer = app.test_client().get(path)
        assert answer.status_code == 500
        assert "secret" not in answer.text and "Traceback" not in answer.text
