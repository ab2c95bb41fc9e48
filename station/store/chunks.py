"""Frames as bytes: a second or so of them in one checksummed chunk, and a small overview that lets a whole hour be drawn unopened.

A chunk holds what the ADC gave, bit for bit.  Neighbouring readings differ by little, so each channel is kept as differences,
folded to small positive numbers, low bytes first and high bytes after: what is left for zlib is mostly the sensors' noise.

    data = zlib( zones u8, frames u16, time steps as four byte planes, code steps as two byte planes )

The checksum also covers the time and the size, so that a chunk that landed in the wrong row is noticed as well.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.frames import MISSING, FrameBlock, codes_from_volts, volts_from_codes
from station.store.store_errors import StoreError

GAP_S = 0.5
"""Frames further apart than this have a gap between them: never in one chunk, never joined by a line."""
BIN_S = 0.25
"""Width of an overview's bins."""
_MOST_FRAMES = 4096
_MOST_ZONES = 255
_HEADER = struct.Struct("<BH")
_COVERED = struct.Struct("<qqi")


class DamagedChunkError(StoreError, ValueError):
    """The bytes are not what was written: bit rot, or a card that lied."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive frames without a gap.

    t0_us, t1_us: times of the first and the last frame.  data: see above; empty once thinned.  crc: CRC-32 of times, count and
    data.  overview: rows of `overview_dtype`, one per bin of BIN_S; overview_crc: its CRC-32.
    """

    t0_us: int
    t1_us: int
    frames: int
    crc: int
    data: bytes
    overview_crc: int
    overview: bytes


def overview_dtype(zones: int) -> np.dtype[np.void]:
    """One bin: microseconds from the chunk's first frame to the bin's first and last, lowest and highest code of each zone, and a
    bit per zone that is set where the highest came first.  Codes are MISSING where a zone gave nothing at all."""
    return np.dtype(
        [("t_us", "<i4"), ("last_us", "<i4"), ("low", "<i2", (zones,)), ("high", "<i2", (zones,)), ("high_first", "<u4")]
    )


def chunks_of(block: FrameBlock, longest_s: float = 1.0) -> Iterator[Chunk]:
    """Cut a block at its gaps and into pieces of about `longest_s`, and encode each.  t_s must rise; raises ValueError if not."""
    if len(block) == 0:
        return
    t_us = np.rint(block.t_s * 1e6).astype(np.int64)
    steps = np.diff(t_us)
    if (steps <= 0).any():
        raise ValueError("frames must rise in time")
    codes = codes_from_volts(block.volts)
    start = 0
    for end in range(1, len(t_us) + 1):
        if (
            end == len(t_us)
            or steps[end - 1] > GAP_S * 1e6
            or t_us[end] - t_us[start] >= longest_s * 1e6
            or end - start >= _MOST_FRAMES
        ):
            yield encode(t_us[start:end], codes[start:end])
            start = end


def encode(t_us: NDArray[np.int64], codes: NDArray[np.int16]) -> Chunk:
    """Encode frames.  t_us: shape (n,), rising, steps below 2**31; codes: shape (n, zones), n >= 1."""
    frames, zones = codes.shape
    steps = np.diff(t_us).astype("<u4")
    before = np.vstack([np.zeros((1, zones), np.int16), codes[:-1]])
    change = (codes.astype(np.int32) - before).astype(np.int16)  # wraps like int16, and so does the way back
    folded = ((change << 1) ^ (change >> 15)).astype("<u2").T
    planes = [
        _HEADER.pack(zones, frames),
        np.ascontiguousarray(steps.view(np.uint8).reshape(-1, 4).T).tobytes(),
        np.ascontiguousarray(folded & 0xFF).astype(np.uint8).tobytes(),
        np.ascontiguousarray(folded >> 8).astype(np.uint8).tobytes(),
    ]
    data = zlib.compress(b"".join(planes), 6)
    overview = _overview(t_us, codes)
    t0_us, t1_us = int(t_us[0]), int(t_us[-1])
    return Chunk(t0_us, t1_us, frames, checksum(t0_us, t1_us, frames, data), data, zlib.crc32(overview), overview)


def decode(chunk: Chunk) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """t_us, shape (n,), and codes, shape (n, zones).  Raises DamagedChunkError."""
    if checksum(chunk.t0_us, chunk.t1_us, chunk.frames, chunk.data) != chunk.crc:
        raise DamagedChunkError("a stretch of raw frames is damaged on the card (checksum differs); it is shown as a gap")
    raw, zones, frames = _unpacked(chunk)
    flat = np.frombuffer(raw, np.uint8, offset=_HEADER.size)
    times, low, high = np.split(flat, [4 * (frames - 1), 4 * (frames - 1) + zones * frames])
    steps = np.ascontiguousarray(times.reshape(4, -1).T).view("<u4").ravel()
    t_us = chunk.t0_us + np.concatenate([[0], np.cumsum(steps, dtype=np.int64)])
    folded = low.astype(np.uint16) | (high.astype(np.uint16) << 8)
    change = (folded >> 1).astype(np.int16) ^ -(folded & 1).astype(np.int16)
    codes = np.cumsum(change.reshape(zones, frames), axis=1, dtype=np.int16).T
    return t_us, np.ascontiguousarray(codes)


def _unpacked(chunk: Chunk) -> tuple[bytes, int, int]:
    """The bytes under the compression, zones and frames.  A forged chunk is found out before it is large."""
    if not 0 < chunk.frames <= _MOST_FRAMES:
        raise DamagedChunkError("a stretch of raw frames has an impossible length; it is shown as a gap")
    unpacker = zlib.decompressobj()
    most_bytes = _HEADER.size + 4 * (chunk.frames - 1) + 2 * _MOST_ZONES * chunk.frames
    try:
        raw = unpacker.decompress(chunk.data, most_bytes + 1)
        zones, frames = _HEADER.unpack_from(raw)
    except (zlib.error, struct.error):
        raise DamagedChunkError("a stretch of raw frames cannot be unpacked; it is shown as a gap") from None
    if frames != chunk.frames or zones == 0 or len(raw) != _HEADER.size + 4 * (frames - 1) + 2 * zones * frames:
        raise DamagedChunkError("a stretch of raw frames is not as long as it says; it is shown as a gap")
    return raw, zones, frames


def block_of(t_us: NDArray[np.int64], codes: NDArray[np.int16]) -> FrameBlock:
    """Decoded frames as the pipeline eats them."""
    return FrameBlock(t_us / 1e6, volts_from_codes(codes))


def checksum(t0_us: int, t1_us: int, frames: int, data: bytes) -> int:
    """CRC-32 of a chunk's times, count and bytes; -1, which no chunk has, for a count that cannot be."""
    if not 0 <= frames <= _MOST_FRAMES:
        return -1
    return zlib.crc32(data, zlib.crc32(_COVERED.pack(t0_us, t1_us, frames)))


def _overview(t_us: NDArray[np.int64], codes: NDArray[np.int16]) -> bytes:
    bins = (t_us - t_us[0]) // int(BIN_S * 1e6)
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    rows = np.zeros(len(starts), overview_dtype(codes.shape[1]))
    rows["t_us"] = t_us[starts] - t_us[0]
    rows["last_us"] = t_us[np.append(starts[1:], len(t_us)) - 1] - t_us[0]
    low, high, high_first = extremes(codes, codes, starts)
    rows["low"], rows["high"] = low, high
    rows["high_first"] = high_first @ (1 << np.arange(codes.shape[1], dtype=np.uint32))
    return rows.tobytes()


def extremes(
    low: NDArray[np.int16], high: NDArray[np.int16], starts: NDArray[np.intp], high_first: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.bool_]]:
    """Lowest and highest code of each group of rows, and whether the highest came first; all of shape (groups, zones).

    low, high: shape (n, zones), the extremes of each row (the same array twice for frames).  starts: first row of each group.
    high_first: for each row, whether its own highest came first; decides where both extremes stand in one row.
    """
    n = len(low)
    counts = np.diff(starts, append=n)
    lowest = np.minimum.reduceat(np.where(low == MISSING, np.int16(32767), low), starts, axis=0)
    highest = np.maximum.reduceat(high, starts, axis=0)  # MISSING is the lowest code there is
    rows = np.arange(n, dtype=np.int32)[:, None]
    low_row = np.minimum.reduceat(np.where(low == np.repeat(lowest, counts, axis=0), rows, n), starts, axis=0)
    high_row = np.minimum.reduceat(np.where(high == np.repeat(highest, counts, axis=0), rows, n), starts, axis=0)
    first = high_row < low_row
    if high_first is not None:
        same = high_row == low_row
        first |= same & np.take_along_axis(high_first, np.minimum(high_row, n - 1), axis=0)
    lowest[highest == MISSING] = MISSING
    return lowest, highest, first
