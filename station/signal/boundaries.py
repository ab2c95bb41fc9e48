"""When did it happen?  Estimates of single moments from stored rows, each with its standard deviation.

The foam of the mat and the sensors follow the force with a lag: `y' = (F - y) / lag`.  So the force is `F = y + lag y'`, and a limb
that has lost contact shows as a pure exponential, `F = 0`, long before the reading itself is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LAG_S = 0.09
BAND_SHARE = 0.05
CONTACT_SHARE = 0.02
FLOOR_SHARE = 0.004
LEVEL_SD_SHARE = 0.003


@dataclass(frozen=True, slots=True)
class Moment:
    """A time and its standard deviation, in s."""

    t_s: float
    sd_s: float


@dataclass(frozen=True, slots=True)
class Breath:
    """How much of the torso's movement shows in a limb's total: x_breath = gains . (main component, its rate)."""

    zones: NDArray[np.intp]
    mean: Array
    direction: Array
    gains: Array

    def of(self, t_s: Array, torso: Array) -> Array:
        """The breath in the limb's total, in N, for rows of torso loads, shape (rows,)."""
        if len(self.gains) == 0 or len(t_s) < 3:
            return np.zeros(len(t_s))
        main = smooth((torso[:, self.zones] - self.mean) @ self.direction, 5)
        signal = self.gains[0] * main + self.gains[1] * np.gradient(main, t_s)
        return np.where(np.isnan(signal), 0.0, signal)


@dataclass(frozen=True, slots=True)
class Rest:
    """The level of a limb's total before a movement, in N, with its standard deviation; noise_n: what is left around it."""

    level_n: float
    sd_n: float
    noise_n: float
    breath: Breath


NO_BREATH = Breath(np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0), np.zeros(0))


def smooth(y: Array, rows: int) -> Array:
    """Moving average over an odd number of rows, shorter at the ends; same shape."""
    if rows <= 1 or len(y) <= rows:
        return y
    sums = np.concatenate([[0.0], np.cumsum(y)])
    half = rows // 2
    index = np.arange(len(y))
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, len(y))
    mean: Array = (sums[high] - sums[low]) / (high - low)
    return mean


def without_lag(t_s: Array, y: Array, lag_s: float) -> Array:
    """The force behind a lagging reading; same shape.  Needs at least three rows."""
    if len(y) < 3:
        return y
    return y + lag_s * np.gradient(y, t_s)


def crossing(t0: float, y0: float, t1: float, y1: float, level: float) -> float:
    """When the straight line through two points passes `level`; the later point when it does not."""
    if y0 == y1:
        return float(t1)
    return float(t0 + min(1.0, max(0.0, (level - y0) / (y1 - y0))) * (t1 - t0))


def rest_before(t_s: Array, total: Array, torso: Array) -> Rest:
    """Weighted fit of level + drift + breath to rows at rest, read at the end of them.

    The breath is the leading principal component of the torso's zones and its rate.  Older rows count less; priors hold drift and
    breath small.  Residuals are far from independent (breath, tremor), so one independent reading is counted per 0.5 s.
    """
    scale = max(float(np.median(total)), 1e-6)
    age = t_s - t_s[-1]
    references, breath = _torso_references(t_s, torso)
    spread = np.maximum(references.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(t_s)), age / 10.0, references / spread])
    weight = np.exp(age / 6.0)
    weight *= max(1.5, (t_s[-1] - t_s[0]) / 0.5) / weight.sum()
    noise = max(float(np.std(total - smooth(total, 51))), 3e-4 * scale)
    prior = np.array([1e-12, (noise / (0.02 * scale)) ** 2, *[(noise / (0.03 * scale)) ** 2] * references.shape[1]])
    weighted = design * weight[:, None]
    covariance = np.linalg.inv(weighted.T @ design + np.diag(prior))
    solution = covariance @ (weighted.T @ total)
    residual = total - design @ solution
    left = max(float(np.sqrt((weight * residual**2).sum() / weight.sum())), 3e-4 * scale)
    if references.shape[1]:
        breath = Breath(breath.zones, breath.mean, breath.direction, solution[2:] / spread)
    sd_n = float(np.hypot(left * np.sqrt(covariance[0, 0]), LEVEL_SD_SHARE * scale))
    return Rest(float(solution[0]), sd_n, left, breath)


def _torso_references(t_s: Array, torso: Array) -> tuple[Array, Breath]:
    """Two signals that carry the breath, shape (rows, 2), and how they were made; none without torso zones or in under 4 s."""
    zones = np.flatnonzero(~np.isnan(torso).any(axis=0))
    if len(zones) == 0 or t_s[-1] - t_s[0] < 4.0:
        return np.zeros((len(t_s), 0)), NO_BREATH
    mean = torso[:, zones].mean(axis=0)
    centred = torso[:, zones] - mean
    _, vectors = np.linalg.eigh(centred.T @ centred)
    main = smooth(centred @ vectors[:, -1], 5)
    return np.stack([main, np.gradient(main, t_s)], axis=1), Breath(zones, mean, vectors[:, -1], np.zeros(0))


def left_band(t_s: Array, share: Array, sd: float, last: int) -> Moment:
    """The last time before row `last` at which `share` (load / rest) was within the 5 % band; sd: of the rest level, relative."""
    inside = np.flatnonzero(np.abs(share[: last + 1] - 1.0) <= BAND_SHARE)
    if len(inside) == 0:
        return Moment(float(t_s[0]), 1.0)
    at = int(inside[-1])
    if at >= last:
        return Moment(float(t_s[last]), 0.1)
    edge = 1.0 + (BAND_SHARE if share[at + 1] > 1.0 else -BAND_SHARE)
    when = crossing(t_s[at], share[at], t_s[at + 1], share[at + 1], edge)
    return Moment(when, _time_sd(t_s, share, at, sd))


def _time_sd(t_s: Array, share: Array, at: int, level_sd: float) -> float:
    """Error of a level crossing: error of the level over the slope around it, and a floor for the lag's own uncertainty."""
    low, high = max(0, at - 4), min(len(t_s) - 1, at + 5)
    slope = abs(float(share[high] - share[low])) / max(float(t_s[high] - t_s[low]), 1e-6)
    return float(np.hypot(0.036, level_sd / max(slope, 0.01)))


_LAGS = np.array([0.015, 0.03, 0.05, 0.08, 0.11, 0.15, 0.2])
_BREAKS = np.array([0.0, 0.02, 0.04, 0.06])


def contact_lost(t_s: Array, share: Array, lag_s: float, lag_spread: float, floors: tuple[float, ...]) -> Moment:
    """When a falling lead zone lost contact.

    share: load / rest of the lead zone, rows from somewhat before the fall's end until now; floors: what it may read under nothing.
    The force is taken as a straight ramp s (t0 - t) that ends at t0; the foam follows with a lag, and below its break force b the
    sensor reads nothing:

        t < t0:  y = floor + s (t0 - t + lag) - b          t > t0:  y = floor + s lag exp(-(t - t0) / lag) - b          (y >= floor)

    t0, lag, b and floor are weighed on a grid (s follows by least squares), which gives mean and deviation at once.
    """
    t0 = np.arange(t_s[0], t_s[-1] + 1e-9, 0.015)
    ahead = t0[:, None] - t_s[None, :]
    error = 0.006 + 0.05 * share
    costs, slopes = [], []
    for lag in _LAGS:
        shape = np.where(ahead > 0, ahead + lag, lag * np.exp(np.minimum(ahead, 0.0) / lag))
        for floor in floors:
            above = share - floor
            seen = above > 0.008
            if seen.sum() < 3:
                continue
            for cut in _BREAKS:
                slope = (shape[:, seen] @ (above[seen] + cut)) / (shape[:, seen] ** 2).sum(axis=1)
                model = np.maximum(slope[:, None] * shape - cut, 0.0)
                misfit = 0.5 * (((above - model) / error) ** 2).sum(axis=1)
                prior = (
                    (np.log(lag / lag_s) / lag_spread) ** 2 + 0.5 * (cut / 0.03) ** 2 + (floor / 0.05 if len(floors) > 1 else 0.0)
                )
                costs.append(misfit + prior)
                slopes.append(slope)
    if not costs:
        above_floor = np.flatnonzero(share > floors[0] + 0.008)
        return Moment(float(t_s[min(int(above_floor[-1]) + 1 if len(above_floor) else 0, len(t_s) - 1)]), 0.15)
    cost = np.array(costs)
    weight = np.exp(-0.5 * (cost - cost.min()))
    when = t0[None, :] - CONTACT_SHARE / np.maximum(np.array(slopes), 0.08)
    mean = float((weight * when).sum() / weight.sum())
    spread = float(np.sqrt((weight * (when - mean) ** 2).sum() / weight.sum()))
    return Moment(mean, float(np.hypot(spread, 0.03)))


BREAK_N = 0.3
BREAK_SHARPNESS = 5.6
LEVEL_LOW = 0.0005
LEVEL_HIGH = 0.006
CONFIRM = 1.5


def reading_at_contact(rest_n: float, floor_share: float) -> float:
    """What share of rest a lead zone reads, above its floor, when it carries the 2 % of rest that count as contact.

    Where something always presses on the sensor (its floor is not nothing) that is the 2 % themselves.  Where nothing does, most of
    it hides below the break force b, which is no sharp edge: y = F / (1 + (b / F)**n), with b about 0.3 N (datasheets: 0.2-0.5).
    """
    if floor_share > FLOOR_SHARE:
        return 0.9 * CONTACT_SHARE
    seen = CONTACT_SHARE / (1.0 + float(BREAK_N / (CONTACT_SHARE * rest_n)) ** BREAK_SHARPNESS)
    return float(min(max(seen, LEVEL_LOW), LEVEL_HIGH))


def touched(t_s: Array, share: Array, level: float) -> Moment:
    """When a lead zone regained contact: where its reading left the level for the last time, between two rows on a log scale.

    share: load / rest above the floor, rows from before the touch until now.  level: the share it reads at contact, not below what
    noise allows.
    """
    below = np.flatnonzero(share[:-1] < level)
    at = int(below[-1]) if len(below) else 0
    low, high = max(float(share[at]), 0.05 * level), max(float(share[at + 1]), 1.01 * level)
    when = crossing(t_s[at], np.log(low), t_s[at + 1], np.log(high), np.log(level))
    rise = max(float(np.log(max(float(share[-1]), 1.1 * level) / level)) / max(float(t_s[-1]) - when, 0.02), 0.5)
    return Moment(when, float(np.hypot(0.03, min(0.7 / rise, 0.5))))
