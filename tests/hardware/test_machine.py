"""What the check says about a machine, on machines made of folders."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from gpiozero import Device
from gpiozero.exc import BadPinFactory
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware.machine import look_at_machine, pin_finding
from hardware.sim.chips import SimulatedClock
from hardware.supply import undervoltage


class Pi:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = SimulatedClock(wall_s=1_790_000_000.0)
        self.groups = {"i2c", "gpio"}
        self.put("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
        self.put("dev/i2c-1", "")
        self.put("sys/class/i2c-dev/i2c-1/name", "Synopsys DesignWare I2C adapter\n")
        self.put("sys/class/i2c-dev/i2c-1/device/of_node/clock-frequency", (400_000).to_bytes(4, "big"))
        self.put("sys/devices/platform/soc/soc:firmware/get_throttled", "0\n")
        self.put("run/systemd/timesync/synchronized", "")

    def put(self, path: str, content: str | bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content if isinstance(content, bytes) else content.encode())

    def look(self) -> dict[str, list[str]]:
        findings = look_at_machine("/dev/i2c-1", self.root / "data", self.clock, root=self.root, groups=lambda: self.groups)
        return {grade: [f.words for f in findings if f.grade == grade] for grade in ("good", "note", "fault")}


@pytest.fixture
def pi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pi:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=12_000_000_000))
    return Pi(tmp_path)


def test_a_pi_that_is_well(pi: Pi) -> None:
    said = pi.look()
    assert said["note"] == said["fault"] == []
    assert said["good"][0] == "Raspberry Pi 5 Model B Rev 1.0"
    assert said["good"][1] == "/dev/i2c-1 runs at 400 kHz"


def test_i2c_switched_off(pi: Pi) -> None:
    (pi.root / "dev/i2c-1").unlink()
    assert "raspi-config nonint do_i2c 0" in pi.look()["fault"][0]


def test_a_slow_bus(pi: Pi) -> None:
    pi.put("sys/class/i2c-dev/i2c-1/device/of_node/clock-frequency", (100_000).to_bytes(4, "big"))
    assert "100 kHz, too slow for 16 zones: set dtparam=i2c_arm_baudrate=400000" in pi.look()["note"][0]


def test_missing_groups(pi: Pi) -> None:
    pi.groups = {"gpio"}
    (note,) = pi.look()["note"]
    assert "not in group i2c, which the mat may need: 'sudo usermod -aG i2c" in note


@pytest.mark.parametrize("throttled", ["1", "50005", "10000"])
def test_a_weak_supply(pi: Pi, throttled: str) -> None:
    pi.put("sys/devices/platform/soc/soc:firmware/get_throttled", throttled)
    assert "too weak" in pi.look()["fault"][0]


def test_a_supply_told_by_the_hardware_monitor(tmp_path: Path) -> None:
    pi = Pi(tmp_path)
    (pi.root / "sys/devices/platform/soc/soc:firmware/get_throttled").unlink()
    assert undervoltage(pi.root) is None
    pi.put("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    pi.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    assert undervoltage(pi.root) is False
    pi.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert undervoltage(pi.root) is True


@pytest.mark.parametrize(("free", "grade"), [(150_000_000, "fault"), (900_000_000, "note"), (5_000_000_000, "good")])
def test_room_for_recordings(pi: Pi, monkeypatch: pytest.MonkeyPatch, free: int, grade: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert any("free for recordings" in words for words in pi.look()[grade])


def test_a_clock_without_a_battery(pi: Pi) -> None:
    pi.clock = SimulatedClock(wall_s=0.0)
    assert "a day long past" in pi.look()["note"][0]
    pi.clock = SimulatedClock(wall_s=1_790_000_000.0)
    (pi.root / "run/systemd/timesync/synchronized").unlink()
    assert "time server" in pi.look()["note"][0]


def test_another_machine_is_only_a_note(pi: Pi) -> None:
    (pi.root / "proc/device-tree/model").unlink()
    assert pi.look()["note"] == ["this machine is not a Raspberry Pi"]


def test_pins_named_in_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pin_finding({"led": None, "buzzer": None, "button": None}) is None
    monkeypatch.setattr(Device, "pin_factory", MockFactory(pin_class=MockPWMPin))
    finding = pin_finding({"led": 17, "buzzer": None, "button": 22})
    assert finding is not None
    assert finding.grade == "good"
    monkeypatch.setattr(Device, "pin_factory", None)

    def none_here() -> None:
        raise BadPinFactory("Unable to load any default pin factory!")

    monkeypatch.setattr(Device, "ensure_pin_factory", staticmethod(none_here))
    finding = pin_finding({"led": 17, "buzzer": None, "button": 22})
    assert finding is not None
    assert finding.grade == "fault"
    assert finding.words.startswith("led on GPIO 17, button on GPIO 22 cannot be used: ")
