"""The sampler: one thread that reads the mat on absolute deadlines and does nothing else.

A deadline is the one before plus the period, not "now" plus the period, so that lateness does not add up.  After a stall the missed
deadlines are let go (a burst of frames would tell nothing) and the grid goes on.  Whatever goes wrong with the mat, a frame comes
out: all its channels are missing then, the time is true.  Nobody can block this thread; when the other side does not take frames in
time, the oldest are dropped and counted.
"""

from __future__ import annotations

import ctypes
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.clock import Clock
from hardware.frames import MISSING, Frame

ROOM_S = 30.0
"""Frames of so many seconds wait for the pipeline before the oldest are dropped."""
RECOVERY_PERIOD_S, LONGEST_RECOVERY_PERIOD_S = 0.5, 3.0
"""A mat that was there is looked for twice a second; one that never was, more and more rarely, but seen soon when it comes."""
FAILING_PERIOD_S = 0.5
"""While nothing can be read and nobody is known to lie there, an empty frame so often shows that the station lives."""
STIR_CODES = 400
"""50 mV on any channel between two idle readings: somebody may be lying down."""
AWAKE_S = 5.0


_PR_SET_TIMERSLACK = 29


class FrameSource(Protocol):
    """A mat that can be read, real or simulated."""

    @property
    def zones(self) -> tuple[str, ...]: ...

    def read(self) -> Frame:
        """Scan the mat now.  Raises when nothing can be read at all: OSError, or whatever a bus library raises."""
        ...

    def recover(self) -> None:
        """Try to get a bus that does not answer going again.  Raises when that did not help."""
        ...

    def close(self) -> None: ...


class Pace:
    """How fast to read: slowly while nobody lies on the mat, fast from the moment something stirs.

    occupied: set by whoever knows that somebody lies on the mat.
    """

    def __init__(self, rate_hz: float, idle_rate_hz: float) -> None:
        self._full_s = 1.0 / rate_hz
        self._idle_s = 1.0 / idle_rate_hz
        self._before: NDArray[np.int16] | None = None
        self._awake_until_s = 0.0
        self.occupied = False

    def period_s(self, frame: Frame) -> float:
        """Time from the start of this frame to the start of the next."""
        t_s = frame.t_us / 1e6
        if self.occupied or self._stirs(frame.codes):
            self._awake_until_s = t_s + AWAKE_S
        self._before = frame.codes
        if t_s < self._awake_until_s:
            return self._full_s
        return self._idle_s if (frame.codes != MISSING).any() else FAILING_PERIOD_S

    def _stirs(self, codes: NDArray[np.int16]) -> bool:
        if self._before is None:
            return True
        both = (codes != MISSING) & (self._before != MISSING)
        return bool((np.abs(codes[both].astype(np.int32) - self._before[both]) > STIR_CODES).any())


class Sampler:
    """Reads `source` in step with `clock` until told to stop.

    frames, late, dropped, failures: counts since the start; written by the sampling thread only, read by anybody.
    failure_words: what the newest failure said.  failing_since_s: when reading began to fail altogether, None while it does not.
    last_frame_s: monotonic time the newest frame began, for the watchdog.  An unplugged mat gives frames too, empty ones: starting
    the station anew would not plug it in.
    """

    def __init__(self, source: FrameSource, clock: Clock, pace: Pace, rate_hz: float) -> None:
        self._source = source
        self._clock = clock
        self._pace = pace
        self._ready: deque[Frame] = deque()
        self._room = int(ROOM_S * rate_hz)
        self._due_s = clock.monotonic_s()
        self._period_s = 1.0 / rate_hz
        self._last_us = -1
        self._recover_at_s = self._due_s
        self._recovery_period_s = RECOVERY_PERIOD_S
        self._been_there = False
        self._stopping = False
        self.frames = 0
        self.late = 0
        self.dropped = 0
        self.failures = 0
        self.failing_since_s: float | None = None
        self.failure_words = ""
        self.last_frame_s = self._due_s

    def run(self) -> None:
        """The thread."""
        _wake_on_time()
        while not self._stopping:
            self.step()

    def stop(self) -> None:
        """End `run` after the frame that is being read."""
        self._stopping = True

    def step(self) -> None:
        """Wait for the next deadline and read one frame."""
        self._clock.sleep_until_s(self._due_s)
        started_s = self._clock.monotonic_s()
        frame = self._read(started_s)
        if frame.t_us <= self._last_us:
            # Frames are told apart by their time; two in one microsecond cannot be, so the later one says so.
            frame = replace(frame, t_us=self._last_us + 1)
        self._last_us = frame.t_us
        # Where nothing can be read no reading is late.
        if started_s - self._due_s > self._period_s / 2 and self.failing_since_s is None:
            self.late += 1
            frame = replace(frame, late=True)
        if len(self._ready) >= self._room:
            self._ready.popleft()
            self.dropped += 1
        self._ready.append(frame)
        self.frames += 1
        self.last_frame_s = started_s
        self._period_s = self._pace.period_s(frame)
        self._due_s += self._period_s
        now_s = self._clock.monotonic_s()
        if self._due_s < now_s - self._period_s:
            self._due_s += ((now_s - self._due_s) // self._period_s) * self._period_s

    def take(self) -> list[Frame]:
        """All frames since the last call, oldest first.  For one consumer thread."""
        return [self._ready.popleft() for _ in range(len(self._ready))]

    @property
    def waiting(self) -> int:
        return len(self._ready)

    def _read(self, started_s: float) -> Frame:
        """A frame from the source; one without any reading when the source fails."""
        try:
            frame = self._source.read()
        except Exception as error:
            self.failures += 1
            self.failure_words = str(error) or type(error).__name__
            if self.failing_since_s is None:
                self.failing_since_s = started_s
            self._recover(started_s)
            zones = len(self._source.zones)
            return Frame(round(started_s * 1e6), np.full(zones, MISSING, np.int16), np.zeros(zones, np.int32))
        self.failing_since_s = None
        self._been_there = True
        self._recovery_period_s = RECOVERY_PERIOD_S
        return frame

    def _recover(self, now_s: float) -> None:
        if now_s >= self._recover_at_s:
            try:
                self._source.recover()
            except Exception as error:
                self.failures += 1
                self.failure_words = str(error) or type(error).__name__
                if not self._been_there:
                    self._recovery_period_s = min(2 * self._recovery_period_s, LONGEST_RECOVERY_PERIOD_S)
            self._recover_at_s = self._clock.monotonic_s() + self._recovery_period_s


def _wake_on_time() -> None:
    """Ask Linux not to join this thread's wake-ups with others' (prctl(2), 50 us by default; a frame sleeps some thirty times)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1)
