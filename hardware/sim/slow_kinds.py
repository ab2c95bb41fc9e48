"""Kinds of recordings: practice as slow as it is meant to be, and what is held or done slowly without being a lift.

Prepares last up to 40 s, a limb stays aloft for up to three minutes, melts take up to 90 s; there is no longest lift.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from msgspec import structs

from hardware.mat import Limb, Mat
from hardware.sim.body import draw_person
from hardware.sim.draft import Draft, draw_lift, draw_mat, log_uniform, on_mat, one_of, uncalibrated
from hardware.sim.script import Act, Cough, LieDown, LiftLimb, Rest, Script, Shift, Step, Unweight
from hardware.sim.sensors import draw_traits

VELOSTAT_CREEP_PER_DECADE = (0.16, 0.30)
"""Piezoresistive film (velostat) and cheap FSRs: 16-30 % within seconds to a decade; Interlink 400 series: 5-15 %."""


def _slow(draft: Draft) -> None:
    draft.repetitions = 3
    draft.unweightings = 0.1
    draft.lift_ranges |= {
        "prepare_s": (5.0, 46.0),
        "aloft_s": (13.0, 110.0),
        "melt_s": (3.0, 76.0),
        "landing_s": (0.3, 4.0),
        "irregularity": (0.002, 0.01),
    }
    draft.still_s = (8.0, 20.0)


def _slow_on_real_sensors(draft: Draft) -> None:
    """Slow, on sensors that creep, linger and give coarse steps, by a body that is tense afterwards."""
    _slow(draft)
    rng, n = draft.rng, len(draft.mat.zone)
    draft.repetitions = 2
    draft.unweightings = 0.5
    draft.lift_ranges["settled"] = (0.85, 1.15)
    draft.change(
        creep_per_decade=rng.uniform(0.06, 0.2, n),
        creep_remains=rng.uniform(0.0, 0.3, n),
        below_break=rng.uniform(0.0, 0.9, n),
        foam_recovery_s=float(rng.uniform(0.1, 0.4)),
    )
    draft.step_v = float(rng.choice([0.0, 0.003, 0.01]))
    draft.rate_hz = float(rng.choice([20.0, 30.0, 50.0]))


def _glacial(draft: Draft) -> None:
    _slow(draft)
    draft.repetitions = 2
    draft.lift_ranges |= {"prepare_s": (12.0, 46.0), "aloft_s": (60.0, 190.0), "melt_s": (20.0, 90.0), "landing_s": (0.5, 8.0)}
    draft.rate_hz = 30.0


def _held(draft: Draft) -> None:
    """Between the lifts a limb is held for long at 13-42 % of its rest, without ever leaving."""
    draft.script = _held_script


def _held_script(draft: Draft) -> Script:
    rng = draft.rng
    steps: list[Step] = [(Rest(float(rng.uniform(8.0, 14.0))),)]
    for _ in range(draft.repetitions + 3):
        limb = one_of(rng, draft.mat.limb).name
        if rng.random() < 0.3:
            steps.append((draw_lift(draft, limb),))
        else:
            fall_s, hold_s, return_s = log_uniform(rng, 0.8, 8.0), log_uniform(rng, 3.0, 40.0), log_uniform(rng, 1.0, 10.0)
            held = Unweight(limb, float(rng.uniform(0.58, 0.87)), fall_s, hold_s, return_s, float(rng.uniform(0.002, 0.015)))
            steps.append((held,))
        steps.append((Rest(float(rng.uniform(6.0, 12.0))),))
    return Script(tuple(steps))


def _robot(draft: Draft) -> None:
    """One limb lowered and raised by a machine, very slowly, on sensors that creep by a third and hardly read less when free."""
    on_mat(draft, 4)
    rng, n = draft.rng, len(draft.mat.zone)
    draft.mat = uncalibrated(draft.mat)
    draft.rate_hz = float(rng.uniform(10.0, 30.0))
    draft.what = (str(rng.choice(["arm", "leg"])),)
    draft.repetitions, draft.unweightings = 5, 0.0
    draft.lift_ranges |= {
        "prepare_s": (1.0, 12.0),
        "aloft_s": (6.0, 60.0),
        "melt_s": (2.0, 20.0),
        "landing_s": (0.2, 2.0),
        "irregularity": (0.0005, 0.002),
    }
    still = np.zeros(n)
    draft.person = replace(draft.person, tremor_share=still, breath_share=still, heart_share=still, sway_share=still)
    share = rng.uniform(0.03, 0.35) ** (1.0 / draft.traits.gamma)
    draft.change(
        creep_per_decade=rng.uniform(*VELOSTAT_CREEP_PER_DECADE, n),
        creep_remains=rng.uniform(0.1, 0.6, n),
        below_break=np.full(n, 1.0),
        preload_n=draft.person.rest_n * share / (1.0 - share),
    )


def _insole(draft: Draft) -> None:
    """Somebody stands on two resistive insoles, three zones each; the weight rests unequally, up to 2 : 1."""
    rng = draft.rng
    trunk = ("belly", "pelvis_l", "pelvis_r")
    base = draw_mat(rng, draft.mat.mat.name, 16, False)
    feet = [f"{part}_{side}" for side in "lr" for part in ("ball", "heel", "toe")]
    places = {"ball": 22.0, "heel": 6.0, "toe": 28.0}
    zones = [zone for zone in base.zone if zone.name in trunk]
    spare = [zone for zone in base.zone if zone.name not in trunk]
    made = [
        structs.replace(zone, name=name, x_cm=-13.0 if name.endswith("_l") else 13.0, y_cm=places[name[:-2]])
        for zone, name in zip(spare, feet, strict=False)
    ]
    limbs = tuple(
        Limb(name=f"leg_{side[0]}", kind="leg", side=side, zones=tuple(z for z in feet if z.endswith(f"_{side[0]}")))
        for side in ("left", "right")
    )
    draft.mat = Mat(mat=base.mat, zone=tuple(made + zones), limb=limbs)
    draft.person, draft.traits = draw_person(rng, draft.mat), draw_traits(rng, draft.mat)
    heavier = float(rng.uniform(1.0, 2.0))
    side_share = np.array([heavier if zone.name.endswith("_l") else 1.0 for zone in draft.mat.zone])
    takes = []
    for limb in draft.mat.limb:
        others = np.array([zone.name in feet and zone.name not in limb.zones for zone in draft.mat.zone], dtype=float)
        takes.append((limb.name, others / others.sum()))
    n = len(draft.mat.zone)
    draft.person = replace(
        draft.person,
        rest_n=draft.person.rest_n * side_share,
        takes=tuple(takes),
        sway_share=rng.uniform(0.01, 0.06, n),
        sway_s=float(rng.uniform(1.0, 8.0)),
    )
    draft.change(creep_per_decade=rng.uniform(0.05, 0.25, n), below_break=rng.uniform(0.0, 1.0, n))
    draft.rate_hz = float(rng.uniform(8.0, 30.0))


def _stepping(draft: Draft) -> None:
    """Standing, shifting the weight slowly from foot to foot to 10-40 % of rest, now and then taking one foot off."""
    _insole(draft)
    draft.script = _stepping_script


def _shod(draft: Draft) -> None:
    """Stepping in shoes: they press on the sensors wherever the feet are, and the sensors creep much and recover slowly."""
    _stepping(draft)
    rng, n = draft.rng, len(draft.mat.zone)
    share = rng.uniform(0.05, 0.3, n) ** (1.0 / draft.traits.gamma)
    draft.change(
        creep_per_decade=rng.uniform(0.1, 0.3, n),
        creep_remains=rng.uniform(0.2, 0.6, n),
        preload_n=draft.person.rest_n * share / (1.0 - share),
    )


def _astray(draft: Draft) -> None:
    """Limbs come down beside their marks, with half to three quarters of their load on the sensors."""
    draft.lift_ranges |= {"settled": (0.5, 0.75), "melt_s": (1.0, 4.0)}
    draft.still_s = (20.0, 40.0)
    draft.repetitions = 2


def _stepping_script(draft: Draft) -> Script:
    rng = draft.rng
    steps: list[Step] = [(Rest(float(rng.uniform(6.0, 12.0))),)]
    for turn in range(10):
        limb = draft.mat.limb[int(rng.integers(2))].name
        if turn % 3 == 2:
            step: Act = LiftLimb(
                limb,
                depths=(1.0, float(rng.uniform(1.02, 1.3)), float(rng.uniform(1.02, 1.3))),
                prepare_s=log_uniform(rng, 0.8, 6.0),
                aloft_s=log_uniform(rng, 2.0, 12.0),
                melt_s=log_uniform(rng, 0.8, 6.0),
                irregularity=0.005,
            )
        else:
            timing = {
                "down_s": log_uniform(rng, 0.6, 5.0),
                "hold_s": log_uniform(rng, 0.3, 12.0),
                "up_s": log_uniform(rng, 0.6, 5.0),
            }
            step = Unweight(limb, float(rng.uniform(0.55, 0.88)), **timing)
        steps += [(step,), (Rest(log_uniform(rng, 1.0, 8.0)),)]
    return Script(tuple(steps))


def _standing(draft: Draft) -> None:
    """Minutes of standing: the weight wanders, both feet stay.  Any lift is false."""
    _insole(draft)
    rng = draft.rng
    n = len(draft.mat.zone)
    draft.person = replace(draft.person, sway_share=rng.uniform(0.03, 0.12, n), sway_s=float(rng.uniform(0.8, 6.0)))
    draft.script = _standing_script


def _standing_script(draft: Draft) -> Script:
    rng = draft.rng
    steps: list[Step] = [(Rest(10.0),)]
    for _ in range(8):
        left = float(rng.uniform(0.6, 1.4))
        moves = tuple(
            (zone, left if zone.endswith("_l") else 2.0 - left) for zone in draft.mat.zone_names if zone[-2:] in ("_l", "_r")
        )
        steps += [
            (Shift(moves, log_uniform(rng, 0.8, 12.0), dip=float(rng.uniform(0.0, 0.3))),),
            (Rest(log_uniform(rng, 4.0, 40.0)),),
        ]
    return Script(tuple(steps))


def _lying(draft: Draft) -> None:
    """Minutes of lying still: silent, speaking, humming, on sensors that creep.  Any lift is false."""
    rng, n = draft.rng, len(draft.mat.zone)
    person = draft.person
    draft.person = replace(
        person,
        breath_share=person.breath_share * float(rng.uniform(1.0, 4.0)),
        sway_share=rng.uniform(0.002, 0.03, n),
        heart_share=person.heart_share * 3.0,
        rest_n=person.rest_n * np.exp(rng.normal(0.0, 0.6, n)),
    )
    draft.change(creep_per_decade=rng.uniform(0.05, 0.3, n), temperature_share=rng.uniform(0.0, 0.1, n))
    draft.script = _lying_script


def _lying_script(draft: Draft) -> Script:
    rng = draft.rng
    steps: list[Step] = [(LieDown(log_uniform(rng, 3.0, 10.0)),)]
    for _ in range(4):
        steps.append((Rest(log_uniform(rng, 20.0, 90.0)),))
        steps.append((Cough(int(rng.integers(2, 20)), float(rng.uniform(0.02, 0.12))),))
    return Script((*steps, (Rest(30.0),)))


SLOW_KINDS: dict[str, Callable[[Draft], None]] = {
    "slow": _slow,
    "slowreal": _slow_on_real_sensors,
    "glacial": _glacial,
    "held": _held,
    "robot": _robot,
    "stepping": _stepping,
    "shod": _shod,
    "astray": _astray,
    "standing": _standing,
    "lying": _lying,
}
