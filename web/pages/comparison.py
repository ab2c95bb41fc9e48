"""Measured facts in kind words: what a repetition was like beside the last one of its kind.

Slower and smaller is what the practice asks for, but no difference is called better or worse, and none is named that the
measurement cannot carry.  Like is compared with like: the same limb, the same part of it, alone or with the same other limb.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from station.locale.texts import Texts
from station.store.records import LiftRecord, RepetitionRecord

SAME_S = 0.3
"""A difference a person would not notice."""
ENOUGH = 3
"""Fewer lifts than this have no middle worth comparing."""
DRAWS = 400


@dataclass(frozen=True, slots=True)
class Interval:
    """Median of n melts in seconds and its 95 % interval."""

    n: int
    median_s: float
    low_s: float
    high_s: float

    def overlaps(self, other: Interval) -> bool:
        return self.low_s <= other.high_s and other.low_s <= self.high_s


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two groups of melts beside each other, in words: what is compared, each side's median with its interval, and what it says."""

    title: str
    one: str
    other: str
    verdict: str


def kind_of(repetition: RepetitionRecord, lift: LiftRecord) -> tuple[str, ...]:
    """What has to be the same for two lifts to be compared."""
    others = sorted({one.lift.limb for one in repetition.lifts if one.lift.limb != lift.lift.limb})
    return (repetition.kind, lift.lift.limb, lift.lift.part, *others)


def melt_sd_s(lift: LiftRecord) -> float | None:
    """One standard deviation of the melt's length, from those of its two ends; None when unknown or when set by hand."""
    if any(correction.boundary in ("touch_down", "melt_end") for correction in lift.corrections):
        return None
    ends = (lift.lift.touch_down_sd, lift.lift.melt_end_sd)
    return None if ends[1] is None else math.hypot(ends[0] or 0.0, ends[1])


def beside_the_one_before(lift: LiftRecord, before: LiftRecord | None, t: Texts) -> str:
    """`"Melt 1.8 s longer than last time."`, or that it is much the same, or that it is not known."""
    if before is None:
        return t("words.first")
    if lift.melt_s is None or before.melt_s is None:
        return t("words.cannot_tell")
    difference_s = lift.melt_s - before.melt_s
    noticeable_s = max(SAME_S, math.hypot(melt_sd_s(lift) or 0.0, melt_sd_s(before) or 0.0))
    if abs(difference_s) <= noticeable_s:
        return t("words.same")
    return t("words.slower" if difference_s > 0 else "words.quicker", seconds=t.decimal(abs(difference_s)))


def softness_word(softness_share: float | None, t: Texts) -> str:
    """How the touch-down was: the less load came back in the first half second, the softer."""
    if softness_share is None:
        return t("words.cannot_tell_short")
    if softness_share < 0.25:
        return t("words.very_soft")
    if softness_share < 0.5:
        return t("words.soft")
    return t("words.firm")


def interval(lifts: Sequence[LiftRecord]) -> Interval | None:
    """The median melt of some lifts with its 95 % interval; None when none is known.

    The interval is that of resampled lifts, each with the error its own ends have; of a single lift, the error alone.
    """
    known = [(lift.melt_s, melt_sd_s(lift) or 0.1) for lift in lifts if lift.melt_s is not None and not lift.not_a_lift]
    if not known:
        return None
    melts, sds = (np.array(values) for values in zip(*known, strict=True))
    rng = np.random.default_rng(len(known))
    chosen = rng.integers(0, len(known), (DRAWS, len(known)))
    medians = np.median(melts[chosen] + rng.normal(0.0, 1.0, chosen.shape) * sds[chosen], axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    middle = median(melts.tolist())
    return Interval(len(known), middle, min(float(low), middle), max(float(high), middle))


def contrast(title: str, names: tuple[str, str], sides: tuple[Interval, Interval], t: Texts) -> Contrast:
    """Two medians beside each other.  A difference is named only where the intervals do not overlap."""
    one, other = sides
    if one.overlaps(other) or abs(one.median_s - other.median_s) <= SAME_S:
        verdict = t("contrast.same")
    else:
        longer = names[0] if one.median_s > other.median_s else names[1]
        by_s = abs(one.median_s - other.median_s)
        verdict = t("contrast.longer", which=longer, seconds=t.decimal(by_s))
    return Contrast(title, f"{names[0]}: {interval_words(one, t)}", f"{names[1]}: {interval_words(other, t)}", verdict)


def interval_words(one: Interval, t: Texts) -> str:
    """`"6.4 s (5.9 to 7.0 s, 4 melts)"`."""
    low, high = t.decimal(one.low_s), t.decimal(one.high_s)
    return t.count("contrast.interval", one.n, median=t.decimal(one.median_s), low=low, high=high)


def contrasts(repetitions: Sequence[RepetitionRecord], t: Texts) -> tuple[Contrast, ...]:
    """Left beside right of the same part, and the first half of a kind's lifts beside its last, where there are enough of them."""
    by_kind: dict[tuple[str, ...], list[LiftRecord]] = {}
    sides: dict[tuple[str, str], dict[str, list[LiftRecord]]] = {}
    for repetition in repetitions:
        for lift in repetition.lifts:
            if lift.not_a_lift or lift.melt_s is None:
                continue
            by_kind.setdefault(kind_of(repetition, lift), []).append(lift)
            side = lift.lift.limb.rsplit("_", 1)[-1]
            if side in ("l", "r"):
                sides.setdefault((repetition.kind, lift.lift.part), {"l": [], "r": []})[side].append(lift)
    found = []
    for (kind, part), both in sides.items():
        left, right = interval(both["l"]), interval(both["r"])
        if left and right and min(left.n, right.n) >= ENOUGH:
            title = part_name(kind, part, t)
            found.append(contrast(title, (t("side.left"), t("side.right")), (left, right), t))
    for (kind, limb, part, *_), lifts in by_kind.items():
        half = len(lifts) // 2
        first, last = interval(lifts[:half]), interval(lifts[-half:] if half else [])
        if first and last and half >= ENOUGH:
            name = t(f"limb.{limb}") if t.has(f"limb.{limb}") else limb.replace("_", " ")
            title = f"{name}, {part_name(kind, part, t)}"
            found.append(contrast(title, (t("contrast.first"), t("contrast.last")), (first, last), t))
    return tuple(found)


def part_name(kind: str, part: str, t: Texts) -> str:
    """A part in words, and whether it was lifted together with another limb."""
    name = t(f"part.{part}") if t.has(f"part.{part}") else part.replace("_", " ")
    return t("contrast.in_full", part=name) if kind == "full" else name
