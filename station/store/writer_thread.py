"""The one thread that owns the database.

What streams in while somebody practises is handed over without waiting and reaches the card with the next commit, about once a
second.  What a person asks for (a note, a correction, a setting) is done at once and answered when it is on the card.  Both stand
in one queue (write_queue.py).  A card that stalls holds up this thread and nobody else, and no error ends it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from hardware.clock import Clock
from hardware.errors import BackliftError
from hardware.frames import FrameBlock
from hardware.notices import Notice
from station.model import Announcement
from station.store.records import Saving
from station.store.store import Store
from station.store.write_queue import Ask, Done, WriteQueue

CLOCK_PERIOD_S = 60.0
NEWS_S = 600.0
SAVING_NOTICES = frozenset({"card_full_events_only", "card_full_not_saving", "card_failing_not_saving", "saving_again"})
"""Codes that say how much is being saved; the latest is the one that is true."""
_log = logging.getLogger(__name__)


class WriterThread:
    """Owns the `Store` that `open_store` opens around the queue it is given.

    period_s: asked before each commit; how long to gather before writing.
    All attributes may be read by any thread.  saving, session_id: as the store says.  frames_lost: never reached the card.
    progress_s: when this thread was last seen to get on, for the watchdog.
    """

    def __init__(self, open_store: Callable[[WriteQueue], Store], clock: Clock, period_s: Callable[[], float]) -> None:
        self._open_store = open_store
        self._clock = clock
        self._period_s = period_s
        self._queue = WriteQueue()
        self._wake = threading.Condition()
        self._urgent = False
        self._closing = False
        self._opened = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.saving: Saving = "ok"
        self._frames_lost = 0
        self.progress_s = clock.monotonic_s()
        self._notices: deque[tuple[float, Notice]] = deque(maxlen=20)

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

    @property
    def frames_lost(self) -> int:
        """Frames that never reached the card, also those a card that stalls has cost until now."""
        return self._frames_lost + self._queue.frames_lost

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def session_id(self) -> int | None:
        """The running session; negative while no database could give it a number."""
        running = self._queue.running
        return None if running is None else running.id

    def news(self, now_s: float) -> list[Notice]:
        """What the store had to say lately, for a person.

        How much is saved now stands alone: nobody reads that the card is full beside that everything is saved again.  It stays
        while less than everything is.
        """
        return [
            notice
            for at_s, notice in tuple(self._notices)
            if now_s - at_s < NEWS_S or (notice.code in SAVING_NOTICES and self.saving != "ok")
        ]

    # Without waiting; nothing here raises, for a detector must go on whatever the store thinks of it ------------------------------

    def begin(self, t_s: float, **facts: Any) -> None:
        """Begin a session at `t_s`; `facts` as in `Store.begin_session`."""
        self._hand_over(lambda: self._queue.begin(t_s, **facts), urgent=True)

    def frames(self, block: FrameBlock) -> None:
        if not self._hand_over(lambda: self._queue.frames(block)):
            self._frames_lost += len(block)

    def announce(self, announcement: Announcement) -> None:
        self._hand_over(lambda: self._queue.announce(announcement))

    def event(self, type: str, t_s: float, body: Mapping[str, Any] | None = None) -> None:
        self._hand_over(lambda: self._queue.event(type, t_s, dict(body or {})))

    def end(self, t_s: float) -> None:
        self._hand_over(lambda: self._queue.end(t_s), urgent=True)

    def ask(self, do: Callable[[Store], Any], done: Done) -> None:
        """Do something a person asked for; `done` is called in this thread, after it is on the card."""
        try:
            self._queue.ask(do, done)
        except BackliftError as declined:
            done(None, declined)
            return
        self._wake_up()

    # The thread ---------------------------------------------------------------------------------------------------------------

    def _hand_over(self, put: Callable[[], object], urgent: bool = False) -> bool:
        try:
            put()
        except Exception:
            _log.exception("writer: an entry of the session cannot be stored and is left out")
            return False
        if urgent:
            self._wake_up()
        return True

    def _wake_up(self) -> None:
        with self._wake:
            self._urgent = True
            self._wake.notify()

    def _run(self) -> None:
        try:
            store = self._open_store(self._queue)
        except BaseException as error:
            self._error = error
            return
        finally:
            self._opened.set()
        with store:
            clock_noted_s = self._clock.monotonic_s()
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._urgent or self._closing, timeout=self._period_s())
                    self._urgent = False
                last = self._closing
                self._work(store)
                now_s = self._clock.monotonic_s()
                if now_s - clock_noted_s > CLOCK_PERIOD_S:
                    clock_noted_s = now_s
                    store.note_clock()
                if last:
                    return

    def _work(self, store: Store) -> None:
        """Put on the card what streamed in, answer each question in its turn."""
        while True:
            self._commit(store)
            question = self._queue.next_question()
            if question is None:
                return
            self._answer(store, question)

    def _commit(self, store: Store) -> None:
        try:
            commit = store.commit()
            self.saving = commit.saving
            self._frames_lost += commit.frames_lost
            for notice in store.take_notices():
                self._take_note(notice)
        except Exception:
            # A mistake of ours must not end the saving of what comes after it.
            _log.exception("writer: unexpected exception; trying again with the next commit")
        self.progress_s = self._clock.monotonic_s()

    def _take_note(self, notice: Notice) -> None:
        before = [one for one in self._notices if not (one[1].code in SAVING_NOTICES and notice.code in SAVING_NOTICES)]
        self._notices = deque([*before, (self._clock.monotonic_s(), notice)], maxlen=self._notices.maxlen)

    def _answer(self, store: Store, question: Ask) -> None:
        result, error = None, None
        try:
            result = question.do(store)
        except BackliftError as declined:
            error = declined
        except Exception:
            # A mistake of ours in one question must not end the saving of everything else.
            _log.exception("writer: a request raised an unexpected exception; nothing was changed")
            error = BackliftError("the station could not do this; the logs say why ('backlift logs')")
        self._queue.answered(question)
        try:
            question.done(result, error)
        except Exception:
            _log.exception("writer: the answer to a request could not be delivered")
