"""What streams in while somebody practises: it waits in memory, in its order, until it can be written.

Writing a thing twice is the same as writing it once, for a commit may fail after it has reached the card.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from hardware.frames import FrameBlock
from station.model import Announcement, Fault, Lift, PhaseEvent, Presence, Repetition
from station.store.chunks import Chunk, chunks_of
from station.store.database import Database
from station.store.dates import BootDates
from station.store.schema import first_key, last_key, lift_columns, limb_sides

LONGEST_WAIT_S = 30.0
"""Frames that could not be written wait this long, then the oldest are let go.  Everything else waits as long as it takes."""


@dataclass(slots=True)
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


@dataclass(frozen=True, slots=True)
class Begin:
    session: Session


@dataclass(frozen=True, slots=True)
class Frames:
    session: Session
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Event:
    session: Session
    number: int
    type: str
    t_s: float
    body: str


@dataclass(frozen=True, slots=True)
class Found:
    session: Session
    found: Lift | Repetition


@dataclass(frozen=True, slots=True)
class End:
    session: Session
    t_s: float


Waiting = Begin | Frames | Event | Found | End


class Stream:
    """The running session and everything that waits.

    frames_lost: let go since somebody last set it to zero.
    """

    def __init__(self) -> None:
        self.running: Session | None = None
        self.waiting: list[Waiting] = []
        self.frames_lost = 0
        self._blocks: list[FrameBlock] = []

    def begin(
        self,
        number: int,
        t_s: float,
        *,
        mat_text: str,
        zones: tuple[str, ...],
        rate_hz: float,
        detector_version: str,
        calibration: Mapping[str, Any] | None = None,
        person_id: int | None = None,
    ) -> None:
        plain = msgspec.json.encode(dict(calibration or {})).decode()
        sides = limb_sides(mat_text)
        self.running = Session(number, t_s, mat_text, tuple(zones), rate_hz, detector_version, plain, sides, person_id)
        self.waiting.append(Begin(self.running))

    def frames(self, block: FrameBlock) -> None:
        """Raises ValueError when they do not follow what came before."""
        session = self.running
        if session is None or len(block) == 0:
            return
        if block.t_s[0] < session.started_s or block.t_s[0] <= session.last_s:
            raise ValueError("frames must follow the session's start and one another")
        session.last_s = float(block.t_s[-1])
        self._blocks.append(block)

    def announcement(self, announcement: Announcement) -> None:
        match announcement:
            case Lift() | Repetition():
                if self.running is not None:
                    self.waiting.append(Found(self.running, announcement))
            case PhaseEvent():
                self.event("phase", announcement.t_s, announcement)
            case Presence():
                self.event("presence", announcement.t_s, announcement)
            case Fault():
                self.event("fault", announcement.t_s, announcement)

    def event(self, type: str, t_s: float, body: object) -> None:
        session = self.running
        if session is not None:
            session.events += 1
            self.waiting.append(Event(session, session.events, type, t_s, msgspec.json.encode(body).decode()))

    def end(self, t_s: float, period_s: float) -> None:
        if self.running is not None:
            self.pack(period_s)
            self.waiting.append(End(self.running, t_s))
            self.running = None

    def pack(self, period_s: float) -> None:
        """Turn the frames gathered since the last call into chunks of about `period_s`.

        A commit that comes a little late shall still make one chunk and not two, so they may be half as long again.
        """
        blocks, self._blocks = self._blocks, []
        if self.running is not None and blocks:
            block = FrameBlock(np.concatenate([b.t_s for b in blocks]), np.concatenate([b.volts for b in blocks]))
            self.waiting += [Frames(self.running, chunk) for chunk in chunks_of(block, 1.5 * period_s)]

    def begin_again(self) -> None:
        """The database is another, empty one: sessions under way have to be begun in it, without what they had in the old one."""
        begun = {id(waiting.session) for waiting in self.waiting if isinstance(waiting, Begin)}
        under_way = {id(s): s for s in [*(waiting.session for waiting in self.waiting), self.running] if s is not None}
        again = [session for key, session in under_way.items() if key not in begun]
        for session in again:
            session.partial = True
        self.waiting = [*map(Begin, again), *self.waiting]

    def let_go_of_frames(self) -> bool:
        """Drop all frames that wait; True when there were any."""
        return self._drop(lambda chunk: True)

    def let_go_of_old_frames(self) -> None:
        """Drop frames older than LONGEST_WAIT_S, so that memory stays bounded however long a card is away."""
        newest_us = max((waiting.chunk.t1_us for waiting in self.waiting if isinstance(waiting, Frames)), default=0)
        self._drop(lambda chunk: chunk.t0_us < newest_us - LONGEST_WAIT_S * 1e6)

    def _drop(self, is_to_go: Callable[[Chunk], bool]) -> bool:
        kept: list[Waiting] = []
        for waiting in self.waiting:
            if isinstance(waiting, Frames) and is_to_go(waiting.chunk):
                self.frames_lost += waiting.chunk.frames
                waiting.session.partial = True
            else:
                kept.append(waiting)
        dropped = len(kept) < len(self.waiting)
        self.waiting = kept
        return dropped

    def write(self, db: Database, dates: BootDates, period_s: float, new_number: Callable[[], int]) -> None:
        """Write everything that waits, inside the caller's transaction; it goes on waiting until the caller says it is safe."""
        for waiting in self.waiting:
            session = waiting.session
            match waiting:
                case Begin():
                    if session.id < 0:
                        session.id = new_number()
                    _write_begin(db, session, dates, period_s)
                case Frames(chunk=c):
                    key = first_key(session.id) + (c.t0_us - round(session.started_s * 1e6)) // 1000
                    row = (key, c.t0_us, c.t1_us, c.frames, c.crc, c.overview_crc, c.overview, c.data)
                    db.run("INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
                case Event():
                    key = first_key(session.id) + waiting.number
                    db.run("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?)", (key, waiting.type, waiting.t_s, waiting.body))
                case Found():
                    [(analysis_id,)] = db.run("SELECT id FROM analysis WHERE session_id = ? AND live = 1", (session.id,))
                    write_found(db, analysis_id, session.sides, waiting.found)
                case End():
                    db.run(
                        """UPDATE session SET ended_s = ?, state = 'ended',
                        raw_bytes = (SELECT total(length(data)) FROM chunk WHERE id BETWEEN ? AND ?) WHERE id = ?""",
                        (waiting.t_s, first_key(session.id), last_key(session.id), session.id),
                    )
        for session in {id(waiting.session): waiting.session for waiting in self.waiting if waiting.session.partial}.values():
            db.run("UPDATE session SET raw = 'partial' WHERE id = ?", (session.id,))


def write_found(db: Database, analysis_id: int, sides: Mapping[str, str], found: Lift | Repetition) -> None:
    """Write a lift, or a repetition with its lifts; what is there already stays as it is."""
    if isinstance(found, Lift):
        _lift_row(db, analysis_id, sides, found)
        return
    same = (analysis_id, found.kind, found.side, found.reported_at_s)
    rows = db.run("SELECT id FROM repetition WHERE analysis_id = ? AND kind = ? AND side = ? AND reported_at_s = ?", same)
    if not rows:
        rows = db.run("INSERT INTO repetition (analysis_id, kind, side, reported_at_s) VALUES (?, ?, ?, ?) RETURNING id", same)
    for lift in found.lifts:
        db.run("UPDATE lift SET repetition_id = ? WHERE id = ?", (rows[0][0], _lift_row(db, analysis_id, sides, lift)))


def _lift_row(db: Database, analysis_id: int, sides: Mapping[str, str], lift: Lift) -> int:
    body = msgspec.json.encode(lift).decode()
    rows = db.run("SELECT id FROM lift WHERE analysis_id = ? AND body = ?", (analysis_id, body))
    if not rows:
        rows = db.run(
            """INSERT INTO lift (analysis_id, limb, side, lift_off_s, body, part, prepare_s, melt_s)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (analysis_id, lift.limb, sides.get(lift.limb), lift.lift_off, body, *lift_columns(lift)),
        )
    return int(rows[0][0])


def _write_begin(db: Database, session: Session, dates: BootDates, period_s: float) -> None:
    facts = (session.id, session.started_s, json.dumps(session.zones), session.rate_hz, session.mat_text)
    db.run(
        """INSERT OR IGNORE INTO session (id, started_s, zones, rate_hz, mat, boot, state, commit_period_s, calibration, person_id)
        VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?, (SELECT id FROM person WHERE id = ?))""",
        (*facts, dates.begin(db), period_s, session.calibration, session.person_id),
    )
    db.run(
        """INSERT INTO analysis (session_id, detector_version, live, current, made_wall_s) SELECT ?, ?, 1, 1, ?
        WHERE NOT EXISTS (SELECT 1 FROM analysis WHERE session_id = ?)""",
        (session.id, session.detector_version, dates.now_s, session.id),
    )
