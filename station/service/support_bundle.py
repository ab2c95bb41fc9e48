"""A bundle for whoever is asked for help: what the machine and the programs say, and nothing of anybody's body or home.

Everything in it is named here, so that what is added to health or config later does not slip in: no volts and loads, no names,
addresses, paths or passwords.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import zipfile
from pathlib import Path

import msgspec

from hardware.errors import BackliftError
from station.config import Config, load_config
from station.service.ipc import IpcClient, IpcError
from station.service.runtime import SOCKET_NAME, crashes

DISTRIBUTIONS = (
    "backlift-station",
    "numpy",
    "msgspec",
    "flask",
    "uvicorn",
    "gpiozero",
    "adafruit-circuitpython-ads1x15",
    "Adafruit-Blinka",
    "lgpio",
    "adafruit-lgpio",
    "gpiod",
)


class BundleError(BackliftError, OSError):
    """The bundle cannot be written."""


ZONE_FACTS = ("zone", "fault", "rate_hz", "last_good_s")
HEALTH_FACTS = ("rate_hz", "late_share", "saving", "late", "dropped", "queue_frames", "bus_errors", "frames_lost")
CONFIG_FACTS = (
    *("station.language", "sampling.driver", "sampling.bus", "sampling.rate_hz", "sampling.idle_rate_hz", "simulation.seed"),
    *("simulation.script", "pins.led", "pins.buzzer", "pins.button", "sound.speaker", "storage.commit_period_s"),
    *("storage.spare_card", "storage.spare_card_period_s", "storage.budget_mb", "dashboard.port", "dashboard.https"),
    *("mqtt.enabled", "mqtt.tls", "mqtt.discovery"),
)
"""Keys of station.toml whose values go along: technical, and the same in many homes.  Of others only whether they are set."""


def write_bundle(target: Path, config: Path | None, folder: Path, journal: str) -> Path:
    """Write the bundle.  folder: of the station's socket.  Raises BundleError; an existing file is not overwritten."""
    parts = {
        "versions.json": json.dumps(_versions(), indent=1),
        "health.json": json.dumps(_health(folder), indent=1),
        "config.json": json.dumps(_config_facts(config), indent=1),
        "logs.txt": journal,
    }
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in parts.items():
                bundle.writestr(name, text)
    except FileExistsError:
        raise BundleError(f"{target}: is there already; choose another name") from None
    except OSError as error:
        raise BundleError(f"{target}: cannot be written: {error.strerror or error}") from None
    return target


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    model = Path("/proc/device-tree/model")
    if model.exists():
        found["machine"] = model.read_text(encoding="utf-8", errors="replace").strip("\0\n")
    return found


def _health(folder: Path) -> dict[str, object]:
    note = crashes(folder)
    told: dict[str, object] = {"crashes_in_a_row": note.count, "last_words": note.words}
    try:
        told["station"] = health_facts(IpcClient(folder / SOCKET_NAME).command("health"))
    except IpcError as error:
        told["station"] = str(error)
    return told


def health_facts(health: object) -> dict[str, object]:
    """What of the station's health goes along."""
    if not isinstance(health, dict):
        return {}
    facts: dict[str, object] = {name: health.get(name) for name in HEALTH_FACTS}
    facts["notices"] = [notice.get("code") for notice in _dicts(health.get("notices"))]
    facts["zones"] = [{name: zone.get(name) for name in ZONE_FACTS} for zone in _dicts(health.get("zones"))]
    return facts


def _dicts(listed: object) -> list[dict[str, object]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list | tuple) else []


def _config_facts(path: Path | None) -> dict[str, object]:
    try:
        config, default = load_config(path), Config()
    except BackliftError as error:
        return {"error": str(error).replace(str(path), "station.toml")}
    facts: dict[str, object] = {}
    others = []
    for section in msgspec.structs.fields(Config):
        chosen, usual = getattr(config, section.name), getattr(default, section.name)
        for key in msgspec.structs.fields(chosen):
            name, value = f"{section.name}.{key.name}", getattr(chosen, key.name)
            if value != getattr(usual, key.name):
                if name in CONFIG_FACTS:
                    facts[name] = value
                else:
                    others.append(name)
    return {"changed": facts, "changed_but_not_shown": others}
