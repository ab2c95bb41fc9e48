"""The pace of the ring: the person's own usual one, a little slower perhaps, never faster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from station.model import Lift

USUAL_PREPARE_S, USUAL_ALOFT_S, USUAL_MELT_S = 4.0, 6.0, 8.0
"""For somebody of whom nothing is known yet.  About four seconds of engaging before anything lifts, and a release of eight counts,
are what the Back Lift as a micromovement asks for."""
FROM_LIFTS = 3
"""So many lifts make a pace."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of each phase."""

    prepare_s: float = USUAL_PREPARE_S
    aloft_s: float = USUAL_ALOFT_S
    melt_s: float = USUAL_MELT_S


class PaceKeeper:
    """Learns the pace from lifts.  It starts from what was usual before; within a session it only ever becomes slower."""

    def __init__(self) -> None:
        self._prepares: list[float] = []
        self._alofts: list[float] = []
        self._melts: list[float] = []

    def add(self, lift: Lift) -> None:
        if lift.kind != "lift":
            return
        for kept, start_s, end_s in (
            (self._prepares, lift.prepare_start, lift.lift_off),
            (self._alofts, lift.lift_off, lift.touch_down),
            (self._melts, lift.touch_down, lift.melt_end),
        ):
            if start_s is not None and end_s is not None and end_s > start_s:
                kept.append(end_s - start_s)

    def pace(self, usual: Pace) -> Pace:
        """What the ring is drawn for now."""
        return Pace(
            _slower(self._prepares, usual.prepare_s), _slower(self._alofts, usual.aloft_s), _slower(self._melts, usual.melt_s)
        )


def _slower(measured_s: Sequence[float], usual_s: float) -> float:
    return round(max(usual_s, median(measured_s)), 1) if len(measured_s) >= FROM_LIFTS else usual_s
