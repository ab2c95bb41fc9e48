"""Where the mat's zones stand on the body outline, which looks down on a prone body and is drawn in centimetres."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.mat import Mat, Zone

HEAD_END_CM = 178.0
"""The drawing's upper edge: its y grows from the feet, an SVG's from the top."""

DRAWN_CM = {
    "head": (0, 165), "hand": (12, 158), "elbow": (35, 150), "chest": (12, 130), "belly": (0, 108),
    "pelvis": (11, 92), "thigh": (11, 68), "knee": (12, 46), "foot": (13, 6),
}  # fmt: skip
"""Where the drawn body has each part, on its right side: mats are made for many heights, and there is one drawing."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One zone on the drawing.  limbs: names of the limbs it belongs to."""

    zone: str
    x: float
    y: float
    limbs: tuple[str, ...]


def spots(mat: Mat) -> tuple[Spot, ...]:
    """Every zone of the mat, in the mat's order: on its part of the body, or where the mat has it when the name tells none."""
    return tuple(
        Spot(zone.name, *_drawn(zone), tuple(limb.name for limb in mat.limb if zone.name in limb.zones)) for zone in mat.zone
    )


def _drawn(zone: Zone) -> tuple[float, float]:
    part = zone.name.split("_")[0]
    if part not in DRAWN_CM:
        return zone.x_cm, HEAD_END_CM - min(zone.y_cm, HEAD_END_CM)
    x_cm, y_cm = DRAWN_CM[part]
    return (-x_cm if zone.x_cm < 0 else x_cm), HEAD_END_CM - y_cm
