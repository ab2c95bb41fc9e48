"""From volts to force: `G = V / (R (supply - V))`, then `F = (G / k) ** (1 / gamma)` with the zone's constants.

Where a zone was never calibrated it gets a common prior (gamma 1, one k for all), so that its loads are right up to a factor that
cancels in everything relative to rest.  An end resistor across the FSR, if fitted, is taken off the conductance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.model import Mat

PRIOR_K = 4.5e-5
PRIOR_GAMMA = 1.0
LARGEST_N = 2000.0


class ForceScale:
    """The constants of a mat's zones; `force` turns one row's volts into newtons (nominal ones where uncalibrated)."""

    def __init__(self, mat: Mat, constants: dict[str, tuple[float, float]]) -> None:
        zones = mat.zone
        known = [constants.get(zone.name) or ((zone.k, zone.gamma or PRIOR_GAMMA) if zone.k else None) for zone in zones]
        self._supply_volts = mat.mat.supply_volts
        self._ohms = np.array([zone.resistor_ohms for zone in zones])
        self._k = np.array([pair[0] if pair else PRIOR_K for pair in known])
        self._power = np.array([1.0 / (pair[1] if pair else PRIOR_GAMMA) for pair in known])
        self._end_siemens = 1.0 / mat.mat.end_resistors_ohms if mat.mat.end_resistors_ohms else 0.0
        self.calibrated = tuple(pair is not None for pair in known)

    def force(self, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Newtons, same shape as `volts`; NaN stays NaN."""
        left = np.maximum(self._supply_volts - volts, 1e-3)
        conductance = np.maximum(volts / (self._ohms * left) - self._end_siemens, 0.0)
        force: NDArray[np.float64] = np.minimum((conductance / self._k) ** self._power, LARGEST_N)
        return force
