"""Two lifts or two sessions side by side: one solid, one dashed, aligned at a moment, and no difference that is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from station.analysis.lift_window import lift_window
from station.locale.texts import Texts
from station.store import NotStoredError, Reader
from station.store.records import LiftRecord, SessionRecord
from web.pages import review
from web.pages.comparison import Contrast, contrast, interval, kind_of, part_name
from web.pages.faults import fault_spans
from web.pages.lift_rows import limb_name, rows, told

WIDTH, HEIGHT = 900.0, 340.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 8.0, 10.0, 30.0
HIGHEST = 1.2
POINTS = 400
Align = Literal["touch_down", "lift_off"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two.  line: `points` of an SVG polyline, "" without a recording; row: None for a whole session."""

    name: str
    to: str
    line: str
    row: review.Row | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis, in SVG units."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The page.  alike: whether like is compared with like; if not, no verdict is given."""

    sides: tuple[Side, Side]
    contrasts: tuple[Contrast, ...]
    alike: bool
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zero_x: float


def compared(reader: Reader, one: str, other: str, align: Align, t: Texts) -> Shown:
    """What `?a=1.3&b=2.7` (session.lift) or `?a=1&b=2` (sessions) asks for.  Raises NotStoredError for what is not there."""
    (record_a, lift_a), (record_b, lift_b) = _found(reader, one), _found(reader, other)
    if lift_a is None or lift_b is None:
        sides = (_session_side(record_a, t), _session_side(record_b, t))
        return Shown(sides, _session_contrasts(reader, record_a, record_b, t), True, (), (), 0.0)
    curves = [_curve(reader, record, lift, align) for record, lift in ((record_a, lift_a), (record_b, lift_b))]
    known = [after_s for curve in curves if curve is not None for after_s in (curve[0][0], curve[0][-1])]
    low, high = (min(known), max(known)) if known else (-5.0, 15.0)

    def x(after_s: float) -> float:
        return LEFT + (after_s - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return TOP + (1 - min(share, HIGHEST) / HIGHEST) * (HEIGHT - TOP - BOTTOM)

    made = []
    for (record, lift), curve in zip(((record_a, lift_a), (record_b, lift_b)), curves, strict=True):
        points = "" if curve is None else " ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in zip(*curve, strict=True) if v == v)
        row = next(row for row in rows(record, fault_spans(reader.events(record.id)), t) if row.lift_id == lift.id)
        when = review.listed(record.summary, t)
        name = f"{limb_name(lift.lift.limb, t)}, {row.number} · {when.day} {when.when}".strip()
        made.append(Side(name, f"/sessions/{record.id}/lifts/{lift.id}", points, row))
    kinds = [_kind(record, lift) for record, lift in ((record_a, lift_a), (record_b, lift_b))]
    # Left beside right is like with like too: only the side differs.
    alike = kinds[0][0] == kinds[1][0] and kinds[0][2] == kinds[1][2] and len(kinds[0]) == len(kinds[1])
    spans = (interval([_told(reader, record_a, lift_a)]), interval([_told(reader, record_b, lift_b)]))
    found: tuple[Contrast, ...] = ()
    if alike and spans[0] and spans[1]:
        found = (contrast(t("phase.melt"), (t("compare.solid"), t("compare.dashed")), (spans[0], spans[1]), t),)
    step_s = next((step for step in (1.0, 2.0, 5.0, 10.0, 20.0, 60.0) if (high - low) / step <= 9), 60.0)
    marks = np.arange(np.ceil(low / step_s), np.floor(high / step_s) + 1) * step_s
    return Shown(
        sides=(made[0], made[1]),
        contrasts=found,
        alike=alike,
        x_ticks=tuple(Tick(round(x(mark), 1), _seconds_after(mark)) for mark in marks.tolist()),
        y_ticks=tuple(Tick(round(y(share), 1), f"{share * 100:.0f} %") for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)),
        zero_x=round(x(0.0), 1),
    )


def _found(reader: Reader, asked: str) -> tuple[SessionRecord, LiftRecord | None]:
    session, _, lift = asked.partition(".")
    if not (session.isdecimal() and len(session) < 10 and (not lift or (lift.isdecimal() and len(lift) < 16))):
        raise NotStoredError("what to compare is named as 'session' or 'session.lift', for example 7.31")
    record = reader.session(int(session))
    if not lift:
        return record, None
    for repetition in record.repetitions:
        for one in repetition.lifts:
            if one.id == int(lift):
                return record, one
    raise NotStoredError(f"session {record.id} has no lift {lift}")


def _kind(record: SessionRecord, lift: LiftRecord) -> tuple[str, ...]:
    return next(kind_of(repetition, lift) for repetition in record.repetitions if lift in repetition.lifts)


def _told(reader: Reader, record: SessionRecord, lift: LiftRecord) -> LiftRecord:
    """The lift without the times a failed sensor made worthless."""
    shown = told(record, fault_spans(reader.events(record.id)))
    return next(one for repetition in shown for one in repetition.lifts if one.id == lift.id)


def _curve(reader: Reader, record: SessionRecord, lift: LiftRecord, align: Align) -> tuple[list[float], list[float]] | None:
    zero_s = getattr(lift.lift, align)
    window = None if zero_s is None else lift_window(reader, record, lift)
    if window is None or zero_s is None:
        return None
    every = max(1, len(window.t_s) // POINTS)
    return (window.t_s[::every] - zero_s).tolist(), window.limb[::every].tolist()


def _session_side(record: SessionRecord, t: Texts) -> Side:
    when = review.listed(record.summary, t)
    return Side(f"{when.day} {when.when}".strip(), f"/sessions/{record.id}", "", None)


def _session_contrasts(reader: Reader, one: SessionRecord, other: SessionRecord, t: Texts) -> tuple[Contrast, ...]:
    """The melts of each kind of lift that both sessions have."""
    groups: list[dict[tuple[str, ...], list[LiftRecord]]] = []
    for record in (one, other):
        by_kind: dict[tuple[str, ...], list[LiftRecord]] = {}
        for repetition in told(record, fault_spans(reader.events(record.id))):
            for lift in repetition.lifts:
                by_kind.setdefault(kind_of(repetition, lift), []).append(lift)
        groups.append(by_kind)
    found = []
    for kind in groups[0]:
        first, second = interval(groups[0][kind]), interval(groups[1].get(kind, []))
        if first and second:
            title = f"{limb_name(kind[1], t)}, {part_name(kind[0], kind[2], t)}"
            found.append(contrast(title, (t("compare.first"), t("compare.second")), (first, second), t))
    return tuple(found)


def _seconds_after(mark_s: float) -> str:
    return "0 s" if mark_s == 0 else f"{'−' if mark_s < 0 else '+'}{abs(mark_s):.0f} s"
