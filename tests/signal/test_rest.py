"""Which stretch was the rest before a lift, and when the limb left it: against loads whose rest is known."""

from __future__ import annotations

import numpy as np
import pytest
from practised import announce, cut, lifts, recording

from hardware.frame_rows import ROW_S
from station.signal.company import Company
from station.signal.levels import Moment, Rest, left_band
from station.signal.params import Parameters
from station.signal.prepare import Past, candidates, left_rest

Steps = list[tuple[float, float, float]]
"""Level, how long it is held, how long the change to it took."""


def loads(steps: Steps) -> tuple[np.ndarray, np.ndarray]:
    """Times and loads of a limb that holds one level after another, with a little noise."""
    knots_s, levels, at_s = [0.0], [steps[0][0]], 0.0
    for level, held_s, took_s in steps:
        knots_s += [at_s + took_s, at_s + took_s + held_s]
        levels += [level, level]
        at_s += took_s + held_s
    t_s = np.arange(0.0, at_s, ROW_S)
    return t_s, np.interp(t_s, knots_s, levels) * (1.0 + np.random.default_rng(1).normal(0, 0.002, len(t_s)))


def beginning(steps: Steps, other_moves: tuple[float, float] | None = None) -> tuple[Rest, Moment]:
    """The rest that is found before the load falls to nothing at the end, and when it was left; other_moves: when another limb
    was on the move."""
    t_s, load = loads([*steps, (0.0, 0.4, 2.0)])
    fell = int(np.flatnonzero(load > 0.3 * load.max())[-1])
    parameters = Parameters()
    off_s = float(t_s[-1])
    company = Company()
    if other_moves is not None:
        company.left("leg_r", other_moves[0])
        company.came_back("leg_r", other_moves[1])
    counts = company.counts("leg_l", t_s, parameters.decision.accompanied_share)
    found = left_rest(
        t_s,
        load,
        np.zeros((len(t_s), 0)),
        candidates(Past(t_s[:fell], load[:fell], counts[:fell]), off_s, Past(t_s, load, counts), parameters),
        off_s,
        parameters,
    )
    assert found is not None
    return found


def test_a_foot_that_carried_the_other_ones_weight_for_longer_than_it_then_rested() -> None:
    """14 s at rest, 6 s at one and a half times as much, 3 s at rest again, up: the rest is where it spent its time."""
    rest, moment = beginning([(100.0, 14.0, 0.0), (150.0, 6.0, 2.0), (100.0, 3.0, 2.0)])
    assert rest.level_n == pytest.approx(100.0, rel=0.01)
    assert moment.t_s == pytest.approx(27.0, abs=0.3)


def test_a_foot_that_carried_the_other_ones_weight_for_longer_than_it_ever_rested() -> None:
    """4 s at rest, 12 s at one and a half times as much while the other foot was up, 3 s at rest again, up."""
    steps = [(100.0, 4.0, 0.0), (150.0, 12.0, 2.0), (100.0, 3.0, 2.0)]
    rest, moment = beginning(steps, other_moves=(4.0, 20.0))
    assert rest.level_n == pytest.approx(100.0, rel=0.01)
    assert moment.t_s == pytest.approx(23.0, abs=0.3)
    alone, _ = beginning(steps)
    assert alone.level_n == pytest.approx(150.0, rel=0.01), "where nothing else moved it is where the limb spent its time"


def test_a_limbs_own_movement_is_no_company() -> None:
    company, t_s = Company(), np.arange(0.0, 10.0, 1.0)
    company.left("leg_l", 2.0)
    assert company.counts("leg_l", t_s, 0.2).tolist() == [1.0] * 10
    assert company.counts("leg_r", t_s, 0.2).tolist() == [1.0] * 2 + [0.2] * 8
    company.came_back("leg_l", 5.0)
    company.came_back("leg_l", 7.0)
    assert company.counts("leg_r", t_s, 0.2).tolist() == [1.0] * 2 + [0.2] * 3 + [1.0] * 5


def test_standing_and_shifting_ones_weight_the_beginning_of_a_lift_is_found() -> None:
    """The other foot was taken off for longer than this one had rested; before, this lift began nine seconds too early."""
    one = recording("stepping", 72003)
    lift = next(x for x in one.truth.lifts if x.limb == "leg_r" and 40.0 < x.lift_off < 50.0)
    one = cut(one, lift.melt_end + 6.0)
    found = next(x for x in lifts(announce(one.mat, one.t_s, one.volts)) if abs((x.lift_off or 0.0) - lift.lift_off) < 0.5)
    assert found.prepare_start == pytest.approx(lift.prepare_start, abs=0.3)
    assert found.melt_end == pytest.approx(lift.melt_end, abs=0.5), "it settles where it rested"


def test_a_plateau_of_a_slow_prepare_that_lasts_longer_than_the_rest_is_no_rest() -> None:
    rest, moment = beginning([(100.0, 10.0, 0.0), (55.0, 12.0, 4.0)])
    assert rest.level_n == pytest.approx(100.0, rel=0.01)
    assert moment.t_s == pytest.approx(10.0 + 4.0 * 5.0 / 45.0, abs=0.3)


def test_after_a_slide_the_new_level_becomes_the_rest_when_the_limb_spends_its_time_there() -> None:
    rest, moment = beginning([(100.0, 10.0, 0.0), (85.0, 60.0, 1.0)])
    assert rest.level_n == pytest.approx(85.0, rel=0.01)
    assert moment.t_s == pytest.approx(71.0, abs=0.3)


def test_where_two_rests_are_nearly_as_good_the_moment_is_said_to_be_unsure() -> None:
    _, plain = beginning([(100.0, 30.0, 0.0)])
    _, torn = beginning([(100.0, 12.0, 0.0), (91.0, 12.0, 2.0)])
    assert torn.sd_s > 5.0 * plain.sd_s


def test_a_plateau_near_the_edge_of_the_band_makes_the_moment_unsure() -> None:
    """At 95.2 % for six seconds: was that within 5 %?  Only a reading better than 0.2 % could tell."""
    t_s = np.arange(0.0, 20.0, ROW_S)
    share = np.interp(t_s, [0, 8, 9, 15, 17], [1.0, 1.0, 0.952, 0.952, 0.0])
    edge = left_band(t_s, share, 0.01, len(t_s) - 1, 0.05)
    steep = left_band(t_s, np.interp(t_s, [0, 15, 17], [1.0, 1.0, 0.0]), 0.01, len(t_s) - 1, 0.05)
    assert edge.t_s == pytest.approx(15.0, abs=0.1) and steep.t_s == pytest.approx(15.1, abs=0.05)
    assert edge.sd_s > 2.0 and steep.sd_s < 0.05


def test_a_plateau_outside_the_band_by_more_than_one_deviation_still_may_have_been_within_it() -> None:
    t_s = np.arange(0.0, 20.0, ROW_S)
    near = left_band(t_s, np.interp(t_s, [0, 8, 9, 15, 17], [1.0, 1.0, 0.935, 0.935, 0.0]), 0.01, len(t_s) - 1, 0.05)
    far = left_band(t_s, np.interp(t_s, [0, 8, 9, 15, 17], [1.0, 1.0, 0.9, 0.9, 0.0]), 0.01, len(t_s) - 1, 0.05)
    assert near.t_s == pytest.approx(8.8, abs=0.1) and near.sd_s > 1.5 and far.sd_s < 0.3


def test_parts_of_one_slow_movement_do_not_hide_that_there_was_a_rest_before_it() -> None:
    """A load that sinks slowly for 35 s is calm in many stretches, each overlapping the next; the rest before is still asked."""
    t_s = np.arange(0.0, 44.2, ROW_S)
    load = np.interp(t_s, [0, 8, 9, 44, 45], [100.0, 100.0, 94.0, 86.0, 0.0])
    rows = Past(t_s, load, np.ones(len(t_s)))
    levels = [float(load[one.begin : one.end].mean()) for one in candidates(rows, 45.0, rows, Parameters())]
    assert max(levels) == pytest.approx(100.0)


def test_a_load_that_is_pressed_and_then_falls_through_the_band_between_two_rows_left_it_then() -> None:
    t_s = ROW_S * np.arange(8)
    share = np.array([1.0, 1.0, 1.1, 1.3, 1.3, 0.9, 0.5, 0.1])
    assert left_band(t_s, share, 0.01, 7, 0.05).t_s == pytest.approx(ROW_S * (4 + 0.35 / 0.4))


def test_a_lift_goes_on_through_a_gap_of_the_readings_while_the_limb_is_aloft() -> None:
    """Some frames are missing between lift-off and touch-down: the moments are those of the readings that are there."""
    one = recording("clean", 7)
    lift = max(one.truth.lifts, key=lambda lift: lift.touch_down - lift.lift_off)
    begin, end = lift.lift_off + 1.0, lift.touch_down - 1.0
    assert end - begin > 1.0
    one = cut(one, lift.melt_end + 8.0)
    there = (one.t_s < begin) | (one.t_s > end)

    def mine(kept: np.ndarray) -> list[float | None]:
        said = lifts(announce(one.mat, one.t_s[kept], one.volts[kept]))
        found = next(x for x in said if x.limb == lift.limb and abs((x.lift_off or 0.0) - lift.lift_off) < 0.5)
        return [found.prepare_start, found.lift_off, found.touch_down, found.melt_end]

    assert mine(there) == pytest.approx(mine(np.ones(len(one.t_s), dtype=bool)), abs=0.1)
