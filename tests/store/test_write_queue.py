"""One queue, one writer, one limit: what was handed over first reaches the card first, and nothing ends the writer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sick_card import SickCard
from store_world import MAT_TEXT, ZONES, HandClock, begin, block, lift, lift_off, practise, repetition

from hardware.errors import BackliftError
from hardware.frames import FrameBlock
from hardware.notices import Notice
from station.model import PhaseEvent
from station.store import NotStoredError, Reader, Store, StoreError
from station.store.write_queue import LONGEST_WAIT_S, MOST_QUESTIONS, QueueFullError, WriteQueue
from station.store.writer_thread import WriterThread

FACTS: dict[str, Any] = {"mat_text": MAT_TEXT, "zones": ZONES, "rate_hz": 100.0, "detector_version": "1"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backlift.db"


@pytest.fixture
def queue() -> WriteQueue:
    return WriteQueue()


@pytest.fixture
def store(path: Path, clock: HandClock, queue: WriteQueue) -> Iterator[Store]:
    with Store(path, clock=clock, queue=queue) as store:
        yield store


class Answers:
    """What was answered, in order."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    def __call__(self, result: Any, error: BackliftError | None) -> None:
        self.all.append(result if error is None else error)


class Thread:
    """A writer thread on a clock that stands still, asked synchronously."""

    def __init__(self, path: Path, **how: Any) -> None:
        self.clock = HandClock()
        self.writer = WriterThread(lambda queue: Store(path, clock=self.clock, queue=queue, **how), self.clock, lambda: 60.0)
        self.writer.start()

    def ask(self, do: Callable[[Store], Any]) -> Any:
        answered = threading.Event()
        answers = Answers()

        def done(result: Any, error: BackliftError | None) -> None:
            answers(result, error)
            answered.set()

        self.writer.ask(do, done)
        assert answered.wait(10), "the writer thread does not answer any more"
        return answers.all[0]


@pytest.fixture
def thread(path: Path) -> Iterator[Thread]:
    thread = Thread(path)
    yield thread
    thread.writer.close()


# Order ---------------------------------------------------------------------------------------------------------------------------


def test_what_was_handed_over_before_a_question_is_on_the_card_when_it_is_answered(path: Path, thread: Thread) -> None:
    seen: list[tuple[int, str]] = []
    writer = thread.writer
    with Reader(path) as reader:

        def look(store: Store) -> None:
            [session] = reader.sessions()
            seen.append((len(reader.events()), session.state))

        writer.begin(1000.0, **FACTS)
        writer.event("mark", 1001.0, {})
        writer.ask(look, Answers())
        writer.event("mark", 1002.0, {})
        writer.end(1003.0)
        writer.ask(look, Answers())
        assert thread.ask(lambda store: store.session_delete(1)) is None
        assert (reader.events(), reader.sessions()) == ([], [])
    assert seen == [(1, "open"), (2, "ended")]


def test_a_session_that_ended_but_was_not_written_yet_is_deleted_for_good(path: Path, store: Store) -> None:
    """Also when the deletion does not come through the queue."""
    number = begin(store, 1000.0)
    store.commit()
    store.add_frames(block(1000.0, 1.0))
    store.add(lift_off(1000.5))
    store.add_event("note", 1000.7, {"text": "very private"})
    store.add(repetition(lift()))
    store.end_session(1001.0)
    store.session_delete(number)
    assert store.commit().acknowledged
    with Reader(path) as reader:
        assert reader.sessions() == [] and reader.events() == []
    assert [file.name for file in path.parent.iterdir() if b"very private" in file.read_bytes()] == []


def test_everything_is_deleted_for_good_while_a_full_card_keeps_a_session_waiting(path: Path, clock: HandClock) -> None:
    card = SickCard()
    with Store(path, clock=clock, connect=card.connect) as store:
        begin(store, clock.now_s)
        store.commit()
        card.state = "full"
        for _ in range(3):
            store.add_event("mark", clock.now_s, {"text": "very private" * 400})
        store.end_session(clock.now_s)
        assert not store.commit().acknowledged
        card.state = "well"
        clock.pass_s(0.1)  # before the next try
        assert store.delete_everything() == 1
        clock.pass_s(100.0)
        assert store.commit().acknowledged
        with Reader(path) as reader:
            assert reader.sessions() == [] and reader.events() == []


def test_a_session_still_running_survives_the_deletion_of_others(path: Path, store: Store, clock: HandClock) -> None:
    gone = practise(store, clock, 3)
    running = begin(store, clock.now_s)
    store.add_event("mark", clock.now_s, {})
    store.session_delete(gone)
    store.end_session(clock.now_s + 1)
    store.commit()
    with Reader(path) as reader:
        assert [one.id for one in reader.sessions()] == [running] and len(reader.events(running)) == 1


# The limit -----------------------------------------------------------------------------------------------------------------------


def test_frames_wait_half_a_minute_whoever_holds_them_and_then_the_oldest_go(queue: WriteQueue) -> None:
    """The same limit for frames handed over and for frames taken by a writer whose card does not answer."""
    queue.number_from(1)
    queue.begin(1000.0, **FACTS)
    for second in range(40):
        queue.frames(block(1000.0 + second, 1.0))
        if second == 10:
            assert len(queue.take(1.0)) > 5
    held = [one for one in queue.take(1.0) if hasattr(one, "count")]
    queue.let_go_of_old_frames()
    held = [one for one in queue.take(1.0) if hasattr(one, "count")]
    assert min(one.end_s for one in held) >= 1040.0 - LONGEST_WAIT_S - 0.02
    assert sum(one.count for one in held) + queue.take_frames_lost() == 4000
    assert queue.running is not None and queue.running.partial


def test_events_outlast_any_absence_of_the_card(path: Path, clock: HandClock) -> None:
    card = SickCard()
    with Store(path, clock=clock, connect=card.connect) as store:
        number = begin(store, clock.now_s)
        card.state = "failing"
        for _ in range(100):
            store.add_frames(block(clock.now_s, 1.0))
            store.add(lift_off(clock.now_s))
            clock.pass_s(1.0)
            store.commit()
        card.state = "well"
        clock.pass_s(20.0)
        assert store.commit().acknowledged
        with Reader(path) as reader:
            assert len(reader.events(number)) == 100 and 2800 <= len(reader.frames(number)) <= 3100


def test_more_questions_than_a_person_asks_are_declined(queue: WriteQueue) -> None:
    for _ in range(MOST_QUESTIONS):
        queue.ask(lambda store: None, Answers())
    with pytest.raises(QueueFullError, match="too slow"):
        queue.ask(lambda store: None, Answers())


# Nothing ends it -----------------------------------------------------------------------------------------------------------------


def raising(error: BaseException) -> Callable[[Store], None]:
    def do(store: Store) -> None:
        raise error

    return do


ERRORS = (StoreError("no"), ValueError("no"), KeyError("no"), msgspec.DecodeError("no"), TypeError("no"), OSError("no"))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_no_error_in_a_question_ends_the_writer(thread: Thread, error: Exception) -> None:
    answer = thread.ask(raising(error))
    assert isinstance(answer, BackliftError) and "\n" not in str(answer)
    assert thread.ask(lambda store: 7) == 7 and thread.writer.alive


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("where", ["commit", "_write", "_tidy_up", "take_notices"])
def test_no_error_of_a_commit_ends_the_writer(
    path: Path, thread: Thread, monkeypatch: pytest.MonkeyPatch, where: str, error: Exception
) -> None:
    tried = threading.Semaphore(0)

    def fail(*args: Any) -> None:
        tried.release()
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Store, where, fail)
        thread.writer.begin(1000.0, **FACTS)
        assert tried.acquire(timeout=10)
        thread.writer.event("mark", 1001.0, {})
        thread.writer.end(1002.0)
        if where != "_write":  # that one waits for its next try when the card seems to fail
            assert tried.acquire(timeout=10)
    thread.ask(lambda store: None)
    thread.clock.pass_s(100.0)  # after a card that seemed to fail the next try comes later
    thread.ask(lambda store: None)
    assert thread.writer.alive
    with Reader(path) as reader:
        assert [(one.id, one.state) for one in reader.sessions()] == [(1, "ended")] and len(reader.events(1)) == 1


def test_an_entry_that_can_never_be_written_is_left_out_and_the_rest_is_kept(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from station.store import store as module

    real = module.write

    def write(db: Any, one: Any, *rest: Any) -> None:
        if getattr(one, "type", "") == "poison":
            raise ValueError("cannot be unpacked")
        real(db, one, *rest)

    monkeypatch.setattr(module, "write", write)
    number = begin(store, 1000.0)
    for type in ("mark", "poison", "pause", "poison", "resume"):
        store.add_event(type, 1001.0, {})
    store.add_frames(block(1000.0, 1.0))
    assert store.commit().acknowledged and store.commit().acknowledged
    with Reader(path) as reader:
        assert [event.type for event in reader.events(number)] == ["mark", "pause", "resume"] and len(reader.frames(number)) == 100


def test_what_a_detector_must_not_hand_over_is_left_out_without_an_error_in_its_thread(path: Path, thread: Thread) -> None:
    thread.writer.begin(1000.0, **FACTS)
    good = block(1000.0, 1.0)
    thread.writer.frames(good)
    thread.writer.frames(good)  # a second time: does not follow
    backwards = FrameBlock(good.t_s[::-1].copy() + 5, good.volts)
    thread.writer.frames(backwards)
    thread.writer.event("mark", 1001.0, {"what": object()})
    thread.writer.announce(replace(PhaseEvent("lift_off", "leg_l", 1001.0, 1001.1), limb=object()))  # type: ignore[arg-type]
    thread.writer.event("mark", 1001.5, {"text": "here"})
    thread.ask(lambda store: None)
    with Reader(path) as reader:
        assert len(reader.frames(1)) == 100 and [event.body for event in reader.events(1)] == [{"text": "here"}]
    assert thread.writer.frames_lost == 200


def test_an_answer_that_cannot_be_delivered_ends_nothing(thread: Thread) -> None:
    def done(result: Any, error: BackliftError | None) -> None:
        raise OSError("the tablet is gone")

    thread.writer.ask(lambda store: None, done)
    assert thread.ask(lambda store: 7) == 7


def test_a_session_has_its_number_at_once(thread: Thread) -> None:
    assert thread.writer.session_id is None
    thread.writer.begin(1000.0, **FACTS)
    assert thread.writer.session_id == 1
    thread.writer.end(1001.0)
    assert thread.writer.session_id is None


def test_unknown_sessions_are_named_in_the_answer(thread: Thread) -> None:
    answer = thread.ask(lambda store: store.note_set(9, "x"))
    assert isinstance(answer, NotStoredError) and "no session 9" in str(answer)


def test_packing_twice_gives_the_same_chunks(queue: WriteQueue) -> None:
    queue.number_from(1)
    queue.begin(1000.0, **FACTS)
    queue.frames(block(1000.0, 1.0))
    first = [one.chunk for one in queue.take(1.0) if hasattr(one, "chunk")]
    queue.frames(block(1001.0, 1.0))
    again = [one.chunk for one in queue.take(1.0) if hasattr(one, "chunk")]
    assert again[: len(first)] == first and sum(chunk.frames for chunk in again) == 200
    assert np.all(np.diff([chunk.t0_us for chunk in again]) > 0)


def test_of_what_is_said_about_saving_only_the_latest_stands(thread: Thread) -> None:
    """Nobody reads that the card is full beside that everything is saved again."""

    def say(*codes: str) -> list[str]:
        thread.ask(lambda store: store._notices.extend(Notice(code) for code in codes))
        thread.ask(lambda store: None)
        return [notice.code for notice in thread.writer.news(thread.clock.monotonic_s())]

    assert say("session_recovered", "card_full_events_only") == ["session_recovered", "card_full_events_only"]
    assert say("card_full_not_saving") == ["session_recovered", "card_full_not_saving"]
    assert say("card_full_events_only", "saving_again") == ["session_recovered", "saving_again"]
    thread.clock.pass_s(601.0)
    assert thread.writer.news(thread.clock.monotonic_s()) == []


def test_what_is_not_saved_is_said_for_as_long_as_it_is_so(thread: Thread) -> None:
    thread.ask(lambda store: store._notices.append(Notice("card_full_events_only")))
    thread.ask(lambda store: None)
    thread.writer.saving = "events_only"
    thread.clock.pass_s(100_000.0)
    assert [notice.code for notice in thread.writer.news(thread.clock.monotonic_s())] == ["card_full_events_only"]


def test_what_was_found_belongs_to_the_running_session_and_to_nobody_without_one(queue: WriteQueue) -> None:
    queue.number_from(1)
    queue.announce(repetition(lift()))
    queue.frames(block(990.0, 1.0))
    assert queue.take(1.0) == []
    queue.begin(1000.0, **FACTS)
    queue.announce(repetition(lift()))
    queue.frames(FrameBlock(np.zeros(0), np.zeros((0, len(ZONES)))))
    assert [type(one).__name__ for one in queue.take(1.0)] == ["Begin", "Found"]


def test_frames_that_begin_before_the_last_ones_ended_are_refused(queue: WriteQueue) -> None:
    queue.number_from(1)
    queue.begin(1000.0, **FACTS)
    for wrong in (block(999.5, 1.0), block(999.5, 0.2)):
        with pytest.raises(ValueError, match="follow"):
            queue.frames(wrong)
    queue.frames(block(1000.0, 1.0))
    with pytest.raises(ValueError, match="follow"):
        queue.frames(block(1000.5, 1.0))
    queue.frames(block(1001.0, 1.0))
    assert queue.waiting_s == pytest.approx(1.0, abs=0.01)
