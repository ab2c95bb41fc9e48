"""Nothing that can be read from a file or a bus makes the detector raise, give nonsense, or go on for ever."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.frames import FrameBlock
from hardware.mat import Limb, Mat, MatFacts, Zone
from hardware.sim.recorder import make
from hardware.sim.truth import EVENTS
from station.model import Announcement, Lift, PhaseEvent
from station.signal.detector import Detector

Rng = np.random.Generator
RATES_HZ = (0.5, 3.0, 8.0, 30.0, 100.0, 860.0)


def mat_of(zones: int, shared: bool = False) -> Mat:
    """A mat somebody might draw: any number of zones, limbs of one zone or many, a zone in two limbs."""
    made = tuple(
        Zone(name=f"z{i}", chip=0x48 + i // 4, pin=i % 4, x_cm=0, y_cm=10.0 * i, resistor_ohms=10_000.0) for i in range(zones)
    )
    names = tuple(zone.name for zone in made)
    limbs = [Limb(name="arm_l", kind="arm", side="left", zones=names[:1])]
    if zones > 1:
        limbs.append(Limb(name="leg_r", kind="leg", side="right", zones=names[1:] + (names[:1] if shared else ())))
    return Mat(mat=MatFacts(name="drawn", supply_volts=3.3), zone=made, limb=tuple(limbs))


def walks(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    steps = rng.normal(0, rng.choice([1e-4, 1e-2, 0.3]), shape)
    return np.abs(np.cumsum(steps, axis=0) + rng.uniform(0, 3.3, shape[1])) % 3.4


def squares(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    """Pressed and free, pressed and free: exact zeros, equal codes."""
    period = rng.integers(2, max(3, shape[0] // 3), shape[1])
    return np.where((np.arange(shape[0])[:, None] // period) % 2, rng.uniform(0.05, 3.29, shape[1]), 0.0)


def constant(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    return np.repeat(rng.choice([0.0, 1.0, 3.3, 6.0, np.nan, -0.001], shape[1])[None, :], shape[0], axis=0)


def one_only(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    volts = np.zeros(shape)
    volts[:, rng.integers(shape[1])] = 1.0 + 0.5 * np.sin(np.arange(shape[0]) / rng.uniform(3, 300))
    return volts


def fading(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    """Every load sinks to nothing, and never quite arrives."""
    return np.exp(-np.arange(shape[0])[:, None] / rng.uniform(5, 500, shape[1])) * rng.uniform(0.1, 3.0, shape[1])


def holes(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    volts = walks(rng, shape)
    volts[rng.random(shape) < rng.choice([0.1, 0.9, 0.999])] = np.nan
    return volts


MAKERS: tuple[Callable[[Rng, tuple[int, int]], np.ndarray], ...] = (walks, squares, constant, one_only, fading, holes)


def announce(mat: Mat, t_s: np.ndarray, volts: np.ndarray, block: int) -> list[Announcement]:
    detector, said = Detector(mat), []
    for start in range(0, len(t_s), block):
        news = detector.feed(FrameBlock(t_s[start : start + block], volts[start : start + block]))
        assert all(item.reported_at_s <= t_s[min(start + block, len(t_s)) - 1] for item in news if not isinstance(item, Lift))
        assert all(load is None or math.isfinite(load) for load in detector.live.loads.load)
        said += news
    return said + detector.finish()


def assert_sane(said: list[Announcement]) -> None:
    for item in said:
        if isinstance(item, PhaseEvent):
            assert math.isfinite(item.t_s) and item.t_s <= item.reported_at_s
            assert item.sd_s is None or (math.isfinite(item.sd_s) and item.sd_s >= 0)
        if isinstance(item, Lift):
            times = [time_s for event in EVENTS if (time_s := getattr(item, event)) is not None]
            assert all(math.isfinite(time_s) for time_s in times) and times == sorted(times)
            assert item.extent is None or 0.0 <= item.extent <= 1.0
            assert all(item.why_null.get(event) for event in EVENTS if getattr(item, event) is None)


@given(
    seed=st.integers(0, 2**31),
    maker=st.sampled_from(MAKERS),
    rate_hz=st.sampled_from(RATES_HZ),
    zones=st.sampled_from([1, 2, 4, 9, 16]),
    block=st.sampled_from([1, 7, 400]),
)
@settings(max_examples=60)
def test_nothing_raises_and_nothing_is_nonsense(
    seed: int, maker: Callable[[Rng, tuple[int, int]], np.ndarray], rate_hz: float, zones: int, block: int
) -> None:
    rng = np.random.default_rng(seed)
    n = int(min(400, 120 * rate_hz))
    t_s = np.cumsum(rng.uniform(0.2, 1.8, n) / rate_hz).round(6) + 1e-6 * np.arange(n)
    assert_sane(announce(mat_of(zones, shared=bool(seed % 2)), t_s, maker(rng, (n, zones)), block))


@given(seed=st.integers(0, 2**31))
@settings(max_examples=12)
def test_a_practice_that_is_spoilt_in_any_way_raises_nothing(seed: int) -> None:
    """A good recording, of which channels swap, freeze, vanish, jump to the rails or come back scaled."""
    rng = np.random.default_rng(seed)
    one = make("small4", 11)
    volts = one.volts[:: int(rng.integers(2, 12))].copy()
    t_s = one.t_s[:: len(one.t_s) // len(volts) or 1][: len(volts)].copy()
    for _ in range(4):
        a, b = sorted(int(x) for x in rng.integers(0, len(t_s), 2))
        zone, other = (int(x) for x in rng.integers(0, volts.shape[1], 2))
        match int(rng.integers(6)):
            case 0:
                volts[a:b, zone] = volts[a, zone]
            case 1:
                volts[a:b, zone] = rng.choice([0.0, 3.3, np.nan])
            case 2:
                volts[a:b, [zone, other]] = volts[a:b, [other, zone]]
            case 3:
                volts[a:b, zone] *= rng.uniform(0.0, 2.0)
            case 4:
                volts[a:b] = np.nan
            case _:
                t_s[b:] += rng.choice([0.5, 30.0, 4000.0])
    assert_sane(announce(one.mat, t_s, volts, int(rng.integers(1, 300))))


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_a_recording_of_hardly_any_frames_says_nothing_wrong(frames: int) -> None:
    said = announce(mat_of(4), np.arange(frames) * 0.01, np.ones((frames, 4)), 10)
    assert not [item for item in said if isinstance(item, Lift | PhaseEvent)]
