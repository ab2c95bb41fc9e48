"""The mat file is read strictly, and every error says where and what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import BackliftError, MatFileError
from hardware.mat import load_mat, parse_mat

GOOD = """
[mat]
name = "two feet"
supply_volts = 3.3

[[zone]]
name = "foot_l"
chip = 0x48
pin = 0
x_cm = -13
y_cm = 6
resistor_ohms = 10000

[[zone]]
name = "foot_r"
chip = 0x48
pin = 1
x_cm = 13
y_cm = 6.5
resistor_ohms = 10000
k = 4.5e-05
gamma = 1.02

[[limb]]
name = "leg_l"
kind = "leg"
side = "left"
zones = ["foot_l"]
"""


def test_a_good_file_is_read_whole():
    mat = parse_mat(GOOD)
    assert mat.zone_names == ("foot_l", "foot_r")
    assert mat.chips == (0x48,)
    assert mat.columns(mat.limb[0]) == (0,)
    assert mat.zone[0].k is None and mat.zone[1].gamma == 1.02


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("x_cm = -13", "x_cm = -13\ncolour = 3", ("zone 1", "colour")),
        ("pin = 1", "pin = 0", ("foot_l and foot_r", "chip 0x48 pin 0")),
        ('zones = ["foot_l"]', 'zones = ["knee_l"]', ("leg_l", "knee_l", "foot_l, foot_r")),
        ('zones = ["foot_l"]', 'zones = ["foot_l", "foot_l"]', ("leg_l", "twice")),
        ('name = "foot_r"', 'name = "foot_l"', ("two zones", "foot_l")),
        ("chip = 0x48\npin = 0", "chip = 0x4c\npin = 0", ("foot_l", "chip 0x4c", "0x4b")),
        ("resistor_ohms = 10000\n\n", "\n", ("zone 1", "resistor_ohms")),
        ("x_cm = 13", 'x_cm = "wide"', ("zone 2", "x_cm")),
        ("supply_volts = 3.3", "supply_volts = nan", ("supply_volts",)),
        ('kind = "leg"', 'kind = "tail"', ("limb 1", "kind")),
        ("[mat]", "[mat", ("TOML",)),
    ],
)
def test_a_mistake_is_named_with_its_place(old, new, words):
    assert old in GOOD
    with pytest.raises(MatFileError) as caught:
        parse_mat(GOOD.replace(old, new, 1), "my.mat.toml")
    message = str(caught.value)
    assert message.startswith("my.mat.toml: ") and "\n" not in message
    for word in words:
        assert word in message


def test_an_absent_file_says_where_to_look(tmp_path):
    with pytest.raises(MatFileError, match="backlift mat"):
        load_mat(tmp_path / "none.mat.toml")


def test_a_binary_file_is_one_clear_line(tmp_path):
    path = tmp_path / "photo.mat.toml"
    path.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(MatFileError, match=r"photo\.mat\.toml"):
        load_mat(path)


@given(st.text(max_size=200))
def test_any_text_gives_a_mat_or_a_one_line_error(text):
    try:
        parse_mat(text)
    except BackliftError as error:
        assert "\n" not in str(error)


@given(st.text(alphabet=st.sampled_from("[]\"'=.\n#zonematlib0x48-_ {}"), max_size=60), st.integers(0, len(GOOD)))
def test_a_good_file_with_something_spliced_in_never_raises_anything_else(noise, at):
    try:
        parse_mat(GOOD[:at] + noise + GOOD[at:])
    except BackliftError as error:
        assert "\n" not in str(error)
