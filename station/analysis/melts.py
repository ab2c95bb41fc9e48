"""The loads around each touch-down, for laying the melts of a session over each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.errors import MatFileError
from hardware.mat import parse_mat
from station.analysis.even_steps import binned
from station.analysis.stored_constants import stored_constants
from station.signal.loads import ForceScale
from station.store import Reader

_MELT_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class MeltCurve:
    """The load of one limb around one touch-down, for laying melts over each other.

    after_s: shape (m,), seconds after touch-down.  share: shape (m,), the limb's load as a share of where it settled; NaN in gaps.
    """

    repetition: int
    limb: str
    lift_id: int
    melt_s: float | None
    after_s: NDArray[np.float64]
    share: NDArray[np.float64]


def melt_curves(reader: Reader, session_id: int, before_s: float = 1.0, after_s: float = 20.0) -> list[MeltCurve]:
    """The limbs' loads around each touch-down in steps of 50 ms, corrections applied; marked "not a lift" ones left out."""
    record = reader.session(session_id)
    try:
        mat = parse_mat(record.mat)
    except MatFileError:
        return []
    scale = ForceScale(mat, stored_constants(record))
    columns = {limb.name: list(mat.columns(limb)) for limb in mat.limb}
    edges = np.arange(-before_s, after_s + _MELT_STEP_S / 2, _MELT_STEP_S)
    middles = edges[:-1] + _MELT_STEP_S / 2
    curves = []
    for repetition in record.repetitions:
        for lift in repetition.lifts:
            down_s = lift.lift.touch_down
            if down_s is None or lift.not_a_lift or lift.lift.limb not in columns:
                continue
            block = reader.frames(session_id, down_s - before_s, down_s + after_s)
            volts = binned(block.t_s - down_s, block.volts, edges)
            load = scale.force(volts)[:, columns[lift.lift.limb]].sum(axis=1)
            share = load / _settled(middles, load, lift.melt_s)
            curves.append(MeltCurve(repetition.number, lift.lift.limb, lift.id, lift.melt_s, middles, share))
    return curves


def _settled(t_s: NDArray[np.float64], load: NDArray[np.float64], melt_s: float | None) -> float:
    """Mean load in the second after the melt, or in the last second there is when its end is unknown."""
    known = ~np.isnan(load)
    from_s = melt_s if melt_s is not None else max(t_s[known], default=0.0) - 1.0
    there = load[known & (t_s >= from_s) & (t_s < from_s + 1.0)]
    return float(there.mean()) if len(there) and there.mean() > 0 else float("nan")
