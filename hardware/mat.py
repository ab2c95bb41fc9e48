"""The mat file: which sensor lies where, how it is wired, and which sensors make a limb.

Read strictly: an unknown key, a pin used twice or a limb that names an absent zone is an error that says where.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hardware.errors import MatFileError
from hardware.strict_toml import decode, read_text

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
ADDRESSES = range(0x48, 0x4C)
"""Where an ADS1115 answers, by the strap of its ADDR pin (datasheet SBAS444, table 5)."""

MOST_ZONES = 16
"""Four boards of four channels."""

LimbKind = Literal["arm", "leg"]
Side = Literal["left", "right"]


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One FSR under one place of the body, on one ADC channel, as the lower end of its divider reads it.

    x_cm, y_cm: its middle.  strip_cm: active length of a strip sensor; without it the sensor is a small square under a disc.
    angle_deg: where the strip points, from the x axis (0 lies across, 90 along the body), against the clock seen from above.
    """

    name: Name
    chip: int
    pin: Annotated[int, Meta(ge=0, le=3)]
    x_cm: Annotated[float, Meta(ge=-150, le=150)]
    y_cm: Annotated[float, Meta(ge=-50, le=300)]
    resistor_ohms: Annotated[float, Meta(ge=100, le=1_000_000)]
    k: Annotated[float, Meta(gt=0, le=1)] | None = None
    gamma: Annotated[float, Meta(ge=0.3, le=2.0)] | None = None
    strip_cm: Annotated[float, Meta(ge=2, le=62)] | None = None
    angle_deg: Annotated[float, Meta(ge=0, lt=180)] | None = None


class Limb(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Zones that leave the mat together, distal first; the first is the lead zone."""

    name: Name
    kind: LimbKind
    side: Side
    zones: Annotated[tuple[str, ...], Meta(min_length=1, max_length=16)]


class MatFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What holds for the whole mat."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    supply_volts: Annotated[float, Meta(ge=1.8, le=5.5)]
    end_resistors_ohms: Annotated[float, Meta(ge=100_000, le=10_000_000)] | None = None
    width_cm: Annotated[float, Meta(gt=0, le=300)] | None = None
    length_cm: Annotated[float, Meta(gt=0, le=400)] | None = None
    box_side: Side | None = None
    """At which corner of the foot end the cables leave and the box stands, as the person lying on it says left and right."""
    stature_cm: tuple[Annotated[float, Meta(ge=100, le=250)], Annotated[float, Meta(ge=100, le=250)]] | None = None
    """Shortest and tallest person it was made for."""
    hip_line_cm: Annotated[float, Meta(ge=0, le=300)] | None = None
    """Where the front of the hip bones goes, on the axis of y_cm: the one line to lie down on."""


class Mat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole mat.  `zone` and `limb` are named as in the file."""

    mat: MatFacts
    zone: Annotated[tuple[Zone, ...], Meta(min_length=1)]
    limb: tuple[Limb, ...] = ()

    @property
    def zone_names(self) -> tuple[str, ...]:
        return tuple(zone.name for zone in self.zone)

    @property
    def chips(self) -> tuple[int, ...]:
        """Addresses in use, rising."""
        return tuple(sorted({zone.chip for zone in self.zone}))

    def columns(self, limb: Limb) -> tuple[int, ...]:
        """Where the limb's zones stand in a frame, distal first."""
        names = self.zone_names
        return tuple(names.index(zone) for zone in limb.zones)


def parse_mat(text: str, source: str = "mat file") -> Mat:
    """Parse and check the text of a mat file; `source` is named in errors.  Raises MatFileError."""
    mat = decode(text, Mat, source, MatFileError)
    if len(mat.zone) > MOST_ZONES:
        raise MatFileError(f"{source}: {len(mat.zone)} zones; four ADS1115 boards have {MOST_ZONES} channels")
    if mat.mat.stature_cm is not None and mat.mat.stature_cm[0] > mat.mat.stature_cm[1]:
        raise MatFileError(f"{source}: mat, stature_cm: the shortest comes first, then the tallest")
    for what, count in Counter(zone.name for zone in mat.zone).items():
        if count > 1:
            raise MatFileError(f"{source}: two zones are named '{what}'; give each zone its own name")
    for zone in mat.zone:
        if zone.chip not in ADDRESSES:
            raise MatFileError(
                f"{source}: zone '{zone.name}' is on chip 0x{zone.chip:02x}; an ADS1115 answers at 0x48, 0x49, 0x4a or 0x4b"
            )
        if (zone.strip_cm is None) != (zone.angle_deg is None):
            raise MatFileError(f"{source}: zone '{zone.name}': strip_cm and angle_deg go together; a disc has neither")
    for (chip, pin), count in Counter((zone.chip, zone.pin) for zone in mat.zone).items():
        if count > 1:
            both = " and ".join(zone.name for zone in mat.zone if (zone.chip, zone.pin) == (chip, pin))
            raise MatFileError(f"{source}: zones {both} share chip 0x{chip:02x} pin {pin}; each needs a pin of its own")
    for what, count in Counter(limb.name for limb in mat.limb).items():
        if count > 1:
            raise MatFileError(f"{source}: two limbs are named '{what}'; give each limb its own name")
    for limb in mat.limb:
        for name in limb.zones:
            if name not in mat.zone_names:
                raise MatFileError(
                    f"{source}: limb '{limb.name}' names zone '{name}', which is not there; zones are {', '.join(mat.zone_names)}"
                )
        if len(set(limb.zones)) < len(limb.zones):
            raise MatFileError(f"{source}: limb '{limb.name}' names a zone twice")
    return mat


def load_mat(path: Path) -> Mat:
    """Read a mat file.  Raises MatFileError, also when it is absent or not text."""
    text = read_text(path, MatFileError, "the ones that come with the project are listed by 'backlift mat'")
    return parse_mat(text, str(path))
