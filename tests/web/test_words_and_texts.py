"""What a person reads: kind, true to the measurement, and whole in every language."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import web
from station.locale.texts import CATALOGUES, Texts, languages
from station.model import Lift
from station.service import declined
from station.store.records import Correction, LiftRecord
from web.pages.comparison import beside_the_one_before, melt_sd_s

WEB = Path(web.__file__).parent
CATALOGUE = {code: json.loads((CATALOGUES / f"{code}.json").read_text(encoding="utf-8")) for code in languages()}


def lift(melt_s: float | None, sd_s: float | None = 0.1) -> LiftRecord:
    made = Lift("leg_l", "lift", "leg", 0.0, 4.0, 9.0, None if melt_s is None else 9.0 + melt_s, {}, melt_end_sd=sd_s)
    return LiftRecord(1, made, made)


ENGLISH = Texts("en")


def test_a_slower_melt_is_said_in_kind_words() -> None:
    assert beside_the_one_before(lift(6.8), lift(5.0), ENGLISH) == "Melt 1.8 s longer than last time."
    assert beside_the_one_before(lift(6.8), lift(5.0), Texts("de")) == "Loslassen 1,8 s länger als beim letzten Mal."


@given(st.floats(0.2, 15), st.floats(0.2, 15), st.floats(0, 3))
def test_no_difference_is_named_that_the_measurement_cannot_carry(one_s: float, other_s: float, sd_s: float) -> None:
    one, other = lift(one_s, sd_s), lift(other_s, sd_s)
    said = beside_the_one_before(one, other, ENGLISH)
    difference_s = one.melt_s - other.melt_s
    certain = abs(difference_s) > max(0.3, math.hypot(sd_s, sd_s))
    assert ("longer" in said or "shorter" in said) == certain
    assert ("longer" in said) == (certain and difference_s > 0)


def test_what_cannot_be_told_is_not_compared() -> None:
    assert beside_the_one_before(lift(None), lift(5.0), ENGLISH) == "Cannot be compared with last time."
    assert beside_the_one_before(lift(5.0), None, ENGLISH) == "The first of its kind in this session."


def test_a_boundary_set_by_hand_carries_no_uncertainty_of_the_detector() -> None:
    moved = replace(lift(5.0), corrections=(Correction(1, 1, "boundary", boundary="melt_end", t_s=14.0),))
    assert melt_sd_s(lift(5.0)) == pytest.approx(0.1)
    assert melt_sd_s(moved) is None


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_language_is_whole(code: str) -> None:
    assert set(CATALOGUE[code]) == set(CATALOGUE["en"])
    for key, text in CATALOGUE["en"].items():
        places = re.findall(r"\{\w+\}", text)
        assert sorted(re.findall(r"\{\w+\}", CATALOGUE[code][key])) == sorted(places), key
        assert CATALOGUE[code][key].strip(), key


def test_german_ships_as_the_proof() -> None:
    assert set(languages()) >= {"en", "de"}
    same = {text for key, text in CATALOGUE["en"].items() if CATALOGUE["de"][key] == text and not key.startswith("date.")}
    wordy = [text for text in same if len(re.sub(r"\{\w+\}", "", text)) > 6]
    assert wordy == []


SOURCES = "\n".join(
    path.read_text("utf-8")
    for path in [
        *(WEB / "templates").glob("*.html"),
        *(WEB / "frontend" / "src").glob("*.ts"),
        *WEB.rglob("*.py"),
        Path(declined.__file__),
    ]
)


def test_every_text_a_page_asks_for_is_there() -> None:
    """A key that is put together where it is used (`"phase." ~ phase`) has to be the beginning of some."""
    asked = set(re.findall(r"""(?<![\w.])(?:tn?|t\.count|t\.has)\(\s*f?["'`]([a-z_]+\.[a-z_0-9.]*)""", SOURCES))
    keys = CATALOGUE["en"]
    assert len(asked) > 100
    assert [
        key for key in asked if key not in keys and f"{key}.one" not in keys and not any(one.startswith(key) for one in keys)
    ] == []


def test_no_text_is_kept_that_nobody_asks_for() -> None:
    named = set(re.findall(r"""["'`]([a-z_]+\.[a-z_0-9.]*)""", SOURCES))
    beginnings = tuple(one for one in named if one.endswith((".", "_")))
    lonely = [key for key in CATALOGUE["en"] if "." in key and key not in named and not key.startswith(beginnings)]
    assert [key for key in lonely if key.rpartition(".")[0] not in named] == []


URGING = re.compile(
    r"\b(score|streak|rank(ing)?|goal|push|best|worst|better|worse|record|target|harder|fail(ed|ure)?|"
    r"Ziel|Rekord|Serie|Punktzahl|besser|schlechter|versagt|streng dich)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("code", CATALOGUE)
def test_no_text_urges_ranks_or_judges(code: str) -> None:
    assert {key: text for key, text in CATALOGUE[code].items() if URGING.search(text)} == {}
