"""A labelled recording as the three files other programs read: NAME.csv.gz, NAME.mat.toml, NAME.truth.json."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat
from hardware.sim.truth import EVENTS, Truth

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recording:
    """One labelled recording.

    t_s: shape (n,), frame times; volts: shape (n, zones), NaN where missing.  uncertain: (lift index, events not judged);
    optional: lifts not counted either way.
    """

    name: str
    kind: str
    mat: Mat
    rate_hz: float
    t_s: Array
    volts: Array
    truth: Truth
    uncertain: dict[int, tuple[str, ...]] = field(default_factory=dict)
    optional: frozenset[int] = frozenset()


def truth_as_json(recording: Recording) -> str:
    """The text of NAME.truth.json."""
    truth = recording.truth
    lifts = []
    for i, lift in enumerate(truth.lifts):
        entry: dict[str, Any] = {"limb": lift.limb, "kind_of_limb": lift.kind_of_limb}
        entry |= {event: round(getattr(lift, event), 4) for event in EVENTS}
        entry |= {"extent": round(lift.extent, 4), "settled_ratio": round(lift.settled_ratio, 4), "repetition": lift.repetition}
        if i in recording.uncertain:
            entry["uncertain"] = list(recording.uncertain[i])
        if i in recording.optional:
            entry["optional"] = True
        lifts.append(entry)
    whole = {
        "mat": f"{recording.name}.mat.toml",
        "family": recording.kind,
        "duration_s": round(float(recording.t_s[-1]), 3),
        "rate_hz": recording.rate_hz,
        "lifts": lifts,
        "repetitions": [{"kind": r.kind, "limbs": list(r.limbs)} for r in truth.repetitions],
        "unweightings": [
            {"limb": u.limb, "start": round(u.start, 3), "end": round(u.end, 3), "depth": round(u.depth, 4)}
            for u in truth.unweightings
        ],
        "ignore": [[round(a, 3), round(b, 3)] for a, b in truth.ignore],
    }
    return json.dumps(whole, indent=1)


def mat_as_toml(mat: Mat) -> str:
    """The text of a mat file."""
    lines = ["[mat]", f'name = "{mat.mat.name}"', f"supply_volts = {mat.mat.supply_volts}"]
    for zone in mat.zone:
        lines += ["", "[[zone]]", f'name = "{zone.name}"', f"chip = 0x{zone.chip:02x}", f"pin = {zone.pin}"]
        lines += [f"x_cm = {zone.x_cm:g}", f"y_cm = {zone.y_cm:g}", f"resistor_ohms = {zone.resistor_ohms:g}"]
        if zone.k is not None and zone.gamma is not None:
            lines += [f"k = {zone.k:.4e}", f"gamma = {zone.gamma}"]
    for limb in mat.limb:
        zones = ", ".join(f'"{zone}"' for zone in limb.zones)
        lines += ["", "[[limb]]", f'name = "{limb.name}"', f'kind = "{limb.kind}"', f'side = "{limb.side}"', f"zones = [{zones}]"]
    return "\n".join(lines) + "\n"


def write(recording: Recording, directory: Path) -> Path:
    """Write the three files; returns the path of the CSV."""
    directory.mkdir(parents=True, exist_ok=True)
    rows = [",".join(["time_s", *recording.mat.zone_names])]
    for t, row in zip(recording.t_s.tolist(), recording.volts.tolist(), strict=True):
        rows.append(f"{t:.4f}," + ",".join("" if v != v else f"{v:.6f}" for v in row))
    csv = directory / f"{recording.name}.csv.gz"
    csv.write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(), 6, mtime=0))
    (directory / f"{recording.name}.mat.toml").write_text(mat_as_toml(recording.mat), encoding="utf-8")
    (directory / f"{recording.name}.truth.json").write_text(truth_as_json(recording) + "\n", encoding="utf-8")
    return csv
