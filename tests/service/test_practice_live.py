"""What is guided is recorded and what is ended is silent: the whole station on fake time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_time import Rig, rig
from test_button_and_trouble import cues, press
from test_commands_live import LYING, ask

from hardware.errors import BackliftError
from station import messages as m


@pytest.fixture
def lying(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path, script=LYING) as made:
        made.run(20.0)
        yield made


def test_after_the_end_while_lying_nothing_is_heard_and_nothing_recorded_until_asked(lying: Rig) -> None:
    ask(lying, m.GuideStart(exercise="leg"))
    ask(lying, m.SessionStop())
    sent: list[dict[str, object]] = []
    cues(lying, sent)
    lying.run(60.0)
    state = lying.station.session.state(lying.clock.monotonic_s())
    assert sent == [] and state.ended and state.session is None and state.guide.state == "ended"
    # An exercise that is asked for now begins a session: what is guided is recorded.
    answer = ask(lying, m.GuideStart(exercise="elbow"))
    lying.run(20.0)
    assert answer == {"exercise": "elbow", "begins": "now"}
    assert lying.station.session.in_session and not lying.station.session.state(0.0).ended
    assert "ready" in [cue["sound"] for cue in sent]


def test_an_exercise_asked_for_in_a_pause_ends_the_pause(lying: Rig) -> None:
    ask(lying, m.Pause())
    ask(lying, m.GuideStart(exercise="leg"))
    assert not lying.station.session.state(0.0).paused


def test_choosing_says_whether_it_begins_now_or_with_the_next_lying_down(tmp_path: Path, lying: Rig) -> None:
    assert ask(lying, m.GuideStart(exercise="leg"))["begins"] == "now"


def test_a_pause_without_a_session_is_declined_and_does_not_stick(lying: Rig) -> None:
    ask(lying, m.SessionStop())
    with pytest.raises(BackliftError, match="No session"):
        ask(lying, m.Pause())
    assert not lying.station.session.state(0.0).paused


def test_steps_are_skipped_and_gone_back_to_and_free_practice_declines(lying: Rig) -> None:
    ask(lying, m.GuideStart(exercise="back_lift"))
    ask(lying, m.GuideSkip())
    assert lying.station.session.guide.view.step == 2
    ask(lying, m.GuideBack())
    assert lying.station.session.guide.view.step == 1
    ask(lying, m.GuideStart(exercise="back_lift", step=5))
    assert lying.station.session.guide.view.step == 5
    ask(lying, m.GuideStop())
    with pytest.raises(BackliftError, match="free practice has no steps"):
        ask(lying, m.GuideSkip())


def test_two_presses_skip_a_step_and_three_end_the_session(lying: Rig) -> None:
    ask(lying, m.GuideStart(exercise="back_lift"))
    press(lying, then_s=0.2)
    press(lying)
    assert lying.station.session.guide.view.step == 2
    for _ in range(3):
        press(lying, then_s=0.2)
    assert not lying.station.session.in_session


def test_an_exercise_this_mat_cannot_feel_is_declined_and_changes_nothing(lying: Rig) -> None:
    ask(lying, m.GuideStart(exercise="leg"))
    with pytest.raises(BackliftError, match="cannot feel what 'lower_body_diagonal' moves"):
        ask(lying, m.GuideStart(exercise="lower_body_diagonal"))
    assert lying.station.session.guide.exercise.name == "leg"


def test_ones_own_file_counts_from_the_next_start_on(lying: Rig, tmp_path: Path) -> None:
    text = 'position = "any"\ntitle = { en = "Mine", de = "x" }\nabout = { en = "y", de = "y" }\n'
    folder = tmp_path / "data" / "exercises"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    assert ask(lying, m.GuideStart(exercise="mine"))["exercise"] == "mine"


def test_too_much_makes_the_range_smaller_for_good(lying: Rig) -> None:
    lying.station._values["practice.ranges"] = {"leg_l": 0.5}
    lying.station.session._guidance.follow_settings()
    assert lying.station.session.guide.settings.ranges == {"leg_l": 0.5}
    lying.station._values["practice.ranges"] = {"arm_r": 0.5}
    lying.station.session._guidance.follow_settings()
    assert lying.station.session.guide.settings.ranges == {}, "of an arm a mat does not feel how high it is"
