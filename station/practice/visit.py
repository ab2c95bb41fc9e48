"""One visit to the mat: is somebody there, lying still, turned over as asked; does the practice run, rest or wait?"""

from __future__ import annotations

import math
from typing import Literal

from station.model import Presence
from station.practice.positions import Position, same_side
from station.practice.stillness import Stillness, changed_zones, turned

Session = Literal["away", "ended", "turning", "waiting", "on", "paused"]
RESUME_WITHIN_S = 900.0
"""Somebody who got up midway and lies down again within so long goes on at the step that was left."""
TURN_AGAIN_S = 45.0
"""How to turn over is said once more after so long."""


class Visit:
    """session, since_s: where it stands, and since when.  position: how the person lies, as far as is known."""

    def __init__(self, position: Position) -> None:
        self.session: Session = "away"
        self.since_s = 0.0
        self.position: Position = position
        self._stillness = Stillness()
        self._ready_at_s: float | None = None
        self._left_s = -math.inf
        self._turn_from: tuple[float | None, ...] | None = None
        self._turn_over = False
        self._turn_changed: set[int] = set()

    def go(self, session: Session, now_s: float) -> None:
        if session != self.session:
            self.session, self.since_s = session, now_s

    def begin(self, now_s: float) -> bool:
        """The practice runs.  Whether it goes on after turning over."""
        after_turn = self._turn_from is not None
        self._ready_at_s = self._turn_from = None
        self.go("on", now_s)
        return after_turn

    def wait(self, now_s: float, still: bool) -> None:
        """Wait for the end of a movement, or for stillness."""
        self.go("waiting", now_s)
        self._ready_at_s = now_s if still else None

    def end(self, session: Literal["away", "ended"], now_s: float) -> None:
        if self.running:
            self._left_s = now_s
        self.go(session, now_s)
        self._ready_at_s = self._turn_from = None

    @property
    def running(self) -> bool:
        """Something was begun and is not over: also in a pause, and while turning over."""
        return self.session in ("on", "paused", "turning") or self._turn_from is not None

    def was_left_at(self, now_s: float) -> bool:
        """Whether it was left a few minutes ago only."""
        return now_s - self._left_s <= RESUME_WITHIN_S

    def presence(self, presence: Presence, position: Position, settling_s: float, now_s: float) -> None:
        """Somebody is there.  position: the one that was asked for."""
        if self.session == "away":
            self.position = position
            self._stillness = Stillness()
            self.go("waiting", now_s)
        if self.session == "waiting":
            # The detector says "still" once it knows the sensors well enough; the person's own settling time runs from when the
            # stillness began.
            self._ready_at_s = presence.t_s + settling_s if presence.kind == "still" else None

    def is_ready(self, settling_s: float, now_s: float) -> bool:
        """Whether somebody who was waited for has been still for as long as they like."""
        if self.session != "waiting" or self._ready_at_s is None or now_s < self._ready_at_s:
            return False
        since_s = self._stillness.since_s
        return since_s is None or now_s >= since_s + settling_s

    def look(self, loads: tuple[float | None, ...], now_s: float) -> bool:
        """The loads now.  Whether somebody who was asked to has turned over."""
        if loads:
            self._stillness.update(now_s, loads)
        if self.session != "turning" or self._turn_from is None:
            return False
        # Somebody who turns moves one part after the other: what counts is all that has changed on the way.
        self._turn_changed |= changed_zones(self._turn_from, self._stillness.loads)
        return turned(self._turn_from, self._turn_changed, over=self._turn_over)

    def ask_to_turn(self, position: Position, now_s: float) -> None:
        self._turn_changed = set()
        self._turn_over = not same_side(position, self.position)
        self._turn_from = self._stillness.loads
        self._ready_at_s = now_s + TURN_AGAIN_S
        self.go("turning", now_s)

    def has_not_turned(self, now_s: float) -> bool:
        """True once, when nothing has happened for a while."""
        if self.session != "turning" or self._ready_at_s is None or now_s < self._ready_at_s:
            return False
        self._ready_at_s = None
        return True

    def turned(self, position: Position, now_s: float) -> None:
        """Lies as asked for.  What rest is, is found anew: the detector says when."""
        self.position = position
        self._stillness = Stillness()
        self._ready_at_s = None
        self.go("waiting", now_s)

    def stay(self, now_s: float) -> None:
        """The practice goes on without turning."""
        self._turn_from = self._ready_at_s = None
        self.go("on", now_s)
