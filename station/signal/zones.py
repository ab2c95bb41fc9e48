"""Which zones can be believed.

A zone is judged from its own readings, row by row, and named within a second: `missing` (the channel cannot be read), `open` (a
cut wire reads nothing, and got there faster than foam and sensor ever let go), `shorted` (reads the supply), `stuck` (the very
same reading for so long that this zone's own noise leaves no other explanation; a quiet sensor repeats itself), `flickering`
(short cuts, again and again), `twin` (two loaded zones that read the same to the last digit).  A few lost readings are bridged with
the last good one; after `BRIDGE_S` the zone is left out of its limb until it has been well for a while.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.model import Fault, FaultKind, Mat
from station.signal.grid import ROW_S, Row

BRIDGE_S = 0.3
WELL_AGAIN_S = 0.6
STUCK_S = 3.0
STUCK_CHANCE = 1e-9
"""How unlikely a run of equal readings must be, by how often this zone's readings turn back and forth."""
STUCK_TIMES_LONGEST = 3
TURNS_ROWS = 750
FLICKER_WINDOW_S = 4.0
TWIN_S = 3.0
LOADED_VOLTS = 0.2
SHORT_SIEMENS = 0.01
"""No force-sensitive resistor of these sizes goes below 100 ohms."""
GAP_S = 0.5

WORDS: dict[FaultKind, str] = {
    "missing": "{zone} cannot be read: is its board or wire loose?",
    "open": "{zone} fell silent at once: a cut or unplugged cable?",
    "shorted": "{zone} reads the full supply: a short circuit?",
    "stuck": "{zone} always reads the same: sensor or board stuck?",
    "flickering": "{zone} comes and goes: a loose cable?",
    "twin": "{zone} and its neighbour read the same: two channels touching?",
}
UNUSABLE: tuple[FaultKind, ...] = ("missing", "open", "shorted", "stuck", "twin")


@dataclass(slots=True)
class _Zone:
    """One zone's recent past, in rows."""

    last_volts: float = float("nan")
    lost_rows: int = 10**6
    cut_rows: int = 0
    same_frames: int = 0
    same_rows: int = 0
    longest_same: int = 0
    seen: float = 0.0
    turns: float = 0.0
    rail_rows: int = 0
    cuts_at_s: tuple[float, ...] = ()
    fault: FaultKind | None = None
    well_rows: int = 0


class Zones:
    """Follows the health of all zones; `volts` are this row's readings with short losses bridged, NaN where unusable."""

    def __init__(self, mat: Mat) -> None:
        self._names = mat.zone_names
        supply = mat.mat.supply_volts
        self._rails = [min(0.995, 1.0 - 1.0 / (1.0 + zone.resistor_ohms * SHORT_SIEMENS)) * supply for zone in mat.zone]
        self._zones = [_Zone() for _ in self._names]
        self._last_s: float | None = None
        self._twin_rows = 0
        self._twins: tuple[int, ...] = ()
        self.volts: NDArray[np.float64] = np.full(len(self._names), np.nan)
        self.bad: frozenset[int] = frozenset(range(len(self._names)))
        self.gap_s: tuple[float, float] | None = None

    def update(self, row: Row, somebody: bool = True) -> list[Fault]:
        """One row.  Afterwards `volts`, `bad` and `gap_s` (if frames were missing before this row) hold.  Sameness is judged
        only once `somebody` has come: an empty mat is quiet."""
        out: list[Fault] = []
        self.gap_s = None
        if self._last_s is not None and row.first_s - self._last_s > GAP_S:
            self.gap_s = (self._last_s, row.first_s)
            words = f"no readings for {row.first_s - self._last_s:.1f} s"
            out.append(Fault("gap", None, self._last_s, row.known_s, False, words))
            out.append(Fault("gap", None, row.first_s, row.known_s, True, words))
        self._last_s = row.last_s
        twins = self._find_twins(row) if somebody else ()
        volts, cuts, turns = row.volts.tolist(), row.cuts.tolist(), row.turns.tolist()
        changes = row.changes.tolist() if somebody else [1.0] * len(volts)
        for i, zone in enumerate(self._zones):
            now = volts[i]
            lost = now != now
            cut = cuts[i] > 0
            if not lost and not cut and zone.fault is None and changes[i] > 0 and now < self._rails[i] and i not in twins:
                if zone.same_frames > zone.longest_same:
                    zone.longest_same = zone.same_frames
                zone.seen += row.frames - zone.seen / TURNS_ROWS
                zone.turns += turns[i] - zone.turns / TURNS_ROWS
                zone.last_volts, zone.lost_rows, zone.cut_rows, zone.same_frames = now, 0, 0, 0
                zone.same_rows = zone.rail_rows = 0
                if zone.cuts_at_s and row.t_s - zone.cuts_at_s[-1] > FLICKER_WINDOW_S:
                    zone.cuts_at_s = ()
                continue
            out += self._suspicious(i, zone, row, now, lost, cut, changes[i] > 0, i in twins)
        self.volts = np.array([float("nan") if zone.fault in UNUSABLE else zone.last_volts for zone in self._zones])
        self.bad = frozenset(
            i for i, zone in enumerate(self._zones) if zone.fault in UNUSABLE or zone.last_volts != zone.last_volts
        )
        return out

    def _suspicious(
        self, i: int, zone: _Zone, row: Row, now: float, lost: bool, cut: bool, changed: bool, twin: bool
    ) -> list[Fault]:
        """The slow path: something is, or was, out of the ordinary with this zone."""
        loaded = not lost and now > LOADED_VOLTS
        if changed:
            zone.longest_same = max(zone.longest_same, zone.same_frames)
        zone.same_frames = 0 if changed or not loaded else zone.same_frames + row.frames
        zone.same_rows = 0 if changed or not loaded else zone.same_rows + 1
        zone.rail_rows = zone.rail_rows + 1 if not lost and now >= self._rails[i] else 0
        if cut and zone.cut_rows == 0:
            zone.cuts_at_s = (*(t for t in zone.cuts_at_s if row.t_s - t < FLICKER_WINDOW_S), row.t_s)
        zone.cut_rows = zone.cut_rows + 1 if cut else 0
        if lost:
            zone.lost_rows += 1
        else:
            zone.lost_rows, zone.last_volts = 0, now
        kind: FaultKind | None = None
        if lost and zone.lost_rows * ROW_S >= BRIDGE_S:
            kind = "missing"
            if zone.cut_rows * ROW_S >= BRIDGE_S:
                kind = "open"
        elif zone.rail_rows * ROW_S >= BRIDGE_S:
            kind = "shorted"
        elif _is_stuck(zone):
            kind = "stuck"
        elif twin:
            kind = "twin"
        elif len(zone.cuts_at_s) >= 2 and row.t_s - zone.cuts_at_s[-1] < FLICKER_WINDOW_S:
            kind = "flickering"
        if kind == zone.fault:
            zone.well_rows = 0
            return []
        if kind is not None and (zone.fault is None or zone.fault not in UNUSABLE or kind in UNUSABLE):
            out = self._over(i, zone, row) if zone.fault else []
            zone.fault, zone.well_rows = kind, 0
            return [*out, Fault(kind, self._names[i], row.t_s, row.known_s, False, WORDS[kind].format(zone=self._names[i]))]
        zone.well_rows += 1
        wait = FLICKER_WINDOW_S if zone.fault == "flickering" else WELL_AGAIN_S
        if zone.fault is not None and zone.well_rows * ROW_S >= wait:
            return self._over(i, zone, row)
        return []

    def _over(self, i: int, zone: _Zone, row: Row) -> list[Fault]:
        kind = zone.fault
        assert kind is not None
        zone.fault, zone.well_rows = None, 0
        return [Fault(kind, self._names[i], row.t_s, row.known_s, True, f"{self._names[i]} reads again as it should")]

    def _find_twins(self, row: Row) -> tuple[int, ...]:
        """Loaded zones whose readings equal another's, row after row; looked for by equal sums."""
        volts = row.volts
        order = np.argsort(volts)
        ordered = volts[order]
        same = np.flatnonzero((ordered[1:] == ordered[:-1]) & (ordered[1:] > LOADED_VOLTS))
        pairs = tuple(sorted({int(order[k]) for k in same} | {int(order[k + 1]) for k in same}))
        self._twin_rows = self._twin_rows + 1 if pairs and pairs == self._twins else 0
        self._twins = pairs
        return pairs if self._twin_rows * ROW_S >= TWIN_S else ()


def _is_stuck(zone: _Zone) -> bool:
    """Whether a run of equal readings is longer than this zone's own noise, and its own longest run so far, can explain."""
    if zone.same_rows * ROW_S < STUCK_S or zone.same_frames < STUCK_TIMES_LONGEST * zone.longest_same or zone.seen <= 0.0:
        return False
    turning = min(zone.turns / zone.seen, 0.999)
    return zone.same_frames * math.log1p(-turning) < math.log(STUCK_CHANCE)
