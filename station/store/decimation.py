"""Many frames drawn in few points: lowest and highest of each pixel, in the order in which they happened.  Pure.

An hour of 16 channels is 5.8 million readings, and a screen has a thousand columns.  Where a column is wider than BIN_S the
overviews of the chunks suffice and no chunk is unpacked.  A line must break at a gap, so a row of NaN stands in each one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hardware.frames import volts_from_codes
from station.store.chunks import BIN_S, GAP_S, extremes, overview_dtype
from station.store.records import Trace


def overview_suits(t0_s: float, t1_s: float, pixels: int) -> bool:
    """Whether a pixel is at least as wide as a bin of the overview."""
    return (t1_s - t0_s) / pixels >= BIN_S


def overview_trace(rows: Iterable[tuple[int, int, bytes]], zones: tuple[str, ...], t0_s: float, t1_s: float, pixels: int) -> Trace:
    """Draw from overviews.  rows: (t0_us, overview_crc, overview) of each chunk, rising; damaged ones become gaps."""
    dtype = overview_dtype(len(zones))
    sound = [(t0_us, blob) for t0_us, crc, blob in rows if zlib.crc32(blob) == crc and len(blob) % dtype.itemsize == 0]
    bins = np.frombuffer(b"".join(blob for _, blob in sound), dtype)
    counts = [len(blob) // dtype.itemsize for _, blob in sound]
    base_us = np.repeat(np.array([t0_us for t0_us, _ in sound], np.int64), counts)
    first_us, last_us = base_us + bins["t_us"], base_us + bins["last_us"]
    here = (last_us >= t0_s * 1e6) & (first_us < t1_s * 1e6)
    bins, first_us, last_us = bins[here], first_us[here], last_us[here]
    high_first = (bins["high_first"][:, None] >> np.arange(len(zones), dtype=np.uint32)) & 1 == 1
    return _drawn(first_us, last_us, bins["low"], bins["high"], high_first, zones, t0_s, t1_s, pixels)


def raw_trace(
    t_us: NDArray[np.int64], codes: NDArray[np.int16], zones: tuple[str, ...], t0_s: float, t1_s: float, pixels: int
) -> Trace:
    """Draw from frames.  t_us: shape (n,), rising; codes: shape (n, zones).  Every frame, where there are few."""
    here = (t_us >= t0_s * 1e6) & (t_us < t1_s * 1e6)
    t_us, codes = t_us[here], codes[here]
    return _drawn(t_us, t_us, codes, codes, np.zeros(codes.shape, np.bool_), zones, t0_s, t1_s, pixels)


def _drawn(
    first_us: NDArray[np.int64],
    last_us: NDArray[np.int64],
    low: NDArray[np.int16],
    high: NDArray[np.int16],
    high_first: NDArray[np.bool_],
    zones: tuple[str, ...],
    t0_s: float,
    t1_s: float,
    pixels: int,
) -> Trace:
    n = len(first_us)
    if n == 0:
        return Trace(np.zeros(0), np.zeros((0, len(zones)), np.float32), zones, False)
    every_row = n <= 2 * pixels and low is high
    gap_before = np.diff(first_us, prepend=first_us[0]) - np.append(0, (last_us - first_us)[:-1]) > GAP_S * 1e6
    if every_row:
        starts = np.arange(n)
    else:
        pixel = ((first_us - t0_s * 1e6) * (pixels / ((t1_s - t0_s) * 1e6))).astype(np.int64)
        starts = np.flatnonzero((np.diff(pixel, prepend=pixel[0] - 1) != 0) | gap_before)
        low, high, high_first = extremes(low, high, starts, high_first)
    begin_us, end_us = first_us[starts], last_us[np.append(starts[1:], n) - 1]
    gap_after = np.append(gap_before[starts[1:]], False)
    # Three candidate rows for each group of frames: its first extreme, its second, and a break.
    times = np.stack([begin_us, end_us, (end_us + np.append(begin_us[1:], end_us[-1])) // 2], axis=1)
    codes = np.stack([np.where(high_first, high, low), np.where(high_first, low, high), np.full_like(low, -32768)], axis=1)
    wanted = np.stack([np.ones(len(starts), np.bool_), end_us > begin_us, gap_after], axis=1)
    return Trace(times[wanted] / 1e6, volts_from_codes(codes[wanted]).astype(np.float32), zones, not every_row)
