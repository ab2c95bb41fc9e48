"""Which zones are shorted to the supply, and which only carry a load that brings them near it.

A node at the share s of the supply moves by s (1 - s) e of it when the conductance above it changes by the share e: at 97 % of the
supply breathing is a few codes, mains hum hides it, and twice the load is 1.5 %.  So the level alone tells little.  A wire that
touches shows in how the zone came there, counted in conductance: it stood still, it multiplied from one reading to the next, and
it stands still from then on.  A load arrives through foam in many rows, goes on rising, and creeps.  Where nobody saw it come, as
when the station starts, a zone at the full supply is a short, and one near it is where nobody lies on the mat.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from hardware.divider import conductance_siemens
from hardware.frame_rows import CODES_PER_VOLT
from hardware.mat import Mat

Codes = NDArray[np.float64]

NEAR_SHARE = 0.9
"""Of the nominal supply: 3.0 V of 3.3 V."""
FULL_SHARE, SHORT_SIEMENS = 0.995, 0.01
"""The full supply, or what 100 ohms would give: no force-sensitive resistor of these sizes goes below that."""
JUMP, LEAST_CONDUCTANCE, MOVED_BEFORE = 3.5, 0.05, 0.25
"""So many times the conductance within 0.08 s, in units of the divider's own, and in the row before that a quarter of the change at
most, in volts.  Bodies on sensors of three times their usual conductance reach 3.0 where they touch down."""
FULL_ROWS, FULL_CODES = 8, 64.0
"""0.3 s at the full supply within 8 mV: hum is less, a load that still arrives is more."""
FLAT_ROWS, FLAT_CODES, FLAT_NOISES = 75, 4.0, 4.0
"""Half a millivolt over 3 s, or four times the row's own noise: nothing that breathes lies there."""
FIRST_ROWS, LATEST_ROWS = 3, 125
EMPTY_VOLTS, EMPTY_SHARE = 0.2, 0.2
"""No more of the other zones may carry anything on a mat on which nobody lies."""


class SupplyShorts:
    """Follows all zones of a mat, row by row (hardware.frame_rows)."""

    def __init__(self, mat: Mat) -> None:
        heaviest = np.array([zone.resistor_ohms for zone in mat.zone]) * SHORT_SIEMENS
        self._supply = mat.mat.supply_volts * CODES_PER_VOLT
        self._near = NEAR_SHARE * self._supply
        self._full = np.minimum(FULL_SHARE, heaviest / (1.0 + heaviest)) * self._supply
        self._rows: deque[Codes] = deque(maxlen=LATEST_ROWS)
        self._seen_below = np.zeros(len(mat.zone), np.bool_)
        self._lost_rows = np.full(len(mat.zone), FULL_ROWS)
        self._jumps: dict[int, tuple[int, float]] = {}
        self._found: set[int] = set()

    def update(self, codes: Codes) -> set[int]:
        """One row, shape (zones,), NaN where missing; the columns that are shorted, as of this row and the last look."""
        self._rows.append(codes)
        # Comparisons with NaN are false: nothing is concluded from a reading that is missing.
        near = codes >= self._near
        appeared = self._lost_rows >= FULL_ROWS
        self._lost_rows = np.where(np.isnan(codes), self._lost_rows + 1, 0)
        self._seen_below = (self._seen_below & (self._lost_rows < FULL_ROWS)) | (codes < self._near)
        self._jumps = {column: (rows + 1, before) for column, (rows, before) in self._jumps.items() if rows < LATEST_ROWS}
        if appeared.any():
            for column in np.flatnonzero((codes >= self._full) & appeared).tolist():
                self._jumps[column] = (0, 0.0)
        if near.any() and len(self._rows) > 3:
            older, old = self._rows[-4], self._rows[-3]
            conductance, before = self._conductance(codes), self._conductance(old)
            sudden = np.abs(old - older) <= MOVED_BEFORE * (codes - old)
            for column in np.flatnonzero(near & sudden & (conductance >= JUMP * before)).tolist():
                self._jumps[column] = (0, float(before[column]))
        for column, (rows, _) in self._jumps.items():
            if FULL_ROWS < rows < FLAT_ROWS and self._stands(column, FULL_CODES, self._full[column]):
                self._found.add(column)
        return self._found

    def _conductance(self, codes: Codes) -> Codes:
        """In units of the divider's own, shape of `codes`; a code below the supply at most, for nothing multiplies the infinite."""
        below = np.minimum(codes, self._supply - 1.0)
        conductance: Codes = np.maximum(conductance_siemens(below, self._supply, 1.0), LEAST_CONDUCTANCE)
        return conductance

    def look(self, noise: Codes) -> None:
        """What takes seconds to show.  noise: of one row, in codes, shape (zones,)."""
        if len(self._rows) < FLAT_ROWS:
            return
        latest = np.array(self._rows)[-FLAT_ROWS:]
        low, middle, high = np.percentile(latest, [5, 50, 95], axis=0)
        most = np.maximum(FLAT_CODES, FLAT_NOISES * noise)
        others = middle[~(low >= self._near)]
        if len(others) == 0 or np.mean(others > EMPTY_VOLTS * CODES_PER_VOLT) <= EMPTY_SHARE:
            unseen = (low >= self._near) & ~self._seen_below & (high - low <= most)
            self._found.update(np.flatnonzero(unseen).tolist())
        for column, (rows, _) in self._jumps.items():
            if rows > FLAT_ROWS and self._stands(column, most[column], self._near):
                self._found.add(column)
        now = np.median(latest[-FULL_ROWS:], axis=0)
        self._found = {column for column in self._found if now[column] >= self._near}

    def _stands(self, column: int, most: float, least: float) -> bool:
        """Whether all readings since a zone's jump are alike and not below `least`, and it did not fall back as after a disturbed
        frame."""
        rows, before = self._jumps[column]
        after = np.array([row[column] for row in self._rows])[-rows:]
        low, middle, high = np.percentile(after, [10, 50, 90])
        still = low >= least and high - low <= most and abs(np.median(after[:FIRST_ROWS]) - middle) <= most
        return bool(still and middle >= JUMP * before * (self._supply - middle))
