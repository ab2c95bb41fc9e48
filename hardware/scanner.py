"""Reads every zone of a mat through up to four ADS1115 at close to the speed of the bus, and never a wrong number without a flag.

**Why not the library's own reading.**  `adafruit_ads1x15.AnalogIn` starts one conversion and polls until it is over, so the other
three chips sleep and 16 channels come 36 times a second; its continuous mode never selects the channel.  Here all chips convert at
once: start each, then collect each and start its next channel at once.  Of the library the scanner uses what talks to one chip:
`ADS1115` itself (probing, gain, rate, the comparator's threshold) and its register access.  `get_last_result` is public; writing a
config without waiting and reading it back are not offered in public, so `_write_register` and `_read_register` are used, which
have kept their names and meaning through versions 1 to 3.

**What a number must show before it is believed.**  The chip has no sample-and-hold and no ready flag beside the result: who reads
too early gets the previous channel's value, who starts too early is ignored.  Asking for the ready bit before each reading costs
a third of the rate, so it is asked only where nothing else proves the point:

1. *It changed.*  The result register changes only when a conversion ends.  A number that differs from the one read before it on
   this chip is therefore the new one, however fast or slow the oscillator.  The chip is then idle for certain, so the next start
   is obeyed.
2. *It had time.*  Two channels may stand at the same voltage.  Where that was so in the frame before, equality is believed after
   the longest conversion the datasheet allows; where it was not, the ready bit is asked and the number read once more.
3. *The chip is the one that was set up.*  After a brown-out the result register holds zero and the config its default.  A number
   that jumped, or fell to zero, is believed only after the config register has been compared, all 16 bits.  Beside that every
   chip's config is compared regularly, and twice a second a mark is looked for that the scanner leaves in the low threshold
   register (the comparator is off): it finds the brown-outs that fell between two conversions and cost nothing.  A frame with a
   zero in it, from a zone that gave zero before, is let go only after the mark has been seen.
4. *The time is known.*  A value belongs to the moment its conversion was started.  A start that took long may have happened
   anywhere in that time; its channel is missing.  What is not converted within `SPAN_S` of the start of the frame is missing too.

After any error the chip is left alone for a whole conversion, because a start written into a running one is ignored and the result
would be taken for another channel's.  A missing reading is `MISSING`; the last value is never held.

**How long to wait.**  The datasheet's worst case is 1.317 ms, but a typical chip needs 1.19.  Regular polls of the ready bit are
placed where they teach most, and narrow down how long this chip takes.  By rule 1 a wait that is too short cannot give a wrong
number, only a second look.

**Combined transfers.**  Through /dev/i2c-* one call may hold several reads and writes of one chip.  Then ready bit, config, result
and the next start go together: more bits on the wire, one system call instead of two, and every number with its own proof.

**Back to back.**  A caller who comes back at once wants the highest rate; then each chip begins the first channel of the next
frame as soon as it has given the last of this one.  A caller with a pace gets a fresh start each time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar, cast

import numpy as np
from adafruit_ads1x15.ads1x15 import Mode
from adafruit_ads1x15.ads1115 import ADS1115

from hardware.bus import BUS_FAILURES, CombinedBus, I2CBus
from hardware.clock import Clock
from hardware.errors import BusError
from hardware.frames import MISSING, Frame
from hardware.mat import Mat

ADDRESSES = range(0x48, 0x4C)
GAIN = 1
RATE_HZ = 860
LONGEST_CONVERSION_S = 1 / (RATE_HZ * 0.9) + 25e-6
"""Datasheet: the oscillator is within 10 %, waking up takes about 25 us."""
SHORTEST_WAIT_S = 0.0007
LEARNING_QUESTIONS = 24
LONGEST_STEP_S = 0.0004
MIDDLE_OF_CONVERSION_S = 25e-6 + 0.5 / RATE_HZ
SPAN_S = 0.025
"""A frame is one moment; a reading further than this from its start would be called by the wrong time."""
SLOW_CALL_S = 0.005
UNCERTAIN_START_S = 0.001
"""A start that took so much longer than the quickest of its kind: when did the conversion begin?"""
BLOCKED_CALL_S = 0.3
BACK_TO_BACK_S = 0.001
PROBE_EVERY_S = 0.2
PROBE_SHARE = 0.05
"""Looking for a chip that does not answer takes no more than this share of the time."""
ASK_EVERY_S = 0.25
LOOK_FOR_MARK_EVERY_S = 0.5
FAILURES_UNTIL_ABSENT = 8
JUMP_CODES = 64
"""8 mV between two frames: more than noise and slow movement, so the chip is asked whether it is still itself."""
NEAR_CODES = 8

_CONVERSION, _CONFIG, _LOW_THRESHOLD = 0, 1, 2
_READY = 0x8000
_SINGLE_ENDED = 0x4000
_PIN_SHIFT = 12
_GAIN_RATE_SINGLE_SHOT_NO_COMPARATOR = 0x0200 | 0x00E0 | 0x0100 | 0x0003
_MARK = 0x1B5D

R = TypeVar("R")

ChipState = Literal["working", "absent", "hung"]


@dataclass(frozen=True, slots=True)
class ChipStatus:
    """One chip as the scanner knows it.  Counts are since the start; `since_s` is when the state began."""

    address: int
    state: ChipState
    since_s: float
    errors: int
    resets: int
    hangs: int
    last_reset_s: float | None
    last_error: str


@dataclass(frozen=True, slots=True)
class ScannerStatus:
    """All chips, and the bus.

    stuck: the bus blocks; nothing is read until `recover` has helped.
    slow_calls: calls that took more than 5 ms, or starts that took 1 ms more than others, and whose reading was distrusted.
    second_looks: readings that were asked for twice before they were believed.
    """

    chips: tuple[ChipStatus, ...]
    stuck: bool
    recoveries: int
    slow_calls: int
    second_looks: int


class Scanner:
    """A mat on an I2C bus as a source of frames.

    bus: anything with the interface of `busio.I2C`; the scanner is its only user.
    reopen: gives a working bus after the old one got stuck or was unplugged; closes the old one first.  Raises OSError.
    combined: ask, read and start in one transfer; needs a bus with `transfer` (hardware.bus.CombinedBus).
    """

    def __init__(
        self,
        bus: I2CBus,
        mat: Mat,
        clock: Clock,
        *,
        reopen: Callable[[], I2CBus] | None = None,
        combined: bool = False,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._reopen = reopen
        self._zones = mat.zone_names
        kind = _CombinedChip if combined else _Chip
        self._chips: list[_Chip] = []
        for address in mat.chips:
            wired = sorted((zone.pin, column) for column, zone in enumerate(mat.zone) if zone.chip == address)
            self._chips.append(kind(address, wired, len(self._chips), clock))
        self._returned_s = float("-inf")
        self._stuck = False
        self._recoveries = 0

    @property
    def zones(self) -> tuple[str, ...]:
        return self._zones

    @property
    def status(self) -> ScannerStatus:
        return ScannerStatus(
            tuple(chip.status for chip in self._chips),
            self._stuck,
            self._recoveries,
            sum(chip.slow_calls for chip in self._chips),
            sum(chip.second_looks for chip in self._chips),
        )

    def read(self) -> Frame:
        """Scan every zone once.  Raises BusError when no chip can be read; the next call, or `recover`, may help."""
        if self._stuck:
            raise BusError("the mat's I2C bus is stuck; recovering. If it stays so, unplug the mat and plug it in again")
        for chip in self._chips:
            if chip.state != "working":
                self._look_for(chip)
        now_s = self._clock.monotonic_s()
        scan = _Scan(now_s, len(self._zones), now_s - self._returned_s < BACK_TO_BACK_S)
        for chip in self._chips:
            chip.begin_frame(scan)
        busy = [chip for chip in self._chips if chip.state == "working"]
        if not busy:
            self._returned_s = float("-inf")
            raise BusError(f"no sensor board answers on the I2C bus ({self._absentees()}): check the mat's plug")
        scan.begin_s = min([chip.started_s for chip in busy if chip.converting], default=now_s)
        while busy:
            chip = min(busy, key=lambda candidate: candidate.turn_s)
            self._clock.sleep_until_s(chip.due_s)
            if self._clock.monotonic_s() - scan.begin_s > SPAN_S:
                break
            chip.step(scan)
            if chip.blocked:
                self._stuck = True
                break
            if chip.finished:
                busy.remove(chip)
        for given_up in busy:
            given_up.abandon(scan)
        self._returned_s = self._clock.monotonic_s()
        return scan.frame()

    def recover(self) -> None:
        """Open the bus anew and look for every chip.  Raises BusError when none answers."""
        self._recoveries += 1
        if self._reopen is not None:
            try:
                self._bus = self._reopen()
            except OSError as error:
                raise BusError(f"the mat's I2C bus cannot be opened again: {error}") from None
        blocked = 0
        for chip in self._chips:
            chip.forget("the bus was opened again")
        for chip in self._chips:
            chip.open(self._bus)
            blocked += chip.blocked
            if blocked > 1:
                break
        if not any(chip.state == "working" for chip in self._chips):
            self._stuck = blocked > 0
            raise BusError("the mat's I2C bus stays silent: unplug the mat and plug it in again")
        self._stuck = False

    def strangers(self) -> tuple[int, ...]:
        """Addresses an ADS1115 can have that answer though the mat file does not name them: a wrong address strap?"""
        known = {chip.address for chip in self._chips}
        found = []
        if self._bus.try_lock():
            for address in ADDRESSES:
                with suppress(*BUS_FAILURES):
                    if address not in known:
                        self._bus.readfrom_into(address, bytearray(1))
                        found.append(address)
            self._bus.unlock()
        return tuple(found)

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.deinit()

    def _look_for(self, chip: _Chip) -> None:
        if self._clock.monotonic_s() >= chip.due_s:
            chip.open(self._bus)
            self._stuck = chip.blocked and not any(other.state == "working" for other in self._chips)

    def _absentees(self) -> str:
        return ", ".join(f"0x{chip.address:02x}" for chip in self._chips)


class _Scan:
    """The frame in the making."""

    def __init__(self, begin_s: float, zones: int, back_to_back: bool) -> None:
        self.begin_s = begin_s
        self.back_to_back = back_to_back
        self.codes = np.full(zones, MISSING, np.int16)
        self._middle_s = [0.0] * zones

    def put(self, column: int, code: int, started_s: float) -> None:
        self.codes[column] = code
        self._middle_s[column] = started_s + MIDDLE_OF_CONVERSION_S

    def blank(self, columns: list[int]) -> None:
        self.codes[columns] = MISSING

    def frame(self) -> Frame:
        t_us = round(self.begin_s * 1e6)
        skew_us = [round(middle_s * 1e6) - t_us if middle_s else 0 for middle_s in self._middle_s]
        return Frame(t_us, self.codes, np.array(skew_us, np.int32))


class _CallFailedError(Exception):
    """A call on the bus failed, or took so long that nobody knows when it happened."""


class _Pace:
    """How long one chip's conversions take, from the return of the start to the call that finds the result ready.

    >>> pace = _Pace()
    >>> pace.saw(0.0010, ready=False); pace.saw(0.0011, ready=True)
    >>> round(pace.wait_s * 1e6), round(pace.ask_after_s * 1e6), pace.learning
    (1100, 1050, True)
    """

    def __init__(self, quickest_s: dict[str, float] | None = None) -> None:
        self._not_yet_s = SHORTEST_WAIT_S
        self._ready_s = LONGEST_CONVERSION_S
        self._questions = LEARNING_QUESTIONS
        self.quickest_s = {} if quickest_s is None else quickest_s

    @property
    def learning(self) -> bool:
        return self._questions > 0 and self._ready_s - self._not_yet_s > 0.01 * self._ready_s

    @property
    def wait_s(self) -> float:
        """After this time the result is there, as far as anybody knows."""
        return self._ready_s

    @property
    def ask_after_s(self) -> float:
        """When asking is most useful."""
        return (self._not_yet_s + self._ready_s) / 2 if self.learning else self._ready_s

    def quick(self, call: str, took_s: float) -> bool:
        """This call was not held up, so what it shows is about the chip and not about the machine."""
        quickest_s = self.quickest_s[call] = min(took_s, self.quickest_s.get(call, took_s))
        return took_s <= 1.25 * quickest_s

    def saw(self, elapsed_s: float, ready: bool) -> None:
        """The chip was, or was not, ready for a call that began so long after its start."""
        self._questions -= 1
        if ready:
            self._ready_s = min(self._ready_s, elapsed_s)
        else:
            self._not_yet_s = max(self._not_yet_s, elapsed_s)
        if self._not_yet_s >= self._ready_s:
            # A restless oscillator: only the datasheet's worst case is safe.
            self._not_yet_s = self._ready_s = LONGEST_CONVERSION_S


class _Chip:
    """One ADS1115: what it is doing, what its result register holds, how long it takes, what went wrong with it.

    due_s: when the next step may be taken: collecting a conversion, starting one, or looking for an absent chip.
    blocked: its last call failed after blocking the bus for long.
    """

    def __init__(self, address: int, wired: list[tuple[int, int]], slot: int, clock: Clock) -> None:
        self.address = address
        self.state: ChipState = "absent"
        self.due_s = float("-inf")
        self.started_s = 0.0
        self.converting = False
        self.blocked = False
        self.slow_calls = 0
        self.second_looks = 0
        self._clock = clock
        self._columns = [column for _, column in wired]
        self._configs = [_SINGLE_ENDED | pin << _PIN_SHIFT | _GAIN_RATE_SINGLE_SHOT_NO_COMPARATOR for pin, _ in wired]
        self._ask_at = slot % len(wired)
        self._ads: ADS1115 | None = None
        self._pace = _Pace()
        self._next = 0
        self._last: list[int | None] = [None] * len(wired)
        self._register: int | None = None
        self._ask = self._near = self._marked = self._pointer_at_config = False
        self._on_time_only: list[int] = []
        self._zeros: list[int] = []
        self._asked_s = self._mark_seen_s = float("-inf")
        self._quick_start = False
        self._call_begun_s = self._call_took_s = 0.0
        self._since_s = clock.monotonic_s()
        self._errors = self._resets = self._hangs = self._failures = 0
        self._last_reset_s: float | None = None
        self._last_error = "not looked for yet"

    @property
    def status(self) -> ChipStatus:
        counts = (self._errors, self._resets, self._hangs)
        return ChipStatus(self.address, self.state, self._since_s, *counts, self._last_reset_s, self._last_error)

    @property
    def finished(self) -> bool:
        """Nothing more to do in this frame."""
        return self.state != "working" or self._next >= len(self._columns)

    @property
    def turn_s(self) -> float:
        """Who has the earliest turn gets the bus.  A question that teaches something is kept clear of the others' calls."""
        return self.due_s - LONGEST_STEP_S if self._ask and self._pace.learning else self.due_s

    # Coming and going.

    def open(self, bus: I2CBus) -> None:
        """Look for the chip and set it up; afterwards it is "working", or `due_s` says when to look again."""
        begun_s = self._clock.monotonic_s()
        self.blocked = False
        try:
            self._ads = ADS1115(bus, GAIN, RATE_HZ, Mode.SINGLE, comparator_low_threshold=_MARK, address=self.address)
            # Some chips of this family have no comparator; they are watched by their config alone.
            self._marked = self._read_mark() == _MARK or (self._leave_mark() == 0 and self._read_mark() == _MARK)
            ready = self._ads._read_register(_CONFIG) & _READY
        except BUS_FAILURES as error:
            took_s = self._clock.monotonic_s() - begun_s
            self.blocked = took_s > BLOCKED_CALL_S
            # The library says ValueError when nobody is there; another error means that somebody is, on a disturbed bus.
            pause_s = PROBE_EVERY_S if isinstance(error, ValueError) else 0.0
            self._set_aside("absent", str(error), max(pause_s, took_s / PROBE_SHARE))
        else:
            if ready:
                self._set_state("working")
                self._pace = _Pace(self._pace.quickest_s)
                self._failures = 0
                self._mark_seen_s = begun_s
                self._leave_alone()
            else:
                # Busy with what somebody else had told it before, or for ever: a start would be ignored.
                self._set_aside("hung", "a conversion does not end", PROBE_EVERY_S)

    def forget(self, why: str) -> None:
        """The bus under it is gone."""
        self._set_aside("absent", why, 0.0)

    def _set_aside(self, state: ChipState, why: str, pause_s: float) -> None:
        self._set_state(state)
        self._last_error = why
        self.converting = False
        self.due_s = self._clock.monotonic_s() + pause_s

    def _set_state(self, state: ChipState) -> None:
        if state != self.state:
            self.state = state
            self._since_s = self._clock.monotonic_s()

    def _leave_alone(self) -> None:
        """Nobody knows what the chip is doing: whatever it is will be over after one whole conversion."""
        self.converting = False
        self._register = None
        self.due_s = self._clock.monotonic_s() + LONGEST_CONVERSION_S

    # Within a frame.

    def begin_frame(self, scan: _Scan) -> None:
        if self.converting and not scan.back_to_back:
            self._leave_alone()
        self._next = 0
        self._on_time_only.clear()
        self._zeros.clear()
        if not self.converting and self.state == "working":
            self.due_s = max(self.due_s, scan.begin_s)

    def abandon(self, scan: _Scan) -> None:
        """Give the rest of the frame up."""
        self._next = len(self._columns)
        scan.blank(self._on_time_only + self._zeros)
        if self.converting:
            self._leave_alone()

    def step(self, scan: _Scan) -> None:
        """Do what is due."""
        try:
            if not self.converting:
                self._start(self._next)
            elif self._collect(scan):
                self._advance(scan)
        except _CallFailedError:
            scan.blank(self._on_time_only + self._zeros)
            self._leave_alone()
            if self._failures >= FAILURES_UNTIL_ABSENT:
                self._set_aside("absent", self._last_error, LONGEST_CONVERSION_S)
            else:
                self._skip()

    def _advance(self, scan: _Scan) -> None:
        """One channel is done, for better or worse; begin the next if the chip is known to be idle."""
        self.converting = False
        self._skip()
        if self.finished and self._zeros and not self._mark_is_there(now=True):
            self._start_over(scan)
        if self._register is None:
            return
        if not self.finished:
            self._start(self._next)
        elif scan.back_to_back:
            self._start(0)

    def _skip(self) -> None:
        self._next += 1

    def _start(self, position: int) -> None:
        self._call(self._write_config, _READY | self._configs[position])
        self._judge_start("start")
        self._started(position, self._call_begun_s + self._call_took_s)

    def _judge_start(self, call: str) -> None:
        usual_s = self._pace.quickest_s.get(call, 0.0)
        self._quick_start = self._pace.quick(call, self._call_took_s)
        if self._call_took_s > usual_s + UNCERTAIN_START_S:
            self.slow_calls += 1
            raise _CallFailedError

    def _started(self, position: int, started_s: float) -> None:
        self.started_s = started_s
        self.converting = True
        last = self._last[position]
        self._near = last is None or self._register is None or min(abs(last - self._register), abs(last)) <= NEAR_CODES
        self._ask = self._register is None or self._time_to_ask(position)
        wait_s = self._pace.ask_after_s if self._ask else LONGEST_CONVERSION_S if self._near else self._pace.wait_s
        self.due_s = self.started_s + wait_s

    def _time_to_ask(self, position: int) -> bool:
        if position == len(self._columns) - 1 and (self._on_time_only or self._near):
            # Nothing leaves in a frame on the strength of time alone: a chip that hangs gives the same number for ever.
            return True
        return position == self._ask_at and (self._pace.learning or self.started_s - self._asked_s > ASK_EVERY_S)

    def _collect(self, scan: _Scan) -> bool:
        """Take the result of the conversion under way if it can be believed.  False: not yet, `due_s` says when."""
        if not self._mark_is_there():
            self._start_over(scan)
            return True
        ready = False
        if self._ask:
            ready, itself = self._ask_chip()
            if not itself:
                self._start_over(scan)
                return True
            if not ready:
                return self._not_ready(scan)
        code = self._call(self._read_result)
        had_time = self._call_begun_s >= self.started_s + LONGEST_CONVERSION_S
        # After a brown-out the register holds zero, so a zero proves as little as the number before.
        if ready or code not in (self._register, 0):
            self._on_time_only.clear()
        elif self._near and had_time and self._register is not None:
            self._on_time_only.append(self._columns[self._next])
        else:
            self._ask = True
            self.second_looks += 1
            return False
        if self._is_surprising(code) and not self._ask_chip()[1]:
            self._start_over(scan)
            return True
        self._believe(code, scan)
        return True

    def _believe(self, code: int, scan: _Scan) -> None:
        self._register = self._last[self._next] = code
        self._failures = 0
        if code == 0 and self._marked:
            self._zeros.append(self._columns[self._next])
        scan.put(self._columns[self._next], code, self.started_s)

    def _is_surprising(self, code: int) -> bool:
        last = self._last[self._next]
        return last is None or abs(code - last) > JUMP_CODES or (code == 0 and (abs(last) > 1 or not self._marked))

    def _ask_chip(self) -> tuple[bool, bool]:
        """(ready, still set up as it was told to be)."""
        config = self._call(self._read_config)
        now_s = self._asked_s = self._call_begun_s
        ready = bool(config & _READY)
        if self._quick_start and self._pace.quick("ask", self._call_took_s):
            self._pace.saw(now_s - self.started_s, ready)
        return ready, config & ~_READY == self._configs[self._next]

    def _not_ready(self, scan: _Scan) -> bool:
        elapsed_s = self._call_begun_s - self.started_s
        if elapsed_s < LONGEST_CONVERSION_S:
            self.due_s = self.started_s + LONGEST_CONVERSION_S
            return False
        self._hangs += 1
        scan.blank(self._columns)
        self._set_aside("hung", "a conversion does not end", LONGEST_CONVERSION_S)
        return True

    def _mark_is_there(self, now: bool = False) -> bool:
        """Looked for now and then, or now."""
        if not self._marked or not (now or self.started_s - self._mark_seen_s > LOOK_FOR_MARK_EVERY_S):
            return True
        self._mark_seen_s = self.started_s
        return self._call(self._read_mark) == _MARK

    def _start_over(self, scan: _Scan) -> None:
        """The chip has been reset: nothing it gave in this frame counts, and the mark must be left anew."""
        self._resets += 1
        self._last_reset_s = self._clock.monotonic_s()
        self._last_error = "the chip has been reset"
        scan.blank(self._columns)
        self._leave_alone()
        if self._marked:
            self._call(self._leave_mark)

    # Calls on the bus.

    def _call(self, function: Callable[..., R], *arguments: int | None) -> R:
        """One transfer, timed.  Raises _CallFailedError."""
        self._call_begun_s = self._clock.monotonic_s()
        try:
            answer = function(*arguments)
        except BUS_FAILURES as error:
            self._call_took_s = self._clock.monotonic_s() - self._call_begun_s
            self.blocked = self._call_took_s > BLOCKED_CALL_S
            self._errors += 1
            self._failures += 1
            self._last_error = str(error)
            raise _CallFailedError from None
        self._call_took_s = self._clock.monotonic_s() - self._call_begun_s
        if self._call_took_s > SLOW_CALL_S:
            self.slow_calls += 1
            raise _CallFailedError
        return answer

    def _write_config(self, config: int) -> int:
        self._chip_on_bus._write_register(_CONFIG, config)
        self._pointer_at_config = True
        return 0

    def _read_config(self) -> int:
        fast, self._pointer_at_config = self._pointer_at_config, True
        return int(self._chip_on_bus._read_register(_CONFIG, fast))

    def _read_result(self) -> int:
        self._pointer_at_config = False
        raw = int(self._chip_on_bus.get_last_result())
        return raw - 0x10000 if raw & 0x8000 else raw

    def _read_mark(self) -> int:
        self._pointer_at_config = False
        return int(self._chip_on_bus._read_register(_LOW_THRESHOLD))

    def _leave_mark(self) -> int:
        self._pointer_at_config = False
        self._chip_on_bus._write_register(_LOW_THRESHOLD, _MARK)
        return 0

    @property
    def _chip_on_bus(self) -> ADS1115:
        assert self._ads is not None, "a chip is opened before it is used"
        return self._ads


class _CombinedChip(_Chip):
    """One ADS1115 that is asked, read and started again in a single transfer, so that every number comes with its own proof.

    Only after the transfer is it known whether the chip was ready.  If it was not, the start in the same transfer may or may not
    have been obeyed, and the chip is left alone like after an error.
    """

    _combined_bus: CombinedBus
    _started_already_s: float | None = None
    _segments = 0

    def open(self, bus: I2CBus) -> None:
        self._combined_bus = cast(CombinedBus, bus)
        super().open(bus)

    def _leave_alone(self) -> None:
        super()._leave_alone()
        self._started_already_s = None

    def _set_aside(self, state: ChipState, why: str, pause_s: float) -> None:
        super()._set_aside(state, why, pause_s)
        self._started_already_s = None

    def _start(self, position: int) -> None:
        if self._started_already_s is None:
            super()._start(position)
            return
        self._started(position, self._started_already_s)
        self._started_already_s = None
        # Whether it was ready is told by the next transfer itself; a question of its own is only for learning.
        self._ask = self._ask and self._pace.learning
        self.due_s = self.started_s + (self._pace.ask_after_s if self._ask else self._pace.wait_s)

    def _collect(self, scan: _Scan) -> bool:
        if not self._mark_is_there():
            self._start_over(scan)
            return True
        if self._ask and self._pace.learning and not self._ask_chip()[0]:
            return self._not_ready(scan)
        following = self._next + 1 if self._next + 1 < len(self._columns) else 0 if scan.back_to_back else None
        config, code = self._call(self._ask_read_and_start, following)
        self._judge_start(f"{self._segments} in one")
        self._asked_s = self._call_begun_s
        started_s = self._call_begun_s + self._call_took_s
        if config & ~_READY != self._configs[self._next]:
            self._start_over(scan)
            return True
        if not config & _READY:
            self._pace.saw(self._asked_s - self.started_s, False)
            self.second_looks += 1
            if self._asked_s >= self.started_s + LONGEST_CONVERSION_S:
                return self._not_ready(scan)
            self._leave_alone()
            return True
        if self._is_surprising(code) and self._marked and self._call(self._read_mark) != _MARK:
            self._start_over(scan)
            return True
        self._believe(code, scan)
        self._started_already_s = None if following is None else started_s
        return True

    def _ask_read_and_start(self, following: int | None) -> tuple[int, int]:
        """(config, result) as they were just before the next conversion was started."""
        segments: list[bytes | int] = [2, bytes([_CONVERSION]), 2]
        if not self._pointer_at_config:
            segments.insert(0, bytes([_CONFIG]))
        if following is not None:
            segments.append(bytes([_CONFIG]) + (_READY | self._configs[following]).to_bytes(2, "big"))
        self._pointer_at_config = following is not None
        self._segments = len(segments)
        while not self._combined_bus.try_lock():
            pass
        try:
            config, result = self._combined_bus.transfer(self.address, segments)
        finally:
            self._combined_bus.unlock()
        return int.from_bytes(config, "big"), int.from_bytes(result, "big", signed=True)
