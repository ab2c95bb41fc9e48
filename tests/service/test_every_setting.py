"""Every setting: set, cleared, set again, kept over a restart; what is emptied is emptied at once, wherever it is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_time import Rig, rig
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from station.service.saved_choices import read_what_was_chosen
from station.settings import SETTINGS, SettingError, checked, in_force
from station.store import Reader, Store

EXAMPLES: dict[str, tuple[Any, Any]] = {
    "practice.exercise": ("arm", "leg"),
    "practice.count_at": ("button", "hold"),
    "practice.hold_s": (1.0, 9.0),
    "practice.counts": ([8, 10], [12]),
    "practice.ranges": ({"leg_l": 0.5}, {"arm_r": 0.25}),
    "station.mat": ("small-4", "full-16"),
    "backup.folder": ("/media/backlift", "/mnt/share"),
    "backup.last": ({"wall_s": 1.8e9, "size_mb": 3.2}, {"wall_s": 1.9e9, "size_mb": 4.0}),
    "storage.spare_card": (True, False),
    "storage.budget_mb": (7, 900),
}
"""Two values for settings whose default says nothing about their type."""


def two_values(key: str) -> tuple[Any, Any]:
    default = SETTINGS[key].default
    if key in EXAMPLES:
        return EXAMPLES[key]
    if isinstance(default, bool):
        return (not default, default)
    candidates: list[Any] = [0.25, 1.0, 2.0, 5.0, 20.0, 3, 7, True, False, "de", "en", "off", "counts", "all", "wood", "bowl"]
    candidates += ["left", "right", "light", "dark", "auto", "plain", {"leg_l": 2.0}, [], ["x"]]
    candidates += [{"prepare_s": 2.0, "aloft_s": 3.0, "melt_s": 8.0}, {"prepare_s": 1.0, "aloft_s": 2.0, "melt_s": 4.0}]
    fitting = []
    for candidate in candidates:
        try:
            if checked(key, candidate) is not None and candidate not in fitting:
                fitting.append(candidate)
        except SettingError:
            continue
    assert len(fitting) >= 2, f"{key}: give two values for it in EXAMPLES"
    return fitting[0], fitting[1]


class Replies:
    def __init__(self) -> None:
        self.error_: Exception | None = None

    def result(self, value: Any = None) -> None: ...

    def error(self, error: Exception) -> None:
        self.error_ = error


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def test_set_clear_set_again_and_start_anew(made: Rig, tmp_path: Path) -> None:
    def set_to(key: str, value: Any) -> Any:
        reply = Replies()
        made.station._settings.set(key, checked(key, value), reply)
        made.settle()
        assert reply.error_ is None, (key, value, reply.error_)
        return made.station._values[key]

    database = made.config.database
    for key, setting in SETTINGS.items():
        first, second = two_values(key)
        assert set_to(key, first) == checked(key, first), key
        assert set_to(key, None) == setting.default, key
        with Reader(database) as reader:
            assert key not in reader.settings(), key
        assert set_to(key, second) == checked(key, second), key
        chosen = read_what_was_chosen(made.config)  # what a new start reads
        assert in_force(chosen.settings)[key] == checked(key, second), key
        set_to(key, None)
        assert in_force(read_what_was_chosen(made.config).settings)[key] == setting.default, key


@pytest.mark.parametrize("cleared", [None, 0])
def test_an_emptied_budget_thins_nothing_from_that_moment_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleared: int | None
) -> None:
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
    from store_world import HandClock, practise

    monkeypatch.setattr("station.store.storage_budget.MB", 20_000)
    clock = HandClock()
    with Store(tmp_path / "backlift.db", clock=clock) as store, Reader(tmp_path / "backlift.db") as reader:
        store.setting_set("storage.budget_mb", 1)
        practise(store, clock, 10)
        practise(store, clock, 10)
        assert [one.raw for one in reader.sessions()] == ["whole", "thinned"]
        assert store.storage_use().budget_bytes is not None
        store.setting_set("storage.budget_mb", cleared)
        assert store.storage_use().budget_bytes is None
        practise(store, clock, 10)
        practise(store, clock, 10)
        assert [one.raw for one in reader.sessions()] == ["whole", "whole", "whole", "thinned"]


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(sorted(SETTINGS)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    ),
)
def test_no_stored_value_of_any_shape_is_more_than_left_out(key: str, value: Any) -> None:
    values = in_force({key: value})
    assert set(values) == set(SETTINGS)
    checked(key, values[key])
