"""Corrections by hand, laid over what a detector found.  Pure: lists in, lists out; the recording and the originals are never
touched.

The list of corrections only grows.  "undo" takes an earlier correction out of force; undoing the undo puts it back.  A correction
names its lift by limb and by the time the limb was aloft, so that it still finds it after another detector has moved it a little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from station.model import Lift
from station.store.records import Boundary, Correction, LiftRecord
from station.store.store_errors import StoreError

BOUNDARIES: tuple[Boundary, ...] = ("prepare_start", "lift_off", "touch_down", "melt_end")


def in_force(corrections: Sequence[Correction]) -> tuple[Correction, ...]:
    """The corrections that stand, undos left out, in the order in which they were made."""
    undone: set[int] = set()
    for correction in reversed(corrections):  # an undo only ever names an earlier one, so its own fate is known by now
        if correction.kind == "undo" and correction.id not in undone and correction.undoes is not None:
            undone.add(correction.undoes)
    return tuple(c for c in corrections if c.kind != "undo" and c.id not in undone)


def span(lift: Lift) -> tuple[float, float] | None:
    """From when to when the limb was aloft, or the nearest known times to it; None when no time at all is known."""
    start = next((t for t in (lift.lift_off, lift.prepare_start, lift.touch_down, lift.melt_end) if t is not None), None)
    end = next((t for t in (lift.touch_down, lift.melt_end, lift.lift_off, lift.prepare_start) if t is not None), None)
    return None if start is None or end is None else (min(start, end), max(start, end))


def owner(limb: str | None, from_s: float | None, to_s: float | None, lifts: Mapping[int, Lift]) -> int | None:
    """Key of the lift that is meant: of that limb, the one whose time aloft overlaps most, measured against both together."""
    if from_s is None or to_s is None:
        return None
    best: tuple[float, int] | None = None
    for key, lift in lifts.items():
        its = span(lift)
        if lift.limb != limb or its is None or its[1] < from_s or its[0] > to_s:
            continue
        union = max(its[1], to_s) - min(its[0], from_s)
        share = (min(its[1], to_s) - max(its[0], from_s)) / union if union > 0 else 1.0
        if best is None or share > best[0]:
            best = (share, key)
    return None if best is None else best[1]


def corrected(
    originals: Mapping[int, Lift], corrections: Sequence[Correction], repetitions: Mapping[int, int | None] | None = None
) -> dict[int, LiftRecord]:
    """Each lift with its corrections applied, by the same keys, in the same order."""
    mine: dict[int, list[Correction]] = {key: [] for key in originals}
    for correction in in_force(corrections):
        key = owner(correction.limb, correction.from_s, correction.to_s, originals)
        if key is not None:
            mine[key].append(correction)
    return {
        key: LiftRecord(
            id=key,
            original=lift,
            lift=_moved(lift, mine[key]),
            not_a_lift=any(c.kind == "not_a_lift" for c in mine[key]),
            corrections=tuple(mine[key]),
            repetition_id=None if repetitions is None else repetitions[key],
        )
        for key, lift in originals.items()
    }


def check_order(lift: Lift, boundary: Boundary, t_s: float) -> None:
    """Raises StoreError when a boundary moved to `t_s` would pass one of its neighbours."""
    place = BOUNDARIES.index(boundary)
    for other_place, other in enumerate(BOUNDARIES):
        other_s: float | None = getattr(lift, other)
        if other_s is not None and ((other_place < place and t_s < other_s) or (other_place > place and t_s > other_s)):
            raise StoreError(f"{boundary} cannot be moved past {other} of the same lift; move {other} first")


def _moved(lift: Lift, corrections: Sequence[Correction]) -> Lift:
    for correction in corrections:
        if correction.kind == "boundary" and correction.boundary is not None:
            why_null = {name: why for name, why in lift.why_null.items() if name != correction.boundary}
            changes = {correction.boundary: correction.t_s, f"{correction.boundary}_sd": None, "why_null": why_null}
            lift = replace(lift, **changes)  # type: ignore[arg-type]
    return lift
