"""Letting a new device in: a short window, opened by a physical act, from the station's own terminal, or by a device and confirmed.

The station makes the offer and checks what a device shows; the dashboard passes on and learns no more than the outcome.  An offer
lives in memory only and by the monotonic clock only: a date that jumps neither prolongs nor ends it.

`CODE_TRIES` wrong codes end the code, for six digits can be guessed.  They do not end the secret, for nobody guesses 128 bits, and
anybody in the network could otherwise keep every new device out.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Literal

from hardware.clock import Clock
from station.messages import Role

WINDOW_S = 120.0
CODE_DIGITS = 6
CODE_TRIES = 5
SECRET_BYTES = 16
Outcome = Literal["paired", "wrong", "closed"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a device may show to be let in, and what it may do then.

    code: six digits, to be heard and typed; None after too many wrong ones.  secret: 128 bits, for a link or QR code.
    role, persons, by: as in PairingStart.
    """

    code: str | None
    secret: str
    left_s: float
    role: Role = "owner"
    persons: tuple[int, ...] = ()
    by: int | None = None


class PairingWindow:
    """At most one offer at a time.  May be used from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._offer: Offer | None = None
        self._until_s = 0.0
        self._wrong = 0

    def open(self, role: Role = "owner", persons: tuple[int, ...] = (), by: int | None = None) -> Offer:
        """Begin a new window; an earlier offer is worth nothing from now on."""
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        offer = Offer(code, secrets.token_urlsafe(SECRET_BYTES), WINDOW_S, role, persons, by)
        with self._lock:
            self._offer, self._wrong = offer, 0
            self._until_s = self._clock.monotonic_s() + WINDOW_S
        return offer

    def current(self) -> Offer | None:
        """The offer that holds now, if any."""
        with self._lock:
            return self._current()

    def accept(self, code: str | None, secret: str | None) -> tuple[Outcome, Offer | None]:
        """Whether a device that shows this may come in; if so the offer is used up and returned."""
        with self._lock:
            offer = self._current()
            if offer is None:
                return "closed", None
            if secret is not None:
                right = compare_digest(secret.encode(), offer.secret.encode())
            elif offer.code is None:
                return "closed", None
            else:
                digits = "".join((code or "").split())
                right = compare_digest(digits.encode(), offer.code.encode())
                self._wrong += not right
            if right:
                self._offer = None
                return "paired", offer
            if secret is None and self._wrong >= CODE_TRIES:
                self._offer = replace(offer, code=None)
                return "closed", None
            return "wrong", None

    def end(self) -> None:
        """Close the window."""
        with self._lock:
            self._offer = None

    def _current(self) -> Offer | None:
        if self._offer is None:
            return None
        left_s = self._until_s - self._clock.monotonic_s()
        if left_s <= 0:
            self._offer = None
            return None
        return replace(self._offer, left_s=left_s)
