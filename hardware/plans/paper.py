"""The papers that sheets are printed on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet, upright.  edge_mm: what home printers leave white."""

    name: str
    width_mm: float
    height_mm: float
    edge_mm: float = 8.0


A4 = Paper("A4", 210.0, 297.0)
LETTER = Paper("letter", 215.9, 279.4)
PAPERS = {paper.name: paper for paper in (A4, LETTER)}
