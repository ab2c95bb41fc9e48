"""A lead zone that falls silent while its limb is aloft.

A cut wire and a limb in the air read the same nothing.  Only the limb's other zones tell: where they have left and come back for
good, and the lead zone has not, it is the zone that fails.  What they can say of the touch-down is rough, and said to be.
"""

from __future__ import annotations

import numpy as np

from station.signal.history import Array
from station.signal.levels import Moment, smooth
from station.signal.params import Parameters

MERGED_ROWS = 9


def came_back(times: Array, load: Array, rest_n: float, parameters: Parameters) -> Moment | None:
    """When a limb's other zones came back, if they have, and stayed for longer than a limb in the air would leave them alone.

    times, load: rows since lift-off and the sum of the other zones in them, in N; rest_n: that sum at rest before.
    """
    if len(times) < MERGED_ROWS or rest_n <= 0.0:
        return None
    level = smooth(load, MERGED_ROWS) / rest_n
    decision, timing = parameters.decision, parameters.timing
    at = int(np.argmin(level))
    left = 1.0 - float(level[at])
    if not left >= decision.silent_left_share:  # nor where a reading is missing
        return None
    away = np.flatnonzero(np.abs(level - 1.0) > max(parameters.definitions.band_share, decision.silent_back_share * left))
    back_s = float(times[away[-1]])
    if times[-1] - back_s < timing.rest_again_s + timing.settle_aloft_ratio * (back_s - float(times[0])):
        return None
    returned = (level[at:] - level[at]) / left
    shares = decision.silent_back_share, 1.0 - decision.silent_back_share
    touched, mostly = (float(times[at + np.flatnonzero(returned < share)[-1]]) for share in shares)
    return Moment(touched, max(parameters.uncertainty.silent_s, mostly - touched))
