"""Build documents agree with the mat file, whatever mat it is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.health import place
from hardware.mat import Limb, Mat, MatFacts, Zone, load_mat
from hardware.mats import find_mat, shipped_mats
from hardware.plans.build_guide import guide_markdown
from hardware.plans.footprint import corners_cm
from hardware.plans.paper import A4, LETTER, PAPERS, Paper
from hardware.plans.parts import parts_markdown, parts_of
from hardware.plans.pdf import POINTS_PER_MM, Page, text_width_mm
from hardware.plans.plan import STRAPS, ohms, plan_of
from hardware.plans.solid import pad_dxf, pad_stl
from hardware.plans.template import Tile, drawn_cm, pieces_of, template_pdf, tiles_of
from hardware.plans.wiring import wiring_svg
from hardware.plans.wiring_sheets import wiring_pdf

SVG = "{http://www.w3.org/2000/svg}"
MATS = {name: load_mat(path) for name, path in shipped_mats().items()}
each_mat = pytest.mark.parametrize("mat", MATS.values(), ids=MATS)
each_paper = pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)

names = st.from_regex(r"\A[a-z][a-z0-9_]{0,31}\Z")
centimetre = st.floats(-150, 150, allow_nan=False).map(lambda value: round(value, 1))


@st.composite
def any_mat(draw: st.DrawFn) -> Mat:
    pins = draw(st.lists(st.tuples(st.integers(0x48, 0x4B), st.integers(0, 3)), min_size=1, max_size=16, unique=True))
    zone_names = draw(st.lists(names, min_size=len(pins), max_size=len(pins), unique=True))
    zones = tuple(
        Zone(
            name=name,
            chip=chip,
            pin=pin,
            x_cm=draw(centimetre),
            y_cm=draw(st.floats(-50, 300, allow_nan=False).map(lambda value: round(value, 1))),
            resistor_ohms=draw(st.sampled_from([100, 3300, 6800, 10_000, 1_000_000])),
            **draw(st.sampled_from([{}, {}, {"strip_cm": 12.0, "angle_deg": 70.0}, {"strip_cm": 60.0, "angle_deg": 33.3}])),
        )
        for name, (chip, pin) in zip(zone_names, pins, strict=True)
    )
    facts = MatFacts(
        name=draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)),
        supply_volts=draw(st.sampled_from([1.8, 3.3, 5.0])),
        end_resistors_ohms=draw(st.sampled_from([None, 1e6])),
        width_cm=draw(st.sampled_from([None, 60.0, 300.0])),
        length_cm=draw(st.sampled_from([None, 180.0])),
        box_side=draw(st.sampled_from([None, "left", "right"])),
    )
    return Mat(mat=facts, zone=zones, limb=(Limb(name="leg_l", kind="leg", side="left", zones=(zone_names[0],)),))


def texts(element: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def table_rows(markdown: str, first_cell: str) -> list[list[str]]:
    """Rows of the Markdown table whose header begins with this cell."""
    lines = markdown[markdown.index(f"| {first_cell} |") :].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def board(mat: Mat, chip: int) -> str:
    """Boards are counted from 1 in the order of their addresses, as `backlift check` counts them."""
    return str(sorted({zone.chip for zone in mat.zone}).index(chip) + 1)


def expected_rows(mat: Mat) -> list[list[str]]:
    """The channel table without the cable length, straight from the mat file."""
    return [
        [
            str(i),
            z.name,
            board(mat, z.chip),
            hex(z.chip),
            f"{z.pin + 1} (A{z.pin})",
            ohms(z.resistor_ohms),
            f"{z.x_cm:.4g}",
            f"{z.y_cm:.4g}",
        ]
        for i, z in enumerate(mat.zone, start=1)
    ]


@each_mat
def test_a_shipped_mat_gives_nothing_to_regret(mat: Mat):
    assert plan_of(mat).cautions == ()


@each_mat
def test_left_is_left_on_a_shipped_mat(mat: Mat):
    places = {zone.name: zone.x_cm for zone in mat.zone}
    for name, x_cm in places.items():
        if name.endswith("_l"):
            assert x_cm < 0 and places[name.removesuffix("_l") + "_r"] == -x_cm
    for limb in mat.limb:
        lead = limb.zones[0]
        assert (places[lead] < 0) == (limb.side == "left") and lead.endswith("_" + limb.side[0])


@each_mat
def test_a_shipped_mat_says_all_that_its_builder_needs(mat: Mat):
    assert mat.mat.end_resistors_ohms == 1e6
    assert mat.mat.width_cm and mat.mat.length_cm and mat.mat.box_side
    assert {limb.kind for limb in mat.limb} == {"arm", "leg"}


def test_sizes_are_as_named():
    assert [(name, len(mat.zone), len(mat.chips)) for name, mat in MATS.items()] == [
        ("full-16", 16, 4),
        ("half-8", 8, 2),
        ("small-4", 4, 1),
    ]


@each_mat
def test_diagram_and_guide_show_every_channel_as_the_file_has_it(mat: Mat):
    diagram = ElementTree.fromstring(wiring_svg(mat))
    shown = [texts(group)[:8] for group in diagram.iter(f"{SVG}g") if group.get("class") == "channel"]
    assert shown == expected_rows(mat)
    assert [row[:8] for row in table_rows(guide_markdown(mat), "no.")] == expected_rows(mat)


@each_mat
def test_the_circuit_has_each_sensor_with_its_resistor_and_each_board_with_its_strap(mat: Mat):
    words = Counter(texts(ElementTree.fromstring(wiring_svg(mat))))
    for zone in mat.zone:
        assert words[zone.name] == 2, "once in its circuit, once in the table"
    for value, count in Counter(ohms(zone.resistor_ohms) for zone in mat.zone).items():
        assert words[value] == 2 * count
    assert words["1 MΩ"] == len(mat.zone)
    for chip in mat.chips:
        assert words[f"Board {board(mat, chip)}: {hex(chip)}"] == 1
        assert words[f"ADDR to {STRAPS[chip]}"] == 1


@each_mat
def test_the_documents_count_boards_and_pins_as_the_station_does(mat: Mat):
    rows = {row[1]: row for row in expected_rows(mat)}
    for zone in mat.zone:
        row = rows[zone.name]
        assert place(mat, zone) == f"board {row[2]}, pin {row[4].partition(' ')[0]}"


def test_straps_are_those_of_the_datasheet():
    assert STRAPS == {0x48: "GND", 0x49: "VDD", 0x4A: "SDA", 0x4B: "SCL"}


@given(mat=any_mat())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mat_gives_all_its_documents(mat: Mat):
    diagram = ElementTree.fromstring(wiring_svg(mat))
    shown = [texts(group)[:8] for group in diagram.iter(f"{SVG}g") if group.get("class") == "channel"]
    assert shown == expected_rows(mat)
    assert template_pdf(mat).startswith(b"%PDF")
    assert [row[:8] for row in table_rows(guide_markdown(mat), "no.")] == expected_rows(mat)
    assert sum(int(part.quantity) for part in parts_of(mat) if part.what.startswith("divider")) == len(mat.zone)


@given(mat=any_mat(), paper=st.sampled_from([A4, LETTER]))
@settings(max_examples=60, deadline=None)
def test_every_sensor_is_whole_on_some_sheet_and_no_sheet_is_empty(mat: Mat, paper: Paper):
    plan = plan_of(mat)
    tiles = tiles_of(plan, paper)
    width_cm, height_cm = drawn_cm(paper)
    assert (width_cm, height_cm) == ((19, 26) if paper is A4 else (19, 24))
    for channel in plan.channels:
        pieces = pieces_of(channel, paper)
        assert all(any(tile.shows(piece) for tile in tiles) for piece in pieces)
        for x, y in corners_cm(channel.zone):
            assert any(piece.left_cm < x < piece.right_cm and piece.foot_cm < y < piece.head_cm for piece in pieces)
    assert all(tile.channels for tile in tiles)
    assert len({tile.name for tile in tiles}) == len(tiles)


NUMBER = r"(-?[\d.]+)"


@each_paper
@each_mat
def test_the_template_is_to_scale(mat: Mat, paper: Paper):
    """Read the sheets back: every side of every sensor is a line at the place that sheet's own corner says, to 0.5 mm."""
    plan = plan_of(mat)
    sheets = sheet_contents(mat, paper)
    assert len(sheets) == len(tiles_of(plan, paper))
    drawn: dict[str, set[tuple[float, ...]]] = {}
    for content in sheets:
        assert float(content.split()[0]) == pytest.approx(POINTS_PER_MM, abs=1e-6), "drawn in millimetres"
        across, up = map(float, re.search(r"frame: (-?[\d.]+) cm across .*?, (-?[\d.]+) cm up", content).groups())
        lines = re.findall(rf"0\.50 w 0\.00 G {NUMBER} {NUMBER} m {NUMBER} {NUMBER} l S", content)
        on_the_mat = [
            (
                across + (float(x1) - (paper.width_mm - 190) / 2) / 10,
                up + (float(y1) - 25) / 10,
                across + (float(x2) - (paper.width_mm - 190) / 2) / 10,
                up + (float(y2) - 25) / 10,
            )
            for x1, y1, x2, y2 in lines
        ]
        for name in re.findall(r"\(\d+  (\w+)\) Tj", content):
            drawn.setdefault(name, set()).update(on_the_mat)
    for zone in mat.zone:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners_cm(zone)
        for side in ((ax, ay, bx, by), (bx, by, cx, cy), (cx, cy, dx, dy), (dx, dy, ax, ay)):
            assert any(max(abs(a - b) for a, b in zip(side, line, strict=True)) < 0.05 for line in drawn[zone.name]), zone.name


def sheet_contents(mat: Mat, paper: Paper) -> list[str]:
    pdf = template_pdf(mat, paper).decode("latin-1")
    assert f"0 0 {paper.width_mm * POINTS_PER_MM:.3f} {paper.height_mm * POINTS_PER_MM:.3f}" in pdf
    return re.findall(r"stream\n(.*?)\nendstream", pdf, re.S)[1:]


@each_paper
@each_mat
def test_no_label_stands_on_a_line_or_on_another_label(mat: Mat, paper: Paper):
    plan = plan_of(mat)
    for content, tile in zip(sheet_contents(mat, paper), tiles_of(plan, paper), strict=True):
        texts_mm = [
            (float(x), float(y), text_width_mm(words, float(size)) * 0.9, float(size) * 0.7)
            for size, x, y, words in re.findall(rf"/F1 {NUMBER} Tf {NUMBER} {NUMBER} Td \((.*?)\) Tj", content)
        ]
        frame_foot_mm, frame_head_mm = 25, 25 + 10 * tile.height_cm
        seen = [text for text in texts_mm if frame_foot_mm <= text[1] < frame_head_mm - 3]
        for i, (x, y, w, h) in enumerate(seen):
            for other_x, other_y, other_w, other_h in seen[:i]:
                apart = other_x >= x + w or x >= other_x + other_w or other_y >= y + h or y >= other_y + other_h
                assert apart, f"two labels meet on sheet {tile.name}"
        # A white ground that is drawn after the lines and before the words keeps lines out of a label.
        for line in line_segments(content):
            for x, y, w, h in seen:
                assert not crosses(line, x, y, w, h) or has_ground(content, x, y), f"a line through a label on sheet {tile.name}"


def line_segments(content: str) -> list[tuple[float, float, float, float]]:
    found = re.findall(rf"G {NUMBER} {NUMBER} m {NUMBER} {NUMBER} l S", content)
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in found]


def crosses(line: tuple[float, float, float, float], x: float, y: float, w: float, h: float) -> bool:
    x1, y1, x2, y2 = line
    return any(x < x1 + s / 200 * (x2 - x1) < x + w and y < y1 + s / 200 * (y2 - y1) < y + h for s in range(201))


def has_ground(content: str, x: float, y: float) -> bool:
    grounds = re.findall(rf"1\.00 g {NUMBER} {NUMBER} {NUMBER} {NUMBER} re f", content)
    return any(abs(float(left) - (x - 0.4)) < 0.01 and float(foot) <= y for left, foot, _, _ in grounds)


@each_paper
def test_the_map_shows_every_sheet(paper: Paper):
    mat = MATS["full-16"]
    tiles: tuple[Tile, ...] = tiles_of(plan_of(mat), paper)
    first = re.findall(r"stream\n(.*?)\nendstream", template_pdf(mat, paper).decode("latin-1"), re.S)[0]
    for tile in tiles:
        assert f"({tile.name}) Tj" in first
    assert f"{len(tiles)} sheets that follow" in first and "(hip line) Tj" in first


def test_a_printed_circle_is_round():
    page = Page(100, 100)
    page.circle(50, 50, 17)
    numbers = [float(n) for n in re.findall(r"-?\d+\.\d{3}", page.content().decode().splitlines()[1])]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    for i in range(0, len(points) - 1, 3):
        a, b, c, d = points[i : i + 4]
        middle = [(a[k] + 3 * b[k] + 3 * c[k] + d[k]) / 8 - 50 for k in (0, 1)]
        assert (middle[0] ** 2 + middle[1] ** 2) ** 0.5 == pytest.approx(17, rel=1e-3)


@each_mat
def test_parts_are_counted_from_the_file(mat: Mat):
    amounts = {part.what: part.quantity for part in parts_of(mat)}

    def amount(beginning: str) -> str:
        (found,) = [quantity for what, quantity in amounts.items() if what.startswith(beginning)]
        return found

    strips = sum(zone.strip_cm is not None for zone in mat.zone)
    assert amount("strip sensor Interlink FSR 408 with solder tabs (30-61710)") == str(strips)
    if strips < len(mat.zone):
        assert amount("disc sensor Interlink FSR 406 with solder tabs (30-73258)") == str(len(mat.zone) - strips)
    assert amount("ADS1115 board") == str(len(mat.chips))
    assert amount("end resistor 1 MΩ") == str(len(mat.zone))
    for value, wanted in Counter(zone.resistor_ohms for zone in mat.zone).items():
        assert amount(f"divider resistor {ohms(value)}") == str(wanted)
    cable_cm = sum(abs(zone.x_cm + 40) + abs(zone.y_cm) + 40 for zone in mat.zone)
    assert abs(int(amount("two-wire cable").removesuffix(" m")) - cable_cm / 100) <= 1
    for needed in ("push button", "LED", "passive piezo buzzer", "small speaker", "TVS diode", "resistor 10 Ω", "capacitor 10 µF"):
        assert amount(needed) == "1"
    assert all(line.count("|") == 5 for line in parts_markdown(mat).splitlines() if line.startswith("|"))


@each_mat
def test_every_part_has_two_alternatives_and_a_price(mat: Mat):
    for part in parts_of(mat):
        if not part.what.startswith("spare"):
            assert part.instead.count(";") >= 1, part.what
            assert re.fullmatch(r"[\d.]+(-[\d.]+)?", part.usd), part.what


@given(diameter=st.floats(5, 100), thickness=st.floats(0.5, 20))
@settings(max_examples=20, deadline=None)
def test_the_pad_is_a_closed_round_plate(diameter: float, thickness: float):
    corners = [tuple(map(float, v)) for v in re.findall(r"vertex (\S+) (\S+) (\S+)", pad_stl(diameter, thickness))]
    faces = [corners[i : i + 3] for i in range(0, len(corners), 3)]
    edges = Counter((a, b) for f in faces for a, b in zip(f, f[1:] + f[:1], strict=True))
    assert all(edges[b, a] == n == 1 for (a, b), n in edges.items()), "every edge once each way: no hole, no face turned inside out"
    volume = sum(
        a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])
        for a, b, c in faces
    )
    assert volume / 6 == pytest.approx(3.14159 * (diameter / 2) ** 2 * thickness, rel=0.01)


def test_the_pad_for_the_cutter_is_a_circle_of_its_size():
    drawing = pad_dxf(34.0, count=3)
    assert re.findall(r"\n40\n([\d.]+)", drawing) == ["17.0000"] * 3
    assert re.findall(r"\n10\n([\d.]+)", drawing) == ["17.0000", "54.0000", "91.0000"]
    with pytest.raises(ValueError, match="diameter"):
        pad_dxf(0.0)


def test_what_a_builder_may_regret_is_said():
    zone = Zone(name="a", chip=0x48, pin=0, x_cm=0, y_cm=10, resistor_ohms=100_000)
    other = Zone(name="b", chip=0x48, pin=1, x_cm=20, y_cm=10, resistor_ohms=1000)
    said = " ".join(plan_of(Mat(mat=MatFacts(name="m", supply_volts=5), zone=(zone, other))).cautions)
    for word in ("5 V", "end resistors", "a: a divider of 100 kΩ"):
        assert word in said
    assert "b: a divider" not in said


@each_paper
@each_mat
def test_every_end_of_every_wire_is_on_a_sheet_to_tick_off(mat: Mat, paper: Paper):
    pdf = wiring_pdf(mat, paper).decode("latin-1")
    sheets = re.findall(r"stream\n(.*?)\nendstream", pdf, re.S)
    assert len(sheets) == 3 + len(mat.chips)
    words = Counter(re.findall(r"Td \((.*?)\) Tj", pdf))
    for number, zone in enumerate(mat.zone, start=1):
        # Once on its board's sheet, wire b once more on the DB-25.
        assert words[f"{number} {zone.name}, wire a"] == 1 and words[f"{number} {zone.name}, wire b"] == 2
        assert words[f"input {zone.pin + 1} \\(A{zone.pin}\\) of Board {board(mat, zone.chip)}"] == 1
        assert words[f"pin {number if number <= 12 else number + 1}"] >= 1
    assert words["pin 25"] == 1
    assert any("PIN 2, beside it, IS 5 V" in w for w in words) and words["2 5 V"] == words["4 5 V"] == 1
    assert words["10 ohm"] == 1 and words["10 \xb5F"] == 1 and "?" not in "".join(words)
    for content in sheets:
        for x, y in re.findall(rf"Tf {NUMBER} {NUMBER} Td", content):
            assert 8 <= float(x) <= paper.width_mm - 8 and 8 <= float(y) <= paper.height_mm - 8, "on the paper"


def test_resistances_are_printed_as_on_the_bag():
    assert [ohms(value) for value in (100, 680, 1000, 4700, 10_000, 1e6)] == ["100 Ω", "680 Ω", "1 kΩ", "4.7 kΩ", "10 kΩ", "1 MΩ"]


def test_the_command_lists_shows_and_writes(tmp_path: Path):
    from station.cli.mat import mat as command

    run = CliRunner()
    assert all(name in run.invoke(command).output for name in MATS)
    assert "board 2 0x49 pin 4 (A3)" in run.invoke(command, ["half-8"]).output
    everything = run.invoke(command, ["small-4", "--svg", "--template", "--bom", "--guide", "--toml", "--out", str(tmp_path)])
    assert everything.exit_code == 0, everything.output
    assert {path.name for path in tmp_path.iterdir()} == {
        f"small-4.{kind}" for kind in ("wiring.svg", "wiring.pdf", "template.pdf", "parts.md", "guide.md", "mat.toml")
    }
    own, _ = find_mat(str(tmp_path / "small-4.mat.toml"))
    assert own == MATS["small-4"]
    again = run.invoke(command, ["small-4", "--toml", "--out", str(tmp_path)])
    assert again.exit_code != 0 and "never overwritten" in str(again.exception)
