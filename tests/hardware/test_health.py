"""Each electrical fault on the register-level chips is named with the zone and the place to look; a well mat has nothing to say."""

from __future__ import annotations

import math
import random

import pytest
from scanner_rig import Rig

from hardware.errors import BusError
from hardware.health import HealthMonitor, ZoneHealth, bus_words
from hardware.mat import Mat

END_RESISTOR_VOLTS = 3.3 * 10_000 / (10_000 + 1_000_000)


class Wires:
    """Voltages of a mat with end resistors and a person on it; `fault` replaces single channels'."""

    def __init__(self) -> None:
        self.faults = {}
        self._noise = random.Random(5)

    def __call__(self, address: int, pin: int, t_s: float) -> float:
        fault = self.faults.get((address, pin))
        if fault is not None:
            return fault(t_s)
        return self.usual(address, pin, t_s)

    def usual(self, address: int, pin: int, t_s: float) -> float:
        number = 4 * (address - 0x48) + pin
        if number % 3 == 0:
            return END_RESISTOR_VOLTS + self._noise.gauss(0, 1e-4)
        return 1.0 + 0.1 * number + 0.03 * math.sin(t_s * (4 + 0.3 * number)) + self._noise.gauss(0, 2e-4)


def judged(wires: Wires, zones: int = 8, seconds: float = 1.5, before=lambda rig: None) -> tuple[Rig, tuple[ZoneHealth, ...]]:
    rig, monitor = run(wires, zones, seconds, before)
    return rig, monitor.report(rig.scanner.status)


def run(wires: Wires, zones: int = 8, seconds: float = 1.5, before=lambda rig: None) -> tuple[Rig, HealthMonitor]:
    rig = Rig(zones, wires, period_s=0.01)
    rig.check = lambda frame: None  # the wires are noisy: no truth to hold against
    rig.mat = Mat(mat=rig.mat.mat.__class__(name="t", supply_volts=3.3, end_resistors_ohms=1e6), zone=rig.mat.zone)
    monitor = HealthMonitor(rig.mat)
    before(rig)
    for _ in range(round(seconds * 100)):
        monitor.feed([rig.read()])
    return rig, monitor


def faults(health: tuple[ZoneHealth, ...]) -> dict[str, str]:
    return {zone.zone: zone.fault for zone in health if zone.fault}


def test_a_well_mat_has_nothing_to_say_and_its_figures_are_true() -> None:
    rig, health = judged(Wires())
    assert faults(health) == {}
    for zone in health:
        assert zone.rate_hz == pytest.approx(100, rel=0.02)
        assert zone.noise_volts == pytest.approx(2e-4, rel=0.6)
        assert zone.saturated_share == 0
        assert zone.last_good_s == pytest.approx(rig.clock.monotonic_s(), abs=0.02)
    assert health[1].volts == pytest.approx(1.1, abs=0.03)
    assert bus_words(rig.scanner.status, rig.mat, rig.clock.monotonic_s()) == ()


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (lambda t_s: 0.0, "zone_open", "z5: no signal, check the plug of board 2, pin 2"),
        (lambda t_s: 3.3, "zone_short", "z5: reads the full supply, look for a short"),
        (lambda t_s: 0.0 if t_s % 0.3 < 0.03 else 1.5, "zone_flickering", "z5: comes and goes, a loose wire at board 2, pin 2?"),
        (lambda t_s: 1.5 + 0.03 * math.sin(t_s * 2 * math.pi * 47.3), "zone_noisy", "z5: noisy"),
    ],
)
def test_an_electrical_fault_is_named_with_its_place(fault, kind: str, words: str) -> None:
    wires = Wires()
    wires.faults[0x49, 1] = fault
    _, health = judged(wires, seconds=2.5)
    assert faults(health) == {"z5": kind}
    assert health[5].words.startswith(words)


def test_one_disturbed_frame_is_never_a_cable() -> None:
    """Two a second, as near a switching relay."""
    wires = Wires()
    wires.faults[0x49, 1] = lambda t_s: 0.0 if t_s % 0.5 < 0.009 else wires.usual(0x49, 1, t_s)
    assert faults(judged(wires)[1]) == {}


def test_an_unloaded_zone_with_its_end_resistor_is_not_a_cut_wire() -> None:
    _, health = judged(Wires())
    assert health[0].volts == pytest.approx(END_RESISTOR_VOLTS, abs=0.001)
    assert health[0].fault is None


def test_a_board_that_does_not_answer_is_named_within_half_a_second() -> None:
    def unplug(rig: Rig) -> None:
        rig.read_many(50)
        rig.chips[1].unplug()

    rig, health = judged(Wires(), seconds=0.5, before=unplug)
    assert faults(health) == {f"z{i}": "board_absent" for i in range(4, 8)}
    assert bus_words(rig.scanner.status, rig.mat, rig.clock.monotonic_s()) == (
        "sensor board 2 (0x49: z4, z5, z6, z7) does not answer, check its plug",
    )


def test_a_hanging_board_is_named() -> None:
    def hang(rig: Rig) -> None:
        rig.read_many(50)
        rig.chips[0].never_ends = True

    rig, health = judged(Wires(), before=hang)
    assert faults(health) == {f"z{i}": "board_hung" for i in range(4)}
    assert "hangs" in bus_words(rig.scanner.status, rig.mat, rig.clock.monotonic_s())[0]


def test_a_restarted_board_is_told_for_a_while() -> None:
    def brown_out(rig: Rig) -> None:
        rig.read_many(50)
        rig.chips[1].brown_out()

    rig, health = judged(Wires(), before=brown_out)
    assert faults(health) == {}
    now_s = rig.clock.monotonic_s()
    assert "restarted" in bus_words(rig.scanner.status, rig.mat, now_s)[0]
    assert bus_words(rig.scanner.status, rig.mat, now_s + 10) == ()


def test_a_stuck_bus_is_told_alone() -> None:
    rig = Rig(8)
    rig.read_many(3)
    rig.bus.stuck = True
    with pytest.raises(BusError):
        rig.read_many(3)
    (words,) = bus_words(rig.scanner.status, rig.mat, rig.clock.monotonic_s())
    assert "stuck, recovering" in words


def test_lost_readings_are_told_as_a_share() -> None:
    _, health = judged(Wires(), seconds=2.0, before=lambda rig: rig.bus.disturb(0.1, 3))
    told = [zone for zone in health if zone.fault == "zone_gaps"]
    assert len(told) >= 6
    assert "of its readings are lost, check the cable of board" in told[0].words


def test_a_number_that_cannot_be_is_named_as_that() -> None:
    wires = Wires()
    wires.faults[0x49, 1] = lambda t_s: 3.9
    assert faults(judged(wires)[1]) == {"z5": "zone_implausible"}


def test_all_that_is_wrong_is_one_list_and_a_board_stands_for_its_zones() -> None:
    def wreck(rig: Rig) -> None:
        rig.read_many(50)
        rig.chips[1].unplug()

    wires = Wires()
    wires.faults[0x48, 1] = lambda t_s: 0.0
    rig, monitor = run(wires, before=wreck)
    notices = monitor.notices(rig.scanner.status, rig.clock.monotonic_s())
    assert [(notice.code, notice.params.get("zone")) for notice in notices] == [("board_absent", None), ("zone_open", "z1")]


def test_nothing_is_said_before_the_first_frame() -> None:
    rig = Rig(4)
    assert HealthMonitor(rig.mat).report(rig.scanner.status) == ()
