"""Reading a recording: `time_s,<zone>,...` as CSV or CSV.gz, volts at the divider node, an empty field where a sample is missing.

Strict, and fast because it is strict in bulk: the whole text is checked against the alphabet of numbers and parsed by numpy in one
go; only when that fails is the file walked line by line, to say which line is wrong and why.
"""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.errors import BackliftError
from hardware.frames import FrameBlock

MAX_VOLTS = 6.144
"""The widest range an ADS1115 has (datasheet SBAS444, table 3); a larger number was not read by one."""
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_BYTES = 1 << 30
_NUMBER_BYTES = b"0123456789.,+-eE\n"


class RecordingError(BackliftError, ValueError):
    """A recording is not what it should be: the message names file and line."""


def read_recording(path: Path, zones: Sequence[str]) -> FrameBlock:
    """The frames of a recording.

    zones: the mat's zone names; the file must have exactly these columns after `time_s`, in any order.
    Returns the frames with volts in the order of `zones`, NaN where a field is empty.
    Raises RecordingError.
    """
    text = _unpacked(path)
    header, _, body = text.partition(b"\n")
    order = _column_order(path, header, zones)
    table = _numbers(path, body, 1 + len(zones))
    return FrameBlock(np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, order]))


def _unpacked(path: Path) -> bytes:
    """The file's bytes with plain line ends."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise RecordingError(f"{path}: no such recording; check the path") from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from None
    if raw.startswith(_GZIP_MAGIC):
        raw = _gunzipped(path, raw)
    if len(raw) > _MAX_BYTES:
        raise RecordingError(f"{path}: larger than 1 GB; cut it into single sessions")
    if not raw.strip():
        raise RecordingError(f"{path}: the file is empty; was the export interrupted? Export the session again")
    return raw.replace(b"\r\n", b"\n")


def _gunzipped(path: Path, packed: bytes) -> bytes:
    """All members of a gzip file; bounded, so that a small file cannot fill the memory."""
    out = bytearray()
    try:
        while packed:
            unpacker = zlib.decompressobj(wbits=31)
            out += unpacker.decompress(packed, _MAX_BYTES + 1 - len(out))
            if len(out) > _MAX_BYTES:
                break
            if not unpacker.eof:
                line = out.count(b"\n") + 1
                raise RecordingError(f"{path}: line {line}: the gzip file ends too early; it was not copied whole, copy it again")
            packed = unpacker.unused_data
    except zlib.error as error:
        raise RecordingError(f"{path}: damaged gzip file ({error}); copy or export it again") from None
    return bytes(out)


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


def _numbers(path: Path, body: bytes, columns: int) -> NDArray[np.float64]:
    """The table under the header, shape (frames, columns); raises for the first line that is wrong."""
    rows = body.count(b"\n") + (not body.endswith(b"\n"))
    if not body.strip(b"\n"):
        raise RecordingError(f"{path}: line 2: no frames; there is nothing after the header")
    if body.translate(None, _NUMBER_BYTES):
        raise _first_fault(path, body, columns)
    # Twice, because in ",,," the commas found first overlap the ones between them.
    filled = body.replace(b",,", b",nan,").replace(b",,", b",nan,").replace(b",\n", b",nan\n")
    if filled.endswith(b","):
        filled += b"nan"
    try:
        table = np.loadtxt(io.BytesIO(filled), delimiter=",", comments=None, ndmin=2)
    except ValueError:
        raise _first_fault(path, body, columns) from None
    times, volts = table[:, 0], table[:, 1:]
    # Comparisons with NaN are false, so an empty time field fails here; an empty volts field must not.
    sound = np.isfinite(times).all() and (np.diff(times) > 0).all() and not (np.abs(volts) > MAX_VOLTS).any()
    if table.shape != (rows, columns) or not sound:
        raise _first_fault(path, body, columns)
    return np.asarray(table, dtype=np.float64)


def _first_fault(path: Path, body: bytes, columns: int) -> RecordingError:
    """What is wrong with the first line that is wrong."""
    before = -math.inf
    for number, line in enumerate(body.removesuffix(b"\n").split(b"\n"), start=2):
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
            return RecordingError(f"{where}: time does not rise ({fields[0]} after {before:g}); frames must stand in order")
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
