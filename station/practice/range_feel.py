"""A range that follows the person: down at once when a lift was too much, up slowly and only when asked.

The person says after a repetition or a session how it felt.  "Too much" makes the range smaller now.  "Comfortable" changes
nothing; said often enough in a row it lets the guide mention, once, that the range may grow, and the page offer it.  Only "larger"
makes it grow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from station.model import Lift

Feel = Literal["comfortable", "too_much", "larger"]
SMALLER_BY, LARGER_BY = 0.8, 0.05
"""Too much: a fifth off.  Larger: a twentieth of the limb's load more."""
LEAST, MOST = 0.05, 0.95
"""A range below the first would be told at every lift; above the last it would never be."""
COMFORTABLE_TIMES = 3
"""So many times comfortable before growing is offered."""


class RangeFeel:
    """What was said of each limb since its range last changed.  ranges: limb -> the range that follows from it."""

    def __init__(self) -> None:
        self._comfortable: dict[str, int] = {}
        self._offered: set[str] = set()
        self.ranges: dict[str, float] = {}

    def limit(self, limb: str, ranges: Mapping[str, float]) -> float | None:
        """The range in force: what was just said, else the person's own."""
        return self.ranges.get(limb, ranges.get(limb))

    def say(self, feel: Feel, lifts: Sequence[Lift], ranges: Mapping[str, float]) -> None:
        """How the last repetition of `lifts` (in order of time) was."""
        last = lifts[-1] if lifts else None
        for limb, extent in {lift.limb: lift.extent for lift in lifts if last and together(lift, last)}.items():
            limit = self.limit(limb, ranges)
            if feel == "comfortable":
                self._comfortable[limb] = self._comfortable.get(limb, 0) + 1
                continue
            self._comfortable.pop(limb, None)
            self._offered.discard(limb)
            known = [each for each in (limit, extent) if each is not None]
            if feel == "too_much" and known:
                self.ranges[limb] = round(max(min(known) * SMALLER_BY, LEAST), 3)
            elif feel == "larger" and limit is not None:
                self.ranges[limb] = round(min(limit + LARGER_BY, MOST), 3)

    @property
    def may_grow(self) -> str | None:
        """A limb whose range was comfortable often enough; the person decides."""
        return next((limb for limb, times in self._comfortable.items() if times >= COMFORTABLE_TIMES), None)

    def offer(self, ranges: Mapping[str, float]) -> bool:
        """Whether to mention, once for each limb that has a range, that it may grow."""
        limb = self.may_grow
        if limb is None or limb in self._offered or self.limit(limb, ranges) is None:
            return False
        self._offered.add(limb)
        return True


def together(a: Lift, b: Lift) -> bool:
    """Whether two lifts are the same, or were off the mat at the same time."""
    if a is b:
        return True
    if a.lift_off is None or a.touch_down is None or b.lift_off is None or b.touch_down is None:
        return False
    return min(a.touch_down, b.touch_down) > max(a.lift_off, b.lift_off)
