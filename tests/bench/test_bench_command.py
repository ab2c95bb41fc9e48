"""`backlift bench`: each part stands alone, and what could not be measured says why."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from station.bench import MEASUREMENTS
from station.bench.figure import Figure, Table
from station.cli import backlift


def fine() -> list[Figure | Table]:
    return [
        Figure("length", "m", (3.0, 1.0, 2.0), goal=2.5),
        Table("sides", ({"side": "left", "m": 1.0}, {"side": "right", "m": None})),
    ]


def broken() -> list[Figure | Table]:
    raise RuntimeError("no browser is installed\nand more lines")


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MEASUREMENTS, "pages", (f"{__name__}:broken", "what a browser sees"))
    monkeypatch.setitem(MEASUREMENTS, "scan", (f"{__name__}:fine", "a length"))
    monkeypatch.setitem(MEASUREMENTS, "start", ("station.bench.not_there:measure", "a module that cannot be imported"))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(backlift, ["bench", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.usefixtures("parts")
def test_a_part_that_cannot_run_costs_no_figure_of_the_others() -> None:
    measured = {one["name"]: one for one in json.loads(run("--json", "--only", "pages", "--only", "start", "--only", "scan"))}
    assert measured["length"]["median"] == 2.0 and measured["length"]["met"] is True
    assert measured["sides"]["rows"][1] == {"side": "right", "m": None}
    missing = measured["what a browser sees"]
    assert missing["median"] is None and missing["values"] == []
    assert missing["why_missing"] == "RuntimeError: no browser is installed"
    assert "not_there" in measured["a module that cannot be imported"]["why_missing"]


@pytest.mark.usefixtures("parts")
def test_the_table_names_what_was_not_measured() -> None:
    said = run("--only", "pages", "--only", "scan")
    assert "length" in said and "met" in said and "1 .. 3" in said
    assert "what a browser sees: RuntimeError: no browser is installed" in said
    assert "right  -" in said


def test_a_figure_without_a_value_meets_no_goal_and_misses_none() -> None:
    figure = Figure("length", "m", (), goal=1.0, why_missing="nobody looked")
    assert figure.met is None and figure.median is None
    assert figure.plain()["min"] is None
