"""What a broker of your own is told, and what happens while it is away."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told_lift import LIFT

from station.config import Config, Mqtt, StationFacts, parse_config
from station.locale.texts import Texts
from web.live.broker_client import LARGEST_PACKET_BYTES, RECEIVED_A_MINUTE_BYTES, broker_client
from web.live.mqtt import EVENT_TYPES, HEALTH_EVERY_S, Bridge, Translator, Visitors, start_mqtt
from web.live.mqtt_outbox import EVENTS_KEPT, IN_FLIGHT, Outbox, Publication

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


LIFT_WITHOUT_END = {**LIFT, "melt_end": None, "why_null": {"melt_end": "a shift began"}}


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


def test_what_is_only_worth_knowing_is_no_problem():
    notices = [{"code": "update_on_stick", "params": {"version": "0.2.0", "file": "/media/backlift/x.deb"}, "severity": "info"}]
    told = topics(translator().of(state(health={**HEALTH, "notices": notices})))["backlift/mat-1/health"]
    assert told["problem"] is False and "0.2.0" in told["words"][0]


def test_a_lift_is_told_as_durations_and_a_time_that_is_not_known_stays_null():
    told = topics(translator("studio/hall", "mat-2").of(event(LIFT_WITHOUT_END)))["studio/hall/mat-2/lift"]
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
        translator().of(
            event({"type": "repetition", "kind": "leg", "side": "left", "lifts": [LIFT_WITHOUT_END], "reported_at_s": 60.0})
        )
    )
    assert [lift["aloft_s"] for lift in told["backlift/mat-1/repetition"]["lifts"]] == [7.5]


@given(kind=st.text(max_size=20) | st.sampled_from(["pairing", "mark", "note", "setting", "device"]))
def test_nothing_goes_out_that_was_not_meant_to(kind: str):
    told = translator().of(event({"type": kind, "t_s": 1.0, "text": "my back hurts", "secret": "123456"}))
    assert bool(told) == (kind in EVENT_TYPES) or kind in ("lift", "repetition")


def test_a_lift_without_a_melt_leaves_the_latest_melt_as_it_is():
    telling = translator()
    assert topics(telling.of(event(LIFT)))["backlift/mat-1/melt"]["melt_s"] == 8.0
    unweighting = {**LIFT_WITHOUT_END, "kind": "unweighting", "touch_down": None, "melt_end": None}
    for without in (LIFT_WITHOUT_END, unweighting):
        assert set(topics(telling.of(event(without)))) == {"backlift/mat-1/lift"}
    discovery = json.loads(telling.discovery().payload)
    assert discovery["components"]["melt"]["state_topic"] == "backlift/mat-1/melt"


def test_discovery_that_is_switched_off_makes_home_assistant_forget_the_station():
    off = Translator(Mqtt(discovery=False), StationFacts(id="mat-1"), lambda: 0.0, lambda: 0.0).discovery()
    assert off.topic == translator().discovery().topic and off.kept and off.payload == b""


def test_the_farewell_leaves_nothing_of_a_body_at_the_broker():
    telling = translator()
    told = telling.of(state())
    farewell = {publication.topic: publication for publication in telling.farewell()}
    for publication in told:
        if publication.kept:
            assert farewell[publication.topic].payload == b"" and farewell[publication.topic].kept
    assert farewell["backlift/mat-1/status"].payload == b"offline"
    assert telling.of(state()) != [], "after it everything is told anew"


def visitors(give: Any = None) -> tuple[Visitors, list[str], list[str]]:
    given: list[str] = []
    greeted: list[str] = []
    return Visitors("mat-1", "mine", given.append if give else None, lambda: greeted.append("hello")), given, greeted


def test_another_station_with_the_same_id_is_said_once(caplog: pytest.LogCaptureFixture):
    met, _, greeted = visitors()
    for token in ("mine", "other", "other", "third", "mine", *(f"{n}" for n in range(100))):
        met.arrived("backlift/mat-1/instance", token.encode())
    assert caplog.text.count("[station] id") == 1
    assert 2 <= len(greeted) <= 10


@pytest.mark.parametrize("payload", [b"delete_everything", b"device_add", b"", b"\xff\xfe", b"pause " * 1000, b"{}"])
def test_a_broker_gives_no_other_commands_than_the_few(payload: bytes):
    met, given, _ = visitors(give=True)
    met.arrived("backlift/mat-1/command", payload)
    met.arrived("backlift/mat-1/command", b"pause")
    assert given == ["pause"]


def test_without_the_owners_consent_it_gives_none():
    met, given, _ = visitors()
    met.arrived("backlift/mat-1/command", b"pause")
    assert given == [] and "pause" not in json.loads(translator().discovery().payload)["components"]


def test_a_slow_broker_is_not_given_every_state_either():
    broker = NotingBroker()
    outbox = Outbox(broker)
    outbox.connected()
    for number in range(100 * IN_FLIGHT):
        outbox.put(some(number, kept=True))
        outbox.pump()
    assert len(broker.heard) == IN_FLIGHT
    outbox.receipt()
    outbox.pump()
    assert broker.heard[-1] == ("kept", str(100 * IN_FLIGHT - 1).encode())


def password(tmp_path: Path, mode: int = 0o600) -> Path:
    path = tmp_path / "password"
    path.write_text("soft landing")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o777])
def test_a_password_file_that_everybody_may_read_is_refused(tmp_path: Path, mode: int, caplog: pytest.LogCaptureFixture):
    file = password(tmp_path, mode)
    config = parse_config(f'[mqtt]\nenabled = true\nhost = "127.0.0.1"\nusername = "u"\npassword_file = "{file}"\n')
    assert start_mqtt(config, tmp_path / "station.sock") is None
    assert "chmod o-rwx" in caplog.text


@pytest.mark.parametrize(("host", "words"), [("broker.lan", "in clear"), ("192.168.1.9", "in clear"), ("10.0.0.1", "in clear")])
def test_a_password_in_clear_is_refused_unless_the_owner_says_so(
    tmp_path: Path, host: str, words: str, caplog: pytest.LogCaptureFixture
):
    section = f'[mqtt]\nenabled = true\nhost = "{host}"\nusername = "u"\npassword_file = "{password(tmp_path)}"\n'
    assert start_mqtt(parse_config(section), tmp_path / "station.sock") is None
    assert words in caplog.text and "allow_plain_password" in caplog.text
    caplog.clear()
    assert broker_client(parse_config(section + "allow_plain_password = true\n").mqtt, "x") is not None
    assert words in caplog.text


HOSTILE = {
    "a packet of 256 MB": b"\x30\xff\xff\xff\x7f" + b"x" * 60_000,
    "a large packet of which little comes": b"\x30\xff\xff\x7f" + b"x" * 10,
    "endless messages": (b"\x30\x05\x00\x01ab" + b"c") * 60_000,
    "endless exchanges": b"".join(b"\x34\x07\x00\x01a" + n.to_bytes(2, "big") + b"bb" for n in range(1, 40_000)),
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_broker_is_given_up_before_anything_grows(sent: bytes):
    """A broker that greets properly and then floods: the connection ends, and paho holds next to nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10.0)
    client = broker_client(Mqtt(enabled=True), "test")
    gone = threading.Event()
    client.on_disconnect = lambda *_: gone.set()
    client.reconnect_delay_set(60, 60)
    client.connect_async("127.0.0.1", listener.getsockname()[1])
    client.loop_start()
    peer, _ = listener.accept()
    with peer:
        peer.settimeout(1.0)
        peer.recv(1000)
        with suppress(OSError):
            peer.sendall(b"\x20\x02\x00\x00")
            for _ in range(50):
                peer.sendall(sent)
        assert gone.wait(10.0), "the broker holds the line, so the station has to let it go"
    assert len(client._in_packet["packet"]) <= LARGEST_PACKET_BYTES
    assert len(client._in_messages) <= RECEIVED_A_MINUTE_BYTES
    client.loop_stop()
    listener.close()


@pytest.mark.parametrize("broken", [{}, {"type": "event"}, {"type": "state"}, {"type": "event", "seq": 1, "event": 5}, [], None])
def test_a_message_that_is_not_as_agreed_ends_no_thread(broken: Any):
    broker = NotingBroker()
    outbox = Outbox(broker)
    over = threading.Event()

    class Link:
        def subscribe(self, since: int) -> Iterator[Any]:
            yield {"type": "hello", "run": "a", "seq": 0}
            yield broken
            yield state()
            told.set()
            over.wait(5.0)

        def close(self) -> None:
            over.set()

    told = threading.Event()
    bridge = Bridge(translator(), outbox, Link(), outbox.connected, lambda: None)
    bridge.start()
    assert told.wait(5.0) and bridge.alive
    assert any(topic == "backlift/mat-1/state" for topic, _ in broker.heard)
    bridge.stop()


def test_sounds_and_greetings_are_not_for_the_broker():
    assert translator().of({"type": "cue", "seq": 1, "sound": "touch_down"}) == []


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
