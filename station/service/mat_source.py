"""The mat as a source of frames: the real one on its bus, or a simulated body on simulated chips; both under the same scanner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from hardware.clock import Clock
from hardware.errors import BusError
from hardware.frames import Frame
from hardware.mat import Limb, Mat
from hardware.scanner import Scanner, ScannerStatus
from station.config import Config, Simulation
from station.practice.positions import POSITIONS, body_map
from station.service.sampler import FrameSource

if TYPE_CHECKING:
    from hardware.sim.body import SimulatedMat
    from hardware.sim.lying import Lying
    from hardware.sim.steering import SteeredPerson
    from hardware.sim.switchable_faults import FaultSwitches

CLOCK_HZ = 400_000.0


class MatSource(FrameSource, Protocol):
    """A mat that can also say how its boards are."""

    @property
    def status(self) -> ScannerStatus: ...


def open_mat(config: Config, mat: Mat, clock: Clock) -> MatSource:
    """The mat the config names.  A real one may not be there yet: then nothing is read until it comes."""
    return simulated_mat(config, mat, clock) if config.simulated else real_mat(config, mat, clock)


def real_mat(config: Config, mat: Mat, clock: Clock, *, wait: bool = True) -> Scanner:
    """The mat on its bus.  Where there is no such bus the scanner waits for it; with `wait` False that is a BusError."""
    from hardware.bus import I2CBusOpener

    opener = I2CBusOpener(config.sampling.bus)
    try:
        bus = opener.open()
    except BusError:
        if not wait:
            raise
        return Scanner(None, mat, clock, reopen=opener.open, combined=True)
    return Scanner(bus, mat, clock, reopen=opener.open, combined=True)


def simulated_mat(config: Config, mat: Mat, clock: Clock) -> MatSource:
    """Somebody practises on chips made of numbers; from the registers up everything is as on a Pi."""
    from hardware.sim.body import SimulatedMat
    from hardware.sim.chips import FakeADS1115, SimulatedBus
    from hardware.sim.steering import SteeredPerson
    from hardware.sim.switchable_faults import FaultSwitches, parse_fault

    person = SteeredPerson(practises=config.simulation.script == "practice")
    body = SimulatedMat(movable(mat), person.script, config.simulation.seed, lying=_lying(config.simulation, mat))
    began_s = clock.monotonic_s()

    def volts(address: int, pin: int, t_s: float) -> float:
        return body.volts(address, pin, t_s - began_s)

    counted = _CountedTime(clock)
    bus = SimulatedBus(counted, (), clock_hz=CLOCK_HZ)
    switches = FaultSwitches(bus, mat)
    bus.chips.update({address: FakeADS1115(address, switches.volts(volts)) for address in mat.chips})
    for text in config.simulation.faults:
        switches.turn_on_in_time(parse_fault(text, mat))
    scanner = Scanner(bus, mat, counted, reopen=lambda: bus)
    return SimulatedSource(scanner, counted, person, body, switches)


def _lying(wished: Simulation, mat: Mat) -> Lying | None:
    """Where the simulated person lies; None: just as the mat wants it."""
    from hardware.sim.lying import Lying

    if wished.stature_cm is None and not any(wished.off_cm):
        return None
    shortest, tallest = mat.mat.stature_cm or (170.0, 170.0)
    return Lying(wished.stature_cm or (shortest + tallest) / 2, wished.off_cm)


def movable(mat: Mat) -> Mat:
    """The mat for a simulated person, who also has the limbs and the trunk of every other position: named "position:limb"."""
    body = body_map(mat)
    limbs = list(mat.limb)
    for position in POSITIONS:
        for each in body.limbs[position]:
            limbs.append(msgspec.structs.replace(each, name=f"{position}:{each.name}"))
        for part in body.trunk[position].values():
            zones = tuple(mat.zone_names[n] for n in part.zones)
            limbs.append(Limb(name=f"{position}:{part.name}", kind="leg", side="left", zones=zones))
    return msgspec.structs.replace(mat, limb=tuple(limbs))


class _CountedTime:
    """Bus and chips of a simulated mat count their time instead of spending it.

    A scan sleeps some thirty times for a fraction of a millisecond.  On a Pi that time passes in the kernel and on the bus; on a
    busy laptop it would be the scheduler's mood that is simulated.  Each scan begins at the true time; within it time is counted.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._now_s = clock.monotonic_s()

    def begin(self) -> None:
        """A scan begins now."""
        self._now_s = max(self._now_s, self._clock.monotonic_s())

    def monotonic_s(self) -> float:
        return self._now_s

    def wall_s(self) -> float:
        return self._clock.wall_s()

    def sleep_until_s(self, t_s: float) -> None:
        self._now_s = max(self._now_s, t_s)


class SimulatedSource:
    """A scanner whose scans begin at the true time.  person: does what is asked of them; body: how they lie, and its wires;
    faults: switches for what may be wrong with wires, boards and bus."""

    def __init__(
        self, scanner: Scanner, time: _CountedTime, person: SteeredPerson, body: SimulatedMat, faults: FaultSwitches
    ) -> None:
        self.faults = faults
        self._scanner = scanner
        self._time = time
        self.person = person
        self.body = body

    @property
    def zones(self) -> tuple[str, ...]:
        return self._scanner.zones

    @property
    def status(self) -> ScannerStatus:
        return self._scanner.status

    def read(self) -> Frame:
        self._time.begin()
        return self._scanner.read()

    def recover(self) -> None:
        self._time.begin()
        self._scanner.recover()

    def close(self) -> None:
        self._scanner.close()
