"""One person's stay on the mat, from just before the first load to an empty mat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hardware.frame_rows import Grid, Row
from station.model import Announcement, LiveState, Loads, Mat, Presence, PresenceKind
from station.signal.creep import Creep
from station.signal.history import History
from station.signal.limbs import Known, Limbs
from station.signal.loads import ForceScale
from station.signal.params import Parameters
from station.signal.presence import PREROLL_S, Occupancy
from station.signal.zones import Zones

MOST_HELD = 64
LEAST_REST_SHARE = 0.1
"""Of `Presence.least_n`: a zone that carries less at rest has no load relative to it; its noise would be many times its rest."""


class Stay:
    """Takes frames while somebody is there, or may be.

    sure: whether it is known that somebody is there; if not, nothing is announced until somebody shows.
    """

    def __init__(
        self, mat: Mat, scale: ForceScale, creep_per_decade: NDArray[np.float64], parameters: Parameters, sure: bool
    ) -> None:
        zones = len(mat.zone)
        self._mat = mat
        self._scale = scale
        self._grid = Grid(zones)
        self._history = History(2 * zones)
        self._limbs = Limbs(mat, scale, self._history, parameters)
        self._creep = Creep(creep_per_decade)
        self._zones = Zones(mat)
        limbs_of = tuple(frozenset(n for n, limb in enumerate(mat.limb) if i in mat.columns(limb)) for i in range(zones))
        self._occupancy = Occupancy(zones, limbs_of, self._history, parameters.presence)
        self._numbers = parameters.presence
        self._presence: PresenceKind = "arriving" if sure else "empty"
        self._first_s: float | None = None
        self._force = np.full(zones, np.nan)
        self._rest = np.full(zones, np.nan)
        self._t_s = 0.0
        self.reading = np.full(zones, np.nan)
        self._held: list[Announcement] = []
        self.over = False

    @property
    def left_behind(self) -> bool:
        """Whether the visit ended although something still lies on the mat."""
        return self._occupancy.left_behind

    def feed(self, times: NDArray[np.float64], codes: NDArray[np.float64]) -> tuple[int, list[Announcement]]:
        """Take frames; stop when the visit is over.  Returns how many were taken, and the news."""
        out: list[Announcement] = []
        for row in self._grid.update(times, codes):
            out += self._row(row)
            if self.over:
                return int(np.searchsorted(times, row.known_s, side="right")), out
        return len(times), out

    def somebody_came(self, seen_s: float) -> list[Announcement]:
        """It is known now that somebody is there."""
        assert self._presence == "empty"
        self._presence = "arriving"
        first_s = self._first_s if self._first_s is not None else seen_s
        since_s = first_s if seen_s - first_s <= self._numbers.held_s else seen_s - PREROLL_S
        held, self._held = self._held, []
        return [*held, Presence("arriving", since_s, seen_s)]

    def _row(self, row: Row) -> list[Announcement]:
        if self._first_s is None:
            self._first_s = row.first_s
        reading = self._update_zones(row)
        out = self._faults
        readings = reading.tolist()
        occupancy = self._occupancy
        occupancy.update(row.t_s, readings)
        if self._presence == "empty":
            self._held, out = [*self._held, *out][-MOST_HELD:], []
        if self._presence == "empty" and occupancy.lives:
            out += self.somebody_came(row.known_s)
        if self._presence == "arriving":
            self._presence = "settling"
            out.append(Presence("settling", row.t_s, row.known_s))
        if self._presence == "settling" and occupancy.still:
            self._presence = "still"
            self._rest = self._force.copy()
            out.append(Presence("still", occupancy.since_s, row.known_s))
            self._limbs.settle(row.t_s, occupancy.since_s)
        zones = self._zones
        out += self._limbs.update(
            Known(row.t_s, row.known_s, self._force.tolist(), readings, zones.bad, zones.gap_s, self._presence)
        )
        if occupancy.gone_since_s is not None:
            self.over = True
            if self._presence != "empty":
                out += self.finish()
                self._presence = "empty"
                out.append(Presence("empty", occupancy.gone_since_s, row.known_s))
        return out

    def _update_zones(self, row: Row) -> NDArray[np.float64]:
        """Loads of this row, as read; the creep-free ones are kept beside."""
        self._faults: list[Announcement] = list(self._zones.update(row, self._occupancy.lives))
        self.reading = self._scale.force(self._zones.volts)
        self._force = self._creep.update(row.t_s, self.reading)
        self._t_s = row.t_s
        self._history.append(row.t_s, np.concatenate([self._force, self.reading]))
        return self.reading

    def finish(self) -> list[Announcement]:
        """Nothing more will come: close what is open, inventing nothing."""
        return [] if self._presence == "empty" else self._limbs.finish(self._t_s)

    @property
    def live(self) -> LiveState:
        """The picture after the last row."""
        known = [None if np.isnan(x) else float(x) for x in self._force]
        rest: list[float | None] = [None if np.isnan(x) else float(x) for x in self._rest]
        for column, level_n in self._limbs.rest_n.items():
            rest[column] = level_n
        least_n = LEAST_REST_SHARE * self._numbers.least_n
        load = tuple(f / r if f is not None and r is not None and r > least_n else None for f, r in zip(known, rest, strict=True))
        load_n = tuple(f if c else None for f, c in zip(known, self._scale.calibrated, strict=True))
        limbs = self._limbs.live(self._presence not in ("settling", "empty"))
        faulty = tuple(self._mat.zone_names[i] for i in sorted(self._zones.bad))
        return LiveState(self._t_s, self._presence, Loads(self._t_s, load, load_n), limbs, faulty)
