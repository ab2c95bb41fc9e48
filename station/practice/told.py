"""What is said of the last release, on the page: where in the count the floor came, and that it was slower."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import hypot

from station.model import Lift
from station.practice.exercise import Language
from station.practice.release import Release

SLOWER_BY_S, SLOWER_BY_SHARE = 0.5, 0.15
"""A melt is called slower when it is so much longer, in seconds and in proportion: less nobody would feel."""
SURE = 2.0
"""...and by so many standard deviations of what was measured, or it is not said."""


def release_words(release: Release | None, words_for: Callable[..., str], language: Language) -> list[str]:
    """One sentence, or none."""
    if release is None:
        return []
    if release.touch_down < release.number:
        return [words_for("release_in_count", down=release.number - int(release.touch_down), number=release.number)]
    late = f"{(release.touch_down - release.number) * release.count_s:.1f}"
    return [words_for("release_after_count", late=late.replace(".", ",") if language == "de" else late, number=release.number)]


def slower_words(lift: Lift, before: Sequence[Lift], words_for: Callable[..., str]) -> str | None:
    """A kind word when this melt was surely longer than the last one of the same limb; quicker ones are not mentioned."""
    last = next((other for other in reversed(before) if other.limb == lift.limb), None)
    if last is None or not is_slower(lift, _melt_s(last), last.melt_end_sd):
        return None
    return words_for("slower_melt", seconds=round((_melt_s(lift) or 0.0) - (_melt_s(last) or 0.0)) or 1)


def is_slower(lift: Lift, than_s: float | None, than_sd_s: float | None = None) -> bool:
    """Whether the melt was surely longer than `than_s`."""
    melt_s = _melt_s(lift)
    if melt_s is None or than_s is None:
        return False
    sure_s = SURE * hypot(lift.melt_end_sd or 0.0, than_sd_s or 0.0)
    return melt_s - than_s > max(SLOWER_BY_S, SLOWER_BY_SHARE * than_s, sure_s)


def _melt_s(lift: Lift) -> float | None:
    return None if lift.melt_end is None or lift.touch_down is None else lift.melt_end - lift.touch_down
