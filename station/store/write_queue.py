"""The writer: the one thread that owns the database.

What streams in while somebody practises is handed over without waiting and reaches the card with the next commit, about once a
second.  What a person asks for (a note, a correction, a setting) is done at once and answered when it is on the card.  A card that
stalls holds up this thread and nobody else: frames of `ROOM_S` wait here meanwhile, then the oldest are let go and counted.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hardware.clock import Clock
from hardware.errors import BackliftError
from hardware.frames import FrameBlock
from station.model import Announcement
from station.store import Store
from station.store.records import Saving

ROOM_S = 30.0
CLOCK_PERIOD_S = 60.0
NEWS_S = 600.0
_log = logging.getLogger(__name__)

Done = Callable[[Any, BackliftError | None], None]
"""Told the result of what was asked, or why it could not be done."""


@dataclass(frozen=True, slots=True)
class _Order:
    do: Callable[[Store], Any]
    frames: int = 0
    done: Done | None = None


class WriteQueue:
    """Owns the `Store` that `open_store` opens, in a thread of its own.

    period_s: asked before each commit; how long to gather before writing.
    All attributes may be read by any thread.  saving, session_id: as the store says.  frames_lost: never reached the card.
    progress_s: when this thread was last seen to get on, for the watchdog.
    """

    def __init__(self, open_store: Callable[[], Store], clock: Clock, period_s: Callable[[], float], rate_hz: float) -> None:
        self._open_store = open_store
        self._clock = clock
        self._period_s = period_s
        self._room = int(ROOM_S * rate_hz)
        self._orders: deque[_Order] = deque()
        self._frames_waiting = 0
        self._wake = threading.Condition()
        self._urgent = False
        self._closing = False
        self._opened = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.saving: Saving = "ok"
        self.session_id: int | None = None
        self.frames_lost = 0
        self.progress_s = clock.monotonic_s()
        self._notices: deque[tuple[float, str]] = deque(maxlen=20)

    def start(self) -> None:
        """Open the database and begin.  Raises what opening it raises: a newer database, another station."""
        self._thread.start()
        self._opened.wait()
        if self._error is not None:
            raise self._error

    def close(self, timeout_s: float = 10.0) -> None:
        """Write everything that was handed over and let go of the database."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(timeout_s)

    def news(self, now_s: float) -> list[str]:
        """What the store had to say lately, for a person; while raw frames are not kept, for as long as that is so."""
        fresh_s = math.inf if self.saving == "events_only" else NEWS_S
        return [words for at_s, words in tuple(self._notices) if now_s - at_s < fresh_s]

    # Without waiting ----------------------------------------------------------------------------------------------------------

    def begin(self, t_s: float, **facts: Any) -> None:
        """Begin a session at `t_s`; `facts` as in `Store.begin_session`."""
        self._put(_Order(lambda store: store.begin_session(t_s, **facts)), urgent=True)

    def frames(self, block: FrameBlock) -> None:
        self._put(_Order(lambda store: store.add_frames(block), frames=len(block)))

    def announce(self, announcement: Announcement) -> None:
        self._put(_Order(lambda store: store.add(announcement)))

    def event(self, type: str, t_s: float, body: Mapping[str, Any] | None = None) -> None:
        self._put(_Order(lambda store: store.add_event(type, t_s, body)))

    def end(self, t_s: float) -> None:
        self._put(_Order(lambda store: store.end_session(t_s)), urgent=True)

    def ask(self, do: Callable[[Store], Any], done: Done) -> None:
        """Do something a person asked for; `done` is called in this thread, after it is on the card."""
        self._put(_Order(do, done=done), urgent=True)

    # The thread ---------------------------------------------------------------------------------------------------------------

    def _put(self, order: _Order, urgent: bool = False) -> None:
        with self._wake:
            self._orders.append(order)
            self._frames_waiting += order.frames
            if self._frames_waiting > self._room:
                oldest = next(waiting for waiting in self._orders if waiting.frames)
                self._orders.remove(oldest)
                self._frames_waiting -= oldest.frames
                self.frames_lost += oldest.frames
            if urgent:
                self._urgent = True
                self._wake.notify()

    def _take(self) -> list[_Order]:
        """Wait until the next commit is due or somebody is waiting for an answer."""
        with self._wake:
            self._wake.wait_for(lambda: self._urgent or self._closing, timeout=self._period_s())
            self._urgent = False
            orders = list(self._orders)
            self._orders.clear()
            self._frames_waiting = 0
        return orders

    def _run(self) -> None:
        try:
            store = self._open_store()
        except BaseException as error:
            self._error = error
            return
        finally:
            self._opened.set()
        with store:
            clock_noted_s = self._clock.monotonic_s()
            while True:
                last = self._closing
                self._work(store, self._take())
                now_s = self._clock.monotonic_s()
                if now_s - clock_noted_s > CLOCK_PERIOD_S:
                    clock_noted_s = now_s
                    store.note_clock()
                if last:
                    return

    def _work(self, store: Store, orders: list[_Order]) -> None:
        for order in orders:
            self._do(store, order)
        commit = store.commit()
        self.saving = commit.saving
        self.frames_lost += commit.frames_lost
        self.session_id = store.session_id
        self.progress_s = self._clock.monotonic_s()
        self._notices.extend((self.progress_s, words) for words in store.take_notices())

    def _do(self, store: Store, order: _Order) -> None:
        result, error = None, None
        try:
            result = order.do(store)
        except BackliftError as declined:
            error = declined
        except Exception:
            # A mistake of ours in one order must not end the saving of all others.
            _log.exception("the database could not do what was asked")
            error = BackliftError("the station could not do this; the logs say why ('backlift logs')")
        self.session_id = store.session_id
        if order.done:
            order.done(result, error)
