"""What each of the detector's parameters changes: every one is varied by a quarter, down and up, over a small set of recordings.

A parameter that changes no announcement either way decides nothing there: it is flagged, and goes unless a recording shows its use.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from hardware.frames import FrameBlock
from hardware.sim.labels import Recording
from hardware.sim.recorder import make
from hardware.sim.truth import EVENTS
from station.analysis.accuracy import TOLERANCE_S, Score, score
from station.bench.figure import Figure, Measured, Table
from station.model import Announcement
from station.signal.detector import Detector
from station.signal.params import Parameters, replace, table

SEED = 800
KINDS = (
    "small4", "creepy", "staircase", "bounce", "fidget", "slow", "offmark4", "faint4", "linger", "creep30", "held", "robot",
    "stepping", "early", "quiet", "empty", "standing", "gaps", "cutbefore", "cutduring",
)  # fmt: skip
"""From every set of `practice_sets`, so that each rule meets the practice it is for."""
LONGEST_S = 90.0
"""Of each recording: a pass over all of them takes some seconds, and there are two for every parameter."""
VARIED = 0.25
BLOCK = 500
WORST = 3.0
"""An error counts in tolerances, up to this many; a missed lift counts as much in every moment, a false one like one missed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter set to a value; "" = none, as it is."""

    name: str = ""
    value: float = 0.0


_RECORDINGS: list[Recording] = []
"""Of this worker, made once."""


def _prepare() -> None:
    _RECORDINGS.extend(shortened(make(kind, SEED + number)) for number, kind in enumerate(KINDS))


def shortened(recording: Recording) -> Recording:
    """Its beginning; lifts that are not over by then count neither way."""
    kept = recording.t_s < LONGEST_S
    late = {i for i, lift in enumerate(recording.truth.lifts) if lift.melt_end > LONGEST_S - 10.0}
    return dataclasses.replace(
        recording, t_s=recording.t_s[kept], volts=recording.volts[kept], optional=recording.optional | frozenset(late)
    )


def _outcome(change: Change) -> tuple[str, Score, str]:
    """A digest that differs when any announcement does, the score, and what was raised."""
    parameters = replace(Parameters(), change.name, change.value) if change.name else Parameters()
    whole, everything, raised = Score(), hashlib.sha256(), ""
    for recording in _RECORDINGS:
        said: list[Announcement] = []
        try:
            detector = Detector(recording.mat, parameters=parameters)
            for start in range(0, len(recording.t_s), BLOCK):
                part = slice(start, start + BLOCK)
                said += detector.feed(FrameBlock(recording.t_s[part], recording.volts[part]))
            said += detector.finish()
        except Exception as error:  # counted and shown: with this value the detector fails
            raised = f"{recording.name}: {type(error).__name__}"
        whole += score(recording, said)
        everything.update(repr(said).encode())
    return everything.hexdigest(), whole, raised


def loss(whole: Score) -> float:
    """Mean error in tolerances per moment and lift, missed and false lifts included; what a user would want small."""
    errors = sum(min(abs(error) / TOLERANCE_S[event], WORST) for event in EVENTS for error in whole.errors[event])
    missed = (whole.lifts - whole.found) + whole.false
    return (errors + WORST * len(EVENTS) * missed) / max(len(EVENTS) * whole.lifts, 1)


def measure() -> list[Measured]:
    """Every parameter of station/signal/params.py."""
    entries = table()
    changes = [Change()]
    for entry in entries:
        step = VARIED * abs(entry.value)
        changes += [Change(entry.name, max(entry.low, entry.value - step)), Change(entry.name, min(entry.high, entry.value + step))]
    with ProcessPoolExecutor(os.cpu_count(), initializer=_prepare) as pool:
        usual, *varied = pool.map(_outcome, changes)
    rows = []
    silent = []
    for number, entry in enumerate(entries):
        both = varied[2 * number : 2 * number + 2]
        if all(one[0] == usual[0] for one in both):
            silent.append(entry.name)
        rows.append(_row(entry.name, entry.value, entry.unit, usual, both))
    rows.sort(key=lambda row: -row["largest"])
    usual_score = usual[1]
    note = f"{usual_score.lifts} lifts in {len(KINDS)} recordings; as it is: loss {loss(usual_score):.3f}, "
    note += f"{usual_score.found} found, {usual_score.false} false"
    return [
        Figure("parameters", "parameters", (float(len(entries)),)),
        Figure("parameters without effect", "parameters", (float(len(silent)),), 0, note=", ".join(silent)),
        Table(
            "a quarter less and a quarter more of each parameter: change of the loss, of lifts found and false", tuple(rows), note
        ),
    ]


def _row(
    name: str, value: float, unit: str, usual: tuple[str, Score, str], both: Sequence[tuple[str, Score, str]]
) -> dict[str, Any]:
    row: dict[str, Any] = {"parameter": name, "value": value, "unit": unit}
    for side, (everything, whole, raised) in zip(("-25 %", "+25 %"), both, strict=True):
        row[side] = "no effect" if everything == usual[0] else raised or f"{loss(whole) - loss(usual[1]):+.3f}"
        row[f"{side} found"] = whole.found - usual[1].found
        row[f"{side} false"] = whole.false - usual[1].false
    row["largest"] = max(abs(loss(whole) - loss(usual[1])) for _, whole, _ in both)
    return row
