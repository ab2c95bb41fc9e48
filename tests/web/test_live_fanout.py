"""From one link to many tablets: no event is missed or told twice, the newest state wins, and nobody is told the past."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.live.stream import CUES_KEPT, EVENTS_KEPT, FRESH_EVENTS, Cursor, EventStream, LiveBroadcaster, StreamPlaces


def nobody(since: int) -> list[dict[str, Any]]:
    return []


def hello(live: LiveBroadcaster, run: str = "a") -> None:
    live.feed({"type": "hello", "run": run, "seq": 0, "oldest": 1})


def event(live: LiveBroadcaster, seq: int) -> None:
    live.feed({"type": "event", "seq": seq, "session": 1, "event": {"type": "phase"}})


def state(live: LiveBroadcaster, t_s: float) -> None:
    live.feed({"type": "state", "seq": 0, "t_s": t_s})


def told(written: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The server-sent events in a stretch of a stream, read as a browser does."""
    found = []
    for part in written.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in part.split("\n") if ": " in line and not line.startswith(":"))
        if "data" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def ids(written: bytes) -> list[str]:
    return [each.decode() for each in re.findall(rb"(?m)^id: (.*)$", written)]


@given(st.lists(st.one_of(st.just("event"), st.just("state"), st.just("read")), max_size=120))
def test_a_reader_gets_every_event_once_and_in_order_however_it_reads(steps: list[str]) -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    cursor = live.cursor(None)
    made, got = 0, []
    for step in [*steps, "read"]:
        if step == "event":
            made += 1
            event(live, made)
        elif step == "state":
            state(live, made)
        else:
            news = live.news(cursor)
            cursor = news.cursor
            got += [data["seq"] for kind, data in told(news.written) if kind == "event"]
    assert got == list(range(1, made + 1))


@given(made=st.integers(0, 60), more=st.integers(0, 60))
def test_who_comes_back_with_the_id_it_saw_last_misses_nothing(made: int, more: int) -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    for seq in range(1, made + 1):
        event(live, seq)
    seen = ids(live.news(live.cursor(None)).written)
    for seq in range(made + 1, made + more + 1):
        event(live, seq)
    again = live.news(live.cursor(seen[-1] if seen else None)).written
    assert [data["seq"] for kind, data in told(again) if kind == "event"] == list(range(made + 1 if seen else 1, made + more + 1))


def test_of_states_only_the_newest_is_told() -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    for t_s in range(50):
        state(live, t_s)
    states = [data for kind, data in told(live.news(live.cursor(None)).written) if kind == "state"]
    assert [data["t_s"] for data in states] == [49]


def test_a_restarted_station_makes_everybody_start_afresh() -> None:
    live = LiveBroadcaster(nobody)
    hello(live, "first")
    event(live, 7)
    cursor = live.news(live.cursor(None)).cursor
    hello(live, "second")
    event(live, 1)
    kinds = [kind for kind, _ in told(live.news(cursor).written)]
    assert kinds[0] == "resync" and "event" not in kinds


def test_who_was_away_for_longer_than_the_ring_is_told_so() -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    event(live, 1)
    cursor = live.news(live.cursor(None)).cursor
    for seq in range(2, EVENTS_KEPT + 3):
        event(live, seq)
    assert [kind for kind, _ in told(live.news(cursor).written)] == ["resync"]


def test_the_ring_told_again_after_a_broken_link_is_told_to_nobody_twice() -> None:
    live = LiveBroadcaster(nobody)
    for _ in range(2):
        hello(live)
        for seq in range(1, 4):
            event(live, seq)
    events = [data["seq"] for kind, data in told(live.news(live.cursor(None)).written) if kind == "event"]
    assert events == [1, 2, 3]


def test_a_fresh_page_hears_no_old_cues_and_only_the_latest_events() -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    for seq in range(1, 401):
        event(live, seq)
    for seq in range(401, 401 + CUES_KEPT):
        live.feed({"type": "cue", "seq": seq, "sound": "ready", "at_s": 1.0})
    kinds = [kind for kind, _ in told(live.news(live.cursor(None)).written)]
    assert kinds.count("event") == FRESH_EVENTS and "cue" not in kinds


def test_a_page_that_opens_while_the_station_is_away_is_told_so_at_once() -> None:
    live = LiveBroadcaster(nobody)
    assert told(live.news(Cursor()).written)[0] == ("link", {"up": False})


@pytest.mark.parametrize("sent", ["", "nonsense", "a-", "-5", "a-b-c", "a-٣", "a-99999999999999999999", "a-" + 5000 * "9"])
def test_a_strange_event_id_is_no_reason_to_fail(sent: str) -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    event(live, 1)
    assert live.news(live.cursor(sent)).written


def test_streams_end_when_the_dashboard_closes_or_the_device_is_no_longer_welcome() -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    welcome = iter([True, False])
    stream = EventStream(live, live.cursor(None), lambda: next(welcome))
    assert stream.begin().startswith(b"retry:") and stream.news()
    assert stream.news() is None
    other = EventStream(live, live.cursor(None), lambda: True)
    live.close()
    assert other.begin() == b"retry: 1000\nid: a-0\n\n" and other.news() is None


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "event"},
        {"type": "event", "seq": "x"},
        {"type": "event", "seq": None},
        {"type": "hello"},
        {"type": "cue", "seq": [1]},
        {"type": "state", "zones": object()},
        {},
        [],
        None,
    ],
)
def test_a_message_that_is_not_as_agreed_is_left_out_and_the_next_one_is_told(broken: Any) -> None:
    def subscribe(since: int) -> Iterator[Any]:
        yield {"type": "hello", "run": "a", "seq": 0, "oldest": 1}
        yield broken
        yield {"type": "state", "seq": 0, "t_s": 7.0}
        told_s.set()
        over.wait(5.0)

    told_s, over = threading.Event(), threading.Event()
    live = LiveBroadcaster(subscribe)
    live.start()
    assert told_s.wait(5.0)
    assert live.alive and live.state is not None and live.state["t_s"] == 7.0
    live.close()
    over.set()


def test_a_link_that_breaks_with_whatever_error_is_connected_again() -> None:
    errors = iter([RuntimeError("?"), MemoryError(), ValueError("not JSON"), OSError("gone")])
    tried = threading.Event()

    def subscribe(since: int) -> Iterator[Any]:
        error = next(errors, None)
        if error is None:
            tried.set()
            over.wait(5.0)
            return iter(())
        raise error

    over = threading.Event()
    live = LiveBroadcaster(subscribe)
    live._closing.wait = lambda timeout: None  # type: ignore[method-assign]  # no pause between attempts
    live.start()
    assert tried.wait(5.0) and live.alive
    live.close()
    over.set()


def test_one_device_cannot_take_all_streams() -> None:
    places = StreamPlaces()
    taken = 0
    while places.take(1):
        taken += 1
    assert places.take(2)
    places.give_back(1)
    assert places.take(1) and taken >= 100


def test_who_saw_no_event_at_all_comes_back_with_the_place_it_began_at() -> None:
    live = LiveBroadcaster(nobody)
    hello(live)
    began = ids(EventStream(live, live.cursor(None), lambda: True).begin())[-1]
    for seq in range(1, FRESH_EVENTS + 20):
        event(live, seq)
    events = [data["seq"] for kind, data in told(live.news(live.cursor(began)).written) if kind == "event"]
    assert events == list(range(1, FRESH_EVENTS + 20))
