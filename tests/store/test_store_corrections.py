"""Corrections by hand: the original stays, undo and redo are exact, and another detector's result is corrected the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_world import HandClock, lift, practise, repetition

from station.analysis.melts import melt_curves
from station.model import Lift
from station.store import NotStoredError, Reader, Store, StoreError
from station.store.corrections import BOUNDARIES, check_order, corrected, in_force, owner
from station.store.records import Correction

LIFTS = {1: lift("leg_l", 10.0), 2: lift("leg_l", 40.0), 3: lift("arm_r", 41.0)}


@st.composite
def histories(draw: st.DrawFn) -> list[Correction]:
    """Any history a person can make: moves, "not a lift", undos of anything before, undos of undos."""
    made: list[Correction] = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        if made and draw(st.booleans()):
            made.append(Correction(number, 1, "undo", undoes=draw(st.sampled_from([one.id for one in made]))))
            continue
        meant = LIFTS[draw(st.sampled_from(sorted(LIFTS)))]
        where = (meant.limb, meant.lift_off, meant.touch_down)
        if draw(st.booleans()):
            made.append(Correction(number, 1, "not_a_lift", *where))
        else:
            boundary = draw(st.sampled_from(BOUNDARIES))
            made.append(Correction(number, 1, "boundary", *where, boundary, draw(st.floats(0, 100))))
    return made


def standing(made: list[Correction]) -> set[int]:
    """Which corrections stand, by the meaning of the words: one stands unless some undo of it stands."""

    def stands(one: Correction) -> bool:
        return not any(other.undoes == one.id and stands(other) for other in made if other.id > one.id)

    return {one.id for one in made if one.kind != "undo" and stands(one)}


@given(histories())
def test_what_stands_is_what_was_not_undone(made: list[Correction]) -> None:
    assert {one.id for one in in_force(made)} == standing(made)


@given(histories())
def test_an_undo_of_the_latest_gives_back_exactly_what_was_there_before_it(made: list[Correction]) -> None:
    number = len(made) + 1
    added = [*made, Correction(number, 1, "not_a_lift", "leg_l", 10.0, 14.0)]
    undone = [*added, Correction(number + 1, 1, "undo", undoes=number)]
    redone = [*undone, Correction(number + 2, 1, "undo", undoes=number + 1)]
    assert corrected(LIFTS, undone) == corrected(LIFTS, made)
    assert corrected(LIFTS, redone) == corrected(LIFTS, added)


@given(histories())
def test_the_originals_are_never_touched(made: list[Correction]) -> None:
    before = {key: replace(one) for key, one in LIFTS.items()}
    records = corrected(LIFTS, made)
    assert before == LIFTS
    for key, record in records.items():
        assert record.original == LIFTS[key]
        moved = {one.boundary: one.t_s for one in record.corrections if one.kind == "boundary"}  # the last move counts
        for boundary in BOUNDARIES:
            assert getattr(record.lift, boundary) == moved.get(boundary, getattr(LIFTS[key], boundary))
        assert record.not_a_lift == any(one.kind == "not_a_lift" for one in record.corrections)
        if not record.corrections:
            assert record.lift == record.original


@given(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_a_correction_finds_its_lift_again_after_a_newer_detector_moved_it(off_by: float, down_by: float) -> None:
    moved = {7: replace(LIFTS[1], lift_off=10.0 + off_by, touch_down=14.0 + down_by), 8: LIFTS[2], 9: LIFTS[3]}
    assert owner("leg_l", 10.0, 14.0, moved) == 7
    assert owner("arm_r", 41.0, 45.0, moved) == 9


def test_a_correction_without_its_lift_waits() -> None:
    assert owner("leg_l", 10.0, 14.0, {2: LIFTS[2]}) is None
    assert owner("leg_r", 10.0, 14.0, LIFTS) is None


@pytest.mark.parametrize(
    ("boundary", "t_s"), [("prepare_start", 10.1), ("lift_off", 14.5), ("touch_down", 21.0), ("melt_end", 13.0)]
)
def test_a_boundary_does_not_pass_its_neighbour(boundary: str, t_s: float) -> None:
    with pytest.raises(StoreError, match="cannot be moved past"):
        check_order(LIFTS[1], boundary, t_s)
    check_order(LIFTS[1], boundary, getattr(LIFTS[1], boundary))


@pytest.fixture
def world(tmp_path: Path) -> tuple[Store, Reader, int]:
    clock = HandClock()
    with Store(tmp_path / "backlift.db", clock=clock) as store, Reader(tmp_path / "backlift.db") as reader:
        yield store, reader, practise(store, clock, 60, lifts=2)


def melts(reader: Reader, session: int) -> list[float | None]:
    return [one.melt_s for each in reader.session(session).repetitions for one in each.lifts]


def test_a_moved_boundary_shows_everywhere_and_undo_takes_it_back(world: tuple[Store, Reader, int]) -> None:
    store, reader, session = world
    first = reader.session(session).repetitions[0].lifts[0]
    assert melts(reader, session) == [6.0, 6.0]
    store.correction_add(session, first.id, boundary="melt_end", t_s=first.lift.melt_end + 2.0)
    store.correction_add(session, first.id, boundary="touch_down", t_s=first.lift.touch_down + 1.0)
    record = reader.session(session).repetitions[0].lifts[0]
    assert (record.melt_s, record.original.melt_end) == (7.0, first.original.melt_end)
    assert reader.sessions()[0].median_melt_s == reader.progress()[0].melt.median_s == 6.5
    assert store.correction_undo(session).undoes == record.corrections[-1].id
    assert melts(reader, session) == [8.0, 6.0]
    undo = store.correction_undo(session)
    assert melts(reader, session) == [6.0, 6.0]
    assert store.correction_undo(session) is None
    store.correction_undo(session, undo.id)  # redo
    assert melts(reader, session) == [8.0, 6.0]


def test_what_is_no_lift_does_not_count(world: tuple[Store, Reader, int]) -> None:
    store, reader, session = world
    first = reader.session(session).repetitions[0].lifts[0]
    store.correction_add(session, first.id, not_a_lift=True)
    record = reader.session(session)
    assert (record.summary.repetitions, len(record.repetitions), record.repetitions[0].counts) == (1, 2, False)
    assert reader.progress()[0].lifts == 1 and len(melt_curves(reader, session)) == 1


def test_corrections_and_notes_survive_a_newer_detector(world: tuple[Store, Reader, int]) -> None:
    """The newer detector moves everything by 0.3 s and finds one lift more; what was put right by hand stays right."""
    store, reader, session = world
    old = reader.session(session)
    first, second = (each.lifts[0] for each in old.repetitions)
    store.correction_add(session, first.id, boundary="melt_end", t_s=first.lift.melt_end + 2.0)
    store.correction_add(session, second.id, not_a_lift=True)
    store.note_set(session, "the good one", lift_id=first.id)

    def again(one: Lift) -> Lift:
        return replace(one, **{name: getattr(one, name) + 0.3 for name in BOUNDARIES})

    found = [repetition(again(first.original)), repetition(lift("arm_r", 1050.0)), repetition(again(second.original))]
    analysis = store.analysis_add(session, "2", found)
    new = reader.session(session)
    assert [(one.id == analysis, one.detector_version, one.current, one.lifts) for one in new.analyses] == [
        (False, "1", False, 2), (True, "2", True, 3),
    ]  # fmt: skip
    one, two, three = (each.lifts[0] for each in new.repetitions)
    assert one.lift.melt_end == first.original.melt_end + 2.0  # where the hand put it, not 0.3 s beside
    assert one.original.melt_end == first.original.melt_end + 0.3
    assert (two.not_a_lift, three.not_a_lift) == (True, False) and three.original.limb == "arm_r"
    assert new.notes == reader.session(session, old.analyses[0].id).notes
    assert melts(reader, session) == [pytest.approx(7.7), pytest.approx(6.0), 6.0]
    old_again = reader.session(session, old.analyses[0].id)
    assert [each.lifts[0].original for each in old_again.repetitions] == [first.original, second.original]


def test_a_correction_names_a_lift_of_its_session_and_one_thing(world: tuple[Store, Reader, int]) -> None:
    store, reader, session = world
    first = reader.session(session).repetitions[0].lifts[0]
    with pytest.raises(NotStoredError):
        store.correction_add(session, 999, not_a_lift=True)
    with pytest.raises(NotStoredError):
        store.correction_add(session + 1, first.id, not_a_lift=True)
    with pytest.raises(NotStoredError):
        store.correction_undo(session, 12345)
    for wrong in ({}, {"boundary": "melt_end"}, {"t_s": 3.0}, {"not_a_lift": True, "boundary": "melt_end", "t_s": 3.0}):
        with pytest.raises(StoreError, match="either"):
            store.correction_add(session, first.id, **wrong)
