"""What the detector says about a few small recordings, kept in files, so that no change of its output goes unnoticed.

    python tests/accuracy/golden.py

writes the outputs of the present DETECTOR_VERSION into tests/accuracy/golden/vN.  Do it after bumping the version, or after adding
a recording to RECORDINGS: outputs that a version has already are not replaced (delete its folder if it never left your machine).
The recordings themselves stand beside them as files, so that a change of the simulator changes nothing here.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from hardware.frames import FrameBlock
from hardware.mat import load_mat
from hardware.sim.labels import Recording, write
from hardware.sim.recorder import make
from station.recording import read_recording
from station.signal.detector import DETECTOR_VERSION, Detector

FOLDER = Path(__file__).parent / "golden"
RECORDINGS = (
    ("small4", 1), ("slow", 4), ("full", 2), ("cutduring", 3), ("early", 5), ("creep30", 6),
    ("stepping", 811), ("robot", 810), ("fidget", 805), ("linger", 808), ("cutbefore", 817),
)  # fmt: skip
"""Kind and seed of what the recordings were made from: each has a rule that changes the output of no other one."""
LARGEST_HZ = 26.0
LONGEST_S = 150.0


def thinned(recording: Recording) -> Recording:
    """At most LARGEST_HZ and LONGEST_S of it: a small file."""
    step = max(1, round(recording.rate_hz / LARGEST_HZ))
    kept = slice(0, None, step)
    t_s, volts = recording.t_s[kept], recording.volts[kept]
    within = t_s < LONGEST_S
    return replace(recording, t_s=t_s[within], volts=volts[within])


def names() -> list[str]:
    return sorted(path.name.removesuffix(".csv.gz") for path in FOLDER.glob("*.csv.gz"))


def output(name: str) -> list[dict[str, Any]]:
    """Everything the detector announces over one of the recordings, as plain data."""
    mat = load_mat(FOLDER / f"{name}.mat.toml")
    frames = read_recording(FOLDER / f"{name}.csv.gz", mat.zone_names)
    detector = Detector(mat)
    said = []
    for start in range(0, len(frames), 100):
        said += detector.feed(FrameBlock(frames.t_s[start : start + 100], frames.volts[start : start + 100]))
    said += detector.finish()
    return [{"type": type(item).__name__, **msgspec.to_builtins(item)} for item in said]


def kept(name: str) -> list[dict[str, Any]]:
    """The same as it was when this version was new.  Raises FileNotFoundError where this version has none."""
    lines = (FOLDER / f"v{DETECTOR_VERSION}" / f"{name}.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line) for line in lines]


def main() -> None:
    for kind, seed in RECORDINGS:
        if not any(FOLDER.glob(f"{kind}-*{seed}.csv.gz")):
            write(thinned(make(kind, seed)), FOLDER)
    for path in FOLDER.glob("*.truth.json"):
        path.unlink()
    folder = FOLDER / f"v{DETECTOR_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in names() if not (folder / f"{name}.jsonl").exists()]
    if not missing:
        sys.exit(f"{folder} has all outputs: bump DETECTOR_VERSION (station/signal/detector.py) before keeping other ones")
    for name in missing:
        lines = [msgspec.json.encode(item) for item in output(name)]
        (folder / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        print(folder / f"{name}.jsonl", len(lines))


if __name__ == "__main__":
    main()
