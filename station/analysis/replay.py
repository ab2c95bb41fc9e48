"""A recording through the same pipeline the live station runs, and its lifts in the form other programs read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hardware.calibration import CalibrationError, ZoneCalibration
from hardware.frames import FrameBlock
from station.model import Announcement, Lift
from station.signal.detector import Detector

BLOCK = 1000
"""Frames per block; what comes out does not depend on it."""


def read_calibration(path: Path) -> dict[str, ZoneCalibration]:
    """Zone -> calibration, from the file that an export puts beside a recording.  Raises CalibrationError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, ZoneCalibration])
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be read: {error.strerror or error}") from None
    except msgspec.DecodeError as error:
        raise CalibrationError(f"{path}: not a calibration as an export writes it: {error}") from None


def announcements(pipeline: Detector, recording: FrameBlock, block: int = BLOCK) -> Iterator[Announcement]:
    """Everything the pipeline announces over a recording, its end included."""
    for start in range(0, len(recording), block):
        yield from pipeline.feed(FrameBlock(recording.t_s[start : start + block], recording.volts[start : start + block]))
    yield from pipeline.finish()


def lift_line(lift: Lift) -> dict[str, Any]:
    """A lift as the output contract has it: times in seconds on the recording's axis, None where it cannot be told.

    The contract's fields come first; what follows is ours.
    """
    return {
        "limb": lift.limb,
        "kind": lift.kind,
        "prepare_start": lift.prepare_start,
        "lift_off": lift.lift_off,
        "touch_down": lift.touch_down,
        "melt_end": lift.melt_end,
        "extent": lift.extent,
        "reported_at": lift.reported_at,
        "part": lift.part,
        "settled_ratio": lift.settled_ratio,
        "softness_share": lift.softness_share,
        "prepare_start_sd": lift.prepare_start_sd,
        "lift_off_sd": lift.lift_off_sd,
        "touch_down_sd": lift.touch_down_sd,
        "melt_end_sd": lift.melt_end_sd,
        "parts": lift.parts,
        "why_null": lift.why_null,
    }
