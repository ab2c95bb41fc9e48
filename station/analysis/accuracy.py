"""How well lifts are found and their moments timed, against a recording whose truth is known.

A report belongs to the true lift of the same limb whose time aloft it shares best (intersection over union at least a quarter; one
to one, best first).  An error is reported minus true time; lateness is the time of the announcement minus the true moment.  A time
may be wrong by `TOLERANCE_S`, and by more in proportion where the phase that its slope comes from lasts over `SLOW_S`: the crossing
of a level is as sharp as the slope that crosses it.  Lifts that were missed fail every tolerance.  Optional lifts, and reports in a
stretch to ignore, count neither way; moments that nobody could see (in a gap, on a cut wire) are not judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hardware.mat import Mat
from hardware.sim.labels import Recording
from hardware.sim.truth import EVENTS, TrueLift
from station.model import Announcement, Lift, PhaseEvent

SHARED = 0.25
TOLERANCE_S = {"prepare_start": 0.5, "lift_off": 0.2, "touch_down": 0.2, "melt_end": 1.0}
SLOW_S = 15.0
IGNORE_WIDER_S = 0.5
TONES = ("lift_off", "touch_down")
"""Moments that are announced by a sound the instant they are believed."""
TAKEN_BACK = ("void", "prepare_dropped", "unweighting")
"""Announcements that end an attempt which was no lift."""
SAME_FRAME_S = 1e-3

Span = tuple[float, float]


def tolerance_s(true: TrueLift, event: str) -> float:
    """Seconds by which a reported moment of this lift may be off."""
    before = event in ("prepare_start", "lift_off")
    phase_s = true.lift_off - true.prepare_start if before else true.melt_end - true.touch_down
    return TOLERANCE_S[event] * max(1.0, phase_s / SLOW_S)


@dataclass(slots=True)
class Score:
    """Counts and errors over any number of recordings; `+=` joins two.

    found: true lifts with a report; false: reports without one; doubled: those of them that report a lift again; unweighted: those
    that an unweighting was taken for.  errors (s, signed), lateness (s) and deviations (error in reported standard deviations) by
    moment.  hits, judged: moments within tolerance, moments that count; "all" = every moment of a lift.  extents: reported - true.
    tones: lateness of the first announcement of a moment that came true; revised: [taken back, announced] by moment.
    early: announcements before their own moment.  frames, cpu_s: how much was looked at, and what that took.
    worst: in words, what went wrong most.
    """

    recordings: int = 0
    hours: float = 0.0
    lifts: int = 0
    found: int = 0
    false: int = 0
    doubled: int = 0
    unweighted: int = 0
    unweightings: int = 0
    repetitions: int = 0
    repetitions_right: int = 0
    early: int = 0
    frames: int = 0
    cpu_s: float = 0.0
    errors: dict[str, list[float]] = field(default_factory=lambda: {event: [] for event in EVENTS})
    lateness: dict[str, list[float]] = field(default_factory=lambda: {event: [] for event in EVENTS})
    deviations: dict[str, list[float]] = field(default_factory=lambda: {event: [] for event in EVENTS})
    hits: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*EVENTS, "all"), 0))
    judged: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*EVENTS, "all"), 0))
    extents: list[float] = field(default_factory=list)
    tones: dict[str, list[float]] = field(default_factory=lambda: {event: [] for event in TONES})
    revised: dict[str, list[int]] = field(default_factory=lambda: {event: [0, 0] for event in TONES})
    worst: list[str] = field(default_factory=list)

    def __iadd__(self, other: Score) -> Score:
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, dict):
                for key, value in theirs.items():
                    mine[key] = [a + b for a, b in zip(mine[key], value, strict=True)] if name == "revised" else mine[key] + value
            else:
                setattr(self, name, mine + theirs)
        return self

    @property
    def recall(self) -> float | None:
        return ratio(self.found, self.lifts)

    @property
    def precision(self) -> float | None:
        return ratio(self.found, self.found + self.false)

    def within(self, event: str) -> float | None:
        """Share of moments within tolerance; "all" = lifts whose every moment is."""
        return ratio(self.hits[event], self.judged[event])

    def error_s(self, event: str, percentile: float = 50.0) -> float | None:
        """A percentile of the absolute error."""
        return percentile_of(np.abs(self.errors[event]), percentile)

    def late_s(self, event: str, percentile: float = 50.0) -> float | None:
        """A percentile of the lateness of the announcement that stands."""
        return percentile_of(self.lateness[event], percentile)

    def tone_s(self, event: str, percentile: float = 50.0) -> float | None:
        """A percentile of the lateness of the first announcement."""
        return percentile_of(self.tones[event], percentile)

    def taken_back(self, event: str) -> float | None:
        """Share of first announcements that were taken back."""
        return ratio(*self.revised[event])

    def inside(self, event: str, deviations: float) -> float | None:
        """Share of moments whose error is at most so many of its reported standard deviations."""
        values = np.abs(self.deviations[event])
        return float((values <= deviations).mean()) if len(values) else None

    @property
    def extent_error(self) -> float | None:
        return float(np.mean(np.abs(self.extents))) if self.extents else None

    @property
    def frame_us(self) -> float | None:
        return 1e6 * self.cpu_s / self.frames if self.frames and self.cpu_s else None

    def plain(self) -> dict[str, Any]:
        """For JSON: every figure, None where there is nothing to tell it from."""
        moments = {
            event: {
                "error_median_s": self.error_s(event),
                "error_p95_s": self.error_s(event, 95),
                "bias_s": percentile_of(self.errors[event], 50),
                "announced_late_median_s": self.late_s(event),
                "announced_late_p95_s": self.late_s(event, 95),
                "within_tolerance": self.within(event),
                "within_1_sd": self.inside(event, 1.0),
                "within_2_sd": self.inside(event, 2.0),
            }
            for event in EVENTS
        }
        tones = {
            event: {"late_median_s": self.tone_s(event), "late_p95_s": self.tone_s(event, 95), "taken_back": self.taken_back(event)}
            for event in TONES
        }
        return {
            "recordings": self.recordings,
            "hours": self.hours,
            "lifts": self.lifts,
            "found": self.found,
            "false": self.false,
            "recall": self.recall,
            "precision": self.precision,
            "unweightings": self.unweightings,
            "unweightings_taken_for_lifts": self.unweighted,
            "all_four_within_tolerance": self.within("all"),
            "repetition_kind_right": ratio(self.repetitions_right, self.repetitions),
            "extent_error": self.extent_error,
            "moments": moments,
            "tones": tones,
            "announced_early": self.early,
            "cpu_us_per_frame": self.frame_us,
        }


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def percentile_of(values: Sequence[float] | np.ndarray[Any, Any], percentile: float) -> float | None:
    return float(np.percentile(values, percentile)) if len(values) else None


def overlap_s(a: Span, b: Span) -> float:
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))


def shared(a: Span, b: Span) -> float:
    """Intersection over union of two spans of time."""
    both = overlap_s(a, b)
    return both / (max(a[1], b[1]) - min(a[0], b[0])) if both > 0.0 else 0.0


def aloft(lift: Lift | TrueLift) -> Span:
    """From lift-off to touch-down; (0, 0) where one of them is not known."""
    if lift.lift_off is None or lift.touch_down is None:
        return 0.0, 0.0
    return lift.lift_off, lift.touch_down


def match(true: Sequence[TrueLift], reports: Sequence[Lift]) -> dict[int, int]:
    """Index of a true lift -> index of its report, best first, one to one."""
    pairs = [
        (shared(aloft(one), aloft(report)), i, j)
        for i, one in enumerate(true)
        for j, report in enumerate(reports)
        if one.limb == report.limb
    ]
    matched: dict[int, int] = {}
    for share, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if share >= SHARED and i not in matched and j not in matched.values():
            matched[i] = j
    return matched


def score(recording: Recording, said: Iterable[Announcement]) -> Score:
    """Judge everything that was announced over one recording."""
    items = list(said)
    reports = [item for item in items if isinstance(item, Lift) and item.kind == "lift" and _usable(item)]
    out = Score(recordings=1, frames=len(recording.t_s), unweightings=len(recording.truth.unweightings))
    true = recording.truth.lifts
    ends_s = float(recording.t_s[-1])
    ignored = merged([(a - IGNORE_WIDER_S, b + IGNORE_WIDER_S) for a, b in recording.truth.ignore])
    out.hours = max(0.0, ends_s - sum(max(0.0, min(b, ends_s) - max(a, 0.0)) for a, b in ignored)) / 3600.0
    matched = match(true, reports)
    for index, report in enumerate(reports):
        if index not in matched.values():
            _count_unmatched(out, recording, report, ignored)
    for i, one in enumerate(true):
        if i in recording.optional:
            continue
        out.lifts += 1
        report_or_none = reports[matched[i]] if i in matched else None
        if report_or_none is None:
            out.worst.append(f"{recording.name}: {one.limb} at {one.lift_off:.1f} s missed")
        _compare(out, recording.name, one, report_or_none, recording.uncertain.get(i, ()))
    _count_repetitions(out, recording, reports, matched)
    _count_tones(out, recording, items, {id(reports[j]): i for i, j in matched.items()})
    return out


def _usable(report: Lift) -> bool:
    a, b = aloft(report)
    return math.isfinite(a) and math.isfinite(b) and b > a


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same stretches of time without overlap, in order."""
    out: list[Span] = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return out


def _count_unmatched(out: Score, recording: Recording, report: Lift, ignored: Sequence[Span]) -> None:
    span = aloft(report)
    lifts = recording.truth.lifts
    spared = any(
        lifts[i].limb == report.limb and overlap_s((lifts[i].prepare_start, lifts[i].melt_end), span) > 0
        for i in recording.optional
    )
    if spared or sum(overlap_s(span, part) for part in ignored) >= 0.5 * (span[1] - span[0]):
        return
    out.false += 1
    out.doubled += any(one.limb == report.limb and overlap_s(aloft(one), span) > 0 for one in lifts)
    out.unweighted += any(
        one.limb == report.limb and overlap_s((one.start, one.end), span) > 0 for one in recording.truth.unweightings
    )
    out.worst.append(f"{recording.name}: {report.limb} {span[0]:.1f}-{span[1]:.1f} s is no lift")


def _compare(out: Score, name: str, true: TrueLift, report: Lift | None, uncertain: Sequence[str]) -> None:
    out.found += report is not None
    all_good = report is not None
    for event in EVENTS:
        if event in uncertain:
            continue
        time_s: float | None = getattr(report, event) if report is not None else None
        error_s = None if time_s is None or not math.isfinite(time_s) else time_s - getattr(true, event)
        good = error_s is not None and abs(error_s) <= tolerance_s(true, event)
        out.hits[event] += good
        out.judged[event] += 1
        all_good &= good
        if report is None:
            continue
        if error_s is not None:
            out.errors[event].append(error_s)
            sd_s: float | None = getattr(report, f"{event}_sd")
            if sd_s is not None and sd_s > 0.0:
                out.deviations[event].append(error_s / sd_s)
            if abs(error_s) > 4.0 * tolerance_s(true, event):
                out.worst.append(f"{name}: {event} of {true.limb} at {getattr(true, event):.1f} s is off by {error_s:+.1f} s")
        reported_s = report.reported_at.get(event)
        if reported_s is not None:
            out.lateness[event].append(reported_s - getattr(true, event))
            out.early += time_s is not None and reported_s < time_s - SAME_FRAME_S
    if not uncertain:
        out.judged["all"] += 1
        out.hits["all"] += all_good
    if report is not None and report.extent is not None:
        out.extents.append(report.extent - true.extent)


def _count_repetitions(out: Score, recording: Recording, reports: Sequence[Lift], matched: dict[int, int]) -> None:
    """A repetition is right when the reports of its lifts form one group with no other report in it."""
    groups = group(reports, recording.mat)
    for number in range(len(recording.truth.repetitions)):
        members = [i for i, one in enumerate(recording.truth.lifts) if one.repetition == number]
        if not members or any(i in recording.optional for i in members):
            continue
        out.repetitions += 1
        out.repetitions_right += all(i in matched for i in members) and {matched[i] for i in members} in groups


def group(reports: Sequence[Lift], mat: Mat) -> list[set[int]]:
    """Indices of reports that belong together: an arm and the opposite leg aloft at overlapping times, in chains."""
    limbs = {limb.name: limb for limb in mat.limb}
    groups: list[set[int]] = []
    for index, report in enumerate(reports):
        mine = limbs[report.limb]
        together = {index}
        apart = []
        for one in groups:
            joined = any(
                limbs[reports[i].limb].kind != mine.kind
                and limbs[reports[i].limb].side != mine.side
                and overlap_s(aloft(reports[i]), aloft(report)) > 0
                for i in one
            )
            if joined:
                together |= one
            else:
                apart.append(one)
        groups = [*apart, together]
    return groups


def _count_tones(out: Score, recording: Recording, items: Sequence[Announcement], true_of: dict[int, int]) -> None:
    """First announcements of each moment: how late those that came true were, and how many were taken back.

    An attempt begins with a limb's first announcement and ends with its Lift (kept) or with whatever else closes it (taken back).
    true_of: id of a report -> index of its true lift.
    """
    waiting: dict[str, dict[str, PhaseEvent]] = {}
    for item in items:
        if isinstance(item, PhaseEvent) and item.kind in TONES:
            waiting.setdefault(item.limb, {}).setdefault(item.kind, item)
            continue
        over = isinstance(item, Lift) or (isinstance(item, PhaseEvent) and item.kind in TAKEN_BACK)
        if not over or not isinstance(item, Lift | PhaseEvent):
            continue
        index = true_of.get(id(item))
        for event, tone in waiting.pop(item.limb, {}).items():
            out.revised[event][0] += not (isinstance(item, Lift) and item.kind == "lift")
            out.revised[event][1] += 1
            if index is not None and event not in recording.uncertain.get(index, ()):
                out.tones[event].append(tone.reported_at_s - getattr(recording.truth.lifts[index], event))
