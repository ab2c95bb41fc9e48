"""Time, given from outside.  `t_s` is monotonic everywhere; wall time is asked for only to label a session."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the station needs to know of time."""

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start; never runs back, never jumps."""
        ...

    def wall_s(self) -> float:
        """Unix seconds as the machine believes them; may jump by years when a Pi hears from a time server."""
        ...

    def sleep_until_s(self, t_s: float) -> None:
        """Return when `monotonic_s()` is at least `t_s`."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic_s(self) -> float:
        return time.monotonic()

    def wall_s(self) -> float:
        return time.time()

    def sleep_until_s(self, t_s: float) -> None:
        wait_s = t_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
