"""Level stretches: which of them is rest, which a floor, which the end of a melt, and which only a step on the way.

A plateau is not a rest.  People engage in steps and melt in steps; a half-lift rests on a plateau too.  What tells them apart is
how long a stretch lasts, how far it lies from the rest before, whether the lead zone carries its part again, and whether it lives:
breath and tremor make a touching limb rise now and then, while a free sensor, whose foam only relaxes, never does.
"""

from __future__ import annotations

import numpy as np

from station.signal.boundaries import BAND_SHARE, Array, Moment, crossing, smooth
from station.signal.grid import ROW_S

REST_WINDOW_S = 10.0
ADOPT_S = 4.5
LEAD_BACK_SHARE = 0.85
SETTLED_LEAD_SHARE = 0.88
SETTLED_SHARE = 0.035
WAITS_S = ((0.95, 2.0), (0.88, 3.2), (0.78, 4.0), (0.4, 6.0))
LEAD_WAIT_S = 6.5
AHEAD_S = 0.7
FLAT_SHARE = 0.0015


def dead_flat(share: Array) -> bool:
    """Whether a lead zone's share does not move at all beyond its white noise."""
    noise = float(np.median(np.abs(np.diff(share, 2)))) * 0.6
    return bool(np.ptp(smooth(share, 3)) < FLAT_SHARE + 1.5 * min(noise, FLAT_SHARE))


def calm(totals: Array, within_n: float) -> bool:
    """Whether the means of every five rows lie within a narrow band: single rows may be noisy."""
    count = len(totals) // 5
    return bool(np.ptp(totals[len(totals) - 5 * count :].reshape(count, 5).mean(axis=1)) < within_n)


def last_rest(times: Array, totals: Array, calm_n: float) -> tuple[int, int]:
    """Rows (begin, end) of the rest before a movement that ends with the last row.

    Going back from the end, the first stretch of at least ADOPT_S within a narrow band is the rest; shorter plateaus are steps of
    the engagement.  Without one the oldest stretch of at least 1 s is taken, else what there is.
    """
    step = 5
    count = len(totals) // step
    low_high = totals[len(totals) - count * step :].reshape(count, step)
    means = low_high.mean(axis=1).tolist()
    shift = len(totals) - count * step
    stretches: list[tuple[int, int]] = []
    end = count
    while end > 0:
        begin, low, high = end - 1, means[end - 1], means[end - 1]
        while begin > 0 and max(high, means[begin - 1]) - min(low, means[begin - 1]) <= calm_n:
            begin -= 1
            low, high = min(low, means[begin]), max(high, means[begin])
        if (end - begin) * step * ROW_S >= 1.0:
            stretches.append((begin, end))
            if times[shift + end * step - 1] - times[shift + begin * step] >= ADOPT_S:
                break
        end = begin if begin < end - 1 else end - 1
    if not stretches:
        return 0, len(totals)
    begin, end = stretches[-1]
    last = shift + end * step
    last = max(last - 8, shift + begin * step + 12)
    first = max(shift + begin * step, int(np.searchsorted(times, times[last - 1] - REST_WINDOW_S)))
    return first, last


def never_rises(share: Array, rows: int) -> bool:
    """Whether the last `rows` of a lead zone's share only sink, and by now hardly that."""
    if len(share) < rows + 2:
        return False
    noise = float(np.median(np.abs(np.diff(share[-rows - 2 :], 2)))) * 0.6
    last = smooth(share[-rows:], 3)
    rise = float((last - np.minimum.accumulate(last)).max())
    return rise < 0.001 + 3.0 * noise and float(last[-7] - last[-1]) < 0.006 + 3.0 * noise and float(last[0] - last[-1]) < 0.03


def settled(times: Array, share: Array, lead_back: float) -> tuple[float, float] | None:
    """Whether a melt has come to rest: its level (relative to rest before) and the level's standard deviation.

    Near the old rest level a second of calm is enough; the further from it, the longer a plateau must last to count as the end.
    """
    now = float(times[-1])
    second = times > now - 1.0
    level = float(share[times > now - 0.5].mean())
    if second.sum() < 8:
        return None
    slope = float(np.polyfit(times[second] - now, share[second], 1)[0])
    if lead_back > SETTLED_LEAD_SHARE and abs(level - 1.0) < SETTLED_SHARE and abs(slope) < 0.015:
        final = level + AHEAD_S * slope
        inside = np.flatnonzero(np.abs(share / final - 1.0) > BAND_SHARE)
        entered = float(times[inside[-1]]) if len(inside) else float(times[0])
        if now - entered > 0.9:
            return final, 0.006 + abs(slope) * 0.5
    wait = next((wait for low, wait in WAITS_S if level > low), None)
    if wait is None:
        return None
    if lead_back < LEAD_BACK_SHARE:
        wait = LEAD_WAIT_S
    span = share[times > now - wait]
    if now - times[0] > wait + 0.3 and float(np.ptp(smooth(span, 5))) < 0.02:
        return float(span[-25:].mean()), 0.01
    return None


def entered_band(times: Array, share: Array, level_sd: float) -> Moment:
    """The first time from which `share` (load / settled load) stays within the band."""
    outside = np.flatnonzero(np.abs(share - 1.0) > BAND_SHARE)
    if len(outside) == 0:
        return Moment(float(times[0]), 0.1)
    at = int(outside[-1])
    after = min(at + 1, len(times) - 1)
    edge = 1.0 + (BAND_SHARE if share[at] > 1.0 else -BAND_SHARE)
    when = crossing(times[at], share[at], times[after], share[after], edge)
    low, high = max(0, at - 4), min(len(times) - 1, at + 5)
    slope = abs(float(share[high] - share[low])) / max(float(times[high] - times[low]), 1e-6)
    return Moment(when, float(np.hypot(0.08, 1.2 * level_sd / max(slope, 0.005))))
