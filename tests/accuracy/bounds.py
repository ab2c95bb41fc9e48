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


THRESHOLD_WINS = ("held", "stepping")
"""Sets on which a plain threshold still has fewer false lifts: it takes no level above a tenth of rest for a lift, and so misses
every lift from a pressed sensor, where ours can be fooled by a limb that is held without leaving."""

BOUNDS: dict[str, Limits] = {
    "ordinary": {
        "false": (None, 0.0),
        "early": (None, 0.0),
        "recall": (0.957, None),
        "prepare_start median": (None, 0.046),
        "prepare_start p95": (None, 0.387),
        "lift_off median": (None, 0.04),
        "lift_off p95": (None, 0.243),
        "touch_down median": (None, 0.064),
        "touch_down p95": (None, 0.539),
        "melt_end median": (None, 0.096),
        "melt_end p95": (None, 1.649),
        "lift_off late median": (None, 0.293),
        "lift_off late p95": (None, 0.468),
        "touch_down late median": (None, 0.129),
        "touch_down late p95": (None, 0.843),
        "melt_end late median": (None, 1.944),
        "melt_end late p95": (None, 3.787),
        "all four": (0.714, None),
        "taken back": (None, 0.045),
        "extent": (None, 0.039),
    },
    "slow": {
        "false": (None, 0.0),
        "early": (None, 0.0),
        "recall": (0.955, None),
        "prepare_start median": (None, 1.535),
        "prepare_start p95": (None, 30.694),
        "lift_off median": (None, 0.259),
        "lift_off p95": (None, 0.52),
        "touch_down median": (None, 0.157),
        "touch_down p95": (None, 2.275),
        "melt_end median": (None, 0.593),
        "melt_end p95": (None, 38.03),
        "lift_off late median": (None, 0.223),
        "lift_off late p95": (None, 0.731),
        "touch_down late median": (None, 0.407),
        "touch_down late p95": (None, 2.688),
        "melt_end late median": (None, 9.313),
        "melt_end late p95": (None, 52.537),
        "all four": (0.067, None),
        "taken back": (None, 0.114),
        "extent": (None, 0.054),
    },
    "off-mark, 4 zones": {
        "false": (None, 2.0),
        "early": (None, 0.0),
        "recall": (0.957, None),
        "prepare_start median": (None, 0.053),
        "prepare_start p95": (None, 0.189),
        "lift_off median": (None, 0.045),
        "lift_off p95": (None, 0.163),
        "touch_down median": (None, 0.344),
        "touch_down p95": (None, 2.453),
        "melt_end median": (None, 0.085),
        "melt_end p95": (None, 0.323),
        "lift_off late median": (None, 0.243),
        "lift_off late p95": (None, 0.397),
        "touch_down late median": (None, 0.403),
        "touch_down late p95": (None, 2.523),
        "melt_end late median": (None, 2.083),
        "melt_end late p95": (None, 3.454),
        "all four": (0.37, None),
        "taken back": (None, 0.015),
        "extent": (None, 0.006),
    },
    "real sensors, simulated": {
        "false": (None, 2.0),
        "early": (None, 0.0),
        "recall": (0.975, None),
        "prepare_start median": (None, 0.042),
        "prepare_start p95": (None, 0.32),
        "lift_off median": (None, 0.074),
        "lift_off p95": (None, 0.48),
        "touch_down median": (None, 0.094),
        "touch_down p95": (None, 3.258),
        "melt_end median": (None, 0.092),
        "melt_end p95": (None, 1.143),
        "lift_off late median": (None, 0.318),
        "lift_off late p95": (None, 0.55),
        "touch_down late median": (None, 0.182),
        "touch_down late p95": (None, 3.605),
        "melt_end late median": (None, 1.943),
        "melt_end late p95": (None, 3.47),
        "all four": (0.473, None),
        "taken back": (None, 0.036),
        "extent": (None, 0.04),
    },
    "held": {
        "false": (None, 8.0),
        "early": (None, 0.0),
        "recall": (0.75, None),
    },
    "robot": {
        "false": (None, 0.0),
        "early": (None, 0.0),
        "recall": (0.54, None),
        "prepare_start median": (None, 0.111),
        "prepare_start p95": (None, 0.633),
        "lift_off median": (None, 0.075),
        "lift_off p95": (None, 0.521),
        "touch_down median": (None, 0.052),
        "touch_down p95": (None, 0.157),
        "melt_end median": (None, 0.362),
        "melt_end p95": (None, 1.055),
        "lift_off late median": (None, 0.646),
        "lift_off late p95": (None, 4.31),
        "touch_down late median": (None, 0.354),
        "touch_down late p95": (None, 1.896),
        "melt_end late median": (None, 2.75),
        "melt_end late p95": (None, 4.233),
        "all four": (0.2, None),
        "taken back": (None, 0.015),
        "extent": (None, 0.218),
    },
    "stepping": {
        "false": (None, 4.0),
        "early": (None, 0.0),
        "recall": (0.9, None),
    },
    "still": {
        "false": (None, 0.0),
        "early": (None, 0.0),
    },
    "faults": {
        "false": (None, 0.0),
        "early": (None, 0.0),
        "recall": (0.884, None),
        "prepare_start median": (None, 0.043),
        "prepare_start p95": (None, 0.235),
        "lift_off median": (None, 0.036),
        "lift_off p95": (None, 0.253),
        "touch_down median": (None, 0.066),
        "touch_down p95": (None, 0.514),
        "melt_end median": (None, 0.098),
        "melt_end p95": (None, 1.112),
        "lift_off late median": (None, 0.291),
        "lift_off late p95": (None, 0.436),
        "touch_down late median": (None, 0.147),
        "touch_down late p95": (None, 0.603),
        "melt_end late median": (None, 1.916),
        "melt_end late p95": (None, 4.159),
        "all four": (0.697, None),
        "taken back": (None, 0.094),
        "extent": (None, 0.038),
    },
    "unusual": {
        "false": (None, 0.0),
        "early": (None, 0.0),
        "recall": (0.967, None),
        "prepare_start median": (None, 0.025),
        "prepare_start p95": (None, 0.148),
        "lift_off median": (None, 0.089),
        "lift_off p95": (None, 0.258),
        "touch_down median": (None, 0.051),
        "touch_down p95": (None, 0.25),
        "melt_end median": (None, 0.072),
        "melt_end p95": (None, 0.98),
        "lift_off late median": (None, 0.367),
        "lift_off late p95": (None, 0.5),
        "touch_down late median": (None, 0.114),
        "touch_down late p95": (None, 0.28),
        "melt_end late median": (None, 1.693),
        "melt_end late p95": (None, 3.873),
        "all four": (0.714, None),
        "taken back": (None, 0.015),
        "extent": (None, 0.045),
    },
}


def main() -> None:
    seeds = [int(seed) for seed in sys.argv[1:]] or [FIRST_SEED]
    for name in SETS:
        reached = [figures(reach(name, seed).detector) for seed in seeds]
        print(name)
        for figure in reached[0]:
            print(f"  {figure:22s}", "  ".join("     -" if (value := one[figure]) is None else f"{value:6.3f}" for one in reached))


if __name__ == "__main__":
    main()
