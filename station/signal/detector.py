"""The detector: frames in, announcements out.  The same object live and in replay.

    frames -> rows -> newtons -> presence, phases -> Lift -> Repetition

What comes out depends on the frames alone: not on how they were cut into blocks, not on any clock.  Whatever was announced by the
time of a frame never changes afterwards.

While nobody is on the mat only a cheap look is taken at the frames.  When somebody arrives, detection begins afresh at a frame up
to `PREROLL_S` before it showed (the empty mat just before tells what each sensor reads under nothing);
`Presence("arriving")` carries the time of that frame, and a recording that starts with it replays to the same announcements.
A stream may also begin with somebody lying there: if any zone carries something in its first frame, detection runs, and says
nothing until somebody shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.frame_rows import CODES_PER_VOLT
from station.model import Announcement, LiveLimb, LiveState, Loads, Mat, Presence
from station.signal.loads import ForceScale, ZoneConstants
from station.signal.params import Parameters, Sensor
from station.signal.presence import DECIDE_S, PREROLL_S, loaded, shows_life
from station.signal.stay import Stay

DETECTOR_VERSION = "7"
"""Kept with every analysis; changes whenever the same frames may give other times."""


class Frames(Protocol):
    """What the detector needs of a block of frames (`hardware.frames.FrameBlock` has it).

    t_s: shape (n,), rising seconds.  volts: shape (n, zones), NaN where a channel is missing.
    """

    @property
    def t_s(self) -> NDArray[np.float64]: ...
    @property
    def volts(self) -> NDArray[np.float64]: ...


class Detector:
    """Times the phases of every limb of one mat.

    mat: which zone is where; its bench calibration (k, gamma) is used where `calibration` has nothing better.
    calibration: by zone name.  parameters: what to decide by, where not as usual.
    """

    def __init__(
        self, mat: Mat, calibration: Mapping[str, ZoneConstants] | None = None, parameters: Parameters | None = None
    ) -> None:
        self._mat = mat
        self._p = parameters or Parameters()
        zones = calibration or {}
        self._scale = ForceScale(mat, zones, self._p.sensor)
        self._creep_per_decade = np.array([_growth(zones.get(name), self._p.sensor) for name in mat.zone_names])
        self._last_s = -np.inf
        self._tare = np.zeros(len(mat.zone))
        self._times = np.zeros(0)
        self._codes = np.zeros((0, len(mat.zone)))
        self._visit: Stay | None = None

    def feed(self, block: Frames) -> list[Announcement]:
        """Take the next frames (rising times; NaN where a channel is missing) and return what became known, in order.

        Raises ValueError when time does not rise.
        """
        if len(block.t_s) == 0:
            return []
        times = np.asarray(block.t_s, dtype=np.float64)
        if not (np.all(np.diff(times) > 0) and times[0] > self._last_s and np.isfinite(times[-1])):
            raise ValueError("frame times must rise; frames repeated, out of order or without a time cannot be judged")
        volts = np.where(np.abs(block.volts) <= self._p.sensor.most_volts, block.volts, np.nan)
        codes = np.rint(volts * CODES_PER_VOLT)
        if not np.isfinite(self._last_s) and np.any(self._scale.force(codes[0] / CODES_PER_VOLT) > self._p.presence.least_n):
            self._visit = Stay(self._mat, self._scale, self._creep_per_decade, self._p, sure=False)
        self._last_s = float(times[-1])
        out: list[Announcement] = []
        while len(times):
            if self._visit is None:
                times, codes = self._watch(times, codes, out)
                continue
            used, news = self._visit.feed(times, codes)
            out += news
            if self._visit.over:
                self._tare = np.nan_to_num(self._visit.reading) if self._visit.left_behind else np.zeros(len(self._mat.zone))
                self._visit = None
                self._times, self._codes = self._times[:0], self._codes[:0]
            times, codes = times[used:], codes[used:]
        return out

    def _watch(
        self, times: NDArray[np.float64], codes: NDArray[np.float64], out: list[Announcement]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Look at an empty mat five times a second, at times that do not depend on how frames come.  Returns the frames left."""
        turns = np.floor(times / DECIDE_S)
        before = math.floor(self._times[-1] / DECIDE_S) if len(self._times) else turns[0]
        first_of_turn = np.flatnonzero(np.diff(turns, prepend=before) > 0)
        taken = 0
        for at in first_of_turn.tolist():
            self._remember(times[taken : at + 1], codes[taken : at + 1])
            taken = at + 1
            if self._somebody_came():
                seen_s = float(times[at])
                self._visit = Stay(self._mat, self._scale, self._creep_per_decade, self._p, sure=True)
                out.append(Presence("arriving", float(self._times[0]), seen_s))
                _, news = self._visit.feed(self._times, self._codes)
                out += news
                return times[taken:], codes[taken:]
        self._remember(times[taken:], codes[taken:])
        return times[:0], codes[:0]

    def _somebody_came(self) -> bool:
        force = self._scale.force(self._codes / CODES_PER_VOLT)
        if bool(loaded(force[-1:], self._p.presence.left_growth * self._tare, self._p.presence)[0]):
            return True
        return shows_life(self._times, force, self._p.presence)

    def _remember(self, times: NDArray[np.float64], codes: NDArray[np.float64]) -> None:
        """Keep the frames of the last PREROLL_S."""
        if len(times) == 0:
            return
        self._times = np.concatenate([self._times, times])
        self._codes = np.concatenate([self._codes, codes])
        start = int(np.searchsorted(self._times, self._times[-1] - PREROLL_S))
        self._times, self._codes = self._times[start:], self._codes[start:]

    def finish(self) -> list[Announcement]:
        """The recording or session ends here: close what is open, inventing nothing."""
        return self._visit.finish() if self._visit is not None else []

    @property
    def left_on(self) -> tuple[str, ...]:
        """Zones on which something lies though nobody is there: more than a cover presses."""
        if self._visit is not None or not len(self._codes):
            return ()
        now = self._scale.force(self._codes[-1] / CODES_PER_VOLT)
        return tuple(name for name, n in zip(self._mat.zone_names, now, strict=True) if n > self._p.presence.loaded_n)

    @property
    def live(self) -> LiveState:
        """The picture after the last frame fed."""
        if self._visit is not None:
            return self._visit.live
        nothing = (None,) * len(self._mat.zone)
        t_s = self._last_s if np.isfinite(self._last_s) else 0.0
        limbs = tuple(LiveLimb(limb.name, "rest", t_s, None) for limb in self._mat.limb)
        return LiveState(t_s, "empty", Loads(t_s, nothing, nothing), limbs, ())


def _growth(zone: ZoneConstants | None, sensor: Sensor) -> float:
    """Creep per decade, as calibrated within reason, else what most sensors show."""
    if zone is None or zone.creep_per_decade is None:
        return sensor.creep_per_decade
    return min(max(zone.creep_per_decade, 0.0), sensor.largest_creep)
