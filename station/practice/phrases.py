"""What the practice guide says: its texts stand in the catalogue (station/locale) under `practice`; here are groups of them."""

from __future__ import annotations

from typing import Final

from station.locale.texts import Texts
from station.practice.exercise import Language

_NUMBERS: Final[dict[Language, str]] = {
    "en": "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty twenty-one twenty-two twenty-three twenty-four twenty-five twenty-six twenty-seven twenty-eight "
    "twenty-nine thirty",
    "de": "kein eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig einundzwanzig zweiundzwanzig dreiundzwanzig vierundzwanzig fünfundzwanzig sechsundzwanzig "
    "siebenundzwanzig achtundzwanzig neunundzwanzig dreißig",
}

PAIN = ("pain_stop", "pain_smaller", "pain_rest")
"""What to say to somebody who has pain, in this order."""
FACES = ("face_1", "face_2", "face_3", "face_4", "face_5")
"""Comfort on five faces, from the worst to the best."""


def words(key: str, language: Language, **values: object) -> str:
    """The text `practice.<key>` of the catalogue in `language`, filled with `values`."""
    return Texts(language)(f"practice.{key}", **values)


def number(count: int, language: Language) -> str:
    """A whole number 0..30 in words, larger ones in digits."""
    return _NUMBERS[language].split()[count] if 0 <= count <= 30 else str(count)
