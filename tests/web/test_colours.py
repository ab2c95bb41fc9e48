"""Colours: text is readable in both themes, and the four phases stay apart for every common kind of colour blindness."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

import web

TOKENS = (Path(web.__file__).parent / "frontend" / "src" / "tokens.css").read_text(encoding="utf-8")
PHASES = ("rest", "prepare", "aloft", "melt")

# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def theme(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r"\s*\{([^}]*)\}", TOKENS)
    assert block
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", block[1]))


THEMES = {"light": theme(":root"), "dark": theme(':root[data-theme="dark"]')}


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TO_LMS = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Ottosson (2020)."""
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_LMS) @ np.clip(rgb, 0, 1))


def mixed(colour: str, share: float, ground: str) -> str:
    parts = [round(share * int(colour[i : i + 2], 16) + (1 - share) * int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def test_the_dark_theme_is_the_same_chosen_or_by_itself() -> None:
    by_itself = re.search(r"prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme\]\) \{([^}]*)\}", TOKENS)
    assert by_itself and dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", by_itself[1])) == THEMES["dark"]


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", ["ground", "surface", "sunken"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "accent", "trouble"])
def test_text_is_readable(name: str, ground: str, ink: str) -> None:
    assert contrast(THEMES[name][ink], THEMES[name][ground]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("phase", PHASES)
def test_the_huge_word_is_readable_on_its_own_wash(name: str, phase: str) -> None:
    washes = {"light": 0.09, "dark": 0.14}
    colours = THEMES[name]
    assert contrast(colours[phase], mixed(colours[phase], washes[name], colours["ground"])) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_phases_stay_apart(name: str, eyes: str) -> None:
    seen = {phase: oklab(np.array(SEEN_BY[eyes]) @ linear(THEMES[name][phase])) for phase in PHASES}
    for one, other in itertools.combinations(PHASES, 2):
        # 0.02 is about what the eye just tells apart side by side; four times that, for a glance from the floor.
        assert np.linalg.norm(seen[one] - seen[other]) >= 0.08, (one, other)
