"""How well lifts are found and their moments timed: our detector beside two simple ones, on simulated and on real readings.

The rules of judging are those of `station.analysis.accuracy`.  Everything is live: what counts is what was announced, and when.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from hardware.frames import FrameBlock
from hardware.sim.labels import Recording
from hardware.sim.truth import EVENTS
from station.analysis.accuracy import TONES, Score, ratio, score
from station.bench.baselines import reference, threshold
from station.bench.figure import Figure, Measured, Table
from station.bench.practice_sets import Source, from_shared, simulated
from station.model import Announcement
from station.signal.detector import DETECTOR_VERSION, Detector

LIVE_BLOCK = 10
METHODS = ("detector", "threshold", "reference")
WORST_SHOWN = 12
INSIDE = {1.0: (0.60, 0.76), 2.0: (0.92, 0.97)}
"""Standard deviations -> share of moments that honest ones contain (0.68, 0.95 of a normal error), with room for small samples."""
FEW = 20
"""Moments below which a share says nothing about calibration."""

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Goals:
    """What a set shall reach; pairs are median and 95th percentile in s, None where nothing was promised."""

    recall: float
    precision: float
    errors: dict[str, Pair]
    all_four: float | None = None
    announced: dict[str, Pair] | None = None
    tones: dict[str, Pair] | None = None
    taken_back: float | None = None
    repetitions: float | None = None
    extent: float | None = None


def _moments(prepare: Pair, lift_off: Pair, touch_down: Pair, melt_end: Pair) -> dict[str, Pair]:
    return dict(zip(EVENTS, (prepare, lift_off, touch_down, melt_end), strict=True))


GOALS = {
    "ordinary": Goals(
        recall=0.995,
        precision=0.996,
        errors=_moments((0.03, 0.17), (0.045, 0.19), (0.04, 0.30), (0.05, 0.32)),
        all_four=0.85,
        announced={"lift_off": (0.16, 0.38), "touch_down": (0.10, 0.26), "melt_end": (1.4, 3.5)},
        tones={"lift_off": (0.15, 0.35), "touch_down": (0.10, 0.30)},
        taken_back=0.015,
        repetitions=0.995,
        extent=0.015,
    ),
    "slow": Goals(
        recall=0.98,
        precision=0.98,
        errors=_moments((0.11, 1.4), (0.10, 0.8), (0.18, 1.2), (0.16, 2.5)),
        all_four=0.45,
        announced={"lift_off": (0.5, 1.0), "touch_down": (0.4, 1.5), "melt_end": (4.0, 12.0)},
        tones={"lift_off": (0.3, 0.8), "touch_down": (0.25, 1.0)},
        taken_back=0.03,
        repetitions=0.97,
        extent=0.03,
    ),
    "off-mark, 4 zones": Goals(
        recall=0.98, precision=0.99, errors=_moments((0.04, 0.20), (0.07, 0.25), (0.11, 0.7), (0.07, 0.30)), all_four=0.55
    ),
    "robot": Goals(recall=0.88, precision=0.97, errors={"touch_down": (0.06, 1.3), "melt_end": (1.2, float("inf"))}),
    "real insoles": Goals(recall=0.96, precision=0.95, errors={}),
}
STILL_SETS = ("still", "real, lying and standing")
"""Sets in which any lift is false."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One recording, judged: the score of each method, and what the detector raised, if it did."""

    source: Source
    kind: str
    scores: dict[str, Score]
    raised: str = ""


def announce(recording: Recording, detector: Detector) -> list[Announcement]:
    """Everything the detector says over a recording, fed as it is fed live."""
    said: list[Announcement] = []
    for start in range(0, len(recording.t_s), LIVE_BLOCK):
        part = slice(start, start + LIVE_BLOCK)
        said += detector.feed(FrameBlock(recording.t_s[part], recording.volts[part]))
    return said + detector.finish()


def judge(source: Source) -> Judged:
    """Run all three over one recording."""
    recording = source.get()
    said: list[Announcement] = []
    raised = ""
    began_s = time.process_time()
    try:
        said = announce(recording, Detector(recording.mat))
    except Exception as error:  # whatever it is, it is a failure of the detector to be counted, not of the bench
        raised = f"{recording.name}: {type(error).__name__}: {error}"
    took_s = time.process_time() - began_s
    scores = {
        "detector": score(recording, said),
        "threshold": score(recording, threshold(recording)),
        "reference": score(recording, reference(recording)),
    }
    scores["detector"].cpu_s = took_s
    return Judged(source, recording.kind, scores, raised)


def judge_all(sources: Sequence[Source]) -> list[Judged]:
    """All of them, on all cores."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(judge, sources))


def total(judged: Iterable[Judged], method: str = "detector") -> Score:
    whole = Score()
    for one in judged:
        whole += one.scores[method]
    return whole


def measure() -> list[Measured]:
    """Every set."""
    return report(judge_all([*simulated(), *from_shared()]))


def report(judged: Sequence[Judged]) -> list[Measured]:
    """Figures with goals first, then the tables."""
    by_set: dict[str, list[Judged]] = {}
    for one in judged:
        by_set.setdefault(one.source.set_name, []).append(one)
    out: list[Measured] = []
    for name, goals in GOALS.items():
        out += _goal_figures(name, total(by_set.get(name, [])), goals)
    for name in STILL_SETS:
        whole = total(by_set.get(name, []))
        note = f"{60 * whole.hours:.0f} minutes"
        values = (float(whole.false),) if whole.recordings else ()
        out.append(Figure(f"{name}: false lifts", "lifts", values, 0, note=note, why_missing="" if values else _ABSENT))
    raised = [one.raised for one in judged if one.raised]
    out.append(Figure("exceptions", "recordings", (float(len(raised)),), 0, note="; ".join(raised[:3])))
    beaten = [name for name, members in by_set.items() if _is_beaten(members)]
    out.append(Figure("sets on which the plain threshold wins", "sets", (float(len(beaten)),), 0, note=", ".join(beaten)))
    out.append(_comparison(by_set))
    out.append(_kinds(judged))
    out.append(_calibration(judged))
    out.append(Table("worst", tuple({"what": words} for words in _worst(by_set)), note="the detector's largest errors"))
    return out


_ABSENT = "the folder with real readings is not here"


def _goal_figures(name: str, whole: Score, goals: Goals) -> list[Figure]:
    """The goal table of one set, line by line."""
    out: list[Figure] = []
    absent = "" if whole.recordings else _ABSENT
    note = f"{whole.lifts} lifts, {whole.recordings} recordings, detector {DETECTOR_VERSION}" if whole.recordings else ""

    def add(
        what: str, unit: str, value: float | None, goal: float | None, sense: Literal["at_most", "at_least"] = "at_most"
    ) -> None:
        if goal is None or goal == float("inf"):
            return
        values = () if value is None else (value,)
        out.append(
            Figure(
                f"{name}: {what}",
                unit,
                values,
                goal,
                sense,
                note if not out else "",
                "" if values else absent or "nothing was announced to tell it from",
            )
        )

    def add_pairs(what: str, pairs: dict[str, Pair] | None, value: Any) -> None:
        for event, (median_s, most_s) in (pairs or {}).items():
            add(f"{event} {what}, median", "s", value(event, 50.0), median_s)
            add(f"{event} {what}, 95th percentile", "s", value(event, 95.0), most_s)

    add("lifts found", "share", whole.recall, goals.recall, "at_least")
    add("reports that are lifts", "share", whole.precision, goals.precision, "at_least")
    add_pairs("error", goals.errors, whole.error_s)
    add_pairs("announced for good", goals.announced, whole.late_s)
    add_pairs("first tone", goals.tones, whole.tone_s)
    for event in TONES if goals.taken_back is not None else ():
        add(f"{event} tones taken back", "share", whole.taken_back(event), goals.taken_back)
    add("all four moments within tolerance", "share", whole.within("all"), goals.all_four, "at_least")
    add("repetitions of the right kind", "share", ratio(whole.repetitions_right, whole.repetitions), goals.repetitions, "at_least")
    add("extent error", "share", whole.extent_error, goals.extent)
    return out


def quality(whole: Score) -> float:
    """One number to compare two methods by: the harmonic mean of recall and precision; without lifts, minus the false ones."""
    if not whole.lifts:
        return -float(whole.false)
    return 2.0 * whole.found / (2.0 * whole.found + whole.false + (whole.lifts - whole.found))


def _is_beaten(members: Sequence[Judged]) -> bool:
    return quality(total(members)) < quality(total(members, "threshold"))


def _row(whole: Score) -> dict[str, Any]:
    row: dict[str, Any] = {"lifts": whole.lifts, "recall": whole.recall, "precision": whole.precision, "false": whole.false}
    for event in EVENTS:
        row[f"{event} s"] = (whole.error_s(event), whole.error_s(event, 95))
    for event in EVENTS[1:]:
        row[f"{event} late s"] = (whole.late_s(event), whole.late_s(event, 95))
    row["all four"] = whole.within("all")
    row["repetition"] = ratio(whole.repetitions_right, whole.repetitions)
    row["extent"] = whole.extent_error
    row["us/frame"] = whole.frame_us
    return row


def _comparison(by_set: dict[str, list[Judged]]) -> Table:
    """Set by set, the three methods under each other."""
    rows = [
        {"set": name if method == METHODS[0] else "", "method": method, **_row(total(members, method))}
        for name, members in by_set.items()
        for method in METHODS
    ]
    return Table("detector and baselines, by set", tuple(rows), note="errors and lateness: median/95th percentile")


def _kinds(judged: Sequence[Judged]) -> Table:
    by_kind: dict[tuple[str, str], list[Judged]] = {}
    for one in judged:
        by_kind.setdefault((one.source.set_name, one.kind), []).append(one)
    return Table(
        "detector, by kind", tuple({"set": key[0], "kind": key[1], **_row(total(members))} for key, members in by_kind.items())
    )


def _calibration(judged: Sequence[Judged]) -> Table:
    """Whether reported standard deviations are honest, by set and moment."""
    by_set: dict[str, list[Judged]] = {}
    for one in judged:
        by_set.setdefault(one.source.set_name, []).append(one)
        by_set.setdefault(f"  {one.kind}", []).append(one)
    rows = []
    for name, members in sorted(by_set.items(), key=lambda item: item[0].startswith("  ")):
        whole = total(members)
        row: dict[str, Any] = {"set or kind": name.strip(), "lifts": whole.lifts}
        for event in EVENTS:
            row[f"{event} 1 sd"] = whole.inside(event, 1.0)
            row[f"{event} 2 sd"] = whole.inside(event, 2.0)
        if whole.lifts:
            row["outside"] = ", ".join(
                f"{event} {sds:.0f} sd"
                for event in EVENTS
                for sds, (low, high) in INSIDE.items()
                if len(whole.deviations[event]) >= FEW and not low <= (whole.inside(event, sds) or 0.0) <= high
            )
            rows.append(row)
    bands = ", ".join(f"{low}-{high} within {sds:.0f}" for sds, (low, high) in INSIDE.items())
    note = f"honest: {bands}; judged from {FEW} moments on"
    return Table("share of moments within 1 and 2 reported standard deviations", tuple(rows), note=note)


def _worst(by_set: dict[str, list[Judged]]) -> list[str]:
    """The first failures of each set, in words."""
    return [words for members in by_set.values() for words in total(members).worst[:WORST_SHOWN]]
