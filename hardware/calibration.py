"""A zone's calibration: what one sensor makes of newtons, as measured with known weights.

Conductance follows force by a power law, `G = k * F**gamma` (FSR integration guides: gamma 0.7 to 1.15), and under a constant load
goes on rising with the logarithm of time: `G(t) = G(1 s) * (1 + creep_per_decade * log10(t / 1 s))`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from hardware.errors import BackliftError

CREEP_AT_LEAST_S = 10.0


class CalibrationError(BackliftError, ValueError):
    """These readings give no calibration; the message says what to do differently."""


class ZoneCalibration(msgspec.Struct, frozen=True, kw_only=True):
    """One zone as measured at one time.  Never overwritten: a new measurement is a new calibration.

    k, gamma: conductance_S = k * force_N ** gamma.
    residual: root mean square of the relative errors in force of the weights that were laid on, e.g. 0.06 = 6 %.
    repeatability: the same for laying the same weight on again; None when no weight was laid on twice.
    creep_per_decade: growth of conductance per decade of time under constant load, as share; None when not measured.
    tare_siemens: conductance in siemens of the zone with nothing on it (end resistor, pressure of the cover).
    """

    zone: str
    k: Annotated[float, Meta(gt=0, le=1)]
    gamma: Annotated[float, Meta(ge=0.3, le=2.0)]
    residual: Annotated[float, Meta(ge=0)]
    repeatability: Annotated[float, Meta(ge=0)] | None = None
    creep_per_decade: Annotated[float, Meta(ge=-0.5, le=1.0)] | None = None
    tare_siemens: Annotated[float, Meta(ge=0)] = msgspec.field(
        default=0.0, name="tare_s"
    )  # the name it is stored under since the first version
    weights: int = 0
    made_wall_s: float = 0.0

    def force_n(self, conductance_siemens: float) -> float:
        """Newtons that give this conductance; nothing below the tare."""
        return float(max(0.0, (conductance_siemens - self.tare_siemens) / self.k) ** (1 / self.gamma))


@dataclass(frozen=True, slots=True)
class Fit:
    """A power law through (force, conductance), and how well it goes through: see ZoneCalibration."""

    k: float
    gamma: float
    residual: float
    repeatability: float | None


def fit_power_law(forces_n: Sequence[float], conductances_s: Sequence[float]) -> Fit:
    """Least squares of log conductance over log force.  Raises CalibrationError when the readings do not allow it.

    >>> fit = fit_power_law([5, 10, 20], [5e-5, 10e-5, 20e-5])
    >>> round(fit.k * 1e6, 6), round(fit.gamma, 6), round(fit.residual, 6)
    (10.0, 1.0, 0.0)
    """
    force_n, conductance = np.asarray(forces_n, float), np.asarray(conductances_s, float)
    if len(np.unique(force_n)) < 2 or force_n.max() < 2 * force_n.min():
        raise CalibrationError("lay on at least two weights, the heaviest at least twice the lightest")
    if (conductance <= 0).any() or not np.isfinite(conductance).all():
        raise CalibrationError("a weight left the zone silent or at the supply: use weights between about 0.2 and 6 kg")
    slope, intercept = np.polyfit(np.log(force_n), np.log(conductance), 1)
    k, gamma = float(np.exp(intercept)), float(slope)
    if not 0.3 <= gamma <= 2.0:
        raise CalibrationError(f"conductance went with force to the power {gamma:.2f}: was each weight laid on the whole zone?")
    found_n = (conductance / k) ** (1 / gamma)
    residual = float(np.sqrt(np.mean((found_n / force_n - 1) ** 2)))
    spreads = [found_n[force_n == weight] / found_n[force_n == weight].mean() - 1 for weight in np.unique(force_n)]
    again = np.concatenate([spread for spread in spreads if len(spread) > 1] or [np.array([])])
    repeatability = float(np.sqrt(np.mean(again**2))) if len(again) else None
    return Fit(k, gamma, residual, repeatability)


def fit_creep(since_s: Sequence[float], conductances_s: Sequence[float]) -> float:
    """Growth of conductance per decade of time since the weight was laid on, as a share of that after one second.

    Readings of the first half second are left out: foam and hand are still settling.  Raises CalibrationError for too short a test.

    >>> round(fit_creep([1, 10, 100], [1.0e-4, 1.1e-4, 1.2e-4]), 6)
    0.1
    """
    t_s, conductance = np.asarray(since_s, float), np.asarray(conductances_s, float)
    usable = (t_s >= 0.5) & np.isfinite(conductance) & (conductance > 0)
    if usable.sum() < 3 or t_s[usable].max() < CREEP_AT_LEAST_S or t_s[usable].max() < 3 * t_s[usable].min():
        raise CalibrationError("leave the weight alone for at least ten seconds")
    slope, after_one_second = np.polyfit(np.log10(t_s[usable]), conductance[usable], 1)
    return float(slope / after_one_second)
