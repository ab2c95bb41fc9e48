"""What a person reads: kind, true to the measurement, and whole in every language."""

from __future__ import annotations

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


def own_messages(code: str) -> dict[str, str]:
    """Key -> Fluent source of every message that stands in this language's own file."""
    found = re.findall(r"^([a-z][\w-]*) = ?((?:.*\n)(?:[ \t]+.*\n)*)", (CATALOGUES / f"{code}.ftl").read_text("utf-8"), re.M)
    return {name.replace("-", "."): text.strip() for name, text in found}


CATALOGUE = {code: own_messages(code) for code in languages()}
PLACE = re.compile(r"\$\w+")


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
        assert set(PLACE.findall(CATALOGUE[code][key])) == set(PLACE.findall(text)), key
        assert CATALOGUE[code][key].strip(), key


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_text_can_be_filled_in(code: str) -> None:
    texts = Texts(code)
    for key, source in CATALOGUE[code].items():
        names = {name[1:] for name in PLACE.findall(source)}
        for n in (1, 2):
            assert texts(key, **{name: n if name == "n" else "x" for name in names})


def test_a_missing_key_or_value_is_an_error_and_an_unknown_language_english() -> None:
    with pytest.raises(KeyError):
        ENGLISH("no.such_key")
    with pytest.raises(KeyError):
        ENGLISH("live.counting")
    assert Texts("../../etc").language == "en"
    assert Texts("de").decimal(1.25, 2) == "1,25" and ENGLISH.decimal(3.0, 0) == "3"


def test_german_ships_as_the_proof() -> None:
    assert set(languages()) >= {"en", "de"}
    same = {text for key, text in CATALOGUE["en"].items() if CATALOGUE["de"][key] == text and not key.startswith("date.")}
    wordy = [text for text in same if len(re.sub(r"\{[^}]*\}", "", text)) > 6]
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
    assert [key for key in asked if key not in keys and not any(one.startswith(key) for one in keys)] == []


STATION = "\n".join(path.read_text("utf-8") for name in ("station", "hardware") for path in (WEB.parent / name).rglob("*.py"))


def test_every_code_that_the_station_sends_has_a_text() -> None:
    sent = {f"notice.{code}" for code in re.findall(r'\bNotice\(\s*"(\w+)"', STATION)}
    sent |= {f"declined.{code}" for code in re.findall(r'\bDeclinedError\(\s*"(\w+)"', STATION)}
    assert len(sent) > 10 and sent - set(CATALOGUE["en"]) == set()


def test_no_text_is_kept_that_nobody_asks_for() -> None:
    named = set(re.findall(r"""["'`]([a-z_]+\.[a-z_0-9.]*)""", SOURCES))
    codes = re.findall(r'"([a-z_]+)"', STATION)
    named |= {f"{group}.{code}" for group in ("notice", "declined", "practice") for code in codes}
    # The guide puts keys together from a position, a part of the body or a direction: f"slide_way_{towards}".
    named |= {f"practice.{start}" for start in re.findall(r'f"([a-z_]+_)\{', STATION)}
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
