"""Where the processes meet: the folder of the socket, and the note of crashes the dashboard reads when the station is not there."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

SOCKET_NAME = "station.sock"
CRASH_NOTE = "station.crashes"
CRASHES_FOR_SAFE_MODE = 5
WELL_AFTER_S = 30.0
"""A process that ran so long did not crash at its start."""


class Crashes(msgspec.Struct, frozen=True):
    """How often in a row the station did not get going, and what it said last."""

    count: int = 0
    words: str = ""

    @property
    def safe_mode(self) -> bool:
        return self.count >= CRASHES_FOR_SAFE_MODE


def runtime_dir(name: str = "backlift") -> Path:
    """The folder for sockets: $RUNTIME_DIRECTORY (systemd), $XDG_RUNTIME_DIR, or one of this user's own in the temporary folder."""
    given = os.environ.get("RUNTIME_DIRECTORY")
    if given:
        return Path(given.partition(":")[0])
    session = os.environ.get("XDG_RUNTIME_DIR")
    path = Path(session) / name if session else Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.getuid():
        # Somebody else made a folder of this name in the shared temporary folder: do not trust it.
        return Path(tempfile.mkdtemp(prefix=f"{name}-"))
    return path


def crashes(folder: Path) -> Crashes:
    """What the note says; no note, or one that cannot be read, means no crashes."""
    try:
        return msgspec.json.decode((folder / CRASH_NOTE).read_bytes(), type=Crashes)
    except (OSError, msgspec.DecodeError):
        return Crashes()


def note_start(folder: Path) -> None:
    """The station starts: until it is well, that counts as a crash."""
    _write(folder, Crashes(crashes(folder).count + 1, crashes(folder).words))


def note_words(folder: Path, words: str) -> None:
    """The station ends with an error: keep what it said."""
    _write(folder, Crashes(crashes(folder).count, words))


def note_well(folder: Path) -> None:
    """The station runs, or ended as asked."""
    with suppress(OSError):
        (folder / CRASH_NOTE).unlink(missing_ok=True)


def _write(folder: Path, note: Crashes) -> None:
    # The note is a help, not a need: a folder that cannot be written must not keep the station from trying.
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = folder / (CRASH_NOTE + ".new")
        new.write_bytes(msgspec.json.encode(note))
        new.replace(folder / CRASH_NOTE)
