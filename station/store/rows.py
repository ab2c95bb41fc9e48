"""Rows of the tables as records, for the writer and the readers alike."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from station.store.connection import Row
from station.store.files import side_file, typed_os_error
from station.store.records import CalibrationRecord, Correction, DeviceRecord, Note, Person, StorageUse

CORRECTION_COLUMNS = "id, session_id, kind, limb, from_s, to_s, boundary, t_s, undoes, made_wall_s"
NOTE_COLUMNS = "id, session_id, text, limb, from_s, to_s, changed_wall_s"
DEVICE_COLUMNS = "id, name, token_sha256, paired_wall_s, seen_wall_s, revoked, role, person_ids, invited_by"
PERSON_COLUMNS = "id, name, made_wall_s, (SELECT count(*) FROM session WHERE person_id = person.id)"
CALIBRATION_COLUMNS = "id, mat_name, zone, body, made_wall_s"

Run = Callable[..., list[Row]]


def correction_of(row: Row) -> Correction:
    """A row of CORRECTION_COLUMNS."""
    return Correction(*row)


def note_of(row: Row) -> Note:
    """A row of NOTE_COLUMNS."""
    return Note(*row)


def device_of(row: Row) -> DeviceRecord:
    """A row of DEVICE_COLUMNS."""
    id, name, token_sha256, paired_wall_s, seen_wall_s, revoked, role, person_ids, invited_by = row
    persons = tuple(json.loads(person_ids))
    return DeviceRecord(id, name, token_sha256, paired_wall_s, seen_wall_s, bool(revoked), role, persons, invited_by)


def person_of(row: Row) -> Person:
    """A row of PERSON_COLUMNS."""
    return Person(*row)


def readable_values(rows: list[Row]) -> dict[str, Any]:
    """Rows of key and JSON value; a value that cannot be read is left out."""
    return {key: value for key, value in ((key, _readable(text)) for key, text in rows) if value is not None}


def damaged_keys(rows: list[Row]) -> tuple[str, ...]:
    """Keys of rows whose value cannot be read."""
    return tuple(str(key) for key, text in rows if _readable(text) is None)


def _readable(text: Any) -> Any:
    """A stored JSON value; None when it cannot be read ("null" is never stored)."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, TypeError, RecursionError, msgspec.MsgspecError):
        return None


def calibration_of(row: Row) -> CalibrationRecord:
    """A row of CALIBRATION_COLUMNS; an empty body when it cannot be read."""
    id, mat_name, zone, body, made_wall_s = row
    return CalibrationRecord(id, mat_name, zone, _readable(body) or {}, made_wall_s)


def storage_use_of(run: Run, path: Path, budget_bytes: int | None) -> StorageUse:
    """What the data takes; room inside the file that will be used again does not count.  `share` is of the budget, or of the
    card."""
    [(pages,)] = run("PRAGMA page_count")
    [(unused,)] = run("PRAGMA freelist_count")
    [(page_bytes,)] = run("PRAGMA page_size")
    [(raw_bytes,)] = run("SELECT total(raw_bytes) FROM session")
    try:
        card = shutil.disk_usage(path.parent)
        log = side_file(path, "-wal")
        database_bytes = (pages - unused) * page_bytes + (log.stat().st_size if log.exists() else 0)
    except OSError as error:
        raise typed_os_error(error, path) from None
    if budget_bytes is not None:
        share = raw_bytes / max(budget_bytes, 1)
    else:
        share = (card.total - card.free - unused * page_bytes) / card.total
    return StorageUse(database_bytes, int(raw_bytes), card.free, budget_bytes, share)
