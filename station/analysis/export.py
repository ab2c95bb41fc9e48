"""Sessions as files other programs read: a zip of CSV, mat file and JSON, made as a stream and never left half done.

session-0007/frames.csv           time_s and volts of every zone, the recording format of `backlift replay`
session-0007/mat.mat.toml         the mat file it was recorded with
session-0007/calibration.json     the calibration in use then
session-0007/lifts.jsonl          what the detector found, in its output format
session-0007/events.jsonl         what was announced, in order
session-0007/session.json         dates, repetitions, corrections by hand (corrected times beside the originals), notes
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from hardware.errors import pip_install
from hardware.frames import CODES_PER_VOLT, MISSING
from station.analysis.replay import lift_line
from station.model import Lift
from station.store.files import atomic_write, require_room
from station.store.reader import Reader
from station.store.records import SessionRecord
from station.store.store_errors import StoreError

BYTES_PER_SECOND = 8_000
"""A second of 16 zones at 100 Hz, as packed text; measured 3 to 6 kB."""
CHECK_EVERY_BYTES = 4_000_000
"""How often the room left is looked at while writing."""

_README = """Sessions of a Back Lift Station.

frames.csv       time in monotonic seconds, then volts at each zone's divider; an empty field is a missing sample
mat.mat.toml     where each sensor lay and how it was wired
calibration.json the calibration in use when it was recorded
lifts.jsonl      one line per lift as the detector found it, times on the axis of frames.csv
events.jsonl     one line per announcement, in the order it became known
session.json     dates, repetitions, corrections by hand beside the originals, notes

Analyse one again:  backlift replay session-0001/frames.csv --mat session-0001/mat.mat.toml --events session-0001/events.jsonl
"""


def zip_stream(reader: Reader, session_ids: Sequence[int]) -> Iterator[bytes]:
    """The archive piece by piece, for a file or an HTTP response; memory stays that of a few chunks.

    Raises NotStoredError before the first piece when a session is not there.
    """
    records = [reader.session(session_id).summary for session_id in session_ids]
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(_entry("README.txt", None), _README)
        for summary in records:
            for name, parts in _files(reader, reader.session(summary.id)):
                with archive.open(_entry(name, summary.started_wall_s), "w", force_zip64=True) as file:
                    for part in parts:
                        file.write(part)
                        yield from sink.taken()
    yield from sink.taken()


def export_zip(reader: Reader, session_ids: Sequence[int], target: Path) -> None:
    """Write the archive to `target`: a temporary file beside it, renamed when whole.  Interrupted, the old file or none is
    there."""
    needed_bytes = _expected_bytes(reader, session_ids)
    with atomic_write(target, needed_bytes) as part, part.open("wb") as file:
        unchecked_bytes = 0
        for piece in zip_stream(reader, session_ids):
            unchecked_bytes += len(piece)
            if unchecked_bytes > CHECK_EVERY_BYTES:
                require_room(part.parent, unchecked_bytes)
                unchecked_bytes = 0
            file.write(piece)


def _expected_bytes(reader: Reader, session_ids: Sequence[int]) -> int:
    """About what sessions take as files of text: an estimate on the large side, to ask for room before the first byte."""
    return sum(BYTES_PER_SECOND * round(reader.session(each).summary.duration_s or 0.0) + 100_000 for each in session_ids)


def export_parquet(reader: Reader, session_id: int, target: Path) -> None:
    """Write one session's frames as Parquet: `time_us` (int64) and a float32 column of volts per zone, null where missing.

    The mat file, calibration and lifts ride along as metadata.  Needs the extra 'parquet'; raises StoreError without it.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise StoreError(f"Parquet needs one more package: {pip_install('pyarrow')}, or export as zip") from None
    record = reader.session(session_id)
    facts = {"mat": record.mat, "calibration": json.dumps(record.calibration), "lifts": "\n".join(map(_line, _originals(record)))}
    schema = pa.schema([("time_us", pa.int64()), *((zone, pa.float32()) for zone in record.zones)], metadata=facts)
    with (
        atomic_write(target, _expected_bytes(reader, [session_id])) as part,
        pq.ParquetWriter(part, schema, compression="zstd") as writer,
    ):
        for t_us, codes in _gathered(reader.code_blocks(session_id), 60):
            columns = [
                pa.array(codes[:, zone] / np.float32(CODES_PER_VOLT), mask=codes[:, zone] == MISSING)
                for zone in range(codes.shape[1])
            ]
            writer.write_table(pa.table([pa.array(t_us), *columns], schema=schema))


def _files(reader: Reader, record: SessionRecord) -> Iterator[tuple[str, Iterable[bytes]]]:
    folder = f"session-{record.id:04d}"
    yield f"{folder}/frames.csv", _csv(reader, record)
    yield f"{folder}/mat.mat.toml", [record.mat.encode()]
    yield f"{folder}/calibration.json", [json.dumps(record.calibration, indent=1).encode()]
    yield f"{folder}/lifts.jsonl", (f"{_line(lift)}\n".encode() for lift in _originals(record))
    yield f"{folder}/events.jsonl", _events(reader, record.id)
    yield f"{folder}/session.json", [json.dumps(_facts(record), indent=1, ensure_ascii=False).encode()]


def _csv(reader: Reader, record: SessionRecord) -> Iterator[bytes]:
    """Volts in steps of 125 uV have at most six decimals, and so has time in microseconds: the text is exact."""
    yield f"time_s,{','.join(record.zones)}\n".encode()
    texts: dict[int, str] = {MISSING: ""}
    for t_us, codes in reader.code_blocks(record.id):
        for code in np.unique(codes).tolist():
            if code not in texts:
                texts[code] = f"{code / CODES_PER_VOLT:.6f}"
        times = (f"{us // 1_000_000}.{us % 1_000_000:06d}" for us in t_us.tolist())
        lines = (",".join([t, *map(texts.__getitem__, row)]) for t, row in zip(times, codes.tolist(), strict=True))
        yield ("\n".join(lines) + "\n").encode()


def _events(reader: Reader, session_id: int) -> Iterator[bytes]:
    since = 0
    while events := reader.events(session_id, since=since, limit=1000):
        yield b"".join(msgspec.json.encode({"type": event.type, "t_s": event.t_s, **event.body}) + b"\n" for event in events)
        since = events[-1].id


def _originals(record: SessionRecord) -> list[Lift]:
    """The lifts in the order in which they were finished, void ones left out: the same that a replay of the frames gives."""
    lifts = [lift.original for repetition in record.repetitions for lift in repetition.lifts]
    lifts += [lift.original for lift in record.other_lifts]
    return sorted((lift for lift in lifts if lift.kind != "void"), key=lambda lift: max(lift.reported_at.values(), default=0.0))


def _line(lift: Lift) -> str:
    return msgspec.json.encode(lift_line(lift)).decode()


def _facts(record: SessionRecord) -> dict[str, Any]:
    facts = asdict(record)
    for name in ("mat", "calibration"):  # files of their own
        del facts[name]
    return facts


def _gathered(blocks: Iterator[Any], at_a_time: int) -> Iterator[Any]:
    """Join blocks, so that a Parquet row group is a minute and not a second."""
    held: list[Any] = []
    for block in blocks:
        held.append(block)
        if len(held) == at_a_time:
            yield tuple(np.concatenate(part) for part in zip(*held, strict=True))
            held = []
    if held:
        yield tuple(np.concatenate(part) for part in zip(*held, strict=True))


def _entry(name: str, wall_s: float | None) -> zipfile.ZipInfo:
    date = time.localtime(wall_s) if wall_s is not None else None
    entry = zipfile.ZipInfo(name, date[:6] if date is not None and 1980 <= date.tm_year < 2108 else (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


class _Sink(io.RawIOBase):
    """What zipfile writes to; it cannot seek, so sizes follow each file, as in any streamed zip."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> Iterator[bytes]:
        """What was written since the last call, as one piece once it is worth sending."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)
