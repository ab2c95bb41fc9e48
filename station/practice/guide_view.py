"""What the guide is told to do and what it shows: settings in, a picture out.  Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from station.practice.cue import Sound
from station.practice.exercise import Language
from station.practice.pace import Pace
from station.practice.positions import Position
from station.practice.release import Release

GuideState = Literal["away", "ended", "turning", "waiting", "rest", "prepare", "aloft", "melt", "paused"]
Voice = Literal["off", "counts", "all"]
StationTrouble = Literal["mat_trouble", "unplug", "not_saving"]


@dataclass(frozen=True, slots=True)
class GuideSettings:
    """What the person chose.

    settling_s: lying still for so long before "ready".
    rest_s: a rest after a melt is complete after so many seconds; 0: nothing is heard of it.
    counting: count the release; off is the free mode.  None: as the exercise says.
    hold_s: the count begins so long after lift-off; None: at the button only.
    count_s: length of one count.
    counts: replaces the exercise's counts where given.
    count_up: one, two, three instead of eight, seven, six.
    prepare_sound: a sound when the muscles engage.
    ranges: limb -> extent (0..1) up to which a lift is a micromovement to this person; a limb without one has no range.
    range_sound: tones about the range: "smaller", and "you may" when the person was comfortable with it for a while.
    pace: how long this person usually takes; the ring on the page follows it.
    voice: words spoken: none, the counts, or the guidance too.
    """

    settling_s: float = 5.0
    rest_s: float = 8.0
    counting: bool | None = False
    hold_s: float | None = 3.0
    count_s: float = 1.0
    counts: tuple[int, ...] | None = None
    count_up: bool = False
    prepare_sound: bool = False
    ranges: Mapping[str, float] = field(default_factory=dict)
    range_sound: bool = True
    pace: Pace = field(default_factory=Pace)
    volume: float = 0.5
    voice: Voice = "all"
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class GuideView:
    """What a glance shall show; part of the live state.

    exercise, title: which exercise.  step, steps: 1-based number and how many (step None: free practice, or all done).
    step_title, limbs: what this step moves.  next_title: the step after it.  position: how the person lies for it.
    repetition, repetitions: made so far in this step, and planned.
    next: what comes next, in words.  state, since_s: where the practice is, and since which monotonic second.
    count: the count the person hears now (8, 7, ... 1) of `count_of`; None outside a count.
    pace: seconds of prepare, lift and melt that the ring is drawn for.
    trunk: how far a trunk movement has gone, 0 at rest, 1 a clear one; None where the step is none.
    may_grow: the limb whose range was comfortable for a while; it grows only when the person asks for it.
    last_sound, last_sound_at_s: for outputs that show instead of sounding.
    release: the last counted release.  hurried: lifts that began before the melt before them was over.
    rests_s: complete seconds of rest between repetitions, so far.  done: all steps are made.
    words: what there is to say now, gentlest last.
    """

    exercise: str
    title: str
    step: int | None
    steps: int
    step_title: str | None
    next_title: str | None
    position: Position
    limbs: tuple[str, ...]
    repetition: int
    repetitions: int
    next: str
    state: GuideState
    since_s: float
    count: int | None
    count_of: int | None
    pace: Pace
    trunk: float | None
    may_grow: str | None
    last_sound: Sound | None
    last_sound_at_s: float | None
    release: Release | None
    hurried: int
    rests_s: tuple[float, ...]
    done: bool
    words: tuple[str, ...]
