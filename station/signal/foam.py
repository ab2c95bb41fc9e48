"""How slowly a zone lets go: the foam under it, and its sensor below the break force.

Foam follows the load with a lag, `y' = (F - y) / lag`.  Under no load a reading so falls by its lag, and under any load more
slowly: the quickest fall a zone has shown bounds its lag.  Zones of one mat differ by a factor of five, for below its break force a
sensor lets go at once what the foam still presses on it.
"""

from __future__ import annotations

import math

import numpy as np

from station.signal.history import Array
from station.signal.levels import crossing
from station.signal.params import Sensor

RATE_ROWS = 3
"""A fall's rate is read over so many rows: over two, noise makes it quicker than it is."""
LEAST_SHARE = 1e-3


class Foam:
    """One zone's lag, in s.  lag_s: as far as the falls before have shown it."""

    def __init__(self, sensor: Sensor) -> None:
        self._sensor = sensor
        self.lag_s = sensor.usual_lag_s

    def lag_of(self, times: Array, share: Array) -> float:
        """The lag to date a fall by of which nothing later is known; times, share (n,): its rows, as share of rest."""
        above = np.flatnonzero(share > self._sensor.lag_from_share)
        begin = int(above[-1]) if len(above) else 0
        logs = np.log(np.maximum(share[begin:], LEAST_SHARE))
        if len(logs) <= RATE_ROWS:
            return self.lag_s
        rates = (logs[:-RATE_ROWS] - logs[RATE_ROWS:]) / (times[begin + RATE_ROWS :] - times[begin:-RATE_ROWS])
        return self._bounded(float(rates.max()))

    def learn(self, times: Array, share: Array, off_s: float) -> None:
        """A whole fall, known to have ended near `off_s`: how long the reading took through its last tenth of rest."""
        sensor = self._sensor
        high, low = sensor.let_go_from_share, sensor.let_go_to_share
        passed = np.flatnonzero((share[:-1] > low) & (share[1:] <= low))
        if len(passed) == 0:
            return
        at = int(passed[np.argmin(np.abs(times[passed] - off_s))])
        above = np.flatnonzero(share[: at + 1] > high)
        if len(above) == 0:
            return
        took_s = crossing(times, share, at, low) - crossing(times, share, int(above[-1]), high)
        if took_s > 0.0:
            self.lag_s = self._bounded(math.log(high / low) / took_s)

    def _bounded(self, rate: float) -> float:
        """The lag, when a reading is known to have fallen at this rate (1/s, natural log)."""
        if rate <= 0.0:
            return self.lag_s
        return min(self.lag_s, max(self._sensor.lag_margin / rate, self._sensor.shortest_lag_s))
