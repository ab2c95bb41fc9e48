"""Guidance onto the sensors: what is said, what is not, and that whoever does what is said ends up ready."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.mats import find_mat
from hardware.sim.lying import Lying
from station.model import Mat
from station.practice.placement import LEAST_N, Advice, PlacementGuide
from tests.practice.lying_person import listen

SMALL, _ = find_mat("small-4")
FULL, _ = find_mat("full-16")
ON = {"elbow_l": 11.0, "elbow_r": 11.0, "foot_l": 11.0, "foot_r": 11.0}
RATE_HZ = 20


class Mattress:
    """Hands the guide what each zone carries, second by second."""

    def __init__(self, mat: Mat = SMALL) -> None:
        self.mat, self.guide, self.t_s, self.said = mat, PlacementGuide(mat), 0.0, []

    def lie(
        self, loads: dict[str, float | None], for_s: float, faulty: tuple[str, ...] = (), phases: dict | None = None
    ) -> list[Advice]:
        """Lie like this for a while; what was said meanwhile."""
        said = []
        for _ in range(round(for_s * RATE_HZ)):
            self.t_s += 1 / RATE_HZ
            advice = self.guide.update(self.t_s, [loads.get(zone, 0.0) for zone in self.mat.zone_names], faulty, phases)
            if advice is not None:
                said.append(advice)
        return said


def test_whoever_lies_on_her_marks_hears_nothing():
    mat = Mattress()
    assert mat.lie(ON, 30.0) == []
    assert mat.guide.view.settled and mat.guide.view.light == () and mat.guide.view.untimed == ()


def test_an_empty_mat_is_not_talked_to():
    mat = Mattress()
    assert mat.lie({}, 60.0) == []
    assert not mat.guide.view.settled


def test_from_the_first_second_it_is_known_which_zone_is_light():
    mat = Mattress()
    assert mat.lie(ON | {"foot_l": 0.1}, 1.0) == [], "but nobody is spoken to while lying down"
    assert mat.guide.view.light == ("foot_l",) and mat.guide.view.untimed == ("leg_l",)
    said = mat.lie(ON | {"foot_l": 0.1}, 4.0)
    assert [(a.zones, a.part, a.side) for a in said] == [(("foot_l",), "foot", "left")]
    assert not mat.guide.view.settled, "ready must wait"


def test_it_stops_when_it_is_good():
    mat = Mattress()
    mat.lie(ON | {"foot_l": 0.1}, 5.0)
    assert mat.guide.view.advice is not None
    assert mat.lie(ON | {"foot_l": 8.0}, 20.0) == []
    assert mat.guide.view.advice is None and mat.guide.view.settled and mat.guide.view.untimed == ()


def test_both_feet_and_the_whole_body_are_one_sentence():
    feet = Mattress()
    (said,) = feet.lie(ON | {"foot_l": 0.0, "foot_r": 0.2}, 6.0)
    assert said.part == "foot" and said.side is None and set(said.zones) == {"foot_l", "foot_r"}
    body = Mattress()
    (said,) = body.lie({"elbow_l": 2.0}, 6.0)
    assert said.part == "body" and said.side is None


def test_better_means_on_and_worse_means_back():
    better = Mattress()
    (first,) = better.lie(ON | {"foot_l": 0.1}, 5.0)
    better.lie(ON | {"foot_l": 6.0}, 0.5)
    (second,) = better.lie(ON | {"foot_l": 1.0}, 4.0)
    assert second.towards == first.towards
    worse = Mattress()
    (first,) = worse.lie(ON | {"foot_l": 1.4}, 5.0)
    worse.lie(ON | {"foot_l": 6.0}, 0.5)
    (second,) = worse.lie(ON | {"foot_l": 0.0}, 4.0)
    assert {first.towards, second.towards} in ({"in", "out"}, {"head", "feet"})


def test_a_neighbour_that_carries_too_much_tells_where_the_load_is():
    mat = Mattress(FULL)
    usual = {"head": 20, "hand": 8, "elbow": 11, "chest": 40, "belly": 40, "pelvis": 46, "thigh": 32, "knee": 20, "foot": 11}
    loads = {zone: float(usual[zone.split("_")[0]]) for zone in FULL.zone_names}
    (said,) = mat.lie(loads | {"elbow_r": 0.2, "hand_r": 18.0}, 6.0)
    assert said.zones == ("elbow_r",) and said.load_at == "hand_r"
    assert said.towards in ("out", "head"), "from the hand's sensor towards the elbow's"


def test_a_light_person_is_not_told_to_move():
    mat = Mattress()
    assert mat.lie({zone: 0.4 * n for zone, n in ON.items()}, 30.0) == []
    assert mat.guide.view.settled


@given(share=st.floats(0.21, 0.34))
@settings(max_examples=20, deadline=None)
def test_between_the_thresholds_nothing_changes(share: float):
    """A zone that is fine is not called light, a zone that is light is not called good: no flicker at the edge."""
    fine, light = Mattress(), Mattress()
    fine.lie(ON, 3.0)
    fine.lie(ON | {"foot_l": share * 11.0}, 2.0)
    assert fine.guide.view.light == ()
    light.lie(ON | {"foot_l": 0.5}, 3.0)
    light.lie(ON | {"foot_l": share * 11.0}, 2.0)
    assert light.guide.view.light == ("foot_l",)


def test_who_does_not_move_is_not_told_for_ever_and_what_cannot_be_timed_is_known():
    mat = Mattress()
    said = mat.lie(ON | {"foot_r": 0.1}, 200.0)
    assert 2 <= len(said) <= 10
    assert mat.guide.view.settled and mat.guide.view.untimed == ("leg_r",)
    assert mat.lie(ON | {"foot_r": 0.1}, 200.0) == []


def test_a_broken_sensor_is_nobodys_fault():
    mat = Mattress()
    assert mat.lie(ON | {"foot_r": None}, 30.0, faulty=("foot_r",)) == []
    assert mat.guide.view.settled and mat.guide.view.untimed == ("leg_r",)


def test_a_lifted_limb_is_not_called_misplaced():
    mat = Mattress()
    mat.lie(ON, 5.0)
    up = {"leg_l": "aloft", "leg_r": "rest", "arm_l": "rest", "arm_r": "rest"}
    assert mat.lie(ON | {"foot_l": 0.0}, 180.0, phases=up) == []
    assert mat.guide.view.light == ()


def test_who_lifts_before_ready_is_not_told_to_slide_what_she_lifts():
    mat = Mattress()
    mat.lie(ON | {"foot_r": 0.1}, 6.0)
    said = []
    for _ in range(40 * RATE_HZ):
        mat.t_s += 1 / RATE_HZ
        loads = ON | {"foot_r": 0.1, "elbow_l": 0.0}
        advice = mat.guide.update(mat.t_s, [loads[zone] for zone in SMALL.zone_names], (), None, ("arm_l", "leg_r"))
        said += [advice] if advice else []
    assert said and {advice.zones for advice in said} == {("foot_r",)}, "what never lay on its sensor is beside it, lifted or not"


def test_a_body_that_slid_in_the_course_of_a_session_is_told_once():
    mat = Mattress()
    mat.lie(ON, 5.0)
    rest = dict.fromkeys(("leg_l", "leg_r", "arm_l", "arm_r"), "rest")
    mat.lie(ON, 12.0, phases=rest)
    said = mat.lie(ON | {"foot_l": 0.2}, 50.0, phases=rest)
    assert [a.zones for a in said] == [("foot_l",)]


def test_the_next_person_begins_anew():
    mat = Mattress()
    mat.lie(ON | {"foot_r": 0.1}, 200.0)
    mat.guide.reset()
    assert mat.guide.view.light == () and not mat.guide.view.settled
    assert len(mat.lie(ON | {"foot_r": 0.1}, 6.0)) == 1


def test_loads_that_nobody_knows_are_no_loads():
    mat = Mattress()
    mat.lie(ON | {"foot_r": None, "foot_l": float("nan")}, 3.0)
    assert set(mat.guide.view.light) == {"foot_l", "foot_r"}
    assert LEAST_N > 0.5, "above the break force of the sensors"


BADLY = [
    Lying(170.0, (0.0, 0.0), {"foot_l": (-6.0, 0.0)}),
    Lying(160.0, (0.0, 0.0), {"foot_l": (5.0, 0.0), "foot_r": (6.0, 0.0)}),
    Lying(175.0, (0.0, 0.0), {"elbow_r": (6.0, -2.0)}),
    Lying(182.0, (0.0, -9.0)),
    Lying(165.0, (0.0, 8.0)),
    Lying(170.0, (5.0, 0.0)),
]


@pytest.mark.parametrize("name", ["small-4", "full-16"])
@pytest.mark.parametrize("lying", BADLY, ids=range(len(BADLY)))
def test_a_simulated_person_who_does_what_she_hears_ends_up_ready(name: str, lying: Lying):
    mat, _ = find_mat(name)
    heard = listen(mat, lying, seed=11)
    view = heard.guide.view
    assert heard.settled_s is not None and view.light == () and view.untimed == ()
    assert len(heard.said) <= 10


def test_a_simulated_person_who_does_not_listen_is_told_what_is_not_timed():
    heard = listen(SMALL, Lying(170.0, (0.0, 0.0), {"foot_l": (-9.0, 0.0)}), seed=2, obeys=False, for_s=150.0)
    assert heard.settled_s is not None and heard.guide.view.untimed == ("leg_l",)
