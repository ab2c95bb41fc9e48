"""Where every limb is, and the rests between: is anything moving, since when is there rest, was a melt cut short?"""

from __future__ import annotations

from dataclasses import dataclass

from station.model import LiveLimb, Phase

MOST_LIMBS = 2
"""An exercise lifts an arm and a leg at most."""
HURRIED_S = 0.3
"""A melt counts as cut short when the next lift began so long before its end."""
LOST_S = 120.0
"""A limb of which nothing was heard for so long is taken to be at rest: a lift lasts seconds."""
BEYOND_FOR_S = 0.3
"""A lift is beyond the range when it stays there for so long; a single tremor is not."""


@dataclass(slots=True)
class _LimbNow:
    """overtaken_s: while it melted another lift began, at this time.  beyond_since_s: its load has been beyond the range since."""

    phase: Phase
    since_s: float
    overtaken_s: float | None = None
    beyond_since_s: float | None = None
    beyond_told: bool = False


class Movement:
    """Follows limbs by their phase events.

    rest_since_s: when the last melt ended; None while anything is off the mat or melting, and before the first lift.
    rests_s: complete rests between movements.  hurried: lifts that began before the melt before them was over.
    measuring: in a pause nothing is measured.
    """

    def __init__(self) -> None:
        self._limbs: dict[str, _LimbNow] = {}
        self.measuring = False
        self.begin()

    def begin(self) -> None:
        """A session begins: nothing was measured yet.  Limbs are where they are."""
        self.rest_since_s: float | None = None
        self.rests_s: list[float] = []
        self.hurried = 0

    def everything_at_rest(self) -> None:
        """The session is over: whatever was under way is not of interest any more."""
        self._limbs.clear()
        self.rest_since_s = None

    @property
    def any(self) -> bool:
        return bool(self._limbs)

    @property
    def turning_over(self) -> bool:
        """More limbs move than an exercise lifts: somebody turns over or gets up."""
        return len(self.in_phase("prepare") | self.in_phase("aloft")) > MOST_LIMBS

    def in_phase(self, phase: Phase) -> set[str]:
        return {name for name, limb in self._limbs.items() if limb.phase == phase}

    def since_s(self, phase: Phase) -> float:
        """Since when the first of the limbs in this phase has been in it; there must be one."""
        return min(limb.since_s for limb in self._limbs.values() if limb.phase == phase)

    def prepares(self, limb: str, t_s: float) -> None:
        self._limbs[limb] = _LimbNow("prepare", t_s)

    def lifts_off(self, limb: str, t_s: float) -> None:
        before = self._limbs.get(limb)
        self.began(limb, before.since_s if before and before.phase == "prepare" else t_s)
        self._limbs[limb] = _LimbNow("aloft", t_s)

    def began(self, limb: str, t_s: float) -> None:
        """It has turned out that a movement began at `t_s`: how long was the rest before it, does any melt still go on?

        Whether such a melt was really cut short is known only when its end is: it is announced later than it happens.
        """
        melting = self.in_phase("melt")
        for name in melting - {limb}:
            self._limbs[name].overtaken_s = t_s
        if self.measuring and limb in melting:
            self.hurried += 1
        elif self.measuring and not melting and self.rest_since_s is not None:
            self._rested(self.rest_since_s, t_s)
        self.rest_since_s = None

    def lands(self, limb: str, t_s: float) -> None:
        self._limbs[limb] = _LimbNow("melt", t_s)

    def melted(self, limb: str, t_s: float) -> None:
        now = self._limbs.pop(limb, None)
        if self.measuring and now is not None and now.overtaken_s is not None:
            if t_s > now.overtaken_s + HURRIED_S:
                self.hurried += 1
            else:
                self._rested(t_s, now.overtaken_s)

    def dropped(self, limb: str) -> bool:
        """Nothing more is known of this movement; whether the limb had been off the mat."""
        before = self._limbs.pop(limb, None)
        return before is not None and before.phase != "prepare"

    def given_up(self, limb: str) -> bool:
        """As `dropped`, but a next movement that already gathers goes on."""
        return limb not in self.in_phase("prepare") and self.dropped(limb)

    def forget_lost(self, now_s: float) -> None:
        for name in [name for name, limb in self._limbs.items() if now_s - limb.since_s > LOST_S]:
            del self._limbs[name]

    @property
    def all_down(self) -> bool:
        """Nothing is off the mat or melting."""
        return not (self.in_phase("aloft") or self.in_phase("melt"))

    def goes_beyond(self, live: LiveLimb, limit: float, now_s: float) -> bool:
        """Whether this limb's lift has just, for the first time and for long enough, gone beyond an extent of `limit`."""
        now = self._limbs.get(live.limb)
        if now is None or now.phase != "aloft" or live.load is None or now.beyond_told:
            return False
        if 1 - live.load <= limit:
            now.beyond_since_s = None
        elif now.beyond_since_s is None:
            now.beyond_since_s = now_s
        elif now_s - now.beyond_since_s >= BEYOND_FOR_S:
            now.beyond_told = True
        return now.beyond_told

    def _rested(self, from_s: float, to_s: float) -> None:
        self.rests_s.append(round(max(to_s - from_s, 0.0), 3))
