"""When a melt is over: flat for long enough, measured by the movement itself.

A plateau is not a rest.  What tells them apart is how long a stretch lasts beside the movement it belongs to, how far it lies
from the rest before, beside how far this person's melts end from theirs (`Settling`), and whether the lead zone carries its part
again: near the old rest a second is enough, far from it it takes several times as long as the melt so far.  A load that still
drifts at the end of the flat stretch, slowly beside the melt's own pace, has not settled either.
When the next movement begins first, the melt ended where the limb rested before it (`prepare`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from station.signal.history import Array
from station.signal.levels import Moment, entered_band, smooth, without_lag
from station.signal.params import Parameters, Timing

BIN_S = 0.2
MOST_BINS = 1200
LEVEL_BINS = 3


def wait_s(distance: float, melted_s: float, movement_s: float, timing: Timing) -> float:
    """How long a load must stay flat before it is called settled: a share of the melt so far, and the farther it is from the rest
    before (distance, as share of it), so many times the movement that went on, its melt, prepare and time aloft."""
    far_ratio = min(timing.settle_far_ratio * distance**2, timing.settle_most_ratio)
    return timing.settle_s + timing.settle_near_ratio * melted_s + far_ratio * max(melted_s, movement_s)


class Settling:
    """How far from the rest before a person's loads settle, learned from melt to melt, of all limbs.

    Who comes back to the same level every time has not settled where she is three percent away from it; who lies otherwise after
    each lift has.
    """

    def __init__(self, timing: Timing) -> None:
        self._usual_squared = timing.usual_distance**2
        self._most = timing.most_distance
        self._weight = timing.usual_melts
        self._sum = self._weight * self._usual_squared

    def learn(self, distance: float) -> None:
        """A melt ended so far from the rest before it, as share of it."""
        self._sum += min(abs(distance), self._most) ** 2
        self._weight += 1.0

    def usual(self, distance: float) -> float:
        """The distance that says as much of an ordinary person as this one does of her."""
        return distance * math.sqrt(self._usual_squared * self._weight / self._sum)


@dataclass(frozen=True, slots=True)
class Settled:
    """level_n: what the limb's total settled at, or will, if it still drifts a little.  since_s, until_s: when it was flat.
    drift_share: how far it may still drift, as share of the level."""

    level_n: float
    since_s: float
    until_s: float
    drift_share: float


def date_end(times: Array, totals: Array, settled: Settled, p: Parameters) -> Moment | None:
    """When a limb's total, rows (n,) since touch-down, entered the band around where it settled; None with hardly any rows."""
    until = int(np.searchsorted(times, settled.until_s, side="right"))
    if until < 3:
        return None
    times, totals = times[:until], totals[:until]
    share = smooth(without_lag(times, smooth(totals, 3), p.sensor.resting_lag_s), 3) / settled.level_n
    level_sd = math.hypot(p.sensor.band_sd_share, settled.drift_share)
    return entered_band(times, share, level_sd, p.definitions.band_share, p.uncertainty.melt_end_s)


class Melt:
    """Follows a limb's total from touch-down on.

    rest_n: the total in the rest before.  lead_rest_n: the lead zone's, creep taken out as well.
    prepare_s, aloft_s: how long the lift's other phases took.
    settling: what this person's earlier melts have shown.
    checking_since_s: since when the load is flat, while it is about to be called settled, or would be if it drifted no more; else
    None.
    """

    def __init__(
        self,
        parameters: Parameters,
        settling: Settling,
        touch_s: float,
        rest_n: float,
        lead_rest_n: float,
        prepare_s: float,
        aloft_s: float,
    ) -> None:
        timing = parameters.timing
        self._p = parameters
        self._settling = settling
        self._touch_s = touch_s
        self._rest_n = rest_n
        self._lead_rest_n = lead_rest_n
        self._movement_s = max(timing.settle_prepare_ratio * prepare_s, timing.settle_aloft_ratio * aloft_s)
        self._times: list[float] = []
        self._totals: list[float] = []
        self._bin_s = BIN_S
        self._sum_t = self._sum = 0.0
        self._count = 0
        self._begin_s: float | None = None
        self.plateau: Settled | None = None
        self.checking_since_s: float | None = None

    def update(self, t_s: float, total: float, lead: float) -> Settled | None:
        """One row; returns where it settled, once that is sure."""
        if self._begin_s is None:
            self._begin_s = t_s
        self._sum_t += t_s
        self._sum += total
        self._count += 1
        if t_s - self._begin_s < self._bin_s - 1e-9:
            return None
        self._times.append(self._sum_t / self._count)
        self._totals.append(self._sum / self._count)
        self._begin_s, self._sum_t, self._sum, self._count = t_s, 0.0, 0.0, 0
        if len(self._times) >= MOST_BINS:
            self._merge()
        return self._judge(t_s, lead)

    def _merge(self) -> None:
        """A melt that goes on and on is kept in steps twice as long."""
        self._times = [0.5 * (a + b) for a, b in zip(self._times[::2], self._times[1::2], strict=False)]
        self._totals = [0.5 * (a + b) for a, b in zip(self._totals[::2], self._totals[1::2], strict=False)]
        self._bin_s *= 2.0

    def _judge(self, t_s: float, lead: float) -> Settled | None:
        times, totals = self._times, self._totals
        self.checking_since_s = None
        if len(times) < LEVEL_BINS:
            return None
        level = sum(totals[-LEVEL_BINS:]) / LEVEL_BINS
        if level <= 0.0:
            return None
        band = self._p.decision.flat_share * level
        first = len(times) - 1
        while first > 0 and abs(totals[first - 1] - level) <= band:
            first -= 1
        flat_s = t_s - times[first]
        timing = self._p.timing
        if len(times) - first < LEVEL_BINS - 1:
            return None
        slope = abs(_slope(*_end_of(times, totals, first, timing.drift_read_share))) / level
        melted_s = times[first] - self._touch_s
        drifts = slope * max(flat_s, timing.drift_ratio * melted_s) >= self._p.decision.flat_slope_share
        coming = timing.ahead_ratio * melted_s * _slope(*_end_of(times, totals, first, timing.ahead_read_share))
        found = Settled(level + coming, times[first], t_s, slope * timing.tail_ratio * melted_s)
        if not drifts and flat_s >= timing.settle_s:
            self.plateau = found
        lacks = timing.settle_lead_share * max(0.0, 1.0 - lead / self._lead_rest_n) if self._lead_rest_n > 0.0 else 0.0
        distance = self._settling.usual(max(abs(level / self._rest_n - 1.0), lacks))
        remaining_s = wait_s(distance, melted_s, self._movement_s, timing) - flat_s
        if drifts or remaining_s > 0.0:
            self.checking_since_s = times[first] if remaining_s <= timing.checking_s else None
            return None
        return found


def _end_of(times: list[float], values: list[float], first: int, share: float) -> tuple[list[float], list[float]]:
    """The last share of what follows `first`, enough of it for a slope."""
    begin = min(first + round((1.0 - share) * (len(times) - first)), len(times) - LEVEL_BINS)
    return times[begin:], values[begin:]


def _slope(times: list[float], values: list[float]) -> float:
    """Least squares."""
    n = len(times)
    mean_t, mean = sum(times) / n, sum(values) / n
    spread = sum((t - mean_t) ** 2 for t in times)
    return sum((t - mean_t) * (v - mean) for t, v in zip(times, values, strict=True)) / spread if spread > 0 else 0.0
