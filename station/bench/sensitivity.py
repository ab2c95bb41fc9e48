"""What each of the detector's parameters changes: every one is varied by a quarter, down and up, over a small set of recordings.

A parameter that changes no announcement either way decides nothing there: it is flagged, and goes unless a recording shows its use.

Most of the work is the same whatever is varied: rows, faulty zones, creep, and who is there.  It is done once, and what the limbs
were given is kept; with a changed parameter only they go through it again.  Parameters of what comes before take the whole way.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

from hardware.frames import FrameBlock
from hardware.sim.labels import Recording
from hardware.sim.recorder import make
from hardware.sim.truth import EVENTS
from station.analysis.accuracy import TOLERANCE_S, Score, score
from station.bench.figure import Figure, Measured, Table
from station.model import Announcement, Mat
from station.signal import stay
from station.signal.detector import Detector
from station.signal.history import History
from station.signal.limbs import Known, Limbs
from station.signal.loads import ForceScale
from station.signal.params import Parameters, replace, table

SEED = 800
KINDS = (
    "small4", "creepy", "staircase", "bounce", "fidget", "slow", "offmark4", "faint4", "linger", "creep30", "held", "robot",
    "stepping", "early", "quiet", "empty", "standing", "gaps", "cutbefore", "cutduring", "shod", "astray", "preload",
)  # fmt: skip
"""From every set of `practice_sets`, so that each rule meets the practice it is for."""
LONGEST_S = 90.0
"""Of each recording: a pass over all of them takes some seconds, and there are two for every parameter."""
VARIED = 0.25
BLOCK = 500
BEFORE_LIMBS = ("presence.", "sensor.creep_per_decade", "sensor.largest_creep", "sensor.most_", "sensor.usual_siemens")
"""How names of parameters begin that decide what the limbs are given."""
KINDS_BEFORE_LIMBS = ("small4", "creepy", "early", "quiet", "empty", "standing", "cutbefore")
"""On which those are varied, for the whole way takes several times as long."""
WORST = 3.0
"""An error counts in tolerances, up to this many; a missed lift counts as much in every moment, a false one like one missed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter set to a value."""

    name: str
    value: float


def before_limbs(name: str) -> bool:
    """Whether a parameter decides what the limbs are given."""
    return name.startswith(BEFORE_LIMBS)


@dataclass(frozen=True, slots=True)
class Tape:
    """What the limbs were given during one stay; finished_s: when nothing more came, None where nobody had shown."""

    mat: Mat
    scale: ForceScale
    given: list[Known]
    settled_s: list[tuple[float, float]]
    finished_s: list[float]


_TAPES: list[Tape] = []


class TapedLimbs(Limbs):
    """Limbs that keep what they are given."""

    def __init__(self, mat: Mat, scale: ForceScale, history: History, parameters: Parameters) -> None:
        super().__init__(mat, scale, history, parameters)
        self._tape = Tape(mat, scale, [], [], [])
        _TAPES.append(self._tape)

    def update(self, now: Known) -> list[Announcement]:
        self._tape.given.append(now)
        return super().update(now)

    def settle(self, t_s: float, still_since_s: float) -> None:
        self._tape.settled_s.append((t_s, still_since_s))
        super().settle(t_s, still_since_s)

    def finish(self, t_s: float) -> list[Announcement]:
        self._tape.finished_s.append(t_s)
        return super().finish(t_s)


def taped(recording: Recording) -> list[Tape]:
    """Every stay of a recording."""
    _TAPES.clear()
    with patch.object(stay, "Limbs", TapedLimbs):
        announce(recording, Parameters())
    return list(_TAPES)


def announce(recording: Recording, parameters: Parameters) -> list[Announcement]:
    """What is said of a recording."""
    detector = Detector(recording.mat, parameters=parameters)
    said: list[Announcement] = []
    for start in range(0, len(recording.t_s), BLOCK):
        part = slice(start, start + BLOCK)
        said += detector.feed(FrameBlock(recording.t_s[part], recording.volts[part]))
    return said + detector.finish()


def again(tapes: list[Tape], parameters: Parameters) -> list[Announcement]:
    """What the limbs say of it with these parameters."""
    said: list[Announcement] = []
    for tape in tapes:
        history = History(2 * len(tape.mat.zone))
        limbs = Limbs(tape.mat, tape.scale, history, parameters)
        settled = dict(tape.settled_s)
        for now in tape.given:
            history.append(now.t_s, np.array([*now.force, *now.reading]))
            if now.t_s in settled:
                limbs.settle(now.t_s, settled[now.t_s])
            said += limbs.update(now)
        for t_s in tape.finished_s:
            said += limbs.finish(t_s)
    return said


_RECORDINGS: list[tuple[Recording, list[Tape]]] = []
"""Of this worker, made once."""


def _prepare() -> None:
    for number, kind in enumerate(KINDS):
        recording = shortened(make(kind, SEED + number))
        _RECORDINGS.append((recording, taped(recording)))


def shortened(recording: Recording) -> Recording:
    """Its beginning; lifts that are not over by then count neither way."""
    kept = recording.t_s < LONGEST_S
    late = {i for i, lift in enumerate(recording.truth.lifts) if lift.melt_end > LONGEST_S - 10.0}
    return dataclasses.replace(
        recording, t_s=recording.t_s[kept], volts=recording.volts[kept], optional=recording.optional | frozenset(late)
    )


def _outcome(change: Change) -> tuple[str, Score, str]:
    """A digest that differs when any announcement does, the score, and what was raised."""
    parameters = replace(Parameters(), change.name, change.value)
    whole, everything, raised = Score(), hashlib.sha256(), ""
    wholly = before_limbs(change.name)
    for recording, tapes in _RECORDINGS:
        if wholly and recording.kind not in KINDS_BEFORE_LIMBS:
            continue
        said: list[Announcement] = []
        try:
            said = announce(recording, parameters) if wholly else again(tapes, parameters)
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
    firsts = [next(entry for entry in entries if before_limbs(entry.name) is before) for before in (False, True)]
    changes = [Change(entry.name, entry.value) for entry in firsts]
    for entry in entries:
        step = VARIED * abs(entry.value)
        changes += [Change(entry.name, max(entry.low, entry.value - step)), Change(entry.name, min(entry.high, entry.value + step))]
    with ProcessPoolExecutor(os.cpu_count(), initializer=_prepare) as pool:
        from_tapes, wholly, *varied = pool.map(_outcome, changes)
    rows = []
    silent = []
    for number, entry in enumerate(entries):
        both = varied[2 * number : 2 * number + 2]
        usual = wholly if before_limbs(entry.name) else from_tapes
        if all(one[0] == usual[0] for one in both):
            silent.append(entry.name)
        rows.append(_row(entry.name, entry.value, entry.unit, usual, both))
    rows.sort(key=lambda row: -row["largest"])
    usual_score = from_tapes[1]
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
