"""What Home Assistant is told of a station: one device with its entities (device-based discovery, 2024.11 and later)."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from station.config import Mqtt, StationFacts

BUTTONS = {"session_start": "Begin a session", "pause": "Pause", "resume": "Go on", "mark": "Mark this moment"}
"""Commands shown as buttons where the owner lets the broker give commands."""
ATTRIBUTES = "{{ value or '{}' }}"
"""What the broker keeps is emptied when the station goes.  A template must expect that: Home Assistant logs an error for each that
does not."""


def discovery_topic(settings: Mqtt, station: StationFacts) -> str:
    return f"{settings.discovery_prefix}/device/backlift_{station.id}/config"


def discovery_body(settings: Mqtt, station: StationFacts) -> dict[str, Any]:
    """The device, its entities and where they find their values."""
    own, root = f"backlift_{station.id}", f"{settings.prefix}/{station.id}"
    release = version("backlift-station")
    components = _entities(root)
    if settings.commands:
        components |= {
            name: {"platform": "button", "name": words, "command_topic": f"{root}/command", "payload_press": name}
            for name, words in BUTTONS.items()
        }
    for key, component in components.items():
        component["unique_id"] = f"{own}_{key}"
    return {
        "device": {"identifiers": [own], "name": station.name, "model": "Back Lift Station", "sw_version": release},
        "origin": {"name": "Back Lift Station", "sw_version": release},
        "availability_topic": f"{root}/status",
        "components": components,
    }


def _entities(root: str) -> dict[str, dict[str, Any]]:
    state, health, melt = (f"{root}/{name}" for name in ("state", "health", "melt"))
    return {
        "occupied": {
            "platform": "binary_sensor",
            "name": "Somebody on the mat",
            "device_class": "occupancy",
            "state_topic": state,
            "value_template": _unless_emptied("'OFF' if value_json.presence == 'empty' else 'ON'"),
        },
        "phase": {
            "platform": "sensor",
            "name": "Phase",
            "device_class": "enum",
            "options": ["rest", "prepare", "aloft", "melt"],
            "state_topic": state,
            "value_template": _unless_emptied("value_json.phase"),
        },
        "repetitions": {
            "platform": "sensor",
            "name": "Repetitions in this session",
            "state_topic": state,
            "value_template": _unless_emptied("value_json.repetitions"),
        },
        "melt": {
            "platform": "sensor",
            "name": "Latest melt",
            "device_class": "duration",
            "unit_of_measurement": "s",
            "suggested_display_precision": 1,
            "state_topic": melt,
            "value_template": _unless_emptied("value_json.melt_s"),
            "json_attributes_topic": melt,
            "json_attributes_template": ATTRIBUTES,
        },
        "rate": {
            "platform": "sensor",
            "name": "Frame rate",
            "unit_of_measurement": "Hz",
            "entity_category": "diagnostic",
            "state_topic": health,
            "value_template": _unless_emptied("value_json.rate_hz"),
        },
        "problem": {
            "platform": "binary_sensor",
            "name": "Something is wrong",
            "device_class": "problem",
            "entity_category": "diagnostic",
            "state_topic": health,
            "value_template": _unless_emptied("'ON' if value_json.problem else 'OFF'"),
            "json_attributes_topic": health,
            "json_attributes_template": ATTRIBUTES,
        },
    }


def _unless_emptied(expression: str) -> str:
    return f"{{{{ ({expression}) if value else None }}}}"
