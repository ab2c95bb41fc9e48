"""The practice guide: what is heard with eyes closed, and what the page shows of it.

A pure state machine.  The pipeline's announcements and the passing of time go in, cues come out; it holds no clock, thread, file
or socket, so a whole practice can be played through it in a test.  Whoever feeds it hands the cues to whatever makes sound.

    away -> waiting -> on <-> paused -> away
             (ready)   |                (end)
                       each limb: rest -> prepare -> aloft -> melt -> rest

Its parts: `Movement` (where the limbs are, rests), `Progress` (through the exercise), `ReleaseCount` (the count), `CueMaker`
(sounds that never pile up).  What is put together here is when which of them speaks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from station.model import Announcement, Fault, Lift, LiveState, PhaseEvent, Presence, PresenceKind, Repetition
from station.practice.cue import HUSH, LONG_S, SHORT_S, URGENT, Cue, CueMaker, CuePlan, Sound
from station.practice.exercise import Exercise, Language
from station.practice.exercise_progress import Progress
from station.practice.movement import Movement
from station.practice.phrases import number, words
from station.practice.release import Release, ReleaseCount

__all__ = ["HUSH", "Cue", "CuePlan", "Guide", "GuideSettings", "GuideView", "Release", "Sound"]

GuideState = Literal["away", "waiting", "rest", "prepare", "aloft", "melt", "paused"]
Voice = Literal["off", "counts", "all"]
StationTrouble = Literal["mat_trouble", "unplug", "not_saving"]

QUIET_FAULTS = frozenset({"gap", "noisy", "twin"})
"""Faults that are shown elsewhere and not sounded: nothing can be done about them lying down."""
FAULT_LASTS_S = 2.0
"""A fault that is over sooner is not sounded."""
COUNT_LIFE = 0.4
"""A count may be late by this share of its length; after that the next one is nearer."""


@dataclass(frozen=True, slots=True)
class GuideSettings:
    """What the person chose.

    settling_s: lying still for so long before "ready".
    rest_s: a rest after a melt is complete after so many seconds.
    counting: count the release; off is the free mode.
    hold_s: the count begins so long after lift-off; None: at the button only.
    count_s: length of one count.
    counts: replaces the exercise's counts where given.
    prepare_sound: a sound when the muscles engage.
    ranges: limb -> extent (0..1) up to which a lift is a micromovement to this person; a limb without one has no range.
    range_sound: a tone when a lift goes beyond it.
    voice: words spoken: none, the counts, or the guidance too.
    """

    settling_s: float = 5.0
    rest_s: float = 8.0
    counting: bool = False
    hold_s: float | None = 3.0
    count_s: float = 1.0
    counts: tuple[int, ...] | None = None
    prepare_sound: bool = False
    ranges: Mapping[str, float] = field(default_factory=dict)
    range_sound: bool = True
    volume: float = 0.5
    voice: Voice = "all"
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class GuideView:
    """What a glance shall show; part of the live state.

    exercise, title: which exercise.  step, steps: 1-based number and how many (step None: free practice, or all done).
    step_title, limbs: what this step moves.  repetition, repetitions: made so far in this step, and planned.
    next: what comes next, in words.  state, since_s: where the practice is, and since which monotonic second.
    count: the count the person hears now (8, 7, ... 1) of `count_of`; None outside a count.
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
    limbs: tuple[str, ...]
    repetition: int
    repetitions: int
    next: str
    state: GuideState
    since_s: float
    count: int | None
    count_of: int | None
    last_sound: Sound | None
    last_sound_at_s: float | None
    release: Release | None
    hurried: int
    rests_s: tuple[float, ...]
    done: bool
    words: tuple[str, ...]


class Guide:
    """Guides one person through one exercise.

    exercise: what is planned; one without steps is the free practice.
    settings: what the person chose; may be replaced at any time.

    Every method that takes `t_s` or an announcement returns the cues that follow, in order.  Time never runs back in here: what
    arrives late is taken as happening now.  A guide that is made while somebody is on the mat is to be told so by `start`.
    """

    def __init__(self, exercise: Exercise, settings: GuideSettings | None = None) -> None:
        self.exercise = exercise
        self.settings = settings or GuideSettings()
        self._now_s = -math.inf
        self._session: Literal["away", "stopped", "waiting", "on", "paused"] = "away"
        self._since_s = 0.0
        self._ready_at_s: float | None = None
        self._cues = CueMaker()
        self._movement = Movement()
        self._progress = Progress(exercise)
        self._count: ReleaseCount | None = None
        self._releasing: dict[str, tuple[ReleaseCount, Release]] = {}
        self._release: Release | None = None
        self._rest_told = True
        self._hurried_told = 0
        self._hurry_shown = False
        self._troubles: dict[str, str] = {}
        self._untold: dict[str, float] = {}

    # What goes in ---------------------------------------------------------------------------------------------------------------

    def feed(self, announcement: Announcement) -> list[Cue]:
        """Take what the pipeline announced."""
        match announcement:
            case PhaseEvent():
                self._at(announcement.reported_at_s)
                self._phase(announcement)
            case Presence():
                self._at(announcement.reported_at_s)
                self._presence(announcement)
            case Lift():
                self._at(max(announcement.reported_at.values(), default=self._now_s))
                self._lift(announcement)
            case Repetition():
                self._at(announcement.reported_at_s)
                if self._session == "on":
                    self._progress.repetition(announcement)
            case Fault():
                self._at(announcement.reported_at_s)
                self._fault(announcement)
        return self._cues.take()

    def tick(self, t_s: float, live: LiveState | None = None) -> list[Cue]:
        """Time passes; call it some ten times a second.  `live` lets the guide hear when a lift goes beyond the person's range."""
        self._at(t_s)
        self._movement.forget_lost(self._now_s)
        self._end_count_when_down()
        due = self._ready_at_s is not None and self._now_s >= self._ready_at_s
        if self._session == "waiting" and due and not self._movement.any:
            self._begin()
        self._tell_faults()
        if self._session == "on":
            self._count_on()
            if live is not None:
                self._watch_range(live)
            self._watch_rest()
        return self._cues.take()

    def start(self, t_s: float, presence: PresenceKind = "still") -> list[Cue]:
        """The person asks to begin (button, tablet, command line); `presence` is how the pipeline sees them at this moment.

        Somebody who lies there begins now; somebody who does not yet will be told when the mat is ready.
        """
        self._at(t_s)
        if self._session in ("away", "stopped", "waiting"):
            if presence == "still":
                self._begin()
            else:
                self._go("away" if presence == "empty" else "waiting")
        return self._cues.take()

    def stop(self, t_s: float) -> list[Cue]:
        """The person asks to end the session now, still lying down."""
        self._at(t_s)
        self._end("stopped")
        return self._cues.take()

    def pause(self, t_s: float) -> list[Cue]:
        """Nothing is said, counted or moved on until `resume`; only troubles are still told."""
        self._at(t_s)
        if self._session == "on":
            self._end_count()
            self._sound("pause", self._guidance("paused"))
            self._go("paused")
        return self._cues.take()

    def resume(self, t_s: float) -> list[Cue]:
        """Go on where the pause began."""
        self._at(t_s)
        if self._session == "paused":
            self._go("on")
            self._movement.rest_since_s = None
            self._sound("ready", self._guidance("resumed"), LONG_S)
        return self._cues.take()

    def mark(self, t_s: float) -> list[Cue]:
        """The button: while a limb is aloft and nothing is counted yet, the count begins."""
        self._at(t_s)
        aloft = sorted(self._movement.in_phase("aloft"))
        if self._session == "on" and self.settings.counting and aloft and self._count is None:
            for limb in aloft:
                self._plan_count(limb, self._now_s)
            self._count_on()
        return self._cues.take()

    def trouble(self, t_s: float, key: StationTrouble, over: bool = False) -> list[Cue]:
        """The station itself is in trouble (or no longer): told once, at once, and shown until it is over."""
        self._at(t_s)
        if over:
            self._troubles.pop(key, None)
        elif key not in self._troubles:
            self._troubles[key] = self._words(key)
            # "Unplug" follows seconds after "the mat does not answer", with the same sound: it is news all the same.
            self._sound("not_saving" if key == "not_saving" else "trouble", self._guidance(key), LONG_S, again=key == "unplug")
        return self._cues.take()

    # What comes out -------------------------------------------------------------------------------------------------------------

    @property
    def ranges(self) -> dict[str, float]:
        """Limb -> extent up to which a lift is small for this person, as far as this exercise has taught it."""
        return self._progress.ranges

    @property
    def view(self) -> GuideView:
        """The picture now."""
        step, last = self._progress.step, self._cues.last
        count = self._count.shown(self._now_s) if self._count else None
        return GuideView(
            exercise=self.exercise.name,
            title=self.exercise.title.in_(self.settings.language),
            step=self._progress.index + 1 if step else None,
            steps=len(self.exercise.steps),
            step_title=step.title.in_(self.settings.language) if step else None,
            limbs=step.limbs if step else (),
            repetition=self._progress.made,
            repetitions=step.repetitions if step else 0,
            next=self._next_words(),
            state=self._state(),
            since_s=self._state_since_s(),
            count=count,
            count_of=self._count.number if self._count and count is not None else None,
            last_sound=last.sound if last else None,
            last_sound_at_s=last.at_s if last else None,
            release=self._release,
            hurried=self._movement.hurried,
            rests_s=tuple(self._movement.rests_s),
            done=bool(self.exercise.steps) and step is None,
            words=self._view_words(),
        )

    # Presence: hands-free beginning and end -------------------------------------------------------------------------------------

    def _presence(self, presence: Presence) -> None:
        if presence.kind == "empty":
            self._end("away")
            return
        if self._session == "away" or (self._session == "stopped" and presence.kind == "arriving"):
            self._go("waiting")
        # The pipeline says "still" once it knows the sensors well enough; the person's own settling time runs from when the
        # stillness began.
        self._ready_at_s = presence.t_s + self.settings.settling_s if presence.kind == "still" else None

    def _begin(self) -> None:
        """A session begins, from the exercise's first step."""
        self._go("on")
        self._ready_at_s = None
        self._movement.begin()
        self._progress.begin()
        self._release = None
        self._rest_told = True
        self._hurried_told = 0
        self._hurry_shown = False
        self._sound("ready", self._said(f"{self._words('ready')} {self._next_words()}"), LONG_S)

    def _end(self, session: Literal["away", "stopped"]) -> None:
        was_on = self._session in ("on", "paused")
        self._end_count()
        self._go(session)
        self._ready_at_s = None
        self._releasing.clear()
        self._movement.everything_at_rest()
        if was_on:
            self._sound("end", self._guidance("ended") if session == "stopped" else None, LONG_S)

    def _go(self, session: Literal["away", "stopped", "waiting", "on", "paused"]) -> None:
        if session != self._session:
            self._session = session
            self._since_s = self._now_s
            self._movement.measuring = session == "on"

    # Phases ---------------------------------------------------------------------------------------------------------------------

    def _phase(self, event: PhaseEvent) -> None:
        limb = event.limb
        match event.kind:
            case "prepare_start":
                self._movement.prepares(limb, event.t_s)
                if self.settings.prepare_sound:
                    self._sound_of_movement("prepare")
            case "lift_off":
                self._movement.lifts_off(limb, event.t_s)
                self._hurry_shown = False
                self._sound_of_movement("lift_off")
                if self._movement.turning_over:
                    self._end_count()
                elif self.settings.counting and (self.settings.hold_s is not None or self._count):
                    self._plan_count(limb, event.t_s + (self.settings.hold_s or 0.0))
            case "touch_down":
                self._movement.lands(limb, event.t_s)
                self._measure_touch_down(event)
                self._end_count_when_down()
                self._sound_of_movement("touch_down")
            case "melt_end":
                self._movement.melted(limb, event.t_s)
                self._measure_melt_end(event)
                self._rest_begins(event.t_s, heard=True)
            case "unweighting":
                self._movement.dropped(limb)
                if self._progress.unweights(limb):
                    self._movement.began(limb, event.t_s)
                    self._rest_begins(event.reported_at_s, heard=True)
            case "prepare_dropped" | "void":
                was_off = self._movement.dropped(limb)
                self._releasing.pop(limb, None)
                self._end_count_when_down()
                if was_off:
                    self._rest_begins(event.reported_at_s, heard=False)

    def _lift(self, lift: Lift) -> None:
        self._releasing.pop(lift.limb, None)
        if self._movement.given_up(lift.limb):
            # The pipeline is done with this limb but could not tell when the melt ended.
            self._rest_begins(self._now_s, heard=False)
        if self._session == "on":
            self._progress.lift(lift)

    def _sound_of_movement(self, sound: Sound) -> None:
        if not self._movement.turning_over:
            self._sound(sound)

    def _rest_begins(self, t_s: float, heard: bool) -> None:
        """A limb has let go (`heard`), or was lost sight of: if it was the last, there is rest."""
        if self._session != "on" or not self._movement.all_down:
            return
        self._movement.rest_since_s = t_s
        self._rest_told = False
        self._hurry_shown = self._movement.hurried > self._hurried_told
        self._hurried_told = self._movement.hurried
        if heard:
            self._sound("melt_done", self._guidance("take_your_time") if self._hurry_shown else None)

    def _watch_rest(self) -> None:
        since_s = self._movement.rest_since_s
        if since_s is None or self._rest_told or self._movement.any or self._now_s < since_s + self.settings.rest_s:
            return
        self._rest_told = True
        self._sound("rest_done", self._said(self._next_words()) if self.exercise.steps else None, LONG_S)

    def _watch_range(self, live: LiveState) -> None:
        if not self.settings.range_sound or self._movement.turning_over:
            return
        for limb in live.limbs:
            limit = self.settings.ranges.get(limb.limb)
            if limit is not None and self._movement.goes_beyond(limb, limit, self._now_s):
                self._sound("beyond_range", self._guidance("beyond_range"))

    # Counting the release -------------------------------------------------------------------------------------------------------

    def _plan_count(self, limb: str, start_s: float) -> None:
        if self._session != "on":
            return
        start_s = max(start_s, self._now_s)
        if self._count is None:
            self._count = ReleaseCount(limb, self._progress.number(limb, self.settings.counts), start_s, self.settings.count_s)
        else:
            self._count.join(limb, start_s)

    def _count_on(self) -> None:
        if self._count is None:
            return
        for at_s, left in self._count.due(self._now_s):
            say = self._said(number(left, self.settings.language), "counts")
            self._sound("count_last" if left == 1 else "count", say, COUNT_LIFE * self.settings.count_s, at_s=at_s)

    def _end_count_when_down(self) -> None:
        if self._count and not self._count.limbs & self._movement.in_phase("aloft"):
            self._end_count()

    def _end_count(self) -> None:
        self._count = None
        self._cues.hush(self._now_s)

    def _measure_touch_down(self, event: PhaseEvent) -> None:
        release = self._count.landed(event.limb, event.t_s) if self._count else None
        if self._count and release:
            self._release = release
            self._releasing[event.limb] = (self._count, release)

    def _measure_melt_end(self, event: PhaseEvent) -> None:
        if event.limb in self._releasing:
            count, release = self._releasing.pop(event.limb)
            self._release = replace(release, melt_end=count.counts_at(event.t_s))

    # Troubles -------------------------------------------------------------------------------------------------------------------

    def _fault(self, fault: Fault) -> None:
        key = f"{fault.zone} {fault.kind}"
        if fault.over:
            self._troubles.pop(key, None)
            self._untold.pop(key, None)
        elif key not in self._troubles and fault.kind not in QUIET_FAULTS:
            self._troubles[key] = self._words("zone_trouble", zone=fault.zone) if fault.zone else self._words("mat_trouble")
            self._untold[key] = self._now_s

    def _tell_faults(self) -> None:
        """Faults that last are told once, and not into somebody's movement: they can wait for the next rest."""
        if self._movement.any or self._session in ("away", "stopped"):
            return
        lasting = [key for key, since_s in self._untold.items() if self._now_s - since_s >= FAULT_LASTS_S]
        if lasting:
            self._sound("trouble", self._said(self._troubles[lasting[0]]), LONG_S)
            for key in lasting:
                del self._untold[key]

    # Words ----------------------------------------------------------------------------------------------------------------------

    def _words(self, key: str, **values: object) -> str:
        return words(key, self.settings.language, **values)

    def _said(self, text: str, at_least: Voice = "all") -> str | None:
        """The text, if the person wants words as far as that."""
        return text if self.settings.voice in ("all", at_least) else None

    def _guidance(self, key: str) -> str | None:
        return self._said(self._words(key))

    def _next_words(self) -> str:
        step = self._progress.step
        match self._session:
            case "away":
                return self._words("lie_down")
            case "stopped":
                return self._words("ended")
            case "waiting":
                return self._words("be_still")
            case "paused":
                return self._words("paused")
        if not self.exercise.steps:
            return self._words("anything")
        if step is None:
            return self._words("all_done")
        return step.say.in_(self.settings.language) if self._progress.made == 0 else self._words("again")

    def _view_words(self) -> tuple[str, ...]:
        said = list(dict.fromkeys(self._troubles.values()))
        release = self._release
        if release is not None and not self._movement.in_phase("aloft"):
            if release.touch_down < release.number:
                down = release.number - int(release.touch_down)
                said.append(self._words("release_in_count", down=down, number=release.number))
            else:
                late = f"{(release.touch_down - release.number) * release.count_s:.1f}"
                late = late.replace(".", ",") if self.settings.language == "de" else late
                said.append(self._words("release_after_count", late=late, number=release.number))
        if self._hurry_shown:
            said.append(self._words("take_your_time"))
        return tuple(said)

    # State ----------------------------------------------------------------------------------------------------------------------

    def _state(self) -> GuideState:
        match self._session:
            case "away" | "stopped":
                return "away"
            case "waiting" | "paused":
                return self._session
        for phase in ("aloft", "melt", "prepare"):
            if self._movement.in_phase(phase):
                return phase
        return "rest"

    def _state_since_s(self) -> float:
        state = self._state()
        if state in ("aloft", "melt", "prepare"):
            return self._movement.since_s(state)
        if state == "rest" and self._movement.rest_since_s is not None:
            return self._movement.rest_since_s
        return self._since_s

    def _at(self, t_s: float) -> None:
        self._now_s = max(self._now_s, t_s)

    def _sound(
        self, sound: Sound, say: str | None = None, life_s: float = SHORT_S, *, at_s: float | None = None, again: bool = False
    ) -> None:
        """Outside a running session only what is urgent is heard."""
        if self._session == "on" or sound in URGENT:
            self._cues.make(sound, self._now_s, self.settings.volume, say, life_s, at_s, again=again)
