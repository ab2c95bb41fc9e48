"""Which of the calm stretches before a lift was the rest, and when the limb left it.

A slow prepare is full of plateaus, and a plateau may last longer than a short rest.  So no waiting time tells them apart.  Every
calm stretch since the last melt is weighed instead: long and near to the lift-off, not below the highest, near to where the last
melt settled.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from station.signal.history import Array
from station.signal.levels import smooth
from station.signal.params import Decision

MERGE = 5
SHORTEST_REST_S = 0.6
USED_S = 15.0
COMPARABLE = 0.5
"""A stretch is not below another that lasted less than this share of it: pressing down for a moment is no rest."""
BEGINNING_SHARE = 0.8
"""The last fifth of a calm stretch may already be the beginning of the movement."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A calm stretch: rows begin..end (exclusive) and its mean level."""

    begin: int
    end: int
    level: float


def calm_stretches(totals: Array, calm_share: float) -> list[Stretch]:
    """All longest stretches whose five-row means stay within `calm_share` of their level."""
    count = len(totals) // MERGE
    shift = len(totals) - count * MERGE
    means = totals[shift:].reshape(count, MERGE).mean(axis=1).tolist()
    highs: deque[int] = deque()
    lows: deque[int] = deque()
    found: list[Stretch] = []
    begin = 0
    for end, value in enumerate(means):
        while highs and means[highs[-1]] <= value:
            highs.pop()
        while lows and means[lows[-1]] >= value:
            lows.pop()
        highs.append(end)
        lows.append(end)
        moved = begin
        while means[highs[0]] - means[lows[0]] > calm_share * max(means[highs[0]], 1e-12):
            begin += 1
            if highs[0] < begin:
                highs.popleft()
            if lows[0] < begin:
                lows.popleft()
        if begin != moved and end > moved:
            found.append(_stretch(means, moved, end, shift))
    if count > begin:
        found.append(_stretch(means, begin, count, shift))
    return found


def _stretch(means: list[float], begin: int, end: int, shift: int) -> Stretch:
    first = 0 if begin == 0 else shift + begin * MERGE
    return Stretch(first, shift + end * MERGE, sum(means[begin:end]) / (end - begin))


def rest_stretch(times: Array, totals: Array, off_s: float, settled_n: float | None, decision: Decision) -> Stretch | None:
    """The calm stretch that was the rest before a lift-off; None when nothing was calm."""
    stretches = [
        one
        for one in calm_stretches(totals, decision.calm_share)
        if one.level > 0.0 and times[one.end - 1] - times[one.begin] >= SHORTEST_REST_S
    ]
    if not stretches:
        return None
    lasting = [(float(times[one.end - 1] - times[one.begin]), one.level) for one in stretches]

    def worth(one: Stretch) -> float:
        lasts_s = float(times[one.end - 1] - times[one.begin])
        top = max(level for other_s, level in lasting if other_s >= COMPARABLE * lasts_s)
        away_s = max(off_s - float(times[one.end - 1]), 0.0)
        close = math.exp(-abs(one.level / settled_n - 1.0) / 0.05) if settled_n else 0.0
        below = max(0.0, 1.0 - one.level / top - 0.05)
        return math.log(lasts_s / (1.0 + away_s)) - decision.below_top_cost * below + decision.like_before * close

    return max(stretches, key=worth)


def rest_rows(times: Array, stretch: Stretch) -> tuple[int, int]:
    """The rows of a calm stretch from which its level is read: the last seconds but for the very last."""
    end = stretch.begin + max(int(BEGINNING_SHARE * (stretch.end - stretch.begin)), min(stretch.end - stretch.begin, 12))
    begin = max(stretch.begin, int(np.searchsorted(times, times[end - 1] - USED_S)))
    return begin, end


def highest_rows(totals: Array) -> tuple[int, int]:
    """Where nothing was calm: the rows around the highest total."""
    at = int(np.argmax(smooth(totals, 2 * MERGE + 1)))
    return max(0, at - MERGE), min(len(totals), at + MERGE + 1)
