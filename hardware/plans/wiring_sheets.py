"""The wiring on sheets for the bench: supply and bus, one sheet per board with a table to tick off, strip-board layout, DB-25.

The SVG (`hardware.plans.wiring`) shows everything at a glance on a screen; printed, its letters are too small.  Here each sheet is
legible from half a metre, and each end of each wire is a line of a table.  A KiCad board is not made from it: the circuit is the
same divider up to sixteen times, sixteen resistor pairs that a strip-board takes in an evening, and the libraries that write KiCad
files need KiCad's own footprint library beside them.
"""

from __future__ import annotations

from hardware.mat import Mat
from hardware.plans.paper import A4, Paper
from hardware.plans.pdf import Page, pdf_of, text_width_mm
from hardware.plans.plan import SERIES_OHMS, Board, Channel, Plan, ohms, pin_name, plan_of

HEADER = {
    1: "3.3 V", 2: "5 V", 3: "SDA", 4: "5 V", 5: "SCL", 6: "GND", 7: "", 8: "", 9: "GND", 10: "",
    11: "lamp (GPIO 17)", 12: "buzzer (GPIO 18)", 13: "button (GPIO 27)", 14: "GND",
}  # fmt: skip
"""The first pins of the Pi's header, as the sheets use them; lamp, buzzer and button may go elsewhere: station.toml names them."""

PITCH_MM = 6.0
"""Strip-board holes, drawn 2.4 times as large as they are."""


def wiring_pdf(mat: Mat, paper: Paper = A4) -> bytes:
    """All sheets as one PDF."""
    plan = plan_of(mat)
    pages = [_supply(plan, paper)]
    pages += [_board(plan, board, paper) for board in plan.boards]
    pages += [_strip_board(plan, plan.boards[0], paper), _db25(plan, paper)]
    return pdf_of(pages, f"{plan.title}: wiring")


def _titled(plan: Plan, paper: Paper, title: str, *lines: str) -> tuple[Page, float]:
    page = Page(paper.width_mm, paper.height_mm)
    y = paper.height_mm - 20
    page.text(15, y, title, size_mm=6)
    page.text(15, 12, f"{plan.title}: wiring", size_mm=3.4, grey=0.4)
    for line in lines:
        y -= 6
        page.text(15, y, line, size_mm=3.5)
    return page, y - 8


def _supply(plan: Plan, paper: Paper) -> Page:
    page, y = _titled(
        plan,
        paper,
        "1  Supply, bus, button, lamp, buzzer",
        "Pin 1 is at the corner of the board, beside the edge with the microSD card; its solder pad is square.",
        "PIN 2, beside it, IS 5 V: one hole aside destroys the boards and the Pi. Measure 3.3 V before you plug the boards in.",
    )
    x = 20.0
    page.text(x, y, "Pi header, seen from above", size_mm=3.6)
    y -= 5
    for row in range(7):
        for column in range(2):
            pin = 1 + 2 * row + column
            px, py = x + 34 + column * 10, y - 7 * row
            if pin == 1:
                page.rectangle(px - 2.6, py - 2.6, 5.2, 5.2, width_mm=0.7)
            page.circle(px, py, 1.6, width_mm=0.9 if HEADER[pin] == "5 V" else 0.3)
            if HEADER[pin] == "5 V":
                page.line(px - 2.6, py - 2.6, px + 2.6, py + 2.6, width_mm=0.6)
                page.line(px - 2.6, py + 2.6, px + 2.6, py - 2.6, width_mm=0.6)
            words = f"{pin} {HEADER[pin]}" if HEADER[pin] else str(pin)
            page.text(px - 5 - text_width_mm(words, 3.2) if column == 0 else px + 5, py - 1.1, words, size_mm=3.2)
    y -= 62
    left, rail, ground = 25.0, y, y - 34
    page.text(left - 8, rail + 2, "pin 1", size_mm=3.4)
    page.line(left, rail, left + 20, rail, width_mm=0.5)
    _resistor(page, left + 20, rail, "10 Ω")
    page.line(left + 34, rail, 185, rail, width_mm=0.5)
    page.text(150, rail + 2, "3.3 V to boards and mat", size_mm=3.2)
    page.text(left - 8, ground + 2, "pin 9", size_mm=3.4)
    page.line(left, ground, 185, ground, width_mm=0.5)
    page.text(150, ground + 2, "GND to boards and mat", size_mm=3.2)
    page.line(75, rail, 75, rail - 12, width_mm=0.5)
    page.line(71, rail - 12, 79, rail - 12, width_mm=0.7)
    page.line(75, rail - 12, 71, rail - 20, width_mm=0.5)
    page.line(75, rail - 12, 79, rail - 20, width_mm=0.5)
    page.line(71, rail - 20, 79, rail - 20, width_mm=0.5)
    page.line(75, rail - 20, 75, ground, width_mm=0.5)
    page.text(81, rail - 17, "TVS, band towards 3.3 V", size_mm=3.2)
    page.line(125, rail, 125, rail - 15, width_mm=0.5)
    page.line(120, rail - 15, 130, rail - 15, width_mm=0.7)
    page.line(120, rail - 18, 130, rail - 18, width_mm=0.7)
    page.line(125, rail - 18, 125, ground, width_mm=0.5)
    page.text(132, rail - 17.5, "10 µF", size_mm=3.2)
    rows = [
        ("Pi pin 1", "10 Ω, then 3.3 V rail of the box"),
        ("Pi pin 9", "GND rail of the box"),
        ("Pi pin 3", "SDA of every board"),
        ("Pi pin 5", "SCL of every board"),
        *((f"{board.name}: ADDR", f"{board.strap} (address 0x{board.address:02x})") for board in plan.boards),
        ("TVS diode and 10 µF", "from the 3.3 V rail to the GND rail"),
        ("Pi pin 13, button", "other leg of the button to GND (pin 14)"),
        ("Pi pin 11, 330 Ω", "long leg of the lamp; short leg to GND"),
        ("Pi pin 12, buzzer", "other leg of the buzzer to GND"),
    ]
    _tick_table(page, ground - 14, ("from", "to"), rows, (20.0, 85.0))
    return page


def _board(plan: Plan, board: Board, paper: Paper) -> Page:
    page, y = _titled(
        plan,
        paper,
        f"{board.number + 1}  {board.name}: 0x{board.address:02x}, ADDR to {board.strap}",
        "Left: in the mat. Between: two wires and a plug. Right: in the box.",
    )
    facts = plan.mat.mat
    for channel in board.channels:
        y -= 33
        _circuit(page, y, channel, facts.supply_volts, facts.end_resistors_ohms)
    y -= 19
    if board.free_pins:
        pins = ", ".join(f"A{pin}" for pin in board.free_pins)
        page.text(20, y, f"Free inputs to GND: {pins}", size_mm=3.4)
        y -= 8
    rows = []
    for channel in board.channels:
        zone = channel.zone
        rows += [
            (f"{channel.number} {zone.name}, wire a", f"{facts.supply_volts:g} V rail"),
            (f"{channel.number} {zone.name}, wire b", f"node {channel.number}: {ohms(zone.resistor_ohms)} to GND"),
            (f"node {channel.number}, {ohms(SERIES_OHMS)}", f"input {pin_name(zone)} of {board.name}"),
        ]
    _tick_table(page, y, ("from", "to"), rows, (20.0, 95.0))
    return page


def _circuit(page: Page, y: float, channel: Channel, volts: float, end_ohms: float | None) -> None:
    """One divider, about 24 mm high: sensor in the mat, plug, node, two resistors, ADC pin."""
    zone = channel.zone
    page.rectangle(18, y - 4, 60, 27, grey=0.6, dash_mm=1.5)
    page.text(20, y + 18.5, f"{channel.number}  {zone.name}", size_mm=3.6)
    kind = "FSR 408" if zone.strip_cm else "FSR 406"
    page.line(30, y, 30, y + 4)
    page.rectangle(27.5, y + 4, 5, 8)
    page.line(30, y + 12, 30, y + 16)
    page.line(26, y + 3, 34, y + 13)
    page.text(36, y + 6.8, kind, size_mm=3)
    if end_ohms:
        page.line(58, y, 58, y + 4)
        page.rectangle(56, y + 4, 4, 8)
        page.line(58, y + 12, 58, y + 16)
        page.text(61, y + 6.8, ohms(end_ohms), size_mm=3)
    for line_y in (y, y + 16):
        page.line(30, line_y, 110, line_y)
        page.rectangle(84, line_y - 1.6, 7, 3.2, width_mm=0.5)
        page.filled(84.3, line_y - 1.3, 6.4, 2.6, grey=0.9)
    page.text(81.5, y + 20, "plug", size_mm=3)
    page.text(100, y + 17.6, "a", size_mm=3)
    page.text(100, y + 1.6, "b", size_mm=3)
    page.text(112, y + 15, f"{volts:g} V", size_mm=3.4)
    page.line(110, y, 130, y)
    page.circle(118, y, 0.8, width_mm=1.2)
    page.line(118, y, 118, y - 2)
    page.rectangle(116, y - 10, 4, 8)
    page.line(118, y - 10, 118, y - 12)
    page.line(114.5, y - 12, 121.5, y - 12, width_mm=0.7)
    page.text(122, y - 7.5, f"{ohms(zone.resistor_ohms)} to GND", size_mm=3)
    _resistor(page, 130, y, ohms(SERIES_OHMS))
    page.line(144, y, 158, y)
    page.text(160, y - 1.2, f"{pin_name(zone)}", size_mm=3.6)


def _resistor(page: Page, x: float, y: float, words: str) -> None:
    page.line(x, y, x + 3, y)
    page.rectangle(x + 3, y - 2, 8, 4)
    page.line(x + 11, y, x + 14, y)
    page.text(x + 7 - text_width_mm(words, 3) / 2, y + 3.2, words, size_mm=3)


def _tick_table(page: Page, top: float, head: tuple[str, str], rows: list[tuple[str, str]], columns: tuple[float, float]) -> None:
    for words, x in zip(head, columns, strict=True):
        page.text(x + 6, top, words, size_mm=3.4, grey=0.3)
    for index, row in enumerate(rows):
        y = top - 6.2 * (index + 1)
        page.rectangle(columns[0], y - 0.6, 3.2, 3.2)
        for words, x in zip(row, columns, strict=True):
            page.text(x + 6, y, words, size_mm=3.4)


def _strip_board(plan: Plan, board: Board, paper: Paper) -> Page:
    page, y = _titled(
        plan,
        paper,
        f"{len(plan.boards) + 2}  Strip-board, seen from the parts' side",
        "Strips run across and are not cut. Parts lie above the strips, from dot to dot; sleeve a lead that passes over others.",
        f"Drawn for {board.name}; the others are the same with their own channels and values.",
    )
    x0 = 45.0
    rows: list[str] = [f"{plan.mat.mat.supply_volts:g} V", "GND"]
    for channel in board.channels:
        rows += [f"node {channel.number}", f"A{channel.zone.pin}"]
    ys = {name: y - 8 - PITCH_MM * 2 * index for index, name in enumerate(rows)}
    holes = 22
    for name, row_y in ys.items():
        page.filled(x0 - 2, row_y - 1.6, PITCH_MM * holes, 3.2, grey=0.88)
        for hole in range(holes):
            page.circle(x0 + hole * PITCH_MM, row_y, 0.5, width_mm=0.2, grey=0.4)
        page.text(x0 - 6 - text_width_mm(name, 3.4), row_y - 1.2, name, size_mm=3.4)

    def part(column: int, start: str, end: str, words: str) -> None:
        x = x0 + column * PITCH_MM
        page.line(x, ys[start], x, ys[end], width_mm=0.8)
        page.circle(x, ys[start], 1.0, width_mm=0.8)
        page.circle(x, ys[end], 1.0, width_mm=0.8)
        page.label(x - text_width_mm(words, 2.8) / 2, (ys[start] + ys[end]) / 2 - 1, words, size_mm=2.8)

    for index, channel in enumerate(board.channels):
        node, pin = f"node {channel.number}", f"A{channel.zone.pin}"
        part(9 + 3 * index, "GND", node, ohms(channel.zone.resistor_ohms))
        part(6, node, pin, ohms(SERIES_OHMS))
        for name, column, words in ((node, 1, f"b of {channel.number}"), (pin, 20, f"to {pin}")):
            page.circle(x0 + column * PITCH_MM, ys[name], 1.3, width_mm=0.9)
            page.text(x0 + column * PITCH_MM - 4, ys[name] + 2.6, words, size_mm=2.8)
        page.circle(x0 + (index + 1) * PITCH_MM, ys[rows[0]], 1.3, width_mm=0.9)
    page.text(x0 + PITCH_MM, ys[rows[0]] + 3, "wire a of each sensor", size_mm=2.8)
    page.circle(x0 + 20 * PITCH_MM, ys[rows[0]], 1.3, width_mm=0.9)
    page.text(x0 + 20 * PITCH_MM - 26, ys[rows[0]] + 3, "from the 10 Ω resistor", size_mm=2.8)
    page.circle(x0 + 20 * PITCH_MM, ys["GND"], 1.3, width_mm=0.9)
    page.text(x0 + 20 * PITCH_MM - 14, ys["GND"] + 3, "from Pi pin 9", size_mm=2.8)
    return page


def _db25(plan: Plan, paper: Paper) -> Page:
    count = len(plan.channels)
    page, y = _titled(
        plan,
        paper,
        f"{len(plan.boards) + 3}  Instead of single plugs: one DB-25",
        f"Only with one common supply wire: all wires a are joined in the mat and leave on pin 25, so {count} + 1 wires do.",
        "A pair for each of 16 sensors would need 32 contacts. Pin 13 and pins not named stay free. Mat: plug; box: socket.",
    )
    for pin in range(1, 26):
        px = 30 + 11 * (pin - 1) if pin <= 13 else 35.5 + 11 * (pin - 14)
        py = y - 8 if pin <= 13 else y - 22
        used = pin == 25 or _channel_of(pin) < count
        page.circle(px, py, 2.4, width_mm=0.8 if used else 0.2, grey=0.0 if used else 0.6)
        page.text(px - text_width_mm(str(pin), 2.6) / 2, py + 3.6, str(pin), size_mm=2.6)
    rows = [("pin 25", f"{plan.mat.mat.supply_volts:g} V, wire a of every sensor")]
    for channel in plan.channels:
        pin = channel.number if channel.number <= 12 else channel.number + 1
        rows.append((f"pin {pin}", f"{channel.number} {channel.zone.name}, wire b"))
    _tick_table(page, y - 38, ("contact", "wire"), rows, (20.0, 60.0))
    return page


def _channel_of(pin: int) -> int:
    """Index of the channel on a contact; 99 where there is none."""
    if pin <= 12:
        return pin - 1
    return pin - 2 if 14 <= pin <= 17 else 99
