"""What the session pages show: the store's records in words, rounded as far as the measurement carries, ready for a template."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median
from typing import Any

from hardware.errors import MatFileError
from hardware.mat import parse_mat
from station.locale.texts import Texts
from station.practice.exercise import Language
from station.practice.summary import session_words, usual_melt_s
from station.store.records import RepetitionRecord, SessionRecord, SessionSummary
from web.pages.comparison import Contrast, contrasts
from web.pages.faults import FaultSpan
from web.pages.lift_rows import Row, clock_of, limb_name, limb_zones, rows, told, zone_name

__all__ = ["Row", "clock_of", "limb_name", "rows", "zone_name"]

TIMES = ("prepare_start", "lift_off", "touch_down", "melt_end")


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
class Shown:
    """A session page.

    before: the session before it.  happened: what was noticed beside the lifts, one line each.  contrasts: left and right, first
    and last.
    """

    listed: Listed
    before: int | None
    zone_of_time: str
    rows: tuple[Row, ...]
    note: str
    detector: str
    analyses: int
    raw: str
    happened: tuple[str, ...]
    contrasts: tuple[Contrast, ...]
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


def sentence(record: SessionRecord, earlier: Sequence[SessionSummary], t: Texts, faults: Sequence[FaultSpan] = ()) -> str:
    """What happened, as the practice guide puts it, beside the sessions `earlier`; lifts marked as none are left out."""
    repetitions = [[lift.lift for lift in one.lifts if not lift.not_a_lift] for one in told(record, faults) if one.counts]
    unweightings = sum(lift.lift.kind == "unweighting" and not lift.not_a_lift for lift in record.other_lifts)
    language: Language = "de" if t.language == "de" else "en"
    usual = usual_melt_s([summary.median_melt_s for summary in earlier])
    return session_words(repetitions, language, unweightings=unweightings, usual_melt_s=usual)


def by_day(summaries: Sequence[SessionSummary], t: Texts) -> list[Day]:
    """The list of sessions under the days they were on, in their order."""
    lines = (listed(summary, t) for summary in summaries)
    return [Day(day, tuple(entries)) for day, entries in groupby(lines, key=lambda line: line.day)]


def session(record: SessionRecord, earlier: Sequence[SessionSummary], t: Texts, faults: Sequence[FaultSpan] = ()) -> Shown:
    """A session as a page."""
    whole = told(record, faults)
    return Shown(
        listed=listed(replace(record.summary, median_melt_s=_median_melt_s(whole)), t),
        before=earlier[0].id if earlier else None,
        zone_of_time=zone_of_time(record.summary, t),
        rows=rows(record, faults, t),
        note=record.summary.note or "",
        detector=next((analysis.detector_version for analysis in record.analyses if analysis.current), ""),
        analyses=len(record.analyses),
        raw=record.summary.raw,
        happened=(*_gaps(record, t), *_faults(record, faults, t), *_unweightings(record, t)),
        contrasts=contrasts(whole, t),
        mat_name=mat_name(record, t),
        for_script=_lifts_for_script(record),
        sentence=sentence(record, earlier, t, faults),
    )


def _median_melt_s(repetitions: Sequence[RepetitionRecord]) -> float | None:
    """Of the melts that could be told; as the store's summary has it, but without those timed without one of their sensors."""
    lifts = [lift for one in repetitions if one.counts for lift in one.lifts if not lift.not_a_lift]
    melts = [lift.melt_s for lift in lifts if lift.melt_s is not None]
    return median(melts) if melts else None


def for_script(record: SessionRecord) -> dict[str, Any]:
    """What the page's script needs to draw: the limbs as lanes; times are in seconds of the session's own axis."""
    return {
        "id": record.id,
        "started_s": record.summary.started_s,
        "ended_s": record.summary.ended_s,
        "limbs": [{"name": limb, "zones": zones} for limb, zones in limb_zones(record).items()],
    }


def mat_name(record: SessionRecord, t: Texts) -> str:
    """The mat it was recorded on; a session rebuilt from a damaged card may have lost it."""
    try:
        return parse_mat(record.mat).mat.name
    except MatFileError:
        return t("review.mat_unknown")


def zone_of_time(summary: SessionSummary, t: Texts) -> str:
    """Whose time of day is shown: the station's, for that is where the mat lies."""
    if summary.started_wall_s is None:
        return ""
    return t("sessions.time_zone", zone=time.strftime("%Z", time.localtime(summary.started_wall_s)))


def _gaps(record: SessionRecord, t: Texts) -> list[str]:
    start = record.summary.started_s
    return [t("review.gap", at=clock_of(from_s - start), seconds=t.decimal(to_s - from_s)) for from_s, to_s in record.gaps]


def _faults(record: SessionRecord, faults: Sequence[FaultSpan], t: Texts) -> list[str]:
    start_s, lines = record.summary.started_s, []
    for span in faults:
        where = t("mark.mat") if span.zone is None else zone_name(span.zone, t)
        if span.until_s is None:
            lines.append(t("review.fault_to_end", at=clock_of(span.from_s - start_s), zone=where))
        else:
            lines.append(t("review.fault", at=clock_of(span.from_s - start_s), until=clock_of(span.until_s - start_s), zone=where))
    return lines


def _unweightings(record: SessionRecord, t: Texts) -> list[str]:
    counts: dict[str, int] = {}
    for lift in record.other_lifts:
        if lift.lift.kind == "unweighting" and not lift.not_a_lift:
            counts[lift.lift.limb] = counts.get(lift.lift.limb, 0) + 1
    return [t.count("review.unweighting", n, limb=limb_name(limb, t)) for limb, n in counts.items()]


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


def _when(summary: SessionSummary, t: Texts) -> tuple[str, str]:
    """Day and time of day as this language writes them; the station's own time zone, for that is where the mat lies."""
    if summary.started_wall_s is None:
        return t("sessions.date_unknown"), ""
    local = time.localtime(summary.started_wall_s)
    clock = f"{local.tm_hour}:{local.tm_min:02d}"
    return day_name(local, t), clock if summary.sure else f"{t('sessions.about')} {clock}"


def day_name(local: time.struct_time, t: Texts) -> str:
    """A day as this language writes it: "Thursday, 9 October 2025"."""
    return t(
        "date.day",
        weekday=t(f"date.weekday_{local.tm_wday}"),
        day=local.tm_mday,
        month=t(f"date.month_{local.tm_mon}"),
        year=local.tm_year,
    )
