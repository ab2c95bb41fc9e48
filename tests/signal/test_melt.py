"""When a melt is over, and what is known of a moment that fell into a gap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from practised import announced, lifts, recording

from hardware.frame_rows import ROW_S
from station.signal.gaps import Gaps
from station.signal.levels import Moment
from station.signal.melt import Melt, Settled, Settling, date_end, wait_s
from station.signal.params import Parameters


def followed(
    t_s: np.ndarray, load: np.ndarray, aloft_s: float = 5.0, earlier: tuple[float, ...] = ()
) -> tuple[Settled | None, Melt]:
    """Feeds a melt from a rest of 100 N, the lead zone carrying a quarter of it, until it is over.

    earlier: how far from the rest before this person's earlier melts ended.
    """
    settling = Settling(Parameters().timing)
    for distance in earlier:
        settling.learn(distance)
    melt = Melt(Parameters(), settling, 0.0, 100.0, 25.0, 2.0, aloft_s)
    for t, total in zip(t_s.tolist(), load.tolist(), strict=True):
        if (settled := melt.update(t, total, 0.25 * total)) is not None:
            return settled, melt
    return None, melt


def test_a_load_back_at_its_rest_is_settled_in_a_second() -> None:
    t_s = np.arange(0.0, 10.0, ROW_S)
    settled, _ = followed(t_s, np.interp(t_s, [0.0, 2.0], [5.0, 100.0]))
    assert settled is not None and settled.level_n == pytest.approx(100.0) and settled.until_s < 2.0 + 1.5


def test_a_plateau_far_from_the_rest_is_waited_for_and_in_the_end_is_a_rest() -> None:
    """The farther away, the longer, but never longer than three times the movement: who lies otherwise now lies otherwise."""
    timing = Parameters().timing
    near, far, farther = (wait_s(distance, 10.0, 10.0, timing) for distance in (0.0, 0.5, 1.0))
    assert far - near == farther - near == pytest.approx(30.0)
    t_s = np.arange(0.0, 60.0, ROW_S)
    settled, _ = followed(t_s, np.interp(t_s, [0.0, 2.0], [5.0, 50.0]))
    assert settled is not None and 2.0 + 4.0 < settled.until_s < 2.0 + 12.0


def test_a_person_who_always_comes_back_has_not_settled_six_percent_below_her_rest_and_one_who_seldom_does_has() -> None:
    """A plateau of 3 s at 94 %, then the rest of the way.  Who came back to the same level three times is waited for; who settled
    up to 10 % away from it has settled, and is not."""
    t_s = np.arange(0.0, 20.0, ROW_S)
    load = np.interp(t_s, [0.0, 3.0, 6.0, 7.0], [5.0, 94.0, 94.0, 100.0])
    steady, _ = followed(t_s, load, 40.0, earlier=(0.002, -0.004, 0.003))
    unsteady, _ = followed(t_s, load, 40.0, earlier=(0.1, -0.08, 0.09))
    assert steady is not None and steady.level_n == pytest.approx(100.0, rel=0.01) and steady.until_s < 9.0
    assert unsteady is not None and unsteady.level_n == pytest.approx(94.0, rel=0.01)
    newcomer, _ = followed(t_s, load, 40.0)
    learned, _ = followed(t_s, load, 40.0, earlier=(0.03, 0.03))
    assert newcomer == learned


def test_one_melt_that_was_dated_wrongly_does_not_make_every_plateau_a_rest() -> None:
    settling = Settling(Parameters().timing)
    for distance in (0.01, -0.01, 0.01, 0.76):
        settling.learn(distance)
    assert settling.usual(0.05) > 0.03


def test_a_load_that_has_come_to_a_halt_is_settled_however_fast_it_came() -> None:
    """The last percents of a melt take 3 s of a stretch that counts as flat; what matters is that it stands still at its end."""
    t_s = np.arange(0.0, 40.0, ROW_S)
    settled, _ = followed(t_s, np.interp(t_s, [0.0, 15.0, 18.0], [5.0, 97.6, 100.0]))
    assert settled is not None and settled.level_n == pytest.approx(100.0, rel=0.005) and settled.until_s < 18.0 + 2.5


def test_a_load_that_would_still_move_by_half_the_band_in_half_the_melts_time_has_not_settled() -> None:
    """After 20 s of melt it creeps back by 0.4 % of rest a second: 4 % in 10 s, though less than 3 % in any flat stretch."""
    t_s = np.arange(0.0, 60.0, ROW_S)
    settled, _ = followed(t_s, np.interp(t_s, [0.0, 20.0, 37.5], [5.0, 93.0, 100.0]), 2.0)
    assert settled is not None and settled.until_s > 35.0


def test_a_load_that_is_still_drifting_a_little_is_taken_to_go_on_for_a_while() -> None:
    """It approaches its rest ever more slowly, as muscles let go, and is called settled 1.5 % before it.  Dated by where it is,
    the melt would end 1.3 s too soon."""
    t_s = np.arange(0.0, 60.0, ROW_S)
    load = 100.0 - 95.0 * np.exp(-t_s / 5.0)
    settled, _ = followed(t_s, load)
    assert settled is not None
    moment = date_end(t_s, load, settled, Parameters())
    true_s = 5.0 * math.log(95.0 / 5.0)
    assert moment is not None and true_s - 1.0 < moment.t_s < true_s
    assert moment.t_s + moment.sd_s > true_s


def test_a_melt_of_twenty_minutes_is_kept_in_bounded_memory_and_its_end_is_found() -> None:
    t_s = np.arange(0.0, 1600.0, ROW_S)
    settled, melt = followed(t_s, np.interp(t_s, [0.0, 1200.0], [5.0, 100.0]), 60.0)
    assert settled is not None and 1100.0 < settled.since_s < 1250.0
    assert len(melt._times) <= 1200


def test_a_moment_in_a_gap_is_its_middle_and_as_unsure_as_the_gap_is_long() -> None:
    gaps = Gaps()
    gaps.add((10.0, 14.0))
    assert gaps.seen(Moment(11.0, 0.03)) == Moment(12.0, pytest.approx(4.0 / math.sqrt(12.0)))
    assert gaps.longest_s(Moment(11.0, 0.03)) == 4.0
    outside = Moment(15.0, 0.03)
    assert gaps.seen(outside) == outside and gaps.longest_s(outside) == 0.0


def test_a_plateau_below_the_rest_of_somebody_who_always_came_back_to_it_is_not_taken_for_the_end() -> None:
    """Three melts ended within 2 % of the rest before; the fourth holds at 91 % for three seconds on its way."""
    truth = next(x for x in recording("staircase", 72000).truth.lifts if x.limb == "arm_r" and x.lift_off > 60.0)
    lift = next(x for x in lifts(announced("staircase", 72000)) if x.limb == "arm_r" and (x.lift_off or 0.0) > 60.0)
    assert lift.melt_end == pytest.approx(truth.melt_end, abs=0.3)
