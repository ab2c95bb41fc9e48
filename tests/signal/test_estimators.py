"""The small estimators, each against a truth worked out here from the physics, not from the code."""

from __future__ import annotations

import doctest
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import station.signal.history
from hardware.calibration import ZoneCalibration
from hardware.frame_rows import ROW_S, Grid
from hardware.mat import Limb, Mat, MatFacts, Zone
from station.signal.creep import Creep, Growth, Landing
from station.signal.history import History
from station.signal.levels import crossing, entered_band, left_band, rest_before, without_lag
from station.signal.loads import ForceScale
from station.signal.melt import Settled, date_end
from station.signal.params import Parameters


def mat(**changes: object) -> Mat:
    zone = {"name": "foot_l", "chip": 0x48, "pin": 0, "x_cm": 0, "y_cm": 0, "resistor_ohms": 10_000.0, "k": 4e-5, "gamma": 0.9}
    limb = Limb(name="leg_l", kind="leg", side="left", zones=("foot_l",))
    return Mat(mat=MatFacts(name="one", supply_volts=3.3), zone=(Zone(**{**zone, **changes}),), limb=(limb,))  # type: ignore[arg-type]


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(station.signal.history).failed == 0


@given(st.floats(0.05, 150.0), st.floats(500.0, 47_000.0), st.floats(0.7, 1.15))
def test_force_undoes_divider_and_power_law(force_n: float, ohms: float, gamma: float) -> None:
    conductance = 4e-5 * force_n**gamma
    volts = 3.3 * ohms / (ohms + 1.0 / conductance)
    scale = ForceScale(mat(resistor_ohms=ohms, gamma=gamma), {})
    assert scale.force(np.array([volts]))[0] == pytest.approx(force_n, rel=2e-3, abs=1e-3)


def test_a_zone_without_calibration_is_right_up_to_a_factor() -> None:
    scale = ForceScale(mat(k=None, gamma=None), {})
    one, two = (scale.force(np.array([3.3 * 10_000 / (10_000 + 1 / g)]))[0] for g in (2e-4, 4e-4))
    assert two / one == pytest.approx(2.0)
    assert scale.calibrated == (False,)


def test_a_measured_calibration_wins_over_the_mat_file() -> None:
    volts = np.array([3.3 * 10_000 / (10_000 + 1 / 3e-4)])
    measured = ZoneCalibration(zone="foot_l", k=3e-5, gamma=1.0, residual=0.0)
    assert ForceScale(mat(), {"foot_l": measured}).force(volts)[0] == pytest.approx(10.0)


def test_the_measured_tare_is_taken_off() -> None:
    """A cover that presses the empty zone to 6e-5 S: a reading of 3e-4 S is 8 N, and the empty zone carries nothing."""
    measured = ZoneCalibration(zone="foot_l", k=3e-5, gamma=1.0, residual=0.0, tare_siemens=6e-5)
    volts = [3.3 * 10_000 / (10_000 + 1 / siemens) for siemens in (3e-4, 6e-5)]
    loaded, empty = (ForceScale(mat(), {"foot_l": measured}).force(np.array([v]))[0] for v in volts)
    assert (loaded, empty) == (pytest.approx(8.0), pytest.approx(0.0, abs=1e-6))


@pytest.mark.parametrize("per_decade", [0.01, 0.05, 0.15])
def test_creep_of_a_sudden_load_is_taken_out(per_decade: float) -> None:
    """A reading that grows by `per_decade` of its value per decade of time after 10 N were laid on is 10 N all along."""
    creep = Creep(np.array([per_decade]))
    creep.update(0.0, np.array([0.0]))
    times = np.arange(ROW_S, 60.0, ROW_S)
    readings = 10.0 * (1.0 - per_decade * np.log10(60.0 / np.maximum(times, 0.4)))
    force = np.array([creep.update(t, np.array([x]))[0] for t, x in zip(times.tolist(), readings, strict=True)])
    after = times > 1.0
    assert np.ptp(force[after]) < 0.3 * np.ptp(readings[after])


def test_creep_leaves_a_missing_reading_missing_and_goes_on() -> None:
    creep, other = Creep(np.array([0.05])), Creep(np.array([0.05]))
    for one in (creep, other):
        one.update(0.0, np.array([10.0]))
    assert np.isnan(creep.update(1.0, np.array([np.nan]))[0])
    assert creep.update(2.0, np.array([10.0]))[0] == pytest.approx(other.update(2.0, np.array([10.0]))[0])


@given(st.lists(st.integers(1, 7), min_size=1, max_size=20), st.sampled_from([30.0, 47.0, 100.0, 200.0]), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_rows_do_not_depend_on_blocks(sizes: list[int], rate_hz: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(0.5, 1.5, 120) / rate_hz).round(6)
    codes = np.rint(rng.uniform(0, 26000, (120, 3)))
    codes[rng.random((120, 3)) < 0.05] = np.nan
    whole = Grid(3)
    expected = whole.update(times, codes)
    parts, rows, at, turn = Grid(3), [], 0, 0
    while at < 120:
        size = sizes[turn % len(sizes)]
        rows += parts.update(times[at : at + size], codes[at : at + size])
        at, turn = at + size, turn + 1
    assert len(rows) == len(expected)
    for a, b in zip(rows, expected, strict=True):
        assert (a.t_s, a.first_s, a.last_s, a.known_s, a.frames) == (b.t_s, b.first_s, b.last_s, b.known_s, b.frames)
        assert np.array_equal(a.volts, b.volts, equal_nan=True)
        assert np.array_equal(a.cuts, b.cuts)


def test_a_row_is_the_mean_of_its_frames_and_says_when() -> None:
    grid = Grid(1)
    rows = grid.update(np.array([5.0, 5.01, 5.02, 5.03, 5.04]), np.array([[800.0], [808.0], [np.nan], [816.0], [0.0]]))
    assert [row.t_s for row in rows] == [pytest.approx(5.015)]
    assert rows[0].volts[0] == 808.0 / 8000.0
    assert rows[0].last_s == 5.03


def test_the_force_behind_a_lag_is_found_again() -> None:
    t = np.arange(0.0, 4.0, ROW_S)
    lag = 0.1
    reading = 10.0 * np.exp(-t / lag)
    assert np.abs(without_lag(t, reading, lag)[2:]).max() < 10.0 * math.exp(-t[1] / lag)
    ramp = 5.0 * t
    assert without_lag(t, ramp - 5.0 * lag, lag)[5:-5] == pytest.approx(ramp[5:-5])


def test_rest_is_read_through_the_breath() -> None:
    """Breath of 3 % at 0.25 Hz, seen in three torso zones, over a slow drift: the level at the end is found to 0.5 %."""
    rng = np.random.default_rng(3)
    t = np.arange(0.0, 9.0, ROW_S)
    breath = np.sin(2 * np.pi * 0.25 * t + 1.0)
    torso = np.stack([40 + 3 * breath, 50 + 2 * breath, 30 - breath], axis=1) + rng.normal(0, 0.05, (len(t), 3))
    total = 60.0 + 0.02 * t + 1.8 * breath + rng.normal(0, 0.05, len(t))
    rest = rest_before(t, total, torso, Parameters())
    assert rest.level_n == pytest.approx(60.0 + 0.02 * t[-1], rel=0.005)
    assert abs(rest.level_n - (60.0 + 0.02 * t[-1])) < 4 * rest.sd_n
    assert rest.breath.of(t, torso) == pytest.approx(1.8 * breath, abs=0.3)


def test_rest_without_a_torso_still_has_a_level() -> None:
    t = np.arange(0.0, 5.0, ROW_S)
    rest = rest_before(t, np.full(len(t), 12.0), np.zeros((len(t), 0)), Parameters())
    assert rest.level_n == pytest.approx(12.0)


def test_the_band_is_left_where_it_was_left_for_the_last_time() -> None:
    t = np.arange(8.0)
    share = np.array([1.0, 1.0, 0.9, 1.0, 1.0, 0.9, 0.5, 0.0])
    assert left_band(t, share, 0.01, 7, 0.05).t_s == pytest.approx(4.5)


def test_the_band_is_entered_where_it_is_not_left_again() -> None:
    t = np.arange(8.0)
    share = np.array([0.0, 0.5, 0.98, 0.9, 1.0, 1.0, 1.0, 1.0])
    assert entered_band(t, share, 0.01, 0.05, 0.06).t_s == pytest.approx(3.5)


def test_crossing_stays_between_its_rows() -> None:
    t, y = np.array([1.0, 2.0]), np.array([0.0, 10.0])
    assert crossing(t, y, 0, 5.0) == 1.5
    assert crossing(t, y, 0, 50.0) == 2.0
    assert crossing(t, np.array([3.0, 3.0]), 0, 3.0) == 2.0


def test_history_keeps_the_newest_rows_whole_and_the_older_ones_merged() -> None:
    history = History(2, fine_rows=100, coarse_rows=50)
    for i in range(1234):
        history.append(float(i), np.array([i, -i]))
    assert history.times(100).tolist() == [float(i) for i in range(1134, 1234)]
    assert history.values(3)[:, 1].tolist() == [-1231, -1232, -1233]
    times, values = history.back(1000.0)
    assert times[0] == pytest.approx(1004.5) and times[-1] == 1233.0
    assert np.all(np.diff(times) > 0)
    assert values[:, 0] == pytest.approx(times)


def test_history_is_of_constant_size() -> None:
    history = History(2, fine_rows=100, coarse_rows=50)
    size = len(pickle.dumps(history))
    for i in range(5000):
        history.append(float(i), np.array([i, -i]))
    assert len(pickle.dumps(history)) <= size + 200


def crept(per_decade: float, melt_s: float, rests_s: float, aloft_s: float) -> tuple[np.ndarray, np.ndarray]:
    """A load of 50 N that comes back in a straight line after `aloft_s`, on a sensor that remembers and forgets in log time."""
    t_s = np.arange(0.0, melt_s + rests_s, ROW_S)
    came_s = np.maximum(t_s - 0.5 * melt_s, 0.05)
    return t_s, 50.0 * np.clip(t_s / melt_s, 0.0, 1.0) * (1.0 + per_decade * np.log10(came_s / (came_s + aloft_s)))


def test_creep_that_two_rests_agree_on_is_learned_and_no_longer_delays_the_end_of_a_melt() -> None:
    """A load of a machine: 25 % more per decade of time.  The melt is over after 1.9 s; the reading is within 5 % seconds later."""
    growth = Growth(least_decades=0.25)
    landing = Landing(loaded_s=1.0, aloft_s=30.0, soonest_s=0.5)
    t_s, load = crept(0.25, 2.0, 14.0, 30.0)
    settled = Settled(float(load[-1]), 3.0, float(t_s[-1]), 0.0)

    def end_s() -> float:
        moment = date_end(t_s, growth.taken_out(t_s, load, landing), settled, Parameters())
        assert moment is not None
        return moment.t_s

    assert end_s() > 5.0
    growth.learn(t_s[t_s > 3.0], load[t_s > 3.0], landing)
    assert growth.per_decade == 0.0, "one rest may be the tail of a melt"
    growth.learn(t_s[t_s > 3.0], load[t_s > 3.0], landing)
    assert growth.per_decade == pytest.approx(0.25 / (1.0 + 0.25 * np.log10(7.0 / 37.0)), rel=0.2)
    assert end_s() == pytest.approx(1.9, abs=0.6)


def test_growth_that_came_once_or_in_a_short_rest_is_no_creep() -> None:
    growth = Growth(least_decades=0.25)
    t_s, load = crept(0.25, 2.0, 14.0, 30.0)
    growth.learn(t_s[t_s > 3.0], load[t_s > 3.0], Landing(1.0, 30.0, 0.5))
    growth.learn(t_s[t_s > 3.0], np.full(int((t_s > 3.0).sum()), 50.0), Landing(1.0, 30.0, 0.5))
    assert growth.per_decade == 0.0
    short = Growth(least_decades=0.25)
    for _ in range(3):
        short.learn(t_s[t_s > 15.0], load[t_s > 15.0], Landing(1.0, 30.0, 0.5))
        short.learn(t_s[t_s < 2.0], load[t_s < 2.0], Landing(0.0, 30.0, 0.5))  # decades, but a moment
    assert short.per_decade == 0.0
