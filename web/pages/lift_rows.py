"""The repetitions of a session as rows: each lift's times, rounded to what they are worth, beside the last one of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hardware.errors import MatFileError
from hardware.mat import parse_mat
from station.locale.texts import Texts
from station.model import Lift
from station.store.records import LiftRecord, RepetitionRecord, SessionRecord
from web.pages.comparison import beside_the_one_before, kind_of, melt_sd_s, softness_word
from web.pages.faults import FaultSpan, missing_zones

Notes = dict[tuple[str | None, float | None, float | None], str]
"""Limb, from_s, to_s -> the words written about that lift."""
LONG_S = 99.5
"""From here on seconds read as minutes: 1:45."""
MELT_WHY = {
    "the next movement began before the load came to rest": "next_began",
    "the load did not come to rest": "no_rest",
    "it fell in a gap of the readings": "gap",
}
"""A lift's `why_null` of the end of the melt, as the detector writes it -> key of its text."""
COARSE_SD_S = 0.5
"""A time whose error is this large is shown in whole seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One lift of one repetition, as its row shows it.

    first: of its repetition.  strip: (phase, x, width) in thousandths of the session's longest lift.
    missing: the zones it had to be timed without, in words; a time that needs them is empty.
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
    missing: str
    not_a_lift: bool
    corrected: tuple[str, ...]
    original: str
    note: str
    last_correction: int | None


def rows(record: SessionRecord, faults: Sequence[FaultSpan], t: Texts) -> tuple[Row, ...]:
    """Every lift of a session in its order."""
    notes: Notes = {(note.limb, note.from_s, note.to_s): note.text for note in record.notes if note.limb}
    shown = told(record, faults)
    longest_s = max((_length_s(lift) for repetition in shown for lift in repetition.lifts), default=1.0)
    zones = limb_zones(record)
    made = []
    before: dict[tuple[str, ...], LiftRecord] = {}
    for repetition, raw in zip(shown, record.repetitions, strict=True):
        for lift, untouched in zip(repetition.lifts, raw.lifts, strict=True):
            kind = kind_of(repetition, lift)
            missing = missing_zones(untouched.lift, zones.get(lift.lift.limb, ()), faults)
            row = _row(repetition, lift, before.get(kind), missing, _note(untouched, notes), longest_s, t)
            made.append(replace(row, extent=_extent(lift, zones.get(lift.lift.limb, ()), t)))
            if not lift.not_a_lift and not missing:
                before[kind] = lift
    return tuple(made)


def told(record: SessionRecord, faults: Sequence[FaultSpan]) -> tuple[RepetitionRecord, ...]:
    """The repetitions with those times taken out that a failed sensor makes worthless.

    Without one of its zones a limb's load is another load: prepare and melt cannot be told.  Without its lead zone neither can
    lift-off and touch-down.  What was put right by hand stays: somebody looked.
    """
    zones = limb_zones(record)
    return tuple(
        replace(repetition, lifts=tuple(_told(lift, zones.get(lift.lift.limb, ()), faults) for lift in repetition.lifts))
        for repetition in record.repetitions
    )


def limb_zones(record: SessionRecord) -> dict[str, tuple[str, ...]]:
    """Limb -> its zones, lead zone first; empty when the mat file of then is lost."""
    try:
        return {limb.name: limb.zones for limb in parse_mat(record.mat).limb}
    except MatFileError:
        return {}


def _told(lift: LiftRecord, zones: Sequence[str], faults: Sequence[FaultSpan]) -> LiftRecord:
    missing = missing_zones(lift.lift, zones, faults)
    if not missing:
        return lift
    by_hand = {correction.boundary for correction in lift.corrections}
    worthless = {"prepare_start", "melt_end"} | ({"lift_off", "touch_down"} if zones[0] in missing else set())
    gone: dict[str, None] = dict.fromkeys(worthless - {boundary for boundary in by_hand if boundary})
    shown: Lift = replace(lift.lift, **gone)  # type: ignore[arg-type]
    return replace(lift, lift=shown)


def _extent(lift: LiftRecord, zones: Sequence[str], t: Texts) -> str:
    """How much of the limb's weight was lifted, to the ten per cent its error allows.

    On one sensor everything has always left the mat: then the page says so, and how long the limb was off it instead.
    """
    if len(zones) == 1:
        return t("review.extent_one_sensor", aloft=seconds(lift.aloft_s, None, t))
    extent = lift.lift.extent
    return "–" if extent is None else t("review.about_percent", percent=f"{round(extent * 10) * 10}")


def _melt_why(stored: str, t: Texts) -> str:
    """Why a melt has no time, in the reader's language; a reason this version does not know is shown as it was stored."""
    return t(f"melt_why.{MELT_WHY[stored]}") if stored in MELT_WHY else stored


def _row(
    repetition: RepetitionRecord,
    lift: LiftRecord,
    before: LiftRecord | None,
    missing: Sequence[str],
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
        first=lift.id == repetition.lifts[0].id,
        kind=repetition.kind,
        limb=limb_name(shown.limb, t),
        part=t(f"part.{shown.part}") if t.has(f"part.{shown.part}") else shown.part,
        strip=_strip(lift, longest_s),
        prepare=seconds(lift.prepare_s, None, t),
        aloft=seconds(lift.aloft_s, None, t),
        melt=seconds(lift.melt_s, sd_s, t),
        melt_sd="" if sd_s is None or lift.melt_s is None else spread(sd_s, t),
        melt_why=_melt_why(shown.why_null.get("melt_end", ""), t) if lift.melt_s is None and not missing else "",
        softness=softness_word(shown.softness_share, t),
        softness_percent="" if shown.softness_share is None else f"{round(shown.softness_share * 20) * 5}",
        extent="–",
        beside="" if lift.not_a_lift or missing else beside_the_one_before(lift, before, t),
        missing=t("review.timed_without", zones=_listed([zone_name(zone, t) for zone in missing], t)) if missing else "",
        not_a_lift=lift.not_a_lift,
        corrected=moved,
        original=_times(original, t) if moved else "",
        note=note,
        last_correction=lift.corrections[-1].id if lift.corrections else None,
    )


def seconds(value: float | None, sd_s: float | None, t: Texts) -> str:
    """A time as it is worth: tenths, whole seconds when its error is large, minutes and seconds when it is long."""
    if value is None:
        return "–"
    if value >= LONG_S:
        return clock_of(round(value))
    return t.decimal(value, 0 if sd_s is not None and sd_s >= COARSE_SD_S else 1)


def spread(sd_s: float, t: Texts) -> str:
    """One standard deviation, rounded as the time it belongs to; never "0"."""
    return t.decimal(max(sd_s, 0.1), 0 if sd_s >= COARSE_SD_S else 1)


def clock_of(seconds: float) -> str:
    """`75.2` -> `1:15`."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def limb_name(limb: str, t: Texts) -> str:
    """A limb in words; one of somebody's own mat file keeps the name it has there."""
    return t(f"limb.{limb}") if t.has(f"limb.{limb}") else limb.replace("_", " ")


def zone_name(zone: str, t: Texts) -> str:
    """A zone in words, likewise."""
    return t(f"zone.{zone}") if t.has(f"zone.{zone}") else zone.replace("_", " ")


def _listed(names: Sequence[str], t: Texts) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {t('common.and')} {names[-1]}"


def _times(lift: LiftRecord, t: Texts) -> str:
    prepare, aloft, melt = (seconds(value, None, t) for value in (lift.prepare_s, lift.aloft_s, lift.melt_s))
    return t("review.original", prepare=prepare, aloft=aloft, melt=melt)


def _length_s(lift: LiftRecord) -> float:
    return sum(value or 0.0 for value in (lift.prepare_s, lift.aloft_s, lift.melt_s))


def _strip(lift: LiftRecord, longest_s: float) -> tuple[tuple[str, int, int], ...]:
    parts = []
    x = 0
    for phase, value in (("prepare", lift.prepare_s), ("aloft", lift.aloft_s), ("melt", lift.melt_s)):
        width = round(1000 * (value or 0.0) / max(longest_s, 0.1))
        parts.append((phase, x, max(0, width - 4)))
        x += width
    return tuple(parts)


def _note(lift: LiftRecord, notes: Notes) -> str:
    """The note whose stretch overlaps this lift, for a note stays with its moment when a newer detector numbers lifts anew."""
    shown = lift.lift
    for (limb, from_s, to_s), text in notes.items():
        if limb != shown.limb or from_s is None or to_s is None or shown.lift_off is None:
            continue
        if from_s <= (shown.touch_down or shown.lift_off) and to_s >= shown.lift_off:
            return text
    return ""
