"""The floor a sensor takes up: its size, whether it lies on the mat, whether two lie on one another."""

from __future__ import annotations

import math
from itertools import combinations

from hardware.errors import MatFileError
from hardware.mat import Mat, Zone
from hardware.sim.contact import LATH_CM

SENSOR_CM = 3.8
"""Edge of the square active area of an FSR 406 (38 mm, data sheet PDS-10004)."""

Corner = tuple[float, float]


def size_cm(zone: Zone) -> tuple[float, float]:
    """Length and width of what is laid into the mat: an FSR 406, or the lath over an FSR 408."""
    return (SENSOR_CM, SENSOR_CM) if zone.strip_cm is None else (zone.strip_cm, LATH_CM)


def corners_cm(zone: Zone) -> tuple[Corner, Corner, Corner, Corner]:
    """The four corners on the mat's axes, in order round it."""
    length, width = size_cm(zone)
    turn = math.radians(zone.angle_deg or 0.0)
    cos, sin = math.cos(turn), math.sin(turn)

    def at(along: float, aside: float) -> Corner:
        return zone.x_cm + along * cos - aside * sin, zone.y_cm + along * sin + aside * cos

    half, side = length / 2, width / 2
    return at(-half, -side), at(half, -side), at(half, side), at(-half, side)


def reach_cm(zone: Zone) -> tuple[float, float]:
    """Half of the upright box round a sensor: how far it reaches across and along the mat."""
    corners = corners_cm(zone)
    return max(abs(x - zone.x_cm) for x, _ in corners), max(abs(y - zone.y_cm) for _, y in corners)


def overlap(one: Zone, other: Zone) -> bool:
    """Whether two sensors lie on one another: no line along an edge of either keeps them apart."""
    both = corners_cm(one), corners_cm(other)
    for zone in (one, other):
        turn = math.radians(zone.angle_deg or 0.0)
        for x, y in ((math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))):
            (low, high), (other_low, other_high) = ((min(s), max(s)) for s in ([a * x + b * y for a, b in c] for c in both))
            if high <= other_low + 1e-9 or other_high <= low + 1e-9:
                return False
    return True


def check_places(mat: Mat, source: str = "mat file") -> None:
    """Raise MatFileError where a sensor would reach over the edge of a mat of known size, or two would lie on one another."""
    facts = mat.mat
    for zone in mat.zone:
        across, along = reach_cm(zone)
        if facts.width_cm and abs(zone.x_cm) + across > facts.width_cm / 2:
            raise MatFileError(
                f"{source}: zone '{zone.name}' reaches {abs(zone.x_cm) + across:.1f} cm from the middle line, but a mat of "
                f"{facts.width_cm:g} cm ends at {facts.width_cm / 2:g}; make width_cm larger or move it inwards"
            )
        if facts.length_cm and not (along <= zone.y_cm <= facts.length_cm - along):
            raise MatFileError(
                f"{source}: zone '{zone.name}' lies from {zone.y_cm - along:.1f} to {zone.y_cm + along:.1f} cm, "
                f"but the mat from 0 to {facts.length_cm:g}; change its y_cm or length_cm"
            )
    for one, other in combinations(mat.zone, 2):
        if overlap(one, other):
            raise MatFileError(f"{source}: the sensors of '{one.name}' and '{other.name}' lie on one another; move one of them")
