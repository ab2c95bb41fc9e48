"""What is said after a session is true, in kind words, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.locale.texts import Texts
from station.model import Lift
from station.practice.exercise import Text, load_exercises
from station.practice.phrases import FACES, PAIN, number, words
from station.practice.sounds import design
from station.practice.summary import hurried, session_words, usual_melt_s


def made(touch_down, melt, *limbs):
    """One repetition of these limbs, aloft for 5 s after 3 s of prepare, as the detector reports it."""
    return [
        Lift(limb, "lift", "limb", touch_down - 8, touch_down - 5, touch_down, None if melt is None else touch_down + melt, {})
        for limb in limbs or ("leg_l",)
    ]


def test_the_sentence_names_the_lifts_the_melts_and_what_was_slower_than_usual():
    melts = [4, 5, 7, 7]
    session = [made(20 + 30 * n, melt) for n, melt in enumerate(melts)]
    assert session_words(session, "en", usual_melt_s=5.0) == (
        "Four lifts of the left leg. Your melts took 4, 5, 7 and 7 seconds; the last two were longer than usual for you."
    )
    assert session_words(session, "de", usual_melt_s=5.0) == (
        "Viermal das linke Bein gehoben. Das Loslassen dauerte 4, 5, 7 und 7 Sekunden; "
        "die letzten zwei Male war es länger als sonst."
    )


def test_several_limbs_are_named_in_the_order_they_came():
    session = [made(20, 4), made(50, 5, "arm_r"), made(80, 6), made(110, 6, "leg_l", "arm_r")]
    assert session_words(session).startswith(
        "Two lifts of the left leg, one of the right arm and one of the right arm with the left leg."
    )
    assert session_words(session, "de").startswith(
        "Zweimal das linke Bein, einmal den rechten Arm und einmal den rechten Arm mit dem linken Bein gehoben."
    )


def test_without_a_usual_nothing_is_compared_and_quicker_melts_are_never_mentioned():
    session = [made(20, 3), made(50, 3)]
    assert (
        session_words(session)
        == session_words(session, usual_melt_s=9.0)
        == "Two lifts of the left leg. Your melts took 3 and 3 seconds."
    )


def test_what_could_not_be_told_is_said_to_be_unknown():
    assert "(one could not be timed)" in session_words([made(20, 4), made(50, None)])
    assert session_words([made(20, None)]).endswith("How long the melts took is not known.")


def test_a_lift_before_the_melt_was_over_is_mentioned_gently():
    early = [made(20, 9), made(32, 4)]  # prepare at 24, melt over at 29
    assert hurried(early) == 1
    assert session_words(early).endswith("Once, the next lift began before the melt was over; you have time.")
    assert hurried([made(20, 4), made(32.1, 4)]) == 0  # 24.0 and 24.1


def test_what_was_aloft_at_the_same_time_is_never_called_hurried():
    leg, arm = made(20, 9), made(21, 9, "arm_l")  # the same side: two repetitions to the detector, one movement to the person
    assert hurried([leg, arm]) == 0


def test_an_arm_and_a_leg_melt_as_long_as_the_longer_of_them_and_unknown_when_one_is():
    leg, arm = made(20, 9), made(20, 4, "arm_r")
    assert "took 9 seconds" in session_words([leg + arm])
    assert "is not known" in session_words([leg + made(20, None, "arm_r")])


def test_lying_still_is_a_session_too():
    assert session_words([]) == "You lay still and rested."
    assert session_words([], unweightings=3) == "Three times a part of the body became lighter without leaving the mat."
    assert session_words([], "de", unweightings=1) == "Einmal wurde ein Körperteil leichter, ohne die Matte zu verlassen."


def test_what_is_not_sure_is_about_and_never_called_longer():
    def unsure(touch_down, melt, sd_s):
        return [replace(made(touch_down, melt)[0], melt_end_sd=sd_s)]

    assert session_words([unsure(20, 6, 2.0)], usual_melt_s=5.0) == "One lift of the left leg. Your melt took about 6 seconds."
    assert "longer than usual" in session_words([unsure(20, 6, 0.2)], usual_melt_s=5.0)


def test_melts_that_are_all_alike_are_one_number_and_none_takes_no_time():
    assert "took 5 seconds" in session_words([made(20 + 30 * n, 5.1) for n in range(9)])
    assert "took under 0.1 seconds" in session_words([made(20, 0.01)])


def test_left_and_right_are_named_in_the_order_they_were_lifted():
    slow, quick = made(20, 30, "leg_l"), made(24, 3, "leg_r")
    assert session_words([quick, slow]).startswith("One lift of the left leg and one of the right leg.")


def test_ones_own_limb_is_quoted_in_german():
    assert session_words([made(20, 4, "leg_upper")], "de").startswith("Einmal „leg upper“ gehoben.")


def test_between_lifts_a_body_shifts_and_that_is_not_told():
    assert session_words([made(20, 4)], unweightings=3) == session_words([made(20, 4)])


def test_three_sessions_make_a_usual():
    assert usual_melt_s([4.0, None, 6.0]) is None
    assert usual_melt_s([4.0, None, 9.0, 6.0]) == 6.0


@given(
    st.lists(
        st.tuples(st.sampled_from(["arm_l", "leg_r", "belly"]), st.one_of(st.none(), st.floats(0.1, 25))), min_size=1, max_size=20
    ),
    st.one_of(st.none(), st.floats(0.5, 20)),
    st.sampled_from(["en", "de"]),
)
def test_every_number_in_the_sentence_is_one_that_was_measured(lifts, usual_melt_s, language):
    session = [made(50 * (n + 1), melt, limb) for n, (limb, melt) in enumerate(lifts)]
    text = session_words(session, language, usual_melt_s=usual_melt_s)
    said = [float(found.replace(",", ".")) for found in re.findall(r"\d+(?:[.,]\d)?(?=,? |\.)(?!-mal)", text.partition(". ")[2])]
    known = [melt for _, melt in lifts if melt is not None]
    for value in said:
        assert any(abs(value - melt) <= 0.5001 for melt in known) or value in (len(known), len(lifts) - len(known), len(lifts))
    assert ("longer than usual" in text or "länger als sonst" in text) == any(
        usual_melt_s is not None and melt > usual_melt_s + max(0.5, 0.15 * usual_melt_s) for melt in known
    )


# Words --------------------------------------------------------------------------------------------------------------------------


def everything_said():
    for key in Texts("en").keys("practice."):
        yield key, Text(en=Texts("en").source(key), de=Texts("de").source(key))
    for exercise in load_exercises().values():
        yield exercise.name, exercise.title
        yield exercise.name, exercise.about
        for step in exercise.steps:
            yield step.name, step.title
            yield step.name, step.say
    for name, melody in design().sounds.items():
        yield name, melody.meaning


def test_no_word_urges_anybody_on():
    unkind = (
        r"\b(push|harder|more effort|goal|score|streak|best|worse|failed|wrong|must|should"
        r"|drück|streng|ziel|punkte|schlecht|falsch|musst|sollst)"
    )
    for key, text in everything_said():
        for sentence in (text.en, text.de):
            assert not re.search(unkind, sentence, re.IGNORECASE), (key, sentence)


def test_pain_is_answered_with_stop_smaller_rest():
    said = [words(key, "en").lower() for key in PAIN]
    assert ["stop" in said[0], "smaller" in said[1], "rest" in said[2]] == [True] * 3


def test_there_are_five_faces_with_different_words_in_both_languages():
    for language in ("en", "de"):
        assert len({words(face, language) for face in FACES}) == 5


@pytest.mark.parametrize("language", ["en", "de"])
def test_counts_are_spoken_as_different_words(language):
    spoken = [number(count, language) for count in range(1, 31)]
    assert len(set(spoken)) == 30 and all(word.isalpha() or "-" in word for word in spoken)
    assert (number(8, "en"), number(12, "de")) == ("eight", "zwölf")
