"""What a broker of your own is told, and what happens while it is away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config import Config, Mqtt, StationFacts, parse_config
from station.locale.texts import Texts
from web.live.mqtt import EVENT_TYPES, EVENTS_KEPT, HEALTH_EVERY_S, IN_FLIGHT, Outbox, Publication, Translator, start_mqtt

HEALTH = {"rate_hz": 100.0, "late_share": 0.0, "saving": "ok", "bus_errors": 0, "notices": []}


def translator(prefix: str = "backlift", id: str = "mat-1") -> Translator:
    return Translator(Mqtt(prefix=prefix), StationFacts(id=id, name="The blue mat"), lambda: 1_700_000_100.0, lambda: 100.0)


def state(**changes: Any) -> dict[str, Any]:
    return {
        "type": "state",
        "seq": 1,
        "t_s": 0.0,
        "presence": "still",
        "phase": "rest",
        "limb": None,
        "since_s": 0.0,
        "session": {"id": 7, "started_t_s": 0.0, "repetitions": 3},
        "paused": False,
        "health": HEALTH,
        "zones": {"foot_l": {"load": 0.97, "load_n": None, "fault": None}},
        **changes,
    }


def event(body: dict[str, Any], seq: int = 5) -> dict[str, Any]:
    return {"type": "event", "seq": seq, "session": 7, "event": body}


LIFT = {
    "type": "lift",
    "limb": "leg_l",
    "kind": "lift",
    "part": "leg",
    "prepare_start": 40.0,
    "lift_off": 42.5,
    "touch_down": 50.0,
    "melt_end": None,
    "extent": 0.4,
    "why_null": {"melt_end": "a shift began"},
}


def topics(publications: list[Publication]) -> dict[str, Any]:
    return {publication.topic: json.loads(publication.payload) for publication in publications}


def test_a_state_is_told_when_it_changes_and_only_then():
    telling = translator()
    assert topics(telling.of(state()))["backlift/mat-1/state"] == {
        "presence": "still",
        "phase": "rest",
        "limb": None,
        "paused": False,
        "session": 7,
        "repetitions": 3,
    }
    assert telling.of(state(t_s=0.04, since_s=0.01)) == []
    assert set(topics(telling.of(state(phase="aloft", limb="leg_l")))) == {"backlift/mat-1/state"}


def test_health_is_told_at_once_when_something_is_wrong_and_else_twice_a_minute():
    telling = translator()
    telling.of(state())
    assert telling.of(state(t_s=HEALTH_EVERY_S - 0.1)) == []
    assert set(topics(telling.of(state(t_s=HEALTH_EVERY_S)))) == {"backlift/mat-1/health"}
    told = topics(
        telling.of(
            state(
                t_s=HEALTH_EVERY_S + 0.04,
                health={**HEALTH, "notices": [{"code": "weak_supply", "params": {}, "severity": "warning"}]},
            )
        )
    )
    assert told["backlift/mat-1/health"]["problem"] is True
    assert told["backlift/mat-1/health"]["words"] == [Texts("en")("notice.weak_supply")]


def test_a_lift_is_told_as_durations_and_a_time_that_is_not_known_stays_null():
    told = topics(translator("studio/hall", "mat-2").of(event(LIFT)))["studio/hall/mat-2/lift"]
    assert told == {
        "session": 7,
        "seq": 5,
        "limb": "leg_l",
        "kind": "lift",
        "part": "leg",
        "at": "2023-11-14T22:14:02.500+00:00",
        "prepare_s": 2.5,
        "aloft_s": 7.5,
        "melt_s": None,
        "extent": 0.4,
    }


def test_a_repetition_carries_its_lifts():
    told = topics(
        translator().of(event({"type": "repetition", "kind": "leg", "side": "left", "lifts": [LIFT], "reported_at_s": 60.0}))
    )
    assert [lift["aloft_s"] for lift in told["backlift/mat-1/repetition"]["lifts"]] == [7.5]


@given(kind=st.text(max_size=20) | st.sampled_from(["pairing", "mark", "note", "setting", "device"]))
def test_nothing_goes_out_that_was_not_meant_to(kind: str):
    told = translator().of(event({"type": kind, "t_s": 1.0, "text": "my back hurts", "secret": "123456"}))
    assert bool(told) == (kind in EVENT_TYPES) or kind in ("lift", "repetition")


def test_sounds_and_greetings_are_not_for_the_broker():
    assert translator().of({"type": "cue", "seq": 1, "sound": "touch_down"}) == []


def test_home_assistant_finds_every_value_where_it_is_published():
    telling = translator()
    discovery = telling.discovery()
    assert discovery.topic == "homeassistant/device/backlift_mat-1/config" and discovery.kept
    body = json.loads(discovery.payload)
    assert body["device"]["name"] == "The blue mat"
    published = topics([*telling.of(state()), *telling.of(event(LIFT))])
    for component in body["components"].values():
        key = component["value_template"].partition("value_json.")[2].split()[0]
        assert key in published[component["state_topic"]]
    assert len({component["unique_id"] for component in body["components"].values()}) == len(body["components"])
    assert body["availability_topic"] == telling.status(True).topic


class NotingBroker:
    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        assert qos == 1
        self.heard.append((topic, payload))


def some(number: int, *, kept: bool = False) -> Publication:
    return Publication("kept" if kept else "event", str(number).encode(), kept)


def test_while_the_broker_is_away_events_wait_in_order_and_of_states_the_newest():
    broker = NotingBroker()
    outbox = Outbox(broker)
    for number in range(3):
        outbox.put(some(number))
        outbox.put(some(number, kept=True))
        outbox.pump()
    assert broker.heard == []
    outbox.connected()
    outbox.pump()
    assert broker.heard == [("kept", b"2"), ("event", b"0"), ("event", b"1"), ("event", b"2")]


def test_a_broker_that_comes_back_is_told_again_where_things_stand():
    broker = NotingBroker()
    outbox = Outbox(broker)
    outbox.connected()
    outbox.put(some(1, kept=True))
    outbox.pump()
    outbox.pump()
    assert broker.heard == [("kept", b"1")]
    outbox.disconnected()
    outbox.connected()
    outbox.pump()
    assert broker.heard == [("kept", b"1")] * 2


def test_the_queue_is_bounded_and_what_is_given_up_is_counted():
    outbox = Outbox(NotingBroker())
    for number in range(EVENTS_KEPT + 25):
        outbox.put(some(number))
    assert outbox.given_up == 25


def test_a_slow_broker_is_given_only_so_many_at_once():
    broker = NotingBroker()
    outbox = Outbox(broker)
    outbox.connected()
    for number in range(3 * IN_FLIGHT):
        outbox.put(some(number))
    outbox.pump()
    assert len(broker.heard) == IN_FLIGHT
    for _ in range(5):
        outbox.receipt()
    outbox.pump()
    assert len(broker.heard) == IN_FLIGHT + 5


@given(st.lists(st.sampled_from(["put", "receipt", "connected", "disconnected"])))
def test_events_go_out_once_in_order_and_never_too_many_at_once(doings: list[str]):
    broker = NotingBroker()
    outbox = Outbox(broker)
    put = received = 0
    for doing in doings:
        if doing == "put":
            outbox.put(some(put))
            put += 1
        elif doing == "receipt" and received < len(broker.heard):
            outbox.receipt()
            received += 1
        elif doing in ("connected", "disconnected"):
            getattr(outbox, doing)()
        outbox.pump()
        assert len(broker.heard) - received <= IN_FLIGHT
    assert [payload for _, payload in broker.heard] == [str(number).encode() for number in range(len(broker.heard))]


def test_it_is_off_unless_asked_for(tmp_path: Path):
    assert start_mqtt(Config(), tmp_path / "station.sock") is None


def test_a_mistake_in_its_section_leaves_the_pages_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    config = parse_config('[mqtt]\nenabled = true\nusername = "u"\npassword_file = "/no/such/file"\n')
    assert start_mqtt(config, tmp_path / "station.sock") is None
    assert "[mqtt] password_file /no/such/file" in caplog.text
