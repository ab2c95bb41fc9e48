"""What a melt is like, told from curves whose truth is known because it was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from station.analysis.breath import breath_line, breathing, side_at, turning_points
from station.analysis.lift_window import LiftWindow
from station.analysis.melt_shape import MeltShape, melt_shape, spectral_arc_length
from station.model import Lift

STEP_S = 0.04
T_S = np.arange(0.0, 40.0, STEP_S)
DOWN_S, END_S = 15.0, 25.0


def lift(parts: tuple[str, ...] = ("foot_l",), sd_s: float = 0.05) -> Lift:
    return Lift("leg_l", "lift", "leg", 8.0, 10.0, DOWN_S, END_S, {}, parts=parts, touch_down_sd=sd_s, melt_end_sd=sd_s)


def window(way: np.ndarray, noise_sd: float = 0.001, **zones: np.ndarray) -> LiftWindow:
    """A limb whose load comes back from 0.2 to 1.0 along `way`, 0..1 over the melt."""
    load = np.ones(len(T_S))
    load[(T_S > 10) & (T_S < DOWN_S)] = 0.2
    inside = (T_S >= DOWN_S) & (T_S <= END_S)
    load[inside] = 0.2 + 0.8 * np.interp(T_S[inside], np.linspace(DOWN_S, END_S, len(way)), way)
    return LiftWindow(T_S, load, zones or {"foot_l": load}, 1.0, noise_sd, None)


def shape_of(way: np.ndarray, **more: float) -> MeltShape:
    shape = melt_shape(window(way, **more), lift(), ("foot_l", "knee_l"))
    assert shape is not None
    return shape


def test_half_and_nine_tenths_of_an_even_melt_are_where_they_were_drawn() -> None:
    shape = shape_of(np.linspace(0, 1, 200))
    assert shape.half_s and shape.most_s
    assert shape.half_s.value == pytest.approx(5.0, abs=3 * shape.half_s.sd + 0.05)
    assert shape.most_s.value == pytest.approx(9.0, abs=3 * shape.most_s.sd + 0.05)
    assert (shape.holds, shape.regrips) == (0, 0)


def test_an_edge_known_badly_makes_its_times_uncertain() -> None:
    sharp = melt_shape(window(np.linspace(0, 1, 200)), lift(sd_s=0.02), ("foot_l",))
    vague = melt_shape(window(np.linspace(0, 1, 200)), lift(sd_s=0.6), ("foot_l",))
    assert sharp and vague and sharp.half_s and vague.half_s
    assert vague.half_s.sd > 5 * sharp.half_s.sd


def test_a_stretch_on_which_nothing_comes_back_is_a_hold_of_its_length() -> None:
    way = np.interp(np.linspace(0, 10, 500), [0, 3, 6, 10], [0, 0.4, 0.4, 1.0])
    shape = shape_of(way)
    assert shape.holds == 1 and shape.hold_s
    assert shape.hold_s.value == pytest.approx(3.0, abs=0.5)
    assert shape.regrips == 0


def test_weight_taken_up_again_is_a_regrip() -> None:
    way = np.interp(np.linspace(0, 10, 500), [0, 3, 4, 6, 7, 10], [0, 0.5, 0.3, 0.7, 0.5, 1.0])
    assert shape_of(way).regrips == 2


def test_what_the_noise_could_have_made_is_not_told() -> None:
    """A dip as deep as the noise: some draws see it, some do not."""
    way = np.interp(np.linspace(0, 10, 500), [0, 4.9, 5.4, 10], [0, 0.5, 0.443, 1.0])
    assert shape_of(way, noise_sd=0.02).regrips is None


def test_the_part_that_let_go_last_is_named_only_when_it_is_clearly_later() -> None:
    even, late = np.linspace(0, 1, 200), np.interp(np.linspace(0, 1, 200), [0, 0.7, 1], [0, 0.1, 1])
    early = np.interp(np.linspace(0, 1, 200), [0, 0.5, 1], [0, 1, 1])
    for other, told in ((early, "foot_l"), (late, None)):
        curves = {"foot_l": window(late).limb, "knee_l": window(other).limb}
        shape = melt_shape(window(even, **curves), lift(("foot_l", "knee_l")), ("foot_l", "knee_l"))
        assert shape and shape.last_zone == told


def test_smoothness_falls_with_every_stop_and_not_with_speed() -> None:
    def speed(bells: int, lasts_s: float) -> np.ndarray:
        t = np.arange(0, lasts_s, 0.01)
        return np.abs(np.sin(np.pi * bells * t / lasts_s))

    one, two, four = (spectral_arc_length(speed(bells, 4.0), 100.0) for bells in (1, 2, 4))
    assert one > two > four
    assert spectral_arc_length(speed(1, 8.0), 100.0) == pytest.approx(one, abs=0.1)
    assert spectral_arc_length(7 * speed(1, 4.0), 100.0) == pytest.approx(one, abs=1e-9), "its size does not matter"


def test_without_an_end_or_a_recording_nothing_is_told() -> None:
    assert melt_shape(window(np.linspace(0, 1, 50)), Lift("leg_l", "lift", "leg", 8.0, 10.0, DOWN_S, None, {}), ("foot_l",)) is None
    empty = LiftWindow(T_S, np.full(len(T_S), np.nan), {}, 1.0, 0.0, None)
    assert melt_shape(empty, lift(), ("foot_l",)) is None


# Breath -----------------------------------------------------------------------------------------------------------------------


def trunk(period_s: float = 4.0, depth: float = 0.02) -> np.ndarray:
    """Two zones of 100 N together whose load swings with the breath; the lungs fill while it rises."""
    swing = -np.cos(2 * np.pi * T_S / period_s) * depth
    return np.stack([60 * (1 + swing), 40 * (1 + swing)], axis=1)


def test_a_breath_is_a_line_and_its_side_is_the_one_it_rises_or_falls_on() -> None:
    line = breath_line(T_S, trunk(4.0))
    assert line is not None
    for at_s in (9.0, 13.0, 17.0):  # a quarter after the lungs began to fill
        assert side_at(T_S, line, at_s) == "in"
        assert side_at(T_S, line, at_s + 2.0) == "out"


def test_at_a_turning_point_neither_side_is_named() -> None:
    line = breath_line(T_S, trunk(4.0))
    assert line is not None
    assert {side_at(T_S, line, turn) for turn in turning_points(T_S, line)} == {None}


def test_what_is_no_breath_makes_no_line() -> None:
    rng = np.random.default_rng(3)
    still = np.full((len(T_S), 2), 50.0) * (1 + rng.normal(0, 0.0005, (len(T_S), 2)))
    assert breath_line(T_S, still) is None
    assert breath_line(T_S, np.zeros((len(T_S), 0))) is None, "a mat without trunk zones"
    assert breath_line(T_S[:100], trunk()[:100]) is None, "too short for a rhythm"
    assert breath_line(T_S, np.full((len(T_S), 2), np.nan)) is None


def test_a_session_counts_only_what_is_known() -> None:
    told = breathing([("in", "out"), ("in", None), (None, "in"), ("out", "out")])
    assert (told.lifts_on_in, told.lifts_known, told.releases_on_out, told.releases_known) == (2, 3, 2, 3)
