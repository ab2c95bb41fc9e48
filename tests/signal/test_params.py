"""Every parameter has a unit, bounds around its value and a source, and changing one changes what is decided by."""

from __future__ import annotations

import pytest

from station.signal.params import Parameters, replace, table


def test_every_parameter_lies_within_its_bounds_and_says_where_it_comes_from() -> None:
    for entry in table():
        assert entry.low <= entry.value <= entry.high, entry.name
        assert entry.unit and entry.source, entry.name


def test_one_parameter_is_changed_by_name_and_the_others_stay() -> None:
    changed = {entry.name: entry.value for entry in table(replace(Parameters(), "timing.lost_s", 0.2))}
    usual = {entry.name: entry.value for entry in table()}
    assert {name for name in usual if changed[name] != usual[name]} == {"timing.lost_s"}


@pytest.mark.parametrize("name", ["timing", "timing.nothing", "nothing.lost_s", ""])
def test_a_name_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(KeyError):
        replace(Parameters(), name, 1.0)
