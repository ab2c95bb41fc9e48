"""What is found on the machine before anything is planned."""

from __future__ import annotations

import hashlib
import platform
import shutil
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from pathlib import Path

from station.install.boot_config import bus_settings
from station.install.steps import Runner

PYTHON = "/usr/bin/python3"
"""The system's own: one from a home folder could not be run by the service user."""

PREFIX = "/opt/backlift"
DATA = "/var/lib/backlift"
VERSIONS = f"{PREFIX}/versions"
BOOT_CONFIGS = ("/boot/firmware/config.txt", "/boot/config.txt")
DEVICE_GROUPS = {"i2c-dev": "i2c", "gpio": "gpio"}
"""Kernel subsystem -> the group that may open its devices."""
UDEV_FOLDERS = ("/etc/udev/rules.d", "/lib/udev/rules.d", "/usr/lib/udev/rules.d")


@dataclass(frozen=True, slots=True)
class Machine:
    """One look at a machine.

    python: version of the system's Python, None where it is not there or cannot make virtual environments.
    boot_config: path of config.txt, None where there is none (not a Raspberry Pi OS).  boot_text: what it says.
    device_rules: udev rules already give the bus to the group i2c and the pins to the group gpio.
    avahi: the announcer of `<hostname>.local` is there.
    station_id: for the first config, made from the machine's id.
    time_zone: in which the station's times are shown, as "Europe/Berlin".
    data_mb: size of the database.  index_closed: pip takes packages only from a folder that this machine's owner named.
    versions: numbers of the installed versions; current: the one in use.
    """

    python: tuple[int, ...] | None
    free_mb: int
    bits: int
    is_root: bool
    hostname: str
    addresses: tuple[str, ...]
    boot_config: str | None
    boot_text: str
    device_rules: bool
    avahi: bool
    versions: tuple[int, ...]
    current: int | None
    has_data: bool
    data_mb: int = 0
    index_closed: bool = False
    station_id: str = "mat-1"
    time_zone: str = "Etc/UTC"

    @property
    def bus_settings(self) -> dict[str, str]:
        return bus_settings(self.boot_text)


def _station_id(machine_id: Path) -> str:
    """An id of this machine, for the network; machine-id(5) itself should not be given away, so it is hashed."""
    try:
        text = machine_id.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    return f"mat-{hashlib.sha256(b'back-lift-station ' + text.encode()).hexdigest()[:6]}" if text else "mat-1"


def _time_zone(localtime: Path) -> str:
    """What the link points at below the zone files (localtime(5)); without it the zone is UTC."""
    target = str(localtime.readlink()) if localtime.is_symlink() else ""
    return target.partition("zoneinfo/")[2] or "Etc/UTC"


def _index_closed(pip_config: Path) -> bool:
    config = ConfigParser(interpolation=None, strict=False)
    try:
        config.read(pip_config, encoding="utf-8")
        return config.getboolean("global", "no-index", fallback=False)
    except (OSError, ValueError, ConfigParserError):
        return False


def look(root: Path, run: Runner, *, is_root: bool) -> Machine:
    """Look at the machine below `root`."""

    def at(path: str) -> Path:
        return root / path.lstrip("/")

    boot_config = next((path for path in BOOT_CONFIGS if at(path).exists()), None)
    rules = [rule for folder in UDEV_FOLDERS if at(folder).is_dir() for rule in at(folder).glob("*.rules")]
    lines = [line for rule in rules for line in rule.read_text(errors="replace").splitlines() if not line.lstrip().startswith("#")]
    # Debian's i2c-tools brings a rule for the bus and none for the pins: each has to be there.
    given = [any(f'"{what}"' in line and f'GROUP="{group}"' in line for line in lines) for what, group in DEVICE_GROUPS.items()]
    versions = [int(path.name) for path in at(VERSIONS).glob("*") if path.name.isdecimal()] if at(VERSIONS).is_dir() else []
    link = at(f"{PREFIX}/current")
    here = next(path for path in (at(PREFIX), *at(PREFIX).parents) if path.exists())
    code, said = run(("hostname", "-I"))
    python_code, python_said = run((PYTHON, "-I", "-c", "import sys, ensurepip, venv; print(*sys.version_info[:2])"))
    return Machine(
        python=tuple(map(int, python_said.split())) if python_code == 0 else None,
        free_mb=shutil.disk_usage(here).free // 1_000_000,
        bits=64 if platform.architecture()[0] == "64bit" else 32,
        is_root=is_root,
        hostname=platform.node().partition(".")[0] or "raspberrypi",
        addresses=tuple(word for word in said.split() if "." in word) if code == 0 else (),
        boot_config=boot_config,
        boot_text=at(boot_config).read_text(errors="replace") if boot_config else "",
        device_rules=all(given),
        avahi=at("/usr/sbin/avahi-daemon").exists(),
        versions=tuple(sorted(versions)),
        current=int(link.readlink().name) if link.is_symlink() and link.readlink().name.isdecimal() else None,
        station_id=_station_id(at("/etc/machine-id")),
        time_zone=_time_zone(at("/etc/localtime")),
        has_data=at(f"{DATA}/backlift.db").exists(),
        data_mb=sum(path.stat().st_size for path in at(DATA).glob("backlift.db*")) // 1_000_000,
        index_closed=_index_closed(at("/etc/pip.conf")),
    )
