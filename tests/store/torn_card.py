"""A card that loses its power: every write, sync, rename and deletion of a run is written down, and any moment of it can be cut.

SQLite runs for real, through a VFS that passes everything on and keeps a diary.  `images` then replays the diary up to each cut and
builds the folder as it may look afterwards: what was synced is there; of what was not, any part may be missing, and a write may be
torn at a sector.  Names (made, renamed, deleted) survive in order up to some point, as on a journalling file system.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.store.connection import typed_error

SECTOR = 512
_names = itertools.count()


@dataclass
class Diary:
    """What happened to the files in one folder, in order: (what, file, ...)."""

    folder: Path
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    label: str = ""

    def note(self, what: str, path: str | Path | None, *more: Any) -> None:
        if path is not None and Path(path).parent == self.folder and not str(path).endswith(("-shm", ".lock")):
            self.entries.append((what, Path(path).name, *more))

    def mark(self, state: Any) -> None:
        """The station was told that everything in `state` is on the card."""
        self.entries.append(("acknowledged", None, state, self.label))

    def doing(self, label: str) -> None:
        """From here on the run is busy with `label`."""
        self.label = label
        self.entries.append(("doing", None, label))


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], diary: Diary) -> None:
        super().__init__("", name, flags)
        self._diary = diary
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else name
        if flags[0] & apsw.SQLITE_OPEN_CREATE:
            diary.note("made", self._name)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 (SQLite's name)
        super().xWrite(data, offset)
        self._diary.note("write", self._name, offset, bytes(data))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        super().xTruncate(size)
        self._diary.note("truncate", self._name, size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._diary.note("sync", self._name)
        if self._name and self._name.endswith(("-wal", "-journal")):
            self._diary.entries.append(("sync names", None))  # SQLite's own VFS syncs the folder of a new log


class _Vfs(apsw.VFS):
    def __init__(self, diary: Diary) -> None:
        self.name = f"diary{next(_names)}"
        self._diary = diary
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802
        return _File(name, flags, self._diary)

    def xDelete(self, name: str, sync_folder: bool) -> None:  # noqa: N802
        super().xDelete(name, sync_folder)
        self._diary.note("deleted", name)
        if sync_folder:
            self._diary.entries.append(("sync names", None))


class DiaryConnection:
    """The station's connection, through the diary's VFS."""

    def __init__(self, path: Path, vfs: _Vfs) -> None:
        self._path = path
        try:
            self._raw = apsw.Connection(str(path), vfs=vfs.name)
        except apsw.Error as error:
            raise self._typed(error) from None

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return list(self._raw.execute(sql, tuple(parameters)))
        except apsw.Error as error:
            raise self._typed(error) from None

    def close(self) -> None:
        try:
            self._raw.close()
        except apsw.Error as error:
            raise self._typed(error) from None

    def _typed(self, error: apsw.Error) -> Exception:
        return typed_error(getattr(error, "extendedresult", 1), str(error), self._path)


@contextmanager
def diary_of(folder: Path) -> Iterator[tuple[Diary, Any]]:
    """A diary of everything that happens in `folder`, and the `connect` to give to a Store."""
    diary = Diary(folder)
    vfs = _Vfs(diary)
    real = {"replace": Path.replace, "unlink": Path.unlink, "fsync": os.fsync}

    def replace(self: Path, target: Path) -> Path:
        out = real["replace"](self, target)
        diary.note("renamed", self, Path(target).name)
        return out

    def unlink(self: Path, missing_ok: bool = False) -> None:
        there = self.exists()
        real["unlink"](self, missing_ok=missing_ok)
        if there:
            diary.note("deleted", self)

    def fsync(handle: int) -> None:
        real["fsync"](handle)
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path == folder:
            diary.entries.append(("sync names", None))
        else:
            diary.note("sync", path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr(Path, "unlink", unlink)
        patch.setattr(os, "fsync", fsync)
        yield diary, lambda path: DiaryConnection(path, vfs)


@dataclass
class _Inode:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Cut:
    """A folder after the power went.  promised: the last state acknowledged before; next: the one under way, if any."""

    at: int
    doing: str
    promised: Any
    next: Any


def images(diary: Diary, start: dict[str, bytes], cuts: Sequence[int], seed: int, target: Path) -> Iterator[Cut]:
    """Build in `target`, for each cut (an index of the diary), the folder as it may look; `start`: the files before the run."""
    chance = random.Random(seed)
    inodes = {n: _Inode(bytearray(data)) for n, data in enumerate(start.values())}
    now: dict[str, int] = dict(zip(start, inodes, strict=True))
    names: dict[str, int] = dict(now)
    changes: list[tuple[str, str, Any]] = []
    promised: Any = None
    label = ""
    wanted = set(cuts)
    acknowledgements = [(n, entry[2]) for n, entry in enumerate(diary.entries) if entry[0] == "acknowledged"]
    for n, entry in enumerate(diary.entries):
        if n in wanted:
            after = next((state for place, state in acknowledgements if place >= n), None)
            _build(target, names, changes, inodes, chance)
            yield Cut(n, label, promised, after)
        match entry:
            case ("doing", _, word):
                label = word
            case ("acknowledged", _, state, _):
                promised = state
            case ("made", name):
                if name not in now:
                    now[name] = max(inodes, default=-1) + 1
                    inodes[now[name]] = _Inode()
                    changes.append(("made", name, now[name]))
            case ("deleted", name):
                now.pop(name, None)
                changes.append(("deleted", name, None))
            case ("renamed", name, other):
                now[other] = now.pop(name)
                changes.append(("renamed", name, other))
            case ("sync names", _):
                _apply_names(names, changes)
                changes.clear()
            case ("sync", name):
                inode = inodes[now[name]]
                for change in inode.pending:
                    _apply(inode.durable, change)
                inode.pending.clear()
            case ("write" | "truncate", name, *_):
                inodes[now[name]].pending.append(entry)


def _build(
    target: Path, names: dict[str, int], changes: list[tuple[str, str, Any]], inodes: dict[int, _Inode], chance: random.Random
) -> None:
    for old in target.iterdir():
        old.unlink()
    there = dict(names)
    _apply_names(there, changes[: chance.randint(0, len(changes))])
    kept_share = chance.choice((0.0, 0.5, 0.9, 1.0))
    for name, number in there.items():
        content = bytearray(inodes[number].durable)
        for change in inodes[number].pending:
            if chance.random() < kept_share:
                torn = change[0] == "write" and chance.random() < 0.2
                _apply(content, _torn(change, chance) if torn else change)
        (target / name).write_bytes(content)


def _torn(change: tuple[Any, ...], chance: random.Random) -> tuple[Any, ...]:
    what, name, offset, data = change
    return what, name, offset, data[: SECTOR * chance.randint(0, len(data) // SECTOR)]


def _apply(content: bytearray, change: tuple[Any, ...]) -> None:
    if change[0] == "truncate":
        del content[change[2] :]
        return
    _, _, offset, data = change
    if data:
        content.extend(b"\0" * (offset - len(content)))
        content[offset : offset + len(data)] = data


def _apply_names(names: dict[str, int], changes: Sequence[tuple[str, str, Any]]) -> None:
    for what, name, other in changes:
        if what == "made":
            names[name] = other
        elif what == "deleted":
            names.pop(name, None)
        elif name in names:
            names[other] = names.pop(name)
