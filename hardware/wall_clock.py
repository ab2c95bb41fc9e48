"""Whether the machine's date can be believed: the one answer for the check of the machine and for the dates of sessions."""

from __future__ import annotations

import ctypes
from pathlib import Path

EARLIEST_WALL_S = 1_767_225_600.0
"""1 January 2026: a clock that shows an earlier day than this program was written on is wrong."""
_SYNCHRONISED_FILE = "run/systemd/timesync/synchronized"
_LARGEST_ERROR_US = 16_000_000
"""The kernel's own bound (NTP_PHASE_LIMIT): with a larger error the clock follows nobody, as timedatectl judges too."""
_MAXERROR_AT = 24
"""Offset of `maxerror` in struct timex on 64 bits (adjtimex(2))."""


def is_believable(wall_s: float) -> bool:
    """Whether a clock that shows this time may be right."""
    return wall_s >= EARLIEST_WALL_S


def clock_synchronised(root: Path = Path("/")) -> bool | None:
    """Whether the machine's clock follows a time server (systemd-timesyncd, chrony, ntpd); None where nobody can tell."""
    if (root / _SYNCHRONISED_FILE).exists():
        return True
    return _kernel_synchronised()


def _kernel_synchronised() -> bool | None:
    timex = ctypes.create_string_buffer(512)  # modes 0: only asked
    try:
        if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
            return None
    except (OSError, AttributeError):
        return None
    return int.from_bytes(timex.raw[_MAXERROR_AT : _MAXERROR_AT + 8], "little", signed=True) < _LARGEST_ERROR_US
