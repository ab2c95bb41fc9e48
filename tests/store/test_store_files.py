"""Export, backup, restore, migration, deletion and recovery: whole files or none, and nothing lost on the way."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sick_card import SickCard
from store_world import MAT_TEXT, ZONES, HandClock, begin, block, codes_like_a_person, make_version_1, practise
from torn_card import DiaryConnection

from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
from hardware.mat import parse_mat
from hardware.sim.labels import mat_as_toml
from hardware.sim.recorder import make
from station.analysis.export import export_parquet, export_zip, zip_stream
from station.analysis.reanalysis import analyse, reanalyse
from station.analysis.replay import announcements, lift_line
from station.cli import backlift
from station.model import Lift
from station.practice.positions import mat_in
from station.recording import read_recording
from station.signal.detector import DETECTOR_VERSION, Detector
from station.store import (
    BadArchiveError,
    CardFullError,
    CorruptDatabaseError,
    NewerDatabaseError,
    NotStoredError,
    Reader,
    Store,
    StoreError,
    WriterBusyError,
)
from station.store.backup import backup
from station.store.connection import SqliteConnection
from station.store.recover import recover
from station.store.restore import restore
from station.store.schema import VERSION


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "backlift.db"


@pytest.fixture
def full(path: Path, clock: HandClock) -> Path:
    """A database with two sessions, a note, a correction, a setting."""
    with Store(path, clock=clock) as store, Reader(path) as reader:
        for n in range(2):
            number = practise(store, clock, 40, lifts=2, seed=50 * n)
            store.note_set(number, f"note {number}")
        first = reader.session(1).repetitions[0].lifts[0]
        store.correction_add(1, first.id, boundary="melt_end", t_s=first.lift.melt_end + 1.0)
        store.setting_set("practice.count", 12)
    return path


def everything(path: Path) -> tuple:
    """All that readers see of a database."""
    with Reader(path) as reader:
        sessions = [reader.session(one.id) for one in reader.sessions()]
        frames = [(frames.t_s.tobytes(), frames.volts.tobytes()) for frames in (reader.frames(one.id) for one in sessions)]
        return sessions, frames, reader.events(), reader.settings()


# Export -------------------------------------------------------------------------------------------------------------------------


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 400), st.integers(1, 16), st.integers(0, 2**31), st.lists(st.integers(0, 400), max_size=3))
def test_what_is_exported_reads_back_as_the_same_frames_to_the_bit(frames: int, zones: int, seed: int, gaps: list[int]) -> None:
    random = np.random.default_rng(seed)
    t_us = 5_000_000 + np.cumsum(random.integers(3_000, 20_000, frames))
    for gap in gaps:
        t_us[gap:] += 2_000_000
    given_frames = FrameBlock(t_us / 1e6, volts_from_codes(codes_like_a_person(frames, zones, seed)))
    names = tuple(f"zone_{n}" for n in range(zones))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "backlift.db"
        with Store(path, clock=HandClock()) as store:
            number = begin(store, float(given_frames.t_s[0]), zones=names)
            store.add_frames(given_frames)
            store.commit()
        with Reader(path) as reader:
            files = unpacked(b"".join(zip_stream(reader, [number])))
        recording = Path(folder) / "frames.csv"
        recording.write_bytes(files["session-0001/frames.csv"])
        back = read_recording(recording, names)
    np.testing.assert_array_equal(back.t_s, given_frames.t_s)
    np.testing.assert_array_equal(back.volts, given_frames.volts)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated practice that went through the pipeline into the store, as live."""
    path = tmp_path_factory.mktemp("simulated") / "backlift.db"
    recording = make("clean", 3)
    pipeline = Detector(recording.mat)
    frames = FrameBlock(recording.t_s, recording.volts)
    with Store(path, clock=HandClock()) as store:
        store.begin_session(
            float(frames.t_s[0]),
            mat_text=mat_as_toml(recording.mat),
            zones=recording.mat.zone_names,
            rate_hz=recording.rate_hz,
            detector_version=DETECTOR_VERSION,
        )
        for start in range(0, len(frames), 100):
            part = FrameBlock(frames.t_s[start : start + 100], frames.volts[start : start + 100])
            store.add_frames(part)
            for announcement in pipeline.feed(part):
                store.add(announcement)
            store.commit()
        for announcement in pipeline.finish():
            store.add(announcement)
        store.end_session(float(frames.t_s[-1]))
        store.commit()
    return path


def test_a_replay_of_an_export_gives_the_lifts_that_were_exported(simulated: Path, tmp_path: Path) -> None:
    target = tmp_path / "one.zip"
    with Reader(simulated) as reader:
        export_zip(reader, [1], target)
    files = unpacked(target.read_bytes())
    for name, content in files.items():
        (tmp_path / Path(name).name).write_bytes(content)
    mat = parse_mat((tmp_path / "mat.mat.toml").read_text())
    replayed = list(announcements(Detector(mat), read_recording(tmp_path / "frames.csv", mat.zone_names)))
    lifts = [one for one in replayed if isinstance(one, Lift) and one.kind != "void"]
    assert len([one for one in lifts if one.kind == "lift"]) >= 3
    assert [json.loads(line) for line in files["session-0001/lifts.jsonl"].splitlines()] == [
        json.loads(msgspec.json.encode(lift_line(one))) for one in lifts
    ]
    told = CliRunner().invoke(backlift, ["replay", str(tmp_path / "frames.csv"), "--mat", str(tmp_path / "mat.mat.toml"), "--json"])
    assert told.exit_code == 0 and told.output.encode() == files["session-0001/lifts.jsonl"]


def test_an_export_tells_what_was_corrected_and_what_was_there_before(full: Path) -> None:
    with Reader(full) as reader:
        files = unpacked(b"".join(zip_stream(reader, [1, 2])))
    assert {name.split("/")[0] for name in files} == {"README.txt", "session-0001", "session-0002"}
    facts = json.loads(files["session-0001/session.json"])
    lift = facts["repetitions"][0]["lifts"][0]
    assert lift["lift"]["melt_end"] == lift["original"]["melt_end"] + 1.0
    assert facts["notes"][0]["text"] == "note 1" and facts["summary"]["state"] == "ended"
    rows = list(csv.reader(io.StringIO(files["session-0002/frames.csv"].decode())))
    assert rows[0] == ["time_s", *ZONES] and len(rows) == 4001
    events = [json.loads(line) for line in files["session-0002/events.jsonl"].splitlines()]
    assert [event["type"] for event in events] == ["phase", "phase"]
    assert files["session-0001/mat.mat.toml"].decode() == MAT_TEXT


def test_an_export_is_a_stream_of_small_pieces(full: Path) -> None:
    with Reader(full) as reader:
        sizes = [len(piece) for piece in zip_stream(reader, [1, 2])]
    assert len(sizes) > 20 and max(sizes) < 200_000


def test_an_unknown_session_is_an_error_before_anything_is_sent(full: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.zip"
    with Reader(full) as reader, pytest.raises(NotStoredError):
        export_zip(reader, [1, 99], target)
    assert list(tmp_path.iterdir()) == [full.parent]


def test_an_export_killed_in_the_middle_leaves_the_old_file(full: Path, tmp_path: Path) -> None:
    target = tmp_path / "practice.zip"
    target.write_bytes(b"the old one")
    slow = f"""
import pathlib, sys
from station.store import Reader
from station.analysis import export
real = export.zip_stream
def slowly(*args):
    for n, piece in enumerate(real(*args)):
        yield piece
        if n == 5:
            print("half", flush=True)
            sys.stdin.readline()
export.zip_stream = slowly
export.export_zip(Reader(pathlib.Path({str(full)!r})), [1, 2], pathlib.Path({str(target)!r}))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", slow], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None and child.stdout.readline() == b"half\n"
        child.send_signal(signal.SIGKILL)
    assert target.read_bytes() == b"the old one"
    with Reader(full) as reader:
        export_zip(reader, [1], target)
    assert len(unpacked(target.read_bytes())) == 7 and [file.name for file in tmp_path.iterdir() if file.is_file()] == [
        "practice.zip"
    ]


def test_parquet_holds_the_same_readings(full: Path, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    with Reader(full) as reader:
        export_parquet(reader, 1, tmp_path / "one.parquet")
        frames = reader.frames(1)
    table = pq.read_table(tmp_path / "one.parquet")
    assert table.column_names == ["time_us", *ZONES] and table.schema.metadata[b"mat"].decode() == MAT_TEXT
    np.testing.assert_array_equal(table["time_us"].to_numpy() / 1e6, frames.t_s)
    for n, zone in enumerate(ZONES):
        volts = table[zone].to_numpy(zero_copy_only=False).astype(float)
        np.testing.assert_array_equal(codes_from_volts(volts), codes_from_volts(frames.volts[:, n]))


# Backup and restore -------------------------------------------------------------------------------------------------------------


def test_a_backup_while_the_station_writes_is_of_one_moment(full: Path, tmp_path: Path, clock: HandClock) -> None:
    target = tmp_path / "copy.db"
    before = everything(full)
    with Store(full, clock=clock) as store:
        steps: list[float] = []

        def meanwhile(share: float) -> None:
            steps.append(share)
            practise(store, clock, 3)

        backup(full, target, meanwhile)
        assert everything(target) == before and steps[-1] == 1.0
        assert len(everything(full)[0]) == 2 + len(steps)
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["copy.db"]


def test_restore_puts_a_backup_in_place_and_sets_the_present_aside(full: Path, tmp_path: Path, clock: HandClock) -> None:
    copy = tmp_path / "copy.db"
    backup(full, copy)
    saved = everything(full)
    with Store(full, clock=clock) as store:
        practise(store, clock, 5)
        store.session_delete(1)
    replaced = everything(full)
    with Reader(full) as reader:
        assert len(reader.sessions()) == 2
        aside = restore(copy, full)
        assert [one.id for one in reader.sessions()] == [2, 1], "a reader that was open reads the new file"
    assert everything(full) == saved and aside is not None and everything(aside) == replaced
    with Store(full, clock=clock) as store:
        assert practise(store, clock, 2) == 3


def test_restore_into_an_empty_folder(full: Path, tmp_path: Path) -> None:
    copy, new = tmp_path / "copy.db", tmp_path / "new" / "backlift.db"
    backup(full, copy)
    assert restore(copy, new) is None
    assert everything(new) == everything(full)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[2 * 2048 : 2 * 2048 + 100] = bytes(range(100))
    path.write_bytes(content)


@pytest.mark.parametrize("what", ["damaged", "text", "absent", "newer", "other"])
def test_restore_refuses_what_is_not_a_sound_backup_and_replaces_nothing(full: Path, tmp_path: Path, what: str) -> None:
    copy = tmp_path / "copy.db"
    backup(full, copy)
    match what:
        case "damaged":
            flip(copy)
        case "text":
            copy.write_text("dear diary " * 1000)
        case "absent":
            copy.unlink()
        case "newer":
            SqliteConnection(copy).run(f"PRAGMA user_version = {VERSION + 1}")
        case "other":
            copy.unlink()
            with sqlite3.connect(copy) as other:
                other.execute("CREATE TABLE photos (id)")
            other.close()
    before = full.read_bytes()
    with pytest.raises(StoreError) as error:
        restore(copy, full)
    assert "\n" not in str(error.value)
    assert full.read_bytes() == before and not list(full.parent.glob("*replaced*")) and not list(full.parent.glob("*.part"))


def test_restore_waits_for_the_station_to_be_stopped(full: Path, tmp_path: Path, clock: HandClock) -> None:
    copy = tmp_path / "copy.db"
    backup(full, copy)
    with Store(full, clock=clock), pytest.raises(WriterBusyError, match="stop it first"):
        restore(copy, full)
    with pytest.raises(BadArchiveError, match="itself"):
        restore(full, full)


# Versions -----------------------------------------------------------------------------------------------------------------------


def test_a_database_of_the_first_version_is_brought_up_to_date_with_everything_in_it(path: Path, clock: HandClock) -> None:
    make_version_1(path)
    old = path.read_bytes()
    with Store(path, clock=clock), Reader(path) as reader:
        second, first = reader.sessions()
        assert (first.id, first.duration_s, first.started_wall_s, first.sure) == (1, 12.0, 1_790_000_001.0, False)
        record = reader.session(2)
        assert [one.lifts[0].original.lift_off for one in record.repetitions] == [1004.0, 1007.0, 1010.0]
        assert [(one.detector_version, one.live, one.current, one.lifts) for one in record.analyses] == [("0.9", True, True, 3)]
        expected = [block(1000.0 + second, 1.0, zones=3, rate_hz=50, seed=second) for second in range(12)]
        np.testing.assert_array_equal(reader.frames(2).volts, np.concatenate([one.volts for one in expected]))
        assert len(reader.trace(2, pixels=10).t_s) == 20  # the overview was made
        assert reader.settings() == {"practice.count": 8} and len(reader.events(2)) == 1
        assert reader.progress()[0].side == "left" and second.raw == "whole" and reader.storage_use().raw_bytes > 0
    kept = path.with_name(f"backlift.before-version-{VERSION}.db")
    with sqlite3.connect(kept) as before:
        assert before.execute("PRAGMA user_version").fetchone() == (1,)
        assert before.execute("SELECT count(*) FROM lift").fetchone() == (6,)
    before.close()
    assert len(kept.read_bytes()) <= len(old)


def test_a_fresh_database_and_one_brought_up_to_date_have_the_same_tables(tmp_path: Path, clock: HandClock) -> None:
    make_version_1(tmp_path / "old.db")
    schemas = []
    for name in ("old.db", "new.db"):
        with Store(tmp_path / name, clock=clock) as store:
            schemas.append(store._db.run("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"))
    assert schemas[0] == schemas[1]


def test_an_old_program_leaves_a_newer_database_alone(full: Path, clock: HandClock) -> None:
    SqliteConnection(full).run(f"PRAGMA user_version = {VERSION + 1}")
    before = full.read_bytes()
    for refuse in (lambda: Store(full, clock=clock), lambda: Reader(full).sessions()):
        with pytest.raises(NewerDatabaseError, match="update the program") as error:
            refuse()
        assert "\n" not in str(error.value)
    assert full.read_bytes() == before and not list(full.parent.glob("*corrupt*"))
    told = CliRunner().invoke(backlift, ["sessions", "--data", str(full.parent)])
    assert isinstance(told.exception, NewerDatabaseError)


def test_another_programs_database_is_left_alone(path: Path, clock: HandClock) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (id)")
    other.close()
    with pytest.raises(NewerDatabaseError, match="some other program"):
        Store(path, clock=clock)


# Deleting -----------------------------------------------------------------------------------------------------------------------


def traces_of(word: bytes, folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


def test_what_is_deleted_is_gone_from_every_file(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        gone, stays = practise(store, clock, 30), practise(store, clock, 30, seed=99)
        store.note_set(gone, "a very private sentence")
        store.note_set(stays, "may be read")
        [(data,)] = store._db.run("SELECT data FROM chunk ORDER BY id LIMIT 1 OFFSET 7")
        assert traces_of(b"very private", path.parent) and traces_of(data, path.parent)
        size = path.stat().st_size
        store.session_delete(gone)
        assert traces_of(b"very private", path.parent) == [] and traces_of(data, path.parent) == []
        assert traces_of(b"may be read", path.parent)
        assert [one.id for one in reader.sessions()] == [stays] and path.stat().st_size < 0.7 * size
        assert reader.events(gone) == [] and store._db.run("SELECT count(*) FROM lift") == [(1,)]


def test_a_deletion_during_practice_is_done_at_once_and_the_file_is_made_smaller_afterwards(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store:
        gone = practise(store, clock, 30)
        store.note_set(gone, "a very private sentence")
        running = begin(store, clock.now_s)
        with pytest.raises(StoreError, match="running"):
            store.session_delete(running)
        store.session_delete(gone)
        store.add_frames(block(clock.now_s, 1.0))
        assert store.commit().acknowledged
        store.end_session(clock.now_s + 1)
        store.commit()
        assert traces_of(b"very private", path.parent) == []


def test_without_room_to_write_the_file_afresh_what_is_deleted_is_still_overwritten(path: Path, clock: HandClock) -> None:
    class NoRoom(SickCard):
        def connect(self, path: Path) -> DiaryConnection:
            connection = super().connect(path)
            run = connection.run

            def refusing(sql: str, parameters: Sequence[Any] = ()) -> list:
                if sql == "VACUUM":
                    raise CardFullError("no room left")
                return run(sql, parameters)

            connection.run = refusing
            return connection

    with Store(path, clock=clock, connect=NoRoom().connect) as store:
        gone = practise(store, clock, 30)
        store.note_set(gone, "a very private sentence")
        [(data,)] = store._db.run("SELECT data FROM chunk ORDER BY id LIMIT 1 OFFSET 7")
        store.session_delete(gone)
        assert traces_of(b"very private", path.parent) == [] and traces_of(data, path.parent) == []


def test_delete_everything_leaves_nothing_but_what_was_asked_to_stay(full: Path, clock: HandClock) -> None:
    aside = full.with_name("backlift.corrupt-2026-01-01T00-00-00.db")
    aside.write_bytes(b"note 1")
    with Store(full, clock=clock) as store, Reader(full) as reader:
        assert store.delete_everything() == 2
        assert reader.sessions() == [] and reader.settings() == {"practice.count": 12}
        assert store.delete_everything(settings_too=True) == 0
        assert reader.settings() == {}
    assert traces_of(b"note 1", full.parent) == []


# Recovering ---------------------------------------------------------------------------------------------------------------------


def test_recovery_of_a_sound_database_brings_back_everything(full: Path, tmp_path: Path, clock: HandClock) -> None:
    with Store(full, clock=clock) as store:
        store.comfort_set(1, "before", 3)  # stays in the log: the copy is taken before it is moved into the database
        wal = full.with_name("backlift.db-wal")
        damaged = tmp_path / "copy.db"
        damaged.write_bytes(full.read_bytes())
        damaged.with_name("copy.db-wal").write_bytes(wal.read_bytes())
    found = recover(damaged, tmp_path / "out.db")
    assert (found.sessions, found.frames, found.lifts) == (2, 8000, 4)
    assert (found.damaged_chunks, found.unplaced, found.rebuilt) == (0, 0, 0)
    assert everything(tmp_path / "out.db") == everything(full)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 3000)), min_size=1, max_size=8), st.data())
def test_recovery_reads_every_row_that_no_damage_touched(damage: list[tuple[int, int]], data: st.DataObject) -> None:
    whole, sessions = DAMAGE_SOURCE.whole()
    broken = bytearray(whole)
    for place, length in damage:
        place %= len(broken)
        broken[place : place + length] = data.draw(st.binary(min_size=length, max_size=length))[: len(broken) - place]
    with tempfile.TemporaryDirectory() as folder:
        damaged, out = Path(folder) / "damaged.db", Path(folder) / "out.db"
        damaged.write_bytes(broken)
        try:
            found = recover(damaged, out)
        except BadArchiveError:
            assert damage
            return
        assert damaged.read_bytes() == broken
        with Reader(out) as reader:
            for one in reader.sessions():
                frames = reader.frames(one.id)
                true = sessions.get(one.id)
                assert true is not None or found.rebuilt
                if true is not None and frames.volts.shape[1] == true.volts.shape[1]:
                    place = np.searchsorted(true.t_s, frames.t_s)
                    np.testing.assert_array_equal(true.volts[place], frames.volts)  # nothing invented
        touched = sum(length // 2048 + 2 for _, length in damage)
        # A chunk stands in one page, or two where it goes on in another; so much at most can be lost to so many touched pages.
        assert found.frames >= sum(len(one) for one in sessions.values()) - 300 * touched - 4 * 100


class _DamageSource:
    """One database for all examples, made when it is first needed."""

    def __init__(self) -> None:
        self._made: tuple[bytes, dict[int, FrameBlock]] | None = None

    def whole(self) -> tuple[bytes, dict[int, FrameBlock]]:
        if self._made is None:
            with tempfile.TemporaryDirectory() as folder:
                path, clock = Path(folder) / "backlift.db", HandClock()
                with Store(path, clock=clock) as store:
                    numbers = [practise(store, clock, 40, lifts=2, seed=50 * n) for n in range(2)]
                with Reader(path) as reader:
                    self._made = path.read_bytes(), {number: reader.frames(number) for number in numbers}
        return self._made


DAMAGE_SOURCE = _DamageSource()


def test_one_damaged_entry_is_named_and_recovery_brings_back_all_the_others(full: Path, tmp_path: Path) -> None:
    content = bytearray(full.read_bytes())
    place = content.index(b'"lift_off":')
    content[place : place + 4] = bytes(4)
    full.write_bytes(content)
    with Reader(full) as reader:
        for ask in (reader.sessions, lambda: [reader.session(n) for n in (1, 2)]):
            with pytest.raises(CorruptDatabaseError, match="backlift recover") as error:
                ask()
            assert "\n" not in str(error.value)
    found = recover(full, tmp_path / "out.db")
    assert (found.sessions, found.lifts, found.frames) == (2, 3, 8000)
    with Reader(tmp_path / "out.db") as reader:
        assert sum(len(each.lifts) for n in (1, 2) for each in reader.session(n).repetitions) == 3


def test_recovery_without_the_first_page_and_without_session_rows(full: Path, tmp_path: Path) -> None:
    content = bytearray(full.read_bytes())
    content[:2048] = bytes(2048)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(content)
    found = recover(damaged, tmp_path / "out.db")
    assert (found.sessions, found.lifts, found.rebuilt) == (2, 4, 0) and found.frames == 8000
    with pytest.raises(StoreError, match="there already"):
        recover(damaged, tmp_path / "out.db")
    (tmp_path / "nothing.db").write_bytes(bytes(10_000))
    with pytest.raises(BadArchiveError, match="nothing"):
        recover(tmp_path / "nothing.db", tmp_path / "out2.db")
    assert not (tmp_path / "out2.db").exists()


# Looking again, and the commands ------------------------------------------------------------------------------------------------


def test_the_same_detector_finds_the_same_again_in_stored_frames(simulated: Path, tmp_path: Path, clock: HandClock) -> None:
    copy = tmp_path / "backlift.db"
    backup(simulated, copy)
    with Store(copy, clock=clock) as store, Reader(copy) as reader:
        before = reader.session(1)
        reanalyse(store, reader, 1)
        after = reader.session(1)
    assert [[one.original for one in each.lifts] for each in after.repetitions] == [
        [one.original for one in each.lifts] for each in before.repetitions
    ]
    assert [(one.live, one.current) for one in after.analyses] == [(True, False), (False, True)]


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, list[Lift], list[Lift]]:
    """A practice in which, by the stored events, somebody lay on the back from the middle of a rest on: that rest's time, and what
    a detector of its own finds in each of the two stretches."""
    path = tmp_path_factory.mktemp("turned") / "backlift.db"
    recording = make("clean", 3)
    frames = FrameBlock(recording.t_s, recording.volts)
    everything = [one for one in announcements(Detector(recording.mat), frames) if isinstance(one, Lift) and one.kind == "lift"]
    turn_s = round(sorted(one.prepare_start for one in everything)[-1] - 3.0, 2) + 0.005
    on_belly = Detector(recording.mat).feed(frames.until(turn_s))
    later = Detector(mat_in(recording.mat, "supine"))
    on_back = [*later.feed(frames.since(turn_s)), *later.finish()]
    with Store(path, clock=HandClock()) as store:
        store.begin_session(
            float(frames.t_s[0]),
            mat_text=mat_as_toml(recording.mat),
            zones=recording.mat.zone_names,
            rate_hz=recording.rate_hz,
            detector_version=DETECTOR_VERSION,
        )
        store.add_frames(frames)
        store.add_event("position", turn_s, {"position": "supine"})
        store.end_session(float(frames.t_s[-1]))
        store.commit()
    first, second = ([one for one in found if isinstance(one, Lift)] for found in (on_belly, on_back))
    assert any(one.kind == "lift" for one in first) and any(one.kind == "lift" for one in second)
    return path, turn_s, first, second


def test_looking_again_follows_the_positions_somebody_lay_in(turned: tuple[Path, float, list[Lift], list[Lift]]) -> None:
    path, _, on_belly, on_back = turned
    with Reader(path) as reader:
        found = analyse(reader, 1)
    assert [one for one in found if isinstance(one, Lift)] == [*on_belly, *on_back]


def test_an_exported_session_is_replayed_in_the_positions_of_its_events(
    turned: tuple[Path, float, list[Lift], list[Lift]], tmp_path: Path
) -> None:
    path, turn_s, on_belly, on_back = turned
    with Reader(path) as reader:
        for name, content in unpacked(b"".join(zip_stream(reader, [1]))).items():
            (tmp_path / Path(name).name).write_bytes(content)
    words = ["replay", str(tmp_path / "frames.csv"), "--mat", str(tmp_path / "mat.mat.toml"), "--json"]
    told = CliRunner().invoke(backlift, [*words, "--events", str(tmp_path / "events.jsonl")])
    assert told.exit_code == 0, told.output
    kept = [one for one in (*on_belly, *on_back) if one.kind != "void"]
    assert [json.loads(line) for line in told.output.splitlines()] == json.loads(json.dumps([lift_line(one) for one in kept]))
    assert kept[-1].lift_off > turn_s
    # Left and right change places on the back: who takes no notice of the events finds the last lift on the other side.
    blind = CliRunner().invoke(backlift, words)
    sides = [json.loads(lines.splitlines()[-1])["limb"][-1] for lines in (told.output, blind.output)]
    assert sorted(sides) == ["l", "r"]
    (tmp_path / "events.jsonl").write_text('{"type": "position"}\n')
    wrong = CliRunner().invoke(backlift, [*words, "--events", str(tmp_path / "events.jsonl")])
    assert wrong.exit_code != 0 and "line 1" in str(wrong.exception) + wrong.output


def test_looking_again_needs_the_raw_frames(full: Path, clock: HandClock) -> None:
    with Store(full, clock=clock) as store, Reader(full) as reader:
        store.thin(0)
        with pytest.raises(StoreError, match="let go"):
            reanalyse(store, reader, 1)


def test_the_commands_say_what_they_did(full: Path, tmp_path: Path) -> None:
    def told(*words: str, answer: str | None = None) -> str:
        result = CliRunner().invoke(backlift, [*words, "--data", str(full.parent)], input=answer)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    assert "2 leg" in told("sessions") and "6.5 s" in told("sessions")
    assert "corrected by hand" in told("sessions", "1") and "note 1" in told("sessions", "1")
    assert [json.loads(line)["id"] for line in told("sessions", "--json").splitlines()] == [2, 1]
    assert "2 sessions written" in told("export", "--all", "--to", str(tmp_path / "all.zip"))
    assert zipfile.is_zipfile(tmp_path / "all.zip")
    assert "checked" in told("backup", str(tmp_path / "copy.db"))
    assert f"lifts found by detector {DETECTOR_VERSION}: 0 (before, detector 1: 2)" in told("reanalyse", "1")  # no person in them
    assert "Deleted session 1" in told("delete", "1", answer="y\n")
    assert "set aside, not deleted" in told("restore", str(tmp_path / "copy.db"), answer="y\n")
    assert "2 leg" in told("sessions")
    recovered = CliRunner().invoke(backlift, ["recover", str(tmp_path / "copy.db")])
    assert "sessions 2, lifts 4, frames 8000" in recovered.output


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_without_a_yes_nothing_is_deleted(full: Path, answer: str) -> None:
    result = CliRunner().invoke(backlift, ["delete", "--everything", "--data", str(full.parent)], input=answer)
    assert result.exit_code == 1 and "Delete all sessions for good?" in result.output
    with Reader(full) as reader:
        assert len(reader.sessions()) == 2


def test_commands_on_no_database_make_none(tmp_path: Path) -> None:
    for words in (["sessions"], ["export", "1"], ["backup", str(tmp_path / "x")], ["reanalyse", "--all"], ["delete", "1", "--yes"]):
        result = CliRunner().invoke(backlift, [*words, "--data", str(tmp_path)])
        assert "no database yet" in str(result.exception), words
    assert list(tmp_path.iterdir()) == []
