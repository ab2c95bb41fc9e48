"""What the detector must reach on each set of recordings, and how these bounds were found.

    python tests/accuracy/bounds.py 1000 2000 3000 4000

prints what it reaches from each first seed, in the order of `figures`.  A bound is what it reached on the seeds of the test, made
easier by the spread between the others: a change that is no worse passes, one that breaks a rule does not.  The goals themselves
stand in station/bench/accuracy.py; these are what holds today.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from hardware.sim.truth import EVENTS
from station.analysis.accuracy import Score
from station.bench.accuracy import Judged, judge, total
from station.bench.practice_sets import SETS, simulated

FIRST_SEED = 1000
Limits = dict[str, tuple[float | None, float | None]]
"""Figure -> (at least, at most)."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One set, judged: our score and the plain threshold's, and what was raised."""

    detector: Score
    threshold: Score
    raised: tuple[str, ...]


def reach(set_name: str, first_seed: int = FIRST_SEED) -> Reached:
    judged: list[Judged] = [judge(source) for source in simulated((set_name,), first_seed)]
    return Reached(total(judged), total(judged, "threshold"), tuple(one.raised for one in judged if one.raised))


def figures(score: Score) -> dict[str, float | None]:
    """Everything that is bound, by name."""
    out: dict[str, float | None] = {"recall": score.recall, "precision": score.precision, "false": float(score.false)}
    for event in EVENTS:
        out[f"{event} median"] = score.error_s(event)
        out[f"{event} p95"] = score.error_s(event, 95)
    for event in EVENTS[1:]:
        out[f"{event} late median"] = score.late_s(event)
        out[f"{event} late p95"] = score.late_s(event, 95)
    out["all four"] = score.within("all")
    out["taken back"] = score.taken_back("lift_off")
    out["extent"] = score.extent_error
    for event in EVENTS:
        out[f"{event} 1 sd"] = score.inside(event, 1.0)
        out[f"{event} 2 sd"] = score.inside(event, 2.0)
    out["early"] = float(score.early)
    return out


def at_most(**limits: float) -> Limits:
    return {name.replace("__", " "): (None, value) for name, value in limits.items()}


BOUNDS: dict[str, Limits] = {}


def main() -> None:
    seeds = [int(seed) for seed in sys.argv[1:]] or [FIRST_SEED]
    for name in SETS:
        reached = [figures(reach(name, seed).detector) for seed in seeds]
        print(name)
        for figure in reached[0]:
            print(f"  {figure:22s}", "  ".join("     -" if (value := one[figure]) is None else f"{value:6.3f}" for one in reached))


if __name__ == "__main__":
    main()
