"""Events: what the station tells everybody who watches, once and in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from station.model import Fault, Lift, PhaseEvent, Presence, Repetition
from station.practice.positions import Position


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """A session began or ended; repetitions: how many it had."""

    kind: Literal["started", "ended"]
    t_s: float
    repetitions: int = 0


@dataclass(frozen=True, slots=True)
class PauseEvent:
    """The guide was paused."""

    t_s: float


@dataclass(frozen=True, slots=True)
class ResumeEvent:
    """The guide was taken up again."""

    t_s: float


@dataclass(frozen=True, slots=True)
class MarkEvent:
    """A moment was marked, with a text or none."""

    t_s: float
    text: str


@dataclass(frozen=True, slots=True)
class PositionEvent:
    """The person is to lie otherwise, or has turned over: other zones carry the limbs now."""

    t_s: float
    position: Position


@dataclass(frozen=True, slots=True)
class SettingEvent:
    """A setting has a new value."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class PairingEvent:
    """A new device may be paired for `left_s`; the secret itself is told to nobody."""

    t_s: float
    left_s: float


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """A device was let in or shown out; everybody is told."""

    t_s: float
    change: Literal["paired", "revoked", "changed"]
    name: str


@dataclass(frozen=True, slots=True)
class ConfirmEvent:
    """A paired device asked for something that somebody at the station has to confirm within `left_s`, or it was confirmed.

    command: its name on the wire.
    """

    t_s: float
    command: str
    confirmed: bool
    left_s: float


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """What the check found of one zone, or (zone None) of the boards."""

    zone: str | None
    ok: bool
    words: str


@dataclass(frozen=True, slots=True)
class CheckEvent:
    """The guided check of wiring and sensors: `step` of `steps`, what to do now, what was found so far."""

    state: Literal["asking", "done", "stopped"]
    zone: str | None
    words: str
    step: int
    steps: int
    results: tuple[CheckFinding, ...]


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """One known weight and the conductance it gave."""

    force_n: float
    siemens: float


@dataclass(frozen=True, slots=True)
class CalibrateEvent:
    """The guided calibration of one zone; k, gamma, residual: the fit so far (hardware/calibration.py)."""

    state: Literal["waiting", "measuring", "ready", "done", "declined", "stopped"]
    zone: str | None
    words: str
    points: tuple[CalibrationPoint, ...]
    k: float | None
    gamma: float | None
    residual: float | None


Event = (
    PhaseEvent
    | Lift
    | Repetition
    | Presence
    | Fault
    | SessionEvent
    | PauseEvent
    | ResumeEvent
    | MarkEvent
    | PositionEvent
    | SettingEvent
    | PairingEvent
    | DeviceEvent
    | ConfirmEvent
    | CheckEvent
    | CalibrateEvent
)

EVENTS: Mapping[str, type[Event]] = {
    "phase": PhaseEvent,
    "lift": Lift,
    "repetition": Repetition,
    "presence": Presence,
    "fault": Fault,
    "session": SessionEvent,
    "pause": PauseEvent,
    "resume": ResumeEvent,
    "mark": MarkEvent,
    "position": PositionEvent,
    "setting": SettingEvent,
    "pairing": PairingEvent,
    "device": DeviceEvent,
    "confirm": ConfirmEvent,
    "check": CheckEvent,
    "calibrate": CalibrateEvent,
}
"""Type on the wire -> what it carries."""
_EVENT_TYPES = {kind: name for name, kind in EVENTS.items()}


def event_body(event: Event) -> dict[str, Any]:
    """An event as it goes over the wire: its type and its fields side by side."""
    return {"type": _EVENT_TYPES[type(event)], **{each.name: getattr(event, each.name) for each in fields(event)}}
