"""A simulated person lying prone on a mat of sensors, with known truth.

Four layers.  *Contact force* (`stage`): resting loads times the gains of the movements under way, plus the weight they move onto
pelvis, chest and the other side; a pure function of time within one step of the script, and what truth is measured on.  *Unrest*
(`person`): breath, heart, tremor, slow sway, coughs; added for the sensors only.  *Where they lie* (`lying`): a body of another
height, or one that lies beside its marks, gives its sensors less.  *Sensors*: `hardware.sim.sensors`.

`SimulatedMat` advances all of it in chunks of 0.2 s as it is asked for volts, so its memory does not grow with time.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat
from hardware.sim.lying import Direction, Lying, Placement
from hardware.sim.person import BREATH_SHARE, RESTING_N, TAKES_WEIGHT, Person, Unrest, draw_person
from hardware.sim.script import Act, Away, FaultName, GetUp, LieDown, Move, Rest, Script, WireFault, varied
from hardware.sim.sensors import CHUNK, GRID_HZ, Fault, SensorArray, SensorTraits, draw_traits
from hardware.sim.stage import TRUTH_HZ, Stage
from hardware.sim.truth import Truth, join_truths

__all__ = [
    "BREATH_SHARE",
    "REMEMBERED_STEPS",
    "RESTING_N",
    "TAKES_WEIGHT",
    "TRUTH_HZ",
    "Person",
    "SimulatedMat",
    "Stage",
    "Unrest",
    "draw_person",
    "join_truths",
]

Array = NDArray[np.float64]

REMEMBERED_STEPS = 400
"""Steps of the script whose truth is kept."""


class SimulatedMat:
    """Volts at every channel of a mat somebody practises on.  Time begins at 0 and rises (0.2 s back is all right).

    Same mat, script, seed and times: same volts, bit for bit.  person, traits: given to choose them, else drawn by the seed.
    lying: how tall they are and where they lie; without it everybody fits the mat and lies on the marks.
    """

    def __init__(
        self,
        mat: Mat,
        script: Script,
        seed: int,
        person: Person | None = None,
        traits: SensorTraits | None = None,
        lying: Lying | None = None,
    ) -> None:
        streams = np.random.default_rng(seed).spawn(5)
        self.mat = mat
        self._script = script
        self._person = person or draw_person(streams[0], mat)
        drawn = traits or draw_traits(streams[1], mat)
        self._sensors = SensorArray(mat, drawn, streams[2])
        self._unrest = Unrest(self._person, streams[3])
        self._rng = streams[4]
        self._placement = Placement(mat, lying, np.random.default_rng(seed + 1))
        self._zone_of = {(zone.chip, zone.pin): i for i, zone in enumerate(mat.zone)}
        self._next_step = 0
        self._faults: list[Fault] = []
        self._done: deque[Truth] = deque(maxlen=REMEMBERED_STEPS)
        self._waiting: deque[Stage] = deque(maxlen=REMEMBERED_STEPS)
        ones = np.ones(len(mat.zone))
        self._stage = self._begin_step(0.0, self._person.rest_n, ones)
        first = self._stage.force(np.zeros(1))[0]
        if first.any():
            if self._placement.beside:
                first = self._placement.sensed(np.zeros(1), first[None, :])[0]
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
            self._placement.lie_down()
        names = self.mat.zone_names
        for act in step:
            if isinstance(act, WireFault) and act.zone in names:
                twin = names.index(act.twin) if act.twin in names else None
                begins = start_s + act.delay_s
                ends = math.inf if act.for_good else begins + act.duration_s
                self._faults.append(Fault(names.index(act.zone), act.fault, begins, ends, twin))
        for act in step:
            if isinstance(act, Move):
                self._placement.move(act.zone, act.dx_cm, act.dy_cm, start_s + act.delay_s, act.duration_s)
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
        left = np.divide(force, rest, out=np.zeros_like(force), where=rest > 0.0)
        swing = rest * left * 1.15 / (left + 0.15)
        felt = np.maximum(0.0, force + share * np.where(force > rest, force, swing))
        if self._placement.beside:
            felt, coverage = self._placement.sensed(t, felt * coverage), np.ones_like(coverage)
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

    def move(self, zone: str | None, dx_cm: float, dy_cm: float, duration_s: float = 1.5) -> None:
        """From now on the part on this zone (None: the whole body) lies so many centimetres further right and headwards."""
        self._placement.move(zone, dx_cm, dy_cm, self._sensors.until_s, duration_s)

    def told(self, zone: str | None, direction: Direction | None, far: bool = False) -> None:
        """The person hears "move your left foot a little towards your head" (far: by a hand's width) and does, as people do."""
        self._placement.obey(zone, direction, self._sensors.until_s, far)

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
