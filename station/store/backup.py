"""The whole database as one file, taken while the station writes, and checked before it gets its name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from station.store.connection import SqliteConnection, open_for_reading
from station.store.database import check_sound
from station.store.files import atomic_write
from station.store.schema import version_of
from station.store.store_errors import BadArchiveError, MissingDatabaseError

_PAGES_A_STEP = 512

Progress = Callable[[float], None]
"""Called with the share done, 0..1."""


def backup(database: Path, target: Path, progress: Progress | None = None) -> None:
    """Copy the database to `target` in small steps while it is written to; the copy is checked before it gets its name.

    The copy is of one moment.  A read transaction holds that moment, or each commit of the station would start the copy anew;
    the station goes on writing, only its log cannot be emptied meanwhile.  Raises StoreError, also when `target` is the database,
    and whatever `progress` raises; an existing `target` is then as before.
    """
    if not database.exists():
        raise MissingDatabaseError(f"{database}: no database yet; it is made when the station first runs")
    refuse_same(database, target)
    with closing(open_for_reading(database)) as source:
        version_of(source)
        source.run("BEGIN")
        source.run("SELECT count(*) FROM sqlite_schema")
        [(pages,)], [(page_bytes,)] = source.run("PRAGMA page_count"), source.run("PRAGMA page_size")
        with atomic_write(target, needed_bytes=pages * page_bytes) as part:
            _copy(source, part, progress)


def _copy(source: SqliteConnection, part: Path, progress: Progress | None) -> None:
    """Copy to a single file without a log, and check what came out."""
    with closing(SqliteConnection(part, unlocked=True)) as copy:
        source.copy_to(copy, _PAGES_A_STEP, None if progress is None else lambda done, total: progress(done / max(total, 1)))
        copy.run("PRAGMA journal_mode = DELETE")
        check_sound(copy, part, thorough=True)


def refuse_same(database: Path, other: Path) -> None:
    """Raises BadArchiveError when the two are one file, by whatever name."""
    if other.exists() and database.exists() and other.samefile(database):
        raise BadArchiveError(f"{other}: that is the database itself; name another file")
