"""A newer version on the stick BACKLIFT: it is said, and installed when an owner asks for it in Setup.

The station may not install anything.  It leaves a file in its runtime folder; systemd sees that (backlift-update.path) and starts
`backlift upgrade --from-stick` as root, which checks the maintainers' signature, installs beside what runs, and goes back by
itself.  How that goes it writes into a folder of root's, which is read here.  Where no signature lies on the stick, or this
version carries no key to check one by, the command for the terminal is said instead.
"""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hardware.clock import Clock
from hardware.notices import Notice
from station.install.signed_release import STICK, is_offered, newer_on
from station.install.update_progress import PROGRESS, UPDATE_REQUESTED, UpdateProgress, read_progress
from station.service.declined import DeclinedError

LOOK_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class UpdatePaths:
    """stick: where releases are looked for.  progress: what the installing service writes.  unit: there where that service is."""

    stick: Path = STICK
    progress: Path = PROGRESS
    unit: Path = Path("/etc/systemd/system/backlift-update.path")


class Updates:
    """Looks at the stick once a minute while nobody practises, in a thread: a stick that does not answer holds up nobody.

    running: the version of this program.  runtime: the station's runtime folder.  `poll` is called about once a second by one
    thread; `notices` and `install` may be called by any.
    """

    def __init__(
        self, running: str, runtime: Path, clock: Clock, occupied: Callable[[], bool], paths: UpdatePaths | None = None
    ) -> None:
        self._running = running
        self._request = runtime / UPDATE_REQUESTED
        self._clock = clock
        self._occupied = occupied
        self._paths = paths or UpdatePaths()
        self._look_at_s = float("-inf")
        self._thread: threading.Thread | None = None
        self._newer: Notice | None = None
        self._progress: UpdateProgress | None = None

    def poll(self) -> None:
        self._progress = read_progress(self._paths.progress)
        now_s = self._clock.monotonic_s()
        if now_s >= self._look_at_s and not self._occupied() and not (self._thread and self._thread.is_alive()):
            self._look_at_s = now_s + LOOK_EVERY_S
            self._thread = threading.Thread(target=self._look, name="updates", daemon=True)
            self._thread.start()

    def install(self) -> None:
        """Ask root's service for the version that was said.  Raises DeclinedError."""
        newer = self._newer
        if newer is None or newer.code != "update_ready":
            raise DeclinedError("no_update")
        if self._is_running():
            raise DeclinedError("update_running")
        self._request.touch()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """At most one: how the update goes, how the last one went, or that there is one."""
        progress, newer = self._progress, self._newer
        if self._occupied():
            return ()
        if newer is None:
            return ()
        if self._is_running():
            return (Notice("update_running", {"version": newer.params["version"]}, "info"),)
        if progress is not None and progress.state == "failed" and progress.version == newer.params["version"]:
            return (newer, Notice("update_failed", {"version": progress.version, "reason": progress.words}, "info"))
        return (newer,)

    def _is_running(self) -> bool:
        return self._request.exists() or (self._progress is not None and self._progress.state == "running")

    def _look(self) -> None:
        newer = None
        with suppress(OSError):
            if found := newer_on(self._paths.stick, self._running, platform.machine()):
                version, file = found
                if self._paths.unit.exists() and is_offered(file):
                    newer = Notice("update_ready", {"version": version}, "info")
                else:
                    newer = Notice("update_on_stick", {"version": version, "file": str(file)}, "info")
        self._newer = newer
