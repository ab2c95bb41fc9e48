"""Taking the creep of the sensors out.

Under constant load an FSR's conductance goes on growing by 1 to 30 % per decade of time; after unloading it forgets just as slowly.
That is a linear memory of the load's history, well described by a sum of exponentials spaced evenly in the logarithm of time:

    reading = F + c w sum_i (s_i - F),      ds_i/dt = (F - s_i) / tau_i

with `c` the growth per decade and `w` the spacing of the taus in decades.  A zone that was loaded for ever reads F; one that was
just loaded reads F (1 - c w n).  Given the states, F follows from the reading in one line, row by row.

`c` is what is usual, or calibrated.  Sensors that creep more show it in every rest: `Growth` learns what is left per limb, and
takes it out where the end of a melt is dated.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TAUS_S = np.array([0.6, 2.0, 6.3, 20.0, 63.0, 200.0])
DECADES_APART = 0.5
FEWEST_ROWS = 60


class Creep:
    """Every zone's creep state.  per_decade: shape (zones,), growth per decade (0.05 = 5 %)."""

    def __init__(self, per_decade: NDArray[np.float64]) -> None:
        self._weight = per_decade * DECADES_APART
        self._gain = 1.0 - len(TAUS_S) * self._weight
        self._states: NDArray[np.float64] | None = None
        self._t_s = 0.0

    def update(self, t_s: float, reading: NDArray[np.float64]) -> NDArray[np.float64]:
        """The force behind one row of readings (newtons, shape (zones,)); NaN stays NaN and leaves the state as it is."""
        if self._states is None:
            self._states = np.repeat(np.nan_to_num(reading)[None, :], len(TAUS_S), axis=0)
            self._t_s = t_s
            return reading
        force: NDArray[np.float64] = np.maximum((reading - self._weight * self._states.sum(axis=0)) / self._gain, 0.0)
        share = 1.0 - np.exp(-(t_s - self._t_s) / TAUS_S)
        step = share[:, None] * (force - self._states)
        self._states += np.where(np.isnan(step), 0.0, step)
        self._t_s = t_s
        return force


@dataclass(frozen=True, slots=True)
class Landing:
    """When a limb was loaded again, after having been off the mat for `aloft_s`; soonest_s: before that log time means nothing."""

    loaded_s: float
    aloft_s: float
    soonest_s: float

    def decades(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far creep has come under constant load, in decades of time: the new load is remembered, the time without is
        forgotten, so log10(t / (t + aloft)); shape of `t_s`."""
        since_s = np.maximum(t_s - self.loaded_s, self.soonest_s)
        decades: NDArray[np.float64] = np.log10(since_s / (since_s + self.aloft_s))
        return decades


class Growth:
    """How much a limb's load still grows per decade of time at rest, with the usual creep taken out.

    A melt's tail grows as well, but not in the same way twice: what counts is the smaller of two successive rests.
    """

    def __init__(self, least_decades: float) -> None:
        self._least_decades = least_decades
        self._seen: deque[float] = deque(maxlen=2)

    @property
    def per_decade(self) -> float:
        """Share of the load; 0 until two rests agree that there is growth."""
        return max(0.0, min(self._seen)) if len(self._seen) == 2 else 0.0

    def learn(self, t_s: NDArray[np.float64], load: NDArray[np.float64], landing: Landing) -> None:
        """Rows of a rest after a landing, shape (n,).  A rest too short on the scale of decades says nothing."""
        if len(t_s) < FEWEST_ROWS or not np.isfinite(load).all():
            return
        decades = landing.decades(t_s)
        level = float(np.median(load))
        if decades[-1] - decades[0] < self._least_decades or level <= 0.0:
            return
        weight = np.maximum(np.gradient(decades), 0.0)  # every part of a decade counts alike, however many rows it has
        weight /= weight.sum()
        away = decades - float(weight @ decades)
        spread = float(weight @ away**2)
        if spread > 0.0:
            self._seen.append(float(weight @ (away * (load / level))) / spread)

    def taken_out(self, t_s: NDArray[np.float64], load: NDArray[np.float64], landing: Landing) -> NDArray[np.float64]:
        """The load as it would read had it crept as long as at its last row; shape (n,)."""
        if not self.per_decade or len(t_s) == 0:
            return load
        decades = landing.decades(t_s)
        crept: NDArray[np.float64] = load * (1.0 - self.per_decade * (decades - decades[-1]))
        return crept
