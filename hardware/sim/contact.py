"""How much of a body's load a sensor catches: where the body rests beside the sensor, it carries less.

Two areas overlap.  The *patch* is the place on which a part of the body rests: pressure falls off from its middle like a normal
distribution with one standard deviation across and one along (`hardware.plans.anthropometry.PATCH_CM`).  The *collector* is what
leads force into the sensor: the pad on a disc, the lath on a strip, each widened by the thickness of the cover on all sides, for
load spreads at about 45 degrees through a soft layer.  What presses inside the collector reaches the sensor; what presses beside
it goes into the floor.  Caught load = integral of the pressure over the collector, a product of two error functions.

The *share* a zone catches is that integral divided by what the same sensor would catch with the part right over its middle: 1.0 is
the usual load of a person who lies on the marks, and so the unit that resting forces are given in (`hardware.sim.body.RESTING_N`).

Left out: a hard collector under a soft body gathers a little more than its area, and a strip senses best in its middle third.
"""

from __future__ import annotations

import math

from hardware.mat import Zone
from hardware.plans.anthropometry import Place

COVER_CM = 0.5
"""Thickness of the cover over pads and laths."""

PAD_CM = 3.4
"""Diameter of the pad on a disc sensor: inside the active square of an FSR 406 (38 mm) even when glued a little off."""

LATH_CM = 4.0
"""Width of the lath on a strip sensor: it gathers load onto the 10 mm wide FSR 408 below its ridge."""


def collector_cm(zone: Zone) -> tuple[float, float]:
    """Half length and half width of what leads force into a zone's sensor."""
    if zone.strip_cm is None:
        half = PAD_CM * math.sqrt(math.pi) / 4 + COVER_CM  # the square with the disc's area
        return half, half
    return zone.strip_cm / 2 + COVER_CM, LATH_CM / 2 + COVER_CM


def caught(zone: Zone, there: Place) -> float:
    """Share 0..1 of a part's force that goes into the zone's sensor; `there` on the mat's axes."""
    half_length, half_width = collector_cm(zone)
    turn = math.radians(zone.angle_deg or 0.0)
    cos, sin = math.cos(turn), math.sin(turn)
    dx, dy = there.x_cm - zone.x_cm, there.y_cm - zone.y_cm
    across, along = there.patch_cm
    return _inside(dx * cos + dy * sin, half_length, math.hypot(across * cos, along * sin)) * _inside(
        dy * cos - dx * sin, half_width, math.hypot(across * sin, along * cos)
    )


def usual_share(zone: Zone, there: Place) -> float:
    """What the sensor catches of a part that rests at `there`, over what it catches right above its middle."""
    return caught(zone, there) / caught(zone, Place(zone.x_cm, zone.y_cm, there.patch_cm))


def _inside(offset: float, half: float, sd: float) -> float:
    """Share of a normal distribution around `offset` that lies within +-half."""
    scale = sd * math.sqrt(2.0)
    return 0.5 * (math.erf((half - offset) / scale) + math.erf((half + offset) / scale))
