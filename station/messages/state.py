"""The live state and the cues: what the tablet shows and sounds now.  Of states only the newest counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hardware.notices import Notice
from station.model import LiveLimb, Phase, PresenceKind
from station.practice.guide_view import GuideView
from station.practice.placement import PlacementView


@dataclass(frozen=True, slots=True)
class ZoneState:
    """One zone now.  load: relative to rest; load_n: newtons where calibrated; fault: something is wrong with it."""

    load: float | None
    load_n: float | None
    fault: bool


@dataclass(frozen=True, slots=True)
class SessionState:
    """The running session.  id: None until it is on the card."""

    id: int | None
    started_t_s: float
    repetitions: int


@dataclass(frozen=True, slots=True)
class HealthState:
    """How the station is.  late_share: of the last minute's frames; counts since the start; notices: what a person should know."""

    rate_hz: float
    late_share: float
    saving: Literal["ok", "events_only", "not_saving", "idle"]
    late: int = 0
    dropped: int = 0
    queue_frames: int = 0
    bus_errors: int = 0
    frames_lost: int = 0
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveView:
    """What a tablet sees: the state message, but for its `type` and `seq`.

    phase, limb, since_s: of the limb that is furthest from rest.  ended: the session was ended by hand and nothing is recorded.
    placement: how somebody lies beside the sensors; None where all is well.
    """

    t_s: float
    presence: PresenceKind
    phase: Phase
    limb: str | None
    since_s: float
    zones: dict[str, ZoneState]
    limbs: tuple[LiveLimb, ...]
    session: SessionState | None
    paused: bool
    ended: bool
    guide: GuideView
    placement: PlacementView | None
    mat: str
    health: HealthState
