"""A bundle for whoever is asked for help: what the machine and the programs say, and nothing of anybody's body."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import zipfile
from pathlib import Path

from hardware.errors import BackliftError
from station.config import load_config
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


def write_bundle(target: Path, config: Path | None, folder: Path, journal: str) -> Path:
    """Write the bundle.  folder: of the station's socket.  Raises BundleError; an existing file is not overwritten."""
    parts = {
        "versions.json": json.dumps(_versions(), indent=1),
        "health.json": json.dumps(_health(folder), indent=1),
        "config.txt": _config_text(config),
        "logs.txt": journal,
    }
    try:
        with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as bundle:
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
        told["station"] = IpcClient(folder / SOCKET_NAME).command("health")
    except IpcError as error:
        told["station"] = str(error)
    return told


def _config_text(config: Path | None) -> str:
    if config is None:
        return "no config file: defaults\n"
    try:
        load_config(config)
        return config.read_text(encoding="utf-8")
    except BackliftError as error:
        return f"{error}\n"
