"""Bodies of all heights and weights, on and beside their marks: what they put on the mat stays, what sensors catch changes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.mat import Mat
from hardware.mats import find_mat
from hardware.plans.design import Wish, design
from hardware.sim.body import SimulatedMat, draw_person
from hardware.sim.lying import Lying, Placement
from hardware.sim.script import LiftLimb, Move, Rest, Script
from hardware.sim.sensors import SensorTraits, draw_traits

FULL, _ = find_mat("full-16")
SMALL, _ = find_mat("small-4")
SATURATED = 45.0 * 4.5e-5
"""Conductance that no force exceeds."""


def plain_traits(mat: Mat, saturation_siemens: float = math.inf) -> SensorTraits:
    """Sensors that differ in nothing and neither creep nor lag much, so that volts tell force."""
    n = len(mat.zone)
    return replace(
        draw_traits(np.random.default_rng(0), mat),
        k=np.full(n, 4.5e-5),
        gamma=np.ones(n),
        below_break=np.zeros(n),
        hysteresis=np.full(n, 0.01),
        creep_per_decade=np.zeros(n),
        creep_remains=np.zeros(n),
        temperature_share=np.zeros(n),
        noise_v=np.zeros(n),
        mains_v=np.zeros(n),
        saturation_siemens=saturation_siemens,
    )


def newtons(mat: Mat, body: SimulatedMat, t_s: float) -> np.ndarray:
    """Forces on the sensors from volts, by the divider alone."""
    out = []
    for zone in mat.zone:
        volts = body.volts(zone.chip, zone.pin, t_s)
        siemens = volts / (zone.resistor_ohms * (mat.mat.supply_volts - volts)) - 1e-6
        out.append(siemens / 4.5e-5)
    return np.array(out)


def resting(
    mat: Mat, lying: Lying | None, seed: int = 3, weight_kg: float | None = 70.0, saturation_siemens: float = math.inf
) -> np.ndarray:
    person = draw_person(np.random.default_rng(seed), mat, weight_kg)
    still = replace(
        person,
        breath_share=person.breath_share * 0,
        heart_share=person.heart_share * 0,
        tremor_share=person.tremor_share * 0,
        sway_share=person.sway_share * 0,
    )
    return newtons(mat, SimulatedMat(mat, Script(((Rest(20.0),),)), seed, still, plain_traits(mat, saturation_siemens), lying), 5.0)


@pytest.mark.parametrize("statures_cm", [(155.0, 185.0), (150.0, 195.0)])
def test_a_strip_mat_reads_four_fifths_of_everybody_it_is_made_for(statures_cm: tuple[float, float]):
    """The same requirement as the design's, asked of the simulated body's volts."""
    mat = design(Wish(statures_cm, 16))
    on_the_marks = resting(mat, None)
    for stature in np.linspace(*statures_cm, 7):
        caught = resting(mat, Lying(float(stature))) / on_the_marks
        assert caught.min() >= 0.78, f"{stature:.0f} cm: {mat.zone_names[int(caught.argmin())]}"


@given(stature=st.integers(150, 195), weight=st.integers(45, 120))
@settings(max_examples=20, deadline=None)
def test_a_mat_for_a_height_reads_that_person_whatever_she_weighs(stature: int, weight: int):
    mat = design(Wish((stature, stature), 16))
    light, heavy = resting(mat, Lying(stature), weight_kg=45.0), resting(mat, Lying(stature), weight_kg=float(weight))
    assert heavy == pytest.approx(light * weight / 45.0, rel=0.05)
    for off_cm in (-3, 3):
        assert (resting(mat, Lying(stature + off_cm)) / resting(mat, None)).min() >= 0.78


def test_the_old_places_would_have_missed_a_person_of_172_cm():
    """Elbows at 150 and feet at 6 cm, as the first mats had them: a sensor 30 cm beside the elbow feels nothing."""
    placed = {"elbow_l": (-35, 150), "elbow_r": (35, 150), "foot_l": (-13, 6), "foot_r": (13, 6)}
    zones = tuple(replace_zone(zone, *placed[zone.name]) for zone in SMALL.zone)
    old = Mat(mat=SMALL.mat, zone=zones, limb=SMALL.limb)
    felt, usual = resting(old, Lying(172.0, off_cm=(0.0, 6 - (117 - 100.3)))), resting(old, None)
    assert felt[:2].max() < 0.01 * usual[:2].min() and felt[2:].min() > 0.9 * usual[2:].min()


def replace_zone(zone, x_cm, y_cm):
    from msgspec import structs

    return structs.replace(zone, x_cm=x_cm, y_cm=y_cm, strip_cm=None, angle_deg=None)


def test_whoever_lies_farther_beside_is_felt_less_and_her_load_appears_next_door():
    mat = FULL
    names = mat.zone_names
    elbow, hand = names.index("elbow_r"), names.index("hand_r")
    felt = [resting(mat, Lying(170.0, parts_cm={"elbow_r": (-off, -off)})) for off in (0.0, 4.0, 8.0, 16.0)]
    assert [f[elbow] for f in felt] == sorted((f[elbow] for f in felt), reverse=True) and felt[-1][elbow] < 0.5
    assert felt[-1][hand] > felt[0][hand] + 1.0, "the elbow lies on the hand's sensor"


def test_a_move_takes_the_load_away_and_a_move_back_returns_it():
    script = Script(((Rest(8.0),), (Move(9.0, 0.0, "foot_l"),), (Rest(8.0),), (Move(-9.0, 0.0, "foot_l"),), (Rest(20.0),)))
    body = SimulatedMat(SMALL, script, 4, traits=plain_traits(SMALL))
    foot = SMALL.zone_names.index("foot_l")
    before, away, back = (newtons(SMALL, body, t)[foot] for t in (6.0, 14.0, 26.0))
    assert away < 0.1 * before and back == pytest.approx(before, rel=0.15)


def test_sliding_through_a_session_changes_no_truth():
    """Ten centimetres in five minutes: the sensors lose the feet, the true times stay."""
    lift = (LiftLimb("leg_l", prepare_s=3.0, aloft_s=5.0, melt_s=5.0),)
    steps = ((Rest(40.0),), lift, (Rest(10.0),), lift, (Rest(10.0),))
    slid = ((*steps[0], Move(0.0, 10.0, duration_s=40.0)), *steps[1:])
    bodies = [SimulatedMat(SMALL, Script(s), 4, traits=plain_traits(SMALL)) for s in (steps, slid)]
    felt = [newtons(SMALL, body, 82.0) for body in bodies]
    assert bodies[0].truth.lifts == bodies[1].truth.lifts and len(bodies[0].truth.lifts) == 2
    assert not bodies[1].truth.ignore, "nobody notices it"
    assert felt[1][2] < 0.9 * felt[0][2]


def test_a_sensor_saturates_above_its_rating():
    heavy = resting(FULL, None, weight_kg=120.0)
    rated = resting(FULL, None, weight_kg=120.0, saturation_siemens=SATURATED)
    assert heavy.max() > 60 and rated.max() < 45
    order = np.argsort(heavy)
    assert (np.diff(rated[order]) > -0.05).all(), "more force never reads less"


def test_a_zone_that_carries_nothing_at_rest_reads_nothing_and_breaks_nothing():
    person = draw_person(np.random.default_rng(1), SMALL)
    person = replace(person, rest_n=np.array([0.0, *person.rest_n[1:]]))
    with np.errstate(all="raise", under="ignore"):
        body = SimulatedMat(SMALL, Script(((Rest(10.0),), (LiftLimb("leg_l"),), (Rest(30.0),))), 1, person, plain_traits(SMALL))
        felt = newtons(SMALL, body, 20.0)
    assert felt[0] == pytest.approx(0.0, abs=0.01) and np.isfinite(felt).all()


def test_without_somewhere_to_lie_everything_is_as_it_always_was():
    placement = Placement(FULL, None, np.random.default_rng(0))
    assert not placement.beside
    assert np.diag(placement.reach(0.0)) == pytest.approx(np.ones(16))
