"""Counting the release.

What a mat cannot know is not pretended.  A limb aloft does not show when it begins to sink: the count is an offer that starts after
the hold the person chose (or at the button), and only touch-down and the end of the melt are measured against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

AHEAD_S = 1.5
"""How far ahead counts are handed out."""
SLOWER_BY = 2


@dataclass(frozen=True, slots=True)
class Release:
    """How one counted release went, measured in counts from the first count on.

    touch_down, melt_end: 2.5 = halfway through the third count; above `number` when the count was over before; None: not known.
    """

    limb: str
    number: int
    count_s: float
    touch_down: float
    melt_end: float | None = None


def count_number(counts: Sequence[int], made: int, slower: bool) -> int:
    """How far to count when `made` releases were counted before: 8, 10, 12, and then 12 again or (`slower`) 14, 16, ...

    >>> [count_number((8, 10, 12), made, slower=True) for made in range(5)]
    [8, 10, 12, 14, 16]
    """
    beyond = made - (len(counts) - 1)
    number = counts[min(made, len(counts) - 1)]
    return number + SLOWER_BY * beyond if slower and beyond > 0 else number


class ReleaseCount:
    """One count down from `number`, the first at `start_s`, `count_s` apart.

    limbs: what is being released; the count is over for good when all of them are down.
    """

    def __init__(self, limb: str, number: int, start_s: float, count_s: float) -> None:
        self.limbs = {limb}
        self.number = number
        self._start_s = start_s
        self._count_s = count_s
        self._handed_out = 0

    def join(self, limb: str, start_s: float) -> None:
        """Another limb left the mat: the hold begins anew, unless the count has begun."""
        self.limbs.add(limb)
        if self._handed_out == 0:
            self._start_s = start_s

    def due(self, now_s: float) -> Iterator[tuple[float, int]]:
        """(time, what is counted) of the next moments, once each; those whose time has passed are left out, not made up for."""
        while self._handed_out < self.number and self._at_s(self._handed_out) <= now_s + AHEAD_S:
            at_s, left = self._at_s(self._handed_out), self.number - self._handed_out
            self._handed_out += 1
            if at_s >= now_s:
                yield at_s, left

    def shown(self, now_s: float) -> int | None:
        """The count that is heard now; None before the first and after the last has passed."""
        counts = self.counts_at(now_s)
        return self.number - int(counts) if counts is not None and counts < self.number else None

    def counts_at(self, t_s: float) -> float | None:
        """How many counts had passed at a time; None before the first."""
        return round((t_s - self._start_s) / self._count_s, 2) if t_s >= self._start_s else None

    def landed(self, limb: str, t_s: float) -> Release | None:
        """A limb touched down: its release, if it had begun to be counted."""
        counts = self.counts_at(t_s) if limb in self.limbs else None
        return None if counts is None else Release(limb, self.number, self._count_s, counts)

    def _at_s(self, n: int) -> float:
        return self._start_s + n * self._count_s


class ReleaseCounting:
    """The count that runs, if one does, and how the last counted release went.

    release: the last one, as far as it is known.
    """

    def __init__(self) -> None:
        self._count: ReleaseCount | None = None
        self._releasing: dict[str, tuple[ReleaseCount, Release]] = {}
        self.release: Release | None = None

    @property
    def running(self) -> bool:
        return self._count is not None

    def plan(self, limb: str, start_s: float, number: int, count_s: float) -> None:
        """Count the release of a limb from `start_s` on; one that is counted already is joined."""
        if self._count is None:
            self._count = ReleaseCount(limb, number, start_s, count_s)
        else:
            self._count.join(limb, start_s)

    def due(self, now_s: float) -> list[tuple[float, int, int]]:
        """(time, how many are left, of how many) of the next counts, once each."""
        if self._count is None:
            return []
        return [(at_s, left, self._count.number) for at_s, left in self._count.due(now_s)]

    def shown(self, now_s: float) -> tuple[int, int] | None:
        """(how many are left, of how many) that is heard now."""
        left = self._count.shown(now_s) if self._count is not None else None
        return None if left is None or self._count is None else (left, self._count.number)

    def is_over(self, aloft: set[str]) -> bool:
        """Whether everything that is counted has come down."""
        return self._count is not None and not self._count.limbs & aloft

    def end(self) -> None:
        self._count = None

    def landed(self, limb: str, t_s: float) -> None:
        release = self._count.landed(limb, t_s) if self._count else None
        if self._count and release:
            self.release = release
            self._releasing[limb] = (self._count, release)

    def melted(self, limb: str, t_s: float) -> None:
        if limb in self._releasing:
            count, release = self._releasing.pop(limb)
            self.release = replace(release, melt_end=count.counts_at(t_s))

    def forget(self, limb: str | None = None) -> None:
        """A limb whose melt cannot be told; without a name: everything, the session is over."""
        if limb is not None:
            self._releasing.pop(limb, None)
            return
        self._releasing.clear()
        self.release = None
