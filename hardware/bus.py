"""The I2C bus: what the scanner needs of it, and how it is found, opened and opened again on a Linux machine.

Opened through `adafruit-extended-bus`, which takes /dev/i2c-N by its number and needs no board definition.  On top of it
`transfer` joins several reads and writes of one chip in one system call (I2C_RDWR of <linux/i2c-dev.h>).  The controller must be
able to read in the middle of a transfer: the Pi 5's is, that of earlier Pis (i2c-bcm2835) answers EOPNOTSUPP.
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

from hardware.errors import BusError

BUS_FAILURES = (OSError, ValueError, RuntimeError, IndexError, TypeError)
"""What a transfer raises.  OSError: the chip or the bus.  ValueError: the library found no chip, or the file is closed.
RuntimeError: the bus is gone.  IndexError, TypeError: Blinka got fewer bytes than it asked for."""

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
    found by the name it had when it was first opened.
    """

    def __init__(self, path: str = "/dev/i2c-1", *, dev: Path = DEV, sys: Path = SYS) -> None:
        self._node = Path(path).name
        self._dev = dev
        self._sys = sys
        self._controller: str | None = None
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
            with suppress(*BUS_FAILURES):
                self._bus.deinit()
            self._bus = None
        self._find_again()
        self._check_node()
        self._bus = open_number(int(self._node.removeprefix("i2c-")))
        self._controller = self._name(self._node)
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
        for entry in sorted(self._sys.glob("i2c-*")):
            if self._name(entry.name) == self._controller:
                self._node = entry.name

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
    except (ImportError, NotImplementedError) as error:
        raise BusError(
            f"the Pi's libraries are not installed ({error}): pip install 'backlift-station[pi]', or use --simulate"
        ) from None
    try:
        # Linux sets the clock in the device tree; asking for one here only earns a warning.
        return _LinuxBus(ExtendedI2C(number, frequency=None), number)
    except (OSError, ValueError, RuntimeError) as error:
        raise BusError(f"/dev/i2c-{number} cannot be opened ({error}): {WAY_OUT}") from None


def can_combine(bus: I2CBus, address: int) -> bool:
    """Whether this bus and the ADS1115 at `address` can be asked, read and started in one transfer."""
    transfer = getattr(bus, "transfer", None)
    if transfer is None or not bus.try_lock():
        return False
    try:
        # Config, then result, as in a scan: a read in the middle is what older controllers cannot do.
        transfer(address, [b"\x01", 2, b"\x00", 2])
    except OSError:
        return False
    finally:
        bus.unlock()
    return True


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
        self.try_lock = blinka.try_lock
        self.unlock = blinka.unlock
        self.scan = blinka.scan
        self.readfrom_into = blinka.readfrom_into
        self.writeto = blinka.writeto
        self.writeto_then_readfrom = blinka.writeto_then_readfrom

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
