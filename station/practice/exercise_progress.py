"""How far somebody has come in an exercise, and what was learnt of their small and their large."""

from __future__ import annotations

from collections.abc import Sequence

from station.model import Lift, Repetition
from station.practice.exercise import Exercise, Measure, Step
from station.practice.release import count_number

FREE_COUNTS = (8, 10, 12)
"""Counts of a release that belongs to no step."""
RANGE_APART = 0.1
"""The least difference in extent at which a small and a large lift can be told apart."""


class Progress:
    """Through the steps of one exercise.  A step is made by its own limbs only; anything else changes nothing.

    index: of the step, 0-based, `len(steps)` when all are made.  made: repetitions of this step.
    """

    def __init__(self, exercise: Exercise) -> None:
        self._steps = exercise.steps
        self._extents: dict[str, dict[Measure, float]] = {}
        self._made_by_limb: dict[str, int] = {}
        self.index = 0
        self.made = 0

    def begin(self) -> None:
        """A session begins at the first step; the range learnt so far is kept."""
        self.index = self.made = 0
        self._made_by_limb.clear()

    @property
    def step(self) -> Step | None:
        """None: there are none, or all are made."""
        return self._steps[self.index] if self.index < len(self._steps) else None

    def unweights(self, limb: str) -> bool:
        """Whether it is this limb's unweighting that the step asks for."""
        return self.step is not None and self.step.movement == "unweighting" and limb in self.step.limbs

    def lift(self, lift: Lift) -> None:
        """A lift or unweighting is complete."""
        if self.unweights(lift.limb) and lift.kind != "void":
            self._step_on()
        if lift.kind == "lift":
            self._made_by_limb[lift.limb] = self._made_by_limb.get(lift.limb, 0) + 1

    def repetition(self, repetition: Repetition) -> None:
        """A repetition is complete."""
        step = self.step
        if step is None or step.movement != "lift" or {lift.limb for lift in repetition.lifts} != set(step.limbs):
            return
        for lift in repetition.lifts:
            if step.measures and lift.extent is not None:
                self._extents.setdefault(lift.limb, {})[step.measures] = lift.extent
        self._step_on()

    def number(self, limb: str, chosen: Sequence[int] | None) -> int:
        """How far the release of `limb` is to be counted now; `chosen` instead of the exercise's counts."""
        step = self.step
        if step is None:
            return count_number(chosen or FREE_COUNTS, self._made_by_limb.get(limb, 0), slower=False)
        return count_number(chosen or step.counts, self.made, slower=step.after_last == "slower")

    @property
    def ranges(self) -> dict[str, float]:
        """Limb -> extent up to which a lift is small for this person, from the lifts of steps that measure it.

        Halfway between the small and the large lift; a limb on which the two differ by less than `RANGE_APART` has none.
        """
        both = {limb: got for limb, got in self._extents.items() if len(got) == 2}
        return {
            limb: round((got["small"] + got["large"]) / 2, 3)
            for limb, got in both.items()
            if got["large"] - got["small"] >= RANGE_APART
        }

    def _step_on(self) -> None:
        step = self.step
        if step is None:
            return
        self.made += 1
        if self.made >= step.repetitions:
            self.index, self.made = self.index + 1, 0
