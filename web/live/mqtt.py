"""What happens on the mat, told to a broker of your own (MQTT).  Off unless [mqtt] enabled.

What the broker keeps ("kept") is emptied when the station goes, so that nothing of who practises stays with it.

    <prefix>/<station id>/status       "online" while station and dashboard run, else "offline"; kept by the broker, last will
    <prefix>/<station id>/state        presence, phase, limb, repetitions; kept; sent when it changes
    <prefix>/<station id>/health       frame rate, errors, what is wrong; kept; sent when it changes in words, else twice a minute
    <prefix>/<station id>/event        phases, presence, sessions, faults as they are announced
    <prefix>/<station id>/lift         each finished lift with its durations
    <prefix>/<station id>/melt         the same lift, where its melt is known
    <prefix>/<station id>/repetition   each finished repetition
    <prefix>/<station id>/instance     who speaks here, so that two stations with one id notice
    <prefix>/<station id>/command      taken only with [mqtt] commands: session_start, session_stop, pause, resume, mark
    <discovery prefix>/device/backlift_<station id>/config      so that Home Assistant shows the station by itself

It lives in the dashboard's process, for the station never touches the network.  One thread reads the station's link; paho's own
thread talks to the broker.  While the broker is away the newest state and health wait, and up to `EVENTS_KEPT` events in order; all
of them are in the station's database anyway.  Only what this table names goes out: no names of devices, no notes, no pairing.
"""

from __future__ import annotations

import logging
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from hardware.errors import BackliftError
from hardware.notices import Notice
from station.config import Config, Mqtt, StationFacts
from station.locale.texts import Texts
from station.service.ipc import IpcClient, IpcError
from web.live.broker_client import MqttError, broker_client
from web.live.home_assistant import discovery_body, discovery_topic
from web.live.mqtt_outbox import Outbox, Publication, RetainedLedger

HEALTH_EVERY_S = 30.0
RETRY_S, RETRY_LONGEST_S = 0.5, 5.0
INSTANCE = "instance"
MOST_MET = 8
COMMANDS_TAKEN = frozenset({"session_start", "session_stop", "pause", "resume", "mark"})
EVENT_TYPES = frozenset({"phase", "presence", "session", "fault", "saving"})
"""Types of link events that go out as they are; lifts and repetitions have topics of their own."""

log = logging.getLogger(__name__)
ENGLISH = Texts("en")
Message = Mapping[str, Any]


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
        notices = msgspec.convert(health.pop("notices"), list[Notice])
        health["words"] = [ENGLISH.notice(notice) for notice in notices]
        words = (health["saving"], *health["words"])
        if words != self._said_words or message["t_s"] >= self._health_due_s:
            self._said_words = words
            self._health_due_s = message["t_s"] + HEALTH_EVERY_S
            told.append(
                self._publication("health", {**health, "problem": any(notice.severity != "info" for notice in notices)}, kept=True)
            )
        return told

    def _of_event(self, message: Message) -> list[Publication]:
        event = message["event"]
        kind = event["type"]
        facts = {"session": message["session"], "seq": message["seq"]}
        if kind == "lift":
            lift = {**facts, **self._lift(event)}
            told = [self._publication("lift", lift)]
            # A topic of its own: an unweighting, or a melt that could not be told, must not wipe the latest one.
            return told if lift["melt_s"] is None else [*told, self._publication("melt", lift)]
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
        """What makes Home Assistant show the station by itself; with discovery off, what makes it forget the station."""
        body = msgspec.json.encode(discovery_body(self._settings, self._station)) if self._settings.discovery else b""
        return Publication(discovery_topic(self._settings, self._station), body, kept=True)

    def instance(self, token: str) -> Publication:
        """Which station speaks here; not kept, so that it tells of stations that are there now."""
        return Publication(f"{self._root}/{INSTANCE}", token.encode())

    def farewell(self) -> list[Publication]:
        """Leave nothing at the broker of who practises: what it kept of state and health is emptied."""
        self._said_state, self._said_words, self._health_due_s = {}, (), float("-inf")
        return [self.status(False), *(Publication(f"{self._root}/{name}", b"", kept=True) for name in ("state", "health"))]


def _between(start_s: float | None, end_s: float | None) -> float | None:
    return None if start_s is None or end_s is None else round(end_s - start_s, 3)


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

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Say goodbye to the broker.  Returns within two seconds."""
        self._stopping.set()
        self._link.close()
        self._thread.join(timeout=1.0)
        self._say_farewell()
        self._end()

    def _say_farewell(self) -> None:
        for publication in self._translator.farewell():
            self._outbox.put(publication)
        self._outbox.pump()

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
            except Exception:
                # Whatever the station or the broker's client did: without this thread nothing would be told for ever.
                log.exception("mqtt: reading the station's link failed, connecting again")
            self._say_farewell()
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, RETRY_LONGEST_S)

    def _take(self, message: Message) -> bool:
        """Use one message; False when the subscription has to be made anew."""
        try:
            if message["type"] == "hello":
                return self._greet(message)
            if message["type"] == "event":
                if message["seq"] <= self._seq:
                    return True
                self._seq = message["seq"]
            publications = self._translator.of(message)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("mqtt: a message of the station was left out: %r", error)
            return True
        for publication in publications:
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


class Visitors:
    """What the broker hands in: word of another station with our id, and commands where the owner allows them."""

    def __init__(self, station: str, token: str, give: Callable[[str], object] | None, greet: Callable[[], object]) -> None:
        self._station = station
        self._token = token
        self._give = give
        self._greet = greet
        self._met: set[str] = set()

    def arrived(self, topic: str, payload: bytes) -> None:
        """One message; never raises, for it comes in paho's own thread."""
        words = payload[:64].decode("ascii", "replace")
        if topic.endswith(f"/{INSTANCE}"):
            if words != self._token and words not in self._met and len(self._met) < MOST_MET:
                if not self._met:
                    log.warning(
                        "mqtt: another station on this broker has the id '%s' too; give one of them another [station] id",
                        self._station,
                    )
                self._met.add(words)
                # The other one may have come later and not have heard of us yet.
                self._greet()
        elif topic.endswith("/command") and self._give is not None and words in COMMANDS_TAKEN:
            try:
                self._give(words)
            except BackliftError as error:
                log.info("mqtt: the command %s was declined: %s", words, error)


def start_mqtt(config: Config, socket: Path, folder: Path | None = None) -> Bridge | None:
    """Start the bridge if the config wants one.

    A broker that is away is waited for.  A mistake in [mqtt] is logged and no more: the pages go on without.
    folder: where it is noted what the broker keeps of this station, so that it can be emptied once MQTT is switched off or the id
    was changed.
    """
    ledger = RetainedLedger(folder / "mqtt-retained.json" if folder else None)
    try:
        if not config.mqtt.enabled:
            if topics := ledger.topics():
                _forget(config, topics, ledger)
            return None
        bridge = _bridge(config, socket, ledger)
    except MqttError as error:
        log.error("mqtt: %s", error)
        return None
    bridge.start()
    return bridge


def _forget(config: Config, topics: Sequence[str], ledger: RetainedLedger) -> None:
    """MQTT was switched off: connect once, empty what the broker keeps of this station, and go."""
    settings = config.mqtt
    client = broker_client(settings, f"backlift-{config.station.id}-{secrets.token_hex(4)}")
    waiting = set(topics)
    mids: dict[int, str] = {}

    def on_connect(client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if not reason.is_failure:
            for topic in tuple(waiting):
                mids[client.publish(topic, b"", qos=1, retain=True).mid] = topic

    def on_publish(client: Any, userdata: Any, mid: int, reason: Any, properties: Any) -> None:
        waiting.discard(mids.get(mid, ""))
        if not waiting:
            ledger.note(())
            client.disconnect()

    client.on_connect, client.on_publish = on_connect, on_publish
    client.connect_async(settings.host, settings.port, keepalive=30)
    client.loop_start()


def _bridge(config: Config, socket: Path, ledger: RetainedLedger) -> Bridge:
    settings, station = config.mqtt, config.station
    token = secrets.token_hex(4)
    # Unlike for two stations with one id: a broker throws out the older of two clients that call themselves the same.
    client = broker_client(settings, f"backlift-{station.id}-{token}")
    translator = Translator(settings, station, time.time, time.monotonic)
    outbox = Outbox(client)
    will = translator.status(False)
    own = [translator.discovery(), *translator.farewell()]
    outbox.put(translator.discovery())
    for topic in set(ledger.topics()) - {publication.topic for publication in own}:
        outbox.put(Publication(topic, b"", kept=True))
    ledger.note(publication.topic for publication in own)
    outbox.put(will)
    client.will_set(will.topic, will.payload, qos=1, retain=True)
    link = IpcClient(socket, sender="broker")
    greeting = translator.instance(token)
    command_topic = greeting.topic.removesuffix(INSTANCE) + "command"
    visitors = Visitors(
        station.id,
        token,
        (lambda name: link.command(name, timeout_s=2.0)) if settings.commands else None,
        lambda: client.publish(greeting.topic, greeting.payload, qos=0),
    )
    told: set[str] = set()

    def on_connect(client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            log.warning("mqtt: %s:%s declined: %s; look at [mqtt] username and password_file", settings.host, settings.port, reason)
            return
        told.clear()
        log.info("mqtt: connected to %s:%s", settings.host, settings.port)
        client.subscribe([(greeting.topic, 0), *([(command_topic, 1)] if settings.commands else [])])
        client.publish(greeting.topic, greeting.payload, qos=0)
        outbox.connected()

    def on_connect_fail(client: Any, userdata: Any) -> None:
        # paho tries again for as long as it takes; the reason is worth one line, not one line every half minute.
        words = str(sys.exception())
        if words not in told:
            told.add(words)
            log.warning("mqtt: no way to %s:%s yet: %s", settings.host, settings.port, words)

    def on_disconnect(client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        outbox.disconnected()

    def on_publish(client: Any, userdata: Any, mid: int, reason: Any, properties: Any) -> None:
        outbox.receipt()

    def on_message(client: Any, userdata: Any, message: Any) -> None:
        # A kept message is of some day before; only what is said now counts.
        if not message.retain:
            visitors.arrived(message.topic, message.payload)

    client.on_connect, client.on_connect_fail, client.on_message = on_connect, on_connect_fail, on_message
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

    return Bridge(translator, outbox, link, begin, end)
