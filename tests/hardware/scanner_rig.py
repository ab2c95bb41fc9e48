"""A mat on simulated chips whose true voltage at any time is known without asking the scanner."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from hardware.frames import MISSING, Frame
from hardware.mat import Mat, MatFacts, Zone
from hardware.scanner import Scanner
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock

MICROVOLTS_PER_CODE = 125


def mat_of(zones: int) -> Mat:
    """Zones z0, z1, ... on as few chips as will do, four to a chip."""
    return Mat(
        mat=MatFacts(name="test", supply_volts=3.3),
        zone=tuple(
            Zone(name=f"z{i}", chip=0x48 + i // 4, pin=i % 4, x_cm=0.0, y_cm=10.0 * i, resistor_ohms=10_000.0) for i in range(zones)
        ),
    )


def apart(slope: float = 0.4) -> Callable[[int, int, float], float]:
    """Every channel at a level of its own, 0.14 V from the next, all moving by up to `slope` volts a second."""

    def volts(address: int, pin: int, t_s: float) -> float:
        return 0.3 + 0.14 * (4 * (address - 0x48) + pin) + slope / 20 * math.sin(20 * t_s)

    return volts


def alike(slope: float = 0.4) -> Callable[[int, int, float], float]:
    """All channels at the same voltage, moving."""

    def volts(address: int, pin: int, t_s: float) -> float:
        return 1.0 + slope / 20 * math.sin(20 * t_s)

    return volts


class Rig:
    """Scanner, bus, chips and clock, and the truth to hold the frames against."""

    def __init__(
        self,
        zones: int = 16,
        volts: Callable[[int, int, float], float] | None = None,
        oscillator: float = 1.0,
        clock_khz: float = 400,
        slope: float = 0.4,
        absent: tuple[int, ...] = (),
        period_s: float | None = None,
        combined: bool = False,
        start_known_to_s: float = 1.1e-3,
    ) -> None:
        self.volts = volts or apart(slope)
        self.slope = slope
        self.start_known_to_s = start_known_to_s
        self.clock = SimulatedClock()
        self.mat = mat_of(zones)
        self.chips = [FakeADS1115(address, self.volts, oscillator) for address in self.mat.chips if address not in absent]
        self.bus = SimulatedBus(self.clock, self.chips, clock_hz=clock_khz * 1000)
        self.reopened = 0
        self.scanner = Scanner(self.bus, self.mat, self.clock, reopen=self._reopen, combined=combined)
        self.period_s = period_s
        self._due_s = self.clock.monotonic_s()

    def _reopen(self) -> SimulatedBus:
        self.reopened += 1
        return self.bus

    def read(self) -> Frame:
        """One frame, at the pace of the rig; every reading in it is held against the truth."""
        if self.period_s is not None:
            self._due_s = max(self._due_s + self.period_s, self.clock.monotonic_s())
            self.clock.sleep_until_s(self._due_s)
        frame = self.scanner.read()
        self.check(frame)
        return frame

    def read_many(self, count: int) -> list[Frame]:
        return [self.read() for _ in range(count)]

    def rate_hz(self, frames: int = 300) -> float:
        """Frames a second, back to back, after the scanner has come to know its chips."""
        self.read_many(100)
        begun_s = self.clock.monotonic_s()
        self.read_many(frames)
        return frames / (self.clock.monotonic_s() - begun_s)

    def check(self, frame: Frame) -> None:
        """Each reading is its own channel's voltage at the time it claims, or it is missing."""
        # Half a code of rounding, and what the input moves in the time by which a start may be uncertain.
        tolerance = 0.51 + self.slope * self.start_known_to_s * 8000
        for column, zone in enumerate(self.mat.zone):
            if frame.codes[column] == MISSING:
                continue
            t_s = (frame.t_us + int(frame.skew_us[column])) / 1e6
            true_code = self.volts(zone.chip, zone.pin, t_s) * 8000
            assert abs(frame.codes[column] - true_code) <= tolerance, (
                f"{zone.name} at {t_s}: {frame.codes[column]} where {true_code:.1f} was true, {self.bus.calls} calls so far"
            )
            assert 0 <= frame.skew_us[column] <= 26_000


def missing(frame: Frame) -> list[int]:
    """Columns without a reading."""
    return [int(column) for column in np.flatnonzero(frame.codes == MISSING)]
