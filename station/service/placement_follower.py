"""Follows how somebody lies, from frames: the loads that the placement guide judges, at its own pace."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hardware.frames import FrameBlock
from station.model import LiveState, Mat
from station.practice.cue import Cue
from station.practice.guide import Guide
from station.practice.placement import PlacementGuide, PlacementView
from station.practice.positions import Position
from station.signal.loads import ForceScale, ZoneConstants

EVERY_S = 0.1
SMOOTHED_S = 0.3
"""Loads are averaged over about so long: a heartbeat is no movement."""


class PlacementFollower:
    """One mat's placement guide.  Only the belly is guided: the mat's places are made for it."""

    def __init__(self, mat: Mat, calibration: Mapping[str, ZoneConstants]) -> None:
        self._scale = ForceScale(mat, calibration)
        self._guide = PlacementGuide(mat)
        self._newtons: NDArray[np.float64] = np.full(len(mat.zone), np.nan)
        self._due_s = 0.0
        self._last_s = 0.0

    def take(self, block: FrameBlock) -> None:
        """Frames that came."""
        if not len(block):
            return
        newtons = self._scale.force(block.volts)
        known = ~np.isnan(newtons)
        total = np.where(known, newtons, 0.0).sum(axis=0)
        count = known.sum(axis=0)
        mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        keep = float(np.exp(-(float(block.t_s[-1]) - self._last_s) / SMOOTHED_S)) if self._last_s else 0.0
        self._last_s = float(block.t_s[-1])
        old = np.where(np.isnan(self._newtons), mean, self._newtons)
        self._newtons = np.where(np.isnan(mean), np.nan, keep * old + (1.0 - keep) * mean)

    def tell(self, guide: Guide, now_s: float, live: LiveState, position: Position) -> list[Cue]:
        """Tell the practice guide how the person lies; the cues that follow.  "Ready" waits while somebody lies beside."""
        if live.presence == "empty" or position != "prone":
            self._guide.reset()
            return guide.place(now_s, self._guide.view, None)
        if now_s < self._due_s or guide.session not in ("waiting", "on"):
            return []
        self._due_s = now_s + EVERY_S
        phases = {limb.limb: limb.phase for limb in live.limbs} if guide.session == "on" else None
        lifted = [limb.limb for limb in live.limbs if limb.phase in ("aloft", "melt")]
        advice = self._guide.update(now_s, self._newtons.tolist(), live.faulty_zones, phases, lifted)
        return guide.place(now_s, self._guide.view, advice)

    @property
    def state(self) -> PlacementView | None:
        """For the live state; None when there is nothing to show."""
        view = self._guide.view
        return view if view.light or view.untimed else None
