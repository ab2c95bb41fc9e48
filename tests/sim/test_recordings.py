"""Labelled recordings have the judged format, repeat with their seed, and each kind really is what it is called."""

from __future__ import annotations

import functools
import gzip
import json

import numpy as np
import pytest

from hardware.mat import load_mat
from hardware.sim import recorder as recordings
from hardware.sim.labels import truth_as_json
from hardware.sim.recorder import KINDS, BadKindError, main
from hardware.sim.truth import EVENTS

make = functools.cache(recordings.make)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_a_whole_recording(kind):
    recording = make(kind, 11)
    assert np.all(np.diff(recording.t_s) > 0)
    assert recording.volts.shape == (len(recording.t_s), len(recording.mat.zone))
    present = recording.volts[~np.isnan(recording.volts)]
    assert present.min() >= 0.0
    assert present.max() <= recording.mat.mat.supply_volts
    assert np.array_equal(present, np.rint(present * 8000) / 8000)
    assert 1.0 / np.median(np.diff(recording.t_s)) == pytest.approx(recording.rate_hz, rel=0.1)
    for lift in recording.truth.lifts:
        assert lift.prepare_start < lift.lift_off < lift.touch_down < lift.melt_end < recording.t_s[-1]
        assert 0.0 < lift.extent <= 1.0
    if kind not in ("quiet", "empty", "standing", "lying"):
        assert recording.truth.lifts


def test_a_recording_repeats_with_its_seed():
    once, again, other = make("small4", 11), recordings.make("small4", 11), recordings.make("small4", 12)
    assert np.array_equal(once.volts, again.volts)
    assert truth_as_json(once) == truth_as_json(again)
    assert truth_as_json(once) != truth_as_json(other)


def test_files_hold_what_was_made(tmp_path, capsys):
    main([str(tmp_path), "--kind", "noisy", "--seed", "11", "--count", "1"])
    assert capsys.readouterr().out.split() == [str(tmp_path / "noisy-011.csv.gz")]
    made = make("noisy", 11)
    assert load_mat(tmp_path / "noisy-011.mat.toml") == made.mat
    with gzip.open(tmp_path / "noisy-011.csv.gz", "rt") as file:
        assert file.readline().strip().split(",") == ["time_s", *made.mat.zone_names]
        rows = np.genfromtxt(file, delimiter=",")
    assert np.array_equal(rows[:, 0], np.round(made.t_s, 4))
    assert np.array_equal(rows[:, 1:], made.volts, equal_nan=True)
    truth = json.loads((tmp_path / "noisy-011.truth.json").read_text())
    assert list(truth) == ["mat", "family", "duration_s", "rate_hz", "lifts", "repetitions", "unweightings", "ignore"]
    assert [lift["limb"] for lift in truth["lifts"]] == [lift.limb for lift in made.truth.lifts]
    for written, lift in zip(truth["lifts"], made.truth.lifts, strict=True):
        assert [written[event] for event in EVENTS] == pytest.approx([getattr(lift, event) for event in EVENTS], abs=1e-4)
        assert truth["repetitions"][written["repetition"]]["limbs"].count(written["limb"]) == 1


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(BadKindError, match="no such kind of recording: 'easy'; there are clean, "):
        make("easy", 1)


def aloft_share(recording):
    """Lead zone's volts while aloft, as share of those before."""
    out = []
    for lift in recording.truth.lifts:
        limb = next(limb for limb in recording.mat.limb if limb.name == lift.limb)
        lead = recording.volts[:, recording.mat.columns(limb)[0]]
        resistor = recording.mat.zone[recording.mat.columns(limb)[0]].resistor_ohms
        siemens = lead / (resistor * (3.3 - lead))
        rest = np.nanmedian(siemens[(recording.t_s > lift.prepare_start - 2) & (recording.t_s < lift.prepare_start - 1)])
        middle = 0.5 * (lift.lift_off + lift.touch_down)
        out.append(np.nanmedian(siemens[np.abs(recording.t_s - middle) < 0.2]) / rest)
    return np.array(out)


def test_preload_leaves_10_to_30_percent_of_the_reading_aloft():
    shares = np.concatenate([aloft_share(make("preload", seed)) for seed in (11,)])
    assert shares.min() > 0.06
    assert shares.max() < 0.4
    assert aloft_share(make("clean", 11)).max() < 0.03


def test_kinds_are_what_they_are_called():
    assert all(len(make("half", seed).truth.unweightings) >= 1 for seed in (11,))
    assert {repetition.kind for repetition in make("full", 11).truth.repetitions} == {"full"}
    assert make("quiet", 11).truth.lifts == ()
    assert len(make("small4", 11).mat.zone) == 4
    assert make("slow30", 11).rate_hz == 30.0
    assert np.diff(make("gaps", 11).t_s).max() >= 0.3
    assert np.ptp([lift.settled_ratio for seed in (11, 12) for lift in make("residual", seed).truth.lifts]) > 0.2
    assert len(make("loosewire", 11).truth.faults) >= 1
    early = make("early", 11)
    assert early.truth.lifts[0].prepare_start - early.truth.ignore[0][1] < 9.0


def test_events_in_a_gap_are_not_judged():
    judged = hidden = 0
    for seed in range(4):
        recording = make("gaps", seed)
        holes = [(a, b) for a, b in zip(recording.t_s[:-1], recording.t_s[1:], strict=True) if b - a > 0.25]
        for i, lift in enumerate(recording.truth.lifts):
            for event in EVENTS:
                inside = any(a < getattr(lift, event) < b for a, b in holes)
                hidden += inside
                judged += not inside
                assert not inside or event in recording.uncertain[i]
    assert hidden > 0
    assert judged > hidden


def test_times_are_not_judged_while_the_lead_zones_wire_is_bad():
    hidden = 0
    for seed in range(105, 108):
        recording = make("loosewire", seed)
        lead = {limb.name: limb.zones[0] for limb in recording.mat.limb}
        for fault in recording.truth.faults:
            for i, lift in enumerate(recording.truth.lifts):
                if lead[lift.limb] in (fault.zone, fault.twin):
                    inside = [event for event in EVENTS if fault.start <= getattr(lift, event) <= fault.end]
                    assert set(inside) <= set(recording.uncertain.get(i, ()))
                    hidden += len(inside)
    assert hidden > 0
