"""Times at which frames were missing: what happened there is only known to lie somewhere in between."""

from __future__ import annotations

from collections import deque

from hardware.frame_rows import ROW_S
from station.signal.levels import Moment

KEPT = 8
SMOOTHED_ROWS = 3
REACH_S = SMOOTHED_ROWS * ROW_S
"""Moments are found in rows smoothed with their neighbours: nearer than this to a gap they rest on what was missing."""


class Gaps:
    """The last gaps in the readings."""

    def __init__(self) -> None:
        self._gaps: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def add(self, gap_s: tuple[float, float] | None) -> None:
        """Note a gap (begin, end), if there was one."""
        if gap_s is not None:
            self._gaps.append(gap_s)

    def of(self, moment: Moment) -> tuple[float, float] | None:
        """The gap that a moment fell into."""
        return next((gap for gap in self._gaps if gap[0] - REACH_S < moment.t_s < gap[1] + REACH_S), None)

    def longest_s(self, moment: Moment) -> float:
        """How long the gap is that a moment fell into; 0 where there was none."""
        gap = self.of(moment)
        return gap[1] - gap[0] if gap is not None else 0.0

    def seen(self, moment: Moment) -> Moment:
        """The moment; in a gap its middle, with a standard deviation as wide."""
        gap = self.of(moment)
        return moment if gap is None else Moment((gap[0] + gap[1]) / 2.0, (gap[1] - gap[0]) / 12.0**0.5)
