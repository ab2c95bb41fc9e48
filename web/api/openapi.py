"""The API's description (OpenAPI 3.1), made from the same command types the station checks with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from station.messages import COMMANDS

JSON = "application/json"


def document(commands: Sequence[str]) -> dict[str, Any]:
    """The whole document; `commands` are those the dashboard passes on."""
    _, components = msgspec.json.schema_components(
        [COMMANDS[name] for name in commands], ref_template="#/components/schemas/{name}"
    )
    components["Error"] = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Back Lift Station",
            "version": "1",
            "description": "What the dashboard's own pages use. Times ending in `_s` are monotonic seconds of the session's axis; "
            "those ending in `_wall_s` are Unix seconds. Every failure answers with one line in `error`. What happens now comes "
            "as server-sent events from /api/v1/stream: `state` (the newest, up to 25 a second), `event` (each once, in order; "
            "resumable by Last-Event-ID or `?after=`), `cue`, `link` (is the station there?), `resync` (ask for everything again).",
        },
        "paths": {
            "/api/v1/live": {"get": _get("The newest state, for whoever cannot hold a stream open")},
            "/api/v1/mat": {"get": _get("The mat in use: zones and limbs")},
            "/api/v1/mats": {"get": _get("The mats to choose from", busy=True)},
            "/api/v1/health": {"get": _get("How the station is", busy=True)},
            "/api/v1/settings": {"get": _get("Every setting as it is in force", busy=True)},
            "/api/v1/sessions": {
                "get": _get(
                    "Sessions, newest first", [_query("limit", _whole(1, 500)), _query("before", _whole(1, 2**31 - 1))], busy=True
                )
            },
            "/api/v1/sessions/{session}": {"get": _get("A session: repetitions, lifts, corrections, notes", [_SESSION], busy=True)},
            "/api/v1/sessions/{session}/trace": {
                "get": _get(
                    "Loads over a stretch of a session, decimated to about two points a pixel (packed; web/api/traces.py says how)",
                    [_SESSION, _query("t0_s", _SECONDS), _query("t1_s", _SECONDS), _query("pixels", _whole(10, 4000))],
                    kind="application/octet-stream",
                    busy=True,
                )
            },
            "/api/v1/sessions/{session}/melts": {"get": _get("The limbs' loads around each touch-down", [_SESSION], busy=True)},
            "/api/v1/sessions/{session}/events": {
                "get": _get("What happened, in the order it became known", [_SESSION, _query("since", _whole(0, 2**53))], busy=True)
            },
            "/api/v1/sessions/{session}/words": {"get": _get("The session in a few kind sentences", [_SESSION], busy=True)},
            "/api/v1/sessions/{session}/export.zip": {
                "get": _get("The session as a zip of CSV, JSON and its mat file", [_SESSION], kind="application/zip", busy=True)
            },
            "/api/v1/progress": {
                "get": _get(
                    "Medians and quartiles per part and side",
                    [_query("period", {"type": "string", "enum": ["day", "week"]}), _query("since_wall_s", _SECONDS)],
                    busy=True,
                )
            },
            **{f"/api/v1/commands/{name}": {"post": _command(name)} for name in commands},
        },
        "components": {"schemas": components},
    }


_SECONDS: dict[str, Any] = {"type": "number", "exclusiveMinimum": -1e12, "exclusiveMaximum": 1e12}


def _whole(lowest: int, highest: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": lowest, "maximum": highest}


_SESSION: dict[str, Any] = {"name": "session", "in": "path", "required": True, "schema": _whole(1, 2**31 - 1)}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _get(summary: str, parameters: Sequence[dict[str, Any]] = (), kind: str = JSON, busy: bool = False) -> dict[str, Any]:
    schema: dict[str, Any] = {} if kind == JSON else {"type": "string", "format": "binary"}
    answers: dict[str, Any] = {"200": {"description": summary, "content": {kind: {"schema": schema}}}}
    if any(parameter["in"] == "query" for parameter in parameters):
        answers["400"] = _failure("An argument is not what it should be")
    if busy:
        answers["404"] = _failure("It is not there")
        answers["503"] = _failure("The station or its data is out of reach")
    return {"summary": summary, "parameters": list(parameters), "responses": answers}


def _command(name: str) -> dict[str, Any]:
    kind = COMMANDS[name]
    return {
        "summary": (kind.__doc__ or name).strip(),
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}},
        },
        "responses": {
            "200": {
                "description": "Done, and kept where there is something to keep",
                "content": {JSON: {"schema": {"type": "object", "required": ["result"], "properties": {"result": {}}}}},
            },
            "400": _failure("The arguments are not those of this command"),
            "413": _failure("Too much was sent"),
            "415": _failure("Not JSON"),
            "409": _failure("The station declined, and says why"),
            "503": _failure("The station is out of reach"),
        },
    }


def _failure(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
