"""What happens on the mat, handed from one link to any number of tablets.

One thread reads the station's link.  It keeps the newest state, a ring of the last events and a few cues, each already written as
the bytes of a server-sent event, and calls `listeners` when there is news.  A stream has no queue of its own: it asks "what is new
since my cursor?", so a slow tablet skips states (the newest wins) but never an event, and costs neither memory nor a thread.

An event's id is `run-seq`: the station's own sequence number behind the mark of the station's present run.  A tablet that comes
back with the id it saw last is given what followed; after a restart of the station (another run) it is told to start afresh.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from hardware.errors import BackliftError

EVENTS_KEPT = 1000
CUES_KEPT = 20
FRESH_EVENTS = 60
"""How much of the past a tablet without a memory is told."""
LONGEST_EVENT_ID = 64
STREAM_KEY = "backlift.stream"
"""Where a view leaves the EventStream that is to follow its (empty) answer, in the WSGI environ."""
MOST_STREAMS, MOST_STREAMS_OF_A_DEVICE = 240, 120
RETRY_S = 0.5
RETRY_LONGEST_S = 5.0

log = logging.getLogger(__name__)
Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a tablet has already been told."""

    run: str = ""
    event: int = 0
    cue: int = 0
    state: int = 0
    link: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What a stream has to write now, and where it stands afterwards."""

    written: bytes
    cursor: Cursor


class LiveBroadcaster:
    """The newest of everything.  `subscribe(since)` yields the link's messages and raises when it breaks.

    listeners: called, in whichever thread brings it, whenever there is news or streams have to end; must not wait.
    """

    def __init__(self, subscribe: Callable[[int], Iterable[Message]]) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._subscribe = subscribe
        self._lock = threading.Lock()
        self._run = ""
        self._seq = 0
        self._taken = 0
        self._events: deque[tuple[int, bytes, int | None]] = deque(maxlen=EVENTS_KEPT)
        """seq, what is sent, the session it belongs to."""
        self._cues: deque[tuple[int, bytes]] = deque(maxlen=CUES_KEPT)
        self._cue_count = 0
        self._state: Message | None = None
        self._state_bytes = b""
        self._state_count = 0
        self._link_count = 1
        self._link_up = False
        self._epoch = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read_for_ever, name="link-reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End every stream now.  The reading thread ends with its connection."""
        self._closing.set()
        self._tell()

    def interrupt(self) -> None:
        """End every stream; whoever comes again is welcome."""
        with self._lock:
            self._epoch += 1
        self._tell()

    @property
    def alive(self) -> bool:
        """Whether the link is being read; false before `start`."""
        return self._thread.is_alive()

    @property
    def epoch(self) -> int:
        """Streams begun in an earlier epoch end."""
        return self._epoch

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    @property
    def link_up(self) -> bool:
        return self._link_up

    @property
    def state(self) -> Message | None:
        """The newest state; None while the station is not there."""
        with self._lock:
            return self._state if self._link_up else None

    def cursor(self, event_id: str | None) -> Cursor:
        """Where a tablet stands that saw `event_id` last (None: it saw nothing); cues of the past are never told."""
        with self._lock:
            run, _, seq = (event_id or "").rpartition("-")
            if event_id is None or not (seq.isascii() and seq.isdecimal()) or len(event_id) > LONGEST_EVENT_ID:
                fresh = self._events[-FRESH_EVENTS][0] - 1 if len(self._events) >= FRESH_EVENTS else 0
                return Cursor(run=self._run, event=fresh, cue=self._cue_count)
            return Cursor(run=run, event=int(seq), cue=self._cue_count)

    def has_news(self, cursor: Cursor) -> bool:
        with self._lock:
            return (
                cursor.run != self._run
                or cursor.event < self._seq
                or cursor.cue < self._cue_count
                or cursor.state < self._state_count
                or cursor.link < self._link_count
            )

    def news(self, cursor: Cursor) -> News:
        """Whatever is new since `cursor`; a comment, which keeps the line open, when nothing is."""
        with self._lock:
            return self._news(cursor)

    def feed(self, message: Message) -> None:
        """Take in one message of the link."""
        kind = message.get("type")
        with self._lock:
            if kind == "hello":
                self._begin(str(message["run"]))
            elif kind == "state":
                self._state_bytes = _event("state", message)
                self._state = message
                self._state_count += 1
            elif kind in ("event", "cue", "forget"):
                seq = int(message["seq"])
                if seq <= self._taken:
                    return
                self._taken = seq
                if kind == "event":
                    self._seq = seq
                    self._events.append((seq, _event("event", message, f"{self._run}-{seq}"), message.get("session")))
                elif kind == "forget":
                    self._forget(message.get("session"))
                else:
                    self._cue_count += 1
                    self._cues.append((self._cue_count, _event("cue", message)))
            else:
                return
        self._tell()

    def _forget(self, session: int | None) -> None:
        """A session (None: every one) was deleted: whoever connects from now on hears nothing of it."""
        kept = [one for one in self._events if one[2] is None or session not in (None, one[2])]
        self._events = deque(kept, maxlen=self._events.maxlen)

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()

    def _begin(self, run: str) -> None:
        if run != self._run:
            self._run = run
            self._seq = self._taken = 0
            self._events.clear()
        self._set_link(up=True)

    def _set_link(self, *, up: bool) -> None:
        if up != self._link_up:
            self._link_up = up
            self._link_count += 1

    def _news(self, cursor: Cursor) -> News:
        parts = []
        seen = cursor.event
        if cursor.link < self._link_count:
            parts.append(_event("link", {"up": self._link_up}))
        if cursor.run != self._run or seen > self._seq or (self._events and seen and seen < self._events[0][0] - 1):
            # Another run of the station, or more was missed than is kept: the page must ask for the whole picture again.
            parts.append(_event("resync", {"run": self._run}, f"{self._run}-{self._seq}"))
        else:
            parts += [written for seq, written, _ in self._events if seq > seen]
        parts += [written for count, written in self._cues if count > cursor.cue]
        if cursor.state < self._state_count:
            parts.append(self._state_bytes)
        now = Cursor(self._run, self._seq, self._cue_count, self._state_count, self._link_count)
        return News(b"".join(parts) or b": still here\n\n", now)

    def _read_for_ever(self) -> None:
        wait_s = RETRY_S
        while not self.closing:
            try:
                # From the ring's beginning: what is known already is passed over, and after a restart nothing is missed.
                for message in self._subscribe(0):
                    wait_s = RETRY_S
                    self._take(message)
                    if self.closing:
                        return
            except (BackliftError, OSError) as error:
                log.info("link to the station: down: %s", error)
            except Exception:
                # Nothing the station sends may end this thread: without it every page would show the past for ever.
                log.exception("link to the station: a message could not be read, connecting again")
            with self._lock:
                self._set_link(up=False)
            self._tell()
            self._closing.wait(wait_s)
            wait_s = min(RETRY_LONGEST_S, wait_s * 1.5)

    def _take(self, message: Message) -> None:
        try:
            self.feed(message)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # One message that is not as agreed is left out; the next one may be.
            log.warning("link to the station: a message was left out: %r", error)


class StreamPlaces:
    """How many event streams are open, by device."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[int] = Counter()

    def take(self, device: int) -> bool:
        """Whether there was room for one more of `device`."""
        with self._lock:
            if self._taken.total() >= MOST_STREAMS or self._taken[device] >= MOST_STREAMS_OF_A_DEVICE:
                return False
            self._taken[device] += 1
            return True

    def give_back(self, device: int) -> None:
        with self._lock:
            self._taken[device] -= 1


class EventStream:
    """One tablet's server-sent events, until it is no longer `welcome` or the dashboard closes."""

    def __init__(self, live: LiveBroadcaster, cursor: Cursor, welcome: Callable[[], bool]) -> None:
        self._live = live
        self._cursor = cursor
        self._welcome = welcome
        self._epoch = live.epoch

    def begin(self) -> bytes:
        """What comes first: where this stream begins, for a tablet that is cut off before it has seen any event."""
        return f"retry: 1000\nid: {self._cursor.run}-{self._cursor.event}\n\n".encode()

    def has_news(self) -> bool:
        return self._live.has_news(self._cursor)

    def news(self) -> bytes | None:
        """What to write now; None when the stream is over."""
        if self._live.closing or self._live.epoch != self._epoch or not self._welcome():
            return None
        news = self._live.news(self._cursor)
        self._cursor = news.cursor
        return news.written


def _event(name: str, data: Message, event_id: str | None = None) -> bytes:
    line = f"id: {event_id}\n".encode() if event_id else b""
    return b"event: " + name.encode() + b"\n" + line + b"data: " + msgspec.json.encode(data) + b"\n\n"
