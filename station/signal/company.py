"""What the limbs of one person know of each other.  What one carries while another is lifted is seldom what it carries at rest."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from station.signal.history import Array
from station.signal.melt import Settling

MOST_MOVEMENTS = 64
"""Kept of each limb: more than the last minutes hold."""


class Company:
    """When each limb did not carry its part: from the beginning of a prepare to the touch-down, and while it was unweighted."""

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self._spans: dict[str, deque[tuple[float, float]]] = {}

    def left(self, limb: str, since_s: float) -> None:
        """It left its rest then."""
        self._since_s[limb] = since_s

    def came_back(self, limb: str, at_s: float) -> None:
        """It carries its part again, or begins to."""
        began_s = self._since_s.pop(limb, None)
        if began_s is not None:
            self._spans.setdefault(limb, deque(maxlen=MOST_MOVEMENTS)).append((began_s, at_s))

    def counts(self, limb: str, times: Array, accompanied: float) -> Array:
        """How much a limb's time counts for its rest, shape of `times`: 1, or `accompanied` while another one was away."""
        out = np.ones(len(times))
        spans = [span for name, all_of_it in self._spans.items() if name != limb for span in all_of_it]
        spans += [(began_s, np.inf) for name, began_s in self._since_s.items() if name != limb]
        for began_s, ended_s in spans:
            out[int(np.searchsorted(times, began_s)) : int(np.searchsorted(times, ended_s))] = accompanied
        return out


@dataclass(frozen=True, slots=True)
class Common:
    """What all limbs share during a visit.  floors: what each lead zone reads under nothing, by column."""

    floors: dict[int, float]
    settling: Settling
    company: Company
