"""When a melt is over, and what is known of a moment that fell into a gap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hardware.frame_rows import ROW_S
from station.signal.gaps import Gaps
from station.signal.levels import Moment
from station.signal.melt import Melt, Settled, wait_s
from station.signal.params import Parameters


def followed(t_s: np.ndarray, load: np.ndarray, aloft_s: float = 5.0) -> tuple[Settled | None, Melt]:
    """Feeds a melt from a rest of 100 N, the lead zone carrying a quarter of it, until it is over."""
    melt = Melt(Parameters(), 0.0, 100.0, 25.0, 2.0, aloft_s)
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
