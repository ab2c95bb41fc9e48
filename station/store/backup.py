"""The whole database as one file, taken while the station writes, and put back only after it was found sound."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from station.store.connection import SqliteConnection
from station.store.database import check_sound
from station.store.files import SIDE_SUFFIXES, atomic_write, dated_name, lock, quarantine, side_file, sync_folder, typed_os_error
from station.store.schema import version_of
from station.store.store_errors import BadArchiveError, CardFailingError, CorruptDatabaseError, MissingDatabaseError, StoreError

_PAGES_A_STEP = 512

Progress = Callable[[float], None]
"""Called with the share done, 0..1."""


def backup(database: Path, target: Path, progress: Progress | None = None) -> None:
    """Copy the database to `target` in small steps while it is written to; the copy is checked before it gets its name.

    The copy is of one moment.  A read transaction holds that moment, or each commit of the station would start the copy anew;
    the station goes on writing, only its log cannot be emptied meanwhile.  Raises StoreError; an existing `target` is then as
    before.
    """
    if not database.exists():
        raise MissingDatabaseError(f"{database}: no database yet; it is made when the station first runs")
    _refuse_same(database, target)
    with closing(SqliteConnection(database, read_only=True)) as source, atomic_write(target) as part:
        version_of(source)
        source.run("BEGIN")
        source.run("SELECT count(*) FROM sqlite_schema")
        _copy(source, part, progress)
        source.run("ROLLBACK")


def restore(source: Path, database: Path, progress: Progress | None = None) -> Path | None:
    """Replace the database by a backup, after checking it; the old one is set aside, its new name is returned.

    The station must not run.  Raises WriterBusyError, BadArchiveError, NewerDatabaseError; then nothing was replaced.
    """
    if not source.is_file():
        raise BadArchiveError(f"{source}: no such backup; nothing was replaced")
    _refuse_same(database, source)
    with lock(database):
        new = side_file(database, ".restored")
        try:
            with closing(SqliteConnection(source, read_only=True, immutable=not side_file(source, "-wal").exists())) as archive:
                if version_of(archive) == 0:
                    raise BadArchiveError(f"{source}: holds no data of this program; nothing was replaced")
                with atomic_write(new) as part:
                    _copy(archive, part, progress)
        except (CorruptDatabaseError, CardFailingError) as error:
            raise BadArchiveError(f"{source}: is not a sound backup, nothing was replaced ({error})") from None
        aside = _step_back(database)
        try:
            new.replace(database)
            sync_folder(database.parent)
        except OSError as error:
            raise typed_os_error(error, database) from None
    return aside


def _copy(source: SqliteConnection, part: Path, progress: Progress | None) -> None:
    """Copy to a single file without a log, and check what came out."""
    part.unlink(missing_ok=True)
    with closing(SqliteConnection(part)) as copy:
        source.copy_to(copy, _PAGES_A_STEP, None if progress is None else lambda done, total: progress(done / max(total, 1)))
        copy.run("PRAGMA journal_mode = DELETE")
        check_sound(copy, part, thorough=True)


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


def _refuse_same(database: Path, other: Path) -> None:
    if other.resolve() == database.resolve():
        raise BadArchiveError(f"{other}: that is the database itself; name another file")
