"""The whole database as one file, taken while the station writes, and put back only after it was found sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def backup(database: Path, target: Path, progress: Callable[[float], None] | None = None) -> None:
    """Copy the database to `target` in small steps while it is written to; the copy is checked before it gets its name."""
    raise NotImplementedError


def restore(source: Path, database: Path) -> Path | None:
    """Replace the database by a backup, after checking it; the old one is set aside, its new name is returned."""
    raise NotImplementedError
