"""The pipeline: frames in, announcements out.  The same object live and in replay.

    frames -> rows -> newtons -> presence, phases -> Lift -> Repetition

What comes out depends on the frames alone: not on how they were cut into blocks, not on any clock.  Whatever was announced by the
time of a frame never changes afterwards.

While nobody is on the mat only a cheap look is taken at each frame.  When somebody arrives, detection begins afresh at a frame up
to `PREROLL_S` before the load appeared (the empty mat just before tells what each sensor reads under nothing);
`Presence("arriving")` carries the time of that frame, and a recording that starts with it replays to the same announcements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.frames import CODES_PER_VOLT, FrameBlock
from station.model import Announcement, Lift, LiveLimb, LiveState, Loads, Mat, PhaseEvent, Presence, PresenceKind
from station.signal.creep import LARGEST_PER_DECADE, PRIOR_PER_DECADE, Creep
from station.signal.grid import Grid, Row
from station.signal.history import History
from station.signal.limb import LimbTracker
from station.signal.loads import ForceScale
from station.signal.presence import Stillness, occupied
from station.signal.repetitions import Repetitions
from station.signal.zones import Zones

DETECTOR_VERSION = "1"
"""Kept with every analysis; changes whenever the same frames may give other times."""

PREROLL_S = 2.0
HISTORY_ROWS = 2000
LARGEST_VOLTS = 6.0


class ZoneConstants(Protocol):
    """What the detector needs of a zone's calibration (`hardware.calibration.ZoneCalibration` has it)."""

    @property
    def k(self) -> float: ...
    @property
    def gamma(self) -> float: ...
    @property
    def creep_per_decade(self) -> float | None: ...


class Detector:
    """Times the phases of every limb of one mat.

    mat: which zone is where; its bench calibration (k, gamma) is used where `calibration` has nothing better.
    calibration: by zone name.
    """

    def __init__(self, mat: Mat, calibration: Mapping[str, ZoneConstants] | None = None) -> None:
        self._mat = mat
        self._scale = ForceScale(mat, {name: (zone.k, zone.gamma) for name, zone in (calibration or {}).items()})
        self._creep_per_decade = np.array([_growth((calibration or {}).get(name)) for name in mat.zone_names])
        self._last_s = -np.inf
        self._before_t = np.zeros(0)
        self._before = np.zeros((0, len(mat.zone)))
        self._visit: _Visit | None = None
        self._newtons: NDArray[np.float64] = np.full(len(mat.zone), np.nan)

    def feed(self, block: FrameBlock) -> list[Announcement]:
        """Take the next frames (rising times; NaN where a channel is missing) and return what became known, in order.

        Raises ValueError when time does not rise.
        """
        if len(block) == 0:
            return []
        times = np.asarray(block.t_s, dtype=np.float64)
        if not (np.all(np.diff(times) > 0) and times[0] > self._last_s and np.isfinite(times[-1])):
            raise ValueError("frame times must rise; frames repeated, out of order or without a time cannot be judged")
        volts = np.where(np.abs(block.volts) <= LARGEST_VOLTS, block.volts, np.nan)
        codes = np.rint(volts * CODES_PER_VOLT)
        self._last_s = float(times[-1])
        out: list[Announcement] = []
        while len(times):
            if self._visit is None:
                here = np.flatnonzero(occupied(self._scale.force(codes / CODES_PER_VOLT)))
                if len(here) == 0:
                    self._remember(times, codes)
                    break
                n = int(here[0]) + 1
                self._remember(times[:n], codes[:n])
                seen = float(times[n - 1])
                start = int(np.searchsorted(self._before_t, seen - PREROLL_S))
                first = float(self._before_t[start])
                self._visit = _Visit(self._mat, self._scale, self._creep_per_decade)
                out.append(Presence("arriving", first, seen))
                out += self._visit.feed(self._before_t[start:], self._before[start:])
                times, codes = times[n:], codes[n:]
                continue
            used, news = self._visit.feed_until_gone(times, codes)
            out += news
            if self._visit.gone:
                self._visit = None
                self._before_t, self._before = self._before_t[:0], self._before[:0]
            times, codes = times[used:], codes[used:]
        return out

    def _remember(self, times: NDArray[np.float64], codes: NDArray[np.float64]) -> None:
        """Keep the frames of the last PREROLL_S."""
        self._before_t = np.concatenate([self._before_t, times])
        self._before = np.concatenate([self._before, codes])
        start = int(np.searchsorted(self._before_t, self._before_t[-1] - PREROLL_S - 0.1))
        self._before_t, self._before = self._before_t[start:], self._before[start:]

    def finish(self) -> list[Announcement]:
        """The recording or session ends here: close what is open, inventing nothing."""
        return self._visit.finish() if self._visit is not None else []

    @property
    def live(self) -> LiveState:
        """The picture after the last frame fed."""
        if self._visit is not None:
            return self._visit.live
        nothing = (None,) * len(self._mat.zone)
        t_s = self._last_s if np.isfinite(self._last_s) else 0.0
        limbs = tuple(LiveLimb(limb.name, "rest", t_s, None) for limb in self._mat.limb)
        return LiveState(t_s, "empty", Loads(t_s, nothing, nothing), limbs, ())


class _Visit:
    """One person's stay on the mat, from just before the first load to an empty mat."""

    def __init__(self, mat: Mat, scale: ForceScale, creep_per_decade: NDArray[np.float64]) -> None:
        self._mat = mat
        self._scale = scale
        self._grid = Grid(len(mat.zone))
        self._history = History(HISTORY_ROWS, 2 * len(mat.zone))
        taken = Counter(column for limb in mat.limb for column in mat.columns(limb))
        torso = tuple(i for i in range(len(mat.zone)) if i not in taken)
        shared = tuple(i for i, count in taken.items() if count > 1)
        self._limbs = tuple(LimbTracker(limb, mat.columns(limb), len(mat.zone), torso, shared, self._history) for limb in mat.limb)
        self._creep = Creep(creep_per_decade)
        self._zones = Zones(mat)
        self._stillness = Stillness(self._history)
        self._repetitions = Repetitions(mat.limb)
        self._presence: PresenceKind = "arriving"
        self._force = np.full(len(mat.zone), np.nan)
        self._rest = np.full(len(mat.zone), np.nan)
        self._t_s = 0.0
        self.gone = False

    def feed_until_gone(self, times: NDArray[np.float64], codes: NDArray[np.float64]) -> tuple[int, list[Announcement]]:
        """Take frames; stop when the mat has become empty.  Returns how many were taken, and the news."""
        out: list[Announcement] = []
        for row in self._grid.update(times, codes):
            out += self._row(row)
            if self.gone:
                return int(np.searchsorted(times, row.last_s, side="right")), out
        return len(times), out

    def feed(self, times: NDArray[np.float64], codes: NDArray[np.float64]) -> list[Announcement]:
        out: list[Announcement] = []
        for row in self._grid.update(times, codes):
            out += self._row(row)
        return out

    def _row(self, row: Row) -> list[Announcement]:
        out: list[Announcement] = list(self._zones.update(row, self._stillness.came))
        reading = self._scale.force(self._zones.volts)
        force = self._creep.update(row.t_s, reading)
        self._force, self._t_s = force, row.t_s
        self._history.append(row.t_s, np.concatenate([force, reading]))
        self._stillness.update(reading)
        if self._presence == "arriving":
            self._presence = "settling"
            out.append(Presence("settling", row.t_s, row.last_s))
        if self._presence == "settling" and self._stillness.still:
            self._presence = "still"
            self._rest = force.copy()
            out.append(Presence("still", self._stillness.since_s, row.last_s))
            for tracker in self._limbs:
                tracker.settle(row.t_s)
        newtons, readings, empty = force.tolist(), reading.tolist(), self._stillness.empty
        for tracker in self._limbs:
            news = tracker.update(row.t_s, row.last_s, newtons, readings, self._zones.bad, self._zones.gap_s, not empty)
            for item in news:
                if self._presence == "settling" and _provisional(item):
                    continue
                out.append(item)
                if isinstance(item, Lift):
                    out += self._repetitions.update(item, self._under_way(), row.last_s)
        if self._stillness.gone:
            self.gone = True
            out += self.finish()
            self._presence = "empty"
            out.append(Presence("empty", row.t_s, row.last_s))
        return out

    def _under_way(self) -> dict[str, float]:
        return {x.limb.name: x.lift_off_s for x in self._limbs if x.lift_off_s is not None}

    def finish(self) -> list[Announcement]:
        out: list[Announcement] = []
        for tracker in self._limbs:
            for item in tracker.finish(self._t_s):
                out.append(item)
                if isinstance(item, Lift):
                    out += self._repetitions.update(item, self._under_way(), self._t_s)
        return out + list(self._repetitions.finish(self._t_s))

    @property
    def live(self) -> LiveState:
        known = [None if np.isnan(x) else float(x) for x in self._force]
        rest: list[float | None] = [None if np.isnan(x) or x <= 0 else float(x) for x in self._rest]
        for tracker in self._limbs:
            for column, level_n in tracker.rest_n.items():
                rest[column] = level_n if level_n > 0 else None
        load = tuple(f / r if f is not None and r is not None else None for f, r in zip(known, rest, strict=True))
        load_n = tuple(f if c else None for f, c in zip(known, self._scale.calibrated, strict=True))
        settling = self._presence == "settling"
        limbs = tuple(
            LiveLimb(x.limb.name, "rest" if settling and x.phase == "prepare" else x.phase, x.since_s, x.load) for x in self._limbs
        )
        return LiveState(
            self._t_s,
            self._presence,
            Loads(self._t_s, load, load_n),
            limbs,
            tuple(self._mat.zone_names[i] for i in sorted(self._zones.bad)),
        )


def _growth(zone: ZoneConstants | None) -> float:
    """Creep per decade, as calibrated within reason, else what most sensors show."""
    if zone is None or zone.creep_per_decade is None:
        return PRIOR_PER_DECADE
    return min(max(zone.creep_per_decade, 0.0), LARGEST_PER_DECADE)


def _provisional(item: PhaseEvent | Lift) -> bool:
    """What a person who is still arranging herself on the mat makes by the dozen, and nobody wants to hear."""
    return item.kind in ("prepare_start", "prepare_dropped", "unweighting")
