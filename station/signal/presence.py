"""Whether somebody is on the mat, lies still, or has gone; and whether what presses on it lives.

Nothing here is in newtons.  A person shows in one of three ways: many zones are loaded far above what an empty mat reads; a
zone's load doubles or halves within two seconds; or the load breathes.  What does none of this for minutes is a thing, or a cover.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from hardware.frame_rows import ROW_S
from station.signal.history import Array, History
from station.signal.params import Presence as Numbers

DECIDE_S = 0.2
BINS = 10
MERGED_ROWS = 5
PREROLL_S = DECIDE_S * BINS
SMALL_MAT_LIMBS = 2
"""An arm and the opposite leg: no more limbs are aloft at once."""


def loaded(force: Array, tare: Array, numbers: Numbers) -> NDArray[np.bool_]:
    """Which rows of newtons or nominal newtons, shape (n, zones), show many zones loaded above `tare`."""
    count = (force - tare > numbers.loaded_n).sum(axis=1)
    enough: NDArray[np.bool_] = count >= max(2, numbers.loaded_zones_share * force.shape[1])
    return enough


def shows_life(t_s: Array, force: Array, numbers: Numbers) -> bool:
    """Whether two seconds of frames (force shape (n, zones)) change as only somebody living makes them change.

    Means of 0.2 s, relative to their level: a zone that doubles or halves, or one that moves about its straight line by more than
    sensors drift and more than its noise explains.
    """
    if t_s[-1] - t_s[0] < PREROLL_S - 2.0 * DECIDE_S:
        return False
    edges = np.searchsorted(t_s, t_s[-1] - DECIDE_S * np.arange(BINS - 1, -1, -1) - 1e-9, side="right")
    starts = np.concatenate([[0], edges[:-1]])
    if np.any(edges <= starts):
        return False
    sums = np.concatenate([np.zeros((1, force.shape[1])), np.cumsum(force, axis=0)])
    means = (sums[edges] - sums[starts]) / (edges - starts)[:, None]
    level = means.mean(axis=0)
    known = np.isfinite(level) & (means.max(axis=0) > numbers.least_n)
    if not known.any():
        return False
    means, level = means[:, known], np.maximum(level[known], 1e-12)
    if np.any(means.max(axis=0) > numbers.change_ratio * means.min(axis=0)):
        return True
    x = np.arange(BINS) - 0.5 * (BINS - 1)
    slope = x @ means / (x @ x)
    moved = (means - level - x[:, None] * slope).std(axis=0) / level
    bends = np.diff(force[:, known], 2, axis=0) if len(force) > 2 else np.zeros((1, int(known.sum())))
    noise = bends.std(axis=0) / 6.0**0.5 / np.sqrt(len(t_s) / BINS) / level
    return bool(np.any(moved > np.maximum(numbers.life_share, numbers.life_noise * noise)))


class Occupancy:
    """Follows who or what is on the mat during a visit, row by row."""

    def __init__(self, zones: int, limbs_of: tuple[frozenset[int], ...], history: History, numbers: Numbers) -> None:
        self._numbers = numbers
        self._history = history
        self._zones = zones
        self._limbs_of = limbs_of
        self._top: list[float] = [0.0] * zones
        self._low: list[float] = [float("inf")] * zones
        self._rows = 0
        self._empty_since_s: float | None = None
        self._life: deque[tuple[float, list[float]]] = deque()
        self._next_look_s: float | None = None
        self.lives = False
        self.alive_s: float | None = None
        self.still = False
        self.since_s = 0.0
        self.gone_since_s: float | None = None
        self.left_behind = False

    def update(self, t_s: float, reading: list[float]) -> None:
        """One row of newtons as read.  Afterwards `lives` (somebody showed life at least once), `still` and `since_s`, and
        `gone_since_s` (None while somebody is there; `left_behind`: it is a thing that lies there) hold."""
        if self.alive_s is None:
            self.alive_s = t_s
        self._rows += 1
        carrying, known = self._carrying(reading)
        if not known:
            return
        if self._next_look_s is None:
            self._next_look_s = t_s + PREROLL_S + self._numbers.settling_s
        elif t_s >= self._next_look_s:
            self._next_look_s = t_s + 1.0
            if self._shows_life():
                self.lives, self.alive_s = True, t_s
        self._look_for_rest(len(carrying))
        self._look_for_leaving(t_s, carrying, known)

    def _carrying(self, reading: list[float]) -> tuple[list[int], list[int]]:
        """Zones that carry a part of what they carried, and zones that ever did."""
        least, top, low = self._numbers.least_n, self._top, self._low
        learn, forget = ROW_S / self._numbers.top_rises_s, ROW_S / self._numbers.forgets_s
        carrying, known = [], []
        for i, y in enumerate(reading):
            if y != y:
                continue
            if y < low[i]:
                low[i] = y
            if y > top[i]:
                top[i] += learn * (y - top[i])
            else:
                top[i] += forget * (y - top[i])
            span = top[i] - min(low[i], self._numbers.carries_share * top[i])
            if top[i] < least:
                continue
            known.append(i)
            if y - (top[i] - span) > self._numbers.carries_share * span:
                carrying.append(i)
        return carrying, known

    def _shows_life(self) -> bool:
        rows = round(PREROLL_S / ROW_S) + 2
        times = self._history.times(rows)
        zones = self._history.values(rows)[:, self._zones :]
        return len(times) > 10 and shows_life(times, zones, self._numbers)

    def _look_for_rest(self, carrying: int) -> None:
        if self.still or self._rows % MERGED_ROWS:
            return
        rows = MERGED_ROWS * round(self._numbers.still_s / (MERGED_ROWS * ROW_S))
        recent = self._history.values(rows)[:, self._zones :]
        if len(recent) == rows and carrying:
            total = np.nansum(recent, axis=1).reshape(-1, MERGED_ROWS).mean(axis=1)
            self.still = bool(np.ptp(total) < self._numbers.still_share * total.mean())
            self.since_s = float(self._history.times(rows)[0])

    def _look_for_leaving(self, t_s: float, carrying: list[int], known: list[int]) -> None:
        numbers = self._numbers
        self.gone_since_s = None
        if len(carrying) <= numbers.empty_share * len(known):
            if self._empty_since_s is None:
                self._empty_since_s = t_s
            wait_s = numbers.small_mat_empty_s if self._could_be_lifts(known) else numbers.empty_s
            if t_s - self._empty_since_s >= wait_s:
                self.gone_since_s = self._empty_since_s
            return
        self._empty_since_s = None
        assert self.alive_s is not None
        if t_s - self.alive_s < numbers.lifeless_s:
            return
        if not self.lives or len(carrying) <= numbers.mostly_empty_share * len(reading_zones(self._low)):
            self.gone_since_s, self.left_behind = self.alive_s, True

    def _could_be_lifts(self, known: list[int]) -> bool:
        """Whether all that was ever loaded belongs to so few limbs that they may all be aloft."""
        touched: set[int] = set()
        for column in known:
            if not self._limbs_of[column]:
                return False
            touched |= self._limbs_of[column]
        return len(touched) <= SMALL_MAT_LIMBS


def reading_zones(low: list[float]) -> list[int]:
    """Zones that were ever read."""
    return [i for i, y in enumerate(low) if y != float("inf")]
