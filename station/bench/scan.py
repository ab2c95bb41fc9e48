"""Frames a second over the I2C bus: the scanner, the plain `AnalogIn` loop on the same bus, and what the hardware allows at most.

The chips are register-level models behind a bus whose calls cost 80 us and 9 bits a byte.  On simulated time the result is a fact
about the schedule and the same on every machine.  What a slower machine would make of it is shown in two ways: the scanner's own
work is charged to the simulated time, 5 and 10 times over; and the sampler waits for the interpreter while the detector, whose
cost is measured here, has it, 1, 5 and 10 times over, which shows how many readings that costs.  Once more the same happens in
earnest: the sampler in a thread of its own on a bus that takes its time, and beside it a thread that does the detector's work so
many times over, on the machine as it is.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable

from adafruit_ads1x15.ads1x15 import Mode
from adafruit_ads1x15.ads1115 import ADS1115
from adafruit_ads1x15.analog_in import AnalogIn

from hardware.clock import Clock, SystemClock
from hardware.frames import MISSING, Frame, FrameBlock
from hardware.mat import Mat, MatFacts, Zone
from hardware.mats import find_mat
from hardware.scanner import RATE_HZ, Scanner
from hardware.sim.chips import WAKE_UP_S, FakeADS1115, SimulatedBus, SimulatedClock
from station.bench.figure import Figure
from station.bench.pipeline import practice
from station.service.main import SWITCH_INTERVAL_S
from station.service.sampler import Pace, Sampler
from station.signal.detector import Detector

CLOCKS_HZ = (400_000, 100_000, 1_000_000)
CALL_S = 80e-6
LIBRARY_GOAL_HZ = {16: 150.0, 8: 165.0, 4: 165.0}
JOINED_GOAL_HZ = 165.0
SHARE_LOST_GOAL = 0.005
SLOWER = (1, 5, 10)
"""A Pi 4's core is about five times slower than that of a desktop, a Zero 2 W's ten times."""
WARM_UP_FRAMES = 60
FRAMES = 150
REPETITIONS = 3
LIVE_BLOCK = 4
PRACTICE_S = 30.0
FRAMES_BESIDE = 400
BESIDE_S = 5.0
MOST_BUSY = 0.9
BITS_PER_SAMPLE = 86
"""Next config, pointer and result in one call: eight bytes of nine bits after four starts, and a stop."""


def measure() -> list[Figure]:
    """Frames/s for 16, 8 and 4 channels at three bus clocks in both modes; then what a slower machine costs."""
    figures = []
    for channels in LIBRARY_GOAL_HZ:
        for clock_hz in CLOCKS_HZ:
            name = f"scan: {channels} channels at {clock_hz // 1000} kHz"
            fast = clock_hz == CLOCKS_HZ[0]
            for combined, way in ((False, "library calls"), (True, "joined calls")):
                clock = SimulatedClock()
                goal = (JOINED_GOAL_HZ if combined else LIBRARY_GOAL_HZ[channels]) if fast else None
                rates = _rates(_scanner(channels, clock, combined, clock_hz).read, clock)
                figures.append(Figure(f"{name}, {way}", "frames/s", rates, goal, "at_least"))
            clock = SimulatedClock()
            figures.append(
                Figure(f"{name}, plain AnalogIn loop", "frames/s", _rates(_plain_loop(channels, clock, clock_hz), clock))
            )
            bound_hz, what = _bound(channels, clock_hz)
            figures.append(Figure(f"{name}, bound", "frames/s", (bound_hz,), note=what))
    for factor in SLOWER:
        for combined, way in ((False, "library calls"), (True, "joined calls")):
            charged = _ChargedClock(factor)
            rates = _rates(_scanner(16, charged, combined, CLOCKS_HZ[0]).read, charged)
            note = "the scanner's own work, without that of the simulated chips, charged to the bus's time"
            figures.append(Figure(f"scan: 16 channels, {way}, CPU cost x {factor}", "frames/s", rates, note=note))
    block_s = _detector_block_s()
    for factor in SLOWER:
        for combined, way in ((False, "library calls"), (True, "joined calls")):
            busy_s = min(factor * block_s, MOST_BUSY * LIVE_BLOCK / 100.0)
            name = f"scan: readings lost, detector x {factor} beside, {way}"
            note = f"the detector holds the interpreter {busy_s * 100 / LIVE_BLOCK:.0%} of the time, on simulated time"
            figures.append(Figure(name, "share", _beside_the_detector(busy_s, combined), SHARE_LOST_GOAL, note=note))
    for factor in (0, *SLOWER):
        name = f"scan: readings lost, detector x {factor} in a thread beside, joined calls"
        shares, busy, blamed = _beside_a_thread(factor)
        note = f"in real time; the detector's thread is busy {busy:.0%} of it; {blamed} readings counted as lost by bus or cables"
        figures.append(Figure(name, "share", shares, SHARE_LOST_GOAL if factor else None, note=note))
    return figures


def _mat(channels: int) -> Mat:
    zones = (Zone(name=f"z{i}", chip=0x48 + i // 4, pin=i % 4, x_cm=0.0, y_cm=0.0, resistor_ohms=10_000.0) for i in range(channels))
    return Mat(mat=MatFacts(name="bench", supply_volts=3.3), zone=tuple(zones))


def _bus(channels: int, clock: Clock, clock_hz: float) -> SimulatedBus:
    def volts(address: int, pin: int, t_s: float) -> float:
        return 0.5 + 0.1 * (address - 0x48) + 0.4 * pin

    return SimulatedBus(clock, [FakeADS1115(0x48 + i, volts) for i in range(channels // 4)], clock_hz, CALL_S)


def _scanner(channels: int, clock: Clock, combined: bool, clock_hz: float) -> Scanner:
    return Scanner(_bus(channels, clock, clock_hz), _mat(channels), clock, combined=combined)


def _plain_loop(channels: int, clock: Clock, clock_hz: float) -> Callable[[], object]:
    bus = _bus(channels, clock, clock_hz)
    chips = [ADS1115(bus, 1, RATE_HZ, Mode.SINGLE, address=0x48 + i) for i in range(channels // 4)]
    inputs = [AnalogIn(chip, pin) for chip in chips for pin in range(4)]
    return lambda: [one.value for one in inputs]


def _rates(frame: Callable[[], object], clock: Clock) -> tuple[float, ...]:
    for _ in range(WARM_UP_FRAMES):
        frame()
    rates = []
    for _ in range(REPETITIONS):
        began_s = clock.monotonic_s()
        for _ in range(FRAMES):
            frame()
        rates.append(FRAMES / (clock.monotonic_s() - began_s))
    return tuple(rates)


class _ChargedClock(SimulatedClock):
    """Simulated time that also passes while the scanner computes, as on a machine `factor` times slower; the chips are free."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self._factor = factor
        self._mark_s = time.thread_time()

    def monotonic_s(self) -> float:
        now_s = time.thread_time()
        self.advance(self._factor * (now_s - self._mark_s))
        self._mark_s = now_s
        return super().monotonic_s()

    def sleep_until_s(self, t_s: float) -> None:
        # The last thing of every call on the simulated bus: what it computed is not the scanner's work.
        super().sleep_until_s(t_s)
        self._mark_s = time.thread_time()


class _SharedClock(SimulatedClock):
    """Simulated time of a thread that shares its interpreter with the detector.

    Every `LIVE_BLOCK` frames the detector computes for `busy_s`.  Whoever comes back from a call or from sleep in that time waits
    until the interpreter is given up, which takes up to the switch interval.
    """

    def __init__(self, busy_s: float) -> None:
        super().__init__()
        self._busy_s = busy_s
        self._chance = random.Random(7)

    def sleep_until_s(self, t_s: float) -> None:
        super().sleep_until_s(t_s)
        if super().monotonic_s() % (LIVE_BLOCK / 100.0) < self._busy_s:
            self.advance(self._chance.uniform(0.0, SWITCH_INTERVAL_S))


def _detector_block_s() -> float:
    """CPU seconds the detector needs for one live block of a practice on 16 zones."""
    mat = find_mat("full-16")[0]
    frames = practice(PRACTICE_S)
    detector = Detector(mat)
    blocks = [
        FrameBlock(frames.t_s[n : n + LIVE_BLOCK], frames.volts[n : n + LIVE_BLOCK]) for n in range(0, len(frames), LIVE_BLOCK)
    ]
    began_s = time.thread_time()
    for block in blocks:
        detector.feed(block)
    return (time.thread_time() - began_s) / len(blocks)


def _beside_the_detector(busy_s: float, combined: bool) -> tuple[float, ...]:
    """Share of readings lost at 100 frames a second."""
    clock, pace = _SharedClock(busy_s), Pace(100.0, 100.0)
    pace.occupied = True
    sampler = Sampler(_scanner(16, clock, combined, CLOCKS_HZ[0]), clock, pace, 100.0)
    for _ in range(WARM_UP_FRAMES):
        sampler.step()
    sampler.take()
    shares = []
    for _ in range(REPETITIONS):
        for _ in range(FRAMES_BESIDE):
            sampler.step()
        taken = sampler.take()
        shares.append(sum(int((frame.codes == MISSING).sum()) for frame in taken) / (16 * len(taken)))
    return tuple(shares)


def _beside_a_thread(factor: int) -> tuple[tuple[float, ...], float, int]:
    """In real time: shares of readings lost, share of the time the detector's thread computed, readings lost to bus or chips."""
    clock, pace = SystemClock(), Pace(100.0, 100.0)
    pace.occupied = True
    scanner = Scanner(_bus(16, clock, CLOCKS_HZ[0]), _mat(16), clock, combined=True)
    sampler = Sampler(scanner, clock, pace, 100.0)
    mat, _ = find_mat("full-16")
    detectors = [Detector(mat) for _ in range(factor)]
    work = practice(BESIDE_S * (REPETITIONS + 2))
    shares: list[float] = []
    busy_s, fed, lost_before = 0.0, 0, 0
    switch_interval_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    thread = threading.Thread(target=sampler.run, name="sampler")
    thread.start()
    begun_s = clock.monotonic_s()
    for part in range(REPETITIONS + 1):
        taken: list[Frame] = []
        while clock.monotonic_s() - begun_s < BESIDE_S * (part + 1):
            time.sleep(LIVE_BLOCK / 100.0)
            fresh = sampler.take()
            taken += fresh
            block = FrameBlock(work.t_s[fed : fed + len(fresh)], work.volts[fed : fed + len(fresh)])
            fed += len(fresh)
            worked_s = time.thread_time()
            for detector in detectors:
                detector.feed(block)
            busy_s += time.thread_time() - worked_s
        if part == 0:
            # The scanner has come to know its chips.
            lost_before = sum(chip.lost_bus for chip in scanner.status.chips)
        else:
            shares.append(sum(int((frame.codes == MISSING).sum()) for frame in taken) / (16 * len(taken)))
    sampler.stop()
    thread.join()
    sys.setswitchinterval(switch_interval_s)
    lost_to_bus = sum(chip.lost_bus for chip in scanner.status.chips) - lost_before
    return tuple(shares), busy_s / (clock.monotonic_s() - begun_s), lost_to_bus


def _bound(channels: int, clock_hz: float) -> tuple[float, str]:
    """The lower of what the chips alone and the bus alone would allow."""
    chips_hz = 1 / (min(4, channels) * (WAKE_UP_S + 1 / RATE_HZ))
    slow_hz, fast_hz = 0.9 * RATE_HZ / 4, 1.1 * RATE_HZ / 4
    bus_hz = 1 / (channels * (CALL_S + BITS_PER_SAMPLE / clock_hz))
    words = (
        f"chips alone {chips_hz:.0f} ({slow_hz:.0f}-{fast_hz:.0f} over their tolerance, without waking up), bus alone {bus_hz:.0f}"
    )
    return min(chips_hz, bus_hz), f"{words} at one call a sample"
