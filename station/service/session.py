"""What happens to frames as they come: phases, session, guide, cues, storage, and the picture that tablets see.

Everything in here runs in one thread, the pipeline's, and holds no thread, socket, file or clock of its own: frames and the time go
in, and what follows is handed to the writer, the link and the outputs, none of which ever makes this thread wait.

A session is what lies between two empty mats.  Its frames run from the time the pipeline gives for "arriving", which lies before
the frame that showed it; so the last seconds are held back while nobody is there.  Replayed, they give the same events again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol

import numpy as np

from hardware.errors import BackliftError
from hardware.frames import Frame, FrameBlock
from station.messages import (
    CodeSay,
    Command,
    GuideBack,
    GuideCount,
    GuideFeel,
    GuideRepeat,
    GuideSkip,
    GuideStart,
    GuideStop,
    Mark,
    Pause,
    Resume,
    SessionStart,
    SessionStop,
)
from station.model import Announcement, Fault, Lift, LiveLimb, LiveState, Mat, PhaseEvent, Presence, Repetition
from station.practice.exercise import Exercise
from station.practice.guide import Cue, Guide
from station.practice.positions import Position, mat_in, placed
from station.service.frame_timing import FrameTiming
from station.service.guidance import FREE, Guidance
from station.signal.detector import DETECTOR_VERSION, Detector, ZoneConstants

HELD_S = 5.0
"""Frames of so many seconds are held back while nobody is there; more than the pipeline looks back from "arriving"."""
STATE_HZ, IDLE_STATE_HZ = 25.0, 2.0
BLOCK = 100
LATE_SHARE_WORTH_TELLING = 0.01
_TYPES: Mapping[type, str] = {PhaseEvent: "phase", Lift: "lift", Repetition: "repetition", Presence: "presence", Fault: "fault"}
_ORDER = {"rest": 0, "prepare": 1, "melt": 2, "aloft": 3}


class NoSessionError(BackliftError, RuntimeError):
    """Something was asked of a session while none is running."""


class SessionKeeper(Protocol):
    """Where sessions are kept (station.store.writer_thread.WriterThread)."""

    @property
    def session_id(self) -> int | None: ...
    @property
    def saving(self) -> str: ...
    def begin(self, t_s: float, **facts: Any) -> None: ...
    def frames(self, block: FrameBlock) -> None: ...
    def announce(self, announcement: Announcement) -> None: ...
    def event(self, type: str, t_s: float, body: Mapping[str, Any] | None = None) -> None: ...
    def end(self, t_s: float) -> None: ...


class Audience(Protocol):
    """Who watches (station.service.ipc.IpcServer)."""

    def publish(self, type: str, message: Mapping[str, Any]) -> int: ...
    def publish_state(self, message: Mapping[str, Any]) -> None: ...


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
    """The station's mind.  `pump` is called with new frames, `order` with what people ask for; both in the same thread.

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
        health: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._mat_in_use = mat_in_use
        self._used = mat_in_use()
        self._writer = writer
        self._link = link
        self._outputs = outputs
        self._rate_hz = rate_hz
        self._health = health
        self._position: Position = "prone"
        self._detector = self._fresh_pipeline()
        self._guidance = Guidance(settings=settings, keep=keep, exercises=exercises, exercise=exercise, mat=self._used.mat)
        self._held: deque[FrameBlock] = deque()
        self._session: _Session | None = None
        self._stopped = False
        self._paused = False
        self._state_due_s = 0.0
        self._troubles: dict[str, str] = {}
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
    def _guide(self) -> Guide:
        return self._guidance.guide

    def pump(self, frames: list[Frame], now_s: float) -> None:
        """Take the frames that came since the last call."""
        self.timing.add(frames)
        for start in range(0, len(frames), BLOCK):
            self._take(FrameBlock.of(frames[start : start + BLOCK]))
        self._guidance.follow_settings()
        self._cues(self._guide.tick(now_s, self._detector.live))
        self._follow_position(now_s)
        self._outputs.show(self._detector.live, self._paused or self._stopped)
        if now_s >= self._state_due_s:
            self._state_due_s = now_s + 1 / (STATE_HZ if self.occupied else IDLE_STATE_HZ)
            self._link.publish_state(self.state(now_s))

    def finish(self) -> None:
        """The station stops: end the session that runs, inventing nothing."""
        if self._session:
            self._end_session(self._detector.finish())

    def begin_anew(self) -> None:
        """After a mistake of ours: end what runs as it stands and start with a fresh pipeline."""
        self._detector = self._fresh_pipeline()
        self._guidance.reset()
        if self._session:
            self._end_session([])
        self._held.clear()

    def trouble(self, key: Literal["mat_trouble", "unplug", "not_saving"], words: str | None, now_s: float) -> None:
        """The station is in trouble (`words` say how), or no longer (None)."""
        if words is None and key not in self._troubles:
            return
        if words is None:
            del self._troubles[key]
        else:
            self._troubles[key] = words
        self._cues(self._guide.trouble(now_s, key, over=words is None))

    # What people ask for --------------------------------------------------------------------------------------------------------

    def order(self, command: Command, now_s: float) -> Any:
        """Do what a command says.  Raises NoSessionError and other BackliftErrors, which decline it."""
        match command:
            case SessionStart():
                return self._guide_with(None, 1, now_s)
            case SessionStop():
                self._stop(now_s)
            case Pause():
                self._running()
                self._paused = True
                self._note("pause", now_s)
                self._cues(self._guide.pause(now_s))
            case Resume():
                self._running()
                self._paused = False
                self._note("resume", now_s)
                self._cues(self._guide.resume(now_s))
            case Mark():
                self._running()
                self._note("mark", now_s, {"text": command.text})
                self._cues(self._guide.mark(now_s))
            case GuideStart():
                return self._guide_with(command.exercise, command.step, now_s)
            case GuideStop():
                return self._guide_with(FREE, 1, now_s)
            case GuideSkip():
                self._cues(self._guidance.with_steps().skip(now_s))
            case GuideRepeat():
                self._cues(self._guidance.with_steps().repeat(now_s))
            case GuideBack():
                self._cues(self._guidance.with_steps().back(now_s))
            case GuideFeel():
                self._cues(self._guide.feel(now_s, command.feel))
                self._guidance.keep_ranges()
            case GuideCount():
                self._cues(self._guide.mark(now_s))
            case CodeSay():
                self._outputs.say(", ".join(command.code))
            case _:
                raise TypeError(f"{type(command).__name__} is no command for the pipeline's thread")
        self._state_due_s = now_s

    def _running(self) -> _Session:
        if self._session is None:
            raise NoSessionError("no session is running; lie down on the mat and one begins by itself")
        return self._session

    def _guide_with(self, exercise: str | None, step: int, now_s: float) -> dict[str, Any]:
        """Guide through this from now on.  Raises BackliftError, and then nothing has changed."""
        guide = self._guidance.fresh(exercise, step, self._position if self.occupied else None)
        self._begin_again(now_s)
        self._cues(self._guidance.replace(guide, now_s, self._detector.live))
        return {"exercise": guide.exercise.name, "begins": "now" if self.occupied else "lying_down"}

    def _begin_again(self, now_s: float) -> None:
        """What was ended or paused goes on: nothing is guided that is not recorded."""
        if self._stopped:
            # A fresh pipeline announces whoever lies there as arriving, with its first frame: that begins the session.
            self._stopped = False
            self._detector = self._fresh_pipeline()
            self._held.clear()
        if self._paused:
            self._paused = False
            self._note("resume", now_s)

    def _stop(self, now_s: float) -> None:
        self._running()
        self._cues(self._guide.stop(now_s))
        announcements = self._detector.finish()
        self._detector = self._fresh_pipeline()
        self._end_session(announcements)
        self._stopped = True

    def _note(self, type: str, t_s: float, body: Mapping[str, Any] | None = None) -> None:
        if self._session:
            self._writer.event(type, t_s, body)
        self._tell({"type": type, "t_s": t_s, **(body or {})})

    # Frames and sessions --------------------------------------------------------------------------------------------------------

    def _take(self, block: FrameBlock) -> None:
        self._held.append(block)
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
        )
        self._held = deque(_from(block, t_s) for block in self._held if block.t_s[-1] >= t_s)
        if self._position != "prone":
            self._writer.event("position", t_s, {"position": self._position})
        self._tell({"type": "session", "kind": "started", "t_s": t_s})

    def _mat_is_empty(self, reported_at_s: float) -> None:
        """The visit is over; frames after the one that showed it belong to nobody."""
        self._stopped = self._paused = False
        if self._session:
            later = [_from(block, np.nextafter(reported_at_s, np.inf)) for block in self._held]
            self._held = deque(_until(block, reported_at_s) for block in self._held)
            self._session.last_s = reported_at_s
            self._end_session([])
            self._held = deque(block for block in later if len(block))
        used = self._mat_in_use()
        if used != self._used:
            # A calibration was made meanwhile; it counts from the next visit on.
            self._used = used
            self._guidance.use_mat(used.mat)
            self._detector = self._fresh_pipeline()

    def _end_session(self, last: list[Announcement]) -> None:
        session = self._running()
        self._guidance.keep_pace()
        self._write_held()
        for announcement in last:
            self._announce(announcement)
        self._writer.end(session.last_s)
        self._tell({"type": "session", "kind": "ended", "t_s": session.last_s, "repetitions": session.repetitions})
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
        plain = {each.name: getattr(announcement, each.name) for each in fields(announcement)}
        self._tell({"type": _TYPES[type(announcement)], **plain})
        if not self._stopped or (isinstance(announcement, Presence) and announcement.kind == "empty"):
            self._cues(self._guide.feed(announcement))
        self._guidance.keep_ranges()

    def _follow_position(self, now_s: float) -> None:
        """Somebody has turned over, or is to lie down otherwise: other zones carry the limbs, and rest has to be found anew."""
        if placed(self._guide.position) == self._position:
            return
        self._position = placed(self._guide.position)
        self._detector = self._fresh_pipeline()
        if self._session:
            self._note("position", now_s, {"position": self._position})

    def _tell(self, event: Mapping[str, Any]) -> None:
        self._link.publish("event", {"session": self._writer.session_id if self._session else None, "event": event})

    def _cues(self, cues: list[Cue]) -> None:
        for cue in cues:
            self._outputs.cue(cue)
            plain = {each.name: getattr(cue, each.name) for each in fields(cue)}
            self._link.publish("cue", plain)
            if self._session:
                # Kept so that a replay sounds as the session did.
                self._writer.event("cue", cue.at_s, {"sound": cue.sound, "at_s": cue.at_s, "volume": cue.volume})

    # The picture ----------------------------------------------------------------------------------------------------------------

    def state(self, now_s: float) -> dict[str, Any]:
        """What a tablet sees: the state message of the link, but for its seq."""
        live = self._detector.live
        first = max(live.limbs, key=lambda limb: (_ORDER[limb.phase], limb.since_s), default=LiveLimb("", "rest", now_s, None))
        faulty = set(live.faulty_zones)
        return {
            "t_s": now_s,
            "presence": live.presence,
            "phase": first.phase,
            "limb": first.limb if first.phase != "rest" else None,
            "since_s": first.since_s,
            "zones": {
                zone: {"load": load, "load_n": load_n, "fault": zone in faulty or None}
                for zone, load, load_n in zip(self._used.mat.zone_names, live.loads.load, live.loads.load_n, strict=True)
            },
            "limbs": live.limbs,
            "session": self._session
            and {
                "id": self._writer.session_id,
                "started_t_s": self._session.started_s,
                "repetitions": self._session.repetitions,
            },
            "paused": self._paused,
            "ended": self._stopped,
            "guide": self._guide.view,
            "mat": self._used.mat.mat.name,
            "health": self.health(),
        }

    def health(self) -> dict[str, Any]:
        """How the station is, for pages and metrics."""
        told = dict(self._health())
        words = [*self._troubles.values(), *told.pop("words", ())]
        if self._guidance.trouble is not None:
            words.append(self._guidance.trouble)
        if self.timing.late_share > LATE_SHARE_WORTH_TELLING:
            words.append("timing degraded: frames come late; is the machine busy with something else?")
        return {
            "rate_hz": self.timing.rate_hz,
            "late_share": round(self.timing.late_share, 4),
            "saving": self._writer.saving if self._session or self._writer.saving != "ok" else "idle",
            **told,
            "words": words,
        }

    def _fresh_pipeline(self) -> Detector:
        return Detector(mat_in(self._used.mat, self._position), self._used.calibration)


def _from(block: FrameBlock, t_s: float) -> FrameBlock:
    first = int(np.searchsorted(block.t_s, t_s))
    return FrameBlock(block.t_s[first:], block.volts[first:])


def _until(block: FrameBlock, t_s: float) -> FrameBlock:
    end = int(np.searchsorted(block.t_s, t_s, side="right"))
    return FrameBlock(block.t_s[:end], block.volts[:end])
