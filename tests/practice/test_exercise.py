"""Exercises as data: what comes with the station is sound, and a mistake in one's own file is named."""

from __future__ import annotations

import pytest

from hardware.mats import find_mat
from station.practice.exercise import (
    ExerciseFileError,
    UnknownExerciseError,
    find_exercise,
    load_exercises,
    missing_limbs,
    parse_exercises,
)

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
    assert all(step.repetitions == 1 for step in exercises["one_of_each"].steps)
    assert [step.name for step in exercises["one_of_each"].steps] == [step.name for step in whole]


def test_a_full_lift_is_an_arm_and_the_opposite_leg():
    for step in load_exercises()["full"].steps:
        arm, leg = sorted(step.limbs)
        assert (arm[:3], leg[:3]) == ("arm", "leg") and arm[-1] != leg[-1]


def test_two_other_exercises_need_no_code():
    exercises = load_exercises()
    assert exercises["arch_and_flatten"].steps[0].movement == "unweighting"
    assert exercises["side_leg_lift"].position == "side"


def test_an_exercise_says_which_limbs_the_mat_lacks():
    mat, _ = find_mat("full-16")
    exercises = load_exercises()
    assert missing_limbs(exercises["back_lift"], mat) == ()
    assert missing_limbs(exercises["arch_and_flatten"], mat) == ("belly",)


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
    with pytest.raises(UnknownExerciseError, match="no exercise 'jump'; exercises are arch_and_flatten, back_lift"):
        find_exercise("jump", load_exercises())


@pytest.mark.parametrize(
    "text, words",
    [
        (HEAD + STEP + "repetition = 3", "repetition"),
        (HEAD + STEP + "repetitions = 0", "repetitions"),
        (HEAD + STEP + "counts = [8, 40]", "counts"),
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
