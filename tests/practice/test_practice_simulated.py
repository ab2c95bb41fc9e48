"""A simulated person does an exercise on a simulated mat; the guide hears it and guides through, and says what happened.

The truth compared with is measured on the simulated body's force; the guide sees only volts.
"""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest

from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
from hardware.mat import Limb
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.script import Away, GetUp, LieDown, LiftLimb, Rest, Roll, Script, Shift, Unweight
from station.practice.exercise import for_mat, load_exercises
from station.practice.guide import Guide, GuideSettings
from station.practice.phrases import words
from station.practice.positions import body_map, mat_in
from station.practice.rehearsal import rehearse
from station.practice.sounds import design, timeline
from station.signal.detector import Detector

EXERCISES = load_exercises()
FULL_MAT, _ = find_mat("full-16")
DEPTHS = {"elbow": (1.0, 0.15, 0.1), "arm": (1.0, 1.3, 1.3), "leg": (1.0, 0.8, 0.4)}
HEARD_WITHIN_S = 0.5


def in_position(mat):
    return lambda position: Detector(mat_in(mat, position))


def script_of(exercise, repetitions=None, melt_s=5.0):
    """Somebody who does what the exercise says, slowly, with rests, and gets up."""
    steps = [(Away(3.0),), (LieDown(6.0),), (Rest(16.0),)]
    for step in exercise.steps:
        for _ in range(repetitions or step.repetitions):
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
    rehearsal = rehearse(frames_of(body, script, mat), in_position(mat), Guide(EXERCISES[exercise], settings))
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


# Every exercise, hands free -------------------------------------------------------------------------------------------------------

PARTS = {name for name, each in EXERCISES.items() if each.steps and each.kind != "programme"}
PRACTISED = sorted(PARTS - {"small_and_large"})


def once(exercise, mat):
    """The exercise as this mat offers it, one repetition of each step."""
    fitted = for_mat(exercise, mat)
    return msgspec.structs.replace(fitted, steps=tuple(msgspec.structs.replace(step, repetitions=1) for step in fitted.steps))


def sensed(mat, position):
    """The mat for the simulated person: the limbs of a position, and what of the trunk they move."""
    parts = [
        Limb(name=part.name, kind="leg", side="left", zones=tuple(mat.zone_names[n] for n in part.zones))
        for part in body_map(mat).trunk[position].values()
    ]
    there = mat_in(mat, position)
    return msgspec.structs.replace(there, limb=(*there.limb, *(part for part in parts if part.name not in names_of(there))))


def names_of(mat):
    return {limb.name for limb in mat.limb}


def acts_of(step, mat):
    """What the simulated person does for one step: one row of acts, or several."""
    if step.movement == "lighten":
        return [(Unweight(step.limbs[0], depth=0.5, down_s=3.0, hold_s=2.0, up_s=4.0),)]
    if step.movement in ("press", "roll_left", "roll_right"):
        part = body_map(mat).trunk[step.position][step.limbs[0]]
        more, less = (part.zones, ()) if step.movement == "press" else (part.left, part.right)
        if step.movement == "roll_right":
            more, less = less, more
        there = [(mat.zone_names[n], 1.5) for n in more] + [(mat.zone_names[n], 0.5) for n in less]
        back = tuple((name, 1 / share) for name, share in there)
        return [(Shift(tuple(there), duration_s=3.0),), (Rest(2.0),), (Shift(back, duration_s=4.0),)]
    elbow_only = step.part == "elbow"
    return [
        tuple(
            LiftLimb(limb, prepare_s=4.0, aloft_s=6.0, melt_s=5.0, depths=DEPTHS[kind_of(limb, elbow_only)], delay_s=0.4 * n)
            for n, limb in enumerate(step.limbs)
        )
    ]


def kind_of(limb, elbow_only):
    return "elbow" if limb.startswith("arm") and elbow_only else "arm" if limb.startswith(("arm", "head")) else "leg"


def person(exercise, mat, seed=3):
    """Frames of somebody who does each step as its turn comes, turning over where the next step needs it."""
    blocks, at_s = [], 0.0
    positions = [position for position, _ in itertools.groupby(step.position for step in exercise.steps)]
    groups = [list(steps) for _, steps in itertools.groupby(exercise.steps, key=lambda step: step.position)]
    for n, (position, steps) in enumerate(zip(positions, groups, strict=True)):
        begin = [(Away(3.0),), (LieDown(6.0),), (Rest(18.0),)] if n == 0 else [(LieDown(0.1),), (Rest(24.0),)]
        acts = [row for step in steps for row in [*acts_of(step, mat), (Rest(14.0),)]]
        end = [(GetUp(4.0),), (Away(30.0),)] if n == len(groups) - 1 else [(Rest(6.0),), (Roll(6.0),)]
        script = Script((*begin, *acts, *end))
        there = sensed(mat, position)
        block = frames_of(SimulatedMat(there, script, seed), script, there)
        blocks.append(FrameBlock(block.t_s + at_s, block.volts))
        at_s = float(blocks[-1].t_s[-1]) + 0.01
    return FrameBlock(np.concatenate([each.t_s for each in blocks]), np.concatenate([each.volts for each in blocks]))


def guided_through(name, mat, **settings):
    exercise = once(EXERCISES[name], mat)
    guide = Guide(exercise, GuideSettings(**settings), body_map(mat))
    return rehearse(person(exercise, mat), in_position(mat), guide), exercise


@pytest.mark.parametrize("name", PRACTISED)
def test_every_exercise_is_practised_to_its_end_hands_free(name):
    rehearsal, exercise = guided_through(name, FULL_MAT)
    assert rehearsal.view.done, f"stopped at step {rehearsal.view.step}: {rehearsal.view.step_title}"
    words_said = [cue.say for cue in rehearsal.cues if cue.say]
    for step in exercise.steps:
        told = [said for said in words_said if step.say.en in said]
        assert 1 <= len(told) <= 2, f"{step.name} was told {len(told)} times"
    assert len(times(rehearsal, "end")) == 1
    lifting = sum(step.movement == "lift" for step in exercise.steps)
    assert len(times(rehearsal, "lift_off")) >= lifting
    assert len(times(rehearsal, "melt_done")) >= len(exercise.steps)


def test_between_positions_the_guide_says_how_to_turn_waits_and_finds_rest_anew():
    rehearsal, _ = guided_through("side_leg_lift", FULL_MAT)
    turn = next(cue for cue in rehearsal.cues if cue.say == words("turn_side_left", "en"))
    after = next(cue for cue in rehearsal.cues if cue.sound == "ready" and cue.at_s > turn.at_s)
    assert after.at_s - turn.at_s > 6.0, "it waits until somebody has turned and lies still"
    assert after.say.startswith(words("turned", "en"))


def test_on_the_small_mat_what_it_feels_is_practised_to_its_end():
    small, _ = find_mat("small-4")
    rehearsal, _ = guided_through("iliopsoas_release", small)
    assert rehearsal.view.done


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
    rehearse(frames, in_position(FULL_MAT), guide)
    true = {(lift.limb, n % 2): lift.extent for n, lift in enumerate(body.truth.lifts[:4])}
    for limb in ("leg_l", "leg_r"):
        assert true[limb, 0] < guide.ranges[limb] < true[limb, 1]
    again = rehearse(frames, in_position(FULL_MAT), Guide(EXERCISES["free"], GuideSettings(ranges=guide.ranges)))
    told = [t_s for t_s in times(again, "beyond_range") if t_s < body.truth.lifts[-1].melt_end]
    large_ones = [body.truth.lifts[n] for n in (1, 3, 4)]
    assert len(told) == 3
    for told_s, lift in zip(told, large_ones, strict=True):
        assert lift.lift_off < told_s < lift.touch_down
