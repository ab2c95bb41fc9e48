"""The one writer: everything that reaches the database goes through a `Store`, in one thread of one process."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from hardware.clock import Clock, SystemClock
from hardware.frames import FrameBlock
from hardware.notices import Notice
from station.model import Announcement
from station.store.connection import Connect, SqliteConnection
from station.store.database import Database
from station.store.dates import BootDates
from station.store.deletion import Deletion
from station.store.files import RESERVE_BYTES, quarantine
from station.store.records import Commit, Recovered, Saving
from station.store.registry import Registry
from station.store.schema import first_key, last_key
from station.store.session_edits import SessionEdits
from station.store.session_writing import write, write_partial
from station.store.storage_budget import StorageBudget
from station.store.store_errors import (
    CardFailingError,
    CardFullError,
    CorruptDatabaseError,
    StoreError,
    WriterBusyError,
)
from station.store.write_queue import LONGEST_WAIT_S, Begin, End, Streamed, WriteQueue

_log = logging.getLogger(__name__)

COMMITS_PER_CHECKPOINT = 300
_RETRY_S = (1.0, 2.0, 5.0, 10.0)
"""After each failure in a row; well below LONGEST_WAIT_S, so that a card that comes back finds the frames still here."""
_FULL_FOR_S = 60.0
"""A card that was full is not tried with raw frames again before; else they would come and go with every page that gets free."""


class Store(SessionEdits, Registry, Deletion, StorageBudget):
    """Keeps sessions, and says how well it can.

    Everything goes through one queue, in the order in which it was handed over.  What streams in while somebody practises
    (`begin_session`, `add_frames`, `add`, `add_event`, `end_session`) never raises for the sake of a card: it waits in the queue
    until a `commit` gets through, and `saving` says what is going on.  What a person asks for (settings, notes, corrections,
    deletion, devices, calibrations) is on the card when the method returns, after all that was handed over before, or raises a
    StoreError.

    One thread calls these methods; others hand over through the queue.  A second Store on the same file, in any process, is
    refused.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        boot_id: str | None = None,
        budget_mb: int | None = None,
        commit_period_s: float = 1.0,
        connect: Connect = SqliteConnection,
        reserve_bytes: int = RESERVE_BYTES,
        forget: Callable[[int | None], None] = lambda session_id: None,
        queue: WriteQueue | None = None,
        synchronised: Callable[[], bool | None] = lambda: None,
    ) -> None:
        """Open or make the database, bring it up to date, close sessions a power cut left open.

        A card that cannot be written does not raise: `saving` is then "not_saving" and each commit tries again.  A corrupt file is
        set aside under a dated name and a fresh one begun.  Raises NewerDatabaseError, WriterBusyError.

        budget_mb: room for raw frames, unless the setting storage.budget_mb says otherwise; None or 0: no limit.
        commit_period_s: how often `commit` will be called (1 s, or 5 s to spare the card); a power cut costs at most that and one
        second more.
        connect: how a database is opened.  forget: told which session was deleted (None: all), for what is kept in memory.
        queue: where other threads hand over.  synchronised: whether the machine's clock follows a time server; None: not known.
        """
        self._path = path
        self._clock = clock or SystemClock()
        boot_id = boot_id or Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._dates = BootDates(self._clock, boot_id)
        self._queue = queue or WriteQueue()
        self._config_budget_mb = budget_mb
        self.forget = forget
        self._synchronised = synchronised
        self._shortest_period_s = commit_period_s
        self._commit_times_s: deque[float] = deque(maxlen=6)
        self._connect = connect
        self._reserve_bytes = reserve_bytes
        self._notices: list[Notice] = []
        self._commits = 0
        self._failures = 0
        self._retry_at_s = float("-inf")
        self._no_frames_until_s = float("-inf")
        self._saving: Saving = "ok"
        self.recovered: tuple[Recovered, ...] = ()
        """Sessions that were found open at start."""
        self._db: Database | None = None
        try:
            self._open()
        except (CardFailingError, CardFullError) as error:
            self._fail(error)
        self.note_clock()

    # State ------------------------------------------------------------------------------------------------------------------

    @property
    def saving(self) -> Saving:
        return self._saving

    @property
    def session_id(self) -> int | None:
        """The running session.  Read it afresh: while nothing could be saved yet its number is provisional, and negative."""
        running = self._queue.running
        return None if running is None else running.id

    def take_notices(self) -> list[Notice]:
        """What the person should know that came up since the last call: set aside, recovered, not saving, saving again."""
        notices, self._notices = self._notices, []
        return notices

    # While somebody practises -----------------------------------------------------------------------------------------------

    def begin_session(
        self,
        t_s: float,
        *,
        mat_text: str,
        zones: tuple[str, ...],
        rate_hz: float,
        detector_version: str,
        calibration: Mapping[str, Any] | None = None,
        person_id: int | None = None,
    ) -> int:
        """Start a session at `t_s`, the time of its first frame ("arriving"); frames from then on may be added later.

        mat_text: the mat file as it was read.  calibration: zone -> hardware.calibration.ZoneCalibration (or any msgspec Struct).
        person_id: who practises, if that is known.
        A session still open is ended first.
        """
        return self._queue.begin(
            t_s,
            mat_text=mat_text,
            zones=zones,
            rate_hz=rate_hz,
            detector_version=detector_version,
            calibration=calibration,
            person_id=person_id,
        )

    def add_frames(self, block: FrameBlock) -> None:
        """Add frames of the running session, after all earlier ones.  Without a session they are let go.

        Somebody who adds more than the queue holds without a commit in between gets one here.
        """
        if self._queue.waiting_s > LONGEST_WAIT_S / 2:
            self._commit_streamed()
        self._queue.frames(block)

    def add(self, announcement: Announcement) -> None:
        """Add what the pipeline announced.  A Lift and the Repetition that holds it may come in either order."""
        self._queue.announce(announcement)

    def add_event(self, type: str, t_s: float, body: Mapping[str, Any] | None = None) -> None:
        """Add another event of the running session: "mark", "pause", "resume", "guide"..."""
        self._queue.event(type, t_s, dict(body or {}))

    def end_session(self, t_s: float) -> None:
        """End the running session.  The next `commit` writes it and moves the log into the database."""
        self._queue.end(t_s)

    def commit(self) -> Commit:
        """Put everything handed over before the next question on the card and wait until it is there.  Call once per commit period
        (1 s; 5 s sparing the card), and when somebody asks.

        Costs nothing when there is nothing to write: nobody on the mat, no bytes on the card.
        """
        self._commit_times_s.append(self._clock.monotonic_s())
        acknowledged = self._commit_streamed()
        self._tidy_up()
        self._queue.let_go_of_old_frames()
        return Commit(self._saving, acknowledged, self._queue.take_frames_lost())

    def note_clock(self, *, synchronised: bool | None = None) -> None:
        """Look at the wall clock again; correct the dates of this boot's sessions when it has become sane.  Call about once a
        minute.

        synchronised: the machine's clock is known to follow a time server; None: asked of the machine, and where it cannot tell
        only the date's plausibility counts.
        """
        self._dates.look(self._synchronised() if synchronised is None else synchronised)

    def close(self) -> None:
        """Commit, end nothing, move the log into the database, let go of the file."""
        self.commit()
        if self._db is not None:
            self._db.close()
            self._db = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    # Inside: writing --------------------------------------------------------------------------------------------------------

    def _commit_streamed(self) -> bool:
        """Write what waits before the next question; True when nothing waits any more."""
        waiting = self._queue.take(self._period_s())
        idle = not waiting and not self._dates.unwritten and self._saving == "ok"
        return idle or self._try_commit()

    def _try_commit(self) -> bool:
        """Try to write what waits; True when it is on the card."""
        if self._saving == "not_saving" and self._clock.monotonic_s() < self._retry_at_s:
            return False
        damaged = False
        for _ in range(3):  # as it is; without frames; into a fresh database
            try:
                if damaged:
                    self._quarantine_and_continue()
                if self._db is None:
                    self._open()
                self._write(self._database())
                return True
            except CorruptDatabaseError:
                damaged = True
            except CardFullError as error:
                self._no_frames_until_s = self._clock.monotonic_s() + _FULL_FOR_S
                if not self._queue.let_go_of_frames():
                    self._fail(error)
                    return False
                self._use_the_log_again()
            except StoreError as error:
                self._fail(error)
                return False
        return False

    def _write(self, db: Database) -> None:
        """Write what waits; when this returns it is on the card."""
        enough_bytes = self._reserve_bytes * (2 if self._saving == "events_only" else 1)
        scarce = db.free_bytes() < enough_bytes or self._clock.monotonic_s() < self._no_frames_until_s
        if scarce:
            self._queue.let_go_of_frames()
        waiting = self._queue.take(self._period_s())
        while not self._write_all(db, waiting):
            waiting = self._queue.take(self._period_s())
        self._queue.written()
        ended = any(isinstance(one, End) for one in waiting)
        self._dates.unwritten = False
        self._failures = 0
        if scarce:
            self._become("events_only", Notice("card_full_events_only"))
        elif self._saving != "ok":
            self._become("ok", Notice("saving_again", severity="info"))
        self._commits += 1
        if scarce or ended or self._commits % COMMITS_PER_CHECKPOINT == 0:
            self._use_the_log_again()
        if ended:
            self._enforce_storage_budget(db)

    def _write_all(self, db: Database, waiting: list[Streamed]) -> bool:
        """Write it in one transaction.  False when an entry can never be written: it is let go, and the others have to be tried
        again."""
        one: Streamed | None = None
        try:
            with db.transaction():
                for one in waiting:
                    if isinstance(one, Begin):
                        self.note_clock()
                    write(db, one, self._dates, self._period_s(), self._queue.number)
                one = None
                for session in dict.fromkeys(each.session for each in waiting):
                    if session.partial:
                        write_partial(db, session)
                if self._dates.unwritten:
                    self._dates.write(db)
        except Exception as error:
            if one is None or isinstance(error, CardFailingError | CardFullError | CorruptDatabaseError | WriterBusyError):
                raise
            _log.exception("writer: %s of session %d could not be written and is left out", type(one).__name__, one.session.id)
            self._queue.drop(one)
            return False
        return True

    def _use_the_log_again(self) -> None:
        """Copy the log into the database; it then begins at its start again instead of growing.

        What was committed is safe without that, so a card that cannot do it now shows itself at the next commit.
        """
        with suppress(StoreError):
            self._database().checkpoint()

    # Inside: the file -------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Open the database, or set it aside and begin a fresh one; take up numbers, dates and sessions left open."""
        try:
            self._db = Database(self._path, self._connect)
            last = [int(seq) for (seq,) in self._db.run("SELECT seq FROM sqlite_sequence WHERE name = 'session'")]
            self._queue.number_from(max([0, *last]) + 1)
            self._dates.take_up(self._db)
            self._recover(self._db)
        except CorruptDatabaseError:
            self._quarantine_and_continue()
        except StoreError:
            self._drop_connection()
            raise

    def _recover(self, db: Database) -> None:
        """Close sessions that a power cut or a kill left open, at the last thing known of them."""
        mine = self._queue.sessions
        open_sessions = db.run("SELECT id, started_s, commit_period_s FROM session WHERE state = 'open' ORDER BY id")
        found = []
        with db.transaction():
            for session_id, started_s, period_s in open_sessions:
                if session_id in mine:
                    continue
                keys = (first_key(session_id), last_key(session_id))
                frames = "SELECT max(t1_us), total(length(data)) FROM chunk WHERE id BETWEEN ? AND ?"
                [(frames_end_us, raw_bytes)] = db.run(frames, keys)
                [(events_end_s, last)] = db.run("SELECT max(t_s), max(id) FROM event WHERE id BETWEEN ? AND ?", keys)
                ended_s = max(started_s, (frames_end_us or 0) / 1e6, events_end_s or 0.0)
                missing_s = period_s + 1.0
                db.run(
                    "UPDATE session SET state = 'recovered', ended_s = ?, missing_s = ?, raw_bytes = ? WHERE id = ?",
                    (ended_s, missing_s, raw_bytes, session_id),
                )
                body = json.dumps({"missing_s": missing_s})
                db.run("INSERT INTO event VALUES (?, 'recovered', ?, ?)", ((last or keys[0]) + 1, ended_s, body))
                found.append(Recovered(session_id, missing_s))
        self.recovered += tuple(found)
        for one in found:
            self._notices.append(
                Notice("session_recovered", {"session": one.session_id, "missing_s": round(one.missing_s)}, "info")
            )

    def _quarantine_and_continue(self) -> None:
        """Rename the damaged database, begin a fresh one, and begin the sessions under way again in it."""
        self._drop_connection()
        aside = quarantine(self._path, "corrupt", self._clock.wall_s())
        self._db = Database(self._path, self._connect)
        self._queue.number_from(1)
        self._notices.append(Notice("database_damaged", {"file": aside.name}, "trouble"))
        self._queue.begin_again()

    def _drop_connection(self) -> None:
        if self._db is not None:
            db, self._db = self._db, None
            db.close(orderly=False)

    def _fail(self, error: StoreError) -> None:
        """Nothing can be written now: say so once, try again later and less and less often."""
        if not isinstance(error, CardFullError):
            self._drop_connection()
        self._retry_at_s = self._clock.monotonic_s() + _RETRY_S[min(self._failures, len(_RETRY_S) - 1)]
        self._failures += 1
        code = "card_full_not_saving" if isinstance(error, CardFullError) else "card_failing_not_saving"
        if self._saving != "not_saving":
            _log.error("writer: nothing can be saved: %s", error)
        self._become("not_saving", Notice(code, severity="trouble"))

    def _become(self, saving: Saving, notice: Notice) -> None:
        if saving != self._saving:
            self._saving = saving
            self._notices.append(notice)

    def _database(self) -> Database:
        if self._db is None:
            raise CardFailingError(f"{self._path}: not saving at the moment; nothing was changed, try again when the card is back")
        return self._db

    @contextmanager
    def _asked(self) -> Iterator[Database]:
        """A transaction for something a person asked for, after all that was handed over before."""
        if self._queue.take(self._period_s()):
            self._try_commit()  # what cannot be written now goes on waiting; a person may well be about to make room for it
        db = self._database()
        try:
            with db.transaction():
                yield db
        except CorruptDatabaseError:
            self._quarantine_and_continue()
            raise
        except CardFailingError as error:
            self._fail(error)
            raise
        except (msgspec.MsgspecError, json.JSONDecodeError) as error:
            raise StoreError(f"{self._path}: what this is about is damaged ({error}); nothing was changed") from None

    # Inside: small things ---------------------------------------------------------------------------------------------------

    def _period_s(self) -> float:
        """How long a commit may be away: what was said at first, or what was seen lately when that is longer."""
        seen_s = max((after - before for before, after in pairwise(self._commit_times_s)), default=0.0)
        return min(max(self._shortest_period_s, seen_s), LONGEST_WAIT_S)
