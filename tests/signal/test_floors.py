"""Which low readings of a lead zone count as nothing on it, and how long a load must have lasted to be lost."""

from __future__ import annotations

import numpy as np
import pytest
from test_lead_zone import NOISY_VOLTS, QUIET_VOLTS, REST_N, Sensor, aloft, falls_to


@pytest.mark.parametrize(("share", "is_floor"), [(0.195, True), (0.245, False)])
def test_a_floor_is_four_times_as_high_as_the_other_lead_zones_of_its_mat_at_most(share: float, is_floor: bool) -> None:
    """A cover presses everywhere or nowhere; a limb held still on one bare sensor of four has not left it."""
    sensor = Sensor(mat_floors={1: 0.05, 2: 0.0})
    assert (sensor.lost_s(falls_to(share, 1.0, 20.0)) is not None) is is_floor


@pytest.mark.parametrize(("share", "is_floor"), [(0.105, True), (0.125, False)])
def test_a_floor_is_little_higher_than_the_lowest_level_its_zone_ever_read(share: float, is_floor: bool) -> None:
    sensor = Sensor()
    for t_s, y in sensor.readings(np.concatenate([np.full(50, 0.05 * 0.72), np.ones(500)])):
        sensor.lead.follow(t_s, y)
    assert (sensor.lost_s(falls_to(share, 1.0, 20.0)) is not None) is is_floor


@pytest.mark.parametrize(("carried_s", "seen"), [(0.85, False), (1.2, True)])
def test_a_load_that_lasted_for_a_second_can_be_lost(carried_s: float, seen: bool) -> None:
    sensor = Sensor()
    shares = np.concatenate([np.zeros(50), np.ones(round(carried_s * 25.0)), np.zeros(50)])
    lost = []
    for t_s, y in sensor.readings(shares, 0.0):
        sensor.lead.follow(t_s, y)
        lost.append(sensor.lead.lost(t_s, y))
    assert any(lost) is seen


@pytest.mark.parametrize(("share", "seen"), [(0.1, False), (0.14, True)])
def test_a_zone_that_reads_an_eighth_of_its_rest_is_in_contact_for_certain(share: float, seen: bool) -> None:
    """A touch of a tenth for two seconds, after a lift, says nothing of how the zone is loaded."""
    sensor = Sensor()
    for t_s, y in sensor.readings(np.ones(250)):
        sensor.lead.follow(t_s, y)
    sensor.lead.landed(t_s)
    lost = []
    for t_s, y in sensor.readings(np.concatenate([np.full(50, share), np.zeros(50)])):
        sensor.lead.follow(t_s, y)
        lost.append(sensor.lead.lost(t_s, y))
    assert any(lost) is seen


@pytest.mark.parametrize(("times_noise", "is_floor"), [(2.2, True), (2.85, False)])
def test_what_varies_by_much_more_than_the_sensors_noise_is_held_by_a_muscle(times_noise: float, is_floor: bool) -> None:
    """Rows that go up and down by turns: their mean size, from which noise is learned, is their standard deviation over 1.25."""
    sensor = Sensor()
    rest = up_and_down(sensor, np.ones(250), QUIET_VOLTS)
    held = up_and_down(sensor, falls_to(0.3, 1.0, 4.0), 1.25 * times_noise * QUIET_VOLTS)
    lost = []
    for t_s, y in sensor.readings(np.concatenate([rest, held]), 0.0):
        sensor.lead.follow(t_s, y)
        lost.append(sensor.lead.lost(t_s, y))
    assert any(lost) is is_floor


def up_and_down(sensor: Sensor, shares: np.ndarray, volts: float) -> np.ndarray:
    steep = np.array([sensor.scale.volts_per_newton(0, REST_N * share) for share in shares.tolist()])
    return shares + np.where(np.arange(len(shares)) % 2, 1.0, -1.0) * volts / steep / REST_N


@pytest.mark.parametrize(("share", "is_floor"), [(0.06, True), (0.09, False)])
def test_where_noise_would_hide_a_tremor_only_a_level_near_nothing_is_a_floor(share: float, is_floor: bool) -> None:
    assert (Sensor().lost_s(falls_to(share, 1.0, 60.0), NOISY_VOLTS) is not None) is is_floor


@pytest.mark.parametrize(("share", "wanted_s"), [(0.385, 1.2), (0.395, 2.4)])
def test_how_far_above_the_floor_of_the_lift_before_a_level_is_proved_twice_as_long(share: float, wanted_s: float) -> None:
    lost_s = lost_after_a_floor(0.3, share)
    assert lost_s is not None and wanted_s - 0.1 < lost_s - 1.0 < wanted_s + 0.6


def lost_after_a_floor(floor_share: float, share: float) -> float | None:
    sensor = Sensor()
    aloft(sensor, floor_share)
    for t_s, y in sensor.readings(np.concatenate([np.full(100, floor_share), np.linspace(floor_share, 1.0, 20)])):
        if sensor.lead.aloft(t_s, y, REST_N) is not None:
            break
    sensor.lead.landed(t_s)
    return sensor.lost_s(falls_to(share, 1.0, 10.0))


def test_the_rest_of_a_zone_that_is_loaded_is_known_after_a_second() -> None:
    sensor = Sensor()
    for t_s, y in sensor.readings(np.concatenate([np.zeros(50), np.ones(25)]), 0.0):
        sensor.lead.follow(t_s, y)
    assert sensor.lead.rest_n == pytest.approx(0.635 * REST_N, rel=0.1)


def test_steps_of_the_converter_are_no_tremor() -> None:
    """A sensor so quiet that its codes repeat themselves; pressed by a cover, it sinks by one step every third of a second."""
    sensor = Sensor()
    step_n = 0.000125 / sensor.scale.volts_per_newton(0, 0.3 * REST_N)
    sinking = np.floor(np.arange(250) / 8.0) * step_n / REST_N
    fall = falls_to(0.3, 1.0, 0.0)
    assert sensor.lost_s(np.concatenate([fall, 0.3 - sinking]), 0.0) is not None
