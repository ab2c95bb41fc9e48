"""What the parts of the Store stand on: transactions for what a person asks for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path

from hardware.clock import Clock
from station.store.connection import Row
from station.store.database import Database
from station.store.dates import BootDates
from station.store.store_errors import NotStoredError


class Transactions(ABC):
    """Gives out transactions on the one writing connection."""

    _path: Path
    _clock: Clock
    _dates: BootDates

    @abstractmethod
    def _database(self) -> Database:
        """The open database.  Raises CardFailingError while there is none."""

    @abstractmethod
    def _asked(self) -> AbstractContextManager[Database]:
        """A transaction for something a person asked for: on the card when the block is left, or a StoreError."""


def must_exist(db: Database, session_id: int, columns: str = "id") -> list[Row]:
    """The session's row.  Raises NotStoredError."""
    rows = db.run(f"SELECT {columns} FROM session WHERE id = ?", (session_id,))
    if not rows:
        raise NotStoredError(f"there is no session {session_id}; 'backlift sessions' lists them")
    return rows
