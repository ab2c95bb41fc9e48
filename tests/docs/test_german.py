"""A German page says what the English page of its name says: section by section the same headings, lists, tables, numbers and code.

A sentence that changes without any of these changing is not noticed; a new threshold, step, row or command is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from station.model import Lift
from station.practice.summary import session_words

DOCS = Path(__file__).parents[2] / "docs"
GERMAN = sorted((DOCS / "de").glob("*.md"))


@dataclass(frozen=True, slots=True)
class Section:
    """What of a section does not depend on the language."""

    level: int
    rows: int
    items: int
    pictures: int
    numbers: tuple[str, ...]
    code: tuple[str, ...]


def sections(markdown: str) -> list[Section]:
    """In order of the page; text before the first heading does not count."""
    found = []
    for level, body in re.findall(r"^(#+) .*\n((?:(?!#+ ).*\n?)*)", markdown, re.M):
        code = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", body, flags=re.M | re.S))
        plain = re.sub(r"`[^`\n]+`|\]\([^)]*\)", "", body)
        # A list of numbers ("4, 5, 7") has a space behind the comma, a German decimal has none.
        numbers = [number.replace(",", ".") for number in re.findall(r"\d+(?:[.,]\d+)?", re.sub(r"^\d+\. ", "", plain, flags=re.M))]
        found.append(
            Section(
                level=len(level),
                rows=len(re.findall(r"^\|", body, re.M)),
                items=len(re.findall(r"^(?:-|\d+\.) ", body, re.M)),
                pictures=body.count("!["),
                numbers=tuple(sorted(numbers)),
                code=tuple(sorted(code)),
            )
        )
    return found


@pytest.mark.parametrize("page", GERMAN, ids=lambda page: page.name)
def test_it_has_what_the_english_page_has(page: Path) -> None:
    german, english = (sections(path.read_text(encoding="utf-8")) for path in (page, DOCS / page.name))
    for number, (one, other) in enumerate(zip(german, english, strict=True)):
        assert one == other, f"section {number + 1} of de/{page.name} does not say what {page.name} says"


@pytest.mark.parametrize("page", GERMAN, ids=lambda page: page.name)
def test_each_leads_to_the_other(page: Path) -> None:
    assert f"(../{page.name})" in page.read_text(encoding="utf-8")
    assert f"(de/{page.name})" in (DOCS / page.name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_example_of_what_is_said_afterwards_is_what_is_said(language: str) -> None:
    lifts = [
        [Lift("leg_l", "lift", "leg", None, None, down_s, down_s + melt_s, {})]
        for down_s, melt_s in ((10.0, 4.0), (40.0, 5.0), (70.0, 7.0), (100.0, 7.0))
    ]
    page = (DOCS / ("practice.md" if language == "en" else "de/practice.md")).read_text(encoding="utf-8")
    assert f"\n> {session_words(lifts, language, usual_melt_s=5.0)}\n" in page  # type: ignore[arg-type]
