"""What is left of detection where elbows and feet lie beside their sensors, by how much of their load the lead zones get."""

from __future__ import annotations

from hardware.sim.sensor_kinds import FAINT, HALF_OFF
from hardware.sim.truth import EVENTS
from station.analysis.accuracy import Score
from station.bench.accuracy import judge_all, total
from station.bench.figure import Figure, Measured, Table
from station.bench.practice_sets import Source
from station.signal.detector import DETECTOR_VERSION

FIRST_SEED, SEEDS = 500, 6
CELLS = (
    ("offmark", HALF_OFF, 16, 0.98, 0.75),
    ("offmark4", HALF_OFF, 4, 0.98, 0.55),
    ("faint", FAINT, 16, 0.97, None),
    ("faint4", FAINT, 4, 0.80, None),
)
"""Kind of recording, share of the usual load, zones; goals: recall, and share of lifts with all four moments within tolerance."""


def measure() -> list[Measured]:
    """A table, and its goals as figures."""
    rows, figures = [], []
    for kind, (low, high), zones, recall, all_four in CELLS:
        whole = total(judge_all([Source(kind, kind, FIRST_SEED + n) for n in range(SEEDS)]))
        name = f"{100 * low:.0f}-{100 * high:.0f} % of the load on lead zones, {zones} zones"
        rows.append({"lead zones": name.partition(" of")[0], "zones": zones, **_row(whole)})
        figures.append(Figure(f"{name}: lifts found", "share", _known(whole.recall), recall, "at_least"))
        if all_four is not None:
            figures.append(Figure(f"{name}: all four moments", "share", _known(whole.within("all")), all_four, "at_least"))
    return [*figures, Table("light loads", tuple(rows), f"detector {DETECTOR_VERSION}; errors: median/95th percentile in s")]


def _known(value: float | None) -> tuple[float, ...]:
    return () if value is None else (value,)


def _row(whole: Score) -> dict[str, object]:
    row: dict[str, object] = {
        "lifts": whole.lifts,
        "recall": whole.recall,
        "precision": whole.precision,
        "all four": whole.within("all"),
    }
    for event in EVENTS:
        row[event] = (whole.error_s(event), whole.error_s(event, 95))
    return row
