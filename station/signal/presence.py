"""Whether somebody lies on the mat, and lies still."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from station.signal.grid import ROW_S
from station.signal.history import History

LOADED_N = 4.0
LOADED_SHARE = 0.4
EMPTY_SHARE = 0.2
EMPTY_S = 2.0
STILL_S = 2.0
STILL_SHARE = 0.04


def occupied(force: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which frames (shape (n, zones) newtons) look like a person: enough zones carry something."""
    return (force > LOADED_N).sum(axis=1) >= max(2, LOADED_SHARE * force.shape[1])  # type: ignore[no-any-return]


class Stillness:
    """Follows a person on the mat: settling, still, or gone."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._empty_rows = 0
        self.came = False
        self.still = False
        self.gone = False
        self.empty = True
        self.since_s = 0.0

    def update(self, force: NDArray[np.float64]) -> None:
        """One row of newtons, shape (zones,), already in the history.  `since_s` is when the stillness began."""
        known = int((~np.isnan(force)).sum())
        if known == 0:
            # An unplugged mat tells nothing about who lies on it.
            return
        carrying = int((force > LOADED_N).sum())
        self.empty = carrying <= EMPTY_SHARE * known
        self.came = self.came or not self.empty
        self._empty_rows = self._empty_rows + 1 if self.empty and self.came else 0
        self.gone = self._empty_rows * ROW_S >= EMPTY_S
        if not self.still:
            rows = round(STILL_S / ROW_S)
            recent = self._history.values(rows)
            if len(recent) == rows and carrying >= EMPTY_SHARE * len(force):
                total = np.nansum(recent, axis=1).reshape(-1, 5).mean(axis=1)
                self.still = bool(np.ptp(total) < STILL_SHARE * total.mean())
                self.since_s = float(self._history.times(rows)[0])
