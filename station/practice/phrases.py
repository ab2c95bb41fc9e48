"""Everything the practice guide says, in every language it speaks.

Kind and factual: what was, never how good it was.  There is no word here that urges anybody on.
"""

from __future__ import annotations

from typing import Final

from station.practice.exercise import Language, Text

_NUMBERS: Final[dict[Language, str]] = {
    "en": "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty twenty-one twenty-two twenty-three twenty-four twenty-five twenty-six twenty-seven twenty-eight "
    "twenty-nine thirty",
    "de": "kein eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig einundzwanzig zweiundzwanzig dreiundzwanzig vierundzwanzig fünfundzwanzig sechsundzwanzig "
    "siebenundzwanzig achtundzwanzig neunundzwanzig dreißig",
}

WORDS: Final[dict[str, Text]] = {
    "lie_down": Text(
        en="Lie down and be still, whenever you like.",
        de="Leg dich hin und werde still, wann immer du magst.",
    ),
    "be_still": Text(
        en="Be still for a moment. A soft tone says when the mat is ready.",
        de="Sei einen Moment still. Ein leiser Ton sagt, wann die Matte bereit ist.",
    ),
    "ready": Text(en="Ready.", de="Bereit."),
    "anything": Text(
        en="Move when you like, small and slow.",
        de="Bewege dich, wann du magst, klein und langsam.",
    ),
    "again": Text(
        en="Once more when you like, or rest a little longer.",
        de="Noch einmal, wenn du magst, oder ruh dich noch etwas aus.",
    ),
    "all_done": Text(
        en="That was all of it. Stay lying as long as it is pleasant.",
        de="Das war alles. Bleib liegen, solange es angenehm ist.",
    ),
    "paused": Text(en="Pause. Nothing is said or counted.", de="Pause. Es wird nichts gesagt und nichts gezählt."),
    "resumed": Text(en="Going on.", de="Weiter."),
    "ended": Text(en="The session is over. Take your time getting up.", de="Die Sitzung ist zu Ende. Steh in Ruhe auf."),
    "take_your_time": Text(
        en="That lift began before the last melt was over. There is time.",
        de="Dieses Heben begann, bevor das letzte Loslassen zu Ende war. Es ist Zeit genug.",
    ),
    "release_in_count": Text(
        en="You touched the floor at count {down} of {number}.",
        de="Du hast den Boden bei {down} von {number} berührt.",
    ),
    "release_after_count": Text(
        en="You touched the floor {late} s after the count of {number}.",
        de="Du hast den Boden {late} s nach dem Zählen bis {number} berührt.",
    ),
    "beyond_range": Text(en="Smaller is enough.", de="Kleiner genügt."),
    "range_unclear": Text(
        en="On this limb the mat cannot tell your small lift from your large one, so it sets no range.",
        de="Bei diesem Glied kann die Matte dein kleines Heben nicht vom großen unterscheiden; sie setzt keine Grenze.",
    ),
    "zone_trouble": Text(
        en="The sensor {zone} does not report well. Its times are left out.",
        de="Der Sensor {zone} meldet nicht richtig. Seine Zeiten werden ausgelassen.",
    ),
    "mat_trouble": Text(en="The mat does not report well just now.", de="Die Matte meldet gerade nicht richtig."),
    "unplug": Text(
        en="The mat has stopped answering. When it suits you, unplug it and plug it in again.",
        de="Die Matte antwortet nicht mehr. Zieh bei Gelegenheit ihren Stecker und steck ihn wieder ein.",
    ),
    "not_saving": Text(
        en="This is not being saved. You can go on practising.",
        de="Es wird gerade nichts gespeichert. Du kannst weiter üben.",
    ),
    "pain_stop": Text(en="Does it hurt? Stop.", de="Tut es weh? Hör auf."),
    "pain_smaller": Text(en="Make it smaller, or only think of it.", de="Mach es kleiner, oder denk es nur."),
    "pain_rest": Text(en="Rest. Nothing has to be done.", de="Ruh dich aus. Nichts muss sein."),
    "comfort_before": Text(en="How does your body feel now?", de="Wie fühlt sich dein Körper jetzt an?"),
    "comfort_after": Text(en="And how does it feel afterwards?", de="Und wie fühlt er sich danach an?"),
    "face_1": Text(en="it hurts", de="es tut weh"),
    "face_2": Text(en="tight", de="verspannt"),
    "face_3": Text(en="in between", de="dazwischen"),
    "face_4": Text(en="at ease", de="gelöst"),
    "face_5": Text(en="soft and well", de="weich und wohl"),
    "note": Text(en="Anything you would like to remember?", de="Etwas, das du behalten möchtest?"),
    "no_diagnosis": Text(
        en="This station is not a medical device. With strong or new pain, ask a doctor.",
        de="Diese Station ist kein Medizinprodukt. Frag bei starken oder neuen Schmerzen eine Ärztin oder einen Arzt.",
    ),
}
"""What can be said.  Braces are filled in by `words`."""

PAIN = ("pain_stop", "pain_smaller", "pain_rest")
"""What to say to somebody who has pain, in this order."""
FACES = ("face_1", "face_2", "face_3", "face_4", "face_5")
"""Comfort on five faces, from the worst to the best."""


def words(key: str, language: Language, **values: object) -> str:
    """The text `key` in `language`, filled with `values`."""
    return WORDS[key].in_(language).format(**values)


def number(count: int, language: Language) -> str:
    """A whole number 0..30 in words, larger ones in digits."""
    return _NUMBERS[language].split()[count] if 0 <= count <= 30 else str(count)
