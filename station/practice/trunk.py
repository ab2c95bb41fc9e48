"""Movements of the trunk: nothing leaves the mat, a part grows lighter, presses, or its weight rolls to one side.

One number tells how far: the change of the part's load relative to its own rest, positive in the direction that was asked for.
Rest is found anew whenever the part has been quiet, because a trunk settles a little differently after every movement; how much
breathing moves it while it is quiet is measured, and a movement has to be clearly more than that.

What is timed: when it began, when it was furthest, when it had come back to rest.  What is not: how high a back arches (a mat feels
weight, not height), and which muscle did it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

TrunkMovement = Literal["lighten", "press", "roll_left", "roll_right"]

SMOOTH_S = 0.4
"""Time constant of the smoothing: shorter than the slowest of these movements by a factor of ten."""
REST_S = 4.0
"""Rest is the mean of so long: about one breath."""
LEAST = 0.12
"""The smallest change that counts, as share of the part's resting load, however quietly somebody breathes."""
OVER_BREATH = 2.0
"""...and it has to be so many times what breathing does."""
BEGUN, BACK = 0.4, 0.35
"""Shares of that: a movement has begun, is over.  The second is smaller, so that it does not end and begin at one border."""
BACK_FOR_S = 1.0
"""It is over when the part stays back for so long."""
RETURNED, STEADY_S = 0.5, 2.0
"""...or when it has come back by more than half and then stays for so long: sensors and bodies rarely settle where they were."""
CLEAR = 3.0
"""So many times the threshold is a clear movement: the page's scale ends there."""


@dataclass(frozen=True, slots=True)
class TrunkPart:
    """A part of the trunk in one position.  zones: its columns in a frame; left, right: the person's own, for rolling."""

    name: str
    zones: tuple[int, ...]
    left: tuple[int, ...] = ()
    right: tuple[int, ...] = ()

    def can(self, movement: TrunkMovement) -> bool:
        """Whether these zones can show it."""
        return bool(self.left and self.right) if movement in ("roll_left", "roll_right") else bool(self.zones)


@dataclass(frozen=True, slots=True)
class TrunkMove:
    """One finished movement.  began_s, furthest_s, rested_s: monotonic seconds; most: the largest change, share of rest."""

    part: str
    movement: TrunkMovement
    began_s: float
    furthest_s: float
    rested_s: float
    most: float


def share(part: TrunkPart, movement: TrunkMovement, loads: Sequence[float | None]) -> float | None:
    """How far the part has moved, before its rest is taken off: in shares of rest; None while a zone it needs is unknown."""
    if movement in ("roll_left", "roll_right"):
        left, right = _mean(part.left, loads), _mean(part.right, loads)
        if left is None or right is None or left + right <= 0:
            return None
        more_left = (left - right) / (left + right)
        return more_left if movement == "roll_left" else -more_left
    carried = _mean(part.zones, loads)
    if carried is None:
        return None
    return -carried if movement == "lighten" else carried


class TrunkWatch:
    """Follows one part through one kind of movement.

    >>> part, watch = TrunkPart("belly", (0,)), TrunkWatch(TrunkPart("belly", (0,)), "lighten")
    >>> way = [1.0] * 60 + [1.0 - n / 40 for n in range(20)] + [0.5] * 20 + [0.5 + n / 60 for n in range(30)] + [1.0] * 40
    >>> moves = [move for n, load in enumerate(way) if (move := watch.update(n / 10, [load]))]
    >>> len(moves), round(moves[0].most, 1), 5.8 < moves[0].began_s < 7.0 < moves[0].furthest_s < 10.2 < moves[0].rested_s < 13.4
    (1, 0.5, True)
    """

    def __init__(self, part: TrunkPart, movement: TrunkMovement) -> None:
        self.part = part
        self.movement: TrunkMovement = movement
        self._quiet: deque[tuple[float, float]] = deque()
        self._smooth: float | None = None
        self._at_s = -math.inf
        self._rest = 0.0
        self._most = LEAST
        self._began_s: float | None = None
        self._furthest: tuple[float, float] = (0.0, 0.0)
        self._back_since_s: float | None = None
        self._recent: deque[tuple[float, float]] = deque()

    @property
    def moving(self) -> bool:
        return self._began_s is not None

    @property
    def began_s(self) -> float | None:
        return self._began_s

    @property
    def progress(self) -> float:
        """0 at rest, 1 a clear movement, for the page."""
        if self._smooth is None or not self._quiet:
            return 0.0
        return round(min(max((self._smooth - self._rest) / (CLEAR * self._most), 0.0), 1.0), 2)

    def update(self, t_s: float, loads: Sequence[float | None]) -> TrunkMove | None:
        """One look, some ten a second.  A movement is announced when it is over."""
        value = share(self.part, self.movement, loads)
        if value is None:
            return None
        passed_s, self._at_s = t_s - self._at_s, t_s
        self._smooth = value if self._smooth is None else self._smooth + (value - self._smooth) * min(passed_s / SMOOTH_S, 1.0)
        moved = self._smooth - self._rest
        if self._began_s is None:
            self._at_rest(t_s, moved)
            return None
        if moved > self._furthest[1]:
            self._furthest = (t_s, moved)
        if moved > BACK * self._most and not self._steady(t_s, moved):
            self._back_since_s = None
            return None
        self._back_since_s = self._back_since_s if self._back_since_s is not None else t_s
        if t_s - self._back_since_s < BACK_FOR_S:
            return None
        self._recent.clear()
        began_s, rested_s, (furthest_s, most) = self._began_s, self._back_since_s, self._furthest
        enough = self._most
        self._began_s = self._back_since_s = None
        self._quiet.clear()
        self._note(t_s, self._smooth)
        # What has begun and turned back before it was more than a breath is no movement.
        return TrunkMove(self.part.name, self.movement, began_s, furthest_s, rested_s, round(most, 3)) if most >= enough else None

    def _steady(self, t_s: float, moved: float) -> bool:
        self._recent.append((t_s, moved))
        while self._recent[0][0] < t_s - STEADY_S:
            self._recent.popleft()
        values = [each for _, each in self._recent]
        lasted = t_s - self._recent[0][0] >= STEADY_S * 0.9
        return lasted and moved < RETURNED * self._furthest[1] and max(values) - min(values) < self._most

    def _at_rest(self, t_s: float, moved: float) -> None:
        assert self._smooth is not None
        known = bool(self._quiet) and self._quiet[-1][0] - self._quiet[0][0] >= REST_S / 2
        if known and moved > BEGUN * self._most:
            self._began_s, self._furthest = t_s, (t_s, moved)
        else:
            self._note(t_s, self._smooth)

    def _note(self, t_s: float, value: float) -> None:
        self._quiet.append((t_s, value))
        while self._quiet[0][0] < t_s - REST_S:
            self._quiet.popleft()
        values = [each for _, each in self._quiet]
        self._rest = sum(values) / len(values)
        self._most = max(LEAST, OVER_BREATH * (max(values) - min(values)) / 2)


def _mean(zones: Sequence[int], loads: Sequence[float | None]) -> float | None:
    known = [loads[zone] for zone in zones if zone < len(loads)]
    if not known or any(load is None for load in known):
        return None
    return sum(load for load in known if load is not None) / len(known)


class TrunkFollower:
    """Follows whatever part the step asks for; nothing when it asks for none."""

    def __init__(self) -> None:
        self._watch: TrunkWatch | None = None

    def reset(self) -> None:
        self._watch = None

    @property
    def began_s(self) -> float | None:
        """Since when it moves; None while it does not."""
        return self._watch.began_s if self._watch is not None else None

    @property
    def progress(self) -> float | None:
        return self._watch.progress if self._watch is not None else None

    def look(
        self, t_s: float, loads: Sequence[float | None], part: TrunkPart | None, movement: TrunkMovement | None
    ) -> Literal["began", "turned back"] | TrunkMove | None:
        """One look at the loads.  part, movement: what the step asks for, None when it asks for nothing of the trunk."""
        if part is None or movement is None:
            self._watch = None
            return None
        if self._watch is None or self._watch.part != part or self._watch.movement != movement:
            self._watch = TrunkWatch(part, movement)
        moved = self._watch.moving
        move = self._watch.update(t_s, loads)
        if move is not None:
            return move
        if self._watch.moving == moved:
            return None
        return "began" if self._watch.moving else "turned back"
