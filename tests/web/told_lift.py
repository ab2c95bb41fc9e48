"""A lift as the station tells it to the dashboard, for what passes it on."""

from __future__ import annotations

from typing import Any

LIFT: dict[str, Any] = {
    "type": "lift",
    "limb": "leg_l",
    "kind": "lift",
    "part": "leg",
    "prepare_start": 40.0,
    "lift_off": 42.5,
    "touch_down": 50.0,
    "melt_end": 58.0,
    "extent": 0.4,
}
