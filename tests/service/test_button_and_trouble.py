"""What the button does, and what is told when bus, supply or card are in trouble, with the whole station on fake time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_time import Rig, rig

from hardware.notices import Notice
from hardware.sim.script import Away, LieDown, Rest, Script
from station.messages import DeleteEverything
from station.service import main as daemon
from station.service.declined import DeclinedError
from station.store import Reader
from station.store.records import Commit

LYING = Script(((Away(4.0),), (LieDown(4.0),), (Rest(900.0),)))


@pytest.fixture
def lying(tmp_path: Path) -> Iterator[Rig]:
    """Somebody has lain down and is still; a session runs."""
    with rig(tmp_path, script=LYING) as made:
        made.run(20.0)
        assert made.station.session.in_session
        yield made


def press(made: Rig, then_s: float = 2.0) -> None:
    made.station._button_pressed()
    made.run(then_s)


def kinds(folder: Path, session: int = 1) -> list[str]:
    with Reader(folder / "data" / "backlift.db") as reader:
        return [event.type for event in reader.events(session)]


def codes(made: Rig) -> list[str]:
    """What a person is told now, as codes."""
    return [notice.code for notice in made.station.session.state(made.clock.monotonic_s()).health.notices]


def cues(made: Rig, sent: list[Any]) -> None:
    """Keep what is heard in `sent` from now on."""
    publish = made.station.ipc.publish

    def listen(type: str, message: Any) -> int:
        if type == "cue":
            sent.append(message)
        return publish(type, message)

    made.station.ipc.publish = listen  # type: ignore[method-assign]


# The button -----------------------------------------------------------------------------------------------------------------


def test_the_button_marks_ends_and_starts(lying: Rig, tmp_path: Path) -> None:
    press(lying)
    lying.settle()
    assert kinds(tmp_path).count("mark") == 1
    press(lying, then_s=daemon.TWICE_S / 4)
    press(lying)
    assert not lying.station.session.in_session
    press(lying, then_s=5.0)
    assert lying.station.session.in_session


def test_two_presses_that_lie_apart_are_two_marks(lying: Rig, tmp_path: Path) -> None:
    press(lying, then_s=1.5 * daemon.TWICE_S)
    press(lying)
    lying.settle()
    assert lying.station.session.in_session
    assert kinds(tmp_path).count("mark") == 2


def test_after_a_pause_the_button_goes_on(lying: Rig) -> None:
    from station.messages import Pause
    from station.service.dispatcher import NullReply

    lying.station.dispatcher.dispatch(Pause(), NullReply(), "page")
    lying.run(1.0)
    assert lying.station.session.paused
    press(lying)
    assert not lying.station.session.paused and lying.station.session.in_session


def test_holding_the_button_opens_the_pages_and_speaks_six_digits(lying: Rig, tmp_path: Path) -> None:
    said: list[str] = []
    lying.station.outputs.say = said.append  # type: ignore[method-assign]
    assert lying.station.devices.current() is None
    lying.station._button_held()
    lying.run(0.5)
    lying.settle()
    offer = lying.station.devices.current()
    assert offer is not None
    assert [words.replace(", ", "") for words in said] == [offer.code]
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        assert reader.settings()["dashboard.open_network"] is True
    assert lying.station.session.in_session, "letting a tablet in is no mark and no end"


def test_holding_the_button_while_something_waits_confirms_that_and_opens_nothing(lying: Rig, tmp_path: Path) -> None:
    with pytest.raises(DeclinedError):
        lying.station.confirmations.require(DeleteEverything())
    press(lying)
    assert lying.station.confirmations.waiting() is not None, "an ordinary press confirms nothing"
    lying.station._button_held()
    lying.station.confirmations.require(DeleteEverything())
    lying.settle()
    assert lying.station.devices.current() is None
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        assert reader.settings().get("dashboard.open_network") is not True


def test_the_station_hands_its_button_to_the_pins(lying: Rig) -> None:
    pins = lying.station.outputs._pins
    assert pins._on_press == lying.station._button_pressed
    assert pins._on_hold == lying.station._button_held


# The bus --------------------------------------------------------------------------------------------------------------------


def test_a_stuck_bus_is_told_within_two_seconds_and_when_it_stays_one_hears_what_to_do(lying: Rig) -> None:
    heard: list[Any] = []
    cues(lying, heard)
    lying.bus.stuck = True
    stuck_s = lying.clock.monotonic_s()
    while "bus_stuck" not in codes(lying):
        lying.run(0.01, frames_per_turn=1)
    told_s = lying.clock.monotonic_s()
    assert told_s - stuck_s < 2.0
    lying.run(20.0)
    unplug = [cue for cue in heard if cue["say"] and "unplug" in cue["say"].lower()]
    assert unplug and unplug[0]["sound"] == "trouble"
    assert unplug[0]["at_s"] - told_s < daemon.MAT_LOST_S + 6.0
    assert "unplug" in codes(lying)
    assert lying.station.session.in_session
    lying.bus.stuck = False
    lying.run(8.0)
    assert codes(lying) == []
    assert lying.station.session.in_session


# The supply and the card ----------------------------------------------------------------------------------------------------


def test_a_weak_supply_stands_on_every_page_until_it_is_well(lying: Rig) -> None:
    lying.station._machine._undervoltage = lambda: True
    lying.run(11.0)
    lying.station.poll_system_health()
    assert "weak_supply" in codes(lying)
    lying.station._machine._undervoltage = lambda: False
    lying.run(11.0)
    lying.station.poll_system_health()
    assert codes(lying) == []


def test_a_full_card_is_told_for_as_long_as_raw_frames_are_not_kept(lying: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def fills_up(store: Any) -> None:
        store._notices.append(Notice("card_full_events_only"))
        monkeypatch.setattr(store, "commit", lambda: Commit("events_only", True))

    lying.ask(fills_up)
    lying.settle()
    later_s = lying.clock.monotonic_s() + 3600.0
    assert lying.station.writer.news(later_s) == [Notice("card_full_events_only")]
    lying.ask(lambda store: monkeypatch.undo())
    lying.settle()
    assert lying.station.writer.news(later_s) == []
