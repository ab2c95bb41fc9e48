"""How often a well mat is called faulty: eight simulated hours of practice with breath, hum, drift and disturbed frames.

Somebody practises on the mat all the time; mains hum is some millivolts, sensors creep and drift with the temperature, and every
two minutes one frame is garbage on all channels, as by a static discharge.  Every fault that is named then is a false alarm.
Frames come as the converter would give them; the bus and the scanner's second looks are not part of this.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hardware.frame_rows import Grid
from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
from hardware.mat import Mat
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.script import practice_script
from hardware.sim.sensors import draw_traits
from hardware.zone_faults import ZoneFaults
from station.bench.figure import Figure
from station.model import Fault
from station.signal.detector import Detector

MAT = "full-16"
HOURS = 8.0
RATE_HZ = 50.0
"""The lowest rate at which noise is judged: two frames a row."""
DISTURBED_EVERY_S = 120.0
HUM_V = 0.002
DRIFT_SHARE = 0.03
BLOCK = 500


def measure() -> list[Figure]:
    """Alarms in `HOURS`, zone by zone and in the detector."""
    mat, _ = find_mat(MAT)
    named = alarms(mat, HOURS * 3600.0, seed=1)
    return [
        Figure(
            f"false alarms in {HOURS:g} simulated hours",
            "alarms",
            (float(len(named)),),
            goal=0.0,
            note=", ".join(f"{where} at {at_s:.0f} s" for where, at_s in named[:10]),
        )
    ]


def alarms(mat: Mat, duration_s: float, seed: int, disturbed_every_s: float = DISTURBED_EVERY_S) -> list[tuple[str, float]]:
    """Each fault that is named on this well mat, with its time."""
    rng = np.random.default_rng(seed)
    traits = draw_traits(rng, mat)
    zones = len(mat.zone)
    traits = replace(
        traits,
        mains_v=rng.uniform(0.5, 1.0, zones) * HUM_V,
        temperature_share=np.full(zones, DRIFT_SHARE),
    )
    body = SimulatedMat(mat, practice_script(), seed, traits=traits)
    detector, grid, faults = Detector(mat), Grid(zones), ZoneFaults(mat)
    named: list[tuple[str, float]] = []
    every = round(disturbed_every_s * RATE_HZ)
    for start in range(0, round(duration_s * RATE_HZ), BLOCK):
        frames = np.arange(start, start + BLOCK, dtype=np.int64)
        t_us = np.rint(frames * (1e6 / RATE_HZ)).astype(np.int64)
        codes = codes_from_volts(body.volts_at(np.repeat(t_us[:, None], zones, axis=1)))
        for n in np.flatnonzero(frames % every == every - 1).tolist():
            codes[n] = rng.integers(0, round(mat.mat.supply_volts * 8000), zones)
        block = FrameBlock(t_us / 1e6, volts_from_codes(codes))
        for item in detector.feed(block):
            if isinstance(item, Fault) and not item.over:
                named.append((f"{item.kind} {item.zone or 'mat'} (detector)", item.t_s))
        for row in grid.update(block.t_s, block.volts * 8000.0):
            for change in faults.update(row):
                if not change.over:
                    named.append((f"{change.kind} {mat.zone_names[change.column]}", row.t_s))
    return named
