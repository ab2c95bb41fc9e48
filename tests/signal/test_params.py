"""Every parameter has a unit, bounds around its value and a source, and changing one changes what is decided by."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import station.signal.params
from station.signal.lead_zone import FALL_LEVELS
from station.signal.params import Parameters, replace, table


def test_every_parameter_lies_within_its_bounds_and_says_where_it_comes_from() -> None:
    for entry in table():
        assert entry.low <= entry.value <= entry.high, entry.name
        assert entry.unit and entry.source, entry.name


def test_a_fall_begins_above_the_levels_its_time_is_read_to() -> None:
    begins = next(entry for entry in table() if entry.name == "decision.fall_begins_share")
    assert begins.low > max(FALL_LEVELS)


def test_one_parameter_is_changed_by_name_and_the_others_stay() -> None:
    changed = {entry.name: entry.value for entry in table(replace(Parameters(), "timing.lost_s", 0.2))}
    usual = {entry.name: entry.value for entry in table()}
    assert {name for name in usual if changed[name] != usual[name]} == {"timing.lost_s"}


@pytest.mark.parametrize("name", ["timing", "timing.nothing", "nothing.lost_s", ""])
def test_a_name_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(KeyError):
        replace(Parameters(), name, 1.0)


PLAIN = {0.0, 0.5, 1.0, 2.0, 6.0, 12.0}
"""Halves, doubles, and the variances of a second difference and of an even spread."""
GUARD = 1e-3
"""Smaller numbers keep a division or a logarithm from zero."""
FIXED = {"BIN_S", "DECIDE_S", "DRIFT_S", "FALL_LEVELS", "LEAST_REST_SHARE", "MEAN_TO_SD", "TAUS_S"}
"""Constants that say how a thing is computed or shown, not what is decided: bases, beats and units."""
MODULES = sorted(Path(station.signal.params.__file__).parent.glob("*.py"))


def typed_in(code: str) -> list[float]:
    """Fractions that stand in the code itself, other than plain ones, guards and what makes a fixed constant."""
    tree = ast.parse(code)
    for statement in list(tree.body):
        if isinstance(statement, ast.Assign) and {name.id for name in statement.targets if isinstance(name, ast.Name)} & FIXED:
            tree.body.remove(statement)
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    return [value for value in found if value not in PLAIN and value > GUARD]


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem != "params"], ids=lambda path: path.stem)
def test_no_number_decides_outside_params(path: Path) -> None:
    assert typed_in(path.read_text(encoding="utf-8")) == []


def test_a_number_typed_in_is_seen() -> None:
    assert typed_in("def f(x):\n    return x > 0.3 and x < 0.5 * max(x, 1e-9)\n") == [0.3]
