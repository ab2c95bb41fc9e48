"""When did it happen?  Estimates of single moments from stored rows, each with its standard deviation.

The foam of the mat and the sensors follow the force with a lag: `y' = (F - y) / lag`.  So the force is `F = y + lag y'`, and a limb
that has lost contact shows as a pure exponential, `F = 0`, long before the reading itself is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.frame_rows import ROW_S
from station.signal.params import Parameters

Array = NDArray[np.float64]

LEFT_SD_S = 0.5 * ROW_S
"""No moment is known better."""
BREATH_ROWS = 5
NOISE_ROWS = 51
DRIFT_S = 10.0
"""The time in which a rest may drift by `drift_prior`."""
OTHER_LEVELS = ((1, 4), (-1, 4), (2, 1), (-2, 1))
"""Other levels that are asked for a moment, in standard deviations of the level, and how many times each answer counts, as in a
normal distribution: a plateau near the edge of the band is often missed by more than one deviation."""


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
        main = smooth((torso[:, self.zones] - self.mean) @ self.direction, BREATH_ROWS)
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


def crossing(times: Array, y: Array, at: int, level: float) -> float:
    """When the straight line from row `at` to the next passes `level`; the later row when it does not."""
    y0, y1 = float(y[at]), float(y[at + 1])
    share = (level - y0) / (y1 - y0) if y1 != y0 else 1.0
    return float(times[at] + min(1.0, max(0.0, share)) * (times[at + 1] - times[at]))


def rest_before(t_s: Array, total: Array, torso: Array, p: Parameters) -> Rest:
    """Weighted fit of level + drift + breath to rows at rest, read at the end of them.

    The breath is the leading principal component of the torso's zones and its rate.  Older rows count less; priors hold drift and
    breath small.  Residuals are far from independent (breath, tremor), so one independent reading is counted per 0.5 s.
    """
    scale = max(float(np.median(total)), 1e-9)
    age = t_s - t_s[-1]
    references, breath = _torso_references(t_s, torso, p.timing.breath_s)
    spread = np.maximum(references.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(t_s)), age / DRIFT_S, references / spread])
    weight = np.exp(age / p.timing.fit_s)
    weight *= max(p.decision.least_readings, (t_s[-1] - t_s[0]) / 0.5) / weight.sum()
    least = p.decision.least_noise * scale
    noise = max(float(np.std(total - smooth(total, NOISE_ROWS))), least)
    drift, breathing = ((noise / (prior * scale)) ** 2 for prior in (p.decision.drift_prior, p.decision.breath_prior))
    prior = np.array([1e-12, drift, *[breathing] * references.shape[1]])
    weighted = design * weight[:, None]
    covariance = np.linalg.inv(weighted.T @ design + np.diag(prior))
    solution = covariance @ (weighted.T @ total)
    residual = total - design @ solution
    left = max(float(np.sqrt((weight * residual**2).sum() / weight.sum())), least)
    if references.shape[1]:
        breath = Breath(breath.zones, breath.mean, breath.direction, solution[2:] / spread)
    sd_n = float(np.hypot(left * np.sqrt(covariance[0, 0]), p.uncertainty.level_share * scale))
    return Rest(float(solution[0]), sd_n, left, breath)


def _torso_references(t_s: Array, torso: Array, shortest_s: float) -> tuple[Array, Breath]:
    """Two signals that carry the breath, shape (rows, 2), and how they were made; none without torso zones or in too short a
    time."""
    zones = np.flatnonzero(~np.isnan(torso).any(axis=0))
    if len(zones) == 0 or t_s[-1] - t_s[0] < shortest_s:
        return np.zeros((len(t_s), 0)), NO_BREATH
    mean = torso[:, zones].mean(axis=0)
    centred = torso[:, zones] - mean
    _, vectors = np.linalg.eigh(centred.T @ centred)
    main = smooth(centred @ vectors[:, -1], BREATH_ROWS)
    return np.stack([main, np.gradient(main, t_s)], axis=1), Breath(zones, mean, vectors[:, -1], np.zeros(0))


def left_band(t_s: Array, share: Array, sd: float, last: int, band: float) -> Moment:
    """The last time before row `last` at which `share` (load / rest) was within the band; sd: of the rest level, relative.

    How sure: the same asked of bands wider and narrower by `sd` and twice that, so that a plateau near the edge makes it unsure.
    """
    when_s = _last_inside(t_s, share, last, band)
    if when_s is None:
        return Moment(float(t_s[0]), 1.0)
    others = [(weight, _last_inside(t_s, share, last, band + off * sd)) for off, weight in OTHER_LEVELS]
    return Moment(when_s, _spread_s(when_s, others, LEFT_SD_S))


def _last_inside(t_s: Array, share: Array, last: int, band: float) -> float | None:
    away = share[: last + 1] - 1.0
    inside = np.abs(away) <= band
    inside[:-1] |= away[:-1] * away[1:] < 0.0  # through the band between two rows
    rows = np.flatnonzero(inside)
    if len(rows) == 0:
        return None
    at = int(rows[-1])
    if at >= last:
        return float(t_s[last])
    return crossing(t_s, share, at, 1.0 + (band if share[at + 1] > 1.0 else -band))


def entered_band(t_s: Array, share: Array, sd: float, band: float, least_sd_s: float) -> Moment:
    """The first time from which `share` (load / settled load) stays within the band; sd: of the settled level, relative.

    How sure: the same asked of settled levels higher and lower by `sd` and twice that; never surer than `least_sd_s`.
    """
    when_s = _first_inside(t_s, share, band)
    if when_s is None:
        return Moment(float(t_s[-1]), 1.0)
    others = [(weight, _first_inside(t_s, share / (1.0 + off * sd), band)) for off, weight in OTHER_LEVELS]
    return Moment(when_s, _spread_s(when_s, others, least_sd_s))


def _spread_s(when_s: float, others: list[tuple[int, float | None]], least_sd_s: float) -> float:
    """How far the answers of other levels lie from this one, each by its weight; never less than `least_sd_s`."""
    known = [(weight, (other_s - when_s) ** 2) for weight, other_s in others if other_s is not None]
    weights = sum(weight for weight, _ in known)
    spread = sum(weight * squared for weight, squared in known) / weights if weights else 0.0
    return float(np.sqrt(least_sd_s**2 + spread))


def _first_inside(t_s: Array, share: Array, band: float) -> float | None:
    outside = np.flatnonzero(np.abs(share - 1.0) > band)
    if len(outside) == 0:
        return float(t_s[0])
    at = int(outside[-1])
    if at >= len(t_s) - 1:
        return None
    return crossing(t_s, share, at, 1.0 + (band if share[at] > 1.0 else -band))
