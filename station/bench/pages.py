"""What a browser sees: `python -m web.page_bench` in a process of its own, for the station does not import the dashboard.

Needs what the page tests need: Debian's Chromium and the `dev` extra.
"""

from __future__ import annotations

import subprocess
import sys

import msgspec

from station.bench.figure import Figure
from station.bench.processes import BenchError


def measure() -> list[Figure]:
    done = subprocess.run([sys.executable, "-m", "web.page_bench", "--json"], capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BenchError(
            f"the pages cannot be measured: {said[-1] if said else 'no word why'}; is Chromium there, and the 'dev' extra?"
        )
    return [
        Figure(
            name=f"pages: {row['name']}",
            unit=row["unit"],
            values=tuple(row["values"]),
            goal=row["goal"],
            sense=row["sense"] or "at_most",
            note=row["note"],
        )
        for row in msgspec.json.decode(done.stdout)
    ]
