"""The wiring diagram: how the boards hang on the Pi, how each sensor hangs on its board, the channel table, the mat from above.

The circuits are drawn by schemdraw; it is put together with the rest by hand, for schemdraw lays out no tables.
"""

from __future__ import annotations

import re
from html import escape
from importlib import import_module
from typing import Any

from hardware.mat import Mat
from hardware.plans.footprint import corners_cm, reach_cm
from hardware.plans.plan import PUCK_CM, SERIES_OHMS, Board, Plan, centimetres, ohms, pin_name, plan_of

PAGE_PX = 1240
MARGIN_PX = 40
BUS_WIRES = (("3V3", "1", "#c0392b"), ("SDA", "3", "#2471a3"), ("SCL", "5", "#b7950b"), ("GND", "9", "#222222"))
"""Name, pin on the Pi's 40-pin header, colour."""


def wiring_svg(mat: Mat) -> str:
    """The whole wiring document as one SVG."""
    plan = plan_of(mat)
    parts: list[str] = []
    y = _heading(parts, plan)
    y = _bus(parts, plan, y)
    y = _circuits(parts, plan, y)
    y = _table_and_mat(parts, plan, y)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE_PX} {y:.0f}" width="{PAGE_PX}" height="{y:.0f}" '
        'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" fill="#222">'
        f'<rect width="{PAGE_PX}" height="{y:.0f}" fill="white"/>' + "".join(parts) + "</svg>\n"
    )


def _text(x: float, y: float, words: str, size: int = 14, *, anchor: str = "start", bold: bool = False, fill: str = "#222") -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{weight}>{escape(words)}</text>'


def _fitting_size(name: str) -> int:
    """Font size at which any zone name keeps inside its column and its box."""
    return 13 if len(name) <= 20 else 9


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "#222", width: float = 1.5) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def _box(x: float, y: float, width: float, height: float, fill: str = "#f4f6f7") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {where} rx="6" fill="{fill}" stroke="#222" stroke-width="1.5"/>'


def _heading(parts: list[str], plan: Plan) -> float:
    facts = plan.mat.mat
    parts.append(_text(MARGIN_PX, 56, f"{plan.title}: wiring", 28, bold=True))
    boards = f"{len(plan.boards)} ADS1115 board{'s' if len(plan.boards) > 1 else ''}"
    ends = f"{ohms(facts.end_resistors_ohms)} across each sensor" if facts.end_resistors_ohms else "no end resistors"
    zones = f"{len(plan.channels)} sensor{'s' if len(plan.channels) > 1 else ''}"
    parts.append(_text(MARGIN_PX, 84, f"{zones}, {boards}, sensors fed {facts.supply_volts:g} V, {ends}", 15))
    return 130


def _bus(parts: list[str], plan: Plan, y: float) -> float:
    """The Pi on the left, four wires across, one board below each other's taps."""
    parts.append(_text(MARGIN_PX, y, "1  Boards on the Pi", 20, bold=True))
    parts.append(_text(MARGIN_PX, y + 24, "All boards share the same four wires. ADDR decides which board is which.", 14))
    warning = "Pin 2, beside pin 1, is 5 V and destroys the boards. Into the 3.3 V wire: 10 Ω, then TVS diode and 10 µF to GND."
    parts.append(_text(MARGIN_PX, y + 42, warning, 14, bold=True))
    y += 18
    top = y + 50
    parts.append(_box(MARGIN_PX, top, 170, 150))
    parts.append(_text(MARGIN_PX + 12, top + 24, "Raspberry Pi", 15, bold=True))
    wire_y = {}
    for index, (name, pin, colour) in enumerate(BUS_WIRES):
        wire_y[name] = top + 50 + 26 * index
        parts.append(_text(MARGIN_PX + 158, wire_y[name] + 5, f"pin {pin}  {name}", 13, anchor="end"))
        parts.append(_line(MARGIN_PX + 170, wire_y[name], PAGE_PX - MARGIN_PX, wire_y[name], colour, 2.5))
    board_top = top + 200
    for index, board in enumerate(plan.boards):
        left = 250 + 245 * index
        parts.append(_box(left, board_top, 215, 90))
        parts.append(_text(left + 12, board_top + 56, f"{board.name}: 0x{board.address:02x}", 16, bold=True))
        parts.append(_text(left + 12, board_top + 78, f"ADDR to {board.strap}", 14))
        for place, (name, _, colour) in enumerate(BUS_WIRES):
            x = left + 30 + 50 * place
            parts.append(_line(x, wire_y[name], x, board_top, colour, 2.5))
            parts.append(_dot(x, wire_y[name], colour))
            parts.append(_text(x, board_top + 20, "VDD" if name == "3V3" else name, 12, anchor="middle"))
    return board_top + 90 + 60


def _circuits(parts: list[str], plan: Plan, y: float) -> float:
    parts.append(_text(MARGIN_PX, y, "2  Sensors on the boards", 20, bold=True))
    parts.append(
        _text(MARGIN_PX, y + 24, "Dashed: what lies in the mat. Between mat and box: two wires and a plug for each sensor.", 14)
    )
    y += 50
    for start in range(0, len(plan.boards), 2):
        drawn = [_scaled(_board_svg(board, plan), (PAGE_PX - 2 * MARGIN_PX - 40) / 2) for board in plan.boards[start : start + 2]]
        for column, (body, _) in enumerate(drawn):
            x = MARGIN_PX + column * ((PAGE_PX - 2 * MARGIN_PX - 40) / 2 + 40)
            parts.append(f'<g transform="translate({x:.1f} {y:.1f})">{body}</g>')
        y += max(height for _, height in drawn) + 30
    return y + 30


def _board_svg(board: Board, plan: Plan) -> str:
    """One board with its channels, drawn by schemdraw."""
    schemdraw: Any = import_module("schemdraw")
    elm: Any = import_module("schemdraw.elements")
    schemdraw.use("svg")
    schemdraw.svgconfig.text = "text"
    facts = plan.mat.mat
    pitch = 3.6
    pins = [elm.IcPin(name=f"A{pin}", side="left", slot=f"{4 - pin}/4") for pin in range(4)]
    pins += [
        elm.IcPin(name=name, side="right", pos=0.9 - 0.2 * place) for place, name in enumerate(("VDD", "GND", "SCL", "SDA", "ADDR"))
    ]
    with schemdraw.Drawing(show=False) as drawing:
        drawing.config(fontsize=12, unit=2, lw=1.4)
        chip = drawing.add(
            elm.Ic(pins=pins, size=(4.6, 4 * pitch), pinspacing=pitch, leadlen=0.6, edgepadH=0.3).label(
                f"{board.name}\n0x{board.address:02x}", "center", fontsize=13
            )
        )
        drawing.add(elm.Line().at(chip.ADDR).right(0.2).label(board.strap, "right"))
        for pin in board.free_pins:
            drawing.add(elm.Line().at(getattr(chip, f"A{pin}")).left(0.8).label("free: to GND", "left"))
        for channel in board.channels:
            zone = channel.zone
            drawing.add(elm.Resistor().at(getattr(chip, f"A{zone.pin}")).left(2).label(ohms(SERIES_OHMS), "top"))
            node = drawing.add(elm.Dot())
            drawing.push()
            drawing.add(elm.Resistor().down(1.7).label(ohms(zone.resistor_ohms), "bottom"))
            drawing.add(elm.Ground())
            drawing.pop()
            drawing.add(elm.Line().at(node.center).left(2.6))
            lower = drawing.add(elm.Line().left(2.2))
            sensor = drawing.add(elm.ResistorVar().up(2).label("FSR", "top"))
            drawing.add(elm.Line().right(2.2))
            if facts.end_resistors_ohms:
                drawing.add(
                    elm.Resistor().at((lower.end.x + 1.5, lower.end.y)).up(2).label(ohms(facts.end_resistors_ohms), "bottom")
                )
            drawing.add(elm.Line().at((sensor.end.x + 2.2, sensor.end.y)).right(1.7))
            drawing.add(elm.Vdd().label(f"{facts.supply_volts:g} V"))
            drawing.add(elm.Rect(corner1=(-1.9, -0.4), corner2=(3.2, 3.25)).at(lower.end).linestyle("--").color("#777"))
            drawing.add(
                elm.Label()
                .at((lower.end.x - 1.7, lower.end.y + 2.55))
                .label(zone.name, halign="left", fontsize=_fitting_size(zone.name))
            )
    return str(drawing.get_imagedata("svg"), "utf-8")


def _scaled(svg: str, width_px: float) -> tuple[str, float]:
    """The inside of an SVG, scaled to a width; and the height it then has."""
    box = re.search(r'viewBox="([^"]+)"', svg)
    if box is None:
        raise ValueError("schemdraw gave an SVG without a viewBox")
    left, top, width, height = map(float, box[1].split())
    scale = min(1.0, width_px / width)
    inside = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    return f'<g transform="scale({scale:.4f}) translate({-left:.2f} {-top:.2f})">{inside}</g>', height * scale


def _table_and_mat(parts: list[str], plan: Plan, y: float) -> float:
    parts.append(_text(MARGIN_PX, y, "3  Channels", 20, bold=True))
    columns = (
        ("no.", 0),
        ("zone", 45),
        ("board", 222),
        ("address", 280),
        ("pin", 355),
        ("divider", 428),
        ("x cm", 520),
        ("y cm", 572),
        ("cable cm", 622),
    )
    top = y + 36
    for name, x in columns:
        parts.append(_text(MARGIN_PX + x, top, name, 13, bold=True))
    parts.append(_line(MARGIN_PX, top + 8, MARGIN_PX + 690, top + 8))
    for row, channel in enumerate(plan.channels):
        zone, row_y = channel.zone, top + 30 + 24 * row
        cells = (
            str(channel.number),
            zone.name,
            str(plan.board_of(channel).number),
            f"0x{zone.chip:02x}",
            pin_name(zone),
            ohms(zone.resistor_ohms),
            centimetres(zone.x_cm),
            centimetres(zone.y_cm),
            str(channel.cable_cm),
        )
        drawn = (_text(MARGIN_PX + x, row_y, cell, _fitting_size(cell)) for cell, (_, x) in zip(cells, columns, strict=True))
        parts.append(f'<g class="channel">{"".join(drawn)}</g>')
    table_end = top + 30 + 24 * len(plan.channels)
    parts.append(_text(MARGIN_PX, table_end + 16, "x: across, left negative.  y: from the foot end.", 13))
    mat_end = _mat_from_above(parts, plan, y)
    return max(table_end + 40, mat_end) + MARGIN_PX


def _mat_from_above(parts: list[str], plan: Plan, y: float) -> float:
    """The mat as the builder sees it, the head end up; zones by number, so that no two labels meet."""
    left_px = 800
    width_px = PAGE_PX - MARGIN_PX - left_px
    parts.append(_text(left_px, y, "4  The mat from above", 20, bold=True))
    zones = [channel.zone for channel in plan.channels]
    reach_x = (
        min(plan.left_cm, *(zone.x_cm - reach_cm(zone)[0] for zone in zones)),
        max(plan.right_cm, *(zone.x_cm + reach_cm(zone)[0] for zone in zones)),
    )
    reach_y = (
        min(plan.foot_cm, *(zone.y_cm - reach_cm(zone)[1] for zone in zones)),
        max(plan.head_cm, *(zone.y_cm + reach_cm(zone)[1] for zone in zones)),
    )
    scale = min((width_px - 40) / (reach_x[1] - reach_x[0]), 760 / (reach_y[1] - reach_y[0]))
    top = y + 50

    def at(x_cm: float, y_cm: float) -> tuple[float, float]:
        return left_px + 20 + (x_cm - reach_x[0]) * scale, top + (reach_y[1] - y_cm) * scale

    corner_x, corner_y = at(plan.left_cm, plan.head_cm)
    parts.append(_text(corner_x + plan.width_cm * scale / 2, corner_y - 10, "head end", 13, anchor="middle"))
    parts.append(_box(corner_x, corner_y, plan.width_cm * scale, plan.length_cm * scale, "#eef3f0"))
    box_x, box_y = at(*plan.box_cm)
    outwards = 1 if plan.box_cm[0] > 0 else -1
    parts.append(f'<rect x="{box_x - 9 + 9 * outwards:.1f}" y="{box_y - 14:.1f}" width="18" height="28" fill="#444"/>')
    parts.append(_text(box_x - 16 * outwards, box_y - 8, "box", 12, anchor="start" if outwards < 0 else "end"))
    for zone in zones:
        outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*corner) for corner in corners_cm(zone)))
        parts.append(f'<polygon points="{outline}" fill="white" stroke="#222"/>')
        if zone.strip_cm is None:
            x, zone_y = at(zone.x_cm, zone.y_cm)
            parts.append(f'<circle cx="{x:.1f}" cy="{zone_y:.1f}" r="{PUCK_CM * scale / 2:.1f}" fill="#cfe3d6" stroke="none"/>')
    for channel in plan.channels:
        x, zone_y = at(channel.zone.x_cm, channel.zone.y_cm)
        parts.append(_text(x + reach_cm(channel.zone)[0] * scale + 3, zone_y + 4, str(channel.number), 11, bold=True))
    foot_x, foot_y = at((plan.left_cm + plan.right_cm) / 2, plan.foot_cm)
    parts.append(
        _text(foot_x, foot_y + 20, f"foot end; {plan.width_cm:.4g} cm wide, {plan.length_cm:.4g} cm long", 13, anchor="middle")
    )
    return at(0, reach_y[0])[1] + 40
