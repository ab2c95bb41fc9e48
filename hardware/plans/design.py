"""A mat for a person, or for several: where its sensors go and of which kind, from stature alone.

Everybody lies down on one line, the *hip line*, with the front of both hip bones; so what lies near the hips hardly moves with
stature, and feet and elbows move most.  For each zone the places of the shortest and the tallest person are joined; a disc in the
middle is enough where it still catches `ENOUGH` of the usual load at both ends, else a strip along that line is cut as long as
it takes.  Elbows and feet, on whose contact all timing rests, get strips, on a mat for one person too: two centimetres beside a
disc an elbow has lost two thirds of its load.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from msgspec import structs

from hardware.errors import MatFileError
from hardware.mat import MOST_ZONES, Limb, Mat, MatFacts, Side, Zone
from hardware.plans.anthropometry import SHORTEST_CM, TALLEST_CM, Place, hip_line_cm, part_of, place
from hardware.plans.footprint import check_places, reach_cm
from hardware.sim.contact import usual_share

ENOUGH = 0.80
"""Share of the usual load that every zone must catch of everybody the mat is made for."""

SPREAD_CM = 3.0
"""A mat for one stature serves so much shorter and taller people too: shoes, posture and measuring make that difference."""

SPARE_CM = 2.0
"""Lead strips reach so much further at both ends, for hips that do not lie exactly on the line."""

LONGEST_STRIP_CM = 60.0
"""What an uncut FSR 408 leaves when its ends are sealed (622 mm overall)."""

MARGIN_CM = 5.0
"""Mat beyond the outermost sensor, along and across."""

USUAL_WIDTH_CM = 80.0
NARROWEST_CM, WIDEST_CM = 50.0, 150.0
STEP_CM = 5.0
"""Mats are cut to whole steps of this."""

SHIPPED_CM = (155.0, 185.0)
"""Who the mats that come with the project are made for: about nine of ten adults."""

LAYOUTS: dict[int, tuple[str, ...]] = {
    4: ("elbow_l", "elbow_r", "foot_l", "foot_r"),
    8: ("head", "elbow_l", "elbow_r", "belly", "knee_l", "knee_r", "foot_l", "foot_r"),
    16: (
        "head", "hand_l", "hand_r", "elbow_l", "elbow_r", "chest_l", "chest_r", "belly",
        "pelvis_l", "pelvis_r", "thigh_l", "thigh_r", "knee_l", "knee_r", "foot_l", "foot_r",
    ),
}  # fmt: skip
SIZE_NAMES = {4: "small", 8: "half", 16: "full"}
LIMB_PARTS: dict[Literal["arm", "leg"], tuple[str, ...]] = {"arm": ("elbow", "hand", "head"), "leg": ("foot", "knee", "thigh")}
LEADS = frozenset({"elbow", "foot"})

RESISTOR_OHMS = {
    "head": 4700.0,
    "hand": 6800.0,
    "elbow": 6800.0,
    "chest": 3300.0,
    "belly": 3300.0,
    "pelvis": 3300.0,
    "thigh": 3300.0,
    "knee": 4700.0,
    "foot": 6800.0,
}
"""Heavier places get smaller ones, so that at rest each node stands near 2.2-2.9 V: the sensor itself then sees little more than
1 V (above 1.5 V under changing load it loses sensitivity) and the reading keeps room at both ends."""

Sensors = Literal["auto", "disc"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    statures_cm: shortest and tallest; the same twice for one person.  zones: 4, 8 or 16.  width_cm: None for the usual.
    sensors: "auto" as the module says; "disc" leaves strips out.
    """

    statures_cm: tuple[float, float]
    zones: int = 4
    width_cm: float | None = None
    sensors: Sensors = "auto"
    box_side: Side = "left"

    @property
    def for_one(self) -> bool:
        return self.statures_cm[0] == self.statures_cm[1]

    @property
    def served_cm(self) -> tuple[float, float]:
        """Shortest and tallest person it must serve."""
        low, high = self.statures_cm
        return (low - SPREAD_CM, high + SPREAD_CM) if self.for_one else (low, high)


def design(wish: Wish) -> Mat:
    """The mat for a wish.  Raises MatFileError, in one line, for one that cannot be made."""
    _check(wish)
    names = LAYOUTS[wish.zones]
    high = wish.served_cm[1]
    zones = [_zone(name, i, wish) for i, name in enumerate(names)]
    lowest = min(zone.y_cm - reach_cm(zone)[1] for zone in zones)
    hip_cm = math.ceil(MARGIN_CM - lowest)
    zones = [_moved(zone, hip_cm) for zone in zones]
    length_cm = _up(max(zone.y_cm + reach_cm(zone)[1] for zone in zones) + MARGIN_CM)
    needed_cm = _up(2 * (max(abs(zone.x_cm) + reach_cm(zone)[0] for zone in zones) + 1.0))
    width_cm = wish.width_cm or max(USUAL_WIDTH_CM, needed_cm)
    if width_cm < needed_cm:
        raise MatFileError(
            f"a mat of {width_cm:g} cm is too narrow: the elbows of {high:g} cm need {needed_cm:g} cm; choose a wider one"
        )
    facts = MatFacts(
        name=_title(wish),
        supply_volts=3.3,
        end_resistors_ohms=1e6,
        width_cm=width_cm,
        length_cm=length_cm,
        box_side=wish.box_side,
        stature_cm=wish.statures_cm,
        hip_line_cm=float(hip_cm),
    )
    mat = Mat(mat=facts, zone=tuple(zones), limb=_limbs(names))
    check_places(mat, facts.name)
    return mat


def where(name: str, stature_cm: float, hip_cm: float) -> Place:
    """Where a part of somebody who lies with the hips on the hip line rests, on the mat's axes."""
    there = place(name, stature_cm)
    return Place(there.x_cm, there.y_cm - hip_line_cm(stature_cm) + hip_cm, there.patch_cm)


def least_share(zone: Zone, statures_cm: tuple[float, float], hip_cm: float, off_cm: tuple[float, float] = (0.0, 0.0)) -> float:
    """The smallest share of the usual load that a zone catches over a range of statures; off_cm: all of them lie so far beside."""
    low, high = statures_cm
    shares = []
    for stature in {low, high, *(float(h) for h in range(math.ceil(low), math.floor(high) + 1))}:
        there = where(zone.name, stature, hip_cm)
        shares.append(usual_share(zone, Place(there.x_cm + off_cm[0], there.y_cm + off_cm[1], there.patch_cm)))
    return min(shares)


def _check(wish: Wish) -> None:
    low, high = wish.statures_cm
    for stature in (low, high):
        if not SHORTEST_CM <= stature <= TALLEST_CM:
            raise MatFileError(f"a stature of {stature:g} cm: mats are made for {SHORTEST_CM:g} to {TALLEST_CM:g} cm")
    if low > high:
        raise MatFileError(f"a range from {low:g} to {high:g} cm runs backwards; the shortest comes first")
    if wish.zones not in LAYOUTS:
        raise MatFileError(
            f"{wish.zones} zones: mats are made with 4, 8 or 16 (four boards have {MOST_ZONES} channels); "
            "for other numbers change a mat file by hand"
        )
    if wish.width_cm is not None and not NARROWEST_CM <= wish.width_cm <= WIDEST_CM:
        raise MatFileError(f"a width of {wish.width_cm:g} cm: a mat is {NARROWEST_CM:g} to {WIDEST_CM:g} cm wide")


def _title(wish: Wish) -> str:
    low, high = wish.statures_cm
    people = f"{low:g} cm" if wish.for_one else f"{low:g} to {high:g} cm"
    return f"{SIZE_NAMES[wish.zones].capitalize()} mat, {wish.zones} zones, for {people}"


def _zone(name: str, index: int, wish: Wish) -> Zone:
    """One zone, measured from the hip line: a disc where that is enough, else a strip."""
    low, high = wish.served_cm
    first, last = where(name, low, 0.0), where(name, high, 0.0)
    x_cm, y_cm = (first.x_cm + last.x_cm) / 2, (first.y_cm + last.y_cm) / 2
    lead = part_of(name) in LEADS

    def zone(strip_cm: float | None) -> Zone:
        angle_deg = math.degrees(math.atan2(last.y_cm - first.y_cm, last.x_cm - first.x_cm)) % 180.0
        return Zone(
            name=name,
            chip=0x48 + index // 4,
            pin=index % 4,
            x_cm=round(x_cm, 1),
            y_cm=round(y_cm, 1),
            resistor_ohms=RESISTOR_OHMS[part_of(name)],
            strip_cm=strip_cm,
            angle_deg=None if strip_cm is None else round(angle_deg, 1) % 180.0,
        )

    disc = zone(None)
    if wish.sensors == "disc" or (not lead and least_share(disc, (low, high), 0.0) >= ENOUGH):
        return disc
    spare_cm = SPARE_CM if lead else 0.0
    length_cm = 6.0
    while length_cm <= LONGEST_STRIP_CM:
        strip = zone(length_cm)
        along = math.radians(strip.angle_deg or 0.0)
        ends = [(s * spare_cm * math.cos(along), s * spare_cm * math.sin(along)) for s in (-1.0, 1.0)]
        if all(least_share(strip, (low, high), 0.0, end) >= ENOUGH for end in ends):
            return strip
        length_cm += 1.0
    raise MatFileError(
        f"from {wish.statures_cm[0]:g} to {wish.statures_cm[1]:g} cm the {part_of(name)} would need a strip longer than "
        f"{LONGEST_STRIP_CM:g} cm; make two mats, or a smaller range"
    )


def _moved(zone: Zone, by_cm: float) -> Zone:
    return structs.replace(zone, y_cm=round(zone.y_cm + by_cm, 1))


def _up(value_cm: float) -> float:
    return math.ceil(value_cm / STEP_CM - 1e-9) * STEP_CM


def _limbs(names: tuple[str, ...]) -> tuple[Limb, ...]:
    limbs = []
    for kind, parts in LIMB_PARTS.items():
        for side in ("left", "right"):
            zones = tuple(zone for part in parts for zone in (part, f"{part}_{side[0]}") if zone in names)
            limbs.append(Limb(name=f"{kind}_{side[0]}", kind=kind, side=side, zones=zones))
    return tuple(limbs)
