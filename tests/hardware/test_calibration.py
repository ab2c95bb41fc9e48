"""Fits of known sensors give back what went in; readings that cannot give a calibration are refused with a way out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.calibration import CalibrationError, ZoneCalibration, fit_creep, fit_power_law
from hardware.divider import conductance_siemens


@given(st.floats(1e-6, 1e-3), st.floats(0.7, 1.15), st.lists(st.floats(2, 60), min_size=3, max_size=6, unique=True))
def test_a_power_law_is_found_again(k: float, gamma: float, forces_n: list[float]) -> None:
    forces_n = [*forces_n, 1.9 * max(forces_n) + 2]
    fit = fit_power_law(forces_n, [k * force**gamma for force in forces_n])
    assert fit.k == pytest.approx(k, rel=1e-6)
    assert fit.gamma == pytest.approx(gamma, rel=1e-6)
    assert fit.residual < 1e-6
    assert fit.repeatability is None


def test_residual_and_repeatability_are_relative_errors_in_force() -> None:
    fit = fit_power_law([10, 10, 20, 20], [0.9e-4, 1.1e-4, 1.8e-4, 2.2e-4])
    assert fit.gamma == pytest.approx(1.0)
    assert fit.repeatability == pytest.approx(0.1, abs=0.001)
    assert fit.residual == pytest.approx(0.1, abs=0.006)


@pytest.mark.parametrize("share", [-0.02, 0.0, 0.05, 0.15])
def test_creep_per_decade_is_found_again(share: float) -> None:
    since_s = [0.1 * i for i in range(1, 1200)]
    settling = [0.5 if t < 0.5 else 1.0 for t in since_s]
    conductances = [2e-4 * s * (1 + share * math.log10(t)) for t, s in zip(since_s, settling, strict=True)]
    assert fit_creep(since_s, conductances) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize(
    ("forces_n", "conductances", "words"),
    [
        ([10], [1e-4], "at least two weights"),
        ([10, 11], [1e-4, 1.1e-4], "twice the lightest"),
        ([10, 30], [0.0, 1e-4], "silent"),
        ([10, 30], [1e-4, math.inf], "supply"),
        ([10, 30], [1e-4, 0.9e-4], "whole zone"),
    ],
)
def test_readings_that_give_no_calibration_are_refused_with_a_way_out(forces_n, conductances, words: str) -> None:
    with pytest.raises(CalibrationError, match=words):
        fit_power_law(forces_n, conductances)


def test_a_creep_test_of_a_few_seconds_is_refused() -> None:
    with pytest.raises(CalibrationError, match="ten seconds"):
        fit_creep([0.1, 0.5, 1, 2, 3], [1e-4] * 5)


def test_force_and_conductance_undo_each_other_above_the_tare() -> None:
    zone = ZoneCalibration(zone="foot_l", k=2e-5, gamma=0.9, residual=0.0, tare_siemens=1e-6)
    assert zone.force_n(1e-6 + 2e-5 * 12.0**0.9) == pytest.approx(12.0)
    assert zone.force_n(0.5e-6) == 0.0


@given(st.floats(0.001, 3.29), st.floats(1000, 20_000))
def test_the_divider_is_solved(volts: float, ohms: float) -> None:
    sensor_ohms = 1 / conductance_siemens(volts, 3.3, ohms)
    assert 3.3 * ohms / (ohms + sensor_ohms) == pytest.approx(volts)


def test_a_node_at_the_supply_is_an_infinite_conductance() -> None:
    assert conductance_siemens(3.3, 3.3, 10_000) == math.inf
    assert conductance_siemens(-0.001, 3.3, 10_000) == 0.0
