"""Somebody lies down, somebody leaves, and an empty mat stays silent."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from practised import announce, announced, lifts, recording

from hardware.frame_rows import ROW_S
from hardware.frames import FrameBlock
from hardware.mat import Mat
from hardware.mats import find_mat
from station.model import Presence
from station.signal.detector import Detector
from station.signal.history import History
from station.signal.params import Parameters, replace
from station.signal.presence import Occupancy, loaded, shows_life

HOUR_S = 3600.0


def volts_of(mat: Mat, force_n: np.ndarray) -> np.ndarray:
    """What the dividers give for forces, shape (n, zones): the forward formula, written down here once more."""
    k = np.array([zone.k or 4.5e-5 for zone in mat.zone])
    gamma = np.array([zone.gamma or 1.0 for zone in mat.zone])
    ohms = np.array([zone.resistor_ohms for zone in mat.zone])
    conductance = k * force_n**gamma
    return np.round(mat.mat.supply_volts * ohms * conductance / (1.0 + ohms * conductance) * 8000) / 8000


def test_eight_hours_of_an_empty_mat_say_nothing() -> None:
    """Drift, temperature, noise and a cover that presses up to 3 N; read twice a second to keep the test short."""
    mat, _ = find_mat("full-16")
    rng = np.random.default_rng(8)
    t_s = np.arange(0.0, 8 * HOUR_S, 0.5)
    press = rng.uniform(0.0, 2.5, len(mat.zone))
    drift = 1.0 + 0.2 * np.sin(2 * np.pi * t_s[:, None] / (5 * HOUR_S) + rng.uniform(0, 6, len(mat.zone)))
    walk = np.cumsum(rng.normal(0, 0.0005, (len(t_s), len(mat.zone))), axis=0)
    force = np.maximum(press * drift + walk + rng.normal(0, 0.03, drift.shape), 0.0)
    assert announce(mat, t_s, volts_of(mat, force)) == []


def test_the_simulated_empty_mat_says_nothing_at_full_rate() -> None:
    one = recording("empty", 7)
    assert len(one.truth.lifts) == 0
    assert announced("empty", 7) == ()


def test_lying_down_is_an_arrival_then_settling_then_still() -> None:
    kinds = [item.kind for item in announced("early", 7) if isinstance(item, Presence)]
    assert kinds[:3] == ["arriving", "settling", "still"]


@pytest.mark.parametrize("still_s", [1.5, 2.5])
def test_stillness_may_be_asked_for_over_any_time(still_s: float) -> None:
    """Not only over whole fifths of a second, of which it is judged."""
    made = recording("clean", 1)
    detector = Detector(made.mat, parameters=replace(Parameters(), "presence.still_s", still_s))
    early = made.t_s < 20.0
    said = detector.feed(FrameBlock(made.t_s[early], made.volts[early]))
    assert "still" in [item.kind for item in said if isinstance(item, Presence)]


def test_stillness_dates_from_its_beginning() -> None:
    still = next(item for item in announced("early", 7) if isinstance(item, Presence) and item.kind == "still")
    assert still.reported_at_s - still.t_s > 1.5


def test_getting_up_empties_the_mat_and_the_next_person_starts_afresh() -> None:
    one = recording("clean", 7)
    pause_s = 8.0
    away = np.arange(one.t_s[-1] + 0.01, one.t_s[-1] + pause_s, 0.01)
    bare = volts_of(one.mat, np.full((len(away), len(one.mat.zone)), 0.2))
    shift_s = away[-1] + 0.01 - one.t_s[0]
    t_s = np.concatenate([one.t_s, away, one.t_s + shift_s])
    volts = np.concatenate([one.volts, bare, one.volts])
    said = announce(one.mat, t_s, volts)
    presence = [item.kind for item in said if isinstance(item, Presence)]
    assert presence == ["arriving", "settling", "still", "empty", "arriving", "settling", "still"]
    once = len(lifts(announced("clean", 7)))
    assert len(lifts(said)) == 2 * once


def test_a_zone_with_nothing_on_it_has_no_load_relative_to_its_rest() -> None:
    """A millinewton of noise over a millinewton of rest looks like somebody who never lies still."""
    mat, _ = find_mat("small-4")
    rng = np.random.default_rng(4)
    t_s = np.arange(0.0, 16.0, 0.04)
    breath = 1.0 + 0.03 * np.sin(2 * np.pi * 0.25 * t_s)[:, None]
    force = np.where(t_s[:, None] < 4.0, 0.0, np.array([9.0, 12.0, 28.0, 0.0]) * breath)
    detector = Detector(mat)
    shown = []
    for at in range(0, len(t_s), 5):
        volts = volts_of(mat, np.maximum(force[at : at + 5] + rng.normal(0.0, 0.003, (5, 4)), 0.0))
        detector.feed(FrameBlock(t_s[at : at + 5], volts))
        if detector.live.presence == "still":
            shown.append(detector.live.loads.load)
    assert len(shown) > 10
    for load in shown:
        assert load[3] is None
        assert all(one is not None and 0.9 < one < 1.1 for one in load[:3])


def test_memory_is_bounded_over_twelve_hours_on_the_mat() -> None:
    """Somebody lies there for half a day and now and then unweights a foot; two minutes of every hour are read, at 10 Hz."""
    mat, _ = find_mat("full-16")
    rng = np.random.default_rng(12)
    rest = rng.uniform(8.0, 40.0, len(mat.zone))
    pipeline = Detector(mat)
    size = []
    for hour in range(12):
        t_s = hour * HOUR_S + np.arange(0.0, 120.0, 0.1)
        breath = 1.0 + 0.02 * np.sin(2 * np.pi * 0.25 * t_s)[:, None]
        force = rest * breath * (1.0 + rng.normal(0, 0.001, (len(t_s), len(mat.zone))))
        force[600:640, mat.zone_names.index("foot_l")] *= 0.5
        volts = volts_of(mat, force)
        for at in range(0, len(t_s), 200):
            pipeline.feed(FrameBlock(t_s[at : at + 200], volts[at : at + 200]))
        size.append(len(pickle.dumps(pipeline)))
    assert max(size[1:]) < size[0] + 5_000


def breathing(t_s: np.ndarray, rest_n: np.ndarray, seed: int = 1) -> np.ndarray:
    """Newtons of somebody who lies still: breath of 2 % that pauses now and then, and noise."""
    rng = np.random.default_rng(seed)
    pauses = np.repeat(rng.random(len(t_s) // 200 + 1) > 0.1, 200)[: len(t_s)]
    breath = 1.0 + 0.02 * (np.sin(2 * np.pi * 0.25 * t_s) * pauses)[:, None]
    return rest_n * breath * (1.0 + rng.normal(0.0, 0.0005, (len(t_s), len(rest_n))))


def fed(detector: Detector, mat: Mat, t_s: np.ndarray, force_n: np.ndarray) -> list[Presence]:
    said = []
    volts = volts_of(mat, force_n)
    for at in range(0, len(t_s), 50):
        said += detector.feed(FrameBlock(t_s[at : at + 50], volts[at : at + 50]))
    return [item for item in said if isinstance(item, Presence)]


def one_zone() -> Mat:
    whole, _ = find_mat("small-4")
    return Mat(mat=whole.mat, zone=whole.zone[3:], limb=tuple(limb for limb in whole.limb if limb.zones == (whole.zone[3].name,)))


@pytest.mark.parametrize("share", [1.0, 0.35])
@pytest.mark.parametrize("name", ["full-16", "small-4", "one zone"])
def test_a_light_person_is_found_on_sixteen_zones_on_four_and_on_one(name: str, share: float) -> None:
    mat = one_zone() if name == "one zone" else find_mat(name)[0]
    rest_n = share * np.linspace(9.0, 12.0, len(mat.zone))
    t_s = np.arange(0.0, 16.0, 0.05)
    lain = np.clip((t_s - 4.0) / 2.0, 0.0, 1.0)[:, None]
    said = fed(Detector(mat), mat, t_s, lain * breathing(t_s, rest_n))
    assert [item.kind for item in said] == ["arriving", "settling", "still"]
    assert said[0].reported_at_s < 7.0


def test_a_bag_left_on_the_mat_ends_the_visit_at_the_last_movement_and_is_named_and_the_next_person_is_found() -> None:
    mat, _ = find_mat("full-16")
    rest_n, bag_n = np.linspace(9.0, 30.0, 16), np.zeros(16)
    bag_n[7] = 6.6
    t_s = np.arange(0.0, 420.0, 0.125)
    here = np.clip((t_s - 4.0) / 2.0, 0.0, 1.0) * np.clip((62.0 - t_s) / 2.0, 0.0, 1.0) + np.clip((t_s - 380.0) / 2.0, 0.0, 1.0)
    creeps = 1.0 + 0.05 * np.log10(1.0 + np.maximum(t_s - 58.0, 0.0))
    force_n = here[:, None] * breathing(t_s, rest_n) + np.where(t_s[:, None] > 58.0, bag_n * creeps[:, None], 0.0)
    detector = Detector(mat)
    left = t_s < 370.0
    said = fed(detector, mat, t_s[left], force_n[left])
    assert [item.kind for item in said] == ["arriving", "settling", "still", "empty"]
    assert 58.0 < said[-1].t_s < 70.0, "at the last movement, not minutes later"
    assert said[-1].reported_at_s < 62.0 + 200.0
    assert detector.left_on == (mat.zone_names[7],)
    said = fed(detector, mat, t_s[~left], force_n[~left])
    assert [item.kind for item in said] == ["arriving", "settling", "still"]
    assert detector.left_on == ()


def test_a_person_who_lies_still_for_ten_minutes_is_not_taken_for_a_thing() -> None:
    mat, _ = find_mat("small-4")
    t_s = np.arange(0.0, 600.0, 0.15)
    here = np.clip((t_s - 4.0) / 2.0, 0.0, 1.0)[:, None]
    said = fed(Detector(mat), mat, t_s, here * breathing(t_s, np.array([9.0, 10.0, 11.0, 12.0])))
    assert [item.kind for item in said] == ["arriving", "settling", "still"]


def test_where_a_bag_might_be_a_limb_that_stays_only_time_tells() -> None:
    mat, _ = find_mat("small-4")
    t_s = np.arange(0.0, 280.0, 0.15)
    here = np.clip((t_s - 4.0) / 2.0, 0.0, 1.0) * np.clip((62.0 - t_s) / 2.0, 0.0, 1.0)
    bag_n = np.where(t_s[:, None] > 58.0, np.array([0.0, 6.6, 0.0, 0.0]), 0.0)
    rng = np.random.default_rng(3)
    force_n = np.maximum(here[:, None] * breathing(t_s, np.full(4, 11.0)), bag_n) * (1.0 + rng.normal(0.0, 5e-4, (len(t_s), 4)))
    detector = Detector(mat)
    said = fed(detector, mat, t_s, force_n)
    assert said[-1].kind == "empty" and 58.0 < said[-1].t_s < 70.0
    assert 180.0 < said[-1].reported_at_s - said[-1].t_s < 200.0, "nobody holds his breath for so long"
    assert detector.left_on == (mat.zone_names[1],)


@pytest.mark.parametrize(("limbs", "leaves"), [(2, False), (4, True)])
def test_where_all_zones_may_be_limbs_in_the_air_an_empty_mat_is_told_late(limbs: int, leaves: bool) -> None:
    """An arm and a leg are aloft at once, no more: with four limbs' zones empty nobody is there."""
    occupancy = Occupancy(limbs, tuple(frozenset({i}) for i in range(limbs)), History(2 * limbs), Parameters().presence)
    for row in range(1500):
        occupancy.update(row * ROW_S, [30.0 if row < 250 else 0.0] * limbs)
    assert (occupancy.gone_since_s is not None) is leaves


@pytest.mark.parametrize(("zones", "somebody"), [(6, False), (7, True)])
def test_a_load_on_two_fifths_of_the_zones_is_a_person(zones: int, somebody: bool) -> None:
    force_n = np.where(np.arange(16) < zones, 5.0, 0.0)[None, :]
    assert bool(loaded(force_n, np.zeros(16), Parameters().presence)[0]) is somebody


@pytest.mark.parametrize(("ratio", "lives"), [(1.75, False), (2.3, True), (1.0 / 1.75, False), (1.0 / 2.3, True)])
def test_a_load_that_doubles_or_halves_within_two_seconds_is_alive_however_steadily(ratio: float, lives: bool) -> None:
    t_s = np.arange(0.0, 2.0, 0.01)
    force_n = 10.0 * (1.0 + (ratio - 1.0) * t_s / 2.0)[:, None]
    assert shows_life(t_s, force_n, Parameters().presence) is lives
