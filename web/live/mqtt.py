"""What happens on the mat, told to a broker of your own (MQTT).  Off unless [mqtt] enabled.

    <prefix>/<station id>/status       "online" while station and dashboard run, else "offline"; kept by the broker, last will
    <prefix>/<station id>/state        presence, phase, limb, repetitions; kept; sent when it changes
    <prefix>/<station id>/health       frame rate, errors, what is wrong; kept; sent when it changes in words, else twice a minute
    <prefix>/<station id>/event        phases, presence, sessions, faults as they are announced
    <prefix>/<station id>/lift         each finished lift with its durations
    <prefix>/<station id>/repetition   each finished repetition
    <discovery prefix>/device/backlift_<station id>/config      so that Home Assistant shows the station by itself

It lives in the dashboard's process, for the station never touches the network.  One thread reads the station's link; paho's own
thread talks to the broker.  While the broker is away the newest state and health wait, and up to `EVENTS_KEPT` events in order; all
of them are in the station's database anyway.  Only what this table names goes out: no names of devices, no notes, no pairing.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import msgspec

from hardware.errors import BackliftError
from hardware.notices import Notice
from station.config import Config, Mqtt, StationFacts
from station.locale.texts import Texts
from station.service.ipc import IpcClient, IpcError

EVENTS_KEPT = 1000
IN_FLIGHT = 20
"""So many messages may wait for the broker's receipt at once."""
HEALTH_EVERY_S = 30.0
RETRY_S, RETRY_LONGEST_S = 0.5, 5.0
EVENT_TYPES = frozenset({"phase", "presence", "session", "fault", "saving"})
"""Types of link events that go out as they are; lifts and repetitions have topics of their own."""

log = logging.getLogger(__name__)
ENGLISH = Texts("en")
Message = Mapping[str, Any]


class MqttError(BackliftError, RuntimeError):
    """The bridge to the broker cannot be set up; the message says what to mend in [mqtt]."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One message to the broker.  kept: the broker keeps it for whoever asks later, and a newer one replaces it."""

    topic: str
    payload: bytes
    kept: bool = False


class Translator:
    """Messages of the link -> publications.  Holds what was said last, so that only changes go out.

    wall_s, monotonic_s: the machine's clocks; link messages carry monotonic times, readers of a broker want dates.
    """

    def __init__(
        self, settings: Mqtt, station: StationFacts, wall_s: Callable[[], float], monotonic_s: Callable[[], float]
    ) -> None:
        self._root = f"{settings.prefix}/{station.id}"
        self._settings = settings
        self._station = station
        self._wall_s = wall_s
        self._monotonic_s = monotonic_s
        self._said_state: Message = {}
        self._said_words: tuple[Any, ...] = ()
        self._health_due_s = float("-inf")

    def status(self, online: bool) -> Publication:
        return Publication(f"{self._root}/status", b"online" if online else b"offline", kept=True)

    def of(self, message: Message) -> list[Publication]:
        """What one link message is worth telling the broker; mostly nothing."""
        match message["type"]:
            case "state":
                return self._of_state(message)
            case "event":
                return self._of_event(message)
            case _:
                return []

    def _of_state(self, message: Message) -> list[Publication]:
        told = []
        session = message["session"]
        state = {
            "presence": message["presence"],
            "phase": message["phase"],
            "limb": message["limb"],
            "paused": message["paused"],
            "session": session and session["id"],
            "repetitions": session["repetitions"] if session else 0,
        }
        if state != self._said_state:
            self._said_state = state
            told.append(self._publication("state", state, kept=True))
        health = dict(message["health"])
        health["words"] = [ENGLISH.notice(msgspec.convert(notice, Notice)) for notice in health.pop("notices")]
        words = (health["saving"], *health["words"])
        if words != self._said_words or message["t_s"] >= self._health_due_s:
            self._said_words = words
            self._health_due_s = message["t_s"] + HEALTH_EVERY_S
            told.append(self._publication("health", {**health, "problem": bool(health["words"])}, kept=True))
        return told

    def _of_event(self, message: Message) -> list[Publication]:
        event = message["event"]
        kind = event["type"]
        facts = {"session": message["session"], "seq": message["seq"]}
        if kind == "lift":
            return [self._publication("lift", {**facts, **self._lift(event)})]
        if kind == "repetition":
            lifts = [self._lift(lift) for lift in event["lifts"]]
            return [self._publication("repetition", {**facts, "kind": event["kind"], "side": event["side"], "lifts": lifts})]
        if kind in EVENT_TYPES:
            return [self._publication("event", {**facts, **event, "at": self._date(event["t_s"])})]
        return []

    def _lift(self, lift: Message) -> dict[str, Any]:
        """A lift as durations; a time the station could not tell leaves the duration null."""
        start, off, down, end = (lift[key] for key in ("prepare_start", "lift_off", "touch_down", "melt_end"))
        return {
            "limb": lift["limb"],
            "kind": lift["kind"],
            "part": lift["part"],
            "at": self._date(start if off is None else off),
            "prepare_s": _between(start, off),
            "aloft_s": _between(off, down),
            "melt_s": _between(down, end),
            "extent": lift["extent"],
        }

    def _date(self, t_s: float | None) -> str | None:
        if t_s is None:
            return None
        return datetime.fromtimestamp(self._wall_s() - (self._monotonic_s() - t_s), UTC).isoformat(timespec="milliseconds")

    def _publication(self, name: str, body: Mapping[str, Any], *, kept: bool = False) -> Publication:
        return Publication(f"{self._root}/{name}", msgspec.json.encode(body), kept)

    def discovery(self) -> Publication:
        """What Home Assistant needs to show the station as one device, without any setting up."""
        own = f"backlift_{self._station.id}"
        release = version("backlift-station")
        state, health, lift = (f"{self._root}/{name}" for name in ("state", "health", "lift"))
        components: dict[str, dict[str, Any]] = {
            "occupied": {
                "platform": "binary_sensor",
                "name": "Somebody on the mat",
                "device_class": "occupancy",
                "state_topic": state,
                "value_template": "{{ 'OFF' if value_json.presence == 'empty' else 'ON' }}",
            },
            "phase": {
                "platform": "sensor",
                "name": "Phase",
                "device_class": "enum",
                "options": ["rest", "prepare", "aloft", "melt"],
                "state_topic": state,
                "value_template": "{{ value_json.phase }}",
            },
            "repetitions": {
                "platform": "sensor",
                "name": "Repetitions in this session",
                "state_topic": state,
                "value_template": "{{ value_json.repetitions }}",
            },
            "melt": {
                "platform": "sensor",
                "name": "Latest melt",
                "device_class": "duration",
                "unit_of_measurement": "s",
                "suggested_display_precision": 1,
                "state_topic": lift,
                "value_template": "{{ value_json.melt_s }}",
                "json_attributes_topic": lift,
            },
            "rate": {
                "platform": "sensor",
                "name": "Frame rate",
                "unit_of_measurement": "Hz",
                "entity_category": "diagnostic",
                "state_topic": health,
                "value_template": "{{ value_json.rate_hz }}",
            },
            "problem": {
                "platform": "binary_sensor",
                "name": "Something is wrong",
                "device_class": "problem",
                "entity_category": "diagnostic",
                "state_topic": health,
                "value_template": "{{ 'ON' if value_json.problem else 'OFF' }}",
                "json_attributes_topic": health,
            },
        }
        for key, component in components.items():
            component["unique_id"] = f"{own}_{key}"
        body = {
            "device": {"identifiers": [own], "name": self._station.name, "model": "Back Lift Station", "sw_version": release},
            "origin": {"name": "Back Lift Station", "sw_version": release},
            "availability_topic": f"{self._root}/status",
            "components": components,
        }
        return Publication(f"{self._settings.discovery_prefix}/device/{own}/config", msgspec.json.encode(body), kept=True)


def _between(start_s: float | None, end_s: float | None) -> float | None:
    return None if start_s is None or end_s is None else round(end_s - start_s, 3)


class Broker(Protocol):
    """What the bridge needs of a paho client."""

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> Any: ...


class Outbox:
    """What waits for the broker: the newest of each kept topic, and events in order.

    Used by one thread, but for `connected`, `disconnected` and `receipt`, which paho's thread calls and which only note.  (paho
    calls back with its own locks held: whoever sent from there, or waited there for a lock of ours, would stand still for ever.)
    Bounded: of more than `EVENTS_KEPT` waiting events the oldest are given up, and counted in `given_up`.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._kept: dict[str, Publication] = {}
        self._unsent: set[str] = set()
        self._events: deque[Publication] = deque(maxlen=EVENTS_KEPT)
        self._sent = 0
        self._received = 0
        self._connections = 0
        self._greeted = 0
        self._connected = False
        self.given_up = 0

    def put(self, publication: Publication) -> None:
        """Take a publication; it goes out with the next `pump` that finds the broker there."""
        if publication.kept:
            self._kept[publication.topic] = publication
            self._unsent.add(publication.topic)
        else:
            self.given_up += len(self._events) == EVENTS_KEPT
            self._events.append(publication)

    def pump(self) -> None:
        """Send what can be sent now.  A broker that came (back) is told where things stand, then what happened meanwhile."""
        if not self._connected:
            return
        if self._greeted != self._connections:
            self._greeted = self._connections
            self._unsent.update(self._kept)
        for topic, publication in self._kept.items():
            if topic in self._unsent:
                self._send(publication)
        self._unsent.clear()
        while self._events and self._sent - self._received < IN_FLIGHT:
            self._send(self._events.popleft())

    def connected(self) -> None:
        self._connections += 1
        self._connected = True

    def disconnected(self) -> None:
        self._connected = False

    def receipt(self) -> None:
        """The broker has one more message."""
        self._received += 1

    def _send(self, publication: Publication) -> None:
        # Once given to paho with quality of service 1 it is sent again after every break until the broker has it.
        self._sent += 1
        self._broker.publish(publication.topic, publication.payload, qos=1, retain=publication.kept)


class Bridge:
    """Reads the link and fills the outbox, until stopped.  `begin` starts, `end` stops the broker's own thread."""

    def __init__(
        self, translator: Translator, outbox: Outbox, link: IpcClient, begin: Callable[[], None], end: Callable[[], None]
    ) -> None:
        self._translator = translator
        self._outbox = outbox
        self._link = link
        self._begin = begin
        self._end = end
        self._stopping = threading.Event()
        self._run = ""
        self._seq = 0
        self._thread = threading.Thread(target=self._read_for_ever, name="mqtt-link", daemon=True)

    def start(self) -> None:
        self._begin()
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye to the broker.  Returns within two seconds."""
        self._stopping.set()
        self._link.close()
        self._thread.join(timeout=1.0)
        self._outbox.put(self._translator.status(False))
        self._outbox.pump()
        self._end()

    def _read_for_ever(self) -> None:
        pause_s = RETRY_S
        while not self._stopping.is_set():
            try:
                for message in self._link.subscribe(self._seq):
                    pause_s = RETRY_S
                    if not self._take(message):
                        break
            except IpcError as error:
                log.debug("mqtt: %s", error)
            self._outbox.put(self._translator.status(False))
            self._outbox.pump()
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, RETRY_LONGEST_S)

    def _take(self, message: Message) -> bool:
        """Use one message; False when the subscription has to be made anew."""
        if message["type"] == "hello":
            return self._greet(message)
        if message["type"] == "event":
            if message["seq"] <= self._seq:
                return True
            self._seq = message["seq"]
        for publication in self._translator.of(message):
            self._outbox.put(publication)
        self._outbox.pump()
        return not self._stopping.is_set()

    def _greet(self, hello: Message) -> bool:
        first, another_run = not self._run, hello["run"] != self._run
        self._run = hello["run"]
        if first:
            # What happened before this process began was told by the one before it, or is history.
            self._seq = hello["seq"]
        elif another_run and self._seq:
            self._seq = 0
            return False
        self._outbox.put(self._translator.status(True))
        return True


def start_mqtt(config: Config, socket: Path) -> Bridge | None:
    """Start the bridge if the config wants one.

    A broker that is away is waited for.  A mistake in [mqtt] is logged and no more: the pages go on without.
    """
    if not config.mqtt.enabled:
        return None
    try:
        bridge = _bridge(config, socket)
    except MqttError as error:
        log.error("mqtt: %s", error)
        return None
    bridge.start()
    return bridge


def _bridge(config: Config, socket: Path) -> Bridge:
    settings = config.mqtt
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise MqttError("paho-mqtt is not installed; add it with: pip install 'backlift-station[mqtt]'") from None
    client = Client(CallbackAPIVersion.VERSION2, client_id=f"backlift-{config.station.id}")
    client.reconnect_delay_set(1, 30)
    if settings.username:
        client.username_pw_set(settings.username, _password(settings))
    if settings.tls:
        try:
            client.tls_set(ca_certs=settings.ca_file or None)
        except OSError as error:
            raise MqttError(f"[mqtt] ca_file {settings.ca_file} cannot be read: {error.strerror}") from None
    translator = Translator(settings, config.station, time.time, time.monotonic)
    outbox = Outbox(client)
    if settings.discovery:
        outbox.put(translator.discovery())
    outbox.put(translator.status(False))
    will = translator.status(False)
    client.will_set(will.topic, will.payload, qos=1, retain=True)

    told: set[str] = set()

    def on_connect(client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            log.warning("mqtt: %s:%s declined: %s; look at [mqtt] username and password_file", settings.host, settings.port, reason)
        else:
            told.clear()
            log.info("mqtt: connected to %s:%s", settings.host, settings.port)
            outbox.connected()

    def on_connect_fail(client: Client, userdata: Any) -> None:
        # paho tries again for as long as it takes; the reason is worth one line, not one line every half minute.
        words = str(sys.exception())
        if words not in told:
            told.add(words)
            log.warning("mqtt: no way to %s:%s yet: %s", settings.host, settings.port, words)

    def on_disconnect(client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        outbox.disconnected()

    def on_publish(client: Client, userdata: Any, mid: int, reason: Any, properties: Any) -> None:
        outbox.receipt()

    client.on_connect, client.on_connect_fail = on_connect, on_connect_fail
    client.on_disconnect, client.on_publish = on_disconnect, on_publish

    def begin() -> None:
        client.connect_async(settings.host, settings.port, keepalive=30)
        client.loop_start()

    def end() -> None:
        client.disconnect()
        # paho's thread may be in the middle of looking for a broker that is away; a goodbye must not wait for that.
        stopping = threading.Thread(target=client.loop_stop, daemon=True)
        stopping.start()
        stopping.join(timeout=0.8)

    return Bridge(translator, outbox, IpcClient(socket, sender="broker"), begin, end)


def _password(settings: Mqtt) -> str | None:
    if not settings.password_file:
        return None
    try:
        return Path(settings.password_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MqttError(f"[mqtt] password_file {settings.password_file} cannot be read: {error}") from None
