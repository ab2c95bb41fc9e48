"""A support bundle says what helps, and nothing of anybody's body or home."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from station.service import support_bundle
from station.service.support_bundle import BundleError, health_facts, write_bundle

SECRET = "q7secret7q"
CONFIG = f"""
[station]
id = "{SECRET}"
name = "{SECRET}"
[sampling]
rate_hz = 80
[storage]
directory = "/home/{SECRET}/data"
[mqtt]
enabled = true
host = "{SECRET}.example"
username = "{SECRET}"
password_file = "/home/{SECRET}/password"
prefix = "{SECRET}"
"""
HEALTH = {
    "rate_hz": 99.0,
    "saving": "ok",
    "notices": [{"code": "weak_supply", "params": {"who": SECRET}, "severity": "warning"}, SECRET],
    "zones": [{"zone": "foot_l", "rate_hz": 99.0, "volts": 1.234567, "noise_volts": 0.7654321, "fault": "open", "words": SECRET}],
    "something_new": SECRET,
}


class Station:
    def __init__(self, socket: Path) -> None: ...

    def command(self, name: str) -> object:
        return HEALTH


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(support_bundle, "IpcClient", Station)
    (tmp_path / "station.toml").write_text(CONFIG)
    target = write_bundle(tmp_path / "help.zip", tmp_path / "station.toml", tmp_path, "the log\n")
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_says_what_helps(bundle: dict[str, str]) -> None:
    assert '"sampling.rate_hz": 80' in bundle["config.json"] and '"mqtt.host"' in bundle["config.json"]
    assert '"weak_supply"' in bundle["health.json"] and '"fault": "open"' in bundle["health.json"]
    assert bundle["logs.txt"] == "the log\n"


def test_it_holds_no_volts_no_names_no_addresses_and_nothing_that_was_added_later(bundle: dict[str, str]) -> None:
    everything = "".join(bundle.values())
    assert SECRET not in everything and "volts" not in everything and "1.2345" not in everything and "0.7654" not in everything


def test_a_config_that_is_wrong_is_named_without_its_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support_bundle, "IpcClient", Station)
    (tmp_path / "station.toml").write_text(f'[mqtt]\nhost = "{SECRET}"\nport = "wrong"\n')
    target = write_bundle(tmp_path / "help.zip", tmp_path / "station.toml", tmp_path, "")
    with zipfile.ZipFile(target) as archive:
        text = archive.read("config.json").decode()
    assert "mqtt" in text and SECRET not in text and str(tmp_path) not in text


@pytest.mark.parametrize("kind", ["file", "link"])
def test_nothing_that_is_there_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(support_bundle, "IpcClient", Station)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    target = tmp_path / "help.zip"
    target.write_text("old") if kind == "file" else target.symlink_to(victim)
    with pytest.raises(BundleError):
        write_bundle(target, None, tmp_path, "")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("health", [None, 7, [], {}, {"zones": 7, "notices": {"a": 1}}, {"zones": [7]}])
def test_whatever_answers_on_the_socket_makes_a_bundle(health: object) -> None:
    assert isinstance(health_facts(health), dict)
