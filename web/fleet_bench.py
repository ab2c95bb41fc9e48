"""Many stations on one broker: `python -m web.fleet_bench --json`.

200 bridges, the product's own publishers, tell one Mosquitto on this machine what four links say: no bodies, no sampling.  A reader
counts what arrives, the broker is stopped and started in the middle, and every event has to be there in the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from station.config import Config, Mqtt, StationFacts
from station.messages import SessionEvent
from station.model import Presence
from station.service.ipc import IpcServer
from web.live.mqtt import Bridge, start_mqtt

STATIONS = 200
LINKS = 4
"""A station's socket serves 64 readers; each of these links speaks for 50 stations."""
EVENTS = 30
EVENT_PERIOD_S = 0.5
BROKER_AWAY_S = 3.0
LONGEST_S = 120.0
BROKER = "/usr/sbin/mosquitto"


class Reader:
    """Counts the events that arrive, by station and sequence number."""

    def __init__(self, port: int) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.seen: dict[str, set[int]] = {}
        self.messages = Counter[str]()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="fleet-reader", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("fleet/#", qos=1)
        self._client.on_message = lambda client, userdata, message: self._arrived(message.topic, bytes(message.payload))
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def _arrived(self, topic: str, payload: bytes) -> None:
        _, station, kind = topic.split("/", 2)
        self.messages[kind] += 1
        if kind == "event":
            self.seen.setdefault(station, set()).add(json.loads(payload)["seq"])

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def measure(stations: int = STATIONS) -> list[dict[str, Any]]:
    """Rows as `backlift bench` shows them.  Raises FileNotFoundError without a broker."""
    if shutil.which(BROKER) is None:
        raise FileNotFoundError(f"{BROKER} is missing: sudo apt install mosquitto")
    with tempfile.TemporaryDirectory() as name:
        return _measured(Path(name), stations)


def _measured(folder: Path, stations: int) -> list[dict[str, Any]]:
    port = _free_port()
    config = folder / "mosquitto.conf"
    lines = (f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0", "persistence true")
    config.write_text("\n".join([*lines, f"persistence_location {folder}/", "user root"]) + "\n")
    broker = _start(config)
    links = [IpcServer(folder / f"link-{number}.sock", lambda command, reply, sender: reply.result()) for number in range(LINKS)]
    for link in links:
        link.start()
    reader = Reader(port)
    bridges: list[Bridge] = []
    try:
        for number in range(stations):
            settings = Mqtt(enabled=True, host="127.0.0.1", port=port, prefix="fleet", discovery=False)
            bridge = start_mqtt(
                Config(station=StationFacts(id=f"mat-{number}"), mqtt=settings), folder / f"link-{number % LINKS}.sock"
            )
            assert bridge is not None
            bridges.append(bridge)
        _until(lambda: reader.messages["status"] >= stations, "every station is online")
        began_s, cpu_s, broker_cpu_s = time.monotonic(), _cpu_s(), _broker_cpu_s(broker)
        told = [0] * LINKS
        for turn in range(EVENTS):
            for number, link in enumerate(links):
                told[number] = link.publish_event(_event(turn), 1)
            if turn == EVENTS // 2:
                broker_cpu_s -= _broker_cpu_s(broker)
                _stop(broker)
                threading.Event().wait(BROKER_AWAY_S)
                broker = _start(config)
            threading.Event().wait(EVENT_PERIOD_S)
        expected = stations * EVENTS
        _until(lambda: sum(map(len, reader.seen.values())) >= expected, "every event has arrived", required=False)
        lasted_s = time.monotonic() - began_s
        arrived = sum(map(len, reader.seen.values()))
        share = 100 / lasted_s
        return [
            _row("stations on one broker", "", stations),
            _row("events a second, all stations", "1/s", arrived / lasted_s),
            _row("events lost while the broker restarts", "", expected - arrived, goal=0),
            _row("CPU of a station's publisher", "% of a core", (_cpu_s() - cpu_s) * share / stations),
            _row("CPU of the broker", "% of a core", (_broker_cpu_s(broker) - broker_cpu_s) * share),
            _row("memory of a station's publisher", "MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / stations),
            _row("memory of the broker", "MB", _rss_mb(broker)),
        ]
    finally:
        for bridge in bridges:
            threading.Thread(target=bridge.stop, daemon=True).start()
        reader.close()
        for link in links:
            link.close()
        _stop(broker)


def _event(turn: int) -> Any:
    t_s = time.monotonic()
    return Presence("still", t_s, t_s) if turn % 2 else SessionEvent("started", t_s)


def _row(name: str, unit: str, value: float, goal: float | None = None) -> dict[str, Any]:
    return {"name": name, "unit": unit, "values": [round(value, 3)], "goal": goal, "sense": "at_most", "note": ""}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(config: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([BROKER, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _stop(broker: subprocess.Popen[bytes]) -> None:
    broker.terminate()
    broker.wait(10)


def _until(holds: Any, what: str, *, required: bool = True) -> None:
    end_s = time.monotonic() + LONGEST_S
    while not holds():
        if time.monotonic() > end_s:
            if required:
                raise TimeoutError(f"not within {LONGEST_S:.0f} s: {what}")
            return
        threading.Event().wait(0.05)


def _cpu_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def _broker_cpu_s(broker: subprocess.Popen[bytes]) -> float:
    fields = Path(f"/proc/{broker.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _rss_mb(broker: subprocess.Popen[bytes]) -> float:
    status = Path(f"/proc/{broker.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    # Two hundred publishers that find the broker away would say so two hundred times.
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="Many stations on one broker.")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--stations", type=int, default=STATIONS)
    chosen = parser.parse_args()
    rows = measure(chosen.stations)
    print(json.dumps(rows) if chosen.json else "\n".join(f"{row['name']}: {row['values'][0]} {row['unit']}" for row in rows))
