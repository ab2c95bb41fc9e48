"""What no sensor, converter or body can give is not believed: each guard at its edge."""

from __future__ import annotations

import numpy as np
import pytest
from practised import announce, lifts, recording

from hardware.calibration import ZoneCalibration
from hardware.frames import FrameBlock
from hardware.mats import find_mat
from station.model import Fault
from station.signal.detector import Detector
from station.signal.loads import ForceScale


def missing(volts: float) -> bool:
    """Whether a zone that reads so much for two seconds is called missing."""
    mat, _ = find_mat("small-4")
    t_s = np.arange(0.0, 4.0, 0.02)
    read = 1.0 + 0.05 * np.sin(2.0 * np.pi * t_s)[:, None] * np.ones(len(mat.zone))
    read[t_s > 2.0, 1] = volts
    named = [item for item in announce(mat, t_s, read) if isinstance(item, Fault) and item.kind == "missing"]
    return [fault.zone for fault in named] == [mat.zone_names[1]]


@pytest.mark.parametrize(("volts", "believed"), [(5.0, True), (7.0, False), (-7.0, False)])
def test_what_no_converter_can_read_is_no_reading(volts: float, believed: bool) -> None:
    assert missing(volts) is not believed


def test_a_zone_at_the_full_supply_carries_a_persons_whole_weight_twice_and_no_more() -> None:
    mat, _ = find_mat("small-4")
    force = ForceScale(mat, {}).force(np.full(len(mat.zone), mat.mat.supply_volts))
    assert force == pytest.approx(2000.0, rel=0.2)


def loads_after_a_step(creep_per_decade: float) -> np.ndarray:
    """Newtons of calibrated zones whose load has just doubled."""
    mat, _ = find_mat("small-4")
    zones = {
        name: ZoneCalibration(zone=name, k=4.5e-5, gamma=1.0, residual=0.0, creep_per_decade=creep_per_decade, made_wall_s=0.0)
        for name in mat.zone_names
    }
    detector = Detector(mat, zones)
    t_s = np.arange(0.0, 12.0, 0.02)
    newtons = np.where(t_s < 10.0, 10.0, 20.0) * (1.0 + 0.02 * np.sin(2.0 * np.pi * 0.25 * t_s))
    siemens = 4.5e-5 * newtons * 1e4
    detector.feed(FrameBlock(t_s, mat.mat.supply_volts * (siemens / (1.0 + siemens))[:, None] * np.ones(len(mat.zone))))
    return np.array(detector.live.loads.load_n, float)


def test_a_calibration_is_believed_to_creep_by_a_fifth_per_decade_at_most() -> None:
    """With a third nothing would be left of a load that has just come."""
    most = loads_after_a_step(0.2)
    assert np.all(most > 1.02 * loads_after_a_step(0.17))
    assert loads_after_a_step(0.24) == pytest.approx(most)


@pytest.mark.parametrize(("gap_s", "kept"), [(5.3, True), (6.8, False)])
def test_a_lift_that_ended_in_a_gap_is_kept_after_six_seconds_at_most(gap_s: float, kept: bool) -> None:
    one = recording("clean", 7)
    lift = one.truth.lifts[0]
    gap = (one.t_s > lift.touch_down - 0.1) & (one.t_s < lift.touch_down - 0.1 + gap_s)
    said = announce(one.mat, one.t_s[~gap], one.volts[~gap])
    mine = [x for x in lifts(said) if x.limb == lift.limb and abs((x.lift_off or 0.0) - lift.lift_off) < 1.0]
    assert len(mine) == kept
    if kept:
        assert mine[0].touch_down_sd is not None and mine[0].touch_down_sd > 1.0
