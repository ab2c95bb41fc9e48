"""What queries on one session read out of its rows, for the Reader."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import numpy as np
from numpy.typing import NDArray

from station.model import Lift
from station.store.chunks import GAP_S, Chunk, DamagedChunkError, checksum, decode
from station.store.connection import Row
from station.store.corrections import corrected
from station.store.records import LiftRecord, RepetitionRecord, SessionSummary
from station.store.rows import CORRECTION_COLUMNS, Run, correction_of
from station.store.schema import first_key, last_key
from station.store.store_errors import NotStoredError

Times = NDArray[np.int64]
Codes = NDArray[np.int16]

LIFT_DECODER = msgspec.json.Decoder(Lift)
CHUNK_COLUMNS = "t0_us, t1_us, frames, crc, data, overview_crc, overview"
DATE = "coalesce(boot.wall_offset_s, session.wall_offset_s) + session.started_s"
SUMMARY = f"""SELECT session.id, started_s, ended_s, {DATE}, coalesce(boot.sure, 0), state, missing_s, raw, comfort_before,
    comfort_after, person_id FROM session LEFT JOIN boot ON boot.id = session.boot"""


def where_of(since_wall_s: float | None, until_wall_s: float | None, person_id: int | None) -> tuple[str, tuple[float | int, ...]]:
    """A condition on `SUMMARY` and its values; true for every session when nothing is asked for."""
    conditions = [
        (f"{DATE} >= ?", since_wall_s),
        (f"{DATE} < ?", until_wall_s),
        ("person_id = ?", person_id),
    ]
    wanted = [(condition, value) for condition, value in conditions if value is not None]
    return " AND ".join(["TRUE", *(condition for condition, _ in wanted)]), tuple(value for _, value in wanted)


def zones_of(run: Run, session_id: int) -> tuple[str, ...]:
    """The zones' names in the order of the frames' columns.  Raises NotStoredError."""
    rows = run("SELECT zones FROM session WHERE id = ?", (session_id,))
    if not rows:
        raise NotStoredError(f"there is no session {session_id}; 'backlift sessions' lists them")
    return tuple(json.loads(rows[0][0]))


def keys_of(run: Run, session_id: int, t0_s: float | None, t1_s: float | None) -> tuple[int, int]:
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


def chunks_in(run: Run, keys: tuple[int, int]) -> list[Chunk]:
    """Chunks with keys from the one to the other."""
    return [Chunk(*row) for row in run(f"SELECT {CHUNK_COLUMNS} FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id", keys)]


def joined(chunks: Sequence[Chunk], zones: int) -> tuple[Times, Codes]:
    """The frames of all sound chunks."""
    parts = []
    for chunk in chunks:
        with suppress(DamagedChunkError):
            t_us, codes = decode(chunk)
            if codes.shape[1] == zones:
                parts.append((t_us, codes))
    if not parts:
        return np.zeros(0, np.int64), np.zeros((0, zones), np.int16)
    return np.concatenate([t_us for t_us, _ in parts]), np.concatenate([codes for _, codes in parts])


def gaps_of(run: Run, session_id: int) -> tuple[tuple[float, float], ...]:
    """Stretches of a session without frames, damaged chunks included, as [from_s, to_s]."""
    [(started_s, ended_s)] = run("SELECT started_s, ended_s FROM session WHERE id = ?", (session_id,))
    rows = run(
        "SELECT t0_us, t1_us, frames, crc, data FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id",
        (first_key(session_id), last_key(session_id)),
    )
    sound = [(t0_us, t1_us) for t0_us, t1_us, frames, crc, data in rows if not data or checksum(t0_us, t1_us, frames, data) == crc]
    starts = [t0_us / 1e6 for t0_us, _ in sound] + ([] if ended_s is None else [ended_s])
    ends = [started_s] + [t1_us / 1e6 for _, t1_us in sound]
    return tuple((end, start) for end, start in zip(ends, starts, strict=False) if start - end > GAP_S)


def repetitions_of(
    run: Run, session_id: int, analysis_id: int | None
) -> tuple[tuple[RepetitionRecord, ...], tuple[LiftRecord, ...]]:
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
        {id: LIFT_DECODER.decode(body) for id, _, body in rows},
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


def summary_of(row: Row, repetitions: Sequence[RepetitionRecord], note: str | None) -> SessionSummary:
    """A row of SUMMARY with what was found in the session."""
    id, started_s, ended_s, wall_s, sure, state, missing_s, raw, before, after, person_id = row
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
        median_melt_s=statistics.median(melts) if melts else None,
        comfort_before=before,
        comfort_after=after,
        note=note,
        person_id=person_id,
    )
