"""Where every limb is, and the rests between: is anything moving, since when is there rest, was a melt cut short?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from station.model import LiveLimb, LiveState, Phase

MOST_LIMBS = 2
"""An exercise lifts an arm and a leg at most, unless a step says otherwise."""
HURRIED_S = 0.3
"""A melt counts as cut short when the next lift began so long before its end."""
FORGOTTEN_AFTER_S = 2.0
"""Detection has been sure for so long that a limb rests: an event was missed.  A lift itself may last for ever."""
DOWN_LOAD, DOWN_FOR_S = 0.5, 0.5
"""A limb that detection gave up is back on the mat when it carries this share of its rest for so long."""
FIDGET_S = 1.3
"""What was off the mat for less is no lift (station/signal gives it up): the rest before it goes on."""
BEYOND_FOR_S = 0.3
"""A lift is beyond the range when it stays there for so long; a single tremor is not."""


@dataclass(slots=True)
class _LimbNow:
    """overtaken_s: while it melted another lift began, at this time.  beyond_since_s: its load has been beyond the range since.

    resting_since_s: detection says it rests, though no event did.
    """

    phase: Phase
    since_s: float
    overtaken_s: float | None = None
    beyond_since_s: float | None = None
    beyond_told: bool = False
    resting_since_s: float | None = None


@dataclass(frozen=True, slots=True)
class Back:
    """A limb that detection had given up is on the mat again.  fidget: it had been off for a moment only."""

    limb: str
    at_s: float
    fidget: bool


@dataclass(slots=True)
class _Lost:
    up_since_s: float
    lost_s: float
    down_since_s: float | None = None


class Movement:
    """Follows limbs by their phase events.

    rest_since_s: when the last melt ended; None while anything is off the mat or melting, and before the first lift.
    rests_s: complete rests between movements.  hurried: lifts that began before the melt before them was over.
    measuring: in a pause nothing is measured.  most_limbs: so many may move at once; more is turning over or getting up.
    """

    def __init__(self) -> None:
        self._limbs: dict[str, _LimbNow] = {}
        self._lost: dict[str, _Lost] = {}
        self._rest_before_s: float | None = None
        self.measuring = False
        self.most_limbs = MOST_LIMBS
        self.begin()

    def begin(self) -> None:
        """A session begins: nothing was measured yet.  Limbs are where they are."""
        self.rest_since_s: float | None = None
        self.rests_s: list[float] = []
        self.hurried = 0

    def everything_at_rest(self) -> None:
        """The session is over: whatever was under way is not of interest any more."""
        self._limbs.clear()
        self._lost.clear()
        self.rest_since_s = self._rest_before_s = None

    def adopt(self, limbs: Sequence[LiveLimb]) -> None:
        """A guide that begins in the midst of it: limbs are where detection sees them."""
        for limb in limbs:
            if limb.phase != "rest":
                self._limbs.setdefault(limb.limb, _LimbNow(limb.phase, limb.since_s))

    @property
    def any(self) -> bool:
        return bool(self._limbs or self._lost)

    @property
    def turning_over(self) -> bool:
        """More limbs move than an exercise lifts: somebody turns over or gets up."""
        return len(self.in_phase("prepare") | self.in_phase("aloft")) > self.most_limbs

    def in_phase(self, phase: Phase) -> set[str]:
        """Limbs in this phase.  One that detection gave up while it was off the mat is still up until it is felt again."""
        found = {name for name, limb in self._limbs.items() if limb.phase == phase}
        return found | set(self._lost) if phase == "aloft" else found

    def since_s(self, phase: Phase) -> float:
        """Since when the first of the limbs in this phase has been in it; there must be one."""
        known = [limb.since_s for limb in self._limbs.values() if limb.phase == phase]
        return min(known + ([lost.up_since_s for lost in self._lost.values()] if phase == "aloft" else []))

    def prepares(self, limb: str, t_s: float) -> None:
        self._limbs[limb] = _LimbNow("prepare", t_s)

    def lifts_off(self, limb: str, t_s: float) -> None:
        before = self._limbs.get(limb)
        self._lost.pop(limb, None)
        if not self.in_phase("aloft"):
            self._rest_before_s = self.rest_since_s
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
        self._lost.pop(limb, None)
        self._limbs[limb] = _LimbNow("melt", t_s)

    def melted(self, limb: str, t_s: float) -> None:
        now = self._limbs.pop(limb, None)
        if self.measuring and now is not None and now.overtaken_s is not None:
            if t_s > now.overtaken_s + HURRIED_S:
                self.hurried += 1
            else:
                self._rested(t_s, now.overtaken_s)

    def dropped(self, limb: str, t_s: float) -> bool:
        """Detection knows no more of this movement; whether the limb is back on the mat for all that is known."""
        before = self._limbs.pop(limb, None)
        if before is not None and before.phase == "aloft":
            self._lost[limb] = _Lost(before.since_s, t_s)
            return False
        return before is not None and before.phase == "melt"

    def forget(self, limb: str) -> None:
        """Nothing is known of a limb that lies beside its sensor."""
        self._limbs.pop(limb, None)
        self._lost.pop(limb, None)

    def given_up(self, limb: str) -> bool:
        """The lift is complete without an end of its melt; a next movement that already gathers goes on."""
        now = self._limbs.get(limb)
        if now is None or now.phase != "melt":
            return False
        del self._limbs[limb]
        return True

    def look(self, live: LiveState, now_s: float) -> list[Back]:
        """Compare with what detection sees now; which limbs that were given up are down again."""
        seen = {limb.limb: limb for limb in live.limbs}
        for name, now in list(self._limbs.items()):
            limb = seen.get(name)
            if limb is not None and limb.phase != "rest":
                now.resting_since_s = None
            elif now.resting_since_s is None:
                now.resting_since_s = now_s
            elif now_s - now.resting_since_s >= FORGOTTEN_AFTER_S:
                del self._limbs[name]
                if now.phase == "aloft":
                    self._lost[name] = _Lost(now.since_s, now_s)
        return [back for name in list(self._lost) if (back := self._back(name, seen.get(name), now_s)) is not None]

    def _back(self, name: str, live: LiveLimb | None, now_s: float) -> Back | None:
        lost = self._lost[name]
        if live is not None and live.load is not None and live.load < DOWN_LOAD:
            lost.down_since_s = None
            return None
        lost.down_since_s = lost.down_since_s if lost.down_since_s is not None else now_s
        if now_s - lost.down_since_s < DOWN_FOR_S:
            return None
        del self._lost[name]
        fidget = lost.lost_s - lost.up_since_s < FIDGET_S
        if fidget and self._rest_before_s is not None and not self.any:
            # The rest that the fidget interrupted goes on, as if nothing had been.
            self.rest_since_s = self._rest_before_s
            if self.rests_s and self.measuring:
                self.rests_s.pop()
        return Back(name, now_s, fidget)

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
