"""The I2C bus: what the scanner needs of it, and how it is found, opened and opened again on a Linux machine.

Opened through `adafruit-extended-bus`, which takes /dev/i2c-N by its number and needs no board definition.  On top of it
`transfer` joins several reads and writes of one chip in one system call (I2C_RDWR of <linux/i2c-dev.h>).  Every Pi's controller
can do that as long as a read comes last; i2c-bcm2835 (Pi 0 to 4) answers EOPNOTSUPP to a read in the middle.

Whatever a bus library raises is a failure of the bus.  OSError: the chip or the bus.  ValueError: no chip, or a closed file.
RuntimeError, AttributeError: the device is gone.  IndexError, TypeError: fewer bytes came than were asked for.
"""

from __future__ import annotations

import ctypes
import fcntl
import getpass
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from hardware.errors import BusError, pip_install

SYS = Path("/sys/class/i2c-dev")
DEV = Path("/dev")
WAY_OUT = "switch I2C on with 'sudo raspi-config nonint do_i2c 0' and restart, or try it without hardware: --simulate"

_I2C_RDWR = 0x0707
_I2C_M_RD = 0x0001


class I2CBus(Protocol):
    """The part of `busio.I2C` that is used."""

    def try_lock(self) -> bool: ...

    def unlock(self) -> None: ...

    def scan(self) -> list[int]: ...

    def readfrom_into(self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None) -> None: ...

    def writeto(self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None) -> None: ...

    def writeto_then_readfrom(
        self,
        address: int,
        out_buffer: bytes | bytearray,
        in_buffer: bytearray,
        *,
        out_start: int = 0,
        out_end: int | None = None,
        in_start: int = 0,
        in_end: int | None = None,
    ) -> None: ...

    def deinit(self) -> None: ...


class CombinedBus(I2CBus, Protocol):
    """A bus that joins reads and writes by repeated starts in one call."""

    def transfer(self, address: int, segments: list[bytes | int]) -> list[bytes]:
        """Each segment is the bytes to write or the number of bytes to read; what was read comes back in order."""
        ...


class I2CBusOpener:
    """The way to one I2C bus, for opening it again and again.

    path: /dev/i2c-N.  After an unplugged USB adapter or a changed device tree the same controller may have another number: it is
    found by the name it had when it was first opened, or, where its name tells the plug it is in (USB), by the rest of the name;
    where its own number stays empty, a bus that was not there before is it.
    """

    def __init__(self, path: str = "/dev/i2c-1", *, dev: Path = DEV, sys: Path = SYS) -> None:
        self._node = Path(path).name
        self._dev = dev
        self._sys = sys
        self._controller: str | None = None
        self._others: frozenset[str] = frozenset()
        self._bus: I2CBus | None = None

    @property
    def path(self) -> Path:
        return self._dev / self._node

    @property
    def clock_hz(self) -> int | None:
        """The bus's clock as the device tree sets it; None where nobody says (then the kernel's default holds, 100 kHz)."""
        for controller in ("device/of_node", "device/device/of_node"):
            with suppress(OSError):
                return int.from_bytes((self._sys / self._node / controller / "clock-frequency").read_bytes()[:4], "big")
        return None

    def open(self) -> I2CBus:
        """A fresh bus; the one opened before is closed.  Raises BusError with the way out."""
        if self._bus is not None:
            with suppress(Exception):
                self._bus.deinit()
            self._bus = None
        self._find_again()
        self._check_node()
        self._bus = open_number(int(self._node.removeprefix("i2c-")))
        self._controller = self._name(self._node)
        self._others = frozenset(self._nodes()) - {self._node}
        return self._bus

    def _check_node(self) -> None:
        if not re.fullmatch(r"i2c-\d+", self._node):
            raise BusError(f"'{self._node}' is not the name of an I2C bus; they are called /dev/i2c-1 and so on")
        if not self.path.exists():
            others = ", ".join(sorted(str(path) for path in self._dev.glob("i2c-*")))
            there = f"; there is {others}: name it as [sampling] bus in station.toml" if others else f": {WAY_OUT}"
            raise BusError(f"no I2C bus {self.path} on this machine{there}")
        if not os.access(self.path, os.R_OK | os.W_OK):
            user = getpass.getuser()
            raise BusError(f"{user} may not use {self.path}: 'sudo usermod -aG i2c {user}', then log in again")

    def _find_again(self) -> None:
        if self._controller is None or self._name(self._node) == self._controller:
            return
        names = {node: self._name(node) for node in self._nodes()}
        same = [node for node, name in names.items() if name == self._controller]
        alike = [node for node, name in names.items() if name is not None and _without_numbers(name) == self._kind]
        fresh = [node for node in names if node not in self._others]
        for found in (same, alike, [] if self._node in names else fresh):
            if found:
                self._node = found[0]
                return

    @property
    def _kind(self) -> str:
        return _without_numbers(self._controller or "")

    def _nodes(self) -> list[str]:
        """The buses of this machine by the names of their device nodes."""
        return sorted(entry.name for entry in self._sys.glob("i2c-*"))

    def _name(self, node: str) -> str | None:
        try:
            return (self._sys / node / "name").read_text(encoding="utf-8").strip()
        except OSError:
            return None


def open_bus(path: str = "/dev/i2c-1") -> I2CBus:
    """The bus at /dev/i2c-N.  Raises BusError with the way out."""
    return I2CBusOpener(path).open()


def open_number(number: int) -> I2CBus:
    """The bus /dev/i2c-`number`, able to combine transfers where the controller is.  Raises BusError."""
    try:
        from adafruit_extended_bus import ExtendedI2C
    except Exception as error:
        # Blinka finds out on which board it runs while it is imported, and raises what it likes where that fails.
        raise BusError(
            f"the Pi's libraries are not installed ({error}): {pip_install('adafruit-extended-bus')}, or use --simulate"
        ) from None
    try:
        # Linux sets the clock in the device tree; asking for one here only earns a warning.
        return _LinuxBus(ExtendedI2C(number, frequency=None), number)
    except BusError:
        raise
    except Exception as error:
        raise BusError(f"/dev/i2c-{number} cannot be opened ({error}): {WAY_OUT}") from None


def _without_numbers(name: str) -> str:
    return re.sub(r"\d+", "", name)


class _Message(ctypes.Structure):
    """struct i2c_msg."""

    _fields_ = (("addr", ctypes.c_uint16), ("flags", ctypes.c_uint16), ("len", ctypes.c_uint16), ("buf", ctypes.c_void_p))


class _Messages(ctypes.Structure):
    """struct i2c_rdwr_ioctl_data."""

    _fields_ = (("msgs", ctypes.c_void_p), ("nmsgs", ctypes.c_uint32))


class _LinuxBus:
    """Blinka's bus, and combined transfers on a file of their own."""

    def __init__(self, blinka: I2CBus, number: int) -> None:
        self._blinka = blinka
        self._file = os.open(f"/dev/i2c-{number}", os.O_RDWR | os.O_CLOEXEC)
        self._keep_for_ourselves(number)
        self.try_lock = blinka.try_lock
        self.unlock = blinka.unlock
        self.scan = blinka.scan
        self.readfrom_into = blinka.readfrom_into
        self.writeto = blinka.writeto
        self.writeto_then_readfrom = blinka.writeto_then_readfrom

    def _keep_for_ourselves(self, number: int) -> None:
        """Linux has no lock on a bus that binds other programs; this one binds those that ask, among them another station."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.deinit()
            raise BusError(f"another program reads the mat on /dev/i2c-{number}: is a second station or check running?") from None

    def transfer(self, address: int, segments: list[bytes | int]) -> list[bytes]:
        """See CombinedBus.  Raises OSError: ENXIO or EREMOTEIO where nobody answers, EOPNOTSUPP where the controller cannot."""
        buffers = [
            ctypes.create_string_buffer(part, len(part)) if isinstance(part, bytes) else bytearray(part) for part in segments
        ]
        holders = [
            (ctypes.c_char * len(buffer)).from_buffer(buffer) if isinstance(buffer, bytearray) else buffer for buffer in buffers
        ]
        messages = (_Message * len(segments))(
            *(
                _Message(address, 0 if isinstance(part, bytes) else _I2C_M_RD, ctypes.sizeof(holder), ctypes.addressof(holder))
                for part, holder in zip(segments, holders, strict=True)
            )
        )
        fcntl.ioctl(self._file, _I2C_RDWR, _Messages(ctypes.addressof(messages), len(segments)))
        return [bytes(buffer) for buffer in buffers if isinstance(buffer, bytearray)]

    def deinit(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._blinka.deinit()
