"""Kinds that show what real sensors and slow practice are like really show it."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from hardware.frames import codes_from_volts
from hardware.sim import recorder as recordings
from hardware.sim.labels import Recording
from hardware.sim.truth import TrueLift

make = functools.cache(recordings.make)
SEEDS = (11, 12)


def lifts(kind: str) -> list[TrueLift]:
    return [lift for seed in SEEDS for lift in make(kind, seed).truth.lifts]


def lead_column(recording: Recording, lift: TrueLift) -> int:
    return recording.mat.columns(next(limb for limb in recording.mat.limb if limb.name == lift.limb))[0]


def siemens(recording: Recording, column: int) -> np.ndarray:
    volts, zone = recording.volts[:, column], recording.mat.zone[column]
    return volts / (zone.resistor_ohms * (recording.mat.mat.supply_volts - volts))


def rests(recording: Recording) -> np.ndarray:
    """Conductance of each zone before the first movement."""
    before = recording.t_s < recording.truth.lifts[0].prepare_start - 0.5
    return np.array([np.nanmedian(siemens(recording, column)[before]) for column in range(len(recording.mat.zone))])


def test_slow_lifts_last_as_long_as_they_like() -> None:
    assert min(lift.touch_down - lift.lift_off for lift in lifts("slow")) > 10.0
    assert max(lift.lift_off - lift.prepare_start for lift in lifts("slow")) > 10.0
    assert max(lift.touch_down - lift.lift_off for lift in lifts("glacial")) > 90.0
    assert max(lift.melt_end - lift.touch_down for lift in lifts("glacial")) > 30.0


def test_held_unweightings_keep_contact_at_13_to_42_percent() -> None:
    levels = []
    for seed in SEEDS:
        recording = make("held", seed)
        for held in recording.truth.unweightings:
            column = recording.mat.columns(next(limb for limb in recording.mat.limb if limb.name == held.limb))[0]
            reading = siemens(recording, column)
            inside = (recording.t_s > held.start) & (recording.t_s < held.end)
            before = (recording.t_s > held.start - 2.0) & (recording.t_s < held.start - 0.5)
            levels.append(float(np.nanpercentile(reading[inside], 5) / np.nanmedian(reading[before])))
    assert len(levels) >= 6
    assert min(levels) > 0.05 and max(levels) < 0.65
    assert np.median(levels) < 0.5  # hysteresis adds up to a fifth


def test_velostat_creeps_by_more_than_a_tenth_after_landing_and_never_reads_nothing() -> None:
    recording = make("robot", 11)
    for lift in recording.truth.lifts[:-1]:
        reading = siemens(recording, lead_column(recording, lift))
        aloft = (recording.t_s > lift.lift_off + 1.0) & (recording.t_s < lift.touch_down - 1.0)
        assert np.nanmin(reading[aloft]) > 0.0
    quiet = (recording.t_s > 0.2) & (recording.t_s < 5.0)
    assert recording.rate_hz <= 30.0
    assert np.isfinite(recording.volts[quiet]).all()


def test_a_coarse_quiet_amplifier_repeats_itself_for_seconds_and_reads_exactly_zero() -> None:
    longest_s, zeros = 0.0, 0
    for seed in SEEDS:
        recording = make("coarse", seed)
        for lift in recording.truth.lifts:
            codes = codes_from_volts(recording.volts[:, lead_column(recording, lift)])
            changes = recording.t_s[1:][np.diff(codes) != 0]
            longest_s = max(longest_s, float(np.diff(changes).max()))
            zeros += int((codes == 0).sum())
    assert longest_s > 2.0
    assert zeros > 100


def test_rests_are_unequal_by_two() -> None:
    recording = make("unequal", 11)
    names, level = recording.mat.zone_names, rests(recording)
    ratios = [level[i] / level[names.index(name[:-1] + "r")] for i, name in enumerate(names) if name.endswith("_l")]
    ratio = float(np.median(ratios))
    assert 1.4 < max(ratio, 1.0 / ratio) < 3.0


def test_off_the_mark_the_lead_zones_read_a_share() -> None:
    usual = np.median([np.median(rests(make("clean", seed))[[0]]) for seed in SEEDS])
    for kind, most in (("offmark", 0.9), ("offmark4", 0.9), ("faint", 0.35), ("faint4", 0.35)):
        leads = []
        for seed in SEEDS:
            recording = make(kind, seed)
            level = rests(recording)
            leads += [level[recording.mat.columns(limb)[0]] for limb in recording.mat.limb]
        assert np.median(leads) < most * usual, kind
    assert len(make("offmark4", 11).mat.zone) == len(make("faint4", 11).mat.zone) == 4


def test_a_soft_landing_stays_below_the_break_force() -> None:
    late_s = []
    for seed in SEEDS:
        recording = make("linger", seed)
        for lift in recording.truth.lifts:
            reading = siemens(recording, lead_column(recording, lift))
            rest = np.nanmedian(reading[(recording.t_s > lift.prepare_start - 2.0) & (recording.t_s < lift.prepare_start - 0.5)])
            after = recording.t_s > lift.touch_down
            late_s.append(float(recording.t_s[after][np.argmax(reading[after] > 0.05 * rest)] - lift.touch_down))
    assert np.percentile(late_s, 90) > 0.15


def test_a_resistor_nobody_wrote_down_is_not_in_the_mat_file() -> None:
    named = {zone.resistor_ohms for seed in SEEDS for zone in make("unknown", seed).mat.zone}
    assert named <= {3300.0, 4700.0, 6800.0, 10000.0}
    assert all(zone.k is None for zone in make("unknown", 11).mat.zone)


def test_saturated_sensors_hide_most_of_a_load() -> None:
    heavy, usual = rests(make("saturated", 11)), rests(make("clean", 11))
    assert np.ptp(np.log(heavy)) < np.ptp(np.log(usual))


@pytest.mark.parametrize("kind", ["cutbefore", "cutduring"])
def test_a_cut_wire_stays_cut(kind: str) -> None:
    for seed in SEEDS:
        recording = make(kind, seed)
        (fault,) = recording.truth.faults
        column = recording.mat.zone_names.index(fault.zone)
        assert np.nanmax(recording.volts[recording.t_s > fault.start + 0.1, column]) < 0.02
        inside = [lift for lift in recording.truth.lifts if lift.prepare_start < fault.start < lift.melt_end]
        assert len(inside) == (1 if kind == "cutduring" else 0)


@pytest.mark.parametrize("kind", ["standing", "lying"])
def test_whoever_stands_or_lies_still_lifts_nothing(kind: str) -> None:
    recording = make(kind, 11)
    assert recording.truth.lifts == () and recording.t_s[-1] > 90.0
