"""Which zones carry which part of the body, in each position, on the same sensors.

A mat is laid out for somebody lying on the belly, and its zones are named for that.  On the back left and right change places: the
person's left leg lies where the right one lay.  With bent knees the feet stand where the knees lay.  On one side only the head, and
the foot of the upper leg when it rests on the mat in front of the other, lie on zones for certain.

A mat file may name limbs of its own; they hold for the belly, the position the mat was made for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from hardware.mat import Limb, LimbKind, Mat, Side
from station.practice.trunk import TrunkPart

Position = Literal["prone", "prone_bent", "supine", "supine_bent", "side", "side_left", "side_right", "any"]
POSITIONS: tuple[Position, ...] = ("prone", "prone_bent", "supine", "supine_bent", "side_left", "side_right")

_Zones = tuple[str, ...]
_LIMBS: Mapping[Position, Mapping[str, tuple[LimbKind, Side, _Zones]]] = {
    # Soles to the ceiling: the feet are off the mat, and a knee leads.
    "prone_bent": {
        "knee_l": ("leg", "left", ("knee_l", "thigh_l")),
        "knee_r": ("leg", "right", ("knee_r", "thigh_r")),
        "head": ("arm", "left", ("head",)),
    },
    "supine": {
        "arm_l": ("arm", "left", ("elbow_r",)),
        "arm_r": ("arm", "right", ("elbow_l",)),
        "leg_l": ("leg", "left", ("foot_r", "knee_r")),
        "leg_r": ("leg", "right", ("foot_l", "knee_l")),
        "head": ("arm", "left", ("head",)),
    },
    "supine_bent": {
        "arm_l": ("arm", "left", ("elbow_r",)),
        "arm_r": ("arm", "right", ("elbow_l",)),
        "leg_l": ("leg", "left", ("knee_r",)),
        "leg_r": ("leg", "right", ("knee_l",)),
        "head": ("arm", "left", ("head",)),
    },
    # Lying on the left side the front of the body looks to the mat's right: there the upper, right, foot comes to rest.
    "side_left": {"leg_r": ("leg", "right", ("foot_r",)), "head": ("arm", "left", ("head",))},
    "side_right": {"leg_l": ("leg", "left", ("foot_l",)), "head": ("arm", "left", ("head",))},
}
_TRUNK: Mapping[str, Mapping[str, tuple[_Zones, _Zones, _Zones]]] = {
    "prone": {
        "belly": (("belly",), (), ()),
        "pelvis": (("pelvis_l", "pelvis_r"), ("pelvis_l",), ("pelvis_r",)),
        "chest": (("chest_l", "chest_r"), ("chest_l",), ("chest_r",)),
    },
    "supine": {
        "lower_back": (("belly",), (), ()),
        "pelvis": (("pelvis_l", "pelvis_r"), ("pelvis_r",), ("pelvis_l",)),
        "chest": (("chest_l", "chest_r"), ("chest_r",), ("chest_l",)),
    },
    "side_left": {"pelvis": (("pelvis_l", "pelvis_r"), (), ())},
    "side_right": {"pelvis": (("pelvis_l", "pelvis_r"), (), ())},
}
"""Part -> all its zones, those of the person's left, those of the right."""
SAME_SIDE: Mapping[Position, str] = {"prone_bent": "prone", "supine_bent": "supine"}
"""Positions that differ from another only in the knees."""


@dataclass(frozen=True, slots=True)
class BodyMap:
    """What a mat feels of a body.  limbs, trunk: position -> by name."""

    limbs: Mapping[Position, tuple[Limb, ...]]
    trunk: Mapping[Position, Mapping[str, TrunkPart]]

    def limb(self, name: str, position: Position) -> Limb | None:
        return next((limb for limb in self.limbs[placed(position)] if limb.name == name), None)


def placed(position: Position) -> Position:
    """The position whose zones hold: "any" is where the mat was made for, "side" the left one, until an exercise says which."""
    return "prone" if position == "any" else "side_left" if position == "side" else position


def body_map(mat: Mat) -> BodyMap:
    """What this mat feels, by the names of its zones."""
    return BodyMap(
        {position: mat.limb if position == "prone" else _limbs(mat, position) for position in POSITIONS},
        {position: _trunk(mat, position) for position in POSITIONS},
    )


def same_side(a: Position, b: Position) -> bool:
    """Whether one changes from one to the other without turning over."""
    return SAME_SIDE.get(placed(a), placed(a)) == SAME_SIDE.get(placed(b), placed(b))


def mat_in(mat: Mat, position: Position) -> Mat:
    """The same mat with the limbs of a position: what detection is given."""
    place = placed(position)
    return mat if place == "prone" else msgspec.structs.replace(mat, limb=_limbs(mat, place))


def _limbs(mat: Mat, position: Position) -> tuple[Limb, ...]:
    there = set(mat.zone_names)
    found = []
    for name, (kind, side, zones) in _LIMBS[position].items():
        own = tuple(zone for zone in zones if zone in there)
        if own and own[0] == zones[0]:
            # Without its lead zone a limb cannot be timed.
            found.append(Limb(name=name, kind=kind, side=side, zones=own))
    return tuple(found)


def _trunk(mat: Mat, position: Position) -> dict[str, TrunkPart]:
    names = mat.zone_names

    def columns(zones: _Zones) -> tuple[int, ...]:
        return tuple(names.index(zone) for zone in zones if zone in names)

    parts = {}
    for name, (zones, left, right) in _TRUNK[SAME_SIDE.get(position, position)].items():
        if all(zone in names for zone in zones):
            parts[name] = TrunkPart(name, columns(zones), columns(left), columns(right))
    return parts
