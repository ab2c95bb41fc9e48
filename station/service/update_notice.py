"""A newer version that lies on the stick BACKLIFT is said, with the command that installs it.

It is said and not done.  The stick's files belong to the station's user, and no release is signed yet: an upgrade that a page could
start would make root of whoever takes over the station or the dashboard (docs/security.md).
"""

from __future__ import annotations

import platform
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hardware.clock import Clock
from hardware.notices import Notice
from station.install.version_order import is_older

STICK = Path("/media/backlift")
LOOK_EVERY_S = 60.0
ARCHITECTURES = {"aarch64": "arm64", "x86_64": "amd64"}
"""Machine as Python names it -> as Debian does."""
_VERSION = r"\d+(?:\.\d+){1,3}(?:~(?:a|b|rc|dev)\d+)?"


def newer_on(folder: Path, running: str, machine: str) -> tuple[str, Path] | None:
    """The newest .deb of this program for this machine in a folder, and its version; None unless it is newer than what runs."""
    name = re.compile(rf"backlift-station_({_VERSION})_{ARCHITECTURES.get(machine, '-')}\.deb")
    best = None
    for path in folder.iterdir():
        if (found := name.fullmatch(path.name)) and is_older(best[0] if best else running, found[1]):
            best = found[1], path
    return best


class UpdateNotice:
    """Looks at the stick once a minute while nobody practises, in a thread: a stick that does not answer holds up nobody.

    `poll` is called about once a second by one thread; `notices` may be read by any.
    """

    def __init__(self, running: str, clock: Clock, occupied: Callable[[], bool], folder: Path = STICK) -> None:
        self._running = running
        self._clock = clock
        self._occupied = occupied
        self._folder = folder
        self._look_at_s = float("-inf")
        self._thread: threading.Thread | None = None
        self._found: tuple[str, Path] | None = None

    def poll(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s >= self._look_at_s and not self._occupied() and not (self._thread and self._thread.is_alive()):
            self._look_at_s = now_s + LOOK_EVERY_S
            self._thread = threading.Thread(target=self._look, name="update-notice", daemon=True)
            self._thread.start()

    @property
    def notices(self) -> tuple[Notice, ...]:
        found = self._found
        if found is None or self._occupied():
            return ()
        return (Notice("update_on_stick", {"version": found[0], "file": str(found[1])}, "info"),)

    def _look(self) -> None:
        found = None
        with suppress(OSError):
            found = newer_on(self._folder, self._running, platform.machine())
        self._found = found
