"""One soft tone that follows the load: what still works is heard, and fades to nothing as all lets go.

Opt-in, and meant to be left again: what is learnt with such feedback should stay without it, so it grows quieter over the sessions
in which it was on, and ends.

The level is followed with two time constants (an amplitude that jumped would be heard as zipper noise), the phase never jumps.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from station.model import LiveState

Samples = NDArray[np.float64]

QUIET_SHARE = 0.05
"""A load this near to rest is rest: the melt ends there too (station/signal)."""
LOW_HZ, HIGH_HZ = 523.25, 622.25
"""The tone sinks by a minor third as the muscles let go; a tablet on the floor can play both."""
LOUDEST = 0.05
"""Amplitude at full work and full volume: about -29 dBFS, below every cue."""
SMOOTH_S = 0.035
"""Of each of the two low-pass stages: together some 60 ms late, and no step is heard."""
FADES_OVER = 30
"""Sessions with the tone until it is gone: about two months of every other day."""


def work(live: LiveState) -> float:
    """How much still works, 0..1: the largest change of load among the limbs that are not at rest."""
    changes = [abs(1.0 - limb.load) for limb in live.limbs if limb.phase != "rest" and limb.load is not None]
    most = max(changes, default=0.0)
    return min(max((most - QUIET_SHARE) / (1.0 - QUIET_SHARE), 0.0), 1.0)


def fading(sessions: int) -> float:
    """How loud it still is after so many sessions with it, 1..0."""
    return max(0.0, 1.0 - sessions / FADES_OVER)


class FollowTone:
    """Makes the samples, block after block; each begins where the last ended.

    >>> tone = FollowTone(22050)
    >>> float(np.abs(tone.block(0.0, 441)).max())
    0.0
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._phase = 0.0
        self._first = 0.0
        self._second = 0.0

    @property
    def silent(self) -> bool:
        return self._first < 1e-4 and self._second < 1e-4

    def block(self, level: float, n: int) -> Samples:
        """The next n samples while `level` (0..1, volume included) is what is asked for."""
        keep = math.exp(-1.0 / (SMOOTH_S * self._rate_hz))
        k = np.arange(1, n + 1)
        decay = keep**k
        # Two one-pole stages in a row, in closed form for a level that stays for the block.
        first = level + (self._first - level) * decay
        second = level + (self._second - level) * decay + (self._first - level) * k * (1 - keep) * decay
        self._first, self._second = float(first[-1]), float(second[-1])
        hz = LOW_HZ * (HIGH_HZ / LOW_HZ) ** np.clip(second, 0.0, 1.0)
        turns = self._phase + np.cumsum(hz) / self._rate_hz
        self._phase = float(turns[-1] % 1.0)
        tone = np.sin(2 * np.pi * turns) + 0.2 * np.sin(4 * np.pi * turns)
        samples: Samples = LOUDEST * np.clip(second, 0.0, 1.0) * tone
        return samples
