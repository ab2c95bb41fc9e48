"""Kinds of recordings: ordinary lifts, and one way in which bodies, mats or wires make them hard; `mixed` joins several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from msgspec import structs

from hardware.mat import Mat
from hardware.sim.body import draw_person
from hardware.sim.draft import Draft, cough, fidget, head_turn, hip_shift, loose_wire, on_mat, slide
from hardware.sim.sensors import draw_traits

# The kinds.  Each takes an ordinary draft and makes one thing hard; what it does not touch stays ordinary.


def _clean(draft: Draft) -> None:
    draft.unweightings = 0.0


def _breathy(draft: Draft) -> None:
    rng, person = draft.rng, draft.person
    deep = float(rng.uniform(0.06, 0.2)) / max(float(np.abs(person.breath_share).max()), 1e-6)
    limbs = np.where(np.abs(person.breath_share) < 0.01, rng.uniform(-0.02, 0.02, len(person.rest_n)), 0.0)
    draft.person = replace(
        person,
        breath_share=person.breath_share * deep + limbs,
        breath_period_s=float(rng.uniform(2.2, 8.0)),
        breath_depth_spread=0.3,
        sighs=0.1,
        pauses=0.12,
        heart_share=person.heart_share * 3.0,
    )


def _creepy(draft: Draft) -> None:
    n = len(draft.mat.zone)
    draft.change(creep_per_decade=draft.rng.uniform(0.06, 0.15, n), creep_remains=draft.rng.uniform(0.0, 0.3, n))
    draft.arrives = draft.rng.random() < 0.5


def _noisy(draft: Draft) -> None:
    rng, n = draft.rng, len(draft.mat.zone)
    draft.change(noise_v=np.full(n, rng.uniform(0.8e-3, 2.5e-3)) * rng.uniform(0.7, 1.4, n), mains_v=rng.uniform(0.0, 3e-3, n))
    draft.rate_hz = float(rng.choice([50.0, 100.0, 150.0, 200.0]))
    draft.missing_share = float(rng.choice([0.0, 0.002, 0.01]))


def _jerky(draft: Draft) -> None:
    draft.lift_ranges["irregularity"] = (0.02, 0.07)
    draft.person = replace(draft.person, tremor_share=draft.person.tremor_share * 3.0)


def _full(draft: Draft) -> None:
    draft.what = ("full",)


def _quiet(draft: Draft) -> None:
    draft.quiet = True


def _empty(draft: Draft) -> None:
    """Nobody: a cover that presses, a room that warms, a heater that hums."""
    rng, n = draft.rng, len(draft.mat.zone)
    draft.nobody = True
    draft.change(
        preload_n=rng.uniform(0.0, 3.0, n) * (rng.random(n) < 0.5),
        temperature_share=rng.uniform(0.0, 0.08, n),
        temperature_period_s=float(rng.uniform(100.0, 400.0)),
        noise_v=np.full(n, rng.uniform(0.1e-3, 2e-3)),
        mains_v=rng.uniform(0.0, 3e-3, n),
        creep_per_decade=rng.uniform(0.0, 0.15, n),
    )


def _small4(draft: Draft) -> None:
    on_mat(draft, 4)
    draft.unweightings = 0.5


def _light(draft: Draft) -> None:
    draft.lift_ranges |= {"height": (1.03, 1.15), "prepare_s": (1.0, 6.5)}
    draft.lift["depths"] = (1.0, float(draft.rng.uniform(0.15, 0.5)), float(draft.rng.uniform(0.1, 0.3)))
    draft.person = replace(draft.person, rest_n=draft.person.rest_n * float(draft.rng.uniform(0.5, 0.8)))


def _half(draft: Draft) -> None:
    draft.unweightings = 1.0


def _preload(draft: Draft) -> None:
    remains = draft.rng.uniform(0.1, 0.3, len(draft.mat.zone))
    gamma = draft.traits.gamma
    # The reading left while aloft is (preload / (rest + preload)) ** gamma.
    share = remains ** (1.0 / gamma)
    draft.change(preload_n=draft.person.rest_n * share / (1.0 - share))


def _residual(draft: Draft) -> None:
    draft.lift_ranges["settled"] = (0.82, 1.18)


def _staircase(draft: Draft) -> None:
    draft.lift |= {"melt_shape": "staircase", "plateaus": int(draft.rng.integers(1, 4))}
    draft.lift_ranges["melt_s"] = (3.0, 14.0)


def _bounce(draft: Draft) -> None:
    draft.lift_ranges |= {"landing_share": (0.25, 0.8), "landing_s": (0.06, 0.2)}
    draft.lift["bounces"] = int(draft.rng.integers(1, 3))


def _loosewire(draft: Draft) -> None:
    draft.between += [loose_wire]
    draft.during += [loose_wire]


def _gaps(draft: Draft) -> None:
    draft.gaps_s = tuple(float(g) for g in np.exp(draft.rng.uniform(np.log(0.3), np.log(6.0), int(draft.rng.integers(2, 6)))))
    draft.missing_share = 0.002


def _slow30(draft: Draft) -> None:
    draft.rate_hz = 30.0


def _late(draft: Draft) -> None:
    draft.rate_hz = float(draft.rng.uniform(30.0, 200.0))
    draft.jitter, draft.late_share, draft.missing_share = 0.35, 0.05, 0.003


def _coughing(draft: Draft) -> None:
    draft.between += [cough]
    draft.during += [cough]


def _hips(draft: Draft) -> None:
    draft.between += [hip_shift]
    draft.during += [hip_shift]


def _sliding(draft: Draft) -> None:
    draft.between += [slide]
    draft.during += [slide]


def _early(draft: Draft) -> None:
    draft.arrives = True
    draft.first_rest_s = (3.0, 6.0)
    n = len(draft.mat.zone)
    draft.change(creep_per_decade=draft.rng.uniform(0.03, 0.12, n))


def _turning(draft: Draft) -> None:
    draft.between += [head_turn]
    draft.during += [head_turn]


def _fidgety(draft: Draft) -> None:
    draft.between += [fidget]


def _quick(draft: Draft) -> None:
    """As short as lifts get, one soon after the other."""
    draft.lift_ranges |= {"prepare_s": (0.25, 0.8), "aloft_s": (1.4, 3.0), "melt_s": (0.2, 1.5), "landing_s": (0.1, 0.3)}
    draft.still_s = (1.0, 2.5)
    draft.repetitions += 3


def _long(draft: Draft) -> None:
    """As long as lifts get."""
    draft.lift_ranges |= {"prepare_s": (4.0, 7.0), "aloft_s": (12.0, 19.0), "melt_s": (8.0, 16.0)}
    draft.repetitions = 3


def _at_once(draft: Draft) -> None:
    """The recording begins with somebody lying there, and the first movement follows within two or three seconds."""
    draft.first_rest_s = (2.0, 3.0)
    draft.repetitions = 3


def _odd(draft: Draft) -> None:
    """A mat of somebody else's making: another supply, large resistors, some zones left out, in any order."""
    rng, usual = draft.rng, draft.mat
    kept = [zone for zone in usual.zone if len(usual.zone) < 16 or rng.random() < 0.75 or zone.name.startswith(("elbow", "foot"))]
    pins = rng.permutation(16)
    zones = tuple(
        structs.replace(
            zone, chip=0x48 + int(pin) // 4, pin=int(pin) % 4, resistor_ohms=float(rng.choice([1000.0, 2200.0, 22000.0, 33000.0]))
        )
        for zone, pin in zip((kept[int(i)] for i in rng.permutation(len(kept))), pins, strict=False)
    )
    names = {zone.name for zone in zones}
    limbs = tuple(structs.replace(limb, zones=tuple(zone for zone in limb.zones if zone in names)) for limb in usual.limb)
    facts = structs.replace(usual.mat, supply_volts=float(rng.choice([3.0, 3.3, 4.0])))
    draft.mat = Mat(mat=facts, zone=zones, limb=limbs)
    draft.person, draft.traits = draw_person(rng, draft.mat), draw_traits(rng, draft.mat)


def _mixed(draft: Draft) -> None:
    choices = [kind for kind in ORDINARY_KINDS if kind not in ALONE]
    for kind in draft.rng.choice(choices, int(draft.rng.integers(2, 5)), replace=False):
        ORDINARY_KINDS[str(kind)](draft)


ORDINARY_KINDS: dict[str, Callable[[Draft], None]] = {
    "clean": _clean,
    "breathy": _breathy,
    "creepy": _creepy,
    "noisy": _noisy,
    "jerky": _jerky,
    "full": _full,
    "quiet": _quiet,
    "empty": _empty,
    "small4": _small4,
    "light": _light,
    "half": _half,
    "preload": _preload,
    "residual": _residual,
    "staircase": _staircase,
    "bounce": _bounce,
    "loosewire": _loosewire,
    "gaps": _gaps,
    "slow30": _slow30,
    "late": _late,
    "cough": _coughing,
    "hips": _hips,
    "slide": _sliding,
    "early": _early,
    "headturn": _turning,
    "fidget": _fidgety,
    "mixed": _mixed,
    "quick": _quick,
    "long": _long,
    "atonce": _at_once,
    "odd": _odd,
}
ALONE = {"mixed", "quiet", "empty", "clean", "quick", "long", "atonce", "odd"}
"""Kinds that `mixed` does not join: they say little else, or contradict the others."""
