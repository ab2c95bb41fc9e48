"""A zone that cannot be believed is named within a second; its limb goes on with the others or says why not."""

from __future__ import annotations

import numpy as np
import pytest
from practised import announce, cut, lifts, recording

from station.model import Announcement, Fault, PhaseEvent

FROM_S = 5.0


def quiet() -> tuple:
    """Ten quiet seconds of somebody lying still on 16 zones."""
    one = cut(recording("quiet", 7), 10.0)
    return one.mat, one.t_s, one.volts.copy()


def faults(said: list[Announcement], over: bool = False) -> list[Fault]:
    return [item for item in said if isinstance(item, Fault) and item.over == over]


def spoilt(volts: np.ndarray, t_s: np.ndarray, column: int, how: str) -> np.ndarray:
    during = t_s >= FROM_S
    if how == "open":
        volts[during, column] = 0.000125
    elif how == "short":
        volts[during, column] = 3.2995
    elif how == "missing":
        volts[during, column] = np.nan
    elif how == "stuck":
        volts[during, column] = volts[during, column][0]
    elif how == "flickering":
        for start in (0.0, 0.31, 0.7):
            gone = (t_s >= FROM_S + start) & (t_s < FROM_S + start + 0.03)
            volts[gone, column] = 0.0
    return volts


@pytest.mark.parametrize("how", ["open", "short", "missing", "flickering"])
def test_each_fault_is_named_within_a_second(how: str) -> None:
    mat, t_s, volts = quiet()
    column = mat.zone_names.index("foot_l") if "foot_l" in mat.zone_names else 0
    found = faults(announce(mat, t_s, spoilt(volts, t_s, column, how)))
    assert [(fault.kind, fault.zone) for fault in found] == [(how, mat.zone_names[column])]
    assert found[0].reported_at_s - FROM_S <= 1.0
    assert mat.zone_names[column] in found[0].words


def test_a_frozen_reading_is_named_when_its_own_noise_cannot_explain_it() -> None:
    mat, t_s, volts = quiet()
    found = faults(announce(mat, t_s, spoilt(volts, t_s, 1, "stuck")))
    assert [(fault.kind, fault.zone) for fault in found] == [("stuck", mat.zone_names[1])]
    assert found[0].reported_at_s - FROM_S <= 4.0


@pytest.mark.parametrize("step_v", [0.001, 0.01, 0.05])
def test_a_sensor_with_coarse_steps_repeats_itself_and_is_not_stuck(step_v: float) -> None:
    mat, t_s, volts = quiet()
    assert faults(announce(mat, t_s, np.round(volts / step_v) * step_v + np.arange(len(mat.zone)) * 0.000125)) == []


def test_a_healthy_mat_has_no_fault() -> None:
    mat, t_s, volts = quiet()
    assert faults(announce(mat, t_s, volts)) == []


def test_a_quiet_unloaded_sensor_is_not_stuck() -> None:
    mat, t_s, volts = quiet()
    volts[:, 0] = 0.0005
    assert faults(announce(mat, t_s, volts)) == []


def test_two_channels_touching_are_both_named_once_they_move() -> None:
    """Both stand where neither stood before, and each is read with noise of its own."""
    one = recording("clean", 7)
    one = cut(one, one.truth.lifts[0].melt_end)
    feet = [one.mat.zone_names.index("foot_l"), one.mat.zone_names.index("foot_r")]
    volts = one.volts.copy()
    rng = np.random.default_rng(2)
    both = volts[:, feet].mean(axis=1) + 0.4 * np.sin(2.0 * np.pi * 0.1 * one.t_s)
    volts[:, feet] = np.round((both[:, None] + rng.normal(0.0, 3e-4, (len(both), 2))) * 8000) / 8000
    found = faults(announce(one.mat, one.t_s, volts))
    assert {(fault.kind, fault.zone) for fault in found} == {("twin", "foot_l"), ("twin", "foot_r")}


def test_a_fault_that_passes_is_said_to_be_over() -> None:
    mat, t_s, volts = quiet()
    volts[(t_s >= 4.0) & (t_s < 6.0), 0] = np.nan
    said = announce(mat, t_s, volts)
    assert [fault.kind for fault in faults(said)] == ["missing"]
    assert [fault.kind for fault in faults(said, over=True)] == ["missing"]


def test_a_wire_cut_at_rest_is_no_lift() -> None:
    mat, t_s, volts = quiet()
    for column, name in enumerate(mat.zone_names):
        if name.startswith(("foot", "elbow")):
            volts[t_s >= FROM_S, column] = 0.000125
    said = announce(mat, t_s, volts)
    assert lifts(said) == []
    assert [item for item in said if isinstance(item, PhaseEvent) and item.kind == "lift_off"] == []


def test_a_lead_zone_lost_in_mid_lift_voids_the_lift_and_says_so() -> None:
    one = recording("clean", 7)
    lift = one.truth.lifts[0]
    limb = next(limb for limb in one.mat.limb if limb.name == lift.limb)
    aloft_s = (lift.lift_off + lift.touch_down) / 2
    one = cut(one, lift.melt_end + 8.0)
    volts = one.volts.copy()
    volts[one.t_s >= aloft_s, one.mat.columns(limb)[0]] = np.nan
    said = announce(one.mat, one.t_s, volts)
    voids = [item for item in said if isinstance(item, PhaseEvent) and item.kind == "void" and item.limb == lift.limb]
    assert len(voids) == 1
    assert limb.zones[0] in (voids[0].why or "")
    assert [item for item in lifts(said) if item.limb == lift.limb] == []


def test_a_gap_is_a_gap_and_no_boundary_is_invented_in_it() -> None:
    """Four seconds are missing around the end of a melt: its time is null, with the reason."""
    one = recording("clean", 7)
    lift = max(one.truth.lifts, key=lambda lift: lift.melt_end - lift.touch_down)
    begin, end = lift.melt_end - 0.3, lift.melt_end + 3.7
    keep = (one.t_s < begin) | (one.t_s > end)
    said = announce(one.mat, one.t_s[keep], one.volts[keep])
    assert [fault.kind for fault in faults(said) if fault.zone is None] == ["gap"]
    mine = [x for x in lifts(said) if x.limb == lift.limb and abs((x.touch_down or 0.0) - lift.touch_down) < 0.5]
    assert len(mine) == 1
    assert mine[0].melt_end is None
    assert "gap" in mine[0].why_null["melt_end"]
    for item in said:
        if isinstance(item, PhaseEvent) and item.kind == "melt_end":
            assert not begin < item.t_s < end


def test_a_gap_of_many_seconds_gives_the_lift_up() -> None:
    one = recording("clean", 7)
    lift = one.truth.lifts[0]
    middle = (lift.lift_off + lift.touch_down) / 2
    keep = (one.t_s < middle) | (one.t_s > middle + 15.0)
    said = announce(one.mat, one.t_s[keep], one.volts[keep])
    assert any(isinstance(item, PhaseEvent) and item.kind == "void" and item.limb == lift.limb for item in said)
    assert not [x for x in lifts(said) if x.limb == lift.limb and abs((x.lift_off or 0.0) - lift.lift_off) < 1.0]
