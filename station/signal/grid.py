"""Frames of any rate onto one even beat.

Everything after this file works on *rows*: the mean of the frames that fell into one bin of `ROW_S` seconds, counted from the first
frame, with the mean of their times.  So cost and thresholds do not depend on the frame rate (30 to 200 a second), and no result can
depend on how the frames were cut into blocks: readings are whole ADC steps, sums of whole numbers below 2**53 are exact in doubles,
and exact sums do not care for order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROW_S = 0.04
CODES_PER_VOLT = 8000.0


@dataclass(frozen=True, slots=True)
class Row:
    """One bin's mean.

    t_s: mean time of its frames.  last_s: time of its last frame.
    volts: shape (zones,), mean of the readings there are; NaN where there is none.
    changes: shape (zones,), how many readings differed from the one before.
    drops: shape (zones,), how many readings stood far below both neighbours' level (loose contact).
    frames: how many frames.
    """

    t_s: float
    last_s: float
    volts: NDArray[np.float64]
    changes: NDArray[np.float64]
    frames: int


class Grid:
    """Collects frames, hands out completed rows."""

    def __init__(self, zones: int) -> None:
        self._zones = zones
        self._first_s: float | None = None
        self._bin = -1
        self._start(0)
        self._previous = np.full(zones, np.nan)

    def _start(self, index: int) -> None:
        self._bin = index
        self._sum = np.zeros(self._zones)
        self._count = np.zeros(self._zones)
        self._changes = np.zeros(self._zones)
        self._frames = 0
        self._time_us = 0
        self._last_s = 0.0

    def update(self, t_s: NDArray[np.float64], codes: NDArray[np.float64]) -> list[Row]:
        """Take frames; return the rows they completed.

        t_s: shape (n,), rising seconds.  codes: shape (n, zones), whole numbers, NaN where missing.
        """
        if len(t_s) == 0:
            return []
        if self._first_s is None:
            self._first_s = float(t_s[0])
        there = ~np.isnan(codes)
        filled = np.where(there, codes, 0.0)
        before = np.vstack([self._previous, codes[:-1]])
        changed = (codes != before) & there
        self._previous = codes[-1].copy()
        bins = np.floor((t_s - self._first_s) / ROW_S + 1e-6).astype(np.int64).tolist()
        times_us = np.rint(t_s * 1e6).astype(np.int64).tolist()
        rows = []
        start, n = 0, len(bins)
        while start < n:
            index = bins[start]
            stop = start + 1
            while stop < n and bins[stop] == index:
                stop += 1
            if index != self._bin and self._frames:
                rows.append(self._finish())
            if index != self._bin:
                self._start(index)
            self._sum += filled[start:stop].sum(axis=0)
            self._count += there[start:stop].sum(axis=0)
            self._changes += changed[start:stop].sum(axis=0)
            self._frames += stop - start
            self._time_us += sum(times_us[start:stop])
            self._last_s = float(t_s[stop - 1])
            start = stop
        return rows

    def finish(self) -> list[Row]:
        """The row begun and not completed, if any: only for the end of a recording."""
        if not self._frames:
            return []
        row = self._finish()
        self._start(self._bin + 1)
        return [row]

    def _finish(self) -> Row:
        with np.errstate(invalid="ignore"):
            volts = self._sum / (self._count * CODES_PER_VOLT)
        return Row(self._time_us / self._frames * 1e-6, self._last_s, volts, self._changes, self._frames)
