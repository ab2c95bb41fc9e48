"""The API: what its document promises, it keeps, whatever is sent."""

from __future__ import annotations

import io
import zipfile

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance
from scripted_station import ScriptedStation

from station.messages import COMMANDS
from station.store import Reader
from web.api.api_routes import OPEN_COMMANDS
from web.api.openapi import document

OPERATIONS = [(path, method) for path, methods in document(OPEN_COMMANDS)["paths"].items() for method in methods]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_every_answer_is_as_described(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for path, method in OPERATIONS:
        # JSON Schema takes 3.0 for an integer; the station does not, and may say so.
        holds(schema[path][method], [positive_data_acceptance] if method == "post" else [])


def holds(operation: APIOperation, excluded: list[CheckFunction]) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None, database=None)
    def answers(case: Case) -> None:
        case.call_and_validate(excluded_checks=excluded)

    answers()


def test_who_may_come_in_is_not_decided_by_whoever_is_in() -> None:
    kept_back = set(COMMANDS) - set(OPEN_COMMANDS)
    assert {"device_add", "device_touch", "device_revoke", "pairing_start", "code_say", "open_network"} <= kept_back


def test_the_document_lists_every_route(app: Flask, client: FlaskClient) -> None:
    described = set(client.get("/api/v1/openapi.json").json["paths"])
    routes = {
        str(rule).replace("<int(max=2147483647):session_id>", "{session}")
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/") and "<name>" not in str(rule)
    }
    assert routes - described == {"/api/v1/stream", "/api/v1/openapi.json"}
    assert {f"/api/v1/commands/{name}" for name in OPEN_COMMANDS} <= described


def test_a_session_comes_with_times_as_measured_and_as_corrected(client: FlaskClient, reader: Reader) -> None:
    lift = reader.session(1).repetitions[0].lifts[0]
    moved_s = lift.lift.melt_end + 0.5
    args = {"session": 1, "lift": lift.id, "boundary": "melt_end", "t_s": moved_s}
    assert client.post("/api/v1/commands/correction_add", json=args).status_code == 200
    shown = client.get("/api/v1/sessions/1").json["repetitions"][0]["lifts"][0]
    assert shown["lift"]["melt_end"] == pytest.approx(moved_s)
    assert shown["original"]["melt_end"] == lift.original.melt_end


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/sessions/999", 404),
        ("/api/v1/sessions/1/trace?pixels=0", 400),
        ("/api/v1/sessions/1/trace?pixels=1e3", 400),
        ("/api/v1/sessions/1/trace?t0_s=nan", 400),
        ("/api/v1/sessions/1/trace?t0_s=1e300", 400),
        ("/api/v1/sessions?limit=-1", 400),
        ("/api/v1/progress?period=year", 400),
        ("/api/v1/nothing", 404),
    ],
)
def test_a_bad_question_gets_one_line(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.json["error"] and "\n" not in answer.json["error"]


@pytest.mark.parametrize(
    ("name", "body", "kind", "status"),
    [
        ("pause", b"{}", "application/json", 200),
        ("pause", b"{}", "text/plain", 415),
        ("pause", b"", "application/json", 400),
        ("pause", b"[]", "application/json", 400),
        ("pause", b'{"extra": 1}', "application/json", 400),
        ("comfort_set", b'{"session": 1, "moment": "after", "face": 6}', "application/json", 400),
        ("note_set", b'{"session": 999, "text": "x"}', "application/json", 409),
        ("device_add", b"{}", "application/json", 404),
        ("mark", b'{"text": "' + b"x" * 70_000 + b'"}', "application/json", 413),
        ("mark", b"\xff\xfe", "application/json", 400),
    ],
)
def test_commands_are_checked_before_they_are_passed_on(
    client: FlaskClient, station: ScriptedStation, name: str, body: bytes, kind: str, status: int
) -> None:
    station.commands.clear()
    answer = client.post(f"/api/v1/commands/{name}", data=body, content_type=kind)
    assert answer.status_code == status, answer.text
    passed_on = [given for given, _ in station.commands]
    assert passed_on == ([name] if status in (200, 409) else [])


def test_an_export_is_a_whole_archive(client: FlaskClient) -> None:
    answer = client.get("/api/v1/sessions/1/export.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None and archive.namelist()


def test_beyond_the_cap_tablets_are_told_to_poll(app: Flask, client: FlaskClient) -> None:
    places = app.extensions["backlift_streams"]
    while places.take(0):
        pass
    assert client.get("/api/v1/stream").status_code == 503
    assert client.get("/api/v1/live").status_code == 200


def test_an_event_id_that_is_none_is_refused_and_takes_no_place(app: Flask, client: FlaskClient) -> None:
    for _ in range(300):
        assert client.get("/api/v1/stream", headers={"Last-Event-ID": "a-" + 5000 * "9"}).status_code == 400
    assert app.extensions["backlift_streams"].take(0)
