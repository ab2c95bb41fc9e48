"""Which of the calm stretches before a lift was the rest, and when the limb left it.

A slow prepare is full of plateaus, and a plateau may last longer than a short rest; a foot that carries the other's weight for a
while stands still above its rest.  No waiting time tells them apart.  What does is where the limb spends its time: every calm
stretch since the last melt is weighed by how long the limb was at its level in the last minutes, how long the stretch is, and how
near to the lift-off; and one below another level of at least as much time is no rest but part of the movement.  Time in which
another limb moved counts for little (`company`): then this one may carry what the other does not.

How sure the answer is, the alternatives say: the moment's error is that of the rest's level, and the spread between the beginnings
that the other stretches would give.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from hardware.frame_rows import ROW_S
from station.signal.history import MERGED, Array
from station.signal.levels import Moment, Rest, left_band, rest_before, smooth, without_lag
from station.signal.params import Parameters

MERGE = 5
FEWEST_ROWS = 12
"""A level is read from half a second at least."""
ALTERNATIVES = 8
"""So many stretches are asked when the movement would have begun, had they been the rest."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A calm stretch: rows begin..end (exclusive) and its mean level."""

    begin: int
    end: int
    level: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Rows begin..end (exclusive) that may have been the rest before a lift, and how far that is believed, 1 = the best of all.
    calm: False where nothing was, and these are only the rows of most load."""

    begin: int
    end: int
    weight: float
    calm: bool = True


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


@dataclass(frozen=True, slots=True)
class Past:
    """Rows in which a limb may have rested.  times, totals: shape (n,); counts: how much the time of each counts (`Company`)."""

    times: Array
    totals: Array
    counts: Array


def time_near(levels: list[float], past: Past, until_s: float, p: Parameters) -> list[float]:
    """For each level, the seconds the total was within the band around it, counted less the longer ago they are."""
    times, totals = past.times, past.totals
    ages = until_s - times
    steps = np.minimum(np.diff(times, prepend=times[:1]), MERGED * ROW_S) * np.exp(-np.maximum(ages, 0.0) / p.timing.dwelling_s)
    steps = steps * past.counts
    band = p.definitions.band_share
    return [float(steps[np.abs(totals - level) <= band * level].sum()) + ROW_S for level in levels]


def weigh(stretches: list[Stretch], rows: Past, off_s: float, near_s: list[float], p: Parameters) -> list[float]:
    """How much speaks for each calm stretch as the rest before a lift-off; near_s: as from `time_near`."""
    times, counts = rows.times, rows.counts
    known = list(zip(near_s, stretches, strict=True))

    def worth(spent_s: float, one: Stretch) -> float:
        lasts_s = float((times[one.end - 1] - times[one.begin]) * counts[one.begin : one.end].mean())
        top = max(other.level for other_s, other in known if other_s >= p.decision.comparable_time * spent_s)
        away_s = max(off_s - float(times[one.end - 1]), 0.0)
        below = max(0.0, 1.0 - one.level / top - p.definitions.band_share)
        return math.log(spent_s) + 0.5 * math.log(lasts_s) - math.log(1.0 + away_s) - p.decision.below_top_cost * below

    return [worth(*one) for one in known]


def candidates(rows: Past, off_s: float, past: Past, p: Parameters) -> list[Candidate]:
    """What may have been the rest before a lift-off, best first; at least one.

    rows: since the last melt, until the movement was under way.  past: the last minutes, for where the limb spends its time.
    """
    times, totals = rows.times, rows.totals
    stretches = [
        one
        for one in calm_stretches(totals, p.decision.calm_share)
        if one.level > 0.0 and times[one.end - 1] - times[one.begin] >= p.timing.shortest_rest_s
    ]
    if not stretches:
        return [Candidate(*_highest_rows(totals), 1.0, calm=False)]
    near_s = time_near([one.level for one in stretches], past, off_s, p)
    worths = weigh(stretches, rows, off_s, near_s, p)
    best: list[tuple[float, Stretch]] = []
    for worth, one in sorted(zip(worths, stretches, strict=True), key=lambda pair: -pair[0]):
        if len(best) < ALTERNATIVES and not any(_mostly_in(one, other) for _, other in best):
            best.append((worth, one))
    return [Candidate(*_rest_rows(times, one, p), math.exp(worth - best[0][0])) for worth, one in best]


def _mostly_in(one: Stretch, other: Stretch) -> bool:
    """Whether half of a stretch is part of another: then it is no other rest."""
    return 2 * (min(one.end, other.end) - max(one.begin, other.begin)) >= one.end - one.begin


def left_rest(
    times: Array, totals: Array, torso: Array, found: list[Candidate], off_s: float, p: Parameters
) -> tuple[Rest, Moment] | None:
    """The rest before a lift-off, read from the best candidate, and when the limb left it; None without a load to speak of.

    times (n,), totals (n,), torso (n, zones): the rows the candidates are of, and those until the lift-off was known.
    """
    answers = [(one.weight, _left(times, totals, torso, one, off_s, p)) for one in found]
    if answers[0][1] is None:
        return None
    rest, moment = answers[0][1]
    apart = [(weight, (answer[1].t_s - moment.t_s) ** 2) for weight, answer in answers if answer is not None]
    spread_s = math.sqrt(sum(weight * squared for weight, squared in apart) / sum(weight for weight, _ in apart))
    return rest, Moment(moment.t_s, math.hypot(moment.sd_s, spread_s))


def _left(times: Array, totals: Array, torso: Array, one: Candidate, off_s: float, p: Parameters) -> tuple[Rest, Moment] | None:
    rows = slice(one.begin, one.end)
    rest = rest_before(times[rows], totals[rows], torso[rows], p)
    if not rest.level_n > 0.0:
        return None
    last = min(max(int(np.searchsorted(times, off_s)), one.end), len(times) - 1)
    clean = totals - rest.breath.of(times, torso)
    share = smooth(without_lag(times, smooth(clean, 3), p.sensor.resting_lag_s), 3) / rest.level_n
    level_sd = math.hypot(rest.sd_n / rest.level_n, p.sensor.band_sd_share)
    left = left_band(times, share, level_sd, last, p.sensor.left_share)
    return rest, Moment(min(left.t_s, off_s), left.sd_s)


def rests_again(times: Array, totals: Array, began_s: float, t_s: float, p: Parameters) -> bool:
    """Whether a load that left its rest at `began_s` has found a new one by `t_s`: calm for much longer than the change took."""
    last = calm_stretches(totals, p.decision.new_rest_share)
    if not last:
        return False
    flat_s = t_s - float(times[last[-1].begin])
    return flat_s >= p.timing.rest_again_s + p.timing.rest_again_ratio * (t_s - flat_s - began_s)


def _rest_rows(times: Array, stretch: Stretch, p: Parameters) -> tuple[int, int]:
    """The rows of a calm stretch from which its level is read: the last seconds but for the very last."""
    rows = stretch.end - stretch.begin
    end = stretch.begin + max(int((1.0 - p.decision.beginning_share) * rows), min(rows, FEWEST_ROWS))
    begin = max(stretch.begin, int(np.searchsorted(times, times[end - 1] - p.timing.rest_read_s)))
    return begin, end


def _highest_rows(totals: Array) -> tuple[int, int]:
    """Where nothing was calm: the rows around the highest total."""
    at = int(np.argmax(smooth(totals, 2 * MERGE + 1)))
    return max(0, at - MERGE), min(len(totals), at + MERGE + 1)
