"""Found and wished for -> steps.  Nothing here touches the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from station.install.boot_config import with_fast_bus
from station.install.steps import Folder, InstallError, Link, Remove, Run, Runner, Step, Write
from station.install.target_machine import DATA, PREFIX, PYTHON, VERSIONS, Machine
from station.install.wheel_source import WheelSource

FILES = Path(__file__).parents[2] / "systemd"
UNITS = ("backlift-station.service", "backlift-dashboard.service")
STICK_UNIT, STICK_RULES = "media-backlift.mount", "61-backlift-stick.rules"
"""A stick with the name BACKLIFT is mounted for backups and updates."""
UPDATE_PATH, UPDATE_UNIT = "backlift-update.path", "backlift-update.service"
"""What Setup asks for is installed by a service of root's, started by the file that asks."""
OWN_UNITS = (*UNITS, STICK_UNIT, UPDATE_PATH, UPDATE_UNIT)
CONFIG = "/etc/backlift/station.toml"
COMMAND = "/usr/local/bin/backlift"
NEEDED_MB = 700
"""An environment takes some 250 MB, what pip unpacks as much again for a while; the rest is for sessions."""
COPIES_OF_DATA = 3
"""An upgrade copies the data, and one that goes back writes them anew beside the present ones."""

SYNC = Run(("sync",), needed=False)
"""Everything is on the card before anybody is told that it is done: people pull the plug then."""
AS_SERVICE = ("runuser", "-u", "backlift", "--")

FIRST_CONFIG = f"""# Back Lift Station on this Pi.  After a change here:  sudo systemctl restart backlift-station backlift-dashboard
# Every key is explained in the documentation, page "Configuration".  Your own file: no upgrade ever changes it.

[station]
id = "{{id}}"                  # made from this machine's id, so that two stations on one MQTT broker differ
name = "Back Lift Station"

[mat]
file = "full-16"                # or the path of your own mat file

[storage]
directory = "{DATA}"
"""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """prepare: beside what runs.  give_up: if that fails.  switch: to the new one, done when it reports ready.  back: if it does
    not.  tidy: afterwards."""

    prepare: tuple[Step, ...]
    give_up: tuple[Step, ...]
    switch: tuple[Step, ...]
    back: tuple[Step, ...]
    tidy: tuple[Step, ...]


def install_steps(
    machine: Machine, source: WheelSource | None, *, fast_bus: bool, port: int = 8080, time_zone: str | None = None
) -> tuple[Step, ...]:
    """Everything a first installation does; on an installed machine it repairs what is missing and changes nothing else.

    source: what is installed; an installed machine needs none.  fast_bus: the user allows the boot config to be edited.
    time_zone: another one than the machine has.
    Raises InstallError.
    """
    _require(machine, NEEDED_MB)
    steps: list[Step] = [
        *_users(),
        Folder("/etc/backlift"),
        Write(CONFIG, FIRST_CONFIG.format(id=machine.station_id), 0o640, keep=True),
        Run(("chown", "root:backlift", CONFIG)),
        Folder(DATA, 0o750),
        Run(("chown", "backlift:backlift", DATA)),
    ]
    if machine.current is None:
        if source is None:
            raise InstallError(
                "say which wheel file to install: sudo backlift install --from ./backlift_station-VERSION-py3-none-any.whl"
            )
        number = _next(machine)
        steps += [*_environment(number, source), Link(f"{PREFIX}/current", f"versions/{number}")]
    steps.append(Write(COMMAND, _file("backlift.sh"), 0o755))
    if time_zone not in (None, machine.time_zone):
        steps.append(Run(("timedatectl", "set-timezone", str(time_zone))))
    bus = _bus(machine, fast_bus=fast_bus)
    steps += bus
    steps += service_steps(machine, port=port)
    steps.append(Run(("systemctl", "enable", *UNITS)))
    if not any(isinstance(step, Write) and step.path == machine.boot_config for step in bus):
        # A bus that was just switched on is there only after the next start of the Pi.
        steps.append(Run(("systemctl", "restart", *UNITS)))
    return (*steps, SYNC)


def service_steps(machine: Machine, *, port: int = 8080) -> tuple[Step, ...]:
    """Units and announcement as this version has them.  The new version does this itself when it is switched to."""
    steps: list[Step] = [*_users(), *_shared_with_dashboard(machine)]
    steps += [Write(f"/etc/systemd/system/{unit}", _file(unit)) for unit in OWN_UNITS]
    steps.append(Write(f"/etc/udev/rules.d/{STICK_RULES}", _file(STICK_RULES)))
    steps.append(Run(("udevadm", "control", "--reload"), needed=False))
    if machine.avahi:
        announced = re.sub(r"<port>\d+</port>", f"<port>{port}</port>", _file("backlift.avahi-service"))
        steps.append(Write("/etc/avahi/services/backlift.service", announced))
    steps.append(Run(("systemctl", "daemon-reload")))
    # Not --now: where an image is made no systemd runs, and that is refused.
    steps += [Run(("systemctl", "enable", UPDATE_PATH)), Run(("systemctl", "start", UPDATE_PATH))]
    return tuple(steps)


def upgrade_steps(machine: Machine, source: WheelSource) -> Upgrade:
    """A newer version beside the old one; the old one stays until the new one has shown that it runs.  Raises InstallError."""
    _require(machine, NEEDED_MB + COPIES_OF_DATA * machine.data_mb)
    if machine.current is None:
        raise InstallError("nothing is installed here yet; begin with: sudo backlift install")
    old, new = machine.current, _next(machine)
    saved = f"{DATA}/before-version-{new}.db"
    keep_data = (_as_service(old, "backup", saved),) if machine.has_data else ()
    give_back = (_as_service(old, "restore", "--yes", "--discard-present", saved),) if machine.has_data else ()
    # As the user whose folder it is: what root removes there could be swapped for a link to something else.
    forget_copy = Run((*AS_SERVICE, "rm", "-f", "--", saved), needed=False)
    return Upgrade(
        prepare=(*_environment(new, source), *keep_data, SYNC),
        give_up=(Remove(f"{VERSIONS}/{new}"), forget_copy),
        switch=(
            Link(f"{PREFIX}/current", f"versions/{new}"),
            Run((f"{VERSIONS}/{new}/bin/backlift", "install", "--services-only")),
            Run(("systemctl", "restart", *UNITS)),
            SYNC,
        ),
        back=(
            Run(("systemctl", "stop", *UNITS), needed=False),
            Link(f"{PREFIX}/current", f"versions/{old}"),
            # Before the services are set up, which shares the data with the dashboard: what `restore` writes is its owner's alone.
            *give_back,
            Run((f"{VERSIONS}/{old}/bin/backlift", "install", "--services-only"), needed=False),
            Run(("systemctl", "restart", *UNITS)),
            Remove(f"{VERSIONS}/{new}"),
            forget_copy,
        ),
        tidy=(
            *(Remove(f"{VERSIONS}/{number}") for number in machine.versions if number not in (old, new)),
            Run((*AS_SERVICE, "rm", "-f", "--", f"{DATA}/before-version-{old}.db"), needed=False),
        ),
    )


def uninstall_steps() -> tuple[Step, ...]:
    """Everything but the data, the config and the user whose files they are."""
    return (
        Run(("systemctl", "disable", "--now", *UNITS, UPDATE_PATH), needed=False),
        Run(("systemctl", "stop", STICK_UNIT), needed=False),
        *(Remove(f"/etc/systemd/system/{unit}") for unit in OWN_UNITS),
        # Not Remove: a stick that is still mounted there must not be emptied.
        Run(("rmdir", "--ignore-fail-on-non-empty", "/media/backlift"), needed=False),
        Remove(f"/etc/udev/rules.d/{STICK_RULES}"),
        Remove("/etc/avahi/services/backlift.service"),
        Remove("/etc/udev/rules.d/60-backlift.rules"),
        Remove("/etc/modules-load.d/backlift.conf"),
        Remove("/etc/sysusers.d/backlift.conf"),
        Remove(COMMAND),
        Remove(PREFIX),
        Remove("/var/lib/backlift-dashboard"),
        Run(("systemctl", "daemon-reload"), needed=False),
    )


def addresses(machine: Machine, port: int = 8080) -> tuple[str, ...]:
    """Where the pages are, the one by name first."""
    return tuple(f"http://{host}:{port}" for host in (f"{machine.hostname}.local", *machine.addresses))


def installed_version(number: int | None, run: Runner) -> str:
    """The version of the program in an installed environment; "?" where it cannot be told."""
    code = "from importlib.metadata import version; print(version('backlift-station'))"
    status, said = run((f"{VERSIONS}/{number}/bin/python", "-I", "-c", code))
    return said.strip() if status == 0 and said.strip() else "?"


def _require(machine: Machine, needed_mb: int) -> None:
    if not machine.is_root:
        raise InstallError("this changes the system and needs root; run it with sudo")
    if machine.python is None:
        raise InstallError("the system's Python cannot make virtual environments; run: sudo apt install python3-venv")
    if machine.python < (3, 11):
        found = ".".join(map(str, machine.python))
        raise InstallError(f"Python 3.11 or newer is needed and this is {found}; take Raspberry Pi OS bookworm or newer")
    if machine.bits != 64:
        raise InstallError("a 64-bit system is needed; write the card again with the 64-bit Raspberry Pi OS")
    if machine.free_mb < needed_mb:
        raise InstallError(f"{machine.free_mb} MB are free and {needed_mb} MB are needed; remove something or take a larger card")


def _environment(number: int, source: WheelSource) -> tuple[Step, ...]:
    """A virtual environment of its own."""
    home = f"{VERSIONS}/{number}"
    return Folder(VERSIONS), Remove(home), Run((PYTHON, "-I", "-m", "venv", home)), *source.steps(home)


def _bus(machine: Machine, *, fast_bus: bool) -> list[Step]:
    steps: list[Step] = [Write("/etc/modules-load.d/backlift.conf", "i2c-dev\n"), Run(("modprobe", "i2c-dev"), needed=False)]
    if not machine.device_rules:
        steps.append(Write("/etc/udev/rules.d/60-backlift.rules", _file("60-backlift.rules")))
        steps += [Run(("udevadm", "control", "--reload"), needed=False), Run(("udevadm", "trigger"), needed=False)]
    if fast_bus and machine.boot_config and (text := with_fast_bus(machine.boot_text)) != machine.boot_text:
        steps.append(Write(f"{machine.boot_config}.before-backlift", machine.boot_text, keep=True))
        steps.append(Write(machine.boot_config, text))
    return steps


def _as_service(number: int, *words: str) -> Run:
    """A command of an installed version, as the user whose data they are."""
    program = f"{VERSIONS}/{number}/bin/backlift"
    return Run((*AS_SERVICE, program, *words, "--config", CONFIG))


def _users() -> tuple[Step, ...]:
    return (
        Write("/etc/sysusers.d/backlift.conf", _file("backlift.sysusers")),
        Run(("systemd-sysusers", "/etc/sysusers.d/backlift.conf")),
    )


def _shared_with_dashboard(machine: Machine) -> tuple[Step, ...]:
    """Sessions of a version in which both services were one user: the group may read the database from now on.

    As the user whose folder it is, for the same reason as in `upgrade_steps`.
    """
    files = [f"{DATA}/backlift.db{suffix}" for suffix in ("", "-wal", "-shm")]
    if not machine.has_data:
        return ()
    return (
        Run((*AS_SERVICE, "chmod", "0750", DATA), needed=False),
        Run((*AS_SERVICE, "chmod", "0640", *files), needed=False),
    )


def _next(machine: Machine) -> int:
    return (machine.current or 0) + 1


def _file(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")
