"""What a labelled recording is drawn from: a mat, a body, its sensors, and the script of what the body does.

A `Draft` starts ordinary; a kind (`hardware.sim.kinds`, `hardware.sim.slow_kinds`, `hardware.sim.sensor_kinds`) changes what it is
about and leaves the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from hardware.mat import Limb, Mat, MatFacts, Zone
from hardware.sim.body import Person, draw_person
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

Array = NDArray[np.float64]
Rng = np.random.Generator
T = TypeVar("T")
Disturbing = Shift | Cough | Fidget | Slide | WireFault
Disturbance = Callable[[Rng, Mat], Disturbing]

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


@dataclass(slots=True)
class Draft:
    """What a kind may change before a recording is made.

    lift, lift_ranges: fields of LiftLimb fixed, or drawn from (low, high).  between, during: acts that disturb, chosen at random
    between or inside lifts.  gaps_s: how long frames are missing, somewhere.  jitter: of the frame period, as share of it.
    step_v: steps in which an amplifier or a coarse converter gives its volts, 0 = those of the ADS1115.
    file_mat: what the mat file says where that is not what is wired (an unknown resistor); None = it tells the truth.
    script: writes what the body does, where it is not a row of repetitions.
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
    step_v: float = 0.0
    file_mat: Mat | None = None
    script: Callable[[Draft], Script] | None = None
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


def uncalibrated(mat: Mat) -> Mat:
    """The same mat without a bench calibration."""
    return structs.replace(mat, zone=tuple(structs.replace(zone, k=None, gamma=None) for zone in mat.zone))


def on_mat(draft: Draft, zones: int) -> None:
    """Begin again on another mat."""
    calibrated = draft.mat.zone[0].k is not None
    draft.mat = draw_mat(draft.rng, draft.mat.mat.name, zones, calibrated)
    draft.person = draw_person(draft.rng, draft.mat)
    draft.traits = draw_traits(draft.rng, draft.mat)


def log_uniform(rng: Rng, low: float, high: float) -> float:
    """Log-uniform: durations of people."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def draw_lift(draft: Draft, limb: str) -> LiftLimb:
    """One lift as a person might do it, within what the kind allows."""
    rng = draft.rng
    kind = limb.split("_")[0]
    ranges = ORDINARY_LIFT | draft.lift_ranges
    drawn: dict[str, Any] = {name: log_uniform(rng, *limits) for name, limits in ranges.items() if name != "settled"}
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


def one_of(rng: Rng, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]


def hip_shift(rng: Rng, mat: Mat) -> Disturbing:
    much = float(rng.uniform(1.05, 1.35))
    left, right = (much, 2.0 - much) if rng.random() < 0.5 else (2.0 - much, much)
    legs = [(f"{part}_{s}", float(rng.uniform(0.85, 1.15))) for part in ("thigh", "knee", "foot") for s in ("l", "r")]
    moves = [("pelvis_l", left), ("pelvis_r", right), ("belly", float(rng.uniform(0.85, 1.15))), *legs]
    return Shift(tuple(moves), log_uniform(rng, 0.8, 4.0), dip=float(rng.uniform(0.0, 0.25)))


def head_turn(rng: Rng, mat: Mat) -> Disturbing:
    moves = [
        ("head", float(rng.uniform(0.8, 1.25))),
        ("hand_l", float(rng.uniform(0.75, 1.3))),
        ("hand_r", float(rng.uniform(0.75, 1.3))),
    ]
    moves += [("elbow_l", float(rng.uniform(0.93, 1.07))), ("elbow_r", float(rng.uniform(0.93, 1.07)))]
    return Shift(tuple(moves), log_uniform(rng, 0.8, 4.0), dip=float(rng.uniform(0.1, 0.7)))


def cough(rng: Rng, mat: Mat) -> Disturbing:
    return Cough(int(rng.integers(1, 5)), float(rng.uniform(0.15, 0.7)))


def fidget(rng: Rng, mat: Mat) -> Disturbing:
    return Fidget(one_of(rng, mat.limb).name, float(rng.uniform(0.2, 0.7)))


def slide(rng: Rng, mat: Mat) -> Disturbing:
    return Slide(one_of(rng, mat.zone_names), float(rng.uniform(0.25, 0.85)), log_uniform(rng, 0.5, 5.0))


def loose_wire(rng: Rng, mat: Mat) -> Disturbing:
    zone, other = (str(name) for name in rng.choice(mat.zone_names, 2, replace=False))
    fault: FaultName = one_of(rng, ("flicker", "flicker", "cut", "cut", "short", "ground", "twin"))
    return WireFault(zone, fault, log_uniform(rng, 0.3, 12.0), twin=other)


def write_script(draft: Draft) -> Script:
    rng, mat = draft.rng, draft.mat
    steps: list[Step] = []

    def rest(low: float, high: float) -> None:
        steps.append((Rest(float(rng.uniform(low, high))),))

    if draft.nobody:
        return Script(((Away(float(rng.uniform(200.0, 300.0))),),))
    if draft.arrives:
        steps += [(Away(log_uniform(rng, 1.0, 4.0)),), (LieDown(log_uniform(rng, 4.0, 8.0)),)]
    rest(*draft.first_rest_s)
    if draft.quiet:
        for _ in range(int(rng.integers(3, 7))):
            steps.append((one_of(rng, (fidget, cough, hip_shift, head_turn))(rng, mat),))
            rest(8.0, 30.0)
        if rng.random() < 0.4:
            steps.append((Roll(log_uniform(rng, 4.0, 8.0)),))
            rest(10.0, 20.0)
        if rng.random() < 0.5:
            steps += [(GetUp(log_uniform(rng, 3.0, 6.0)),), (Away(20.0),)]
        return Script(tuple(steps))
    for _ in range(draft.repetitions):
        side, other = ("l", "r") if rng.random() < 0.5 else ("r", "l")
        what = one_of(rng, draft.what)
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
            step.append(replace(one_of(rng, draft.during)(rng, mat), delay_s=when_s))
        steps.append(tuple(step))
        rest(*draft.still_s)
        if draft.between and rng.random() < 0.75:
            steps.append((one_of(rng, draft.between)(rng, mat),))
            rest(3.0, 7.0)
        if rng.random() < draft.unweightings:
            depth = float(rng.uniform(0.2, 0.9))
            steps.append(
                (
                    Unweight(
                        one_of(rng, mat.limb).name,
                        depth,
                        log_uniform(rng, 0.5, 4),
                        log_uniform(rng, 0.5, 6),
                        log_uniform(rng, 0.5, 5),
                    ),
                )
            )
            rest(4.0, 9.0)
    return Script(tuple(steps))
