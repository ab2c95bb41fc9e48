"""Putting a backup in the place of the present data.

A file that somebody restores may come from anywhere.  So nothing of it is used but rows: a fresh database is made with our own
schema, of the version that the file says it has, the rows of our own tables are copied into it, and then it is brought up to date.
Triggers, views, generated columns and further tables stay behind, and so do rows that do not look like ours.

Who may come in is decided here and now, not by a file of last week: paired devices and the settings of the network stay as they
are, unless somebody asks for those of the backup.  Even then a device that was shown out stays out.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hardware.private_files import private_mode
from station.store.backup import Progress, refuse_same
from station.store.connection import Row, SqliteConnection, open_for_reading
from station.store.database import check_sound
from station.store.files import (
    SIDE_SUFFIXES,
    atomic_write,
    dated_name,
    lock,
    quarantine,
    side_file,
    sync_folder,
    typed_os_error,
)
from station.store.row_shapes import ADDED, NO_ROWID, SHAPES, complete, is_readable
from station.store.schema import PAGE_BYTES, VERSION, migrate, version_of
from station.store.store_errors import BadArchiveError, CardFailingError, CorruptDatabaseError, StoreError

SECURITY_SETTINGS = ("dashboard.", "network.", "security.", "mqtt.", "backup.")
"""Settings that begin so say who may reach the station, and where its copies go; a backup does not change them unasked."""
NOBODY = 0
"""A person's number that nobody has: what is left of a device's persons when none of them is in the backup."""
_BATCH = 200


def restore(source: Path, database: Path, progress: Progress | None = None, *, security_too: bool = False) -> Path | None:
    """Replace the database by a backup, after checking it; the old one is set aside, its new name is returned.

    security_too: paired devices and network settings are those of the backup as well.
    The station must not run.  Raises WriterBusyError, BadArchiveError, NewerDatabaseError, CardFullError; then nothing was
    replaced.
    """
    if not source.is_file():
        raise BadArchiveError(f"{source}: no such backup; nothing was replaced")
    refuse_same(database, source)
    with lock(database):
        new = side_file(database, ".restored")
        try:
            settled = not side_file(source, "-wal").exists()
            with closing(SqliteConnection(source, read_only=True, immutable=settled)) as archive:
                archive.distrust()
                version = version_of(archive)
                if version == 0:
                    raise BadArchiveError(f"{source}: holds no data of this program; nothing was replaced")
                check_sound(archive, source, thorough=True)
                with atomic_write(new, needed_bytes=2 * source.stat().st_size) as part, closing(SqliteConnection(part)) as copy:
                    copy.run(f"PRAGMA page_size = {PAGE_BYTES}")
                    _copy_rows(archive, copy, version, source, progress)
                    _leave_out_unreadable(copy)
                    if not security_too:
                        _keep_present_security(copy, database)
                    else:
                        _keep_shown_out(copy, database)
                    copy.run("PRAGMA journal_mode = DELETE")
                    check_sound(copy, part, thorough=True)
        except (CorruptDatabaseError, CardFailingError) as error:
            raise BadArchiveError(f"{source}: is not a sound backup, nothing was replaced ({error})") from None
        aside = _step_back(database)
        try:
            new.chmod(private_mode())
            new.replace(database)
            sync_folder(database.parent)
        except OSError as error:
            raise typed_os_error(error, database) from None
    return aside


def _copy_rows(archive: SqliteConnection, copy: SqliteConnection, version: int, source: Path, progress: Progress | None) -> None:
    """Rows of our tables into a fresh schema of the same version, which is then brought up to date."""
    migrate(copy, up_to=version)
    tables = [str(name) for (name,) in copy.run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    there = {str(row[1]): str(row[2]) for row in archive.run("PRAGMA main.table_list") if row[0] == "main"}
    columns = {table: [str(row[1]) for row in copy.run(f"PRAGMA table_info({table})")] for table in tables}
    for table in tables:
        theirs = {str(row[1]): int(row[6]) for row in archive.run(f"PRAGMA table_xinfo({table})")}
        if there.get(table) != "table" or any(theirs.get(column) != 0 for column in columns[table]):
            raise BadArchiveError(f"{source}: its table '{table}' is not one of this program's; nothing was replaced")
    rows_in_all = sum(archive.run(f"SELECT count(*) FROM {table}")[0][0] for table in tables)
    done = 0
    copy.run("PRAGMA foreign_keys = OFF")
    copy.run("BEGIN")
    for table in tables:
        names = ", ".join(columns[table])
        put = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns[table]))})"
        for rows in _batches(archive, table, names):
            for row in rows:
                copy.run(put, row)
            done += len(rows)
            if progress is not None:
                progress(done / max(rows_in_all, 1))
    for name, number in archive.run("SELECT name, seq FROM sqlite_sequence"):
        if name in tables and isinstance(number, int):
            copy.run("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            copy.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))
    copy.run("COMMIT")
    if copy.run("PRAGMA foreign_key_check"):
        raise CorruptDatabaseError("some of its entries belong to nothing")
    migrate(copy, up_to=VERSION)


def _batches(archive: SqliteConnection, table: str, names: str) -> Iterator[list[Row]]:
    """All rows of a table, a few hundred at a time."""
    if table in NO_ROWID:
        yield archive.run(f"SELECT {names} FROM {table} LIMIT 100000")
        return
    last = -(1 << 63)
    while rows := archive.run(f"SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_BATCH}", (last,)):
        last = rows[-1][0]
        yield [row[1:] for row in rows]


def _leave_out_unreadable(copy: SqliteConnection) -> None:
    """Remove rows that readers could not use, with all that hangs on them."""
    copy.run("PRAGMA foreign_keys = ON")
    copy.run("BEGIN")
    for table, (columns, _) in SHAPES.items():
        key = " AND ".join(f"{column} IS ?" for column in columns[: NO_ROWID.get(table, 1)])
        for rows in _batches(copy, table, ", ".join(columns)):
            for row in rows:
                if not is_readable(table, row):
                    copy.run(f"DELETE FROM {table} WHERE {key}", row[: NO_ROWID.get(table, 1)])
    copy.run("COMMIT")


def _keep_present_security(copy: SqliteConnection, database: Path) -> None:
    """Paired devices and the settings of the network as they are now."""
    settings = [row for row in _present(database, "SELECT key, value FROM setting") if row[0].startswith(SECURITY_SETTINGS)]
    columns = SHAPES["device"][0]
    devices = _present(database, f"SELECT {', '.join(columns)} FROM device ORDER BY id")
    if not devices:  # perhaps the version before, whose devices knew no roles
        devices = _present(database, f"SELECT {', '.join(columns[: -len(ADDED['device'])])} FROM device ORDER BY id")
    devices = [row for row in (complete("device", row) for row in devices) if is_readable("device", row)]
    named: dict[int, str] = dict(_present(database, "SELECT id, name FROM person"))
    same = {id for id, name in copy.run("SELECT id, name FROM person") if named.get(id) == name}
    copy.run("BEGIN")
    copy.run("DELETE FROM device")
    for key, _ in copy.run("SELECT key, value FROM setting"):
        if key.startswith(SECURITY_SETTINGS):
            copy.run("DELETE FROM setting WHERE key = ?", (key,))
    for row in settings:
        copy.run("INSERT INTO setting (key, value) VALUES (?, ?)", row)
    place = columns.index("person_ids")
    for row in devices:
        persons = json.loads(row[place])
        kept = [id for id in persons if id in same] or ([NOBODY] if persons else [])
        values = (*row[:place], json.dumps(kept), *row[place + 1 :])
        copy.run(f"INSERT INTO device ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", values)
    copy.run("COMMIT")


def _keep_shown_out(copy: SqliteConnection, database: Path) -> None:
    """Devices that were revoked here stay so, whatever the backup says."""
    for (token,) in _present(database, "SELECT token_sha256 FROM device WHERE revoked"):
        copy.run("UPDATE device SET revoked = 1 WHERE token_sha256 = ?", (token,))


def _present(database: Path, sql: str) -> list[Row]:
    """Rows of the present database; none when there is none, it cannot be read, or has no such table or column."""
    if not database.exists():
        return []
    try:
        with closing(open_for_reading(database)) as now:
            now.distrust()
            version_of(now)
            return now.run(sql)
    except StoreError:
        return []


def _step_back(database: Path) -> Path | None:
    """Give the present database a second name, with everything in one file, so that its own name can be taken in one step."""
    if not database.exists():
        for suffix in SIDE_SUFFIXES:
            side_file(database, suffix).unlink(missing_ok=True)
        return None
    try:
        with closing(SqliteConnection(database)) as old:
            old.run("PRAGMA journal_mode = DELETE")  # takes the log in and removes it: it must not meet the new database
    except StoreError:
        pass
    if any(side_file(database, suffix).exists() for suffix in SIDE_SUFFIXES):
        return quarantine(database, "replaced", time.time())
    aside = dated_name(database, "replaced", time.time())
    try:
        os.link(database, aside)
    except OSError:  # a file system without second names: then there is a moment without a database, and nothing is lost in it
        return quarantine(database, "replaced", time.time())
    return aside
