"""`backlift run`: station and dashboard as two children, watched over as systemd would.

Each child tells how it is by the protocol of sd_notify(3), to a socket of its own in the runtime folder: READY=1 once it works,
WATCHDOG=1 every few seconds from then on.  A child that dies or falls silent is started again, after a pause that doubles with each
failure in a row.  One that ends with exit code 2 before it was ever ready has said in one line why it cannot start at all; then
everything ends.  On a Pi systemd does all this and this module is not used.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

from hardware.errors import BackliftError
from station.service.runtime import CRASHES_FOR_SAFE_MODE, WELL_AFTER_S

SILENT_S = 8.0
"""A child that sent a sign of life before and none for so long hangs."""
STOP_S = 8.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
CANNOT_START = 2
_POLL_S = 0.2


class PortInUseError(BackliftError, OSError):
    """The dashboard's port is taken, or may not be taken by this user."""


@dataclass(slots=True)
class Child:
    """One process to keep alive.

    argv: how to start it; safe_argv: how after too many failures in a row; nice: how far it stands back behind the others.
    """

    name: str
    argv: Sequence[str]
    safe_argv: Sequence[str] = ()
    nice: int = 0
    process: subprocess.Popen[bytes] | None = None
    notify: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    notify_path: Path = Path()
    started_s: float = 0.0
    heard_s: float | None = None
    ready: bool = False
    was_ready: bool = False
    failures: int = 0
    start_at_s: float = 0.0


class Supervisor:
    """Keeps children alive until told to stop.

    folder: for the notify sockets.  on_ready: called with the child's name each time one is ready.
    """

    def __init__(self, children: Sequence[Child], folder: Path, on_ready: Callable[[str], None] = lambda name: None) -> None:
        self._children = children
        self._on_ready = on_ready
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        for child in children:
            child.notify_path = folder / f"{child.name}.notify"
            child.notify_path.unlink(missing_ok=True)
            child.notify.bind(str(child.notify_path))
            child.notify.setblocking(False)
            self._selector.register(child.notify, selectors.EVENT_READ, child)

    def run(self) -> int:
        """Until SIGINT or SIGTERM (0), or until a child says that it cannot start (2)."""
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._stop)
        try:
            while not self._stopping:
                now_s = time.monotonic()
                for child in self._children:
                    self._look_after(child, now_s)
                    if child.process and child.process.returncode == CANNOT_START and not child.was_ready:
                        return CANNOT_START
                for key, _ in self._selector.select(_POLL_S):
                    self._hear(key.data)
            return 0
        finally:
            self._end_all()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _look_after(self, child: Child, now_s: float) -> None:
        """Start it when it is due; notice when it died; end it when it hangs."""
        if child.process is None or child.process.returncode is not None:
            if now_s >= child.start_at_s:
                self._start(child, now_s)
            return
        if child.heard_s is not None and now_s - child.heard_s > SILENT_S:
            print(f"backlift: the {child.name} hangs; starting it anew", file=sys.stderr, flush=True)
            child.process.kill()
            child.process.wait()
        if child.process.poll() is None:
            return
        child.failures = 1 if now_s - child.started_s > WELL_AFTER_S else child.failures + 1
        pause_s = 0.0 if child.process.returncode == 0 else min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (child.failures - 1))
        child.start_at_s = now_s + pause_s

    def _start(self, child: Child, now_s: float) -> None:
        safe = child.safe_argv and child.failures >= CRASHES_FOR_SAFE_MODE
        # Ctrl-C in a terminal goes to its whole group; the children are told by us, in order.
        child.process = subprocess.Popen(
            child.safe_argv if safe else child.argv,
            env={**os.environ, "NOTIFY_SOCKET": str(child.notify_path)},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=partial(os.nice, child.nice),
        )
        child.started_s = now_s
        child.heard_s = None
        child.ready = False

    def _hear(self, child: Child) -> None:
        with suppress(BlockingIOError):
            words = child.notify.recv(4096).decode(errors="replace").split("\n")
            if "WATCHDOG=1" in words:
                child.heard_s = time.monotonic()
            if "READY=1" in words and not child.ready:
                child.ready = child.was_ready = True
                self._on_ready(child.name)

    def _end_all(self) -> None:
        running = [child.process for child in self._children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline_s = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._selector.close()
        for child in self._children:
            child.notify.close()
            child.notify_path.unlink(missing_ok=True)


def require_port(host: str, port: int) -> None:
    """Raises PortInUseError unless a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(f"port {port} cannot be used ({error.strerror}); choose another one with --port") from None
