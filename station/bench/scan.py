"""Frames a second over the I2C bus: the scanner, the plain `AnalogIn` loop on the same bus, and what the hardware allows at most.

The chips are register-level models behind a bus whose calls cost 80 us and 9 bits a byte at 400 kHz.  On simulated time the result
is a fact about the schedule and the same on every machine; on the real clock the same scan shows what this machine adds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from adafruit_ads1x15.ads1x15 import Mode
from adafruit_ads1x15.ads1115 import ADS1115
from adafruit_ads1x15.analog_in import AnalogIn

from hardware.clock import Clock, SystemClock
from hardware.mat import Mat, MatFacts, Zone
from hardware.scanner import RATE_HZ, Scanner
from hardware.sim.chips import WAKE_UP_S, FakeADS1115, SimulatedBus, SimulatedClock
from station.bench.figure import Figure

CLOCK_HZ = 400_000
CALL_S = 80e-6
LEAST_HZ = {16: 150.0, 8: 165.0, 4: 165.0}
WARM_UP_FRAMES = 60
FRAMES = 200
REPETITIONS = 3
REAL_S = 1.0
BITS_PER_SAMPLE = 86
"""Set the pointer, read two bytes, write the next config: eight bytes of nine bits after four starts, and a stop, in one call."""


def measure() -> list[Figure]:
    """Frames/s for 16, 8 and 4 channels."""
    figures = []
    for channels, least_hz in LEAST_HZ.items():
        name = f"scan: {channels} channels, {channels // 4} chip{'s' * (channels > 4)}"
        rates = {
            "with the Adafruit library only": _scanner(channels, SimulatedClock(), combined=False),
            "with combined transfers": _scanner(channels, SimulatedClock(), combined=True),
            "plain AnalogIn loop": _plain_loop(channels, SimulatedClock()),
        }
        for way, (frame, clock) in rates.items():
            goal = least_hz if "library" in way else None
            figures.append(Figure(f"{name}, {way}", "frames/s", _rates(frame, clock), goal, "at_least"))
        bound_hz, what = _bound(channels)
        figures.append(Figure(f"{name}, bound", "frames/s", (bound_hz,), note=what))
    for combined, way in ((False, "library"), (True, "combined")):
        frame, system = _scanner(16, SystemClock(), combined)
        hz, cpu_us = _on_the_real_clock(frame, system)
        figures.append(
            Figure(
                f"scan: 16 channels on the real clock, {way}", "frames/s", hz, note="bus simulated by sleeping; includes its cost"
            )
        )
        figures.append(Figure(f"scan: CPU per frame of 16 channels, {way}", "us", cpu_us, note="includes the simulated chips"))
    return figures


def _mat(channels: int) -> Mat:
    zones = (Zone(name=f"z{i}", chip=0x48 + i // 4, pin=i % 4, x_cm=0.0, y_cm=0.0, resistor_ohms=10_000.0) for i in range(channels))
    return Mat(mat=MatFacts(name="bench", supply_volts=3.3), zone=tuple(zones))


def _bus(channels: int, clock: Clock) -> SimulatedBus:
    def volts(address: int, pin: int, t_s: float) -> float:
        return 0.5 + 0.1 * (address - 0x48) + 0.4 * pin

    return SimulatedBus(clock, [FakeADS1115(0x48 + i, volts) for i in range(channels // 4)], CLOCK_HZ, CALL_S)


def _scanner(channels: int, clock: Clock, combined: bool) -> tuple[Callable[[], object], Clock]:
    scanner = Scanner(_bus(channels, clock), _mat(channels), clock, combined=combined)
    return scanner.read, clock


def _plain_loop(channels: int, clock: Clock) -> tuple[Callable[[], object], Clock]:
    bus = _bus(channels, clock)
    chips = [ADS1115(bus, 1, RATE_HZ, Mode.SINGLE, address=0x48 + i) for i in range(channels // 4)]
    inputs = [AnalogIn(chip, pin) for chip in chips for pin in range(4)]
    return lambda: [one.value for one in inputs], clock


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


def _on_the_real_clock(frame: Callable[[], object], clock: Clock) -> tuple[tuple[float, ...], tuple[float, ...]]:
    for _ in range(WARM_UP_FRAMES):
        frame()
    rates_hz, cpu_us = [], []
    for _ in range(REPETITIONS):
        began_s, began_cpu_s, frames = clock.monotonic_s(), time.thread_time(), 0
        while clock.monotonic_s() - began_s < REAL_S:
            frame()
            frames += 1
        rates_hz.append(frames / (clock.monotonic_s() - began_s))
        cpu_us.append(1e6 * (time.thread_time() - began_cpu_s) / frames)
    return tuple(rates_hz), tuple(cpu_us)


def _bound(channels: int) -> tuple[float, str]:
    """The lower of what the chips alone and the bus alone would allow."""
    chips_hz = 1 / (min(4, channels) * (WAKE_UP_S + 1 / RATE_HZ))
    slow_hz, fast_hz = 0.9 * RATE_HZ / 4, 1.1 * RATE_HZ / 4
    bus_hz = 1 / (channels * (CALL_S + BITS_PER_SAMPLE / CLOCK_HZ))
    words = (
        f"chips alone {chips_hz:.0f} ({slow_hz:.0f}-{fast_hz:.0f} over their tolerance, without waking up), bus alone {bus_hz:.0f}"
    )
    return min(chips_hz, bus_hz), f"{words} at one call a sample"
