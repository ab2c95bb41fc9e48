"""A simulated person lying prone on a mat of sensors, with known truth.

Three layers.  *Contact force*: resting loads times the gains of the movements under way, plus the weight they move onto pelvis,
chest and the other side; a pure function of time within one step of the script, and what truth is measured on.  *Unrest*: breath,
heart, tremor, slow sway, coughs; added for the sensors only.  *Sensors*: `hardware.sim.sensors`.

`SimulatedMat` advances all of it in chunks of 0.2 s as it is asked for volts, so its memory does not grow with time.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat
from hardware.sim.motion import Lift, Movement, Path, Unweighting, movement
from hardware.sim.script import (
    Act,
    Away,
    Cough,
    FaultName,
    Fidget,
    GetUp,
    LieDown,
    Rest,
    Roll,
    Script,
    Slide,
    WireFault,
    duration_s,
    varied,
)
from hardware.sim.sensors import CHUNK, GRID_HZ, Fault, SensorArray, SensorTraits, draw_traits
from hardware.sim.truth import (
    TrueFault,
    TrueLift,
    TrueUnweighting,
    Truth,
    group_repetitions,
    join_truths,
    measure_lift,
    measure_unweighting,
)

Array = NDArray[np.float64]

TRUTH_HZ = 500.0
REMEMBERED_STEPS = 400
"""Steps of the script whose truth is kept."""

RESTING_N = {
    "head": 20.0,
    "hand": 8.0,
    "elbow": 11.0,
    "chest": 40.0,
    "belly": 40.0,
    "pelvis": 46.0,
    "thigh": 32.0,
    "knee": 20.0,
    "foot": 11.0,
}
"""Newtons on one sensor's patch for a person of 70 kg."""
BREATH_SHARE = {"chest": 1.0, "belly": 1.1, "pelvis": 0.9}
TAKES_WEIGHT = {"arm": {"chest": 1.0, "belly": 0.6, "pelvis": 0.5}, "leg": {"pelvis": 1.0, "belly": 0.7, "chest": 0.25}}


@dataclass(frozen=True, slots=True)
class Person:
    """One body on one mat; arrays have one entry per zone.

    rest_n: resting contact force.  takes: (limb, share per zone) of the weight a limb gives up that each zone receives.
    breath_share: swing of load with a breath, signed (some zones lighten when the chest fills), breath_late_s its delay.
    breath_period_s, breath_depth_spread; sighs and pauses: chance per breath.  heart_hz, heart_share, tremor_share: swing of load.
    sway_share, sway_s: slow wander of load.
    """

    rest_n: Array
    takes: tuple[tuple[str, Array], ...]
    breath_share: Array
    breath_late_s: Array
    breath_period_s: float
    breath_depth_spread: float
    sighs: float
    pauses: float
    heart_hz: float
    heart_share: Array
    tremor_share: Array
    sway_share: Array
    sway_s: float


def draw_person(rng: np.random.Generator, mat: Mat) -> Person:
    """Somebody: 48-110 kg, with a shape of their own, lying a little crooked."""
    n = len(mat.zone)
    build = rng.uniform(48.0, 110.0) / 70.0
    part = [zone.name.split("_")[0] for zone in mat.zone]
    rest_n = np.array([RESTING_N.get(p, 20.0) for p in part]) * build * np.exp(rng.normal(0.0, 0.25, n))
    trunk = np.array([BREATH_SHARE.get(p, 0.0) for p in part])
    depth = math.exp(rng.normal(math.log(0.02), 0.6))
    breath = depth * (trunk * rng.uniform(0.5, 1.4, n) * rng.choice([1.0, 1.0, -1.0], n) + rng.normal(0.0, 0.1, n))
    takes = []
    for limb in mat.limb:
        share = np.array([TAKES_WEIGHT[limb.kind].get(p, 0.0) for p in part]) * rng.uniform(0.3, 1.7, n)
        same_side = np.array([(zone.x_cm < 0) == (limb.side == "left") for zone in mat.zone])
        share *= np.where(same_side, 1.5, 0.8)
        share *= rng.uniform(0.4, 1.0) / max(float(share.sum()), 1e-9)
        columns = list(mat.columns(limb))
        given = float(rest_n[columns].sum())
        for i, p in enumerate(part):
            if p not in BREATH_SHARE:
                share[i] = rng.uniform(-0.03, 0.03) * rest_n[i] / given
        share[columns] = 0.0
        takes.append((limb.name, share))
    return Person(
        rest_n=rest_n,
        takes=tuple(takes),
        breath_share=breath,
        breath_late_s=rng.uniform(0.0, 0.35, n),
        breath_period_s=float(rng.uniform(2.6, 6.5)),
        breath_depth_spread=float(rng.uniform(0.05, 0.25)),
        sighs=0.02,
        pauses=0.03,
        heart_hz=float(rng.uniform(0.85, 1.5)),
        heart_share=rng.uniform(0.0002, 0.0015, n) * np.where(trunk > 0, 2.0, 1.0),
        tremor_share=rng.uniform(0.0005, 0.004, n),
        sway_share=rng.uniform(0.001, 0.006, n),
        sway_s=float(rng.uniform(15.0, 60.0)),
    )


class Unrest:
    """Everything a body at rest does: multiplies the contact force, streaming."""

    def __init__(self, person: Person, rng: np.random.Generator) -> None:
        n = len(person.rest_n)
        self._person = person
        self._rng = rng
        self._breaths: deque[tuple[float, float, float, float]] = deque(maxlen=8)
        self._next_breath_s = -float(rng.uniform(0.0, person.breath_period_s)) - 20.0
        self._heart_phase = float(rng.uniform(0.0, 1.0))
        self._heart_hz = person.heart_hz
        self._sway = rng.standard_normal(n)
        self._tremor_hz = rng.uniform(7.0, 12.5, (4, n))
        self._tremor_phase = rng.uniform(0.0, 2.0 * np.pi, (4, n))

    def _breath(self, t: Array) -> Array:
        """Chest filling, about 0..1 above the empty chest, at times (n, zones)."""
        person, rng = self._person, self._rng
        while self._next_breath_s <= t.max():
            period = person.breath_period_s * math.exp(rng.normal(0.0, 0.1))
            depth = math.exp(rng.normal(0.0, person.breath_depth_spread))
            if rng.random() < person.sighs:
                period, depth = period * 1.5, depth * 2.3
            pause = rng.uniform(1.0, 5.0) if rng.random() < person.pauses else 0.0
            self._breaths.append((self._next_breath_s, period, depth, rng.uniform(0.36, 0.48)))
            self._next_breath_s += period + pause
        out = np.zeros_like(t)
        for start, period, depth, rising in self._breaths:
            u = (t - start) / period
            up, down = u / rising, (1.0 - u) / (1.0 - rising)
            part = 0.5 - 0.5 * np.cos(np.pi * np.where(u < rising, up, down))
            out += np.where((u > 0.0) & (u < 1.0), depth * part, 0.0)
        return out

    def _beat(self, t: Array) -> Array:
        phase = self._heart_phase + self._heart_hz * (t - t[0])
        self._heart_phase = float(phase[-1] + self._heart_hz / GRID_HZ) % 1.0
        self._heart_hz += 0.05 * (self._person.heart_hz - self._heart_hz) + float(self._rng.normal(0.0, 0.01))
        u = phase % 1.0
        beat: Array = np.exp(-(((u - 0.12) / 0.05) ** 2)) - 0.5 * np.exp(-(((u - 0.28) / 0.07) ** 2))
        return beat

    def share(self, t: Array, effort: Array) -> Array:
        """Relative change of load, (n, zones), at the next grid times t (n,)."""
        person = self._person
        breath = person.breath_share * 2.0 * (self._breath(t[:, None] - person.breath_late_s) - 0.5)
        beat = person.heart_share * self._beat(t)[:, None]
        angle = 2.0 * np.pi * t[:, None, None] * self._tremor_hz + self._tremor_phase
        tremor = person.tremor_share * (0.05 + effort) * np.sin(angle).sum(axis=1)
        before = self._sway
        keep = math.exp(-len(t) / GRID_HZ / person.sway_s)
        self._sway = keep * before + math.sqrt(1.0 - keep * keep) * self._rng.standard_normal(len(before))
        u = (np.arange(1, len(t) + 1) / len(t))[:, None]
        whole: Array = breath + beat + tremor + person.sway_share * (before + (self._sway - before) * u)
        return whole


class Stage:
    """One step of the script under way: contact force as a pure function of time between `start_s` and `end_s`."""

    def __init__(
        self,
        step: tuple[Act, ...],
        start_s: float,
        base_n: Array,
        coverage: Array,
        mat: Mat,
        person: Person,
        rng: np.random.Generator,
    ):
        self.acts = step
        self.start_s = start_s
        self.base_n = base_n
        self._mat = mat
        self._movements: list[Movement] = [movement(act, mat, rng) for act in step]
        takes = dict(person.takes)
        self._takes = [takes[act.limb] if getattr(act, "limb", None) in takes else None for act in step]  # type: ignore[union-attr]
        self._coverage = coverage
        self._slides = []
        self._coughs: list[tuple[float, float, Array]] = []
        names = mat.zone_names
        for act in step:
            if isinstance(act, Slide) and act.zone in names:
                column = names.index(act.zone)
                until = act.delay_s + act.duration_s
                self._slides.append((column, Path([(act.delay_s, float(coverage[column])), (until, act.coverage)])))
            if isinstance(act, Cough):
                trunk = np.array([name.split("_")[0] in BREATH_SHARE for name in names])
                for i in range(act.bursts):
                    strength = act.strength * rng.uniform(0.5, 1.0)
                    zones = strength * np.where(trunk, rng.uniform(0.4, 1.0, len(names)), rng.uniform(-0.15, 0.15, len(names)))
                    self._coughs.append((act.delay_s + 0.45 * i + rng.uniform(0.0, 0.1), rng.uniform(0.2, 0.4), zones))
        lasts = [duration_s(act) for act in step] + [m.end_s + 0.2 for m in self._movements if isinstance(m, Lift)]
        self.end_s = start_s + max(lasts)

    def force(self, t_s: Array) -> Array:
        """Contact force in newtons, (n, zones), noise-free, at simulated times (n,)."""
        t = t_s - self.start_s
        gains = np.ones((len(t), len(self.base_n)))
        moved = np.zeros_like(gains)
        for mover, takes in zip(self._movements, self._takes, strict=True):
            gain = mover.gains(t)
            gains *= gain
            if takes is not None:
                moved += (self.base_n * (1.0 - gain)).sum(axis=1)[:, None] * takes
        # What has left the mat receives no weight.
        return np.maximum(0.0, self.base_n * gains + moved * np.minimum(gains, 1.0))

    def effort(self, t_s: Array) -> Array:
        """How hard the muscles over each zone work, (n, zones), 0..1."""
        out = np.zeros((len(t_s), len(self.base_n)))
        for mover in self._movements:
            out = np.maximum(out, mover.effort(t_s - self.start_s))
        return out

    def coughing(self, t_s: Array) -> Array:
        """Relative change of load by coughs, (n, zones)."""
        out = np.zeros((len(t_s), len(self.base_n)))
        for start, width, zones in self._coughs:
            u = np.clip((t_s - self.start_s - start) / width, 0.0, 1.0)
            out += (np.sin(np.pi * u) ** 2 * np.sin(1.5 * np.pi * u + 0.6))[:, None] * zones
        return out

    def coverage(self, t_s: Array) -> Array:
        """Share of each zone's force its sensor sees, (n, zones)."""
        out = np.repeat(self._coverage[None, :], len(t_s), axis=0)
        for column, path in self._slides:
            out[:, column] = path(t_s - self.start_s)
        return out

    def left_behind(self) -> tuple[Array, Array]:
        """Resting loads and coverage after this step."""
        end = np.array([self.end_s])
        base = self.base_n
        if not any(isinstance(act, Away | LieDown | GetUp | Roll) for act in self.acts):
            base = np.clip(self.force(end)[0], 0.5 * base, 1.6 * base)
        return base, self.coverage(end)[0]

    def truth(self) -> Truth:
        """What this step did, measured on its force; repetitions are counted from 0."""
        ignore, faults = [], []
        for act in self.acts:
            begins, ends = self.start_s + getattr(act, "delay_s", 0.0), self.start_s + duration_s(act)
            if isinstance(act, LieDown | GetUp | Roll | Fidget):
                ignore.append((begins, ends))
            elif isinstance(act, WireFault):
                twin = act.twin if act.fault == "twin" else None
                faults.append(TrueFault(act.zone, act.fault, begins, math.inf if act.for_good else ends, twin))
        if not any(isinstance(m, Lift | Unweighting) for m in self._movements):
            return Truth(ignore=tuple(ignore), faults=tuple(faults))
        t = np.arange(self.start_s, self.end_s, 1.0 / TRUTH_HZ)
        force = self.force(t)
        lifts: list[TrueLift] = []
        unweightings: list[TrueUnweighting] = []
        for act, mover in zip(self.acts, self._movements, strict=True):
            if not isinstance(mover, Lift | Unweighting):
                continue
            limb = next(limb for limb in self._mat.limb if limb.name == act.limb)  # type: ignore[union-attr]
            since = int(act.delay_s * TRUTH_HZ)  # type: ignore[union-attr]
            of_limb = force[since:, mover.columns]
            lift = measure_lift(t[since:], of_limb, limb.name, limb.kind)
            if lift is not None:
                lifts.append(lift)
            elif (unweighting := measure_unweighting(t[since:], of_limb, limb.name)) is not None:
                unweightings.append(unweighting)
        lifts.sort(key=lambda lift: lift.lift_off)
        grouped, repetitions = group_repetitions(lifts, {limb.name: limb.side for limb in self._mat.limb})
        return Truth(grouped, repetitions, tuple(unweightings), tuple(ignore), tuple(faults))


class SimulatedMat:
    """Volts at every channel of a mat somebody practises on.  Time begins at 0 and rises (0.2 s back is all right).

    Same mat, script, seed and times: same volts, bit for bit.  person, traits: given to choose them, else drawn by the seed.
    """

    def __init__(
        self, mat: Mat, script: Script, seed: int, person: Person | None = None, traits: SensorTraits | None = None
    ) -> None:
        streams = np.random.default_rng(seed).spawn(5)
        self.mat = mat
        self._script = script
        self._person = person or draw_person(streams[0], mat)
        drawn = traits or draw_traits(streams[1], mat)
        self._sensors = SensorArray(mat, drawn, streams[2])
        self._unrest = Unrest(self._person, streams[3])
        self._rng = streams[4]
        self._zone_of = {(zone.chip, zone.pin): i for i, zone in enumerate(mat.zone)}
        self._next_step = 0
        self._faults: list[Fault] = []
        self._done: deque[Truth] = deque(maxlen=REMEMBERED_STEPS)
        self._waiting: deque[Stage] = deque(maxlen=REMEMBERED_STEPS)
        ones = np.ones(len(mat.zone))
        self._stage = self._begin_step(0.0, self._person.rest_n, ones)
        first = self._stage.force(np.zeros(1))[0]
        if first.any():
            self._sensors.settle(first, float(self._rng.choice([4.0, 20.0, 120.0, 600.0])))
        self._chunks = 0
        self._now_s = 0.0

    def _begin_step(self, start_s: float, base_n: Array, coverage: Array) -> Stage:
        steps = self._script.steps
        if self._next_step >= len(steps) and self._script.repeats:
            self._next_step = 0
        gone = bool(steps) and any(isinstance(act, Away | GetUp) for act in steps[-1])
        step: tuple[Act, ...] = (Away(60.0) if gone else Rest(60.0),)
        if self._next_step < len(steps):
            step = tuple(varied(act, self._script.variation, self._rng) for act in steps[self._next_step])
            self._next_step += 1
        if any(isinstance(act, LieDown) for act in step):
            base_n = self._person.rest_n * np.exp(self._rng.normal(0.0, 0.06, len(base_n)))
            coverage = np.ones(len(base_n))
        names = self.mat.zone_names
        for act in step:
            if isinstance(act, WireFault) and act.zone in names:
                twin = names.index(act.twin) if act.twin in names else None
                begins = start_s + act.delay_s
                ends = math.inf if act.for_good else begins + act.duration_s
                self._faults.append(Fault(names.index(act.zone), act.fault, begins, ends, twin))
        return Stage(step, start_s, base_n, coverage, self.mat, self._person, self._rng)

    def _forces(self, t: Array) -> tuple[Array, Array, Array, Array]:
        """Contact force, effort, coughing and coverage, (n, zones) each, at the next grid times; walks through the script."""
        parts = []
        while True:
            stage = self._stage
            mine = t < stage.end_s
            if mine.any():
                at = t[mine]
                parts.append((stage.force(at), stage.effort(at), stage.coughing(at), stage.coverage(at)))
            if mine.all():
                break
            t = t[~mine]
            self._waiting.append(stage)
            self._stage = self._begin_step(stage.end_s, *stage.left_behind())
        force, effort, cough, coverage = zip(*parts, strict=True)
        return np.concatenate(force), np.concatenate(effort), np.concatenate(cough), np.concatenate(coverage)

    def _advance(self) -> None:
        t = (np.arange(CHUNK) + self._chunks * CHUNK) / GRID_HZ
        force, effort, cough, coverage = self._forces(t)
        share = self._unrest.share(t, effort) + cough
        # A zone that has lost most of its load feels breath and tremor as newtons of the whole body, one that has left feels none.
        rest = self._person.rest_n
        swing = rest * (force / rest) * 1.15 / (force / rest + 0.15)
        felt = np.maximum(0.0, force + share * np.where(force > rest, force, swing))
        self._sensors.advance(t, felt, coverage)
        self._chunks += 1
        self._faults = [fault for fault in self._faults if fault.end_s > float(t[0]) - 1.0]

    def _reach(self, t_s: float) -> None:
        while t_s >= self._sensors.until_s:
            self._advance()
        self._now_s = max(self._now_s, t_s)

    def volts(self, address: int, pin: int, t_s: float) -> float:
        """Volts at the divider node of a channel, before the ADC; a pin no zone uses reads 0."""
        zone = self._zone_of.get((address, pin))
        if zone is None:
            return 0.0
        self._reach(t_s)
        return float(self._sensors.volts(zone, round(t_s * 1e6), self._faults))

    def volts_at(self, t_us: NDArray[np.int64]) -> Array:
        """Volts (n, zones) at each channel's own time t_us (n, zones), rows rising: `volts` for all channels at once."""
        out = np.empty(t_us.shape)
        begin, latest = 0, t_us.max(axis=1) / 1e6
        while begin < len(out):
            self._reach(float(latest[begin]))
            end = max(begin + 1, int(np.searchsorted(latest, self._sensors.until_s, side="left")))
            for zone in range(len(self.mat.zone)):
                out[begin:end, zone] = self._sensors.volts(zone, t_us[begin:end, zone], self._faults)
            begin = end
        self._now_s = float(latest[-1])
        return out

    def fail(self, zone: str, fault: FaultName, twin: str | None = None) -> None:
        """Break a wire now, until `mend`."""
        names = self.mat.zone_names
        self._faults.append(Fault(names.index(zone), fault, self._now_s, math.inf, names.index(twin) if twin else None))

    def mend(self, zone: str) -> None:
        """Undo `fail`."""
        column = self.mat.zone_names.index(zone)
        self._faults = [fault for fault in self._faults if fault.zone != column]

    @property
    def truth(self) -> Truth:
        """What happened in the steps of the script that are over (the latest 400 of them)."""
        while self._waiting:
            self._done.append(self._waiting.popleft().truth())
        return join_truths(self._done)
