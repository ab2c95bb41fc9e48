"""Taking the creep of the sensors out.

Under constant load an FSR's conductance goes on growing by 1 to 30 % per decade of time; after unloading it forgets just as slowly.
That is a linear memory of the load's history, well described by a sum of exponentials spaced evenly in the logarithm of time:

    reading = F + c w sum_i (s_i - F),      ds_i/dt = (F - s_i) / tau_i

with `c` the growth per decade and `w` the spacing of the taus in decades.  A zone that was loaded for ever reads F; one that was
just loaded reads F (1 - c w n).  Given the states, F follows from the reading in one line, row by row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TAUS_S = np.array([0.6, 2.0, 6.3, 20.0, 63.0, 200.0])
DECADES_APART = 0.5
LARGEST_PER_DECADE = 0.2


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
