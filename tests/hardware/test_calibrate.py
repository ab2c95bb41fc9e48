"""The guided calibration on simulated sensors whose true constants are known, driven by scripted answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from msgspec import structs
from scanner_rig import mat_of

from hardware.calibrate import Calibration, newtons
from hardware.calibration import CalibrationError, ZoneCalibration
from hardware.mat import Mat
from hardware.scanner import Scanner
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock
from hardware.sim.hands import HandsOnMat

PERIOD_S = 0.02


class Bench:
    """Weights, a mat, and somebody who does what the prompt says.  weights: what they lay on, one after another."""

    def __init__(self, weights: tuple[str, ...] = ("1 kg", "2 kg", "4 kg", "1 kg", "4 kg"), seed: int = 4) -> None:
        plain = mat_of(4)
        self.mat = Mat(
            mat=type(plain.mat)(name="bench", supply_volts=3.3, end_resistors_ohms=1e6),
            zone=tuple(structs.replace(zone, resistor_ohms=1500.0) for zone in plain.zone),
        )
        self.clock = SimulatedClock(wall_s=1_750_000_000.0)
        self.hands = HandsOnMat(self.mat, seed)
        self.bus = SimulatedBus(self.clock, [FakeADS1115(0x48, self.volts)])
        self.scanner = Scanner(self.bus, self.mat, self.clock)
        self.weights = weights
        self.saved: list[ZoneCalibration] = []
        self.heard: list[str] = []
        self.instead: dict[int, Callable[[float], float]] = {}

    def volts(self, address: int, pin: int, t_s: float) -> float:
        return self.instead[pin](t_s) if pin in self.instead else self.hands.volts(address, pin, t_s)

    def start(self, zones: tuple[str, ...] | None = ("z1",), creep_s: float = 60.0) -> Calibration:
        return Calibration(self.mat, self.saved.append, self.clock.wall_s, zones, creep_s)

    def frame(self, calibration: Calibration) -> None:
        self.clock.advance(PERIOD_S)
        calibration.feed(self.scanner.read())
        if calibration.words and (not self.heard or self.heard[-1] != calibration.words):
            self.heard.append(calibration.words)

    def run(self, calibration: Calibration, at_most_s: float = 600.0) -> None:
        zone, left = None, list(self.weights)
        for _ in range(round(at_most_s / PERIOD_S)):
            prompt = calibration.prompt
            if prompt.kind == "done":
                return
            if prompt.zone != zone:
                if zone:
                    self.hands.take_off(zone)
                zone, left = prompt.zone, list(self.weights)
            if prompt.kind == "unload":
                self.hands.take_off(zone)
            elif prompt.kind == "weight" and left:
                weight = left.pop(0)
                self.hands.lay(zone, newtons(weight))
                calibration.answer(weight)
            elif prompt.kind == "weight":
                calibration.answer("done")
            self.frame(calibration)
        raise AssertionError(f"still at: {calibration.prompt.words} {self.heard}")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_true_constants_are_found_within_what_hysteresis_and_creep_allow(seed: int) -> None:
    bench = Bench(seed=seed)
    bench.run(bench.start())
    (calibration,) = bench.saved
    traits = bench.hands.traits
    assert calibration.gamma == pytest.approx(traits.gamma[1], abs=0.06)
    for force_n in (10.0, 20.0, 40.0):
        # Creep of the first seconds and the upper branch of the loop are in every reading; both make it a little larger.
        assert calibration.k * force_n**calibration.gamma == pytest.approx(traits.k[1] * force_n ** traits.gamma[1], rel=0.2)
    assert calibration.creep_per_decade == pytest.approx(traits.creep_per_decade[1], abs=0.02)
    assert calibration.residual < 0.05
    assert calibration.repeatability is not None
    assert calibration.repeatability < 0.05
    assert calibration.weights == 5
    assert calibration.tare_siemens == pytest.approx(1e-6, rel=0.1)
    assert calibration.made_wall_s > 1_750_000_000


def test_every_zone_is_saved_once_and_in_order() -> None:
    bench = Bench(weights=("1 kg", "3 kg"))
    calibration = bench.start(None, creep_s=12.0)
    bench.run(calibration)
    assert [one.zone for one in bench.saved] == ["z0", "z1", "z2", "z3"]
    assert calibration.prompt.words == "Calibrated: z0, z1, z2, z3."
    assert all(one.repeatability is None for one in bench.saved)


def test_without_the_creep_test_there_is_no_creep() -> None:
    bench = Bench(weights=("1 kg", "3 kg"))
    bench.run(bench.start(creep_s=0.0))
    assert bench.saved[0].creep_per_decade is None


def until(bench: Bench, calibration: Calibration, kind: str) -> None:
    for _ in range(1000):
        if calibration.prompt.kind == kind:
            return
        bench.frame(calibration)
    raise AssertionError(calibration.prompt)


def test_a_creep_test_cut_short_is_left_out_and_the_weight_counts() -> None:
    bench = Bench()
    calibration = bench.start()
    until(bench, calibration, "weight")
    bench.hands.lay("z1", 30.0)
    calibration.answer("30 N")
    until(bench, calibration, "leave")
    for _ in range(300):
        bench.frame(calibration)
    assert "creep is being measured" in calibration.prompt.words
    calibration.answer("done")
    assert calibration.words == "leave the weight alone for at least ten seconds; the creep was left out"
    bench.weights = ("1 kg",)
    bench.run(calibration)
    assert bench.saved[0].creep_per_decade is None
    assert bench.saved[0].weights == 2


def test_a_weight_taken_off_during_the_creep_test_leaves_the_creep_out() -> None:
    bench = Bench()
    calibration = bench.start()
    until(bench, calibration, "weight")
    bench.hands.lay("z1", 30.0)
    calibration.answer("30 N")
    while "creep" not in calibration.prompt.words:
        bench.frame(calibration)
    bench.hands.take_off("z1")
    until(bench, calibration, "weight")
    assert "taken off too early" in calibration.words


def test_too_few_weights_are_refused_with_a_way_out_and_one_can_go_on() -> None:
    bench = Bench()
    calibration = bench.start()
    until(bench, calibration, "weight")
    calibration.answer("done")
    assert "at least two weights" in calibration.words
    calibration.answer("heavy")
    assert calibration.words == "'heavy' is not a weight; write it like 2 kg, 500 g or 20 N"
    bench.run(calibration)
    assert len(bench.saved) == 1


def test_a_weight_that_is_not_there_is_not_counted() -> None:
    bench = Bench()
    calibration = bench.start()
    until(bench, calibration, "weight")
    calibration.answer("2 kg")
    until(bench, calibration, "weight")
    assert "nothing was felt on z1" in calibration.words
    assert calibration.fit is None


def test_a_weight_that_moves_is_not_counted() -> None:
    bench = Bench()
    calibration = bench.start()
    until(bench, calibration, "weight")
    calibration.answer("2 kg")
    for turn in range(400):
        bench.hands.lay("z1", 10.0 + 10.0 * (turn // 20 % 2))
        bench.frame(calibration)
        if calibration.prompt.kind == "weight":
            break
    assert calibration.words == "it moved; lay it on again and leave it alone"


def test_channels_that_touch_are_not_calibrated() -> None:
    bench = Bench()
    joined = (1, 2)
    bench.instead = dict.fromkeys(joined, lambda t_s: max(bench.hands.volts(0x48, pin, t_s) for pin in joined))
    calibration = bench.start()
    until(bench, calibration, "weight")
    bench.hands.lay("z1", 20.0)
    calibration.answer("20 N")
    until(bench, calibration, "weight")
    assert "z1 and z2 read the same: look for wires that touch" in calibration.words
    calibration.answer("stop")
    assert bench.saved == []


def test_a_zone_at_the_supply_asks_for_a_lighter_weight() -> None:
    bench = Bench()
    calibration = bench.start()
    until(bench, calibration, "weight")
    bench.instead[1] = lambda t_s: 3.3
    calibration.answer("15 kg")
    until(bench, calibration, "weight")
    assert "lighter weight" in calibration.words


def test_a_zone_that_cannot_be_read_is_left_out_with_a_word() -> None:
    bench = Bench()
    mat = mat_of(8)
    calibration = Calibration(mat, bench.saved.append, bench.clock.wall_s, ("z6",))
    scanner = Scanner(bench.bus, mat, bench.clock)
    while not calibration.finished:
        bench.clock.advance(PERIOD_S)
        calibration.feed(scanner.read())
    assert calibration.words == "z6 cannot be read: check board 2, pin 3; it was left out"
    assert calibration.prompt.words == "Nothing was calibrated."


def test_skip_and_stop() -> None:
    bench = Bench()
    calibration = bench.start(None)
    calibration.answer("skip")
    assert calibration.prompt.zone == "z1"
    calibration.answer("stop")
    assert calibration.finished
    assert bench.saved == []


def test_an_unknown_zone_is_named_with_those_there_are() -> None:
    with pytest.raises(CalibrationError, match="no zone 'nose' on this mat; zones are z0, z1, z2, z3"):
        Bench().start(("nose",))


@pytest.mark.parametrize(
    ("words", "force_n"), [("2", 19.62), ("2 kg", 19.62), ("2,5kg", 24.525), ("500 g", 4.905), ("19.6 N", 19.6), (" 3 Kg ", 29.43)]
)
def test_weights_as_people_write_them(words: str, force_n: float) -> None:
    assert newtons(words) == pytest.approx(force_n)


@pytest.mark.parametrize("words", ["", "two", "-1", "2 lb", "10 g", "100 kg", "1e3"])
def test_what_is_no_weight_is_refused(words: str) -> None:
    with pytest.raises(CalibrationError):
        newtons(words)


def test_the_sum_of_waiting_is_bounded_by_the_prompts_seconds() -> None:
    bench = Bench()
    calibration = bench.start()
    left = [calibration.prompt.left_s]
    while calibration.prompt.kind == "unload":
        bench.frame(calibration)
        left.append(calibration.prompt.left_s)
    assert left[0] == 2.0
    assert (np.diff([seconds for seconds in left if seconds is not None]) <= 0).all()
