"""A stand-in for a mat file that is lost or damaged: so that a session whose frames were saved can still be opened and exported.

Places are a plain grid and there are no limbs, so nothing is timed with it and no load is in newtons; its name says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from hardware.errors import MatFileError
from hardware.mat import parse_mat

NAME = "Unknown mat (its file was lost)"
MOST_ZONES = 16
_CHIPS = (0x48, 0x49, 0x4A, 0x4B)
_RESISTOR_OHMS = 6800
"""That of the mats that come with the project; it scales all loads alike, and they are shown relative to one another."""


def usable_mat(text: str, zones: Sequence[str]) -> tuple[str, bool]:
    """The text itself where it is a mat with these zones, else a stand-in; and whether it is the real one."""
    try:
        if text and set(zones) <= set(parse_mat(text).zone_names):
            return text, True
    except MatFileError:
        pass
    return stand_in(zones), False


def stand_in(zones: Sequence[str]) -> str:
    """A mat file with these zones, on a grid."""
    parts = [f'# The mat file of this session was lost.\n\n[mat]\nname = "{NAME}"\nsupply_volts = 3.3\n']
    parts += [
        f'\n[[zone]]\nname = "{zone}"\nchip = {_CHIPS[n // 4 % 4]:#x}\npin = {n % 4}\n'
        f"x_cm = {-30 + 20 * (n % 4)}\ny_cm = {20 + 45 * (n // 4)}\nresistor_ohms = {_RESISTOR_OHMS}\n"
        for n, zone in enumerate(zones)
    ]
    return "".join(parts)
