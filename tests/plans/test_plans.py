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
from hardware.plans.template import Tile, drawn_cm, pieces_of, template_pdf, tiles_of
from hardware.plans.wiring import wiring_svg

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
    amounts = {part.what.split(",")[0].split(";")[0]: part.quantity for part in parts_of(mat)}
    count = str(len(mat.zone))
    assert amounts["force-sensitive resistor FSR 406 (38 mm square)"] == count
    assert amounts["ADS1115 board"] == str(len(mat.chips))
    assert amounts["end resistor 1 MΩ"] == count
    for value, wanted in Counter(zone.resistor_ohms for zone in mat.zone).items():
        assert amounts[f"divider resistor {ohms(value)}"] == str(wanted)
    cable_cm = sum(abs(zone.x_cm + 40) + abs(zone.y_cm) + 40 for zone in mat.zone)
    assert abs(int(amounts["two-wire cable"].removesuffix(" m")) - cable_cm / 100) <= 1
    assert all(line.count("|") == 4 for line in parts_markdown(mat).splitlines() if line.startswith("|"))


def test_what_a_builder_may_regret_is_said():
    zone = Zone(name="a", chip=0x48, pin=0, x_cm=0, y_cm=10, resistor_ohms=100_000)
    other = Zone(name="b", chip=0x48, pin=1, x_cm=20, y_cm=10, resistor_ohms=1000)
    said = " ".join(plan_of(Mat(mat=MatFacts(name="m", supply_volts=5), zone=(zone, other))).cautions)
    for word in ("5 V", "end resistors", "a: a divider of 100 kΩ"):
        assert word in said
    assert "b: a divider" not in said


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
        f"small-4.{kind}" for kind in ("wiring.svg", "template.pdf", "parts.md", "guide.md", "mat.toml")
    }
    own, _ = find_mat(str(tmp_path / "small-4.mat.toml"))
    assert own == MATS["small-4"]
    again = run.invoke(command, ["small-4", "--toml", "--out", str(tmp_path)])
    assert again.exit_code != 0 and "never overwritten" in str(again.exception)
