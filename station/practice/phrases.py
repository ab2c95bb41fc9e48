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
        de="Leg dich hin und bleib still liegen, wann du magst.",
    ),
    "lie_prone": Text(
        en="Lie down on your belly, one cheek on the back of a hand, and be still.",
        de="Leg dich auf den Bauch, eine Wange auf den Handrücken, und bleib still liegen.",
    ),
    "lie_prone_bent": Text(
        en="Lie down on your belly, bend your knees, soles to the ceiling, and be still.",
        de="Leg dich auf den Bauch, beug die Knie, die Sohlen zur Decke, und bleib still liegen.",
    ),
    "lie_supine": Text(
        en="Lie down on your back, legs long, and be still.",
        de="Leg dich auf den Rücken, die Beine lang, und bleib still liegen.",
    ),
    "lie_supine_bent": Text(
        en="Lie down on your back, knees bent, feet standing, and be still.",
        de="Leg dich auf den Rücken, die Knie gebeugt, die Füße aufgestellt, und bleib still liegen.",
    ),
    "lie_side_left": Text(
        en="Lie down on your left side, knees bent, and be still.",
        de="Leg dich auf die linke Seite, die Knie gebeugt, und bleib still liegen.",
    ),
    "lie_side_right": Text(
        en="Lie down on your right side, knees bent, and be still.",
        de="Leg dich auf die rechte Seite, die Knie gebeugt, und bleib still liegen.",
    ),
    "turn_prone": Text(
        en="The next part is on your belly. Turn over slowly. Then lie still.",
        de="Der nächste Teil ist in Bauchlage. Dreh dich langsam um. Dann bleib still liegen.",
    ),
    "turn_prone_bent": Text(
        en="The next part is on your belly, knees bent, soles to the ceiling. Then lie still.",
        de="Der nächste Teil ist in Bauchlage, die Knie gebeugt, die Sohlen zur Decke. Dann bleib still liegen.",
    ),
    "turn_supine": Text(
        en="The next part is on your back, legs long. Turn over slowly. Then lie still.",
        de="Der nächste Teil ist in Rückenlage, die Beine lang. Dreh dich langsam um. Dann bleib still liegen.",
    ),
    "turn_supine_bent": Text(
        en="The next part is on your back. Turn over slowly, bend your knees and stand your feet. Then lie still.",
        de="Der nächste Teil ist in Rückenlage. Dreh dich langsam um und stell die Füße auf. Dann bleib still liegen.",
    ),
    "turn_side_left": Text(
        en="The next part is on your left side, knees bent. Turn slowly. Then lie still.",
        de="Der nächste Teil ist auf der linken Seite, die Knie gebeugt. Dreh dich langsam. Dann bleib still liegen.",
    ),
    "turn_side_right": Text(
        en="The next part is on your right side, knees bent. Turn slowly. Then lie still.",
        de="Der nächste Teil ist auf der rechten Seite, die Knie gebeugt. Dreh dich langsam. Dann bleib still liegen.",
    ),
    "turned": Text(en="Good, there is time.", de="Gut, du hast Zeit."),
    "be_still": Text(
        en="Lie still for a moment. A soft tone says when the mat is ready.",
        de="Bleib einen Moment still liegen. Ein leiser Ton sagt, wann die Matte bereit ist.",
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
        en="That was the whole exercise. Stay as long as you like.",
        de="Das war die ganze Übung. Bleib liegen, so lange du magst.",
    ),
    "paused": Text(en="Pause. Nothing is said or counted.", de="Pause. Es wird nichts gesagt und nichts gezählt."),
    "resumed": Text(en="We continue.", de="Es geht weiter."),
    "ended": Text(
        en="The session has ended. Nothing is recorded now. Take your time getting up.",
        de="Die Sitzung ist zu Ende. Jetzt wird nichts aufgezeichnet. Steh in Ruhe auf.",
    ),
    "ended_not_recording": Text(
        en="Ended. Nothing is recorded now.",
        de="Beendet. Jetzt wird nichts aufgezeichnet.",
    ),
    "take_your_time": Text(
        en="That lift began before the last release was over. You have time.",
        de="Dieses Heben begann, bevor das letzte Loslassen zu Ende war. Du hast Zeit.",
    ),
    "release_in_count": Text(
        en="You touched the floor at count {down} of {number}.",
        de="Du hast den Boden bei {down} von {number} berührt.",
    ),
    "release_after_count": Text(
        en="You touched the floor {late} s after the count of {number}.",
        de="Du hast den Boden {late} s nach dem Zählen bis {number} berührt.",
    ),
    "slower_melt": Text(
        en="Your release was about {seconds} s longer than the last one. Slower is welcome.",
        de="Du hast etwa {seconds} s länger losgelassen als beim letzten Mal. Langsamer ist willkommen.",
    ),
    "only_elbow": Text(
        en="In this step only the elbow lifts. Hand and head stay.",
        de="In diesem Schritt hebt sich nur der Ellbogen. Hand und Kopf bleiben liegen.",
    ),
    "whole_arm": Text(
        en="In this step elbow, hand and head lift together, if that is comfortable.",
        de="In diesem Schritt heben sich Ellbogen, Hand und Kopf zusammen, wenn das angenehm ist.",
    ),
    "beyond_range": Text(en="A little smaller.", de="Etwas kleiner."),
    "may_grow": Text(
        en="If you like, it may be a little larger. It may also stay as it is.",
        de="Wenn du magst, darf es etwas größer werden. Es darf auch so bleiben.",
    ),
    "range_unclear": Text(
        en="Here the mat cannot tell your small lift from your large one, so it sets no range.",
        de="Hier kann die Matte dein kleines Heben nicht vom großen unterscheiden; sie setzt keine Grenze.",
    ),
    "zone_trouble": Text(
        en="The {zone} sensor is not working properly. Its times are left out.",
        de="Der Sensor {zone} arbeitet nicht richtig. Seine Zeiten werden ausgelassen.",
    ),
    "mat_trouble": Text(en="The mat is not working properly just now.", de="Die Matte arbeitet gerade nicht richtig."),
    "unplug": Text(
        en="The mat does not answer. When it suits you, unplug it and plug it in again.",
        de="Die Matte antwortet nicht. Zieh bei Gelegenheit ihren Stecker und steck ihn wieder ein.",
    ),
    "not_saving": Text(
        en="This is not being saved. You can continue.",
        de="Es wird gerade nichts gespeichert. Du kannst weiter üben.",
    ),
    "slide": Text(en="Slide {part} {far} {way}.", de="Schiebe {part} {far} {way}."),
    "slide_little": Text(en="a little", de="ein wenig"),
    "slide_hand": Text(en="by a hand's width", de="eine Handbreit"),
    "slide_body": Text(en="your whole body", de="deinen ganzen Körper"),
    "slide_foot_left": Text(en="your left foot", de="deinen linken Fuß"),
    "slide_foot_right": Text(en="your right foot", de="deinen rechten Fuß"),
    "slide_foot_both": Text(en="both feet", de="beide Füße"),
    "slide_elbow_left": Text(en="your left elbow", de="deinen linken Ellbogen"),
    "slide_elbow_right": Text(en="your right elbow", de="deinen rechten Ellbogen"),
    "slide_elbow_both": Text(en="both elbows", de="beide Ellbogen"),
    "slide_leg_left": Text(en="your left leg", de="dein linkes Bein"),
    "slide_leg_right": Text(en="your right leg", de="dein rechtes Bein"),
    "slide_leg_both": Text(en="both legs", de="beide Beine"),
    "slide_arm_left": Text(en="your left arm", de="deinen linken Arm"),
    "slide_arm_right": Text(en="your right arm", de="deinen rechten Arm"),
    "slide_arm_both": Text(en="both arms", de="beide Arme"),
    "slide_limb_left": Text(en="your left side", de="deine linke Seite"),
    "slide_limb_right": Text(en="your right side", de="deine rechte Seite"),
    "slide_limb_both": Text(en="both sides", de="beide Seiten"),
    "slide_way_head": Text(en="towards your head", de="zum Kopf hin"),
    "slide_way_feet": Text(en="away from your head", de="vom Kopf weg"),
    "slide_way_out": Text(en="outwards", de="nach außen"),
    "slide_way_in": Text(en="inwards", de="nach innen"),
    "slide_way_left": Text(en="to your left", de="nach links"),
    "slide_way_right": Text(en="to your right", de="nach rechts"),
    "limb_arm_left": Text(en="The left arm", de="Der linke Arm"),
    "limb_arm_right": Text(en="The right arm", de="Der rechte Arm"),
    "limb_leg_left": Text(en="The left leg", de="Das linke Bein"),
    "limb_leg_right": Text(en="The right leg", de="Das rechte Bein"),
    "limb_untimed": Text(
        en="{limb} is not on its sensor and is not timed.",
        de="{limb} liegt nicht auf dem Sensor; dafür gibt es keine Zeiten.",
    ),
    "nothing_timed": Text(
        en="Neither arms nor legs lie on their sensors, so nothing can be timed. Lie down on the marks.",
        de="Weder Arme noch Beine liegen auf den Sensoren, also gibt es keine Zeiten. Leg dich auf die Markierungen.",
    ),
    "pain_stop": Text(en="Does it hurt? Stop.", de="Tut es weh? Hör auf."),
    "pain_smaller": Text(en="Make it smaller, or just imagine it.", de="Mach es kleiner, oder stell es dir nur vor."),
    "pain_rest": Text(en="Rest. There is nothing you have to do.", de="Ruh dich aus. Du brauchst nichts zu tun."),
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
