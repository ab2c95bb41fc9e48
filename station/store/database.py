"""The database file and the one connection that writes it.

Why it survives a pulled plug
-----------------------------
SQLite in WAL mode appends every transaction to a log (`-wal`) and later copies the log into the database (a checkpoint).  With
synchronous=FULL the log is synced before COMMIT returns, so what was acknowledged is on the card; a transaction torn by the cut
fails its checksum and is as if it had never begun.  A card that lies about syncing can still lose the last moments; nothing above
it can help that.

Why there is exactly one writer
-------------------------------
SQLite 3.7.0 to 3.51.2, and so the versions that Raspberry Pi OS bookworm and trixie came with, have the "WAL-reset" bug
(sqlite.org/wal.html#walresetbug): when one connection begins a checkpoint at the very moment at which another one writes and
restarts the log, a later checkpoint may skip pages that were never copied, and the database is corrupt.  It takes two connections
that write or checkpoint.  So there is one: automatic checkpoints are off, and the same thread commits and checkpoints.  Readers
open with mode=ro, which never checkpoint by themselves and could copy nothing if they tried.  A lock file keeps a second writer
out, were it a second station or a command typed at the wrong time.

Why the card lives long
-----------------------
A commit writes whole pages into the log, and a checkpoint writes each touched page once more.  So keys are chosen to append
(schema.py), and the checkpoint waits for some megabytes of log, in which the pages touched every second are written back once.
The log file is not shortened but used again from its start: growing a file costs the file system a journal entry per commit.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hardware.private_files import make_private
from station.store.connection import Connect, Connection, Row, SqliteConnection
from station.store.files import SIDE_SUFFIXES, atomic_write, lock, side_file, typed_os_error
from station.store.schema import PAGE_BYTES, VERSION, migrate, version_of
from station.store.store_errors import CorruptDatabaseError, StoreError

_CHECK_UP_TO_BYTES = 64 * 1024 * 1024
"""After a crash a database up to this size is checked page by page at start (below a second on a slow card); a larger one is not:
a damaged page is then found when it is read, and handled the same."""


class Database:
    """The writing connection, the lock that makes it the only one, and the file's coming and going."""

    def __init__(self, path: Path, connect: Connect = SqliteConnection) -> None:
        """Open or make the database and bring it up to date.

        Raises WriterBusyError, NewerDatabaseError, CorruptDatabaseError, CardFailingError, CardFullError.
        """
        self.path = path
        self._connect = connect
        self._lock = lock(path)
        try:
            self._db = self._opened()
        except BaseException:
            self._lock.close()
            raise

    def _opened(self) -> Connection:
        log = side_file(self.path, "-wal")
        crashed = log.exists() and log.stat().st_size > 0
        for file in (self.path, *(side_file(self.path, suffix) for suffix in SIDE_SUFFIXES)):
            make_private(file)
        db = self._connect(self.path)
        try:
            db.run(f"PRAGMA page_size = {PAGE_BYTES}")
            db.run("PRAGMA synchronous = FULL")
            db.run("PRAGMA wal_autocheckpoint = 0")
            db.run("PRAGMA secure_delete = ON")
            db.run("PRAGMA foreign_keys = ON")
            db.run("PRAGMA cell_size_check = ON")
            version = version_of(db)
            db.run("PRAGMA journal_mode = WAL")
            make_private(self.path)  # its log takes its mode over
            if crashed and self.path.stat().st_size <= _CHECK_UP_TO_BYTES:
                check_sound(db, self.path)
            if version < VERSION:
                if version:
                    _copy_before_migration(db, self.path)
                migrate(db)
            return db
        except BaseException:
            with suppress(StoreError):
                db.close()
            raise

    def run(self, sql: str, parameters: tuple[object, ...] = ()) -> list[Row]:
        """Run one statement."""
        return self._db.run(sql, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and on the card when the block is left without an error."""
        self._db.run("BEGIN IMMEDIATE")
        try:
            yield
            self._db.run("COMMIT")
        except BaseException:
            with suppress(StoreError):  # SQLite has already rolled back after a full card or an I/O error
                self._db.run("ROLLBACK")
            raise

    def checkpoint(self, mode: str = "PASSIVE") -> bool:
        """Copy the log into the database; True when all of it could be (a reader may still need the older state)."""
        [(busy, in_log, copied)] = self._db.run(f"PRAGMA wal_checkpoint({mode})")
        return not busy and in_log == copied

    def free_bytes(self) -> int:
        """Room left on the card.  Raises CardFailingError."""
        try:
            return shutil.disk_usage(self.path.parent).free
        except OSError as error:
            raise typed_os_error(error, self.path) from None

    def close(self, *, orderly: bool = True) -> None:
        """Move the log into the database, close it, let others write.  `orderly` False leaves a failing card in peace."""
        if orderly:
            with suppress(StoreError):
                self._db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(StoreError):
            self._db.close()
        self._lock.close()


def check_sound(db: Connection, path: Path, *, thorough: bool = False) -> None:
    """Raises CorruptDatabaseError when the tree of pages is not whole; `thorough` compares every index with its table too."""
    words = [str(word) for (word,) in db.run(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}(1)")]
    if words != ["ok"]:
        raise CorruptDatabaseError(
            f"{path}: the database is damaged ({words[0].splitlines()[-1]}); 'backlift recover' reads what can still be read"
        )


def _copy_before_migration(db: Connection, path: Path) -> None:
    """Keep the old version beside the new one, whole or not at all."""
    copy = path.with_name(f"{path.stem}.before-version-{VERSION}{path.suffix}")
    [(pages,)], [(page_bytes,)] = db.run("PRAGMA page_count"), db.run("PRAGMA page_size")
    with atomic_write(copy, needed_bytes=pages * page_bytes) as part:
        db.run("VACUUM INTO ?", (str(part),))
