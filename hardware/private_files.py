"""Files that only the station's own user may read: they hold what somebody's body did."""

from __future__ import annotations

import os
from pathlib import Path

OTHERS = 0o007
PRIVATE_UMASK = 0o077


def keep_files_private() -> None:
    """Let every file this process makes be its owner's alone.  Called first thing in every program.

    A umask that already keeps all others out (a systemd unit that shares with one group) stays as it is.
    """
    before = os.umask(PRIVATE_UMASK)
    if before & OTHERS == OTHERS:
        os.umask(before)


def private_mode() -> int:
    """The mode of a data file: 0600, or 0640/0660 where the umask shares with the group and keeps all others out."""
    umask = _umask()
    return 0o660 & ~umask if umask & OTHERS == OTHERS else 0o600


def make_private(path: Path) -> None:
    """Take away what a file's mode allows beyond `private_mode`.  A file system without modes (a USB stick) has nothing to take."""
    try:
        mode = path.stat().st_mode & 0o777
        if mode & ~private_mode():
            path.chmod(mode & private_mode())
    except OSError:
        return


def _umask() -> int:
    """The umask without changing it, for other threads make files meanwhile (proc(5), since Linux 4.7)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    return PRIVATE_UMASK
