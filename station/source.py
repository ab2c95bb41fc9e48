"""The mat as a source of frames: the real one on its bus, or a simulated body on simulated chips; both under the same scanner."""

from __future__ import annotations

from hardware.clock import Clock, SystemClock
from hardware.mat import Mat
from hardware.scanner import Scanner
from station.config import Config

CALL_S = 80e-6
CLOCK_HZ = 400_000.0


def open_mat(config: Config, mat: Mat, clock: Clock) -> Scanner:
    """A scanner on the bus the config names.  Raises BusError when there is no such bus on this machine."""
    if config.simulated:
        return simulated_mat(config, mat, clock)
    from hardware.bus import BusDoor, can_combine

    door = BusDoor(config.sampling.bus)
    bus = door.open()
    known = {} if door.clock_hz is None else {"clock_hz": float(door.clock_hz)}
    return Scanner(bus, mat, clock, reopen=door.open, combined=can_combine(bus, mat.chips[0]), **known)


def simulated_mat(config: Config, mat: Mat, clock: Clock) -> Scanner:
    """Somebody practises on chips made of numbers; from the registers up everything is as on a Pi."""
    from hardware.sim.body import SimulatedMat
    from hardware.sim.chips import FakeADS1115, SimulatedBus
    from hardware.sim.script import Away, Script, practice_script

    script = practice_script() if config.simulation.script == "practice" else Script(((Away(3600.0),),), repeats=True)
    body = SimulatedMat(mat, script, config.simulation.seed)
    began_s = clock.monotonic_s()

    def volts(address: int, pin: int, t_s: float) -> float:
        return body.volts(address, pin, t_s - began_s)

    # In real time the simulation's own work takes as long as a system call would; on a fake clock that time must be counted.
    call_s = 0.0 if isinstance(clock, SystemClock) else CALL_S
    return Scanner(
        SimulatedBus(clock, [FakeADS1115(address, volts) for address in mat.chips], call_s=call_s), mat, clock, clock_hz=CLOCK_HZ
    )
