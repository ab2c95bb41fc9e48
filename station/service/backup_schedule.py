"""Backups on a schedule: a copy of all data in a folder on a stick, a share or another disk, so many of them, the newest.

A folder that was chosen gets a small mark.  A stick that is not plugged in leaves an empty folder on the card where it would be: it
has no mark, so nothing is written there, and a notice says that the backup's place is gone.

The copy is made in a thread of its own, from a snapshot (station/store/backup.py): a slow stick or a share that does not answer
holds up neither the writer nor the sampler.  It is made while the mat is empty, and given up when somebody lies down.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.clock import Clock
from hardware.errors import BackliftError
from hardware.notices import Notice
from station.service.declined import DeclinedError
from station.store.backup import backup
from station.store.files import typed_os_error
from station.store.store_errors import CardFullError

MARK = ".backlift-backups"
MARK_TEXT = "Back Lift Station keeps backups in this folder.\n"
QUIET_S = 300.0
"""The mat has to be empty for so long before a backup begins unasked."""
RETRY_S = 600.0
"""After one that failed the next try is so much later."""
STALLED_S = 600.0
"""A backup that gets no further for so long waits for a folder that does not answer."""
DAY_S = 86_400.0
OVERDUE_PERIODS = 2
"""A backup that is missing for so many periods is a warning; before, it is news."""
_log = logging.getLogger(__name__)


class InterruptedBackupError(BackliftError, RuntimeError):
    """Somebody lay down, or the station ends: the backup is made later."""


class FolderGoneError(BackliftError, OSError):
    """The folder is not there, or is not the one that was chosen."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A backup that was made."""

    path: Path
    wall_s: float
    size_mb: float


def file_name(station_id: str, wall_s: float) -> str:
    """In UTC, sorted by time, and without letters that a stick cannot keep: `backlift-mat-1-2026-11-24T03-10-00Z.db`."""
    return f"backlift-{station_id}-{time.strftime('%Y-%m-%dT%H-%M-%SZ', time.gmtime(wall_s))}.db"


def backups_in(folder: Path, station_id: str) -> list[Path]:
    """This station's backups in a folder, the oldest first."""
    name = re.compile(rf"backlift-{re.escape(station_id)}-\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.db")
    return sorted(path for path in folder.iterdir() if name.fullmatch(path.name) and path.is_file() and not path.is_symlink())


def adopt(folder: Path) -> None:
    """Mark a folder as the one that was chosen.  Raises FolderGoneError, StoreError."""
    if not folder.is_dir():
        raise FolderGoneError(f"{folder}: there is no such folder; is the stick plugged in, the share mounted?")
    try:
        (folder / MARK).write_text(MARK_TEXT, encoding="ascii")
    except OSError as error:
        raise typed_os_error(error, folder) from None


def make_backup(
    database: Path, folder: Path, station_id: str, keep: int, wall_s: float, progress: Callable[[float], None]
) -> Finished:
    """Write one backup, check it, then delete the oldest beyond `keep`.

    Raises FolderGoneError, StoreError and whatever `progress` raises.
    """
    if not (folder / MARK).is_file():
        raise FolderGoneError(f"{folder}: this is not the folder that was chosen for backups; is the stick plugged in?")
    target = folder / file_name(station_id, wall_s)
    backup(database, target, progress)
    try:
        old = [path for path in backups_in(folder, station_id) if path != target]
        for path in old[: max(0, len(old) - (keep - 1))]:
            path.unlink()
        return Finished(target, wall_s, round(target.stat().st_size / 1e6, 1))
    except OSError as error:
        raise typed_os_error(error, folder) from None


class BackupSchedule:
    """When a backup is due, and the thread that makes it.

    settings: those in force, by key (`backup.*`).  keep_setting: stores one.  occupied: somebody lies on the mat.
    `poll` is called about once a second by one thread; `now` and `notices` may be called by any.
    """

    def __init__(
        self,
        database: Path,
        station_id: str,
        clock: Clock,
        settings: Mapping[str, Any],
        keep_setting: Callable[[str, Any], None],
        occupied: Callable[[], bool],
    ) -> None:
        self._database = database
        self._station_id = station_id
        self._clock = clock
        self._settings = settings
        self._keep_setting = keep_setting
        self._occupied = occupied
        self._chosen: str | None = settings["backup.folder"]
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._asked = False
        self._ending = False
        self._quiet_from_s = clock.monotonic_s() + QUIET_S
        self._not_before_s = float("-inf")
        self._progress_s = 0.0
        self._trouble: Notice | None = None

    def now(self) -> None:
        """Make one with the next `poll`.  Raises DeclinedError."""
        if self._settings["backup.folder"] is None:
            raise DeclinedError("backup_no_folder")
        self._asked = True

    def poll(self) -> None:
        """Begin a backup when one is due or asked for."""
        now_s = self._clock.monotonic_s()
        occupied = self._occupied()
        if occupied:
            self._quiet_from_s = now_s + QUIET_S
        folder = self._settings["backup.folder"]
        if folder is None:
            self._chosen, self._asked, self._trouble = None, False, None
            return
        if occupied or self._running():
            return
        chosen_now = folder != self._chosen
        if chosen_now or self._asked or (self._due() and now_s >= max(self._not_before_s, self._quiet_from_s)):
            self._chosen, self._asked = folder, False
            self._not_before_s = now_s + RETRY_S
            self._progress_s = now_s
            self._thread = threading.Thread(target=self._work, args=(Path(folder), chosen_now), name="backup", daemon=True)
            self._thread.start()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a person should know: the place is gone, full, cannot be written, or does not answer."""
        if self._running() and self._clock.monotonic_s() - self._progress_s > STALLED_S:
            return (self._notice("backup_stalled"),)
        trouble = self._trouble
        return () if trouble is None else (trouble,)

    def close(self) -> None:
        """Give up one that runs; a share that does not answer is not waited for."""
        self._ending = True
        if self._thread is not None:
            self._thread.join(2.0)

    def _running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _due(self) -> bool:
        return self._age_periods() >= 1

    def _age_periods(self) -> float:
        """How old the latest backup is, in periods; a clock that stands before it says nothing."""
        last_s = self._settings["backup.last"].get("wall_s")
        return float("inf") if last_s is None else (self._clock.wall_s() - last_s) / (self._settings["backup.every_days"] * DAY_S)

    def _progress(self, share: float) -> None:
        self._progress_s = self._clock.monotonic_s()
        if self._ending or self._occupied():
            raise InterruptedBackupError("somebody lies on the mat: the backup is made later")

    def _work(self, folder: Path, chosen_now: bool) -> None:
        trouble: Notice | None = None
        try:
            if chosen_now:
                adopt(folder)
            done = make_backup(
                self._database, folder, self._station_id, self._settings["backup.keep"], self._clock.wall_s(), self._progress
            )
            self._keep_setting("backup.last", {"wall_s": done.wall_s, "size_mb": done.size_mb})
            if folder.stat().st_dev == self._database.stat().st_dev:
                trouble = Notice("backup_same_card", {"folder": str(folder)}, "info")
            _log.info("backup: %s (%.1f MB)", done.path, done.size_mb)
        except InterruptedBackupError:
            self._not_before_s = self._clock.monotonic_s()
            trouble = self._trouble
        except FolderGoneError:
            trouble = self._notice("backup_gone")
        except CardFullError:
            trouble = self._notice("backup_full")
        except (BackliftError, OSError) as error:
            trouble = self._notice("backup_failed", reason=str(error))
        if trouble is not None and (self._trouble is None or trouble.code != self._trouble.code):
            _log.warning("backup: %s %s", trouble.code, dict(trouble.params))
        self._trouble = trouble

    def _notice(self, code: str, **params: str) -> Notice:
        overdue = self._age_periods() >= OVERDUE_PERIODS
        folder = str(self._settings["backup.folder"])
        return Notice(code, {"folder": folder, **params}, "warning" if overdue else "info")
