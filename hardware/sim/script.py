"""What the simulated person does, as data: acts in order, the same for the demo, the tests and labelled recordings.

A `Script` is a row of steps.  A step is one act, or several that overlap (an arm and the opposite leg), each with its own delay.
Steps follow one another; between them the person lies still (`Rest`) or is away (`Away`).  Nothing here knows a force: the body
(`hardware.sim.body`) turns acts into newtons.

>>> script = practice_script()
>>> script.repeats, type(script.steps[0][0]).__name__
(True, 'Away')
>>> script.faster(2.0).steps[0][0].duration_s == script.steps[0][0].duration_s / 2
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

MeltShape = Literal["exponential", "s_curve", "staircase", "linear"]
FaultName = Literal["cut", "short", "ground", "flicker", "twin"]


@dataclass(frozen=True, slots=True)
class Away:
    """Nobody is on the mat."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class LieDown:
    """From an empty mat to lying prone: knees first, then hands, belly, chest, head, with some shuffling."""

    duration_s: float = 6.0


@dataclass(frozen=True, slots=True)
class GetUp:
    """From lying prone to an empty mat."""

    duration_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Roll:
    """Rolling over to a side and back: everything moves, nothing of it is a lift."""

    duration_s: float = 6.0


@dataclass(frozen=True, slots=True)
class Rest:
    """Lying still."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class LiftLimb:
    """One limb leaves the mat and comes back.

    limb: its name in the mat file; a limb the mat does not have is skipped.
    prepare_s: from the first change of load until the lead zone leaves, roughly (truth is computed from the force).
    engagement: levels of effort held on the way, 1 = the lead zone leaves, negative = pressing down first; () = one smooth rise.
    aloft_s: roughly, from lift-off to touch-down.
    depths: share of its load each zone of the limb gives up at the peak, distal first; above 1 = it leaves before the peak,
        negative = it is loaded more.  The lead zone always leaves.  Shorter than the limb: the last is repeated.
    height: peak of the effort, 1 = just leaving.
    landing_share: share of the lead zone's load that arrives at once; landing_s: time of that arrival (0.1 = a drop).
    bounces: how often the lead zone leaves again, each under 0.3 s.
    melt_s, melt_shape, plateaus: the release; a staircase holds `plateaus` levels.
    settled: load of the limb afterwards, 1 = as before (residual tension moves it).
    irregularity: unevenness of the muscle, as share of the resting load.
    delay_s: later than the step's start, for acts that overlap.
    """

    limb: str
    prepare_s: float = 2.5
    engagement: tuple[float, ...] = ()
    aloft_s: float = 6.0
    depths: tuple[float, ...] = (1.0, 1.3, 1.3)
    height: float = 1.8
    landing_share: float = 0.1
    landing_s: float = 0.8
    bounces: int = 0
    melt_s: float = 4.0
    melt_shape: MeltShape = "s_curve"
    plateaus: int = 2
    settled: float = 1.0
    irregularity: float = 0.01
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Unweight:
    """The limb's load falls by `depth` (0..1) and returns; its lead zone keeps contact."""

    limb: str
    depth: float = 0.5
    down_s: float = 2.0
    hold_s: float = 3.0
    up_s: float = 3.0
    irregularity: float = 0.01
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Fidget:
    """The limb leaves for less than 1.2 s: not a lift."""

    limb: str
    aloft_s: float = 0.6
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cough:
    """A few bursts through the whole trunk.  strength: peak change at the chest as share of its load."""

    bursts: int = 2
    strength: float = 0.4
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """Load moves for good between zones: the hips shift, the head turns.

    moves: (zone name or its beginning, new load / old load), e.g. (("pelvis_l", 1.2), ("pelvis_r", 0.8)).
    dip: share by which those zones lighten on the way; those that change less than 15 % lighten less.
    """

    moves: tuple[tuple[str, float], ...]
    duration_s: float = 2.0
    dip: float = 0.0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Slide:
    """The body slides partly off a sensor: the mat carries the same force, the sensor sees `coverage` (0..1) of it from then on."""

    zone: str
    coverage: float = 0.6
    duration_s: float = 2.0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    """The body moves over the mat and stays there: in a second or two, or so slowly that nobody notices (a session's sliding).

    zone: only the part that lies on it; None: all of the body.  dx_cm: to the right; dy_cm: headwards.
    """

    dx_cm: float
    dy_cm: float
    zone: str | None = None
    duration_s: float = 1.5
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class WireFault:
    """A wire fails for a while, or `for_good`.  twin: the other zone's name when two channels touch."""

    zone: str
    fault: FaultName = "flicker"
    duration_s: float = 5.0
    twin: str | None = None
    delay_s: float = 0.0
    for_good: bool = False


Act = Away | LieDown | GetUp | Roll | Rest | LiftLimb | Unweight | Fidget | Cough | Shift | Slide | Move | WireFault
Step = tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Steps in order.

    repeats: begin again after the last step, for ever.
    variation: how much durations differ from what is written (standard deviation of their logarithm), anew each lap.
    """

    steps: Sequence[Step]
    repeats: bool = False
    variation: float = 0.0

    @property
    def lasts_s(self) -> float:
        """About how long one lap takes."""
        return sum(max(duration_s(act) for act in step) for step in self.steps)

    def faster(self, factor: float) -> Script:
        """The same practice in 1/factor of the time (for a demo; people do not move like this)."""
        return replace(self, steps=tuple(tuple(_stretched(act, 1.0 / factor) for act in step) for step in self.steps))


def _stretched(act: Act, by: float) -> Act:
    return replace(act, **{f.name: getattr(act, f.name) * by for f in fields(act) if f.name.endswith("_s")})


def varied(act: Act, variation: float, rng: np.random.Generator) -> Act:
    """The act with its durations drawn anew around what is written."""
    if variation == 0.0:
        return act
    drawn = {
        f.name: getattr(act, f.name) * float(np.exp(np.clip(rng.normal(0.0, variation), -2 * variation, 2 * variation)))
        for f in fields(act)
        if f.name.endswith("_s")
    }
    return replace(act, **drawn)


def duration_s(act: Act) -> float:
    """Seconds from the step's start until the act's last effect is over."""
    match act:
        case LiftLimb():
            return act.delay_s + act.prepare_s + act.aloft_s + act.landing_s + 0.3 * act.bounces + act.melt_s
        case Unweight():
            return act.delay_s + act.down_s + act.hold_s + act.up_s
        case Fidget():
            return act.delay_s + act.aloft_s + 1.2
        case Cough():
            return act.delay_s + 0.45 * act.bursts + 0.6
        case WireFault(for_good=True):
            return act.delay_s
        case Shift() | Slide() | Move() | WireFault():
            return act.delay_s + act.duration_s
        case _:
            return act.duration_s


def practice_script() -> Script:
    """What `backlift run --simulate` shows: lie down, arm, leg and full micromovements with rests, get up, come back, for ever."""
    elbow, all_up, leg = (1.0, 0.15, 0.1), (1.0, 1.3, 1.3), (1.0, 0.8, 0.4)

    def arm(side: str, **how: object) -> LiftLimb:
        return replace(LiftLimb(f"arm_{side}", depths=all_up), **how)  # type: ignore[arg-type]

    def leg_lift(side: str, **how: object) -> LiftLimb:
        return replace(LiftLimb(f"leg_{side}", depths=leg), **how)  # type: ignore[arg-type]

    return Script(
        steps=(
            (Away(4.0),),
            (LieDown(6.0),),
            (Rest(16.0),),
            (arm("r", depths=elbow, engagement=(0.25,), prepare_s=4.0, aloft_s=4.0, melt_s=8.0, melt_shape="s_curve"),),
            (Rest(8.0),),
            (arm("r", engagement=(0.2, 0.5), prepare_s=4.5, aloft_s=6.0, melt_s=10.0, melt_shape="staircase", plateaus=2),),
            (Rest(9.0),),
            (leg_lift("l", engagement=(0.3,), prepare_s=4.0, aloft_s=5.0, melt_s=8.0, melt_shape="exponential"),),
            (Rest(8.0),),
            (Unweight("leg_l", depth=0.5, down_s=2.5, hold_s=2.0, up_s=4.0),),
            (Rest(7.0),),
            (
                leg_lift("l", engagement=(-0.15, 0.3), prepare_s=4.0, aloft_s=8.0, melt_s=10.0, melt_shape="s_curve"),
                arm("r", engagement=(0.3,), prepare_s=4.0, aloft_s=6.5, melt_s=10.0, melt_shape="exponential", delay_s=0.9),
            ),
            (Rest(10.0),),
            (Shift((("head", 1.08), ("hand_r", 0.9), ("hand_l", 1.08)), duration_s=3.0, dip=0.5),),
            (Rest(12.0),),
            (arm("l", engagement=(0.3,), prepare_s=4.0, aloft_s=5.0, melt_s=9.0, melt_shape="linear", settled=0.94),),
            (Rest(9.0),),
            (leg_lift("r", prepare_s=3.0, aloft_s=5.0, melt_s=7.0, melt_shape="staircase", plateaus=1),),
            (Rest(9.0),),
            (
                leg_lift("r", engagement=(0.35,), prepare_s=4.0, aloft_s=7.0, melt_s=11.0, settled=1.04),
                arm("l", engagement=(0.2,), prepare_s=4.0, aloft_s=6.0, melt_s=12.0, melt_shape="exponential", delay_s=1.2),
            ),
            (Rest(14.0),),
            (GetUp(4.0),),
            (Away(18.0),),
        ),
        repeats=True,
        variation=0.12,
    )
