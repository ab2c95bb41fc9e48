"""Which guide guides: made from the chosen exercise, this mat and the settings in force."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from hardware.errors import BackliftError
from hardware.notices import Notice
from station.model import LiveState, Mat
from station.practice.cue import Cue
from station.practice.exercise import Exercise, find_exercise, for_mat, missing_limbs
from station.practice.guide import Guide, GuideSettings
from station.practice.pace import Pace
from station.practice.positions import Position, body_map

FREE = "free"
"""The exercise without steps: everything is timed, nothing is asked for."""

_log = logging.getLogger(__name__)


class NotOnThisMatError(BackliftError, ValueError):
    """Nothing of an exercise can be felt by the mat in use."""


class FreePracticeError(BackliftError, RuntimeError):
    """A step was asked for, and free practice has none."""


class Guidance:
    """Holds the one guide and makes the next.

    settings: the settings in force, by key; read anew at each use.  keep: sets one of them for good.
    exercises: reads them, by name; asked whenever a guide is made, so that one's own file counts from the next start on.
    exercise: name of the one that is guided when the settings name none.
    """

    def __init__(
        self,
        *,
        settings: Mapping[str, Any],
        keep: Callable[[str, Any], None],
        exercises: Callable[[], Mapping[str, Exercise]],
        exercise: str,
        mat: Mat,
    ) -> None:
        self._settings = settings
        self._keep = keep
        self._exercises = exercises
        self._exercise = exercise
        self._mat = mat
        self.trouble: Notice | None = None
        """That the chosen exercise is not the one that is guided."""
        self.guide = self._chosen()

    @property
    def person(self) -> int | None:
        """Who is on the mat, as far as anybody said."""
        person: int | None = self._settings["practice.person"]
        return person

    def use_mat(self, mat: Mat) -> None:
        self._mat = mat

    def reset(self) -> None:
        """Begin with the chosen exercise again."""
        self.guide = self._chosen()

    def follow_settings(self) -> None:
        self.guide.settings = guide_settings(self._settings, self._mat)

    def with_steps(self) -> Guide:
        """The guide, where it has steps.  Raises FreePracticeError."""
        if not self.guide.exercise.steps:
            raise FreePracticeError("free practice has no steps; choose an exercise first")
        return self.guide

    def fresh(self, exercise: str | None, step: int = 1, position: Position | None = None) -> Guide:
        """A guide for this exercise (None: the chosen one), not in use yet.

        position: how somebody lies now.  Raises UnknownExerciseError, NotOnThisMatError.
        """
        name = exercise or self._settings["practice.exercise"] or self._exercise
        found = find_exercise(name, self._exercises())
        fitted = for_mat(found, self._mat)
        if fitted is None:
            lacks = ", ".join(missing_limbs(found, self._mat))
            raise NotOnThisMatError(f"this mat cannot feel what '{name}' moves ({lacks}); choose another exercise")
        return Guide(fitted, guide_settings(self._settings, self._mat), body_map(self._mat), step=step, position=position)

    def replace(self, guide: Guide, now_s: float, live: LiveState) -> list[Cue]:
        """Take this guide from now on: whoever lies there is guided at once, whoever does not when they next lie down."""
        cues = self.guide.retire(now_s)
        self.guide, self.trouble = guide, None
        return cues + guide.start(now_s, live.presence, live)

    def keep_ranges(self) -> None:
        """What the guide has learnt of the person's ranges, for good."""
        kept: Mapping[str, float] = self._settings["practice.ranges"]
        if any(kept.get(limb) != extent for limb, extent in self.guide.ranges.items()):
            self._keep("practice.ranges", {**kept, **self.guide.ranges})

    def keep_pace(self) -> None:
        """A session is over: its pace is the next one's ring, and the continuous tone is a little quieter then."""
        if self._settings["sound.follow"]:
            self._keep("sound.follow_sessions", self._settings["sound.follow_sessions"] + 1)
        pace = self.guide.view.pace
        now = {"prepare_s": pace.prepare_s, "aloft_s": pace.aloft_s, "melt_s": pace.melt_s}
        if pace != Pace() and now != self._settings["practice.pace"]:
            self._keep("practice.pace", now)

    def _chosen(self) -> Guide:
        """The chosen exercise, or free practice where that cannot be: a slip in a file must not stop a station."""
        try:
            guide = self.fresh(None)
        except BackliftError as error:
            name = self._settings["practice.exercise"] or self._exercise
            _log.warning("practice: the exercise '%s' cannot be used, free practice instead: %s", name, error)
            self.trouble = Notice("exercise_left_out", {"exercise": name})
            return self.fresh(FREE)
        self.trouble = None
        return guide


def guide_settings(values: Mapping[str, Any], mat: Mat) -> GuideSettings:
    """The guide's settings out of all settings in force.

    A range counts only for a limb with more than one zone, and not for an arm: lifted as a whole it has left the mat however low
    it is held.
    """
    told = {limb.name for limb in mat.limb if limb.kind == "leg" and len(limb.zones) > 1}
    return GuideSettings(
        settling_s=values["practice.settling_s"],
        rest_s=values["practice.rest_s"],
        counting=values["practice.counting"],
        hold_s=None if values["practice.count_at"] == "button" else values["practice.hold_s"],
        count_s=values["practice.count_s"],
        counts=values["practice.counts"],
        count_up=values["practice.count_up"],
        prepare_sound=values["practice.prepare_sound"],
        ranges={limb: extent for limb, extent in values["practice.ranges"].items() if limb in told},
        range_sound=values["practice.range_sound"],
        pace=Pace(**values["practice.pace"]),
        volume=values["sound.volume"],
        voice=values["sound.voice"],
        language=values["station.language"],
    )
