"""Deleted is deleted: the one list of places that hold body data, and the walk over it.

A place that is not in `PLACES` is a place where a deleted session lives on.  Whoever adds one (a file beside the database, a table,
a ring of events in memory) adds it here; a test fills them all with a marker, deletes, and searches the whole data folder.
Copies that a person made elsewhere (`backlift backup`, `export`) are hers and stay.
"""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from station.store.connection import SqliteConnection
from station.store.database import Database
from station.store.files import PART_SUFFIX, SIDE_SUFFIXES, side_file
from station.store.recover import recover
from station.store.schema import first_key, last_key
from station.store.store_errors import CardFullError, StoreError
from station.store.transactions import Transactions, must_exist
from station.store.write_queue import WriteQueue

LEARNED_SETTINGS = ("practice.ranges", "practice.pace")
"""Settings that the machine learned from a body."""
SAME_START_S = 0.002
"""Sessions that began within so much of each other are one; a rebuilt one knows its start to the millisecond."""
Tidy = Literal["vacuum", "truncate"]


@dataclass(frozen=True, slots=True)
class Erased:
    """What is to go: one session (its number and its start, by which copies know it), or everything (both None)."""

    session_id: int | None = None
    started_s: float | None = None

    @property
    def everything(self) -> bool:
        return self.session_id is None


@dataclass(frozen=True, slots=True)
class Place:
    """A place that holds body data.

    rows: deletes what is in the database, inside the transaction.  copies: deletes what lies beside it.
    """

    name: str
    rows: Callable[[Database, Erased], None] | None = None
    copies: Callable[[Path, Erased], None] | None = None


def _erase_rows(db: Database, erased: Erased) -> None:
    ids = [erased.session_id] if erased.session_id is not None else [id for (id,) in db.run("SELECT id FROM session")]
    for session_id in ids:
        _erase_session(db.run, session_id)
    if erased.everything:
        db.run("DELETE FROM chunk")
        db.run("DELETE FROM event")


def _erase_learned(db: Database, erased: Erased) -> None:
    if erased.everything:
        for key in LEARNED_SETTINGS:
            db.run("DELETE FROM setting WHERE key = ?", (key,))
            db.run("DELETE FROM person_setting WHERE key = ?", (key,))


def _erase_copies_before_updates(path: Path, erased: Erased) -> None:
    """Made by a migration (`backlift.before-version-3.db`) and by an upgrade (`before-version-12.db`)."""
    for file in _files(path, f"{path.stem}.before-*", "before-version-*"):
        _unlink(file)


def _erase_set_aside(path: Path, erased: Erased) -> None:
    """Databases that were damaged, replaced by a restore, or read out of a damaged one."""
    for file in _files(path, *(f"{path.stem}.{word}*{path.suffix}" for word in ("corrupt", "replaced", "recovered"))):
        if erased.started_s is None:
            _unlink(file)
        else:
            _erase_in_copy(file, erased.started_s)


def _erase_unfinished(path: Path, erased: Erased) -> None:
    """What a kill in the middle of a copy left."""
    for file in _files(path, "*.part", "*.part-*", f"{path.name}.restored*"):
        _unlink(file)
    for folder in path.parent.glob(f"*{PART_SUFFIX}"):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


PLACES: tuple[Place, ...] = (
    Place("rows of the database", rows=_erase_rows),
    Place("settings learned from a body", rows=_erase_learned),
    Place("copies made before an update", copies=_erase_copies_before_updates),
    Place("databases set aside", copies=_erase_set_aside),
    Place("unfinished copies", copies=_erase_unfinished),
)
"""Every place on the card; the database's free pages and its log follow in `tidy_up`, rings in memory through `Deletion.forget`."""


class Deletion(Transactions):
    """The part of the Store that deletes.

    forget: told the number of a session that was deleted, None for all: whoever keeps events of it in memory drops them.
    """

    forget: Callable[[int | None], None]
    _queue: WriteQueue
    _tidy: Tidy | None = None
    _tidy_at_s: float = float("-inf")

    @property
    @abstractmethod
    def session_id(self) -> int | None:
        """The running session."""

    def session_delete(self, session_id: int) -> None:
        """Delete a session really: its bytes are overwritten, the file shrinks (after a session that is running).  Not the
        running one.

        It goes from the copies beside the database as well.  Raises NotStoredError.
        """
        if session_id == self.session_id:
            raise StoreError("this session is still running; end it first, then delete it")
        with self._asked() as db:
            [(started_s,)] = must_exist(db, session_id, "started_s")
            self._erase(db, Erased(session_id, started_s))
        self._erase_beside(Erased(session_id, started_s))

    def delete_everything(self, *, settings_too: bool = False) -> int:
        """Delete all sessions and what was learned from them (and with `settings_too` settings, people, devices and calibrations);
        returns how many sessions there were.  All copies beside the database are deleted as well.
        """
        if self.session_id is not None:
            raise StoreError("a session is running; end it first, then delete")
        with self._asked() as db:
            [(sessions,)] = db.run("SELECT count(*) FROM session")
            self._erase(db, Erased())
            db.run("DELETE FROM boot")
            for table in ("setting", "person_setting", "person", "device", "calibration") if settings_too else ():
                db.run(f"DELETE FROM {table}")
        self._erase_beside(Erased())
        return int(sessions)

    def _erase(self, db: Database, erased: Erased) -> None:
        for place in PLACES:
            if place.rows is not None:
                place.rows(db, erased)

    def _erase_beside(self, erased: Erased) -> None:
        self._queue.forget_session(erased.session_id)
        self.forget(erased.session_id)
        for place in PLACES:
            if place.copies is not None:
                place.copies(self._path, erased)
        self._tidy = "vacuum"
        self._tidy_up()

    def _tidy_up(self) -> None:
        """After deletions: write the file afresh and empty the log, which still hold what was deleted, once nobody practises."""
        now_s = self._clock.monotonic_s()
        if self._tidy is None or self.session_id is not None or now_s < self._tidy_at_s:
            return
        try:
            db = self._database()
            if self._tidy == "vacuum":
                with suppress(CardFullError):  # no room for a second copy: the file stays long, what was deleted is overwritten
                    db.run("VACUUM")
                self._tidy = "truncate"
            if db.checkpoint("TRUNCATE"):
                self._tidy = None
                return
        except StoreError:
            pass
        self._tidy_at_s = now_s + _TIDY_AGAIN_S  # a reader still looks at the older state, or the card does not want to


_TIDY_AGAIN_S = 10.0


def _erase_session(run: Callable[..., object], session_id: int) -> None:
    keys = (first_key(session_id), last_key(session_id))
    run("DELETE FROM chunk WHERE id BETWEEN ? AND ?", keys)
    run("DELETE FROM event WHERE id BETWEEN ? AND ?", keys)
    run("DELETE FROM session WHERE id = ?", (session_id,))


def _erase_in_copy(copy: Path, started_s: float) -> None:
    """Delete a session from a database that was set aside.  A damaged one is first read into a sound one that takes its place."""
    try:
        _erase_in_sound(copy, started_s)
        return
    except StoreError:
        pass
    rest = copy.with_name(f"{copy.stem}.recovered{copy.suffix}")
    rest.unlink(missing_ok=True)
    try:
        recover(copy, rest)
        _erase_in_sound(rest, started_s)
    except StoreError:  # nothing can be read out of it; what lies in it unread may be what was deleted
        _unlink(rest)
    _unlink(copy)


def _erase_in_sound(copy: Path, started_s: float) -> None:
    with closing(SqliteConnection(copy)) as db:
        for pragma in ("secure_delete = ON", "foreign_keys = ON", "trusted_schema = OFF"):
            db.run(f"PRAGMA {pragma}")
        found = db.run("SELECT id FROM session WHERE abs(started_s - ?) < ?", (started_s, SAME_START_S))
        if found:
            db.run("BEGIN IMMEDIATE")
            for (session_id,) in found:
                _erase_session(db.run, session_id)
            db.run("COMMIT")
            db.run("VACUUM")
        db.run("PRAGMA journal_mode = DELETE")  # takes the log in and removes it


def _files(path: Path, *patterns: str) -> Iterator[Path]:
    """Files beside the database, never the database itself nor what a link leads to."""
    own = {path, side_file(path, ".lock"), *(side_file(path, suffix) for suffix in SIDE_SUFFIXES)}
    for pattern in patterns:
        for file in sorted(path.parent.glob(pattern)):
            if file not in own and file.is_file() and not file.is_symlink():
                yield file


def _unlink(file: Path) -> None:
    for each in (file, *(side_file(file, suffix) for suffix in (*SIDE_SUFFIXES, "-journal"))):
        with suppress(OSError):
            each.unlink(missing_ok=True)
