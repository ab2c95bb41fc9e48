"""What the store does to files around SQLite: names that are whole or absent, a lock, and setting aside instead of deleting."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from hardware.private_files import make_private, private_mode
from station.store.store_errors import BadTargetError, CardFailingError, CardFullError, StoreError, WriterBusyError

SIDE_SUFFIXES = ("-wal", "-shm")
PART_SUFFIX = ".part"
RESERVE_BYTES = 24 * 1024 * 1024
"""With less room than this on the card raw frames stop, so that phases and notes still fit for a long time.  No copy eats into
it."""
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EPERM)
"""What a network share answers that cannot sync a folder or change a mode, and a folder one may write to but not read: the file is
whole there."""


def side_file(path: Path, suffix: str) -> Path:
    """`backlift.db` and "-wal" -> `backlift.db-wal`."""
    return path.with_name(path.name + suffix)


def lock(path: Path) -> IO[bytes]:
    """Hold the database `path` for writing until the returned file is closed.  Raises WriterBusyError, CardFailingError,
    CardFullError.

    The lock is the kernel's and dies with the process, so no kill leaves one behind.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(side_file(path, ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, private_mode())
    except OSError as error:
        raise typed_os_error(error, path) from None
    file = os.fdopen(handle, "r+b")
    make_private(side_file(path, ".lock"))
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
    """Wait until new names in `folder` are on the card, where the file system can tell."""
    with _where_it_can_be_told():
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _where_it_can_be_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


@contextmanager
def atomic_write(target: Path, needed_bytes: int = 0) -> Iterator[Path]:
    """A path to write to; it becomes `target` when the block ends well, and is gone when it does not.

    The path lies in a folder of its own beside the target, which nobody else can enter and which nothing planted there can replace.
    A link is followed to the file it leads to; what is not a file (a device, a FIFO, a folder) is refused.
    needed_bytes: refused at once when so much would eat into the reserve.
    A kill in between leaves a `.part` folder, which the next call for the same target removes; never a half `target`.
    Raises BadTargetError, CardFullError, CardFailingError.
    """
    target = _file_to_write(target)
    folder = side_file(target, PART_SUFFIX)
    try:
        require_room(target.parent, needed_bytes)
        _remove_part(folder, target.name)
        folder.mkdir(mode=0o700)
        part = folder / target.name
        yield part
        with part.open("rb") as file, _where_it_can_be_told():
            os.fsync(file.fileno())
        with _where_it_can_be_told():  # a stick with FAT knows no modes
            part.chmod(private_mode())
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise (error if isinstance(error, StoreError) else typed_os_error(error, target)) from None
    finally:
        with suppress(OSError):
            _remove_part(folder, target.name)


def require_room(folder: Path, needed_bytes: int) -> None:
    """Raises CardFullError when `needed_bytes` in `folder` would leave less than the reserve."""
    if needed_bytes <= 0:
        return
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes + RESERVE_BYTES:
        raise CardFullError(
            f"{folder}: this needs {(needed_bytes + RESERVE_BYTES) / 1e6:.0f} MB of room and there are {free_bytes / 1e6:.0f} MB; "
            "name a place with more room, or delete old sessions"
        )


def _file_to_write(target: Path) -> Path:
    """Where a link leads to.  Raises BadTargetError for what is not a file, CardFailingError for a loop."""
    try:
        resolved = target.resolve(strict=False)
        mode = resolved.stat().st_mode if resolved.exists() or resolved.is_symlink() else None
    except (OSError, RuntimeError) as error:
        raise BadTargetError(f"{target}: is a link that leads nowhere ({error}); name a file") from None
    if mode is not None and not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise BadTargetError(f"{target}: is {kind}, and would be replaced; name a file")
    if not resolved.parent.is_dir():
        raise BadTargetError(f"{target}: there is no folder {resolved.parent}; make it first, or name another one")
    return resolved


def _remove_part(folder: Path, name: str) -> None:
    """Remove what an interrupted call left: a folder with nothing in it but `name` and its journals, or a link or file so named.

    Raises BadTargetError when somebody keeps other things there.
    """
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)  # of a link only the link, not what it leads to
        return
    for file in folder.iterdir():
        if not file.name.startswith(name) or not file.is_file():
            raise BadTargetError(f"{folder}: is in the way; move it, or name another file to write")
        file.unlink()
    folder.rmdir()


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
