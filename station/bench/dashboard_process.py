"""Measurements that need the dashboard's code run in a process of their own, for the station does not import the dashboard."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from station.bench.figure import Figure
from station.bench.processes import BenchError


def figures(module: str, prefix: str, needs: str) -> list[Figure]:
    """What `python -m module --json` measured.  needs: what may be missing when it cannot.  Raises BenchError."""
    done = subprocess.run([sys.executable, "-m", module, "--json"], capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BenchError(f"{module} cannot measure: {said[-1] if said else 'no message'}; {needs}")
    return [
        Figure(
            name=f"{prefix}: {row['name']}",
            unit=row["unit"],
            values=tuple(row["values"]),
            goal=row["goal"],
            sense=row["sense"] or "at_most",
            note=row["note"],
        )
        for row in msgspec.json.decode(done.stdout)
    ]
