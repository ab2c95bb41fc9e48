"""The date of a session, on a machine without a clock battery.

Frames and lifts have monotonic times, which are exact but start anew with every boot.  So a boot keeps one number: how far its wall
clock was ahead of its monotonic one, at a moment when the wall clock could be believed.  All sessions of the boot get their dates
from it, also those that began before, when the clock still stood in 1970; a better number later corrects them all at once.
"""

from __future__ import annotations

from hardware.clock import Clock
from hardware.wall_clock import EARLIEST_WALL_S
from station.store.database import Database

STEP_S = 2.0
"""A clock that differs by less has drifted, not been set."""


class BootDates:
    """What is known of this boot's wall clock.

    boot_id: the kernel's name for this boot.  unwritten: there is something that the database does not know yet.
    """

    def __init__(self, clock: Clock, boot_id: str) -> None:
        self._clock = clock
        self.boot_id = boot_id
        self._offset_s: float | None = None
        self._sure = False
        self._floor_s = EARLIEST_WALL_S
        self.unwritten = False

    @property
    def now_s(self) -> float | None:
        """Unix seconds, as far as they can be believed."""
        return None if self._offset_s is None else self._offset_s + self._clock.monotonic_s()

    def look(self, synchronised: bool | None) -> None:
        """Look at the wall clock: known to follow a time server (True), known not to (False), or not known (None).

        Without a time server a date is believed when it is later than every stored session of earlier boots, and a step of the
        clock is believed too: on a Pi it nearly always is the correction.  With one, only the time server is.
        """
        wall_s = self._clock.wall_s()
        offset_s = wall_s - self._clock.monotonic_s()
        if not synchronised and (self._sure or wall_s < self._floor_s):
            return
        newly_sure = bool(synchronised) and not self._sure
        if self._offset_s is None or abs(offset_s - self._offset_s) > STEP_S or newly_sure:
            self._offset_s, self._sure, self.unwritten = offset_s, bool(synchronised), True

    def take_up(self, db: Database) -> None:
        """Go on with what an earlier process of this boot knew, and with the latest date of earlier boots."""
        for offset_s, sure in db.run("SELECT wall_offset_s, sure FROM boot WHERE boot_id = ?", (self.boot_id,)):
            if offset_s is not None and self._offset_s is None:
                self._offset_s, self._sure = offset_s, bool(sure)
        dated = """SELECT max(boot.wall_offset_s + coalesce(session.ended_s, session.started_s)), max(boot.id)
            FROM session JOIN boot ON boot.id = session.boot WHERE boot.boot_id <> ?"""
        [(sure_s, last_sure)] = db.run(f"{dated} AND boot.sure", (self.boot_id,))
        # A date that was only plausible counts as well, but not against a later boot whose date was sure.
        [(plausible_s, _)] = db.run(f"{dated} AND boot.id > ?", (self.boot_id, last_sure or 0))
        [(own_s,)] = db.run("SELECT max(wall_offset_s + coalesce(ended_s, started_s)) FROM session WHERE boot IS NULL")
        self._floor_s = max(EARLIEST_WALL_S, sure_s or 0.0, plausible_s or 0.0, own_s or 0.0)

    def begin(self, db: Database) -> int:
        """The row of this boot, made with the first session in it."""
        db.run("INSERT OR IGNORE INTO boot (boot_id) VALUES (?)", (self.boot_id,))
        self.write(db)
        [(row,)] = db.run("SELECT id FROM boot WHERE boot_id = ?", (self.boot_id,))
        return int(row)

    def write(self, db: Database) -> None:
        """Write what is known; does nothing before the boot's first session."""
        db.run("UPDATE boot SET wall_offset_s = ?, sure = ? WHERE boot_id = ?", (self._offset_s, self._sure, self.boot_id))
