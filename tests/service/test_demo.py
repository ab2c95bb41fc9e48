"""The simulated person does what is asked, and follows the guide through any exercise."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest

from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.lying import Lying
from hardware.sim.script import Away, GetUp, LieDown, Rest, Script
from hardware.sim.steering import SteeredPerson
from station.messages import DemoSteer
from station.model import Presence
from station.practice.cue import Cue
from station.practice.exercise import for_mat, load_exercises
from station.practice.guide import Guide, GuideSettings
from station.practice.placement import PlacementGuide
from station.practice.positions import body_map, mat_in, placed
from station.service.declined import DeclinedError
from station.service.demo import DemoPerson, demo_handler, way_on_mat
from station.service.mat_source import movable
from station.signal.detector import Detector
from station.signal.loads import ForceScale

TURN_S = 0.1


@dataclass
class Loop:
    """Person, mat, detection and guide, each of which hears of the others: a closed loop in fake time."""

    exercise: str
    mat_name: str = "full-16"
    t_s: float = 0.0
    cues: list[Cue] = field(default_factory=list)
    presence: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mat, _ = find_mat(self.mat_name)
        fitted = for_mat(load_exercises()[self.exercise], self.mat)
        assert fitted is not None
        steps = tuple(msgspec.structs.replace(step, repetitions=1) for step in fitted.steps)
        self.guide = Guide(msgspec.structs.replace(fitted, steps=steps), GuideSettings(rest_s=4.0), body_map(self.mat))
        self.person = SteeredPerson(practises=False)
        self.body = SimulatedMat(movable(self.mat), self.person.script, 5)
        self.demo = DemoPerson(self.person, self.body, self.mat, lambda: self.guide.exercise)
        self.position = placed(self.guide.position)
        self.detector = Detector(mat_in(self.mat, self.position))

    def run(self, seconds: float) -> None:
        until_s = self.t_s + seconds
        while self.t_s < until_s and not (self.guide.view.done and self.person.idle):
            t_us = np.arange(round(self.t_s * 1e6), round((self.t_s + TURN_S) * 1e6), 10_000)
            volts = self.body.volts_at(np.repeat(t_us[:, None], len(self.mat.zone), axis=1))
            self.t_s = round(self.t_s + TURN_S, 6)
            for announcement in self.detector.feed(FrameBlock(t_us / 1e6, volts_from_codes(codes_from_volts(volts)))):
                if isinstance(announcement, Presence):
                    self.presence.append(announcement.kind)
                self.cues += self.guide.feed(announcement)
            self.cues += self.guide.tick(self.t_s, self.detector.live)
            if placed(self.guide.position) != self.position:
                self.position = placed(self.guide.position)
                self.detector = Detector(mat_in(self.mat, self.position))
            self.demo.watch(self.guide.view, self.t_s)


def test_who_is_asked_to_lie_down_and_get_up_does() -> None:
    loop = Loop("free", "small-4")
    loop.demo.steer(DemoSteer(act="lie_down"))
    loop.run(30.0)
    assert loop.presence[-1] == "still"
    loop.demo.steer(DemoSteer(act="get_up"))
    loop.run(12.0)
    assert loop.presence[-1] == "empty"


@pytest.mark.parametrize(
    "exercise, mat_name", [("leg", "small-4"), ("short_practice", "full-16"), ("iliotibial_band_release", "half-8")]
)
def test_who_follows_comes_to_the_end_of_an_exercise_turning_over_on_the_way(exercise: str, mat_name: str) -> None:
    loop = Loop(exercise, mat_name)
    loop.demo.steer(DemoSteer(act="follow"))
    loop.run(900.0)
    assert loop.guide.view.done, f"stopped at {loop.guide.view.step_title} after {loop.t_s:.0f} s"
    told = [cue.say for cue in loop.cues if cue.say]
    for step in loop.guide.exercise.steps:
        assert 1 <= sum(step.say.en in said for said in told) <= 2, step.name


def test_a_cable_can_be_broken_and_mended() -> None:
    loop = Loop("free", "small-4")
    loop.demo.steer(DemoSteer(act="lie_down"))
    loop.run(25.0)
    zone = loop.demo.steer(DemoSteer(act="cut"))["zone"]
    loop.run(8.0)
    assert zone in loop.detector.live.faulty_zones
    loop.demo.steer(DemoSteer(act="mend"))
    loop.run(20.0)
    assert zone not in loop.detector.live.faulty_zones


def test_who_follows_slides_where_the_guide_says_and_lies_well_then() -> None:
    """A foot beside its sensor: what is said is done until nothing more is said."""
    mat, _ = find_mat("small-4")
    script = Script(((Away(1.0),), (LieDown(3.0),), (Rest(300.0),)))
    body = SimulatedMat(mat, script, 11, lying=Lying(170.0, parts_cm={"foot_l": (-6.0, 0.0)}))
    free = load_exercises()["free"]
    demo = DemoPerson(SteeredPerson(False), body, mat, lambda: free)
    demo.steer(DemoSteer(act="follow"))
    placement, view, scale = PlacementGuide(mat), Guide(free).view, ForceScale(mat, {})
    told = 0
    for n in range(90 * 10):
        t_s = n / 10
        volts = np.array([body.volts(zone.chip, zone.pin, t_s) for zone in mat.zone])
        told += placement.update(t_s, [float(n) for n in scale.force(volts)]) is not None
        demo.watch(view, t_s, placement.view)
        if t_s > 8.0 and placement.view.settled:
            break
    assert told and placement.view.settled and placement.view.light == ()


@pytest.mark.parametrize("side", ["left", "right"])
def test_out_is_away_from_the_middle_line_on_either_side(side: str) -> None:
    other = {"left": "right", "right": "left"}[side]
    assert (way_on_mat("out", side), way_on_mat("in", side), way_on_mat("head", side)) == (side, other, "head")


def test_slowly_is_twice_as_long_and_what_is_asked_ends_the_ordinary_practice() -> None:
    person = SteeredPerson()
    steps = iter(person.script.steps[n] for n in range(100))
    assert isinstance(next(steps)[0], Away) and isinstance(next(steps)[0], LieDown)
    person.slowly(True)
    rest = next(steps)[0]
    assert isinstance(rest, Rest) and rest.duration_s == pytest.approx(32.0)
    person.get_up()
    person.slowly(False)
    assert isinstance(next(steps)[0], GetUp)
    assert [type(next(steps)[0]) for _ in range(3)] == [Away, Away, Away]


def test_a_real_mat_declines() -> None:
    handler = demo_handler(None)[DemoSteer]
    with pytest.raises(DeclinedError, match="real"):
        handler.run(DemoSteer(act="lie_down"))
