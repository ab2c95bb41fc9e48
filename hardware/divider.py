"""The voltage divider of a zone: FSR from the supply to the node, resistor from the node to ground.

    G = V / (R (supply - V))

with V at the node.  An end resistor across the FSR, if fitted, is a conductance beside the sensor's and is taken off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def conductance_siemens(
    volts: ArrayLike, supply_volts: float, resistor_ohms: ArrayLike, end_siemens: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Siemens of the sensor above a node at `volts`; arguments broadcast.  Never below zero, infinite at the supply, NaN at NaN.

    >>> round(1 / float(conductance_siemens(1.1, 3.3, 10_000)))
    20000
    """
    node = np.asarray(volts, float)
    headroom = supply_volts - node
    with np.errstate(divide="ignore", invalid="ignore"):
        beside = np.where(headroom <= 0.0, np.inf, node / (np.asarray(resistor_ohms, float) * headroom))
    sensor: NDArray[np.float64] = np.maximum(beside - np.asarray(end_siemens, float), 0.0)
    return sensor
