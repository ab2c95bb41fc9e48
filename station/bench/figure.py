"""A measured figure: every repetition of it, so that nobody has to believe a single number."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, `values` once per repetition, in `unit`.

    goal: a number the median shall not exceed ("at_most") or fall below ("at_least"); None where nothing was promised.
    note: conditions that matter for reading the number.
    why_missing: why there is no value, where `values` is empty.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    goal: float | None = None
    sense: Literal["at_most", "at_least"] = "at_most"
    note: str = ""
    why_missing: str = ""

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one, and where nothing was measured."""
        median = self.median
        if self.goal is None or median is None:
            return None
        return median <= self.goal if self.sense == "at_most" else median >= self.goal

    def plain(self) -> dict[str, Any]:
        """For --json."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "min": min(self.values, default=None),
            "max": max(self.values, default=None),
            "values": self.values,
            "goal": self.goal,
            "sense": self.sense if self.goal is not None else None,
            "met": self.met,
            "note": self.note,
            "why_missing": self.why_missing or None,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that belong side by side.  rows: one dict each with the same keys; None where there is nothing to tell."""

    name: str
    rows: tuple[dict[str, Any], ...]
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """For --json."""
        return {"name": self.name, "rows": self.rows, "note": self.note}


Measured = Figure | Table


def timed(do: Callable[[], object], times: int) -> tuple[float, ...]:
    """Seconds that each of `times` calls took."""
    took = []
    for _ in range(times):
        began_s = time.perf_counter()
        do()
        took.append(time.perf_counter() - began_s)
    return tuple(took)


def noise() -> Figure:
    """The same work twenty times: how far apart are equal things on this machine just now?"""

    def work() -> None:
        sum(n * n for n in range(200_000))

    work()
    load = Path("/proc/loadavg").read_text(encoding="ascii").split()[0]
    note = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {load}"
    return Figure("machine: equal work, time", "ms", tuple(1e3 * s for s in timed(work, 20)), note=note)
