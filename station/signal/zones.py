"""Which zones can be believed, as announcements: what hardware.zone_faults finds, and gaps in the readings of all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hardware.frame_rows import Row
from hardware.zone_faults import ZoneFaults
from station.model import Fault, FaultKind, Mat

GAP_S = 0.5

WORDS: dict[FaultKind, str] = {
    "missing": "{zone} cannot be read: is its board or wire loose?",
    "open": "{zone} fell silent at once: a cut or unplugged cable?",
    "short": "{zone} reads the full supply: a short circuit?",
    "stuck": "{zone} always reads the same: sensor or board stuck?",
    "flickering": "{zone} comes and goes: a loose cable?",
    "twin": "{zone} and its neighbour read the same: two channels touching?",
}
"""The faults that touch the times of a lift; what else can be wrong with a zone is a notice (hardware.health)."""


class Zones:
    """Follows all zones; `volts` are this row's readings with short losses bridged, NaN where unusable.

    bad: columns that cannot be believed.  gap_s: from and to when frames were missing before this row.
    """

    def __init__(self, mat: Mat) -> None:
        self._names = mat.zone_names
        self._faults = ZoneFaults(mat)
        self._last_s: float | None = None
        self.gap_s: tuple[float, float] | None = None

    @property
    def volts(self) -> NDArray[np.float64]:
        return self._faults.volts

    @property
    def bad(self) -> frozenset[int]:
        return self._faults.unusable

    def update(self, row: Row, somebody: bool = True) -> list[Fault]:
        """One row.  Sameness is judged only once `somebody` has come: an empty mat is quiet."""
        out: list[Fault] = []
        self.gap_s = None
        if self._last_s is not None and row.first_s - self._last_s > GAP_S:
            self.gap_s = (self._last_s, row.first_s)
            words = f"no readings for {row.first_s - self._last_s:.1f} s"
            out.append(Fault("gap", None, self._last_s, row.known_s, False, words))
            out.append(Fault("gap", None, row.first_s, row.known_s, True, words))
        self._last_s = row.last_s
        for change in self._faults.update(row, somebody):
            if change.kind not in WORDS:
                continue
            zone = self._names[change.column]
            words = f"{zone} reads again as it should" if change.over else WORDS[change.kind].format(zone=zone)
            out.append(Fault(change.kind, zone, row.t_s, row.known_s, change.over, words))
        return out
