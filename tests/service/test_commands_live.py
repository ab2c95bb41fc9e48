"""What people ask for over the link, done by the thread that owns it, on fake time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fake_time import Rig, rig

from hardware.errors import BackliftError
from hardware.sim.script import Away, LieDown, Rest, Script
from station import messages as c
from station.store import Reader

EMPTY = Script(((Away(900.0),),))
LYING = Script(((Away(4.0),), (LieDown(4.0),), (Rest(900.0),)))


class Answer:
    """Keeps what a command was answered."""

    def __init__(self) -> None:
        self.value: Any = None
        self.words: str | None = None
        self.given = threading.Event()

    def result(self, value: Any = None) -> None:
        self.value = value
        self.given.set()

    def error(self, error: BackliftError) -> None:
        self.words = str(error)
        self.given.set()


def ask(made: Rig, command: c.Command, sender: c.Sender | None = None) -> Any:
    """Give a command as the link would; its result, or the error it was declined with."""
    answer = Answer()
    made.station.dispatcher.dispatch(command, answer, sender or min(command.senders))
    made.run(0.1)
    assert answer.given.wait(10)
    # The writer answers in real time; let the pipeline see what it did.
    made.run(0.05)
    if answer.words is not None:
        raise BackliftError(answer.words)
    return answer.value


@pytest.fixture
def lying(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path, script=LYING) as made:
        made.run(18.0)
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path, script=EMPTY) as made:
        made.run(1.0)
        yield made


def sessions(folder: Path) -> list[tuple[int, str]]:
    with Reader(folder / "data" / "backlift.db") as reader:
        return [(each.id, each.state) for each in reader.sessions()]


def test_a_session_that_is_stopped_by_hand_stays_stopped_until_somebody_wants_another(lying: Rig, tmp_path: Path) -> None:
    ask(lying, c.SessionStop())
    lying.run(10.0)
    assert not lying.station.session.in_session
    ask(lying, c.SessionStart())
    # The detector begins anew and has to feel somebody breathe.
    lying.run(10.0)
    assert lying.station.session.in_session
    lying.settle()
    assert sessions(tmp_path) == [(2, "open"), (1, "ended")]


def test_without_a_session_there_is_nothing_to_stop_or_to_mark(empty: Rig) -> None:
    for command in (c.SessionStop(), c.Mark(text="here")):
        with pytest.raises(BackliftError, match="No session is running"):
            ask(empty, command)


def test_marks_and_pauses_are_kept_with_the_session(lying: Rig, tmp_path: Path) -> None:
    ask(lying, c.Mark(text="left hip"))
    ask(lying, c.Pause())
    assert lying.station.session.state(0.0).paused is True
    ask(lying, c.Resume())
    assert lying.station.session.state(0.0).paused is False
    lying.settle()
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        kept = [(event.type, event.body) for event in reader.events(1) if event.type in ("mark", "pause", "resume")]
    assert [each[0] for each in kept] == ["mark", "pause", "resume"]
    assert kept[0][1]["text"] == "left hip"


def test_a_setting_is_checked_kept_and_in_force_at_once(empty: Rig, tmp_path: Path) -> None:
    ask(empty, c.SettingSet(key="practice.counting", value=True))
    assert empty.station.session.guide.settings.counting is True
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        assert reader.settings()["practice.counting"] is True
    with pytest.raises(BackliftError, match=r"practice\.count_s"):
        ask(empty, c.SettingSet(key="practice.count_s", value=99))
    ask(empty, c.SettingSet(key="practice.counting", value=None))
    assert empty.station.session.guide.settings.counting is None


def test_an_exercise_is_guided_and_an_unknown_one_named(empty: Rig) -> None:
    ask(empty, c.GuideStart(exercise="back_lift"))
    assert empty.station.session.state(0.0).guide.exercise == "back_lift"
    with pytest.raises(BackliftError, match="flying"):
        ask(empty, c.GuideStart(exercise="flying"))
    ask(empty, c.GuideStop())
    assert empty.station.session.state(0.0).guide.exercise == "free"


def test_another_mat_is_chosen_only_while_nobody_lies_on_this_one(lying: Rig, tmp_path: Path) -> None:
    with pytest.raises(BackliftError, match="get off the mat"):
        ask(lying, c.MatChoose(name="full-16"))
    assert not lying.station.done.is_set()


def test_choosing_a_mat_asks_for_a_new_start_with_it(empty: Rig, tmp_path: Path) -> None:
    with pytest.raises(BackliftError, match="half-8"):
        ask(empty, c.MatChoose(name="flying-carpet"))
    ask(empty, c.MatChoose(name="small-4"))
    assert empty.station.done.is_set()
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        assert reader.settings()["station.mat"] == "small-4"


def test_deleting_takes_no_running_session_and_says_what_is_not_there(lying: Rig) -> None:
    with pytest.raises(BackliftError):
        ask(lying, c.SessionDelete(session=1))
    with pytest.raises(BackliftError, match="99"):
        ask(lying, c.SessionDelete(session=99))
    assert lying.station.session.in_session


def test_a_session_is_analysed_again_when_the_mat_is_empty_and_not_before(lying: Rig, tmp_path: Path) -> None:
    with pytest.raises(BackliftError, match="get off the mat"):
        ask(lying, c.Reanalyse(session=1))
    lying.station.session.finish()
    lying.station.dispatcher._holds = lambda requirement: True
    answer = Answer()
    lying.station.dispatcher.dispatch(c.Reanalyse(session=1), answer, "page")
    assert answer.given.wait(30) and answer.words is None
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        assert [analysis.live for analysis in reader.session(1).analyses] == [True, False]


def test_every_command_is_answered(empty: Rig) -> None:
    """Each one is answered or declined, whatever its arguments."""
    arguments: dict[str, Any] = {
        "key": "sound.volume", "value": 0.4, "session": 1, "text": "x", "moment": "after", "face": 3, "lift": 1,
        "name": "half-8", "token_sha256": "0" * 64, "device": 1, "open": False, "code": "123456", "answer": "skip",
        "zone": "head", "force_n": 10.0, "not_a_lift": True, "feel": "comfortable", "person": 1, "act": "get_up",
    }  # fmt: skip
    for name, kind in c.COMMANDS.items():
        command = kind(**{field: arguments[field] for field in kind.__struct_fields__ if field in arguments})
        try:
            ask(empty, command)
        except BackliftError as declined:
            assert str(declined), name


def test_the_check_asks_for_one_zone_after_the_other_and_tells_what_it_found(empty: Rig) -> None:
    told: list[dict[str, Any]] = []
    publish = empty.station.ipc.publish

    def listen(type: str, message: Any) -> int:
        if type == "event" and message["event"]["type"] == "check":
            told.append(msgspec.to_builtins(message["event"]))
        return publish(type, message)

    empty.station.ipc.publish = listen  # type: ignore[method-assign]
    pressed: list[str] = []
    zones = {(zone.chip, zone.pin): zone.name for zone in empty.station.session._used.mat.zone}
    still = empty.body.volts

    def volts(address: int, pin: int, t_s: float) -> float:
        return still(address, pin, t_s) + (1.0 if pressed and zones.get((address, pin)) == pressed[-1] else 0.0)

    empty.body.volts = volts  # type: ignore[method-assign]
    with pytest.raises(BackliftError, match="No check is running"):
        ask(empty, c.CheckAnswer(answer="skip"))
    assert ask(empty, c.CheckStart()).state == "asking"
    empty.run(4.0)
    asked = []
    for _ in zones:
        assert told[-1]["zone"] is not None
        asked.append(told[-1]["zone"])
        pressed.append(asked[-1])
        empty.run(1.0)
        pressed.clear()
        empty.run(1.0)
    assert asked == list(zones.values())
    assert told[-1]["state"] == "done"
    assert {result["zone"] for result in told[-1]["results"] if result["ok"]} >= set(asked)
    assert not empty.station.mat_setup.active


def test_a_zone_is_calibrated_with_weights_and_the_next_visit_uses_it(empty: Rig, tmp_path: Path) -> None:
    zone = next(zone for zone in empty.station.session._used.mat.zone if zone.name == "foot_l")
    supply = empty.station.session._used.mat.mat.supply_volts
    k, gamma, weight_n = 4e-5, 0.9, [0.0]
    still = empty.body.volts

    def volts(address: int, pin: int, t_s: float) -> float:
        if (address, pin) != (zone.chip, zone.pin) or not weight_n[0]:
            return still(address, pin, t_s)
        loaded = k * weight_n[0] ** gamma * zone.resistor_ohms
        return supply * loaded / (1 + loaded)

    empty.body.volts = volts  # type: ignore[method-assign]
    with pytest.raises(BackliftError, match="No calibration is running"):
        ask(empty, c.CalibrateFinish())
    assert ask(empty, c.CalibrateStart(zone="foot_l")).state == "measuring"
    empty.run(3.0)
    for force_n in (5.0, 10.0, 20.0):
        weight_n[0] = force_n
        assert ask(empty, c.CalibrateWeight(force_n=force_n)).state == "measuring"
        empty.run(4.5)
        weight_n[0] = 0.0
        empty.run(1.0)
    said = ask(empty, c.CalibrateFinish())
    assert said.state == "done", said
    empty.settle()
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        (kept,) = reader.calibrations()
    assert (kept.zone, kept.body["k"], kept.body["gamma"]) == ("foot_l", pytest.approx(k, rel=0.05), pytest.approx(gamma, abs=0.03))
    assert empty.station.session._mat_in_use().calibration["foot_l"].k == kept.body["k"]


def test_health_tells_of_every_zone(empty: Rig) -> None:
    health = ask(empty, c.Health())
    assert [zone["zone"] for zone in health["zones"]] == [zone.name for zone in empty.station.session._used.mat.zone]
    assert health["saving"] == "idle"


def test_a_command_is_declined_from_a_sender_that_may_not_give_it(empty: Rig) -> None:
    for command, sender in (
        (c.OpenNetwork(open=True), "page"),
        (c.DeleteEverything(), "broker"),
        (c.CodeSay(code="123456"), "page"),
    ):
        with pytest.raises(BackliftError, match=f"cannot be done from here.*{sender}"):
            ask(empty, command, sender)  # type: ignore[arg-type]


def test_a_handler_that_raises_anything_is_an_answer_and_the_session_goes_on(lying: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now_s: float) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lying.station.session._guidance.guide, "mark", broken)
    with pytest.raises(BackliftError, match="The log says why"):
        ask(lying, c.Mark(text="here"))
    lying.run(1.0)
    assert lying.station.session.in_session
    assert lying.station.session.occupied
