"""Turns frames into sessions: phases, cues, storage, and the live state that tablets see.

Everything in here runs in one thread, the detection thread, and holds no thread, socket, file or clock of its own: frames and the
time go in, and what follows is handed to the writer, the link and the outputs, none of which ever makes this thread wait.

A session is what lies between two empty mats.  Its frames run from the time the detector gives for "arriving", which lies before
the frame that showed it; so the last seconds are held back while nobody is there.  Replayed, they give the same events again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np

from hardware.frames import Frame, FrameBlock
from hardware.notices import Notice
from station.messages import (
    CodeSay,
    Command,
    Event,
    GuideBack,
    GuideCount,
    GuideFeel,
    GuideRepeat,
    GuideSkip,
    GuideStart,
    GuideStop,
    HealthState,
    LiveView,
    Mark,
    MarkEvent,
    Pause,
    PauseEvent,
    PositionEvent,
    Resume,
    ResumeEvent,
    SessionEvent,
    SessionStart,
    SessionState,
    SessionStop,
    ZoneState,
    event_body,
)
from station.model import Announcement, Fault, LiveLimb, LiveState, Mat, Presence, Repetition
from station.practice.cue import Cue
from station.practice.exercise import Exercise
from station.practice.guide import Guide
from station.practice.positions import Position, mat_in, placed
from station.service.declined import DeclinedError
from station.service.dispatcher import Handler
from station.service.frame_timing import FrameTiming
from station.service.guidance import FREE, Guidance
from station.service.placement_follower import PlacementFollower
from station.signal.detector import DETECTOR_VERSION, Detector
from station.signal.loads import ZoneConstants
from station.store.records import Saving

HELD_S = 5.0
"""Frames of so many seconds are held back while nobody is there; more than the detector looks back from "arriving"."""
STATE_HZ, IDLE_STATE_HZ = 25.0, 2.0
BLOCK = 100
LATE_SHARE_WORTH_TELLING = 0.01
_ORDER = {"rest": 0, "prepare": 1, "melt": 2, "aloft": 3}


class SessionKeeper(Protocol):
    """Where sessions are kept (station.store.writer_thread.WriterThread)."""

    @property
    def session_id(self) -> int | None: ...
    @property
    def saving(self) -> Saving: ...
    def begin(self, t_s: float, **facts: Any) -> None: ...
    def frames(self, block: FrameBlock) -> None: ...
    def announce(self, announcement: Announcement) -> None: ...
    def event(self, type: str, t_s: float, body: Mapping[str, Any] | None = None) -> None: ...
    def end(self, t_s: float) -> None: ...


class Audience(Protocol):
    """Who watches (station.service.ipc.IpcServer)."""

    def publish(self, type: str, message: Mapping[str, Any]) -> int: ...
    def publish_event(self, event: Event, session: int | None) -> int: ...
    def publish_state(self, state: LiveView) -> None: ...


class Outputs(Protocol):
    """Lamp, buzzer and speaker."""

    def cue(self, cue: Cue) -> None:
        """Take a sound; it begins at its time, or never when that has passed."""
        ...

    def show(self, live: LiveState, paused: bool) -> None:
        """Let the lamp show where the person is."""
        ...

    def say(self, words: str) -> None:
        """Speak words that are not part of the practice."""
        ...


@dataclass(frozen=True, slots=True)
class MatInUse:
    """The mat with the text of its file and what the machine has learnt about it."""

    mat: Mat
    text: str
    calibration: Mapping[str, ZoneConstants]


@dataclass(slots=True)
class _Session:
    started_s: float
    last_s: float
    repetitions: int = 0


class SessionController:
    """Turns frames into sessions, cues and the live state.  `pump` and the handlers are called in the detection thread.

    settings, keep, exercises, exercise: see Guidance.
    """

    def __init__(
        self,
        *,
        mat_in_use: Callable[[], MatInUse],
        writer: SessionKeeper,
        link: Audience,
        outputs: Outputs,
        settings: Mapping[str, Any],
        exercises: Callable[[], Mapping[str, Exercise]],
        exercise: str,
        rate_hz: float,
        keep: Callable[[str, Any], None],
        now_s: Callable[[], float],
        health: Callable[[], HealthState] = lambda: HealthState(0.0, 0.0, "ok"),
    ) -> None:
        self._mat_in_use = mat_in_use
        self._used = mat_in_use()
        self._writer = writer
        self._link = link
        self._outputs = outputs
        self._rate_hz = rate_hz
        self._health = health
        self._now_s = now_s
        self._position: Position = "prone"
        self._detector = self._fresh_detector()
        self.placement = PlacementFollower(self._used.mat, self._used.calibration)
        self._guidance = Guidance(settings=settings, keep=keep, exercises=exercises, exercise=exercise, mat=self._used.mat)
        self._held: deque[FrameBlock] = deque()
        self._session: _Session | None = None
        self._stopped = False
        self._paused = False
        self._state_due_s = 0.0
        self._troubles: dict[str, Notice] = {}
        self.timing = FrameTiming()

    @property
    def occupied(self) -> bool:
        """Somebody is on the mat."""
        return self._detector.live.presence != "empty"

    @property
    def in_session(self) -> bool:
        return self._session is not None

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def guide(self) -> Guide:
        return self._guidance.guide

    def pump(self, frames: list[Frame], now_s: float) -> None:
        """Take the frames that came since the last call."""
        self.timing.add(frames)
        for start in range(0, len(frames), BLOCK):
            self._take(FrameBlock.of(frames[start : start + BLOCK]))
        self._guidance.follow_settings()
        self._cues(self.placement.tell(self.guide, now_s, self._detector.live, self._position))
        self._cues(self.guide.tick(now_s, self._detector.live))
        self._follow_position()
        self._outputs.show(self._detector.live, self._paused or self._stopped)
        if now_s >= self._state_due_s:
            self._state_due_s = now_s + 1 / (STATE_HZ if self.occupied else IDLE_STATE_HZ)
            self._link.publish_state(self.state(now_s))

    def finish(self) -> None:
        """The station stops: end the session that runs, inventing nothing."""
        if self._session:
            self._end_session(self._detector.finish())

    def begin_anew(self) -> None:
        """After an unhandled exception: end what runs as it stands and start with a fresh detector."""
        self._detector = self._fresh_detector()
        self._guidance.reset()
        if self._session:
            self._end_session([])
        self._held.clear()

    def trouble(self, key: Literal["mat_trouble", "unplug", "not_saving"], present: bool, now_s: float) -> None:
        """The station is in trouble (present), or no longer."""
        if not present and key not in self._troubles:
            return
        if present:
            self._troubles[key] = Notice(key, severity="trouble")
        else:
            del self._troubles[key]
        self._cues(self.guide.trouble(now_s, key, over=not present))

    # What people ask for --------------------------------------------------------------------------------------------------------

    @property
    def handlers(self) -> dict[type[Command], Handler]:
        """The commands that steer session and guide, for the detection thread."""
        table: dict[type[Command], Callable[[Any, float], Any]] = {
            SessionStart: lambda command, now_s: self._guide_with(None, 1, now_s),
            SessionStop: lambda command, now_s: self._stop(now_s),
            Pause: lambda command, now_s: self._pause(now_s),
            Resume: lambda command, now_s: self._resume(now_s),
            Mark: lambda command, now_s: self._mark(command.text, now_s),
            GuideStart: lambda command, now_s: self._guide_with(command.exercise, command.step, now_s),
            GuideStop: lambda command, now_s: self._guide_with(FREE, 1, now_s),
            GuideSkip: lambda command, now_s: self._cues(self._guidance.with_steps().skip(now_s)),
            GuideRepeat: lambda command, now_s: self._cues(self._guidance.with_steps().repeat(now_s)),
            GuideBack: lambda command, now_s: self._cues(self._guidance.with_steps().back(now_s)),
            GuideFeel: lambda command, now_s: self._feel(command, now_s),
            GuideCount: lambda command, now_s: self._cues(self.guide.mark(now_s)),
            CodeSay: lambda command, now_s: self._outputs.say(", ".join(command.code)),
        }
        return {kind: Handler("detection", self._handled(handle)) for kind, handle in table.items()}

    def _handled(self, handle: Callable[[Any, float], Any]) -> Callable[[Any], Any]:
        def run(command: Any) -> Any:
            now_s = self._now_s()
            self._state_due_s = now_s
            return handle(command, now_s)

        return run

    def _pause(self, now_s: float) -> None:
        self._paused = True
        self._note(PauseEvent(now_s))
        self._cues(self.guide.pause(now_s))

    def _resume(self, now_s: float) -> None:
        self._paused = False
        self._note(ResumeEvent(now_s))
        self._cues(self.guide.resume(now_s))

    def _mark(self, text: str, now_s: float) -> None:
        self._note(MarkEvent(now_s, text))
        self._cues(self.guide.mark(now_s))

    def _feel(self, command: GuideFeel, now_s: float) -> None:
        self._cues(self.guide.feel(now_s, command.feel))
        self._guidance.keep_ranges()

    def _running(self) -> _Session:
        if self._session is None:
            raise DeclinedError("session")
        return self._session

    def _guide_with(self, exercise: str | None, step: int, now_s: float) -> dict[str, Any]:
        """Guide through this from now on.  Raises BackliftError, and then nothing has changed."""
        # Until the mat is empty somebody whose session was ended by hand still lies there, whatever the fresh detector has seen.
        there = self.occupied or self._stopped
        guide = self._guidance.fresh(exercise, step, self._position if there else None)
        self._begin_again(now_s)
        self._cues(self._guidance.replace(guide, now_s, self._detector.live))
        return {"exercise": guide.exercise.name, "begins": "now" if there else "lying_down"}

    def _begin_again(self, now_s: float) -> None:
        """What was ended or paused goes on: nothing is guided that is not recorded."""
        if self._stopped:
            # A fresh detector announces whoever lies there as arriving within some seconds: that begins the session.
            self._stopped = False
            self._detector = self._fresh_detector()
            self._held.clear()
        if self._paused:
            self._paused = False
            self._note(ResumeEvent(now_s))

    def _stop(self, now_s: float) -> None:
        self._cues(self.guide.stop(now_s))
        announcements = self._detector.finish()
        self._detector = self._fresh_detector()
        self._end_session(announcements)
        self._stopped = True

    def _note(self, event: PauseEvent | ResumeEvent | MarkEvent | PositionEvent) -> None:
        if self._session:
            body = event_body(event)
            self._writer.event(body.pop("type"), event.t_s, {key: value for key, value in body.items() if key != "t_s"} or None)
        self._tell(event)

    # Frames and sessions --------------------------------------------------------------------------------------------------------

    def _take(self, block: FrameBlock) -> None:
        self._held.append(block)
        self.placement.take(block)
        for announcement in self._detector.feed(block):
            if isinstance(announcement, Presence) and announcement.kind == "arriving" and not self._session:
                self._begin_session(announcement.t_s)
            if self._session or isinstance(announcement, Presence | Fault):
                self._announce(announcement)
            if isinstance(announcement, Presence) and announcement.kind == "empty":
                self._mat_is_empty(announcement.reported_at_s)
        if self._session:
            self._session.last_s = float(block.t_s[-1])
            self._write_held()
        else:
            while self._held and self._held[0].t_s[-1] < block.t_s[-1] - HELD_S:
                self._held.popleft()

    def _begin_session(self, t_s: float) -> None:
        if self._stopped:
            return
        self._session = _Session(t_s, t_s)
        self._writer.begin(
            t_s,
            mat_text=self._used.text,
            zones=self._used.mat.zone_names,
            rate_hz=self._rate_hz,
            detector_version=DETECTOR_VERSION,
            calibration=self._used.calibration,
            person_id=self._guidance.person,
        )
        self._held = deque(block.since(t_s) for block in self._held if block.t_s[-1] >= t_s)
        if self._position != "prone":
            self._writer.event("position", t_s, {"position": self._position})
        self._tell(SessionEvent("started", t_s))

    def _mat_is_empty(self, reported_at_s: float) -> None:
        """The visit is over; frames after the one that showed it belong to nobody."""
        self._stopped = self._paused = False
        if self._session:
            later = [block.since(np.nextafter(reported_at_s, np.inf)) for block in self._held]
            self._held = deque(block.until(reported_at_s) for block in self._held)
            self._session.last_s = reported_at_s
            self._end_session([])
            self._held = deque(block for block in later if len(block))
        used = self._mat_in_use()
        if used != self._used:
            # A calibration was made meanwhile; it counts from the next visit on.
            self._used = used
            self._guidance.use_mat(used.mat)
            self._detector = self._fresh_detector()

    def _end_session(self, last: list[Announcement]) -> None:
        session = self._running()
        self._guidance.keep_pace()
        self._write_held()
        for announcement in last:
            self._announce(announcement)
        self._writer.end(session.last_s)
        self._tell(SessionEvent("ended", session.last_s, session.repetitions))
        self._session = None

    def _write_held(self) -> None:
        while self._held:
            block = self._held.popleft()
            if len(block):
                self._writer.frames(block)

    def _announce(self, announcement: Announcement) -> None:
        if self._session:
            self._writer.announce(announcement)
            self._session.repetitions += isinstance(announcement, Repetition)
        self._tell(announcement)
        if not self._stopped or (isinstance(announcement, Presence) and announcement.kind == "empty"):
            self._cues(self.guide.feed(announcement))
        self._guidance.keep_ranges()

    def _follow_position(self) -> None:
        """Somebody has turned over, or is to lie down otherwise: other zones carry the limbs, and rest has to be found anew."""
        if placed(self.guide.position) == self._position:
            return
        self._position = placed(self.guide.position)
        self._detector = self._fresh_detector()
        if self._session:
            # At the last frame of the old position, so that a replay changes at the same one.
            self._note(PositionEvent(self._session.last_s, self._position))

    def _tell(self, event: Event) -> None:
        self._link.publish_event(event, self._writer.session_id if self._session else None)

    def _cues(self, cues: list[Cue]) -> None:
        for cue in cues:
            self._outputs.cue(cue)
            self._link.publish("cue", asdict(cue))
            if self._session:
                # Kept so that a replay sounds as the session did.
                self._writer.event("cue", cue.at_s, {"sound": cue.sound, "at_s": cue.at_s, "volume": cue.volume})

    # The picture ----------------------------------------------------------------------------------------------------------------

    def state(self, now_s: float) -> LiveView:
        """What a tablet sees now."""
        live = self._detector.live
        first = max(live.limbs, key=lambda limb: (_ORDER[limb.phase], limb.since_s), default=LiveLimb("", "rest", now_s, None))
        faulty = set(live.faulty_zones)
        zones = zip(self._used.mat.zone_names, live.loads.load, live.loads.load_n, strict=True)
        now = self._session
        session = None if now is None else SessionState(self._writer.session_id, now.started_s, now.repetitions)
        return LiveView(
            t_s=now_s,
            presence=live.presence,
            phase=first.phase,
            limb=first.limb if first.phase != "rest" else None,
            since_s=first.since_s,
            zones={zone: ZoneState(load, load_n, zone in faulty) for zone, load, load_n in zones},
            limbs=live.limbs,
            session=session,
            paused=self._paused,
            ended=self._stopped,
            guide=self.guide.view,
            placement=self.placement.state,
            mat=self._used.mat.mat.name,
            health=self.health(),
        )

    def health(self) -> HealthState:
        """How the station is, for pages and metrics."""
        told = self._health()
        notices = [*self._troubles.values(), *told.notices]
        if self._guidance.trouble is not None:
            notices.append(self._guidance.trouble)
        if self._detector.left_on:
            notices.append(Notice("left_on_mat", {"zones": self._detector.left_on}, "info"))
        if self.timing.late_share > LATE_SHARE_WORTH_TELLING:
            notices.append(Notice("frames_late", {"share": round(self.timing.late_share, 4)}, "info"))
        return replace(
            told,
            rate_hz=self.timing.rate_hz,
            late_share=round(self.timing.late_share, 4),
            saving=self._writer.saving if self._session or self._writer.saving != "ok" else "idle",
            notices=tuple(notices),
        )

    def _fresh_detector(self) -> Detector:
        return Detector(mat_in(self._used.mat, self._position), self._used.calibration)
