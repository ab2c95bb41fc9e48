"""Where the parts of a prone body rest on the floor, from stature alone.

Segment lengths are the fractions of stature of Drillis and Contini (1966), as reprinted in Winter, *Biomechanics and Motor Control
of Human Movement*, figure 4.1.  They are means of standing adults; one person differs from them by some 2-3 cm at knee or elbow.

The position: lying on the belly, legs straight, toes pointed (the back of the forefoot rests on the floor), one cheek on the back
of a hand, both elbows beside the head.  The elbow follows from two lengths: upper arm from the shoulder, forearm from the wrist.

Two kinds of numbers here come from no table and are named so: `SHAPE` (how far from the middle line a part lies, and where on
its segment it touches the floor) and `PATCH_CM` (how large the place is on which it rests).  A pressure film would tell better.

>>> round(place("knee_l", 172).y_cm - place("foot_l", 172).y_cm)
55
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SHORTEST_CM, TALLEST_CM = 120.0, 220.0
"""Statures the fractions are used for."""

SEGMENTS = {
    "ankle height": 0.039,
    "knee height": 0.285,
    "hip height": 0.530,
    "shoulder height": 0.818,
    "chin height": 0.870,
    "eye height": 0.936,
    "shoulder from the middle line": 0.129,
    "upper arm": 0.186,
    "forearm": 0.146,
    "foot length": 0.152,
}
"""Fractions of stature: Drillis and Contini 1966, in Winter, figure 4.1."""

HEEL_SHARE, FOREFOOT_SHARE = 0.25, 0.80
"""Along the foot from the heel: the ankle's axis, and the middle of what rests on the floor when the toes are pointed."""

FOOT_SLOPE_DEG = 30.0
"""Of a pointed foot to the floor, lying relaxed."""

HIP_BONE_ABOVE_HIP = 0.020
"""Front of the hip bone (anterior superior iliac spine) above the hip joint, as fraction of stature."""

SHAPE = {
    "foot": (0.075, None),
    "knee": (0.070, None),
    "thigh": (0.065, None),
    "pelvis": (0.064, None),
    "belly": (0.0, 0.600),
    "chest": (0.070, 0.720),
    "head": (0.0, None),
    "hand": (0.070, None),
    "elbow": (None, None),
}
"""Part -> (distance from the middle line, standing height) as fractions of stature where no segment says it."""

HAND_BELOW_CHEEK = 0.011
"""The heel of the hand lies a little nearer to the feet than the cheek on its back."""

ARM_RAISED_SHOULDER = 0.105
"""Distance of the shoulder joint from the middle line with the arm beside the head; hanging it is 0.129."""

PATCH_CM = {
    "foot": (2.0, 2.2),
    "knee": (2.2, 3.0),
    "thigh": (4.0, 7.0),
    "pelvis": (3.0, 4.0),
    "belly": (7.0, 6.0),
    "chest": (4.5, 5.0),
    "head": (3.0, 3.0),
    "hand": (2.5, 2.5),
    "elbow": (1.6, 2.2),
}
"""Part -> standard deviations (across, along) in cm of the pressure under it, for 172 cm; they grow with stature.  Estimates."""

PATCH_STATURE_CM = 172.0
BONY = frozenset({"chest", "pelvis", "knee"})
"""Parts where bone lies close under the skin and much weight rests: nothing hard belongs there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the body on the floor.

    x_cm: left negative.  y_cm: from the foot's contact, towards the head.  patch_cm: see PATCH_CM.
    """

    x_cm: float
    y_cm: float
    patch_cm: tuple[float, float]


def part_of(zone: str) -> str:
    """The part of the body a zone's name says: "foot_l" -> "foot"."""
    return zone.split("_")[0]


def side_of(zone: str) -> int:
    """-1 for the left, 1 for the right, 0 for the middle, by the end of the zone's name."""
    return -1 if zone.endswith("_l") else 1 if zone.endswith("_r") else 0


def hip_line_cm(stature_cm: float) -> float:
    """From the foot's contact to the front of the hip bones: the mark people lie down on."""
    return place("pelvis_l", stature_cm).y_cm


def place(zone: str, stature_cm: float) -> Place:
    """Where the part under a zone of this name rests.  Raises KeyError for a part that is not in the table."""
    part = part_of(zone)
    across, along = _fractions(part)
    grown = stature_cm / PATCH_STATURE_CM
    wide, tall = PATCH_CM[part]
    return Place(side_of(zone) * across * stature_cm, along * stature_cm, (wide * grown, tall * grown))


def _fractions(part: str) -> tuple[float, float]:
    """(distance from the middle line, distance from the foot's contact), as fractions of stature."""
    if part == "elbow":
        return _elbow()
    across, height = SHAPE[part]
    assert across is not None, "only the elbow is worked out"
    return across, _floor(height if height is not None else _height(part))


def _height(part: str) -> float:
    """Height of a part of a standing person, from the segments."""
    knee, hip = SEGMENTS["knee height"], SEGMENTS["hip height"]
    cheek = (SEGMENTS["chin height"] + SEGMENTS["eye height"]) / 2
    foot = SEGMENTS["ankle height"] - _pointed_foot()
    heights = {
        "foot": foot,
        "knee": knee,
        "thigh": (knee + hip) / 2,
        "pelvis": hip + HIP_BONE_ABOVE_HIP,
        "head": cheek,
        "hand": cheek - HAND_BELOW_CHEEK,
    }
    return heights[part]


def _pointed_foot() -> float:
    """From the ankle to the middle of what rests on the floor, toes pointed."""
    return SEGMENTS["foot length"] * (FOREFOOT_SHARE - HEEL_SHARE) * math.cos(math.radians(FOOT_SLOPE_DEG))


def _floor(height: float) -> float:
    """A standing height, measured from the foot's contact when lying."""
    return height - SEGMENTS["ankle height"] + _pointed_foot()


def _elbow() -> tuple[float, float]:
    """Outer crossing of two circles: upper arm around the shoulder, forearm around the heel of the hand."""
    hand_x, hand_y = _fractions("hand")
    shoulder_x, shoulder_y = ARM_RAISED_SHOULDER, _floor(SEGMENTS["shoulder height"])
    dx, dy = hand_x - shoulder_x, hand_y - shoulder_y
    apart = math.hypot(dx, dy)
    upper, fore = SEGMENTS["upper arm"], SEGMENTS["forearm"]
    along = (upper**2 - fore**2 + apart**2) / (2 * apart)
    aside = math.sqrt(upper**2 - along**2)
    return shoulder_x + (along * dx + aside * dy) / apart, shoulder_y + (along * dy - aside * dx) / apart
