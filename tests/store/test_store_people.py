"""Several people on one mat: whose session it is, what each has set for herself, and what a paired device may see."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_world import HandClock, begin, lift, practise, repetition

from station.store import NotStoredError, Reader, Store, StoreError
from station.store.recover import recover


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backlift.db"


def test_people_are_added_renamed_and_removed_and_their_sessions_stay(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        anna, ben = store.person_add(" Anna  Maria "), store.person_add("Ben")
        assert (anna.name, ben.name) == ("Anna Maria", "Ben")
        number = begin(store, clock.now_s, person_id=anna.id)
        store.end_session(clock.now_s + 5)
        store.commit()
        store.person_rename(anna.id, "Ännchen")
        assert [(one.name, one.sessions) for one in reader.persons()] == [("Ännchen", 1), ("Ben", 0)]
        store.person_remove(anna.id)
        assert [one.name for one in reader.persons()] == ["Ben"]
        assert reader.sessions()[0].id == number and reader.sessions()[0].person_id is None
        assert store.person_add("Carla").id > ben.id, "a number is never given twice"
        with pytest.raises(NotStoredError, match="no person"):
            store.person_rename(anna.id, "again")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\u202eb", "a\x07b"])
def test_a_name_has_letters_one_can_see(path: Path, clock: HandClock, name: str) -> None:
    with Store(path, clock=clock) as store, pytest.raises(StoreError, match="printable"):
        store.person_add(name)


def test_a_session_is_given_to_another_person_afterwards(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        anna, ben = store.person_add("Anna"), store.person_add("Ben")
        mine, other = practise(store, clock, 20), practise(store, clock, 20)
        assert reader.session(mine).summary.person_id is None
        store.session_person_set(mine, anna.id)
        store.session_person_set(other, anna.id)
        store.session_person_set(other, ben.id)
        assert [one.id for one in reader.sessions(person_id=anna.id)] == [mine]
        assert [one.id for one in reader.sessions(person_id=ben.id)] == [other]
        store.session_person_set(other, None)
        assert reader.sessions(person_id=ben.id) == []
        for wrong in (lambda: store.session_person_set(mine, 99), lambda: store.session_person_set(99, anna.id)):
            with pytest.raises(NotStoredError):
                wrong()


def test_settings_of_one_person_are_hers_alone_and_go_with_her(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        anna, ben = store.person_add("Anna"), store.person_add("Ben")
        store.setting_set("practice.count_s", 1.0)
        store.person_setting_set(anna.id, "practice.count_s", 1.5)
        store.person_setting_set(ben.id, "practice.ranges", {"leg_l": 0.4})
        assert reader.person_settings(anna.id) == {"practice.count_s": 1.5}
        store.person_setting_set(anna.id, "practice.count_s", None)
        assert reader.person_settings(anna.id) == {} and reader.settings() == {"practice.count_s": 1.0}
        store.person_remove(ben.id)
        assert reader.person_settings(ben.id) == {}
        with pytest.raises(NotStoredError):
            store.person_setting_set(ben.id, "practice.count_s", 2.0)


def test_progress_and_days_are_asked_of_one_person(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        anna = store.person_add("Anna")
        for person_id, melt_s in ((anna.id, 6.0), (None, 12.0), (anna.id, 8.0)):
            begin(store, clock.now_s, person_id=person_id)
            store.add(repetition(lift(off_s=clock.now_s + 10, melt_s=melt_s)))
            store.end_session(clock.now_s + 60)
            store.commit()
            clock.pass_s(2 * 86_400)
        assert [point.melt.median_s for point in reader.progress("day", person_id=anna.id)] == [6.0, 8.0]
        assert [point.melt.median_s for point in reader.progress("day")] == [6.0, 12.0, 8.0]
        assert [day.sessions for day in reader.practice_days(person_id=anna.id)] == [(1,), (3,)]
        second = reader.practice_days()[1]
        until_s = second.start_wall_s + 86_400
        assert reader.practice_days(second.start_wall_s, until_s) == [second]
        assert [one.id for one in reader.sessions(since_wall_s=second.start_wall_s, until_wall_s=until_s)] == [2]


def test_devices_have_a_role_and_are_owners_from_before_roles(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        owner = store.device_add("tablet", b"\x01" * 32)
        guest = store.device_add("phone", b"\x02" * 32, role="looks", person_ids=(3, 1), invited_by=owner.id)
        assert (owner.role, owner.person_ids, owner.invited_by) == ("owner", (), None)
        assert (guest.role, guest.person_ids, guest.invited_by) == ("looks", (1, 3), owner.id)
        store.device_role_set(guest.id, "practises", (3,))
        store.device_rename(guest.id, "Ben's phone")
        assert [(one.name, one.role, one.person_ids) for one in reader.devices()][1] == ("Ben's phone", "practises", (3,))
        for wrong in (lambda: store.device_role_set(9, "looks"), lambda: store.device_rename(9, "x")):
            with pytest.raises(NotStoredError):
                wrong()


def test_revoking_a_device_revokes_those_it_let_in_and_no_others(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        tokens = iter(range(1, 9))
        first = store.device_add("first", bytes([next(tokens)]) * 32)
        second = store.device_add("second", bytes([next(tokens)]) * 32, invited_by=first.id)
        third = store.device_add("third", bytes([next(tokens)]) * 32, invited_by=second.id)
        store.device_add("other", bytes([next(tokens)]) * 32)
        assert store.device_revoke(second.id) == [second.id, third.id]
        assert [one.revoked for one in reader.devices()] == [False, True, True, False]
        assert store.device_revoke(first.id) == [first.id], "only what was revoked now"


def test_recovery_brings_people_and_roles_back(path: Path, clock: HandClock, tmp_path: Path) -> None:
    with Store(path, clock=clock) as store:
        anna = store.person_add("Anna")
        store.person_setting_set(anna.id, "practice.count_s", 1.5)
        store.device_add("phone", b"\x02" * 32, role="looks", person_ids=(anna.id,))
        store.session_person_set(practise(store, clock, 20), anna.id)
    recover(path, tmp_path / "out.db")
    with Reader(path) as before, Reader(tmp_path / "out.db") as after:
        assert after.persons() == before.persons() and after.devices() == before.devices()
        assert after.person_settings(anna.id) == {"practice.count_s": 1.5}
        assert after.sessions() == before.sessions()
