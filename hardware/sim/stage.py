"""One step of the script under way: contact force as a pure function of time, and what was true of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat
from hardware.sim.motion import Lift, Movement, Path, Unweighting, movement
from hardware.sim.person import BREATH_SHARE, Person
from hardware.sim.script import Act, Away, Cough, Fidget, GetUp, LieDown, Move, Roll, Slide, WireFault, duration_s
from hardware.sim.truth import (
    TrueFault,
    TrueLift,
    TrueUnweighting,
    Truth,
    group_repetitions,
    measure_lift,
    measure_unweighting,
)

Array = NDArray[np.float64]

TRUTH_HZ = 500.0
QUICK_MOVE_S = 10.0
"""A move that takes longer is creeping along, which nobody would call a movement."""


class Stage:
    """One step of the script under way: contact force as a pure function of time between `start_s` and `end_s`."""

    def __init__(
        self,
        step: tuple[Act, ...],
        start_s: float,
        base_n: Array,
        coverage: Array,
        mat: Mat,
        person: Person,
        rng: np.random.Generator,
    ):
        self.acts = step
        self.start_s = start_s
        self.base_n = base_n
        self._mat = mat
        self._movements: list[Movement] = [movement(act, mat, rng) for act in step]
        takes = dict(person.takes)
        self._takes = [takes[act.limb] if getattr(act, "limb", None) in takes else None for act in step]  # type: ignore[union-attr]
        self._coverage = coverage
        self._slides = []
        self._coughs: list[tuple[float, float, Array]] = []
        names = mat.zone_names
        for act in step:
            if isinstance(act, Slide) and act.zone in names:
                column = names.index(act.zone)
                until = act.delay_s + act.duration_s
                self._slides.append((column, Path([(act.delay_s, float(coverage[column])), (until, act.coverage)])))
            if isinstance(act, Cough):
                trunk = np.array([name.split("_")[0] in BREATH_SHARE for name in names])
                for i in range(act.bursts):
                    strength = act.strength * rng.uniform(0.5, 1.0)
                    zones = strength * np.where(trunk, rng.uniform(0.4, 1.0, len(names)), rng.uniform(-0.15, 0.15, len(names)))
                    self._coughs.append((act.delay_s + 0.45 * i + rng.uniform(0.0, 0.1), rng.uniform(0.2, 0.4), zones))
        lasts = [duration_s(act) for act in step] + [m.end_s + 0.2 for m in self._movements if isinstance(m, Lift)]
        self.end_s = start_s + max(lasts)

    def force(self, t_s: Array) -> Array:
        """Contact force in newtons, (n, zones), noise-free, at simulated times (n,)."""
        t = t_s - self.start_s
        gains = np.ones((len(t), len(self.base_n)))
        moved = np.zeros_like(gains)
        for mover, takes in zip(self._movements, self._takes, strict=True):
            gain = mover.gains(t)
            gains *= gain
            if takes is not None:
                moved += (self.base_n * (1.0 - gain)).sum(axis=1)[:, None] * takes
        # What has left the mat receives no weight.
        return np.maximum(0.0, self.base_n * gains + moved * np.minimum(gains, 1.0))

    def effort(self, t_s: Array) -> Array:
        """How hard the muscles over each zone work, (n, zones), 0..1."""
        out = np.zeros((len(t_s), len(self.base_n)))
        for mover in self._movements:
            out = np.maximum(out, mover.effort(t_s - self.start_s))
        return out

    def coughing(self, t_s: Array) -> Array:
        """Relative change of load by coughs, (n, zones)."""
        out = np.zeros((len(t_s), len(self.base_n)))
        for start, width, zones in self._coughs:
            u = np.clip((t_s - self.start_s - start) / width, 0.0, 1.0)
            out += (np.sin(np.pi * u) ** 2 * np.sin(1.5 * np.pi * u + 0.6))[:, None] * zones
        return out

    def coverage(self, t_s: Array) -> Array:
        """Share of each zone's force its sensor sees, (n, zones)."""
        out = np.repeat(self._coverage[None, :], len(t_s), axis=0)
        for column, path in self._slides:
            out[:, column] = path(t_s - self.start_s)
        return out

    def left_behind(self) -> tuple[Array, Array]:
        """Resting loads and coverage after this step."""
        end = np.array([self.end_s])
        base = self.base_n
        if not any(isinstance(act, Away | LieDown | GetUp | Roll) for act in self.acts):
            base = np.clip(self.force(end)[0], 0.5 * base, 1.6 * base)
        return base, self.coverage(end)[0]

    def truth(self) -> Truth:
        """What this step did, measured on its force; repetitions are counted from 0."""
        ignore, faults = [], []
        for act in self.acts:
            begins, ends = self.start_s + getattr(act, "delay_s", 0.0), self.start_s + duration_s(act)
            if isinstance(act, LieDown | GetUp | Roll | Fidget) or (isinstance(act, Move) and act.duration_s < QUICK_MOVE_S):
                ignore.append((begins, ends))
            elif isinstance(act, WireFault):
                twin = act.twin if act.fault == "twin" else None
                faults.append(TrueFault(act.zone, act.fault, begins, math.inf if act.for_good else ends, twin))
        if not any(isinstance(m, Lift | Unweighting) for m in self._movements):
            return Truth(ignore=tuple(ignore), faults=tuple(faults))
        t = np.arange(self.start_s, self.end_s, 1.0 / TRUTH_HZ)
        force = self.force(t)
        lifts: list[TrueLift] = []
        unweightings: list[TrueUnweighting] = []
        for act, mover in zip(self.acts, self._movements, strict=True):
            if not isinstance(mover, Lift | Unweighting):
                continue
            limb = next(limb for limb in self._mat.limb if limb.name == act.limb)  # type: ignore[union-attr]
            since = int(act.delay_s * TRUTH_HZ)  # type: ignore[union-attr]
            of_limb = force[since:, mover.columns]
            lift = measure_lift(t[since:], of_limb, limb.name, limb.kind)
            if lift is not None:
                lifts.append(lift)
            elif (unweighting := measure_unweighting(t[since:], of_limb, limb.name)) is not None:
                unweightings.append(unweighting)
        lifts.sort(key=lambda lift: lift.lift_off)
        grouped, repetitions = group_repetitions(lifts, {limb.name: limb.side for limb in self._mat.limb})
        return Truth(grouped, repetitions, tuple(unweightings), tuple(ignore), tuple(faults))
