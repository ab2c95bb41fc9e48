"""One ADS1115 on the bus: its registers, and calls that are timed and either answer or fail as one kind of error.

Of the Adafruit library the calls use what talks to one chip: `ADS1115` itself (probing, gain, rate, the comparator's threshold),
`get_last_result`, and its register access; `_write_register` and `_read_register` have kept their names and meaning through
versions 1 to 3.  A start that shows at once whether it was obeyed is one write with a read behind it, through the library's own
`i2c_device`.  `result_and_start` is one call more, for buses that join messages (hardware.bus.CombinedBus): next config, pointer,
result, with the only read at the end, which every controller can do.

Whatever a library raises is a failure of the bus: what was opened may be gone while it is used, and then anything is raised, also
AttributeError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from adafruit_ads1x15.ads1x15 import Mode
from adafruit_ads1x15.ads1115 import ADS1115

from hardware.bus import CombinedBus, I2CBus
from hardware.clock import Clock

GAIN = 1
RATES_HZ = (8, 16, 32, 64, 128, 250, 475, 860)
RATE_HZ = RATES_HZ[-1]
WAKE_UP_S = 25e-6
LONGEST_CONVERSION_S = 1 / (RATE_HZ * 0.9) + WAKE_UP_S
SHORTEST_CONVERSION_S = 1 / (RATE_HZ * 1.1) + WAKE_UP_S
"""Datasheet SBAS444: the oscillator is within 10 %, waking up takes about 25 us."""
BLOCKED_CALL_S = 0.3
JOINED_SHARE = 0.8
ATTEMPTS = 3
SLOW_CALL_S = 0.001
"""So much longer than the quickest of its kind: the machine was held up."""

CONVERSION, CONFIG, LOW_THRESHOLD = 0, 1, 2
READY = 0x8000
"""Written: start.  Read: not converting."""
SINGLE_SHOT = 0x0100
POWER_ON = 0x8583
MARK = 0x1B5D
"""Left in a register that is not used; gone after a reset.  The comparator is off."""

_SINGLE_ENDED = 0x4000
_PIN_SHIFT = 12
_GAIN_1, _GAIN_TWO_THIRDS = 0x0200, 0x0000
_FASTEST, _NO_COMPARATOR = 0x00E0, 0x0003
R = TypeVar("R")


def config_for(pin: int, other_gain: bool = False) -> int:
    """The config register, without its top bit, for one conversion of one pin at 860 samples/s, comparator off."""
    gain = _GAIN_TWO_THIRDS if other_gain else _GAIN_1
    return _SINGLE_ENDED | pin << _PIN_SHIFT | gain | SINGLE_SHOT | _FASTEST | _NO_COMPARATOR


def conversion_s(config: int) -> float:
    """How long a conversion with this config takes, typically; for what somebody else has started."""
    return WAKE_UP_S + 1 / RATES_HZ[config >> 5 & 7]


class CallFailedError(Exception):
    """A call on the bus failed."""


class ChipPort:
    """The calls to one chip.

    begun_s, took_s: of the newest call, also where it failed.  slower_by_s: than the quickest of its kind.
    blocked: it failed after blocking the bus for long.
    errors: failed calls since the start.  failures: failed calls since the newest believed number.
    slow_calls: how many were held up.
    """

    def __init__(self, address: int, clock: Clock, combined: bool) -> None:
        self.address = address
        self.begun_s = self.took_s = self.slower_by_s = 0.0
        self.errors = self.failures = self.slow_calls = 0
        self.blocked = False
        self.nobody = False
        self.last_error = "not looked for yet"
        self._clock = clock
        self._combined = combined
        self._joining: CombinedBus | None = None
        self._bus: I2CBus | None = None
        self._ads: ADS1115 | None = None
        self._quickest_s: dict[str, float] = {}
        self._kind = ""
        self._attempts = 1
        self._looks_at_once = True

    @property
    def can_join(self) -> bool:
        return self._joining is not None

    @property
    def ended_s(self) -> float:
        return self.begun_s + self.took_s

    @property
    def started_s(self) -> float:
        """When the newest call, a start of whatever kind, wrote the config register: what followed on the wire is taken off."""
        return self.ended_s - max(0.0, self._quickest_s[self._kind] - self._quickest_s.get("start", self.took_s))

    def open(self, bus: I2CBus) -> None:
        """Look for the chip and let the library set it up.  Raises CallFailedError; `nobody` says that no one answered."""
        self.blocked = self.nobody = False
        self._bus, self._joining = bus, None
        for attempts_left in reversed(range(ATTEMPTS)):
            begun_s = self._clock.monotonic_s()
            try:
                self._ads = ADS1115(bus, GAIN, RATE_HZ, Mode.SINGLE, comparator_low_threshold=MARK, address=self.address)
                return
            except Exception as error:
                # The library says ValueError when nobody is there; another error means that somebody is, on a disturbed bus.
                self.nobody = isinstance(error, ValueError)
                self.took_s = self._clock.monotonic_s() - begun_s
                if self.nobody or not attempts_left or self.took_s > BLOCKED_CALL_S:
                    self.fail(str(error) or type(error).__name__)
                self.errors += 1

    def find_out_how_to_join(self, idle_config: int, shortest_s: float) -> None:
        """Whether this bus takes a write, a pointer and a read in one call; asked anew of every chip that comes.

        On a slow bus nothing is won by it: there would be no time to read a result again before the next conversion ends.
        """
        transfer = getattr(self._bus, "transfer", None) if self._combined else None
        if transfer is None:
            return
        self._joining = cast(CombinedBus, self._bus)
        errors, failures = self.errors, self.failures
        try:
            self.read_result()
            alone_s = self.took_s
            self._call("joined", lambda: self._transfer(idle_config))
            if self.took_s + alone_s > JOINED_SHARE * shortest_s:
                self._joining = None
        except CallFailedError:
            self._joining = None
            self.errors, self.failures = errors, failures

    def fail(self, words: str) -> None:
        """Count a failure and raise it."""
        self.blocked = self.took_s > BLOCKED_CALL_S
        self.errors += 1
        self.failures += 1
        self.last_error = words
        raise CallFailedError(words)

    def start(self, config: int) -> None:
        """Write the config; with READY set that starts a conversion."""
        self._call("start", lambda: self._chip._write_register(CONFIG, config))

    def start_and_look(self, config: int) -> int:
        """Start a conversion and give back the config register as it is right after: without READY the start was obeyed."""
        if not self._looks_at_once:
            self.start(config)
            return self.read_config()
        return self._call("start and look", lambda: self._write_then_read(config))

    def look_apart(self) -> None:
        """From now on a start is looked at in a call of its own."""
        self._looks_at_once = False

    def read_config(self) -> int:
        return int(self._call("ask", lambda: self._chip._read_register(CONFIG)))

    def read_result(self) -> int:
        return _signed(self._call("read", lambda: int(self._chip.get_last_result())))

    def read_mark(self) -> int:
        return int(self._call("ask", lambda: self._chip._read_register(LOW_THRESHOLD)))

    def leave_mark(self) -> None:
        self._call("start", lambda: self._chip._write_register(LOW_THRESHOLD, MARK))

    def result_and_start(self, config: int) -> int:
        """Start the next conversion and read the result of the one before, in one call."""
        return self._call("joined", lambda: self._transfer(config))

    def _transfer(self, config: int) -> int:
        assert self._joining is not None, "asked for only where messages can be joined"
        while not self._joining.try_lock():
            pass
        try:
            (result,) = self._joining.transfer(self.address, [bytes((CONFIG, config >> 8, config & 0xFF)), bytes((CONVERSION,)), 2])
        finally:
            self._joining.unlock()
        return int.from_bytes(result, "big", signed=True)

    def _write_then_read(self, config: int) -> int:
        answer = bytearray(2)
        with self._chip.i2c_device as device:
            device.write_then_readinto(bytes((CONFIG, config >> 8, config & 0xFF)), answer)
        return int.from_bytes(answer, "big")

    @contextmanager
    def patience(self) -> Iterator[None]:
        """While a chip is found and set up, which takes some thirty calls, a failed one is made again."""
        self._attempts = ATTEMPTS
        try:
            yield
        finally:
            self._attempts = 1

    def _call(self, kind: str, function: Callable[[], R]) -> R:
        for attempts_left in reversed(range(self._attempts)):
            self.begun_s = self._clock.monotonic_s()
            try:
                answer = function()
                break
            except Exception as error:
                self.took_s = self._clock.monotonic_s() - self.begun_s
                if not attempts_left or self.took_s > BLOCKED_CALL_S:
                    self.fail(str(error) or type(error).__name__)
                self.errors += 1
        self.took_s = self._clock.monotonic_s() - self.begun_s
        self._kind = kind
        quickest_s = self._quickest_s[kind] = min(self.took_s, self._quickest_s.get(kind, self.took_s))
        self.slower_by_s = self.took_s - quickest_s
        self.slow_calls += self.slower_by_s > SLOW_CALL_S
        return answer

    @property
    def _chip(self) -> ADS1115:
        assert self._ads is not None, "a chip is opened before it is used"
        return self._ads


def _signed(raw: int) -> int:
    return raw - 0x10000 if raw & 0x8000 else raw
