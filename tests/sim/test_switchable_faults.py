"""Faults of a simulated mat that can be switched on: each does something, is named as the list says, and can be undone."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from hardware.errors import BusError
from hardware.fault_list import FAULTS
from hardware.frames import Frame
from hardware.health import HealthMonitor, bus_notices
from hardware.mats import find_mat
from hardware.scanner import ChipStatus, Scanner, ScannerStatus
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock
from hardware.sim.switchable_faults import SWITCHABLE, FaultNameError, FaultSwitches, parse_fault

BUS_AND_BOARDS = sorted(name for name, fault in SWITCHABLE.items() if fault.target != "zone" and fault.says in FAULTS)


class FaultyMat:
    def __init__(self) -> None:
        self.mat = find_mat("half-8")[0]
        self.clock = SimulatedClock()
        self.bus = SimulatedBus(self.clock, ())
        self.switches = FaultSwitches(self.bus, self.mat)
        volts = self.switches.volts(lambda address, pin, t_s: 0.3 + 0.2 * (4 * (address - 0x48) + pin) + 0.0003 * (t_s * 1e4 % 1))
        self.bus.chips.update({address: FakeADS1115(address, volts) for address in self.mat.chips})
        self.scanner = Scanner(self.bus, self.mat, self.clock, reopen=lambda: self.bus)
        self.recover_s = 0.0

    def run(self, duration_s: float) -> set[str]:
        """What was said in that time."""
        said: set[str] = set()
        until_s = self.clock.monotonic_s() + duration_s
        while self.clock.monotonic_s() < until_s:
            try:
                self.clock.sleep_until_s(self.clock.monotonic_s() + 0.003)
                self.scanner.read()
            except BusError:
                self.clock.advance(0.01)
                if self.clock.monotonic_s() > self.recover_s:
                    self.recover_s = self.clock.monotonic_s() + 0.5
                    try:
                        self.scanner.recover()
                    except BusError:
                        continue
            said |= {notice.code for notice in bus_notices(self.scanner.status, self.mat, self.clock.monotonic_s())}
        return said


@pytest.mark.parametrize("name", BUS_AND_BOARDS)
def test_a_fault_of_bus_or_board_is_named_as_the_list_says_and_is_over_when_it_is_switched_off(name: str) -> None:
    faulty = FaultyMat()
    assert faulty.run(2.0) == set()
    fault = parse_fault(name, faulty.mat)
    faulty.switches.turn_on(fault)
    assert SWITCHABLE[name].says in faulty.run(3.0)
    faulty.switches.turn_off(fault)
    faulty.run(45.0 if name == "foreign-program" else 15.0)
    assert faulty.run(0.5) == set()


def codes_of_zone_faults(name: str) -> set[tuple[str, object]]:
    """What the health of a mat says twelve seconds after a zone's fault was switched on; somebody lies there and lifts a little."""
    mat = find_mat("half-8")[0]
    bus = SimulatedBus(SimulatedClock(), ())
    switches, rng = FaultSwitches(bus, mat), random.Random(3)

    def body(address: int, pin: int, t_s: float) -> float:
        number = 4 * (address - 0x48) + pin
        moves_v = 0.06 if name == "twin" else 0.012
        return 0.4 + 0.25 * number + moves_v * math.sin((0.9 + 0.13 * number) * t_s) + rng.gauss(0.0, 2e-4)

    volts = switches.volts(body)
    chips = tuple(ChipStatus(address, "working", 0.0, 0, 0, 0, None, "") for address in mat.chips)
    status, monitor = ScannerStatus(chips, False, 0, 0, 0), HealthMonitor(mat)
    for n in range(16 * 50):
        t_s = n / 50.0
        if n == 4 * 50:
            assert monitor.notices(status, t_s) == ()
            switches.turn_on(parse_fault(f"{name}:elbow_r", mat))
        codes = np.array([round(8000 * volts(zone.chip, zone.pin, t_s)) for zone in mat.zone], np.int16)
        monitor.feed([Frame(round(t_s * 1e6), codes, np.zeros(8, np.int32))], somebody=True)
    return {(notice.code, notice.params["zone"]) for notice in monitor.notices(status, 16.0)}


@pytest.mark.parametrize("name", sorted(name for name, fault in SWITCHABLE.items() if fault.target == "zone"))
def test_a_fault_of_a_zone_is_named_as_the_list_says_and_no_other(name: str) -> None:
    told = codes_of_zone_faults(name)
    zones = {"elbow_r", "belly"} if name == "twin" else {"elbow_r"}
    assert told == {(SWITCHABLE[name].says, zone) for zone in zones}


def test_a_fault_may_begin_later() -> None:
    faulty = FaultyMat()
    faulty.switches.turn_on_in_time(parse_fault("pull-board:2@3", faulty.mat))
    assert faulty.run(2.5) == set()
    assert faulty.run(2.0) == {"board_absent"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cut-wires", "there is no fault 'cut-wires' to simulate; there are cut-wire"),
        ("cut-wire:toe", "there is no zone 'toe' on this mat"),
        ("pull-board:7", r"there is no board '7' on this mat; boards are 1 \(0x48\)"),
        ("pull-board:0", "there is no board '0'"),
        ("hang:2@soon", "'soon' in 'hang:2@soon' is no number of seconds"),
    ],
)
def test_a_fault_that_does_not_exist_is_one_line(text: str, words: str) -> None:
    with pytest.raises(FaultNameError, match=words):
        parse_fault(text, find_mat("half-8")[0])
