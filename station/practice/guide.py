"""The practice guide: what is heard with eyes closed, and what the page shows of it.

A pure state machine.  The pipeline's announcements and the passing of time go in, cues come out; it holds no clock, thread, file
or socket, so a whole practice can be played through it in a test.  Whoever feeds it hands the cues to whatever makes sound.

    away -> waiting -> on <-> paused -> away
             (ready)   |                (end)
                       each limb: rest -> prepare -> aloft -> melt -> rest

What it holds to:

- A cue is never in the past when it is made, and says itself when it is too old to be played.
- Only counts are made ahead of their time (`AHEAD_S`), so that a network's jitter is not heard in them; the cue `HUSH` takes
  back whatever has not sounded yet.  Nothing else is ever taken back.
- No more than `CUES_PER_SECOND` cues fall into any second, whatever is fed: sounds must not pile up on somebody who lies still.
- What a mat cannot know is not pretended.  A limb aloft does not show when it begins to sink: the count is an offer that starts
  after the hold the person chose (or at the button), and only touch-down and the end of the melt are measured against it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from station.model import Announcement, Fault, Lift, LiveState, Phase, PhaseEvent, Presence, PresenceKind, Repetition
from station.practice.exercise import Exercise, Language, Measure, Step
from station.practice.words import number, words

Sound = Literal[
    "ready",
    "prepare",
    "lift_off",
    "touch_down",
    "melt_done",
    "rest_done",
    "beyond_range",
    "trouble",
    "not_saving",
    "pause",
    "end",
    "count",
    "count_last",
    "hush",
]
HUSH: Literal["hush"] = "hush"
"""No sound: outputs drop every cue of theirs that has not begun."""

GuideState = Literal["away", "waiting", "rest", "prepare", "aloft", "melt", "paused"]
Voice = Literal["off", "counts", "all"]

AHEAD_S = 1.5
"""How far ahead counts are made."""
CUES_PER_SECOND = 4
"""At most so many cues (HUSH not counted) within any second, by `at_s`; the last one is kept for troubles and the end."""
LOST_S = 120.0
"""A limb of which nothing was heard for so long is taken to be at rest: a lift lasts seconds."""
MOST_LIMBS = 2
"""An exercise lifts an arm and a leg at most."""
HURRIED_S = 0.3
"""A melt counts as cut short when the next lift began so long before its end."""
RANGE_APART = 0.1
"""The least difference in extent at which a small and a large lift can be told apart."""
BEYOND_FOR_S = 0.3
"""A lift is beyond the range when it stays there for so long; a single tremor is not."""
QUIET_FAULTS = frozenset({"gap", "noisy", "twin"})
"""Faults that are shown elsewhere and not sounded: nothing can be done about them lying down."""
FAULT_LASTS_S = 2.0
"""A fault that is over sooner is not sounded."""
_SHORT_S, _LONG_S = 0.5, 3.0
_AGAIN_S: Mapping[Sound, float] = {
    "lift_off": 0.6,
    "touch_down": 0.6,
    "prepare": 1.0,
    "beyond_range": 5.0,
    "trouble": 20.0,
    "not_saving": 20.0,
}
"""The same sound is not repeated within so many seconds (an arm and a leg that leave together are one moment)."""
_URGENT: frozenset[Sound] = frozenset({"trouble", "not_saving", "end"})


@dataclass(frozen=True, slots=True)
class Cue:
    """One sound, at a time.

    sound: a name of station/practice/sounds.py, or HUSH.
    at_s, expires_s: monotonic seconds; not to be begun after `expires_s`.
    say: words for a voice, if there is one, with or after the sound; None where a sound is enough.
    volume: 0..1, of full loudness; 0 is silence (the cue still shows on the page).
    """

    sound: Sound
    at_s: float
    expires_s: float
    say: str | None = None
    volume: float = 0.5


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
class Release:
    """How one counted release went, measured in counts from the first count on.

    touch_down, melt_end: 2.5 = halfway through the third count; above `number` when the count was over before; None: not known.
    """

    limb: str
    number: int
    count_s: float
    touch_down: float | None = None
    melt_end: float | None = None


@dataclass(frozen=True, slots=True)
class GuideView:
    """What a glance shall show; part of the live state.

    exercise, title: which exercise.  step, steps: 1-based number and how many (step None: free practice, or all done).
    step_title, limbs: what this step moves.  repetition, repetitions: made so far in this step, and planned.
    next: what comes next, in words.  state, since_s: where the practice is, and since which monotonic second.
    counting: the count the person hears now (8, 7, ... 1) of `count_of`; None outside a count.
    last_sound, last_sound_at_s: for outputs that show instead of sounding.
    release: the last counted release.  hurried: lifts that began before the melt before them was over.
    rests_s: complete seconds of rest between repetitions, so far.  done: all steps are made.
    words: what there is to say now, gentlest first.
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


class CuePlan:
    """The outputs' side of the bargain: which cues are to be begun now.  Pure; an output owns one.

    Nothing is begun before its time or after its expiry, so a stalled output drops what it missed; HUSH empties the plan.
    """

    def __init__(self) -> None:
        self._waiting: list[Cue] = []

    def add(self, cue: Cue) -> None:
        if cue.sound == HUSH:
            self._waiting.clear()
        else:
            self._waiting.append(cue)

    def due(self, now_s: float) -> list[Cue]:
        """Cues to begin now, in order of their time; stale ones are dropped."""
        begin = sorted((cue for cue in self._waiting if cue.at_s <= now_s), key=lambda cue: cue.at_s)
        self._waiting = [cue for cue in self._waiting if cue.at_s > now_s]
        return [cue for cue in begin if cue.expires_s >= now_s]

    @property
    def next_s(self) -> float | None:
        """When there will be something to do, if ever."""
        return min((cue.at_s for cue in self._waiting), default=None)


@dataclass(slots=True)
class _LimbNow:
    """Where one limb is.  overtaken_s: while it melted another lift began, at this time."""

    phase: Phase
    since_s: float
    beyond_since_s: float | None = None
    beyond_told: bool = False
    overtaken_s: float | None = None


@dataclass(slots=True)
class _Counting:
    limbs: set[str]
    number: int
    start_s: float
    made: int = 0


class Guide:
    """Guides one person through one exercise.

    exercise: what is planned; one without steps is the free practice.
    settings: what the person chose; may be replaced at any time.

    Every method that takes `t_s` or an announcement returns the cues that follow, in order.  Time never runs back in here: what
    arrives late is taken as happening now.  A guide that is made while somebody is on the mat is to be told
    so by `start`.
    """

    def __init__(self, exercise: Exercise, settings: GuideSettings | None = None) -> None:
        self.settings = settings or GuideSettings()
        self._exercise = exercise
        self._now_s = -math.inf
        self._cues: list[Cue] = []
        self._recent: deque[tuple[float, Sound]] = deque(maxlen=64)
        self._last_sound: Cue | None = None
        self._session: Literal["away", "stopped", "waiting", "on", "paused"] = "away"
        self._since_s = 0.0
        self._ready_at_s: float | None = None
        self._limbs: dict[str, _LimbNow] = {}
        self._count: _Counting | None = None
        self._releases: dict[str, tuple[_Counting, Release]] = {}
        self._release: Release | None = None
        self._rest_since_s: float | None = None
        self._rest_told = True
        self._rests_s: list[float] = []
        self._hurried = 0
        self._hurry_open = False
        self._hurry_words = False
        self._step = 0
        self._made = 0
        self._made_by_limb: dict[str, int] = {}
        self._extents: dict[str, dict[Measure, float]] = {}
        self._troubles: dict[str, str] = {}
        self._untold: dict[str, float] = {}

    # What goes in

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
                self._repetition(announcement)
            case Fault():
                self._at(announcement.reported_at_s)
                self._fault(announcement)
        return self._out()

    def tick(self, t_s: float, live: LiveState | None = None) -> list[Cue]:
        """Time passes; call it some ten times a second.  `live` lets the guide hear when a lift goes beyond the person's range."""
        self._at(t_s)
        self._forget_lost_limbs()
        if self._session == "waiting" and self._ready_at_s is not None and self._now_s >= self._ready_at_s and not self._limbs:
            self._begin()
        self._tell_faults()
        if self._session == "on":
            self._count_on()
            if live is not None:
                self._watch_range(live)
            self._watch_rest()
        return self._out()

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
        return self._out()

    def stop(self, t_s: float) -> list[Cue]:
        """The person asks to end the session now, still lying down."""
        self._at(t_s)
        self._end("stopped")
        return self._out()

    def pause(self, t_s: float) -> list[Cue]:
        """Nothing is said, counted or moved on until `resume`; only troubles are still told."""
        self._at(t_s)
        if self._session == "on":
            self._hush()
            self._go("paused")
            self._sound("pause", say=self._said(self._words("paused")))
        return self._out()

    def resume(self, t_s: float) -> list[Cue]:
        """Go on where the pause began."""
        self._at(t_s)
        if self._session == "paused":
            self._go("on")
            self._rest_since_s, self._rest_told = None, True
            self._sound("ready", say=self._said(self._words("resumed")), life_s=_LONG_S)
        return self._out()

    def mark(self, t_s: float) -> list[Cue]:
        """The button: while a limb is aloft and nothing is counted yet, the count begins."""
        self._at(t_s)
        aloft = self._in_phase("aloft")
        if self._session == "on" and self.settings.counting and aloft and self._count is None:
            self._begin_count(aloft, self._now_s)
            self._count_on()
        return self._out()

    def trouble(self, t_s: float, key: Literal["mat_trouble", "unplug", "not_saving"], over: bool = False) -> list[Cue]:
        """The station itself is in trouble (or no longer): told once, and shown until it is over."""
        self._at(t_s)
        if over:
            self._troubles.pop(key, None)
        elif key not in self._troubles:
            self._troubles[key] = words(key, self.settings.language)
            self._sound("not_saving" if key == "not_saving" else "trouble", say=self._said(self._words(key)), life_s=_LONG_S)
        return self._out()

    # What comes out

    @property
    def exercise(self) -> Exercise:
        return self._exercise

    @property
    def ranges(self) -> dict[str, float]:
        """Limb -> extent up to which a lift is small for this person, from the lifts of steps that measure it.

        Halfway between the small and the large lift; a limb on which the two differ by less than `RANGE_APART` has none.
        """
        both = {limb: got for limb, got in self._extents.items() if len(got) == 2}
        return {
            limb: round((got["small"] + got["large"]) / 2, 3)
            for limb, got in both.items()
            if got["large"] - got["small"] >= RANGE_APART
        }

    @property
    def view(self) -> GuideView:
        """The picture now."""
        step = self._current_step
        count = self._count_now()
        return GuideView(
            exercise=self._exercise.name,
            title=self._exercise.title.in_(self.settings.language),
            step=self._step + 1 if step else None,
            steps=len(self._exercise.steps),
            step_title=step.title.in_(self.settings.language) if step else None,
            limbs=step.limbs if step else (),
            repetition=self._made,
            repetitions=step.repetitions if step else 0,
            next=self._next_words(),
            state=self._state(),
            since_s=self._state_since_s(),
            count=count,
            count_of=self._count.number if self._count and count is not None else None,
            last_sound=self._last_sound.sound if self._last_sound else None,
            last_sound_at_s=self._last_sound.at_s if self._last_sound else None,
            release=self._release,
            hurried=self._hurried,
            rests_s=tuple(self._rests_s),
            done=bool(self._exercise.steps) and step is None,
            words=self._view_words(),
        )

    # Presence: hands-free beginning and end

    def _presence(self, presence: Presence) -> None:
        match presence.kind:
            case "empty":
                self._end("away")
            case "arriving":
                if self._session in ("away", "stopped"):
                    self._go("waiting")
                self._ready_at_s = None
            case "settling":
                if self._session == "away":
                    self._go("waiting")
                self._ready_at_s = None
            case "still":
                if self._session == "away":
                    self._go("waiting")
                # The pipeline says "still" once it knows the creep of the sensors well enough; the person's own settling
                # time runs from when the stillness began.
                self._ready_at_s = presence.t_s + self.settings.settling_s

    def _begin(self) -> None:
        """A session begins, from the exercise's first step; the personal range found so far is kept."""
        self._go("on")
        self._ready_at_s = None
        self._rest_since_s, self._rest_told = None, True
        self._rests_s.clear()
        self._made_by_limb.clear()
        self._step = self._made = self._hurried = 0
        self._hurry_open = self._hurry_words = False
        self._release = None
        self._sound("ready", say=self._said(f"{self._words('ready')} {self._next_words()}"), life_s=_LONG_S)

    def _end(self, session: Literal["away", "stopped"]) -> None:
        was_on = self._session in ("on", "paused")
        self._hush()
        self._go(session)
        self._ready_at_s = None
        self._limbs.clear()
        self._releases.clear()
        self._rest_since_s, self._rest_told = None, True
        self._hurry_open = False
        if was_on:
            self._sound("end", say=self._said(self._words("ended")) if session == "stopped" else None, life_s=_LONG_S)

    # Phases

    def _phase(self, event: PhaseEvent) -> None:
        match event.kind:
            case "prepare_start":
                self._limbs[event.limb] = _LimbNow("prepare", event.t_s)
                self._sound_of_movement("prepare")
            case "lift_off":
                before = self._limbs.get(event.limb)
                self._movement_began(event.limb, before.since_s if before and before.phase == "prepare" else event.t_s)
                self._limbs[event.limb] = _LimbNow("aloft", event.t_s)
                self._sound_of_movement("lift_off")
                self._plan_count(event)
            case "touch_down":
                self._limbs[event.limb] = _LimbNow("melt", event.t_s)
                self._measure_touch_down(event)
                if self._count and not self._in_phase("aloft") & self._count.limbs:
                    self._hush()
                self._sound_of_movement("touch_down")
            case "melt_end":
                self._melt_ended(event)
            case "unweighting":
                self._limbs.pop(event.limb, None)
                step = self._current_step
                if step and step.movement == "unweighting" and event.limb in step.limbs:
                    self._movement_began(event.limb, event.t_s)
                    self._rest_begins(event.reported_at_s, heard=True)
            case "prepare_dropped" | "void":
                before = self._limbs.pop(event.limb, None)
                self._releases.pop(event.limb, None)
                if self._count and event.limb in self._count.limbs and not self._in_phase("aloft") & self._count.limbs:
                    self._hush()
                if before is not None and before.phase != "prepare":
                    self._rest_begins(event.reported_at_s, heard=False)

    def _sound_of_movement(self, sound: Sound) -> None:
        """Silent when more limbs move than an exercise lifts: somebody turns over or gets up."""
        if not self._turning_over and (sound != "prepare" or self.settings.prepare_sound):
            self._sound(sound)

    @property
    def _turning_over(self) -> bool:
        return len(self._in_phase("prepare") | self._in_phase("aloft")) > MOST_LIMBS

    def _movement_began(self, limb: str, t_s: float) -> None:
        """A lift that began at `t_s` has left the mat: how long was the rest before it, and is any melt still going on?

        Whether such a melt was really cut short is known only when its end is: it is announced later than it happens.
        """
        melting = [other for name, other in self._limbs.items() if other.phase == "melt" and name != limb]
        for other in melting:
            other.overtaken_s = t_s
        if self._session == "on" and not melting and self._rest_since_s is not None:
            self._rests_s.append(round(max(t_s - self._rest_since_s, 0.0), 3))
        if self._in_phase("melt") & {limb} and self._session == "on":
            self._hurried += 1
            self._hurry_open = True
        self._rest_since_s, self._rest_told = None, True
        self._hurry_words = False

    def _melt_ended(self, event: PhaseEvent) -> None:
        limb = self._limbs.pop(event.limb, None)
        self._measure_melt_end(event)
        if limb is not None and limb.overtaken_s is not None and self._session == "on":
            if event.t_s > limb.overtaken_s + HURRIED_S:
                self._hurried += 1
                self._hurry_open = True
            else:
                self._rests_s.append(round(max(limb.overtaken_s - event.t_s, 0.0), 3))
        self._rest_begins(event.t_s, heard=True)

    def _rest_begins(self, t_s: float, heard: bool) -> None:
        """The last limb has let go (`heard`), or was lost sight of."""
        if self._in_phase("aloft") or self._in_phase("melt") or self._session != "on":
            return
        self._rest_since_s, self._rest_told = t_s, False
        self._hurry_words, self._hurry_open = self._hurry_open, False
        if heard:
            self._sound("melt_done", say=self._said(self._words("take_your_time")) if self._hurry_words else None)

    def _watch_rest(self) -> None:
        since_s = self._rest_since_s
        if since_s is None or self._rest_told or self._limbs or self._now_s < since_s + self.settings.rest_s:
            return
        self._rest_told = True
        self._sound("rest_done", say=self._said(self._next_words()) if self._exercise.steps else None, life_s=_LONG_S)

    def _watch_range(self, live: LiveState) -> None:
        for limb in live.limbs:
            now = self._limbs.get(limb.limb)
            limit = self.settings.ranges.get(limb.limb)
            if now is None or now.phase != "aloft" or limit is None or limb.load is None or not self.settings.range_sound:
                continue
            if 1 - limb.load <= limit:
                now.beyond_since_s = None
            elif now.beyond_since_s is None:
                now.beyond_since_s = self._now_s
            elif not now.beyond_told and self._now_s - now.beyond_since_s >= BEYOND_FOR_S:
                now.beyond_told = True
                self._sound("beyond_range", say=self._said(self._words("beyond_range")))

    def _forget_lost_limbs(self) -> None:
        for name in [name for name, limb in self._limbs.items() if self._now_s - limb.since_s > LOST_S]:
            del self._limbs[name]

    # Counting the release

    def _plan_count(self, event: PhaseEvent) -> None:
        if self._session != "on" or not self.settings.counting:
            return
        if self._turning_over:
            self._hush()
        elif self._count is not None and self._count.made == 0:
            self._count.limbs.add(event.limb)
            self._count.start_s = max(event.t_s + (self.settings.hold_s or 0.0), self._now_s)
        elif self._count is not None:
            self._count.limbs.add(event.limb)
        elif self.settings.hold_s is not None:
            self._begin_count({event.limb}, max(event.t_s + self.settings.hold_s, self._now_s))

    def _begin_count(self, limbs: set[str], start_s: float) -> None:
        step = self._current_step
        counts = self.settings.counts or (step.counts if step else (8, 10, 12))
        made = self._made if step else max((self._made_by_limb.get(limb, 0) for limb in limbs), default=0)
        over = made - (len(counts) - 1)
        last = counts[min(made, len(counts) - 1)]
        slower = 2 * over if over > 0 and step is not None and step.after_last == "slower" else 0
        self._count = _Counting(set(limbs), min(last + slower, 30), start_s)

    def _count_on(self) -> None:
        """Make the counts of the next moments; those whose time has passed are left out, not made up for."""
        count = self._count
        if count is None:
            return
        count_s = self.settings.count_s
        while count.made < count.number and count.start_s + count.made * count_s <= self._now_s + AHEAD_S:
            at_s = count.start_s + count.made * count_s
            left = count.number - count.made
            count.made += 1
            if at_s >= self._now_s:
                say = number(left, self.settings.language) if self.settings.voice != "off" else None
                self._sound("count_last" if left == 1 else "count", at_s=at_s, say=say, life_s=0.4 * count_s)
        if self._now_s >= count.start_s + count.number * count_s and not self._in_phase("aloft") & count.limbs:
            self._count = None

    def _count_now(self) -> int | None:
        count = self._count
        if count is None or self._session != "on" or self._now_s < count.start_s:
            return None
        done = int((self._now_s - count.start_s) / self.settings.count_s)
        return count.number - done if done < count.number else None

    def _measure_touch_down(self, event: PhaseEvent) -> None:
        count = self._count
        if count is None or event.limb not in count.limbs or event.t_s < count.start_s:
            return
        counts = round((event.t_s - count.start_s) / self.settings.count_s, 2)
        release = Release(event.limb, count.number, self.settings.count_s, touch_down=counts)
        self._releases[event.limb] = (count, release)
        self._release = release

    def _measure_melt_end(self, event: PhaseEvent) -> None:
        if event.limb in self._releases:
            count, release = self._releases.pop(event.limb)
            self._release = replace(release, melt_end=round((event.t_s - count.start_s) / release.count_s, 2))

    # Steps

    @property
    def _current_step(self) -> Step | None:
        steps = self._exercise.steps
        return steps[self._step] if self._step < len(steps) else None

    def _lift(self, lift: Lift) -> None:
        self._releases.pop(lift.limb, None)
        before = self._limbs.get(lift.limb)
        if before is not None and before.phase != "prepare":
            del self._limbs[lift.limb]
            # The pipeline is done with this limb but could not tell when the melt ended.
            self._rest_begins(self._now_s, heard=False)
        step = self._current_step
        if step and step.movement == "unweighting" and lift.limb in step.limbs and lift.kind != "void":
            self._step_on()
        if lift.kind == "lift":
            self._made_by_limb[lift.limb] = self._made_by_limb.get(lift.limb, 0) + 1

    def _repetition(self, repetition: Repetition) -> None:
        step = self._current_step
        if step is None or step.movement != "lift" or {lift.limb for lift in repetition.lifts} != set(step.limbs):
            return
        for lift in repetition.lifts:
            if step.measures and lift.extent is not None and self._session == "on":
                self._extents.setdefault(lift.limb, {})[step.measures] = lift.extent
        self._step_on()

    def _step_on(self) -> None:
        step = self._current_step
        if step is None or self._session != "on":
            return
        self._made += 1
        if self._made >= step.repetitions:
            self._step, self._made = self._step + 1, 0

    # Troubles

    def _fault(self, fault: Fault) -> None:
        key = f"{fault.zone} {fault.kind}"
        if fault.over:
            self._troubles.pop(key, None)
            self._untold.pop(key, None)
        elif key not in self._troubles and fault.kind not in QUIET_FAULTS:
            language = self.settings.language
            self._troubles[key] = words("zone_trouble", language, zone=fault.zone) if fault.zone else words("mat_trouble", language)
            self._untold[key] = self._now_s

    def _tell_faults(self) -> None:
        """Faults that last are told once, and not into somebody's movement: they can wait for the next rest."""
        if self._limbs or self._session not in ("waiting", "on", "paused"):
            return
        lasting = [key for key, since_s in self._untold.items() if self._now_s - since_s >= FAULT_LASTS_S]
        if lasting:
            self._sound("trouble", say=self._said(self._troubles[lasting[0]], "counts"), life_s=_LONG_S)
            for key in lasting:
                del self._untold[key]

    # Words

    def _said(self, text: str, at_least: Voice = "all") -> str | None:
        """The text, if the person wants words as far as that."""
        return text if self.settings.voice in ("all", at_least) else None

    def _words(self, key: str) -> str:
        return words(key, self.settings.language)

    def _next_words(self) -> str:
        language = self.settings.language
        step = self._current_step
        if self._session == "away":
            return words("lie_down", language)
        if self._session == "stopped":
            return words("ended", language)
        if self._session == "waiting":
            return words("be_still", language)
        if self._session == "paused":
            return words("paused", language)
        if not self._exercise.steps:
            return words("anything", language)
        if step is None:
            return words("all_done", language)
        return step.say.in_(language) if self._made == 0 else words("again", language)

    def _view_words(self) -> tuple[str, ...]:
        language = self.settings.language
        said = list(dict.fromkeys(self._troubles.values()))
        if self._hurry_words:
            said.append(words("take_your_time", language))
        release = self._release
        if release is not None and release.touch_down is not None and not self._in_phase("aloft"):
            if release.touch_down < release.number:
                down = release.number - int(release.touch_down)
                said.append(words("release_in_count", language, down=down, number=release.number))
            else:
                late = f"{(release.touch_down - release.number) * release.count_s:.1f}"
                late = late.replace(".", ",") if language == "de" else late
                said.append(words("release_after_count", language, late=late, number=release.number))
        return tuple(said)

    # State

    def _state(self) -> GuideState:
        if self._session in ("away", "stopped"):
            return "away"
        if self._session == "waiting":
            return "waiting"
        if self._session == "paused":
            return "paused"
        for phase in ("aloft", "melt", "prepare"):
            if self._in_phase(phase):
                return phase
        return "rest"

    def _state_since_s(self) -> float:
        state = self._state()
        if state in ("aloft", "melt", "prepare"):
            return min(limb.since_s for limb in self._limbs.values() if limb.phase == state)
        if state == "rest" and self._rest_since_s is not None:
            return self._rest_since_s
        return self._since_s

    def _in_phase(self, phase: Phase) -> set[str]:
        return {name for name, limb in self._limbs.items() if limb.phase == phase}

    def _go(self, session: Literal["away", "stopped", "waiting", "on", "paused"]) -> None:
        if session != self._session:
            self._session = session
            self._since_s = self._now_s

    # Cues

    def _at(self, t_s: float) -> None:
        self._now_s = max(self._now_s, t_s)

    def _sound(self, sound: Sound, at_s: float | None = None, say: str | None = None, life_s: float = _SHORT_S) -> None:
        """Make a cue, unless it would repeat itself or pile up.  While paused or away only the urgent ones are made."""
        at_s = self._now_s if at_s is None else at_s
        if self._session == "paused" and sound not in _URGENT and sound != "pause":
            return
        if self._session in ("away", "stopped") and sound not in _URGENT:
            return
        again_s = _AGAIN_S.get(sound, 0.0)
        if any(other == sound and abs(at_s - other_s) < again_s for other_s, other in self._recent):
            return
        near = sum(abs(other_s - at_s) < 1.0 for other_s, _ in self._recent)
        if near >= CUES_PER_SECOND - (sound not in _URGENT):
            return
        cue = Cue(sound, at_s, at_s + life_s, say, self.settings.volume)
        self._recent.append((at_s, sound))
        self._cues.append(cue)
        if at_s <= self._now_s:
            self._last_sound = cue

    def _hush(self) -> None:
        """Take back what has not sounded yet."""
        self._count = None
        if any(at_s > self._now_s for at_s, _ in self._recent):
            self._recent = deque(((at_s, sound) for at_s, sound in self._recent if at_s <= self._now_s), maxlen=64)
            self._cues = [cue for cue in self._cues if cue.at_s <= self._now_s]
            self._cues.append(Cue(HUSH, self._now_s, self._now_s + _LONG_S, None, 0.0))

    def _out(self) -> list[Cue]:
        cues, self._cues = self._cues, []
        return cues
