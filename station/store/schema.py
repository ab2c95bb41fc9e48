"""The tables, as the steps that made them.  A fresh database walks all steps too, so that every one is always in use.

Rows that belong to a session and come in numbers (chunks, events) carry the session in their key: `session_id << 32 | n`.  They
then lie together on the card, need no second index, and a new one is always appended at the end of the tree: two written pages a
second instead of six.  For chunks n is milliseconds since the session began, so that a stretch of time is a range of keys.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hardware.errors import MatFileError
from hardware.mat import parse_mat
from station.model import Lift
from station.store.chunks import Chunk, DamagedChunkError, decode, encode
from station.store.connection import Connection
from station.store.records import between_s
from station.store.store_errors import NewerDatabaseError

APPLICATION_ID = 0x424C5354
"""'BLST' in the file's header, so that `file` and a restore can tell it from other databases."""
PAGE_BYTES = 2048
"""A second of 16 zones is 1.4 kB packed: with pages of 4096 two of them would leave a third of the page empty, and each commit
would write the whole of it again; 1024 writes a little less, but reads slower."""
KEY_SHIFT = 32


def first_key(session_id: int) -> int:
    """Lowest key of a session's chunks or events."""
    return session_id << KEY_SHIFT


def last_key(session_id: int) -> int:
    """Highest key of a session's chunks or events."""
    return first_key(session_id + 1) - 1


def _first_design(db: Connection) -> None:
    """Version 1: what one real path from a sensor to a screen needs."""
    for statement in (
        """CREATE TABLE session (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again, not even after a deletion
            started_s REAL NOT NULL,                -- monotonic
            ended_s REAL,                           -- NULL: still open
            started_wall_s REAL,
            zones TEXT NOT NULL,                    -- JSON list, the order of a frame's codes
            rate_hz REAL NOT NULL,
            mat TEXT NOT NULL,                      -- text of the mat file
            detector_version TEXT NOT NULL)""",
        """CREATE TABLE chunk (
            id INTEGER PRIMARY KEY,                 -- session_id << 32 | milliseconds since it began
            t0_us INTEGER NOT NULL, t1_us INTEGER NOT NULL, frames INTEGER NOT NULL,
            crc INTEGER NOT NULL,
            data BLOB NOT NULL)""",
        """CREATE TABLE repetition (
            id INTEGER PRIMARY KEY,
            session_id INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
            kind TEXT NOT NULL, side TEXT NOT NULL, reported_at_s REAL NOT NULL)""",
        """CREATE TABLE lift (
            id INTEGER PRIMARY KEY,
            session_id INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
            repetition_id INTEGER REFERENCES repetition ON DELETE CASCADE,
            limb TEXT NOT NULL, lift_off_s REAL,
            body TEXT NOT NULL)                     -- the Lift as JSON""",
        """CREATE TABLE event (
            id INTEGER PRIMARY KEY,                 -- session_id << 32 | n
            type TEXT NOT NULL, t_s REAL NOT NULL,
            body TEXT NOT NULL)                     -- JSON""",
        "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ):
        db.run(statement)


def _corrections_and_dates(db: Connection) -> None:
    """Version 2: several analyses of one session, corrections by hand, notes, dates that can be corrected, devices, overviews."""
    for statement in (
        """CREATE TABLE boot (
            id INTEGER PRIMARY KEY,
            boot_id TEXT NOT NULL UNIQUE,           -- the kernel's; order of `id` is order of boots
            wall_offset_s REAL,                     -- wall - monotonic; NULL: no trustworthy clock seen in this boot
            sure INTEGER NOT NULL DEFAULT 0)        -- a time server was followed when it was taken""",
        """CREATE TABLE analysis (
            id INTEGER PRIMARY KEY,
            session_id INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
            detector_version TEXT NOT NULL,
            live INTEGER NOT NULL, current INTEGER NOT NULL,
            made_wall_s REAL)""",
        "CREATE INDEX analysis_session ON analysis (session_id)",
        """CREATE TABLE correction (
            id INTEGER PRIMARY KEY,                 -- the order in which they were made
            session_id INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
            kind TEXT NOT NULL, limb TEXT, from_s REAL, to_s REAL, boundary TEXT, t_s REAL,
            undoes INTEGER REFERENCES correction ON DELETE CASCADE, made_wall_s REAL)""",
        "CREATE INDEX correction_session ON correction (session_id)",
        "CREATE INDEX correction_undoes ON correction (undoes)",
        """CREATE TABLE note (
            id INTEGER PRIMARY KEY,
            session_id INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
            limb TEXT, from_s REAL, to_s REAL,      -- NULL: the whole session
            text TEXT NOT NULL, changed_wall_s REAL)""",
        "CREATE INDEX note_session ON note (session_id)",
        """CREATE TABLE device (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, token_sha256 BLOB NOT NULL UNIQUE,
            paired_wall_s REAL NOT NULL, seen_wall_s REAL NOT NULL, revoked INTEGER NOT NULL DEFAULT 0)""",
        """CREATE TABLE calibration (
            id INTEGER PRIMARY KEY, mat_name TEXT NOT NULL, zone TEXT NOT NULL, body TEXT NOT NULL, made_wall_s REAL NOT NULL)""",
        "ALTER TABLE session ADD COLUMN boot INTEGER REFERENCES boot",
        "ALTER TABLE session ADD COLUMN wall_offset_s REAL",  # a date of its own, for sessions from before boots were known
        "ALTER TABLE session ADD COLUMN state TEXT NOT NULL DEFAULT 'ended'",
        "ALTER TABLE session ADD COLUMN missing_s REAL",
        "ALTER TABLE session ADD COLUMN commit_period_s REAL NOT NULL DEFAULT 1",
        "ALTER TABLE session ADD COLUMN raw TEXT NOT NULL DEFAULT 'whole'",
        "ALTER TABLE session ADD COLUMN raw_bytes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN calibration TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE session ADD COLUMN comfort_before INTEGER",
        "ALTER TABLE session ADD COLUMN comfort_after INTEGER",
        "UPDATE session SET wall_offset_s = started_wall_s - started_s, state = iif(ended_s IS NULL, 'open', 'ended')",
        "ALTER TABLE session DROP COLUMN started_wall_s",
        "CREATE INDEX session_open ON session (id) WHERE state = 'open'",
        """INSERT INTO analysis (id, session_id, detector_version, live, current)
            SELECT id, id, detector_version, 1, 1 FROM session""",
        "ALTER TABLE session DROP COLUMN detector_version",
        "ALTER TABLE repetition RENAME TO repetition_1",
        "ALTER TABLE lift RENAME TO lift_1",
        """CREATE TABLE repetition (
            id INTEGER PRIMARY KEY,
            analysis_id INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
            kind TEXT NOT NULL, side TEXT NOT NULL, reported_at_s REAL NOT NULL)""",
        "CREATE INDEX repetition_analysis ON repetition (analysis_id)",
        """CREATE TABLE lift (
            id INTEGER PRIMARY KEY,
            analysis_id INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
            repetition_id INTEGER REFERENCES repetition ON DELETE CASCADE,
            limb TEXT NOT NULL, side TEXT, lift_off_s REAL,
            body TEXT NOT NULL)""",
        "CREATE INDEX lift_analysis ON lift (analysis_id)",
        "CREATE INDEX lift_repetition ON lift (repetition_id)",
        "INSERT INTO repetition SELECT id, session_id, kind, side, reported_at_s FROM repetition_1",
        """INSERT INTO lift (id, analysis_id, repetition_id, limb, lift_off_s, body)
            SELECT id, session_id, repetition_id, limb, lift_off_s, body FROM lift_1""",
        "DROP TABLE lift_1",
        "DROP TABLE repetition_1",
        "ALTER TABLE chunk RENAME TO chunk_1",
        """CREATE TABLE chunk (
            id INTEGER PRIMARY KEY,
            t0_us INTEGER NOT NULL, t1_us INTEGER NOT NULL, frames INTEGER NOT NULL,
            crc INTEGER NOT NULL, overview_crc INTEGER NOT NULL,
            overview BLOB NOT NULL,                 -- before the data: drawing an hour reads no further
            data BLOB NOT NULL)                     -- empty: thinned""",
    ):
        db.run(statement)
    for session_id, mat in db.run("SELECT id, mat FROM session"):
        for limb, side in limb_sides(mat).items():
            db.run("UPDATE lift SET side = ? WHERE analysis_id = ? AND limb = ?", (side, session_id, limb))
    key = -1
    while rows := db.run("SELECT id, t0_us, t1_us, frames, crc, data FROM chunk_1 WHERE id > ? ORDER BY id LIMIT 100", (key,)):
        for key, t0_us, t1_us, frames, crc, data in rows:
            old = Chunk(t0_us, t1_us, frames, crc, data, 0, b"")
            try:
                new = encode(*decode(old))
            except DamagedChunkError:
                new = old
            db.run(
                "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (key, t0_us, t1_us, frames, crc, new.overview_crc, new.overview, data),
            )
    db.run("DROP TABLE chunk_1")
    db.run(
        f"""UPDATE session SET raw_bytes = (SELECT total(length(data)) FROM chunk
            WHERE chunk.id BETWEEN session.id << {KEY_SHIFT} AND ((session.id + 1) << {KEY_SHIFT}) - 1)"""
    )


def _people_and_roles(db: Connection) -> None:
    """Version 3: several people on one mat, roles of paired devices, times of a lift as columns so that progress is one query."""
    for statement in (
        """CREATE TABLE person (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again
            name TEXT NOT NULL, made_wall_s REAL)""",
        """CREATE TABLE person_setting (
            person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
            key TEXT NOT NULL, value TEXT NOT NULL, -- JSON
            PRIMARY KEY (person_id, key)) WITHOUT ROWID""",
        # NULL: nobody was chosen, which is all there is on a mat with one person
        "ALTER TABLE session ADD COLUMN person_id INTEGER REFERENCES person ON DELETE SET NULL",
        "CREATE INDEX session_person ON session (person_id)",
        # Devices paired before roles existed could do everything, and so stay owners.
        "ALTER TABLE device ADD COLUMN role TEXT NOT NULL DEFAULT 'owner'",
        "ALTER TABLE device ADD COLUMN person_ids TEXT NOT NULL DEFAULT '[]'",  # JSON; whose sessions it may see; empty: all
        "ALTER TABLE device ADD COLUMN invited_by INTEGER REFERENCES device ON DELETE SET NULL",
        "CREATE INDEX device_invited_by ON device (invited_by)",
        "ALTER TABLE lift ADD COLUMN part TEXT",
        "ALTER TABLE lift ADD COLUMN prepare_s REAL",
        "ALTER TABLE lift ADD COLUMN melt_s REAL",
        "DROP INDEX lift_analysis",  # one that holds all that progress asks for, so that it reads no lift's body
        "CREATE INDEX lift_analysis ON lift (analysis_id, repetition_id, side, part, prepare_s, melt_s)",
    ):
        db.run(statement)
    key = 0
    while rows := db.run("SELECT id, body FROM lift WHERE id > ? ORDER BY id LIMIT 500", (key,)):
        for key, body in rows:
            try:
                lift = msgspec.json.decode(body, type=Lift)
            except msgspec.MsgspecError:
                continue  # a damaged entry stays one; readers name it
            db.run("UPDATE lift SET part = ?, prepare_s = ?, melt_s = ? WHERE id = ?", (*lift_columns(lift), key))


def lift_columns(lift: Lift) -> tuple[str, float | None, float | None]:
    """part, prepare_s, melt_s: what queries over many lifts need without decoding each."""
    return lift.part, between_s(lift.prepare_start, lift.lift_off), between_s(lift.touch_down, lift.melt_end)


STEPS: tuple[Callable[[Connection], None], ...] = (_first_design, _corrections_and_dates, _people_and_roles)
VERSION = len(STEPS)


def version_of(db: Connection) -> int:
    """0 for an empty file.  Raises NewerDatabaseError for a database this program is too old for, or that is not ours."""
    [(version,)] = db.run("PRAGMA user_version")
    [(application,)] = db.run("PRAGMA application_id")
    [(tables,)] = db.run("SELECT count(*) FROM sqlite_schema")
    if tables and application != APPLICATION_ID:
        raise NewerDatabaseError("this file is a database of some other program; name another one in [storage] directory")
    if version > VERSION:
        raise NewerDatabaseError(
            f"the database has version {version} and this program knows {VERSION}: update the program, or restore an older backup"
        )
    return int(version)


def migrate(db: Connection, up_to: int = VERSION) -> None:
    """Bring the database up to date in one transaction: after a cut it is the old one or the new one, whole."""
    db.run("PRAGMA foreign_keys = OFF")  # renaming tables must not drag references along; checked below
    db.run("BEGIN IMMEDIATE")
    try:
        for number in range(version_of(db), up_to):
            STEPS[number](db)
        db.run(f"PRAGMA application_id = {APPLICATION_ID}")
        db.run(f"PRAGMA user_version = {up_to}")
        db.run("COMMIT")
    except BaseException:
        db.run("ROLLBACK")
        raise
    db.run("PRAGMA foreign_keys = ON")


def limb_sides(mat_text: str) -> dict[str, str]:
    """Limb name -> "left" or "right"; empty when the mat file cannot be understood any more."""
    try:
        return {limb.name: limb.side for limb in parse_mat(mat_text).limb}
    except MatFileError:
        return {}
