"""A simulated mat is a person on sensors: repeatable, within the supply, quiet at rest, cheap in memory however long it runs."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.sim.body import REMEMBERED_STEPS, SimulatedMat
from hardware.sim.draft import draw_mat
from hardware.sim.script import Away, GetUp, LieDown, LiftLimb, Rest, Script, WireFault, practice_script
from hardware.sim.sensors import draw_traits


def mat_of(zones=16, seed=1):
    return draw_mat(np.random.default_rng(seed), "m", zones, False)


def frames(body, times):
    return np.array([[body.volts(zone.chip, zone.pin, float(t)) for zone in body.mat.zone] for t in times])


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1 << 30), zones=st.sampled_from([4, 8, 16]))
def test_volts_stay_within_the_supply_and_repeat_with_the_seed(seed, zones):
    times = np.sort(np.random.default_rng(seed).uniform(0.0, 40.0, 150))
    mat = mat_of(zones)
    once, again = (frames(SimulatedMat(mat, practice_script(), seed), times) for _ in range(2))
    assert np.array_equal(once, again)
    assert once.min() >= 0.0
    assert once.max() <= mat.mat.supply_volts
    assert not np.array_equal(once, frames(SimulatedMat(mat, practice_script(), seed + 1), times))


def test_one_channel_at_a_time_reads_what_all_at_once_read():
    mat = mat_of()
    t_us = np.arange(0, 20_000_000, 10_000)[:, None] + np.array([zone.pin * 1250 for zone in mat.zone])
    whole = SimulatedMat(mat, practice_script(), 3).volts_at(t_us)
    single = SimulatedMat(mat, practice_script(), 3)
    for row, times in zip(whole, t_us, strict=True):
        assert [
            single.volts(zone.chip, zone.pin, t / 1e6) for zone, t in zip(mat.zone, times.tolist(), strict=True)
        ] == row.tolist()


def test_the_times_asked_for_do_not_change_what_happens():
    mat = mat_of(4)
    often, seldom = SimulatedMat(mat, practice_script(), 9), SimulatedMat(mat, practice_script(), 9)
    frames(often, np.arange(0.0, 40.0, 0.05))
    assert np.array_equal(frames(often, [40.0, 41.0]), frames(seldom, [40.0, 41.0]))


def test_looking_back_a_little_shows_what_was_there():
    """Reading ahead and then 0.15 s back gives the same volts as reading at once: nothing is held over or made up between."""
    mat = mat_of(4)
    direct, back = SimulatedMat(mat, practice_script(), 9), SimulatedMat(mat, practice_script(), 9)
    for t in np.arange(5.0, 40.0, 0.37):
        frames(back, [t + 0.15])
        assert np.array_equal(frames(direct, [t]), frames(back, [t]))


def test_each_channel_has_noise_of_its_own():
    mat = mat_of(8)
    traits = replace(draw_traits(np.random.default_rng(2), mat), mains_v=np.zeros(8))
    body = SimulatedMat(mat, Script(((Rest(60.0),),)), 12, traits=traits)
    volts = body.volts_at(np.repeat(np.arange(5_000_000, 45_000_000, 10_000)[:, None], 8, axis=1))
    alike = np.corrcoef(np.diff(volts, 2, axis=0).T) - np.eye(8)
    assert np.abs(alike).max() < 0.2


def test_an_unused_pin_reads_nothing():
    assert SimulatedMat(mat_of(4), practice_script(), 1).volts(0x4B, 3, 1.0) == 0.0


def test_an_empty_mat_reads_next_to_nothing_and_a_body_reads_volts():
    mat = mat_of()
    body = SimulatedMat(mat, Script(((Away(5.0),), (LieDown(5.0),), (Rest(20.0),))), 4)
    assert frames(body, np.arange(1.0, 4.0, 0.1)).max() < 0.05
    assert frames(body, np.arange(14.0, 20.0, 0.1)).min() > 0.5


def test_who_has_gone_stays_away_when_the_script_is_over():
    body = SimulatedMat(mat_of(), Script(((Rest(3.0),), (GetUp(3.0),))), 4)
    assert frames(body, np.arange(7.0, 80.0, 1.0)).max() < 0.05
    body = SimulatedMat(mat_of(), Script(((Rest(3.0),),)), 4)
    assert frames(body, np.arange(7.0, 80.0, 1.0)).min() > 0.3


def test_rest_is_breath_and_noise_and_nothing_else():
    """Lying still: noise is white (no colour above breath and heart), and breath below 1 Hz is what moves the trunk."""
    mat = mat_of()
    body = SimulatedMat(mat, Script(((Rest(90.0),),)), 12)
    volts = body.volts_at(np.repeat(np.arange(5_000_000, 85_000_000, 10_000)[:, None], 16, axis=1))
    power = np.abs(np.fft.rfft(volts - volts.mean(axis=0), axis=0)) ** 2
    hz = np.fft.rfftfreq(len(volts), 0.01)
    trunk = [i for i, name in enumerate(mat.zone_names) if name.startswith(("chest", "belly", "pelvis"))]
    for column in trunk:
        assert power[(hz > 0.1) & (hz < 1.0), column].sum() > power[hz >= 1.0, column].sum() * 0.2
    high = [power[(hz >= low) & (hz < low + 10), :].mean(axis=0) for low in (15.0, 25.0, 35.0)]
    spread = np.array(high).max(axis=0) / np.array(high).min(axis=0)
    assert np.median(spread) < 2.0
    assert volts.std(axis=0).max() < 0.15


def test_truth_holds_what_is_over_and_nothing_of_what_is_to_come():
    script = Script(((Rest(5.0),), (LiftLimb("leg_l"),), (Rest(5.0),), (LiftLimb("arm_r"),), (Rest(9.0),)))
    body = SimulatedMat(mat_of(), script, 2)
    body.volts(0x48, 0, 12.0)
    assert body.truth.lifts == ()
    body.volts(0x48, 0, 22.0)
    assert [lift.limb for lift in body.truth.lifts] == ["leg_l"]
    body.volts(0x48, 0, 45.0)
    assert [(lift.limb, lift.repetition) for lift in body.truth.lifts] == [("leg_l", 0), ("arm_r", 1)]


def test_a_lead_zone_reads_least_between_true_lift_off_and_touch_down():
    script = Script(((Rest(6.0),), (LiftLimb("arm_l", melt_s=6.0),), (Rest(9.0),)))
    body = SimulatedMat(mat_of(), script, 6)
    times = np.arange(0.0, 28.0, 0.02)
    elbow = frames(body, times)[:, list(body.mat.zone_names).index("elbow_l")]
    (lift,) = body.truth.lifts
    aloft = (times > lift.lift_off + 0.6) & (times < lift.touch_down)
    assert elbow[aloft].max() < 0.05 * elbow[times < 5.0].mean()
    assert elbow[times > lift.melt_end + 0.5].min() > 0.5 * elbow[times < 5.0].mean()


def test_a_wire_broken_by_hand_or_by_script_reads_zero_until_it_is_mended():
    body = SimulatedMat(mat_of(), Script(((Rest(5.0),), (WireFault("belly", "cut", 2.0),), (Rest(9.0),))), 8)
    belly = next(zone for zone in body.mat.zone if zone.name == "belly")
    reads = [body.volts(belly.chip, belly.pin, t) for t in (4.0, 6.0, 8.0)]
    assert reads[1] < 0.01 < min(reads[0], reads[2])
    body.fail("belly", "short")
    assert body.volts(belly.chip, belly.pin, 8.5) > 3.1
    body.mend("belly")
    assert body.volts(belly.chip, belly.pin, 9.0) == pytest.approx(reads[2], abs=0.3)


def test_memory_does_not_grow_with_practice():
    """Everything the mat holds, written out as bytes, once the remembered steps are full and hours of practice later."""
    body = SimulatedMat(mat_of(4), practice_script().faster(16.0), 5)
    sizes = []
    for laps in (18, 36):
        body.volts(0x48, 0, laps * practice_script().lasts_s / 16.0)
        sizes.append(len(pickle.dumps(body)))
    assert 18 * len(practice_script().steps) > REMEMBERED_STEPS
    assert sizes[1] < sizes[0] * 1.05
    assert sizes[1] < 3_000_000


def test_the_default_practice_shows_arm_leg_and_full_and_begins_again():
    body = SimulatedMat(mat_of(), practice_script().faster(2.0), 7)
    body.volts(0x48, 0, practice_script().lasts_s)
    kinds = {repetition.kind for repetition in body.truth.repetitions}
    assert kinds == {"arm", "leg", "full"}
    assert len(body.truth.ignore) >= 3
