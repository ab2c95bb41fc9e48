"""Entries of the write queue as rows.

Writing a thing twice is the same as writing it once, for a commit may fail after it has reached the card.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import msgspec

from station.model import Lift, Repetition
from station.store.database import Database
from station.store.dates import BootDates
from station.store.schema import first_key, last_key, lift_columns
from station.store.write_queue import Begin, End, Event, Found, Packed, Session, Streamed


def write(db: Database, one: Streamed, dates: BootDates, period_s: float, new_number: Callable[[], int]) -> None:
    """Write one entry, inside the caller's transaction."""
    session = one.session
    match one:
        case Begin():
            if session.id < 0:
                session.id = new_number()
            _write_begin(db, session, dates, period_s)
        case Packed(chunk=c):
            key = first_key(session.id) + (c.t0_us - round(session.started_s * 1e6)) // 1000
            row = (key, c.t0_us, c.t1_us, c.frames, c.crc, c.overview_crc, c.overview, c.data)
            db.run("INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        case Event():
            key = first_key(session.id) + one.number
            db.run("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?)", (key, one.type, one.t_s, one.body))
        case Found():
            [(analysis_id,)] = db.run("SELECT id FROM analysis WHERE session_id = ? AND live = 1", (session.id,))
            write_found(db, analysis_id, session.sides, one.found)
        case End():
            db.run(
                """UPDATE session SET ended_s = ?, state = 'ended',
                raw_bytes = (SELECT total(length(data)) FROM chunk WHERE id BETWEEN ? AND ?) WHERE id = ?""",
                (one.t_s, first_key(session.id), last_key(session.id), session.id),
            )


def write_partial(db: Database, session: Session) -> None:
    """Note that frames of a session never reached the card."""
    db.run("UPDATE session SET raw = 'partial' WHERE id = ?", (session.id,))


def write_found(db: Database, analysis_id: int, sides: Mapping[str, str], found: Lift | Repetition) -> None:
    """Write a lift, or a repetition with its lifts; what is there already stays as it is."""
    if isinstance(found, Lift):
        _lift_row(db, analysis_id, sides, found)
        return
    same = (analysis_id, found.kind, found.side, found.reported_at_s)
    rows = db.run("SELECT id FROM repetition WHERE analysis_id = ? AND kind = ? AND side = ? AND reported_at_s = ?", same)
    if not rows:
        rows = db.run("INSERT INTO repetition (analysis_id, kind, side, reported_at_s) VALUES (?, ?, ?, ?) RETURNING id", same)
    for lift in found.lifts:
        db.run("UPDATE lift SET repetition_id = ? WHERE id = ?", (rows[0][0], _lift_row(db, analysis_id, sides, lift)))


def _lift_row(db: Database, analysis_id: int, sides: Mapping[str, str], lift: Lift) -> int:
    body = msgspec.json.encode(lift).decode()
    rows = db.run("SELECT id FROM lift WHERE analysis_id = ? AND body = ?", (analysis_id, body))
    if not rows:
        rows = db.run(
            """INSERT INTO lift (analysis_id, limb, side, lift_off_s, body, part, prepare_s, melt_s)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (analysis_id, lift.limb, sides.get(lift.limb), lift.lift_off, body, *lift_columns(lift)),
        )
    return int(rows[0][0])


def _write_begin(db: Database, session: Session, dates: BootDates, period_s: float) -> None:
    facts = (session.id, session.started_s, json.dumps(session.zones), session.rate_hz, session.mat_text)
    db.run(
        """INSERT OR IGNORE INTO session (id, started_s, zones, rate_hz, mat, boot, state, commit_period_s, calibration, person_id)
        VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?, (SELECT id FROM person WHERE id = ?))""",
        (*facts, dates.begin(db), period_s, session.calibration, session.person_id),
    )
    db.run(
        """INSERT INTO analysis (session_id, detector_version, live, current, made_wall_s) SELECT ?, ?, 1, 1, ?
        WHERE NOT EXISTS (SELECT 1 FROM analysis WHERE session_id = ?)""",
        (session.id, session.detector_version, dates.now_s, session.id),
    )
