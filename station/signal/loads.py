"""From volts to force: `G = V / (R (supply - V))`, then `F = (G / k) ** (1 / gamma)` with the zone's constants.

Where a zone was never calibrated it gets a common prior (gamma 1, one k for all), so that its loads are right up to a factor that
cancels in everything relative to rest.  An end resistor across the FSR, if fitted, is taken off the conductance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.divider import conductance_siemens
from station.model import Mat
from station.signal.params import Sensor

PRIOR_GAMMA = 1.0


class ZoneConstants(Protocol):
    """What detection needs of a zone's calibration (`hardware.calibration.ZoneCalibration` has it)."""

    @property
    def k(self) -> float: ...
    @property
    def gamma(self) -> float: ...
    @property
    def tare_siemens(self) -> float: ...
    @property
    def creep_per_decade(self) -> float | None: ...


class ForceScale:
    """The constants of a mat's zones; `force` turns one row's volts into newtons (nominal ones where uncalibrated)."""

    def __init__(self, mat: Mat, constants: Mapping[str, ZoneConstants], sensor: Sensor | None = None) -> None:
        sensor = sensor or Sensor()
        zones = mat.zone
        made = [constants.get(zone.name) for zone in zones]
        bench = [(zone.k, zone.gamma or PRIOR_GAMMA) if zone.k else None for zone in zones]
        known = [(mine.k, mine.gamma) if mine else given for mine, given in zip(made, bench, strict=True)]
        self._most_n = sensor.most_n
        self._supply_volts = mat.mat.supply_volts
        self._ohms = np.array([zone.resistor_ohms for zone in zones])
        self._k = np.array([pair[0] if pair else sensor.usual_siemens for pair in known])
        self._power = np.array([1.0 / (pair[1] if pair else PRIOR_GAMMA) for pair in known])
        # What the empty zone conducts: measured when it was calibrated (end resistor and cover), else the end resistor alone.
        end_siemens = 1.0 / mat.mat.end_resistors_ohms if mat.mat.end_resistors_ohms else 0.0
        self._empty_siemens = np.array([max(mine.tare_siemens, end_siemens) if mine else end_siemens for mine in made])
        self.calibrated = tuple(pair is not None for pair in known)

    def volts_per_newton(self, column: int, newtons: float) -> float:
        """How steeply a zone's node rises with its load."""
        k, gamma, ohms = float(self._k[column]), 1.0 / float(self._power[column]), float(self._ohms[column])
        load_n = max(newtons, 1e-3)
        siemens = k * load_n**gamma
        node = 1.0 + ohms * (siemens + float(self._empty_siemens[column]))
        return float(self._supply_volts * ohms * gamma * siemens / load_n / node**2)

    def above_empty(self, volts: float) -> NDArray[np.float64]:
        """Newtons of each zone when its node stands so many volts above where it stands empty, shape (zones,)."""
        beside = self._empty_siemens * self._ohms
        return self.force(self._supply_volts * beside / (1.0 + beside) + volts)

    def force(self, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Newtons, same shape as `volts`; NaN stays NaN."""
        conductance = conductance_siemens(volts, self._supply_volts, self._ohms, self._empty_siemens)
        force: NDArray[np.float64] = np.minimum((conductance / self._k) ** self._power, self._most_n)
        return force
