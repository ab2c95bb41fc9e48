"""Frames come back from a chunk bit for bit, damage is noticed, and the overview says the truth about what it stands for."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from store_world import block

from hardware.frames import MISSING, FrameBlock, codes_from_volts, volts_from_codes
from station.store.chunks import (
    BIN_S,
    GAP_S,
    Chunk,
    DamagedChunkError,
    block_of,
    checksum,
    chunks_of,
    decode,
    encode,
    overview_dtype,
)
from station.store.decimation import overview_trace, raw_trace


@st.composite
def any_frames(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rising times with any steps, any codes at all."""
    codes = draw(hnp.arrays(np.int16, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=16)))
    steps = draw(st.lists(st.integers(1, 2_000_000), min_size=len(codes), max_size=len(codes)))
    return draw(st.integers(0, 10**15)) + np.cumsum(np.array(steps, np.int64)), codes


@given(any_frames())
def test_any_frames_come_back_bit_for_bit(frames: tuple[np.ndarray, np.ndarray]) -> None:
    t_us, codes = frames
    back_us, back = decode(encode(t_us, codes))
    assert back_us.dtype == np.int64 and back.dtype == np.int16
    np.testing.assert_array_equal(back_us, t_us)
    np.testing.assert_array_equal(back, codes)


@given(any_frames(), st.data())
def test_any_single_flipped_bit_is_noticed(frames: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    chunk = encode(*frames)
    bit = data.draw(st.integers(0, 8 * len(chunk.data) - 1))
    rotten = bytearray(chunk.data)
    rotten[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DamagedChunkError, match="damaged"):
        decode(replace(chunk, data=bytes(rotten)))


def test_a_chunk_that_landed_in_another_row_is_noticed() -> None:
    one, other = (next(chunks_of(block(t0_s, 1.0))) for t0_s in (100.0, 200.0))
    with pytest.raises(DamagedChunkError):
        decode(replace(one, t0_us=other.t0_us, t1_us=other.t1_us))


def test_volts_and_times_survive_as_the_same_doubles() -> None:
    given_block = block(1234.5, 3.0)
    parts = [block_of(*decode(chunk)) for chunk in chunks_of(given_block)]
    np.testing.assert_array_equal(np.concatenate([part.t_s for part in parts]), given_block.t_s)
    np.testing.assert_array_equal(np.concatenate([part.volts for part in parts]), given_block.volts)


@given(st.lists(st.floats(0.001, 2.0), min_size=1, max_size=60), st.floats(0.2, 3.0))
def test_chunks_are_cut_at_every_gap_and_never_much_longer_than_asked(steps_s: list[float], longest_s: float) -> None:
    t_us = np.cumsum(np.rint(np.array(steps_s) * 1e6).astype(np.int64))
    frames = FrameBlock(t_us / 1e6, np.ones((len(t_us), 2)))
    chunks = list(chunks_of(frames, longest_s))
    assert sum(chunk.frames for chunk in chunks) == len(t_us)
    for chunk in chunks:
        inside, _ = decode(chunk)
        assert (np.diff(inside) <= GAP_S * 1e6).all()
        assert chunk.t1_us - chunk.t0_us < longest_s * 1e6


def test_frames_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="rise"):
        list(chunks_of(FrameBlock(np.array([1.0, 1.0]), np.ones((2, 1)))))


@given(any_frames())
def test_each_bin_of_the_overview_holds_the_extremes_of_its_frames(frames: tuple[np.ndarray, np.ndarray]) -> None:
    t_us, codes = frames
    rows = np.frombuffer(encode(t_us, codes).overview, overview_dtype(codes.shape[1]))
    bin_of = (t_us - t_us[0]) // round(BIN_S * 1e6)
    assert len(rows) == len(np.unique(bin_of))
    for row, number in zip(rows, np.unique(bin_of), strict=True):
        inside = codes[bin_of == number]
        assert row["t_us"] == t_us[bin_of == number][0] - t_us[0]
        assert row["last_us"] == t_us[bin_of == number][-1] - t_us[0]
        for zone in range(codes.shape[1]):
            known = [int(code) for code in inside[:, zone] if code != MISSING]
            if not known:
                assert row["low"][zone] == row["high"][zone] == MISSING
                continue
            assert (row["low"][zone], row["high"][zone]) == (min(known), max(known))
            high_first = list(inside[:, zone]).index(max(known)) < list(inside[:, zone]).index(min(known))
            assert bool(row["high_first"] >> zone & 1) == high_first


def extremes_by_hand(t_s: np.ndarray, volts: np.ndarray, t0_s: float, t1_s: float, pixels: int) -> list[tuple[int, float, float]]:
    """(pixel, lowest, highest) of each pixel in which something was measured, the slow and obvious way."""
    out = []
    for pixel in range(pixels):
        low_s = t0_s + pixel * (t1_s - t0_s) / pixels
        inside = volts[(t_s >= low_s) & (t_s < low_s + (t1_s - t0_s) / pixels)]
        if len(inside) and not np.isnan(inside).all():
            out.append((pixel, float(np.nanmin(inside)), float(np.nanmax(inside))))
    return out


def joined(frames: FrameBlock) -> tuple[np.ndarray, np.ndarray]:
    return np.rint(frames.t_s * 1e6).astype(np.int64), codes_from_volts(frames.volts)


def drawn_extremes(trace, t0_s: float, t1_s: float, pixels: int) -> list[tuple[int, float, float]]:
    return extremes_by_hand(trace.t_s, trace.volts[:, 0].astype(float), t0_s, t1_s, pixels)


def test_a_trace_shows_the_extremes_of_every_pixel() -> None:
    frames = block(50.0, 30.0, zones=1)
    trace = raw_trace(*joined(frames), ("a",), 50.0, 80.0, 100)
    by_hand = extremes_by_hand(frames.t_s, frames.volts[:, 0], 50.0, 80.0, 100)
    assert trace.decimated and len(by_hand) == 100
    np.testing.assert_allclose(drawn_extremes(trace, 50.0, 80.0, 100), by_hand, rtol=1e-6)


def test_the_overview_draws_the_same_extremes_as_the_frames_where_pixels_are_whole_bins() -> None:
    jittered = block(50.0, 40.0, zones=1)
    frames = FrameBlock(50.0 + np.arange(len(jittered)) / 100, jittered.volts)
    rows = [(chunk.t0_us, chunk.overview_crc, chunk.overview) for chunk in chunks_of(frames, longest_s=1.0)]
    trace = overview_trace(rows, ("a",), 50.0, 90.0, 10)
    by_hand = [(low, high) for _, low, high in extremes_by_hand(frames.t_s, frames.volts[:, 0], 50.0, 90.0, 10)]
    drawn = np.sort(trace.volts.reshape(10, 2), axis=1)
    np.testing.assert_array_equal(drawn, np.array(by_hand, np.float32))


@settings(max_examples=50)
@given(st.integers(0, 2**31), st.integers(1, 40))
def test_of_each_pixel_the_extreme_that_came_first_is_drawn_first(seed: int, pixels: int) -> None:
    random = np.random.default_rng(seed)
    t_us = 10_000 * np.arange(1, 301, dtype=np.int64)
    codes = random.integers(-5, 5, (300, 1)).astype(np.int16)
    trace = raw_trace(t_us, codes, ("a",), 0.0, 3.0137, pixels)  # no frame on the border of two pixels
    assert (np.diff(trace.t_s) > 0).all()
    volts = volts_from_codes(codes)[:, 0]
    pixel_of = (t_us / 1e6 * pixels / 3.0137).astype(int)
    drawn = trace.volts[:, 0]
    at = 0
    for pixel in np.unique(pixel_of):
        inside = volts[pixel_of == pixel]
        if len(inside) == 1:
            assert drawn[at] == np.float32(inside[0])
            at += 1
            continue
        first, second = drawn[at], drawn[at + 1]
        at += 2
        rising = int(np.argmin(inside)) <= int(np.argmax(inside))
        expected = (inside.min(), inside.max()) if rising else (inside.max(), inside.min())
        assert (first, second) == tuple(np.float32(value) for value in expected)
    assert at == len(drawn)


@pytest.mark.parametrize("pixels", [10, 100, 5000])
def test_a_line_breaks_at_a_gap_and_only_there(pixels: int) -> None:
    before, after = block(10.0, 10.0, zones=1), block(25.0, 10.0, zones=1)
    both = FrameBlock(np.concatenate([before.t_s, after.t_s]), np.nan_to_num(np.concatenate([before.volts, after.volts])))
    trace = raw_trace(*joined(both), ("a",), 10.0, 35.0, pixels)
    [gap] = np.flatnonzero(np.isnan(trace.volts[:, 0]))
    assert before.t_s[-1] < trace.t_s[gap] < after.t_s[0]
    assert (np.diff(trace.t_s) > 0).all()
    chunks = [(chunk.t0_us, chunk.overview_crc, chunk.overview) for chunk in chunks_of(both)]
    if pixels == 10:
        coarse = overview_trace(chunks, ("a",), 10.0, 35.0, pixels)
        assert np.isnan(coarse.volts[:, 0]).sum() == 1


def forged(raw: bytes, frames: int, t1_us: int = 10_000) -> Chunk:
    """A chunk with a right checksum around whatever it holds."""
    data = zlib.compress(raw, 9)
    crc = zlib.crc32(data, zlib.crc32(struct.pack("<qqq", 0, t1_us, frames)[:20]))
    return Chunk(0, t1_us, frames, crc, data, 0, b"")


HEAD = struct.Struct("<BH")
FORGED = {
    "half a gigabyte of zeros": (HEAD.pack(16, 100) + bytes(500_000_000), 100),
    "more frames than it says": (HEAD.pack(1, 200) + bytes(4 * 199 + 400), 100),
    "no zones": (HEAD.pack(0, 1), 1),
    "no frames": (HEAD.pack(1, 0), 0),
    "a frame less than nothing": (HEAD.pack(1, 1) + bytes(2), -1),
    "millions of frames": (HEAD.pack(1, 65535) + bytes(4 * 65534 + 2 * 65535), 2**40),
    "cut off": (HEAD.pack(16, 100) + bytes(50), 100),
    "nothing": (b"", 1),
    "one byte": (b"\x01", 1),
}


@pytest.mark.parametrize(("raw", "frames"), FORGED.values(), ids=FORGED)
def test_a_forged_chunk_is_a_gap_and_costs_no_memory(raw: bytes, frames: int) -> None:
    chunk = forged(raw, frames)
    tracemalloc.start()
    with pytest.raises(DamagedChunkError):
        decode(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("data", [b"", b"x", zlib.compress(b"abc")[:-4], b"\x78\x9c" + bytes(40)])
def test_bytes_that_are_no_chunk_are_a_gap(data: bytes) -> None:
    with pytest.raises(DamagedChunkError):
        decode(Chunk(0, 10, 5, checksum(0, 10, 5, data), data, 0, b""))
