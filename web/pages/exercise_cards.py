"""Exercises as the live page offers them: what it is, how long it takes, what moves; and which ones this mat cannot feel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.mat import Mat
from station.locale.texts import Texts
from station.practice.exercise import Exercise, Kind, Language, for_mat, missing_limbs

ORDER: tuple[Kind, ...] = ("programme", "exercise", "part")


@dataclass(frozen=True, slots=True)
class Card:
    """One exercise in the reader's language.

    minutes: about how long; None: as long as one likes.  limbs: what moves.  lacks: what the mat does not feel of it.
    offered: whether anything of it can be guided on this mat.
    """

    name: str
    title: str
    about: str
    minutes: int | None
    limbs: str
    kind: Kind
    lacks: str
    offered: bool


def cards(exercises: Mapping[str, Exercise], mat: Mat, texts: Texts) -> list[Card]:
    """All of them: programmes first, then exercises, then parts of one; by title within each; free practice before all."""
    found = [_card(exercise, mat, texts) for exercise in exercises.values()]
    return sorted(found, key=lambda card: (card.name != "free", ORDER.index(card.kind), card.title))


def _card(exercise: Exercise, mat: Mat, texts: Texts) -> Card:
    language: Language = "de" if texts.language == "de" else "en"
    fitted = for_mat(exercise, mat)
    shown = fitted or exercise
    return Card(
        name=exercise.name,
        title=exercise.title.in_(language),
        about=exercise.about.in_(language),
        minutes=shown.minutes if shown.steps else None,
        limbs=_listed(shown.limbs, texts),
        kind=exercise.kind,
        lacks=_listed(missing_limbs(exercise, mat), texts),
        offered=fitted is not None,
    )


def _listed(limbs: tuple[str, ...], texts: Texts) -> str:
    """Each once; a left and a right one together by the name of both."""
    shown = []
    for limb in limbs:
        kind, _, side = limb.rpartition("_")
        both = f"limb.{kind}_both"
        if side in ("l", "r") and {f"{kind}_l", f"{kind}_r"} <= set(limbs) and texts.has(both):
            shown.append(texts(both))
        else:
            shown.append(_named(limb, texts))
    return ", ".join(dict.fromkeys(shown))


def _named(limb: str, texts: Texts) -> str:
    return texts(f"limb.{limb}") if texts.has(f"limb.{limb}") else limb.replace("_", " ")
