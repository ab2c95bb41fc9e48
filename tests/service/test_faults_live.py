"""Faults while somebody practises: the session goes on, a gap is a gap, and it is said what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_time import Rig, rig

from hardware.sim.script import Away, LieDown, LiftLimb, Rest, Script
from station.model import Fault, Lift, PhaseEvent
from station.service.main import IDLE_PUMP_S, NO_MAT_PUMP_S, Station
from station.store import Reader
from station.store.records import Commit

LYING = Script(((Away(4.0),), (LieDown(4.0),), (Rest(600.0),)))
ONE_LIFT = Script(
    (
        (Away(4.0),),
        (LieDown(4.0),),
        (Rest(12.0),),
        (LiftLimb("leg_l", depths=(1.0, 0.8, 0.4), prepare_s=3.0, aloft_s=4.0, melt_s=4.0),),
        (Rest(600.0),),
    )
)


@pytest.fixture
def lying(tmp_path: Path) -> Iterator[Rig]:
    """Somebody has lain down and is still; a session runs."""
    with rig(tmp_path, script=LYING) as made:
        made.run(20.0)
        assert made.station.session.in_session
        yield made


def sounds(made: Rig, during: Callable[[], None]) -> list[str]:
    """Names of the cues that are given meanwhile."""
    heard: list[str] = []
    publish = made.station.ipc.publish

    def listen(type: str, message: Any) -> int:
        if type == "cue":
            heard.append(message["sound"])
        return publish(type, message)

    made.station.ipc.publish = listen  # type: ignore[method-assign]
    during()
    return heard


def codes(made: Rig) -> set[str]:
    """What a person is told now, as codes."""
    return {notice.code for notice in made.station.session.health().notices}


def unplugged(made: Rig, duration_s: float) -> None:
    for chip in made.chips.values():
        chip.unplug()
    made.run(duration_s)
    for chip in made.chips.values():
        chip.plug_in()


def test_a_mat_that_is_unplugged_for_ten_seconds_leaves_a_gap_and_the_session_goes_on(lying: Rig, tmp_path: Path) -> None:
    began_s = lying.clock.monotonic_s()
    heard = sounds(lying, lambda: unplugged(lying, 12.0))
    assert {"mat_trouble", "unplug"} <= codes(lying)
    assert "trouble" in heard
    ended_s = lying.clock.monotonic_s()
    lying.run(10.0)
    assert lying.station.session.in_session
    assert not codes(lying) & {"mat_trouble", "unplug"}
    lying.settle()
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        (summary,) = reader.sessions()
        frames = reader.frames(summary.id)
    inside = (frames.t_s > began_s + 0.5) & (frames.t_s < ended_s - 0.5)
    after = frames.t_s > ended_s + 2.0
    assert np.isnan(frames.volts[inside]).all()
    assert after.sum() > 500 and not np.isnan(frames.volts[after]).any()


def test_no_lift_is_invented_across_a_gap(tmp_path: Path) -> None:
    with rig(tmp_path, script=ONE_LIFT) as made:
        made.run(4 + 4 + 12 + 3 + 2.0)
        unplugged_s = made.clock.monotonic_s()
        unplugged(made, 12.0)
        made.run(15.0)
    told = [each for each in made.announced if isinstance(each, PhaseEvent)]
    assert [each.kind for each in told if each.limb == "leg_l"] == ["prepare_start", "lift_off", "void"]
    assert [(each.kind, each.limb) for each in told if each.reported_at_s > unplugged_s] == [("void", "leg_l")]
    assert [each for each in made.announced if isinstance(each, Lift) and each.kind == "lift"] == []
    assert any(isinstance(each, Fault) for each in made.announced)


def test_a_cut_wire_is_one_notice_with_the_place_of_its_end_and_over_when_it_is_mended(lying: Rig) -> None:
    lying.body.fail("foot_l", "open")
    lying.run(2.5)
    (told,) = [notice for notice in lying.station.session.health().notices if notice.code.startswith("zone_")]
    zone = next(zone for zone in lying.station.session._used.mat.zone if zone.name == "foot_l")
    assert told.code == "zone_open"
    assert told.params["zone"] == "foot_l" and told.params["pin"] == zone.pin + 1
    assert lying.station.session.state(lying.clock.monotonic_s()).zones["foot_l"].fault
    lying.body.mend("foot_l")
    lying.run(3.0)
    assert codes(lying) == set()


def test_one_board_that_vanishes_costs_none_of_the_others_channels(lying: Rig) -> None:
    address, chip = next(iter(lying.chips.items()))
    lost = [n for n, zone in enumerate(lying.station.session._used.mat.zone) if zone.chip == address]
    chip.unplug()
    lying.run(0.5)
    for _ in range(20):
        lying.station.sampler.step()
    frames = lying.station.sampler.take()
    for frame in frames:
        assert (frame.codes[lost] == -32768).all()
        assert (np.delete(frame.codes, lost) != -32768).all()
    assert lying.station.sampler.failures == 0


def test_late_frames_above_one_percent_are_told_as_degraded_timing(lying: Rig) -> None:
    assert codes(lying) == set()
    # Each stall ends far behind two deadlines; only what starts late counts, so a hundred of them make it certain.
    for _ in range(60):
        lying.clock.advance(0.016)
        lying.run(0.05)
    assert lying.station.sampler.late >= 60
    assert codes(lying) == {"frames_late"}


def test_a_stall_of_the_card_costs_no_frame(lying: Rig, tmp_path: Path) -> None:
    """The card does not answer for twenty seconds of the practice; the sampler and the pipeline do not notice."""
    stalled, go_on = threading.Event(), threading.Event()

    def stall(store: Any) -> None:
        stalled.set()
        assert go_on.wait(30)

    lying.station.writer.ask(stall, lambda result, error: None)
    assert stalled.wait(10)
    frames_before = lying.station.sampler.frames
    until_s = lying.clock.monotonic_s() + 20.0
    while lying.clock.monotonic_s() < until_s:
        for _ in range(4):
            lying.station.sampler.step()
        lying.station.pump()
    go_on.set()
    lying.settle()
    taken = lying.station.sampler.frames - frames_before
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        stored = reader.frames(1).t_s
    assert (stored > until_s - 20.0).sum() == pytest.approx(taken, abs=5)
    assert lying.station.writer.frames_lost == 0


def test_of_a_card_that_stalls_for_good_the_newest_half_minute_is_kept_and_the_loss_counted(lying: Rig, tmp_path: Path) -> None:
    stalled, go_on = threading.Event(), threading.Event()
    lying.station.writer.ask(lambda store: (stalled.set(), go_on.wait(60)), lambda result, error: None)
    assert stalled.wait(10)
    until_s = lying.clock.monotonic_s() + 40.0
    while lying.clock.monotonic_s() < until_s:
        for _ in range(20):
            lying.station.sampler.step()
        lying.station.pump()
    lost = lying.station.writer.frames_lost
    go_on.set()
    lying.settle()
    assert 900 <= lost <= 1100
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        stored_s = reader.frames(1).t_s
    newest = stored_s[stored_s > until_s - 25.0]
    assert len(newest) > 2450 and np.diff(newest).max() < 0.05, "the hole is in the older part"


def test_a_card_that_cannot_be_written_is_said_and_sounded_and_said_to_be_over(lying: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = lying.station.writer

    def fails(store: Any) -> None:
        monkeypatch.setattr(store, "commit", lambda: Commit("not_saving", False))

    lying.ask(fails)
    lying.settle()
    heard = sounds(lying, lambda: lying.run(0.5))
    state = lying.station.session.state(lying.clock.monotonic_s())
    assert state.health.saving == "not_saving" == writer.saving
    assert "not_saving" in codes(lying)
    assert heard == ["not_saving"]
    assert lying.station.session.in_session
    # Nobody is answered while nothing reaches the card, so the card is mended from outside.
    monkeypatch.undo()
    lying.settle()
    lying.run(0.5)
    assert lying.station.session.health().saving == "ok"
    assert codes(lying) == set()


def test_a_mistake_in_the_pipeline_ends_the_session_as_it_stands_and_a_new_one_begins(lying: Rig, tmp_path: Path) -> None:
    lying.station.session._detector.feed = lambda block: 1 / 0  # type: ignore[method-assign, assignment]
    with pytest.raises(ZeroDivisionError):
        lying.run(0.1)
    lying.station.session.begin_anew()
    # A fresh detector has to feel somebody breathe before it knows that the load is a person.
    lying.run(10.0)
    assert lying.station.session.in_session
    lying.settle()
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        assert [(summary.id, summary.state) for summary in reader.sessions()] == [(2, "open"), (1, "ended")]


def threads_run(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the threads that this rig steps by hand count as running."""
    for thread in station._threads:
        monkeypatch.setattr(thread, "is_alive", lambda: True)
    monkeypatch.setattr(type(station.ipc), "alive", True)


def test_the_station_is_well_only_while_frames_come_and_are_taken_and_written(lying: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    station = lying.station
    threads_run(station, monkeypatch)
    lying.settle()
    assert station.stalled == ()
    lying.clock.advance(6.0)
    assert "sampler" in station.stalled
    station.sampler.step()
    assert "detection" in station.stalled
    station.pump()
    assert station.stalled == ()
    hangs, card_answers = threading.Event(), threading.Event()
    station.writer.ask(lambda store: (hangs.set(), card_answers.wait(60)), lambda result, error: None)
    assert hangs.wait(30)
    for _ in range(8):
        lying.clock.advance(4.9)
        station.sampler.step()
        station.pump()
    assert "writer" in station.stalled
    card_answers.set()


def test_unplugged_is_not_unwell_for_starting_anew_would_not_plug_it_in(lying: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    threads_run(lying.station, monkeypatch)
    unplugged(lying, 30.0)
    lying.settle()
    assert lying.station.stalled == ()


def test_without_a_mat_the_detection_has_fewer_turns(tmp_path: Path) -> None:
    """Most of what a station without a mat costs is the picture of nobody, made ten times a second for nobody."""
    with rig(tmp_path) as made:
        made.run(2.0)
        with_mat_s = made.station._pump_pause_s
        for chip in made.chips.values():
            chip.present = False
        made.run(3.0)
        assert with_mat_s == IDLE_PUMP_S < made.station._pump_pause_s == NO_MAT_PUMP_S <= 0.5, "a bus that is back shows within 1 s"
