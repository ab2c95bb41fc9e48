"""Reading while the station writes: any process, any number of threads, never a lock that the writer would feel."""

from __future__ import annotations

import json
import math
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hardware.frames import FrameBlock
from station.model import Lift
from station.store.chunks import GAP_S, Chunk, DamagedChunkError, block_of, checksum, decode
from station.store.connection import Row, SqliteConnection
from station.store.corrections import corrected
from station.store.decimation import overview_suits, overview_trace, raw_trace
from station.store.files import side_file, typed_os_error
from station.store.records import (
    AnalysisRecord,
    CalibrationRecord,
    Correction,
    DeviceRecord,
    EventRecord,
    LiftRecord,
    ProgressPoint,
    RepetitionRecord,
    SessionRecord,
    SessionSummary,
    Spread,
    StorageUse,
    Trace,
)
from station.store.rows import (
    CALIBRATION_COLUMNS,
    CORRECTION_COLUMNS,
    DEVICE_COLUMNS,
    NOTE_COLUMNS,
    Run,
    calibration_of,
    correction_of,
    device_of,
    note_of,
    storage_use_of,
)
from station.store.schema import KEY_SHIFT, VERSION, first_key, last_key, version_of
from station.store.store_errors import CardFailingError, CorruptDatabaseError, MissingDatabaseError, NotStoredError, StoreError

Times = NDArray[np.int64]
Codes = NDArray[np.int16]

_LIFT = msgspec.json.Decoder(Lift)
_CHUNK_COLUMNS = "t0_us, t1_us, frames, crc, data, overview_crc, overview"
_DATE = "coalesce(boot.wall_offset_s, session.wall_offset_s) + session.started_s"
_SUMMARY = f"""SELECT session.id, started_s, ended_s, {_DATE}, coalesce(boot.sure, 0), state, missing_s, raw, comfort_before,
    comfort_after FROM session LEFT JOIN boot ON boot.id = session.boot"""


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

    def sessions(self, limit: int = 50, before: int | None = None) -> list[SessionSummary]:
        """Newest first; `before`: only sessions older than that id."""
        with self._reading() as run:
            rows = run(f"{_SUMMARY} WHERE session.id < ? ORDER BY session.id DESC LIMIT ?", (before or 1 << 62, limit))
            out = []
            for row in rows:
                repetitions, _ = _repetitions(run, row[0], None)
                [note] = run("SELECT max(text) FROM note WHERE session_id = ? AND limb IS NULL", (row[0],))
                out.append(_summary(row, repetitions, note[0]))
            return out

    def session(self, session_id: int, analysis_id: int | None = None) -> SessionRecord:
        """A session with corrections applied and originals beside them; by default in its current analysis."""
        with self._reading() as run:
            rows = run(f"{_SUMMARY} WHERE session.id = ?", (session_id,))
            if not rows:
                raise NotStoredError(f"there is no session {session_id}; 'backlift sessions' lists them")
            [(mat, zones, rate_hz, calibration)] = run(
                "SELECT mat, zones, rate_hz, calibration FROM session WHERE id = ?", (session_id,)
            )
            repetitions, others = _repetitions(run, session_id, analysis_id)
            notes = [note_of(r) for r in run(f"SELECT {NOTE_COLUMNS} FROM note WHERE session_id = ? ORDER BY id", (session_id,))]
            whole = [note.text for note in notes if note.limb is None]
            made = run(f"SELECT {CORRECTION_COLUMNS} FROM correction WHERE session_id = ? ORDER BY id", (session_id,))
            analyses = run(
                """SELECT id, detector_version, live, current, (SELECT count(*) FROM lift WHERE analysis_id = analysis.id),
                made_wall_s FROM analysis WHERE session_id = ? ORDER BY id""",
                (session_id,),
            )
            return SessionRecord(
                summary=_summary(rows[0], repetitions, whole[0] if whole else None),
                mat=mat,
                zones=tuple(json.loads(zones)),
                rate_hz=rate_hz,
                calibration=json.loads(calibration),
                repetitions=repetitions,
                other_lifts=others,
                corrections=tuple(correction_of(row) for row in made),
                notes=tuple(notes),
                analyses=tuple(AnalysisRecord(a, v, bool(live), bool(now), n, made) for a, v, live, now, n, made in analyses),
                gaps=_gaps(run, session_id),
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
            zones = len(_zones(run, session_id))
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
            zones = _zones(run, session_id)
            keys = _keys(run, session_id, t0_s, t1_s)
            first = run("SELECT t0_us FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1", keys)
            last = run("SELECT t1_us FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1", keys)
            if not first:
                return Trace(np.zeros(0), np.zeros((0, len(zones)), np.float32), zones, False)
            t0_s = first[0][0] / 1e6 if t0_s is None else t0_s
            t1_s = (last[0][0] + 1) / 1e6 if t1_s is None else t1_s
            if not overview_suits(t0_s, t1_s, pixels):
                chunks = _chunks(run, keys)
                if all(chunk.data for chunk in chunks):
                    return raw_trace(*_joined(chunks, len(zones)), zones, t0_s, t1_s, pixels)
            rows = run("SELECT t0_us, overview_crc, overview FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id", keys)
        return overview_trace(rows, zones, t0_s, t1_s, pixels)

    # Over weeks -------------------------------------------------------------------------------------------------------------

    def progress(self, period: Literal["day", "week"] = "week", since_wall_s: float | None = None) -> list[ProgressPoint]:
        """Prepare and melt times per part and side over days or weeks, corrections applied, oldest first.

        Sessions whose date is unknown are left out.
        """
        prepares: dict[tuple[float, str, str], list[float | None]] = {}
        melts: dict[tuple[float, str, str], list[float | None]] = {}
        comfort: dict[tuple[float, int], list[int]] = {}
        found: dict[int, dict[int, tuple[str, Lift]]] = {}
        by_hand: dict[int, list[Correction]] = {}
        with self._reading() as run:
            sessions = run(f"{_SUMMARY} WHERE {_DATE} >= ? ORDER BY session.id", (since_wall_s or 0.0,))
            lifts = run(
                """SELECT session_id, lift.id, coalesce(lift.side, repetition.side), lift.body FROM analysis
                JOIN repetition ON repetition.analysis_id = analysis.id JOIN lift ON lift.repetition_id = repetition.id
                WHERE current AND session_id >= ?""",
                (sessions[0][0] if sessions else 0,),
            )
            for session_id, lift_id, side, body in lifts:
                found.setdefault(session_id, {})[lift_id] = side, _LIFT.decode(body)
            corrections = run(f"SELECT {CORRECTION_COLUMNS} FROM correction ORDER BY id")
        for correction in map(correction_of, corrections):
            by_hand.setdefault(correction.session_id, []).append(correction)
        for session_id, _, _, wall_s, _, _, _, _, *faces in sessions:
            start_s = _period_start(wall_s, period)
            for moment, face in enumerate(faces):
                if face is not None:
                    comfort.setdefault((start_s, moment), []).append(face)
            here = found.get(session_id, {})
            for lift in corrected({id: one for id, (_, one) in here.items()}, by_hand.get(session_id, [])).values():
                if not lift.not_a_lift:
                    key = (start_s, lift.lift.part, here[lift.id][0])
                    prepares.setdefault(key, []).append(lift.prepare_s)
                    melts.setdefault(key, []).append(lift.melt_s)
        return [
            ProgressPoint(
                start_wall_s=start_s,
                part=part,
                side=side,
                lifts=len(melts[start_s, part, side]),
                prepare=_spread(prepares[start_s, part, side]),
                melt=_spread(melts[start_s, part, side]),
                comfort_before=_median(comfort.get((start_s, 0), [])),
                comfort_after=_median(comfort.get((start_s, 1), [])),
            )
            for start_s, part, side in sorted(melts)
        ]

    # The rest ---------------------------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """All settings that were ever set, by key."""
        with self._reading() as run:
            return {key: json.loads(value) for key, value in run("SELECT key, value FROM setting ORDER BY key")}

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
            [(budget_mb,)] = run("SELECT max(value) FROM setting WHERE key = 'storage.budget_mb'")
            budget = None if budget_mb is None else json.loads(budget_mb)
            return storage_use_of(run, self._path, budget * 1_000_000 if budget else None)

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
        except (msgspec.MsgspecError, json.JSONDecodeError) as error:
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
        connection = SqliteConnection(self._path, read_only=True)
        try:
            try:
                version = version_of(connection)
            except CardFailingError:
                # A card mounted read-only after a clean end has no log and no place for its index: then nobody writes either.
                if side_file(self._path, "-wal").exists():
                    raise
                connection.close()
                connection = SqliteConnection(self._path, read_only=True, immutable=True)
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
            _zones(run, session_id)
            low, high = _keys(run, session_id, t0_s, t1_s)
        while True:
            with self._reading() as run:
                rows = run(f"SELECT id, {_CHUNK_COLUMNS} FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 120", (low, high))
            for _, *fields in rows:
                with suppress(DamagedChunkError):
                    yield decode(Chunk(*fields))
            if not rows:
                return
            low = rows[-1][0] + 1


def _zones(run: Run, session_id: int) -> tuple[str, ...]:
    rows = run("SELECT zones FROM session WHERE id = ?", (session_id,))
    if not rows:
        raise NotStoredError(f"there is no session {session_id}; 'backlift sessions' lists them")
    return tuple(json.loads(rows[0][0]))


def _keys(run: Run, session_id: int, t0_s: float | None, t1_s: float | None) -> tuple[int, int]:
    """Lowest and highest key of the chunks that may hold frames between the two times."""
    low, high = first_key(session_id), last_key(session_id)
    [(started_s,)] = run("SELECT started_s FROM session WHERE id = ?", (session_id,))
    if t1_s is not None:
        high = min(high, low + max(0, math.ceil((t1_s - started_s) * 1000)))
    if t0_s is not None:
        from_ms = max(0, math.floor((t0_s - started_s) * 1000))
        rows = run("SELECT max(id) FROM chunk WHERE id BETWEEN ? AND ?", (low, low + from_ms))  # may reach into the stretch
        low = rows[0][0] or low
    return low, high


def _chunks(run: Run, keys: tuple[int, int]) -> list[Chunk]:
    return [Chunk(*row) for row in run(f"SELECT {_CHUNK_COLUMNS} FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id", keys)]


def _joined(chunks: Sequence[Chunk], zones: int) -> tuple[Times, Codes]:
    """The frames of all sound chunks."""
    parts = []
    for chunk in chunks:
        with suppress(DamagedChunkError):
            parts.append(decode(chunk))
    if not parts:
        return np.zeros(0, np.int64), np.zeros((0, zones), np.int16)
    return np.concatenate([t_us for t_us, _ in parts]), np.concatenate([codes for _, codes in parts])


def _gaps(run: Run, session_id: int) -> tuple[tuple[float, float], ...]:
    [(started_s, ended_s)] = run("SELECT started_s, ended_s FROM session WHERE id = ?", (session_id,))
    rows = run(
        "SELECT t0_us, t1_us, frames, crc, data FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id",
        (first_key(session_id), last_key(session_id)),
    )
    sound = [(t0_us, t1_us) for t0_us, t1_us, frames, crc, data in rows if not data or checksum(t0_us, t1_us, frames, data) == crc]
    starts = [t0_us / 1e6 for t0_us, _ in sound] + ([] if ended_s is None else [ended_s])
    ends = [started_s] + [t1_us / 1e6 for _, t1_us in sound]
    return tuple((end, start) for end, start in zip(ends, starts, strict=False) if start - end > GAP_S)


def _repetitions(run: Run, session_id: int, analysis_id: int | None) -> tuple[tuple[RepetitionRecord, ...], tuple[LiftRecord, ...]]:
    """Repetitions of the current (or the named) analysis, and the lifts that are in none."""
    where = "session_id = ? AND current" if analysis_id is None else "session_id = ? AND id = ?"
    found = run(f"SELECT id FROM analysis WHERE {where}", (session_id,) if analysis_id is None else (session_id, analysis_id))
    if not found:
        if analysis_id is not None:
            raise NotStoredError(f"session {session_id} has no analysis {analysis_id}")
        return (), ()
    rows = run("SELECT id, repetition_id, body FROM lift WHERE analysis_id = ? ORDER BY lift_off_s, id", found[0])
    made = run(f"SELECT {CORRECTION_COLUMNS} FROM correction WHERE session_id = ? ORDER BY id", (session_id,))
    lifts = corrected(
        {id: _LIFT.decode(body) for id, _, body in rows},
        [correction_of(row) for row in made],
        {id: repetition_id for id, repetition_id, _ in rows},
    )
    heads = run("SELECT id, kind, side FROM repetition WHERE analysis_id = ?", found[0])
    members: dict[int | None, list[LiftRecord]] = {id: [] for id, _, _ in heads}
    for lift in lifts.values():
        members.setdefault(lift.repetition_id, []).append(lift)
    heads.sort(key=lambda head: min((lift.lift.lift_off or 0.0 for lift in members[head[0]]), default=0.0))
    return (
        tuple(RepetitionRecord(id, n, kind, side, tuple(members[id])) for n, (id, kind, side) in enumerate(heads, 1)),
        tuple(members.get(None, [])),
    )


def _summary(row: Row, repetitions: Sequence[RepetitionRecord], note: str | None) -> SessionSummary:
    id, started_s, ended_s, wall_s, sure, state, missing_s, raw, before, after = row
    counted = [repetition for repetition in repetitions if repetition.counts]
    melts = [lift.melt_s for repetition in counted for lift in repetition.lifts if not lift.not_a_lift and lift.melt_s is not None]
    return SessionSummary(
        id=id,
        started_s=started_s,
        ended_s=ended_s,
        started_wall_s=wall_s,
        sure=bool(sure),
        state=state,
        missing_s=missing_s,
        raw=raw,
        repetitions=len(counted),
        repetitions_by_kind=dict(Counter(repetition.kind for repetition in counted)),
        median_melt_s=_median(melts),
        comfort_before=before,
        comfort_after=after,
        note=note,
    )


def _period_start(wall_s: float, period: Literal["day", "week"]) -> float:
    day = time.localtime(wall_s)
    back = day.tm_wday if period == "week" else 0
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday - back, 0, 0, 0, 0, 0, -1))


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _spread(values: Sequence[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, median, high = np.percentile(known, [25, 50, 75])
    return Spread(len(known), float(low), float(median), float(high))
