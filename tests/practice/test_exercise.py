"""Exercises as data: what comes with the station is sound, and a mistake in one's own file is named."""

from __future__ import annotations

import itertools

import pytest

from hardware.mats import find_mat
from station.practice.exercise import (
    ExerciseFileError,
    UnknownExerciseError,
    find_exercise,
    for_mat,
    load_exercises,
    missing_limbs,
    parse_exercises,
)
from station.practice.positions import POSITIONS, body_map, same_side

HEAD = """
position = "prone"
[title]
en = "x"
de = "x"
[about]
en = "x"
de = "x"
"""
STEP = """
[[step]]
name = "one"
limbs = ["leg_l"]
title = { en = "x", de = "x" }
say = { en = "x", de = "x" }
"""


def test_the_back_lift_is_there_in_parts_and_whole_on_both_sides():
    exercises = load_exercises()
    assert {"free", "elbow", "elbow_hand_head", "leg", "full", "back_lift", "one_of_each", "small_and_large"} <= set(exercises)
    for part in ("elbow", "elbow_hand_head", "leg", "full"):
        first, second = exercises[part].steps
        mirrored = {"l": "r", "r": "l"}
        assert {limb[:-1] + mirrored[limb[-1]] for limb in first.limbs} == set(second.limbs)
        assert first.counts == (8, 10, 12)
    whole = exercises["back_lift"].steps
    assert sorted(step.name for step in whole) == sorted(
        step.name for part in ("elbow", "elbow_hand_head", "leg", "full") for step in exercises[part].steps
    )
    assert exercises["back_lift"].counting and all(step.after_last == "slower" for step in whole)


EVERY_EXERCISE = {name for name, each in load_exercises().items() if each.kind == "exercise" and each.steps} - {
    "small_and_large",  # measures a range; nothing to practise
    "side_leg_lift",  # the same movement as the iliotibial band release, without its turn
    "back_lift",  # comes in its parts
}


def test_one_of_each_is_one_micromovement_of_every_exercise_and_the_whole_practice_leaves_none_out():
    exercises = load_exercises()
    parts = {name: {step.name for step in exercises[name].steps} for name in EVERY_EXERCISE | {"elbow", "leg", "full"}}
    for programme in ("one_of_each", "whole_practice"):
        made = {step.name for step in exercises[programme].steps}
        for name, steps in parts.items():
            assert made & steps, f"{programme} has nothing of {name}"
    assert all(step.repetitions == 1 for step in exercises["one_of_each"].steps)
    assert 8 <= exercises["short_practice"].minutes <= 12


def test_a_programme_turns_over_as_seldom_as_it_can():
    for programme in ("one_of_each", "short_practice", "whole_practice"):
        positions = [step.position for step in load_exercises()[programme].steps]
        turns = [b for a, b in itertools.pairwise(positions) if not same_side(a, b)]
        assert len(turns) == len(set(turns)), f"{programme} comes back to a position it had left: {turns}"


@pytest.mark.parametrize("mat_name", ["full-16", "half-8", "small-4"])
def test_what_a_mat_cannot_feel_is_left_out_and_the_rest_is_offered(mat_name):
    mat, _ = find_mat(mat_name)
    for exercise in load_exercises().values():
        fitted = for_mat(exercise, mat)
        if fitted is not None:
            assert missing_limbs(fitted, mat) == ()
        elif missing_limbs(exercise, mat) == ():
            pytest.fail(f"{exercise.name} lacks nothing and is not offered")
        for step in exercise.steps:
            assert step.position in POSITIONS


def test_which_exercises_each_mat_offers():
    offered = {
        name: {each.name for each in load_exercises().values() if for_mat(each, find_mat(name)[0]) is not None}
        for name in ("full-16", "half-8", "small-4")
    }
    every = set(load_exercises())
    assert offered["full-16"] == every
    assert every - offered["half-8"] == {"lower_body_diagonal"}
    assert every - offered["small-4"] == {
        "arch_and_flatten",
        "arch_and_curl",
        "one_sided_arch_and_curl",
        "diagonal_arch_and_curl",
        "lower_body_diagonal",
        "side_curl",
        "head_and_knee",
        "small_and_large",
    }


def test_on_the_back_left_and_right_change_places():
    body = body_map(find_mat("full-16")[0])
    assert body.limb("leg_l", "prone").zones[0] == "foot_l"
    assert body.limb("leg_l", "supine").zones[0] == "foot_r"
    assert body.limb("leg_l", "supine_bent").zones == ("knee_r",), "the feet stand where the knees lay"
    names = find_mat("full-16")[0].zone_names
    assert [names[n] for n in body.trunk["supine"]["pelvis"].left] == ["pelvis_r"]


def test_a_mat_that_cannot_tell_the_parts_of_an_arm_takes_any_of_them():
    elbow = load_exercises()["elbow"]
    assert {step.part for step in for_mat(elbow, find_mat("full-16")[0]).steps} == {"elbow"}
    assert {step.part for step in for_mat(elbow, find_mat("small-4")[0]).steps} == {None}


def test_a_full_lift_is_an_arm_and_the_opposite_leg():
    for step in load_exercises()["full"].steps:
        arm, leg = sorted(step.limbs)
        assert (arm[:3], leg[:3]) == ("arm", "leg") and arm[-1] != leg[-1]


def test_two_other_exercises_need_no_code():
    exercises = load_exercises()
    assert [step.movement for step in exercises["arch_and_flatten"].steps] == ["lighten", "press"]
    assert {step.position for step in exercises["side_leg_lift"].steps} == {"side_left", "side_right"}


def test_an_exercise_says_which_limbs_the_mat_lacks():
    exercises = load_exercises()
    assert missing_limbs(exercises["back_lift"], find_mat("full-16")[0]) == ()
    assert missing_limbs(exercises["arch_and_flatten"], find_mat("small-4")[0]) == ("lower_back",)


def test_ones_own_exercise_is_read_from_a_folder_and_an_absent_folder_is_none(tmp_path):
    (tmp_path / "mine.toml").write_text(HEAD + STEP, encoding="utf-8")
    assert load_exercises(tmp_path)["mine"].steps[0].limbs == ("leg_l",)
    assert "mine" not in load_exercises(tmp_path / "nowhere")


def test_a_slip_in_ones_own_file_leaves_out_that_file_and_nothing_else(tmp_path):
    (tmp_path / "mine.toml").write_text(HEAD + STEP, encoding="utf-8")
    (tmp_path / "slip.toml").write_text(HEAD + STEP + "speed = 3", encoding="utf-8")
    (tmp_path / "My Way.toml").write_text(HEAD + STEP, encoding="utf-8")
    (tmp_path / "latin.toml").write_bytes(HEAD.replace("x", "ä").encode("latin-1"))
    told = []
    exercises = load_exercises(tmp_path, told.append)
    assert "mine" in exercises and "back_lift" in exercises and not {"slip", "latin"} & set(exercises)
    assert len(told) == 3 and all("toml" in words for words in told)
    with pytest.raises(ExerciseFileError):
        load_exercises(tmp_path)


def test_an_unknown_exercise_is_answered_with_those_there_are():
    with pytest.raises(UnknownExerciseError, match="no exercise 'jump'; exercises are arch_and_curl, arch_and_flatten, back_lift"):
        find_exercise("jump", load_exercises())


@pytest.mark.parametrize(
    "text, words",
    [
        (HEAD + STEP + "repetition = 3", "repetition"),
        (HEAD + STEP + "repetitions = 0", "repetitions"),
        (HEAD + STEP + "counts = [8, 1]", "counts"),
        (HEAD + STEP + STEP, "two steps are named 'one'"),
        (HEAD + STEP.replace('"leg_l"', '"leg_l", "leg_l"'), "names a limb twice"),
        (HEAD + STEP.replace('"leg_l"', '"leg_l", "leg_r"') + 'movement = "unweighting"', "unweights several limbs"),
        (HEAD.replace('de = "x"', "", 1), "de"),
        (HEAD + STEP + '[[include]]\nexercise = "other"', "both"),
        (HEAD + '[[include]]\nexercise = "nothing"', "cannot include 'nothing'"),
        (HEAD + '[[include]]\nexercise = "other"\nsteps = ["two"]', "no step 'two'"),
        (HEAD + '[[include]]\nexercise = "mine"', "cannot include 'mine'"),
        ("position = ", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file(text, words):
    with pytest.raises(ExerciseFileError, match=r"^mine\.toml") as caught:
        parse_exercises({"other": HEAD + STEP, "mine": text})
    assert words in str(caught.value) and "\n" not in str(caught.value)
