"""Who is on the mat: own settings, own sessions, remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_time import Rig, rig
from test_commands_live import EMPTY, LYING, ask

from station import messages as m
from station.settings import in_force_for
from station.store import Reader


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path, script=EMPTY) as made:
        made.run(1.0)
        yield made


def test_each_person_has_settings_of_their_own_and_the_stations_come_back(empty: Rig, tmp_path: Path) -> None:
    ask(empty, m.SettingSet(key="practice.exercise", value="leg"))
    ada = ask(empty, m.PersonAdd(name="Ada"))["id"]
    ask(empty, m.SettingSet(key="practice.person", value=ada))
    assert empty.station._values["practice.exercise"] == "leg", "until she chooses her own"
    ask(empty, m.SettingSet(key="practice.exercise", value="elbow"))
    ask(empty, m.SettingSet(key="sound.volume", value=0.2))
    ask(empty, m.SettingSet(key="practice.person", value=None))
    values = empty.station._values
    assert (values["practice.exercise"], values["practice.person"], values["sound.volume"]) == ("leg", None, 0.2)
    ask(empty, m.SettingSet(key="practice.person", value=ada))
    assert empty.station._values["practice.exercise"] == "elbow"
    with Reader(tmp_path / "data" / "backlift.db") as reader:
        assert reader.person_settings(ada) == {"practice.exercise": "elbow"}


def test_a_session_is_theirs_and_can_be_given_to_somebody_else(tmp_path: Path) -> None:
    with rig(tmp_path, script=LYING) as made:
        ada = ask(made, m.PersonAdd(name="Ada"))["id"]
        bo = ask(made, m.PersonAdd(name="Bo"))["id"]
        ask(made, m.SettingSet(key="practice.person", value=ada))
        made.run(20.0)
        made.settle()
        with Reader(tmp_path / "data" / "backlift.db") as reader:
            assert reader.session(1).summary.person_id == ada
        ask(made, m.SessionPersonSet(session=1, person=bo))
        with Reader(tmp_path / "data" / "backlift.db") as reader:
            assert reader.session(1).summary.person_id == bo


def test_only_what_is_a_persons_own_is_taken_from_them() -> None:
    values = in_force_for(3, {"sound.volume": 0.3}, {"sound.volume": 0.9, "practice.count_s": 2.0})
    assert (values["sound.volume"], values["practice.count_s"], values["practice.person"]) == (0.3, 2.0, 3)
