"""How well lifts are found and their phases timed, on simulated practice with known truth.

The rules are those of docs/detection.md: a report belongs to the true lift of the same limb whose time aloft it shares best, at
least a quarter of both; an error is reported minus true time; lateness is the time of the announcement minus the true event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from hardware.frames import FrameBlock
from hardware.sim.recording import Recording, make
from hardware.sim.truth import TrueLift
from station.bench.figure import Figure
from station.model import Lift
from station.signal.detector import Detector

KINDS = ("clean", "breathy", "creepy", "noisy", "full", "half", "staircase", "early", "slow30", "preload")
SEED = 500
SHARED = 0.25
EVENTS = ("prepare_start", "lift_off", "touch_down", "melt_end")
TOLERANCE_S = {"prepare_start": 0.5, "lift_off": 0.2, "touch_down": 0.2, "melt_end": 1.0}
GOALS = {
    "prepare_start error": (0.06, 0.50),
    "lift_off error": (0.07, 0.30),
    "touch_down error": (0.06, 0.40),
    "melt_end error": (0.12, 1.0),
    "lift_off lateness": (0.20, 0.40),
    "touch_down lateness": (0.15, 0.45),
    "melt_end lateness": (1.5, 3.5),
}
"""Median and 95th percentile in s, of every kind together."""


@dataclass(slots=True)
class Score:
    """What was found in how many recordings; errors and lateness in s, by event."""

    lifts: int = 0
    found: int = 0
    false: int = 0
    within_tolerance: int = 0
    within_sd: int = 0
    with_sd: int = 0
    errors: dict[str, list[float]] = field(default_factory=lambda: {event: [] for event in EVENTS})
    lateness: dict[str, list[float]] = field(default_factory=lambda: {event: [] for event in EVENTS})

    def add(self, recording: Recording, reports: Iterable[Lift]) -> None:
        """Judge one recording's reports of kind "lift"."""
        open_reports = list(reports)
        for index, true in enumerate(recording.truth.lifts):
            if index in recording.optional:
                continue
            self.lifts += 1
            best = max(open_reports, key=lambda report: _shared(true, report), default=None)
            if best is None or _shared(true, best) < SHARED:
                continue
            open_reports.remove(best)
            self.found += 1
            self._compare(true, best, recording.uncertain.get(index, ()))
        spared = [recording.truth.lifts[index] for index in recording.optional]
        ignored = recording.truth.ignore
        for report in open_reports:
            optional = any(_shared(true, report) > 0 for true in spared)
            begin, end = report.lift_off or 0.0, report.touch_down or 0.0
            covered = sum(max(0.0, min(end, b + 0.5) - max(begin, a - 0.5)) for a, b in ignored)
            self.false += not optional and covered < 0.5 * (end - begin)

    def _compare(self, true: TrueLift, report: Lift, uncertain: tuple[str, ...]) -> None:
        good = True
        for event in EVENTS:
            if event in uncertain:
                continue
            time_s, truth_s, sd_s = getattr(report, event), getattr(true, event), getattr(report, f"{event}_sd")
            good &= time_s is not None and abs(time_s - truth_s) <= TOLERANCE_S[event]
            if time_s is None:
                continue
            self.errors[event].append(abs(time_s - truth_s))
            if sd_s is not None:
                self.with_sd += 1
                self.within_sd += abs(time_s - truth_s) <= sd_s
            if event in report.reported_at:
                self.lateness[event].append(report.reported_at[event] - truth_s)
        self.within_tolerance += good


def _shared(true: TrueLift, report: Lift) -> float:
    """Intersection over union of the times aloft; 0 for another limb."""
    if report.limb != true.limb or report.lift_off is None or report.touch_down is None:
        return 0.0
    both = min(true.touch_down, report.touch_down) - max(true.lift_off, report.lift_off)
    return max(0.0, both) / (max(true.touch_down, report.touch_down) - min(true.lift_off, report.lift_off))


def lifts_of(recording: Recording) -> list[Lift]:
    """What the live pipeline reports of a recording."""
    pipeline = Detector(recording.mat)
    said = [*pipeline.feed(FrameBlock(recording.t_s, recording.volts)), *pipeline.finish()]
    return [item for item in said if isinstance(item, Lift) and item.kind == "lift"]


def measure() -> list[Figure]:
    """One recording of each kind."""
    score = Score()
    for number, kind in enumerate(KINDS):
        recording = make(kind, SEED + number)
        score.add(recording, lifts_of(recording))
    note = f"{score.lifts} lifts in {len(KINDS)} simulated recordings"
    figures = [
        Figure("lifts found", "share", (score.found / score.lifts,), goal=0.985, sense="at_least", note=note),
        Figure("reports that are lifts", "share", (score.found / max(score.found + score.false, 1),), goal=0.99, sense="at_least"),
        Figure("all four times within tolerance", "share", (score.within_tolerance / score.lifts,), goal=0.75, sense="at_least"),
        Figure(
            "times within one standard deviation", "share", (score.within_sd / max(score.with_sd, 1),), note="0.68 if calibrated"
        ),
    ]
    for name, (median_s, most_s) in GOALS.items():
        event, what = name.split()
        values = score.errors[event] if what == "error" else score.lateness[event]
        figures.append(Figure(f"{name}, median", "s", (float(np.median(values)),), goal=median_s))
        figures.append(Figure(f"{name}, 95th percentile", "s", (float(np.percentile(values, 95)),), goal=most_s))
    return figures
