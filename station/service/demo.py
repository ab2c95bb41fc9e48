"""The demo person: what the pages ask of somebody who is simulated, and how they follow the guide.

Only where the mat is simulated.  Following means: when the guide waits for a movement and the person has rested, they make it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from hardware.mat import Mat, Side
from hardware.sim.body import SimulatedMat
from hardware.sim.lying import Direction
from hardware.sim.steering import SteeredPerson
from station.messages import Command, DemoSteer
from station.practice.exercise import Exercise, Step
from station.practice.guide_view import GuideView
from station.practice.placement import Advice, PlacementView, Towards
from station.practice.positions import body_map, placed
from station.practice.trunk import TrunkPart
from station.service.declined import DeclinedError
from station.service.dispatcher import Handler

AFTER_WORDS_S, WITHOUT_WORDS_S = 2.5, 15.0
"""Somebody who follows begins so long after the guide has said what comes, or after it came to rest without a word."""
AGAIN_S = 60.0
"""What the guide did not notice is made once more after so long."""
SLIDES_CM = 6.0
"""Off the mark by a hand's width."""


class DemoPerson:
    """Steers the simulated person.

    exercise: the one that is guided now.
    """

    def __init__(self, person: SteeredPerson, body: SimulatedMat, mat: Mat, exercise: Callable[[], Exercise]) -> None:
        self._person = person
        self._body = body
        self._mat = mat
        self._map = body_map(mat)
        self._exercise = exercise
        self._follows = False
        self._asked: tuple[object, ...] | None = None
        self._zone = next((limb.zones[0] for limb in mat.limb if limb.kind == "leg"), mat.zone_names[0])
        self._slid = False
        self._cut = False
        self._obeyed: Advice | None = None

    def steer(self, command: DemoSteer) -> dict[str, Any]:
        """Do what is asked; answers what the person does now."""
        person, act = self._person, command.act
        if act in ("lie_down", "get_up", "follow", "practise"):
            self._follows, self._asked = act == "follow", None
        match act:
            case "lie_down" | "follow":
                person.lie_down()
            case "get_up":
                person.get_up()
            case "practise":
                person.practise()
            case "slowly" | "normal":
                person.slowly(act == "slowly")
            case "slide":
                self._body.move(self._zone, 0.0, -SLIDES_CM if not self._slid else SLIDES_CM)
                self._slid = not self._slid
            case "cut":
                if not self._cut:
                    self._body.fail(self._zone, "cut")
                self._cut = True
            case "mend":
                self._body.mend(self._zone)
                self._cut = False
        return {"follows": self._follows, "cut": self._cut, "slid": self._slid, "zone": self._zone}

    def watch(self, view: GuideView, now_s: float, placement: PlacementView | None = None) -> None:
        """See what the guide asks for, some ten times a second.  placement: what it says of how they lie."""
        advice = placement.advice if placement is not None else None
        if self._follows and advice is not None and advice is not self._obeyed:
            self._obey(advice)
        self._obeyed = advice
        if not self._follows or not self._person.idle or not self._person.lying:
            return
        asked = (view.state, view.step, view.repetition, view.since_s, int((now_s - view.since_s) / AGAIN_S))
        if asked == self._asked:
            return
        if view.state == "turning":
            self._asked = asked
            self._person.turn_over()
        elif view.state == "rest" and view.step is not None and now_s >= _begins_s(view):
            self._asked = asked
            self._make(self._exercise().steps[view.step - 1])

    def _obey(self, advice: Advice) -> None:
        """Slide what is to be slid, as people do: about so far."""
        sides = {limb.zones[0]: limb.side for limb in self._mat.limb}
        if advice.part == "body":
            self._body.told(None, way_on_mat(advice.towards, "left"), advice.far)
            return
        for zone in advice.zones:
            self._body.told(zone, way_on_mat(advice.towards, sides[zone]), advice.far)

    def _make(self, step: Step) -> None:
        position = placed(step.position or "any")
        limbs = [f"{position}:{limb}" for limb in step.limbs]
        part: TrunkPart | None = self._map.trunk[position].get(step.limbs[0])
        names = self._mat.zone_names
        match step.movement:
            case "lift":
                self._person.lift(limbs, elbow_only=step.part == "elbow")
            case "unweighting" | "lighten":
                self._person.lighten(limbs[0])
            case "press" if part is not None:
                self._person.lean([names[n] for n in part.zones])
            case "roll_left" | "roll_right" if part is not None:
                left, right = [names[n] for n in part.left], [names[n] for n in part.right]
                self._person.lean(*((left, right) if step.movement == "roll_left" else (right, left)))
            case _:
                pass


def way_on_mat(towards: Towards, side: Side) -> Direction:
    """The way on the mat's axes of a part on that side of the body."""
    if towards in ("out", "in"):
        return "left" if (towards == "out") == (side == "left") else "right"
    return cast(Direction, towards)


def _begins_s(view: GuideView) -> float:
    told_s = view.last_sound_at_s if view.last_sound in ("ready", "rest_done", "may_grow") else None
    heard = told_s is not None and told_s >= view.since_s
    return told_s + AFTER_WORDS_S if told_s is not None and heard else view.since_s + WITHOUT_WORDS_S


def demo_handler(demo: DemoPerson | None) -> dict[type[Command], Handler]:
    """The command that steers the person; a real one steers themselves."""

    def steer(command: DemoSteer) -> dict[str, Any]:
        if demo is None:
            raise DeclinedError("not_simulated")
        return demo.steer(command)

    return {DemoSteer: Handler("detection", steer)}
