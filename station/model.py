"""The words of the project as data: what flows from frames to sessions, one way, and never changes once made.

    Frame -> Loads -> PhaseEvent -> Lift -> Repetition -> Session

Every `*_s` on the time axis is monotonic seconds of the frame that showed it; every `*_sd_s` is one standard deviation of the
reported time; None means "cannot tell" and `why_null` says why.  docs/detection.md defines the events; in short, on the force a
limb puts on the mat: prepare starts when it leaves 5 % of rest, lift-off and touch-down are where the lead zone loses and regains
contact (2 % of its rest), the melt ends when the load stays within 5 % of where it settles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hardware.mat import Limb, LimbKind, Mat, Side, Zone

__all__ = [
    "Announcement",
    "EventKind",
    "Fault",
    "FaultKind",
    "Lift",
    "Limb",
    "LimbKind",
    "LiveLimb",
    "LiveState",
    "Loads",
    "Mat",
    "Part",
    "Phase",
    "PhaseEvent",
    "Presence",
    "PresenceKind",
    "Repetition",
    "RepetitionKind",
    "Side",
    "Zone",
]

Phase = Literal["rest", "prepare", "aloft", "melt"]
EventKind = Literal["prepare_start", "prepare_dropped", "lift_off", "touch_down", "melt_end", "unweighting", "void"]
PresenceKind = Literal["empty", "arriving", "settling", "still"]
RepetitionKind = Literal["arm", "leg", "full"]
Part = Literal["elbow", "elbow_hand", "elbow_hand_head", "leg", "limb"]
FaultKind = Literal["missing", "open", "short", "stuck", "flickering", "twin", "gap"]


@dataclass(frozen=True, slots=True)
class Loads:
    """What each zone carries at one time.

    load: one number per zone, relative to rest (1.0 = as at rest); None where unknown.
    load_n: newtons, where the zone is calibrated.
    """

    t_s: float
    load: tuple[float | None, ...]
    load_n: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class PhaseEvent:
    """One moment in a lift, as announced live.

    `t_s` is when it happened, `reported_at_s` the time of the latest frame the announcement rests on.  A lift that must be given up
    (a gap, a dead lead zone) is closed with kind "void"; a prepare that led to nothing with "prepare_dropped".
    """

    kind: EventKind
    limb: str
    t_s: float
    reported_at_s: float
    sd_s: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Lift:
    """One limb's prepare, aloft and melt, finished.  Field names of the times follow the output contract of `backlift replay`.

    kind "unweighting": load fell and returned without losing contact; "void": a fault or gap makes its times worthless.
    extent: share 0..1 of the limb's resting load that left the mat at the peak.
    settled_ratio: settled load / resting load.
    softness_share: share of the limb's resting load that came back within the first 0.5 s after touch-down (small = soft).
    parts: zones that left the mat, in the order they left.
    why_null: for each time that is None, the reason in plain words.
    """

    limb: str
    kind: Literal["lift", "unweighting", "void"]
    part: Part
    prepare_start: float | None
    lift_off: float | None
    touch_down: float | None
    melt_end: float | None
    reported_at: dict[str, float]
    extent: float | None = None
    settled_ratio: float | None = None
    softness_share: float | None = None
    prepare_start_sd: float | None = None
    lift_off_sd: float | None = None
    touch_down_sd: float | None = None
    melt_end_sd: float | None = None
    parts: tuple[str, ...] = ()
    why_null: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repetition:
    """Lifts that belong together: one arm, one leg, or an arm and the opposite leg aloft at overlapping times.

    side: the arm's side for "arm" and "full", else the leg's.  reported_at_s: when it was complete.
    """

    kind: RepetitionKind
    side: Side
    lifts: tuple[Lift, ...]
    reported_at_s: float


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is on the mat: nobody, somebody moving, somebody settling, somebody lying still."""

    kind: PresenceKind
    t_s: float
    reported_at_s: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong with a zone (or with all of them, `zone` None), or it is well again (`over`)."""

    kind: FaultKind
    zone: str | None
    t_s: float
    reported_at_s: float
    over: bool
    words: str


Announcement = PhaseEvent | Lift | Repetition | Presence | Fault
"""What the pipeline returns from `feed`, in the order it became known."""


@dataclass(frozen=True, slots=True)
class LiveLimb:
    """Where one limb is now.

    since_s: monotonic time this phase began.
    checking_since_s: in a melt that is about to be called over, since when the load is flat; None otherwise.
    """

    limb: str
    phase: Phase
    since_s: float
    load: float | None
    checking_since_s: float | None = None


@dataclass(frozen=True, slots=True)
class LiveState:
    """The pipeline's picture of this moment, for the live page."""

    t_s: float
    presence: PresenceKind
    loads: Loads
    limbs: tuple[LiveLimb, ...]
    faulty_zones: tuple[str, ...]
