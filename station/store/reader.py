"""Reading while the station writes: any process, any number of threads, never a lock that the writer would feel."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import numpy as np

from hardware.frames import FrameBlock
from station.store.chunks import Chunk, DamagedChunkError, block_of, decode
from station.store.connection import Row, SqliteConnection, open_for_reading
from station.store.decimation import overview_suits, overview_trace, raw_trace
from station.store.files import typed_os_error
from station.store.lost_mats import usable_mat
from station.store.records import (
    AnalysisRecord,
    CalibrationRecord,
    DeviceRecord,
    EventRecord,
    Person,
    PracticeDay,
    ProgressPoint,
    SessionRecord,
    SessionSummary,
    StorageUse,
    Trace,
)
from station.store.rows import (
    CALIBRATION_COLUMNS,
    CORRECTION_COLUMNS,
    DEVICE_COLUMNS,
    NOTE_COLUMNS,
    PERSON_COLUMNS,
    Run,
    calibration_of,
    correction_of,
    damaged_keys,
    device_of,
    note_of,
    person_of,
    readable_values,
    storage_use_of,
)
from station.store.schema import KEY_SHIFT, VERSION, first_key, last_key, version_of
from station.store.session_rows import (
    CHUNK_COLUMNS,
    DATE,
    SUMMARY,
    Codes,
    Times,
    chunks_in,
    gaps_of,
    joined,
    keys_of,
    repetitions_of,
    summary_of,
    where_of,
    zones_of,
)
from station.store.store_errors import CorruptDatabaseError, MissingDatabaseError, NotStoredError, StoreError
from station.store.trends import Period, days_of, progress_of


class Reader:
    """Reads a database that another process may be writing.  Safe to share between threads; each has its own connection.

    Every method sees one consistent state.  When the file is replaced (a restore, a database set aside) the next call reads the new
    one.  Raises MissingDatabaseError, NewerDatabaseError, CorruptDatabaseError, CardFailingError, NotStoredError.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet: a dashboard may start before the station has made the database."""
        self._path = path
        self._threads = threading.local()
        self._open: list[SqliteConnection] = []
        self._guard = threading.Lock()

    # Sessions ---------------------------------------------------------------------------------------------------------------

    def sessions(
        self,
        limit: int = 50,
        before: int | None = None,
        *,
        person_id: int | None = None,
        since_wall_s: float | None = None,
        until_wall_s: float | None = None,
    ) -> list[SessionSummary]:
        """Newest first; `before`: only sessions older than that id; of one person or of all; of a stretch of time (those whose date
        is unknown are then left out)."""
        with self._reading() as run:
            where, values = where_of(since_wall_s, until_wall_s, person_id)
            sql = f"{SUMMARY} WHERE session.id < ? AND {where} ORDER BY session.id DESC LIMIT ?"
            rows = run(sql, (before or 1 << 62, *values, limit))
            return _summaries(run, rows)

    def sessions_without_date(self, limit: int = 50, *, person_id: int | None = None) -> list[SessionSummary]:
        """Newest first: those of boots in which no trustworthy clock was ever seen."""
        with self._reading() as run:
            where, values = where_of(None, None, person_id)
            rows = run(f"{SUMMARY} WHERE {DATE} IS NULL AND {where} ORDER BY session.id DESC LIMIT ?", (*values, limit))
            return _summaries(run, rows)

    def session(self, session_id: int, analysis_id: int | None = None) -> SessionRecord:
        """A session with corrections applied and originals beside them; by default in its current analysis."""
        with self._reading() as run:
            rows = run(f"{SUMMARY} WHERE session.id = ?", (session_id,))
            if not rows:
                raise NotStoredError(f"there is no session {session_id}; 'backlift sessions' lists them")
            [(mat, zones, rate_hz, calibration)] = run(
                "SELECT mat, zones, rate_hz, calibration FROM session WHERE id = ?", (session_id,)
            )
            repetitions, others = repetitions_of(run, session_id, analysis_id)
            notes = [note_of(r) for r in run(f"SELECT {NOTE_COLUMNS} FROM note WHERE session_id = ? ORDER BY id", (session_id,))]
            whole = [note.text for note in notes if note.limb is None]
            made = run(f"SELECT {CORRECTION_COLUMNS} FROM correction WHERE session_id = ? ORDER BY id", (session_id,))
            analyses = run(
                """SELECT id, detector_version, live, current, (SELECT count(*) FROM lift WHERE analysis_id = analysis.id),
                made_wall_s FROM analysis WHERE session_id = ? ORDER BY id""",
                (session_id,),
            )
            names = tuple(json.loads(zones))
            mat_text, mat_known = usable_mat(mat, names)
            return SessionRecord(
                summary=summary_of(rows[0], repetitions, whole[0] if whole else None),
                mat=mat_text,
                mat_known=mat_known,
                zones=names,
                rate_hz=rate_hz,
                calibration=json.loads(calibration),
                repetitions=repetitions,
                other_lifts=others,
                corrections=tuple(correction_of(row) for row in made),
                notes=tuple(notes),
                analyses=tuple(AnalysisRecord(a, v, bool(live), bool(now), n, made) for a, v, live, now, n, made in analyses),
                gaps=gaps_of(run, session_id),
            )

    def events(self, session_id: int | None = None, since: int = 0, limit: int = 10_000) -> list[EventRecord]:
        """Events in the order they became known, of one session or all, with id > since."""
        low, high = (0, 1 << 62) if session_id is None else (first_key(session_id), last_key(session_id))
        with self._reading() as run:
            sql = "SELECT id, type, t_s, body FROM event WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
            rows = run(sql, (max(low, since + 1), high, limit))
            return [EventRecord(id, id >> KEY_SHIFT, type, t_s, json.loads(body)) for id, type, t_s, body in rows]

    # Frames -----------------------------------------------------------------------------------------------------------------

    def frames(self, session_id: int, t0_s: float | None = None, t1_s: float | None = None) -> FrameBlock:
        """The raw frames with t0_s <= t < t1_s; damaged chunks are left out (their time is in `SessionRecord.gaps`)."""
        parts = list(self._decoded(session_id, t0_s, t1_s))
        with self._reading() as run:
            zones = len(zones_of(run, session_id))
        t_us = np.concatenate([t for t, _ in parts]) if parts else np.zeros(0, np.int64)
        codes = np.concatenate([c for _, c in parts]) if parts else np.zeros((0, zones), np.int16)
        low = 0 if t0_s is None else int(np.searchsorted(t_us / 1e6, t0_s))
        high = len(t_us) if t1_s is None else int(np.searchsorted(t_us / 1e6, t1_s))
        return block_of(t_us[low:high], codes[low:high])

    def frame_blocks(self, session_id: int) -> Iterator[FrameBlock]:
        """The same chunk by chunk, for exports and re-analysis of long sessions.  Holds no state of the database in between."""
        for t_us, codes in self._decoded(session_id, None, None):
            yield block_of(t_us, codes)

    def code_blocks(self, session_id: int) -> Iterator[tuple[Times, Codes]]:
        """The same as t_us, shape (n,), and ADC codes, shape (n, zones)."""
        return self._decoded(session_id, None, None)

    def trace(self, session_id: int, t0_s: float | None = None, t1_s: float | None = None, pixels: int = 1000) -> Trace:
        """The stretch t0_s..t1_s in at most about 2 * pixels points; min and max of each pixel in time order, gaps kept."""
        pixels = min(max(pixels, 1), 10_000)
        with self._reading() as run:
            zones = zones_of(run, session_id)
            keys = keys_of(run, session_id, t0_s, t1_s)
            first = run("SELECT t0_us FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1", keys)
            last = run("SELECT t1_us FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1", keys)
            if not first:
                return Trace(np.zeros(0), np.zeros((0, len(zones)), np.float32), zones, False)
            t0_s = first[0][0] / 1e6 if t0_s is None else t0_s
            t1_s = (last[0][0] + 1) / 1e6 if t1_s is None else t1_s
            if not overview_suits(t0_s, t1_s, pixels):
                chunks = chunks_in(run, keys)
                if all(chunk.data for chunk in chunks):
                    return raw_trace(*joined(chunks, len(zones)), zones, t0_s, t1_s, pixels)
            rows = run("SELECT t0_us, overview_crc, overview FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id", keys)
        return overview_trace(rows, zones, t0_s, t1_s, pixels)

    # Over weeks -------------------------------------------------------------------------------------------------------------

    def progress(
        self,
        period: Period = "week",
        since_wall_s: float | None = None,
        *,
        until_wall_s: float | None = None,
        person_id: int | None = None,
    ) -> list[ProgressPoint]:
        """Prepare and melt times per part and side over days, weeks or months, corrections applied, oldest first; of one person
        or of all.

        Sessions whose date is unknown are left out.
        """
        with self._reading() as run:
            return progress_of(run, period, since_wall_s, until_wall_s, person_id)

    def practice_days(
        self, since_wall_s: float | None = None, until_wall_s: float | None = None, *, person_id: int | None = None
    ) -> list[PracticeDay]:
        """The calendar days with practice, oldest first, for a month grid.  Sessions whose date is unknown are left out."""
        with self._reading() as run:
            return days_of(run, since_wall_s, until_wall_s, person_id)

    # The rest ---------------------------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """All settings that were ever set, by key; a value that is damaged counts as not set."""
        with self._reading() as run:
            return readable_values(run("SELECT key, value FROM setting ORDER BY key"))

    def damaged_settings(self) -> tuple[str, ...]:
        """Keys of settings whose stored value cannot be read."""
        with self._reading() as run:
            return damaged_keys(run("SELECT key, value FROM setting ORDER BY key"))

    def persons(self) -> list[Person]:
        """Everybody who practises here, in the order in which they were added."""
        with self._reading() as run:
            return [person_of(row) for row in run(f"SELECT {PERSON_COLUMNS} FROM person ORDER BY id")]

    def person_settings(self, person_id: int) -> dict[str, Any]:
        """What one person has set for herself, by key; a value that is damaged counts as not set."""
        with self._reading() as run:
            return readable_values(run("SELECT key, value FROM person_setting WHERE person_id = ? ORDER BY key", (person_id,)))

    def devices(self) -> list[DeviceRecord]:
        """Paired devices, revoked ones too."""
        with self._reading() as run:
            return [device_of(row) for row in run(f"SELECT {DEVICE_COLUMNS} FROM device ORDER BY id")]

    def calibrations(self, mat_name: str | None = None) -> list[CalibrationRecord]:
        """All calibrations, oldest first; the last of each (mat, zone) is the one in use."""
        with self._reading() as run:
            rows = run(
                f"SELECT {CALIBRATION_COLUMNS} FROM calibration WHERE mat_name = coalesce(?, mat_name) ORDER BY id", (mat_name,)
            )
            return [calibration_of(row) for row in rows]

    def storage_use(self) -> StorageUse:
        """How much room the data takes and how much there is."""
        with self._reading() as run:
            chosen = readable_values(run("SELECT key, value FROM setting WHERE key = 'storage.budget_mb'"))
            budget_mb = chosen.get("storage.budget_mb")
            return storage_use_of(run, self._path, budget_mb * 1_000_000 if isinstance(budget_mb, int) and budget_mb else None)

    def close(self) -> None:
        """Let go of all threads' connections.  Call when no thread reads any more."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._threads = threading.local()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    # Inside -----------------------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Run]:
        """One consistent state of the database, for the length of the block and no longer: a long one would keep the log
        growing."""
        connection = self._connection()
        connection.run("BEGIN")
        try:
            yield connection.run
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise CorruptDatabaseError(
                f"{self._path}: an entry is damaged ({error}); 'backlift recover' reads all the others into a fresh database"
            ) from None
        finally:
            connection.run("ROLLBACK")

    def _connection(self) -> SqliteConnection:
        """This thread's connection, to the file that has the name now."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            raise MissingDatabaseError(f"{self._path}: no database yet; it is made when the station first runs") from None
        except OSError as error:
            raise typed_os_error(error, self._path) from None
        file = (status.st_dev, status.st_ino)
        if getattr(self._threads, "file", None) == file:
            return self._threads.connection  # type: ignore[no-any-return]
        old = getattr(self._threads, "connection", None)
        if old is not None:
            self._forget(old)
        connection = self._connected()
        self._threads.file, self._threads.connection = file, connection
        with self._guard:
            self._open.append(connection)
        return connection

    def _connected(self) -> SqliteConnection:
        connection = open_for_reading(self._path)
        try:
            version = version_of(connection)
            if version < VERSION:
                raise StoreError(f"{self._path}: version {version}, not yet brought up to date; the station does so when it starts")
        except BaseException:
            connection.close()
            raise
        return connection

    def _forget(self, connection: SqliteConnection) -> None:
        connection.close()
        with self._guard:
            self._open = [other for other in self._open if other is not connection]

    def _decoded(self, session_id: int, t0_s: float | None, t1_s: float | None) -> Iterator[tuple[Times, Codes]]:
        with self._reading() as run:
            zones = len(zones_of(run, session_id))
            low, high = keys_of(run, session_id, t0_s, t1_s)
        while True:
            with self._reading() as run:
                rows = run(f"SELECT id, {CHUNK_COLUMNS} FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 120", (low, high))
            for _, *fields in rows:
                with suppress(DamagedChunkError):
                    t_us, codes = decode(Chunk(*fields))
                    if codes.shape[1] == zones:
                        yield t_us, codes
            if not rows:
                return
            low = rows[-1][0] + 1


def _summaries(run: Run, rows: Sequence[Row]) -> list[SessionSummary]:
    out = []
    for row in rows:
        repetitions, _ = repetitions_of(run, row[0], None)
        [note] = run("SELECT max(text) FROM note WHERE session_id = ? AND limb IS NULL", (row[0],))
        out.append(summary_of(row, repetitions, note[0]))
    return out
