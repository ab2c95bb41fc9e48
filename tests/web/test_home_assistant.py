"""What Home Assistant is told of a station, by the rules of its device-based discovery.

The rules are written down here in this project's words (of 2025.4).  Where BACKLIFT_HOME_ASSISTANT names a Python with
the package `homeassistant` in it, a real core with its MQTT integration is asked as well.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import jinja2
import msgspec
import pytest
from msgspec import Meta, Struct
from told_lift import LIFT

from station.config import Mqtt, StationFacts, parse_config
from web.live.home_assistant import BUTTONS, discovery_topic
from web.live.mqtt import COMMANDS_TAKEN, Translator
from web.live.mqtt_outbox import Publication

HOME_ASSISTANT = os.environ.get("BACKLIFT_HOME_ASSISTANT")
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
CORE = Path(__file__).with_name("run_home_assistant.py")

Topic = Annotated[str, Meta(pattern=r"^[^+#\x00]+$", max_length=65_535)]
"""No wildcards: it is subscribed and published to as it stands."""
Words = Annotated[str, Meta(min_length=1)]


class Entity(Struct, forbid_unknown_fields=True, kw_only=True, tag_field="platform"):
    """What every platform takes.  Other keys are dropped without a word, so here they are errors.

    An entity of a device needs an id of its own; only what measures may be called diagnostic, and nothing here is a setting.
    """

    unique_id: Words
    name: Words


class Reading(Entity, kw_only=True):
    state_topic: Topic
    value_template: Words
    entity_category: Literal["diagnostic"] | None = None
    json_attributes_topic: Topic | None = None
    json_attributes_template: Words | None = None


class BinarySensor(Reading, kw_only=True, tag="binary_sensor"):
    device_class: Literal["occupancy", "problem"]


class Sensor(Reading, kw_only=True, tag="sensor"):
    device_class: Literal["enum", "duration"] | None = None
    unit_of_measurement: Words | None = None
    suggested_display_precision: Annotated[int, Meta(ge=0)] | None = None
    options: Annotated[list[Words], Meta(min_length=1)] | None = None


class Button(Entity, tag="button"):
    command_topic: Topic
    payload_press: Words


class Device(Struct, forbid_unknown_fields=True):
    """A device is known by an identifier (or a connection)."""

    identifiers: Annotated[list[Words], Meta(min_length=1)]
    name: Words
    model: str
    sw_version: str


class Origin(Struct, forbid_unknown_fields=True):
    """Who announces; discovery of a whole device requires its name."""

    name: Words
    sw_version: str


class Discovery(Struct, forbid_unknown_fields=True):
    device: Device
    origin: Origin
    availability_topic: Topic
    components: dict[Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+$")], BinarySensor | Sensor | Button]


STATE = {
    "type": "state",
    "t_s": 0.0,
    "presence": "still",
    "phase": "melt",
    "limb": None,
    "paused": False,
    "session": {"id": 7, "repetitions": 3},
    "health": {"rate_hz": 99.8, "saving": "ok", "notices": []},
}
SHOWN = {"occupied": "ON", "phase": "melt", "repetitions": "3", "melt": "8.0", "rate": "99.8", "problem": "OFF"}
"""Entity -> what it shows after that state and that lift."""


def translator(settings: Mqtt | None = None, id: str = "mat-1") -> Translator:
    return Translator(settings or Mqtt(commands=True), StationFacts(id=id, name="The blue mat"), lambda: 100.0, lambda: 100.0)


def published(telling: Translator) -> list[Publication]:
    return [telling.status(True), *telling.of(STATE), *telling.of({"type": "event", "session": 7, "seq": 1, "event": LIFT})]


def announced(telling: Translator) -> Discovery:
    return msgspec.json.decode(telling.discovery().payload, type=Discovery)


def rendered(template: str, payload: bytes) -> str:
    """As Home Assistant renders: `value_json` is there only where the payload is JSON, and a name that is not there is an error."""
    names: dict[str, Any] = {"value": payload.decode()}
    if payload:
        names["value_json"] = json.loads(payload)
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(template).render(names)


def test_the_announcement_keeps_the_rules_of_device_discovery() -> None:
    found = announced(translator())
    ids = [component.unique_id for component in found.components.values()]
    assert len(set(ids)) == len(ids)
    for component in found.components.values():
        if isinstance(component, Sensor):
            is_enum = component.device_class == "enum"
            assert is_enum == (component.options is not None) and not (is_enum and component.unit_of_measurement)
            assert component.device_class != "duration" or component.unit_of_measurement in ("d", "h", "min", "s", "ms")
            assert component.suggested_display_precision is None or component.unit_of_measurement


@pytest.mark.parametrize("id", ["mat-1", "a", "hall_2", "0" * 32])
@pytest.mark.parametrize("prefix", ["homeassistant", "home/discovery"])
def test_it_listens_to_the_topic_whatever_id_the_config_allows(id: str, prefix: str) -> None:
    assert parse_config(f'[station]\nid = "{id}"\n').station.id == id
    topic = discovery_topic(Mqtt(discovery_prefix=prefix), StationFacts(id=id))
    assert topic.startswith(f"{prefix}/")
    assert re.fullmatch(r"device/(?:[A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+/config", topic.removeprefix(f"{prefix}/"))


def test_every_entity_finds_its_value_in_what_is_published() -> None:
    telling = translator()
    payloads = {publication.topic: publication.payload for publication in published(telling)}
    components = announced(telling).components
    readings = {key: component for key, component in components.items() if isinstance(component, Reading)}
    assert {key: rendered(one.value_template, payloads[one.state_topic]) for key, one in readings.items()} == SHOWN
    for one in readings.values():
        if one.json_attributes_topic:
            assert isinstance(
                json.loads(rendered(one.json_attributes_template or "{{ value }}", payloads[one.json_attributes_topic])), dict
            )
    # The defaults of `payload_available` and `payload_not_available` are these two words.
    assert announced(telling).availability_topic == telling.status(True).topic
    assert (telling.status(True).payload, telling.status(False).payload) == (b"online", b"offline")


def test_what_is_emptied_when_the_station_goes_is_unknown_and_no_error() -> None:
    telling = translator()
    emptied = {publication.topic for publication in telling.farewell() if not publication.payload}
    for component in announced(telling).components.values():
        if isinstance(component, Reading) and component.state_topic in emptied:
            assert rendered(component.value_template, b"") == "None"
        if isinstance(component, Reading) and component.json_attributes_topic in emptied:
            assert json.loads(rendered(component.json_attributes_template or "{{ value }}", b"")) == {}


def test_buttons_are_there_with_the_owners_consent_only_and_send_what_the_station_takes() -> None:
    sent = {one.payload_press for one in announced(translator()).components.values() if isinstance(one, Button)}
    assert sent == set(BUTTONS) and sent <= COMMANDS_TAKEN
    assert not [one for one in announced(translator(Mqtt())).components.values() if isinstance(one, Button)]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """The port of a broker on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    assert MOSQUITTO
    process = subprocess.Popen([MOSQUITTO, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until_s = time.monotonic() + 10.0
    while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < until_s:
        time.sleep(0.02)
    yield port
    process.terminate()
    process.wait(10)


@pytest.mark.skipif(HOME_ASSISTANT is None, reason="BACKLIFT_HOME_ASSISTANT names no Python with the package homeassistant")
@pytest.mark.skipif(MOSQUITTO is None, reason="Mosquitto is not installed: sudo apt install mosquitto")
def test_a_real_home_assistant_shows_the_station_and_forgets_it(broker: int) -> None:
    telling = translator()
    discovery = telling.discovery()

    def as_text(publications: list[Publication]) -> list[tuple[str, str]]:
        return [(publication.topic, publication.payload.decode()) for publication in publications]

    asked = {
        "topic": discovery.topic,
        "payload": json.loads(discovery.payload),
        "kept": as_text(published(telling)),
        "farewell": as_text(telling.farewell()),
    }
    done = subprocess.run([HOME_ASSISTANT, CORE, str(broker)], input=json.dumps(asked), capture_output=True, text=True)  # type: ignore[list-item]
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    print(f"Home Assistant {told['version']}")
    assert told["objections"] == []
    names = {component["name"]: key for key, component in asked["payload"]["components"].items()}
    shown = {names[name.removeprefix("The blue mat ")]: state for name, state in told["states"].items()}
    assert {key: state.upper() for key, state in shown.items()} == {key: state.upper() for key, state in SHOWN.items()}
    assert sorted(told["sent"]) == sorted(["backlift/mat-1/command", word] for word in BUTTONS)
    assert set(told["after_farewell"].values()) == {"unavailable"}
    assert told["left"] == [] and told["log"] == []
