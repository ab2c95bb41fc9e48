"""The files for a fleet (docs/fleet): broker, collector, table and dashboard take what the product publishes.

A real Mosquitto runs with the files' own configuration.  Telegraf, TimescaleDB and Grafana are not in Debian: their files are
compared with what is published.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_studio import MOSQUITTO, free_port, own_authority, wait_for
from told_lift import LIFT

from station.config import Mqtt, StationFacts
from web.live.broker_client import broker_client
from web.live.mqtt import Translator

DOCS = Path(__file__).parents[2] / "docs"
FLEET = DOCS / "fleet"
PAGE = (DOCS / "fleet.md").read_text(encoding="utf-8")


def published(station: str = "mat-1", **changes: Any) -> tuple[str, dict[str, Any]]:
    """Topic and body of a lift, as the product publishes it."""
    telling = Translator(Mqtt(), StationFacts(id=station), lambda: 1_700_000_100.0, lambda: 100.0)
    first = telling.of({"type": "event", "session": 7, "seq": 5, "event": LIFT | changes})[0]
    return first.topic, json.loads(first.payload)


def block(title: str) -> str:
    (found,) = re.findall(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', PAGE, re.S)
    return str(found)


def collector() -> dict[str, Any]:
    (found,) = tomllib.loads((FLEET / "telegraf.conf").read_text())["inputs"]["mqtt_consumer"]
    return dict(found)


def columns() -> set[str]:
    """Columns of the table."""
    (body,) = re.findall(r"CREATE TABLE lift \((.*?)\);", (FLEET / "schema.sql").read_text(), re.S)
    return {line.split()[0] for line in body.strip().splitlines()}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Port and authority of a Mosquitto with the configuration, the access list and two users of the page."""
    authority, certificate, key = own_authority(tmp_path)
    for name, source in (("ca.crt", authority), ("server.crt", certificate), ("server.key", key)):
        (tmp_path / name).write_bytes(source.read_bytes())
    (tmp_path / "acl").write_text(block("acl"))
    (tmp_path / "acl").chmod(0o600)
    for number, user in enumerate(re.findall(r"user (\S+)", block("acl"))):
        create = [] if number else ["-c"]
        subprocess.run(["mosquitto_passwd", "-b", *create, tmp_path / "passwords", user, user], check=True, capture_output=True)
    port = free_port()
    said = (FLEET / "mosquitto.conf").read_text().replace("listener 8883", f"listener {port} 127.0.0.1")
    said = said.replace("/mosquitto/secrets", str(tmp_path)).replace("/mosquitto/data", str(tmp_path))
    # Started by root it would become the user mosquitto, who may not read the test's folder.
    (tmp_path / "fleet.conf").write_text(said + ("user root\n" if os.geteuid() == 0 else ""))
    assert MOSQUITTO
    process = subprocess.Popen([MOSQUITTO, "-c", tmp_path / "fleet.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield port, authority
    process.terminate()
    process.wait(10)


@pytest.mark.skipif(MOSQUITTO is None, reason="Mosquitto is not installed: sudo apt install mosquitto")
def test_a_station_reaches_the_collector_and_no_other_stations_topic(broker: tuple[int, Path], tmp_path: Path) -> None:
    port, authority = broker
    heard: list[str] = []

    def connected(user: str) -> Any:
        password = tmp_path / f"password-{user}"
        password.write_text(user)
        password.chmod(0o600)
        client = broker_client(
            Mqtt(host="127.0.0.1", port=port, tls=True, ca_file=str(authority), username=user, password_file=str(password)), user
        )
        client.on_message = lambda _, __, message: heard.append(message.topic)
        ready: list[bool] = []
        client.on_connect = lambda *_: client.subscribe(collector()["topics"][0], 1) if user == "telegraf" else ready.append(True)
        client.on_subscribe = lambda *_: ready.append(True)
        client.reconnect_delay_set(1, 1)
        client.connect_async("127.0.0.1", port)
        client.loop_start()
        wait_for(lambda: ready, f"{user} is connected")
        return client

    reading, writing = connected("telegraf"), connected("mat-1")
    for station in ("mat-2", "mat-1"):
        topic, body = published(station)
        writing.publish(topic, json.dumps(body), qos=1)
    wait_for(lambda: heard, "the lift arrives")
    assert heard == ["backlift/mat-1/lift"]
    for client in (reading, writing):
        client.disconnect()
        client.loop_stop()


def test_the_collector_reads_what_is_published_into_the_columns_of_the_table() -> None:
    topic, body = published()
    asked = collector()
    (wanted,) = asked["topics"]
    assert re.fullmatch(wanted.replace("+", "[^/]+"), topic) and f"topic read {wanted}" in block("acl")
    parts = dict(zip(asked["topic_parsing"][0]["tags"].split("/"), topic.split("/"), strict=True))
    assert parts["station"] == "mat-1"
    (json_part,) = asked["json_v2"]
    tags, fields = ({one["path"] for one in json_part[what]} for what in ("tag", "field"))
    assert tags | fields <= body.keys()
    assert {"time", "station"} | tags | fields == columns()
    nothing_known = published(prepare_start=None, lift_off=None, touch_down=None, melt_end=None)[1]
    unknown = {name for name in tags | fields if nothing_known[name] is None}
    assert unknown <= {one["path"] for one in json_part["field"] if one.get("optional")}, "a time that is not known is left out"
    # Go's layout: the moment it is written with, in the same shape.
    shape = re.compile(r"\d")
    layout, said = json_part["timestamp_format"], body[json_part["timestamp_path"]]
    assert shape.sub("0", layout.replace("-07:00", "+07:00")) == shape.sub("0", said)
    assert datetime.fromisoformat(said).utcoffset() is not None


def test_the_dashboard_and_the_page_ask_for_columns_that_are_there() -> None:
    board = json.loads((FLEET / "grafana/melts.json").read_text())
    (source,) = yaml.safe_load((FLEET / "grafana/datasource.yml").read_text())["datasources"]
    asked = [target for panel in board["panels"] for target in panel["targets"]]
    assert {target["datasource"]["uid"] for target in asked} == {source["uid"]}
    queries = [target["rawSql"] for target in asked] + [one["query"] for one in board["templating"]["list"]]
    queries += re.findall(r"```sql\n(.*?)```", PAGE, re.S)
    known = columns() | {"lift", "lifts", "metric", "days", "day", "mat"}
    for query in queries:
        functions = set(re.findall(r"\b([a-z_]+)\(", query)) | {"station"}
        assert functions <= {"time_bucket", "percentile_cont", "count", "station"}
        words = set(re.findall(r"(?<![$\w])[a-z_]+\b", query)) - functions
        assert words <= known, query


def test_the_compose_file_brings_everything_its_programs_name() -> None:
    composed = yaml.safe_load((FLEET / "compose.yml").read_text())
    given = dict(line.split("=", 1) for line in block(".env").splitlines())
    for name, service in composed["services"].items():
        assert "latest" not in service["image"], f"{name}: a version that was meant"
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert source == "./secrets" or (FLEET / source).is_file(), f"{name}: {source}"
            else:
                assert source in composed["volumes"]
        assert set(service.get("secrets", ())) <= composed["secrets"].keys()
        assert set(re.findall(r"\$\{(\w+)\}", str(service))) <= given.keys()
    secrets = {f"/run/secrets/{name}" for name in composed["services"]["telegraf"]["secrets"]}
    assert collector()["tls_ca"] in secrets, "the collector trusts the broker's authority"
    broker = re.findall(r"/mosquitto/secrets/(\S+)", (FLEET / "mosquitto.conf").read_text())
    kept = [Path(secret["file"]).name for secret in composed["secrets"].values()]
    assert all(f"`{name}`" in PAGE for name in (*broker, *kept)), "every file is said to be put there"
