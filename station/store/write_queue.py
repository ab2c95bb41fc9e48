"""The one queue of everything that is to be written, in the order in which it was handed over, with one limit.

Sessions, frames, events and what people ask for (settings, deletions, a backup) stand in one row: what was handed over first
reaches the card first.  Handing over never waits.  The writer takes the row up to the next question, puts it on the card in one
transaction, and only then takes it out; a commit that fails leaves everything where it was.

The limit: frames older than LONGEST_WAIT_S, counted back from the newest, are let go, so that memory stays bounded however long a
card is away.  Everything else is small and waits as long as it takes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from hardware.errors import BackliftError
from hardware.frames import FrameBlock
from station.model import Announcement, Fault, Lift, PhaseEvent, Presence, Repetition
from station.store.chunks import Chunk, chunks_of
from station.store.schema import limb_sides

LONGEST_WAIT_S = 30.0
MOST_QUESTIONS = 1000
"""More people's questions than this waiting at once come from no person; further ones are declined."""

Done = Callable[[Any, BackliftError | None], None]
"""Told the result of what was asked, or why it could not be done."""


class QueueFullError(BackliftError, OSError):
    """Too much was asked of a card that does not keep up."""


@dataclass(slots=True, eq=False)
class Session:
    """A session under way.

    id: provisional and negative until a database was open that could give a number.  sides: limb -> side, from the mat.
    partial: frames of it were let go.
    """

    id: int
    started_s: float
    mat_text: str
    zones: tuple[str, ...]
    rate_hz: float
    detector_version: str
    calibration: str
    sides: dict[str, str]
    person_id: int | None = None
    last_s: float = float("-inf")
    events: int = 0
    partial: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Begin:
    session: Session


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    session: Session
    block: FrameBlock

    @property
    def end_s(self) -> float:
        return float(self.block.t_s[-1])

    @property
    def count(self) -> int:
        return len(self.block)


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Frames as they will stand on the card: packed once, so that writing them twice writes the same."""

    session: Session
    chunk: Chunk

    @property
    def end_s(self) -> float:
        return self.chunk.t1_us / 1e6

    @property
    def count(self) -> int:
        return self.chunk.frames


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    session: Session
    number: int
    type: str
    t_s: float
    body: str


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    session: Session
    found: Lift | Repetition


@dataclass(frozen=True, slots=True, eq=False)
class End:
    session: Session
    t_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """What a person asks for.  do: called with the store.  done: told what came of it."""

    do: Callable[[Any], Any]
    done: Done


Streamed = Begin | Frames | Packed | Event | Found | End
"""What comes while somebody practises."""


class WriteQueue:
    """Hand over from any thread; one thread takes.

    running: the session that frames and events belong to now.
    """

    def __init__(self) -> None:
        self._guard = threading.Condition()
        self._handed_over: deque[Streamed | Ask] = deque()
        self._taken: list[Streamed] = []
        """Taken by the writer, not yet safe: they stand before all of `_handed_over`."""
        self._newest_s = float("-inf")
        self._frames_lost = 0
        self._questions = 0
        self._next_session: int | None = None
        self._provisional = 0
        self.running: Session | None = None

    # Handing over, by any thread ------------------------------------------------------------------------------------------------

    def begin(
        self,
        t_s: float,
        *,
        mat_text: str,
        zones: tuple[str, ...],
        rate_hz: float,
        detector_version: str,
        calibration: Mapping[str, Any] | None = None,
        person_id: int | None = None,
    ) -> int:
        """As `Store.begin_session`."""
        plain = msgspec.json.encode(dict(calibration or {})).decode()
        sides = limb_sides(mat_text)
        with self._guard:
            self._end(t_s)
            self.running = Session(self._number(), t_s, mat_text, tuple(zones), rate_hz, detector_version, plain, sides, person_id)
            self._handed_over.append(Begin(self.running))
            return self.running.id

    def frames(self, block: FrameBlock) -> None:
        """Frames of the running session, after all earlier ones; without a session they are let go.  Raises ValueError when they
        do not follow what came before."""
        with self._guard:
            session = self.running
            if session is None or len(block) == 0:
                return
            if block.t_s[0] < session.started_s or block.t_s[0] <= session.last_s or (np.diff(block.t_s) <= 0).any():
                raise ValueError("frames must follow the session's start and one another")
            session.last_s = self._newest_s = float(block.t_s[-1])
            self._handed_over.append(Frames(session, block))
            for old in self._too_old(self._handed_over):
                self._handed_over.remove(old)
                self._let_go(old)

    def announce(self, announcement: Announcement) -> None:
        """A Lift, and the Repetition that holds it, may come in either order."""
        match announcement:
            case Lift() | Repetition():
                with self._guard:
                    if self.running is not None:
                        self._handed_over.append(Found(self.running, announcement))
            case PhaseEvent():
                self.event("phase", announcement.t_s, announcement)
            case Presence():
                self.event("presence", announcement.t_s, announcement)
            case Fault():
                self.event("fault", announcement.t_s, announcement)

    def event(self, type: str, t_s: float, body: object) -> None:
        """Another event of the running session; without one it is let go."""
        text = msgspec.json.encode(body).decode()
        with self._guard:
            session = self.running
            if session is not None:
                session.events += 1
                self._handed_over.append(Event(session, session.events, type, t_s, text))

    def end(self, t_s: float) -> None:
        """End the running session."""
        with self._guard:
            self._end(t_s)

    def ask(self, do: Callable[[Any], Any], done: Done) -> None:
        """Something a person asks for, after all that was handed over before.  Raises QueueFullError."""
        with self._guard:
            if self._questions >= MOST_QUESTIONS:
                raise QueueFullError("the card is too slow for all that is asked of it; wait a moment and try again")
            self._questions += 1
            self._handed_over.append(Ask(do, done))

    @property
    def waiting_s(self) -> float:
        """How long the oldest frames that nobody took have waited, in their own time."""
        with self._guard:
            oldest = next((one for one in self._handed_over if isinstance(one, Frames)), None)
            return 0.0 if oldest is None else self._newest_s - oldest.end_s

    # Taking, by the writer ------------------------------------------------------------------------------------------------------

    def take(self, chunk_s: float) -> list[Streamed]:
        """All that waits before the next question, frames packed into chunks of about `chunk_s`; it stays until `written`.

        A commit that comes a little late shall still make one chunk and not two, so they may be half as long again.
        """
        with self._guard:
            while self._handed_over and not isinstance(self._handed_over[0], Ask):
                self._taken.append(self._handed_over.popleft())  # type: ignore[arg-type]
        self._taken = _packed(self._taken, 1.5 * chunk_s)
        return list(self._taken)

    def written(self) -> None:
        """What was taken is on the card."""
        self._taken.clear()

    def drop(self, one: Streamed) -> None:
        """What can never be written: let it go, so that it does not keep the rest from the card."""
        self._taken.remove(one)
        if isinstance(one, Frames | Packed):
            with self._guard:
                self._let_go(one)

    def next_question(self) -> Ask | None:
        """The question whose turn it is: all before it was taken.  It stays in its place until `answered`."""
        with self._guard:
            first = self._handed_over[0] if self._handed_over else None
            return first if isinstance(first, Ask) else None

    def answered(self, question: Ask) -> None:
        """The question has its answer."""
        with self._guard:
            if self._handed_over and self._handed_over[0] is question:
                self._handed_over.popleft()
                self._questions -= 1

    def let_go_of_frames(self) -> bool:
        """Drop all frames that were taken; True when there were any."""
        return self._drop([one for one in self._taken if isinstance(one, Frames | Packed)])

    def let_go_of_old_frames(self) -> None:
        """Drop frames that waited longer than LONGEST_WAIT_S."""
        self._drop(self._too_old(self._taken))

    def forget_session(self, session_id: int | None) -> None:
        """Drop what waits of a session that was deleted; None: of all that have ended."""

        def is_gone(one: Streamed | Ask) -> bool:
            if isinstance(one, Ask) or one.session is self.running:
                return False
            return session_id is None or one.session.id == session_id

        with self._guard:
            self._taken = [one for one in self._taken if not is_gone(one)]
            kept = [one for one in self._handed_over if not is_gone(one)]
            self._handed_over = deque(kept)

    def begin_again(self) -> None:
        """The database is another, empty one: sessions under way have to be begun in it, without what they had in the old one."""
        with self._guard:
            streamed = [one for one in (*self._taken, *self._handed_over) if not isinstance(one, Ask)]
            begun = {one.session for one in streamed if isinstance(one, Begin)}
            under_way = dict.fromkeys(one.session for one in streamed) | ({self.running: None} if self.running else {})
            again = [session for session in under_way if session not in begun]
            for session in again:
                session.partial = True
            self._taken = [*map(Begin, again), *self._taken]

    def number_from(self, first: int) -> None:
        """New sessions are numbered from here, or from where they are now when that is later."""
        with self._guard:
            self._next_session = max(first, self._next_session or 0)

    def number(self) -> int:
        """A session's number; below zero and provisional as long as no database could be opened that knows the last one."""
        with self._guard:
            return self._number()

    @property
    def frames_lost(self) -> int:
        """How many frames were let go since `take_frames_lost` was last called."""
        return self._frames_lost

    def take_frames_lost(self) -> int:
        """How many frames were let go since the last call."""
        with self._guard:
            lost, self._frames_lost = self._frames_lost, 0
            return lost

    @property
    def is_numbered(self) -> bool:
        return self._next_session is not None

    @property
    def sessions(self) -> set[int]:
        """Numbers of the sessions that something waits of, and of the running one."""
        with self._guard:
            waiting = {one.session.id for one in (*self._taken, *self._handed_over) if not isinstance(one, Ask)}
            return waiting | ({self.running.id} if self.running else set())

    @property
    def is_empty(self) -> bool:
        with self._guard:
            return not self._taken and not self._handed_over

    # Inside ---------------------------------------------------------------------------------------------------------------------

    def _number(self) -> int:
        if self._next_session is None:
            self._provisional -= 1
            return self._provisional
        self._next_session += 1
        return self._next_session - 1

    def _end(self, t_s: float) -> None:
        if self.running is not None:
            self._handed_over.append(End(self.running, t_s))
            self.running = None

    def _too_old(self, among: Any) -> list[Frames | Packed]:
        before_s = self._newest_s - LONGEST_WAIT_S
        old = []
        for one in among:
            if isinstance(one, Frames | Packed):
                if one.end_s >= before_s:
                    break
                old.append(one)
        return old

    def _let_go(self, frames: Frames | Packed) -> None:
        self._frames_lost += frames.count
        frames.session.partial = True

    def _drop(self, frames: list[Frames | Packed]) -> bool:
        gone = set(map(id, frames))
        self._taken = [one for one in self._taken if id(one) not in gone]
        with self._guard:
            for one in frames:
                self._let_go(one)
        return bool(frames)


def _packed(waiting: list[Streamed], longest_s: float) -> list[Streamed]:
    """The same with frames as chunks.  Frames of one session between two other entries of the row move to the first of them, which
    changes nothing: a chunk stands under its time."""
    blocks: dict[Session, list[FrameBlock]] = {}
    for one in waiting:
        if isinstance(one, Frames):
            blocks.setdefault(one.session, []).append(one.block)
    out: list[Streamed] = []
    for one in waiting:
        if not isinstance(one, Frames):
            out.append(one)
        elif one.session in blocks:
            parts = blocks.pop(one.session)
            block = FrameBlock(np.concatenate([part.t_s for part in parts]), np.concatenate([part.volts for part in parts]))
            out += [Packed(one.session, chunk) for chunk in chunks_of(block, longest_s)]
    return out
