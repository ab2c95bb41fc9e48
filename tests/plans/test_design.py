"""A mat made for a height, or for several, catches the load of everybody it is made for; what cannot be made says why."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import MatFileError
from hardware.mat import Mat, MatFacts, Zone, parse_mat
from hardware.mats import shipped_mats
from hardware.plans.anthropometry import PATCH_CM, SEGMENTS, Place, hip_line_cm, place
from hardware.plans.design import SHIPPED_CM, SIZE_NAMES, Wish, design, least_share, where
from hardware.plans.fit_table import fit_tables
from hardware.plans.footprint import check_places, overlap
from hardware.plans.matfile import mat_file_text
from hardware.sim.contact import caught, usual_share
from hardware.sim.lying import Lying, Placement

ENOUGH = 0.80
AROUND = ((2.0, 0.0), (-2.0, 0.0), (0.0, 2.0), (0.0, -2.0))


@pytest.mark.parametrize("zones", [4, 8, 16])
def test_the_shipped_mats_are_what_the_design_makes(zones: int):
    file = shipped_mats()[f"{SIZE_NAMES[zones]}-{zones}"]
    made = design(Wish(SHIPPED_CM, zones))
    assert file.read_text(encoding="utf-8") == mat_file_text(made)
    assert parse_mat(file.read_text(encoding="utf-8")) == made


def test_a_person_of_172_cm_lies_where_segment_lengths_put_her():
    """Reckoned again from the table: what lies between two joints is the difference of their heights."""
    knee, pelvis, elbow = (place(zone, 172) for zone in ("knee_r", "pelvis_r", "elbow_r"))
    pointed = 172 * 0.152 * 0.55 * math.cos(math.radians(30))
    assert knee.y_cm == pytest.approx(172 * (0.285 - 0.039) + pointed)
    assert pelvis.y_cm - knee.y_cm == pytest.approx(172 * (0.530 + 0.020 - 0.285))
    hand = place("hand_r", 172)
    assert math.dist((elbow.x_cm, elbow.y_cm), (hand.x_cm, hand.y_cm)) == pytest.approx(172 * 0.146), "a forearm"
    shoulder = 172 * 0.105, 172 * (0.818 - 0.039) + pointed
    assert math.dist((elbow.x_cm, elbow.y_cm), shoulder) == pytest.approx(172 * 0.186), "an upper arm"
    assert elbow.x_cm > hand.x_cm > 0 and elbow.y_cm > hand.y_cm, "out to the side, beside the head"
    assert place("elbow_l", 172).x_cm == -elbow.x_cm
    assert set(SEGMENTS.values()) < {n / 1000 for n in range(1000)}


@given(height_cm=st.integers(120, 220), zones=st.sampled_from([4, 8, 16]))
@settings(max_examples=40, deadline=None)
def test_every_zone_of_a_mat_for_a_height_catches_four_fifths_of_that_person(height_cm: int, zones: int):
    mat = design(Wish((height_cm, height_cm), zones))
    for zone in mat.zone:
        for stature in (height_cm - 3, height_cm, height_cm + 3):
            assert share_of(mat, zone, stature) >= ENOUGH, f"{zone.name} at {stature}"


@pytest.mark.parametrize("height_cm", range(120, 221, 20))
def test_two_centimetres_beside_the_marks_leave_elbows_and_feet_most_of_their_load(height_cm: int):
    mat = design(Wish((height_cm, height_cm), 4))
    for zone in mat.zone:
        assert zone.strip_cm, f"{zone.name} has a strip on a mat for one person too"
        off = {way: least_share(zone, (height_cm - 3, height_cm + 3), mat.mat.hip_line_cm or 0.0, way) for way in AROUND}
        assert min(off[0.0, 2.0], off[0.0, -2.0]) >= 0.74, f"{zone.name} along the body"
        assert min(off.values()) >= 0.6, f"{zone.name} aside"


@pytest.mark.parametrize("height_cm", [150, 163, 172, 190])
def test_a_simulated_body_of_that_height_puts_four_fifths_of_its_load_on_every_sensor(height_cm: int):
    mat = design(Wish((height_cm, height_cm), 16))
    for stature in (height_cm - 3.0, float(height_cm), height_cm + 3.0):
        on_own = np.diag(Placement(mat, Lying(stature), np.random.default_rng(0)).reach(0.0))
        assert on_own.min() >= ENOUGH, dict(zip(mat.zone_names, on_own.round(2), strict=True))


@pytest.mark.parametrize("statures_cm", [(155.0, 175.0), SHIPPED_CM, (150.0, 195.0), (120.0, 160.0)])
@pytest.mark.parametrize("zones", [4, 8, 16])
def test_every_zone_of_a_strip_mat_catches_four_fifths_of_everybody_in_its_range(statures_cm: tuple[float, float], zones: int):
    mat = design(Wish(statures_cm, zones))
    for zone in mat.zone:
        for stature in range(int(statures_cm[0]), int(statures_cm[1]) + 1):
            assert share_of(mat, zone, stature) >= ENOUGH, f"{zone.name} at {stature}"
    leads = [zone for zone in mat.zone if zone.name.startswith(("elbow", "foot"))]
    assert all(zone.strip_cm for zone in leads), "strips at elbows and feet by default"
    assert all(
        least_share(zone, statures_cm, mat.mat.hip_line_cm, (0.0, off)) >= ENOUGH - 0.05 for zone in leads for off in (-1.5, 1.5)
    )


def share_of(mat: Mat, zone: Zone, stature: float) -> float:
    """The caught share, integrated anew on a grid of 1 mm instead of by error functions."""
    assert mat.mat.hip_line_cm is not None
    body = place(zone.name, stature)
    y_cm = body.y_cm - hip_line_cm(stature) + mat.mat.hip_line_cm
    return integrated(zone, body.x_cm, y_cm, body.patch_cm) / integrated(zone, zone.x_cm, zone.y_cm, body.patch_cm)


def integrated(zone: Zone, x_cm: float, y_cm: float, patch_cm: tuple[float, float]) -> float:
    """Pressure over the collector, drawn as points of a grid in the collector's own frame (coarse: 4 mm)."""
    length, width = (3.4 * math.sqrt(math.pi) / 2, 3.4 * math.sqrt(math.pi) / 2) if zone.strip_cm is None else (zone.strip_cm, 4.0)
    length, width = length + 1.0, width + 1.0
    turn = math.radians(zone.angle_deg or 0.0)
    total, step = 0.0, 0.2
    for i in range(round(length / step)):
        for j in range(round(width / step)):
            u, v = -length / 2 + (i + 0.5) * step, -width / 2 + (j + 0.5) * step
            dx = zone.x_cm + u * math.cos(turn) - v * math.sin(turn) - x_cm
            dy = zone.y_cm + u * math.sin(turn) + v * math.cos(turn) - y_cm
            total += math.exp(-0.5 * ((dx / patch_cm[0]) ** 2 + (dy / patch_cm[1]) ** 2))
    return total * step * step / (2 * math.pi * patch_cm[0] * patch_cm[1])


def test_the_caught_share_agrees_with_an_integral():
    zone = Zone(name="elbow_l", chip=0x48, pin=0, x_cm=-30, y_cm=190, resistor_ohms=1000, strip_cm=20, angle_deg=110)
    for x_cm, y_cm in ((-30, 190), (-27, 181), (-33, 197), (-25, 190)):
        there = Place(x_cm, y_cm, (1.6, 2.2))
        assert caught(zone, there) == pytest.approx(integrated(zone, x_cm, y_cm, (1.6, 2.2)), abs=0.03)


def test_who_lies_beside_the_mark_is_caught_less_and_less():
    mat = design(Wish((172, 172), 16))
    for zone in mat.zone:
        there = where(zone.name, 172, mat.mat.hip_line_cm or 0.0)
        shares = [usual_share(zone, Place(there.x_cm + off, there.y_cm, there.patch_cm)) for off in (0, 2, 4, 8, 16)]
        assert shares == sorted(shares, reverse=True) and shares[0] > 0.9, zone.name
    assert set(PATCH_CM) == {zone.name.split("_")[0] for zone in mat.zone}


@given(
    low=st.integers(120, 219),
    more=st.integers(0, 45),
    zones=st.sampled_from([4, 8, 16]),
    width=st.sampled_from([None, 60.0, 100.0]),
)
@settings(max_examples=40, deadline=None)
def test_what_is_made_can_be_built_and_read_back(low: int, more: int, zones: int, width: float | None):
    try:
        mat = design(Wish((low, min(low + more, 220)), zones, width))
    except MatFileError as error:
        assert "\n" not in str(error) and ("narrow" in str(error) or "two mats" in str(error))
        return
    assert parse_mat(mat_file_text(mat)) == mat
    check_places(mat)
    assert len({(zone.chip, zone.pin) for zone in mat.zone}) == zones


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--height", "119"], "119 cm: mats are made for 120 to 220"),
        (["--height", "221"], "221 cm"),
        (["--height", "nan"], "nan"),
        (["--range", "100-180"], "100 cm"),
        (["--range", "180-160"], "backwards"),
        (["--range", "120-220"], "make two mats"),
        (["--height", "170", "--width", "20"], "50 to 150 cm wide"),
        (["--height", "200", "--width", "60"], "too narrow"),
        (["--height", "170", "--zones", "17"], "four boards have 16 channels"),
    ],
)
def test_a_mat_that_cannot_be_made_says_why_in_one_line(arguments: list[str], words: str, tmp_path: Path):
    from station.cli.mat import mat as command

    done = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path)])
    assert isinstance(done.exception, MatFileError)
    assert words in str(done.exception) and "\n" not in str(done.exception)
    assert not list(tmp_path.iterdir())


def two(x_cm: float, y_cm: float, **more: float) -> Mat:
    first = Zone(name="a", chip=0x48, pin=0, x_cm=0, y_cm=50, resistor_ohms=1000)
    other = Zone(name="b", chip=0x48, pin=1, x_cm=x_cm, y_cm=y_cm, resistor_ohms=1000, **more)
    return Mat(mat=MatFacts(name="m", supply_volts=3.3, width_cm=80, length_cm=180), zone=(first, other))


@pytest.mark.parametrize(
    ("mat", "words"),
    [
        (two(39, 50), "'b' reaches 40.9 cm from the middle line"),
        (two(10, 179), "from 177.1 to 180.9 cm, but the mat from 0 to 180"),
        (two(3, 50), "'a' and 'b' lie on one another"),
        (two(12, 50, strip_cm=30, angle_deg=0), "lie on one another"),
    ],
)
def test_sensors_that_find_no_place_are_told_in_one_line(mat: Mat, words: str):
    with pytest.raises(MatFileError, match=words):
        check_places(mat)


def test_a_slanted_strip_may_pass_close_by():
    assert not overlap(*two(10, 58, strip_cm=20, angle_deg=45).zone), "though the upright boxes round them meet"
    assert overlap(*two(10, 56, strip_cm=20, angle_deg=30).zone)


def test_more_channels_than_four_boards_have_is_one_line():
    zones = "".join(f'[[zone]]\nname = "z{i}"\nchip = 72\npin = 0\nx_cm = 0\ny_cm = {i}\nresistor_ohms = 1000\n' for i in range(17))
    with pytest.raises(MatFileError, match="17 zones; four ADS1115 boards have 16 channels"):
        parse_mat(f'[mat]\nname = "m"\nsupply_volts = 3.3\n{zones}')


def test_one_height_makes_all_the_documents(tmp_path: Path):
    from station.cli.mat import mat as command

    done = CliRunner().invoke(command, ["--height", "163", "--paper", "letter", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    kinds = ("wiring.svg", "wiring.pdf", "template.pdf", "parts.md", "guide.md", "pad.stl", "pad.dxf", "mat.toml")
    assert {path.name for path in tmp_path.iterdir()} == {f"mat-163cm-4.{kind}" for kind in kinds}
    assert parse_mat((tmp_path / "mat-163cm-4.mat.toml").read_text()).mat.stature_cm == (163, 163)


def test_the_tables_in_the_docs_are_those_of_this_code():
    page = (Path(__file__).parents[2] / "docs" / "build.md").read_text(encoding="utf-8")
    assert fit_tables() in page, "docs/build.md: put in what hardware.plans.fit_table.fit_tables() gives"


def test_the_afternoon_mat_is_the_small_mat():
    page = (Path(__file__).parents[2] / "docs" / "afternoon-mat.md").read_text(encoding="utf-8")
    mat = parse_mat(shipped_mats()["small-4"].read_text(encoding="utf-8"))
    assert len(mat.chips) == 1 and all(zone.strip_cm for zone in mat.zone)
    for zone in mat.zone:
        assert f"| {zone.name} | 3.3 V | A{zone.pin} |" in page
    lengths = {zone.name.split("_")[0]: zone.strip_cm for zone in mat.zone}
    assert f"{lengths['elbow']:g} cm at each elbow, {lengths['foot']:g} cm at each foot" in page
