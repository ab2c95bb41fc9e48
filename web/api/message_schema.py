"""The JSON schema of everything the station sends and takes, made from station/messages; the front end's types are made from it.

python -m web.api.message_schema          writes web/frontend/messages.schema.json
npm --prefix web/frontend run types       writes web/frontend/src/messages.ts from it (json-schema-to-typescript)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from station.messages import COMMANDS, EVENTS, LiveView
from station.practice.cue import Cue

SCHEMA_FILE = Path(__file__).parents[1] / "frontend" / "messages.schema.json"
_REF = "#/definitions/{name}"


def message_schema() -> dict[str, Any]:
    """Draft-7 schema with one definition per type; `StationEvent` is an event with its envelope, `type` telling the kinds apart."""
    kinds = [LiveView, Cue, *EVENTS.values(), *COMMANDS.values()]
    _, definitions = msgspec.json.schema_components(kinds, ref_template=_REF)
    bodies = []
    for name, kind in EVENTS.items():
        body = definitions[kind.__name__]
        tagged = {"properties": {"type": {"const": name}, **body["properties"]}, "required": ["type", *body.get("required", [])]}
        definitions[f"{name.capitalize()}Message"] = {**body, **tagged}
        bodies.append({"$ref": _REF.format(name=f"{name.capitalize()}Message")})
    definitions["StationEvent"] = {
        "type": "object",
        "properties": {
            "seq": {"type": "integer"},
            "session": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "event": {"anyOf": bodies},
        },
        "required": ["seq", "session", "event"],
    }
    commands = {kind.__name__ for kind in COMMANDS.values()}
    closed = {name: _closed(definition, sent=name not in commands) for name, definition in sorted(definitions.items())}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Messages",
        "type": "object",
        "additionalProperties": False,
        "definitions": closed,
    }


def _closed(definition: dict[str, Any], *, sent: bool) -> dict[str, Any]:
    """Without titles (they would rename the types) and closed; what the station sends has every field, defaults included."""
    plain = {key: value for key, value in definition.items() if key != "title"}
    if "properties" in plain:
        plain["additionalProperties"] = False
        if sent:
            plain["required"] = sorted(plain["properties"])
    return plain


def as_text() -> str:
    """The schema as it stands in its file."""
    return json.dumps(message_schema(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(as_text(), encoding="utf-8")
