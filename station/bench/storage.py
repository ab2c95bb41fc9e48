"""How many bytes reach the card per hour of practice, and how fast a stored hour can be looked at.

Counted by the kernel for this process (/proc/self/io): `write_bytes` is what was sent to the block device, whole pages of the page
cache, the log and the checkpoints included; `wchar` is what SQLite asked to have written.  The file system's own journal is not
in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hardware.frames import FrameBlock
from hardware.mats import find_mat
from station.bench.figure import Figure, timed
from station.bench.pipeline import MAT, RATE_HZ, practice
from station.model import Announcement
from station.signal.detector import DETECTOR_VERSION, Detector
from station.store import Reader, Store

PRACTICE_S = 600.0
_ON_A_DISK = Path("/var/tmp")
"""Not /tmp, which may be memory."""


def measure() -> list[Figure]:
    frames = practice(PRACTICE_S)
    mat, path = find_mat(MAT)
    pipeline = Detector(mat)
    seconds = [_part(frames, second, second + 1) for second in range(int(PRACTICE_S))]
    announced = [pipeline.feed(second) for second in seconds]
    facts = {"mat_text": path.read_text(encoding="utf-8"), "zones": mat.zone_names, "rate_hz": RATE_HZ}
    with tempfile.TemporaryDirectory(dir=_ON_A_DISK if _ON_A_DISK.is_dir() else None) as folder:
        runs = [_practised(Path(folder) / f"{n}.db", seconds, announced, facts, 1) for n in range(3)]
        sparing = [_practised(Path(folder) / f"sparing-{n}.db", seconds, announced, facts, 5) for n in range(3)]
        idle = _idle_bytes(Path(folder) / "0.db")
        looked_at = _hour(Path(folder) / "hour.db", frames, facts)
    hours = PRACTICE_S / 3600
    note = f"{PRACTICE_S:.0f} s of 16 zones at {RATE_HZ} Hz with their events, log and checkpoints included"
    return [
        Figure("written to the card, commit each second", "MB/h", tuple(run[0] / 1e6 / hours for run in runs), goal=60, note=note),
        Figure("written to the card, sparing it (5 s)", "MB/h", tuple(run[0] / 1e6 / hours for run in sparing)),
        Figure("asked to be written by SQLite, commit each second", "MB/h", tuple(run[1] / 1e6 / hours for run in runs)),
        Figure("kept in the database", "MB/h", tuple(run[2] / 1e6 / hours for run in runs)),
        Figure("written in an hour with nobody on the mat", "bytes", (idle,), goal=0),
        *looked_at,
    ]


def _practised(
    path: Path, seconds: Sequence[FrameBlock], announced: Sequence[list[Announcement]], facts: dict[str, object], period: int
) -> tuple[int, int, int]:
    """One session; (bytes to the device, bytes asked for, bytes in the database).  The empty database is made before."""
    with Store(path, commit_period_s=period) as store:
        before = _written()
        store.begin_session(float(seconds[0].t_s[0]), detector_version=DETECTOR_VERSION, **facts)  # type: ignore[arg-type]
        for n, (block, news) in enumerate(zip(seconds, announced, strict=True), 1):
            store.add_frames(block)
            for announcement in news:
                store.add(announcement)
            if n % period == 0:
                store.commit()
        store.end_session(float(seconds[-1].t_s[-1]))
        store.commit()
        after = _written()
    return after[0] - before[0], after[1] - before[1], path.stat().st_size


def _idle_bytes(path: Path) -> int:
    with Store(path) as store:
        store.commit()
        before = _written()
        for second in range(3600):
            if second % 60 == 0:
                store.note_clock()
            store.commit()
        return sum(_written()) - sum(before)


def _hour(path: Path, frames: FrameBlock, facts: dict[str, object]) -> list[Figure]:
    """An hour made of the same ten minutes six times, looked at as the session page does."""
    with Store(path) as store:
        number = store.begin_session(float(frames.t_s[0]), detector_version=DETECTOR_VERSION, **facts)  # type: ignore[arg-type]
        for turn in range(6):
            for second in range(int(PRACTICE_S)):
                block = _part(frames, second, second + 1)
                store.add_frames(FrameBlock(block.t_s + turn * PRACTICE_S, block.volts))
            store.commit()
        store.end_session(6 * PRACTICE_S)
        store.commit()
    with Reader(path) as reader:
        reader.sessions()
        whole = timed(lambda: reader.trace(number, pixels=1500), 5)
        part = timed(lambda: reader.trace(number, 600.0, 840.0, pixels=1500), 5)
    return [
        Figure("trace of 60 min x 16 zones in 1500 pixels", "ms", tuple(1e3 * s for s in whole), goal=150),
        Figure("trace of 4 of these minutes in 1500 pixels", "ms", tuple(1e3 * s for s in part), goal=150),
    ]


def _part(frames: FrameBlock, from_s: float, to_s: float) -> FrameBlock:
    low, high = np.searchsorted(frames.t_s, [from_s, to_s])
    return FrameBlock(frames.t_s[low:high], frames.volts[low:high])


def _written() -> tuple[int, int]:
    """Bytes this process has sent to block devices, and bytes it has asked to have written."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    counters = {name: int(value) for name, _, value in (line.partition(": ") for line in lines)}
    return counters["write_bytes"], counters["wchar"]
