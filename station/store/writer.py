"""The one writer: everything that reaches the database goes through a `Store`, in one thread of one process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from hardware.clock import Clock
from hardware.frames import FrameBlock
from station.model import Announcement
from station.store.records import (
    Boundary,
    CalibrationRecord,
    Commit,
    Correction,
    DeviceRecord,
    Moment,
    Recovered,
    Saving,
    StorageUse,
)


class Store:
    """Keeps sessions, and says how well it can.

    Two kinds of methods.  What streams in while somebody practises (`begin_session`, `add_frames`, `add`, `add_event`, `end_session`,
    `commit`) never raises for the sake of a card: it waits in memory (frames at most 30 s, events without such a limit) until a
    `commit` gets through, and `saving` says what is going on.  What a person asks for (settings, notes, corrections, deletion, devices,
    calibrations) is on the card when the method returns, or raises a StoreError.

    Not for several threads: the writer thread owns it.  A second Store on the same file, in any process, is refused (WriterBusyError).
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        boot_id: str | None = None,
        budget_mb: int | None = None,
    ) -> None:
        """Open or make the database, bring it up to date, close sessions a power cut left open.

        A card that cannot be written does not raise: `saving` is then "not_saving" and each commit tries again.  A corrupt file is
        set aside under a dated name and a fresh one begun.  Raises NewerDatabaseError, WriterBusyError.
        """
        raise NotImplementedError

    saving: Saving
    session_id: int | None
    """The running session; may change while "not_saving" ends (the number was provisional and negative until then)."""
    recovered: tuple[Recovered, ...]
    """Sessions that were found open at start."""

    def take_notices(self) -> list[str]:
        """Sentences for the person that came up since the last call: set aside, recovered, events only, saving again."""
        raise NotImplementedError

    # While somebody practises -----------------------------------------------------------------------------------------------

    def begin_session(
        self,
        t_s: float,
        *,
        mat_text: str,
        zones: tuple[str, ...],
        rate_hz: float,
        detector_version: str,
        calibration: Mapping[str, Any] | None = None,
    ) -> int:
        """Start a session at `t_s`, the time of its first frame ("arriving"); frames from then on may be added later.

        mat_text: the mat file as it was read.  calibration: zone -> hardware.calibration.ZoneCalibration (or any msgspec Struct).
        A session still open is ended first.
        """
        raise NotImplementedError

    def add_frames(self, block: FrameBlock) -> None:
        """Add frames of the running session, after all earlier ones.  Without a session they are let go."""
        raise NotImplementedError

    def add(self, announcement: Announcement) -> None:
        """Add what the pipeline announced.  A Lift and the Repetition that holds it may come in either order."""
        raise NotImplementedError

    def add_event(self, type: str, t_s: float, body: Mapping[str, Any] | None = None) -> None:
        """Add another event of the running session: "mark", "pause", "resume", "guide"..."""
        raise NotImplementedError

    def end_session(self, t_s: float) -> None:
        """End the running session.  The next `commit` writes it and moves the log into the database."""
        raise NotImplementedError

    def commit(self) -> Commit:
        """Put everything added so far on the card and wait until it is there.  Call once per commit period (1 s; 5 s sparing the card).

        Costs nothing when there is nothing to write: nobody on the mat, no bytes on the card.
        """
        raise NotImplementedError

    def note_clock(self, *, synchronised: bool | None = None) -> None:
        """Look at the wall clock again; correct the dates of this boot's sessions when it has become sane.  Call about once a minute.

        synchronised: the machine's clock is known to follow a time server; None: not known, then only its plausibility counts.
        """
        raise NotImplementedError

    # What a person asks for -------------------------------------------------------------------------------------------------

    def setting_set(self, key: str, value: Any) -> None:
        """Keep a setting (any JSON value); None forgets it."""
        raise NotImplementedError

    def note_set(self, session_id: int, text: str, *, lift_id: int | None = None) -> None:
        """Set the note on a session or on one of its lifts; empty text removes it."""
        raise NotImplementedError

    def comfort_set(self, session_id: int, moment: Moment, face: int | None) -> None:
        """Set how the body felt before or after: a face 1..5, or None to take it back."""
        raise NotImplementedError

    def correction_add(
        self, session_id: int, lift_id: int, *, boundary: Boundary | None = None, t_s: float | None = None, not_a_lift: bool = False
    ) -> Correction:
        """Move one boundary of a lift to `t_s`, or mark it "not a lift".

        Raises NotStoredError, and StoreError when the moved boundary would pass its neighbour.
        """
        raise NotImplementedError

    def correction_undo(self, session_id: int, correction_id: int | None = None) -> Correction | None:
        """Take one correction back, by default the latest still in force; None when there is none.  Undoing an undo redoes."""
        raise NotImplementedError

    def session_delete(self, session_id: int) -> None:
        """Delete a session really: its bytes are overwritten, the file shrinks.  Not the running one.  Raises NotStoredError."""
        raise NotImplementedError

    def delete_everything(self, *, settings_too: bool = False) -> int:
        """Delete all sessions (and with `settings_too` settings, devices and calibrations); returns how many sessions there were."""
        raise NotImplementedError

    def device_add(self, name: str, token_sha256: bytes) -> DeviceRecord:
        """Remember a paired device by the hash of its cookie."""
        raise NotImplementedError

    def device_touch(self, device_id: int) -> None:
        """The device was seen.  Written at most once a day."""
        raise NotImplementedError

    def device_revoke(self, device_id: int) -> None:
        """The device may not come in any more.  Raises NotStoredError."""
        raise NotImplementedError

    def calibration_add(self, mat_name: str, zone: str, body: Mapping[str, Any]) -> CalibrationRecord:
        """Keep a calibration beside the earlier ones."""
        raise NotImplementedError

    def storage_use(self) -> StorageUse:
        """How much room the data takes and how much there is."""
        raise NotImplementedError

    def thin(self, target_bytes: int) -> int:
        """Let go raw frames of the oldest sessions until they take at most `target_bytes`; returns how many sessions lost theirs.

        Phases, notes, corrections and the overview of the trace stay.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Commit, end nothing, move the log into the database, let go of the file."""
        raise NotImplementedError

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()
