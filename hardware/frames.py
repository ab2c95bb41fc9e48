"""Frames: one reading of every zone, and blocks of them.

A reading is kept as the ADC gave it, a whole number of 125 uV steps (ADS1115, gain 1, +-4.096 V full scale, datasheet SBAS444
table 3), so that what is detected live, stored, exported and replayed is the same to the bit.  `codes / 8000` is the correctly
rounded double of the printed volts: the same number a reader of the CSV file gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CODES_PER_VOLT = 8000
MISSING = -32768
"""The code of a channel that could not be read.  An ADC at full negative scale cannot occur on a divider above ground."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One reading of every zone.

    t_us: microseconds on the monotonic clock when the scan of this frame began.
    codes: shape (zones,), int16, in the mat's zone order; `MISSING` where a channel could not be read.
    skew_us: shape (zones,), int32, microseconds from `t_us` to the middle of each channel's own conversion.
    late: the scan started more than half a period after its deadline.
    """

    t_us: int
    codes: NDArray[np.int16]
    skew_us: NDArray[np.int32]
    late: bool = False


@dataclass(frozen=True, slots=True)
class FrameBlock:
    """Consecutive frames as arrays; what the pipeline eats and the store keeps.

    t_s: shape (n,), float64 monotonic seconds, rising, a whole number of microseconds each.
    volts: shape (n, zones), float64 volts at the divider node; NaN where a channel is missing.
    """

    t_s: NDArray[np.float64]
    volts: NDArray[np.float64]

    @classmethod
    def of(cls, frames: Sequence[Frame]) -> FrameBlock:
        """Stack frames; an empty sequence is an error, for nobody knows how many zones it had."""
        codes = np.stack([frame.codes for frame in frames])
        return cls(np.array([frame.t_us for frame in frames], dtype=np.int64) / 1e6, volts_from_codes(codes))

    def since(self, t_s: float) -> FrameBlock:
        """The frames at and after a time."""
        first = int(np.searchsorted(self.t_s, t_s))
        return FrameBlock(self.t_s[first:], self.volts[first:])

    def until(self, t_s: float) -> FrameBlock:
        """The frames up to and at a time."""
        end = int(np.searchsorted(self.t_s, t_s, side="right"))
        return FrameBlock(self.t_s[:end], self.volts[:end])

    def __len__(self) -> int:
        return len(self.t_s)


def volts_from_codes(codes: NDArray[np.int16]) -> NDArray[np.float64]:
    """Volts of ADC codes, any shape; `MISSING` becomes NaN."""
    volts = codes / float(CODES_PER_VOLT)
    volts[codes == MISSING] = np.nan
    return volts


def codes_from_volts(volts: NDArray[np.float64]) -> NDArray[np.int16]:
    """ADC codes nearest to volts, any shape; NaN becomes `MISSING`."""
    codes = np.clip(np.rint(np.nan_to_num(volts) * CODES_PER_VOLT), -32767, 32767).astype(np.int16)
    codes[np.isnan(volts)] = MISSING
    return codes
