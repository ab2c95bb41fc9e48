"""What review and progress pages are made of: rows beside the right neighbour, pictures that lie on one scale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.mats import shipped_mats
from station.locale.texts import Texts
from station.store import Reader
from station.store.records import ProgressPoint, RepetitionRecord, SessionRecord, Spread
from web.pages import progress, review

ENGLISH = Texts("en")
WEEK_S = 7 * 86_400.0


@pytest.fixture
def record(filled_database: Any) -> SessionRecord:
    with Reader(filled_database[0]) as reader:
        return reader.session(filled_database[1][0])


def three_leg_lifts(record: SessionRecord, melts_s: tuple[float, float, float]) -> SessionRecord:
    """The record with one leg lifted three times and nothing else."""
    pattern = next(lift for one in record.repetitions for lift in one.lifts if lift.lift.limb == "leg_l")
    repetitions = []
    for number, melt_s in enumerate(melts_s, 1):
        begin_s = 2000.0 + 60 * number
        times = {"prepare_start": begin_s, "lift_off": begin_s + 4, "touch_down": begin_s + 9, "melt_end": begin_s + 9 + melt_s}
        made = replace(pattern.original, **times, melt_end_sd=0.1, touch_down_sd=0.0)
        lift = replace(pattern, id=number, original=made, lift=made, corrections=(), not_a_lift=False)
        repetitions.append(RepetitionRecord(number, number, "leg", "left", (lift,)))
    return replace(record, repetitions=tuple(repetitions), notes=())


def test_each_lift_stands_beside_the_one_before_of_the_same_limb(record: SessionRecord) -> None:
    rows = review.session(three_leg_lifts(record, (4.0, 6.0, 9.0)), [], ENGLISH).rows
    assert [row.beside for row in rows] == [
        "The first of its kind in this session.",
        "Melt 2.0 s longer than last time.",
        "Melt 3.0 s longer than last time.",
    ]


def test_why_a_melt_has_no_time_is_said_in_the_readers_language(record: SessionRecord) -> None:
    made = three_leg_lifts(record, (4.0, 6.0, 9.0))
    lift = made.repetitions[0].lifts[0]
    for why, told in (
        ("the load did not come to rest", "das Gewicht kam nicht zur Ruhe"),
        ("of an older version", "of an older version"),
    ):
        unknown = replace(lift, lift=replace(lift.lift, melt_end=None, why_null={"melt_end": why}))
        first = replace(made.repetitions[0], lifts=(unknown,))
        shown = review.session(replace(made, repetitions=(first, *made.repetitions[1:])), [], Texts("de")).rows[0]
        assert shown.melt_why == told


def test_how_much_was_lifted_is_not_told_from_one_sensor(record: SessionRecord) -> None:
    """A limb with one zone has always left with all its load; the time off the mat is told instead."""
    made = three_leg_lifts(record, (4.0, 6.0, 9.0))
    several = review.session(made, [], ENGLISH).rows[0].extent
    assert several.startswith("about ") and int(several.split()[1]) % 10 == 0
    small = shipped_mats()["small-4"].read_text(encoding="utf-8")
    assert review.session(replace(made, mat=small), [], ENGLISH).rows[0].extent == "not known from one sensor; lifted 5.0 s"


def test_what_was_no_lift_is_passed_over_in_comparing(record: SessionRecord) -> None:
    made = three_leg_lifts(record, (4.0, 6.0, 9.0))
    middle = made.repetitions[1]
    struck = replace(middle, lifts=(replace(middle.lifts[0], not_a_lift=True),))
    rows = review.session(replace(made, repetitions=(made.repetitions[0], struck, made.repetitions[2])), [], ENGLISH).rows
    assert rows[1].beside == ""
    assert rows[2].beside == "Melt 5.0 s longer than last time."


def test_a_strip_is_as_long_as_its_lift_beside_the_longest(record: SessionRecord) -> None:
    rows = review.session(three_leg_lifts(record, (3.0, 6.0, 12.0)), [], ENGLISH).rows
    for row, melt_s in zip(rows, (3.0, 6.0, 12.0), strict=True):
        phase, x, width = row.strip[-1]
        assert phase == "melt"
        assert x + width + 4 == pytest.approx(1000 * (9.0 + melt_s) / 21.0, abs=2)


def test_a_session_is_told_beside_what_is_usual(record: SessionRecord) -> None:
    made = three_leg_lifts(record, (4.0, 8.0, 8.0))
    earlier = [replace(record.summary, median_melt_s=4.0)] * 5
    alone, beside = review.session(made, [], ENGLISH).sentence, review.session(made, earlier, ENGLISH).sentence
    assert "usual" not in alone and "usual" in beside


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, "0:00"), (59.99, "0:59"), (61.0, "1:01"), (3671.2, "61:11"), (-1.0, "0:00")])
def test_times_of_a_session_read_as_minutes(seconds: float, shown: str) -> None:
    assert review.clock_of(seconds) == shown


def spreads() -> st.SearchStrategy[Spread]:
    three = st.tuples(*[st.floats(0.1, 30)] * 3).map(sorted)
    return st.builds(lambda n, values: Spread(n, *values), st.integers(1, 40), three)


points = st.lists(
    st.builds(
        lambda week, part, side, prepare, melt: ProgressPoint(1.7e9 + week * WEEK_S, part, side, 3, prepare, melt, 2.0, 4.0),
        st.integers(0, 30),
        st.sampled_from(["elbow", "leg"]),
        st.sampled_from(["left", "right"]),
        st.none() | spreads(),
        st.none() | spreads(),
    ),
    max_size=25,
    unique_by=lambda point: (point.start_wall_s, point.part, point.side),
)


@given(points)
def test_every_progress_picture_holds_its_dots_on_one_scale(made: list[ProgressPoint]) -> None:
    shown = progress.shown(made, "week", ENGLISH)
    assert len(shown.multiples) == len({(point.part, point.side) for point in made})
    ticks = {chart.measure: chart.y_ticks for one in shown.multiples for chart in one.charts}
    for one in shown.multiples:
        for chart in one.charts:
            assert chart.y_ticks == ticks[chart.measure], "the same axis in all pictures of a measure"
            for dot in chart.dots:
                assert progress.LEFT <= dot.x <= progress.WIDTH
                assert progress.TOP <= dot.high_y <= dot.y <= dot.low_y <= progress.HEIGHT - progress.BOTTOM
            assert [dot.x for dot in chart.dots] == sorted(dot.x for dot in chart.dots)


def test_nothing_yet_is_nothing_shown() -> None:
    assert progress.shown([], "week", ENGLISH) == progress.Shown((), None, "week")
