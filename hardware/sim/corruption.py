"""What a bad wire does to the bytes of a read, by name, and who else may use the bus.

Each corruption takes the 16 bits that a chip gave and a source of chances, and gives what arrives.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from hardware.sim.chips import SimulatedBus

Corruption = Callable[[int, random.Random], int]

CORRUPTIONS: dict[str, Corruption] = {
    "ones": lambda word, chance: 0xFFFF,
    "zeros": lambda word, chance: 0x0000,
    "full scale": lambda word, chance: 0x7FFF,
    "shifted left": lambda word, chance: (word << 1 | 1) & 0xFFFF,
    "shifted right": lambda word, chance: word >> 1,
    "tail of ones": lambda word, chance: word | (1 << chance.randrange(4, 16)) - 1,
    "flipped bit": lambda word, chance: word ^ 1 << chance.randrange(16),
}


class BadWire:
    """Corrupts a share of a bus's reads.  Set as `SimulatedBus.corrupt_read`.

    corrupted: how many so far.
    """

    def __init__(self, kind: str, share: float, seed: int = 0) -> None:
        self._corruption = CORRUPTIONS[kind]
        self._share = share
        self._chance = random.Random(seed)
        self.corrupted = 0

    def __call__(self, data: bytes) -> bytes:
        if len(data) != 2 or self._chance.random() >= self._share:
            return data
        self.corrupted += 1
        return self._corruption(int.from_bytes(data, "big"), self._chance).to_bytes(2, "big")


class ForeignProgram:
    """Somebody's own script on the same bus: starts conversions of one pin with settings of its own, now and then.

    running: False stops it.  config: what it writes, with the start bit; by default what the common libraries write for pin 0 at
    860 samples/s.
    """

    def __init__(self, bus: SimulatedBus, address: int, period_s: float, config: int = 0xC2E3, seed: int = 0) -> None:
        self._bus = bus
        self._address = address
        self._period_s = period_s
        self._config = config
        self._chance = random.Random(seed)
        self.running = True
        self._wait(bus.clock.monotonic_s())

    def _wait(self, t_s: float) -> None:
        next_s = t_s + self._period_s * self._chance.uniform(0.5, 1.5)
        self._bus.at(next_s, lambda: self._write(next_s))

    def _write(self, t_s: float) -> None:
        chip = self._bus.chips.get(self._address)
        if self.running and chip is not None:
            chip.write(bytes((1, self._config >> 8, self._config & 0xFF)), t_s)
            chip.write(bytes((0,)), t_s)
            self._wait(t_s)
