"""The placement template: the mat at full size on A4 or US Letter sheets.

Most of the floor is empty, so sheets are laid where the sensors are: each says which rectangle of the mat it shows (its corner,
measured from the middle line and the foot end), and all carry the same crosses on every 10 cm of the mat, so that neighbours can be
glued.  A sensor that fits is whole on some sheet; a longer strip is cut into pieces that each are.
A map of the sheets comes first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from hardware.mat import Mat, Zone
from hardware.plans.footprint import corners_cm, size_cm
from hardware.plans.paper import A4, Paper
from hardware.plans.pdf import Page, pdf_of, text_width_mm
from hardware.plans.plan import PUCK_CM, Channel, Plan, centimetres, pin_name, plan_of

FOOTER_MM = 17.0
SNAP_CM = 0.1
"""Corners of sheets lie on whole steps of this."""

AIR_CM = 0.25
"""Between a sensor and the edge of the sheet that shows it whole."""

NAME_MM, PIN_MM, CROSS_MM = 4.5, 3.4, 2.6
LABEL_CM = 1.4
"""Height of the two lines of a label, kept free above each sensor."""

At = Callable[[float, float], tuple[float, float]]
"""Mat centimetres -> millimetres on the page."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sensor, or as much of a long strip as goes on a sheet: the upright box round it, label included where it begins."""

    channel: Channel
    left_cm: float
    right_cm: float
    foot_cm: float
    head_cm: float


@dataclass(frozen=True, slots=True)
class Tile:
    """One sheet.  name: "A", "B", ... from the foot end up; left_cm, foot_cm: the mat coordinates of its lower left corner."""

    name: str
    left_cm: float
    foot_cm: float
    width_cm: float
    height_cm: float
    channels: tuple[Channel, ...]

    @property
    def right_cm(self) -> float:
        return self.left_cm + self.width_cm

    @property
    def head_cm(self) -> float:
        return self.foot_cm + self.height_cm

    def shows(self, piece: Piece) -> bool:
        """Whether all of the piece is on the sheet."""
        across = self.left_cm <= piece.left_cm and piece.right_cm <= self.right_cm
        return across and self.foot_cm <= piece.foot_cm and piece.head_cm <= self.head_cm

    def touches(self, zone: Zone) -> bool:
        """Whether any of the sensor reaches onto the sheet."""
        xs, ys = zip(*corners_cm(zone), strict=True)
        across = min(xs) < self.right_cm and max(xs) > self.left_cm
        return across and min(ys) < self.head_cm and max(ys) > self.foot_cm


def drawn_cm(paper: Paper) -> tuple[float, float]:
    """Width and height of what one sheet carries of the mat, in whole centimetres."""
    return floor((paper.width_mm - 2 * paper.edge_mm) / 10), floor((paper.height_mm - 2 * paper.edge_mm - FOOTER_MM) / 10)


def pieces_of(channel: Channel, paper: Paper) -> tuple[Piece, ...]:
    """What must be whole on a sheet: the sensor with its label, or a long strip in as many parts as it takes."""
    zone = channel.zone
    corners = corners_cm(zone)
    label_cm = (text_width_mm(_label(channel), NAME_MM) + 2) / 10
    width_cm, height_cm = drawn_cm(paper)
    for parts in range(1, 100):
        boxes = []
        for part in range(parts):
            first, last = part / parts, (part + 1) / parts
            (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
            xs = [ax + (bx - ax) * share for share in (first, last)] + [dx + (cx - dx) * share for share in (first, last)]
            ys = [ay + (by - ay) * share for share in (first, last)] + [dy + (cy - dy) * share for share in (first, last)]
            boxes.append([min(xs) - AIR_CM, max(xs) + AIR_CM, min(ys) - AIR_CM, max(ys) + AIR_CM])
        if not _label_inside(channel):
            top = max(boxes, key=lambda box: box[3])
            top[3] += LABEL_CM
            label_x = _highest(zone)[0]
            top[0], top[1] = min(top[0], label_x - label_cm / 2), max(top[1], label_x + label_cm / 2)
        if all(box[1] - box[0] <= width_cm - SNAP_CM and box[3] - box[2] <= height_cm - SNAP_CM for box in boxes):
            return tuple(Piece(channel, *box) for box in boxes)
    raise ValueError(f"{zone.name}: a strip of {zone.strip_cm} cm cannot be cut into sheets")


def tiles_of(plan: Plan, paper: Paper = A4) -> tuple[Tile, ...]:
    """The sheets to print, from the foot end up, left to right: every piece is whole on at least one, and none is empty."""
    width_cm, height_cm = drawn_cm(paper)
    wanting = [piece for channel in plan.channels for piece in pieces_of(channel, paper)]

    def sheet(left_cm: float, foot_cm: float) -> Tile:
        return Tile("", left_cm, foot_cm, width_cm, height_cm, ())

    chosen: list[Tile] = []
    while wanting:
        # Sheets begin at a piece's left or lower edge: any other sheet can be moved there without losing one.
        corners = {(_down(a.left_cm), _down(b.foot_cm)) for a in wanting for b in wanting}
        best = max((sheet(*corner) for corner in sorted(corners)), key=lambda tile: sum(map(tile.shows, wanting)))
        chosen.append(best)
        wanting = [piece for piece in wanting if not best.shows(piece)]
    chosen.sort(key=lambda tile: (tile.foot_cm, tile.left_cm))
    return tuple(
        Tile(_letters(i), tile.left_cm, tile.foot_cm, width_cm, height_cm, tuple(c for c in plan.channels if tile.touches(c.zone)))
        for i, tile in enumerate(chosen)
    )


def _letters(index: int) -> str:
    """A, B, ... Z, AA: sheets have letters, for zones have numbers."""
    letters, rest = "", index
    while rest >= 0:
        letters = chr(ord("A") + rest % 26) + letters
        rest = rest // 26 - 1
    return letters


def _down(value_cm: float) -> float:
    """The step at or below a coordinate."""
    return round(floor(value_cm / SNAP_CM + 1e-6) * SNAP_CM, 3)


def template_pdf(mat: Mat, paper: Paper = A4) -> bytes:
    """A map of the sheets, and the sheets."""
    plan = plan_of(mat)
    tiles = tiles_of(plan, paper)
    return pdf_of(
        [_map(plan, tiles, paper), *(_sheet(plan, tile, number, len(tiles), paper) for number, tile in enumerate(tiles, start=1))],
        plan.title,
    )


def _label(channel: Channel) -> str:
    return f"{channel.number}  {channel.zone.name}"


def _label_inside(channel: Channel) -> bool:
    """Whether the label fits into the lath of a strip; else it stands above the sensor."""
    zone = channel.zone
    widest_mm = max(text_width_mm(_label(channel), NAME_MM), text_width_mm(_pin_words(zone), PIN_MM))
    steep = abs(math.cos(math.radians(zone.angle_deg or 0.0))) < 0.5
    return zone.strip_cm is not None and steep and widest_mm < 10 * size_cm(zone)[1] - 6


def _highest(zone: Zone) -> tuple[float, float]:
    """Where a label above the sensor stands: over its middle, or over the upper corner of a strip."""
    if zone.strip_cm is None:
        return zone.x_cm, max(y for _, y in corners_cm(zone))
    return max(corners_cm(zone), key=lambda corner: corner[1])


def _pin_words(zone: Zone) -> str:
    return f"0x{zone.chip:02x} pin {pin_name(zone)}"


def _sheet(plan: Plan, tile: Tile, number: int, count: int, paper: Paper) -> Page:
    page = Page(paper.width_mm, paper.height_mm)
    width_mm, height_mm = 10 * tile.width_cm, 10 * tile.height_cm
    origin_mm = ((paper.width_mm - width_mm) / 2, paper.edge_mm + FOOTER_MM)

    def at(x_cm: float, y_cm: float) -> tuple[float, float]:
        return origin_mm[0] + 10 * (x_cm - tile.left_cm), origin_mm[1] + 10 * (y_cm - tile.foot_cm)

    for edge_cm in (plan.left_cm, plan.right_cm):
        if tile.left_cm <= edge_cm <= tile.right_cm:
            ends = max(tile.foot_cm, plan.foot_cm), min(tile.head_cm, plan.head_cm)
            page.line(*at(edge_cm, ends[0]), *at(edge_cm, ends[1]), width_mm=0.8, grey=0.4)
    for edge_cm in (plan.foot_cm, plan.head_cm):
        if tile.foot_cm <= edge_cm <= tile.head_cm:
            ends = max(tile.left_cm, plan.left_cm), min(tile.right_cm, plan.right_cm)
            page.line(*at(ends[0], edge_cm), *at(ends[1], edge_cm), width_mm=0.8, grey=0.4)
    hip_cm = plan.mat.mat.hip_line_cm
    if hip_cm is not None and tile.foot_cm + 1 < hip_cm < tile.head_cm - 1:
        page.line(*at(tile.left_cm, hip_cm), *at(tile.right_cm, hip_cm), width_mm=0.6, grey=0.3, dash_mm=4)
    for x_cm in range(ceil(tile.left_cm / 10) * 10, floor(tile.right_cm / 10) * 10 + 1, 10):
        for y_cm in range(ceil(tile.foot_cm / 10) * 10, floor(tile.head_cm / 10) * 10 + 1, 10):
            # Its numbers stand to the right of a cross; where they would meet a sensor or its label, there is no cross.
            if not any(_near(channel, x_cm, y_cm) for channel in tile.channels):
                x, y = at(x_cm, y_cm)
                page.line(x - 3, y, x + 3, y, grey=0.3)
                page.line(x, y - 3, x, y + 3, grey=0.3)
                page.text(x + 1, y + 1, f"{x_cm},{y_cm}", size_mm=CROSS_MM, grey=0.4)
    for channel in tile.channels:
        _sensor(page, at, channel.zone)
    if hip_cm is not None and tile.foot_cm + 1 < hip_cm < tile.head_cm - 1:
        free_cm = next((x for x in range(ceil(tile.left_cm), floor(tile.right_cm)) if not _meets(tile, x, hip_cm)), tile.left_cm)
        x, y = at(free_cm, hip_cm)
        page.text(x + 2, y + 2, "hip line", size_mm=PIN_MM)
    for channel in tile.channels:
        _write_label(page, at, channel)
    _white_frame(page, origin_mm, width_mm, height_mm)
    page.rectangle(*origin_mm, width_mm, height_mm, grey=0.6)
    page.text(origin_mm[0], paper.edge_mm + 11, f"Sheet {tile.name} ({number} of {count})   {plan.title}", size_mm=4.2)
    page.text(
        origin_mm[0],
        paper.edge_mm + 6,
        f"Lower left corner of the frame: {centimetres(tile.left_cm)} cm across from the middle line (left is negative), "
        f"{centimetres(tile.foot_cm)} cm up from the foot end.",
        size_mm=2.9,
    )
    page.line(origin_mm[0], paper.edge_mm, origin_mm[0] + 100, paper.edge_mm, width_mm=0.5)
    for tick in range(0, 101, 10):
        page.line(origin_mm[0] + tick, paper.edge_mm, origin_mm[0] + tick, paper.edge_mm + 1.5)
    page.text(origin_mm[0] + 104, paper.edge_mm, "10 cm: print at 100 %, not fitted to the page", size_mm=2.9)
    return page


def _meets(tile: Tile, x_cm: float, y_cm: float) -> bool:
    """Whether the words "hip line" from here on would fall on a sensor or its label."""
    return any(_near(channel, x_cm + shift, y_cm) for channel in tile.channels for shift in (0.0, 1.0))


def _near(channel: Channel, x_cm: float, y_cm: float) -> bool:
    """Whether a cross with its numbers at this place would fall on a sensor or its label."""
    xs, ys = zip(*corners_cm(channel.zone), strict=True)
    half_label_cm = (text_width_mm(_label(channel), NAME_MM) + 2) / 20
    label_x = _highest(channel.zone)[0]
    left = min(min(xs), label_x - half_label_cm) - 1.5
    right = max(max(xs), label_x + half_label_cm) + 0.3
    return left < x_cm < right and min(ys) - 0.8 < y_cm < max(ys) + LABEL_CM + 0.3


def _sensor(page: Page, at: At, zone: Zone) -> None:
    corners = [at(*corner) for corner in corners_cm(zone)]
    for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]):
        page.line(x1, y1, x2, y2, width_mm=0.5)
    x, y = at(zone.x_cm, zone.y_cm)
    if zone.strip_cm is None:
        page.circle(x, y, 10 * PUCK_CM / 2, width_mm=0.4)
        _cross(page, x, y)
        return
    turn = math.radians(zone.angle_deg or 0.0)
    half_mm = 10 * size_cm(zone)[0] / 2
    for end in (-1, 1):
        cos, sin = end * math.cos(turn), end * math.sin(turn)
        page.line(x + 10 * cos, y + 10 * sin, x + half_mm * cos, y + half_mm * sin, grey=0.4, dash_mm=2)
        _cross(page, x + (half_mm - 10) * cos, y + (half_mm - 10) * sin)


def _cross(page: Page, x: float, y: float) -> None:
    """Where to prick through: the middle of a disc, and the strip's line 1 cm from either end."""
    page.line(x - 6, y, x + 6, y)
    page.line(x, y - 6, x, y + 6)


def _write_label(page: Page, at: At, channel: Channel) -> None:
    """Two lines in the middle of a strip's lath, or above the sensor, where no line of its own runs."""
    zone = channel.zone
    x, y = at(*((zone.x_cm, zone.y_cm - 0.5) if _label_inside(channel) else _highest(zone)))
    name, pin = _label(channel), _pin_words(zone)
    page.label(x - text_width_mm(name, NAME_MM) / 2, y + 7.5, name, size_mm=NAME_MM)
    page.label(x - text_width_mm(pin, PIN_MM) / 2, y + 2.5, pin, size_mm=PIN_MM)


def _white_frame(page: Page, origin_mm: tuple[float, float], width: float, height: float) -> None:
    """Cut what reaches over the sheet's frame, so that the pages end where the next one begins."""
    for x, y, w, h in (
        (0, 0, page.width_mm, origin_mm[1] - 0.2),
        (0, origin_mm[1] + height + 0.2, page.width_mm, page.height_mm),
        (0, 0, origin_mm[0] - 0.2, page.height_mm),
        (origin_mm[0] + width + 0.2, 0, page.width_mm, page.height_mm),
    ):
        page.filled(x, y, w, h, grey=1.0)


def _map(plan: Plan, tiles: tuple[Tile, ...], paper: Paper) -> Page:
    """The whole mat, small, with the sheets on it."""
    page = Page(paper.width_mm, paper.height_mm)
    top = paper.height_mm - 20
    page.text(15, top, f"{plan.title}: placement template", size_mm=5.5)
    lines = (
        f"Map of the {len(tiles)} sheets that follow, at full size. Print at 100 % and check the 10 cm rule at the foot of each.",
        "Seen from above, head end up. Lay each sheet by its corner, or glue neighbours so that the numbered crosses meet.",
        "Square with circle: disc sensor and its pad. Long box: strip sensor under its lath. Prick through the small crosses.",
    )
    for index, words in enumerate(lines):
        page.text(15, top - 8 - 5 * index, words, size_mm=3.2)
    left_cm = min(plan.left_cm, min(tile.left_cm for tile in tiles))
    foot_cm = min(plan.foot_cm, min(tile.foot_cm for tile in tiles))
    right_cm = max(plan.right_cm, max(tile.right_cm for tile in tiles))
    head_cm = max(plan.head_cm, max(tile.head_cm for tile in tiles))
    scale = min((paper.width_mm - 30) / (right_cm - left_cm), (top - 45) / (head_cm - foot_cm))

    def at(x_cm: float, y_cm: float) -> tuple[float, float]:
        return 15 + (x_cm - left_cm) * scale, 20 + (y_cm - foot_cm) * scale

    page.rectangle(*at(plan.left_cm, plan.foot_cm), plan.width_cm * scale, plan.length_cm * scale, width_mm=0.8)
    for tile in tiles:
        x, y = at(tile.left_cm, tile.foot_cm)
        page.rectangle(x, y, tile.width_cm * scale, tile.height_cm * scale, grey=0.6, dash_mm=1.5)
    hip_cm = plan.mat.mat.hip_line_cm
    if hip_cm is not None:
        page.line(*at(plan.left_cm, hip_cm), *at(plan.right_cm, hip_cm), width_mm=0.4, grey=0.3, dash_mm=3)
    for channel in plan.channels:
        corners = [at(*corner) for corner in corners_cm(channel.zone)]
        for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]):
            page.line(x1, y1, x2, y2)
    for channel in plan.channels:
        x, y = at(channel.zone.x_cm, channel.zone.y_cm)
        reach = max(abs(corner[0] - channel.zone.x_cm) for corner in corners_cm(channel.zone)) * scale
        page.label(x + reach + 1, y - 1.2, str(channel.number), size_mm=3.0)
    if hip_cm is not None:
        page.label(at(0, hip_cm)[0] - 5, at(0, hip_cm)[1] - 4, "hip line", size_mm=2.8)
    full = [(at(*spot), 6.0) for c in plan.channels for spot in (*corners_cm(c.zone), (c.zone.x_cm, c.zone.y_cm))]
    for tile in tiles:
        # The number stands inside its sheet where no sensor and no other number is near.
        spots = [
            at(tile.left_cm + u * tile.width_cm, tile.foot_cm + v * tile.height_cm)
            for u in (0.05, 0.8, 0.4)
            for v in (0.85, 0.05, 0.45, 0.65, 0.25)
        ]
        x, y = next((spot for spot in spots if all(math.dist(spot, middle) > near for middle, near in full)), spots[0])
        full.append(((x, y), 6.0))
        page.label(x, y, tile.name, size_mm=4.0, grey=0.35)
    page.text(15, 12, f"foot end; {plan.width_cm:.4g} cm wide, {plan.length_cm:.4g} cm long; small numbers: zones", size_mm=3.4)
    x = 15 + (right_cm - left_cm) * scale + 6
    if x < paper.width_mm - 40:
        for index, channel in enumerate(plan.channels):
            page.text(x, top - 40 - 5 * index, f"{channel.number}  {channel.zone.name}", size_mm=3.2)
    return page
