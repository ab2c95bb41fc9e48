"""A connection to SQLite in the few words the store needs, and SQLite's many errors in the few that matter to a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from station.store.store_errors import (
    CardFailingError,
    CardFullError,
    CorruptDatabaseError,
    NotClosedError,
    StoreError,
    WriterBusyError,
)

Row = tuple[Any, ...]
_DEFENSIVE = 1010
"""SQLITE_DBCONFIG_DEFENSIVE (sqlite.org/c3ref/c_dbconfig_defensive.html)."""
LONGEST_VALUE_BYTES = 16 * 1024 * 1024
"""No value of ours comes near it; one that is longer in a file from elsewhere is refused before it is in memory."""


class Connection(Protocol):
    """One connection, used by one thread at a time."""

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return all its rows.  Raises StoreError."""
        ...

    def close(self) -> None:
        """Let go of the file; harmless when repeated."""
        ...


Connect = Callable[[Path], Connection]
"""Opens a database for writing, making it if need be."""


class SqliteConnection:
    """The standard library's SQLite.

    unlocked: for a file that nobody else can reach; many network shares cannot lock, and SQLite would wait there in vain.
    """

    def __init__(self, path: Path, *, read_only: bool = False, immutable: bool = False, unlocked: bool = False) -> None:
        self._path = path
        mode = "ro" if read_only else "rwc"
        uri = f"{path.absolute().as_uri()}?mode={mode}" + ("&immutable=1" if immutable else "")
        uri += "&vfs=unix-none" if unlocked else ""
        try:
            self._raw = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5, cached_statements=256
            )
        except sqlite3.Error as error:
            raise self._typed(error) from None
        if unlocked:
            self.run("PRAGMA locking_mode = EXCLUSIVE")  # or a copy of a database with a log could not be opened

    def distrust(self) -> None:
        """The file may come from anywhere: nothing that it defines (views, triggers, expressions) may do more than read."""
        self.run("PRAGMA trusted_schema = OFF")
        self.run("PRAGMA cell_size_check = ON")
        self.run("PRAGMA mmap_size = 0")
        if hasattr(self._raw, "setconfig"):  # from Python 3.12 on
            self._raw.setconfig(_DEFENSIVE, True)
        self._raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE_BYTES)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        try:
            return self._raw.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._typed(error) from None
        except UnicodeDecodeError:  # SQLite's own message quotes a damaged schema, and Python cannot read it
            raise typed_error(sqlite3.SQLITE_CORRUPT, "its schema is no text", self._path) from None

    def close(self) -> None:
        try:
            self._raw.close()
        except sqlite3.Error as error:
            raise self._typed(error) from None

    def copy_to(self, target: SqliteConnection, pages: int, progress: Callable[[int, int], None] | None = None) -> None:
        """Copy every page to `target`, `pages` at a time.  Inside a read transaction the copy is of that one moment."""

        def step(status: int, remaining: int, total: int) -> None:
            if progress is not None:
                progress(total - remaining, total)

        try:
            self._raw.backup(target._raw, pages=pages, progress=step, sleep=0.005)
        except sqlite3.Error as error:
            raise self._typed(error) from None

    def _typed(self, error: sqlite3.Error) -> StoreError:
        return typed_error(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR), str(error), self._path)


def open_for_reading(path: Path) -> SqliteConnection:
    """A reading connection, also where nothing can be written beside the database.  Raises StoreError."""
    connection = SqliteConnection(path, read_only=True)
    try:
        connection.run("PRAGMA user_version")
        return connection
    except CardFailingError:
        connection.close()
        # A card mounted read-only after a clean end has no log and no place for its index: then nobody writes either.
        log, index = path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")
        if log.exists() and log.stat().st_size and not index.exists():
            raise NotClosedError(
                f"{path}: the station did not end properly, and what it wrote last has to be taken in first: start it once here "
                "('backlift run'), or copy the folder to a place that can be written and read it there"
            ) from None
        if log.exists() and log.stat().st_size:
            raise
        connection = SqliteConnection(path, read_only=True, immutable=True)
        connection.run("PRAGMA user_version")
        return connection
    except StoreError:
        connection.close()
        raise


def typed_error(code: int, words: str, path: Path) -> StoreError:
    """The error class for a (possibly extended) SQLite result code, with a line for a person."""
    words = " ".join(words.split())  # SQLite quotes what a damaged file holds, line ends too
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return CardFullError(f"{path}: no room left on the card; delete or export old sessions, or use a larger card")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return CorruptDatabaseError(
                f"{path}: the database is damaged ({words}); 'backlift recover' reads what can still be read"
            )
        case sqlite3.SQLITE_READONLY:
            return CardFailingError(
                f"{path}: the card or the file is read-only; a worn card does that, copy your data and replace it"
            )
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return CardFailingError(
                f"{path}: cannot be read or written ({words}); is the card worn, or the folder missing or not yours?"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return WriterBusyError(f"{path}: another program holds the database; end it, then try again")
        case _:
            return StoreError(f"{path}: {words}")
