"""What a paired device may not do alone: somebody at the station confirms it first.

Letting another device in, showing one out, giving it another role, opening the pages to the network and deleting everything would
let a lost or lent tablet take the station over.  So the station declines such a command the first time and remembers it for
`WAITS_S`.  Holding the button, or `backlift confirm` at the station, confirms exactly that command; sent again within `HOLDS_S`, it
is done, once.  While one waits others are declined, so that nothing else can be slipped under a hand that is on its way.
Every device is told what is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from hardware.clock import Clock
from station.messages import Command, ConfirmEvent, wire_name
from station.service.declined import DeclinedError

WAITS_S = 60.0
HOLDS_S = 60.0


class Confirmations:
    """At most one command waits or is confirmed.  May be used from any thread."""

    def __init__(self, clock: Clock, tell: Callable[[ConfirmEvent], object]) -> None:
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._command: Command | None = None
        self._confirmed = False
        self._until_s = 0.0

    def require(self, command: Command) -> None:
        """Returns when `command` was confirmed, which is then used up; raises DeclinedError otherwise."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            present = self._command if now_s < self._until_s else None
            if present == command:
                if not self._confirmed:
                    raise DeclinedError("confirm")
                self._command = None
                return
            if present is not None and not self._confirmed:
                raise DeclinedError("confirm_other", left=round(self._until_s - now_s))
            self._command, self._confirmed, self._until_s = command, False, now_s + WAITS_S
        self._tell(ConfirmEvent(now_s, wire_name(type(command)), False, WAITS_S))
        raise DeclinedError("confirm")

    def waiting(self) -> Command | None:
        """What waits to be confirmed."""
        with self._lock:
            return self._command if not self._confirmed and self._clock.monotonic_s() < self._until_s else None

    def confirm(self) -> Command | None:
        """Confirm what waits; returns it, or None when nothing does."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._command is None or self._confirmed or now_s >= self._until_s:
                return None
            command, self._confirmed, self._until_s = self._command, True, now_s + HOLDS_S
        self._tell(ConfirmEvent(now_s, wire_name(type(command)), True, HOLDS_S))
        return command
