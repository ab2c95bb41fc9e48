"""The practice guide as a state machine: what is heard when, and what never happens whatever is fed."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.model import Fault, Lift, LiveLimb, LiveState, Loads, PhaseEvent, Presence, Repetition
from station.practice import cue as cue_module
from station.practice import exercise_progress as progress
from station.practice import guide as guide_module
from station.practice import (
    guide_base,
    guide_picture,
    guide_view,
    instructions,
    movement,
    pace,
    range_feel,
    release,
    stillness,
    told,
    troubles,
    trunk,
    visit,
)
from station.practice.cue import CUES_PER_SECOND, HUSH, Cue, CuePlan
from station.practice.exercise import Exercise, Step, Text, load_exercises
from station.practice.guide import Guide, GuideSettings
from station.practice.phrases import words
from station.practice.release import AHEAD_S
from station.practice.visit import RESUME_WITHIN_S

EXERCISES = load_exercises()
FREE, LEG, FULL = EXERCISES["free"], EXERCISES["leg"], EXERCISES["full"]
ONCE = msgspec.structs.replace(
    EXERCISES["back_lift"],
    steps=tuple(msgspec.structs.replace(step, repetitions=1, part=None) for step in EXERCISES["back_lift"].steps),
)
PURE = [
    *(guide_module, guide_base, guide_picture, guide_view, cue_module, instructions, movement, pace, progress, range_feel, release),
    *(stillness, told, troubles, trunk, visit),
]
AT_REST = LiveState(0.0, "still", Loads(0.0, (), ()), (), ())


def event(kind, t_s, limb="leg_l", reported_s=None):
    return PhaseEvent(kind, limb, t_s, t_s + 0.1 if reported_s is None else reported_s)


def lift(limb="leg_l", off=10.0, down=16.0, melt=20.0, extent=0.8, kind="lift"):
    return Lift(limb, kind, "leg", off - 3, off, down, melt, {"melt_end": (melt or down) + 1}, extent=extent)


def repetition(*lifts):
    return Repetition("full" if len(lifts) > 1 else "leg", "left", lifts, max((x.melt_end or x.touch_down) for x in lifts) + 1.0)


def lying(guide, t_s=0.0):
    """Lie down and be still until the ready tone; returns what was heard."""
    heard = guide.feed(Presence("arriving", t_s, t_s + 0.1))
    heard += guide.feed(Presence("still", t_s + 1.0, t_s + 1.5))
    for tenth in range(15, 100):
        heard += guide.tick(t_s + tenth / 10)
    return heard


def one_lift(guide, off, down=None, melt=None, limb="leg_l"):
    """Play one lift through the guide, ticking ten times a second; returns what was heard."""
    down, melt = down or off + 6, melt or off + 10
    moments = [
        (off - 2.9, event("prepare_start", off - 3, limb)),
        (off + 0.1, event("lift_off", off, limb)),
        (down + 0.1, event("touch_down", down, limb)),
        (melt + 1.0, event("melt_end", melt, limb, melt + 1.0)),
        (melt + 1.0, lift(limb, off, down, melt)),
        (melt + 1.0, repetition(lift(limb, off, down, melt))),
    ]
    return play(guide, moments, off - 3, melt + 1.5)


def play(guide, moments, start_s, end_s):
    heard = []
    waiting = sorted(moments, key=lambda moment: moment[0])
    for tick in range(round(start_s * 10), round(end_s * 10) + 1):
        while waiting and waiting[0][0] <= tick / 10 + 1e-9:
            heard += guide.feed(waiting.pop(0)[1])
        heard += guide.tick(tick / 10)
    return heard


def sounds(cues):
    return [cue.sound for cue in cues]


def rested(guide, from_s, to_s, live=None):
    return [cue for tick in range(round(from_s * 10), round(to_s * 10) + 1) for cue in guide.tick(tick / 10, live)]


# Hands-free ---------------------------------------------------------------------------------------------------------------------


def test_lying_still_for_the_settling_time_is_answered_with_ready_once():
    guide = Guide(FREE, GuideSettings(settling_s=5.0))
    heard = lying(guide)
    assert sounds(heard) == ["ready"]
    assert heard[0].at_s == pytest.approx(6.0)  # still since 1.0, settling 5.0
    assert sounds(rested(guide, 10, 40)) == []


def test_ready_waits_for_the_pipeline_however_short_the_settling_time():
    guide = Guide(FREE, GuideSettings(settling_s=1.0))
    guide.feed(Presence("arriving", 0.0, 0.1))
    assert rested(guide, 0.2, 9.0) == []
    guide.feed(Presence("still", 4.0, 9.0))
    assert sounds(guide.tick(9.1)) == ["ready"]


def test_moving_again_before_ready_begins_the_settling_anew():
    guide = Guide(FREE)
    guide.feed(Presence("still", 1.0, 1.5))
    guide.feed(Presence("settling", 4.0, 4.1))
    assert rested(guide, 4.1, 20.0) == []
    guide.feed(Presence("still", 20.0, 20.5))
    assert sounds(rested(guide, 20.5, 26.0)) == ["ready"]


def test_getting_up_midway_ends_it_and_lying_down_again_soon_goes_on_there_later_at_the_first_step():
    guide = Guide(LEG)
    lying(guide)
    one_lift(guide, 13.0)
    assert guide.view.repetition == 1
    assert sounds(guide.feed(Presence("empty", 30.0, 30.5))) == ["end"]
    assert guide.view.state == "away"
    assert sounds(lying(guide, 100.0)) == ["ready"]
    assert (guide.view.step, guide.view.repetition) == (1, 1)
    guide.feed(Presence("empty", 130.0, 130.5))
    lying(guide, 130.0 + RESUME_WITHIN_S + 60)
    assert (guide.view.step, guide.view.repetition) == (1, 0)


def test_a_new_session_knows_nothing_of_the_one_before():
    guide = Guide(FREE)
    lying(guide)
    one_lift(guide, 13.0, melt=23.0)
    one_lift(guide, 40.0, melt=50.0)
    guide.feed(Presence("empty", 60.0, 60.5))
    lying(guide, 100.0)
    assert (guide.view.rests_s, guide.view.hurried, guide.view.release, guide.view.words) == ((), 0, None, ())


def test_ready_is_not_said_to_somebody_who_is_moving():
    guide = Guide(FREE)
    guide.feed(Presence("still", 1.0, 1.5))
    guide.feed(event("prepare_start", 4.0))
    assert guide.feed(event("lift_off", 5.0)) + rested(guide, 5.1, 8.0) + guide.feed(event("touch_down", 8.0)) == []
    assert rested(guide, 8.1, 11.0) == []
    guide.feed(event("melt_end", 10.0, reported_s=11.0))
    assert sounds(guide.tick(11.1)) == ["ready"]


def test_getting_up_before_ready_is_not_the_end_of_anything():
    guide = Guide(FREE)
    guide.feed(Presence("arriving", 0.0, 0.1))
    assert guide.feed(Presence("empty", 3.0, 3.5)) == []


def test_the_button_starts_and_stops_without_waiting():
    guide = Guide(LEG)
    heard = guide.start(3.0)
    assert sounds(heard) == ["ready"] and heard[0].at_s == 3.0
    assert "left leg" in heard[0].say
    assert sounds(guide.stop(9.0)) == ["end"]
    assert rested(guide, 9.0, 60.0) == []


def test_started_beside_an_empty_mat_it_waits_for_somebody_to_lie_down():
    guide = Guide(LEG)
    assert guide.start(3.0, "empty") == []
    assert guide.view.state == "away"
    assert sounds(lying(guide, 10.0)) == ["ready"]


# Phases -------------------------------------------------------------------------------------------------------------------------


def test_each_phase_of_a_lift_has_its_own_sound_and_rest_is_part_of_it():
    guide = Guide(FREE, GuideSettings(rest_s=8.0))
    lying(guide)
    heard = one_lift(guide, 13.0, 19.0, 23.0) + rested(guide, 24.5, 60.0)
    assert sounds(heard) == ["lift_off", "touch_down", "melt_done", "rest_done"]
    times = {cue.sound: cue.at_s for cue in heard}
    assert times["lift_off"] == pytest.approx(13.1)  # with the announcement, not before, not later
    assert times["touch_down"] == pytest.approx(19.1)
    assert times["melt_done"] == pytest.approx(24.0)
    assert times["rest_done"] == pytest.approx(31.0, abs=0.11)  # the rest counts from where the melt ended


def test_the_muscles_engaging_is_heard_only_by_those_who_want_it():
    for wanted in (False, True):
        guide = Guide(FREE, GuideSettings(prepare_sound=wanted))
        lying(guide)
        assert ("prepare" in sounds(one_lift(guide, 13.0))) is wanted


def test_arm_and_leg_together_sound_as_one():
    guide = Guide(FREE)
    lying(guide)
    moments = []
    for limb, off in (("leg_l", 13.0), ("arm_r", 13.3)):
        moments += [
            (off + 0.1, event("lift_off", off, limb)),
            (off + 6.1, event("touch_down", off + 6, limb)),
            (off + 11.0, event("melt_end", off + 10, limb, off + 11.0)),
        ]
    assert sounds(play(guide, moments, 12.0, 26.0)) == ["lift_off", "touch_down", "melt_done"]


def test_turning_over_does_not_chatter():
    guide = Guide(FREE)
    lying(guide)
    heard = []
    for n, limb in enumerate(("arm_l", "arm_r", "leg_l", "leg_r")):
        heard += guide.feed(event("lift_off", 13.0 + n, limb))
    assert len(heard) <= 2


def test_a_melt_nobody_could_time_is_not_called_complete_but_the_rest_goes_on():
    guide = Guide(FREE)
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    guide.feed(event("touch_down", 19.0))
    assert guide.feed(lift("leg_l", 13.0, 19.0, None)) == []
    assert guide.view.state == "rest"
    assert sounds(rested(guide, 19.5, 40.0)) == ["rest_done"]


def test_a_pause_is_a_pause():
    guide = Guide(LEG, GuideSettings(counting=True))
    lying(guide)
    assert sounds(guide.pause(11.0)) == ["pause"]
    assert one_lift(guide, 15.0) == []
    assert (guide.view.state, guide.view.repetition) == ("paused", 0)
    assert sounds(guide.resume(40.0)) == ["ready"]
    one_lift(guide, 45.0)
    assert guide.view.repetition == 1


def test_troubles_are_told_even_in_a_pause_once_and_shown_until_they_are_over():
    guide = Guide(FREE)
    lying(guide)
    guide.pause(11.0)
    assert sounds(guide.trouble(12.0, "not_saving")) == ["not_saving"]
    assert guide.trouble(12.5, "not_saving") == []
    assert any("not being saved" in sentence for sentence in guide.view.words)
    guide.trouble(13.0, "not_saving", over=True)
    assert guide.view.words == ()


def test_a_mat_that_stopped_answering_is_told_at_once_with_what_to_do():
    guide = Guide(FREE)
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    heard = guide.trouble(14.0, "unplug")
    assert sounds(heard) == ["trouble"] and "unplug" in heard[0].say and heard[0].at_s == 14.0


def test_unplug_is_heard_though_the_same_sound_told_of_the_silent_mat_just_before():
    guide = Guide(FREE)
    lying(guide)
    assert sounds(guide.trouble(14.0, "mat_trouble")) == ["trouble"]
    heard = guide.trouble(23.0, "unplug")
    assert sounds(heard) == ["trouble"] and "unplug" in heard[0].say
    assert guide.trouble(23.1, "unplug") == []
    guide.trouble(24.0, "mat_trouble", over=True)
    assert guide.trouble(25.0, "mat_trouble") == [], "a mat that comes and goes does not sound every second"


def test_a_bad_sensor_is_named_and_two_that_move_alike_are_left_to_the_page():
    guide = Guide(FREE)
    lying(guide)
    guide.feed(Fault("open", "foot_l", 12.0, 12.2, False, "foot_l: cable?"))
    assert any("foot_l" in sentence for sentence in guide.view.words)  # to be seen at once,
    heard = rested(guide, 12.2, 30.0)
    assert sounds(heard) == ["trouble"] and "foot_l" in heard[0].say  # told once
    guide.feed(Fault("twin", "foot_r", 40.0, 40.2, False, ""))
    assert rested(guide, 40.2, 50.0) == []
    guide.feed(Fault("open", "foot_r", 50.0, 50.0, False, ""))
    assert rested(guide, 50.1, 51.5) == []
    guide.feed(Fault("open", "foot_r", 51.6, 51.6, True, ""))  # over before anybody could have done anything
    assert rested(guide, 51.6, 60.0) == []
    guide.feed(Fault("open", "foot_l", 60.0, 60.2, True, ""))
    assert guide.view.words == ()


def test_a_fault_is_not_told_into_a_movement_nor_when_it_is_over_at_once():
    guide = Guide(FREE)
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    guide.feed(Fault("missing", "foot_r", 14.0, 14.0, False, ""))
    guide.feed(Fault("missing", "knee_r", 14.0, 14.0, False, ""))
    guide.feed(Fault("missing", "knee_r", 15.0, 15.0, True, ""))
    guide.feed(event("touch_down", 17.0))
    assert rested(guide, 17.1, 21.0) == []
    guide.feed(event("melt_end", 21.0))
    heard = rested(guide, 22.0, 28.0)
    assert sounds(heard) == ["trouble"] and "foot_r" in heard[0].say


# Counting -----------------------------------------------------------------------------------------------------------------------


def counts(cues):
    return [cue for cue in cues if cue.sound in ("count", "count_last")]


def test_free_practice_does_not_count_unless_asked():
    guide = Guide(FREE)
    lying(guide)
    assert counts(one_lift(guide, 13.0, 40.0, 44.0)) == []


def test_the_release_is_counted_down_after_the_hold_one_count_a_second():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0, count_s=1.0))
    lying(guide)
    heard = counts(one_lift(guide, 13.0, 30.0, 34.0))
    assert [cue.at_s for cue in heard] == pytest.approx([16.0 + n for n in range(8)])
    assert [cue.say for cue in heard] == ["eight", "seven", "six", "five", "four", "three", "two", "one"]
    assert sounds(heard) == ["count"] * 7 + ["count_last"]


def test_the_counts_grow_from_eight_to_ten_to_twelve_and_stay_or_go_on():
    for after_last, expected in (("stay", [8, 10, 12, 12, 12]), ("slower", [8, 10, 12, 14, 16])):
        words = Text(en="x", de="x")
        step = Step(name="leg", limbs=("leg_l",), title=words, say=words, repetitions=9, after_last=after_last)
        guide = Guide(Exercise(name="x", title=words, about=words, position="prone", steps=(step,)), GuideSettings(counting=True))
        lying(guide)
        numbers = [len(counts(one_lift(guide, 20.0 + 60 * n, 45.0 + 60 * n, 50.0 + 60 * n))) for n in range(5)]
        assert numbers == expected


def test_counts_are_made_ahead_of_time_but_never_far():
    guide = Guide(FREE, GuideSettings(counting=True))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    early = []
    for tick in range(131, 260):
        early += [cue.at_s - tick / 10 for cue in counts(guide.tick(tick / 10))]
    assert 0.5 < min(early) <= max(early) <= AHEAD_S + 1e-9


def test_touching_down_early_takes_back_the_counts_that_are_left():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    heard = one_lift(guide, 13.0, down=18.4, melt=22.0)
    down = sounds(heard).index("touch_down")
    assert HUSH in sounds(heard)[:down]
    plan, played = CuePlan(), []
    for cue in heard:
        plan.add(cue)
        played += plan.due(cue.at_s if cue.sound != "count" else cue.at_s - 0.1)
    played += plan.due(18.5)
    assert counts(heard)[-1].at_s > 18.5  # one had been made ahead of time,
    assert not [cue for cue in plan.due(30.0) if cue.sound == "count"]  # and is not played any more
    assert not counts(rested(guide, 24.0, 60.0))


def test_the_release_is_measured_against_the_count_from_touch_down_on():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    one_lift(guide, 13.0, down=18.5, melt=25.0)
    release = guide.view.release
    assert (release.number, release.touch_down, release.melt_end) == (8, 2.5, 9.0)  # counted from 16.0
    assert any("count 6 of 8" in sentence for sentence in guide.view.words)


@pytest.mark.parametrize("second_s, first_count_s", [(14.0, 17.0), (17.4, 16.0)])
def test_of_an_arm_and_a_leg_the_later_begins_the_hold_but_never_begins_a_count_anew(second_s, first_count_s):
    guide = Guide(FULL, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    moments = [(13.1, event("lift_off", 13.0, "leg_l")), (second_s + 0.1, event("lift_off", second_s, "arm_r"))]
    heard = counts(play(guide, moments, 12.0, 40.0))
    assert [cue.at_s for cue in heard] == pytest.approx([first_count_s + n for n in range(8)])


def test_getting_up_in_the_midst_of_a_count_ends_the_count():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    heard = rested(guide, 13.1, 17.0)
    assert counts(heard)
    for n, limb in enumerate(("arm_l", "arm_r")):
        heard = guide.feed(event("lift_off", 17.0 + n / 10, limb))
    assert HUSH in sounds(heard)
    assert counts(rested(guide, 17.3, 40.0)) == []


def test_without_a_hold_the_count_waits_for_the_button():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=None))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    assert not counts(rested(guide, 13.1, 20.0))
    heard = guide.mark(20.0) + rested(guide, 20.0, 30.0)
    assert counts(heard)[0].at_s == 20.0 and len(counts(heard)) == 8


def test_a_pause_ends_the_count():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    assert counts(rested(guide, 13.1, 18.0))
    assert sounds(guide.pause(18.0)) == [HUSH, "pause"]
    guide.resume(19.0)  # the limb is still up: it is counted again, after the hold
    assert counts(rested(guide, 19.1, 24.9))[0].at_s == 22.0


def test_after_a_limb_that_was_lost_the_next_is_counted_from_the_start():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    rested(guide, 13.1, 200.0, AT_REST)
    assert [cue.say for cue in counts(one_lift(guide, 210.0, 230.0, 235.0))][:2] == ["eight", "seven"]


def test_counts_missed_by_a_stall_are_left_out_not_made_up_for():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    heard = counts(guide.tick(13.2) + guide.tick(20.5) + rested(guide, 20.5, 30.0))
    assert [cue.at_s for cue in heard] == pytest.approx([21.0, 22.0, 23.0])
    assert [cue.say for cue in heard] == ["three", "two", "one"]


def test_the_page_shows_the_count_that_is_heard():
    guide = Guide(FREE, GuideSettings(counting=True, hold_s=3.0))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    shown = {}
    for tick in range(131, 260):
        guide.tick(tick / 10)
        shown[tick / 10] = guide.view.count
    assert (shown[15.9], shown[16.0], shown[16.9], shown[17.0], shown[23.5], shown[24.1]) == (None, 8, 8, 7, 1, None)


# Small enough, and rest ---------------------------------------------------------------------------------------------------------


def picture(t_s, load, limb="leg_l"):
    return LiveState(t_s, "still", Loads(t_s, (), ()), (LiveLimb(limb, "aloft", 0.0, load),), ())


def test_a_lift_beyond_the_persons_range_is_told_once_and_softly():
    guide = Guide(FREE, GuideSettings(ranges={"leg_l": 0.5}))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    assert rested(guide, 13.1, 14.0, picture(14.0, load=0.55)) == []  # 45 % has left the mat: small
    assert guide.tick(14.1, picture(14.1, load=0.3)) == []  # a tremor
    told = rested(guide, 14.2, 16.0, picture(16.0, load=0.3))
    assert sounds(told) == ["beyond_range"] and told[0].at_s == pytest.approx(14.4)
    assert rested(guide, 16.1, 30.0, picture(30.0, load=0.1)) == []


@pytest.mark.parametrize("limb, on", [("leg_r", True), ("leg_l", False)])
def test_no_tone_for_a_limb_without_a_range_or_when_switched_off(limb, on):
    guide = Guide(FREE, GuideSettings(ranges={limb: 0.5}, range_sound=on))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    assert rested(guide, 13.1, 20.0, picture(14.0, load=0.0)) == []


def test_two_minutes_of_small_and_large_teach_the_range():
    guide = Guide(EXERCISES["small_and_large"])
    lying(guide)
    heard = []
    for n, (limb, extent) in enumerate([("leg_l", 0.3), ("leg_l", 0.7), ("leg_r", 0.6), ("leg_r", 0.65)]):
        one = lift(limb, 20.0 + 20 * n, 26.0 + 20 * n, 30.0 + 20 * n, extent)
        guide.feed(one)
        heard += guide.feed(repetition(one))
    assert guide.ranges == {"leg_l": 0.5}  # of the right leg the mat cannot tell small from large,
    assert [cue.say for cue in heard if cue.say] == [words("range_unclear", "en")]  # and that is said
    assert guide.view.done


def test_the_next_lift_before_the_melt_ended_is_noticed_and_said_afterwards_gently():
    guide = Guide(FREE)
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    guide.feed(event("touch_down", 17.0))
    guide.feed(event("prepare_start", 18.0, "leg_r"))
    heard = guide.feed(event("lift_off", 20.0, "leg_r"))
    assert all(cue.say is None for cue in heard)  # not while the limb is aloft
    assert guide.feed(event("melt_end", 21.0, "leg_l", 22.0)) == []
    assert guide.view.hurried == 1
    guide.feed(event("touch_down", 25.0, "leg_r"))
    heard = guide.feed(event("melt_end", 30.0, "leg_r", 31.0))
    assert sounds(heard) == ["melt_done"] and "You have time" in heard[0].say


def test_the_same_limb_lifting_again_before_its_melt_ended_is_noticed_too():
    guide = Guide(FREE)
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    guide.feed(event("touch_down", 17.0))
    guide.feed(event("lift_off", 19.0))
    assert guide.view.hurried == 1


def test_a_melt_that_was_over_but_not_yet_announced_is_not_called_hurried():
    guide = Guide(FREE)
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    guide.feed(event("touch_down", 17.0))
    guide.feed(event("prepare_start", 20.5, "leg_r"))
    guide.feed(event("lift_off", 22.0, "leg_r"))
    guide.feed(event("melt_end", 19.0, "leg_l", 22.5))
    assert (guide.view.hurried, guide.view.rests_s) == (0, (1.5,))


def test_the_rest_between_repetitions_is_measured_from_melt_to_prepare():
    guide = Guide(FREE)
    lying(guide)
    one_lift(guide, 13.0, melt=23.0)
    one_lift(guide, 40.0, melt=50.0)
    assert guide.view.rests_s == (14.0,)  # 23.0 -> 37.0


# Exercises ----------------------------------------------------------------------------------------------------------------------


def test_a_step_is_made_by_its_own_limbs_only():
    guide = Guide(LEG)
    lying(guide)
    one_lift(guide, 13.0, limb="leg_r")
    assert guide.view.repetition == 0
    one_lift(guide, 33.0, limb="leg_l")
    assert guide.view.repetition == 1


def test_who_leaves_a_step_out_and_makes_the_next_one_twice_is_taken_to_be_there():
    guide = Guide(LEG)
    lying(guide)
    one_lift(guide, 13.0, limb="leg_r")
    assert guide.view.step == 1
    one_lift(guide, 43.0, limb="leg_r")
    assert (guide.view.step, guide.view.repetition) == (2, 1)


def test_an_arm_and_the_opposite_leg_make_a_full_repetition_one_alone_does_not():
    guide = Guide(FULL)
    lying(guide)
    guide.feed(repetition(lift("leg_l")))
    assert guide.view.repetition == 0
    guide.feed(repetition(lift("leg_l"), lift("arm_r")))
    assert guide.view.repetition == 1


def test_a_step_that_unweights_is_made_without_losing_contact():
    text = Text(en="x", de="x")
    step = Step(name="belly", limbs=("belly",), title=text, say=text, movement="unweighting", repetitions=3)
    guide = Guide(Exercise(name="x", title=text, about=text, position="prone", steps=(step,)))
    lying(guide)
    heard = guide.feed(event("unweighting", 15.0, "belly", 20.0))
    guide.feed(Lift("belly", "unweighting", "limb", 13.0, None, None, 19.5, {"melt_end": 20.0}, extent=0.5))
    assert sounds(heard) == ["melt_done"]
    assert guide.view.repetition == 1
    guide.feed(event("unweighting", 31.0, "belly", 36.0))
    assert guide.view.rests_s == (11.0,)  # 20.0 -> 31.0


def test_an_exercise_is_guided_from_one_step_to_the_next_with_words_for_what_comes():
    guide = Guide(ONCE)
    lying(guide)
    t_s, said = 20.0, []
    for step in ONCE.steps:
        assert guide.view.limbs == step.limbs
        for limb in step.limbs:
            guide.feed(event("lift_off", t_s, limb))
        for limb in step.limbs:
            guide.feed(event("touch_down", t_s + 5, limb))
        for limb in step.limbs:
            guide.feed(event("melt_end", t_s + 9, limb, t_s + 10))
        guide.feed(repetition(*(lift(limb, t_s, t_s + 5, t_s + 9) for limb in step.limbs)))
        said += [cue.say for cue in rested(guide, t_s + 10, t_s + 20) if cue.sound == "rest_done"]
        t_s += 25
    assert said == [step.say.en for step in ONCE.steps[1:]] + [guide.view.next]
    assert guide.view.done and "That was the whole exercise" in guide.view.next


def test_german_is_spoken_to_those_who_chose_it_and_nothing_to_those_who_want_no_voice():
    guide = Guide(LEG, GuideSettings(language="de"))
    assert "Bein" in lying(guide)[0].say
    silent = Guide(LEG, GuideSettings(voice="off", counting=True))
    heard = lying(silent) + one_lift(silent, 13.0, 30.0) + rested(silent, 36.0, 50.0)
    assert len(heard) > 10 and all(cue.say is None for cue in heard)


def test_a_button_pressed_again_and_again_does_not_pile_up_sounds():
    guide = Guide(FREE)
    lying(guide)
    heard = []
    for n in range(20):
        heard += guide.pause(20 + n / 20) if n % 2 == 0 else guide.resume(20 + n / 20)
    assert 1 <= len(heard) <= CUES_PER_SECOND
    assert sounds(guide.feed(Presence("empty", 20.9, 20.99))) == ["end"]  # what matters is heard all the same


def test_a_limb_that_detection_sees_at_rest_is_at_rest_though_no_event_said_so():
    guide = Guide(FREE, GuideSettings(counting=True))
    lying(guide)
    guide.feed(event("lift_off", 13.0))
    rested(guide, 13.1, 100.0, picture(14.0, load=0.0))
    assert guide.view.state == "aloft"
    rested(guide, 100.0, 110.0, AT_REST)
    assert (guide.view.state, guide.view.count) == ("rest", None)


# Whatever is fed ----------------------------------------------------------------------------------------------------------------

LIMBS = st.sampled_from(["arm_l", "arm_r", "leg_l", "leg_r", "belly", "?"])
TIMES = st.one_of(st.floats(0, 300, allow_nan=False), st.floats(10, 14), st.floats(0, 40))
KINDS = st.sampled_from(["prepare_start", "prepare_dropped", "lift_off", "touch_down", "melt_end", "unweighting", "void"])


@st.composite
def lifts(draw):
    optional = st.one_of(st.none(), TIMES)
    reported = draw(st.dictionaries(st.sampled_from(["lift_off", "touch_down", "melt_end"]), TIMES))
    kind = draw(st.sampled_from(["lift", "unweighting", "void"]))
    return Lift(
        draw(LIMBS), kind, "limb", draw(optional), draw(optional), draw(optional), draw(optional), reported,
        extent=draw(st.one_of(st.none(), st.floats(0, 1))),
    )  # fmt: skip


FED = st.one_of(
    st.builds(PhaseEvent, KINDS, LIMBS, TIMES, TIMES),
    st.builds(Presence, st.sampled_from(["empty", "arriving", "settling", "still"]), TIMES, TIMES),
    lifts(),
    st.builds(Repetition, st.just("leg"), st.just("left"), st.lists(lifts(), min_size=1, max_size=2).map(tuple), TIMES),
    st.builds(
        Fault, st.sampled_from(["open", "noisy"]), st.sampled_from([None, "foot_l"]), TIMES, TIMES, st.booleans(), st.just("")
    ),
)
DONE = st.one_of(
    FED,
    st.tuples(st.just("tick"), TIMES),
    st.tuples(st.sampled_from(["start", "stop", "pause", "resume", "mark", "skip", "repeat", "back", "retire"]), TIMES),
    st.tuples(st.just("live"), TIMES),
)
CHOSEN = st.builds(
    GuideSettings,
    settling_s=st.floats(1, 60),
    rest_s=st.floats(0, 120),
    counting=st.booleans(),
    hold_s=st.one_of(st.none(), st.floats(0, 60)),
    count_s=st.floats(0.5, 3),
    counts=st.one_of(st.none(), st.just((4,)), st.just((30, 30))),
    prepare_sound=st.booleans(),
    ranges=st.just({"leg_l": 0.4}),
    voice=st.sampled_from(["off", "counts", "all"]),
    language=st.sampled_from(["en", "de"]),
)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(EXERCISES)), CHOSEN, st.booleans(), st.lists(DONE, max_size=60))
def test_nothing_that_is_fed_breaks_it_floods_it_or_makes_it_speak_of_the_past(name, chosen, lies_there, steps):
    guide = Guide(EXERCISES[name], chosen)
    now_s, heard = float("-inf"), []
    if lies_there:
        steps = [("start", 0.0), *steps]
    for step in steps:
        if isinstance(step, tuple):
            what, t_s = step
            now_s = max(now_s, t_s)
            cues = guide.tick(t_s, picture(t_s, load=0.2)) if what == "live" else getattr(guide, what)(t_s)
        else:
            reported = [step.reported_at_s] if not isinstance(step, Lift) else list(step.reported_at.values())
            now_s = max([now_s, *reported])
            cues = guide.feed(step)
        for cue in cues:
            assert cue.at_s >= now_s
            assert cue.at_s <= now_s + AHEAD_S
            assert cue.expires_s > cue.at_s
            if cue.sound == HUSH:
                heard = [other for other in heard if other <= cue.at_s]
            else:
                heard.append(cue.at_s)
        for at_s in heard[-8:]:
            assert sum(at_s <= other < at_s + 1.0 for other in heard) <= CUES_PER_SECOND
        view = guide.view
        assert (view.count is None) == (view.count_of is None)
        assert view.count is None or 1 <= view.count <= view.count_of
        assert all(rest_s >= 0 for rest_s in view.rests_s)

    # However it was left, it comes to rest by itself, and an empty mat ends it for good.
    now_s = max(now_s, 0.0)
    for _ in range(500):
        now_s += 1.0
        guide.tick(now_s, AT_REST)
    assert guide.view.state in ("away", "ended", "turning", "waiting", "rest", "paused")
    assert [cue for n in range(200) for cue in guide.tick(now_s + n, AT_REST)] == []
    assert [cue.sound for cue in guide.feed(Presence("empty", now_s + 200, now_s + 200))] in ([], ["end"])
    assert guide.view.state == "away"
    assert [cue for n in range(200) for cue in guide.tick(now_s + 200 + n)] == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TIMES, st.floats(0.01, 5), st.booleans()), max_size=40), st.lists(TIMES, max_size=40))
def test_outputs_begin_nothing_early_late_or_taken_back(planned, asked):
    plan, taken_back_s = CuePlan(), []
    cues = [Cue(HUSH if hush else "count", at_s, at_s + life_s) for at_s, life_s, hush in planned]
    for cue in cues:
        plan.add(cue)
    last_hush = max((n for n, cue in enumerate(cues) if cue.sound == HUSH), default=-1)
    taken_back_s = cues[: last_hush + 1]
    begun = []
    for now_s in sorted(asked):
        for cue in plan.due(now_s):
            assert cue.at_s <= now_s <= cue.expires_s
            assert not any(cue is other for other in taken_back_s)
            begun.append(id(cue))
    assert len(begun) == len(set(begun))


# Purity -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", PURE, ids=lambda module: module.__name__)
def test_the_guide_and_its_parts_hold_no_clock_thread_file_or_socket(module):
    allowed = {"__future__", "collections", "collections.abc", "dataclasses", "math", "statistics", "typing", "station.model"}
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {name for name in imported if not name.startswith("station.practice.")} <= allowed
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"open", "print", "input", "exec", "eval", "__import__"}


def test_two_guides_fed_the_same_say_the_same_whatever_the_wall_clock_does():
    first, second = Guide(LEG, GuideSettings(counting=True)), Guide(LEG, GuideSettings(counting=True))
    assert lying(first) + one_lift(first, 20.0) == lying(second) + one_lift(second, 20.0)
    assert first.view == second.view
