"""The one detector of what the signal of a zone shows to be wrong with it; live, in replay and in `check`.

A zone is judged from its own readings, row by row (hardware.frame_rows):

missing     the channel cannot be read
open        it fell silent faster than foam and sensor ever let go; with an end resistor fitted, any silence
short       it reads the full supply; where the supply is below its nominal voltage, a flat level near it that came at once
stuck       the very same reading for so long that this zone's own noise leaves no other explanation
flickering  short cuts, again and again; a single frame is a disturbance, never a cable
twin        two loaded zones that stand and move alike: their wires touch
saturated   more load than the sensor can tell, for seconds
noisy       more noise than a divider has

A few lost readings are bridged with the last good one.  Which board a zone hangs on and how the bus is, hardware.health adds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hardware.frame_rows import CODES_PER_VOLT, ROW_S, Row
from hardware.mat import Mat
from hardware.supply_shorts import SupplyShorts

ZoneFaultKind = Literal["missing", "open", "short", "stuck", "flickering", "twin", "saturated", "noisy"]
UNUSABLE: tuple[ZoneFaultKind, ...] = ("missing", "open", "short", "stuck", "twin")
"""With these a zone's readings say nothing of the load on it."""

BRIDGE_S = 0.3
WELL_AGAIN_S = 0.6
STUCK_S = 3.0
STUCK_CHANCE = 1e-9
"""How unlikely a run of equal readings must be, by how often this zone's readings turn back and forth."""
STUCK_TIMES_LONGEST = 3
TURNS_ROWS = 750
FLICKER_WINDOW_S = 4.0
CUT_FRAMES = 2
LOADED_VOLTS = 0.2
SILENT_CODES = 16
"""2 mV: with an end resistor fitted even an empty zone reads tens of millivolts."""

LOOK_ROWS = 25
"""What takes seconds to show is looked for once a second."""
REMEMBERED_ROWS = 125
SATURATED_ROWS, SATURATED_SHARE, NOT_SATURATED_SHARE = 125, 0.97, 0.95
"""A node at 97 % of the supply rises by the remaining 3 % whatever is added; it is over at 95 %, not with every breath."""
NOISY_ROWS, NOISY_CODES = 50, 40.0
"""5 mV of noise from one reading to the next, where a quiet divider has less than one."""
NOISY_FRAMES, NOISY_MOVES = 2, 0.8
"""In the mean of several frames noise is smaller than in each; the tremor of a limb is not."""
NORMAL_BEND = math.sqrt(2.0 / math.pi) * math.sqrt(6.0)
"""Mean size of a second difference of normal noise of deviation 1."""
TWIN_ROWS, TWIN_LOOKS = 100, 3
TWIN_MOVES_CODES, TWIN_LEAST_CODES = 200.0, 400.0
"""Two sensors may stand at the same voltage for a while and breathe alike there; with 25 codes that was seven false alarms in eight
hours.  They do not make a larger movement together."""
TWIN_APART_CODES, TWIN_APART_SHARE = 3.0, 0.02
"""How far apart two joined inputs read: by noise, and for their channels are read up to 7 ms apart."""

Volts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """A fault of the zone in this column begins, or is over."""

    column: int
    kind: ZoneFaultKind
    over: bool


@dataclass(slots=True)
class _Zone:
    """One zone's recent past, in rows."""

    last_volts: float = float("nan")
    lost_rows: int = 10**6
    cut_rows: int = 0
    cut_frames: int = 0
    same_frames: int = 0
    same_rows: int = 0
    longest_same: int = 0
    seen: float = 0.0
    turns: float = 0.0
    cuts_at_s: tuple[float, ...] = ()
    fault: ZoneFaultKind | None = None
    well_rows: int = 0


class ZoneFaults:
    """Follows all zones of a mat; `volts` are the last row's readings with short losses bridged, NaN where unusable."""

    def __init__(self, mat: Mat) -> None:
        self._zones = [_Zone() for _ in mat.zone]
        self._slow = _SlowFaults(mat)
        self.volts: Volts = np.full(len(mat.zone), np.nan)
        self.unusable: frozenset[int] = frozenset(range(len(mat.zone)))

    @property
    def kinds(self) -> tuple[ZoneFaultKind | None, ...]:
        """What is wrong with each zone now."""
        return tuple(zone.fault for zone in self._zones)

    @property
    def twin_of(self) -> dict[int, int]:
        """Columns that read alike, each with one it is like."""
        return self._slow.twin_of

    def update(self, row: Row, somebody: bool = True) -> list[ZoneChange]:
        """One row.  Sameness is judged only while `somebody` is there: an empty mat is quiet."""
        out: list[ZoneChange] = []
        slow = self._slow.update(row)
        volts, cuts, turns = row.volts.tolist(), row.cuts.tolist(), row.turns.tolist()
        changes = row.changes.tolist() if somebody else [1.0] * len(volts)
        ordinary = True
        for i, zone in enumerate(self._zones):
            now = volts[i]
            lost = now != now
            cut = cuts[i] > 0
            if not lost and not cut and zone.fault is None and changes[i] > 0 and i not in slow:
                if zone.same_frames > zone.longest_same:
                    zone.longest_same = zone.same_frames
                zone.seen += row.frames - zone.seen / TURNS_ROWS
                zone.turns += turns[i] - zone.turns / TURNS_ROWS
                zone.last_volts, zone.lost_rows, zone.cut_rows, zone.same_frames = now, 0, 0, 0
                zone.same_rows = zone.cut_frames = 0
                if zone.cuts_at_s and row.t_s - zone.cuts_at_s[-1] > FLICKER_WINDOW_S:
                    zone.cuts_at_s = ()
                continue
            ordinary = False
            out += self._suspicious(i, zone, row, now, int(cuts[i]), changes[i] > 0, slow.get(i))
        if ordinary:
            self.volts, self.unusable = row.volts, frozenset()
            return out
        self.volts = np.array([float("nan") if zone.fault in UNUSABLE else zone.last_volts for zone in self._zones])
        self.unusable = frozenset(
            i for i, zone in enumerate(self._zones) if zone.fault in UNUSABLE or zone.last_volts != zone.last_volts
        )
        return out

    def _suspicious(
        self, i: int, zone: _Zone, row: Row, now: float, cuts: int, changed: bool, slow: ZoneFaultKind | None
    ) -> list[ZoneChange]:
        """The slow path: something is, or was, out of the ordinary with this zone."""
        lost = now != now
        loaded = not lost and now > LOADED_VOLTS
        if changed:
            zone.longest_same = max(zone.longest_same, zone.same_frames)
        zone.same_frames = 0 if changed or not loaded else zone.same_frames + row.frames
        zone.same_rows = 0 if changed or not loaded else zone.same_rows + 1
        if cuts and zone.cut_frames < CUT_FRAMES <= zone.cut_frames + cuts:
            zone.cuts_at_s = (*(t for t in zone.cuts_at_s if row.t_s - t < FLICKER_WINDOW_S), row.t_s)
        zone.cut_frames = zone.cut_frames + cuts if cuts else 0
        zone.cut_rows = zone.cut_rows + 1 if cuts else 0
        if lost:
            zone.lost_rows += 1
        else:
            zone.lost_rows, zone.last_volts = 0, now
        kind = self._kind(zone, row, lost, slow)
        if kind == zone.fault:
            zone.well_rows = 0
            return []
        if kind is not None and (zone.fault is None or zone.fault not in UNUSABLE or kind in UNUSABLE):
            out = self._over(i, zone) if zone.fault else []
            zone.fault, zone.well_rows = kind, 0
            return [*out, ZoneChange(i, kind, False)]
        zone.well_rows += 1
        wait = FLICKER_WINDOW_S if zone.fault == "flickering" else WELL_AGAIN_S
        if zone.fault is not None and zone.well_rows * ROW_S >= wait:
            return self._over(i, zone)
        return []

    def _kind(self, zone: _Zone, row: Row, lost: bool, slow: ZoneFaultKind | None) -> ZoneFaultKind | None:
        """What is wrong with the zone as of this row, the worst first."""
        if lost and zone.lost_rows * ROW_S >= BRIDGE_S:
            return "open" if zone.cut_rows * ROW_S >= BRIDGE_S else "missing"
        if slow in ("open", "short"):
            return slow
        if _is_stuck(zone):
            return "stuck"
        if slow == "twin":
            return "twin"
        if len(zone.cuts_at_s) >= 2 and row.t_s - zone.cuts_at_s[-1] < FLICKER_WINDOW_S:
            return "flickering"
        return slow

    def _over(self, i: int, zone: _Zone) -> list[ZoneChange]:
        kind = zone.fault
        assert kind is not None
        zone.fault, zone.well_rows = None, 0
        return [ZoneChange(i, kind, True)]


def _is_stuck(zone: _Zone) -> bool:
    """Whether a run of equal readings is longer than this zone's own noise, and its own longest run so far, can explain."""
    if zone.same_rows * ROW_S < STUCK_S or zone.same_frames < STUCK_TIMES_LONGEST * zone.longest_same or zone.seen <= 0.0:
        return False
    turning = min(zone.turns / zone.seen, 0.999)
    return zone.same_frames * math.log1p(-turning) < math.log(STUCK_CHANCE)


class _SlowFaults:
    """What shows over seconds, all zones at once."""

    def __init__(self, mat: Mat) -> None:
        zones = len(mat.zone)
        self._supply_codes = mat.mat.supply_volts * CODES_PER_VOLT
        self._end_resistors = mat.mat.end_resistors_ohms is not None
        self._supply_shorts = SupplyShorts(mat)
        self._codes = np.full((REMEMBERED_ROWS, zones), np.nan)
        self._bends = np.full((REMEMBERED_ROWS, zones), np.nan)
        self._rows = 0
        self._saturated = np.zeros(zones, dtype=np.bool_)
        self._alike: dict[tuple[int, int], int] = {}
        self._found: dict[int, ZoneFaultKind] = {}
        self.twin_of: dict[int, int] = {}

    def update(self, row: Row) -> dict[int, ZoneFaultKind]:
        """One row; column -> kind of what is wrong, as of the last look; a full short as of this row."""
        codes = row.volts * CODES_PER_VOLT
        at = self._rows % REMEMBERED_ROWS
        self._codes[at], self._bends[at] = codes, row.bends
        self._rows += 1
        shorts = self._supply_shorts.update(codes)
        if self._rows % LOOK_ROWS == 0:
            self._look(row.frames)
        return self._found | dict.fromkeys(shorts, "short") if shorts else self._found

    def _look(self, frames: int) -> None:
        order = np.arange(self._rows - min(self._rows, REMEMBERED_ROWS), self._rows) % REMEMBERED_ROWS
        codes, bends = self._codes[order], self._bends[order]
        noise = np.median(bends[-NOISY_ROWS:], axis=0) / NORMAL_BEND
        found: dict[int, ZoneFaultKind] = {}
        if len(codes) >= NOISY_ROWS and frames >= NOISY_FRAMES:
            moves = np.diff(codes[-NOISY_ROWS:], axis=0).std(axis=0) / math.sqrt(2.0)
            found |= dict.fromkeys(np.flatnonzero((noise > NOISY_CODES) & (moves < NOISY_MOVES * noise)).tolist(), "noisy")
        if len(codes) >= SATURATED_ROWS:
            lowest = np.percentile(codes[-SATURATED_ROWS:], 5, axis=0)
            usual = np.median(codes[-LOOK_ROWS:], axis=0)
            self._saturated &= usual >= NOT_SATURATED_SHARE * self._supply_codes
            self._saturated |= lowest >= SATURATED_SHARE * self._supply_codes
            found |= dict.fromkeys(np.flatnonzero(self._saturated).tolist(), "saturated")
        self.twin_of = self._twins(codes[-TWIN_ROWS:]) if len(codes) >= TWIN_ROWS else {}
        found |= dict.fromkeys(self.twin_of, "twin")
        self._supply_shorts.look(noise / math.sqrt(max(frames, 1)))
        if self._end_resistors and len(codes) >= LOOK_ROWS:
            silent = codes[-LOOK_ROWS:].max(axis=0) <= SILENT_CODES
            found |= dict.fromkeys(np.flatnonzero(silent).tolist(), "open")
        self._found = found

    def _twins(self, codes: Volts) -> dict[int, int]:
        """Loaded zones that stand at the same level and move alike, look after look."""
        moves, level = codes.std(axis=0), codes.mean(axis=0)
        candidates = np.flatnonzero((moves > TWIN_MOVES_CODES) & (level > TWIN_LEAST_CODES)).tolist()
        alike: dict[tuple[int, int], int] = {}
        for position, one in enumerate(candidates):
            for other in candidates[position + 1 :]:
                most = max(TWIN_APART_CODES, TWIN_APART_SHARE * min(moves[one], moves[other]))
                if abs(level[one] - level[other]) > most:
                    continue
                apart = codes[:, one] - codes[:, other]
                if math.sqrt(float(np.mean(apart * apart))) <= most:
                    alike[one, other] = self._alike.get((one, other), 0) + 1
        self._alike = alike
        found: dict[int, int] = {}
        for (one, other), looks in alike.items():
            if looks >= TWIN_LOOKS:
                found |= {one: other, other: one}
        return found
