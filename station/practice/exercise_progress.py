"""How far somebody has come in an exercise, and what was learnt of their small and their large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from station.model import Lift, Repetition
from station.practice.exercise import Exercise, Measure, Step
from station.practice.range_feel import together
from station.practice.release import count_number
from station.practice.trunk import TrunkMove

FREE_COUNTS = (8, 10, 12)
"""Counts of a release that belongs to no step."""
RANGE_APART = 0.1
"""The least difference in extent at which a small and a large lift can be told apart."""
AHEAD_TIMES = 2
"""The step after this one was made so often: this one is left out.  Once may be a slip."""
Outcome = Literal["made", "other_part", "none"]


class Progress:
    """Through the steps of one exercise.  A step is made by its own limbs only; anything else changes nothing.

    One exception: somebody who leaves a step out and makes the one after it, twice in a row, is taken to be there.

    index: of the step, 0-based, `len(steps)` when all are made.  made: repetitions of this step.
    """

    def __init__(self, exercise: Exercise) -> None:
        self._steps = exercise.steps
        self._extents: dict[str, dict[Measure, Lift]] = {}
        self._made_by_limb: dict[str, int] = {}
        self._others: list[Lift] = []
        self._told_part: set[int] = set()
        self._ahead = 0
        self.index = 0
        self.made = 0

    def begin(self, index: int = 0) -> None:
        """A session begins at a step; the range learnt so far is kept."""
        self.index, self.made = min(max(index, 0), len(self._steps)), 0
        self._made_by_limb.clear()
        self._others.clear()
        self._ahead = 0
        self._told_part.clear()

    @property
    def step(self) -> Step | None:
        """None: there are none, or all are made."""
        return self._steps[self.index] if self.index < len(self._steps) else None

    @property
    def following(self) -> Step | None:
        """The step after this one."""
        return self._steps[self.index + 1] if self.index + 1 < len(self._steps) else None

    @property
    def under_way(self) -> bool:
        """Something is made, and something is left."""
        return self.step is not None and (self.index > 0 or self.made > 0)

    def skip(self) -> None:
        """Leave the rest of this step out."""
        if self.step is not None:
            self.index, self.made = self.index + 1, 0

    def repeat(self) -> None:
        """This step from its first repetition; when all are made, the last one."""
        self.index, self.made = min(self.index, max(len(self._steps) - 1, 0)), 0

    def back(self) -> None:
        """The step before."""
        self.index, self.made = max(self.index - 1, 0), 0

    def unweights(self, limb: str) -> bool:
        """Whether it is this limb's unweighting that the step asks for."""
        return self.step is not None and self.step.movement == "unweighting" and limb in self.step.limbs

    def lift(self, lift: Lift) -> None:
        """A lift or unweighting is complete."""
        if self.unweights(lift.limb) and lift.kind != "void":
            self._step_on()
        if lift.kind == "lift":
            self._made_by_limb[lift.limb] = self._made_by_limb.get(lift.limb, 0) + 1

    def trunk(self, move: TrunkMove) -> None:
        """A movement of the trunk is complete."""
        if self.step is not None and self.step.movement == move.movement and move.part in self.step.limbs:
            self._step_on()

    def repetition(self, repetition: Repetition) -> Outcome:
        """A repetition is complete.  What was lifted at the same time belongs to it, whatever detection calls it."""
        lifts = [lift for lift in self._others if any(together(lift, other) for other in repetition.lifts)]
        lifts += repetition.lifts
        self._others = lifts
        step = self.step
        if step is None:
            return "none"
        if not _made_of(step, lifts):
            following = self.following
            if self.made or following is None or following.limbs == step.limbs or not _made_of(following, lifts):
                self._ahead = 0
                return "none"
            self._ahead += 1
            if self._ahead < AHEAD_TIMES:
                return "none"
            self.index += 1
            step = following
        self._ahead = 0
        if step.part is not None and self.index not in self._told_part and _other_part(step, lifts):
            self._told_part.add(self.index)
            return "other_part"
        for lift in lifts:
            if step.measures and lift.extent is not None:
                self._extents.setdefault(lift.limb, {})[step.measures] = lift
        self._others = []
        self._step_on()
        return "made"

    def number(self, limb: str, chosen: Sequence[int] | None) -> int:
        """How far the release of `limb` is to be counted now; `chosen` instead of the exercise's counts."""
        step = self.step
        if step is None:
            return count_number(chosen or FREE_COUNTS, self._made_by_limb.get(limb, 0), slower=False)
        return count_number(chosen or step.counts, self.made, slower=step.after_last == "slower")

    @property
    def ranges(self) -> dict[str, float]:
        """Limb -> extent up to which a lift is small for this person, from the lifts of steps that measure it.

        Halfway between the small and the large lift; a limb on which the mat cannot tell the two apart has none.
        """
        both = {limb: got for limb, got in self._extents.items() if len(got) == 2}
        return {
            limb: round(((got["small"].extent or 0.0) + (got["large"].extent or 0.0)) / 2, 3)
            for limb, got in both.items()
            if _apart(got)
        }

    @property
    def unclear(self) -> frozenset[str]:
        """Limbs measured small and large between which the mat saw no difference."""
        return frozenset(limb for limb, got in self._extents.items() if len(got) == 2 and not _apart(got))

    def _step_on(self) -> None:
        step = self.step
        if step is None:
            return
        self.made += 1
        if self.made >= step.repetitions:
            self.index, self.made = self.index + 1, 0


def _apart(got: dict[Measure, Lift]) -> bool:
    small, large = got["small"], got["large"]
    # An elbow alone and the whole arm are two movements, not a small and a large one.
    return small.part == large.part and (large.extent or 0.0) - (small.extent or 0.0) >= RANGE_APART


def _made_of(step: Step, lifts: Sequence[Lift]) -> bool:
    return step.movement == "lift" and {lift.limb for lift in lifts} == set(step.limbs)


def _other_part(step: Step, lifts: Sequence[Lift]) -> bool:
    arms = [lift.part for lift in lifts if lift.part in ("elbow", "elbow_hand", "elbow_hand_head")]
    if step.part == "elbow":
        return any(part != "elbow" for part in arms)
    return any(part == "elbow" for part in arms)
