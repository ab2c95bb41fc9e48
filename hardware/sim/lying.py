"""Where a body lies: how tall it is, how far beside its marks, and what its sensors then catch.

Without a `Lying` everybody fits the mat.  With one, the parts of a body of that height (`hardware.plans.anthropometry`) are laid on
the mat from its hip line, moved by `off_cm` and `parts_cm`; each sensor then catches what presses inside its collector
(`hardware.sim.contact`), its own part's or a neighbour's.  On a mat without a hip line, or under a zone whose name says no part of
the body, the part is taken to lie on its sensor before it is moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat
from hardware.plans.anthropometry import PATCH_CM, Place, part_of
from hardware.plans.design import where
from hardware.sim.contact import caught
from hardware.sim.motion import minimum_jerk

Array = NDArray[np.float64]

Direction = Literal["head", "feet", "left", "right"]
TOWARDS: dict[Direction, tuple[float, float]] = {"head": (0.0, 1.0), "feet": (0.0, -1.0), "left": (-1.0, 0.0), "right": (1.0, 0.0)}

A_LITTLE_CM, A_HAND_CM = (1.5, 4.0), (5.0, 9.0)
"""How far people move who are told to move a little, or by a hand's width."""

ASIDE_CM = 0.5
"""Standard deviation of where else they come to lie."""

LIGHTER_ON_THE_WAY = 0.6
"""Share of its load that a part loses while it is moved quickly."""

QUICK_S = 10.0


@dataclass(frozen=True, slots=True)
class Lying:
    """stature_cm: how tall.  off_cm: the whole body, right and headwards of its marks.  parts_cm: single zones' parts besides."""

    stature_cm: float
    off_cm: tuple[float, float] = (0.0, 0.0)
    parts_cm: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Moved:
    columns: tuple[int, ...]
    by_cm: tuple[float, float]
    start_s: float
    duration_s: float

    def done(self, t_s: float) -> float:
        return float(minimum_jerk(np.array([(t_s - self.start_s) / max(self.duration_s, 1e-3)]))[0])


class Placement:
    """Where the parts lie, as time goes by."""

    def __init__(self, mat: Mat, lying: Lying | None, rng: np.random.Generator) -> None:
        self._mat = mat
        self._lying = lying
        self._rng = rng
        self._moves: list[_Moved] = []
        self._marks = [self._mark(i) for i in range(len(mat.zone))]
        self._usual = np.array([caught(z, Place(z.x_cm, z.y_cm, m.patch_cm)) for z, m in zip(mat.zone, self._marks, strict=True)])
        self._known: tuple[tuple[tuple[float, float], ...], Array] | None = None

    def _mark(self, column: int) -> Place:
        """Where the part under a zone lies before anything is moved."""
        zone, hip_cm = self._mat.zone[column], self._mat.mat.hip_line_cm
        part = part_of(zone.name)
        patch_cm = PATCH_CM.get(part, (3.0, 3.0))
        if self._lying is None or hip_cm is None or part not in PATCH_CM:
            return Place(zone.x_cm, zone.y_cm, patch_cm)
        there = where(zone.name, self._lying.stature_cm, hip_cm)
        dx, dy = self._lying.parts_cm.get(zone.name, (0.0, 0.0))
        return Place(there.x_cm + self._lying.off_cm[0] + dx, there.y_cm + self._lying.off_cm[1] + dy, there.patch_cm)

    @property
    def beside(self) -> bool:
        """Whether anybody may lie anywhere but exactly on the marks."""
        return self._lying is not None or bool(self._moves)

    def lie_down(self) -> None:
        """Somebody lies down anew, as they usually do."""
        self._moves.clear()

    def move(self, zone: str | None, dx_cm: float, dy_cm: float, start_s: float, duration_s: float) -> None:
        """Move the part on a zone, or the whole body, for good.  A zone the mat does not have is ignored."""
        names = self._mat.zone_names
        if zone is not None and zone not in names:
            return
        columns = tuple(range(len(names))) if zone is None else (names.index(zone),)
        self._moves.append(_Moved(columns, (dx_cm, dy_cm), start_s, duration_s))

    def obey(self, zone: str | None, direction: Direction | None, start_s: float, far: bool = False) -> None:
        """Do what was said, as people do: about so far, and a little aside.  Told no direction, they try one."""
        towards = TOWARDS[direction] if direction else list(TOWARDS.values())[int(self._rng.integers(4))]
        far_cm = self._rng.uniform(*(A_HAND_CM if far else A_LITTLE_CM))
        dx, dy = (far_cm * c + self._rng.normal(0.0, ASIDE_CM) for c in towards)
        self.move(zone, dx, dy, start_s, float(self._rng.uniform(1.0, 2.5)))

    def off_cm(self, t_s: float) -> tuple[tuple[float, float], ...]:
        """How far each part has been moved by now, across and along."""
        off = np.zeros((len(self._marks), 2))
        for moved in self._moves:
            off[list(moved.columns)] += moved.done(t_s) * np.array(moved.by_cm)
        return tuple((float(x), float(y)) for x, y in off)

    def reach(self, t_s: float) -> Array:
        """Shape (parts, sensors): what sensor j catches of a newton that part i would give its own sensor from right above it."""
        off = self.off_cm(t_s)
        if self._known is not None and self._known[0] == off:
            return self._known[1]
        matrix = np.zeros((len(off), len(off)))
        for i, ((dx, dy), mark) in enumerate(zip(off, self._marks, strict=True)):
            there = Place(mark.x_cm + dx, mark.y_cm + dy, mark.patch_cm)
            for j, zone in enumerate(self._mat.zone):
                matrix[i, j] = caught(zone, there) / self._usual[i]
        self._known = off, matrix
        return matrix

    def sensed(self, t: Array, force: Array) -> Array:
        """Forces of the parts (n, zones) at rising times -> forces on the sensors."""
        first, last = self.reach(float(t[0])), self.reach(float(t[-1]))
        for moved in self._moves:
            if moved.duration_s < QUICK_S and moved.start_s - 1.0 < t[-1] and t[0] < moved.start_s + moved.duration_s:
                u = np.clip((t - moved.start_s) / moved.duration_s, 0.0, 1.0)
                force = force.copy()
                force[:, list(moved.columns)] *= 1.0 - LIGHTER_ON_THE_WAY * np.sin(np.pi * u)[:, None] ** 2
        if first is last:
            return force @ first
        u = np.linspace(0.0, 1.0, len(t))[:, None]
        return (1.0 - u) * (force @ first) + u * (force @ last)
