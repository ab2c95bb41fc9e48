"""A simulated person who hears the placement advice and does it, on a mat read as the station reads it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from hardware.frames import codes_from_volts, volts_from_codes
from hardware.mat import Mat
from hardware.sim.body import SimulatedMat, draw_person
from hardware.sim.lying import Direction, Lying
from hardware.sim.script import Away, LieDown, Rest, Script
from hardware.sim.sensors import draw_traits
from station.practice.placement import Advice, PlacementGuide, Towards
from station.signal.loads import ForceScale

RATE_HZ = 20.0


@dataclass
class Heard:
    """What was said, and how it ended."""

    guide: PlacementGuide
    said: list[tuple[float, Advice]] = field(default_factory=list)
    settled_s: float | None = None


def direction(towards: Towards, zone: str) -> Direction:
    """The way as the mat's axes have it."""
    left = zone.endswith("_l")
    if towards == "out":
        return "left" if left else "right"
    if towards == "in":
        return "right" if left else "left"
    return towards


def listen(
    mat: Mat,
    lying: Lying,
    seed: int,
    *,
    obeys: bool = True,
    for_s: float = 150.0,
    weight_kg: float | None = None,
) -> Heard:
    """Lie down as told, be guided, and stop when nothing more is asked (or the time is over)."""
    rng = np.random.default_rng(seed)
    traits = replace(draw_traits(rng, mat), saturation_siemens=45.0 * 4.5e-5)
    person = draw_person(rng, mat, weight_kg)
    body = SimulatedMat(mat, Script(((Away(2.0),), (LieDown(5.0),), (Rest(for_s),))), seed, person, traits, lying)
    scale = ForceScale(mat, {})
    heard = Heard(PlacementGuide(mat))
    for i in range(int(for_s * RATE_HZ)):
        t_s = i / RATE_HZ
        volts = np.array([body.volts(zone.chip, zone.pin, t_s) for zone in mat.zone])
        newtons = scale.force(volts_from_codes(codes_from_volts(volts)))
        advice = heard.guide.update(t_s, [float(n) for n in newtons])
        if advice is not None:
            heard.said.append((t_s, advice))
            if obeys:
                if advice.part == "body":
                    body.told(None, direction(advice.towards, "foot_l"), advice.far)
                else:
                    for zone in advice.zones:
                        body.told(zone, direction(advice.towards, zone), advice.far)
        if t_s > 8.0 and heard.guide.view.settled:
            heard.settled_s = t_s
            break
    return heard
