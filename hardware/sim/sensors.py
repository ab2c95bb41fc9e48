"""Force-sensitive resistors under a mat, as they behave: from the force on each zone to volts at each divider.

In order: coverage (a body half off a sensor), preload (a tight cover keeps pressing), mat foam (a lag, slower when it recovers),
hysteresis of the polymer (Prandtl-Ishlinskii: play operators on the logarithm of force, so that a large movement opens a loop of
10-20 % and a breath a small one), power law G = k F**gamma with a break force (on at 40-50 g, off at 28-38 g), creep (1-15 % per
decade of time, a sum of exponentials from 0.2 s to 1 h: a memory of the load's history, not a clock since touch-down),
temperature, end resistor, divider, wire faults, mains pickup and noise.  Ranges: FSR integration guides (Interlink 400 series,
Tekscan FlexiForce), project design facts.

The slow world is advanced on a fixed grid (`GRID_HZ`) in chunks, all zones at once; the creep is a chunk-wise matrix product, only
foam, play and break contact go step by step.  Noise and mains are pure functions of time, so that asking one channel at a time or
all of them in an array gives the same volts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat

GRID_HZ = 250.0
CHUNK = 50
"""Grid steps advanced at once: 0.2 s."""

G_FORCE = 9.81e-3
"""Newtons per gram-force."""

CREEP_TAUS_S = np.array([0.2, 0.6, 2.0, 6.3, 20.0, 63.0, 200.0, 630.0, 2000.0])
_PER_DECADE = float(np.log10(CREEP_TAUS_S[1:] / CREEP_TAUS_S[:-1]).mean())
PLAY_WIDTHS = np.array([0.04, 0.15, 0.45])
"""Half widths of the play operators, in the logarithm of force."""
_NOISE_MASK = (1 << 16) - 1
_SLOT_US = 120_000
_SHORT_SIEMENS = 0.02

Array = NDArray[np.float64]
Times = Any
Values = Any
"""One number or an array of them: whole microseconds in, floats out."""


def _log_force(force_n: Array) -> Array:
    return np.log(force_n + 0.02)


@dataclass(frozen=True, slots=True)
class SensorTraits:
    """How the sensors of one mat behave; arrays have one entry per zone.

    k, gamma: conductance_S = k * force_N ** gamma, as they really are (the mat file's are what the bench said).
    on_n, off_n: break force when loading and when unloading.
    below_break: share of the power law's conductance that is left just below the break force, falling to nothing at no force.
    hysteresis: conductance between a slow full unloading and loading, as share (0.1 = a loop of 10 %).
    creep_per_decade: growth of conductance under constant load per decade of time.
    creep_remains: share of the creep that stays in the reading as a small conductance while unloaded, 0..1.
    preload_n: force a tight cover keeps on the sensor.
    foam_s, foam_recovery_s: time constants of the mat, pressing and recovering.
    temperature_share: slow swing of conductance by temperature; period_s: its period.
    noise_v: white noise at the node; mains_v: amplitude of pickup at mains_hz.
    saturation_siemens: conductance that no force exceeds (the layers touch everywhere); the power law bends towards it.
    """

    k: Array
    gamma: Array
    on_n: Array
    off_n: Array
    below_break: Array
    hysteresis: Array
    creep_per_decade: Array
    creep_remains: Array
    preload_n: Array
    foam_s: float
    foam_recovery_s: float
    temperature_share: Array
    temperature_period_s: float
    noise_v: Array
    mains_v: Array
    mains_hz: float
    saturation_siemens: float = math.inf


def draw_traits(rng: np.random.Generator, mat: Mat) -> SensorTraits:
    """Ordinary sensors: wide but not broken.  Where the mat file gives k and gamma, they are inexact, as from a bench."""
    zones = len(mat.zone)
    k = np.array([zone.k or math.nan for zone in mat.zone]) * np.exp(rng.normal(0.0, 0.08, zones))
    gamma = np.array([zone.gamma or math.nan for zone in mat.zone]) + rng.normal(0.0, 0.02, zones)

    def spread(low: float, high: float) -> Array:
        return rng.uniform(low, high, zones)

    return SensorTraits(
        k=np.where(np.isnan(k), 5e-5 * np.exp(rng.normal(0.0, 0.25, zones)), k),
        gamma=np.where(np.isnan(gamma), spread(0.78, 1.16), gamma),
        on_n=spread(40.0, 50.0) * G_FORCE,
        off_n=spread(28.0, 38.0) * G_FORCE,
        below_break=spread(0.0, 0.25),
        hysteresis=spread(0.08, 0.2),
        creep_per_decade=spread(0.01, 0.06),
        creep_remains=spread(0.0, 0.1),
        preload_n=np.zeros(zones),
        foam_s=float(rng.uniform(0.012, 0.04)),
        foam_recovery_s=float(rng.uniform(0.03, 0.12)),
        temperature_share=spread(0.0, 0.02),
        temperature_period_s=float(rng.uniform(400.0, 2400.0)),
        noise_v=np.full(zones, rng.uniform(80e-6, 450e-6)),
        mains_v=np.abs(rng.normal(0.0, 1.5e-4, zones)),
        mains_hz=float(rng.choice([50.0, 60.0]) * rng.uniform(0.999, 1.001)),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """A wire fault in force from `start_s` until `end_s`.  twin: the other zone's index when two channels touch."""

    zone: int
    kind: str
    start_s: float
    end_s: float
    twin: int | None = None


class SensorArray:
    """All sensors of a mat, streaming: `advance` turns the next chunk of forces into conductances, `volts` reads a node."""

    def __init__(self, mat: Mat, traits: SensorTraits, rng: np.random.Generator) -> None:
        n = len(mat.zone)
        self.traits = traits
        self._resistor = np.array([zone.resistor_ohms for zone in mat.zone])
        self._supply = mat.mat.supply_volts
        self._end_siemens = 1.0 / mat.mat.end_resistors_ohms if mat.mat.end_resistors_ohms else 0.0
        self._noise = rng.standard_normal(_NOISE_MASK + 1)
        self._mains_phase = rng.uniform(0.0, 2.0 * math.pi, n)
        self._temperature_phase = rng.uniform(0.0, 2.0 * math.pi, n)
        self._grid_t = np.array([-1.0 / GRID_HZ])
        self._grid = np.zeros((1, n))
        self._foam = np.zeros(n)
        self._play = np.full((len(PLAY_WIDTHS), n), -10.0)
        self._touching = np.zeros(n, dtype=bool)
        self._creep = np.zeros((len(CREEP_TAUS_S), n))
        step_s = 1.0 / GRID_HZ
        decay = np.exp(-step_s / CREEP_TAUS_S)
        lag = np.arange(CHUNK)[:, None] - np.arange(CHUNK)[None, :]
        self._creep_in = np.where(lag >= 0, (1.0 - decay)[:, None, None] * decay[:, None, None] ** np.maximum(lag, 0), 0.0)
        self._creep_hold = decay[:, None] ** np.arange(1, CHUNK + 1)
        self._foam_press = 1.0 - math.exp(-step_s / traits.foam_s)
        self._foam_recover = 1.0 - math.exp(-step_s / traits.foam_recovery_s)
        # Weighted play half widths sum to the loop asked for; the rest of the reading follows the force at once.
        share = np.array([0.25, 0.3, 0.45])
        self._play_share = traits.hysteresis / traits.gamma / (2.0 * float(share @ PLAY_WIDTHS)) * share[:, None]

    def settle(self, force_n: Array, for_s: float) -> None:
        """Begin as if `force_n` (zones,) had been laid on the mat `for_s` seconds ago and rested there."""
        pressed = force_n + self.traits.preload_n
        self._foam[:] = pressed
        self._play[:] = _log_force(pressed) - PLAY_WIDTHS[:, None]
        self._touching[:] = pressed > self.traits.on_n
        self._creep[:] = np.where(self._touching, 1.0, 0.0) * (1.0 - np.exp(-for_s / CREEP_TAUS_S))[:, None]

    @property
    def until_s(self) -> float:
        """The latest time `volts` can be asked for."""
        return float(self._grid_t[-1])

    def advance(self, t_s: Array, force_n: Array, coverage: Array) -> None:
        """The next CHUNK grid steps: times (CHUNK,), forces and coverage (CHUNK, zones)."""
        traits = self.traits
        pressed = force_n * coverage + traits.preload_n
        foam, play, touching = self._foam, self._play, self._touching
        foams = np.empty_like(pressed)
        plays = np.empty((CHUNK, *play.shape))
        touches = np.empty(pressed.shape, dtype=bool)
        for i in range(CHUNK):
            step = pressed[i] - foam
            foam = foam + step * np.where(step > 0.0, self._foam_press, self._foam_recover)
            foams[i] = foam
        logs = _log_force(foams)
        low, high = logs[:, None, :] - PLAY_WIDTHS[:, None], logs[:, None, :] + PLAY_WIDTHS[:, None]
        on, off = foams > traits.on_n, foams > traits.off_n
        for i in range(CHUNK):
            np.minimum(np.maximum(play, low[i]), high[i], out=plays[i])
            play = plays[i]
            touching = on[i] | (touching & off[i])
            touches[i] = touching
        self._foam, self._play, self._touching = foam, plays[-1].copy(), touching
        followed = logs + (self._play_share * (plays - logs[:, None, :])).sum(axis=1)
        conductance = traits.k * np.exp(traits.gamma * followed)
        conductance = conductance / (1.0 + conductance / traits.saturation_siemens)
        conductance = np.where(touches, conductance, traits.below_break * conductance * (foams / traits.on_n))
        # Creep: each memory follows "is loaded"; their sum grows by creep_per_decade per decade of time under load.
        loaded = foams / (foams + 1.0)
        creep = np.matmul(self._creep_in, loaded) + self._creep_hold[:, :, None] * self._creep[:, None, :]
        self._creep = creep[:, -1, :].copy()
        grown = traits.creep_per_decade * _PER_DECADE * creep.sum(axis=0)
        warm = 1.0 + traits.temperature_share * np.sin(
            2.0 * np.pi * t_s[:, None] / traits.temperature_period_s + self._temperature_phase
        )
        resting = traits.creep_remains * grown * traits.k
        grid = (conductance * (1.0 + grown) + np.where(touches, 0.0, resting)) * warm
        self._grid_t = np.concatenate([self._grid_t[-CHUNK:], t_s])
        self._grid = np.concatenate([self._grid[-CHUNK:], grid])

    def siemens(self, zone: int, t_us: Times) -> Values:
        """Conductance of one sensor between grid points."""
        return np.interp(t_us / 1e6, self._grid_t, self._grid[:, zone])

    def volts(self, zone: int, t_us: Times, faults: list[Fault]) -> Values:
        """Volts at a divider node at whole microseconds (one or an array), before the ADC."""
        siemens = self.siemens(zone, t_us) + self._end_siemens
        across = 1.0 / self._resistor[zone]
        for fault in faults:
            if zone not in (fault.zone, fault.twin):
                continue
            bad = (t_us >= fault.start_s * 1e6) & (t_us < fault.end_s * 1e6)
            if fault.kind == "twin":
                other = fault.twin if zone == fault.zone else fault.zone
                if other is not None:
                    siemens = siemens + np.where(bad, self.siemens(other, t_us) + self._end_siemens, 0.0)
                    across = across + np.where(bad, 1.0 / self._resistor[other], 0.0)
            elif zone == fault.zone:
                if fault.kind == "flicker":
                    bad &= self._dropped_out(t_us, zone)
                siemens = np.where(bad, _SHORT_SIEMENS if fault.kind == "short" else 0.0, siemens)
        traits = self.traits
        mains = traits.mains_v[zone] * np.sin(2.0e-6 * math.pi * traits.mains_hz * t_us + self._mains_phase[zone])
        noise = traits.noise_v[zone] * self._table(t_us, zone)
        return np.clip(self._supply * siemens / (siemens + across) + mains + noise, 0.0, self._supply)

    def _table(self, t_us: Times, zone: int) -> Values:
        """Normal noise that depends on nothing but time and zone."""
        return self._noise[((t_us * 40503 >> 8) + zone * 7919) & _NOISE_MASK]

    def _dropped_out(self, t_us: Times, zone: int) -> Values:
        """A cracked cable: in about every third slot of 0.12 s it loses contact for 5-50 ms."""
        slot = t_us // _SLOT_US
        drawn = self._table(slot * 104729, zone + 31)
        begin = 70_000 * np.abs(drawn % 1.0)
        return (
            (drawn > 0.4)
            & (t_us - slot * _SLOT_US >= begin)
            & (t_us - slot * _SLOT_US < begin + 5_000 + 45_000 * (drawn * 7.0 % 1.0))
        )
