"""One kind, factual sentence or two about a session, made from what was measured.

It says what was, in the order it was; longer melts are mentioned because slower is what the practice asks for, and nothing is
ever called worse.  What the mat could not tell is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from station.model import Lift
from station.practice.exercise import Language
from station.practice.movement import HURRIED_S
from station.practice.phrases import number
from station.practice.told import is_slower

UNSURE_S = 0.5
"""With a standard deviation above this seconds are said to be about so many."""
USUAL_FROM = 3
"""So many sessions make a habit."""
LISTED = 8
"""Up to so many melts are named one by one."""

_LIMBS: dict[Language, dict[str, str]] = {
    "en": {
        "arm_l": "the left arm",
        "arm_r": "the right arm",
        "leg_l": "the left leg",
        "leg_r": "the right leg",
        "belly": "the belly",
        "head": "the head",
        "knee_l": "the left knee",
        "knee_r": "the right knee",
    },
    "de": {
        "arm_l": "den linken Arm",
        "arm_r": "den rechten Arm",
        "leg_l": "das linke Bein",
        "leg_r": "das rechte Bein",
        "belly": "den Bauch",
        "head": "den Kopf",
        "knee_l": "das linke Knie",
        "knee_r": "das rechte Knie",
    },
}
_WITH_DE = {
    "leg_l": "mit dem linken Bein",
    "leg_r": "mit dem rechten Bein",
    "arm_r": "mit dem rechten Arm",
    "knee_l": "mit dem linken Knie",
    "knee_r": "mit dem rechten Knie",
}
"""What lifts together with what is named first."""


def melt_s(repetition: Sequence[Lift]) -> float | None:
    """How long the melt of a repetition took: the longest of its lifts'; None when one of them could not be told."""
    melts = [
        lift.melt_end - lift.touch_down if lift.melt_end is not None and lift.touch_down is not None else None
        for lift in repetition
    ]
    known = [melt for melt in melts if melt is not None]
    return max(known) if known and len(known) == len(melts) else None


def hurried(repetitions: Sequence[Sequence[Lift]]) -> int:
    """How many repetitions began before the melt of the one before was over, as far as the times are known.

    What was aloft at the same time belonged together, whatever it is called, and is not counted.
    """
    count = 0
    for before, after in pairwise(repetitions):
        downs = [lift.touch_down for lift in before if lift.touch_down is not None]
        ends = [lift.melt_end for lift in before if lift.melt_end is not None]
        ups = [lift.lift_off for lift in after if lift.lift_off is not None]
        begins = [lift.prepare_start for lift in after if lift.prepare_start is not None]
        if downs and ends and ups and min(ups) >= max(downs):
            count += min(begins + ups) < max(ends) - HURRIED_S
    return count


def usual_melt_s(earlier: Sequence[float | None]) -> float | None:
    """The usual melt of a person, from the median melts of earlier sessions (None: that session had none).

    None while there are fewer than `USUAL_FROM` of them: nothing is usual yet.
    """
    known = [melt for melt in earlier if melt is not None]
    return median(known) if len(known) >= USUAL_FROM else None


def session_words(
    repetitions: Sequence[Sequence[Lift]],
    language: Language = "en",
    *,
    unweightings: int = 0,
    usual_melt_s: float | None = None,
) -> str:
    """What happened in a session, in plain words.

    repetitions: in order of time, each the lifts that belong together (one, or an arm and the opposite leg), void ones left out.
    unweightings: how often a part grew lighter without leaving the mat; told only when nothing was lifted, for between lifts a
        body shifts, and that looks the same.
    usual_melt_s: the person's usual melt (see `usual_melt_s`); None: not known yet, nothing is compared.

    >>> def made(touch_down, melt):
    ...     return [Lift("leg_l", "lift", "leg", None, None, touch_down, touch_down + melt, {})]
    >>> session_words([made(10, 4), made(40, 5), made(70, 7), made(100, 7)], usual_melt_s=5)
    'Four lifts of the left leg. Your melts took 4, 5, 7 and 7 seconds; the last two were longer than usual for you.'
    """
    say = _English if language == "en" else _German
    repetitions = sorted(repetitions, key=_begun)
    sentences = [say.made(repetitions) if repetitions or not unweightings else say.lighter(unweightings)]
    melts = [melt_s(repetition) for repetition in repetitions]
    if any(melt is not None for melt in melts):
        unsure = any((lift.melt_end_sd or 0.0) > UNSURE_S for repetition in repetitions for lift in repetition)
        sentences.append(say.melts(melts, _slower(repetitions, usual_melt_s), unsure))
    elif melts:
        sentences.append(say.NO_MELTS)
    times = hurried(repetitions)
    if times:
        sentences.append(say.hurried(times))
    return " ".join(sentences)


def _groups(repetitions: Sequence[Sequence[Lift]]) -> list[tuple[tuple[str, ...], int]]:
    """Limbs and how often they were lifted, in the order they first were; an arm is named before its leg."""
    groups: dict[tuple[str, ...], int] = {}
    for repetition in repetitions:
        limbs = tuple(sorted({lift.limb for lift in repetition}))
        groups[limbs] = groups.get(limbs, 0) + 1
    return list(groups.items())


def _begun(repetition: Sequence[Lift]) -> float:
    """When it was lifted: what melts longer ends later, but was not made later."""
    return min((lift.lift_off for lift in repetition if lift.lift_off is not None), default=0.0)


def _slower(repetitions: Sequence[Sequence[Lift]], usual_s: float | None) -> list[int]:
    """Which of the known melts (positions among them) were surely longer than usual."""
    known = [repetition for repetition in repetitions if melt_s(repetition) is not None]
    return [n for n, repetition in enumerate(known) if any(is_slower(lift, usual_s) for lift in repetition)]


def _joined(parts: Sequence[str], conjunction: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def _seconds(melts: Sequence[float | None], language: Language, conjunction: str, between: str) -> str:
    known = [melt for melt in melts if melt is not None]
    shown = [_number(melt, language) for melt in known]
    if len(known) <= LISTED:
        return _joined(shown, conjunction)
    least, most = _number(min(known), language), _number(max(known), language)
    return least if least == most else between.format(least, most)


def _number(seconds: float, language: Language) -> str:
    """Whole seconds; below two, tenths."""
    if seconds < 0.05:
        return "under 0.1" if language == "en" else "unter 0,1"
    text = f"{seconds:.0f}" if seconds >= 1.95 else f"{seconds:.1f}".removesuffix(".0")
    return text.replace(".", ",") if language == "de" else text


class _English:
    NO_MELTS = "How long the melts took is not known."

    @staticmethod
    def made(repetitions: Sequence[Sequence[Lift]]) -> str:
        parts: list[str] = []
        for limbs, count in _groups(repetitions):
            names = " with ".join(_LIMBS["en"].get(limb, f"the {limb.replace('_', ' ')}") for limb in limbs)
            lifts = ("one lift" if count == 1 else f"{number(count, 'en')} lifts") if not parts else number(count, "en")
            parts.append(f"{lifts} of {names}")
        if not parts:
            return "You lay still and rested."
        text = _joined(parts, "and")
        return f"{text[0].upper()}{text[1:]}."

    @staticmethod
    def lighter(unweightings: int) -> str:
        return f"{_English.times(unweightings).capitalize()} a part of the body became lighter without leaving the mat."

    @staticmethod
    def melts(melts: Sequence[float | None], slower: Sequence[int], unsure: bool) -> str:
        known, unknown = sum(melt is not None for melt in melts), sum(melt is None for melt in melts)
        seconds = _seconds(melts, "en", "and", "between {} and {}")
        one = known == 1
        about = "about " if unsure else ""
        text = f"Your {'melt' if one else 'melts'} took {about}{seconds} {'second' if one and seconds == '1' else 'seconds'}"
        if slower:
            text += f"; {_English.which(slower, known)} longer than usual for you"
        if unknown:
            text += f" ({number(unknown, 'en')} could not be timed)"
        return text + "."

    @staticmethod
    def times(count: int) -> str:
        return {1: "once", 2: "twice"}.get(count, f"{number(count, 'en')} times")

    @staticmethod
    def which(slower: Sequence[int], known: int) -> str:
        n = len(slower)
        if n == known:
            return "it was" if n == 1 else "all were"
        if slower[0] == known - n:
            return "the last one was" if n == 1 else f"the last {number(n, 'en')} were"
        return "one of them was" if n == 1 else f"{number(n, 'en')} of them were"

    @staticmethod
    def hurried(times: int) -> str:
        return f"{_English.times(times).capitalize()}, the next lift began before the melt was over; you have time."


class _German:
    NO_MELTS = "Wie lange das Loslassen dauerte, ist nicht bekannt."

    @staticmethod
    def made(repetitions: Sequence[Sequence[Lift]]) -> str:
        parts = []
        for (first, *others), count in _groups(repetitions):
            names = [_LIMBS["de"].get(first, f"„{first.replace('_', ' ')}“")]
            names += [_WITH_DE.get(other, f"mit „{other.replace('_', ' ')}“") for other in others]
            parts.append(f"{_German.times(count)} {' '.join(names)}")
        if not parts:
            return "Du hast still gelegen und geruht."
        text = _joined(parts, "und")
        return f"{text[0].upper()}{text[1:]} gehoben."

    @staticmethod
    def lighter(unweightings: int) -> str:
        return f"{_German.times(unweightings).capitalize()} wurde ein Körperteil leichter, ohne die Matte zu verlassen."

    @staticmethod
    def times(count: int) -> str:
        return "einmal" if count == 1 else f"{number(count, 'de')}mal" if count <= 12 else f"{count}-mal"

    @staticmethod
    def melts(melts: Sequence[float | None], slower: Sequence[int], unsure: bool) -> str:
        known, unknown = sum(melt is not None for melt in melts), sum(melt is None for melt in melts)
        seconds = _seconds(melts, "de", "und", "zwischen {} und {}")
        about = "etwa " if unsure else ""
        text = f"Das Loslassen dauerte {about}{seconds} {'Sekunde' if known == 1 and seconds == '1' else 'Sekunden'}"
        if slower:
            text += f"; {_German.which(slower, known)} länger als sonst"
        if unknown:
            text += f" ({'einmal' if unknown == 1 else _German.times(unknown)} war es nicht zu messen)"
        return text + "."

    @staticmethod
    def which(slower: Sequence[int], known: int) -> str:
        n = len(slower)
        if n == known:
            return "es war" if n == 1 else "jedes Mal war es"
        if slower[0] == known - n:
            return "das letzte Mal war es" if n == 1 else f"die letzten {number(n, 'de')} Male war es"
        return f"{_German.times(n)} war es"

    @staticmethod
    def hurried(times: int) -> str:
        return f"{_German.times(times).capitalize()} begann das nächste Heben, bevor das Loslassen zu Ende war; du hast Zeit."
