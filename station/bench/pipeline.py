"""What detection costs live, and how much faster than real time a recording is analysed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.script import practice_script
from station.bench.figure import Figure, timed
from station.signal.detector import Detector

MAT = "full-16"
RATE_HZ = 100
LIVE_BLOCK = 10


def practice(duration_s: float, seed: int = 5) -> FrameBlock:
    """Frames of a simulated practice on the 16-zone mat, as the ADC gives them."""
    mat, _ = find_mat(MAT)
    t_us = (np.arange(int(duration_s * RATE_HZ), dtype=np.int64) * 1_000_000) // RATE_HZ
    every = np.repeat(t_us[:, None], len(mat.zone), axis=1)
    volts = SimulatedMat(mat, practice_script(), seed).volts_at(every)
    return FrameBlock(t_us / 1e6, volts_from_codes(codes_from_volts(volts)))


def measure() -> list[Figure]:
    mat, path = find_mat(MAT)
    frames = practice(600.0)
    blocks = [
        FrameBlock(frames.t_s[n : n + LIVE_BLOCK], frames.volts[n : n + LIVE_BLOCK]) for n in range(0, len(frames), LIVE_BLOCK)
    ]

    def live() -> None:
        pipeline = Detector(mat)
        for block in blocks:
            pipeline.feed(block)

    per_frame_us = tuple(1e6 * s / len(frames) for s in timed(live, 5))
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "practice.csv"
        write_recording(recording, frames, mat.zone_names)
        argv = [sys.executable, "-m", "station", "replay", str(recording), "--mat", str(path), "--json"]
        took_s = timed(lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL), 5)
    duration_s = float(frames.t_s[-1])
    return [
        Figure("pipeline, blocks of 10, 16 channels", "us/frame", per_frame_us, goal=50),
        Figure(
            "replay of 16 channels, whole command",
            "x real time",
            tuple(duration_s / s for s in took_s),
            goal=100,
            sense="at_least",
            note=f"{duration_s:.0f} s at {RATE_HZ} Hz from an uncompressed CSV; start of Python included",
        ),
    ]


def write_recording(path: Path, frames: FrameBlock, zones: tuple[str, ...]) -> None:
    """Frames as a recording other programs read."""
    table = np.column_stack([frames.t_s, frames.volts])
    np.savetxt(path, table, fmt="%.6f", delimiter=",", header="time_s," + ",".join(zones), comments="")
