"""A card that is full, failing, read-only or damaged: practice goes on, the person is told, and nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sick_card import SickCard
from store_world import HandClock, begin, block, lift, lift_off, practise, repetition

from hardware.notices import Notice
from station.store import CardFailingError, CardFullError, Reader, Store
from station.store.files import RESERVE_BYTES, lock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def card() -> SickCard:
    return SickCard()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backlift.db"


def seconds(store: Store, clock: HandClock, count: int) -> list:
    """So many seconds of an ongoing session; what each commit said."""
    said = []
    for _ in range(count):
        store.add_frames(block(clock.now_s, 1.0, seed=int(clock.now_s)))
        clock.pass_s(1.0)
        store.add(lift_off(clock.now_s))
        said.append(store.commit())
    return said


def test_a_card_that_fills_up_first_loses_raw_frames_then_says_not_saving(path: Path, clock: HandClock, card: SickCard) -> None:
    with Store(path, clock=clock, connect=card.connect) as store:
        number = begin(store, clock.now_s)
        seconds(store, clock, 3)
        card.state, card.room = "full", 14_000  # some pages of words, but not eight seconds of frames
        said = []
        for _ in range(6):
            for second in range(8):
                store.add_frames(block(clock.now_s + second, 1.0, seed=second))
            clock.pass_s(8.0)
            store.add(lift_off(clock.now_s))
            said.append(store.commit())
        assert said[0].saving == "events_only" and said[0].acknowledged and said[0].frames_lost == 800
        assert said[-1].saving == "not_saving" and not said[-1].acknowledged
        full, failing = store.take_notices()
        assert (full.code, failing.code) == ("card_full_events_only", "card_full_not_saving")
        card.state = "well"
        clock.pass_s(60.0)
        assert store.commit().acknowledged and store.saving == "ok"
        assert [notice.code for notice in store.take_notices()] == ["saving_again"]
    with Reader(path) as reader:
        assert reader.session(number).summary.raw == "partial"
        assert len([event for event in reader.events(number) if event.type == "phase"]) == 9


def test_a_card_so_full_that_not_even_words_fit_says_not_saving_and_keeps_them_in_memory(
    path: Path, clock: HandClock, card: SickCard
) -> None:
    with Store(path, clock=clock, connect=card.connect) as store:
        number = begin(store, clock.now_s)
        seconds(store, clock, 3)
        card.state, card.room = "full", 0
        said = seconds(store, clock, 100)
        assert said[-1].saving == "not_saving" and not said[-1].acknowledged
        with pytest.raises(CardFullError, match="no room"):
            for n in range(200):
                store.setting_set(f"key{n}", "x" * 500)
        card.state = "well"
        clock.pass_s(60.0)
        assert store.commit().acknowledged and store.saving == "ok"
    with Reader(path) as reader:
        assert len([event for event in reader.events(number) if event.type == "phase"]) == 103


def test_before_the_card_is_full_raw_frames_stop_to_leave_room_for_words(
    path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"bytes": 10_000_000_000}
    monkeypatch.setattr("station.store.database.Database.free_bytes", lambda db: free["bytes"])
    with Store(path, clock=clock) as store:
        number = begin(store, clock.now_s)
        said = seconds(store, clock, 5)
        free["bytes"] = RESERVE_BYTES - 1
        said += seconds(store, clock, 70)
        free["bytes"] = RESERVE_BYTES + 1  # not yet enough: it would come and go
        said += seconds(store, clock, 5)
        free["bytes"] = 3 * RESERVE_BYTES
        said += seconds(store, clock, 5)
        assert [one.saving for one in said] == ["ok"] * 5 + ["events_only"] * 75 + ["ok"] * 5
        assert all(one.acknowledged for one in said)
        assert len(store.take_notices()) == 2
        store.add(repetition(lift("leg_l", 1030.0)))
        store.end_session(clock.now_s)
        store.commit()
    lost = sum(one.frames_lost for one in said)
    with Reader(path) as reader:
        record = reader.session(number)
        assert record.summary.raw == "partial" and len(record.repetitions) == 1
        assert len([event for event in reader.events(number) if event.type == "phase"]) == 85
        assert len(reader.frames(number)) == 1000 and lost == 7500
        [(from_s, to_s)] = record.gaps
        assert to_s - from_s == pytest.approx(75.0, abs=0.1)


@pytest.mark.parametrize("state", ["failing", "read-only"])
def test_a_failing_card_costs_no_more_than_its_absence(path: Path, clock: HandClock, card: SickCard, state: str) -> None:
    """The session goes on; when the card is back within half a minute, everything is there."""
    with Store(path, clock=clock, connect=card.connect) as store:
        number = begin(store, clock.now_s)
        seconds(store, clock, 3)
        card.state = state
        said = seconds(store, clock, 20)
        assert {one.saving for one in said} == {"not_saving"} and not any(one.acknowledged for one in said)
        [notice] = store.take_notices()
        assert notice.code == "card_failing_not_saving" and store.session_id == number
        with pytest.raises(CardFailingError):
            store.setting_set("practice.count", 8)
        card.state = "well"
        said = seconds(store, clock, 20)
        assert said[-1].saving == "ok" and sum(one.frames_lost for one in said) == 0
        store.end_session(clock.now_s)
        store.commit()
    with Reader(path) as reader:
        record = reader.session(number)
        assert (record.summary.state, record.summary.raw, record.gaps) == ("ended", "whole", ())
        assert store.recovered == () and {event.type for event in reader.events(number)} == {"phase"}  # it never was cut off
        assert len(reader.frames(number)) == 4300
        assert len([event for event in reader.events(number) if event.type == "phase"]) == 43


def test_a_card_that_stalls_for_seconds_loses_nothing(path: Path, clock: HandClock, card: SickCard) -> None:
    """While one commit waits for the card, frames gather for the next one."""
    with Store(path, clock=clock, connect=card.connect) as store:
        number = begin(store, clock.now_s)
        given_s = clock.now_s
        card.stall = lambda: clock.pass_s(2.0)
        for _ in range(10):
            clock.pass_s(1.0)
            store.add_frames(block(given_s, clock.now_s - given_s, seed=int(given_s)))
            given_s = clock.now_s
            said = store.commit()
            assert (said.saving, said.acknowledged, said.frames_lost) == ("ok", True, 0)
        card.stall = lambda: None
        store.end_session(given_s)
        store.commit()
    with Reader(path) as reader:
        assert reader.session(number).gaps == () and len(reader.frames(number)) == round((given_s - 1000.0) * 100) > 2500
        assert reader.session(number).summary.state == "ended"


def test_memory_holds_half_a_minute_of_frames_however_long_the_card_is_away(path: Path, clock: HandClock, card: SickCard) -> None:
    with Store(path, clock=clock, connect=card.connect) as store:
        number = begin(store, clock.now_s)
        seconds(store, clock, 2)
        card.state = "failing"
        lost = sum(one.frames_lost for one in seconds(store, clock, 120))
        assert 8700 <= lost <= 9000
        card.state = "well"
        clock.pass_s(40.0)
        assert store.commit().acknowledged
    with Reader(path) as reader:
        assert len(reader.frames(number)) == 12_200 - lost and reader.session(number).summary.raw == "partial"


def test_a_card_that_fails_before_there_is_a_database_gives_the_session_its_number_later(
    path: Path, clock: HandClock, card: SickCard
) -> None:
    card.state = "failing"
    with Store(path, clock=clock, connect=card.connect) as store:
        assert store.saving == "not_saving"
        assert begin(store, clock.now_s) < 0
        seconds(store, clock, 3)
        card.state = "well"
        clock.pass_s(10.0)
        assert store.commit().acknowledged and store.session_id == 1
    with Reader(path) as reader:
        assert len(reader.frames(1)) == 300


def test_a_folder_that_cannot_be_written_is_no_error_at_start(tmp_path: Path, clock: HandClock) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    with Store(in_the_way / "backlift.db", clock=clock) as store:
        assert store.saving == "not_saving" and store.take_notices()[0].code == "card_failing_not_saving"


def spoil(path: Path, every: int = 1) -> None:
    """Overwrite every so-manieth page of a database but the first."""
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 2048, every):
        content[page * 2048 : page * 2048 + 200] = bytes(range(200))
    path.write_bytes(content)


def test_a_damaged_database_is_set_aside_and_a_fresh_one_begun(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store:
        practise(store, clock, 5)
    spoil(path)
    damaged = path.read_bytes()
    with Store(path, clock=clock) as store, Reader(path) as reader:
        assert store.saving == "ok" and practise(store, clock, 5) >= 1
        [notice] = store.take_notices()
        [aside] = path.parent.glob("backlift.corrupt-*.db")
        assert notice == Notice("database_damaged", {"file": aside.name}, "trouble")
        assert aside.read_bytes() == damaged
        assert len(reader.sessions()) == 1


def test_damage_in_mid_session_costs_what_was_stored_but_not_the_session(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store:
        for _ in range(3):
            practise(store, clock, 20)
        number = begin(store, clock.now_s)
        seconds(store, clock, 3)
        store._db.checkpoint("TRUNCATE")
        store._db.run("PRAGMA shrink_memory")
        spoil(path)
        said = seconds(store, clock, 5)
        assert said[-1].acknowledged and store.session_id == number
        assert list(path.parent.glob("backlift.corrupt-*.db"))
        store.end_session(clock.now_s)
        store.commit()
    with Reader(path) as reader:
        [one] = reader.sessions()
        assert (one.id, one.raw, one.state) == (number, "partial", "ended")
        assert len(reader.frames(number)) >= 400


def test_a_file_that_is_no_database_at_all_is_set_aside(path: Path, clock: HandClock) -> None:
    path.write_bytes(b"shopping list\n" * 500)
    with Store(path, clock=clock) as store:
        assert practise(store, clock, 2) == 1
    [aside] = path.parent.glob("backlift.corrupt-*.db")
    assert aside.read_bytes().startswith(b"shopping list")


def test_bit_rot_in_raw_frames_is_shown_as_a_gap_and_nothing_else_suffers(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store:
        number = practise(store, clock, 30)
        [(data,)] = store._db.run("SELECT data FROM chunk ORDER BY id LIMIT 1 OFFSET 10")
    content = path.read_bytes()
    place = content.index(data[100:200])
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    with Store(path, clock=clock) as store, Reader(path) as reader:
        assert len(reader.frames(number)) == 2900
        [(from_s, to_s)] = reader.session(number).gaps
        assert (from_s, to_s) == (pytest.approx(1010.0, abs=0.02), pytest.approx(1011.0, abs=0.02))
        trace = reader.trace(number, 1009.0, 1012.0, pixels=1000)
        broken_s = trace.t_s[np.isnan(trace.volts).all(axis=1)]
        assert broken_s == pytest.approx([1010.5], abs=0.1)
        assert len(reader.session(number).repetitions) == 1 and store.saving == "ok"


def test_old_raw_frames_go_when_they_outgrow_the_budget_and_nothing_else_does(path: Path, clock: HandClock) -> None:
    with Store(path, clock=clock) as store, Reader(path) as reader:
        numbers = [practise(store, clock, 40, lifts=2, seed=n) for n in range(3)]
        each = reader.storage_use().raw_bytes / 3
        before = [reader.session(number) for number in numbers]
        first = before[0].repetitions[0].lifts[0]
        store.note_set(numbers[0], "keep me")
        store.correction_add(numbers[0], first.id, not_a_lift=True)
        coarse = reader.trace(numbers[0], pixels=80)
        assert store.thin(round(2.5 * each)) == 1
        thinned = reader.session(numbers[0])
        assert thinned.summary.raw == "thinned" and thinned.gaps == ()
        assert thinned.summary.note == "keep me" and thinned.repetitions[0].lifts[0].not_a_lift
        assert [one.lifts[0].original for one in thinned.repetitions] == [one.lifts[0].original for one in before[0].repetitions]
        assert (reader.trace(numbers[0], pixels=80).volts == coarse.volts)[~(coarse.volts != coarse.volts)].all()
        assert len(reader.trace(numbers[0], 1010.0, 1012.0).t_s) > 0  # as fine as the overview has it
        assert reader.session(numbers[1]) == before[1]
        assert reader.storage_use().raw_bytes == pytest.approx(2 * each, rel=0.01)


def test_a_budget_is_kept_by_itself_once_it_is_set(path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.store.storage_budget.MB", 20_000)  # room for one of these short sessions
    with Store(path, clock=clock, budget_mb=1000) as store, Reader(path) as reader:
        practise(store, clock, 10)
        practise(store, clock, 10)
        store.setting_set("storage.budget_mb", 1)
        practise(store, clock, 10)
        assert [one.raw for one in reader.sessions()] == ["whole", "thinned", "thinned"]


@pytest.mark.parametrize("configured", [0, None, 1])
def test_a_budget_of_nought_is_no_limit_and_no_order_to_let_everything_go(
    path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, configured: int | None
) -> None:
    monkeypatch.setattr("station.store.storage_budget.MB", 20_000)
    with Store(path, clock=clock, budget_mb=configured) as store, Reader(path) as reader:
        store.setting_set("storage.budget_mb", 0)
        for _ in range(3):
            practise(store, clock, 10)
        assert {one.raw for one in reader.sessions()} == {"whole"}
        assert reader.storage_use().budget_bytes is None


def test_without_a_budget_nothing_is_thinned_and_the_question_comes_once(
    path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    full = shutil._ntuple_diskusage(100_000_000_000, 85_000_000_000, 15_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    with Store(path, clock=clock) as store, Reader(path) as reader:
        for _ in range(3):
            practise(store, clock, 5)
        assert [notice.code for notice in store.take_notices()] == ["card_nearly_full"]
        assert {one.raw for one in reader.sessions()} == {"whole"}
    with Store(path, clock=clock) as store:
        practise(store, clock, 5)
        assert store.take_notices() == [], "asked once, not with every start"


def test_the_writers_lock_dies_with_its_process(path: Path, clock: HandClock) -> None:
    with lock(path):
        pass
    with Store(path, clock=clock) as store:
        assert store.saving == "ok"


def test_a_session_left_open_is_closed_at_its_last_frame_and_says_what_is_missing(path: Path, clock: HandClock) -> None:
    store = Store(path, clock=clock, commit_period_s=5.0)
    number = begin(store, clock.now_s)
    seconds(store, clock, 4)
    store.add(lift_off(clock.now_s - 0.5))
    store.close()  # without an end: as after a kill
    clock.pass_s(600.0)
    with Store(path, clock=clock) as store, Reader(path) as reader:
        [found] = store.recovered
        assert (found.session_id, found.missing_s) == (number, 6.0)
        assert store.take_notices() == [Notice("session_recovered", {"session": number, "missing_s": 6}, "info")]
        record = reader.session(number)
        assert record.summary.state == "recovered" and record.summary.missing_s == 6.0
        assert record.summary.ended_s == pytest.approx(1004.0)
        assert record.repetitions == () and record.other_lifts == ()  # the lift under way is not invented to its end
        assert reader.events(number)[-1].type == "recovered"
        assert begin(store, clock.now_s) == number + 1
