"""What a melt is like, beside its length.  None of it is a score; what its own error swallows is left out.

Every measure is taken many times, each time with other noise on the load and other ends of the melt, as large as they are known to
be: the scatter of the results is their standard deviation.

Smoothness is the spectral arc length (SPARC) of how quickly the load comes back: S. Balasubramanian, A. Melendez-Calderon,
A. Roby-Brami, E. Burdet, "On the analysis of movement smoothness", J. NeuroEngineering Rehabil. 12:112 (2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.analysis.even_steps import smoothed
from station.analysis.lift_window import LiftWindow
from station.model import Lift

Array = NDArray[np.float64]

DRAWS = 32
SMOOTH_S = 0.2
HOLD_S = 0.8
"""A stretch this long on which the load hardly comes back is a hold."""
HOLD_RATE = 0.2
"""Hardly: slower than this share of the melt's mean rate."""
HOLD_UNTIL = 0.9
"""Beyond this share of the way the end of every melt is slow: no hold."""
REGRIP = 0.06
"""A fall by this share of the way back is a re-grip; creep and breath swing by less."""
SOFT_S = 0.5
CUTOFF_HZ, AMPLITUDE = 10.0, 0.05
"""SPARC's own: highest frequency looked at, and the share of the spectrum below which it ends."""
PADDING = 4
OFTEN = 0.75
"""Holds and re-grips are told when so many of the draws agree on their number."""
APART = 2.0
"""One part let go last when it is later than the next one by so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and one standard deviation of it."""

    value: float
    sd: float


@dataclass(frozen=True, slots=True)
class MeltShape:
    """half_s, most_s: seconds after touch-down until half and nine tenths of the load were back.  soft: share of the resting load
    that came back in the first half second.  sparc: below zero; nearer to zero is smoother.  holds, regrips: how many; hold_s: the
    longest.  last_zone: the zone that let go last, last_by_s: by how much.  None: not known well enough to be told.
    """

    half_s: Measured | None
    most_s: Measured | None
    soft: Measured | None
    sparc: Measured | None
    holds: int | None
    hold_s: Measured | None
    regrips: int | None
    last_zone: str | None
    last_by_s: Measured | None


@dataclass(frozen=True, slots=True)
class _Draw:
    half_s: float
    most_s: float
    soft: float
    sparc: float
    holds: int
    hold_s: float
    regrips: int


def melt_shape(window: LiftWindow, lift: Lift, zones: Sequence[str], seed: int = 0) -> MeltShape | None:
    """The measures of one melt; None without a touch-down, an end, or the recording between them.  zones: the limb's."""
    if lift.touch_down is None or lift.melt_end is None or window.settled is None:
        return None
    if lift.melt_end - lift.touch_down < 2 * SMOOTH_S:
        return None
    between = (window.t_s >= lift.touch_down) & (window.t_s <= lift.melt_end)
    if between.sum() < 5 or np.isnan(window.limb[between]).mean() > 0.1:
        return None
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(DRAWS):
        noisy = window.limb + rng.normal(0.0, window.noise_sd, len(window.limb))
        down_s = lift.touch_down + rng.normal(0.0, lift.touch_down_sd or 0.0)
        end_s = lift.melt_end + rng.normal(0.0, lift.melt_end_sd or 0.0)
        if end_s - down_s > 2 * SMOOTH_S:
            draws.append(_measure(window.t_s, noisy, down_s, end_s))
    if len(draws) < DRAWS / 2:
        return None
    last_zone, last_by = _last(window, lift, zones, rng)
    holds, regrips = _agreed([draw.holds for draw in draws]), _agreed([draw.regrips for draw in draws])
    return MeltShape(
        half_s=_told([draw.half_s for draw in draws]),
        most_s=_told([draw.most_s for draw in draws]),
        soft=_told([draw.soft for draw in draws]),
        sparc=_told([draw.sparc for draw in draws]),
        holds=holds,
        hold_s=_told([draw.hold_s for draw in draws if draw.holds]) if holds else None,
        regrips=regrips,
        last_zone=last_zone,
        last_by_s=last_by,
    )


def spectral_arc_length(speed: Array, rate_hz: float) -> float:
    """SPARC of a speed profile: minus the length of its normalised spectrum up to the frequency where it dies away."""
    n = 2 ** (int(np.ceil(np.log2(max(2, len(speed))))) + PADDING)
    spectrum = np.abs(np.fft.rfft(speed, n))
    if spectrum[0] <= 0:
        return float("nan")
    spectrum = spectrum / spectrum[0]
    hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    inside = hz <= CUTOFF_HZ
    spectrum, hz = spectrum[inside], hz[inside]
    last = int(np.flatnonzero(spectrum >= AMPLITUDE)[-1])
    spectrum, hz = spectrum[: last + 1], hz[: last + 1]
    if last == 0:
        return 0.0
    return -float(np.hypot(np.diff(hz) / (hz[-1] - hz[0]), np.diff(spectrum)).sum())


def _measure(t_s: Array, limb: Array, down_s: float, end_s: float) -> _Draw:
    step_s = float(t_s[1] - t_s[0])
    smooth = smoothed(limb, round(SMOOTH_S / step_s))
    inside = (t_s >= down_s) & (t_s <= end_s)
    known = ~np.isnan(smooth)
    start, end = np.interp([down_s, end_s], t_s[known], smooth[known])
    span = end - start
    if not span > 0.02:  # touched the mat with all of its load at once: there is no way back to look at
        return _Draw(np.nan, np.nan, float(np.interp(down_s + SOFT_S, t_s[known], smooth[known])) - start, np.nan, 0, 0.0, 0)
    way = np.interp(t_s[inside], t_s[known], (smooth[known] - start) / span)
    after_s = t_s[inside] - down_s
    rate = np.gradient(way, step_s)
    slow = np.abs(smoothed(rate, round(0.4 / step_s))) < HOLD_RATE / (end_s - down_s)
    holds = [stop - begin for begin, stop in _runs(slow & (way < HOLD_UNTIL)) if (stop - begin) * step_s >= HOLD_S]
    return _Draw(
        half_s=_first(after_s, way, 0.5),
        most_s=_first(after_s, way, 0.9),
        soft=float(np.interp(down_s + SOFT_S, t_s[known], smooth[known]) - start),
        sparc=spectral_arc_length(np.abs(smoothed(rate, round(SMOOTH_S / step_s))), 1.0 / step_s),
        holds=len(holds),
        hold_s=max(holds, default=0) * step_s,
        regrips=_falls(way),
    )


def _first(after_s: Array, way: Array, share: float) -> float:
    there = np.flatnonzero(way >= share)
    return float(after_s[there[0]]) if len(there) else float("nan")


def _falls(way: Array) -> int:
    """How often the load, on its way back, was taken away again by more than `REGRIP`."""
    count, high, low = 0, way[0], way[0]
    falling = False
    for value in way:
        if falling:
            low = min(low, value)
            if value - low > REGRIP:
                falling, high = False, value
        elif high - value > REGRIP:
            count, falling, low = count + 1, True, value
        else:
            high = max(high, value)
    return count


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [(int(begin), int(stop)) for begin, stop in zip(edges[::2], edges[1::2], strict=True)]


def _told(values: list[float]) -> Measured | None:
    known = [value for value in values if np.isfinite(value)]
    if len(known) < DRAWS / 2:
        return None
    return Measured(float(np.median(known)), float(np.std(known)))


def _agreed(counts: list[int]) -> int | None:
    most = max(set(counts), key=counts.count)
    return most if counts.count(most) >= OFTEN * len(counts) else None


def _last(window: LiftWindow, lift: Lift, zones: Sequence[str], rng: np.random.Generator) -> tuple[str | None, Measured | None]:
    """The zone whose load was the last to come back, when that is told from the next one."""
    left = [zone for zone in zones if zone in lift.parts and not np.isnan(window.zones[zone]).all()]
    if len(left) < 2 or lift.touch_down is None or lift.melt_end is None:
        return None, None
    times: dict[str, list[float]] = {zone: [] for zone in left}
    for _ in range(DRAWS // 2):
        end_s = lift.melt_end + rng.normal(0.0, lift.melt_end_sd or 0.0)
        for zone in left:
            noisy = window.zones[zone] + rng.normal(0.0, 2 * window.noise_sd, len(window.t_s))
            times[zone].append(_measure(window.t_s, noisy, lift.touch_down, max(end_s, lift.touch_down + 1.0)).most_s)
    known = {zone: told for zone, values in times.items() if (told := _told(values * 2))}
    if len(known) < 2:
        return None, None
    (_, next_), (zone, last) = sorted(known.items(), key=lambda item: item[1].value)[-2:]
    apart = Measured(last.value - next_.value, float(np.hypot(last.sd, next_.sd)))
    return (zone, apart) if apart.value > max(APART * apart.sd, 0.3) else (None, None)
