"""Runs a real Home Assistant core with its MQTT integration against a broker; test_home_assistant.py starts it with that Python.

    python run_home_assistant.py PORT < {"topic": ..., "payload": ..., "kept": [[topic, text]], "farewell": [[topic, text]]}

It announces the payload, waits for the entities, tells what stands in `kept`, presses each button, says the farewell and withdraws
the announcement.  Standard output: JSON with what Home Assistant's schemas object to, the states it shows, what the buttons sent,
the states after the farewell, the entities left after the withdrawal, and what its MQTT integration logged as a warning or worse.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import paho.mqtt.client as paho
import voluptuous
from homeassistant import bootstrap, loader
from homeassistant.auth import auth_manager_from_config
from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA, SHARED_OPTIONS
from homeassistant.config_entries import ConfigEntries, ConfigEntry
from homeassistant.const import __version__
from homeassistant.core import CoreState, HomeAssistant

PATIENCE_S = 20.0


class Log(logging.Handler):
    """What the MQTT integration has to say against what it was sent."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def started(folder: Path, port: int) -> HomeAssistant:
    """The core with nothing in it but the MQTT integration, connected."""
    (folder / "configuration.yaml").touch()
    home = HomeAssistant(str(folder))
    home.config.skip_pip = True
    loader.async_setup(home)
    home.config_entries = ConfigEntries(home, {})
    await bootstrap.async_load_base_functionality(home)
    home.auth = await auth_manager_from_config(home, [], [])
    # The integration asks for these two, for its settings pages only.
    home.config.components.update(("http", "file_upload"))
    broker = {"broker": "127.0.0.1", "port": port}
    entry = ConfigEntry(
        data=broker, domain="mqtt", title="broker", version=1, minor_version=2, source="user", options={}, unique_id=None,
        discovery_keys=MappingProxyType({}), subentries_data=None,
    )  # fmt: skip
    await home.config_entries.async_add(entry)
    home.set_state(CoreState.running)
    return home


def objections(payload: dict[str, Any]) -> list[str]:
    """What the schemas of the device and of each platform refuse.  Discovery itself drops keys it does not know without a word."""
    found = []
    try:
        DEVICE_DISCOVERY_SCHEMA(payload)
    except voluptuous.Invalid as error:
        found.append(f"device: {error}")
    shared = {key: payload[key] for key in (*SHARED_OPTIONS, "device", "origin") if key in payload}
    for key, component in payload["components"].items():
        entity = shared | component
        platform = importlib.import_module(f"homeassistant.components.mqtt.{entity.pop('platform')}")
        try:
            platform.PLATFORM_SCHEMA_MODERN(entity)
        except voluptuous.Invalid as error:
            found.append(f"{key}: {error}")
    return found


async def until(holds: Callable[[], bool]) -> None:
    """Give Home Assistant its turns until something holds; what never does is seen in the result."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + PATIENCE_S
    while not holds() and loop.time() < ends:
        await asyncio.sleep(0.05)


async def run(asked: dict[str, Any], port: int) -> dict[str, Any]:
    log = Log()
    for name in ("homeassistant.components.mqtt", "homeassistant.helpers.template"):
        logging.getLogger(name).addHandler(log)
    sent: list[tuple[str, str]] = []
    station = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="station")
    station.on_message = lambda client, _, message: sent.append((message.topic, message.payload.decode()))
    station.connect("127.0.0.1", port)
    station.subscribe("+/+/command")
    station.loop_start()
    with tempfile.TemporaryDirectory() as folder:
        home = await started(Path(folder), port)

        def states() -> dict[str, str]:
            return {state.name: state.state for state in home.states.async_all(("sensor", "binary_sensor"))}

        told: dict[str, Any] = {"version": __version__, "objections": objections(asked["payload"])}
        station.publish(asked["topic"], json.dumps(asked["payload"]), qos=1, retain=True)
        await until(lambda: len(home.states.async_all()) == len(asked["payload"]["components"]))
        for topic, text in asked["kept"]:
            station.publish(topic, text, qos=1, retain=True)
        await until(lambda: not {"unavailable", "unknown"} & set(states().values()))
        told["states"] = states()
        buttons = home.states.async_entity_ids("button")
        for entity_id in buttons:
            await home.services.async_call("button", "press", {"entity_id": entity_id}, blocking=True)
        await until(lambda: len(sent) == len(buttons))
        told["sent"] = sent
        for topic, text in asked["farewell"]:
            station.publish(topic, text, qos=1, retain=True)
        await until(lambda: set(states().values()) == {"unavailable"})
        told["after_farewell"] = states()
        station.publish(asked["topic"], "", qos=1, retain=True)
        await until(lambda: not home.states.async_all())
        told["left"] = home.states.async_entity_ids()
    return told | {"log": log.lines}


json.dump(asyncio.run(run(json.load(sys.stdin), int(sys.argv[1]))), sys.stdout)
sys.stdout.flush()
# Home Assistant's own end waits for its integrations for a minute and more.
os._exit(0)
