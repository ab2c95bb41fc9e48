"""All limbs of a mat during one stay: what their trackers say of each row, and which lifts belong together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from station.model import Announcement, Lift, LiveLimb, Mat, PhaseEvent, PresenceKind
from station.signal.company import Common, Company
from station.signal.history import History
from station.signal.limb import LimbTracker
from station.signal.loads import ForceScale
from station.signal.melt import Settling
from station.signal.params import Parameters
from station.signal.repetitions import Repetitions

PROVISIONAL = ("prepare_start", "prepare_dropped", "unweighting")
"""What a person who is still arranging herself on the mat makes by the dozen, and nobody wants to hear."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known with one row.

    t_s, known_s: its mean time, and that of its last frame.  force, reading: newtons of every zone, with creep taken out and as
    read.  bad: columns that cannot be believed.  gap_s: from and to when frames were missing before it.
    """

    t_s: float
    known_s: float
    force: list[float]
    reading: list[float]
    bad: frozenset[int]
    gap_s: tuple[float, float] | None
    presence: PresenceKind


class Limbs:
    """history: shared, already holding the row given to `update`: creep-free newtons of all zones, then newtons as read."""

    def __init__(self, mat: Mat, scale: ForceScale, history: History, parameters: Parameters) -> None:
        zones = len(mat.zone)
        taken = Counter(column for limb in mat.limb for column in mat.columns(limb))
        torso = tuple(i for i in range(zones) if i not in taken)
        shared = tuple(i for i, count in taken.items() if count > 1)
        common = Common({}, Settling(parameters.timing), Company())
        self._trackers = tuple(
            LimbTracker(limb, mat.columns(limb), zones, torso, shared, history, parameters, common, scale) for limb in mat.limb
        )
        self._repetitions = Repetitions(mat.limb)

    def update(self, now: Known) -> list[Announcement]:
        """One row.  Nothing is said while it is not known whether anybody is there, and nothing provisional while she settles."""
        out: list[Announcement] = []
        for tracker in self._trackers:
            for item in tracker.update(now.t_s, now.known_s, now.force, now.reading, now.bad, now.gap_s):
                if now.presence == "empty" or (now.presence == "settling" and item.kind in PROVISIONAL):
                    continue
                out += self._said(item, now.known_s)
        return out

    def _said(self, item: PhaseEvent | Lift, known_s: float) -> list[Announcement]:
        together = self._repetitions.update(item, self._under_way(), known_s) if isinstance(item, Lift) else []
        return [item, *together]

    def _under_way(self) -> dict[str, float]:
        return {x.limb.name: x.lift_off_s for x in self._trackers if x.lift_off_s is not None}

    def settle(self, t_s: float, still_since_s: float) -> None:
        """The person has just come to lie still."""
        for tracker in self._trackers:
            tracker.settle(t_s, still_since_s)

    def finish(self, t_s: float) -> list[Announcement]:
        """Nothing more will come: close what is open, inventing nothing."""
        out = [said for tracker in self._trackers for item in tracker.finish(t_s) for said in self._said(item, t_s)]
        return [*out, *self._repetitions.finish(t_s)]

    @property
    def rest_n(self) -> dict[int, float]:
        """Resting newtons by column, as far as known."""
        return {column: level_n for tracker in self._trackers for column, level_n in tracker.rest_n.items()}

    def live(self, settled: bool) -> tuple[LiveLimb, ...]:
        """Where each limb is now; settled: whether the person has come to lie still."""
        return tuple(
            LiveLimb(
                x.limb.name, "rest" if not settled and x.phase == "prepare" else x.phase, x.since_s, x.load, x.checking_since_s
            )
            for x in self._trackers
        )
