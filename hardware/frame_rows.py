"""Frames of any rate onto one even beat.

Everything after this file works on *rows*: the mean of the frames that fell into one bin of `ROW_S` seconds, counted from the first
frame, with the mean of their times.  So cost and thresholds do not depend on the frame rate (30 to 200 a second), and no result can
depend on how the frames were cut into blocks: readings are whole ADC steps, sums of whole numbers below 2**53 are exact in doubles,
and exact sums do not care for order.

A loose wire cuts readings to nothing from a level that was not falling; foam and sensor never let go like that.  Such readings are
counted and kept out of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROW_S = 0.04
CODES_PER_VOLT = 8000.0
CUT_CODES = 100.0
CUT_FROM_CODES = 1600.0
STEADY_SHARE = 0.9
WAS_SHARE = 0.5
"""The rows before carried so much as well: a single disturbed frame on an empty zone is no load that could be cut."""
LONGEST_BREAK_S = 0.1
READ, COUNT, CHANGES, TURNS, BENDS, BENT = range(6)
"""What is summed up over a row, of each zone: readings and how many, see `Row` for the others, and how many bends."""
SUMMED = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One bin.

    t_s: mean time of its frames.  first_s, last_s: times of its first and last frame.  frames: how many.
    known_s: time of the frame that completed it, the first of the next bin: what rests on this row is known from then on.
    volts: shape (zones,), mean of the readings there are and that were not cut; NaN where there is none.
    changes: shape (zones,), how many readings differed from the one before.
    turns: shape (zones,), how many went the other way than the one before had gone: noise does that, a drift does not.
    cuts: shape (zones,), how many readings stood below CUT_CODES (12 mV) at once after a row that was loaded and not falling.
    bends: shape (zones,), mean size of the second differences of its readings, in codes: noise; NaN where there is none.
    """

    t_s: float
    first_s: float
    last_s: float
    known_s: float
    frames: int
    volts: NDArray[np.float64]
    changes: NDArray[np.float64]
    turns: NDArray[np.float64]
    cuts: NDArray[np.float64]
    bends: NDArray[np.float64]


class Grid:
    """Collects frames, hands out completed rows."""

    def __init__(self, zones: int) -> None:
        self._zones = zones
        self._origin_s: float | None = None
        self._previous = np.full((2, zones), np.nan)
        self._cut_below = np.full(zones, -np.inf)
        self._mean = np.zeros(zones)
        self._start(-1)

    def _start(self, index: int) -> None:
        self._bin = index
        self._sums = np.zeros((SUMMED, self._zones))
        self._cuts = np.zeros(self._zones)
        self._frames = 0
        self._time_us = 0
        self._first_s = self._last_s = 0.0

    def update(self, t_s: NDArray[np.float64], codes: NDArray[np.float64]) -> list[Row]:
        """Take frames; return the rows they completed.

        t_s: shape (n,), rising seconds.  codes: shape (n, zones), whole numbers, NaN where missing.
        """
        if len(t_s) == 0:
            return []
        if self._origin_s is None:
            self._origin_s = float(t_s[0])
        before = np.concatenate([self._previous, codes])
        steps = before[1:] - before[:-1]
        bends = np.abs(steps[1:] - steps[:-1])
        there, bent = codes == codes, bends == bends  # false where NaN
        summed = np.empty((len(t_s), SUMMED, self._zones))
        summed[:, READ] = np.where(there, codes, 0.0)
        summed[:, COUNT] = there
        summed[:, CHANGES] = (steps[1:] != 0.0) & there
        summed[:, TURNS] = steps[1:] * steps[:-1] < 0.0
        summed[:, BENDS] = np.where(bent, bends, 0.0)
        summed[:, BENT] = bent
        self._previous = before[-2:]
        bins = np.floor((t_s - self._origin_s) / ROW_S + 1e-6).astype(np.int64).tolist()
        times_us = np.rint(t_s * 1e6).astype(np.int64).tolist()
        rows = []
        start, n = 0, len(bins)
        while start < n:
            index = bins[start]
            stop = start + 1
            while stop < n and bins[stop] == index:
                stop += 1
            if index != self._bin:
                rows += self._close(float(t_s[start]))
                if float(t_s[start]) - self._last_s > LONGEST_BREAK_S:
                    self._cut_below[:] = -np.inf
                self._start(index)
                self._first_s = float(t_s[start])
            self._sums += summed[start:stop].sum(axis=0)
            cut = codes[start:stop] < self._cut_below
            if cut.any():
                self._sums[READ] -= np.where(cut, codes[start:stop], 0.0).sum(axis=0)
                self._sums[COUNT] -= cut.sum(axis=0)
                self._cuts += cut.sum(axis=0)
            self._frames += stop - start
            self._time_us += sum(times_us[start:stop])
            self._last_s = float(t_s[stop - 1])
            start = stop
        return rows

    def _close(self, known_s: float) -> list[Row]:
        if not self._frames:
            return []
        with np.errstate(invalid="ignore"):
            mean, bends = self._sums[READ] / self._sums[COUNT], self._sums[BENDS] / self._sums[BENT]
        known = self._sums[COUNT] > 0
        steady = (mean > CUT_FROM_CODES) & (mean > STEADY_SHARE * self._mean) & (self._mean > WAS_SHARE * mean)
        self._cut_below[known] = np.where(steady[known], CUT_CODES, -np.inf)
        self._mean[known] += 0.1 * (mean[known] - self._mean[known])
        time_s = self._time_us / self._frames * 1e-6
        row = Row(
            time_s,
            self._first_s,
            self._last_s,
            known_s,
            self._frames,
            mean / CODES_PER_VOLT,
            self._sums[CHANGES],
            self._sums[TURNS],
            self._cuts,
            bends,
        )
        self._frames = 0
        return [row]
