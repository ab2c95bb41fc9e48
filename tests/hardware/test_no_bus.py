"""A bus that is not there yet, or goes and comes back: the station waits, says so, and reads again within a second."""

from __future__ import annotations

import numpy as np
from scanner_rig import Rig

from hardware.errors import BusError
from hardware.frames import MISSING
from hardware.health import bus_words
from hardware.scanner import Scanner
from station.service.fault_log import FaultLog
from station.service.sampler import Pace, Sampler

WORDS = "no I2C bus /dev/i2c-1 on this machine: switch I2C on"


class Node:
    """A device node that may be there or not."""

    def __init__(self, rig: Rig, there: bool) -> None:
        self.there = there
        self.looked = 0
        self.looking_takes_s = 0.0
        self._rig = rig

    def open(self):
        self.looked += 1
        self._rig.clock.advance(self.looking_takes_s)
        if not self.there:
            raise BusError(WORDS)
        self._rig.bus.broken = None
        return self._rig.bus

    def unbind(self) -> None:
        self.there = False
        self._rig.bus.broken = AttributeError("'NoneType' object has no attribute 'fileno'")


def sampled(there: bool) -> tuple[Rig, Node, Sampler]:
    rig = Rig(8)
    node = Node(rig, there)
    rig.scanner = Scanner(rig.bus if there else None, rig.mat, rig.clock, reopen=node.open, combined=True)
    pace = Pace(100, 10)
    pace.occupied = there
    return rig, node, Sampler(rig.scanner, rig.clock, pace, 100)


def run(rig: Rig, sampler: Sampler, duration_s: float) -> None:
    until_s = rig.clock.monotonic_s() + duration_s
    while rig.clock.monotonic_s() < until_s:
        sampler.step()


def test_a_station_without_a_bus_gives_empty_frames_says_why_and_looks_more_and_more_rarely() -> None:
    rig, node, sampler = sampled(there=False)
    run(rig, sampler, 3600.0)
    frames = sampler.take()
    assert all((frame.codes == MISSING).all() for frame in frames)
    assert sampler.frames < 2 * 3600 + 600, "an empty frame twice a second is enough, after the first five seconds"
    assert sampler.last_frame_s > rig.clock.monotonic_s() - 1.0, "the watchdog is content"
    assert node.looked < 3600 / 3 + 10
    assert bus_words(rig.scanner.status, rig.mat, rig.clock.monotonic_s())[0] == f"no mat: {WORDS}"
    node.there = True
    run(rig, sampler, 4.0)
    assert sampler.failing_since_s is None
    assert bus_words(rig.scanner.status, rig.mat, rig.clock.monotonic_s()) == ()


def test_the_first_hour_without_a_bus_is_seven_lines_in_the_log() -> None:
    rig, node, sampler = sampled(there=False)
    node.looking_takes_s = 0.4
    log, lines = FaultLog(), []
    for _ in range(3600):
        run(rig, sampler, 1.0)
        sampler.take()
        counts = {"mat: readings that failed": sampler.failures, "frames that came late": sampler.late}
        lines += log.lines(rig.clock.monotonic_s(), counts)
    assert len(lines) <= 6 + 1
    assert all(line.startswith("mat: readings that failed") for line in lines), "no reading is late where there is none"


def test_a_bus_that_is_unbound_costs_a_gap_and_is_read_within_a_second_of_its_return() -> None:
    rig, node, sampler = sampled(there=True)
    run(rig, sampler, 2.0)
    sampler.take()
    node.unbind()
    gone_s = rig.clock.monotonic_s()
    run(rig, sampler, 30.0)
    assert sampler.failing_since_s is not None
    assert sampler.failing_since_s - gone_s < 0.6, "a second later it is said"
    assert all((frame.codes == MISSING).all() for frame in sampler.take()[2:])
    node.there = True
    back_s = rig.clock.monotonic_s()
    run(rig, sampler, 1.0)
    read = [frame.t_us / 1e6 for frame in sampler.take() if (frame.codes != MISSING).all()]
    assert read[0] - back_s < 1.0
    assert np.diff(read).max() < 0.02
