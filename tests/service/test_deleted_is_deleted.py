"""A marker is put into every place that holds body data; after deletion no file of the data folder and no ring knows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from fake_time import Rig, rig

from hardware.sim.chips import SimulatedClock
from station.messages import MarkEvent
from station.store import Reader, Store
from station.store.backup import backup
from station.store.connection import SqliteConnection
from station.store.deletion import PLACES
from web.live.stream import LiveBroadcaster

MARKER = "q7marker7q"
"""Found in no mat file, no schema and no word of ours."""


def holding(folder: Path) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return sorted(str(file.relative_to(folder)) for file in files if MARKER.encode() in file.read_bytes())


@pytest.fixture
def practised(tmp_path: Path) -> Iterator[Rig]:
    """A station after one session with a lift; marks and a note carry the marker."""
    with rig(tmp_path) as made:
        made.run(20.0)
        assert made.station.session.in_session
        made.station.writer.event("mark", made.clock.monotonic_s(), {"text": MARKER})
        made.station.ipc.publish_event(MarkEvent(made.clock.monotonic_s(), MARKER), made.station.writer.session_id)
        made.run(75.0)
        made.settle()
        assert not made.station.session.in_session
        made.ask(lambda store: store.note_set(1, MARKER))
        yield made


def spread(data: Path) -> None:
    """The marker in every kind of copy that the program makes beside the database, sound and damaged."""
    database = data / "backlift.db"
    for name in (
        "backlift.before-version-3.db",
        "before-version-12.db",
        "backlift.replaced-2026-11-01T10-00-00.db",
        "backlift.corrupt-2026-11-02T10-00-00.db",
        "backlift.corrupt-2026-11-02T10-00-00.recovered.db",
        "backlift.recovered.db",
    ):
        backup(database, data / name)
    damaged = data / "backlift.corrupt-2026-11-03T10-00-00-2.db"
    backup(database, damaged)
    content = bytearray(damaged.read_bytes())
    content[:2048] = bytes(2048)
    damaged.write_bytes(content)
    shutil.copy(damaged, data / "backlift.replaced-2026-11-04T10-00-00.db")
    (data / "backlift.corrupt-2026-11-03T10-00-00-2.db-wal").write_text(MARKER)
    (data / "backlift.db.restored.part").mkdir()
    (data / "backlift.db.restored.part" / "backlift.db.restored").write_text(MARKER)
    (data / "backlift.before-version-3.db.part").write_text(MARKER)
    (data / "backlift.before-version-3.db.part-journal").write_text(MARKER)
    assert len(holding(data)) >= 12


def rings(made: Rig) -> bytes:
    """What the station's ring holds, and what a dashboard that followed it would tell a tablet that connects now."""
    lines = list(made.station.ipc._ring)
    live = LiveBroadcaster(lambda since: iter(()))
    live.feed({"type": "hello", "run": "r"})
    for line in lines:
        live.feed(msgspec.json.decode(line))
    return b"".join(lines) + b"".join(entry[1] for entry in live._events)


@pytest.mark.parametrize("everything", [False, True], ids=["one session", "everything"])
def test_the_marker_is_nowhere_after_deletion(practised: Rig, tmp_path: Path, everything: bool) -> None:
    data = tmp_path / "data"
    spread(data)
    live = LiveBroadcaster(lambda since: iter(()))
    live.feed({"type": "hello", "run": "r"})
    for line in practised.station.ipc._ring:
        live.feed(msgspec.json.decode(line))
    followed = len(practised.station.ipc._ring)
    assert MARKER.encode() in rings(practised)
    practised.ask(lambda store: store.delete_everything() if everything else store.session_delete(1))
    practised.settle()
    assert holding(data) == []
    assert MARKER.encode() not in rings(practised)
    for line in list(practised.station.ipc._ring)[followed:]:
        live.feed(msgspec.json.decode(line))
    assert MARKER.encode() not in b"".join(entry[1] for entry in live._events), "a dashboard that was connected all the time"
    with Reader(data / "backlift.db") as reader:
        assert reader.sessions() == []


def test_what_was_learned_from_a_body_goes_with_everything(tmp_path: Path) -> None:
    with Store(tmp_path / "backlift.db") as store, Reader(tmp_path / "backlift.db") as reader:
        person = store.person_add("Anna").id
        store.setting_set("practice.ranges", {"leg_l": 0.4})
        store.setting_set("practice.pace", {"melt_s": 8.0})
        store.person_setting_set(person, "practice.ranges", {"leg_l": 0.3})
        store.setting_set("sound.volume", 0.3)
        store.delete_everything()
        assert reader.settings() == {"sound.volume": 0.3} and reader.person_settings(person) == {}
        store.delete_everything(settings_too=True)
        assert reader.settings() == {} and reader.persons() == []


def test_other_sessions_in_a_copy_stay(tmp_path: Path) -> None:
    """Deleting one session is no reason to lose what else a database that was set aside holds."""
    database, clock = tmp_path / "backlift.db", SimulatedClock()
    copies = [tmp_path / f"backlift.{word}-2026-11-01T10-00-00.db" for word in ("replaced", "corrupt")]
    with Store(database, clock=clock) as store:
        for text in (MARKER, "stays"):
            number = store.begin_session(clock.monotonic_s(), mat_text="", zones=("a",), rate_hz=100.0, detector_version="1")
            store.add_event("mark", clock.monotonic_s(), {"text": text})
            store.end_session(clock.monotonic_s() + 5.0)
            store.commit()
            store.note_set(number, text)
            clock.advance(10.0)
        for copy in copies:
            backup(database, copy)
        content = bytearray(copies[1].read_bytes())
        content[:2048] = bytes(2048)
        copies[1].write_bytes(content)
        assert len(holding(tmp_path)) >= 3
        store.session_delete(1)
        assert holding(tmp_path) == [] and not copies[1].exists()
    for copy in (copies[0], copies[1].with_name(f"{copies[1].stem}.recovered.db")):
        with Reader(copy) as reader:
            assert [one.id for one in reader.sessions()] == [2] and reader.session(2).notes[0].text == "stays"


def test_a_session_of_the_same_number_in_a_copy_is_another_session_and_stays(practised: Rig, tmp_path: Path) -> None:
    """After a damaged database was set aside, numbers may begin again; a session is known by its start."""
    data = tmp_path / "data"
    copy = data / "backlift.replaced-2026-11-01T10-00-00.db"
    backup(data / "backlift.db", copy)
    db = SqliteConnection(copy)
    db.run("UPDATE session SET started_s = started_s + 777.0")
    db.close()
    practised.ask(lambda store: store.session_delete(1))
    with Reader(copy) as reader:
        assert [one.id for one in reader.sessions()] == [1]


def test_every_table_with_rows_of_a_session_is_emptied(practised: Rig, tmp_path: Path) -> None:
    """A table that is added later and not deleted from is found here."""
    practised.ask(lambda store: store.session_delete(1))
    practised.settle()
    db = SqliteConnection(tmp_path / "data" / "backlift.db", read_only=True)
    tables = [name for (name,) in db.run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    not_of_a_session = {"boot", "setting", "person", "person_setting", "device", "calibration"}
    rows = {table: db.run(f"SELECT count(*) FROM {table}")[0][0] for table in tables if table not in not_of_a_session}
    assert rows == dict.fromkeys(rows, 0) and len(rows) >= 7
    assert not_of_a_session < set(tables) and len(PLACES) == 5
    db.close()
