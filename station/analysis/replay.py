"""A recording through the same pipeline the live station runs, and its lifts in the form other programs read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from hardware.calibration import CalibrationError, ZoneCalibration
from hardware.frames import FrameBlock
from hardware.mat import Mat
from station.model import Announcement, Lift
from station.practice.positions import Position, mat_in
from station.recording import RecordingError
from station.signal.detector import Detector
from station.signal.loads import ZoneConstants

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


HALF_MICROSECOND_S = 0.5e-6
"""Stored frames are rounded to microseconds, the times of events are not."""


@dataclass(frozen=True, slots=True)
class PositionChange:
    """From after `t_s` on somebody lay so."""

    t_s: float
    position: Position


def read_positions(path: Path) -> list[PositionChange]:
    """How somebody lay, from the `events.jsonl` that an export puts beside a recording; empty: on the belly.

    Raises RecordingError.
    """
    found = []
    number = 0
    try:
        with path.open("rb") as lines:
            for line in lines:
                number += 1
                if msgspec.json.decode(line, type=_EventLine).type == "position":
                    found.append(msgspec.json.decode(line, type=PositionChange))
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from None
    except msgspec.DecodeError as error:
        raise RecordingError(f"{path}: line {number}: not an event as an export writes it: {error}") from None
    return found


class _EventLine(msgspec.Struct):
    type: str


def announcements_by_position(
    mat: Mat, calibration: Mapping[str, ZoneConstants] | None, blocks: Iterable[FrameBlock], positions: Sequence[PositionChange]
) -> Iterator[Announcement]:
    """Everything a station announces over a recorded session: a fresh detector from each change of position on, as it does live.

    positions: in the order of their times; before the first one somebody lies on the belly.
    """
    turns = list(positions)
    detector = Detector(mat, calibration)
    for block in blocks:
        left = block
        while turns and len(left) and left.t_s[-1] > turns[0].t_s + HALF_MICROSECOND_S:
            turn = turns.pop(0)
            before = left.until(turn.t_s + HALF_MICROSECOND_S)
            if len(before):
                yield from detector.feed(before)
            left = left.since(turn.t_s + HALF_MICROSECOND_S)
            detector = Detector(mat_in(mat, turn.position), calibration)
        if len(left):
            yield from detector.feed(left)
    yield from detector.finish()


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
