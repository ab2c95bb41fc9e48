"""One lift and a few seconds around it, in even steps: what the lift view draws, reads out and replays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.errors import MatFileError
from hardware.mat import Mat, parse_mat
from station.analysis.breath import breath_line
from station.analysis.even_steps import binned
from station.analysis.stored_constants import stored_constants
from station.model import Lift
from station.signal.loads import ForceScale
from station.store.reader import Reader
from station.store.records import LiftRecord, SessionRecord

Array = NDArray[np.float64]

STEP_S = 0.04
"""As fine as a picture 25 times a second; boundaries are known to about this."""
LONGEST_STEPS = 4000
"""A hold of minutes is drawn in longer steps, so that the answer stays small."""
BEFORE_S, AFTER_S = 8.0, 8.0
"""Seen before the lift began and after it ended: room to move an edge by hand, and two breaths."""
UNKNOWN_AFTER_S = 15.0
"""Seen after the touch-down when the end of the melt is not known."""
REST_FROM_S, REST_UNTIL_S = 4.0, 0.3
"""The resting load is the median of this stretch before the lift began."""
SETTLED_S = 1.0
"""The settled load is the mean of so many seconds after the melt."""
BARE_N = 0.05
"""A zone that carries less at rest (nominal newtons) carries nobody; a share of it would be noise."""


@dataclass(frozen=True, slots=True)
class LiftWindow:
    """t_s: shape (n,), middles of the steps on the session's axis.  limb: shape (n,), load as a share of its rest; NaN in gaps.

    zones: zone -> the same for one zone.  settled: where the load settled, as a share of rest; None when not known.
    noise_sd: scatter of `limb` at rest from step to step.  breath: shape (n,), about -1..1, rising while the trunk grows heavier;
    None when the mat has no trunk zones or shows no breath.
    """

    t_s: Array
    limb: Array
    zones: dict[str, Array]
    settled: float | None
    noise_sd: float
    breath: Array | None


def edges_of(lift: Lift) -> list[float]:
    """The known boundaries, in order."""
    return [t_s for t_s in (lift.prepare_start, lift.lift_off, lift.touch_down, lift.melt_end) if t_s is not None]


def lift_window(reader: Reader, record: SessionRecord, lift: LiftRecord) -> LiftWindow | None:
    """The loads around one lift; None when the raw recording is gone, or the mat file of then is lost."""
    try:
        mat = parse_mat(record.mat)
    except MatFileError:
        return None
    limb = next((one for one in mat.limb if one.name == lift.lift.limb), None)
    known = edges_of(lift.lift) + edges_of(lift.original)
    if limb is None or not known:
        return None
    after_s = AFTER_S if lift.lift.melt_end is not None else UNKNOWN_AFTER_S
    from_s = max(record.summary.started_s, min(known) - BEFORE_S)
    until_s = max(known) + after_s
    block = reader.frames(record.id, from_s, until_s)
    if len(block) < 2:
        return None
    until_s = min(until_s, float(block.t_s[-1]))
    step_s = max(STEP_S, (until_s - from_s) / LONGEST_STEPS)
    steps = np.arange(from_s, until_s + step_s, step_s)
    scale = ForceScale(mat, stored_constants(record))
    force = scale.force(binned(block.t_s, block.volts, steps))
    t_s = steps[:-1] + step_s / 2
    resting = _resting(t_s, min(edges_of(lift.lift)))
    limb_n = force[:, list(mat.columns(limb))].sum(axis=1)
    share, noise_sd = _share(limb_n, resting)
    return LiftWindow(
        t_s=t_s,
        limb=share,
        zones={zone: _share(force[:, column], resting)[0] for column, zone in enumerate(mat.zone_names)},
        settled=settled_share(t_s, share, lift.lift.melt_end),
        noise_sd=noise_sd,
        breath=breath_line(t_s, force[:, trunk_columns(mat)]),
    )


def trunk_columns(mat: Mat) -> list[int]:
    """Where the zones stand that belong to no limb: chest, belly, pelvis."""
    limbs = {zone for limb in mat.limb for zone in limb.zones}
    return [column for column, zone in enumerate(mat.zone_names) if zone not in limbs]


def settled_share(t_s: Array, share: Array, melt_end_s: float | None) -> float | None:
    """Mean of the second after the melt; None when its end is unknown or nothing was measured there."""
    if melt_end_s is None:
        return None
    there = share[(t_s >= melt_end_s) & (t_s < melt_end_s + SETTLED_S)]
    there = there[~np.isnan(there)]
    return float(there.mean()) if len(there) else None


def _resting(t_s: Array, begin_s: float) -> NDArray[np.bool_]:
    stretch = (t_s >= begin_s - REST_FROM_S) & (t_s < begin_s - REST_UNTIL_S)
    # A lift right at the session's start has nothing before it: the beginning of what is there has to do.
    return stretch if stretch.any() else t_s < t_s[0] + 1.0


def _share(force_n: Array, resting: NDArray[np.bool_]) -> tuple[Array, float]:
    """Force as a share of its median at rest, and how much that scatters from step to step there."""
    at_rest = force_n[resting]
    at_rest = at_rest[~np.isnan(at_rest)]
    rest_n = float(np.median(at_rest)) if len(at_rest) else float("nan")
    if not rest_n > BARE_N:
        return np.full(len(force_n), np.nan), 0.0
    steps = np.diff(at_rest) / rest_n
    # The steps' own scatter is the noise; breath and heart are slow beside a step.
    return force_n / rest_n, float(np.std(steps) / np.sqrt(2)) if len(steps) > 2 else 0.0
