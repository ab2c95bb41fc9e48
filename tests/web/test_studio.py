"""The example of docs/studio.md, tried: three simulated stations on one broker, Debian's Mosquitto."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from station.config import parse_config
from station.service.ipc import IpcServer
from web.live.mqtt import Bridge, start_mqtt

PAGE = Path(__file__).parents[2] / "docs" / "studio.md"
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
PATIENCE_S = 30.0

pytestmark = [
    pytest.mark.skipif(MOSQUITTO is None, reason="Mosquitto is not installed: sudo apt install mosquitto"),
    pytest.mark.xdist_group("studio"),
]


def blocks(language: str) -> list[str]:
    """The fenced code blocks of the page."""
    return re.findall(rf"```{language} title=.*?\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], words: str) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until_s, f"in vain: {words}"
        time.sleep(0.02)


class Broker:
    """Mosquitto with the page's own configuration, on loopback.  remembers: it keeps over a restart what was for whom."""

    def __init__(self, folder: Path, *, remembers: bool = False) -> None:
        self.port = free_port()
        passwords = folder / "passwd"
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "mats", "soft landing"], check=True, capture_output=True)
        (said,) = blocks("ini")
        said = said.replace("listener 1883", f"listener {self.port} 127.0.0.1").replace("/etc/mosquitto/passwd", str(passwords))
        self._config = folder / "studio.conf"
        # Started by root it would become the user mosquitto, who may not read the test's folder.
        said += "user root\n" if os.geteuid() == 0 else ""
        said += f"persistence true\npersistence_location {folder}/\n" if remembers else ""
        self._config.write_text(said)
        self._process: subprocess.Popen[bytes] | None = None

    def use_tls(self, certificate: Path, key: Path) -> int:
        """Listen with TLS as well; returns that port."""
        port = free_port()
        listener = f"listener {port} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n"
        self._config.write_text(self._config.read_text() + listener)
        return port

    def start(self) -> None:
        assert MOSQUITTO
        self._process = subprocess.Popen([MOSQUITTO, "-c", self._config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)


def own_authority(folder: Path) -> tuple[Path, Path, Path]:
    """CA certificate, server certificate and key for 127.0.0.1, good for a day."""
    now, day = datetime.now(UTC), timedelta(days=1)

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    base = x509.CertificateBuilder().issuer_name(named("studio CA")).not_valid_before(now - day).not_valid_after(now + day)
    ca = base.subject_name(named("studio CA")).public_key(ca_key.public_key()).serial_number(1)
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    server = base.subject_name(named("broker")).public_key(key.public_key()).serial_number(2)
    server = server.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    paths = folder / "ca.pem", folder / "broker.pem", folder / "broker.key"
    paths[0].write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    paths[1].write_bytes(server.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    paths[2].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


class Teacher:
    """Somebody who listens to the whole studio, and remembers the newest of every topic and all events."""

    def __init__(self, port: int) -> None:
        self.newest: dict[str, Any] = {}
        self._listener: Callable[[int], None] | None = None
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="teacher", clean_session=False)
        self._client.username_pw_set("mats", "soft landing")
        self._client.on_connect = lambda client, *_: client.subscribe([("backlift/#", 1), ("homeassistant/#", 1)])
        self._client.on_message = self._hear
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def _hear(self, client: Client, userdata: Any, message: Any) -> None:
        text = message.payload.decode()
        self.newest[message.topic] = json.loads(text) if text.startswith("{") else text
        if message.topic.endswith("/event") and self._listener:
            self._listener(self.newest[message.topic]["number"])

    def on_event(self, listener: Callable[[int], None]) -> None:
        self._listener = listener

    def forget(self) -> None:
        self.newest = {}

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class SimulatedStation:
    """A station of the page as a process of its own, and its bridge as the dashboard starts it."""

    def __init__(self, toml: str, folder: Path, port: int) -> None:
        folder.mkdir()
        password = folder / "password"
        password.write_text("soft landing\n")
        password.chmod(0o600)
        toml = toml.replace("/etc/backlift/mqtt-password", str(password)).replace('"studio.local"', f'"127.0.0.1"\nport = {port}')
        config_file = folder / "station.toml"
        config_file.write_text(toml)
        self.config = parse_config(toml)
        self.id = self.config.station.id
        self._command = [sys.executable, "-m", "station", "station", "--simulate", "--config", str(config_file)]
        self._command += ["--data", str(folder), "--runtime", str(folder)]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.bridge: Bridge | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.bridge = start_mqtt(self.config, self._folder / "station.sock")

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def close(self) -> None:
        if self.bridge:
            self.bridge.stop()
        self.kill()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[tuple[Broker, list[SimulatedStation], Teacher]]:
    broker = Broker(tmp_path)
    stations = [SimulatedStation(toml, tmp_path / f"mat{i}", broker.port) for i, toml in enumerate(blocks("toml"))]
    teacher = Teacher(broker.port)
    broker.start()
    try:
        for station in stations:
            station.start()
        yield broker, stations, teacher
    finally:
        for station in stations:
            station.close()
        teacher.close()
        broker.stop()


def test_three_mats_on_one_broker(studio: tuple[Broker, list[SimulatedStation], Teacher]):
    broker, stations, teacher = studio
    ids = [station.id for station in stations]
    assert ids == ["mat-1", "mat-2", "mat-3"]

    def all_say(name: str, check: Callable[[Any], bool]) -> bool:
        return all(check(teacher.newest.get(f"backlift/{id}/{name}")) for id in ids)

    wait_for(lambda: all_say("status", lambda status: status == "online"), "every mat is online")
    wait_for(lambda: all_say("state", lambda state: state and state["phase"] == "rest"), "every mat tells its state")
    wait_for(lambda: all_say("health", lambda health: health and health["rate_hz"] > 0), "every mat tells its health")
    names = {teacher.newest[f"homeassistant/device/backlift_{id}/config"]["device"]["name"] for id in ids}
    assert names == {"By the window", "In the middle", "By the door"}

    # A station that dies is seen, and only that one.
    stations[2].kill()
    wait_for(lambda: teacher.newest["backlift/mat-3/status"] == "offline", "a dead station shows as offline")
    assert teacher.newest["backlift/mat-1/status"] == "online"

    # The broker goes and comes back with nothing in its memory: it is told again where things stand.
    broker.stop()
    teacher.forget()
    broker.start()
    wait_for(
        lambda: [teacher.newest.get(f"backlift/{id}/status") for id in ids] == ["online", "online", "offline"],
        "all come back by themselves",
    )
    wait_for(lambda: "backlift/mat-1/state" in teacher.newest, "the state is told again")

    # A dashboard that is stopped says goodbye; one that dies leaves its last will (the broker's part).
    bridge = stations[0].bridge
    assert bridge
    bridge.stop()
    wait_for(lambda: teacher.newest["backlift/mat-1/status"] == "offline", "a goodbye is heard")
    assert threading.active_count() < 50


def test_what_happens_while_the_broker_is_away_arrives_once_and_in_order(tmp_path: Path):
    broker = Broker(tmp_path, remembers=True)
    link = IpcServer(tmp_path / "station.sock", lambda command, reply: None)
    password = tmp_path / "password"
    password.write_text("soft landing")
    password.chmod(0o600)
    section = f'[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {broker.port}\nusername = "mats"\npassword_file = "{password}"\n'
    bridge = start_mqtt(parse_config(section), tmp_path / "station.sock")
    assert bridge
    heard: list[int] = []
    teacher = Teacher(broker.port)
    teacher.on_event(heard.append)
    told = 0

    def tell(count: int) -> None:
        nonlocal told
        for _ in range(count):
            told += 1
            link.publish("event", {"session": 1, "event": {"type": "presence", "kind": "still", "t_s": 1.0, "number": told}})

    def state() -> None:
        health = {"rate_hz": 100.0, "saving": "ok", "notices": []}
        link.publish_state(
            {"t_s": 1.0, "presence": "still", "phase": "rest", "limb": None, "paused": False, "session": None, "health": health}
        )

    def all_heard() -> bool:
        state()
        return len(heard) >= told

    try:
        broker.start()
        link.start()
        wait_for(lambda: state() or teacher.newest.get("backlift/mat-1/status") == "online", "the station is online")
        tell(5)
        wait_for(all_heard, "events arrive")
        broker.stop()
        tell(100)
        broker.start()
        wait_for(all_heard, "what happened meanwhile arrives")
        assert sorted(set(heard)) == list(range(1, told + 1)), "nothing lost"
        first_time = list(dict.fromkeys(heard))
        assert first_time == sorted(first_time), "in order"
    finally:
        bridge.stop()
        teacher.close()
        link.close()
        broker.stop()


@pytest.mark.parametrize("trusted", [True, False])
def test_over_tls_a_station_talks_only_to_a_broker_it_trusts(tmp_path: Path, trusted: bool, caplog: pytest.LogCaptureFixture):
    ca, certificate, key = own_authority(tmp_path)
    broker = Broker(tmp_path)
    port = broker.use_tls(certificate, key)
    password = tmp_path / "password"
    password.write_text("soft landing")
    password.chmod(0o600)
    ca_line = f'ca_file = "{ca}"\n' if trusted else ""
    config = parse_config(
        f'[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {port}\ntls = true\n{ca_line}'
        f'username = "mats"\npassword_file = "{password}"\n'
    )
    broker.start()
    teacher = Teacher(broker.port)
    link = IpcServer(tmp_path / "station.sock", lambda command, reply: None)
    link.start()
    bridge = start_mqtt(config, tmp_path / "station.sock")
    assert bridge
    health = {"rate_hz": 100.0, "saving": "ok", "notices": []}
    state = {"t_s": 1.0, "presence": "still", "phase": "rest", "limb": None, "paused": False, "session": None, "health": health}

    def told() -> bool:
        link.publish_state(state)
        return "backlift/mat-1/state" in teacher.newest

    try:
        if trusted:
            wait_for(told, "the state arrives over TLS")
        else:
            wait_for(lambda: "certificate verify failed" in caplog.text, "the certificate is declined, and the log says so")
            assert not told()
    finally:
        bridge.stop()
        teacher.close()
        link.close()
        broker.stop()
