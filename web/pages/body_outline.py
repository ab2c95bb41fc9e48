"""Where the mat's zones stand on the body outline, which looks down on a prone body and is drawn in centimetres."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.mat import Mat

HEAD_END_CM = 178.0
"""The mat's y of the drawing's upper edge: y grows from the feet, an SVG's from the top."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One zone on the drawing.  limbs: names of the limbs it belongs to."""

    zone: str
    x: float
    y: float
    limbs: tuple[str, ...]


def spots(mat: Mat) -> tuple[Spot, ...]:
    """Every zone of the mat, in the mat's order."""
    return tuple(
        Spot(zone.name, zone.x_cm, HEAD_END_CM - zone.y_cm, tuple(limb.name for limb in mat.limb if zone.name in limb.zones))
        for zone in mat.zone
    )
