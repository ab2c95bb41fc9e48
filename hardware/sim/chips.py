"""ADS1115 chips as their registers behave (datasheet SBAS444), on a bus with the `busio.I2C` interface.

What is faked is the chip, not the driver above it: the Adafruit library and the real scanner run on top.  The traps are here on
purpose.  The conversion register keeps the previous result, of whatever channel, until the conversion is over; a start written
while converting is ignored; the oscillator is off by up to 10 %; a chip that browned out comes back with another gain and rate.

Time belongs to the clock that is given.  A call on the bus costs `call_s` before the first bit (system call, driver, interrupt) and
then 9 bits a byte; a write takes effect with its last bit, a read takes the register when the chip acknowledges its address.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from hardware.clock import Clock

Volts = Callable[[int, int, float], float]
"""volts(address, pin, t_s): what the divider node of that channel stands at; asked for nearly rising times."""

POWER_ON_CONFIG = 0x8583
FULL_SCALE_VOLTS = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)
RATES_HZ = (8, 16, 32, 64, 128, 250, 475, 860)
RATES_12_BIT_HZ = (128, 250, 490, 920, 1600, 2400, 3300, 3300)
WAKE_UP_S = 25e-6
STUCK_CALL_S = 1.0

_DIFFERENTIAL_PINS = ((0, 1), (0, 3), (1, 3), (2, 3))
_EIO, _EREMOTEIO, _ETIMEDOUT, _EOPNOTSUPP = 5, 121, 110, 95


class SimulatedClock:
    """A clock that stands still until somebody waits: exact, and as fast as the machine allows."""

    def __init__(self, t_s: float = 1000.0, wall_s: float = 1_700_000_000.0) -> None:
        self._t_s = t_s
        self._wall_offset_s = wall_s - t_s

    def monotonic_s(self) -> float:
        return self._t_s

    def wall_s(self) -> float:
        return self._t_s + self._wall_offset_s

    def sleep_until_s(self, t_s: float) -> None:
        self._t_s = max(self._t_s, t_s)

    def advance(self, duration_s: float) -> None:
        """Let time pass."""
        self._t_s += duration_s


class FakeADS1115:
    """One chip.  Registers, the state of the conversion, and what can go wrong with it.

    address: the one its ADDR pin is strapped to, which is what `volts` is asked for; swapping two chips on the bus is plugging
    this one's cable in where another's belongs.
    oscillator: its speed relative to the datasheet's typical, 0.9 to 1.1.
    present: False while it is unplugged or without power; does not answer then.
    never_ends: conversions begun while this is set never complete; a reset helps once it is cleared.
    bits: 16; 12 makes it an ADS1015, which is faster and leaves the last four bits zero.
    loses: share of starts that are acknowledged and not obeyed.  loses_mode: share of writes to the config register that lose the
    MODE bit, which leaves the chip converting one pin on and on.
    """

    def __init__(self, address: int, volts: Volts, oscillator: float = 1.0, bits: int = 16) -> None:
        self.address = address
        self.oscillator = oscillator
        self.bits = bits
        self.present = True
        self.never_ends = False
        self.loses = self.loses_mode = 0.0
        self._chance = random.Random(address)
        self._volts = volts
        self._power_on()

    def seed(self, seed: int) -> None:
        """Begin a sequence of chances of its own."""
        self._chance = random.Random(seed)

    def brown_out(self) -> None:
        """The supply dipped: every register is back at its default, a conversion under way is lost."""
        self._power_on()

    def unplug(self) -> None:
        self.present = False

    def plug_in(self) -> None:
        self.present = True
        self._power_on()

    def _power_on(self) -> None:
        self._registers = {0: 0x0000, 1: POWER_ON_CONFIG & 0x7FFF, 2: 0x8000, 3: 0x7FFF}
        self._pointer = 0
        self._done_s: float | None = None
        self._result = 0

    @property
    def pointer(self) -> int:
        return self._pointer

    @property
    def config(self) -> int:
        """The config register without its OS bit."""
        return self._registers[1]

    def conversion_s(self, config: int) -> float:
        """How long one conversion takes with this config."""
        rates_hz = RATES_HZ if self.bits == 16 else RATES_12_BIT_HZ
        return WAKE_UP_S + 1.0 / (rates_hz[config >> 5 & 7] * self.oscillator)

    def write(self, data: bytes, t_s: float) -> None:
        """The bytes after the address, complete at `t_s`."""
        self._settle(t_s)
        if not data:
            return
        self._pointer = data[0] & 3
        if len(data) < 3 or self._pointer == 0:
            return
        value = data[1] << 8 | data[2]
        if self._pointer != 1:
            self._registers[self._pointer] = value if self.bits == 16 else value & 0xFFF0 | (15 if self._pointer == 3 else 0)
            return
        if self._happens(self.loses):
            return
        if self._happens(self.loses_mode):
            value &= ~0x0100
        self._registers[1] = value & 0x7FFF
        start = bool(value & 0x8000) or not value & 0x0100
        if start and self._done_s is None:
            self._begin(t_s)

    def read(self, count: int, t_s: float) -> bytes:
        """`count` bytes of the register the pointer stands at, as it is at `t_s`; a bus without anybody driving it reads ones."""
        self._settle(t_s)
        value = self._registers[self._pointer]
        if self._pointer == 1 and self._done_s is None:
            value |= 0x8000
        return (value.to_bytes(2, "big") + b"\xff" * count)[:count]

    def _happens(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share

    def _begin(self, t_s: float) -> None:
        config = self._registers[1]
        takes_s = self.conversion_s(config)
        self._result = self._convert(config, t_s + WAKE_UP_S + (takes_s - WAKE_UP_S) / 2)
        self._done_s = float("inf") if self.never_ends else t_s + takes_s

    def _settle(self, t_s: float) -> None:
        """Let conversions that are over by `t_s` be over."""
        while self._done_s is not None and self._done_s <= t_s:
            self._registers[0] = self._result
            done_s, self._done_s = self._done_s, None
            config = self._registers[1]
            if not config & 0x0100:
                # Nobody can tell the results in between apart, so a long wait skips them.
                unseen = int((t_s - done_s) / self.conversion_s(config))
                self._begin(done_s + max(0, unseen - 1) * self.conversion_s(config))

    def _convert(self, config: int, t_s: float) -> int:
        """The result register, two's complement: the input in the middle of the conversion, clipped at full scale."""
        mux = config >> 12 & 7
        if mux & 4:
            volts = self._volts(self.address, mux & 3, t_s)
        else:
            plus, minus = _DIFFERENTIAL_PINS[mux]
            volts = self._volts(self.address, plus, t_s) - self._volts(self.address, minus, t_s)
        code = round(volts / FULL_SCALE_VOLTS[config >> 9 & 7] * 32768)
        # An ADS1015 converts to 12 bits, left-aligned.
        return max(-32768, min(32767, code)) & (0xFFFF if self.bits == 16 else 0xFFF0)


class FakeThermometer:
    """A TMP102 (or, `bits` 9, an LM75) where a board of the mat ought to be: registers by the same numbers, other contents.

    TMP102: datasheet SBOS397; its config holds the two resolution bits at 1, the last four are always 0.  LM75: an 8 bit config.
    """

    def __init__(self, address: int, celsius: float = 23.5, bits: int = 12) -> None:
        self.address = address
        self.present = True
        self._bits = bits
        self._pointer = 0
        temperature = int(celsius * 16) << 4
        self._registers = {0: temperature, 1: 0x60A0 if bits == 12 else 0x0000, 2: 0x4B00, 3: 0x5000}

    def write(self, data: bytes, t_s: float) -> None:
        """The bytes after the address."""
        if not data:
            return
        self._pointer = data[0] & 3
        if len(data) < 2 or self._pointer == 0:
            return
        value = data[1] << 8 | (data[2] if len(data) > 2 else 0)
        if self._pointer == 1:
            self._registers[1] = value & 0x9FC0 | 0x6020 if self._bits == 12 else (value >> 8 & 0x1F) * 0x0101
        else:
            self._registers[self._pointer] = value & (0xFFF0 if self._bits == 12 else 0xFF80)

    def read(self, count: int, t_s: float) -> bytes:
        """`count` bytes of the register the pointer stands at."""
        value = self._registers[self._pointer]
        if self._pointer == 0 and self._bits != 12:
            value &= 0xFF80
        return (value.to_bytes(2, "big") + b"\xff" * count)[:count]


class Chip(Protocol):
    """Whatever answers at an address."""

    address: int
    present: bool

    def write(self, data: bytes, t_s: float) -> None: ...

    def read(self, count: int, t_s: float) -> bytes: ...


class SimulatedBus:
    """An I2C bus with the interface of `busio.I2C`, and with one call more, `transfer`, for what /dev/i2c-* can do in one go.

    calls: how many transfers were asked for so far; the next one has this number.
    stuck: the controller cannot begin: every call blocks for a second and fails with ETIMEDOUT until this is False.
    sda_low: SDA is held low as the controller of a Pi 0-4 sees it: writes look acknowledged and are lost, reads give zeros.
    joined: further chips at an address that is taken; both obey, and what one drives low is low for both.
    corrupt_read: what becomes of the bytes of each read (see hardware.sim.switchable_faults).
    reads_last_only: the controller cannot read in the middle of a transfer (i2c-bcm2835).
    broken: raised by every call: the device is gone.
    Every method raises OSError as Linux would: EREMOTEIO (121) where nobody acknowledges, EIO (5) for a disturbed transfer.
    """

    def __init__(
        self,
        clock: Clock,
        chips: Mapping[int, Chip] | Iterable[Chip],
        clock_hz: float = 400_000,
        call_s: float = 80e-6,
    ) -> None:
        self.clock = clock
        self.chips: dict[int, Chip] = dict(chips) if isinstance(chips, Mapping) else {chip.address: chip for chip in chips}
        self.call_s = call_s
        self.calls = 0
        self.stuck = False
        self.sda_low = False
        self.joined: dict[int, list[Chip]] = {}
        self.corrupt_read: Callable[[bytes], bytes] | None = None
        self.reads_last_only = False
        self.broken: Exception | None = None
        self._bit_s = 1.0 / clock_hz
        self._now_s = clock.monotonic_s()
        self._locked = False
        self._disturbed_share = 0.0
        self._disturbances = random.Random(0)
        self._stalls: dict[int, tuple[float, bool]] = {}
        self._events: list[tuple[float, Callable[[], None]]] = []

    # Faults on command.

    def disturb(self, share: float, seed: int = 0) -> None:
        """From now on this share of the calls fails with EIO, half of them after the chip took the write."""
        self._disturbed_share = share
        self._disturbances = random.Random(seed)

    def stall(self, call: int, duration_s: float, after: bool = False) -> None:
        """Hold call number `call` up, before its first bit or after its last."""
        self._stalls[call] = (duration_s, after)

    def at(self, t_s: float, action: Callable[[], None]) -> None:
        """Do this as soon as a call finds the time past `t_s`."""
        self._events.append((t_s, action))
        self._events.sort(key=lambda event: event[0])

    def swap(self, one: int, other: int) -> None:
        """Exchange two chips' places on the bus."""
        self.chips[one], self.chips[other] = self.chips[other], self.chips[one]

    # The interface of busio.I2C.

    def try_lock(self) -> bool:
        if self._locked:
            return False
        self._locked = True
        return True

    def unlock(self) -> None:
        self._locked = False

    def scan(self) -> list[int]:
        """Addresses that answer."""
        found = []
        for address in range(0x08, 0x78):
            try:
                self.transfer(address, [b""])
            except OSError:
                continue
            found.append(address)
        return found

    def writeto(self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None) -> None:
        self.transfer(address, [bytes(buffer[start:end])])

    def readfrom_into(self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None) -> None:
        end = len(buffer) if end is None else end
        (data,) = self.transfer(address, [end - start])
        buffer[start:end] = data

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
    ) -> None:
        in_end = len(in_buffer) if in_end is None else in_end
        (data,) = self.transfer(address, [bytes(out_buffer[out_start:out_end]), in_end - in_start])
        in_buffer[in_start:in_end] = data

    def deinit(self) -> None:
        """Nothing is held."""

    # What a combined transfer of /dev/i2c-* does, and what everything above is made of.

    def transfer(self, address: int, segments: list[bytes | int]) -> list[bytes]:
        """One call: segments joined by repeated starts, each the bytes to write or a number of bytes to read."""
        if self.broken is not None:
            raise self.broken
        if self.reads_last_only and any(isinstance(segment, int) for segment in segments[:-1]):
            raise OSError(_EOPNOTSUPP, "Operation not supported")
        if not self._locked:
            raise RuntimeError("the bus must be locked before it is used, as busio wants it")
        stall_s, after = self._stalls.pop(self.calls, (0.0, False))
        self.calls += 1
        self._now_s = self.clock.monotonic_s() + self.call_s + (0.0 if after else stall_s)
        try:
            return self._transfer(address, segments)
        finally:
            # One wait a call: a real clock oversleeps a little each time.
            self.clock.sleep_until_s(self._now_s + (stall_s if after else 0.0))

    def _transfer(self, address: int, segments: list[bytes | int]) -> list[bytes]:
        if self.stuck:
            self._now_s += STUCK_CALL_S
            raise OSError(_ETIMEDOUT, "Connection timed out")
        disturbed = self._disturbances.random() < self._disturbed_share
        if disturbed and self._disturbances.random() < 0.5:
            self._now_s += 10 * self._bit_s
            raise OSError(_EIO, "Input/output error")
        answers = [data for data in (self._segment(address, segment) for segment in segments) if data is not None]
        self._now_s += self._bit_s
        if disturbed:
            raise OSError(_EIO, "Input/output error")
        return answers

    def _segment(self, address: int, segment: bytes | int) -> bytes | None:
        """One message on the wire: start, address, and the bytes."""
        self._now_s += 10 * self._bit_s
        while self._events and self._events[0][0] <= self._now_s:
            self._events.pop(0)[1]()
        listening = [chip for chip in (self.chips.get(address), *self.joined.get(address, ())) if chip is not None and chip.present]
        if self.sda_low:
            self._now_s += 9 * (len(segment) if isinstance(segment, bytes) else segment) * self._bit_s
            return None if isinstance(segment, bytes) else bytes(segment)
        if not listening:
            raise OSError(_EREMOTEIO, "Remote I/O error")
        if isinstance(segment, bytes):
            self._now_s += 9 * len(segment) * self._bit_s
            for chip in listening:
                chip.write(segment, self._now_s)
            return None
        data = b"\xff" * segment
        for chip in listening:
            data = bytes(one & other for one, other in zip(data, chip.read(segment, self._now_s), strict=True))
        self._now_s += 9 * segment * self._bit_s
        return data if self.corrupt_read is None else self.corrupt_read(data)
