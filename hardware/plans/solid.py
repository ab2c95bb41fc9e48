"""The pad on a disc sensor, for a printer (STL) or a laser cutter (DXF), from its parameters.

Both formats are a few lines of text for one round plate; a CAD library would be larger than all of the plans.  DXF R12 (circle
entities) and ASCII STL are read by every slicer and cutter program.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

SIDES = 96
Point = tuple[float, float, float]


def pad_stl(diameter_mm: float, thickness_mm: float) -> str:
    """A round plate, its lower face on z = 0.  Raises ValueError for sizes that are none."""
    _check(diameter_mm, thickness_mm)
    lines = ["solid pad"]
    for a, b, c in _triangles(diameter_mm / 2, thickness_mm):
        lines += ["facet normal 0 0 0", " outer loop", *(f"  vertex {x:.4f} {y:.4f} {z:.4f}" for x, y, z in (a, b, c))]
        lines += [" endloop", "endfacet"]
    return "\n".join([*lines, "endsolid pad", ""])


def pad_dxf(diameter_mm: float, count: int = 1, gap_mm: float = 3.0) -> str:
    """`count` circles in a row, in millimetres.  Raises ValueError for sizes that are none."""
    _check(diameter_mm, 1.0)
    lines = ["0", "SECTION", "2", "ENTITIES"]
    for i in range(count):
        x = diameter_mm / 2 + i * (diameter_mm + gap_mm)
        lines += [
            "0",
            "CIRCLE",
            "8",
            "0",
            "10",
            f"{x:.4f}",
            "20",
            f"{diameter_mm / 2:.4f}",
            "30",
            "0",
            "40",
            f"{diameter_mm / 2:.4f}",
        ]
    return "\n".join([*lines, "0", "ENDSEC", "0", "EOF", ""])


def _check(*sizes_mm: float) -> None:
    if not all(0 < size < 1000 for size in sizes_mm):
        raise ValueError(f"a pad has a diameter and a thickness in millimetres, not {sizes_mm}")


def _triangles(radius: float, height: float) -> Iterator[tuple[Point, Point, Point]]:
    """Seen from outside, corners run against the clock."""
    ring = [(radius * math.cos(2 * math.pi * i / SIDES), radius * math.sin(2 * math.pi * i / SIDES)) for i in range(SIDES)]
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        yield (0.0, 0.0, 0.0), (x2, y2, 0.0), (x1, y1, 0.0)
        yield (0.0, 0.0, height), (x1, y1, height), (x2, y2, height)
        yield (x1, y1, 0.0), (x2, y2, 0.0), (x2, y2, height)
        yield (x1, y1, 0.0), (x2, y2, height), (x1, y1, height)
