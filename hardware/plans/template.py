"""The placement template: the mat at full size on A4 sheets.

The mat is cut into a grid of overlapping sheets, and only the fewest that show every sensor whole are printed, for most of the
floor is empty.  So each sheet says where it lies (its corner, measured from the middle line and the foot end), and neighbours carry
the same registration crosses, which fall on every 10 cm of the mat.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from hardware.mat import Mat
from hardware.plans.pdf import Page, pdf_of
from hardware.plans.plan import PUCK_CM, SENSOR_CM, Channel, Plan, centimetres, pin_name, plan_of

A4_MM = (210.0, 297.0)
EDGE_MM = 8.0
"""What home printers leave white."""

FOOTER_MM = 15.0
TILE_CM = (18.0, 26.0)
"""What one sheet carries of the mat."""

WHOLE_CM = SENSOR_CM / 2 + 0.8
"""From a sensor's middle to the edge of what is drawn of it, its name included."""

STEP_CM = (TILE_CM[0] - 2 * WHOLE_CM - 0.1, TILE_CM[1] - 2 * WHOLE_CM - 0.1)
"""From one sheet to the next: they overlap so far that each sensor is whole on some sheet, with a millimetre to spare."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One sheet.  left_cm, foot_cm: the mat coordinates of its lower left corner; channels: zones that reach onto it."""

    column: int
    row: int
    left_cm: float
    foot_cm: float
    channels: tuple[Channel, ...]

    @property
    def name(self) -> str:
        """Rows by letter from the foot end (A, B, ... Z, AA), columns by number from the left: "B3"."""
        letters, rest = "", self.row
        while rest >= 0:
            letters = chr(ord("A") + rest % 26) + letters
            rest = rest // 26 - 1
        return f"{letters}{self.column + 1}"


def tiles_of(plan: Plan) -> tuple[Tile, ...]:
    """The sheets to print, from the foot end up, left to right: every sensor is whole on at least one."""
    half_cm = SENSOR_CM / 2
    reach_cm = max(abs(channel.zone.x_cm) + WHOLE_CM for channel in plan.channels)
    foot_cm = min(plan.foot_cm, *(channel.zone.y_cm - WHOLE_CM for channel in plan.channels))
    head_cm = max(channel.zone.y_cm + WHOLE_CM for channel in plan.channels)
    columns = 1 + 2 * ceil(max(0.0, reach_cm - TILE_CM[0] / 2) / STEP_CM[0])
    rows = 1 + ceil(max(0.0, head_cm - foot_cm - TILE_CM[1]) / STEP_CM[1])
    grid = []
    for row in range(rows):
        for column in range(columns):
            x_cm = -TILE_CM[0] / 2 + (column - columns // 2) * STEP_CM[0]
            y_cm = foot_cm + row * STEP_CM[1]
            there = tuple(channel for channel in plan.channels if _shows(channel, x_cm, y_cm, -half_cm))
            grid.append(Tile(column, row, x_cm, y_cm, there))
    chosen: list[Tile] = []
    wanting = set(plan.channels)
    while wanting:
        best = max(grid, key=lambda tile: sum(_shows(channel, tile.left_cm, tile.foot_cm, WHOLE_CM) for channel in wanting))
        chosen.append(best)
        wanting -= {channel for channel in wanting if _shows(channel, best.left_cm, best.foot_cm, WHOLE_CM)}
    return tuple(tile for tile in grid if tile in chosen)


def _shows(channel: Channel, left_cm: float, foot_cm: float, inside_cm: float) -> bool:
    """Whether the middle of a sensor lies on the sheet, `inside_cm` from its edges (negative: that far outside still counts)."""
    x_cm, y_cm = channel.zone.x_cm - left_cm, channel.zone.y_cm - foot_cm
    inside_cm -= 0.01  # a sensor that ends exactly at the edge is whole, whatever the last bit says
    return inside_cm <= x_cm <= TILE_CM[0] - inside_cm and inside_cm <= y_cm <= TILE_CM[1] - inside_cm


def template_pdf(mat: Mat) -> bytes:
    """An overview sheet and the tiles."""
    plan = plan_of(mat)
    tiles = tiles_of(plan)
    return pdf_of(
        [_overview(plan, tiles), *(_sheet(plan, tile, number, len(tiles)) for number, tile in enumerate(tiles, start=1))],
        plan.title,
    )


def _sheet(plan: Plan, tile: Tile, number: int, count: int) -> Page:
    page = Page(*A4_MM)
    origin_mm = ((A4_MM[0] - 10 * TILE_CM[0]) / 2, EDGE_MM + FOOTER_MM)

    def at(x_cm: float, y_cm: float) -> tuple[float, float]:
        return origin_mm[0] + 10 * (x_cm - tile.left_cm), origin_mm[1] + 10 * (y_cm - tile.foot_cm)

    right_cm, head_cm = tile.left_cm + TILE_CM[0], tile.foot_cm + TILE_CM[1]
    page.rectangle(*origin_mm, 10 * TILE_CM[0], 10 * TILE_CM[1], grey=0.6)
    for edge_cm in (plan.left_cm, plan.right_cm):
        if tile.left_cm <= edge_cm <= right_cm:
            page.line(
                *at(edge_cm, max(tile.foot_cm, plan.foot_cm)), *at(edge_cm, min(head_cm, plan.head_cm)), width_mm=0.8, grey=0.4
            )
    for edge_cm in (plan.foot_cm, plan.head_cm):
        if tile.foot_cm <= edge_cm <= head_cm:
            page.line(
                *at(max(tile.left_cm, plan.left_cm), edge_cm), *at(min(right_cm, plan.right_cm), edge_cm), width_mm=0.8, grey=0.4
            )
    for x_cm in range(ceil(tile.left_cm / 10) * 10, int(right_cm // 10) * 10 + 1, 10):
        for y_cm in range(ceil(tile.foot_cm / 10) * 10, int(head_cm // 10) * 10 + 1, 10):
            x, y = at(x_cm, y_cm)
            page.line(x - 3, y, x + 3, y, grey=0.3)
            page.line(x, y - 3, x, y + 3, grey=0.3)
            page.text(x + 1, y + 1, f"{x_cm},{y_cm}", size_mm=2.6, grey=0.4)
    for channel in tile.channels:
        _sensor(page, *at(channel.zone.x_cm, channel.zone.y_cm), channel)
    _white_frame(page, origin_mm)
    page.text(origin_mm[0], EDGE_MM + 9, f"Sheet {tile.name} ({number} of {count})   {plan.title}", size_mm=4.2)
    page.text(
        origin_mm[0],
        EDGE_MM + 4,
        f"Lower left corner of the frame: {centimetres(tile.left_cm)} cm across from the middle line (left is negative), "
        f"{centimetres(tile.foot_cm)} cm up from the foot end.",
        size_mm=2.9,
    )
    page.line(origin_mm[0], EDGE_MM, origin_mm[0] + 100, EDGE_MM, width_mm=0.5)
    for tick in range(0, 101, 10):
        page.line(origin_mm[0] + tick, EDGE_MM, origin_mm[0] + tick, EDGE_MM + 1.5)
    page.text(origin_mm[0] + 104, EDGE_MM, "must measure 10 cm: print at 100 %, not fitted to the page", size_mm=2.9)
    return page


def _sensor(page: Page, x: float, y: float, channel: Channel) -> None:
    half_mm = 10 * SENSOR_CM / 2
    page.rectangle(x - half_mm, y - half_mm, 2 * half_mm, 2 * half_mm, width_mm=0.5)
    page.circle(x, y, 10 * PUCK_CM / 2, width_mm=0.4)
    page.line(x - 6, y, x + 6, y)
    page.line(x, y - 6, x, y + 6)
    page.text(x - half_mm + 1, y + half_mm + 2, f"{channel.number}  {channel.zone.name}", size_mm=4.5)
    page.text(x - half_mm + 1, y - half_mm - 4.5, f"0x{channel.zone.chip:02x} pin {pin_name(channel.zone)}", size_mm=3.4)


def _white_frame(page: Page, origin_mm: tuple[float, float]) -> None:
    """Cut what reaches over the sheet's frame, so that the pages end where the next one begins."""
    width, height = 10 * TILE_CM[0], 10 * TILE_CM[1]
    for x, y, w, h in (
        (0, 0, A4_MM[0], origin_mm[1] - 0.2),
        (0, origin_mm[1] + height + 0.2, A4_MM[0], A4_MM[1]),
        (0, 0, origin_mm[0] - 0.2, A4_MM[1]),
        (origin_mm[0] + width + 0.2, 0, A4_MM[0], A4_MM[1]),
    ):
        page.filled(x, y, w, h, grey=1.0)


def _overview(plan: Plan, tiles: tuple[Tile, ...]) -> Page:
    """The whole mat, small, with the sheets on it."""
    page = Page(*A4_MM)
    page.text(15, 275, f"{plan.title}: placement template", size_mm=7)
    lines = (
        f"{len(tiles)} sheets follow, at full size. Print at 100 % and check the 10 cm rule at the foot of each.",
        "Seen from above, head end up. Lay each sheet by its corner, or glue neighbours so that the numbered crosses meet.",
        "Square: sensor. Circle: puck. Prick through the small cross at the middle of each to mark the mat.",
    )
    for index, words in enumerate(lines):
        page.text(15, 266 - 6 * index, words, size_mm=3.6)
    left_cm = min(plan.left_cm, min(tile.left_cm for tile in tiles))
    foot_cm = min(plan.foot_cm, min(tile.foot_cm for tile in tiles))
    right_cm = max(plan.right_cm, max(tile.left_cm + TILE_CM[0] for tile in tiles))
    head_cm = max(plan.head_cm, max(tile.foot_cm + TILE_CM[1] for tile in tiles))
    scale = min(180 / (right_cm - left_cm), 220 / (head_cm - foot_cm))

    def at(x_cm: float, y_cm: float) -> tuple[float, float]:
        return 15 + (x_cm - left_cm) * scale, 20 + (y_cm - foot_cm) * scale

    for tile in tiles:
        x, y = at(tile.left_cm, tile.foot_cm)
        page.rectangle(x, y, TILE_CM[0] * scale, TILE_CM[1] * scale, grey=0.6)
        page.text(x + 1, y + 1.5, tile.name, size_mm=3.2, grey=0.4)
    page.rectangle(*at(plan.left_cm, plan.foot_cm), plan.width_cm * scale, plan.length_cm * scale, width_mm=0.8)
    for channel in plan.channels:
        x, y = at(channel.zone.x_cm, channel.zone.y_cm)
        half = SENSOR_CM * scale / 2
        page.rectangle(x - half, y - half, 2 * half, 2 * half)
        page.text(x + half + 0.8, y - 1.2, channel.zone.name, size_mm=3.2)
    page.text(15, 12, f"foot end; {plan.width_cm:.4g} cm wide, {plan.length_cm:.4g} cm long", size_mm=3.6)
    return page
