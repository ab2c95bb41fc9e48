"""A simulated person does an exercise on a simulated mat; the guide hears it and guides through, and says what happened.

The truth compared with is measured on the simulated body's force; the guide sees only volts.
"""

from __future__ import annotations

import numpy as np
import pytest

from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
from hardware.mat import parse_mat
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.script import Away, GetUp, LieDown, LiftLimb, Rest, Script, Unweight
from station.practice.exercise import load_exercises
from station.practice.guide import Guide, GuideSettings
from station.practice.rehearsal import rehearse
from station.practice.sounds import design, timeline
from station.signal.detector import Detector

EXERCISES = load_exercises()
FULL_MAT, MAT_FILE = find_mat("full-16")
BELLY_MAT = parse_mat(
    MAT_FILE.read_text(encoding="utf-8") + '\n[[limb]]\nname = "belly"\nkind = "leg"\nside = "left"\nzones = ["belly"]\n'
)
DEPTHS = {"elbow": (1.0, 0.15, 0.1), "arm": (1.0, 1.3, 1.3), "leg": (1.0, 0.8, 0.4)}
HEARD_WITHIN_S = 0.5


def script_of(exercise, repetitions=None, melt_s=5.0):
    """Somebody who does what the exercise says, slowly, with rests, and gets up."""
    steps = [(Away(3.0),), (LieDown(6.0),), (Rest(16.0),)]
    for step in exercise.steps:
        for _ in range(repetitions or step.repetitions):
            if step.movement == "unweighting":
                steps += [(Unweight(step.limbs[0], depth=0.5, down_s=2.5, hold_s=2.0, up_s=3.0),), (Rest(12.0),)]
                continue
            acts = []
            for n, limb in enumerate(step.limbs):
                kind = "elbow" if step.name.startswith("elbow") and "head" not in step.name else limb[:3]
                acts.append(LiftLimb(limb, prepare_s=3.0, aloft_s=6.0, melt_s=melt_s, depths=DEPTHS[kind], delay_s=0.4 * n))
            steps += [tuple(acts), (Rest(12.0),)]
    return Script((*steps, (GetUp(4.0),), (Away(30.0),)))


def frames_of(body, script, mat):
    """The whole of it, 100 frames a second."""
    lasts_s = sum(max(getattr(act, "delay_s", 0) + total_s(act) for act in step) for step in script.steps)
    t_us = np.arange(0, round(lasts_s * 1e6), 10_000)
    volts = body.volts_at(np.repeat(t_us[:, None], len(mat.zone), axis=1))
    return FrameBlock(t_us / 1e6, volts_from_codes(codes_from_volts(volts)))


def total_s(act):
    """Roughly; the script ends with a long time away."""
    if isinstance(act, LiftLimb):
        return act.prepare_s + act.aloft_s + act.landing_s + act.melt_s
    return act.down_s + act.hold_s + act.up_s if isinstance(act, Unweight) else act.duration_s


def practised(exercise, settings=None, *, mat=FULL_MAT, seed=3, **how):
    script = script_of(EXERCISES[exercise], **how)
    body = SimulatedMat(mat, script, seed)
    rehearsal = rehearse(frames_of(body, script, mat), Detector(mat), Guide(EXERCISES[exercise], settings))
    return rehearsal, body.truth


def times(rehearsal, sound):
    return [cue.at_s for cue in rehearsal.cues if cue.sound == sound]


@pytest.fixture(scope="module")
def legs():
    return practised("leg", GuideSettings(counting=True, hold_s=1.0))


def test_lying_down_and_getting_up_begin_and_end_it(legs):
    rehearsal, truth = legs
    assert len(times(rehearsal, "ready")) == len(times(rehearsal, "end")) == 1
    assert truth.ignore[0][1] < times(rehearsal, "ready")[0] < truth.lifts[0].prepare_start
    assert times(rehearsal, "end")[0] > max(lift.melt_end for lift in truth.lifts)


def test_every_true_lift_off_and_touch_down_is_heard_at_once_and_nothing_else_is(legs):
    rehearsal, truth = legs
    for sound, moment in (("lift_off", "lift_off"), ("touch_down", "touch_down")):
        heard, true = times(rehearsal, sound), [getattr(lift, moment) for lift in truth.lifts]
        assert len(heard) == len(true) == 6
        for heard_s, true_s in zip(heard, true, strict=True):
            assert -0.2 <= heard_s - true_s <= HEARD_WITHIN_S


def test_every_melt_is_heard_to_end_before_the_rest_is(legs):
    rehearsal, truth = legs
    for lift, melted_s, rested_s in zip(truth.lifts, times(rehearsal, "melt_done"), times(rehearsal, "rest_done"), strict=True):
        assert lift.melt_end - 1.0 <= melted_s <= lift.melt_end + 4.0
        assert melted_s < rested_s


def test_the_guide_counts_eight_ten_twelve_on_each_side_and_stops_at_touch_down(legs):
    rehearsal, truth = legs
    first_counts = []
    for lift in truth.lifts:
        said = [cue for cue in rehearsal.cues if cue.sound == "count" and lift.lift_off < cue.at_s < lift.touch_down]
        first_counts.append(said[0].say)
        assert said[0].at_s == pytest.approx(lift.lift_off + 1.0, abs=0.35)
    assert first_counts == ["eight", "ten", "twelve"] * 2
    rate_hz = design().sample_rate_hz
    heard = timeline(rehearsal.cues, rehearsal.begin_s, rehearsal.end_s)
    for lift, melted_s in zip(truth.lifts, times(rehearsal, "melt_done"), strict=True):
        silent = heard[int((lift.touch_down + 2.0) * rate_hz) : int((melted_s - 0.05) * rate_hz)]
        assert not silent.any()  # nothing disturbs the melt


def test_the_guide_came_to_the_end_of_the_exercise_and_says_what_happened(legs):
    rehearsal, truth = legs
    assert rehearsal.view.done
    assert rehearsal.words().startswith("Three lifts of the left leg and three of the right leg. Your melts took")
    assert rehearsal.words("de").startswith("Dreimal das linke Bein und dreimal das rechte Bein gehoben. Das Loslassen dauerte")
    said = [int(word.strip(",")) for word in rehearsal.words().replace(";", " ").split() if word.strip(",").isdigit()]
    for value, lift in zip(said, truth.lifts, strict=True):
        assert value == pytest.approx(lift.melt_end - lift.touch_down, abs=1.5)


def test_one_of_each_runs_through_all_parts_of_the_back_lift():
    rehearsal, truth = practised("one_of_each", GuideSettings(voice="all"))
    steps = EXERCISES["one_of_each"].steps
    assert rehearsal.view.done
    said = [cue.say for cue in rehearsal.cues if cue.sound == "rest_done"]
    assert said[:-1] == [step.say.en for step in steps[1:]] and said[-1].startswith("That was all")
    assert [set(each.limbs) for each in truth.repetitions] == [set(step.limbs) for step in steps]
    assert rehearsal.words().startswith(
        "Two lifts of the right arm, one of the left leg, one of the right arm with the left leg, "
        "two of the left arm, one of the right leg and one of the left arm with the right leg."
    )


def test_arch_and_flatten_is_heard_as_unweighting_of_the_belly():
    rehearsal, truth = practised("arch_and_flatten", mat=BELLY_MAT)
    assert len([each for each in truth.unweightings if each.limb == "belly"]) == 4
    assert rehearsal.view.done
    assert times(rehearsal, "lift_off") == []
    assert rehearsal.words() == "Four times lighter without leaving the mat."


def test_the_side_lying_leg_lift_needs_nothing_but_its_file():
    rehearsal, truth = practised("side_leg_lift", GuideSettings(language="de"), repetitions=3, melt_s=4.0)
    assert len(truth.lifts) == 6 and rehearsal.view.done
    assert "rechte Bein" in next(cue.say for cue in rehearsal.cues if cue.say and "rechte Bein" in cue.say)


def test_two_minutes_teach_the_range_and_then_a_large_lift_is_told():
    small, large = (1.0, 0.1, 0.05), (1.0, 1.0, 0.9)
    acts = [
        LiftLimb(limb, prepare_s=2.5, aloft_s=4.0, melt_s=3.0, depths=depths)
        for limb in ("leg_l", "leg_r")
        for depths in (small, large)
    ]
    steps = [(Away(3.0),), (LieDown(6.0),), (Rest(14.0),)]
    for act in acts:
        steps += [(act,), (Rest(9.0),)]
    script = Script((*steps, (LiftLimb("leg_l", aloft_s=6.0, depths=large),), (Rest(9.0),), (GetUp(4.0),), (Away(30.0),)))
    body = SimulatedMat(FULL_MAT, script, 4)
    frames = frames_of(body, script, FULL_MAT)
    guide = Guide(EXERCISES["small_and_large"], GuideSettings())
    rehearse(frames, Detector(FULL_MAT), guide)
    true = {(lift.limb, n % 2): lift.extent for n, lift in enumerate(body.truth.lifts[:4])}
    for limb in ("leg_l", "leg_r"):
        assert true[limb, 0] < guide.ranges[limb] < true[limb, 1]
    again = rehearse(frames, Detector(FULL_MAT), Guide(EXERCISES["free"], GuideSettings(ranges=guide.ranges)))
    told = [t_s for t_s in times(again, "beyond_range") if t_s < body.truth.lifts[-1].melt_end]
    large_ones = [body.truth.lifts[n] for n in (1, 3, 4)]
    assert len(told) == 3
    for told_s, lift in zip(told, large_ones, strict=True):
        assert lift.lift_off < told_s < lift.touch_down
