"""Judging: the definitions, by hand on small cases; and the same numbers as the scorer recordings are accepted with."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from hardware.mat import Mat
from hardware.mats import find_mat
from hardware.sim.labels import Recording, write
from hardware.sim.recorder import make
from hardware.sim.truth import EVENTS, TrueLift, TrueRepetition, TrueUnweighting, Truth
from station.analysis.accuracy import Score, score, tolerance_s
from station.analysis.labelled import TruthFileError, labelled_names, read_labelled
from station.analysis.replay import lift_line
from station.bench.baselines import threshold
from station.bench.practice_sets import shared_folder
from station.model import Lift, PhaseEvent


def mat() -> Mat:
    return find_mat("full-16")[0]


def lift(
    limb: str = "arm_l", at: float = 20.0, prepare: float = 2.0, aloft: float = 5.0, melt: float = 4.0, repetition: int = 0
) -> TrueLift:
    kind = limb.split("_")[0]
    return TrueLift(limb, kind, at - prepare, at, at + aloft, at + aloft + melt, 0.8, 1.0, repetition)


def recording(*lifts: TrueLift, **changes: object) -> Recording:
    kinds = {one.repetition: one.kind_of_limb for one in lifts}
    repetitions = tuple(
        TrueRepetition("full" if sum(one.repetition == n for one in lifts) > 1 else kind, ()) for n, kind in sorted(kinds.items())
    )
    truth = Truth(lifts, repetitions)
    t_s = np.arange(0.0, 100.0, 0.1)
    plain = Recording("hand", "hand", mat(), 10.0, t_s, np.zeros((len(t_s), 16)), truth)
    return replace(plain, **changes)  # type: ignore[arg-type]


def report(true: TrueLift, late_s: float = 0.3, sd_s: float = 0.1, **off_s: float) -> Lift:
    times = {event: getattr(true, event) + off_s.get(event, 0.0) for event in EVENTS}
    said = {event: max(times[event], getattr(true, event)) + late_s for event in EVENTS[1:]}
    sds = {f"{event}_sd": sd_s for event in EVENTS}
    return Lift(true.limb, "lift", "limb", reported_at=said, extent=true.extent + 0.05, **times, **sds)


def test_a_report_without_error_is_a_hit_in_everything() -> None:
    one = lift()
    judged = score(recording(one), [report(one)])
    assert (judged.lifts, judged.found, judged.false) == (1, 1, 0)
    assert [judged.within(event) for event in (*EVENTS, "all")] == [1.0] * 5
    assert judged.error_s("touch_down") == 0.0
    assert judged.late_s("lift_off") == pytest.approx(0.3)
    assert judged.extent_error == pytest.approx(0.05)


def test_a_missed_lift_fails_every_tolerance() -> None:
    judged = score(recording(lift()), [])
    assert (judged.found, judged.recall, judged.within("all"), judged.within("melt_end")) == (0, 0.0, 0.0, 0.0)


def test_another_limb_or_a_time_that_is_not_shared_is_false() -> None:
    one = lift()
    assert score(recording(one), [replace(report(one), limb="arm_r")]).false == 1
    far = report(one, lift_off=4.0, touch_down=20.0)
    judged = score(recording(one), [far])
    assert (judged.found, judged.false, judged.doubled) == (0, 1, 1)


def test_a_second_report_of_a_lift_is_false() -> None:
    one = lift()
    judged = score(recording(one), [report(one), report(one, touch_down=-1.0)])
    assert (judged.found, judged.false, judged.doubled) == (1, 1, 1)
    assert judged.errors["touch_down"] == [0.0], "the better one is the match"


def test_what_lies_in_a_stretch_to_ignore_or_belongs_to_an_optional_lift_counts_neither_way() -> None:
    one = lift()
    empty = recording()
    ignored = replace(empty, truth=replace(empty.truth, ignore=((19.0, 24.0),)))
    assert score(ignored, [report(one)]).false == 0
    optional = recording(one, optional=frozenset({0}))
    judged = score(optional, [report(one)])
    assert (judged.lifts, judged.found, judged.false) == (0, 0, 0)


def test_an_unweighting_reported_as_a_lift_is_false() -> None:
    empty = recording()
    held = replace(empty, truth=replace(empty.truth, unweightings=(TrueUnweighting("arm_l", 19.0, 26.0, 0.5),)))
    judged = score(held, [report(lift())])
    assert (judged.false, judged.unweighted) == (1, 1)
    assert score(held, [replace(report(lift()), kind="unweighting")]).false == 0


def test_slow_phases_allow_more() -> None:
    slow = lift(prepare=30.0, at=40.0, melt=45.0)
    assert tolerance_s(lift(), "lift_off") == 0.2
    assert tolerance_s(slow, "lift_off") == pytest.approx(0.4)
    assert tolerance_s(slow, "melt_end") == pytest.approx(3.0)


def test_moments_nobody_could_see_are_not_judged() -> None:
    one = lift()
    judged = score(recording(one, uncertain={0: ("melt_end",)}), [report(one, melt_end=30.0)])
    assert judged.judged["melt_end"] == judged.judged["all"] == 0
    assert judged.within("touch_down") == 1.0


def test_deviations_are_counted_in_reported_standard_deviations() -> None:
    one = lift()
    judged = score(recording(one), [report(one, sd_s=0.1, lift_off=0.15, touch_down=0.05)])
    assert (judged.inside("lift_off", 1.0), judged.inside("lift_off", 2.0)) == (0.0, 1.0)
    assert judged.inside("touch_down", 1.0) == 1.0


def test_an_arm_and_the_opposite_leg_that_overlap_are_one_repetition() -> None:
    arm, leg = lift("arm_l"), lift("leg_r", at=21.0)
    both = [report(arm), report(leg)]
    judged = score(recording(arm, leg), both)
    assert (judged.repetitions, judged.repetitions_right) == (1, 1)
    apart = score(recording(arm, replace(leg, repetition=1)), both)
    assert (apart.repetitions, apart.repetitions_right) == (2, 0)


def test_a_tone_that_led_to_no_lift_was_taken_back() -> None:
    one = lift()
    heard = PhaseEvent("lift_off", "arm_l", 20.0, 20.2)
    judged = score(recording(one), [heard, report(one)])
    assert (judged.taken_back("lift_off"), judged.tone_s("lift_off")) == (0.0, pytest.approx(0.2))
    judged = score(recording(one), [heard, PhaseEvent("prepare_dropped", "arm_l", 20.0, 22.0)])
    assert judged.taken_back("lift_off") == 1.0


def test_scores_add_up() -> None:
    one, whole = lift(), Score()
    whole += score(recording(one), [report(one)])
    whole += score(recording(one), [])
    assert (whole.recordings, whole.lifts, whole.recall, whole.within("all")) == (2, 2, 0.5, 0.5)
    assert set(whole.plain()["moments"]) == set(EVENTS)


def test_a_recording_written_and_read_again_is_judged_alike(tmp_path: Path) -> None:
    made = make("small4", 11)
    write(made, tmp_path)
    (name,) = labelled_names(tmp_path)
    again = read_labelled(tmp_path, name)
    assert again.mat == made.mat and again.optional == made.optional
    assert np.array_equal(again.volts, made.volts, equal_nan=True)
    assert score(again, threshold(again)).found == score(made, threshold(made)).found


def test_a_truth_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.truth.json").write_text('{"lifts": [{"limb": 3}]}')
    with pytest.raises(TruthFileError, match=r"x\.truth\.json: not a truth file"):
        read_labelled(tmp_path, "x")


def the_scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer_of_acceptance", shared / "lifts" / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shared_folder() is None, reason="the folder with the acceptance scorer and its recordings is not here")
def test_the_numbers_are_those_of_the_acceptance_scorer(tmp_path: Path) -> None:
    """On the reports of a plain threshold, some of them lost, doubled or moved."""
    shared = shared_folder()
    assert shared is not None
    folder, whole = shared / "lifts" / "dev", Score()
    for number, name in enumerate(labelled_names(folder)):
        one = read_labelled(folder, name)
        reports = threshold(one)
        reports = [*reports[number % 2 :], *(replace(lift, melt_end=None) for lift in reports[:1])]
        whole += score(one, reports)
        lines = (json.dumps(lift_line(lift)) for lift in reports)
        (tmp_path / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines))
    theirs = the_scorer(shared).score_dirs(str(folder), str(tmp_path))[0]["ALL"]
    assert (whole.lifts, whole.found, whole.false, whole.doubled) == tuple(theirs[key] for key in ("lifts", "tp", "fp", "double"))
    for event in EVENTS:
        assert whole.error_s(event) == pytest.approx(theirs["errors"][event]["median"], abs=1e-4)
        assert whole.error_s(event, 95) == pytest.approx(theirs["errors"][event]["p95"], abs=1e-4)
        assert whole.within(event) == pytest.approx(theirs["within_tolerance"][event], abs=1e-4)
    for event in EVENTS[1:]:
        assert whole.late_s(event) == pytest.approx(theirs["latency"][event]["median"], abs=1e-4)
        assert whole.late_s(event, 95) == pytest.approx(theirs["latency"][event]["p95"], abs=1e-4)
    assert whole.within("all") == pytest.approx(theirs["all_four_within_tolerance"], abs=1e-4)
    assert whole.extent_error == pytest.approx(theirs["extent_mae"], abs=1e-4)
    assert whole.repetitions_right / whole.repetitions == pytest.approx(theirs["repetition_accuracy"], abs=1e-4)
    assert whole.unweighted == theirs["unweighting_as_lift"]
    assert whole.hours == pytest.approx(theirs["hours"], abs=1e-3)
