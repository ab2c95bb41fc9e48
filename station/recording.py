"""Reading a recording: `time_s,<zone>,...` as CSV or CSV.gz, volts at the divider node, an empty field where a sample is missing.

Strict, and fast because it is strict in bulk: some megabytes of text at a time are checked against the alphabet of numbers and
parsed by numpy in one go; only when that fails are they walked line by line, to say which line is wrong and why.  No more than a
piece is held as text, so a small packed file that unpacks to gigabytes is found out before it fills the memory.
"""

from __future__ import annotations

import io
import itertools
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.errors import BackliftError
from hardware.frames import FrameBlock

MAX_VOLTS = 6.144
"""The widest range an ADS1115 has (datasheet SBAS444, table 3); a larger number was not read by one."""
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_BYTES = 1 << 30
MAX_FRAMES = 8_000_000
"""Eleven hours at 200 Hz; more is no session, and would not fit into the memory of a small Pi."""
_PIECE_BYTES = 1 << 22
_LONGEST_LINE = 1 << 16
_NUMBER_BYTES = b"0123456789.,+-eE\n"


class RecordingError(BackliftError, ValueError):
    """A recording is not what it should be: the message names file and line."""


def read_recording(path: Path, zones: Sequence[str]) -> FrameBlock:
    """The frames of a recording.

    zones: the mat's zone names; the file must have exactly these columns after `time_s`, in any order.
    Returns the frames with volts in the order of `zones`, NaN where a field is empty.
    Raises RecordingError, for a file that grows too large while it is unpacked too, and then before it fills the memory.
    """
    lines = _whole_lines(path, _pieces(path))
    head = next(lines, b"")
    if not head.strip():
        raise RecordingError(f"{path}: the file is empty; was the export interrupted? Export the session again")
    header, _, body = head.partition(b"\n")
    order = _column_order(path, header, zones)
    parts: list[NDArray[np.float64]] = []
    line, frames, before_s = 2, 0, -math.inf
    for text in itertools.chain([body], lines):
        if not text:
            continue
        table = _numbers(path, text, 1 + len(zones), line, before_s)
        line += text.count(b"\n")
        frames += len(table)
        before_s = float(table[-1, 0])
        if frames > MAX_FRAMES:
            raise RecordingError(f"{path}: line {line}: more than {MAX_FRAMES} frames; cut it into single sessions")
        parts.append(table)
    if not parts:
        raise RecordingError(f"{path}: line 2: no frames; there is nothing after the header")
    times = np.concatenate([part[:, 0] for part in parts])
    volts = np.empty((frames, len(zones)))
    end = frames
    while parts:  # each part is let go as soon as it is copied, so that the table is never held twice
        part = parts.pop()
        volts[end - len(part) : end] = part[:, order]
        end -= len(part)
    return FrameBlock(times, volts)


def _pieces(path: Path) -> Iterator[bytes]:
    """The file's bytes a few at a time, unpacked."""
    try:
        with path.open("rb") as file:
            first = file.read(_PIECE_BYTES)
            raw = itertools.chain([first], iter(lambda: file.read(_PIECE_BYTES), b""))
            yield from _gunzipped(path, raw) if first.startswith(_GZIP_MAGIC) else raw
    except FileNotFoundError:
        raise RecordingError(f"{path}: no such recording; check the path") from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from None


def _gunzipped(path: Path, packed: Iterable[bytes]) -> Iterator[bytes]:
    """All members of a gzip file, never more than a piece at a time."""
    unpacker = zlib.decompressobj(wbits=31)
    line = 1
    held = b""  # one piece back, so that a short file that ends too early is not said to hold a wrong line
    try:
        for piece in packed:
            more = True
            while more:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
                out = unpacker.decompress(piece, _PIECE_BYTES)
                line += out.count(b"\n")
                yield held
                held = out
                piece = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                more = bool(piece) or (len(out) == _PIECE_BYTES and not unpacker.eof)  # the rest may wait inside, all input taken
    except zlib.error as error:
        raise RecordingError(f"{path}: damaged gzip file ({error}); copy or export it again") from None
    if not unpacker.eof:
        raise RecordingError(f"{path}: line {line}: the gzip file ends too early; it was not copied whole, copy it again")
    yield held


def _whole_lines(path: Path, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text in pieces that end with a line, with plain line ends.  Blank lines at the end of the file are left out."""
    rest, blank, total = b"", b"", 0
    for piece in pieces:
        total += len(piece)
        if total > _MAX_BYTES:
            raise RecordingError(f"{path}: larger than 1 GB; cut it into single sessions")
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if len(rest) > _LONGEST_LINE:
            raise RecordingError(f"{path}: a line is longer than {_LONGEST_LINE} characters; a recording is CSV or CSV.gz")
        text = blank + (whole + end).replace(b"\r\n", b"\n")
        blank = text[len(_without_blank_end(text)) :]
        if len(blank) > _PIECE_BYTES:
            raise RecordingError(f"{path}: nothing but blank lines; was the export interrupted? Export the session again")
        if len(text) > len(blank):
            yield text[: len(text) - len(blank)]
    last = _without_blank_end(blank + rest.replace(b"\r\n", b"\n"))
    if last.strip():
        yield last


def _without_blank_end(text: bytes) -> bytes:
    """The text up to the end of its last line with anything in it."""
    filled = text.rstrip()
    line_end = text.find(b"\n", len(filled))
    return text[: line_end + 1] if filled and line_end >= 0 else text if filled else b""


def _column_order(path: Path, header: bytes, zones: Sequence[str]) -> list[int]:
    """Where each zone stands in the file; the header must name `time_s` and exactly the zones."""
    try:
        columns = header.decode("utf-8-sig").split(",")
    except UnicodeDecodeError:
        raise RecordingError(f"{path}: line 1: not text; a recording is CSV or CSV.gz") from None
    if columns[0] != "time_s":
        raise RecordingError(f"{path}: line 1: the first column must be 'time_s', not '{columns[0][:40]}'")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise RecordingError(f"{path}: line 1: column '{twice[0][:40]}' is there twice")
    missing = [zone for zone in zones if zone not in columns]
    if missing:
        raise RecordingError(f"{path}: line 1: column '{missing[0]}' is missing; is this the mat it was recorded on?")
    unknown = [name for name in columns[1:] if name not in zones]
    if unknown:
        raise RecordingError(
            f"{path}: line 1: column '{unknown[0][:40]}' is no zone of the mat; is this the mat it was recorded on?"
        )
    return [columns.index(zone) for zone in zones]


def _numbers(path: Path, body: bytes, columns: int, first_line: int, before_s: float) -> NDArray[np.float64]:
    """A piece of the table, shape (frames, columns); raises for the first line that is wrong.

    first_line: its first line's number in the file.  before_s: the time of the frame before it.
    """
    rows = body.count(b"\n") + (not body.endswith(b"\n"))
    if body.translate(None, _NUMBER_BYTES):
        raise _first_fault(path, body, columns, first_line, before_s)
    # Twice, because in ",,," the commas found first overlap the ones between them.
    filled = body.replace(b",,", b",nan,").replace(b",,", b",nan,").replace(b",\n", b",nan\n")
    if filled.endswith(b","):
        filled += b"nan"
    try:
        table = np.loadtxt(io.BytesIO(filled), delimiter=",", comments=None, ndmin=2)
    except ValueError:
        raise _first_fault(path, body, columns, first_line, before_s) from None
    times, volts = table[:, 0], table[:, 1:]
    # Comparisons with NaN are false, so an empty time field fails here; an empty volts field must not.
    sound = np.isfinite(times).all() and (np.diff(times, prepend=before_s) > 0).all() and not (np.abs(volts) > MAX_VOLTS).any()
    if table.shape != (rows, columns) or not sound:
        raise _first_fault(path, body, columns, first_line, before_s)
    return np.asarray(table, dtype=np.float64)


def _first_fault(path: Path, body: bytes, columns: int, first_line: int, before_s: float) -> RecordingError:
    """What is wrong with the first line that is wrong."""
    before = before_s
    for number, line in enumerate(body.removesuffix(b"\n").split(b"\n"), start=first_line):
        where = f"{path}: line {number}"
        fields = line.decode("ascii", errors="replace").split(",")
        if len(fields) != columns:
            hint = "; the file may have been cut off" if len(fields) < columns else ""
            return RecordingError(f"{where}: {len(fields)} fields, the header has {columns}{hint}")
        for field in fields:
            if field and (field.encode().translate(None, _NUMBER_BYTES) or not _is_number(field)):
                return RecordingError(f"{where}: '{field[:40]}' is not a number; leave a missing sample empty")
        if not fields[0] or not math.isfinite(float(fields[0])):
            return RecordingError(f"{where}: the time is missing; every frame needs one")
        if float(fields[0]) <= before:
            return RecordingError(f"{where}: time does not rise ({fields[0][:40]} after {before:g}); frames must stand in order")
        before = float(fields[0])
        for field in fields[1:]:
            if field and abs(float(field)) > MAX_VOLTS:
                return RecordingError(f"{where}: {field[:40]} V cannot come from the sensors' converter (at most {MAX_VOLTS} V)")
    return RecordingError(f"{path}: not a table of numbers")


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
