"""A card that fills up, fails or turns read-only while SQLite runs on it for real: a VFS that refuses like the kernel would."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import apsw
from torn_card import DiaryConnection

_names = itertools.count()


class SickCard:
    """Pass `connect` to a Store; set `state` and `room` whenever something is to happen to the card.

    room: bytes that files may still grow by while "full".  stall: called on every sync, to let time pass.
    """

    def __init__(self) -> None:
        self.state: Literal["well", "full", "failing", "read-only"] = "well"
        self.room = 0
        self.stall: Callable[[], None] = lambda: None
        self.vfs = _Vfs(self)

    def connect(self, path: Path) -> DiaryConnection:
        return DiaryConnection(path, self.vfs)


class _Vfs(apsw.VFS):
    def __init__(self, card: SickCard) -> None:
        self.name = f"sick{next(_names)}"
        self._card = card
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802 (SQLite's name)
        return _File(name, flags, self._card)


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], card: SickCard) -> None:
        if card.state == "failing":
            raise _error(apsw.CantOpenError, apsw.SQLITE_CANTOPEN)
        super().__init__("", name, flags)
        self._card = card

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._refuse()
        growth = max(0, offset + len(data) - self.xFileSize())
        if self._card.state == "full" and growth:
            if growth > self._card.room:
                raise _error(apsw.FullError, apsw.SQLITE_FULL)
            self._card.room -= growth
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._refuse()
        self._card.stall()
        super().xSync(flags)

    def _refuse(self) -> None:
        if self._card.state in ("failing", "read-only"):
            raise _error(apsw.IOError, apsw.SQLITE_IOERR_WRITE)


def _error(kind: type[apsw.Error], code: int) -> apsw.Error:
    error = kind("the card refuses")
    error.result, error.extendedresult = code & 0xFF, code
    return error
