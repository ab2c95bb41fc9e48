"""Sessions as files other programs read: a zip of CSV, mat file and JSON, made as a stream and never left half done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from station.store.reader import Reader


def zip_stream(reader: Reader, session_ids: Sequence[int]) -> Iterator[bytes]:
    """The archive piece by piece, for a file or an HTTP response; memory stays that of one chunk."""
    raise NotImplementedError


def export_zip(reader: Reader, session_ids: Sequence[int], target: Path) -> None:
    """Write the archive to `target`: a temporary file beside it, renamed when whole."""
    raise NotImplementedError


def export_parquet(reader: Reader, session_id: int, target: Path) -> None:
    """Write one session's frames as Parquet (needs the extra 'parquet')."""
    raise NotImplementedError
