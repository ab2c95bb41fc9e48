"""How an update that was asked for in Setup goes: root's service writes it, the station reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

UPDATE_REQUESTED = "update-requested"
"""File in the station's runtime folder that asks for it; backlift-update.path waits for it."""
PROGRESS = Path("/run/backlift-update/progress.json")
"""In a folder of root's (backlift-update.service), so that nobody else can say that an update went well."""


class UpdateProgress(msgspec.Struct, frozen=True):
    """version: the one that is installed.  words: why it failed, in English as the installer says it."""

    state: Literal["running", "done", "failed"]
    version: str
    words: str = ""


def write_progress(path: Path, progress: UpdateProgress) -> None:
    """Replace the file whole: it is read once a second.  Raises OSError."""
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(progress))
    new.chmod(0o644)
    new.replace(path)


def read_progress(path: Path) -> UpdateProgress | None:
    """None where no update was asked for since the machine started."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=UpdateProgress)
    except (OSError, msgspec.DecodeError):
        return None
