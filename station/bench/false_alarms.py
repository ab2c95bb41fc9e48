"""How often a well mat is called faulty: eight people practise for an hour each, with breath, hum, drift and disturbed frames.

Mains hum is some millivolts, sensors creep and drift with the temperature, and every two minutes one frame is garbage on all
channels, as by a static discharge.  No wire is broken, so every fault that is named is a false alarm, but for one: a sensor whose
drawn conductance brings its node to 97 % of the supply and keeps it there *is* saturated, and to say so is right; the truth is
what the node stood at before the garbage.
Frames come as the converter would give them; the bus and the scanner's second looks are not part of this.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hardware.frame_rows import Grid
from hardware.frames import CODES_PER_VOLT, FrameBlock, codes_from_volts, volts_from_codes
from hardware.mat import Mat
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.script import practice_script
from hardware.sim.sensors import draw_traits
from hardware.zone_faults import SATURATED_SHARE, ZoneFaults
from station.bench.figure import Figure
from station.model import Fault
from station.signal.detector import Detector

MAT = "full-16"
SEEDS = range(1, 9)
HOURS = 1.0
RATE_HZ = 50
"""The lowest rate at which noise is judged: two frames a row."""
DISTURBED_EVERY_S = 120.0
HUM_V = 0.002
DRIFT_SHARE = 0.03
BLOCK = 10 * RATE_HZ
SATURATED_S = 4
"""Whole seconds within the five after which it is said."""


def measure() -> list[Figure]:
    """False alarms of all of them together."""
    mat, _ = find_mat(MAT)
    named = [(seed, what, at_s) for seed in SEEDS for what, at_s in alarms(mat, HOURS * 3600.0, seed)]
    about = "about a minute of CPU for each hour"
    return [
        Figure(
            f"false alarms in {len(SEEDS)} x {HOURS:g} simulated hours",
            "alarms",
            (float(len(named)),),
            goal=0.0,
            note=", ".join([*(f"{what} at {at_s:.0f} s of seed {seed}" for seed, what, at_s in named[:10]), about]),
        )
    ]


def alarms(mat: Mat, duration_s: float, seed: int, disturbed_every_s: float = DISTURBED_EVERY_S) -> list[tuple[str, float]]:
    """Each fault that is named on this mat without faults, with its time; a sensor that is saturated may be called so."""
    rng = np.random.default_rng(seed)
    zones = len(mat.zone)
    traits = replace(
        draw_traits(rng, mat),
        mains_v=rng.uniform(0.5, 1.0, zones) * HUM_V,
        temperature_share=np.full(zones, DRIFT_SHARE),
    )
    body = SimulatedMat(mat, practice_script(), seed, traits=traits)
    detector, grid, faults = Detector(mat), Grid(zones), ZoneFaults(mat)
    named: list[tuple[str, float]] = []
    seconds = np.zeros((0, zones))
    every = round(disturbed_every_s * RATE_HZ)
    for start in range(0, round(duration_s * RATE_HZ), BLOCK):
        frames = np.arange(start, start + BLOCK, dtype=np.int64)
        t_us = np.rint(frames * (1e6 / RATE_HZ)).astype(np.int64)
        codes = codes_from_volts(body.volts_at(np.repeat(t_us[:, None], zones, axis=1)))
        seconds = np.vstack([seconds, codes.reshape(-1, RATE_HZ, zones).mean(axis=1)])
        for n in np.flatnonzero(frames % every == every - 1).tolist():
            codes[n] = rng.integers(0, round(mat.mat.supply_volts * CODES_PER_VOLT), zones)
        block = FrameBlock(t_us / 1e6, volts_from_codes(codes))
        for item in detector.feed(block):
            if isinstance(item, Fault) and not item.over:
                named.append((f"{item.kind} {item.zone or 'mat'} (detector)", item.t_s))
        for row in grid.update(block.t_s, block.volts * CODES_PER_VOLT):
            for change in faults.update(row):
                before = seconds[int(row.t_s) - SATURATED_S : int(row.t_s), change.column]
                saturated = change.kind == "saturated" and before.min() >= SATURATED_SHARE * mat.mat.supply_volts * CODES_PER_VOLT
                if not change.over and not saturated:
                    named.append((f"{change.kind} {mat.zone_names[change.column]}", row.t_s))
    return named
