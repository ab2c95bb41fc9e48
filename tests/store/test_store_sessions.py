"""What is put in comes out: frames to the bit, lifts and events as announced, and readers see it while the station goes on
writing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from store_world import MAT_TEXT, ZONES, HandClock, begin, block, lift, lift_off, practise, repetition

from hardware.frames import FrameBlock
from hardware.mat import parse_mat
from station.analysis.melts import melt_curves
from station.model import Fault, Presence
from station.store import MissingDatabaseError, NotStoredError, Reader, Store, StoreError, WriterBusyError


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backlift.db"


@pytest.fixture
def store(path: Path, clock: HandClock) -> Store:
    with Store(path, clock=clock) as store:
        yield store


@pytest.fixture
def reader(path: Path, store: Store) -> Reader:
    with Reader(path) as reader:
        yield reader


def same(one: FrameBlock, other: FrameBlock) -> bool:
    return np.array_equal(one.t_s, other.t_s) and np.array_equal(one.volts, other.volts, equal_nan=True)


def together(*blocks: FrameBlock) -> FrameBlock:
    return FrameBlock(np.concatenate([b.t_s for b in blocks]), np.concatenate([b.volts for b in blocks]))


def test_a_session_comes_back_as_it_was_announced(store: Store, reader: Reader, clock: HandClock) -> None:
    one, other = lift("leg_l", 1005.0), replace(lift("leg_r", 1020.0), kind="unweighting")
    number = begin(store, 1000.0, rate_hz=80.0)
    events = [lift_off(1005.0), Presence("still", 1002.0, 1004.0), Fault("open", "foot_l", 1003.0, 1003.5, False, "cable?")]
    for announcement in (*events, one, other, repetition(one)):
        store.add(announcement)
    store.add_event("mark", 1007.0, {"text": "here"})
    store.end_session(1030.0)
    assert store.commit().acknowledged
    record = reader.session(number)
    assert (record.summary.started_s, record.summary.ended_s, record.summary.state) == (1000.0, 1030.0, "ended")
    assert (record.zones, record.rate_hz, record.mat) == (ZONES, 80.0, MAT_TEXT)
    [found] = record.repetitions
    assert (found.kind, found.side, found.number) == ("leg", "left", 1)
    assert [entry.original for entry in found.lifts] == [one]
    assert [entry.original for entry in record.other_lifts] == [other]
    stored = reader.events(number)
    assert [event.type for event in stored] == ["phase", "presence", "fault", "mark"]
    assert stored[0].body["limb"] == "leg_l" and stored[3].body == {"text": "here"}
    assert reader.events(since=stored[1].id) == stored[2:]


@pytest.mark.parametrize("order", [("lift", "repetition"), ("repetition", "lift"), ("repetition",)])
def test_a_lift_and_its_repetition_may_come_in_any_order(store: Store, reader: Reader, order: tuple[str, ...]) -> None:
    number = begin(store, 1000.0)
    one = lift()
    for what in order:
        store.add(one if what == "lift" else repetition(one))
        store.commit()
    record = reader.session(number)
    assert [entry.original for entry in record.repetitions[0].lifts] == [one] and record.other_lifts == ()


def test_frames_that_were_waiting_before_the_session_began_belong_to_it(store: Store, reader: Reader, clock: HandClock) -> None:
    """The detector says afterwards since when somebody is there: the frames of those seconds come in one piece, late."""
    number = begin(store, 990.0)
    early, later = block(990.0, 12.3, seed=1), block(1002.3, 1.0, seed=2)
    store.add_frames(early)
    store.commit()
    store.add_frames(later)
    store.commit()
    assert same(reader.frames(number), together(early, later))
    assert reader.session(number).gaps == ()


def test_any_stretch_of_frames_can_be_asked_for(store: Store, reader: Reader) -> None:
    number = begin(store, 1000.0)
    whole = block(1000.0, 10.0)
    store.add_frames(whole)
    store.commit()
    for from_s, to_s in ((1000.0, 1010.0), (1003.217, 1003.9), (999.0, 1000.5), (1009.5, 2000.0), (1005.0, 1005.0)):
        inside = (whole.t_s >= from_s) & (whole.t_s < to_s)
        assert same(reader.frames(number, from_s, to_s), FrameBlock(whole.t_s[inside], whole.volts[inside]))


def test_frames_out_of_order_are_refused(store: Store) -> None:
    begin(store, 1000.0)
    store.add_frames(block(1000.0, 1.0))
    with pytest.raises(ValueError, match="follow"):
        store.add_frames(block(1000.5, 1.0))


def test_nothing_is_written_while_nobody_is_on_the_mat(store: Store, path: Path, clock: HandClock) -> None:
    practise(store, clock, 3)

    def written() -> list[tuple[int, int]]:
        return [(file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(path.parent.iterdir())]

    before = written()
    for _ in range(3600):
        clock.pass_s(1.0)
        store.add_frames(block(clock.now_s, 0.02))
        store.add(lift())
        store.note_clock()
        assert store.commit().acknowledged
    assert written() == before


def test_a_reader_in_another_process_follows_the_running_session(store: Store, path: Path, clock: HandClock) -> None:
    number = begin(store, clock.now_s)
    store.add_frames(block(clock.now_s, 2.0))
    store.commit()
    look = f"from station.store import Reader; r = Reader(__import__('pathlib').Path({str(path)!r}))\n"
    look += f"print(len(r.frames({number})), r.session({number}).summary.state, flush=True)\nimport sys; sys.stdin.readline()\n"
    look += f"print(len(r.frames({number})), r.session({number}).summary.state)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", look], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline() == "200 open\n"
        store.add_frames(block(clock.now_s + 2.0, 1.0))
        store.end_session(clock.now_s + 3.0)
        assert store.commit().acknowledged
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "300 ended\n"


def test_one_reader_serves_many_threads_while_the_station_writes(store: Store, reader: Reader, clock: HandClock) -> None:
    number = practise(store, clock, 20)
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(10):
                assert reader.session(number).summary.repetitions == 1
                assert len(reader.trace(number, pixels=50).t_s) == 100
                reader.sessions()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    practise(store, clock, 20)
    for thread in threads:
        thread.join()
    assert errors == []


def test_there_is_one_writer(store: Store, path: Path) -> None:
    with pytest.raises(WriterBusyError, match="running") as error:
        Store(path)
    assert "\n" not in str(error.value)


def test_a_reader_cannot_write_or_checkpoint(store: Store, reader: Reader, clock: HandClock) -> None:
    begin(store, clock.now_s)
    store.commit()
    with reader._reading() as run, pytest.raises(StoreError, match="read-only"):
        run("DELETE FROM session")
    for mode in ("PASSIVE", "FULL", "RESTART", "TRUNCATE"):
        with pytest.raises(StoreError):
            reader._connection().run(f"PRAGMA wal_checkpoint({mode})")


def test_reading_before_there_is_anything(tmp_path: Path) -> None:
    with Reader(tmp_path / "none.db") as reader, pytest.raises(MissingDatabaseError, match="no database yet"):
        reader.sessions()


def test_asking_for_what_is_not_there(store: Store, reader: Reader) -> None:
    for ask in (reader.session, reader.frames, reader.trace, store.session_delete):
        with pytest.raises(NotStoredError, match="no session 99"):
            ask(99)


def test_sessions_are_listed_newest_first_a_page_at_a_time(store: Store, reader: Reader, clock: HandClock) -> None:
    numbers = [practise(store, clock, 20, lifts=1) for _ in range(5)]
    first = reader.sessions(limit=2)
    assert [one.id for one in first] == numbers[:2:-1]
    assert [one.id for one in reader.sessions(limit=9, before=first[-1].id)] == numbers[2::-1]
    assert first[0].repetitions_by_kind == {"leg": 1} and first[0].median_melt_s == 6.0 and first[0].duration_s == 20.0


def test_a_number_is_never_given_twice(store: Store, path: Path, clock: HandClock) -> None:
    number = practise(store, clock, 2)
    store.session_delete(number)
    assert practise(store, clock, 2) == number + 1


def test_the_trace_of_an_hour_unpacks_nothing_and_shows_its_extremes(
    store: Store, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = block(1000.0, 600.0, rate_hz=20.0)
    number = begin(store, 1000.0)
    for part in range(0, len(whole), 200):
        store.add_frames(FrameBlock(whole.t_s[part : part + 200], whole.volts[part : part + 200]))
    store.commit()
    monkeypatch.setattr("station.store.reader.decode", None)
    trace = reader.trace(number, pixels=300)
    assert trace.decimated and trace.zones == ZONES and len(trace.t_s) <= 2 * 300 + 2
    np.testing.assert_allclose(np.nanmin(trace.volts, axis=0), np.nanmin(whole.volts, axis=0), rtol=1e-6)
    np.testing.assert_allclose(np.nanmax(trace.volts, axis=0), np.nanmax(whole.volts, axis=0), rtol=1e-6)


def test_zoomed_in_the_trace_is_every_frame(store: Store, reader: Reader) -> None:
    whole = block(1000.0, 20.0)
    number = begin(store, 1000.0)
    store.add_frames(whole)
    store.commit()
    trace = reader.trace(number, 1005.0, 1007.0, pixels=500)
    inside = (whole.t_s >= 1005.0) & (whole.t_s < 1007.0)
    assert not trace.decimated
    np.testing.assert_array_equal(trace.t_s, whole.t_s[inside])
    np.testing.assert_allclose(trace.volts, whole.volts[inside], rtol=1e-6)


def test_melts_are_laid_over_each_other_from_touch_down(store: Store, reader: Reader) -> None:
    """A limb whose load comes back as 1 - exp(-t / 2 s) after touch-down at 1010 s: the curve says just that."""
    mat = parse_mat(MAT_TEXT)
    limb = next(limb for limb in mat.limb if limb.name == "leg_l")
    t_s = 1000.0 + np.arange(4000) / 100
    share = np.where(t_s < 1010.0, 0.0, 1 - np.exp(-(t_s - 1010.0) / 2.0))
    # volts = supply G / (G + 1/R) with conductance in proportion to load (gamma 1, as for an uncalibrated zone)
    volts = np.stack([mat.mat.supply_volts * g / (g + 1 / zone.resistor_ohms) for zone in mat.zone for g in [1e-4 * share]], axis=1)
    number = begin(store, 1000.0)
    store.add_frames(FrameBlock(t_s, volts))
    one = lift("leg_l", 1004.0, aloft_s=6.0, melt_s=10.0)
    store.add(repetition(one))
    store.commit()
    assert all(zone.k is None for zone in mat.zone if zone.name in limb.zones)
    [curve] = melt_curves(reader, number, before_s=1.0, after_s=20.0)
    assert (curve.limb, curve.repetition, curve.melt_s) == ("leg_l", 1, 10.0)
    assert curve.after_s[0] == pytest.approx(-0.975) and curve.after_s[-1] == pytest.approx(19.975)
    settled = np.mean(1 - np.exp(-np.arange(10, 11, 0.01) / 2))
    expected = np.where(curve.after_s < 0, 0, 1 - np.exp(-np.maximum(curve.after_s, 0) / 2)) / settled
    np.testing.assert_allclose(curve.share, expected, atol=0.02)


def test_progress_gathers_medians_per_part_side_and_week(store: Store, reader: Reader, clock: HandClock) -> None:
    clock.date_s = 1_790_000_000.0 - clock.now_s % 1
    for melts in ((4.0, 6.0), (8.0,)):
        number = begin(store, clock.now_s)
        for n, melt_s in enumerate(melts):
            store.add(repetition(lift("leg_l", clock.now_s + 30 * n + 10, melt_s=melt_s)))
        store.end_session(clock.now_s + 90)
        store.commit()
        store.comfort_set(number, "before", 2)
        store.comfort_set(number, "after", 4)
        clock.pass_s(8 * 86_400)
    first, second = reader.progress("week")
    assert (first.part, first.side, first.lifts) == ("leg", "left", 2)
    assert (first.melt.n, first.melt.median_s) == (2, pytest.approx(5.0))
    assert (second.melt.median_s, second.prepare.median_s) == (pytest.approx(8.0), pytest.approx(3.0))
    assert (first.comfort_before, first.comfort_after) == (2, 4)
    assert second.start_wall_s - first.start_wall_s == pytest.approx(7 * 86_400, abs=3600)
    assert reader.progress("week", since_wall_s=1_790_000_000.0 + 7 * 86_400) == [second]


def test_settings_devices_and_calibrations_are_kept(store: Store, reader: Reader, clock: HandClock) -> None:
    store.setting_set("practice.count", 8)
    store.setting_set("display.hidden", ["timer"])
    store.setting_set("practice.count", 10)
    store.setting_set("display.theme", "dark")
    store.setting_set("display.theme", None)
    assert reader.settings() == {"display.hidden": ["timer"], "practice.count": 10}
    tablet = store.device_add("tablet", b"\x01" * 32)
    store.device_revoke(store.device_add("old phone", b"\x02" * 32).id)
    assert [(one.name, one.revoked) for one in reader.devices()] == [("tablet", False), ("old phone", True)]
    clock.pass_s(3 * 86_400)
    store.device_touch(tablet.id)
    seen_s = reader.devices()[0].seen_wall_s
    assert seen_s == clock.date_s
    with pytest.raises(NotStoredError):
        store.device_revoke(77)
    store.calibration_add("full", "foot_l", {"zone": "foot_l", "k": 1e-5, "gamma": 0.9})
    store.calibration_add("full", "foot_l", {"zone": "foot_l", "k": 2e-5, "gamma": 0.9})
    assert [one.body["k"] for one in reader.calibrations("full")] == [1e-5, 2e-5]
    assert reader.calibrations("other") == []


def test_a_clock_that_runs_back_logs_nobody_out(store: Store, reader: Reader, clock: HandClock) -> None:
    tablet = store.device_add("tablet", b"\x01" * 32)
    paired = reader.devices()[0]
    clock.date_s -= 3600
    store.device_touch(tablet.id)
    clock.date_s -= 400 * 86_400
    store.device_touch(tablet.id)
    assert reader.devices() == [paired]


def test_notes_are_kept_changed_and_taken_away(store: Store, reader: Reader, clock: HandClock) -> None:
    number = practise(store, clock, 40, lifts=2)
    first, second = (repetition.lifts[0] for repetition in reader.session(number).repetitions)
    store.note_set(number, "soft")
    store.note_set(number, "softer")
    store.note_set(number, "the shoulder", lift_id=first.id)
    store.note_set(number, "the knee", lift_id=second.id)
    assert [(note.text, note.limb) for note in reader.session(number).notes] == [
        ("softer", None), ("the shoulder", "leg_l"), ("the knee", "leg_l"),
    ]  # fmt: skip
    store.note_set(number, " ", lift_id=first.id)
    store.note_set(number, "")
    assert [note.text for note in reader.session(number).notes] == ["the knee"]
    assert reader.session(number).summary.note is None
