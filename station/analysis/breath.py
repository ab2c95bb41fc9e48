"""Breath, as the trunk zones feel it: chest and belly press more on the mat while the lungs fill.

A line for the eye, and for each moment whether it fell on an in-breath or an out-breath.  It is an observation, not a measure of
breathing: the sensors under the trunk feel whatever moves there, so where the line is not clearly a breath nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from station.analysis.even_steps import smoothed

Array = NDArray[np.float64]
Side = Literal["in", "out"]

SLOWEST_S = 8.0
"""A breath at rest takes 2.5 to 8 seconds; what is slower is a shift of weight."""
QUICKEST_S = 2.0
SMOOTH_S = 0.7
SMALLEST_SHARE = 0.002
"""A swing smaller than this share of the trunk's load is not told from the noise of the sensors."""
REGULAR = 0.5
"""Breaths whose lengths scatter by more than this share of their mean are no rhythm: movement, not breath."""
HIGHEST = 1.6
"""A swing so much larger than a breath is a limb on its way: the line has a gap there."""
RIPPLE = 0.4
"""A turn counts when the line goes back by more than this; a full breath goes from about -1 to 1."""
TURN_S = 0.35
"""So close to a turning point it is neither in nor out."""


@dataclass(frozen=True, slots=True)
class Breathing:
    """How the breath of a session fell together with the lifts.  Each pair: how often in the first way, of how many known."""

    lifts_on_in: int
    lifts_known: int
    releases_on_out: int
    releases_known: int


def breath_line(t_s: Array, trunk_n: Array) -> Array | None:
    """The trunk's load as a line of about -1..1 in the steps of `t_s`; None when it shows no breath.

    t_s: shape (n,), even steps.  trunk_n: shape (n, zones), NaN where nothing was measured.
    """
    if trunk_n.shape[1] == 0 or len(t_s) < 2:
        return None
    step_s = float(t_s[1] - t_s[0])
    if len(t_s) * step_s < 2 * SLOWEST_S:
        return None
    total = np.nansum(trunk_n, axis=1)
    total[np.isnan(trunk_n).all(axis=1)] = np.nan
    level = float(np.nanmedian(total)) if (~np.isnan(total)).any() else 0.0
    if level <= 0:
        return None
    line = smoothed(total, round(SMOOTH_S / step_s)) - smoothed(total, round(SLOWEST_S / step_s))
    swing = float(np.nanpercentile(np.abs(line), 60))  # the shifts of weight at lift and landing are the rest
    if not swing > SMALLEST_SHARE * level:
        return None
    line = line / (1.6 * swing)
    line[np.abs(line) > HIGHEST] = np.nan
    turns = turning_points(t_s, line)
    lengths = np.diff(turns) * 2
    lengths = lengths[(lengths > QUICKEST_S) & (lengths < 1.5 * SLOWEST_S)]
    if len(lengths) < 3 or np.std(lengths) > REGULAR * np.mean(lengths):
        return None
    return line


def turning_points(t_s: Array, line: Array) -> Array:
    """Times at which the line turns from rising to falling or back, small ripples passed over."""
    known = np.flatnonzero(~np.isnan(line))
    turns: list[float] = []
    if not len(known):
        return np.array(turns)
    high = low = int(known[0])
    rising: bool | None = None
    for i in known.tolist():
        high = i if line[i] > line[high] else high
        low = i if line[i] < line[low] else low
        if rising is not False and line[high] - line[i] > RIPPLE:
            if rising:
                turns.append(float(t_s[high]))
            rising, low = False, i
        elif rising is not True and line[i] - line[low] > RIPPLE:
            if rising is False:
                turns.append(float(t_s[low]))
            rising, high = True, i
    return np.array(turns)


def side_at(t_s: Array, line: Array, at_s: float) -> Side | None:
    """Whether the lungs filled or emptied at a moment; None near a turning point or where there is no line."""
    turns = turning_points(t_s, line)
    if len(turns) < 2 or not turns[0] <= at_s <= turns[-1] or np.abs(turns - at_s).min() < TURN_S:
        return None
    next_turn = int(np.searchsorted(turns, at_s))
    values = np.interp(turns[[next_turn - 1, next_turn]], t_s, line)
    return "in" if values[1] > values[0] else "out"


def breathing(moments: list[tuple[Side | None, Side | None]]) -> Breathing:
    """Over a session: for each lift, the side at its lift-off and the side at its touch-down."""
    lifts = [lift for lift, _ in moments if lift]
    releases = [release for _, release in moments if release]
    return Breathing(lifts.count("in"), len(lifts), releases.count("out"), len(releases))
