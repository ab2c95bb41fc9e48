"""What a guide is made of, how it speaks and counts, and what it shows.  When it does so is decided in guide.py."""

from __future__ import annotations

import math

from station.model import Lift
from station.practice.cue import LONG_S, SHORT_S, URGENT, CueMaker, Sound
from station.practice.exercise import Exercise
from station.practice.exercise_progress import Progress
from station.practice.guide_picture import Parts, picture
from station.practice.guide_view import GuideSettings, GuideView, Voice
from station.practice.instructions import Instructions
from station.practice.movement import Movement
from station.practice.pace import PaceKeeper
from station.practice.phrases import number, words
from station.practice.placement import PlacementView
from station.practice.placement_words import advice_words, untimed_words
from station.practice.positions import BodyMap, Position
from station.practice.range_feel import RangeFeel
from station.practice.release import ReleaseCounting
from station.practice.told import release_words
from station.practice.troubles import Troubles
from station.practice.trunk import TrunkFollower
from station.practice.visit import Session, Visit

COUNT_LIFE = 0.4
"""A count may be late by this share of its length; after that the next one is nearer."""


class GuideBase:
    """The parts of a guide, its voice, its count and its picture."""

    def __init__(
        self,
        exercise: Exercise,
        settings: GuideSettings | None = None,
        body: BodyMap | None = None,
        *,
        step: int = 1,
        position: Position | None = None,
    ) -> None:
        self.exercise = exercise
        self.settings = settings or GuideSettings()
        self._body = body
        self._first = step - 1
        self._now_s = -math.inf
        self._cues = CueMaker()
        self._movement = Movement()
        self._progress = Progress(exercise)
        self._progress.begin(self._first)
        self._instructions = Instructions(exercise, self._progress, self._words)
        self._visit = Visit(position or self._instructions.position("any"))
        self._troubles = Troubles(self._words)
        self._pace = PaceKeeper()
        self._range = RangeFeel()
        self._trunk = TrunkFollower()
        self._counting = ReleaseCounting()
        self._placement: PlacementView | None = None
        self._lifts: list[Lift] = []
        self._slower: str | None = None
        self._rest_told = True
        self._hurried_told = 0
        self._hurry_shown = False

    # What comes out -------------------------------------------------------------------------------------------------------------

    @property
    def ranges(self) -> dict[str, float]:
        """Limb -> extent up to which a lift is small for this person, as far as this guide has learnt it."""
        return {**self._progress.ranges, **self._range.ranges}

    @property
    def session(self) -> Session:
        """Whether the practice runs, waits for stillness, is paused, ..."""
        return self._visit.session

    @property
    def position(self) -> Position:
        """How the person lies, or is to lie down: which limbs detection has to look for."""
        lying = self._visit.position
        return self._instructions.position(lying) if self._visit.session == "away" else lying

    @property
    def view(self) -> GuideView:
        """The picture now."""
        parts = Parts(
            self.exercise,
            self._visit,
            self._movement,
            self._progress,
            self._instructions,
            self._counting,
            self._trunk,
            self._range,
            self._pace,
            self._cues,
        )
        return picture(parts, self.settings, self._now_s, self._view_words(), self._words)

    # Counting the release -------------------------------------------------------------------------------------------------------

    @property
    def _counts(self) -> bool:
        return self.exercise.counting if self.settings.counting is None else self.settings.counting

    def _plan_count(self, limbs: set[str], start_s: float) -> None:
        for limb in sorted(limbs) if self._visit.session == "on" else ():
            number_ = self._progress.number(limb, self.settings.counts)
            self._counting.plan(limb, max(start_s, self._now_s), number_, self.settings.count_s)

    def _count_on(self) -> None:
        for at_s, left, of in self._counting.due(self._now_s):
            said = number(of - left + 1 if self.settings.count_up else left, self.settings.language)
            life_s = COUNT_LIFE * self.settings.count_s
            self._sound("count_last" if left == 1 else "count", self._said(said, "counts"), life_s, at_s=at_s)

    def _end_count_when_down(self) -> None:
        if self._counting.is_over(self._movement.in_phase("aloft")):
            self._end_count()

    def _end_count(self) -> None:
        self._counting.end()
        self._cues.hush(self._now_s)

    # Words and sounds ---------------------------------------------------------------------------------------------------------

    def _tell_faults(self) -> None:
        if self._movement.any or self._visit.session in ("away", "ended"):
            return
        told = self._troubles.to_tell(self._now_s)
        if told is not None:
            self._sound("trouble", self._said(told), LONG_S)

    def _words(self, key: str, **values: object) -> str:
        return words(key, self.settings.language, **values)

    def _said(self, text: str, at_least: Voice = "all") -> str | None:
        """The text, if the person wants words as far as that."""
        return text if self.settings.voice in ("all", at_least) else None

    def _guidance(self, key: str) -> str | None:
        return self._said(self._words(key))

    def _view_words(self) -> tuple[str, ...]:
        said = self._troubles.words
        if self._placement is not None and self._visit.session in ("waiting", "on"):
            untimed = untimed_words(self._placement, self._words) if self._placement.advice is None else None
            said += [advice_words(self._placement.advice, self._words)] if self._placement.advice else []
            said += [untimed] if untimed else []
        if self._visit.session == "on" and not self._movement.in_phase("aloft"):
            said += release_words(self._counting.release, self._words, self.settings.language)
            said += [self._slower] if self._slower else []
        if self._hurry_shown:
            said.append(self._words("take_your_time"))
        return tuple(said)

    @property
    def _untimed(self) -> tuple[str, ...]:
        """Limbs beside their sensors: what a sensor without load seems to say of them is nothing."""
        return self._placement.untimed if self._placement is not None else ()

    @property
    def _lies_well(self) -> bool:
        """Whether "ready" would be true of how the person lies, as far as anybody has said."""
        return self._placement is None or self._placement.may_begin

    def _at(self, t_s: float) -> None:
        self._now_s = max(self._now_s, t_s)

    def _sound(
        self, sound: Sound, say: str | None = None, life_s: float = SHORT_S, *, at_s: float | None = None, again: bool = False
    ) -> None:
        """Outside a running session only what is urgent is heard; after "end" nothing is."""
        if self._visit.session in ("on", "turning") or (sound in URGENT and self._visit.session != "ended"):
            self._cues.make(sound, self._now_s, self.settings.volume, say, life_s, at_s, again=again)
