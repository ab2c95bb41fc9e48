"""What is said about lying beside the sensors, put together from phrases."""

from __future__ import annotations

from collections.abc import Callable

from station.practice.placement import Advice, PlacementView

Words = Callable[..., str]


def advice_words(advice: Advice, words: Words) -> str:
    """ "Slide your left foot a little towards your head." """
    whose = "body" if advice.part == "body" else f"{_known(advice)}_{advice.side or 'both'}"
    far = words("slide_hand" if advice.far else "slide_little")
    return words("slide", part=words(f"slide_{whose}"), far=far, way=words(f"slide_way_{advice.towards}"))


def untimed_words(view: PlacementView, words: Words) -> str | None:
    """Which limbs cannot be timed as the person lies; None when all can."""
    if not view.untimed_limbs:
        return None
    if view.nothing_timed:
        return words("nothing_timed")
    return " ".join(words("limb_untimed", limb=words(f"limb_{kind}_{side}")) for kind, side in view.untimed_limbs)


def _known(advice: Advice) -> str:
    """A part there are words for; a limb's kind is its part where the mat names its zones otherwise."""
    return {"elbow": "elbow", "foot": "foot", "arm": "arm", "leg": "leg"}.get(advice.part, "limb")
