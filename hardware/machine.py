"""The machine under the mat: I2C on and fast, user allowed, supply good, room on the card, clock that knows the day?"""

from __future__ import annotations

import getpass
import grp
import shutil
from collections.abc import Callable
from pathlib import Path

from hardware.bus import WAY_OUT, I2CBusOpener
from hardware.check import Finding
from hardware.clock import Clock
from hardware.errors import OutputDeviceError
from hardware.supply import undervoltage
from hardware.wall_clock import clock_synchronised, is_believable

FAST_HZ = 400_000
GROUPS = {"i2c": "the mat", "gpio": "lamp, buzzer and button"}
LITTLE_ROOM_BYTES, NO_ROOM_BYTES = 1_000_000_000, 200_000_000


def look_at_machine(
    bus_path: str, data_dir: Path, clock: Clock, *, root: Path = Path("/"), groups: Callable[[], set[str]] | None = None
) -> list[Finding]:
    """What `backlift check` says about the machine.  root: where /dev, /sys, /proc and /run are."""
    return [
        _model(root),
        *_bus(bus_path, root),
        *_groups(groups or user_groups),
        _supply(root),
        _room(data_dir),
        _time(clock, root),
    ]


def user_groups() -> set[str]:
    """Names of the groups this user is in."""
    user = getpass.getuser()
    return {group.gr_name for group in grp.getgrall() if user in group.gr_mem} | ({"i2c", "gpio"} if user == "root" else set())


def pin_finding(pins: dict[str, int | None]) -> Finding | None:
    """Whether this machine has the pins the config names; None when it names none.  pins: device -> GPIO number."""
    fitted = {name: pin for name, pin in pins.items() if pin is not None}
    if not fitted:
        return None
    from hardware.outputs import GpioOutputs, pin_factory

    named = ", ".join(f"{name} on GPIO {pin}" for name, pin in fitted.items())
    try:
        factory = pin_factory()
    except OutputDeviceError as error:
        return Finding("fault", f"{named} cannot be used: {error}")
    outputs = GpioOutputs(pins.get("led"), pins.get("buzzer"), pins.get("button"), factory=factory)
    words = outputs.words
    outputs.close()
    if words:
        return Finding("fault", "; ".join(words))
    return Finding("good", f"{named}, through {type(factory).__name__}")


def _model(root: Path) -> Finding:
    try:
        model = (root / "proc/device-tree/model").read_text(encoding="utf-8").rstrip("\0\n")
    except OSError:
        return Finding("note", "this machine is not a Raspberry Pi")
    return Finding("good", model)


def _bus(path: str, root: Path) -> list[Finding]:
    door = I2CBusOpener(path, dev=root / "dev", sys=root / "sys/class/i2c-dev")
    if not door.path.exists():
        return [Finding("fault", f"no I2C bus {path}: {WAY_OUT}")]
    clock_hz = door.clock_hz
    if clock_hz is None:
        return [Finding("note", f"{path} is there; nobody says how fast it is")]
    if clock_hz < FAST_HZ:
        way = "set dtparam=i2c_arm_baudrate=400000 in /boot/firmware/config.txt and restart"
        return [Finding("note", f"{path} runs at {clock_hz / 1000:.0f} kHz, too slow for 16 zones: {way}")]
    return [Finding("good", f"{path} runs at {clock_hz / 1000:.0f} kHz")]


def _groups(groups: Callable[[], set[str]]) -> list[Finding]:
    mine, user = groups(), getpass.getuser()
    lacking = [group for group in GROUPS if group not in mine]
    return [
        Finding("note", f"{user} is not in group {group}, which {GROUPS[group]} may need: 'sudo usermod -aG {group} {user}'")
        for group in lacking
    ] or [Finding("good", f"{user} is in groups {' and '.join(GROUPS)}")]


def _supply(root: Path) -> Finding:
    weak = undervoltage(root, since_start=True)
    if weak is None:
        return Finding("note", "this machine cannot tell whether its supply is strong enough")
    if weak:
        return Finding("fault", "the supply is, or was, too weak: use the Pi's own power supply and a short cable")
    return Finding("good", "the supply has been strong enough")


def _room(data_dir: Path) -> Finding:
    there = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    free_bytes = shutil.disk_usage(there).free
    words = f"{free_bytes / 1e9:.1f} GB free for recordings in {data_dir}"
    if free_bytes < NO_ROOM_BYTES:
        return Finding("fault", f"only {words}: delete something, or move the data to a larger card")
    return Finding("note" if free_bytes < LITTLE_ROOM_BYTES else "good", words)


def _time(clock: Clock, root: Path) -> Finding:
    if not is_believable(clock.wall_s()):
        return Finding("note", "the clock shows a day long past; sessions get their date once the Pi hears from a time server")
    if not clock_synchronised(root):
        return Finding("note", "the clock has not heard from a time server since the start")
    return Finding("good", "the clock is set by a time server")
