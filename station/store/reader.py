"""Reading while the station writes: any process, any number of threads, never a lock that the writer would feel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from hardware.frames import FrameBlock
from station.model import Announcement
from station.store.records import (
    CalibrationRecord,
    DeviceRecord,
    EventRecord,
    MeltCurve,
    ProgressPoint,
    SessionRecord,
    SessionSummary,
    StorageUse,
    Trace,
)


class Reader:
    """Reads a database that another process may be writing.  Safe to share between threads; each has its own connection.

    Every method sees one consistent state.  Raises MissingDatabaseError, NewerDatabaseError, CorruptDatabaseError, NotStoredError.
    """

    def __init__(self, path: Path) -> None:
        raise NotImplementedError

    def sessions(self, limit: int = 50, before: int | None = None) -> list[SessionSummary]:
        """Newest first; `before`: only sessions older than that id."""
        raise NotImplementedError

    def session(self, session_id: int, analysis_id: int | None = None) -> SessionRecord:
        """A session with corrections applied and originals beside them; by default in its current analysis."""
        raise NotImplementedError

    def frames(self, session_id: int, t0_s: float | None = None, t1_s: float | None = None) -> FrameBlock:
        """The raw frames with t0_s <= t < t1_s; damaged chunks are left out (their time is in `SessionRecord.gaps`)."""
        raise NotImplementedError

    def frame_blocks(self, session_id: int) -> Iterator[FrameBlock]:
        """The same chunk by chunk, for exports and re-analysis of long sessions."""
        raise NotImplementedError

    def trace(self, session_id: int, t0_s: float | None = None, t1_s: float | None = None, pixels: int = 1000) -> Trace:
        """The stretch t0_s..t1_s in at most about 2 * pixels points; min and max of each pixel in time order, gaps kept."""
        raise NotImplementedError

    def melts(self, session_id: int, before_s: float = 1.0, after_s: float = 20.0) -> list[MeltCurve]:
        """The limbs' loads around each touch-down, corrections applied."""
        raise NotImplementedError

    def events(self, session_id: int | None = None, since: int = 0, limit: int = 10_000) -> list[EventRecord]:
        """Events in the order they became known, of one session or all, with id > since."""
        raise NotImplementedError

    def announcements(self, session_id: int) -> Iterator[Announcement]:
        """The stored announcements of the live analysis, as the pipeline gave them and in their order."""
        raise NotImplementedError

    def progress(self, period: Literal["day", "week"] = "week", since_wall_s: float | None = None) -> list[ProgressPoint]:
        """Prepare and melt times per part and side over days or weeks, corrections applied, oldest first."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """All settings that were ever set, by key."""
        raise NotImplementedError

    def devices(self) -> list[DeviceRecord]:
        """Paired devices, revoked ones too."""
        raise NotImplementedError

    def calibrations(self, mat_name: str | None = None) -> list[CalibrationRecord]:
        """All calibrations, oldest first; the last of each (mat, zone) is the one in use."""
        raise NotImplementedError

    def storage_use(self) -> StorageUse:
        """How much room the data takes and how much there is."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()
