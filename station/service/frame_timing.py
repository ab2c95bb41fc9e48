"""How regularly frames come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from hardware.frames import Frame


class FrameTiming:
    """Counts per second of the last minute."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int, int]] = deque(maxlen=60)

    def add(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            second = frame.t_us // 1_000_000
            if not self._seconds or self._seconds[-1][0] != second:
                self._seconds.append((second, 0, 0))
            _, count, late = self._seconds[-1]
            self._seconds[-1] = (second, count + 1, late + frame.late)

    @property
    def rate_hz(self) -> float:
        """Frames in the last complete second."""
        return float(self._seconds[-2][1]) if len(self._seconds) > 1 else 0.0

    @property
    def late_share(self) -> float:
        """Share of the last minute's frames that came late."""
        count = sum(second[1] for second in self._seconds)
        return sum(second[2] for second in self._seconds) / count if count else 0.0
