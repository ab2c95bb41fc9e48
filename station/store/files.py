"""What the store does to files around SQLite: names that are whole or absent, a lock, and setting aside instead of deleting."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from station.store.store_errors import CardFailingError, CardFullError, StoreError, WriterBusyError

SIDE_SUFFIXES = ("-wal", "-shm")


def side_file(path: Path, suffix: str) -> Path:
    """`backlift.db` and "-wal" -> `backlift.db-wal`."""
    return path.with_name(path.name + suffix)


def lock(path: Path) -> IO[bytes]:
    """Hold the database `path` for writing until the returned file is closed.  Raises WriterBusyError, CardFailingError,
    CardFullError.

    The lock is the kernel's and dies with the process, so no kill leaves one behind.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds what somebody's body did
        file = side_file(path, ".lock").open("ab")
    except OSError as error:
        raise typed_os_error(error, path) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise WriterBusyError(
            f"{path}: a station is running and writes here; stop it first, or ask it through its command"
        ) from None
    return file


def typed_os_error(error: OSError, path: Path) -> StoreError:
    """The store's error for one of the operating system's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CardFullError(f"{path}: no room left on the card; delete or export old sessions, or use a larger card")
    return CardFailingError(
        f"{path}: cannot be read or written ({error.strerror}); is the card worn, or the folder missing or not yours?"
    )


def sync_folder(folder: Path) -> None:
    """Wait until new names in `folder` are on the card."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """A path to write to; it becomes `target` when the block ends well, and is gone when it does not.

    A kill in between leaves a `.part` file, which the next call for the same target writes over; never a half `target`.
    """
    part = side_file(target, ".part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise (error if isinstance(error, StoreError) else typed_os_error(error, target)) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def dated_name(path: Path, word: str, wall_s: float) -> Path:
    """A free name beside `path`: `backlift.corrupt-2026-11-22T10-05-09.db`, with a number when that is taken."""
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S", time.localtime(wall_s))
    for number in range(1, 1_000_000):
        name = path.with_name(f"{path.stem}.{word}-{stamp}{'' if number == 1 else f'-{number}'}{path.suffix}")
        if not name.exists():
            return name
    raise StoreError(f"{path}: no free name to set it aside")


def quarantine(path: Path, word: str, wall_s: float) -> Path:
    """Give a database and its log another, dated name; nothing is deleted.  Returns the name."""
    aside = dated_name(path, word, wall_s)
    try:
        for suffix in SIDE_SUFFIXES:  # first: a log must never meet a database it does not belong to
            if side_file(path, suffix).exists():
                side_file(path, suffix).rename(side_file(aside, suffix))
        if path.exists():
            path.rename(aside)
        sync_folder(path.parent)
    except OSError as error:
        raise typed_os_error(error, path) from None
    return aside


def quarantined_files(path: Path, *, everything: bool) -> list[Path]:
    """Copies made before a migration beside the database `path`; with `everything` also databases that were set aside, and their
    logs."""
    words = ("before", "corrupt", "replaced") if everything else ("before",)
    return sorted(file for word in words for file in path.parent.glob(f"{path.stem}.{word}-*") if file.is_file())
