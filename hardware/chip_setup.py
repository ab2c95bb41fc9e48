"""A sensor board found, identified and set up; and what is known of it: its state, its counts, what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from hardware.ads1115 import (
    LONGEST_CONVERSION_S,
    MARK,
    POWER_ON,
    READY,
    SHORTEST_CONVERSION_S,
    SINGLE_SHOT,
    CallFailedError,
    ChipPort,
    config_for,
)
from hardware.bus import I2CBus
from hardware.clock import Clock
from hardware.pacing import Pace
from hardware.plausibility import LONG_AGO_S, Expectation, GainTest, TwelveBits

SHORTEST_WAIT_S = 0.0007
SLOWEST_CLONE_S = 0.0022
"""A clone's conversion may take so long; what takes longer hangs."""
FASTEST_16_BIT_S = 0.0009
LONGEST_STEP_S = 0.0004
UNCERTAIN_START_S = 0.001
"""A start that took so much longer than the quickest of its kind: when did the conversion begin?"""
KNOWN_WITHIN_S = 0.0015
HELD_UP_S = 0.0008
SEPARATE_CALLS_FOR_S = 0.1
PROBE_EVERY_S = 0.2
PROBE_SHARE = 0.05
"""Looking for a chip that does not answer takes no more than this share of the time."""
ASK_EVERY_S = 0.25
QUICK_QUESTIONS, LEARN_EVERY_S = 24, 0.05
"""The first questions about a chip's speed come one a frame; where they did not suffice, the others take less of the time."""
LOOK_FOR_MARK_EVERY_S = 0.5
TEST_EVERY_S, TEST_SOON_S = 0.5, 0.03
TEST_WITHIN_S = 0.004
PERHAPS_TWO_S = 1.0
"""For so long after another board vanished each frame tests whether it came to this address: one conversion more a frame."""
FAILURES_UNTIL_ABSENT = 8
MEASUREMENTS = 4
TRIES = 4
RETRY_UNTIL_S = 0.018
NEAR_CODES = 32
"""Two conversions of one pin, a millisecond apart, differ by less; more would be 30 V/s."""
EXPECTED_NEAR_CODES = 48
WARY_FOR_S = 10.0
"""After a lost start, a lost MODE bit, a stranger's config: every start is looked at."""
DISTURBED_FOR_S = 10.0
READS, READS_WHEN_DISTURBED = 3, 5
"""So many equal reads make a surprising register certain; more where the wire has corrupted some lately."""
RECONVERSIONS = 2

ChipState = Literal["working", "absent", "hung", "wrong", "conflict"]
ChipKind = Literal["ADS1115", "ADS1015", "slow ADS1115", "thermometer", "unknown"]


@dataclass(frozen=True, slots=True)
class ChipStatus:
    """One chip as the scanner knows it.  Counts are since the start; `since_s` is when the state began.

    state: "wrong" is not an ADC of this family; "conflict": two chips drive the wire at this address.
    kind: what it is; an ADS1015 and a slow clone are read all the same.
    lost_late: readings the machine cost (it was held up); lost_bus: readings the bus or the chip cost.
    foreign: times somebody else's settings were found in it; disturbed: reads that were corrupted on the wire.
    """

    address: int
    state: ChipState
    since_s: float
    errors: int
    resets: int
    hangs: int
    last_reset_s: float | None
    last_error: str
    kind: ChipKind = "ADS1115"
    lost_starts: int = 0
    disturbed: int = 0
    foreign: int = 0
    last_foreign_s: float | None = None
    lost_late: int = 0
    lost_bus: int = 0
    implausible: tuple[int, ...] = ()


class Scan(Protocol):
    """The frame in the making."""

    @property
    def begin_s(self) -> float: ...
    @property
    def back_to_back(self) -> bool: ...
    def put(self, column: int, code: int, middle_s: float) -> None: ...
    def blank(self, columns: list[int]) -> None: ...


class KnownChip:
    """due_s: when the next step may be taken: collecting a conversion, starting one, or looking for an absent chip.
    blocked: its last call failed after blocking the bus for long.  number_s: when it last gave a number that was believed."""

    def __init__(
        self, address: int, wired: list[tuple[int, int]], slot: int, clock: Clock, combined: bool, highest_code: int
    ) -> None:
        self.address = address
        self.due_s = self.number_s = float("-inf")
        self.started_s = 0.0
        self.converting = False
        self.port = ChipPort(address, clock, combined)
        self.second_looks = 0
        self._state: ChipState = "absent"
        self._kind: ChipKind = "ADS1115"
        self._clock = clock
        self._highest = highest_code
        self._columns = [column for _, column in wired]
        self._pins = [pin for pin, _ in wired]
        self._configs = [config_for(pin) for pin in self._pins]
        self._slot = slot
        self._ask_at = slot % len(wired)
        self._longest_s, self._shortest_s = LONGEST_CONVERSION_S, SHORTEST_CONVERSION_S
        self._pace = Pace(SHORTEST_WAIT_S, LONGEST_CONVERSION_S)
        self._expected = [Expectation() for _ in wired]
        self._last: list[int | None] = [None] * len(wired)
        self._twelve_bits = TwelveBits()
        self._gain_test = GainTest(len(self._columns))
        self._next = self._tries = self._reconversions = self._lost_in_a_row = self._questions = self._tests = 0
        self._busy_since_s: float | None = None
        self._register: int | None = None
        self._written: int | None = None
        self._started_configs: tuple[int, ...] = ()
        self._idle = self._verified = self._ask = self._marked = self._force_look = self._failed_here = self._renew = False
        self._doubted: int | None = None
        self._testing: int | None = None
        self._test_at = 0
        self._on_time_only: list[int] = []
        self._zeros: list[int] = []
        self._implausible: set[int] = set()
        self._still_s = float("inf")
        self._surely_s = self._asked_s = self._mark_seen_s = self._tested_s = self._believed_s = float("-inf")
        self._wary_until_s = self._disturbed_until_s = self._separate_until_s = self._held_up_s = self._perhaps_two_until_s = float(
            "-inf"
        )
        self._since_s = clock.monotonic_s()
        self._resets = self._hangs = self._lost_starts = self._foreign = self._disturbed = self._lost_late = self._lost_bus = 0
        self._last_reset_s: float | None = None
        self._last_foreign_s: float | None = None

    @property
    def state(self) -> ChipState:
        return "conflict" if self._state == "working" and self._gain_test.failed else self._state

    @property
    def status(self) -> ChipStatus:
        return ChipStatus(
            address=self.address,
            state=self.state,
            since_s=self._since_s,
            errors=self.port.errors,
            resets=self._resets,
            hangs=self._hangs,
            last_reset_s=self._last_reset_s,
            last_error=self.port.last_error,
            kind="ADS1015" if self._twelve_bits.certain else self._kind,
            lost_starts=self._lost_starts,
            disturbed=self._disturbed,
            foreign=self._foreign,
            last_foreign_s=self._last_foreign_s,
            lost_late=self._lost_late,
            lost_bus=self._lost_bus,
            implausible=tuple(sorted(self._implausible)),
        )

    @property
    def answers(self) -> bool:
        """It takes part in scans."""
        return self._state == "working" and not self._renew

    @property
    def finished(self) -> bool:
        """Nothing more to do in this frame."""
        return not self.answers or (self._next >= len(self._columns) and self._testing is None)

    def open(self, bus: I2CBus) -> None:
        """Look for the chip, find out what it is, and set it up; afterwards it is "working", or `due_s` says when to look again."""
        begun_s = self._clock.monotonic_s()
        self._renew = False
        try:
            self.port.open(bus)
            with self.port.patience():
                self._get_to_know()
        except CallFailedError:
            took_s = self._clock.monotonic_s() - begun_s
            pause_s = PROBE_EVERY_S if self.port.nobody else 0.0
            self._set_aside("absent", max(pause_s, took_s / PROBE_SHARE))

    def forget(self, why: str) -> None:
        """The bus under it is gone."""
        self.port.last_error = why
        self._set_aside("absent", 0.0)

    def doubt(self) -> None:
        """Another board vanished: it may have come to this address."""
        self._perhaps_two_until_s = self._clock.monotonic_s() + PERHAPS_TWO_S

    def _get_to_know(self) -> None:
        config = self._configs[0]
        if self._settled_config(config) != config:
            return
        self._marked = self.port.read_mark() == MARK
        if not self._marked:
            # A glitch, or a chip of this family without a comparator: that one is watched by its config alone.
            self.port.leave_mark()
            self._marked = self.port.read_mark() == MARK
        if self.port.start_and_look(READY | config) & READY and not self.port.read_config() & READY:
            self.port.look_apart()
        not_yet_s, took_s = 0.0, SLOWEST_CLONE_S
        for _ in range(MEASUREMENTS):
            not_yet_s, took_s = self._measure(config, not_yet_s, took_s)
            if took_s >= SLOWEST_CLONE_S:
                self.port.last_error = "a conversion does not end"
                self._set_aside("hung", PROBE_EVERY_S)
                return
        self._kind, self._longest_s, self._shortest_s = "ADS1115", LONGEST_CONVERSION_S, SHORTEST_CONVERSION_S
        if took_s + self.port.took_s < FASTEST_16_BIT_S:
            self._kind, self._shortest_s = "ADS1015", 0.8 * not_yet_s
        elif not_yet_s > LONGEST_CONVERSION_S:
            self._kind, self._longest_s = "slow ADS1115", 1.1 * (took_s + self.port.took_s)
        self._pace = Pace(min(SHORTEST_WAIT_S, not_yet_s), self._longest_s)
        self._pace.saw(not_yet_s, False)
        self._pace.saw(took_s, True)
        self.port.find_out_how_to_join(config, self._shortest_s)
        self.port.failures = 0
        self._state, self._since_s = "working", self._clock.monotonic_s()
        self._mark_seen_s = self._since_s
        self._twelve_bits, self._gain_test = TwelveBits(), GainTest(len(self._columns))
        self._tested_s = self._since_s - self._slot * TEST_EVERY_S / 4
        self._leave_alone()

    def _measure(self, config: int, not_yet_s: float, took_s: float) -> tuple[float, float]:
        """One conversion, to narrow down how long it takes: not over after the first time, over after the second."""
        until_s = self._clock.monotonic_s() + SLOWEST_CLONE_S
        while not self.port.read_config() & READY and self.port.ended_s < until_s:
            pass
        self.port.start_and_look(READY | config)
        self.started_s = self.port.started_s
        ready = False
        while not ready and self._clock.monotonic_s() - self.started_s < SLOWEST_CLONE_S:
            if took_s < SLOWEST_CLONE_S:
                self._clock.sleep_until_s(self.started_s + (not_yet_s + took_s) / 2)
            ready = bool(self.port.read_config() & READY)
            elapsed_s = self.port.begun_s - self.started_s
            if ready:
                took_s = min(took_s, elapsed_s)
            else:
                not_yet_s = max(not_yet_s, elapsed_s)
        return min(not_yet_s, took_s), took_s

    def _settled_config(self, config: int) -> int | None:
        """The config register after it was written without a start; another where this is no such chip."""
        for _ in range(2):
            self.port.start(config)
            seen = self.port.read_config()
            if seen & ~READY == config and seen & READY:
                return config
        # Other chips may have a zero in that place; a line that is held gives it everywhere.
        if seen in (0x0000, 0xFFFF) and self.port.read_mark() in (0x0000, 0xFFFF, MARK):
            self.port.fail(f"the line gives only {'ones' if seen else 'zeros'}")
        if seen & ~READY == config:
            # Busy with what somebody else had told it before, or for ever: a start would be ignored.
            self.port.last_error = "a conversion does not end"
            self._set_aside("hung", PROBE_EVERY_S)
        else:
            thermometer = self.port.read_mark() in (MARK & 0xFFF0, MARK & 0xFF80)
            self._kind = "thermometer" if thermometer else "unknown"
            # Its registers hold what they like; that is nobody else's program.
            self._last_foreign_s = None
            self.port.last_error = "this is no ADS1115"
            self._set_aside("wrong", PROBE_EVERY_S)
        return None

    def _set_aside(self, state: ChipState, pause_s: float) -> None:
        if state != self._state:
            self._state, self._since_s = state, self._clock.monotonic_s()
        self.converting, self._testing = False, None
        self._register = self._written = None
        self.due_s = self._clock.monotonic_s() + pause_s

    def _leave_alone(self) -> None:
        """Nobody knows what the chip is doing: whatever it is will be over after one whole conversion."""
        self.converting = self._idle = False
        self._register = self._written = None
        self.due_s = self._clock.monotonic_s() + self._longest_s

    @property
    def blocked(self) -> bool:
        return self.port.blocked

    def held_up(self) -> None:
        """The machine kept the bus or the scanner waiting: what is lost now, and soon after, is not lost by a cable."""
        self._held_up_s = self._clock.monotonic_s()

    def _lose(self, readings: int) -> None:
        if self.port.slower_by_s > HELD_UP_S:
            self.held_up()
        # For so long after it the time since the reading before makes ordinary numbers surprising.
        if self._clock.monotonic_s() - self._held_up_s < LONG_AGO_S and not self._failed_here:
            self._lost_late += readings
        else:
            self._lost_bus += readings

    def _try_again(self, scan: Scan) -> None:
        """This channel once more, or, when there is no time left, not in this frame."""
        self._tries += 1
        self._force_look = True
        if self._testing is not None:
            self._testing = None
        elif self._tries >= TRIES or self._clock.monotonic_s() - scan.begin_s > RETRY_UNTIL_S:
            self._lose(1)
            self._advance()

    def _advance(self) -> None:
        self._next += 1
        self._tries = 0
        self._force_look = False
        self._doubted = None

    @property
    def _wary(self) -> bool:
        return self.started_s < self._wary_until_s

    def _confirmed_config(self, expected: int | None) -> int:
        """The config register; where it is not what it should be, what several reads agree on."""
        return self._confirmed(self.port.read_config, lambda seen: expected is None or seen & ~READY == expected)

    def _confirmed(self, read: Callable[[], int], is_right: Callable[[int], bool]) -> int:
        reads = [read()]
        needed = READS_WHEN_DISTURBED if self._clock.monotonic_s() < self._disturbed_until_s else READS
        while not is_right(reads[-1]) and reads.count(reads[-1]) < needed:
            reads.append(read())
            if reads[-1] != reads[-2]:
                self._was_disturbed()
            if len(reads) > 2 * READS_WHEN_DISTURBED:
                self.port.fail("what is read changes from one read to the next")
        return reads[-1]

    def _hangs_now(self, scan: Scan) -> None:
        self._hangs += 1
        scan.blank(self._columns)
        self._lose(len(self._columns))
        self.port.last_error = "a conversion does not end"
        self._set_aside("hung", LONGEST_CONVERSION_S)

    def _is_another(self, seen: int, expected: int, scan: Scan) -> None:
        """The config register is not as it was written: a reset, a lost bit, somebody else, or a line that is held."""
        if seen in (0x0000, 0xFFFF):
            self.port.fail(f"the line gives only {'ones' if seen else 'zeros'}")
        if seen & ~READY == POWER_ON & ~READY:
            self._start_over(scan)
            return
        if not self._is_ours(seen, expected):
            self._is_foreign(self._clock.monotonic_s())
        elif seen & SINGLE_SHOT:
            # It does what it was told before.
            self._lost_starts += 1
        self._become_wary()
        self.port.start(expected)
        self._leave_alone()
        self._try_again(scan)

    def _is_ours(self, seen: int, *expected: int) -> bool:
        """Whether a start or its MODE bit that was lost explains this config; else somebody else wrote it."""
        return (seen | SINGLE_SHOT) & ~READY in (*expected, *self._started_configs)

    def _start_over(self, scan: Scan) -> None:
        """The chip has been reset: nothing it gave in this frame counts, and the mark must be left anew."""
        self._resets += 1
        self._last_reset_s = self._clock.monotonic_s()
        self.port.last_error = "the chip has been reset"
        scan.blank(self._columns)
        self._failed_here = True
        self._lose(len(self._columns))
        self._leave_alone()
        self._next, self._testing = len(self._columns), None
        # It may even be another chip that was plugged in.
        self._renew = True
        self.due_s = self._clock.monotonic_s()

    def _mark_is_there(self) -> bool:
        self._mark_seen_s = self.started_s
        seen = self._confirmed(self.port.read_mark, lambda mark: mark == MARK)
        if seen in (0x0000, 0xFFFF):
            self.port.fail(f"the line gives only {'ones' if seen else 'zeros'}")
        return seen == MARK

    def _reads_well(self) -> bool:
        """Whether the config register, which is not zero, is read right each time: a wire that gives zeros does not do that."""
        return all(self.port.read_config() & ~READY == self._written for _ in range(READS))

    def _is_foreign(self, now_s: float) -> None:
        self._foreign += 1
        self._last_foreign_s = now_s
        self._become_wary()

    def _was_disturbed(self) -> None:
        self._disturbed += 1
        self._disturbed_until_s = self._clock.monotonic_s() + DISTURBED_FOR_S

    def _become_wary(self) -> None:
        self._wary_until_s = self._clock.monotonic_s() + WARY_FOR_S
