"""Letting a new device in: a short window, opened by a physical act or by somebody at the station's own terminal.

The station makes the offer, because the button, the speaker and the command line are all on its side of the socket; the dashboard
asks for it when somebody tries to pair, counts the wrong tries, and ends it.  An offer lives in memory only and by the monotonic
clock only: a date that jumps neither prolongs nor ends it.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from hardware.clock import Clock

WINDOW_S = 120.0
CODE_DIGITS = 6
SECRET_BYTES = 16
"""128 bits: nobody guesses it, so it may be tried as often as one likes while the window is open."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a device may show to be let in.  code: six digits, to be heard and typed; secret: for a link or QR code."""

    code: str
    secret: str
    left_s: float


class PairingWindow:
    """At most one offer at a time.  May be used from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._offer: tuple[str, str, float] | None = None

    def open(self) -> Offer:
        """Begin a new window; an earlier offer is worth nothing from now on."""
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        with self._lock:
            self._offer = (code, secrets.token_urlsafe(SECRET_BYTES), self._clock.monotonic_s() + WINDOW_S)
        offer = self.current()
        assert offer is not None
        return offer

    def current(self) -> Offer | None:
        """The offer that holds now, if any."""
        with self._lock:
            if self._offer is None:
                return None
            code, secret, until_s = self._offer
            left_s = until_s - self._clock.monotonic_s()
            if left_s <= 0:
                self._offer = None
                return None
            return Offer(code, secret, left_s)

    def end(self) -> None:
        """Close the window: somebody was let in, or tried too often."""
        with self._lock:
            self._offer = None
