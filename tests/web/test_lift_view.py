"""One lift in full, as its page has it: what failed is said, what was live is replayed, like is compared with like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from station.locale.texts import Texts
from station.model import Lift
from station.store import Reader
from station.store.records import EventRecord, LiftRecord, RepetitionRecord, SessionRecord
from web.pages import review
from web.pages.comparison import contrasts, interval, kind_of
from web.pages.faults import fault_spans, missing_zones
from web.pages.lift_rows import rows, seconds, told
from web.pages.lift_view import hurried_at, lift_page

ENGLISH = Texts("en")


@pytest.fixture
def record(filled_database: Any) -> SessionRecord:
    with Reader(filled_database[0]) as reader:
        return reader.session(filled_database[1][0])


def fault(zone: str | None, t_s: float, *, over: bool = False, kind: str = "open") -> EventRecord:
    return EventRecord(
        1, 1, "fault", t_s, {"kind": kind, "zone": zone, "t_s": t_s, "reported_at_s": t_s, "over": over, "words": ""}
    )


def leg_lift(number: int, at_s: float, melt_s: float, limb: str = "leg_l", sd_s: float = 0.1) -> RepetitionRecord:
    made = Lift(limb, "lift", "leg", at_s, at_s + 4, at_s + 8, at_s + 8 + melt_s, {}, 0.6, melt_end_sd=sd_s, touch_down_sd=0.03)
    side = "left" if limb.endswith("l") else "right"
    return RepetitionRecord(number, number, "leg", side, (LiftRecord(number, made, made),))


# Faults -----------------------------------------------------------------------------------------------------------------------


def test_a_fault_lasts_from_its_beginning_to_its_end_or_to_the_sessions() -> None:
    spans = fault_spans(
        [fault("foot_l", 10.0), fault("head", 12.0), fault("foot_l", 20.0, over=True), fault("belly", 5.0, over=True)]
    )
    assert [(span.zone, span.from_s, span.until_s) for span in spans] == [("foot_l", 10.0, 20.0), ("head", 12.0, None)]
    assert spans[0].touches(19.0, 30.0) and not spans[0].touches(20.0, 30.0) and spans[1].touches(1e6, 2e6)


def test_a_sensor_that_failed_before_a_lift_is_said_and_its_times_are_not(record: SessionRecord) -> None:
    """A foot cut six seconds before lift-off: what was found without it is another limb's time."""
    made = replace(record, repetitions=(leg_lift(1, 2000.0, 5.0), leg_lift(2, 2100.0, 5.0), leg_lift(3, 2200.0, 9.0)), notes=())
    spans = fault_spans([fault("foot_l", 2098.0), fault("foot_l", 2150.0, over=True)])
    first, second, third = rows(made, spans, ENGLISH)
    assert second.missing == "Timed without the left foot."
    assert (second.prepare, second.aloft, second.melt, second.melt_sd, second.beside) == ("–", "–", "–", "", "")
    assert first.missing == third.missing == ""
    assert third.beside == "Melt 4.0 s longer than last time.", "beside the first: the second is passed over"


def test_a_lift_timed_without_a_sensor_is_left_out_of_the_sessions_median(record: SessionRecord) -> None:
    """Melts of 5, 7 and 30 s, the last without the left foot: the median of what could be told is 6 s, not 7 s."""
    lifts = (leg_lift(1, 2000.0, 5.0), leg_lift(2, 2100.0, 7.0), leg_lift(3, 2200.0, 30.0))
    made = replace(record, repetitions=lifts, summary=replace(record.summary, median_melt_s=7.0), notes=())
    assert "typical melt 7.0 s" in review.session(made, (), ENGLISH).listed.facts
    assert "typical melt 6.0 s" in review.session(made, (), ENGLISH, fault_spans([fault("foot_l", 2198.0)])).listed.facts


def test_without_a_zone_that_does_not_lead_lift_off_and_landing_still_hold(record: SessionRecord) -> None:
    made = replace(record, repetitions=(leg_lift(1, 2000.0, 5.0),), notes=())
    [row] = rows(made, fault_spans([fault("knee_l", 2006.0)]), ENGLISH)
    assert (row.prepare, row.aloft, row.melt) == ("–", "4.0", "–")


def test_another_limbs_sensor_takes_nothing_away(record: SessionRecord) -> None:
    made = replace(record, repetitions=(leg_lift(1, 2000.0, 5.0),), notes=())
    assert told(made, fault_spans([fault("foot_r", 1990.0), fault(None, 1.0)])) == made.repetitions
    assert missing_zones(made.repetitions[0].lifts[0].lift, ("foot_l", "knee_l"), fault_spans([fault("foot_r", 1.0)])) == ()


def test_faults_and_unweightings_stand_on_the_sessions_page(record: SessionRecord) -> None:
    lighter = LiftRecord(99, *(2 * [Lift("arm_l", "unweighting", "elbow", None, None, None, None, {})]))
    start_s = record.summary.started_s
    spans = fault_spans([fault("foot_l", start_s + 65), fault("foot_l", start_s + 130, over=True)])
    shown = review.session(replace(record, other_lifts=(lighter,)), [], ENGLISH, spans)
    assert "1:05 to 2:10: no signal from the left foot" in shown.happened
    assert "Once the left arm became lighter without leaving the mat." in shown.happened


# Rounding ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sd", "shown"),
    [(6.44, 0.1, "6.4"), (6.44, 0.7, "6"), (99.4, None, "99.4"), (105.0, None, "1:45"), (105.4, 2.0, "1:45"), (None, None, "–")],
)
def test_times_are_rounded_to_what_they_are_worth(value: float | None, sd: float | None, shown: str) -> None:
    assert seconds(value, sd, ENGLISH) == shown


def test_the_weight_lifted_is_told_in_tens(record: SessionRecord) -> None:
    assert {row.extent for row in review.session(record, [], ENGLISH).rows if row.extent != "–"} <= {
        f"about {tens}0\u00a0%" for tens in range(11)
    }


# Like with like ---------------------------------------------------------------------------------------------------------------


def test_alone_and_together_elbow_and_whole_arm_are_four_kinds() -> None:
    alone = leg_lift(1, 0.0, 5.0)
    arm = LiftRecord(7, *(2 * [Lift("arm_r", "lift", "elbow_hand_head", 0, 4, 8, 12, {})]))
    elbow = LiftRecord(8, *(2 * [Lift("arm_r", "lift", "elbow", 0, 4, 8, 12, {})]))
    full = replace(alone, kind="full", lifts=(alone.lifts[0], arm))
    single = replace(alone, kind="arm", lifts=(arm,))
    small = replace(alone, kind="arm", lifts=(elbow,))
    kinds = {
        kind_of(alone, alone.lifts[0]),
        kind_of(full, alone.lifts[0]),
        kind_of(full, arm),
        kind_of(single, arm),
        kind_of(small, elbow),
    }
    assert len(kinds) == 5
    assert "leg_l" in kind_of(full, arm) and "arm_r" in kind_of(full, alone.lifts[0]), "both limbs are named"


def test_left_and_right_are_compared_where_there_are_enough_and_no_difference_is_made_up() -> None:
    def of(left: float, right: float, n: int = 4) -> list[RepetitionRecord]:
        melts = [(limb, melt) for _ in range(n) for limb, melt in (("leg_l", left), ("leg_r", right))]
        return [leg_lift(i, 100.0 * i, melt + 0.3 * (i % 4 > 1), limb) for i, (limb, melt) in enumerate(melts, 1)]

    [clear] = contrasts(of(5.0, 9.0), ENGLISH)
    assert clear.verdict == "right: 4.0 s longer." and "4 melts" in clear.one
    [same] = contrasts(of(5.0, 5.1), ENGLISH)
    assert same.verdict == "No real difference."
    assert contrasts(of(5.0, 9.0, n=2), ENGLISH) == ()


def test_the_interval_of_few_uncertain_melts_is_wide() -> None:
    few = interval([leg_lift(i, 100.0 * i, 6.0, sd_s=1.0).lifts[0] for i in range(1, 4)])
    many = interval([leg_lift(i, 100.0 * i, 6.0, sd_s=0.1).lifts[0] for i in range(1, 13)])
    assert few and many
    assert few.high_s - few.low_s > 5 * (many.high_s - many.low_s)
    assert few.low_s <= few.median_s <= few.high_s


# The page ---------------------------------------------------------------------------------------------------------------------


def test_a_lifts_page_holds_what_its_script_draws(filled_database: Any, record: SessionRecord) -> None:
    with Reader(filled_database[0]) as reader:
        first = record.repetitions[0].lifts[0]
        shown = lift_page(reader, record, first.id, ENGLISH)
    window, times = shown.data["window"], shown.data["times"]
    step_s, from_s = window["step_s"], window["from_s"]
    at = {name: window["load"][round((t_s - from_s) / step_s)] for name, t_s in times.items()}
    assert at["prepare_start"] == pytest.approx(1000, abs=80), "still at rest"
    assert min(window["load"]) < 1000 * (1 - first.lift.extent) + 60
    assert from_s < times["prepare_start"] - 2 and from_s + step_s * len(window["load"]) > times["melt_end"] + 4
    assert set(window["zones"]) == set(record.zones)
    own = [told for told in shown.data["phases"] if told["limb"] == first.lift.limb and told["at_s"] >= from_s]
    assert [told["phase"] for told in own][:4] == ["prepare", "aloft", "melt", "rest"]
    assert all(told["at_s"] >= told["since_s"] for told in own), "nothing is known before it happened"
    assert {cue["sound"] for cue in shown.data["cues"]} >= {"lift_off", "touch_down"}
    assert shown.previous is None and shown.next is not None


def test_cues_that_were_kept_are_replayed_and_hushed_ones_are_not(filled_database: Any, record: SessionRecord) -> None:
    first = record.repetitions[0].lifts[0]
    down_s = first.lift.touch_down

    class Heard(Reader):
        def events(self, *_: Any, **__: Any) -> list[EventRecord]:
            def cue(sound: str, at_s: float, told_s: float) -> EventRecord:
                return EventRecord(1, 1, "cue", at_s if sound != "hush" else told_s, {"sound": sound, "at_s": at_s, "volume": 0.4})

            return [cue("touch_down", down_s, down_s), cue("count", down_s + 1, down_s), cue("hush", 0, down_s + 0.5)]

    with Heard(filled_database[0]) as reader:
        cues = lift_page(reader, record, first.id, ENGLISH).data["cues"]
    assert cues == [{"at_s": down_s, "sound": "touch_down", "volume": 0.4}]


def test_a_lift_begun_before_the_melt_was_over_is_hurried() -> None:
    assert hurried_at([leg_lift(1, 0.0, 10.0), leg_lift(2, 15.0, 5.0)]) == [15.0]
    assert hurried_at([leg_lift(1, 0.0, 6.0), leg_lift(2, 15.0, 5.0)]) == []


@pytest.mark.parametrize("path", ["/sessions/1/lifts/99999", "/sessions/77/lifts/1"])
def test_a_lift_that_is_not_there_is_not_found(app: Any, path: str) -> None:
    client: FlaskClient = app.test_client()
    assert client.get(path).status_code == 404


def test_a_session_whose_mat_was_lost_opens(record: SessionRecord) -> None:
    """As `backlift recover` may leave it."""
    lost = replace(record, mat="")
    shown = review.session(lost, [], ENGLISH)
    assert len(shown.rows) == sum(len(one.lifts) for one in lost.repetitions)
    assert review.for_script(lost)["limbs"] == []
