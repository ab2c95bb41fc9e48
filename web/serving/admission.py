"""Which connections may stay: an account by peer, so that no number of strangers takes the place of a paired device.

A connection is *unproven* until a request on it showed the cookie of a paired device.  Newcomers are always let in, for who they
are is known only after their request arrived; what gives way is the oldest unproven connection of the peer that has most of them.
A device sends its request within milliseconds and is proven long before that many others came after it.  Proven connections are
counted by device, and a device that holds too many loses its own oldest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_UNPROVEN = 256
MOST_UNPROVEN_OF_A_PEER = 96
MOST_OF_A_DEVICE = 160
MOST_PROVEN = 480
"""With the unproven ones, files and the station's socket this stays below the usual limit of 1024 file descriptors."""


@dataclass(eq=False, slots=True)
class Place:
    """One connection's entry.  give_up: closes the connection; may be called at any time, also twice."""

    peer: str
    give_up: Callable[[], None]
    device: int | None = None


class Admission:
    """The account.  Used by the server's event loop only."""

    def __init__(self) -> None:
        # Dictionaries keep the order in which connections came: the first entry is the oldest.
        self._unproven: dict[str, dict[Place, None]] = {}
        self._unproven_count = 0
        self._proven: dict[int, dict[Place, None]] = {}
        self._proven_count = 0

    def admit(self, peer: str, give_up: Callable[[], None]) -> Place:
        """A place for a new connection of `peer`; when there are too many, another one is given up for it."""
        place = Place(peer, give_up)
        self._unproven.setdefault(peer, {})[place] = None
        self._unproven_count += 1
        if len(self._unproven[peer]) > MOST_UNPROVEN_OF_A_PEER:
            self._evict(self._unproven[peer])
        elif self._unproven_count > MOST_UNPROVEN:
            self._evict(max(self._unproven.values(), key=len))
        return place

    def prove(self, place: Place, device: int) -> None:
        """A request on this connection showed the cookie of `device`."""
        if place.device == device or not self._holds(place):
            return
        self.release(place)
        place.device = device
        own = self._proven.setdefault(device, {})
        own[place] = None
        self._proven_count += 1
        if len(own) > MOST_OF_A_DEVICE:
            self._evict(own)
        elif self._proven_count > MOST_PROVEN:
            self._evict(max(self._proven.values(), key=len))

    def release(self, place: Place) -> None:
        """The connection is closed; harmless when repeated."""
        if place.device is None:
            group = self._unproven.get(place.peer, {})
            if place in group:
                del group[place]
                self._unproven_count -= 1
                if not group:
                    del self._unproven[place.peer]
        else:
            group = self._proven.get(place.device, {})
            if place in group:
                del group[place]
                self._proven_count -= 1
                if not group:
                    del self._proven[place.device]

    def make_room(self) -> None:
        """The process has no file descriptor left: give up the oldest connection of the peer with most unproven ones."""
        if self._unproven:
            self._evict(max(self._unproven.values(), key=len))

    def _holds(self, place: Place) -> bool:
        group = self._unproven.get(place.peer, {}) if place.device is None else self._proven.get(place.device, {})
        return place in group

    def _evict(self, group: dict[Place, None]) -> None:
        oldest = next(iter(group))
        self.release(oldest)
        oldest.give_up()
