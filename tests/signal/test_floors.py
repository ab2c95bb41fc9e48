"""Which low readings of a lead zone count as nothing on it, and how long a load must have lasted to be lost."""

from __future__ import annotations

import numpy as np
import pytest
from test_lead_zone import Sensor, falls_to


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
