"""What waits for the broker, bounded, and what the broker keeps of this station."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

EVENTS_KEPT = 1000
IN_FLIGHT = 20
"""So many messages may wait for the broker's receipt at once."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One message to the broker.  kept: the broker keeps it for whoever asks later, and a newer one replaces it."""

    topic: str
    payload: bytes
    kept: bool = False


class Broker(Protocol):
    """What the bridge needs of a paho client."""

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> Any: ...


class Outbox:
    """What waits for the broker: the newest of each kept topic, and events in order.

    Used by one thread, but for `connected`, `disconnected` and `receipt`, which paho's thread calls and which only note.  (paho
    calls back with its own locks held: whoever sent from there, or waited there for a lock of ours, would stand still for ever.)
    Bounded: of more than `EVENTS_KEPT` waiting events the oldest are given up, and counted in `given_up`.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._kept: dict[str, Publication] = {}
        self._unsent: set[str] = set()
        self._events: deque[Publication] = deque(maxlen=EVENTS_KEPT)
        self._sent = 0
        self._received = 0
        self._connections = 0
        self._greeted = 0
        self._connected = False
        self.given_up = 0

    def put(self, publication: Publication) -> None:
        """Take a publication; it goes out with the next `pump` that finds the broker there."""
        if publication.kept:
            self._kept[publication.topic] = publication
            self._unsent.add(publication.topic)
        else:
            self.given_up += len(self._events) == EVENTS_KEPT
            self._events.append(publication)

    def pump(self) -> None:
        """Send what can be sent now.  A broker that came (back) is told where things stand, then what happened meanwhile."""
        if not self._connected:
            return
        if self._greeted != self._connections:
            self._greeted = self._connections
            self._unsent.update(self._kept)
        # A broker that gives no receipts is sent no more: the newest state waits here, where a newer one replaces it.
        for topic, publication in self._kept.items():
            if topic in self._unsent and self._sent - self._received < IN_FLIGHT:
                self._unsent.discard(topic)
                self._send(publication)
        while self._events and self._sent - self._received < IN_FLIGHT:
            self._send(self._events.popleft())

    def connected(self) -> None:
        self._connections += 1
        self._connected = True

    def disconnected(self) -> None:
        self._connected = False

    def receipt(self) -> None:
        """The broker has one more message."""
        self._received += 1

    def _send(self, publication: Publication) -> None:
        # Once given to paho with quality of service 1 it is sent again after every break until the broker has it.
        self._sent += 1
        self._broker.publish(publication.topic, publication.payload, qos=1, retain=publication.kept)


class RetainedLedger:
    """The topics under which the broker keeps something of this station, in a small file of the dashboard's own."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def topics(self) -> list[str]:
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=list[str]) if self._path else []
        except (OSError, msgspec.DecodeError):
            return []
        return kept[:20]

    def note(self, topics: Iterable[str]) -> None:
        """Keep `topics`; none removes the file.  A card that cannot be written costs a tidy broker, nothing else."""
        if self._path is None:
            return
        topics = list(topics)
        with suppress(OSError):
            if topics:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_bytes(msgspec.json.encode(topics))
            else:
                self._path.unlink(missing_ok=True)
