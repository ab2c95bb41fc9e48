"""What was announced stays, whatever comes later and however the frames arrive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from practised import announce, announced, cut, recording, when

from hardware.frames import FrameBlock
from station.model import Lift, PhaseEvent, Presence
from station.signal.detector import Detector

KIND, SEED = "full", 7


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6))
@settings(max_examples=8, deadline=None)
def test_blocks_of_any_size_give_identical_announcements(sizes: list[int]) -> None:
    one = cut(recording(KIND, SEED), 45.0)
    assert announce(one.mat, one.t_s, one.volts, sizes) == announce(one.mat, one.t_s, one.volts)


def test_single_frames_give_identical_announcements() -> None:
    one = cut(recording("gaps", 7), 40.0)
    assert announce(one.mat, one.t_s, one.volts, [1]) == announce(one.mat, one.t_s, one.volts)


@given(st.floats(5.0, 105.0))
@settings(max_examples=10, deadline=None)
def test_what_was_announced_by_a_time_is_the_same_when_the_recording_ends_there(until_s: float) -> None:
    one = cut(recording(KIND, SEED), until_s)
    early = announce(one.mat, one.t_s, one.volts, finish=False)
    whole = [item for item in announced(KIND, SEED) if when(item) <= one.t_s[-1]]
    assert early == whole[: len(early)]
    missing = [item for item in whole[len(early) :] if when(item) < one.t_s[-1] - 0.1]
    assert missing == []


def test_an_ended_recording_adds_no_time_that_was_not_known() -> None:
    for until_s in (31.3, 52.0, 77.7):
        one = cut(recording(KIND, SEED), until_s)
        for item in announce(one.mat, one.t_s, one.volts):
            if isinstance(item, Lift):
                assert all(time_s <= one.t_s[-1] for time_s in item.reported_at.values())
                assert item.melt_end is not None or "melt_end" in item.why_null


def test_nothing_is_announced_before_it_happened() -> None:
    for item in announced(KIND, SEED):
        if isinstance(item, PhaseEvent):
            assert item.t_s <= item.reported_at_s
        if isinstance(item, Lift):
            for name, reported_s in item.reported_at.items():
                assert getattr(item, name) <= reported_s


def test_a_visit_replayed_from_its_arrival_gives_the_same_announcements() -> None:
    one = recording("early", 7)
    whole = announced("early", 7)
    arrival = next(item for item in whole if isinstance(item, Presence) and item.kind == "arriving")
    keep = one.t_s >= arrival.t_s
    assert arrival.t_s > one.t_s[0], "the recording must begin with an empty mat for this test to say anything"
    assert announce(one.mat, one.t_s[keep], one.volts[keep]) == list(whole)


def test_frames_given_are_not_changed_and_a_fresh_pipeline_knows_nothing() -> None:
    one = cut(recording(KIND, SEED), 20.0)
    t_s, volts = one.t_s.copy(), one.volts.copy()
    first = announce(one.mat, t_s, volts)
    assert np.array_equal(t_s, one.t_s)
    assert np.array_equal(volts, one.volts, equal_nan=True)
    assert announce(one.mat, t_s, volts) == first


@pytest.mark.parametrize("times", [[1.0, 1.0], [2.0, 1.0], [1.0, float("nan")]])
def test_time_that_does_not_rise_is_refused_in_one_sentence(times: list[float]) -> None:
    mat = recording(KIND, SEED).mat
    with pytest.raises(ValueError, match="must rise"):
        Detector(mat).feed(FrameBlock(np.array(times), np.zeros((2, len(mat.zone)))))


def test_a_block_before_the_last_one_is_refused() -> None:
    mat = recording(KIND, SEED).mat
    pipeline = Detector(mat)
    pipeline.feed(FrameBlock(np.array([5.0]), np.zeros((1, len(mat.zone)))))
    with pytest.raises(ValueError, match="must rise"):
        pipeline.feed(FrameBlock(np.array([4.0]), np.zeros((1, len(mat.zone)))))


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), float("-inf"), 1e300, -1e300])
def test_readings_that_are_no_voltages_count_as_missing(nonsense: float) -> None:
    one = cut(recording(KIND, SEED), 45.0)
    spoilt, missing = one.volts.copy(), one.volts.copy()
    spoilt[500:520, 3] = nonsense
    missing[500:520, 3] = np.nan
    assert announce(one.mat, one.t_s, spoilt) == announce(one.mat, one.t_s, missing)


def test_nothing_but_missing_readings_is_no_event() -> None:
    mat = recording(KIND, SEED).mat
    assert announce(mat, np.arange(0, 30, 0.01), np.full((3000, len(mat.zone)), np.nan)) == []


@given(st.integers(0, 2**31), st.sampled_from([0.002, 0.01, 0.04, 0.3, 2.0, 20.0]))
@settings(max_examples=25, deadline=None)
def test_nothing_fed_makes_feed_finish_or_live_raise(seed: int, period_s: float) -> None:
    """Walks, jumps, rails, holes and nonsense on every zone, at any rate."""
    rng = np.random.default_rng(seed)
    mat = recording(KIND, SEED).mat
    n, zones = 300, len(mat.zone)
    volts = np.abs(np.cumsum(rng.normal(0, rng.choice([0.001, 0.05, 0.5]), (n, zones)), axis=0) + rng.uniform(0, 3.3, zones)) % 3.4
    jumps = rng.random((n, zones))
    volts[jumps < 0.02] = 0.0
    volts[(jumps > 0.98) & (jumps < 0.99)] = np.nan
    volts[jumps > 0.998] = rng.choice([np.inf, -np.inf, 1e300, 3.3])
    volts[n // 2 :, rng.integers(zones)] = rng.choice([0.0, np.nan, 3.3])
    t_s = np.cumsum(rng.uniform(0.5, 1.5, n) * period_s).round(6)
    pipeline = Detector(mat)
    for at in range(0, n, 7):
        for item in pipeline.feed(FrameBlock(t_s[at : at + 7], volts[at : at + 7])):
            assert when(item) <= t_s[min(at + 7, n) - 1]
        live = pipeline.live
        assert all(load is None or load == load for load in live.loads.load)
    pipeline.finish()


def test_a_melt_is_checked_before_it_is_called_over() -> None:
    """What the live page shows in a melt's last second: hardly more seconds than the melt will turn out to have lasted."""
    one = recording(KIND, SEED)
    detector = Detector(one.mat)
    last: dict[tuple[str, float], tuple[float, float]] = {}
    for begin in range(0, len(one.t_s), 10):
        detector.feed(FrameBlock(one.t_s[begin : begin + 10], one.volts[begin : begin + 10]))
        for limb in detector.live.limbs:
            if limb.checking_since_s is not None:
                assert limb.phase == "melt"
                assert limb.since_s <= limb.checking_since_s <= detector.live.t_s
                last[limb.limb, limb.since_s] = (detector.live.t_s, limb.checking_since_s)
    melts = [item for item in announced(KIND, SEED) if isinstance(item, Lift) and item.melt_end is not None and item.touch_down]
    assert len(melts) == 8
    for lift in melts:
        shown_s, since_s = last[lift.limb, lift.touch_down or 0.0]
        told_s = lift.reported_at["melt_end"]
        assert shown_s == pytest.approx(told_s, abs=0.3)
        assert told_s - since_s >= 0.5
        assert 0.0 <= since_s - (lift.melt_end or 0.0) <= 1.2
