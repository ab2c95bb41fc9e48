"""What the guide says comes next, and how often it has said so."""

from __future__ import annotations

from collections.abc import Callable

from station.practice.exercise import TRUNK_MOVEMENTS, Exercise, Language
from station.practice.exercise_progress import Progress
from station.practice.positions import BodyMap, Position, placed
from station.practice.trunk import TrunkMovement, TrunkPart

UNASKED_TIMES = 2
"""An instruction is said so often at most, unless the person asks for it."""


class Instructions:
    """The sentence for each moment of an exercise.

    words_for(key, **values): the text of a phrase in the person's language.
    """

    def __init__(self, exercise: Exercise, progress: Progress, words_for: Callable[..., str]) -> None:
        self._exercise = exercise
        self._progress = progress
        self._words_for = words_for
        self._said: dict[tuple[int, str], int] = {}

    def begin(self) -> None:
        """A session begins: everything may be said again."""
        self._said.clear()

    def next(self, language: Language) -> str:
        """What comes next, to be shown."""
        step = self._progress.step
        if not self._exercise.steps:
            return self._words_for("anything")
        if step is None:
            return self._words_for("all_done")
        return step.say.in_(language) if self._progress.made == 0 else self._words_for("again")

    def unasked(self, language: Language) -> str | None:
        """The same to be spoken, unless it was said often enough."""
        step = self._progress.step
        key = (self._progress.index, "done" if step is None else "first" if self._progress.made == 0 else "again")
        most = UNASKED_TIMES if step is not None else 1
        if not self._exercise.steps or self._said.get(key, 0) >= most:
            return None
        self._said[key] = self._said.get(key, 0) + 1
        return self.next(language)

    def asked(self, language: Language) -> str:
        """The person wants to hear it: the whole instruction."""
        step = self._progress.step
        return step.say.in_(language) if step is not None else self.next(language)

    def position(self, now: Position) -> Position:
        """How to lie for the step that comes; when none comes, as one lies `now`."""
        step = self._progress.step
        if step is None:
            return placed(now if self._exercise.steps else self._exercise.position)
        return placed(step.position or self._exercise.position)

    def trunk(self, body: BodyMap | None, now: Position) -> tuple[TrunkPart | None, TrunkMovement | None]:
        """The part of the trunk that the step moves, and how; nothing when it asks for none, or the mat does not feel it."""
        step = self._progress.step
        movement = next((each for each in TRUNK_MOVEMENTS if step is not None and step.movement == each), None)
        if step is None or body is None or movement is None:
            return None, None
        return body.trunk[placed(now)].get(step.limbs[0]), movement

    def wrong_part(self) -> str:
        """The step asks for another part of the arm than was lifted."""
        step = self._progress.step
        return self._words_for("only_elbow" if step is not None and step.part == "elbow" else "whole_arm")

    def turn_to(self) -> str:
        """How to lie for the step that comes."""
        return self._words_for(f"turn_{self.position('any')}")

    def lie_down(self) -> str:
        return self._words_for(f"lie_{self.position('any')}" if self._exercise.steps else "lie_down")
