"""What changes slowly is no movement, a zone left empty stops nobody, and a cut wire is no lift on a mat without end resistors."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from practised import announce, cut, lifts, recording
from test_presence import volts_of

from hardware.mat import Mat
from hardware.mats import find_mat
from station.model import Announcement, Fault, PhaseEvent
from station.signal.params import Parameters
from station.signal.silent import came_back

LONG_S = 150.0
FROM_S, UNTIL_S = 40.0, 60.0


def lying(seed: int = 5) -> tuple[Mat, np.ndarray, np.ndarray]:
    """Somebody who only breathes: mat, times (n,), forces (n, zones) in newtons."""
    mat, _ = find_mat("full-16")
    rng = np.random.default_rng(seed)
    t_s = np.arange(0.0, LONG_S, 0.02)
    breath = 1.0 + 0.01 * np.sin(2 * np.pi * 0.25 * t_s)[:, None]
    rest_n = rng.uniform(8.0, 40.0, len(mat.zone))
    return mat, t_s, rest_n * breath * (1.0 + rng.normal(0, 0.001, (len(t_s), len(mat.zone))))


def lift_offs(said: list[Announcement]) -> list[PhaseEvent]:
    return [item for item in said if isinstance(item, PhaseEvent) and item.kind == "lift_off"]


@pytest.mark.parametrize("share", [1.0, 1.3, 0.75])
def test_sensors_that_warm_up_or_creep_while_somebody_lies_still_are_no_lift(share: float) -> None:
    mat, t_s, force_n = lying()
    said = announce(mat, t_s, volts_of(mat, force_n * np.linspace(1.0, share, len(t_s))[:, None]))
    assert lifts(said) == [] and lift_offs(said) == []
    assert not [item for item in said if isinstance(item, Fault)]


@pytest.mark.parametrize("gone_after_s", [1.0, 20.0])
def test_a_zone_somebody_slid_off_for_good_stops_nothing(gone_after_s: float) -> None:
    """The lead zone ends at nothing and stays there; what the other limbs do is judged as before."""
    mat, t_s, force_n = lying()
    limb = mat.limb[0]
    column = mat.columns(limb)[0]
    force_n[:, column] *= np.clip(1.0 - (t_s - 30.0) / gone_after_s, 0.0, 1.0)
    said = announce(mat, t_s, volts_of(mat, force_n))
    assert [item.limb for item in lift_offs(said) if item.limb != limb.name] == []
    assert [lift.limb for lift in lifts(said) if lift.limb != limb.name] == []


@pytest.mark.parametrize("noise_v", [0.0004, 0.003])
def test_a_zone_that_nothing_lies_on_is_never_aloft(noise_v: float) -> None:
    """Somebody's foot lies beside its sensor, which reads nothing but noise."""
    mat, t_s, force_n = lying()
    limb = mat.limb[-1]
    for column in mat.columns(limb):
        force_n[:, column] = 0.0
    mat = bare(mat)
    volts = np.abs(volts_of(mat, force_n) + np.random.default_rng(8).normal(0.0, noise_v, force_n.shape))
    said = announce(mat, t_s, volts)
    assert [item for item in said if isinstance(item, PhaseEvent) and item.limb == limb.name] == []


def bare(mat: Mat) -> Mat:
    """The same mat without end resistors: a zone in the air and a cut wire read the same nothing."""
    return msgspec.structs.replace(mat, mat=msgspec.structs.replace(mat.mat, end_resistors_ohms=None))


def away(t_s: np.ndarray, left_share: float) -> np.ndarray:
    """Gain of a zone that loses this share of its load within three seconds, and has it back 20 s later."""
    down = np.clip((t_s - FROM_S) / 3.0, 0.0, 1.0) - np.clip((t_s - UNTIL_S) / 3.0, 0.0, 1.0)
    return 1.0 - left_share * down * down * (3.0 - 2.0 * down)


@pytest.mark.parametrize("trembles", [True, False])
def test_a_limb_held_at_a_third_of_its_load_trembles_and_a_pressed_sensor_does_not(trembles: bool) -> None:
    """The lead zone's load is the same; where a muscle holds it, it is uneasy."""
    mat, t_s, force_n = lying()
    limb = mat.limb[-1]
    lead, *others = mat.columns(limb)
    rest_n = float(force_n[:, lead].mean())
    held = (t_s > FROM_S) & (t_s < UNTIL_S + 3.0)
    force_n[:, lead] = np.where(held, rest_n * away(t_s, 0.7), force_n[:, lead])
    force_n[:, others] *= away(t_s, 0.8)[:, None]
    rng = np.random.default_rng(4)
    force_n[:, lead] += rest_n * np.where(held & trembles, 0.005, 0.0) * rng.normal(0.0, 1.0, len(t_s))
    said = announce(bare(mat), t_s, volts_of(mat, force_n) + rng.normal(0.0, 0.0003, force_n.shape))
    assert [lift.limb for lift in lifts(said)] == ([] if trembles else [limb.name])


def test_a_lead_zone_that_fails_in_the_air_does_not_leave_its_limb_there() -> None:
    """The foot's wire breaks while the leg is up; knee and thigh tell that it came down, roughly."""
    mat, t_s, force_n = lying()
    limb = mat.limb[-1]
    lead, *others = mat.columns(limb)
    force_n[:, lead] *= np.where(t_s < 50.0, away(t_s, 1.0), 0.0)
    force_n[:, others] *= away(t_s, 0.8)[:, None]
    (lift,) = lifts(announce(bare(mat), t_s, volts_of(mat, force_n)))
    assert lift.limb == limb.name
    assert lift.touch_down is not None and lift.touch_down_sd is not None
    assert abs(lift.touch_down - UNTIL_S) < 2.0 * lift.touch_down_sd < 6.0
    assert lift.melt_end is None and limb.zones[0] in lift.why_null["melt_end"]


@pytest.mark.parametrize(("left", "back", "after_s", "known"), [
    (0.8, 1.0, 30.0, True), (0.8, 0.9, 30.0, True), (0.8, 1.0, 5.0, False), (0.8, 1.0, 9.0, False),
    (0.8, 0.7, 60.0, False), (0.17, 1.0, 60.0, False), (0.24, 1.0, 60.0, True),
])  # fmt: skip
def test_other_zones_tell_of_a_touch_down_only_when_they_left_and_are_back_for_long(
    left: float, back: float, after_s: float, known: bool
) -> None:
    t_s = np.arange(0.0, 20.0 + after_s, 0.04)
    load = np.where(t_s < 20.0, 1.0 - left, np.minimum(back, 1.0 - left + (t_s - 20.0)))
    found = came_back(t_s, 30.0 * load, 30.0, Parameters())
    assert (found is not None) is known
    if found is not None:
        assert abs(found.t_s - 20.0) <= found.sd_s


def test_a_touch_down_that_only_other_zones_told_is_never_surer_than_half_a_second() -> None:
    t_s = np.arange(0.0, 50.0, 0.04)
    found = came_back(t_s, np.where(t_s < 20.0, 6.0, 30.0), 30.0, Parameters())
    assert found is not None and found.sd_s == pytest.approx(0.5, rel=0.2)


def test_a_wire_cut_on_a_mat_without_end_resistors_is_named_and_no_lift() -> None:
    """There a cut wire and an unloaded zone read the same nothing; what tells them apart is how they got there."""
    one = cut(recording("quiet", 7), 10.0)
    mat = msgspec.structs.replace(one.mat, mat=msgspec.structs.replace(one.mat.mat, end_resistors_ohms=None))
    volts = one.volts.copy()
    middle_s = (one.t_s[0] + one.t_s[-1]) / 2
    lead = mat.limb[0].zones[0]
    volts[one.t_s >= middle_s, mat.zone_names.index(lead)] = 0.0
    said = announce(mat, one.t_s, volts)
    named = [item for item in said if isinstance(item, Fault) and not item.over]
    assert [(fault.kind, fault.zone) for fault in named] == [("open", lead)]
    assert named[0].reported_at_s - middle_s <= 1.0
    assert lifts(said) == []
    assert not [item for item in said if isinstance(item, PhaseEvent) and item.kind == "lift_off"]


def test_a_reading_that_is_missing_tells_nothing() -> None:
    t_s = np.arange(0.0, 60.0, 0.04)
    load = np.where(t_s < 20.0, 6.0, 30.0)
    load[100] = np.nan
    assert came_back(t_s, load, 30.0, Parameters()) is None


def test_what_presses_on_a_bare_lead_zone_is_no_load_of_the_limb() -> None:
    """A limb of one zone leaves with all its load, however much the cover goes on pressing on that zone."""
    made = recording("robot", 3)
    found = lifts(announce(made.mat, made.t_s, made.volts))
    assert len(found) >= 3
    assert [lift.extent for lift in found] == pytest.approx([1.0] * len(found), abs=0.02)
