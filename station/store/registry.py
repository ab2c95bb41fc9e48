"""What the station knows beside sessions: settings, people, paired devices, calibrations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from station.store.records import CalibrationRecord, DeviceRecord, Person, Role
from station.store.rows import DEVICE_COLUMNS, PERSON_COLUMNS, device_of, person_of
from station.store.session_edits import must_be_known
from station.store.store_errors import NotStoredError, StoreError
from station.store.transactions import Transactions

_DAY_S = 86_400.0
LONGEST_NAME = 60
"""Letters of a person's name."""


class Registry(Transactions):
    """The part of the Store that keeps settings, people, devices and calibrations.  On the card when a method returns, or a
    StoreError."""

    # Settings ---------------------------------------------------------------------------------------------------------------

    def setting_set(self, key: str, value: Any) -> None:
        """Keep a setting (any JSON value); None forgets it."""
        with self._asked() as db:
            if value is None:
                db.run("DELETE FROM setting WHERE key = ?", (key,))
            else:
                db.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, json.dumps(value)))

    def person_setting_set(self, person_id: int, key: str, value: Any) -> None:
        """Keep a setting of one person (any JSON value); None forgets it, and what is set for everybody counts again."""
        with self._asked() as db:
            must_be_known(db, person_id)
            if value is None:
                db.run("DELETE FROM person_setting WHERE person_id = ? AND key = ?", (person_id, key))
            else:
                db.run("INSERT OR REPLACE INTO person_setting VALUES (?, ?, ?)", (person_id, key, json.dumps(value)))

    # People -----------------------------------------------------------------------------------------------------------------

    def person_add(self, name: str) -> Person:
        """Remember somebody who practises here.  Raises StoreError for an empty, long or unprintable name."""
        with self._asked() as db:
            db.run("INSERT INTO person (name, made_wall_s) VALUES (?, ?)", (_name(name), self._dates.now_s))
            return person_of(*db.run(f"SELECT {PERSON_COLUMNS} FROM person WHERE id = last_insert_rowid()"))

    def person_rename(self, person_id: int, name: str) -> None:
        """Give a person another name.  Raises StoreError, NotStoredError."""
        with self._asked() as db:
            must_be_known(db, person_id)
            db.run("UPDATE person SET name = ? WHERE id = ?", (_name(name), person_id))

    def person_remove(self, person_id: int) -> None:
        """Forget a person and her settings; her sessions stay and are nobody's.  Raises NotStoredError."""
        with self._asked() as db:
            must_be_known(db, person_id)
            db.run("DELETE FROM person WHERE id = ?", (person_id,))

    # Devices ----------------------------------------------------------------------------------------------------------------

    def device_add(
        self, name: str, token_sha256: bytes, *, role: Role = "owner", person_ids: Sequence[int] = (), invited_by: int | None = None
    ) -> DeviceRecord:
        """Remember a paired device by the hash of its cookie."""
        now_s = self._clock.wall_s()
        persons = json.dumps(sorted(set(person_ids)))
        with self._asked() as db:
            db.run(
                """INSERT INTO device (name, token_sha256, paired_wall_s, seen_wall_s, role, person_ids, invited_by)
                VALUES (?, ?, ?, ?, ?, ?, (SELECT id FROM device WHERE id = ?))""",
                (name, token_sha256, now_s, now_s, role, persons, invited_by),
            )
            return device_of(*db.run(f"SELECT {DEVICE_COLUMNS} FROM device WHERE id = last_insert_rowid()"))

    def device_touch(self, device_id: int) -> None:
        """The device was seen.  Written at most once a day, and never back in time."""
        now_s = self._clock.wall_s()
        if self._database().run("SELECT 1 FROM device WHERE id = ? AND seen_wall_s < ?", (device_id, now_s - _DAY_S)):
            with self._asked() as db:
                db.run("UPDATE device SET seen_wall_s = ? WHERE id = ?", (now_s, device_id))

    def device_role_set(self, device_id: int, role: Role, person_ids: Sequence[int] = ()) -> None:
        """Say what a device may do, and whose sessions it may see (empty: everybody's).  Raises NotStoredError."""
        with self._asked() as db:
            persons = json.dumps(sorted(set(person_ids)))
            if not db.run("UPDATE device SET role = ?, person_ids = ? WHERE id = ? RETURNING id", (role, persons, device_id)):
                raise NotStoredError(f"there is no paired device {device_id}")

    def device_rename(self, device_id: int, name: str) -> None:
        """Give a device another name.  Raises NotStoredError."""
        with self._asked() as db:
            if not db.run("UPDATE device SET name = ? WHERE id = ? RETURNING id", (name, device_id)):
                raise NotStoredError(f"there is no paired device {device_id}")

    def device_revoke(self, device_id: int) -> list[int]:
        """The device may not come in any more, nor may those it let in; returns the ids of all that were revoked now.

        Raises NotStoredError.
        """
        with self._asked() as db:
            if not db.run("SELECT 1 FROM device WHERE id = ?", (device_id,)):
                raise NotStoredError(f"there is no paired device {device_id}")
            rows = db.run(
                """WITH RECURSIVE gone (id) AS (
                    SELECT ? UNION SELECT device.id FROM device JOIN gone ON device.invited_by = gone.id)
                UPDATE device SET revoked = 1 WHERE id IN gone AND NOT revoked RETURNING id""",
                (device_id,),
            )
            return sorted(id for (id,) in rows)

    def calibration_add(self, mat_name: str, zone: str, body: Mapping[str, Any]) -> CalibrationRecord:
        """Keep a calibration beside the earlier ones."""
        record = CalibrationRecord(0, mat_name, zone, dict(body), self._clock.wall_s())
        with self._asked() as db:
            db.run(
                "INSERT INTO calibration (mat_name, zone, body, made_wall_s) VALUES (?, ?, ?, ?)",
                (mat_name, zone, json.dumps(record.body), record.made_wall_s),
            )
            [(number,)] = db.run("SELECT last_insert_rowid()")
        return replace(record, id=number)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise StoreError(f"a name has 1 to {LONGEST_NAME} printable letters")
    return name
