"""Coverage-guided fuzzing of the recording reader, beside the tests: `python tests/fuzz/fuzz_recording.py [-max_total_time=600]`.

Needs `pip install atheris`.  Whatever bytes a file holds, the reader either raises one of the project's own errors in one line, or
returns frames that a second, naive reader written here agrees with.
"""

import gzip
import math
import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["station.recording"]):
    from station.recording import read_recording

from hardware.errors import BackliftError

ZONES = ("foot_l", "foot_r")
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
FILE = FOLDER / "recording.csv"
SEEDS = (
    b"time_s,foot_l,foot_r\n0.0,1.5,2.5\n0.01,,2.5\n0.02,1.5,\n",
    b"time_s,foot_r,foot_l\r\n0,1,2\r\n1e1,3.125,\r\n",
    gzip.compress(b"time_s,foot_l,foot_r\n0,1,2\n1,1,2\n"),
)


def naive(text: str) -> list[list[float]]:
    """Rows of numbers in the order of ZONES, read one field at a time."""
    header, *lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    order = [header.split(",").index(name) for name in ("time_s", *ZONES)]
    fields = [[math.nan if cell == "" else float(cell) for cell in line.split(",")] for line in lines]
    return [[row[column] for column in order] for row in fields]


def one_input(data: bytes) -> None:
    FILE.write_bytes(data)
    try:
        frames = read_recording(FILE, ZONES)
    except BackliftError as error:
        if "\n" in str(error):
            raise RuntimeError("an error of more than one line") from error
        return
    plain = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    rows = naive(plain.decode("utf-8"))
    got = [[t_s, *volts] for t_s, volts in zip(frames.t_s.tolist(), frames.volts.tolist(), strict=True)]
    same = len(rows) == len(got) and all(
        a == b or (math.isnan(a) and math.isnan(b))
        for mine, theirs in zip(rows, got, strict=True)
        for a, b in zip(mine, theirs, strict=True)
    )
    if not same:
        raise RuntimeError(f"two readers disagree: {rows} and {got}")


if __name__ == "__main__":
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS):
        (corpus / str(number)).write_bytes(seed)
    arguments = (
        sys.argv if any(argument.startswith("-max_total_time") for argument in sys.argv) else [*sys.argv, "-max_total_time=600"]
    )
    atheris.Setup([*arguments, "-rss_limit_mb=4096", str(corpus)], one_input)
    atheris.Fuzz()
