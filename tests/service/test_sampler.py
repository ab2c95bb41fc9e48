"""The sampler keeps its deadlines, survives its source, and never waits for anybody."""

from __future__ import annotations

import errno

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.frames import MISSING, Frame
from station.service.sampler import AWAKE_S, ROOM_S, STIR_CODES, Pace, Sampler


class FakeClock:
    """Time that passes only by sleeping or working."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic_s(self) -> float:
        return self.now_s

    def wall_s(self) -> float:
        return 0.0

    def sleep_until_s(self, t_s: float) -> None:
        self.now_s = max(self.now_s, t_s)


class FakeMat:
    """Two zones; reading costs `costs_s`; `codes` is what lies on it; a failure is raised instead when set."""

    zones = ("head", "foot_l")

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.costs_s = 0.004
        self.codes = [10, 20]
        self.failure: OSError | None = None
        self.recoveries: list[float] = []

    def read(self) -> Frame:
        t_us = round(self._clock.now_s * 1e6)
        self._clock.now_s += self.costs_s
        if self.failure:
            raise self.failure
        return Frame(t_us, np.array(self.codes, np.int16), np.zeros(2, np.int32))

    def recover(self) -> None:
        self.recoveries.append(self._clock.now_s)
        if self.failure:
            raise self.failure

    def close(self) -> None:
        pass


def made(rate_hz: float = 100.0, idle_rate_hz: float = 10.0, occupied: bool = True) -> tuple[Sampler, FakeMat, FakeClock, Pace]:
    clock = FakeClock()
    mat = FakeMat(clock)
    pace = Pace(rate_hz, idle_rate_hz)
    pace.occupied = occupied
    return Sampler(mat, clock, pace, rate_hz), mat, clock, pace


def times_ms(frames: list[Frame]) -> list[int]:
    return [round(frame.t_us / 1000) - 100_000 for frame in frames]


def test_frames_come_on_absolute_deadlines_whatever_reading_costs() -> None:
    sampler, mat, _, _ = made()
    for n in range(200):
        mat.costs_s = 0.001 + (n % 7) * 0.001
        sampler.step()
    assert times_ms(sampler.take()) == [10 * n for n in range(200)]
    assert sampler.late == 0


def test_after_a_stall_missed_deadlines_are_let_go_and_the_grid_goes_on() -> None:
    sampler, mat, _, _ = made()
    sampler.step()
    mat.costs_s = 0.503
    sampler.step()
    mat.costs_s = 0.002
    for _ in range(3):
        sampler.step()
    frames = sampler.take()
    assert times_ms(frames) == [0, 10, 513, 520, 530]
    assert [frame.late for frame in frames] == [False, False, False, False, False]
    mat.costs_s = 0.017
    sampler.step()
    sampler.step()
    assert [frame.late for frame in sampler.take()] == [False, True]
    assert sampler.late == 1


def test_a_source_that_fails_gives_frames_without_readings_and_is_asked_to_recover_twice_a_second() -> None:
    sampler, mat, _, _ = made()
    sampler.step()
    mat.failure = OSError(errno.EIO, "Input/output error")
    for _ in range(250):
        sampler.step()
    mat.failure = None
    sampler.step()
    first, *broken, last = sampler.take()
    assert (first.codes == [10, 20]).all() and (last.codes == [10, 20]).all()
    assert all((frame.codes == MISSING).all() for frame in broken)
    assert sampler.failures >= 250
    assert 4 <= len(mat.recoveries) <= 6


def test_when_nobody_takes_the_frames_the_oldest_are_dropped_and_counted() -> None:
    sampler, _, _, _ = made()
    room = round(ROOM_S * 100)
    for _ in range(room + 50):
        sampler.step()
    assert sampler.dropped == 50
    frames = sampler.take()
    assert len(frames) == room
    assert times_ms(frames)[0] == 500


def test_an_empty_mat_is_read_slowly_and_at_full_rate_at_once_when_something_stirs() -> None:
    sampler, mat, clock, _ = made(occupied=False)
    while clock.now_s < 100 + AWAKE_S + 2:
        sampler.step()
    idle = times_ms(sampler.take())[-10:]
    assert np.diff(idle).tolist() == [100] * 9
    mat.codes = [10 + STIR_CODES + 1, 20]
    arrived_ms = (clock.now_s - 100) * 1000
    for _ in range(20):
        sampler.step()
    fast = times_ms(sampler.take())
    assert fast[1] - arrived_ms <= 200
    assert np.diff(fast).tolist() == [10] * 19


def test_the_noise_of_an_empty_mat_or_a_channel_that_goes_missing_wakes_nobody() -> None:
    sampler, mat, clock, _ = made(occupied=False)
    while clock.now_s < 100 + AWAKE_S + 2:
        sampler.step()
    sampler.take()
    for n in range(40):
        mat.codes = [10 + 30 * (n % 2), MISSING if n % 5 else 20]
        sampler.step()
    assert set(np.diff(times_ms(sampler.take()))) == {100}


@given(st.lists(st.floats(0, 0.7), min_size=1, max_size=60), st.sampled_from([30.0, 100.0, 200.0]))
def test_times_rise_and_stay_on_the_grid_or_right_behind_a_stall(costs_s: list[float], rate_hz: float) -> None:
    sampler, mat, _, _ = made(rate_hz)
    ended_s = []
    for cost_s in costs_s:
        mat.costs_s = cost_s
        sampler.step()
        ended_s.append(mat._clock.now_s)
    t_s = [frame.t_us / 1e6 for frame in sampler.take()]
    assert (np.diff(t_s) > 0).all()
    for before_ended_s, t in zip(ended_s, t_s[1:], strict=False):
        steps = (t - 100.0) * rate_hz
        assert abs(steps - round(steps)) < 1e-3 or t == pytest.approx(before_ended_s, abs=2e-6)
