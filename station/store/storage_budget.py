"""How much room the data takes, and keeping raw recordings within what a person allowed."""

from __future__ import annotations

import json

from hardware.notices import Notice
from station.store.database import Database
from station.store.records import StorageUse
from station.store.rows import storage_use_of
from station.store.schema import first_key, last_key
from station.store.transactions import Transactions

MB = 1_000_000
FULL_SHARE = 0.8
"""A card as full as this without a budget: the person is asked for one."""


class StorageBudget(Transactions):
    """The part of the Store that watches the room on the card.

    _config_budget_mb: what station.toml says; None or 0: no limit.
    """

    _config_budget_mb: int | None
    _notices: list[Notice]

    def storage_use(self) -> StorageUse:
        """How much room the data takes and how much there is."""
        db = self._database()
        return storage_use_of(db.run, self._path, self._budget_bytes(db))

    def thin(self, target_bytes: int) -> int:
        """Let go raw frames of the oldest sessions until they take at most `target_bytes`; returns how many sessions lost theirs.

        Phases, notes, corrections and the overview of the trace stay.
        """
        thinned = 0
        for session_id, _ in self._database().run(
            "SELECT id, raw_bytes FROM session WHERE raw_bytes > 0 AND ended_s IS NOT NULL ORDER BY id"
        ):
            if storage_use_of(self._database().run, self._path, None).raw_bytes <= target_bytes:
                break
            with self._asked() as db:
                db.run("UPDATE chunk SET data = x'' WHERE id BETWEEN ? AND ?", (first_key(session_id), last_key(session_id)))
                db.run("UPDATE session SET raw = 'thinned', raw_bytes = 0 WHERE id = ?", (session_id,))
            thinned += 1
        return thinned

    def _budget_bytes(self, db: Database) -> int | None:
        """The budget in force, read afresh: a setting that is emptied is emptied at once."""
        for (value,) in db.run("SELECT value FROM setting WHERE key = 'storage.budget_mb'"):
            chosen = _number(value)
            if chosen is not None:
                return chosen * MB or None
        return (self._config_budget_mb or 0) * MB or None

    def _enforce_storage_budget(self, db: Database) -> None:
        """After a session: keep the raw frames within the budget; without one, ask for it when the card is nearly full."""
        budget_bytes = self._budget_bytes(db)
        if budget_bytes is not None:
            self.thin(budget_bytes)
        elif not db.run("SELECT 1 FROM setting WHERE key = 'storage.budget_asked'") and self.storage_use().share >= FULL_SHARE:
            with db.transaction():
                db.run("INSERT OR REPLACE INTO setting VALUES ('storage.budget_asked', 'true')")
            self._notices.append(Notice("card_nearly_full"))


def _number(text: str) -> int | None:
    """A stored whole number; None for anything else: a damaged setting must not thin or stop anything."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
