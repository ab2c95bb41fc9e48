"""Cues: one sound each, with a time.  How the guide makes them, and how an output takes them.

What the two sides promise each other:

- A cue is never in the past when it is made, and says itself when it is too old to be played.
- No more than `CUES_PER_SECOND` fall into any second, whatever happens: sounds must not pile up on somebody who lies still.
- Only counts are made ahead of their time, by a second or two, so that a network's jitter is not heard in them.  The cue `HUSH`
  takes back whatever has not sounded yet.  Nothing else is ever taken back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Sound = Literal[
    "ready",
    "prepare",
    "lift_off",
    "touch_down",
    "melt_done",
    "rest_done",
    "beyond_range",
    "may_grow",
    "misplaced",
    "trouble",
    "not_saving",
    "pause",
    "end",
    "count",
    "count_last",
    "hush",
]
HUSH: Literal["hush"] = "hush"
"""No sound: outputs drop every cue of theirs that has not begun."""
URGENT: frozenset[Sound] = frozenset({"trouble", "not_saving", "end"})
"""Heard also in a pause, and when a second is nearly full."""

CUES_PER_SECOND = 4
"""At most so many cues (HUSH not counted) within any second, by `at_s`; the last one is kept for the urgent."""
SHORT_S, LONG_S = 0.5, 3.0
"""How long a cue may wait: the moment of a movement passes at once, "ready" is still true some seconds later."""
_AGAIN_S: Mapping[Sound, float] = {
    "lift_off": 0.6,
    "touch_down": 0.6,
    "prepare": 1.0,
    "beyond_range": 5.0,
    "trouble": 20.0,
    "not_saving": 20.0,
}
"""The same sound is not repeated within so many seconds (an arm and a leg that leave together are one moment)."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One sound, at a time.

    sound: a name of station/practice/sounds.json, or HUSH.
    at_s, expires_s: monotonic seconds; not to be begun after `expires_s`.
    say: words for a voice, if there is one, with or after the sound; None where a sound is enough.
    volume: 0..1, of full loudness; 0 is silence (the cue still shows on the page).
    """

    sound: Sound
    at_s: float
    expires_s: float
    say: str | None = None
    volume: float = 0.5


class CueMaker:
    """The guide's side.  `make` and `hush` gather cues, `take` hands them out.  `last`: the latest that was due when made."""

    def __init__(self) -> None:
        self.last: Cue | None = None
        self._made: list[Cue] = []
        self._recent: deque[Cue] = deque(maxlen=64)

    def make(
        self,
        sound: Sound,
        now_s: float,
        volume: float,
        say: str | None,
        life_s: float,
        at_s: float | None = None,
        *,
        again: bool = False,
    ) -> None:
        """Make a cue for `at_s` (now, unless given), to be begun within `life_s`, unless it would repeat itself or pile up.

        again: it may repeat itself.
        """
        at_s = now_s if at_s is None else at_s
        cue = Cue(sound, at_s, at_s + life_s, say, volume)
        apart_s = [(abs(other.at_s - cue.at_s), other.sound) for other in self._recent]
        if not again and any(other == sound and apart < _AGAIN_S.get(sound, 0.0) for apart, other in apart_s):
            return
        if sum(apart < 1.0 for apart, _ in apart_s) >= CUES_PER_SECOND - (sound not in URGENT):
            return
        self._recent.append(cue)
        self._made.append(cue)
        if cue.at_s <= now_s:
            self.last = cue

    def hush(self, now_s: float) -> None:
        """Take back what has not sounded yet, if there is any."""
        if any(cue.at_s > now_s for cue in self._recent):
            self._recent = deque((cue for cue in self._recent if cue.at_s <= now_s), maxlen=64)
            self._made = [cue for cue in self._made if cue.at_s <= now_s]
            self._made.append(Cue(HUSH, now_s, now_s + LONG_S, None, 0.0))

    def take(self) -> list[Cue]:
        """What was made since the last call, in order."""
        made, self._made = self._made, []
        return made


class CuePlan:
    """An output's side: which cues are to be begun now.  Pure; each output owns one.

    Nothing is begun before its time or after its expiry, so a stalled output drops what it missed; HUSH empties the plan.
    """

    def __init__(self) -> None:
        self._waiting: list[Cue] = []

    def add(self, cue: Cue) -> None:
        if cue.sound == HUSH:
            self._waiting.clear()
        else:
            self._waiting.append(cue)

    def due(self, now_s: float) -> list[Cue]:
        """Cues to begin now, in order of their time; stale ones are dropped."""
        begin = sorted((cue for cue in self._waiting if cue.at_s <= now_s), key=lambda cue: cue.at_s)
        self._waiting = [cue for cue in self._waiting if cue.at_s > now_s]
        return [cue for cue in begin if cue.expires_s >= now_s]

    @property
    def next_s(self) -> float | None:
        """When there will be something to do, if ever."""
        return min((cue.at_s for cue in self._waiting), default=None)
