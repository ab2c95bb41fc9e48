"""The guided check against a mat with hands on it: each wiring mistake is named, and a well mat passes."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from scanner_rig import mat_of

from hardware.check import SUPPLY_OFF, Check, CheckResult, exchanged, measure_scan_rate, supply_from_end_resistors
from hardware.mat import Mat
from hardware.mats import find_mat
from hardware.scanner import Scanner
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock
from hardware.sim.hands import HandsOnMat


class Bench:
    """A simulated mat, a person who does what the prompt says, and the check."""

    def __init__(self, zones: int = 8, end_resistors: bool = True, period_s: float = 0.01) -> None:
        plain = mat_of(zones)
        facts = type(plain.mat)(name="bench", supply_volts=3.3, end_resistors_ohms=1e6 if end_resistors else None)
        self.mat = Mat(mat=facts, zone=plain.zone)
        self.clock = SimulatedClock()
        self.hands = HandsOnMat(self.mat, seed=4)
        self.chips = [FakeADS1115(address, self.volts) for address in self.mat.chips]
        self.bus = SimulatedBus(self.clock, self.chips)
        self.scanner = Scanner(self.bus, self.mat, self.clock)
        self.period_s = period_s
        self.wiring: dict[tuple[int, int], tuple[int, int]] = {}
        self.instead: dict[tuple[int, int], Callable[[float], float]] = {}
        self.press_n = 15.0

    def volts(self, address: int, pin: int, t_s: float) -> float:
        if (address, pin) in self.instead:
            return self.instead[address, pin](t_s)
        return self.hands.volts(*self.wiring.get((address, pin), (address, pin)), t_s)

    def run(self, answers: dict[str, str] | None = None) -> CheckResult:
        check = Check(self.mat, 1 / self.period_s, lambda: self.scanner.status)
        due_s = self.clock.monotonic_s()
        pressed = None
        for _ in range(round(400 / self.period_s)):
            prompt = check.prompt
            if prompt.kind == "done":
                break
            if pressed is not None and prompt.zone != pressed:
                self.hands.take_off(pressed)
                pressed = None
            if prompt.kind == "press" and answers and prompt.zone in answers:
                check.answer(answers[prompt.zone])
            elif prompt.kind == "press" and prompt.zone != pressed:
                pressed = prompt.zone
                self.hands.lay(pressed, self.press_n)
            due_s += self.period_s
            self.clock.sleep_until_s(due_s)
            check.feed(self.scanner.read())
        assert check.finished
        return check.result


def words(result: CheckResult, grade: str) -> list[str]:
    return [finding.words for finding in result.findings if finding.grade == grade]


def test_a_well_mat_passes_and_every_zone_is_named() -> None:
    result = Bench().run()
    assert result.passed
    assert result.verdict == "The mat is well."
    good = words(result, "good")
    assert good[0].startswith(("100 frames/s of 100 asked for", "101 frames/s of 100 asked for"))
    assert good[1] == "sensor boards that answer: 0x48, 0x49"
    assert [line.split(":")[0] for line in good[2:]] == [f"z{i}" for i in range(8)]


@pytest.mark.parametrize(("supply_v", "noted"), [(3.3, False), (3.22, False), (3.1, True), (3.0, True)])
def test_a_supply_below_its_nominal_voltage_is_told_by_the_end_resistors_of_an_empty_mat(supply_v: float, noted: bool) -> None:
    """3.1 V instead of 3.3 V makes a sensor at 2.6 V seem to carry almost a third less."""
    plain = find_mat("full-16")[0]
    ohms = np.array([zone.resistor_ohms for zone in plain.zone])
    rest = supply_v * ohms / (ohms + 1e6) + np.random.default_rng(1).uniform(-2, 2, 16) / 8000
    rest[3] = 0.4  # something lies there
    told = supply_from_end_resistors(plain, rest)
    assert told == pytest.approx(supply_v, rel=0.03)
    assert (abs(told - 3.3) > SUPPLY_OFF * 3.3) == noted
    loaded = np.full(16, 1.2)
    assert supply_from_end_resistors(plain, loaded) is None, "a mat that is not empty tells nothing"


def test_two_exchanged_wires_are_named_with_both_places() -> None:
    bench = Bench()
    bench.wiring = {(0x48, 1): (0x49, 2), (0x49, 2): (0x48, 1)}
    result = bench.run()
    assert words(result, "fault") == [
        "z1 and z6 are swapped: exchange the wires at board 1, pin 2 and board 2, pin 3, or their names in the mat file"
    ]
    assert result.verdict == "1 thing to mend."


def test_two_exchanged_boards_are_named_as_boards() -> None:
    bench = Bench(zones=12)
    bench.bus.swap(0x48, 0x4A)
    result = bench.run()
    assert words(result, "fault") == ["boards 1 (0x48) and 3 (0x4a) are swapped: exchange their plugs or address straps"]


def test_a_wire_on_the_wrong_input_is_named() -> None:
    bench = Bench()
    bench.wiring = {(0x48, 0): (0x48, 1), (0x48, 1): (0x48, 2), (0x48, 2): (0x48, 0)}
    assert words(bench.run(), "fault") == [
        "pressing z0 moves z2: is the wire at board 1, pin 3?",
        "pressing z1 moves z0: is the wire at board 1, pin 1?",
        "pressing z2 moves z1: is the wire at board 1, pin 2?",
    ]


def test_a_dead_zone_is_named_after_waiting_and_the_check_goes_on() -> None:
    bench = Bench(zones=4, end_resistors=False)
    bench.instead = {(0x48, 2): lambda t_s: 0.0}
    result = bench.run()
    assert words(result, "fault") == ["z2: dead, no answer to a press; check board 1, pin 3 and the sensor"]
    assert "z3: answers" in words(result, "good")[-1]


def test_a_cut_wire_is_found_without_a_press_where_there_are_end_resistors() -> None:
    bench = Bench(zones=4)
    bench.instead = {(0x48, 2): lambda t_s: 0.0}
    assert words(bench.run(), "fault") == ["z2: no signal, check the plug of board 1, pin 3: the wire is cut, or touches ground"]


def test_inputs_that_touch_are_named_together() -> None:
    bench = Bench(zones=4)
    joined = [(0x48, 1), (0x48, 3)]
    bench.instead = dict.fromkeys(joined, lambda t_s: max(bench.hands.volts(*channel, t_s) for channel in joined))
    assert words(bench.run(), "fault") == ["z1 and z3 answer together: look for wires that touch"] * 2


def test_a_zone_that_saturates_is_a_note_not_a_fault() -> None:
    bench = Bench(zones=4)
    bench.instead = {(0x48, 1): lambda t_s: 3.295 if bench.hands._force_n[1] else 0.03}
    result = bench.run()
    assert result.passed
    assert any(line.startswith("z1: saturated") for line in words(result, "note"))


def test_a_noisy_zone_is_named() -> None:
    bench = Bench(zones=4)
    noise = random.Random(1)
    bench.instead = {(0x48, 0): lambda t_s: 0.1 + noise.gauss(0, 0.02)}
    assert any("z0: noisy" in line for line in words(bench.run({"z0": "skip"}), "fault"))


def test_a_board_that_is_missing_is_one_fault_and_its_zones_are_not_asked_for() -> None:
    bench = Bench(zones=8)
    bench.chips[1].unplug()
    result = bench.run()
    assert words(result, "fault") == ["sensor board 2 (0x49: z4, z5, z6, z7) does not answer, check its plug"]
    assert not any("z5" in line for line in words(result, "good"))


def test_a_board_at_a_wrong_address_is_named() -> None:
    bench = Bench(zones=8)
    bench.bus.chips[0x4B] = bench.bus.chips.pop(0x49)
    assert bench.scanner.strangers() == (0x4B,)
    check = Check(bench.mat, 100, lambda: bench.scanner.status, strangers=bench.scanner.strangers())
    while check.prompt.kind == "wait":
        bench.clock.advance(0.003)
        check.feed(bench.scanner.read())
    assert "0x4b, which the mat file does not name: is its address strap right?" in words(check.result, "fault")[0]


def test_a_rate_that_is_not_reached_is_a_fault_that_names_the_clock() -> None:
    bench = Bench(zones=16, period_s=0.01)
    bench.bus._bit_s = 1e-5  # 100 kHz
    assert any(
        "is the I2C clock 400 kHz" in line for line in words(bench.run(dict.fromkeys(bench.mat.zone_names, "skip")), "fault")
    )


def test_skipped_zones_are_noted_and_stop_ends_it() -> None:
    result = Bench(zones=4).run({"z1": "skip", "z2": "stop"})
    assert words(result, "note") == ["z1: not pressed", "z2: not pressed", "z3: not pressed"]


def test_the_prompt_says_where_the_zone_lies_and_the_levels_show_the_press() -> None:
    bench = Bench(zones=4)
    check = Check(bench.mat, 100, lambda: bench.scanner.status)
    assert check.prompt.kind == "wait"
    while check.prompt.kind == "wait":
        bench.clock.advance(0.003)
        check.feed(bench.scanner.read())
    assert check.prompt.words == "Press on z0 (0 cm from the foot end, in the middle)."
    bench.hands.lay("z0", 20.0)
    seen = False
    while check.prompt.kind == "press" and check.prompt.zone == "z0":
        bench.clock.advance(0.003)
        check.feed(bench.scanner.read())
        seen |= check.levels[0].pressed
    assert seen
    assert not check.levels[1].pressed


def test_three_boards_in_a_ring_are_told_zone_by_zone() -> None:
    mat = mat_of(12)
    ring = {f"z{i}": f"z{(i + 4) % 12}" for i in range(12)}
    assert len(exchanged(mat, ring)) == 12


@pytest.mark.parametrize("zones", [4, 16])
def test_the_scan_rate_is_measured_back_to_back(zones: int) -> None:
    bench = Bench(zones)
    assert measure_scan_rate(bench.scanner, bench.clock) > 110, "an empty mat gives only zeros, each with a proof of its own"
