"""The practice guide: what is heard with eyes closed, and what the page shows of it.

A pure state machine.  The detector's announcements and the passing of time go in, cues come out; it holds no clock, thread, file
or socket, so a whole practice can be played through it in a test.  Whoever feeds it hands the cues to whatever makes sound.

    away -> waiting -> on <-> paused        getting up: away, from everywhere
               ^       |                    the end asked for while lying: ended; silent until started anew or the mat is empty
               +- turning (another position is needed)
                      each limb: rest -> prepare -> aloft -> melt -> rest

Its parts (guide_base.py): where the person is, where the limbs are, how far the exercise is, what was said how often, the count,
the trunk, the personal range; and `CueMaker`, whose sounds never pile up.  Here it is decided when which of them speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from station.model import Announcement, Fault, Lift, LiveState, PhaseEvent, Presence, PresenceKind, Repetition
from station.practice.cue import HUSH, LONG_S, Cue, CuePlan, Sound
from station.practice.guide_base import GuideBase
from station.practice.guide_view import GuideSettings, GuideView, StationTrouble
from station.practice.movement import MOST_LIMBS
from station.practice.pace import Pace
from station.practice.placement import Advice, PlacementView
from station.practice.placement_words import advice_words, untimed_words
from station.practice.positions import placed
from station.practice.range_feel import Feel
from station.practice.release import Release
from station.practice.told import slower_words
from station.practice.trunk import TrunkMove

__all__ = ["HUSH", "Cue", "CuePlan", "Guide", "GuideSettings", "GuideView", "Pace", "Release", "Sound"]


class Guide(GuideBase):
    """Guides one person through one exercise.

    exercise: what is planned, with the steps this mat can feel; one without steps is the free practice.
    settings: what the person chose; may be replaced at any time.
    body: what the mat feels in each position; without it no trunk movement is seen.
    step: begin with this one, 1-based.  position: how the person lies now, if somebody does.

    Every method that takes `t_s` or an announcement returns the cues that follow, in order.  Time never runs back in here: what
    arrives late is taken as happening now.  A guide that is made while somebody is on the mat is to be told so by `start`.
    """

    # What goes in ---------------------------------------------------------------------------------------------------------------

    def feed(self, announcement: Announcement) -> list[Cue]:
        """Take what the detector announced."""
        match announcement:
            case PhaseEvent(limb=limb) | Lift(limb=limb) if limb in self._untimed:
                pass
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
                if self._visit.session == "on":
                    self._repetition(announcement)
            case Fault():
                self._at(announcement.reported_at_s)
                self._troubles.fault(announcement, self._now_s)
        return self._cues.take()

    def tick(self, t_s: float, live: LiveState | None = None) -> list[Cue]:
        """Time passes; call it some ten times a second.  `live`: what the detector sees, for what no announcement tells."""
        self._at(t_s)
        if live is not None:
            live = replace(live, limbs=tuple(limb for limb in live.limbs if limb.limb not in self._untimed))
            self._look(live)
        self._end_count_when_down()
        if not self._movement.any and self._lies_well and self._visit.is_ready(self.settings.settling_s, self._now_s):
            self._begin()
        self._tell_faults()
        if self._visit.session == "on":
            self._count_on()
            if live is not None:
                self._watch_range(live)
            self._watch_rest()
        elif self._visit.has_not_turned(self._now_s):
            self._sound("ready", self._said(self._instructions.turn_to()), LONG_S)
        return self._cues.take()

    def start(self, t_s: float, presence: PresenceKind = "still", live: LiveState | None = None) -> list[Cue]:
        """The person asks to begin (button, tablet, command line); `presence` is how the detector sees them at this moment.

        Somebody who lies there at rest begins now; somebody in the midst of a movement when it is over; somebody who is not there
        yet will be told when the mat is ready.
        """
        self._at(t_s)
        if not self._visit.running:
            if live is not None:
                self._movement.adopt(live.limbs)
            if presence == "still" and not self._movement.any and self._lies_well:
                self._begin()
            elif presence == "empty":
                self._visit.go("away", self._now_s)
            else:
                self._visit.wait(self._now_s, still=presence == "still")
        return self._cues.take()

    def place(self, t_s: float, view: PlacementView, advice: Advice | None) -> list[Cue]:
        """How the person lies on the sensors, and what there is to say of it now.  "Ready" waits for it."""
        self._at(t_s)
        self._placement = view
        for limb in view.untimed:
            self._movement.forget(limb)
        if advice is not None and self._visit.session in ("waiting", "on"):
            said = self._said(advice_words(advice, self._words))
            self._cues.make("misplaced", self._now_s, self.settings.volume, said, LONG_S, again=True)
        return self._cues.take()

    def stop(self, t_s: float) -> list[Cue]:
        """The person asks to end the session now, still lying down: silence from here on."""
        self._at(t_s)
        self._end("ended")
        return self._cues.take()

    def retire(self, t_s: float) -> list[Cue]:
        """Another guide takes over: what this one has handed out and nobody has heard yet is taken back."""
        self._at(t_s)
        self._end_count()
        return self._cues.take()

    def pause(self, t_s: float) -> list[Cue]:
        """Nothing is said, counted or moved on until `resume`; only troubles are still told."""
        self._at(t_s)
        if self._visit.session == "on":
            self._end_count()
            self._sound("pause", self._guidance("paused"))
            self._movement.measuring = False
            self._visit.go("paused", self._now_s)
        return self._cues.take()

    def resume(self, t_s: float) -> list[Cue]:
        """Go on where the pause began: what would have come next is said, a limb that is up is counted."""
        self._at(t_s)
        if self._visit.session == "paused":
            self._visit.go("on", self._now_s)
            self._movement.measuring = True
            self._movement.rest_since_s = None
            due = None if self._movement.any else self._instructions.unasked(self.settings.language)
            self._sound("ready", self._said(" ".join([self._words("resumed"), *([due] if due else [])])), LONG_S)
            self._rest_told = True
            if self._counts and self.settings.hold_s is not None:
                self._plan_count(self._movement.in_phase("aloft"), self._now_s + self.settings.hold_s)
        return self._cues.take()

    def mark(self, t_s: float) -> list[Cue]:
        """The button.  A limb is up: the count begins.  At rest: what comes next is said again.  Turning: "I have turned"."""
        self._at(t_s)
        aloft = self._movement.in_phase("aloft")
        if self._visit.session == "turning":
            self._turned()
        elif self._visit.session == "on" and self._counts and aloft and not self._counting.running:
            self._plan_count(aloft, self._now_s)
            self._count_on()
        elif self._visit.session == "on" and self.exercise.steps and not self._movement.any:
            self._tell_step()
        return self._cues.take()

    def skip(self, t_s: float) -> list[Cue]:
        """Leave the rest of this step out."""
        return self._moved(t_s, self._progress.skip)

    def repeat(self, t_s: float) -> list[Cue]:
        """This step from its first repetition, with its instruction."""
        return self._moved(t_s, self._progress.repeat)

    def back(self, t_s: float) -> list[Cue]:
        """To the step before this one."""
        return self._moved(t_s, self._progress.back)

    def feel(self, t_s: float, feel: Feel) -> list[Cue]:
        """How the last lift was: its limbs' ranges follow, down at once, up only on "larger"."""
        self._at(t_s)
        self._range.say(feel, self._lifts, self.settings.ranges)
        return self._cues.take()

    def trouble(self, t_s: float, key: StationTrouble, over: bool = False) -> list[Cue]:
        """The station itself is in trouble (or no longer): told once, at once, and shown until it is over."""
        self._at(t_s)
        if over:
            self._troubles.clear(key)
        elif self._troubles.set(key):
            # "Unplug" follows seconds after "the mat does not answer", with the same sound: it is news all the same.
            self._sound("not_saving" if key == "not_saving" else "trouble", self._guidance(key), LONG_S, again=key == "unplug")
        return self._cues.take()

    # Presence: hands-free beginning and end -------------------------------------------------------------------------------------

    def _presence(self, presence: Presence) -> None:
        if presence.kind == "empty":
            self._end("away")
        elif self._visit.session != "ended":
            wanted = self._instructions.position(self._visit.position)
            self._visit.presence(presence, wanted, self.settings.settling_s, self._now_s)

    def _begin(self) -> None:
        """A session begins, from the exercise's first step or from the one that was left a few minutes ago."""
        self._movement.measuring = True
        if self._visit.begin(self._now_s):
            self._tell_step("turned")
            return
        self._movement.begin()
        if not (self._progress.under_way and self._visit.was_left_at(self._now_s)):
            self._progress.begin(self._first)
        self._instructions.begin()
        self._forget_session()
        if self._lies_otherwise:
            self._ask_to_turn()
        else:
            self._tell_step("ready")

    def _tell_step(self, opening: str | None = None) -> None:
        """Say what comes, whether it was said before or not."""
        said = self._instructions.unasked(self.settings.language) or self._instructions.asked(self.settings.language)
        self._rest_told = True
        untimed = untimed_words(self._placement, self._words) if opening == "ready" and self._placement is not None else None
        parts = (self._words(opening) if opening else None, untimed, said)
        self._sound("ready", self._said(" ".join(part for part in parts if part)), LONG_S)

    def _end(self, session: Literal["away", "ended"]) -> None:
        self._placement = None
        self._end_count()
        if self._visit.running:
            self._sound("end", self._guidance("ended") if session == "ended" else None, LONG_S)
        self._visit.end(session, self._now_s)
        self._trunk.reset()
        self._movement.everything_at_rest()
        self._movement.measuring = False
        self._forget_session()

    def _forget_session(self) -> None:
        """What was said of one session is no news in the next."""
        self._counting.forget()
        self._slower = None
        self._lifts.clear()
        self._rest_told = True
        self._hurried_told = 0
        self._hurry_shown = False

    # Steps and positions ----------------------------------------------------------------------------------------------------------

    @property
    def _lies_otherwise(self) -> bool:
        return self._instructions.position(self._visit.position) != placed(self._visit.position)

    def _moved(self, t_s: float, change: Callable[[], None]) -> list[Cue]:
        self._at(t_s)
        if self._visit.session in ("on", "turning", "paused") and self.exercise.steps:
            change()
            self._end_count()
            self._trunk.reset()
            if self._visit.session == "on" and self._movement.any:
                # Said when the movement that is under way is over.
                self._rest_told = False
            elif self._visit.session != "paused":
                self._visit.stay(self._now_s)
                if self._lies_otherwise:
                    self._ask_to_turn()
                else:
                    self._tell_step()
        return self._cues.take()

    def _ask_to_turn(self) -> None:
        """Say how to lie, wait until somebody has turned, then for stillness; what rest is, is found anew."""
        self._sound("rest_done", self._said(self._instructions.turn_to()), LONG_S)
        self._movement.everything_at_rest()
        self._trunk.reset()
        self._visit.ask_to_turn(self._instructions.position(self._visit.position), self._now_s)

    def _turned(self) -> None:
        self._movement.everything_at_rest()
        self._visit.turned(self._instructions.position(self._visit.position), self._now_s)

    # Phases ---------------------------------------------------------------------------------------------------------------------

    def _look(self, live: LiveState) -> None:
        loads = live.loads.load
        for back in self._movement.look(live, self._now_s):
            self._end_count_when_down()
            self._sound_of_movement("touch_down")
            if not back.fidget:
                self._rest_begins(back.at_s, heard=False)
        if self._visit.look(loads, self._now_s):
            self._turned()
        if self._visit.session == "on":
            self._watch_trunk(loads)

    def _phase(self, event: PhaseEvent) -> None:
        if self._visit.session in ("ended", "turning"):
            return
        limb = event.limb
        step = self._progress.step
        self._movement.most_limbs = max(MOST_LIMBS, len(step.limbs) if step is not None else 0)
        match event.kind:
            case "prepare_start":
                self._movement.prepares(limb, event.t_s)
                if self.settings.prepare_sound:
                    self._sound_of_movement("prepare")
            case "lift_off":
                self._movement.lifts_off(limb, event.t_s)
                self._hurry_shown, self._slower = False, None
                self._sound_of_movement("lift_off")
                if self._movement.turning_over:
                    self._end_count()
                elif self._counts and (self.settings.hold_s is not None or self._counting.running):
                    self._plan_count({limb}, event.t_s + (self.settings.hold_s or 0.0))
            case "touch_down":
                self._movement.lands(limb, event.t_s)
                self._counting.landed(limb, event.t_s)
                self._end_count_when_down()
                self._sound_of_movement("touch_down")
            case "melt_end":
                self._movement.melted(limb, event.t_s)
                self._counting.melted(limb, event.t_s)
                self._rest_begins(event.t_s, heard=True)
            case "unweighting":
                self._movement.dropped(limb, event.t_s)
                if self._progress.unweights(limb):
                    self._movement.began(limb, event.t_s)
                    self._rest_begins(event.reported_at_s, heard=True)
            case "prepare_dropped" | "void":
                self._counting.forget(limb)
                if self._movement.dropped(limb, event.t_s):
                    self._rest_begins(event.reported_at_s, heard=False)

    def _lift(self, lift: Lift) -> None:
        self._counting.forget(lift.limb)
        if self._movement.given_up(lift.limb):
            # The detector is done with this limb but could not tell when the melt ended.
            self._rest_begins(self._now_s, heard=False)
        if self._visit.session == "on":
            self._progress.lift(lift)
            self._pace.add(lift)
            if lift.kind == "lift":
                self._slower = slower_words(lift, self._lifts, self._words)
                self._lifts = [*self._lifts[-15:], lift]

    def _repetition(self, repetition: Repetition) -> None:
        before = self._progress.unclear
        if self._progress.repetition(repetition) == "other_part":
            self._sound("rest_done", self._said(self._instructions.wrong_part()), LONG_S)
        if self._progress.unclear - before:
            self._sound("rest_done", self._guidance("range_unclear"), LONG_S)

    def _sound_of_movement(self, sound: Sound) -> None:
        if not self._movement.turning_over:
            self._sound(sound)

    def _watch_trunk(self, loads: tuple[float | None, ...]) -> None:
        part, movement = self._instructions.trunk(self._body, self._visit.position)
        match self._trunk.look(self._now_s, loads, part, movement):
            case "began" if part is not None:
                self._movement.began(part.name, self._now_s)
                if self.settings.prepare_sound:
                    self._sound("prepare")
            case "turned back":
                self._movement.rest_since_s = self._now_s
            case TrunkMove() as move:
                self._progress.trunk(move)
                self._rest_begins(move.rested_s, heard=True)

    def _rest_begins(self, t_s: float, heard: bool) -> None:
        """A limb has let go (`heard`), or was lost sight of: if it was the last, there is rest."""
        if self._visit.session != "on" or not self._movement.all_down:
            return
        self._movement.rest_since_s = t_s
        self._rest_told = False
        self._hurry_shown = self._movement.hurried > self._hurried_told
        self._hurried_told = self._movement.hurried
        if heard:
            self._sound("melt_done", self._guidance("take_your_time") if self._hurry_shown else None)

    def _watch_rest(self) -> None:
        since_s = self._movement.rest_since_s
        moving = self._movement.any or self._trunk.began_s is not None
        rest_s = self.settings.rest_s
        if since_s is None or self._rest_told or moving or self._now_s < since_s + (rest_s or LONG_S):
            return
        self._rest_told = True
        if self._lies_otherwise:
            self._ask_to_turn()
            return
        if self.settings.range_sound and self._range.offer(self.settings.ranges):
            self._sound("may_grow", self._guidance("may_grow"), LONG_S)
            return
        said = self._instructions.unasked(self.settings.language)
        if rest_s or (said and self._progress.made == 0):
            self._sound("rest_done", self._said(said) if said else None, LONG_S)

    def _watch_range(self, live: LiveState) -> None:
        step = self._progress.step
        if not self.settings.range_sound or self._movement.turning_over or (step is not None and step.measures is not None):
            return
        for limb in live.limbs:
            limit = self._range.limit(limb.limb, self.settings.ranges)
            if limit is not None and self._movement.goes_beyond(limb, limit, self._now_s):
                self._sound("beyond_range", self._guidance("beyond_range"))
