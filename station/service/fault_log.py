"""What the main thread looks after besides signals: faults into the log without flooding it, and the machine's own complaints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from hardware.notices import Notice

PERIOD_S, LONGEST_PERIOD_S = 60.0, 3600.0
"""A fault that goes on is told after a minute, two, four, up to an hour: a night without a mat is no thousand lines."""
MACHINE_EVERY_S = 10.0


class FaultLog:
    """Turns counters that only rise into a line a minute, and ever fewer while they go on rising.

    >>> log = FaultLog()
    >>> log.lines(0.0, {"board 0x48: bus errors": 0}), log.lines(1.0, {"board 0x48: bus errors": 2})
    ([], ['board 0x48: bus errors: 2'])
    >>> log.lines(30.0, {"board 0x48: bus errors": 90}), log.lines(61.0, {"board 0x48: bus errors": 314})
    ([], ['board 0x48: bus errors: 312 in the last minute'])
    """

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, int, float]] = {}

    def lines(self, now_s: float, counts: Mapping[str, int]) -> list[str]:
        """What is worth a line now: a first fault at once, then the sum of a minute, nothing while nothing happens."""
        out = []
        for name, count in counts.items():
            at_s, before, period_s = self._told.setdefault(name, (-math.inf, count, PERIOD_S))
            if count == before or now_s - at_s < period_s:
                continue
            fresh = now_s - at_s > 2 * period_s
            minutes = round(period_s / 60)
            span = "" if fresh else " in the last minute" if minutes == 1 else f" in the last {minutes} minutes"
            out.append(f"{name}: {count - before}{span}")
            self._told[name] = (now_s, count, PERIOD_S if fresh else min(2 * period_s, LONGEST_PERIOD_S))
        return out


class MachineHealthLog:
    """What the machine itself complains about, asked of it now and then.

    undervoltage: True while the supply is too weak, None where the machine cannot tell.
    """

    def __init__(self, undervoltage: Callable[[], bool | None]) -> None:
        self._undervoltage = undervoltage
        self._ask_at_s = 0.0
        self.notices: tuple[Notice, ...] = ()

    def look(self, now_s: float) -> None:
        if now_s >= self._ask_at_s:
            self._ask_at_s = now_s + MACHINE_EVERY_S
            self.notices = (Notice("weak_supply"),) if self._undervoltage() else ()
