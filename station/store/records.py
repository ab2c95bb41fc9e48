"""What the store gives out: frozen records.  Nothing here knows SQL, files or time of day.

Times `*_s` are monotonic seconds of the boot the session ran in (the axis of its frames and lifts); `*_wall_s` are Unix seconds,
None where no trustworthy clock was ever seen in that boot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from station.model import Lift, RepetitionKind, Side

Saving = Literal["ok", "events_only", "not_saving"]
"""How much is being kept.  "events_only": the card is (nearly) full, raw frames are let go.  "not_saving": nothing reaches the
card."""

SessionState = Literal["open", "ended", "recovered"]
Raw = Literal["whole", "partial", "thinned"]
"""The raw frames of a session: all there; some never reached the card or are damaged; let go later to make room."""

Boundary = Literal["prepare_start", "lift_off", "touch_down", "melt_end"]
CorrectionKind = Literal["boundary", "not_a_lift", "undo"]
Moment = Literal["before", "after"]
Role = Literal["owner", "practises", "looks"]
"""What a paired device may do: everything; practise and note; look at sessions."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit did.

    acknowledged: everything handed over before is on the card; False: it waits in memory (as far as there is room) for the next
    try.  frames_lost: frames let go since the commit before, for the card is full or failing; they are a gap in the recording.
    """

    saving: Saving
    acknowledged: bool
    frames_lost: int = 0


@dataclass(frozen=True, slots=True)
class Recovered:
    """A session that was open when the power went: closed at the last thing that was stored of it.

    missing_s: at most so much is missing at its end: one commit period, and a second for frames on their way.  When exactly the
    power went nobody can know.
    """

    session_id: int
    missing_s: float


@dataclass(frozen=True, slots=True)
class Correction:
    """One change made by hand.  The list only grows: an undo is a correction too, and can itself be undone.

    For "boundary" and "not_a_lift", `limb` and the interval name the lift: the one of that limb whose time aloft overlaps it most.
    So a correction finds its lift again after a newer detector has moved it a little.
    boundary, t_s: which boundary is moved, and to when.  undoes: id of the correction that an "undo" takes back.
    """

    id: int
    session_id: int
    kind: CorrectionKind
    limb: str | None = None
    from_s: float | None = None
    to_s: float | None = None
    boundary: Boundary | None = None
    t_s: float | None = None
    undoes: int | None = None
    made_wall_s: float | None = None


@dataclass(frozen=True, slots=True)
class LiftRecord:
    """One lift as the detector saw it and as it stands after corrections by hand.

    original: never altered.  lift: with moved boundaries; equal to `original` without corrections.  not_a_lift: marked so by hand.
    corrections: those in force on this lift, oldest first.
    """

    id: int
    original: Lift
    lift: Lift
    not_a_lift: bool = False
    corrections: tuple[Correction, ...] = ()
    repetition_id: int | None = None

    @property
    def prepare_s(self) -> float | None:
        return between_s(self.lift.prepare_start, self.lift.lift_off)

    @property
    def aloft_s(self) -> float | None:
        return between_s(self.lift.lift_off, self.lift.touch_down)

    @property
    def melt_s(self) -> float | None:
        return between_s(self.lift.touch_down, self.lift.melt_end)


@dataclass(frozen=True, slots=True)
class RepetitionRecord:
    """Lifts that belong together; `number` counts from 1 within the session."""

    id: int
    number: int
    kind: RepetitionKind
    side: Side
    lifts: tuple[LiftRecord, ...]

    @property
    def counts(self) -> bool:
        """False when every lift in it was marked "not a lift" by hand."""
        return not all(lift.not_a_lift for lift in self.lifts)


@dataclass(frozen=True, slots=True)
class Note:
    """A person's own words on a session (`lift_id` None) or on one lift."""

    id: int
    session_id: int
    text: str
    limb: str | None = None
    from_s: float | None = None
    to_s: float | None = None
    changed_wall_s: float | None = None


@dataclass(frozen=True, slots=True)
class AnalysisRecord:
    """One run of one detector version over a session.  Old ones stay; the newest one is `current`."""

    id: int
    detector_version: str
    live: bool
    current: bool
    lifts: int
    made_wall_s: float | None


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in the list.

    person_id: whose session it is; None where nobody was chosen.
    started_wall_s: the date to show; None = "date unknown".  sure: it rests on a clock known to be right (time server), not only
    plausible.  missing_s: for a recovered session, how many seconds are missing at its end at most; else None.
    """

    id: int
    started_s: float
    ended_s: float | None
    started_wall_s: float | None
    sure: bool
    state: SessionState
    missing_s: float | None
    raw: Raw
    repetitions: int
    repetitions_by_kind: dict[str, int]
    median_melt_s: float | None
    comfort_before: int | None
    comfort_after: int | None
    note: str | None
    person_id: int | None = None

    @property
    def duration_s(self) -> float | None:
        return between_s(self.started_s, self.ended_s)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A whole session but its frames.

    mat: text of the mat file it was recorded with; a stand-in without limbs where that is lost (mat_known is False).
    zones: names in the order of the frames' columns.
    calibration: zone -> calibration as plain values, as it was used.  other_lifts: unweightings and void lifts, in no repetition.
    gaps: [from_s, to_s] without frames over 0.5 s, damaged chunks included.
    """

    summary: SessionSummary
    mat: str
    zones: tuple[str, ...]
    rate_hz: float
    calibration: dict[str, Any]
    repetitions: tuple[RepetitionRecord, ...]
    other_lifts: tuple[LiftRecord, ...]
    corrections: tuple[Correction, ...]
    notes: tuple[Note, ...]
    analyses: tuple[AnalysisRecord, ...]
    gaps: tuple[tuple[float, float], ...] = ()
    mat_known: bool = True

    @property
    def id(self) -> int:
        return self.summary.id


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One thing that happened, in the order it became known.

    id: rises over all sessions.  type: "phase", "presence", "fault", or what `Store.add_event` was given ("mark", "pause", ...).
    body: the fields of the announcement's dataclass, or the given ones.
    """

    id: int
    session_id: int
    type: str
    t_s: float
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """A stretch of a session drawn in few points.

    t_s: shape (m,), float64, rising; volts: shape (m, zones), float32 at the divider node, NaN where nothing was measured: lines
    break there.  Where a pixel holds more than two frames it shows its minimum and maximum, in the order in which they happened.
    decimated: False when every frame is there.
    """

    t_s: NDArray[np.float64]
    volts: NDArray[np.float32]
    zones: tuple[str, ...]
    decimated: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of what was measured; `n` values."""

    n: int
    low_s: float
    median_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class ProgressPoint:
    """One part of the body in one day or week.

    start_wall_s: midnight (local) the day, or the Monday, begins.  part, side: as in Lift.part and the limb's side.
    comfort_before, comfort_after: median of the faces 1..5 given in that time, or None.
    """

    start_wall_s: float
    part: str
    side: str
    lifts: int
    prepare: Spread | None
    melt: Spread | None
    comfort_before: float | None = None
    comfort_after: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A paired tablet.  Only the SHA-256 of its cookie is kept.

    role: what it may do.  person_ids: whose sessions it may see; empty: everybody's.  invited_by: the device that let it in;
    revoking that one revokes this one too.
    """

    id: int
    name: str
    token_sha256: bytes = field(repr=False)
    paired_wall_s: float
    seen_wall_s: float
    revoked: bool
    role: Role = "owner"
    person_ids: tuple[int, ...] = ()
    invited_by: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who practises on this mat.  sessions: how many are theirs."""

    id: int
    name: str
    made_wall_s: float | None
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class PracticeDay:
    """One calendar day with practice.  start_wall_s: its local midnight.  sessions: their ids, oldest first."""

    start_wall_s: float
    sessions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """One calibration of one zone of one mat; never overwritten, the newest of a (mat, zone) is the one in use.

    body: the fields of hardware.calibration.ZoneCalibration.
    """

    id: int
    mat_name: str
    zone: str
    body: dict[str, Any]
    made_wall_s: float


@dataclass(frozen=True, slots=True)
class StorageUse:
    """How much room the data takes.  raw_bytes: what thinning could free.  share: how full the budget is, or the card without
    one."""

    database_bytes: int
    raw_bytes: int
    free_bytes: int
    budget_bytes: int | None
    share: float


def between_s(start_s: float | None, end_s: float | None) -> float | None:
    """Seconds from one time to the other; None when either is not known."""
    return None if start_s is None or end_s is None else end_s - start_s
