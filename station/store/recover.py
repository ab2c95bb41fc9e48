"""Reading what can still be read from a damaged database.

SQLite gives up where a page that leads to others is damaged.  But every row still stands, whole, in some leaf page of the file;
so this walks all pages, takes each that looks like a leaf, and decodes its rows by the file format (sqlite.org/fileformat2.html,
sections 1.6 and 2.1; the log: section 4).  A row's table is known by its shape: how many columns, of which types.  Nothing here
trusts a number it reads: whatever does not fit is skipped and counted.  Deleted rows do not come back, for the store overwrites
them with zeros.

The result is a fresh database beside the damaged one, which is not touched.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.store.chunks import Chunk, DamagedChunkError, decode
from station.store.connection import SqliteConnection
from station.store.database import check_sound
from station.store.files import atomic_write, side_file, typed_os_error
from station.store.row_shapes import NO_ROWID, SHAPES, complete, is_readable, table_of
from station.store.schema import KEY_SHIFT, PAGE_BYTES, migrate
from station.store.store_errors import BadArchiveError, StoreError

_MAGIC = b"SQLite format 3\0"
_TABLE_LEAF, _INDEX_LEAF = 0x0D, 0x0A
_MOST_BYTES = 4 * 1024 * 1024
"""No row of ours is longer; a length read from damaged bytes may be anything."""
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)

_NEEDS = {
    "person_setting": ("person_id", "person"),
    "analysis": ("session_id", "session"),
    "repetition": ("analysis_id", "analysis"),
    "lift": ("analysis_id", "analysis"),
    "correction": ("session_id", "session"),
    "note": ("session_id", "session"),
}
_MAY_LACK = (
    ("lift", "repetition_id", "repetition"),
    ("session", "boot", "boot"),
    ("session", "person_id", "person"),
    ("device", "invited_by", "device"),
)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What came out.  damaged_chunks: stretches of raw frames whose checksum differs (shown as gaps); unplaced: rows whose session
    or analysis is lost; rebuilt: sessions whose own row is lost, put together from their frames, without mat and date."""

    sessions: int
    frames: int
    lifts: int
    damaged_chunks: int
    unplaced: int
    rebuilt: int


def recover(damaged: Path, target: Path) -> Recovery:
    """Read what can be read from `damaged` (and its log beside it) into a fresh database `target`.

    Raises BadArchiveError when nothing at all could be read; StoreError when `target` exists or cannot be written.
    """
    if target.exists():
        raise StoreError(f"{target}: is there already; name a new file, so that nothing is lost")
    tables: dict[str, dict[Any, tuple[Any, ...]]] = {name: {} for name in SHAPES}
    for page in _Pages(damaged).leaves():
        for rowid, values in page:
            name = table_of(values)
            if name is not None:
                row = complete(name, values)
                if is_readable(name, row):
                    own = NO_ROWID.get(name)
                    tables[name][rowid if own is None else row[:own]] = (rowid, *row[1:]) if own is None else row
    sound = {key: row for key, row in tables["chunk"].items() if _is_sound(row)}
    damaged_chunks, tables["chunk"] = len(tables["chunk"]) - len(sound), sound
    rebuilt = _rebuild_sessions(tables)
    unplaced = _drop_unplaced(tables)
    if not any(tables.values()):
        raise BadArchiveError(f"{damaged}: nothing of this program's could be found in it; it is left as it is")
    with atomic_write(target) as part, closing(SqliteConnection(part)) as db:
        db.run(f"PRAGMA page_size = {PAGE_BYTES}")
        migrate(db)
        db.run("BEGIN")
        for name, (columns, _) in SHAPES.items():
            sql = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            for row in dict(sorted(tables[name].items())).values():
                db.run(sql, row)
        db.run("COMMIT")
        check_sound(db, part, thorough=True)
    return Recovery(
        sessions=len(tables["session"]),
        frames=sum(row[3] for row in sound.values()),
        lifts=len(tables["lift"]),
        damaged_chunks=damaged_chunks,
        unplaced=unplaced,
        rebuilt=rebuilt,
    )


def _is_sound(row: tuple[Any, ...]) -> bool:
    _, t0_us, t1_us, frames, crc, overview_crc, overview, data = row
    try:
        if data:
            decode(Chunk(t0_us, t1_us, frames, crc, data, overview_crc, overview))
    except (DamagedChunkError, zlib.error, ValueError, struct.error):
        return False
    return bool(zlib.crc32(overview) == overview_crc)


def _rebuild_sessions(tables: dict[str, dict[Any, tuple[Any, ...]]]) -> int:
    """Give frames whose session row is lost a plain session, that they can at least be seen and exported."""
    rebuilt = 0
    for key, row in sorted(tables["chunk"].items()):
        session_id = key >> KEY_SHIFT
        if session_id in tables["session"]:
            continue
        _, t0_us, t1_us, frames, crc, overview_crc, overview, data = row
        zones = decode(Chunk(t0_us, t1_us, frames, crc, data, overview_crc, overview))[1].shape[1] if data else 1
        started_s = (row[1] - 1000 * (key & ((1 << KEY_SHIFT) - 1))) / 1e6
        last_us = max(other[2] for k, other in tables["chunk"].items() if k >> KEY_SHIFT == session_id)
        names = json.dumps([f"zone_{n + 1}" for n in range(zones)])
        facts = (session_id, started_s, last_us / 1e6, names, 100.0, "", None, None, "recovered", None, 1.0, "partial", 0, "{}")
        tables["session"][session_id] = (*facts, None, None, None)
        rebuilt += 1
    return rebuilt


def _drop_unplaced(tables: dict[str, dict[Any, tuple[Any, ...]]]) -> int:
    """Remove rows that belong to something that is lost, and references to lost rows; returns how many rows went."""
    unplaced = 0
    for name, (column, owner) in _NEEDS.items():
        place = SHAPES[name][0].index(column)
        kept = {key: row for key, row in tables[name].items() if row[place] in tables[owner]}
        unplaced += len(tables[name]) - len(kept)
        tables[name] = kept
    for name, column, other in _MAY_LACK:
        place = SHAPES[name][0].index(column)
        for key, row in tables[name].items():
            if row[place] is not None and row[place] not in tables[other]:
                tables[name][key] = (*row[:place], None, *row[place + 1 :])
    made = tables["correction"]
    while lost := [key for key, row in made.items() if row[2] == "undo" and row[8] not in made]:
        for key in lost:
            del made[key]
            unplaced += 1
    events = {key: row for key, row in tables["event"].items() if key >> KEY_SHIFT in tables["session"]}
    unplaced += len(tables["event"]) - len(events)
    tables["event"] = events
    return unplaced


class _Pages:
    """The pages of a database with the committed part of its log laid over them."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.read_bytes()
            log = side_file(path, "-wal")
            wal = log.read_bytes() if log.exists() else b""
        except OSError as error:
            raise typed_os_error(error, path) from None
        size = int.from_bytes(self._file[16:18], "big") if self._file[:16] == _MAGIC else PAGE_BYTES
        size = 65536 if size == 1 else size
        self._size = size if size >= 512 and size & (size - 1) == 0 else PAGE_BYTES
        self._newer = _log_pages(wal, self._size)
        self._count = max(len(self._file) // self._size, *self._newer, 0)

    def leaves(self) -> Iterator[Iterator[tuple[int, tuple[Any, ...]]]]:
        """The rows of each leaf page."""
        for number in range(1, self._count + 1):
            page = self._page(number)
            start = 100 if number == 1 else 0
            if len(page) == self._size and page[start] in (_TABLE_LEAF, _INDEX_LEAF):
                yield self._rows(page, start)

    def _page(self, number: int) -> bytes:
        return self._newer.get(number) or self._file[(number - 1) * self._size : number * self._size]

    def _rows(self, page: bytes, start: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
        table = page[start] == _TABLE_LEAF
        most = (len(page) - start - 8) // 4  # a cell takes a pointer and two bytes at least
        for n in range(min(most, int.from_bytes(page[start + 3 : start + 5], "big"))):
            try:
                at = int.from_bytes(page[start + 8 + 2 * n : start + 10 + 2 * n], "big")
                length, at = _varint(page, at)
                rowid, at = _varint(page, at) if table else (0, at)
                yield rowid, _record(self._payload(page, at, length, table))
            except (IndexError, ValueError, UnicodeDecodeError, struct.error):
                continue

    def _payload(self, page: bytes, at: int, length: int, table: bool) -> bytes:
        """A row's bytes, from the page and the overflow pages it goes on in."""
        usable = self._size
        if length > _MOST_BYTES:
            raise ValueError("no row is that long")
        most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return page[at : at + length]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= most else least
        out = bytearray(page[at : at + local])
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while len(out) < length:
            more = self._page(following) if 0 < following <= self._count else b""
            if len(more) != usable:
                raise ValueError("the row goes on in a page that is not there")
            out += more[4 : 4 + length - len(out)]
            following = int.from_bytes(more[:4], "big")
        return bytes(out)


def _record(payload: bytes) -> tuple[Any, ...]:
    end, at = _varint(payload, 0)
    types = []
    while at < end:
        kind, at = _varint(payload, at)
        types.append(kind)
    values: list[Any] = []
    at = end
    for kind in types:
        size = _SIZES[kind] if kind < 10 else (kind - 12) // 2
        field = payload[at : at + size]
        if len(field) != size or kind in (10, 11):
            raise ValueError("a field is cut off")
        at += size
        if kind == 0:
            values.append(None)
        elif kind == 7:
            values.append(struct.unpack(">d", field)[0])
        elif kind < 7:
            values.append(int.from_bytes(field, "big", signed=True))
        elif kind < 10:
            values.append(kind - 8)
        else:
            values.append(field.decode() if kind % 2 else field)
    return tuple(values)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for n in range(9):
        byte = data[at + n]
        if n == 8:
            value = value << 8 | byte
            return (value - (1 << 64) if value >= 1 << 63 else value), at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + n + 1
    raise ValueError("unreachable: nine bytes always end a varint")


def _log_pages(wal: bytes, page_size: int) -> dict[int, bytes]:
    """Newest committed version of each page in the log; frames after the first whose checksum fails do not count."""
    if len(wal) < 32 or int.from_bytes(wal[8:12], "big") != page_size:
        return {}
    order = ">" if wal[3] & 1 else "<"
    salts = wal[16:24]
    sums = _wal_sum(wal[:24], (0, 0), order)
    committed: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for at in range(32, len(wal) - 24 - page_size + 1, 24 + page_size):
        head, page = wal[at : at + 24], wal[at + 24 : at + 24 + page_size]
        sums = _wal_sum(page, _wal_sum(head[:8], sums, order), order)
        if head[8:16] != salts or struct.unpack(">II", head[16:24]) != sums:
            break
        number, after = struct.unpack(">II", head[:8])
        waiting[number] = page
        if after:
            committed |= waiting
            waiting = {}
    return committed


def _wal_sum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
