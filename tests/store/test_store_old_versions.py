"""A database of the version before opens with everything in it, and can still be recovered once it is damaged."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from store_world import MAT_TEXT, HandClock, lift

from station.store import Reader, Store
from station.store.connection import SqliteConnection
from station.store.recover import recover
from station.store.schema import PAGE_BYTES, migrate


def make_version_2(path: Path) -> None:
    """A database as the second version of the program left it: one session with a lift, a paired tablet."""
    db = SqliteConnection(path)
    db.run(f"PRAGMA page_size = {PAGE_BYTES}")
    migrate(db, up_to=2)
    db.run("INSERT INTO boot VALUES (1, 'one', 1790000000.0, 1)")
    db.run(
        """INSERT INTO session (id, started_s, ended_s, zones, rate_hz, mat, boot, calibration)
        VALUES (4, 100.5, 160.5, '["a"]', 50.0, ?, 1, '{}')""",
        (MAT_TEXT,),
    )
    db.run("INSERT INTO analysis VALUES (1, 4, '1', 1, 1, NULL)")
    db.run("INSERT INTO repetition VALUES (1, 1, 'leg', 'left', 130.0)")
    one = lift("leg_l", 110.0, melt_s=6.0)
    body = msgspec.json.encode(one).decode()
    db.run("INSERT INTO lift VALUES (1, 1, 1, 'leg_l', 'left', 110.0, ?)", (body,))
    db.run("INSERT INTO device (name, token_sha256, paired_wall_s, seen_wall_s) VALUES ('tablet', ?, 1.5, 2.5)", (b"\x01" * 32,))
    db.run("INSERT INTO setting VALUES ('practice.count_s', '1.5')")
    db.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "backlift.db"
    make_version_2(path)
    return path


def test_a_database_of_the_version_before_opens_with_everything_in_it(path: Path) -> None:
    with Store(path, clock=HandClock()), Reader(path) as reader:
        [one] = reader.sessions()
        assert (one.id, one.person_id, one.started_wall_s, one.sure) == (4, None, 1_790_000_100.5, True)
        [point] = reader.progress("day")
        assert (point.part, point.side, point.melt.median_s, point.prepare.median_s) == ("leg", "left", 6.0, 3.0)
        [device] = reader.devices()
        assert (device.role, device.person_ids, device.invited_by) == ("owner", (), None)
        assert reader.settings() == {"practice.count_s": 1.5} and reader.persons() == []
    assert path.with_name("backlift.before-version-3.db").exists()


@pytest.mark.parametrize("brought_up_to_date", [False, True])
def test_rows_written_before_the_update_are_recovered(path: Path, tmp_path: Path, brought_up_to_date: bool) -> None:
    """SQLite does not rewrite rows when a column is added: those of before are shorter."""
    if brought_up_to_date:
        Store(path, clock=HandClock()).close()
    content = bytearray(path.read_bytes())
    content[:100] = bytes(100)  # no header: SQLite itself does not open it
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(content)
    found = recover(damaged, tmp_path / "out.db")
    assert (found.sessions, found.lifts) == (1, 1)
    with Reader(tmp_path / "out.db") as reader:
        assert reader.session(4).repetitions[0].lifts[0].melt_s == 6.0
        assert reader.devices()[0].role == "owner"
