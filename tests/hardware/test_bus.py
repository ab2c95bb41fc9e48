"""Finding, opening and reopening a bus on a machine made of folders; combined transfers against a kernel that reads our structs."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

import hardware.bus
from hardware.bus import I2CBusOpener, open_bus, open_number
from hardware.errors import BusError
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock


class Machine:
    """/dev and /sys/class/i2c-dev of a small machine."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dev, self.sys = root / "dev", root / "sys"
        self.dev.mkdir()
        self.sys.mkdir()
        self.opened: list[int] = []
        self.closed = 0
        monkeypatch.setattr(hardware.bus, "open_number", self._open)

    def add(self, number: int, name: str, clock_hz: int | None = None) -> None:
        (self.dev / f"i2c-{number}").touch()
        of_node = self.sys / f"i2c-{number}" / "device" / "of_node"
        of_node.mkdir(parents=True)
        (self.sys / f"i2c-{number}" / "name").write_text(name + "\n", encoding="utf-8")
        if clock_hz is not None:
            (of_node / "clock-frequency").write_bytes(clock_hz.to_bytes(4, "big"))

    def remove(self, number: int) -> None:
        (self.dev / f"i2c-{number}").unlink()
        (self.sys / f"i2c-{number}").rename(self.sys / f"gone-{number}-{len(self.opened)}")

    def door(self, path: str = "/dev/i2c-1") -> I2CBusOpener:
        return I2CBusOpener(path, dev=self.dev, sys=self.sys)

    def _open(self, number: int):
        machine = self
        self.opened.append(number)

        class Bus(SimulatedBus):
            def deinit(self) -> None:
                machine.closed += 1

        return Bus(SimulatedClock(), [])


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_a_machine_without_a_bus_is_told_how_to_switch_it_on(machine: Machine) -> None:
    with pytest.raises(BusError, match=r"no I2C bus .*raspi-config nonint do_i2c 0.*--simulate"):
        machine.door().open()


def test_this_very_machine_without_a_bus_is_told_the_same() -> None:
    if Path("/dev/i2c-1").exists():
        pytest.skip("this machine has a bus")
    with pytest.raises(BusError, match="no I2C bus /dev/i2c-1 on this machine"):
        open_bus("/dev/i2c-1")


def test_another_number_is_offered_where_there_is_one(machine: Machine) -> None:
    machine.add(13, "bcm2835 (i2c@7e804000)")
    with pytest.raises(BusError, match=r"there is .*/i2c-13: name it as \[sampling\] bus"):
        machine.door().open()


def test_a_user_without_rights_is_told_the_group(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.add(1, "bcm2835 (i2c@7e804000)")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(BusError, match="usermod -aG i2c"):
        machine.door().open()


def test_a_path_that_is_no_bus_is_refused(machine: Machine) -> None:
    with pytest.raises(BusError, match="not the name of an I2C bus"):
        machine.door("/dev/ttyUSB0").open()


@pytest.mark.parametrize("clock_hz", [100_000, 400_000, 1_000_000])
def test_the_clock_is_the_one_of_the_device_tree(machine: Machine, clock_hz: int) -> None:
    machine.add(1, "bcm2835 (i2c@7e804000)", clock_hz)
    assert machine.door().clock_hz == clock_hz


def test_nobody_says_the_clock_of_a_usb_adapter(machine: Machine) -> None:
    machine.add(1, "i2c-tiny-usb")
    assert machine.door().clock_hz is None


def test_opening_again_closes_first_and_finds_the_controller_under_its_new_number(machine: Machine) -> None:
    machine.add(1, "i2c-tiny-usb at bus 001")
    door = machine.door()
    door.open()
    machine.remove(1)
    machine.add(1, "bcm2835 (i2c@7e205000)")
    machine.add(11, "i2c-tiny-usb at bus 001")
    door.open()
    assert machine.opened == [1, 11]
    assert machine.closed == 1
    assert door.path.name == "i2c-11"


def test_a_controller_that_has_gone_is_an_error_and_it_may_come_back(machine: Machine) -> None:
    machine.add(1, "i2c-tiny-usb at bus 001")
    door = machine.door()
    door.open()
    machine.remove(1)
    with pytest.raises(BusError):
        door.open()
    machine.add(4, "i2c-tiny-usb at bus 001")
    door.open()
    assert machine.opened == [1, 4]


def test_an_adapter_whose_name_tells_its_plug_is_found_in_another_plug(machine: Machine) -> None:
    machine.add(1, "i2c-tiny-usb at bus 001 device 005")
    machine.add(2, "bcm2835 (i2c@7e205000)")
    door = machine.door()
    door.open()
    machine.remove(1)
    machine.add(7, "i2c-tiny-usb at bus 001 device 009")
    door.open()
    assert machine.opened == [1, 7]


def test_a_bus_that_was_not_there_before_is_taken_where_the_old_number_stays_empty(machine: Machine) -> None:
    machine.add(1, "a board's own bus")
    machine.add(2, "bcm2835 (i2c@7e205000)")
    door = machine.door()
    door.open()
    machine.remove(1)
    with pytest.raises(BusError):
        door.open()
    machine.add(5, "the same, by another driver")
    door.open()
    assert machine.opened == [1, 5]


def test_a_bus_object_that_raises_anything_when_it_is_closed_is_opened_anew(machine: Machine) -> None:
    machine.add(1, "bcm2835 (i2c@7e804000)")
    door = machine.door()

    def gone() -> None:
        raise AttributeError("'NoneType' object has no attribute 'close'")

    door.open().deinit = gone  # type: ignore[method-assign]
    door.open()
    assert machine.opened == [1, 1]


class Kernel:
    """ioctl(I2C_RDWR) on the simulated bus: reads the structures from memory, as the kernel would."""

    def __init__(self, bus: SimulatedBus) -> None:
        self.bus = bus

    def ioctl(self, file: int, request: int, messages) -> int:
        assert request == 0x0707
        head = ctypes.cast(ctypes.addressof(messages), ctypes.POINTER(ctypes.c_uint64))[0]
        count = messages.nmsgs

        class Message(ctypes.Structure):
            _fields_ = (("addr", ctypes.c_uint16), ("flags", ctypes.c_uint16), ("len", ctypes.c_uint16), ("buf", ctypes.c_uint64))

        table = ctypes.cast(head, ctypes.POINTER(Message * count)).contents
        segments = [m.len if m.flags & 1 else ctypes.string_at(m.buf, m.len) for m in table]
        answers = iter(self.bus.transfer(table[0].addr, segments))
        for m in table:
            if m.flags & 1:
                ctypes.memmove(m.buf, next(answers), m.len)
        return count


def test_a_combined_transfer_reaches_the_kernel_in_its_own_structures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import adafruit_extended_bus

    simulated = SimulatedBus(SimulatedClock(), [FakeADS1115(0x48, lambda address, pin, t_s: 1.0)])
    node = tmp_path / "i2c-7"
    node.touch()
    open_file = os.open
    monkeypatch.setattr(adafruit_extended_bus, "ExtendedI2C", lambda number, frequency: simulated)
    monkeypatch.setattr(os, "open", lambda path, flags, *rest: open_file(node if path == "/dev/i2c-7" else path, flags, *rest))
    monkeypatch.setattr(hardware.bus.fcntl, "ioctl", Kernel(simulated).ioctl)
    bus = open_number(7)
    assert bus.try_lock()
    assert bus.transfer(0x48, [b"\x01", 2, b"\x00", 2]) == [b"\x85\x83", b"\x00\x00"]
    bus.transfer(0x48, [b"\x01\xc3\xe3"])
    simulated.clock.advance(0.002)
    assert bus.transfer(0x48, [2, b"\x00", 2]) == [b"\xc3\xe3", (8000).to_bytes(2, "big")]
    with pytest.raises(OSError, match="Remote"):
        bus.transfer(0x49, [2])
    bus.unlock()
    bus.deinit()
    bus.deinit()
