"""The pipeline: frames in, announcements out.  The same object live and in replay.

    frames -> Loads -> presence, phases -> Lift -> Repetition

What comes out depends on the frames alone: not on how they were cut into blocks, not on any clock.  Whatever was announced by the
time of a frame never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hardware.frames import FrameBlock
from station.model import Announcement, LiveLimb, LiveState, Loads, Mat

DETECTOR_VERSION = "1"
"""Kept with every analysis; changes whenever the same frames may give other times."""


class ZoneConstants(Protocol):
    """What the detector needs of a zone's calibration (`hardware.calibration.ZoneCalibration` has it)."""

    @property
    def k(self) -> float: ...
    @property
    def gamma(self) -> float: ...
    @property
    def creep_per_decade(self) -> float | None: ...


class Pipeline:
    """Times the phases of every limb of one mat.

    mat: which zone is where; its bench calibration (k, gamma) is used where `calibration` has nothing better.
    calibration: by zone name.
    """

    def __init__(self, mat: Mat, calibration: Mapping[str, ZoneConstants] | None = None) -> None:
        self._mat = mat
        nothing = (None,) * len(mat.zone)
        self._live = LiveState(
            t_s=0.0,
            presence="empty",
            loads=Loads(0.0, nothing, nothing),
            limbs=tuple(LiveLimb(limb.name, "rest", 0.0, None) for limb in mat.limb),
            faulty_zones=(),
        )

    def feed(self, block: FrameBlock) -> list[Announcement]:
        """Take the next frames (rising times; NaN where a channel is missing) and return what became known, in order.

        Raises ValueError when time does not rise.
        """
        return []

    def finish(self) -> list[Announcement]:
        """The recording or session ends here: close what is open, inventing nothing."""
        return []

    @property
    def live(self) -> LiveState:
        """The picture after the last frame fed."""
        return self._live
