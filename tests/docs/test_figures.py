"""A figure in the documentation is one that was measured: it stands in the stored run of the bench, or says how else it was found.

Behind a figure stands a comment: `<!-- bench: NAME -->` for the median of that name in docs/bench.json (`| max`, `| min` for an
end of its spread), `<!-- by hand: HOW -->` for one the bench does not measure, `<!-- conditions -->` for numbers that were set.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STORED = json.loads((ROOT / "docs" / "bench.json").read_text(encoding="utf-8"))
RUN = {one["name"]: one for part in STORED.values() for one in part["measured"] if one.get("values")}
MADE = ("commands", "contributing", "figures")
WRITTEN_BY_HAND = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if path.stem not in MADE]
QUOTED = re.compile(r"([\d.,]*\d)\s+(\S+?)<!-- bench: (.+?)(?: \| (min|max))? -->")
MEASURED = re.compile(r"`backlift bench|\b[Mm]easured (?:(?:with|by|on|in)\b|:)|\(Measured")
NUMBER = re.compile(r"\d\s+(?:ms|s|seconds|MB|GB|%|frames/s)(?!\w)")
MADE_PART = re.compile(r"<!-- numbers: made by .*?<!-- numbers: end -->", flags=re.S)
"""Written from the stored run by docs/reference.py."""
MARK = re.compile(r"<!-- (?:bench: |by hand: \S|conditions\b)")


def quoted(text: str) -> list[tuple[str, str, str, str]]:
    """(number, unit, name, which) of each figure that names its measurement."""
    return [(number, unit, name, which or "median") for number, unit, name, which in QUOTED.findall(text)]


def wrong(text: str) -> list[str]:
    """What is quoted otherwise than it was measured."""
    found = []
    for number, unit, name, which in quoted(text):
        if name not in RUN:
            found.append(f"nobody measured '{name}'")
            continue
        decimals = len(number.partition(".")[2])
        if f"{RUN[name][which]:.{decimals}f}" != number.replace(",", "") or unit != RUN[name]["unit"].split(" ")[0]:
            found.append(f"'{name}' is {RUN[name][which]} {RUN[name]['unit']}, not {number} {unit}")
    return found


def unmarked(text: str) -> list[str]:
    """Paragraphs that speak of a measurement, and tables of a section that does, with a number and no word of where it is from."""
    found = []
    ours = re.sub(r"^```.*?^```", "", MADE_PART.sub("", text), flags=re.M | re.S)
    for section in re.split(r"^#+ ", ours, flags=re.M):
        for block in re.split(r"\n\s*\n", section):
            measured = MEASURED.search(section if "\n|" in block else block)
            if measured and NUMBER.search(block) and not MARK.search(block):
                found.append(block)
    return found


@pytest.mark.parametrize("path", WRITTEN_BY_HAND, ids=lambda path: path.name)
def test_every_figure_is_one_that_was_measured(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert wrong(text) == []
    assert unmarked(text) == []


def test_a_figure_nobody_measured_is_found() -> None:
    name, one = next(iter(RUN.items()))
    unit = one["unit"].split(" ")[0]
    right = f"It takes {one['median']:.2f} {unit}<!-- bench: {name} -->, measured with `backlift bench`."
    assert wrong(right) == [] and unmarked(right) == []
    assert wrong(right.replace(f"{one['median']:.2f}", f"{one['median'] + 1:.2f}")) != []
    assert wrong(right.replace(name, "how well it feels")) != []
    assert unmarked("Measured with `backlift bench`: 3 ms.") != []
