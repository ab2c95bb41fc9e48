"""How many corrupted reads are believed: of those that a bad wire changes, the share that comes out as a wrong reading.

Sixteen slowly moving inputs with the noise of a quiet divider are read 100 times a second on simulated time, and a tenth of all
reads of a register is changed in one way of hardware.sim.corruption.  A reading is wrong where it is further from the truth at its
own time than six deviations of the noise, a millisecond of movement and rounding explain.
"""

from __future__ import annotations

import math

import numpy as np

from hardware.frames import CODES_PER_VOLT, MISSING
from hardware.mat import Mat, MatFacts, Zone
from hardware.scanner import Scanner
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock
from hardware.sim.corruption import CORRUPTIONS, BadWire
from station.bench.figure import Figure

SEEDS = range(3)
SHARE = 0.1
DURATION_S, WARM_UP_S = 4.0, 1.0
PERIOD_S = 0.01
NOISE_V = 1.5e-4
SLOPE_V_PER_S, TURNS_PER_S = 0.1, 20.0
START_KNOWN_TO_S = 0.0011
GOALS = {"ones": 0.0, "zeros": 0.0, "full scale": 0.0, "flipped bit": 0.10}
GOAL = 0.02

_NOISE = np.random.default_rng(5).standard_normal(65536)


def measure() -> list[Figure]:
    """Each kind of corruption, in library calls and in joined calls as a Pi 4's controller allows them."""
    return [
        Figure(
            f"corrupted reads believed: {kind}, {way}",
            "share",
            tuple(_believed(kind, joined, seed) for seed in SEEDS),
            GOALS.get(kind, GOAL),
            note=f"{SHARE:.0%} of all reads corrupted",
        )
        for kind in CORRUPTIONS
        for joined, way in ((False, "library calls"), (True, "joined calls"))
    ]


def _true_volts(address: int, pin: int, t_s: float) -> float:
    return 0.3 + 0.14 * (4 * (address - 0x48) + pin) + SLOPE_V_PER_S / TURNS_PER_S * math.sin(TURNS_PER_S * t_s)


def _noisy_volts(address: int, pin: int, t_s: float) -> float:
    slot = (int(t_s * 1e6) * 40503 >> 8) + (address * 4 + pin) * 7919
    return _true_volts(address, pin, t_s) + NOISE_V * float(_NOISE[slot & 65535])


def _believed(kind: str, joined: bool, seed: int) -> float:
    clock = SimulatedClock()
    zones = tuple(Zone(name=f"z{i}", chip=0x48 + i // 4, pin=i % 4, x_cm=0.0, y_cm=0.0, resistor_ohms=10_000.0) for i in range(16))
    mat = Mat(mat=MatFacts(name="bench", supply_volts=3.3), zone=zones)
    bus = SimulatedBus(clock, [FakeADS1115(address, _noisy_volts) for address in mat.chips])
    bus.reads_last_only = True
    scanner = Scanner(bus, mat, clock, combined=joined)
    tolerance = 1.0 + CODES_PER_VOLT * (SLOPE_V_PER_S * START_KNOWN_TO_S + 6 * NOISE_V)
    begun_s = clock.monotonic_s()
    wire, wrong = BadWire(kind, SHARE, seed), 0
    for n in range(round(DURATION_S / PERIOD_S)):
        clock.sleep_until_s(begun_s + n * PERIOD_S)
        if n * PERIOD_S >= WARM_UP_S:
            bus.corrupt_read = wire
        frame = scanner.read()
        for column, zone in enumerate(zones):
            if frame.codes[column] != MISSING:
                t_s = (frame.t_us + int(frame.skew_us[column])) / 1e6
                off_by = float(frame.codes[column]) - CODES_PER_VOLT * _true_volts(zone.chip, zone.pin, t_s)
                wrong += abs(off_by) > tolerance
    return wrong / wire.corrupted
