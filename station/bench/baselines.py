"""Two small detectors to compare ours with, kept simple on purpose and as good as they get while they are.

`threshold`: what anybody would write first.  The lead zone is off below a tenth of its resting load and on again above a fifth;
rest follows up within a second and down within a minute.

`reference`: the same with a floor.  A sensor that something presses on, or that remembers a load, never reads nothing; so the lead
zone also has left when its load is low and no longer moves, and the level it keeps then is the floor that a landing rises from.

Both see the same rows of 40 ms, know nothing of what comes later, and give the four moments and their announcements, but no
uncertainties.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hardware.divider import conductance_siemens
from hardware.mat import Limb
from hardware.sim.labels import Recording
from station.model import Lift

Array = NDArray[np.float64]

ROW_S = 0.04
SHORTEST_ALOFT_S = 1.25
DEBOUNCE_S = 0.12
REST_RISES_S, REST_SINKS_S = 1.0, 60.0
BAND = 0.05
FLAT_S, FLAT_SHARE = 1.2, 0.03
"""The melt is over when the load moved by less than this share of rest for so long."""


def loads(recording: Recording) -> tuple[Array, Array]:
    """Times (n,) and loads (n, zones) of rows of 40 ms: force where the mat is calibrated, else conductance; gaps hold the last."""
    supply = recording.mat.mat.supply_volts
    out = np.empty_like(recording.volts)
    for i, zone in enumerate(recording.mat.zone):
        volts = np.clip(recording.volts[:, i], 0.0, 0.999 * supply)
        siemens = conductance_siemens(volts, supply, zone.resistor_ohms)
        k, gamma = zone.k or 5e-5, zone.gamma or 1.0
        out[:, i] = (siemens / k) ** (1.0 / gamma)
    bins = np.floor(recording.t_s / ROW_S).astype(np.int64)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(bins) != 0]))
    known = ~np.isnan(out)
    counts = np.add.reduceat(known.astype(float), starts, axis=0)
    sums = np.add.reduceat(np.where(known, out, 0.0), starts, axis=0)
    ends = np.concatenate([starts[1:], [len(bins)]]) - 1
    rows = np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)
    for i in range(1, len(rows)):
        rows[i] = np.where(np.isnan(rows[i]), rows[i - 1], rows[i])
    return recording.t_s[ends], np.nan_to_num(rows)


class Rest:
    """The resting level: up within a second, down within a minute."""

    def __init__(self, level: float) -> None:
        self.level = level

    def update(self, y: float, step_s: float) -> None:
        tau_s = REST_RISES_S if y > self.level else REST_SINKS_S
        self.level += (y - self.level) * min(1.0, step_s / tau_s)


@dataclass(slots=True)
class Attempt:
    """A lift under way: the times known so far, and the highest share of the limb's rest that has left."""

    rest: float
    prepare_start: float
    lift_off: float
    off_reported: float
    lowest: float
    touch_down: float | None = None
    on_reported: float = 0.0
    since: list[tuple[float, float]] = field(default_factory=list)


class Limbs:
    """What both share: rest, the prepare's beginning, the melt's end.  `lost` and `regained` are each one's own."""

    def __init__(self, limb: Limb) -> None:
        self.limb = limb
        self.lifts: list[Lift] = []
        self._rest: Rest | None = None
        self._total_rest = Rest(0.0)
        self._at_rest_s = 0.0
        self._attempt: Attempt | None = None
        self._recent: deque[tuple[float, float]] = deque()
        self._last_s = 0.0

    def lost(self, t_s: float, y: float, rest: float) -> float | None:
        """When contact was lost, if it was."""
        raise NotImplementedError

    def regained(self, t_s: float, y: float, rest: float) -> float | None:
        """When contact was regained, if it was."""
        raise NotImplementedError

    def update(self, t_s: float, y: float, total: float) -> None:
        if self._rest is None:
            self._rest, self._total_rest = Rest(y), Rest(total)
        step_s, self._last_s = t_s - self._last_s, t_s
        if total >= (1.0 - BAND) * self._total_rest.level:
            self._at_rest_s = t_s
        attempt = self._attempt
        if attempt is None or attempt.touch_down is not None:
            off_s = self.lost(t_s, y, self._rest.level)
            if off_s is not None:
                self.finish(t_s)
                began_s = min(self._at_rest_s, off_s)
                self._attempt = Attempt(self._total_rest.level, began_s, off_s, t_s, total)
                return
            self._rest.update(y, step_s)
            self._total_rest.update(total, step_s)
        if attempt is None:
            return
        if attempt.touch_down is None:
            attempt.lowest = min(attempt.lowest, total)
            on_s = self.regained(t_s, y, self._rest.level)
            if on_s is not None:
                attempt.touch_down, attempt.on_reported = on_s, t_s
                if on_s - attempt.lift_off < SHORTEST_ALOFT_S:
                    self._attempt = None
            return
        attempt.since.append((t_s, total))
        inside = [level for when, level in attempt.since if when > t_s - FLAT_S]
        if t_s - attempt.touch_down > FLAT_S and max(inside) - min(inside) < FLAT_SHARE * attempt.rest:
            settled = sum(inside) / len(inside)
            outside = [when for when, level in attempt.since if abs(level - settled) > BAND * settled]
            self.finish(t_s, outside[-1] if outside else attempt.touch_down)

    def finish(self, t_s: float, melt_end: float | None = None) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is None or attempt.touch_down is None:
            return
        reported = {"lift_off": attempt.off_reported, "touch_down": attempt.on_reported}
        if melt_end is not None:
            reported["melt_end"] = t_s
        extent = min(1.0, max(0.0, 1.0 - attempt.lowest / max(attempt.rest, 1e-9)))
        times = (attempt.prepare_start, attempt.lift_off, attempt.touch_down, melt_end)
        self.lifts.append(Lift(self.limb.name, "lift", "limb", *times, reported, extent))


class ThresholdLimb(Limbs):
    """Off below a tenth of rest, on above a fifth; a landing is dated where it passed the tenth."""

    OFF, ON = 0.10, 0.20

    def __init__(self, limb: Limb) -> None:
        super().__init__(limb)
        self._below_s: float | None = None
        self._off_until_s = 0.0

    def lost(self, t_s: float, y: float, rest: float) -> float | None:
        if y >= self.OFF * rest or rest <= 0.0:
            self._below_s = None
            return None
        self._below_s = t_s if self._below_s is None else self._below_s
        return self._below_s if t_s - self._below_s >= DEBOUNCE_S else None

    def regained(self, t_s: float, y: float, rest: float) -> float | None:
        self._below_s = None
        if y < self.OFF * rest:
            self._off_until_s = t_s
        return self._off_until_s if y > self.ON * rest else None


class ReferenceLimb(Limbs):
    """With a floor: lost at once near nothing, or low and flat for a share of the time that the fall took."""

    AT_ONCE = 0.05
    LEVELS = ((0.14, 0.03, 0.4), (0.30, 0.015, 0.6))
    """(below this share of rest, moved by less than this share of it, for this share of the fall's own time)."""
    FLOOR_GROWTH, FLOOR_MARGIN = 1.6, 0.06
    """A level is no floor when it is above this many times the lowest ever seen plus this share of rest."""
    RISE = 0.04
    NOTICED = 0.015
    HISTORY_S = 60.0

    def __init__(self, limb: Limb) -> None:
        super().__init__(limb)
        self._levels: deque[tuple[float, float]] = deque()
        self._floor = 0.0
        self._floors: list[float] = []
        self._lowest = np.inf

    def lost(self, t_s: float, y: float, rest: float) -> float | None:
        self._levels.append((t_s, y))
        while t_s - self._levels[0][0] > self.HISTORY_S:
            self._levels.popleft()
        self._lowest = min(self._lowest, y)
        most = min(self.LEVELS[-1][0] * rest, self.FLOOR_GROWTH * self._lowest + self.FLOOR_MARGIN * rest)
        if rest <= 0.0 or y > most:
            return None
        known = min(self._floors[-5:], default=0.0)
        free = (y - known) / max(rest - known, 1e-9)
        if free < self.AT_ONCE and self._stays(t_s, y, rest, self.AT_ONCE, DEBOUNCE_S):
            return self._landed_on(t_s, y, rest)
        fall_s = t_s - max((when for when, level in self._levels if level > 0.9 * rest), default=t_s)
        for below, moved, share in self.LEVELS:
            if free < below and self._stays(t_s, y, rest, moved, max(0.3, share * fall_s)):
                return self._landed_on(t_s, y, rest)
        return None

    def _stays(self, t_s: float, y: float, rest: float, moved: float, for_s: float) -> bool:
        inside = [level for when, level in self._levels if when >= t_s - for_s]
        return self._levels[0][0] <= t_s - for_s and max(inside) - min(inside) <= moved * rest

    def _landed_on(self, t_s: float, y: float, rest: float) -> float:
        """Remember the floor; contact was lost when the load last stood above it by a fiftieth of rest."""
        self._floor = y
        edge = y + 0.02 * rest
        off_s = max((when for when, level in self._levels if level > edge), default=t_s)
        self._levels.clear()
        return off_s

    def regained(self, t_s: float, y: float, rest: float) -> float | None:
        self._levels.append((t_s, y))
        self._floor = min(self._floor, y)
        if y < self._floor + self.RISE * rest:
            return None
        edge = self._floor + self.NOTICED * rest
        on_s = max((when for when, level in self._levels if level < edge), default=t_s)
        self._floors.append(self._floor)
        self._levels.clear()
        return on_s


def detect(recording: Recording, kind: type[Limbs]) -> list[Lift]:
    """All lifts of a recording, in the order they were finished."""
    t_s, load = loads(recording)
    out: list[Lift] = []
    for limb in recording.mat.limb:
        columns = list(recording.mat.columns(limb))
        tracker = kind(limb)
        lead, total = load[:, columns[0]].tolist(), load[:, columns].sum(axis=1).tolist()
        for when, y, whole in zip(t_s.tolist(), lead, total, strict=True):
            tracker.update(when, y, whole)
        tracker.finish(t_s[-1])
        out += tracker.lifts
    return sorted(out, key=lambda lift: lift.touch_down or 0.0)


def threshold(recording: Recording) -> list[Lift]:
    """A plain threshold with hysteresis."""
    return detect(recording, ThresholdLimb)


def reference(recording: Recording) -> list[Lift]:
    """A local rest, a floor, and flatness."""
    return detect(recording, ReferenceLimb)
