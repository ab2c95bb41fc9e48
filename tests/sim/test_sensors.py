"""The simulated resistors behave as data sheets say: each property measured from outside, on forces chosen for it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from hardware.sim.draft import draw_mat
from hardware.sim.sensors import CHUNK, G_FORCE, GRID_HZ, Fault, SensorArray, draw_traits

QUIET = {"noise_v": np.zeros(4), "mains_v": np.zeros(4), "temperature_share": np.zeros(4)}
IDEAL = QUIET | {"hysteresis": np.zeros(4), "creep_per_decade": np.zeros(4)}


def conductance(force, settle=None, seed=1, **traits):
    """Conductance over time, (n, 4), of a 4-zone mat under `force` (n,) newtons on every zone."""
    rng = np.random.default_rng(seed)
    mat = draw_mat(rng, "m", 4, False)
    traits = replace(draw_traits(rng, mat), **(QUIET | traits))
    sensors = SensorArray(mat, traits, rng)
    if settle is not None:
        sensors.settle(np.full(4, settle), 1e6)
    out = []
    for begin in range(0, len(force) - CHUNK + 1, CHUNK):
        t = (np.arange(CHUNK) + begin) / GRID_HZ
        sensors.advance(t, np.repeat(force[begin : begin + CHUNK, None], 4, axis=1), np.ones((CHUNK, 4)))
        out.append(np.stack([sensors.siemens(zone, t * 1e6) for zone in range(4)], axis=1))
    return np.concatenate(out), traits


def seconds(s):
    return int(s * GRID_HZ)


@pytest.mark.parametrize("newtons", [1.0, 8.0, 60.0])
def test_conductance_is_a_power_of_force(newtons):
    g, traits = conductance(np.full(seconds(4), newtons), **IDEAL)
    assert g[-1] == pytest.approx(traits.k * (newtons + 0.02) ** traits.gamma, rel=1e-6)


@pytest.mark.parametrize("per_decade", [0.02, 0.15])
def test_creep_grows_by_its_share_per_decade_of_time(per_decade):
    force = np.full(seconds(1100), 20.0)
    g, traits = conductance(force, **(IDEAL | {"creep_per_decade": np.full(4, per_decade)}))
    ideal = traits.k * 20.02**traits.gamma
    for early, late in ((1, 10), (10, 100), (100, 1000)):
        grown = (g[seconds(late)] - g[seconds(early)]) / ideal
        assert grown == pytest.approx(per_decade, rel=0.15)


def test_creep_remembers_the_load_and_not_the_touch():
    """After a minute of load a short absence costs little: reloaded, the sensor resumes nearly where it was."""
    away = np.concatenate([np.full(seconds(100), 20.0), np.zeros(seconds(3)), np.full(seconds(6), 20.0)])
    g, traits = conductance(away, **(IDEAL | {"creep_per_decade": np.full(4, 0.1)}))
    ideal = traits.k * 20.02**traits.gamma
    fresh = (g[seconds(5)] - ideal) / ideal
    resumed = (g[seconds(108)] - ideal) / ideal
    assert np.all(resumed > fresh + 0.05)


def test_hysteresis_opens_a_loop_of_its_size():
    up = np.geomspace(2.0, 50.0, seconds(30))
    g, _ = conductance(np.concatenate([up, up[::-1]]), **(IDEAL | {"hysteresis": np.full(4, 0.15), "foam_recovery_s": 0.012}))
    middle = seconds(15)
    loop = np.log(g[-middle] / g[middle])
    assert loop == pytest.approx(0.15, abs=0.05)


def test_contact_makes_at_40_to_50_grams_and_breaks_at_28_to_38():
    ramp = np.linspace(0.05, 1.0, seconds(20))
    g, _ = conductance(np.concatenate([ramp, ramp[::-1]]), **(IDEAL | {"foam_s": 0.012, "foam_recovery_s": 0.012}))
    force = np.concatenate([ramp, ramp[::-1]])
    jump = np.diff(np.log(g), axis=0)
    for zone in range(4):
        on, off = force[np.argmax(jump[:, zone])], force[np.argmin(jump[:, zone])]
        assert 40 * G_FORCE - 0.02 <= on <= 50 * G_FORCE + 0.02
        assert 28 * G_FORCE - 0.02 <= off <= 38 * G_FORCE + 0.02


def test_preload_leaves_a_reading_while_nothing_presses():
    force = np.concatenate([np.full(seconds(4), 10.0), np.zeros(seconds(4))])
    g, _ = conductance(force, **(IDEAL | {"preload_n": np.full(4, 2.5), "gamma": np.ones(4)}))
    assert g[-1] / g[seconds(4) - 1] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    ("end_resistors_ohms", "unloaded_v", "cut_v"),
    [(None, (0.0, 0.002), (0.0, 1e-9)), (1e6, (0.005, 0.05), (0.0, 1e-9))],
)
def test_an_end_resistor_tells_a_cut_wire_from_an_unloaded_zone(end_resistors_ohms, unloaded_v, cut_v):
    rng = np.random.default_rng(3)
    mat = draw_mat(rng, "m", 4, False)
    sensors = SensorArray(replace_end(mat, end_resistors_ohms), replace(draw_traits(rng, mat), **IDEAL), np.random.default_rng(0))
    for begin in range(0, 500, CHUNK):
        sensors.advance((np.arange(CHUNK) + begin) / GRID_HZ, np.zeros((CHUNK, 4)), np.ones((CHUNK, 4)))
    assert unloaded_v[0] <= sensors.volts(0, 1_950_000, []) <= unloaded_v[1]
    assert cut_v[0] <= sensors.volts(0, 1_950_000, [Fault(0, "cut", 0.0, 9.0)]) <= cut_v[1]


def replace_end(mat, ohms):
    return msgspec.structs.replace(mat, mat=msgspec.structs.replace(mat.mat, end_resistors_ohms=ohms))


def test_faults_do_what_they_are_called():
    rng = np.random.default_rng(5)
    mat = draw_mat(rng, "m", 4, False)
    sensors = SensorArray(mat, replace(draw_traits(rng, mat), **QUIET), rng)
    for begin in range(0, 3000, CHUNK):
        force = np.tile([5.0, 20.0, 9.0, 9.0], (CHUNK, 1))
        sensors.advance((np.arange(CHUNK) + begin) / GRID_HZ, force, np.ones((CHUNK, 4)))
    t_us = np.arange(11_700_000, 11_900_000, 100)
    whole = sensors.volts(0, t_us, [])
    assert np.all(sensors.volts(0, t_us, [Fault(0, "short", 0, 99)]) > 3.2)
    assert np.all(sensors.volts(0, t_us, [Fault(0, "ground", 0, 99)]) == 0.0)
    assert np.array_equal(sensors.volts(0, t_us, [Fault(0, "short", 99, 100)]), whole)
    twin = [Fault(0, "twin", 0, 99, twin=1)]
    assert np.array_equal(sensors.volts(0, t_us, twin), sensors.volts(1, t_us, twin))
    assert not np.array_equal(whole, sensors.volts(1, t_us, []))
