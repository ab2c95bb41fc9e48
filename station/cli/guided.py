"""The terminal as a front end for the guided check and calibration: what both share.

Frames are read at the mat's own pace; what a person types is read by a thread of its own, so that nothing waits for it.
"""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

import click

from hardware.errors import BackliftError, BusError
from hardware.sim.chips import SimulatedClock

if TYPE_CHECKING:
    from hardware.check import Prompt
    from hardware.clock import Clock
    from hardware.frames import Frame
    from hardware.mat import Mat
    from hardware.scanner import Scanner
    from hardware.sim.hands import HandsOnMat
    from station.config import Config

SEED = 1
PRESS_N, PRESS_AFTER_S = 15.0, 0.6
PATIENCE_S = 10.0
REDRAW_S = 0.1


class MatInUseError(BackliftError, RuntimeError):
    """The station holds the mat."""


class Guided(Protocol):
    """The check or the calibration."""

    @property
    def prompt(self) -> Prompt: ...
    @property
    def finished(self) -> bool: ...
    def feed(self, frame: Frame) -> None: ...
    def answer(self, words: str) -> None: ...


class Keyboard:
    """Lines as they are typed or piped in; None for ever after the last."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._over = False
        threading.Thread(target=self._read, args=(sys.stdin,), name="keyboard", daemon=True).start()

    @property
    def over(self) -> bool:
        """Nobody will type any more."""
        return self._over

    def line(self, wait: bool) -> str | None:
        """The next line; None when there is none yet (or, waiting, none ever)."""
        if self._over:
            return None
        try:
            line = self._lines.get(block=wait)
        except queue.Empty:
            return None
        self._over = line is None
        return line

    def _read(self, stream: Any) -> None:
        for line in stream:
            self._lines.put(line.strip())
        self._lines.put(None)


class Screen:
    """A picture that is drawn over itself in a terminal; elsewhere only words that are new."""

    def __init__(self) -> None:
        self._tall = 0
        self._said: tuple[str, ...] = ()
        self.live = sys.stdout.isatty()

    def say(self, line: str) -> None:
        """A line that stays."""
        self._erase()
        click.echo(line)

    def draw(self, words: str, picture: Sequence[str]) -> None:
        """What is asked now, and the picture of the mat below it."""
        if self.live:
            self._erase()
            click.echo("\n".join([*picture, words]))
            self._tall = len(picture) + 1
        elif self._said != (words,):
            self._said = (words,)
            click.echo(words)

    def _erase(self) -> None:
        if self._tall:
            click.echo(f"\x1b[{self._tall}F\x1b[J", nl=False)
            self._tall = 0


@contextmanager
def the_mat(config: Config, mat: Mat) -> Iterator[tuple[Scanner, Clock, HandsOnMat | None]]:
    """Scanner and clock of the mat, and whose hands are on it when it is a simulated one.

    A simulated mat lives in simulated time, which goes as fast as a person can watch, or faster where nobody does.
    """
    from station.service.mat_source import real_mat

    if config.simulated:
        from hardware.scanner import Scanner
        from hardware.sim.chips import FakeADS1115, SimulatedBus
        from hardware.sim.hands import HandsOnMat

        clock = SimulatedClock()
        hands = HandsOnMat(mat, SEED)
        bus = SimulatedBus(clock, [FakeADS1115(address, hands.volts) for address in mat.chips])
        yield Scanner(bus, mat, clock), clock, hands
        return
    from hardware.clock import SystemClock

    system = SystemClock()
    scanner = real_mat(config, mat, system, wait=False)
    try:
        yield scanner, system, None
    finally:
        scanner.close()


class Helper:
    """Does to a simulated mat what the prompts ask of a person; with a real mat it does nothing."""

    def __init__(self, hands: HandsOnMat | None) -> None:
        self._hands = hands
        self._zone: str | None = None
        self._asked_s = 0.0

    @property
    def simulated(self) -> bool:
        return self._hands is not None

    def act(self, prompt: Prompt, t_s: float) -> None:
        """Called for every frame."""
        if self._hands is None:
            return
        if self._zone is not None and (prompt.zone != self._zone or prompt.kind in ("unload", "release", "done")):
            self._hands.take_off(self._zone)
            self._zone = None
        if prompt.kind != "press" or self._zone is not None:
            self._asked_s = t_s
        elif t_s - self._asked_s > PRESS_AFTER_S and prompt.zone is not None:
            self._zone = prompt.zone
            self._hands.lay(prompt.zone, PRESS_N)

    def heard(self, prompt: Prompt, line: str) -> None:
        """A weight somebody said to have laid on is laid on."""
        from hardware.calibrate import newtons
        from hardware.calibration import CalibrationError

        if self._hands is not None and prompt.kind == "weight" and prompt.zone is not None:
            with suppress(CalibrationError):
                self._hands.lay(prompt.zone, newtons(line))
                self._zone = prompt.zone


def guide(
    work: Guided, scanner: Scanner, clock: Clock, rate_hz: float, keyboard: Keyboard, helper: Helper, show: Callable[[Prompt], None]
) -> None:
    """Lead through the check or calibration until it is finished.  Raises BusError when the bus stays silent for long."""
    watched = helper.simulated and sys.stdout.isatty()
    due_s, shown_s = clock.monotonic_s(), float("-inf")
    silent_since_s: float | None = None
    while not work.finished:
        prompt = work.prompt
        if prompt.kind in ("press", "weight") or sys.stdin.isatty():
            # In simulated time nobody can type fast enough, so it stands still until there is an answer.
            line = keyboard.line(wait=prompt.kind == "weight" and helper.simulated and not watched)
            if line:
                helper.heard(prompt, line)
                work.answer(line)
                show(work.prompt)
            elif keyboard.over and prompt.kind == "weight":
                work.answer("stop")
        helper.act(work.prompt, clock.monotonic_s())
        due_s = max(due_s + 1 / rate_hz, clock.monotonic_s())
        clock.sleep_until_s(due_s)
        if watched:
            time.sleep(1 / rate_hz)
        try:
            work.feed(scanner.read())
            silent_since_s = None
        except BusError:
            silent_since_s = due_s if silent_since_s is None else silent_since_s
            if clock.monotonic_s() - silent_since_s > PATIENCE_S:
                raise
            with suppress(BusError):
                scanner.recover()
        if clock.monotonic_s() - shown_s >= REDRAW_S:
            shown_s = clock.monotonic_s()
            show(work.prompt)
    show(work.prompt)


def refuse_if_running() -> None:
    """Two readers on one bus would disturb each other.  Raises MatInUseError while a station runs."""
    from station.service.runtime import SOCKET_NAME, runtime_dir

    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(runtime_dir() / SOCKET_NAME))
        except OSError:
            return
    raise MatInUseError(
        "the station is reading the mat: use the tablet's setup page, or stop it first ('sudo systemctl stop backlift-station')"
    )
