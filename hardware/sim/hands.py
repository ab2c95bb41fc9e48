"""Somebody presses zones and lays weights on the simulated mat: for trying the check and the calibration without hardware."""

from __future__ import annotations

import numpy as np

from hardware.mat import Mat
from hardware.sim.sensors import CHUNK, GRID_HZ, SensorArray, draw_traits


class HandsOnMat:
    """Volts of an otherwise empty mat; forces change when told, from the next 0.2 s on.

    traits: how these sensors really are, which is what a calibration should find.
    """

    def __init__(self, mat: Mat, seed: int) -> None:
        streams = np.random.default_rng(seed).spawn(2)
        self.traits = draw_traits(streams[0], mat)
        self._sensors = SensorArray(mat, self.traits, streams[1])
        self._names = mat.zone_names
        self._zone_of = {(zone.chip, zone.pin): column for column, zone in enumerate(mat.zone)}
        self._force_n = np.zeros(len(mat.zone))
        self._ones = np.ones((CHUNK, len(mat.zone)))
        self._steps = 0
        self._origin_s: float | None = None

    def lay(self, zone: str, force_n: float) -> None:
        """So many newtons now press on this zone, until told otherwise."""
        self._force_n[self._names.index(zone)] = force_n

    def take_off(self, zone: str) -> None:
        self.lay(zone, 0.0)

    def volts(self, address: int, pin: int, t_s: float) -> float:
        """At nearly rising times; time begins when it is first asked for."""
        if self._origin_s is None:
            self._origin_s = t_s - 0.1
        t_s -= self._origin_s
        while self._sensors.until_s < t_s:
            times_s = (np.arange(CHUNK) + self._steps) / GRID_HZ
            self._sensors.advance(times_s, self._ones * self._force_n, self._ones)
            self._steps += CHUNK
        return float(self._sensors.volts(self._zone_of[address, pin], round(t_s * 1e6), []))
