"""A restored file brings sessions, and nothing else: no strangers, no open network, no code of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from store_world import HandClock, practise
from test_store_old_versions import make_version_2

from station.store import BadArchiveError, CardFullError, Reader, Store, StoreError
from station.store.backup import backup
from station.store.restore import restore

OURS, THEIRS, STOLEN = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database(tmp_path: Path, clock: HandClock) -> Path:
    """The present data: one session, one tablet, a stolen one that was shown out, the network closed."""
    path = tmp_path / "data" / "backlift.db"
    with Store(path, clock=clock) as store:
        practise(store, clock, 20)
        store.device_add("tablet", OURS)
        store.device_revoke(store.device_add("stolen", STOLEN).id)
        store.setting_set("dashboard.open_network", False)
        store.setting_set("practice.count_s", 1.0)
    return path


@pytest.fixture
def archive(tmp_path: Path, clock: HandClock) -> Path:
    """A backup from elsewhere: two sessions, a stranger's device, the stolen one still welcome, the network open."""
    path = tmp_path / "elsewhere" / "backlift.db"
    with Store(path, clock=clock) as store:
        practise(store, clock, 20, seed=7)
        practise(store, clock, 20, seed=8)
        store.person_add("Anna")
        store.device_add("stranger", THEIRS)
        store.device_add("stolen", STOLEN)
        store.setting_set("dashboard.open_network", True)
        store.setting_set("practice.count_s", 2.0)
    copy = tmp_path / "archive.db"
    backup(path, copy)
    return copy


def devices(path: Path) -> list[tuple[str, bool]]:
    with Reader(path) as reader:
        return [(one.name, one.revoked) for one in reader.devices()]


def test_devices_and_network_stay_the_present_ones(database: Path, archive: Path) -> None:
    aside = restore(archive, database)
    with Reader(database) as reader:
        assert len(reader.sessions()) == 2 and [one.name for one in reader.persons()] == ["Anna"]
        assert reader.settings() == {"dashboard.open_network": False, "practice.count_s": 2.0}
    assert devices(database) == [("tablet", False), ("stolen", True)]
    assert aside is not None and devices(aside) == [("tablet", False), ("stolen", True)]


def test_asked_for_they_are_those_of_the_backup_and_a_device_shown_out_stays_out(database: Path, archive: Path) -> None:
    restore(archive, database, security_too=True)
    assert devices(database) == [("stranger", False), ("stolen", True)]
    with Reader(database) as reader:
        assert reader.settings()["dashboard.open_network"] is True


def test_into_an_empty_folder_nobody_is_let_in(tmp_path: Path, archive: Path) -> None:
    fresh = tmp_path / "fresh" / "backlift.db"
    restore(archive, fresh)
    assert devices(fresh) == []
    with Reader(fresh) as reader:
        assert reader.settings() == {"practice.count_s": 2.0} and len(reader.sessions()) == 2


def test_what_a_device_may_see_does_not_grow_when_the_people_differ(database: Path, archive: Path, clock: HandClock) -> None:
    """Person 1 is somebody else in the backup; a device that may see only person 1 must not see her, nor everybody."""
    with Store(database, clock=clock) as store:
        store.device_add("guest", b"\x09" * 32, role="looks", person_ids=(store.person_add("Ben").id,))
    restore(archive, database)
    with Reader(database) as reader:
        [guest] = [one for one in reader.devices() if one.name == "guest"]
        assert guest.person_ids and not set(guest.person_ids) & {one.id for one in reader.persons()}


HOSTILE: dict[str, str] = {
    "trigger": "CREATE TRIGGER evil AFTER INSERT ON session BEGIN UPDATE setting SET value = 'true'; END",
    "trigger on update": "CREATE TRIGGER evil AFTER UPDATE ON boot BEGIN DELETE FROM session; END",
    "view": "CREATE VIEW evil AS SELECT * FROM session",
    "table": "CREATE TABLE evil (id)",
    "index with a function": "CREATE INDEX evil ON note (upper(text))",
}


@pytest.mark.parametrize("statement", HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_a_file_defines_comes_along(database: Path, archive: Path, statement: str, clock: HandClock) -> None:
    with sqlite3.connect(archive) as db:
        db.execute(statement)
    db.close()
    restore(archive, database)
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT name FROM sqlite_schema WHERE name = 'evil'").fetchall() == []
    db.close()
    with Store(database, clock=clock) as store, Reader(database) as reader:
        practise(store, clock, 3)
        assert len(reader.sessions()) == 3 and reader.settings()["dashboard.open_network"] is False


def replaced_by_a_view(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE note RENAME TO other")
    db.execute("CREATE VIEW note AS SELECT * FROM other")


def with_a_generated_column(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE note")
    db.execute(
        """CREATE TABLE note (id INTEGER PRIMARY KEY, session_id INTEGER, limb TEXT, from_s REAL, to_s REAL,
        text TEXT GENERATED ALWAYS AS ('x' || limb) VIRTUAL, changed_wall_s REAL)"""
    )


def without_a_table(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE note")


def virtual(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE note")
    db.execute("CREATE VIRTUAL TABLE note USING fts5(id, session_id, limb, from_s, to_s, text, changed_wall_s)")


@pytest.mark.parametrize(
    "change", [replaced_by_a_view, with_a_generated_column, without_a_table, virtual], ids=lambda it: it.__name__
)
def test_a_file_whose_tables_are_not_ours_is_refused(
    database: Path, archive: Path, change: Callable[[sqlite3.Connection], None]
) -> None:
    with sqlite3.connect(archive) as db:
        change(db)
    db.close()
    before = database.read_bytes()
    with pytest.raises(BadArchiveError, match="note") as error:
        restore(archive, database)
    assert "\n" not in str(error.value) and database.read_bytes() == before
    assert sorted(file.name for file in database.parent.iterdir()) == ["backlift.db", "backlift.db.lock"]


FORGED: dict[str, str] = {
    "nested JSON in a setting": "INSERT INTO setting VALUES ('practice.ranges', '" + "[" * 50_000 + "]" * 50_000 + "')",
    "a number of 6000 digits": "INSERT INTO setting VALUES ('practice.hold_s', '" + "9" * 6000 + "')",
    "JSON that is none": "INSERT INTO setting VALUES ('practice.counts', '[1,')",
    "an event that is no object": "INSERT INTO event VALUES ((2 << 32) + 999, 'mark', 1001.0, '7')",
    "a face of 99": "UPDATE session SET comfort_after = 99 WHERE id = 2",
    "an endless time": "UPDATE session SET started_s = 9e999 WHERE id = 2",
    "text for a number": "UPDATE session SET rate_hz = 'fast' WHERE id = 2",
    "a state there is not": "UPDATE session SET state = 'owned' WHERE id = 2",
    "zones that are none": "UPDATE session SET zones = '7' WHERE id = 2",
    "a lift that is none": "UPDATE lift SET body = '{}' WHERE id = 2",
}


@pytest.mark.parametrize("statement", FORGED.values(), ids=FORGED)
def test_rows_that_no_reader_could_use_stay_behind_and_the_others_come(
    database: Path, archive: Path, statement: str, clock: HandClock
) -> None:
    with sqlite3.connect(archive) as db:
        db.execute(statement)
    db.close()
    restore(archive, database)
    with Store(database, clock=clock), Reader(database) as reader:
        numbers = [one.id for one in reader.sessions()]
        assert 1 in numbers
        for number in numbers:
            reader.session(number), reader.trace(number), reader.events(number), reader.frames(number)
        reader.progress(), reader.settings(), reader.calibrations(), reader.practice_days()


def test_a_value_too_long_for_memory_is_refused(database: Path, archive: Path) -> None:
    with sqlite3.connect(archive) as db:
        db.execute("INSERT INTO setting VALUES ('practice.counts', zeroblob(100000000))")
    db.close()
    before = database.read_bytes()
    with pytest.raises(StoreError):
        restore(archive, database)
    assert database.read_bytes() == before


def test_a_backup_of_the_version_before_is_restored(database: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    make_version_2(old)
    restore(old, database)
    with Reader(database) as reader:
        assert [one.id for one in reader.sessions()] == [4] and reader.progress("day")[0].melt.median_s == 6.0
    assert devices(database) == [("tablet", False), ("stolen", True)]


def test_devices_of_a_database_of_the_version_before_are_kept(archive: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    make_version_2(old)
    restore(archive, old)
    assert devices(old) == [("tablet", False)]


def test_without_room_nothing_is_begun(database: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10**9, 10**9 - 10**7, 10**7))
    before = database.read_bytes()
    for copy in (lambda: restore(archive, database), lambda: backup(database, archive.with_name("again.db"))):
        with pytest.raises(CardFullError, match="MB"):
            copy()
    assert database.read_bytes() == before and not archive.with_name("again.db").exists()
    assert not [
        file for file in (*database.parent.iterdir(), *archive.parent.iterdir()) if "part" in file.name or "restored" in file.name
    ]


@pytest.mark.parametrize("junk", [b"\xff\xdf\xe3", b"\n\n\n", b"\x00\x00\x00", b"\x80(\n"])
def test_a_damaged_schema_is_an_error_in_one_line_whatever_it_says(
    database: Path, archive: Path, tmp_path: Path, junk: bytes
) -> None:
    content = archive.read_bytes()
    before = database.read_bytes()
    place = content.index(b"CREATE TABLE")
    for shift in (0, 7, 13, 40):
        wrong = tmp_path / "wrong.db"
        wrong.write_bytes(content[: place + shift] + junk + content[place + shift + len(junk) :])
        with pytest.raises(StoreError) as error:
            restore(wrong, database)
        assert "\n" not in str(error.value) and database.read_bytes() == before
