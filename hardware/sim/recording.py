"""Labelled recordings of simulated practice, in the format the detector is judged by.

    python -m hardware.sim.recording OUTDIR --kind creepy --seed 7 --count 3

writes NAME.csv.gz, NAME.mat.toml and NAME.truth.json.  A kind is one way in which bodies, mats or wires make life hard; `mixed`
joins several.  Persons, mats (16, 8 or 4 zones, calibrated or not), resistors, rates and repetitions are drawn from the seed.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from hardware.errors import BackliftError
from hardware.frames import codes_from_volts, volts_from_codes
from hardware.mat import Limb, Mat, MatFacts, Zone
from hardware.sim.body import Person, SimulatedMat, draw_person
from hardware.sim.script import (
    Act,
    Away,
    Cough,
    FaultName,
    Fidget,
    GetUp,
    LieDown,
    LiftLimb,
    MeltShape,
    Rest,
    Roll,
    Script,
    Shift,
    Slide,
    Step,
    Unweight,
    WireFault,
)
from hardware.sim.sensors import SensorTraits, draw_traits
from hardware.sim.truth import EVENTS, Truth

Array = NDArray[np.float64]
Rng = np.random.Generator
T = TypeVar("T")
Disturbing = Shift | Cough | Fidget | Slide | WireFault
Disturbance = Callable[[Rng, Mat], Disturbing]


class BadKindError(BackliftError, ValueError):
    """No such kind of recording."""


PLACES_CM: dict[str, tuple[float, float]] = {
    "head": (0, 165), "hand_l": (-12, 158), "hand_r": (12, 158), "elbow_l": (-35, 150), "elbow_r": (35, 150),
    "chest_l": (-12, 130), "chest_r": (12, 130), "belly": (0, 108), "pelvis_l": (-11, 92), "pelvis_r": (11, 92),
    "thigh_l": (-11, 68), "thigh_r": (11, 68), "knee_l": (-12, 46), "knee_r": (12, 46), "foot_l": (-13, 6), "foot_r": (13, 6),
}  # fmt: skip
LAYOUTS = {
    16: (tuple(PLACES_CM),),
    8: (
        ("head", "elbow_l", "elbow_r", "belly", "knee_l", "knee_r", "foot_l", "foot_r"),
        ("hand_l", "hand_r", "elbow_l", "elbow_r", "pelvis_l", "pelvis_r", "foot_l", "foot_r"),
    ),
    4: (("elbow_l", "elbow_r", "foot_l", "foot_r"),),
}
LIMB_ZONES = {"arm": ("elbow", "hand", "head"), "leg": ("foot", "knee", "thigh")}
ORDINARY_LIFT = {
    "prepare_s": (0.5, 6.5),
    "aloft_s": (2.0, 14.0),
    "melt_s": (1.0, 12.0),
    "height": (1.25, 3.0),
    "landing_s": (0.15, 1.2),
    "landing_share": (0.04, 0.35),
    "irregularity": (0.002, 0.02),
}
"""Ranges a lift's fields are drawn from, log-uniform, unless a kind says otherwise."""
SHAPES: tuple[MeltShape, ...] = ("exponential", "s_curve", "staircase", "linear")


@dataclass(frozen=True, slots=True)
class Recording:
    """One labelled recording.

    t_s: shape (n,), frame times; volts: shape (n, zones), NaN where missing.  uncertain: (lift index, events not judged);
    optional: lifts not counted either way.
    """

    name: str
    kind: str
    mat: Mat
    rate_hz: float
    t_s: Array
    volts: Array
    truth: Truth
    uncertain: dict[int, tuple[str, ...]] = field(default_factory=dict)
    optional: frozenset[int] = frozenset()


@dataclass(slots=True)
class Draft:
    """What a kind may change before a recording is made.

    lift, lift_ranges: fields of LiftLimb fixed, or drawn from (low, high).  between, during: acts that disturb, chosen at random
    between or inside lifts.  gaps_s: how long frames are missing, somewhere.  jitter: of the frame period, as share of it.
    """

    rng: Rng
    mat: Mat
    person: Person
    traits: SensorTraits
    rate_hz: float
    jitter: float = 0.12
    late_share: float = 0.004
    missing_share: float = 0.0
    gaps_s: tuple[float, ...] = ()
    repetitions: int = 4
    what: tuple[str, ...] = ("arm", "leg", "full")
    unweightings: float = 0.25
    arrives: bool = False
    quiet: bool = False
    nobody: bool = False
    first_rest_s: tuple[float, float] = (8.0, 14.0)
    still_s: tuple[float, float] = (4.0, 10.0)
    lift: dict[str, Any] = field(default_factory=dict)
    lift_ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    between: list[Disturbance] = field(default_factory=list)
    during: list[Disturbance] = field(default_factory=list)

    def change(self, **traits: Array | float) -> None:
        """Other sensors."""
        self.traits = replace(self.traits, **traits)  # type: ignore[arg-type]


def draw_mat(rng: Rng, name: str, zones: int, calibrated: bool) -> Mat:
    """A mat of 16, 8 or 4 zones with the usual places and names."""
    layouts = LAYOUTS[zones]
    names = layouts[int(rng.integers(len(layouts)))]
    resistor = float(rng.choice([3300.0, 4700.0, 6800.0, 10000.0]))
    made = tuple(
        Zone(
            name=zone,
            chip=0x48 + i // 4,
            pin=i % 4,
            x_cm=PLACES_CM[zone][0],
            y_cm=PLACES_CM[zone][1],
            resistor_ohms=resistor if rng.random() < 0.8 else float(rng.choice([3300.0, 4700.0, 6800.0, 10000.0])),
            k=float(f"{5e-5 * np.exp(rng.normal(0.0, 0.25)):.4e}") if calibrated else None,
            gamma=round(float(rng.uniform(0.78, 1.16)), 3) if calibrated else None,
        )
        for i, zone in enumerate(names)
    )
    limbs = []
    for kind, side in (("arm", "left"), ("arm", "right"), ("leg", "left"), ("leg", "right")):
        s = side[0]
        mine = tuple(z for part in LIMB_ZONES[kind] for z in ((part,) if part == "head" else (f"{part}_{s}",)) if z in names)
        limbs.append(Limb(name=f"{kind}_{s}", kind=kind, side=side, zones=mine))  # type: ignore[arg-type]
    return Mat(mat=MatFacts(name=name, supply_volts=3.3), zone=made, limb=tuple(limbs))


def _between(rng: Rng, low: float, high: float) -> float:
    """Log-uniform: durations of people."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def draw_lift(draft: Draft, limb: str) -> LiftLimb:
    """One lift as a person might do it, within what the kind allows."""
    rng = draft.rng
    kind = limb.split("_")[0]
    ranges = ORDINARY_LIFT | draft.lift_ranges
    drawn: dict[str, Any] = {name: _between(rng, *limits) for name, limits in ranges.items() if name != "settled"}
    drawn["settled"] = (
        float(rng.uniform(*ranges["settled"])) if "settled" in ranges else float(np.clip(rng.normal(1.0, 0.015), 0.8, 1.2))
    )
    shapes = {
        "arm": [(1.0, 0.15, 0.1), (1.0, 1.3, 1.3), (1.0, 1.05, 0.9), (1.0, 0.9, 0.6)],
        "leg": [(1.0, 0.8, 0.4), (1.0, 0.9, -0.15), (1.0, 1.2, 0.6), (1.0, 0.5, 0.15)],
    }[kind]
    drawn["depths"] = tuple(d * float(rng.uniform(0.85, 1.15)) for d in shapes[int(rng.integers(len(shapes)))])
    how = rng.random()
    if drawn["prepare_s"] < 0.8 or how < 0.35:
        drawn["engagement"] = ()
    elif how < 0.6:
        drawn["engagement"] = (float(rng.uniform(0.12, 0.55)),)
    elif how < 0.8:
        drawn["engagement"] = (float(rng.uniform(0.08, 0.3)), float(rng.uniform(0.35, 0.7)))
    else:
        drawn["engagement"] = (-float(rng.uniform(0.06, 0.3)), *([float(rng.uniform(0.15, 0.5))] if rng.random() < 0.5 else []))
    drawn["melt_shape"] = SHAPES[int(rng.choice(4, p=[0.35, 0.35, 0.15, 0.15]))]
    drawn["plateaus"] = int(rng.integers(1, 4))
    return LiftLimb(limb, **(drawn | draft.lift))


def _one(rng: Rng, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]


def _hip_shift(rng: Rng, mat: Mat) -> Disturbing:
    much = float(rng.uniform(1.05, 1.35))
    left, right = (much, 2.0 - much) if rng.random() < 0.5 else (2.0 - much, much)
    legs = [(f"{part}_{s}", float(rng.uniform(0.85, 1.15))) for part in ("thigh", "knee", "foot") for s in ("l", "r")]
    moves = [("pelvis_l", left), ("pelvis_r", right), ("belly", float(rng.uniform(0.85, 1.15))), *legs]
    return Shift(tuple(moves), _between(rng, 0.8, 4.0), dip=float(rng.uniform(0.0, 0.25)))


def _head_turn(rng: Rng, mat: Mat) -> Disturbing:
    moves = [
        ("head", float(rng.uniform(0.8, 1.25))),
        ("hand_l", float(rng.uniform(0.75, 1.3))),
        ("hand_r", float(rng.uniform(0.75, 1.3))),
    ]
    moves += [("elbow_l", float(rng.uniform(0.93, 1.07))), ("elbow_r", float(rng.uniform(0.93, 1.07)))]
    return Shift(tuple(moves), _between(rng, 0.8, 4.0), dip=float(rng.uniform(0.1, 0.7)))


def _cough(rng: Rng, mat: Mat) -> Disturbing:
    return Cough(int(rng.integers(1, 5)), float(rng.uniform(0.15, 0.7)))


def _fidget(rng: Rng, mat: Mat) -> Disturbing:
    return Fidget(_one(rng, mat.limb).name, float(rng.uniform(0.2, 0.7)))


def _slide(rng: Rng, mat: Mat) -> Disturbing:
    return Slide(_one(rng, mat.zone_names), float(rng.uniform(0.25, 0.85)), _between(rng, 0.5, 5.0))


def _loose_wire(rng: Rng, mat: Mat) -> Disturbing:
    zone, other = (str(name) for name in rng.choice(mat.zone_names, 2, replace=False))
    fault: FaultName = _one(rng, ("flicker", "flicker", "cut", "cut", "short", "ground", "twin"))
    return WireFault(zone, fault, _between(rng, 0.3, 12.0), twin=other)


def _write_script(draft: Draft) -> Script:
    rng, mat = draft.rng, draft.mat
    steps: list[Step] = []

    def rest(low: float, high: float) -> None:
        steps.append((Rest(float(rng.uniform(low, high))),))

    if draft.nobody:
        return Script(((Away(float(rng.uniform(200.0, 300.0))),),))
    if draft.arrives:
        steps += [(Away(_between(rng, 1.0, 4.0)),), (LieDown(_between(rng, 4.0, 8.0)),)]
    rest(*draft.first_rest_s)
    if draft.quiet:
        for _ in range(int(rng.integers(3, 7))):
            steps.append((_one(rng, (_fidget, _cough, _hip_shift, _head_turn))(rng, mat),))
            rest(8.0, 30.0)
        if rng.random() < 0.4:
            steps.append((Roll(_between(rng, 4.0, 8.0)),))
            rest(10.0, 20.0)
        if rng.random() < 0.5:
            steps += [(GetUp(_between(rng, 3.0, 6.0)),), (Away(20.0),)]
        return Script(tuple(steps))
    for _ in range(draft.repetitions):
        side, other = ("l", "r") if rng.random() < 0.5 else ("r", "l")
        what = _one(rng, draft.what)
        if what == "full":
            late_s = float(rng.uniform(0.2, 2.0))
            leg, arm = draw_lift(draft, f"leg_{other}"), draw_lift(draft, f"arm_{side}")
            aloft_s = max(leg.aloft_s, late_s + 2.5)
            leg = replace(leg, aloft_s=aloft_s)
            arm = replace(arm, delay_s=late_s, prepare_s=min(arm.prepare_s, max(0.5, leg.prepare_s + 0.3 * aloft_s - late_s)))
            lifts = [leg, replace(arm, aloft_s=max(1.8, aloft_s - late_s * float(rng.uniform(0.3, 1.5))))]
        else:
            lifts = [draw_lift(draft, f"{what}_{side}")]
        step: list[Act] = list(lifts)
        if draft.during and rng.random() < 0.7:
            when_s = float(rng.uniform(0.0, lifts[0].prepare_s + lifts[0].aloft_s + 0.5 * lifts[0].melt_s))
            step.append(replace(_one(rng, draft.during)(rng, mat), delay_s=when_s))
        steps.append(tuple(step))
        rest(*draft.still_s)
        if draft.between and rng.random() < 0.75:
            steps.append((_one(rng, draft.between)(rng, mat),))
            rest(3.0, 7.0)
        if rng.random() < draft.unweightings:
            depth = float(rng.uniform(0.2, 0.9))
            steps.append(
                (Unweight(_one(rng, mat.limb).name, depth, _between(rng, 0.5, 4), _between(rng, 0.5, 6), _between(rng, 0.5, 5)),)
            )
            rest(4.0, 9.0)
    return Script(tuple(steps))


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
    _on_mat(draft, 4)
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
    draft.between += [_loose_wire]
    draft.during += [_loose_wire]


def _gaps(draft: Draft) -> None:
    draft.gaps_s = tuple(float(g) for g in np.exp(draft.rng.uniform(np.log(0.3), np.log(6.0), int(draft.rng.integers(2, 6)))))
    draft.missing_share = 0.002


def _slow30(draft: Draft) -> None:
    draft.rate_hz = 30.0


def _late(draft: Draft) -> None:
    draft.rate_hz = float(draft.rng.uniform(30.0, 200.0))
    draft.jitter, draft.late_share, draft.missing_share = 0.35, 0.05, 0.003


def _coughing(draft: Draft) -> None:
    draft.between += [_cough]
    draft.during += [_cough]


def _hips(draft: Draft) -> None:
    draft.between += [_hip_shift]
    draft.during += [_hip_shift]


def _sliding(draft: Draft) -> None:
    draft.between += [_slide]
    draft.during += [_slide]


def _early(draft: Draft) -> None:
    draft.arrives = True
    draft.first_rest_s = (3.0, 6.0)
    n = len(draft.mat.zone)
    draft.change(creep_per_decade=draft.rng.uniform(0.03, 0.12, n))


def _turning(draft: Draft) -> None:
    draft.between += [_head_turn]
    draft.during += [_head_turn]


def _fidgety(draft: Draft) -> None:
    draft.between += [_fidget]


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
    choices = [kind for kind in KINDS if kind not in ALONE]
    for kind in draft.rng.choice(choices, int(draft.rng.integers(2, 5)), replace=False):
        KINDS[str(kind)](draft)


KINDS: dict[str, Callable[[Draft], None]] = {
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


def _on_mat(draft: Draft, zones: int) -> None:
    """Begin again on another mat."""
    calibrated = draft.mat.zone[0].k is not None
    draft.mat = draw_mat(draft.rng, draft.mat.mat.name, zones, calibrated)
    draft.person = draw_person(draft.rng, draft.mat)
    draft.traits = draw_traits(draft.rng, draft.mat)


def make(kind: str, seed: int, name: str | None = None) -> Recording:
    """A labelled recording of one kind; the same every time.  Raises BadKindError for a kind that does not exist."""
    if kind not in KINDS:
        raise BadKindError(f"no such kind of recording: '{kind}'; there are {', '.join(KINDS)}")
    name = name or f"{kind}-{seed:03d}"
    rng = np.random.default_rng([seed, *kind.encode()])
    mat = draw_mat(rng, name, int(rng.choice([16, 8, 4], p=[0.7, 0.15, 0.15])), bool(rng.random() < 0.5))
    draft = Draft(
        rng, mat, draw_person(rng, mat), draw_traits(rng, mat), rate_hz=float(rng.choice([50.0, 80.0, 100.0, 100.0, 125.0])),
        repetitions=int(rng.integers(3, 6)),
    )  # fmt: skip
    KINDS[kind](draft)
    script = _write_script(draft)
    body = SimulatedMat(draft.mat, script, int(rng.integers(2**31)), draft.person, draft.traits)
    ends_s = script.lasts_s + float(rng.uniform(2.0, 5.0))
    t_us = _frame_times(draft, ends_s)
    pins = np.array([zone.pin for zone in draft.mat.zone])
    skew = (pins * 1250 + 600) * (1.0 if draft.rate_hz <= 150 else 0.6)
    volts = volts_from_codes(codes_from_volts(body.volts_at(t_us[:, None] + skew.astype(np.int64)[None, :])))
    volts[rng.random(volts.shape) < draft.missing_share] = np.nan
    kept = np.ones(len(t_us), dtype=bool)
    gaps = []
    for gap_s in draft.gaps_s:
        start = float(rng.uniform(5.0, ends_s - 5.0))
        gaps.append((start, start + gap_s))
        kept &= ~((t_us >= start * 1e6) & (t_us < (start + gap_s) * 1e6))
    recording = Recording(name, kind, draft.mat, draft.rate_hz, t_us[kept] / 1e6, volts[kept], body.truth)
    return _judged(recording, gaps)


def _frame_times(draft: Draft, ends_s: float) -> NDArray[np.int64]:
    """Frame times in whole tenths of milliseconds: jittered around the rate, now and then a late one."""
    rng, period_s = draft.rng, 1.0 / draft.rate_hz
    n = int(ends_s * draft.rate_hz)
    t = np.arange(n) * period_s + rng.uniform(-1.0, 1.0, n) * draft.jitter * period_s
    late = rng.random(n) < draft.late_share
    t[late] += rng.uniform(0.3, 1.0, int(late.sum())) * rng.choice([period_s, 0.03, 0.1], int(late.sum()))
    tenths = np.maximum.accumulate(np.round((t - t[0]) * 1e4).astype(np.int64))
    return np.unique(tenths) * 100


def _judged(recording: Recording, gaps: list[tuple[float, float]]) -> Recording:
    """Say which times cannot be judged: in a gap, or while the lead zone's wire was bad; short or shallow lifts are optional."""
    uncertain: dict[int, tuple[str, ...]] = {}
    optional = set()
    lead = {limb.name: limb.zones[0] for limb in recording.mat.limb}
    for i, lift in enumerate(recording.truth.lifts):
        blind = gaps + [(fault.start, fault.end) for fault in recording.truth.faults if lead[lift.limb] in (fault.zone, fault.twin)]
        hidden = tuple(e for e in EVENTS if any(a - 0.05 <= getattr(lift, e) <= b + 0.05 for a, b in blind))
        if hidden:
            uncertain[i] = hidden
        short = lift.touch_down - lift.lift_off < 1.3 or lift.extent < 0.15
        if short or any(a <= lift.lift_off + 0.1 and b >= lift.touch_down - 0.1 for a, b in blind):
            optional.add(i)
    return replace(recording, uncertain=uncertain, optional=frozenset(optional))


def truth_as_json(recording: Recording) -> str:
    """The text of NAME.truth.json."""
    truth = recording.truth
    lifts = []
    for i, lift in enumerate(truth.lifts):
        entry: dict[str, Any] = {"limb": lift.limb, "kind_of_limb": lift.kind_of_limb}
        entry |= {event: round(getattr(lift, event), 4) for event in EVENTS}
        entry |= {"extent": round(lift.extent, 4), "settled_ratio": round(lift.settled_ratio, 4), "repetition": lift.repetition}
        if i in recording.uncertain:
            entry["uncertain"] = list(recording.uncertain[i])
        if i in recording.optional:
            entry["optional"] = True
        lifts.append(entry)
    whole = {
        "mat": f"{recording.name}.mat.toml",
        "family": recording.kind,
        "duration_s": round(float(recording.t_s[-1]), 3),
        "rate_hz": recording.rate_hz,
        "lifts": lifts,
        "repetitions": [{"kind": r.kind, "limbs": list(r.limbs)} for r in truth.repetitions],
        "unweightings": [
            {"limb": u.limb, "start": round(u.start, 3), "end": round(u.end, 3), "depth": round(u.depth, 4)}
            for u in truth.unweightings
        ],
        "ignore": [[round(a, 3), round(b, 3)] for a, b in truth.ignore],
    }
    return json.dumps(whole, indent=1)


def mat_as_toml(mat: Mat) -> str:
    """The text of a mat file."""
    lines = ["[mat]", f'name = "{mat.mat.name}"', f"supply_volts = {mat.mat.supply_volts}"]
    for zone in mat.zone:
        lines += ["", "[[zone]]", f'name = "{zone.name}"', f"chip = 0x{zone.chip:02x}", f"pin = {zone.pin}"]
        lines += [f"x_cm = {zone.x_cm:g}", f"y_cm = {zone.y_cm:g}", f"resistor_ohms = {zone.resistor_ohms:g}"]
        if zone.k is not None and zone.gamma is not None:
            lines += [f"k = {zone.k:.4e}", f"gamma = {zone.gamma}"]
    for limb in mat.limb:
        zones = ", ".join(f'"{zone}"' for zone in limb.zones)
        lines += ["", "[[limb]]", f'name = "{limb.name}"', f'kind = "{limb.kind}"', f'side = "{limb.side}"', f"zones = [{zones}]"]
    return "\n".join(lines) + "\n"


def write(recording: Recording, directory: Path) -> Path:
    """Write the three files; returns the path of the CSV."""
    directory.mkdir(parents=True, exist_ok=True)
    rows = [",".join(["time_s", *recording.mat.zone_names])]
    for t, row in zip(recording.t_s.tolist(), recording.volts.tolist(), strict=True):
        rows.append(f"{t:.4f}," + ",".join("" if v != v else f"{v:.6f}" for v in row))
    csv = directory / f"{recording.name}.csv.gz"
    csv.write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(), 6, mtime=0))
    (directory / f"{recording.name}.mat.toml").write_text(mat_as_toml(recording.mat), encoding="utf-8")
    (directory / f"{recording.name}.truth.json").write_text(truth_as_json(recording) + "\n", encoding="utf-8")
    return csv


def _make_and_write(directory: Path, kind: str, seed: int) -> Path:
    return write(make(kind, seed), directory)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line, see the head of the module."""
    parser = argparse.ArgumentParser(
        prog="python -m hardware.sim.recording", description="Write labelled recordings of simulated practice."
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument(
        "--kind", choices=[*KINDS, "all"], default="all", help="what is hard about them (default: one of each kind)"
    )
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=1, help="recordings per kind")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    asked = parser.parse_args(arguments)
    kinds = list(KINDS) if asked.kind == "all" else [asked.kind]
    work = [(asked.directory, kind, asked.seed + i) for kind in kinds for i in range(asked.count)]
    if asked.jobs > 1:
        with ProcessPoolExecutor(asked.jobs) as pool:
            for path in pool.map(_make_and_write, *zip(*work, strict=True)):
                print(path)
    else:
        for item in work:
            print(_make_and_write(*item))


if __name__ == "__main__":
    main()
