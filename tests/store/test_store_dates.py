"""A Pi has no clock battery: durations never depend on the date, sessions stay in order, and a wrong date is put right
afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_world import HandClock, begin, block, practise

from station.store import Reader, Store

DAY_S = 86_400.0
TRUE_S = 1_790_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backlift.db"


def test_a_boot_400_days_off_says_date_unknown_until_the_clock_is_right(path: Path) -> None:
    with Store(path, clock=HandClock(1000.0, TRUE_S), boot_id="one") as store:
        store.note_clock(synchronised=True)
        practise(store, HandClock(1000.0), 3)
    clock = HandClock(50.0, TRUE_S + DAY_S - 400 * DAY_S)
    with Store(path, clock=clock, boot_id="two") as store, Reader(path) as reader:
        number = practise(store, clock, 60)
        assert reader.sessions()[0].started_wall_s is None
        clock.date_s += 400 * DAY_S
        store.note_clock(synchronised=True)
        store.commit()
        found = reader.sessions()[0]
        assert (found.id, found.sure, found.duration_s) == (number, True, 60.0)
        assert found.started_wall_s == pytest.approx(TRUE_S + DAY_S, abs=1e-3)


def test_a_date_that_is_only_plausible_is_shown_but_not_called_sure(path: Path) -> None:
    clock = HandClock(50.0, TRUE_S)
    with Store(path, clock=clock, boot_id="one") as store, Reader(path) as reader:
        practise(store, clock, 2)
        assert (reader.sessions()[0].started_wall_s, reader.sessions()[0].sure) == (pytest.approx(TRUE_S), False)


@pytest.mark.parametrize("jump_days", [30, -30])
def test_a_jump_in_mid_repetition_changes_no_duration(path: Path, jump_days: float) -> None:
    clock = HandClock(50.0, TRUE_S - jump_days * DAY_S)
    with Store(path, clock=clock, boot_id="one") as store, Reader(path) as reader:
        number = begin(store, 50.0)
        for second in range(20):
            store.add_frames(block(50.0 + second, 1.0))
            clock.pass_s(1.0)
            if second == 10:
                clock.date_s += jump_days * DAY_S  # the time server has answered
            store.note_clock()
            store.commit()
        store.end_session(70.0)
        store.commit()
        record = reader.session(number)
        assert (record.summary.duration_s, record.gaps) == (20.0, ())
        assert record.summary.started_wall_s == pytest.approx(TRUE_S)
        assert len(reader.frames(number)) == 2000


def test_all_sessions_of_one_boot_are_put_right_together(path: Path) -> None:
    clock = HandClock(50.0, 0.0)  # 1970, as a Pi without network has it
    with Store(path, clock=clock, boot_id="one") as store, Reader(path) as reader:
        for _ in range(3):
            practise(store, clock, 5)
            clock.pass_s(100.0)
        assert {one.started_wall_s for one in reader.sessions()} == {None}
        clock.date_s = TRUE_S
        store.note_clock()
        store.commit()
        last, middle, first = (one.started_wall_s for one in reader.sessions())
        assert first == pytest.approx(TRUE_S - 315.0)
        assert (middle - first, last - middle) == (pytest.approx(105.0), pytest.approx(105.0))


def test_a_clock_once_known_to_be_right_is_not_argued_with(path: Path) -> None:
    clock = HandClock(50.0, TRUE_S)
    with Store(path, clock=clock, boot_id="one") as store, Reader(path) as reader:
        store.note_clock(synchronised=True)
        practise(store, clock, 5)
        clock.date_s -= 3600.0
        store.note_clock()
        store.commit()
        practise(store, clock, 5)
        second, first = (one.started_wall_s for one in reader.sessions())
        assert first == pytest.approx(TRUE_S) and second == pytest.approx(TRUE_S + 5)


def test_order_is_that_of_practice_whatever_the_dates_say(path: Path) -> None:
    numbers = []
    for boot, date_s in enumerate((TRUE_S, TRUE_S - 300 * DAY_S, TRUE_S + 300 * DAY_S, TRUE_S + DAY_S)):
        clock = HandClock(1000.0 - 100.0 * boot, date_s)
        with Store(path, clock=clock, boot_id=f"boot {boot}") as store:
            numbers += [practise(store, clock, 2), practise(store, clock, 2)]
    with Reader(path) as reader:
        assert [one.id for one in reader.sessions()] == numbers[::-1]


def test_a_restart_within_one_boot_goes_on_with_what_was_known(path: Path) -> None:
    clock = HandClock(50.0, TRUE_S)
    with Store(path, clock=clock, boot_id="one") as store:
        store.note_clock(synchronised=True)
        practise(store, clock, 2)
    clock.date_s += 77 * DAY_S
    with Store(path, clock=clock, boot_id="one") as store, Reader(path) as reader:
        practise(store, clock, 2)
        assert reader.sessions()[0].started_wall_s == pytest.approx(TRUE_S + 2)


@pytest.mark.parametrize("was_sure", [True, False], ids=["last date sure", "last date only plausible"])
@pytest.mark.parametrize("synchronised", [False, None], ids=["known to be unsynchronised", "not known"])
@pytest.mark.parametrize("back_days", [0.01, 1, 200, 400])
def test_a_clock_earlier_than_the_last_stored_session_is_not_believed(
    path: Path, was_sure: bool, synchronised: bool | None, back_days: float
) -> None:
    with Store(path, clock=HandClock(50.0, TRUE_S), boot_id="one", synchronised=lambda: was_sure) as store:
        practise(store, HandClock(50.0, TRUE_S), 5)
    clock = HandClock(20.0, TRUE_S - back_days * DAY_S)
    with Store(path, clock=clock, boot_id="two", synchronised=lambda: synchronised) as store, Reader(path) as reader:
        practise(store, clock, 5)
        assert reader.sessions()[0].started_wall_s is None
        assert reader.progress("day", since_wall_s=0.0) == reader.progress("day", until_wall_s=TRUE_S + DAY_S)
        clock.date_s = TRUE_S + 3 * DAY_S  # the time server has answered
        store.note_clock(synchronised=True)
        store.commit()
        assert reader.sessions()[0].started_wall_s == pytest.approx(TRUE_S + 3 * DAY_S - 5.0) and reader.sessions()[0].sure


def test_the_station_passes_on_whether_the_clock_follows_a_time_server(path: Path) -> None:
    state: dict[str, bool | None] = {"synchronised": False}
    clock = HandClock(50.0, TRUE_S)
    with Store(path, clock=clock, boot_id="one", synchronised=lambda: state["synchronised"]) as store, Reader(path) as reader:
        practise(store, clock, 2)
        assert (reader.sessions()[0].started_wall_s, reader.sessions()[0].sure) == (pytest.approx(TRUE_S), False)
        state["synchronised"] = True
        store.note_clock()
        store.commit()
        assert reader.sessions()[0].sure


def test_a_far_date_that_was_never_sure_does_not_outlive_a_sure_one(path: Path) -> None:
    for boot, (date_s, sure) in enumerate([(TRUE_S + 5000 * DAY_S, False), (TRUE_S, True)]):
        clock = HandClock(50.0, date_s)
        with Store(path, clock=clock, boot_id=f"boot {boot}") as store:
            store.note_clock(synchronised=sure)
            practise(store, clock, 2)
    clock = HandClock(50.0, TRUE_S + DAY_S)
    with Store(path, clock=clock, boot_id="third") as store, Reader(path) as reader:
        practise(store, clock, 2)
        assert reader.sessions()[0].started_wall_s == pytest.approx(TRUE_S + DAY_S)
