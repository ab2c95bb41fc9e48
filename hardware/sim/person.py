"""Who lies on the simulated mat: resting loads, how a limb's weight moves elsewhere, breath, heart, tremor.

One body is drawn from a seed; `Unrest` is everything it does while lying still.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat
from hardware.sim.sensors import GRID_HZ

Array = NDArray[np.float64]

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


def draw_person(rng: np.random.Generator, mat: Mat, weight_kg: float | None = None) -> Person:
    """Somebody: 48-110 kg unless told, with a shape of their own, lying a little crooked."""
    n = len(mat.zone)
    drawn_kg = rng.uniform(48.0, 110.0)
    build = (drawn_kg if weight_kg is None else weight_kg) / 70.0
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
