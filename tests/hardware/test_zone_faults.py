"""Every fault of a zone is raised by what it is the name of, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from scanner_rig import mat_of

from hardware.frame_rows import Grid
from hardware.mat import Mat, MatFacts
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.script import Away, GetUp, LieDown, LiftLimb, Rest, Script
from hardware.sim.sensors import draw_traits
from hardware.zone_faults import ZoneFaultKind, ZoneFaults
from station.bench.false_alarms import alarms

RATE_HZ = 100.0
SUPPLY = 3.3
FROM_S, UNTIL_S = 6.0, 16.0
COLUMN, OTHER = 2, 3
END_RESISTOR_VOLTS = 3.3 * 10_000 / (10_000 + 1_000_000)

Spoil = Callable[[np.ndarray, np.ndarray, np.random.Generator], None]


def mat(end_resistors: bool = True) -> Mat:
    plain = mat_of(8)
    return Mat(mat=MatFacts(name="t", supply_volts=SUPPLY, end_resistors_ohms=1e6 if end_resistors else None), zone=plain.zone)


def lying(rng: np.random.Generator, lifts: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Somebody who breathes, trembles and lifts what lies on z3 twice; z0 and z7 carry nothing.  Times, volts (n, 8)."""
    t_s = np.arange(0.0, UNTIL_S, 1.0 / RATE_HZ)
    level = np.array([0.0, 1.0, 1.6, 2.1, 2.4, 2.75, 2.9, 0.0])
    breath = 1.0 + np.array([0, 4, 2, 3, 6, 5, 1, 0]) * 1e-3 * np.sin(2 * np.pi * 0.25 * t_s)[:, None]
    volts = level * breath
    if lifts:
        up = np.clip(np.minimum((t_s - 7.0) / 1.0, (11.0 - t_s) / 1.5), 0.0, 1.0)
        tremor = 0.06 * up * (1.0 - up) * 4 * np.sin(2 * np.pi * 8.3 * t_s)
        volts[:, OTHER] *= 1.0 - up
        volts[:, OTHER] += tremor
    volts = np.maximum(volts, END_RESISTOR_VOLTS) + rng.normal(0.0, 2e-4, volts.shape)
    return t_s, volts


def raised(of: Mat, t_s: np.ndarray, volts: np.ndarray, block: int = 7) -> list[tuple[str, int, float, bool]]:
    """(kind, column, when, over) of everything that was said."""
    grid, faults, said = Grid(len(of.zone)), ZoneFaults(of), []
    codes = np.rint(volts * 8000)
    for start in range(0, len(t_s), block):
        for row in grid.update(t_s[start : start + block], codes[start : start + block]):
            said += [(change.kind, change.column, row.known_s, change.over) for change in faults.update(row)]
    return said


def missing(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    volts[t_s >= FROM_S, COLUMN] = np.nan


def cut(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    volts[t_s >= FROM_S, COLUMN] = 0.0


def short(at: float) -> Spoil:
    def spoil(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
        after = t_s >= FROM_S
        volts[after, COLUMN] = at + rng.normal(0.0, 2e-4, int(after.sum()))

    return spoil


def stuck(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    volts[t_s >= FROM_S, COLUMN] = 1.6


def flickering(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    for start in (0.0, 0.4, 0.9, 1.3):
        gone = (t_s >= FROM_S + start) & (t_s < FROM_S + start + 0.03)
        volts[gone, COLUMN] = 0.0


def twin(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    after = t_s >= FROM_S - 2.0
    both = volts[after][:, [COLUMN, OTHER]].mean(axis=1)
    for column in (COLUMN, OTHER):
        volts[after, column] = both + rng.normal(0.0, 2e-4, len(both))


def saturated(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    heavy = np.clip((t_s - FROM_S) / 0.8, 0.0, 1.0)
    volts[:, COLUMN] += heavy * (3.23 - 1.6) + heavy * 1e-3 * np.sin(1.6 * t_s)


def noisy(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    after = t_s >= FROM_S
    volts[after, COLUMN] += 0.03 * np.sin(2 * np.pi * 47.3 * t_s[after])


RAISES: dict[str, tuple[ZoneFaultKind, Spoil, float]] = {
    "channel gone": ("missing", missing, 1.0),
    "wire cut under load": ("open", cut, 1.0),
    "short": ("short", short(3.2999), 1.0),
    "short on a supply of 3.25 V": ("short", short(3.25), 4.5),
    "short on a supply of 3.1 V": ("short", short(3.1), 4.5),
    "short on a supply of 3.0 V": ("short", short(3.0), 4.5),
    "frozen reading": ("stuck", stuck, 4.0),
    "loose wire": ("flickering", flickering, 1.0),
    "touching wires": ("twin", twin, 6.0),
    "too heavy": ("saturated", saturated, 7.5),
    "mains pickup": ("noisy", noisy, 3.0),
}


@pytest.mark.parametrize("name", RAISES)
def test_a_fault_is_named_as_what_it_is_and_as_nothing_else(name: str) -> None:
    kind, spoil, within_s = RAISES[name]
    rng = np.random.default_rng(4)
    t_s, volts = lying(rng)
    spoil(t_s, volts, rng)
    said = raised(mat(), t_s, volts)
    columns = {COLUMN, OTHER} if kind == "twin" else {COLUMN}
    assert {(said_kind, column) for said_kind, column, _, _ in said} == {(kind, column) for column in columns}
    first_s = min(when for _, _, when, over in said if not over)
    assert 0.0 <= first_s - FROM_S + (2.0 if kind == "twin" else 0.0) <= within_s


def test_every_kind_has_what_raises_it() -> None:
    assert {kind for kind, _, _ in RAISES.values()} == set(get_args(ZoneFaultKind))


def test_somebody_who_breathes_trembles_and_lifts_is_no_fault() -> None:
    for seed in range(3):
        assert raised(mat(), *lying(np.random.default_rng(seed))) == []


def one_disturbed_frame_a_second(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    volts[50::100] = rng.uniform(0.0, SUPPLY, volts[50::100].shape)


def silent_for_one_frame(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    volts[50::50, COLUMN] = 0.0


def slow_onto_the_supply(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    """A weight that is laid down within a third of a second and then lies as still as a stone."""
    heavy = np.clip((t_s - FROM_S) / 0.3, 0.0, 1.0)
    volts[:, COLUMN] += heavy * (3.05 - volts[:, COLUMN]) + rng.normal(0.0, 1e-4, len(t_s))


def disturbed_near_the_supply(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    """The same weight, and one frame of nothing while it lies there."""
    slow_onto_the_supply(t_s, volts, rng)
    volts[1000, COLUMN] = 0.02


def trembling(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    volts[:, COLUMN] += 0.12 * np.sin(2 * np.pi * 8.3 * t_s)


def alike_for_a_while(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    """The breath on one zone drifts through that of another of the same size."""
    breath = 0.06 * np.sin(2 * np.pi * 0.25 * t_s)
    volts[:, COLUMN] = 1.6 + breath + rng.normal(0.0, 2e-4, len(t_s))
    volts[:, 1] = 1.6 + breath + 6.5e-4 * (t_s - 8.0) + rng.normal(0.0, 2e-4, len(t_s))


def quiet_and_equal(t_s: np.ndarray, volts: np.ndarray, rng: np.random.Generator) -> None:
    volts[:, 0] = volts[:, 7] = 0.4 + rng.normal(0.0, 2e-4, len(t_s))


@pytest.mark.parametrize(
    "spoil",
    [
        one_disturbed_frame_a_second,
        silent_for_one_frame,
        slow_onto_the_supply,
        disturbed_near_the_supply,
        trembling,
        alike_for_a_while,
        quiet_and_equal,
    ],
)
def test_what_only_looks_like_a_fault_is_none(spoil: Spoil) -> None:
    rng = np.random.default_rng(5)
    t_s, volts = lying(rng, lifts=False)
    spoil(t_s, volts, rng)
    assert raised(mat(), t_s, volts) == []


def test_practice_with_hum_drift_and_disturbed_frames_is_no_fault() -> None:
    """A minute and a half of what `backlift bench --only false-alarms` does for hours, with disturbances as many as there."""
    assert alarms(find_mat("full-16")[0], 90.0, seed=3, disturbed_every_s=0.5) == []


PRESSED = {"belly": 0.93, "pelvis_l": 0.955, "pelvis_r": 0.985, "chest_l": 0.993}
"""Shares of the supply at which these zones stand while somebody lies on them."""
SATURATED = {"pelvis_r", "chest_l"}
TWICE = Script(
    (
        (Away(4.0),),
        (LieDown(3.0),),
        (Rest(8.0),),
        (LiftLimb("leg_r", prepare_s=2.0, aloft_s=4.0, melt_s=3.0),),
        (Rest(6.0),),
        (GetUp(2.5),),
        (Away(5.0),),
    ),
    repeats=True,
    variation=0.12,
)


def nearly_saturated(seed: int) -> tuple[Mat, np.ndarray, np.ndarray]:
    """Two rounds of practice on the full mat at 50 Hz, trunk sensors close to the supply, 2 mV of mains hum, a disturbed frame
    every two seconds."""
    of, rng = find_mat("full-16")[0], np.random.default_rng(seed)
    t_us = np.arange(0, 78 * 50) * 20_000
    everywhere = np.repeat(t_us[:, None], len(of.zone), axis=1)
    traits = replace(draw_traits(rng, of), mains_v=np.full(len(of.zone), 0.002))
    usual = SimulatedMat(of, TWICE, seed, traits=traits).volts_at(everywhere[: 16 * 50])[-50:].mean(axis=0)
    factor = np.ones(len(of.zone))
    for name, share in PRESSED.items():
        column = of.zone_names.index(name)
        factor[column] = share / (1 - share) * (SUPPLY - usual[column]) / usual[column]
    volts = SimulatedMat(of, TWICE, seed, traits=replace(traits, k=traits.k * factor)).volts_at(everywhere)
    volts[99::100] = rng.uniform(0.0, SUPPLY, volts[99::100].shape)
    return of, t_us / 1e6, volts


@pytest.mark.parametrize("seed", range(4))
def test_a_sensor_pressed_close_to_the_supply_is_no_short_and_is_called_saturated_where_it_is(seed: int) -> None:
    of, t_s, volts = nearly_saturated(seed)
    said = raised(of, t_s, volts, 500)
    for name in SATURATED:
        mine = [(kind, over) for kind, column, _, over in said if of.zone_names[column] == name]
        # Twice she lies down; it is over when she gets up, not with each breath.
        assert mine == [("saturated", False), ("saturated", True)] * 2, name
    assert {of.zone_names[column] for _, column, _, _ in said} == SATURATED


@pytest.mark.parametrize(("at", "within_s"), [(3.2999, 1.0), (3.2, 4.5), (3.1, 4.5), (3.0, 4.5)])
@pytest.mark.parametrize("name", ["head", "thigh_r"])
def test_a_short_among_sensors_close_to_the_supply_is_seen_all_the_same(name: str, at: float, within_s: float) -> None:
    of, t_s, volts = nearly_saturated(0)
    column = of.zone_names.index(name)
    after = t_s >= 21.01
    volts[:, column] *= at / SUPPLY
    volts[after, column] = at + np.random.default_rng(1).normal(0.0, 2e-4, int(after.sum()))
    volts[99::100] = np.random.default_rng(2).uniform(0.0, SUPPLY, volts[99::100].shape)
    said = [(kind, when, over) for kind, where, when, over in raised(of, t_s, volts, 500) if where == column]
    assert [(kind, over) for kind, _, over in said] == [("short", False)], (
        "it stays when she gets up, and through every disturbed frame"
    )
    assert said[0][1] - 21.01 <= within_s


def test_without_end_resistors_a_silent_zone_may_just_be_empty() -> None:
    t_s, volts = lying(np.random.default_rng(6))
    volts[:, 0] = 0.0
    assert raised(mat(end_resistors=False), t_s, volts) == []
    assert {(kind, column) for kind, column, _, _ in raised(mat(), t_s, volts)} == {("open", 0)}


def test_a_level_near_the_supply_from_the_start_is_a_short_on_an_empty_mat_and_may_be_a_load_on_a_full_one() -> None:
    rng = np.random.default_rng(7)
    t_s, volts = lying(rng)
    volts[:, COLUMN] = 3.1 + rng.normal(0.0, 1e-4, len(t_s))
    assert raised(mat(), t_s, volts) == []
    empty = np.full_like(volts, END_RESISTOR_VOLTS) + rng.normal(0.0, 1e-4, volts.shape)
    empty[:, COLUMN] = volts[:, COLUMN]
    assert {(kind, column) for kind, column, _, _ in raised(mat(), t_s, empty)} == {("short", COLUMN)}


def test_a_fault_that_passes_is_over() -> None:
    t_s, volts = lying(np.random.default_rng(8))
    volts[(t_s >= 4.0) & (t_s < 8.0), COLUMN] = np.nan
    said = raised(mat(), t_s, volts)
    assert [(kind, column, over) for kind, column, _, over in said] == [("missing", COLUMN, False), ("missing", COLUMN, True)]


def test_what_is_said_does_not_depend_on_how_frames_come() -> None:
    rng = np.random.default_rng(9)
    t_s, volts = lying(rng)
    twin(t_s, volts, rng)
    assert raised(mat(), t_s, volts, 1) == raised(mat(), t_s, volts, 333)
