"""One lift in full: what its page draws, replays and says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.errors import MatFileError
from hardware.mat import Mat, parse_mat
from station.analysis.lift_window import LiftWindow, edges_of, lift_window
from station.analysis.melt_shape import melt_shape
from station.locale.texts import Texts
from station.practice.movement import HURRIED_S
from station.store import NotStoredError, Reader
from station.store.records import EventRecord, LiftRecord, RepetitionRecord, SessionRecord
from web.pages import review
from web.pages.comparison import kind_of
from web.pages.faults import FaultSpan, fault_spans
from web.pages.melt_words import Fact, breath_fact, shape_facts

PHASE_AFTER = {
    "prepare_start": "prepare",
    "prepare_dropped": "rest",
    "lift_off": "aloft",
    "touch_down": "melt",
    "melt_end": "rest",
    "unweighting": "rest",
    "void": "rest",
}
SOUND_OF = {"prepare_start": "prepare", "lift_off": "lift_off", "touch_down": "touch_down", "melt_end": "melt_done"}
"""What a session from before cues were kept is replayed with: the sounds of its moments."""
REPLAY_VOLUME = 0.5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The lift before or after this one in its session."""

    lift_id: int
    limb: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The page of one lift.  place: "3 of 9".  together: the other limbs of its repetition.  like: the last lift of its kind, as
    "session.lift".  data: for the script.
    """

    row: review.Row
    session_id: int
    session_day: str
    place: str
    clock: str
    together: tuple[str, ...]
    previous: Neighbour | None
    next: Neighbour | None
    like: str
    facts: tuple[Fact, ...]
    mat: Mat | None
    raw: bool
    data: dict[str, Any]


def lift_page(reader: Reader, record: SessionRecord, lift_id: int, t: Texts) -> Shown:
    """Everything about one lift.  Raises NotStoredError when the session has none of that number."""
    placed = [(repetition, lift) for repetition in record.repetitions for lift in repetition.lifts]
    place = next((n for n, (_, lift) in enumerate(placed) if lift.id == lift_id), None)
    if place is None:
        raise NotStoredError(f"session {record.id} has no lift {lift_id}; a newer analysis may have numbered them anew")
    repetition, lift = placed[place]
    events = reader.events(record.id)
    faults = fault_spans(events)
    try:
        mat = parse_mat(record.mat)
    except MatFileError:
        mat = None
    window = lift_window(reader, record, lift)
    row = next(row for row in review.rows(record, faults, t) if row.lift_id == lift_id)
    facts = (
        [*shape_facts(melt_shape(window, lift.lift, _zones(mat, lift), lift.id), row, t), *breath_fact(window, lift.lift, t)]
        if window
        else []
    )
    known = edges_of(lift.lift)
    return Shown(
        row=row,
        session_id=record.id,
        session_day=review.listed(record.summary, t).day,
        place=t("lift.place", n=place + 1, of=len(placed)),
        clock=_clock(record, known[0] if known else record.summary.started_s),
        together=tuple(review.limb_name(other.lift.limb, t) for other in repetition.lifts if other is not lift),
        previous=_neighbour(placed[place - 1][1], t) if place else None,
        next=_neighbour(placed[place + 1][1], t) if place + 1 < len(placed) else None,
        like=_like(reader, record, repetition, lift),
        facts=tuple(facts),
        mat=mat,
        raw=window is not None,
        data=_data(record, lift, window, events, faults, mat, t),
    )


def _like(reader: Reader, record: SessionRecord, repetition: RepetitionRecord, lift: LiftRecord) -> str:
    """The last lift of the same kind, as "session.lift": in this session or the one before it; "" when there is none."""
    kind = kind_of(repetition, lift)

    def last_of(one: SessionRecord, before: int | None) -> str:
        found = ""
        for other in one.repetitions:
            for each in other.lifts:
                if each.id == before:
                    return found
                if not each.not_a_lift and kind_of(other, each) == kind:
                    found = f"{one.id}.{each.id}"
        return found

    here = last_of(record, lift.id)
    earlier = [] if here else reader.sessions(1, before=record.id)
    return here or (last_of(reader.session(earlier[0].id), None) if earlier else "")


def _zones(mat: Mat | None, lift: LiftRecord) -> tuple[str, ...]:
    return next((limb.zones for limb in mat.limb if limb.name == lift.lift.limb), ()) if mat else ()


def _neighbour(lift: LiftRecord, t: Texts) -> Neighbour:
    return Neighbour(lift.id, review.limb_name(lift.lift.limb, t))


def _clock(record: SessionRecord, at_s: float) -> str:
    """Time of day where the station stands; since the session's start when its date is unknown."""
    started_wall_s = record.summary.started_wall_s
    if started_wall_s is None:
        return review.clock_of(at_s - record.summary.started_s)
    return time.strftime("%H:%M:%S", time.localtime(started_wall_s + at_s - record.summary.started_s))


def _data(
    record: SessionRecord,
    lift: LiftRecord,
    window: LiftWindow | None,
    events: Sequence[EventRecord],
    faults: Sequence[FaultSpan],
    mat: Mat | None,
    t: Texts,
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "session": record.id,
        "started_s": record.summary.started_s,
        "id": lift.id,
        "limb": lift.lift.limb,
        "zones": _zones(mat, lift),
        "not_a_lift": lift.not_a_lift,
        "times": {name: getattr(lift.lift, name) for name in review.TIMES},
        "original": {name: getattr(lift.original, name) for name in review.TIMES},
        "sd": {name: _sd(lift, name) for name in review.TIMES},
        "window": None,
    }
    if window is None:
        return data
    from_s, until_s = float(window.t_s[0]), float(window.t_s[-1])
    step_s = float(window.t_s[1] - window.t_s[0])
    data["window"] = {
        "from_s": from_s,
        "step_s": step_s,
        "load": _thousandths(window.limb),
        "zones": {zone: _thousandths(load[::2]) for zone, load in window.zones.items()},
        "zone_step_s": 2 * step_s,
        "breath": None if window.breath is None else _thousandths(window.breath[::2]),
        "settled": window.settled,
    }
    data["marks"] = sorted(_marks(record, lift, events, faults, from_s, until_s, t), key=lambda mark: mark["from_s"])
    data["phases"] = _phases(events, from_s, until_s)
    data["cues"] = _cues(events, from_s, until_s)
    return data


def _sd(lift: LiftRecord, boundary: str) -> float | None:
    """Of the detector's own time; a boundary set by hand has none."""
    if any(correction.boundary == boundary for correction in lift.corrections):
        return None
    sd: float | None = getattr(lift.lift, f"{boundary}_sd")
    return sd


def _thousandths(values: NDArray[np.float64]) -> list[int | None]:
    whole = np.rint(np.clip(np.nan_to_num(values), -32.0, 32.0) * 1000).astype(int).tolist()
    return [None if gone else value for value, gone in zip(whole, np.isnan(values).tolist(), strict=True)]


def _marks(
    record: SessionRecord,
    lift: LiftRecord,
    events: Sequence[EventRecord],
    faults: Sequence[FaultSpan],
    from_s: float,
    until_s: float,
    t: Texts,
) -> Iterator[dict[str, Any]]:
    """What happened beside the phases: kind, from when, to when (None: a moment), in words."""

    def mark(kind: str, at_s: float, end_s: float | None, words: str) -> dict[str, Any]:
        return {"kind": kind, "from_s": max(at_s, from_s), "to_s": None if end_s is None else min(end_s, until_s), "words": words}

    for span in faults:
        if span.touches(from_s, until_s):
            where = t("mark.mat") if span.zone is None else review.zone_name(span.zone, t)
            yield {**mark("fault", span.from_s, span.until_s or until_s, t("mark.fault", zone=where)), "zone": span.zone}
    for start_s, end_s in record.gaps:
        if start_s < until_s and end_s > from_s:
            yield mark("gap", start_s, end_s, t("mark.gap", seconds=t.decimal(end_s - start_s)))
    for event in events:
        if not from_s <= event.t_s <= until_s:
            continue
        if event.type == "phase" and event.body["kind"] == "unweighting":
            yield mark("unweighting", event.t_s, None, t("mark.unweighting", limb=review.limb_name(event.body["limb"], t)))
        elif event.type == "mark":
            yield mark("mark", event.t_s, None, event.body.get("text") or t("mark.mark"))
    for at_s in hurried_at(record.repetitions):
        if from_s <= at_s <= until_s:
            yield mark("hurried", at_s, None, t("mark.hurried"))
    for note in record.notes:
        if note.from_s is None:
            continue
        here = note.limb == lift.lift.limb if note.limb else True
        if here and from_s <= note.from_s <= until_s:
            yield mark("note", note.from_s, None, note.text)


def hurried_at(repetitions: Sequence[RepetitionRecord]) -> list[float]:
    """When a repetition began although the melt of the one before was not over."""
    counted = [[lift.lift for lift in one.lifts if not lift.not_a_lift] for one in repetitions if one.counts]
    found = []
    for before, after in pairwise(counted):
        downs = [lift.touch_down for lift in before if lift.touch_down is not None]
        ends = [lift.melt_end for lift in before if lift.melt_end is not None]
        ups = [lift.lift_off for lift in after if lift.lift_off is not None]
        begins = ups + [lift.prepare_start for lift in after if lift.prepare_start is not None]
        if downs and ends and ups and min(ups) >= max(downs) and min(begins) < max(ends) - HURRIED_S:
            found.append(min(begins))
    return found


def _phases(events: Sequence[EventRecord], from_s: float, until_s: float) -> list[dict[str, Any]]:
    """The word each limb had live, by when it was known; for each limb also the last one before the stretch."""
    before: dict[str, dict[str, Any]] = {}
    inside = []
    for event in events:
        if event.type != "phase" or event.body["kind"] not in PHASE_AFTER:
            continue
        body = event.body
        told = {"at_s": body["reported_at_s"], "limb": body["limb"], "phase": PHASE_AFTER[body["kind"]], "since_s": event.t_s}
        if told["at_s"] < from_s:
            before[body["limb"]] = told
        elif told["at_s"] <= until_s:
            inside.append(told)
    return [*before.values(), *sorted(inside, key=lambda told: told["at_s"])]


def _cues(events: Sequence[EventRecord], from_s: float, until_s: float) -> list[dict[str, Any]]:
    kept = [event for event in events if event.type == "cue"]
    if not kept:
        return [
            {"at_s": event.body["reported_at_s"], "sound": SOUND_OF[event.body["kind"]], "volume": REPLAY_VOLUME}
            for event in events
            if event.type == "phase" and event.body["kind"] in SOUND_OF and from_s <= event.body["reported_at_s"] <= until_s
        ]
    cues: list[dict[str, Any]] = []
    for event in kept:
        if event.body["sound"] == "hush":
            cues = [cue for cue in cues if cue["at_s"] <= event.t_s]
        else:
            cues.append({"at_s": event.body["at_s"], "sound": event.body["sound"], "volume": event.body["volume"]})
    return [cue for cue in cues if from_s <= cue["at_s"] <= until_s]
