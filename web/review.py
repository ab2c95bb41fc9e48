"""What the session pages show: the store's records in words, rounded as far as the measurement carries, ready for a template."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from hardware.mat import parse_mat
from station.store.records import LiftRecord, SessionRecord, SessionSummary
from web.texts import Texts
from web.words import beside_the_one_before, melt_sd_s, softness_word

Notes = dict[tuple[str | None, float | None, float | None], str]
"""Limb, from_s, to_s -> the words written about that lift."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of sessions."""

    id: int
    when: str
    day: str
    facts: tuple[str, ...]
    note: str
    running: bool
    comfort_before: int | None
    comfort_after: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """The sessions of one day."""

    name: str
    entries: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One lift of one repetition, as its row shows it."""

    lift_id: int
    number: int
    kind: str
    limb: str
    limb_key: str
    part: str
    prepare: str
    aloft: str
    melt: str
    melt_sd: str
    melt_why: str
    softness: str
    softness_share: float | None
    extent: str
    extent_share: float | None
    beside: str
    not_a_lift: bool
    corrected: tuple[str, ...]
    original: str
    note: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A session page."""

    listed: Listed
    rows: tuple[Row, ...]
    note: str
    detector: str
    analyses: int
    raw: str
    gaps: tuple[str, ...]
    corrections: int
    mat_name: str


def listed(summary: SessionSummary, t: Texts) -> Listed:
    """A session in the list."""
    facts = [t.count("sessions.repetitions", summary.repetitions)]
    if summary.duration_s is not None:
        minutes = round(summary.duration_s / 60)
        facts.append(t.count("sessions.minutes", minutes) if minutes else t("sessions.under_a_minute"))
    if summary.median_melt_s is not None:
        facts.append(t("sessions.median_melt", seconds=t.decimal(summary.median_melt_s)))
    if summary.state == "recovered":
        facts.append(
            t("sessions.recovered_unknown")
            if summary.missing_s is None
            else t("sessions.recovered", seconds=t.decimal(summary.missing_s))
        )
    day, clock = _when(summary, t)
    return Listed(
        id=summary.id,
        when=clock,
        day=day,
        facts=tuple(facts),
        note=summary.note or "",
        running=summary.state == "open",
        comfort_before=summary.comfort_before,
        comfort_after=summary.comfort_after,
    )


def by_day(summaries: Sequence[SessionSummary], t: Texts) -> list[Day]:
    """The list of sessions under the days they were on, in their order."""
    lines = (listed(summary, t) for summary in summaries)
    return [Day(day, tuple(entries)) for day, entries in groupby(lines, key=lambda line: line.day)]


def session(record: SessionRecord, t: Texts) -> Shown:
    """A session as a page."""
    return Shown(
        listed=listed(record.summary, t),
        rows=_rows(record, t),
        note=record.summary.note or "",
        detector=next((analysis.detector_version for analysis in record.analyses if analysis.current), ""),
        analyses=len(record.analyses),
        raw=record.summary.raw,
        gaps=tuple(
            t("review.gap", at=clock_of(start_s - record.summary.started_s), seconds=t.decimal(end_s - start_s))
            for start_s, end_s in record.gaps
        ),
        corrections=len(record.corrections),
        mat_name=parse_mat(record.mat).mat.name,
    )


def for_script(record: SessionRecord) -> dict[str, Any]:
    """What the page's script needs to draw: limbs as lanes, lifts as bands; every time in seconds of the session's own axis."""
    mat = parse_mat(record.mat)
    ends = record.summary.ended_s
    return {
        "id": record.id,
        "started_s": record.summary.started_s,
        "ended_s": ends,
        "limbs": [{"name": limb.name, "zones": limb.zones} for limb in mat.limb],
        "zones": record.zones,
        "gaps": record.gaps,
        "lifts": [_for_script(lift) for repetition in record.repetitions for lift in repetition.lifts],
    }


def _for_script(lift: LiftRecord) -> dict[str, Any]:
    times = ("prepare_start", "lift_off", "touch_down", "melt_end")
    return {
        "id": lift.id,
        "limb": lift.lift.limb,
        "not_a_lift": lift.not_a_lift,
        **{name: getattr(lift.lift, name) for name in times},
        "original": {name: getattr(lift.original, name) for name in times},
    }


def clock_of(seconds: float) -> str:
    """`75.2` -> `1:15`."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def _rows(record: SessionRecord, t: Texts) -> tuple[Row, ...]:
    notes: Notes = {(note.limb, note.from_s, note.to_s): note.text for note in record.notes if note.limb}
    rows = []
    before: dict[str, LiftRecord] = {}
    for repetition in record.repetitions:
        for lift in repetition.lifts:
            rows.append(_row(repetition.number, repetition.kind, lift, before.get(lift.lift.limb), _note(lift, notes), record, t))
            if not lift.not_a_lift:
                before[lift.lift.limb] = lift
    return tuple(rows)


def _row(number: int, kind: str, lift: LiftRecord, before: LiftRecord | None, note: str, record: SessionRecord, t: Texts) -> Row:
    shown = lift.lift
    sd_s = melt_sd_s(lift)
    moved = tuple(t(f"review.moved_{correction.boundary}") for correction in lift.corrections if correction.boundary)
    known = [time_s for time_s in (shown.prepare_start, shown.lift_off, shown.touch_down, shown.melt_end) if time_s is not None]
    start_s, end_s = (min(known), max(known)) if known else (record.summary.started_s, record.summary.started_s)
    original = LiftRecord(lift.id, lift.original, lift.original)
    return Row(
        lift_id=lift.id,
        number=number,
        kind=kind,
        limb=limb_name(shown.limb, t),
        limb_key=shown.limb,
        part=t(f"part.{shown.part}") if t.has(f"part.{shown.part}") else shown.part,
        prepare=_seconds(lift.prepare_s, t),
        aloft=_seconds(lift.aloft_s, t),
        melt=_seconds(lift.melt_s, t),
        melt_sd="" if sd_s is None or lift.melt_s is None else t.decimal(sd_s),
        melt_why=shown.why_null.get("melt_end", "") if lift.melt_s is None else "",
        softness=softness_word(shown.softness_share, t),
        softness_share=shown.softness_share,
        extent="–" if shown.extent is None else f"{shown.extent * 100:.0f} %",
        extent_share=shown.extent,
        beside="" if lift.not_a_lift else beside_the_one_before(lift, before, t),
        not_a_lift=lift.not_a_lift,
        corrected=moved,
        original=t(
            "review.original",
            prepare=_seconds(original.prepare_s, t),
            aloft=_seconds(original.aloft_s, t),
            melt=_seconds(original.melt_s, t),
        )
        if moved
        else "",
        note=note,
        from_s=start_s,
        to_s=end_s,
    )


def limb_name(limb: str, t: Texts) -> str:
    """A limb in words; one of somebody's own mat file keeps the name it has there."""
    return t(f"limb.{limb}") if t.has(f"limb.{limb}") else limb.replace("_", " ")


def _note(lift: LiftRecord, notes: Notes) -> str:
    """The note whose stretch overlaps this lift, for a note stays with its moment when a newer detector numbers lifts anew."""
    shown = lift.lift
    for (limb, from_s, to_s), text in notes.items():
        if limb != shown.limb or from_s is None or to_s is None or shown.lift_off is None:
            continue
        if from_s <= (shown.touch_down or shown.lift_off) and to_s >= shown.lift_off:
            return text
    return ""


def _seconds(value: float | None, t: Texts) -> str:
    return "–" if value is None else t.decimal(value)


def _when(summary: SessionSummary, t: Texts) -> tuple[str, str]:
    """Day and time of day as this language writes them; the station's own time zone, for that is where the mat lies."""
    if summary.started_wall_s is None:
        return t("sessions.date_unknown"), ""
    local = time.localtime(summary.started_wall_s)
    day = t(
        "date.day",
        weekday=t(f"date.weekday_{local.tm_wday}"),
        day=local.tm_mday,
        month=t(f"date.month_{local.tm_mon}"),
        year=local.tm_year,
    )
    clock = f"{local.tm_hour}:{local.tm_min:02d}"
    return day, clock if summary.sure else f"{t('sessions.about')} {clock}"
