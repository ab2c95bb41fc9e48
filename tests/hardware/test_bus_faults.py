"""Faults of bus and chips that happen on real Pis: each is named, and what was read while it lasted is right or missing.

The chips have noise here, as real ones do; a reading counts as wrong when it is further from the truth than noise and the time by
which its start is uncertain can explain.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import numpy as np
import pytest
from scanner_rig import Rig, alike, apart, missing

from hardware.errors import BusError
from hardware.frames import MISSING, Frame
from hardware.health import FOREIGN_LEAST, HealthMonitor, bus_notices
from hardware.sim.chips import FakeADS1115, FakeThermometer
from hardware.sim.corruption import BadWire, ForeignProgram

BOTH_MODES = pytest.mark.parametrize("combined", [False, True], ids=["library", "joined"])
NOISE_V = 1.5e-4
NOISE = np.random.default_rng(5).standard_normal(65536)
SLOPE = 0.1


def noisy(volts: Callable[[int, int, float], float]) -> Callable[[int, int, float], float]:
    """The same with 0.15 mV of noise, which depends on nothing but channel and time."""

    def with_noise(address: int, pin: int, t_s: float) -> float:
        slot = (int(t_s * 1e6) * 40503 >> 8) + (address * 4 + pin) * 7919
        return volts(address, pin, t_s) + NOISE_V * float(NOISE[slot & 65535])

    return with_noise


class FaultRig(Rig):
    """A mat at 100 frames a second that counts what is wrong instead of stopping there, and recovers as the sampler does.

    stuck_s, unplug_s: when the bus was first named as stuck; when reading had failed for ten seconds.
    """

    def __init__(self, zones: int = 16, volts: Callable[[int, int, float], float] | None = None, combined: bool = False) -> None:
        super().__init__(zones, noisy(volts or apart(SLOPE)), slope=SLOPE, combined=combined, period_s=0.01)
        self.wrong = self.given = 0
        self.stuck_s: float | None = None
        self._recover_s = 0.0
        self.run(1.0)
        assert self.wrong == 0
        assert self.given > 90 * zones
        self.wrong = self.given = 0

    def check(self, frame: Frame) -> None:
        tolerance = 1 + 8000 * (self.slope * self.start_known_to_s + 6 * NOISE_V)
        for column, zone in enumerate(self.mat.zone):
            if frame.codes[column] != MISSING:
                t_s = (frame.t_us + int(frame.skew_us[column])) / 1e6
                self.given += 1
                self.wrong += abs(frame.codes[column] - 8000 * self.volts(zone.chip, zone.pin, t_s)) > tolerance

    def run(self, duration_s: float) -> list[Frame]:
        """Frames of the next seconds; where reading fails, recovery is called once a second."""
        frames = []
        until_s = self.clock.monotonic_s() + duration_s
        while self.clock.monotonic_s() < until_s:
            try:
                frames.append(self.read())
            except BusError:
                self.clock.advance(0.01)
                if self.clock.monotonic_s() > self._recover_s:
                    self._recover_s = self.clock.monotonic_s() + 1.0
                    with suppress(BusError):
                        self.scanner.recover()
            if self.stuck_s is None and self.scanner.status.stuck:
                self.stuck_s = self.clock.monotonic_s()
        return frames

    def seconds_until(self, what: Callable[[], bool], at_most_s: float) -> float:
        begun_s = self.clock.monotonic_s()
        while not what():
            self.run(0.01)
            assert self.clock.monotonic_s() - begun_s < at_most_s, "it never came"
        return self.clock.monotonic_s() - begun_s

    def chip(self, address: int):
        return next(chip for chip in self.scanner.status.chips if chip.address == address)

    @property
    def whole(self) -> bool:
        """Every zone is read again."""
        return all(not missing(frame) for frame in self.run(0.05)) and not self.scanner.status.stuck


# 1. All boards fall silent.


@contextmanager
def all_broken(rig: FaultRig, how: str) -> Iterator[None]:
    if how == "sda low":
        rig.bus.sda_low = True
    elif how == "ones":
        rig.bus.corrupt_read = BadWire("ones", 1.0)
    elif how == "full scale":
        rig.bus.corrupt_read = BadWire("full scale", 1.0)
    elif how == "results are zeros, now and then":
        rig.bus.corrupt_read = BadWire("zeros", 0.95)
    elif how == "the device is gone":
        rig.bus.broken = AttributeError("'NoneType' object has no attribute 'fileno'")
    elif how == "every call fails":
        rig.bus.disturb(1.0)
    elif how == "unplugged":
        for chip in rig.chips:
            chip.unplug()
    elif how == "starts are lost":
        for chip in rig.chips:
            chip.loses = 1.0
    yield
    rig.bus.sda_low, rig.bus.corrupt_read, rig.bus.broken = False, None, None
    rig.bus.disturb(0)
    for chip in rig.chips:
        chip.loses = 0.0
        chip.plug_in()


@pytest.mark.parametrize(
    "how",
    [
        "sda low",
        "ones",
        "full scale",
        "results are zeros, now and then",
        "the device is gone",
        "every call fails",
        "unplugged",
        "starts are lost",
    ],
)
@BOTH_MODES
def test_however_all_boards_fall_silent_the_bus_is_stuck_within_two_seconds_and_recovered_when_it_is_over(
    how: str, combined: bool
) -> None:
    rig = FaultRig(combined=combined)
    with all_broken(rig, how):
        begun_s = rig.clock.monotonic_s()
        rig.run(30.0)
        assert rig.stuck_s is not None
        assert rig.stuck_s - begun_s < 1.0, "the words come a second after that"
        assert rig.scanner.status.stuck
        assert rig.scanner.status.recoveries > 20
        assert sum(chip.resets for chip in rig.scanner.status.chips) == 0, "a held line is no restarted board"
        assert rig.wrong == 0
    assert rig.seconds_until(lambda: rig.whole, 3.0) < 1.5
    assert rig.wrong == 0


@BOTH_MODES
def test_one_lost_board_is_no_stuck_bus(combined: bool) -> None:
    rig = FaultRig(combined=combined)
    rig.chips[2].unplug()
    rig.run(5.0)
    assert rig.stuck_s is None
    assert rig.chip(0x4A).state == "absent"


@BOTH_MODES
def test_the_first_frames_of_a_held_line_are_missing(combined: bool) -> None:
    """At any moment, also between a start and its result."""
    for moment in range(40):
        rig = FaultRig(8, combined=combined)
        rig.bus.at(rig.clock.monotonic_s() + 0.01 + moment * 2e-4, lambda rig=rig: setattr(rig.bus, "sda_low", True))
        rig.run(0.1)
        assert rig.wrong == 0


# 2. Corrupted reads.


@pytest.mark.parametrize("share", [0.02, 0.1])
@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("ones", 0.0),
        ("zeros", 0.0),
        ("full scale", 0.0),
        ("shifted left", 0.02),
        ("shifted right", 0.02),
        ("tail of ones", 0.02),
        ("flipped bit", 0.10),
    ],
)
@BOTH_MODES
def test_of_corrupted_reads_next_to_none_is_believed(kind: str, most: float, share: float, combined: bool) -> None:
    """A flipped third bit is within a millivolt of what was foreseen; that is what may pass."""
    rig = FaultRig(combined=combined)
    rig.bus.corrupt_read = wire = BadWire(kind, share, seed=1)
    frames = rig.run(3.0)
    assert wire.corrupted > 100
    assert rig.wrong <= most * wire.corrupted
    assert rig.given > 0.97 * 16 * len(frames), "and the readings are not lost for it"
    assert all(chip.foreign <= 2 and chip.resets == 0 for chip in rig.scanner.status.chips), "nobody else is blamed"
    assert sum(chip.disturbed for chip in rig.scanner.status.chips) > 20


# 3. Two boards on one address.


@pytest.mark.parametrize("moment", range(4))
@BOTH_MODES
def test_two_boards_on_one_address_are_named_within_a_second_and_their_zones_are_missing(moment: int, combined: bool) -> None:
    rig = FaultRig(combined=combined)
    rig.run(0.037 * moment)
    wanderer = rig.bus.chips.pop(0x49)
    rig.bus.joined[0x48] = [wanderer]
    assert rig.seconds_until(lambda: rig.chip(0x48).state == "conflict", 2.0) < 1.0
    rig.wrong = 0
    frames = rig.run(4.0)
    assert all(missing(frame) == list(range(8)) for frame in frames), "two chips that agree for a moment are still two"
    rig.bus.joined.clear()
    rig.bus.chips[0x49] = wanderer
    assert rig.seconds_until(lambda: rig.whole, 3.0) < 2.0
    assert rig.wrong == 0


@BOTH_MODES
def test_two_boards_on_one_address_from_the_start_are_named_too(combined: bool) -> None:
    rig = FaultRig(8, combined=combined)
    wanderer = rig.bus.chips.pop(0x49)
    rig.bus.joined[0x48] = [wanderer]
    rig.scanner.recover()
    assert rig.seconds_until(lambda: rig.chip(0x48).state == "conflict", 2.0) < 2.0


# 4. Lost starts, lost MODE bits.


@pytest.mark.parametrize("what", ["loses", "loses_mode"])
@pytest.mark.parametrize(
    "volts", [apart(SLOPE), alike(SLOPE), lambda address, pin, t_s: 1.0 * (pin % 2)], ids=["apart", "alike", "pairs"]
)
@BOTH_MODES
def test_a_start_or_a_mode_bit_that_was_lost_gives_no_wrong_number(what: str, volts, combined: bool) -> None:
    for seed in range(10):
        rig = FaultRig(8, volts, combined=combined)
        for chip in rig.chips:
            chip.seed(seed)
            setattr(chip, what, 0.03)
        frames = rig.run(1.0)
        assert rig.wrong == 0
        assert rig.given > 0.98 * 8 * len(frames)
        if what == "loses":
            assert all(chip.foreign < FOREIGN_LEAST for chip in rig.scanner.status.chips), "no other program is blamed"


# 6. Something else answers.


def replaced(rig: FaultRig, address: int, chip) -> None:
    """The board is pulled and another plugged in."""
    rig.bus.chips[address].unplug()
    rig.run(0.3)
    rig.bus.chips[address] = chip


@BOTH_MODES
def test_an_ads1015_is_named_and_read_with_its_twelve_bits(combined: bool) -> None:
    rig = FaultRig(combined=combined)
    replaced(rig, 0x49, FakeADS1115(0x49, rig.volts, bits=12))
    rig.seconds_until(lambda: rig.whole, 2.0)
    frame = rig.run(0.5)[-1]
    assert rig.chip(0x49).kind == "ADS1015"
    assert not missing(frame)
    assert all(code % 16 == 0 for code in frame.codes[4:8])
    assert rig.chip(0x48).kind == "ADS1115"


def test_an_ads1015_at_the_speed_of_an_ads1115_is_known_by_its_numbers() -> None:
    rig = FaultRig(8, apart(2.0))
    replaced(rig, 0x49, FakeADS1115(0x49, lambda address, pin, t_s: round(apart(2.0)(address, pin, t_s) * 500) / 500))
    rig.run(2.0)
    assert rig.chip(0x49).kind == "ADS1015"


@pytest.mark.parametrize("bits", [12, 9], ids=["TMP102", "LM75"])
@BOTH_MODES
def test_a_thermometer_at_a_boards_address_is_named_and_never_read(bits: int, combined: bool) -> None:
    rig = FaultRig(combined=combined)
    replaced(rig, 0x48, FakeThermometer(0x48, bits=bits))
    frames = rig.run(1.0)
    assert (rig.chip(0x48).state, rig.chip(0x48).kind) == ("wrong", "thermometer")
    assert all(missing(frame) == [0, 1, 2, 3] for frame in frames)
    assert rig.wrong == 0


class CurrentMeter:
    """An INA219 at a board's address: register 1 is the shunt voltage, here none; register 2 the bus voltage (SBOS448)."""

    def __init__(self, address: int) -> None:
        self.address, self.present, self._pointer = address, True, 0
        self._registers = {0: 0x399F, 1: 0x0000, 2: 0x1F40, 3: 0x0000}

    def write(self, data: bytes, t_s: float) -> None:
        if data:
            self._pointer = data[0] & 3

    def read(self, count: int, t_s: float) -> bytes:
        return self._registers[self._pointer].to_bytes(2, "big")[:count]


@BOTH_MODES
def test_a_chip_of_another_kind_whose_registers_hold_zeros_is_no_absent_board(combined: bool) -> None:
    rig = FaultRig(combined=combined)
    replaced(rig, 0x48, CurrentMeter(0x48))
    frames = rig.run(1.0)
    assert (rig.chip(0x48).state, rig.chip(0x48).kind) == ("wrong", "unknown")
    assert all(missing(frame) == [0, 1, 2, 3] for frame in frames)


@pytest.mark.parametrize("oscillator", [0.77, 0.85])
@BOTH_MODES
def test_a_clone_that_is_up_to_thirty_percent_slow_is_read_at_its_own_pace(oscillator: float, combined: bool) -> None:
    rig = FaultRig(8, combined=combined)
    replaced(rig, 0x49, FakeADS1115(0x49, rig.volts, oscillator))
    rig.seconds_until(lambda: rig.whole, 2.0)
    frames = rig.run(2.0)
    assert sum(len(missing(frame)) for frame in frames) == 0
    assert rig.wrong == 0
    assert (rig.chip(0x49).kind == "slow ADS1115") == (oscillator < 0.8)


@pytest.mark.parametrize("period_s", [0.02, 0.1, 0.5])
@BOTH_MODES
def test_another_program_that_starts_conversions_is_named_and_costs_no_wrong_number(period_s: float, combined: bool) -> None:
    rig = FaultRig(combined=combined)
    program = ForeignProgram(rig.bus, 0x49, period_s, seed=2)
    rig.run(4.0)
    assert rig.wrong == 0
    assert rig.chip(0x49).foreign > 0
    assert rig.chip(0x49).last_foreign_s is not None
    assert rig.chip(0x48).foreign == 0
    assert rig.given > 0.98 * 16 * 400 / 1.1
    program.running = False
    assert rig.seconds_until(lambda: rig.whole, 3.0) < 2.0


@BOTH_MODES
def test_another_program_that_does_slow_conversions_costs_those_readings_and_no_board_is_called_hanging(combined: bool) -> None:
    """8 samples a second, twice a second: the board is busy for a quarter of the time."""
    rig = FaultRig(8, combined=combined)
    ForeignProgram(rig.bus, 0x49, 0.5, config=0xC303, seed=2)
    told: list[set[str]] = []
    for _ in range(40):
        frames = rig.run(0.1)
        told.append({notice.code for notice in bus_notices(rig.scanner.status, rig.mat, rig.clock.monotonic_s())})
        assert all(column >= 4 for frame in frames for column in missing(frame)), "the other board goes on"
    assert rig.wrong == 0
    assert all(codes <= {"bus_foreign"} for codes in told) and told[-1] == {"bus_foreign"}


def test_other_traffic_on_the_bus_costs_nothing() -> None:
    """An OLED, `i2cdetect`: calls take longer, pointers move, and every reading is right all the same."""
    rig = FaultRig()
    for n in range(400):
        rig.bus.at(rig.clock.monotonic_s() + 0.01 * n, lambda: rig.chips[1].write(b"\x03", rig.clock.monotonic_s()))
    frames = rig.run(4.0)
    assert rig.wrong == 0
    assert rig.given == 16 * len(frames)


# 5. A busy machine.


@pytest.mark.parametrize("share", [0.003, 0.01, 0.05])
@BOTH_MODES
def test_what_a_busy_machine_loses_is_never_blamed_on_a_cable(share: float, combined: bool) -> None:
    """Calls are held up for 2 to 20 ms, before their first bit or after their last."""
    rig, chance = FaultRig(combined=combined), random.Random(3)
    monitor = HealthMonitor(rig.mat)
    for call in range(rig.bus.calls, rig.bus.calls + 30_000):
        if chance.random() < share:
            rig.bus.stall(call, chance.uniform(0.002, 0.02), after=chance.random() < 0.5)
    told: set[str] = set()
    for _ in range(50):
        monitor.feed(rig.run(0.1), somebody=True)
        told |= {notice.code for notice in monitor.notices(rig.scanner.status, rig.clock.monotonic_s())}
    assert rig.wrong == 0
    assert sum(chip.lost_late for chip in rig.scanner.status.chips) > 0
    assert sum(chip.lost_bus for chip in rig.scanner.status.chips) == 0
    assert told == set()


# 9. Joined calls.


def test_a_controller_that_reads_only_at_the_end_is_used_joined() -> None:
    rig = Rig(16, combined=True)
    rig.bus.reads_last_only = True
    assert rig.rate_hz() >= 165


def test_whether_calls_can_be_joined_is_asked_of_each_board_that_comes() -> None:
    rig = Rig(16, combined=True, absent=(0x48,))
    rig.read_many(50)
    rig.bus.chips[0x48] = FakeADS1115(0x48, rig.volts)
    rig.clock.advance(0.3)
    rig.read_many(5)
    assert rig.rate_hz() >= 165


def test_a_bus_that_cannot_join_is_read_by_the_library() -> None:
    rig = Rig(16, combined=True)
    transfer = rig.bus.transfer

    def never(address, segments):
        if len(segments) > 2:
            raise OSError(95, "Operation not supported")
        return transfer(address, segments)

    rig.bus.transfer = never
    assert rig.rate_hz() >= 150
    assert all(chip.errors == 0 for chip in rig.scanner.status.chips)


# 10. The wait that is learned.


def best_wait_s(rig: Rig) -> float:
    """A conversion, less what passes on the wire before the ready bit is looked at: system call, pointer, address."""
    return rig.chips[0].conversion_s(0xC3E3) - rig.bus.call_s - 30 / 400_000


@pytest.mark.parametrize("oscillator", [0.9, 0.97, 1.0, 1.04, 1.1])
@BOTH_MODES
def test_the_wait_comes_within_three_percent_of_the_best(oscillator: float, combined: bool) -> None:
    rig = Rig(16, oscillator=oscillator, combined=combined)
    rig.read_many(300)
    for chip in rig.scanner._chips:
        assert 1.0 <= chip._pace.wait_s / best_wait_s(rig) < 1.03


@BOTH_MODES
def test_a_chip_that_changes_its_speed_is_learned_anew(combined: bool) -> None:
    rig = Rig(16, combined=combined)
    rig.read_many(200)
    for oscillator in (0.92, 1.08, 1.0):
        for chip in rig.chips:
            chip.oscillator = oscillator
        rig.read_many(1500)
        for chip in rig.scanner._chips:
            assert 1.0 <= chip._pace.wait_s / best_wait_s(rig) < 1.03
