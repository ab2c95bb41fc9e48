"""The I2C bus: what the scanner needs of it, and how it is found, opened and opened again on a Linux machine.

Opened through `adafruit-extended-bus`, which takes /dev/i2c-N by its number and needs no board definition.
"""

from __future__ import annotations

from typing import Protocol

BUS_FAILURES = (OSError, ValueError, RuntimeError, IndexError, TypeError)
"""What a transfer raises.  OSError: the chip or the bus.  ValueError: the library found no chip, or the file is closed.
RuntimeError: the bus is gone.  IndexError, TypeError: Blinka got fewer bytes than it asked for."""


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
