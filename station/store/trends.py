"""Practice over weeks and years: how prepare and melt times change, and on which days somebody practised.

Three years of practice are tens of thousands of lifts.  Their times stand in columns of their own (schema.py), so one query fetches
them; only sessions that were corrected by hand are decoded.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from station.store.corrections import corrected
from station.store.records import Correction, PracticeDay, ProgressPoint, Spread
from station.store.rows import CORRECTION_COLUMNS, Run, correction_of
from station.store.session_rows import LIFT_DECODER, SUMMARY, where_of

Period = Literal["day", "week", "month"]
_Key = tuple[float, str, str]
_CURRENT = """FROM analysis JOIN lift ON lift.analysis_id = analysis.id
    WHERE lift.repetition_id IS NOT NULL AND analysis.current AND analysis.session_id"""
_SIDE = "coalesce(lift.side, (SELECT side FROM repetition WHERE repetition.id = lift.repetition_id))"


def progress_of(
    run: Run, period: Period, since_wall_s: float | None, until_wall_s: float | None, person_id: int | None
) -> list[ProgressPoint]:
    """Prepare and melt times per part and side over days, weeks or months, corrections applied, oldest first."""
    starts: dict[int, float] = {}
    comfort: dict[tuple[float, int], list[float]] = {}
    where, values = where_of(since_wall_s or 0.0, until_wall_s, person_id)
    for session_id, _, _, wall_s, _, _, _, _, before, after, _ in run(f"{SUMMARY} WHERE {where} ORDER BY session.id", values):
        start_s = starts[session_id] = period_start_wall_s(wall_s, period)
        for moment, face in enumerate((before, after)):
            if face is not None:
                comfort.setdefault((start_s, moment), []).append(face)
    if not starts:
        return []
    by_hand: dict[int, list[Correction]] = {}
    for correction in map(correction_of, run(f"SELECT {CORRECTION_COLUMNS} FROM correction ORDER BY id")):
        by_hand.setdefault(correction.session_id, []).append(correction)
    prepares: dict[_Key, list[float | None]] = {}
    melts: dict[_Key, list[float | None]] = {}

    def gather(session_id: int, part: str, side: str, prepare_s: float | None, melt_s: float | None) -> None:
        key = (starts[session_id], part, side)
        prepares.setdefault(key, []).append(prepare_s)
        melts.setdefault(key, []).append(melt_s)

    to_decode = set(by_hand)
    columns = f"analysis.session_id, lift.part, {_SIDE}, lift.prepare_s, lift.melt_s"
    found = run(f"SELECT {columns} {_CURRENT} BETWEEN ? AND ?", (min(starts), max(starts)))
    to_decode |= {session_id for session_id, part, *_ in found if part is None}
    for session_id, part, side, prepare_s, melt_s in found:
        if session_id in starts and session_id not in to_decode:
            gather(session_id, part, side, prepare_s, melt_s)
    for session_id in sorted(to_decode & starts.keys()):
        rows = run(f"SELECT lift.id, {_SIDE}, lift.body {_CURRENT} = ?", (session_id,))
        sides = {id: side for id, side, _ in rows}
        lifts = {id: LIFT_DECODER.decode(body) for id, _, body in rows}
        for id, lift in corrected(lifts, by_hand.get(session_id, [])).items():
            if not lift.not_a_lift:
                gather(session_id, lift.lift.part, sides[id], lift.prepare_s, lift.melt_s)
    return [
        ProgressPoint(
            start_wall_s=key[0],
            part=key[1],
            side=key[2],
            lifts=len(melts[key]),
            prepare=spread(prepares[key]),
            melt=spread(melts[key]),
            comfort_before=_median(comfort.get((key[0], 0), [])),
            comfort_after=_median(comfort.get((key[0], 1), [])),
        )
        for key in sorted(melts)
    ]


def days_of(run: Run, since_wall_s: float | None, until_wall_s: float | None, person_id: int | None) -> list[PracticeDay]:
    """The calendar days with practice, oldest first."""
    days: dict[float, list[int]] = {}
    where, values = where_of(since_wall_s or 0.0, until_wall_s, person_id)
    for row in run(f"{SUMMARY} WHERE {where} ORDER BY session.id", values):
        days.setdefault(period_start_wall_s(row[3], "day"), []).append(row[0])
    return [PracticeDay(start_s, tuple(ids)) for start_s, ids in sorted(days.items())]


def period_start_wall_s(wall_s: float, period: Period) -> float:
    """Local midnight of the day, of the Monday of the week, or of the first of the month."""
    day = time.localtime(wall_s)
    if period == "month":
        return time.mktime((day.tm_year, day.tm_mon, 1, 0, 0, 0, 0, 0, -1))
    back = day.tm_wday if period == "week" else 0
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday - back, 0, 0, 0, 0, 0, -1))


def spread(values: Sequence[float | None]) -> Spread | None:
    """Quartiles of the known values, between neighbours by share (as numpy.percentile does); None without any.

    >>> spread([4.0, None, 1.0, 2.0])
    Spread(n=3, low_s=1.5, median_s=2.0, high_s=3.0)
    """
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return Spread(len(known), _quantile(known, 0.25), _quantile(known, 0.5), _quantile(known, 0.75))


def _quantile(rising: Sequence[float], share: float) -> float:
    place = share * (len(rising) - 1)
    low = int(place)
    high = min(low + 1, len(rising) - 1)
    return rising[low] + (rising[high] - rising[low]) * (place - low)


def _median(values: Sequence[float]) -> float | None:
    return _quantile(sorted(values), 0.5) if values else None
