"""The scanner on register-level chips: fast, and never a wrong number without a flag.

Every frame that `Rig.read` returns has been held against the true voltages: each reading is its own channel's, at the time it
claims, or it is missing.  So a test that only reads frames is a test of that.
"""

from __future__ import annotations

import random
from contextlib import suppress

import numpy as np
import pytest
from adafruit_ads1x15.ads1115 import ADS1115
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scanner_rig import Rig, alike, apart, mat_of, missing

from hardware.errors import BusError
from hardware.frames import MISSING
from hardware.scanner import Scanner
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock

BOTH_MODES = pytest.mark.parametrize("combined", [False, True], ids=["library", "combined"])
STALL_S = 0.5


def nothing(address: int, pin: int, t_s: float) -> float:
    return 0.0


def status(rig: Rig, address: int):
    return next(chip for chip in rig.scanner.status.chips if chip.address == address)


# Rates.  The clock is simulated: these are facts about the schedule, the same on every machine.


@pytest.mark.parametrize(("zones", "least_hz"), [(16, 150), (8, 165), (4, 165)])
@BOTH_MODES
def test_it_reaches_its_rate_on_a_400_khz_bus_with_80_us_a_call(zones: int, least_hz: float, combined: bool) -> None:
    assert Rig(zones, combined=combined).rate_hz() >= least_hz


@BOTH_MODES
def test_sixteen_channels_come_150_times_a_second_even_where_the_oscillators_are_ten_percent_slow(combined: bool) -> None:
    assert Rig(16, oscillator=0.9, combined=combined).rate_hz() >= 150


def test_a_paced_caller_gets_frames_that_begin_when_asked_for() -> None:
    rig = Rig(period_s=0.01)
    rig.read_many(20)
    frames = rig.read_many(50)
    assert set(np.diff([frame.t_us for frame in frames])) == {10_000}
    assert not any(missing(frame) for frame in frames)


def test_each_channel_has_its_own_time_and_no_two_of_a_chip_the_same() -> None:
    rig = Rig(16, period_s=0.01)
    frame = rig.read_many(30)[-1]
    for chip in range(4):
        skews_us = frame.skew_us[4 * chip : 4 * chip + 4]
        assert (np.diff(skews_us) > 1000).all(), "a conversion takes more than a millisecond"


# Never stale, never a neighbour's.


@pytest.mark.parametrize("clock_khz", [100, 400, 1000])
@pytest.mark.parametrize("oscillator", [0.9, 1.0, 1.1])
@BOTH_MODES
def test_no_wrong_reading_with_a_stall_in_any_call(oscillator: float, clock_khz: float, combined: bool) -> None:
    for volts, period_s in ((apart(), None), (apart(), 0.01), (alike(), 0.01), (nothing, None)):
        rig = Rig(16, volts, oscillator, clock_khz, period_s=period_s, combined=combined)
        rig.read_many(10)
        for call in range(40):
            for after in (False, True):
                rig.bus.stall(rig.bus.calls + call, STALL_S, after)
                rig.read_many(3)
        assert rig.scanner.status.slow_calls >= 60, "the stalls were felt"


@BOTH_MODES
def test_no_wrong_time_with_a_short_stall_in_any_call(combined: bool) -> None:
    """Three milliseconds, of which nobody knows how many passed before a conversion began: on a steep slope that shows."""
    rig = Rig(8, apart(slope=6), slope=6, combined=combined)
    rig.read_many(10)
    for call in range(40):
        for after in (False, True):
            rig.bus.stall(rig.bus.calls + call, 0.003, after)
            rig.read_many(3)
    assert rig.scanner.status.slow_calls >= 20


@BOTH_MODES
def test_a_frame_after_a_pause_is_begun_afresh(combined: bool) -> None:
    rig = Rig(16, combined=combined)
    for pause_s in (0.002, 0.05, 3.0):
        rig.read_many(5)
        rig.clock.advance(pause_s)
        asked_us = round(rig.clock.monotonic_s() * 1e6)
        frame = rig.read()
        assert frame.t_us == pytest.approx(asked_us, abs=1)
        assert missing(frame) == []


class StallingClock(SimulatedClock):
    """Lets time jump right after the reading with a given number: the process was held up between two lines of code."""

    def __init__(self) -> None:
        super().__init__()
        self.readings = 0
        self.stall_after = -1

    def monotonic_s(self) -> float:
        t_s = super().monotonic_s()
        self.readings += 1
        if self.readings == self.stall_after:
            self.advance(STALL_S)
        return t_s


@BOTH_MODES
def test_no_wrong_reading_with_a_stall_between_any_two_lines(combined: bool) -> None:
    clock = StallingClock()
    rig = Rig(8, combined=combined)
    rig.clock = rig.bus.clock = clock
    rig.scanner = Scanner(rig.bus, rig.mat, clock, combined=combined)
    rig.read_many(10)
    for reading in range(1, 150):
        clock.stall_after = clock.readings + reading
        rig.read_many(4)


@BOTH_MODES
def test_a_chip_slower_than_its_datasheet_is_still_not_misread(combined: bool) -> None:
    rig = Rig(8, oscillator=0.8, combined=combined)
    frames = rig.read_many(100)
    assert len(missing(frames[-1])) < 8 or status(rig, 0x48).hangs > 0


def test_a_zero_that_a_brown_out_left_is_not_taken_for_a_conversion_that_is_over() -> None:
    """The chip has slowed down as well: when the scanner comes for the result there is none yet, and the register holds zero."""
    for moment in range(30):
        rig = Rig(4, oscillator=1.1, period_s=0.01)
        rig.read_many(20 + moment)
        rig.chips[0].oscillator = 0.9
        rig.chips[0].brown_out()
        rig.read_many(3)


class RestlessChip(FakeADS1115):
    """Every conversion at another speed, anywhere within the datasheet's 10 %."""

    _speeds = random.Random(11)

    def _begin(self, t_s: float) -> None:
        self.oscillator = self._speeds.uniform(0.9, 1.1)
        super()._begin(t_s)


@BOTH_MODES
def test_an_oscillator_that_is_never_the_same_is_not_misread(combined: bool) -> None:
    def volts(address: int, pin: int, t_s: float) -> float:
        return alike()(address, pin, t_s) if pin != 2 else apart()(address, pin, t_s)

    for period_s in (None, 0.01):
        rig = Rig(16, volts, period_s=period_s, combined=combined)
        rig.bus.chips.update({address: RestlessChip(address, volts) for address in rig.mat.chips})
        frames = rig.read_many(400)
        assert sum(len(missing(frame)) for frame in frames) < 0.02 * 400 * 16 or combined


@BOTH_MODES
def test_an_oscillator_that_changes_its_speed_is_not_misread(combined: bool) -> None:
    rig = Rig(8, combined=combined)
    for oscillator in (1.1, 0.9, 1.05, 0.95, 1.1, 0.9):
        for chip in rig.chips:
            chip.oscillator = oscillator
        rig.read_many(20)


@BOTH_MODES
def test_channels_at_the_same_voltage_and_at_zero_are_read_all_the_same(combined: bool) -> None:
    for volts in (lambda address, pin, t_s: 1.0, lambda address, pin, t_s: 0.0, lambda address, pin, t_s: 1.0 * (pin % 2)):
        frames = Rig(16, volts, combined=combined).read_many(60)
        assert not any(missing(frame) for frame in frames)


@BOTH_MODES
def test_readings_that_could_not_be_proven_before_an_error_are_not_given_out(combined: bool) -> None:
    for seed in range(150):
        rig = Rig(4, alike(), combined=combined, start_known_to_s=1e-4)
        rig.read_many(20 + seed)
        rig.chips[0].never_ends = True
        rig.bus.disturb(0.4, seed)
        with suppress(BusError):
            rig.read_many(3)


FAULTS = st.sampled_from(["nothing", "stall", "disturb", "calm", "brown_out", "unplug", "plug_in", "hang", "heal", "drift"])


# A result that was read before it was there, close to the one before: it must not count as fresh in the next conversion.
@example(
    16,
    alike(),
    1.0189556097883834,
    1000,
    0.01,
    False,
    [
        ("hang", 3, 0.0230344147331024, 17, 4),
        ("plug_in", 0, 0.021352355028781356, 27, 8),
        ("nothing", 0, 0.02672239830653342, 73, 1),
        ("drift", 1, 0.01322177912353632, 0, 1),
        ("disturb", 0, 1.055805435909286e-156, 29, 4),
        ("disturb", 0, 0.0011, 50, 3),
        ("nothing", 0, 0.018633332661946566, 34, 4),
        ("nothing", 0, 0.0230344147331024, 17, 4),
        ("nothing", 0, 0.029508778681763895, 17, 3),
        ("hang", 3, 0.029508778681763895, 17, 3),
        ("drift", 1, 0.024961479162195675, 21, 7),
        ("stall", 2, 0.011136571411385882, 62, 5),
        ("plug_in", 0, 0.004809184435101182, 27, 8),
        ("drift", 3, 0.026426862154920162, 2, 2),
        ("calm", 3, 0.0230344147331024, 17, 4),
    ],
)
@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([4, 8, 12, 16]),
    st.sampled_from([apart(), alike()]),
    st.floats(0.9, 1.1),
    st.sampled_from([100, 400, 1000]),
    st.sampled_from([None, 0.01]),
    st.booleans(),
    st.lists(
        st.tuples(FAULTS, st.integers(0, 3), st.floats(0, 0.03), st.integers(0, 80), st.integers(1, 8)), min_size=1, max_size=25
    ),
)
def test_whatever_happens_a_reading_is_right_or_missing(
    zones, volts, oscillator, clock_khz, period_s, combined, happenings
) -> None:
    rig = Rig(zones, volts, oscillator, clock_khz, period_s=period_s, combined=combined)
    recover_at_s = 0.0
    for what, which, delay_s, call, frames in happenings:
        chip = rig.chips[which % len(rig.chips)]
        actions = {
            "stall": lambda call=call, delay_s=delay_s: rig.bus.stall(rig.bus.calls + call, 30 * delay_s, call % 2 == 0),
            "disturb": lambda call=call: rig.bus.disturb(call / 200, call),
            "calm": lambda: rig.bus.disturb(0),
        }
        delayed = {
            "brown_out": chip.brown_out,
            "unplug": chip.unplug,
            "plug_in": chip.plug_in,
            "hang": lambda chip=chip: setattr(chip, "never_ends", True),
            "heal": lambda chip=chip: (setattr(chip, "never_ends", False), chip.brown_out()),
            "drift": lambda chip=chip, delay_s=delay_s: setattr(chip, "oscillator", 0.9 + 6 * delay_s),
        }
        if what in actions:
            actions[what]()
        elif what in delayed:
            rig.bus.at(rig.clock.monotonic_s() + delay_s, delayed[what])
        for _ in range(frames):
            try:
                rig.read()
            except BusError:
                rig.clock.advance(0.01)
                if rig.clock.monotonic_s() > recover_at_s:
                    recover_at_s = rig.clock.monotonic_s() + 1.0
                    try:
                        rig.scanner.recover()
                    except BusError:
                        continue


# Faults, one by one.


@BOTH_MODES
def test_a_chip_that_vanishes_costs_the_others_nothing_and_is_back_half_a_second_after_its_return(combined: bool) -> None:
    rig = Rig(16, combined=combined)
    before_hz = rig.rate_hz()
    rig.chips[1].unplug()
    gone_s = rig.clock.monotonic_s()
    rig.read_many(20)
    assert status(rig, 0x49).state == "absent"
    assert status(rig, 0x49).since_s - gone_s < 0.5
    # For a second the others are tested: is it one of them now?
    frames = rig.read_many(round(before_hz))
    begun_s = rig.clock.monotonic_s()
    frames += rig.read_many(500)
    assert all(missing(frame) == [4, 5, 6, 7] for frame in frames)
    assert 500 / (rig.clock.monotonic_s() - begun_s) > 0.99 * before_hz
    rig.chips[1].plug_in()
    back_s = rig.clock.monotonic_s()
    while missing(rig.read()):
        assert rig.clock.monotonic_s() - back_s < 0.5


@pytest.mark.parametrize(("share", "most_missing"), [(0.01, 0.05), (0.1, 0.4)])
@BOTH_MODES
def test_random_bus_errors_cost_their_own_readings_and_are_counted(share: float, most_missing: float, combined: bool) -> None:
    rig = Rig(16, combined=combined)
    rig.read_many(50)
    rig.bus.disturb(share, seed=3)
    calls = rig.bus.calls
    lost = sum(len(missing(frame)) for frame in rig.read_many(400)) / (400 * 16)
    errors = sum(chip.errors for chip in rig.scanner.status.chips)
    assert errors == pytest.approx(share * (rig.bus.calls - calls), rel=0.3)
    assert lost < most_missing
    rig.bus.disturb(0)
    rig.read_many(60)
    assert not any(missing(frame) for frame in rig.read_many(50))


@BOTH_MODES
def test_a_brown_out_at_any_moment_lets_no_wrong_number_through_and_is_noticed_within_a_second(combined: bool) -> None:
    rig = Rig(8, period_s=0.01, combined=combined)
    rig.read_many(20)
    for moment in range(100):
        resets = status(rig, 0x49).resets
        reset_s = rig.clock.monotonic_s() + 0.01 + moment * 1e-4
        rig.bus.at(reset_s, rig.chips[1].brown_out)
        while status(rig, 0x49).resets == resets:
            rig.read()
            assert rig.clock.monotonic_s() - reset_s < 1.0
        rig.read_many(3)
    assert status(rig, 0x49).resets == 100
    assert status(rig, 0x48).resets == 0
    assert missing(rig.read()) == []


class StubbornChip(FakeADS1115):
    """After a brown-out it finishes its conversion with the default settings: another input, another gain, a plausible number."""

    def brown_out(self) -> None:
        done_s = self._done_s
        super().brown_out()
        if done_s is not None:
            self._done_s, self._result = done_s, self._convert(self.config, done_s)


@BOTH_MODES
def test_a_plausible_number_of_a_chip_that_was_reset_is_not_believed(combined: bool) -> None:
    rig = Rig(8, period_s=0.01, combined=combined)
    rig.chips[1] = rig.bus.chips[0x49] = StubbornChip(0x49, rig.volts)
    rig.read_many(20)
    for moment in range(200):
        rig.bus.at(rig.clock.monotonic_s() + 0.01 + moment * 5e-5, rig.chips[1].brown_out)
        rig.read_many(3)
    # Joined, the next start has written the config over; the mark is looked for twice a second.
    assert status(rig, 0x49).resets > (20 if combined else 100)


@BOTH_MODES
def test_a_zero_after_a_reset_is_not_taken_for_the_zero_of_an_empty_zone(combined: bool) -> None:
    for moment in range(120):
        landed_s = 1000.1 + moment * 1e-4

        def volts(address: int, pin: int, t_s: float, landed_s: float = landed_s) -> float:
            return 0.02 if t_s > landed_s and pin == 2 else 0.0

        rig = Rig(4, volts, combined=combined)
        rig.bus.at(landed_s + 0.0007, rig.chips[0].brown_out)
        while rig.clock.monotonic_s() < 1000.13:
            rig.read()


@BOTH_MODES
def test_a_conversion_that_never_ends_makes_its_chip_missing_until_it_is_well(combined: bool) -> None:
    rig = Rig(16, combined=combined)
    rig.read_many(20)
    rig.chips[2].never_ends = True
    rig.read_many(2)
    frames = rig.read_many(100)
    assert all(missing(frame) == [8, 9, 10, 11] for frame in frames)
    assert status(rig, 0x4A).state == "hung"
    assert status(rig, 0x4A).hangs == 1
    rig.chips[2].never_ends = False
    rig.chips[2].brown_out()
    back_s = rig.clock.monotonic_s()
    while missing(rig.read()):
        assert rig.clock.monotonic_s() - back_s < 0.5


@pytest.mark.parametrize("volts", [apart(), alike(), lambda address, pin, t_s: 1.0])
@BOTH_MODES
def test_a_hang_is_seen_in_its_own_frame_also_where_all_channels_stand_alike(volts, combined: bool) -> None:
    for moment in range(40):
        rig = Rig(4, volts, combined=combined)
        rig.read_many(30)
        rig.bus.at(rig.clock.monotonic_s() + moment * 2e-4, lambda rig=rig: setattr(rig.chips[0], "never_ends", True))
        with pytest.raises(BusError):
            rig.read_many(6)
        assert status(rig, 0x48).hangs == 1


@BOTH_MODES
def test_a_stuck_bus_is_told_after_one_call_and_left_alone_until_recovery_helps(combined: bool) -> None:
    rig = Rig(16, combined=combined)
    rig.read_many(10)
    rig.bus.stuck = True
    stuck_s = rig.clock.monotonic_s()
    with pytest.raises(BusError, match="stuck"):
        rig.read_many(3)
    assert rig.clock.monotonic_s() - stuck_s < 2.0
    assert rig.scanner.status.stuck
    calls = rig.bus.calls
    with pytest.raises(BusError, match="stuck"):
        rig.scanner.read()
    assert rig.bus.calls == calls, "a blocked bus is not asked again at 100 Hz"
    with pytest.raises(BusError, match="unplug the mat"):
        rig.scanner.recover()
    rig.bus.stuck = False
    rig.scanner.recover()
    assert rig.reopened == 2
    assert not rig.scanner.status.stuck
    assert missing(rig.read_many(3)[-1]) == []


@BOTH_MODES
def test_a_call_that_takes_a_second_is_not_believed_and_nothing_after_it_in_that_frame(combined: bool) -> None:
    rig = Rig(16, combined=combined, period_s=0.01)
    rig.read_many(20)
    rig.bus.stall(rig.bus.calls + 12, 1.0)
    frame = rig.read()
    assert len(missing(frame)) >= 4
    assert rig.scanner.status.slow_calls == 1
    assert rig.scanner.status.stuck is False
    assert missing(rig.read()) == []


@BOTH_MODES
def test_one_chip_whose_calls_block_is_given_up_for_the_sake_of_the_others(combined: bool) -> None:
    rig = Rig(16, combined=combined)
    rig.read_many(10)
    transfer = rig.bus.transfer

    def blocking(address, segments):
        if address == 0x4A:
            rig.clock.advance(1.0)
            raise OSError(110, "Connection timed out")
        return transfer(address, segments)

    rig.bus.transfer = blocking
    with pytest.raises(BusError):
        rig.read_many(3)
    rig.scanner.recover()
    begun_s = rig.clock.monotonic_s()
    frames = rig.read_many(2000)
    assert sum(missing(frame) == [8, 9, 10, 11] for frame in frames) > 1950
    assert 2000 / (rig.clock.monotonic_s() - begun_s) > 0.85 * Rig(12, combined=combined).rate_hz()


@BOTH_MODES
def test_a_chip_that_is_missing_at_the_start_may_come_later(combined: bool) -> None:
    rig = Rig(16, absent=(0x4B,), combined=combined)
    assert all(missing(frame) == [12, 13, 14, 15] for frame in rig.read_many(5))
    assert status(rig, 0x4B).state == "absent"
    rig.bus.chips[0x4B] = FakeADS1115(0x4B, rig.volts)
    back_s = rig.clock.monotonic_s()
    while missing(rig.read()):
        assert rig.clock.monotonic_s() - back_s < 0.5


def test_no_chip_at_all_is_an_error_that_names_the_addresses_and_the_plug() -> None:
    rig = Rig(8, absent=(0x48, 0x49))
    with pytest.raises(BusError, match=r"0x48, 0x49.*plug"):
        rig.scanner.read()


@BOTH_MODES
def test_a_mat_unplugged_for_ten_seconds_is_read_again_half_a_second_after_it_is_back(combined: bool) -> None:
    rig = Rig(16, combined=combined, period_s=0.01)
    rig.read_many(20)
    for chip in rig.chips:
        chip.unplug()
    until_s = rig.clock.monotonic_s() + 10
    while rig.clock.monotonic_s() < until_s:
        try:
            rig.read()
        except BusError:
            rig.clock.advance(0.01)
    for chip in rig.chips:
        chip.plug_in()
    until_s = rig.clock.monotonic_s() + 0.5
    while rig.clock.monotonic_s() < until_s:
        try:
            frame = rig.read()
        except BusError:
            rig.clock.advance(0.01)
    assert missing(frame) == []


def test_looking_for_an_absent_chip_is_cheap() -> None:
    rig = Rig(4)
    rig.read_many(20)
    rig.chips[0].unplug()
    calls = rig.bus.calls
    for _ in range(1000):
        try:
            rig.scanner.read()
        except BusError:
            rig.clock.advance(0.01)
    assert rig.bus.calls - calls < 160, "a call or two, five times a second"


def test_a_chip_left_converting_by_another_program_is_waited_for() -> None:
    rig = Rig(4)
    rig.bus.try_lock()
    rig.bus.writeto(0x48, bytes([1, 0x42, 0x03]))  # continuous, 8 samples a second, pin 0
    rig.bus.unlock()
    frames = 0
    for _ in range(100):
        try:
            frames += not missing(rig.read())
        except BusError:
            rig.clock.advance(0.01)
    assert frames > 50


@BOTH_MODES
def test_a_chip_without_a_comparator_is_read_too(combined: bool) -> None:
    rig = Rig(8, combined=combined)
    for chip in rig.chips:
        write = chip.write

        def without_thresholds(data, t_s, write=write):
            write(data if data[:1] not in (b"\x02", b"\x03") else data[:1], t_s)

        chip.write = without_thresholds
    frames = rig.read_many(300)
    assert not any(missing(frame) for frame in frames)
    assert status(rig, 0x48).resets == 0


def test_it_runs_on_the_adafruit_library_and_sets_the_chip_up_for_a_divider() -> None:
    rig = Rig(4)
    written = []
    write = rig.chips[0].write
    rig.chips[0].write = lambda data, t_s: (written.append(data), write(data, t_s))[1]
    rig.read()
    written.clear()
    rig.read()
    starts = [data[1] << 8 | data[2] for data in written if len(data) == 3 and data[0] == 1]
    # Datasheet table 8: OS, single-ended mux, gain 1 (4.096 V), single-shot, 860 samples a second, comparator off.
    assert starts[:4] == [0b1_100_001_1_111_0_0_0_11 | pin << 12 for pin in range(4)]
    assert isinstance(rig.scanner._chips[0].port._chip, ADS1115)


def test_nothing_is_opened_or_read_before_the_first_frame() -> None:
    rig = Rig(16)
    assert rig.bus.calls == 0


def test_zones_are_in_the_mats_order_whatever_the_wiring() -> None:
    mat = mat_of(8)
    shuffled = type(mat)(mat=mat.mat, zone=tuple(mat.zone[i] for i in (5, 0, 7, 2, 4, 1, 6, 3)))
    clock = SimulatedClock()
    bus = SimulatedBus(clock, [FakeADS1115(address, apart(0.0)) for address in (0x48, 0x49)])
    frame = Scanner(bus, shuffled, clock).read()
    assert frame.codes.tolist() == [round(apart(0.0)(zone.chip, zone.pin, 0.0) * 8000) for zone in shuffled.zone]
    assert MISSING not in frame.codes
