"""How a body moves: acts become smooth changes of the force on each zone.

A movement is a *gain* per zone over time: 1 = the load at rest, 0 = off the mat, above 1 = pressed.  Paths between held levels
are minimum-jerk (Flash and Hogan 1985: the fifth-degree polynomial with zero speed and acceleration at both ends), the shape of an
unhurried voluntary movement; the unevenness of slow muscle work is a sum of sines of 0.3-3 Hz on top, quietest at contact.

A lift is told by one number, the effort x: 0 = rest, 1 = the lead zone has just left, `height` = the peak, negative = pressing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Limb, Mat
from hardware.sim.script import Act, Away, Fidget, GetUp, LieDown, LiftLimb, Roll, Shift, Unweight, duration_s

Array = NDArray[np.float64]


def minimum_jerk(u: Array) -> Array:
    """From 0 to 1 while u goes from 0 to 1, flat outside."""
    u = np.clip(u, 0.0, 1.0)
    level: Array = u * u * u * (10.0 + u * (6.0 * u - 15.0))
    return level


def _crossing(level: float) -> float:
    """The u at which minimum_jerk(u) is `level`."""
    u = np.linspace(0.0, 1.0, 501)
    return float(np.interp(level, minimum_jerk(u), u))


class Path:
    """Levels at times, joined by minimum-jerk moves; constant before the first and after the last."""

    def __init__(self, knots: Sequence[tuple[float, float]]) -> None:
        self._t = np.array([t for t, _ in knots])
        self._x = np.array([x for _, x in knots])

    def __call__(self, t: Array) -> Array:
        i = np.clip(np.searchsorted(self._t, t, side="right") - 1, 0, len(self._t) - 2)
        span = np.maximum(self._t[i + 1] - self._t[i], 1e-9)
        level: Array = self._x[i] + (self._x[i + 1] - self._x[i]) * minimum_jerk((t - self._t[i]) / span)
        return level


class Ripple:
    """Smooth unevenness of about unit size: a sum of sines with frequencies from a band."""

    def __init__(self, rng: np.random.Generator, low_hz: float = 0.3, high_hz: float = 3.0, sines: int = 7) -> None:
        self._omega = 2.0 * np.pi * np.exp(rng.uniform(np.log(low_hz), np.log(high_hz), sines))
        self._phase = rng.uniform(0.0, 2.0 * np.pi, sines)
        weight = self._omega**-0.5
        self._weight = weight / np.sqrt(0.5 * np.sum(weight**2))

    def __call__(self, t: Array) -> Array:
        uneven: Array = np.sin(t[:, None] * self._omega + self._phase) @ self._weight
        return uneven


@dataclass(frozen=True, slots=True)
class LiftPlan:
    """The knots of a lift's effort, before unevenness: rise and hold, then `landed_s`, then the melt."""

    path: Path
    peak_s: float
    end_s: float
    bumps: tuple[tuple[float, float, float], ...]

    def effort(self, t: Array) -> Array:
        """x over time, bounces included."""
        x = self.path(t)
        for start, width, height in self.bumps:
            u = (t - start) / width
            x = x + np.where((u > 0) & (u < 1), height * np.sin(np.pi * np.clip(u, 0, 1)) ** 2, 0.0)
        return x


def plan_lift(act: LiftLimb, rng: np.random.Generator) -> LiftPlan:
    """Lay the knots of a lift's effort; times are relative to the step's start."""
    t = act.delay_s
    knots = [(t, 0.0)]
    levels = act.engagement
    segments = len(levels) + 1
    for level in levels:
        share = act.prepare_s / segments * rng.uniform(0.8, 1.1)
        move = share * rng.uniform(0.25, 0.6)
        knots += [(t + move, level), (t + share, level)]
        t += share
    last = knots[-1][1]
    lift_off = act.delay_s + act.prepare_s
    crossing = _crossing((1.0 - last) / (act.height - last))
    rise_s = max(lift_off - t, 0.15) / crossing
    rise_s = min(rise_s, (lift_off - t) + 0.45 * act.aloft_s) if lift_off > t else rise_s
    top = t + max(rise_s, 0.2)
    touch = lift_off + act.aloft_s
    landed = 1.0 - act.landing_share
    crossing = _crossing((act.height - 1.0) / (act.height - landed))
    fall_s = min(act.landing_s / max(1.0 - crossing, 1e-3), (touch - top) / max(crossing, 1e-3))
    fall_s = max(fall_s, 0.12)
    begin = max(touch - crossing * fall_s, top)
    end = begin + fall_s
    knots += [(top, act.height), (begin, act.height), (end, landed)]
    peak_s = 0.5 * (top + begin)
    bumps = []
    at = end - 0.02
    for i in range(act.bounces):
        width = rng.uniform(0.14, 0.24)
        bumps.append((at, width, (act.landing_share + rng.uniform(0.1, 0.35)) / (1.0 + 0.7 * i)))
        at += width + rng.uniform(0.03, 0.12)
    if act.bounces:
        knots.append((at, landed))
        end = at
    knots += [(end + s * act.melt_s, landed * (1.0 - done)) for s, done in _melt(act, rng)]
    return LiftPlan(Path(knots), peak_s, end + act.melt_s, tuple(bumps))


def _melt(act: LiftLimb, rng: np.random.Generator) -> list[tuple[float, float]]:
    """(share of the melt's time, share released) of a release; dense points where the shape is not minimum-jerk."""
    if act.melt_shape == "s_curve":
        return [(1.0, 1.0)]
    if act.melt_shape == "staircase":
        n = max(act.plateaus, 1)
        levels = np.cumsum(rng.uniform(0.5, 1.5, n + 1))
        levels /= levels[-1]
        ends = np.cumsum(rng.uniform(0.6, 1.4, n + 1))
        ends /= ends[-1]
        out, start = [], 0.0
        for level, end in zip(levels, ends, strict=True):
            out.append((start + (end - start) * rng.uniform(0.2, 0.55), float(level)))
            out.append((float(end), float(level)))
            start = float(end)
        return out
    s = np.linspace(0.0, 1.0, 41)[1:]
    if act.melt_shape == "linear":
        done = 0.85 * s + 0.15 * minimum_jerk(s)
    else:
        steep = rng.uniform(3.0, 5.0)
        done = (1.0 - np.exp(-steep * s)) / (1.0 - np.exp(-steep))
    return [(float(a), float(b)) for a, b in zip(s, done, strict=True)]


class Movement:
    """One act placed in a step.  Subclasses say what it does to the zones; this one does nothing.

    t is seconds since the step's start, shape (n,); `gains` and `effort` return (n, zones).
    """

    present = True
    """Whether the gains are about being on the mat at all and end with the step."""

    def gains(self, t: Array) -> Array | float:
        return 1.0

    def effort(self, t: Array) -> Array | float:
        """How hard the muscles over each zone work, 0..1: it makes tremor."""
        return 0.0


class LimbMovement(Movement):
    """A limb's effort x becomes gains of its zones: what lifts, unweightings and fidgets share.

    depths: as in LiftLimb; early: share of a following zone's change that happens by x = 1.
    """

    present = False

    def __init__(self, mat: Mat, limb: Limb, depths: Sequence[float], height: float, rng: np.random.Generator) -> None:
        self.columns = list(mat.columns(limb))
        self._zones = len(mat.zone)
        self._depths = [depths[min(i, len(depths) - 1)] for i in range(len(self.columns))]
        self._early = rng.uniform(0.45, 0.95, len(self.columns))
        self._height = height

    def _loads(self, x: Array) -> Array:
        out = np.ones((len(x), self._zones))
        beyond = np.clip((x - 1.0) / max(self._height - 1.0, 1e-6), 0.0, 1.5)
        for i, column in enumerate(self.columns):
            share = x if i == 0 else self._depths[i] * (self._early[i] * np.minimum(x, 1.0) + (1.0 - self._early[i]) * beyond)
            out[:, column] = np.maximum(0.0, 1.0 - share)
        return out


class Lift(LimbMovement):
    """See LiftLimb."""

    def __init__(self, act: LiftLimb, mat: Mat, limb: Limb, rng: np.random.Generator) -> None:
        super().__init__(mat, limb, act.depths, act.height, rng)
        self.act = act
        self._plan = plan_lift(act, rng)
        self._ripple = Ripple(rng)
        self._settled = np.ones(self._zones)
        self._settled[self.columns] = act.settled * rng.uniform(0.985, 1.015, len(self.columns))

    @property
    def end_s(self) -> float:
        return self._plan.end_s

    def gains(self, t: Array) -> Array:
        x = self._plan.effort(t)
        quiet_at_contact = 1.0 - 0.85 * np.exp(-(((x - 1.0) / 0.1) ** 2))
        x = x + self.act.irregularity * np.minimum(1.0, 3.0 * np.abs(x)) * quiet_at_contact * self._ripple(t)
        change = minimum_jerk((t - self._plan.peak_s) / (self._plan.end_s - self._plan.peak_s))
        return self._loads(x) * (1.0 + (self._settled - 1.0) * change[:, None])

    def effort(self, t: Array) -> Array:
        out = np.zeros((len(t), self._zones))
        ready = minimum_jerk((t - self.act.delay_s + 0.4) / 0.8)
        out[:, self.columns] = (np.minimum(1.0, 0.15 * ready + np.abs(self._plan.effort(t))) * (t < self.end_s))[:, None]
        return out


class Unweighting(LimbMovement):
    """See Unweight."""

    def __init__(self, act: Unweight, mat: Mat, limb: Limb, rng: np.random.Generator) -> None:
        super().__init__(mat, limb, [act.depth * d for d in (1.0, *rng.uniform(0.3, 1.0, 15))], 1.0, rng)
        self.act = act
        t = act.delay_s
        down, hold, up = t + act.down_s, t + act.down_s + act.hold_s, t + act.down_s + act.hold_s + act.up_s
        self._path = Path([(t, 0.0), (down, 1.0), (hold, 1.0), (up, 0.0)])
        self._ripple = Ripple(rng)

    def gains(self, t: Array) -> Array:
        x = self._path(t)
        x = x * (1.0 + self.act.irregularity * self._ripple(t))
        out = np.ones((len(t), self._zones))
        out[:, self.columns] = np.maximum(0.0, 1.0 - x[:, None] * np.array(self._depths))
        return out

    def effort(self, t: Array) -> Array:
        out = np.zeros((len(t), self._zones))
        out[:, self.columns] = np.abs(self._path(t))[:, None]
        return out


class Fidgeting(LimbMovement):
    """See Fidget."""

    def __init__(self, act: Fidget, mat: Mat, limb: Limb, rng: np.random.Generator) -> None:
        super().__init__(mat, limb, (1.0, *rng.uniform(0.2, 0.9, 15)), 1.4, rng)
        rise = rng.uniform(0.2, 0.5)
        up = act.delay_s + rise
        self._path = Path([(act.delay_s, 0.0), (up, 1.4), (up + 0.5 * act.aloft_s, 1.4), (up + act.aloft_s + 0.5, 0.0)])

    def gains(self, t: Array) -> Array:
        return self._loads(self._path(t))


class Shifting(Movement):
    """See Shift."""

    present = False

    def __init__(self, act: Shift, mat: Mat) -> None:
        self._act = act
        self._ratio = np.ones(len(mat.zone))
        for name, ratio in act.moves:
            for i, zone in enumerate(mat.zone):
                if zone.name.startswith(name):
                    self._ratio[i] = ratio
        self._moved = np.clip(np.abs(self._ratio - 1.0) / 0.15, 0.0, 1.0)

    def gains(self, t: Array) -> Array:
        u = np.clip((t - self._act.delay_s) / self._act.duration_s, 0.0, 1.0)
        dip = self._act.dip * np.sin(np.pi * u) ** 2
        gains: Array = 1.0 + (self._ratio - 1.0) * minimum_jerk(u)[:, None] - dip[:, None] * self._moved
        return gains


FROM_THE_KNEES_CM = {
    "knee": 0.0,
    "thigh": 22.0,
    "foot": 40.0,
    "pelvis": 46.0,
    "belly": 62.0,
    "chest": 84.0,
    "elbow": 104.0,
    "hand": 112.0,
    "head": 119.0,
}
"""In this order a body comes down on the mat."""


class Absence(Movement):
    """Nobody there."""

    def gains(self, t: Array) -> float:
        return 0.0


class Arrival(Movement):
    """Lying down (or, backwards, getting up): zone after zone is loaded, with shuffling on the way."""

    def __init__(self, mat: Mat, lasts_s: float, rng: np.random.Generator, backwards: bool = False) -> None:
        order = np.array([FROM_THE_KNEES_CM.get(zone.name.split("_")[0], abs(zone.y_cm - 46.0)) for zone in mat.zone])
        order = order / max(float(order.max()), 1.0)
        self._paths = []
        for late in order:
            start = lasts_s * (0.05 + 0.4 * late + rng.uniform(0.0, 0.15))
            first = start + rng.uniform(0.4, 1.0)
            second = rng.uniform(first, max(0.8 * lasts_s, first + 0.1))
            knots = [(0.0, 0.0), (start, 0.0), (first, rng.uniform(0.3, 1.5)), (second, rng.uniform(0.5, 1.4)), (lasts_s, 1.0)]
            if backwards:
                knots = [(lasts_s - t, x) for t, x in reversed(knots)]
            self._paths.append(Path(knots))

    def gains(self, t: Array) -> Array:
        return np.stack([path(t) for path in self._paths], axis=1)


class Rolling(Movement):
    """Onto one side and back."""

    def __init__(self, act: Roll, mat: Mat, rng: np.random.Generator) -> None:
        to_left = rng.random() < 0.5
        self._paths = []
        for zone in mat.zone:
            loaded = (zone.x_cm < 0) == to_left and abs(zone.x_cm) > 1
            turns = np.sort(rng.uniform(0.1, 0.9, 3)) * act.duration_s
            high = (0.8, 2.0) if loaded else (0.0, 0.6)
            self._paths.append(Path([(0.0, 1.0), *((float(t), float(rng.uniform(*high))) for t in turns), (act.duration_s, 1.0)]))

    def gains(self, t: Array) -> Array:
        return np.stack([path(t) for path in self._paths], axis=1)


def movement(act: Act, mat: Mat, rng: np.random.Generator) -> Movement:
    """The movement of an act on this mat; acts that move no force (and limbs the mat does not have) do nothing."""
    match act:
        case Away():
            return Absence()
        case LieDown() | GetUp():
            return Arrival(mat, duration_s(act), rng, backwards=isinstance(act, GetUp))
        case Roll():
            return Rolling(act, mat, rng)
        case Shift():
            return Shifting(act, mat)
        case LiftLimb() | Unweight() | Fidget():
            limb = next((limb for limb in mat.limb if limb.name == act.limb), None)
            if limb is None:
                return Movement()
            if isinstance(act, LiftLimb):
                return Lift(act, mat, limb, rng)
            return Unweighting(act, mat, limb, rng) if isinstance(act, Unweight) else Fidgeting(act, mat, limb, rng)
        case _:
            return Movement()
