"""What the session pages show: the store's records in words, rounded as far as the measurement carries, ready for a template."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from hardware.mat import parse_mat
from station.locale.texts import Texts
from station.practice.exercise import Language
from station.practice.summary import session_words, usual_melt_s
from station.store.records import LiftRecord, RepetitionRecord, SessionRecord, SessionSummary
from web.pages.comparison import beside_the_one_before, melt_sd_s, softness_word

TIMES = ("prepare_start", "lift_off", "touch_down", "melt_end")
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
    """One lift of one repetition, as its row shows it.

    first: of its repetition.  strip: (phase, x, width) in thousandths of the session's longest lift.
    """

    lift_id: int
    number: int
    first: bool
    kind: str
    limb: str
    part: str
    strip: tuple[tuple[str, int, int], ...]
    prepare: str
    aloft: str
    melt: str
    melt_sd: str
    melt_why: str
    softness: str
    softness_percent: str
    extent: str
    beside: str
    not_a_lift: bool
    corrected: tuple[str, ...]
    original: str
    note: str
    last_correction: int | None


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
    mat_name: str
    for_script: list[dict[str, Any]]
    sentence: str


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


def sentence(record: SessionRecord, earlier: Sequence[SessionSummary], t: Texts) -> str:
    """What happened, as the practice guide puts it, beside the sessions `earlier`; lifts marked as none are left out."""
    repetitions = [[lift.lift for lift in one.lifts if not lift.not_a_lift] for one in record.repetitions if one.counts]
    unweightings = sum(lift.lift.kind == "unweighting" and not lift.not_a_lift for lift in record.other_lifts)
    language: Language = "de" if t.language == "de" else "en"
    usual = usual_melt_s([summary.median_melt_s for summary in earlier])
    return session_words(repetitions, language, unweightings=unweightings, usual_melt_s=usual)


def by_day(summaries: Sequence[SessionSummary], t: Texts) -> list[Day]:
    """The list of sessions under the days they were on, in their order."""
    lines = (listed(summary, t) for summary in summaries)
    return [Day(day, tuple(entries)) for day, entries in groupby(lines, key=lambda line: line.day)]


def session(record: SessionRecord, earlier: Sequence[SessionSummary], t: Texts) -> Shown:
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
        mat_name=parse_mat(record.mat).mat.name,
        for_script=_lifts_for_script(record),
        sentence=sentence(record, earlier, t),
    )


def for_script(record: SessionRecord) -> dict[str, Any]:
    """What the page's script needs to draw: the limbs as lanes; times are in seconds of the session's own axis."""
    mat = parse_mat(record.mat)
    return {
        "id": record.id,
        "started_s": record.summary.started_s,
        "ended_s": record.summary.ended_s,
        "limbs": [{"name": limb.name, "zones": limb.zones} for limb in mat.limb],
    }


def _lifts_for_script(record: SessionRecord) -> list[dict[str, Any]]:
    return [
        {
            "id": lift.id,
            "limb": lift.lift.limb,
            "not_a_lift": lift.not_a_lift,
            **{name: getattr(lift.lift, name) for name in TIMES},
            "original": {name: getattr(lift.original, name) for name in TIMES},
        }
        for repetition in record.repetitions
        for lift in repetition.lifts
    ]


def clock_of(seconds: float) -> str:
    """`75.2` -> `1:15`."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def _rows(record: SessionRecord, t: Texts) -> tuple[Row, ...]:
    notes: Notes = {(note.limb, note.from_s, note.to_s): note.text for note in record.notes if note.limb}
    longest_s = max((_length_s(lift) for repetition in record.repetitions for lift in repetition.lifts), default=1.0)
    rows = []
    before: dict[str, LiftRecord] = {}
    for repetition in record.repetitions:
        for lift in repetition.lifts:
            limb = lift.lift.limb
            first = lift is repetition.lifts[0]
            rows.append(_row(repetition, lift, first, before.get(limb), _note(lift, notes), longest_s, t))
            if not lift.not_a_lift:
                before[limb] = lift
    return tuple(rows)


def _row(
    repetition: RepetitionRecord,
    lift: LiftRecord,
    first: bool,
    before: LiftRecord | None,
    note: str,
    longest_s: float,
    t: Texts,
) -> Row:
    shown = lift.lift
    sd_s = melt_sd_s(lift)
    moved = tuple(t(f"review.moved_{correction.boundary}") for correction in lift.corrections if correction.boundary)
    original = LiftRecord(lift.id, lift.original, lift.original)
    return Row(
        lift_id=lift.id,
        number=repetition.number,
        first=first,
        kind=repetition.kind,
        limb=limb_name(shown.limb, t),
        part=t(f"part.{shown.part}") if t.has(f"part.{shown.part}") else shown.part,
        strip=_strip(lift, longest_s),
        prepare=_seconds(lift.prepare_s, t),
        aloft=_seconds(lift.aloft_s, t),
        melt=_seconds(lift.melt_s, t),
        melt_sd="" if sd_s is None or lift.melt_s is None else t.decimal(sd_s),
        melt_why=shown.why_null.get("melt_end", "") if lift.melt_s is None else "",
        softness=softness_word(shown.softness_share, t),
        softness_percent="" if shown.softness_share is None else f"{shown.softness_share * 100:.0f}",
        extent="–" if shown.extent is None else f"{shown.extent * 100:.0f} %",
        beside="" if lift.not_a_lift else beside_the_one_before(lift, before, t),
        not_a_lift=lift.not_a_lift,
        corrected=moved,
        original=_times(original, t) if moved else "",
        note=note,
        last_correction=lift.corrections[-1].id if lift.corrections else None,
    )


def _times(lift: LiftRecord, t: Texts) -> str:
    prepare, aloft, melt = (_seconds(value, t) for value in (lift.prepare_s, lift.aloft_s, lift.melt_s))
    return t("review.original", prepare=prepare, aloft=aloft, melt=melt)


def _length_s(lift: LiftRecord) -> float:
    return sum(value or 0.0 for value in (lift.prepare_s, lift.aloft_s, lift.melt_s))


def _strip(lift: LiftRecord, longest_s: float) -> tuple[tuple[str, int, int], ...]:
    parts = []
    x = 0
    for phase, value in (("prepare", lift.prepare_s), ("aloft", lift.aloft_s), ("melt", lift.melt_s)):
        width = round(1000 * (value or 0.0) / longest_s)
        parts.append((phase, x, max(0, width - 4)))
        x += width
    return tuple(parts)


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
