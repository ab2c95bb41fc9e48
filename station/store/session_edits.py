"""What people change about a stored session by hand: notes, comfort, corrections, whose it is, and another analysis of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from station.model import Lift, Repetition
from station.store.corrections import check_order, corrected, in_force, span
from station.store.database import Database
from station.store.records import Boundary, Correction, CorrectionKind, Moment
from station.store.rows import CORRECTION_COLUMNS, correction_of
from station.store.schema import limb_sides
from station.store.session_writing import write_found
from station.store.store_errors import NotStoredError, StoreError
from station.store.transactions import Transactions, must_exist


class SessionEdits(Transactions):
    """The part of the Store that changes stored sessions.  On the card when a method returns, or a StoreError."""

    def note_set(self, session_id: int, text: str, *, lift_id: int | None = None) -> None:
        """Set the note on a session or on one of its lifts; empty text removes it."""
        with self._asked() as db:
            must_exist(db, session_id)
            limb, from_s, to_s = (None, None, None) if lift_id is None else _whereabouts(_lift(db, session_id, lift_id))
            db.run(
                "DELETE FROM note WHERE session_id = ? AND limb IS ? AND (limb IS NULL OR (from_s <= ? AND to_s >= ?))",
                (session_id, limb, to_s, from_s),
            )
            if text.strip():
                db.run(
                    "INSERT INTO note (session_id, limb, from_s, to_s, text, changed_wall_s) VALUES (?, ?, ?, ?, ?, ?)",
                    (session_id, limb, from_s, to_s, text, self._dates.now_s),
                )

    def comfort_set(self, session_id: int, moment: Moment, face: int | None) -> None:
        """Set how the body felt before or after: a face 1..5, or None to take it back."""
        if moment not in ("before", "after") or (face is not None and face not in range(1, 6)):
            raise StoreError("comfort is a face from 1 to 5, before or after a session")
        with self._asked() as db:
            must_exist(db, session_id)
            db.run(f"UPDATE session SET comfort_{moment} = ? WHERE id = ?", (face, session_id))

    def correction_add(
        self, session_id: int, lift_id: int, *, boundary: Boundary | None = None, t_s: float | None = None, not_a_lift: bool = False
    ) -> Correction:
        """Move one boundary of a lift to `t_s`, or mark it "not a lift".

        Raises NotStoredError, and StoreError when the moved boundary would pass its neighbour.
        """
        if (boundary is None) == (not not_a_lift) or (boundary is None) != (t_s is None):
            raise StoreError("a correction either moves one boundary to a time or says that this is not a lift")
        with self._asked() as db:
            lift = _lift(db, session_id, lift_id)
            if boundary is not None and t_s is not None:
                [(analysis_id,)] = db.run("SELECT analysis_id FROM lift WHERE id = ?", (lift_id,))
                rows = db.run("SELECT id, body FROM lift WHERE analysis_id = ?", (analysis_id,))
                lifts = {id: msgspec.json.decode(body, type=Lift) for id, body in rows}
                check_order(corrected(lifts, _corrections(db, session_id))[lift_id].lift, boundary, t_s)
            limb, from_s, to_s = _whereabouts(lift)
            kind: CorrectionKind = "not_a_lift" if not_a_lift else "boundary"
            return _keep(db, Correction(0, session_id, kind, limb, from_s, to_s, boundary, t_s, None, self._dates.now_s))

    def correction_undo(self, session_id: int, correction_id: int | None = None) -> Correction | None:
        """Take one correction back, by default the latest still in force; None when there is none.  Undoing an undo redoes."""
        with self._asked() as db:
            made = _corrections(db, session_id)
            if correction_id is None:
                standing = in_force(made)
                if not standing:
                    return None
                correction_id = standing[-1].id
            elif correction_id not in {correction.id for correction in made}:
                raise NotStoredError(f"session {session_id} has no correction {correction_id}; it may have been deleted meanwhile")
            return _keep(db, Correction(0, session_id, "undo", undoes=correction_id, made_wall_s=self._dates.now_s))

    def analysis_add(self, session_id: int, detector_version: str, found: Iterable[Lift | Repetition]) -> int:
        """Keep another analysis of a session and make it the current one; earlier ones stay.  Returns its number."""
        with self._asked() as db:
            [(mat,)] = must_exist(db, session_id, "mat")
            db.run("UPDATE analysis SET current = 0 WHERE session_id = ?", (session_id,))
            db.run(
                "INSERT INTO analysis (session_id, detector_version, live, current, made_wall_s) VALUES (?, ?, 0, 1, ?)",
                (session_id, detector_version, self._dates.now_s),
            )
            [(analysis_id,)] = db.run("SELECT last_insert_rowid()")
            sides = limb_sides(mat)
            for one in found:
                write_found(db, analysis_id, sides, one)
            return int(analysis_id)

    def session_person_set(self, session_id: int, person_id: int | None) -> None:
        """Give a session to a person, or to nobody.  Raises NotStoredError."""
        with self._asked() as db:
            must_exist(db, session_id)
            if person_id is not None:
                must_be_known(db, person_id)
            db.run("UPDATE session SET person_id = ? WHERE id = ?", (person_id, session_id))


def must_be_known(db: Database, person_id: int) -> None:
    """Raises NotStoredError when there is no such person."""
    if not db.run("SELECT 1 FROM person WHERE id = ?", (person_id,)):
        raise NotStoredError(f"there is no person {person_id}; they may have been removed meanwhile")


def _lift(db: Database, session_id: int, lift_id: int) -> Lift:
    rows = db.run(
        "SELECT body FROM lift JOIN analysis ON analysis.id = lift.analysis_id WHERE lift.id = ? AND session_id = ?",
        (lift_id, session_id),
    )
    if not rows:
        raise NotStoredError(f"session {session_id} has no lift {lift_id}; it may have been analysed again meanwhile")
    return msgspec.json.decode(rows[0][0], type=Lift)


def _corrections(db: Database, session_id: int) -> list[Correction]:
    sql = f"SELECT {CORRECTION_COLUMNS} FROM correction WHERE session_id = ? ORDER BY id"
    return [correction_of(row) for row in db.run(sql, (session_id,))]


def _keep(db: Database, new: Correction) -> Correction:
    db.run(
        """INSERT INTO correction (session_id, kind, limb, from_s, to_s, boundary, t_s, undoes, made_wall_s)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (new.session_id, new.kind, new.limb, new.from_s, new.to_s, new.boundary, new.t_s, new.undoes, new.made_wall_s),
    )
    [(number,)] = db.run("SELECT last_insert_rowid()")
    return replace(new, id=number)


def _whereabouts(lift: Lift) -> tuple[str, float | None, float | None]:
    from_s, to_s = span(lift) or (None, None)
    return lift.limb, from_s, to_s
