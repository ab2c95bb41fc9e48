"""Measured facts in kind words: what a repetition was like beside the one before it.

Slower and smaller is what the practice asks for, but no difference is called better or worse, and none is named that the
measurement cannot carry.
"""

from __future__ import annotations

import math

from station.locale.texts import Texts
from station.store.records import LiftRecord

SAME_S = 0.3
"""A difference a person would not notice."""


def melt_sd_s(lift: LiftRecord) -> float | None:
    """One standard deviation of the melt's length, from those of its two ends; None when unknown or when set by hand."""
    if any(correction.boundary in ("touch_down", "melt_end") for correction in lift.corrections):
        return None
    ends = (lift.lift.touch_down_sd, lift.lift.melt_end_sd)
    return None if ends[1] is None else math.hypot(ends[0] or 0.0, ends[1])


def beside_the_one_before(lift: LiftRecord, before: LiftRecord | None, t: Texts) -> str:
    """`"Melted 1.8 s slower than the one before."`, or that it is much the same, or that nobody can tell."""
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
