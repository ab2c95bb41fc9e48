"""Whether the person lies on the sensors, and what to tell her while she does not.  Pure: loads and time go in, advice comes out.

All timing rests on the lead zone of each limb.  While one of them carries too little, something is said, one thing at a time:
which part to slide, and which way.  The way is known where a neighbour of the zone carries what the zone lacks.  Where no
neighbour tells, a way is tried: if the zone's load grows the same way is asked for again, if it shrinks the opposite one, if
nothing changes the next.  After `MOST_PROMPTS` for one place nothing more is asked; what then cannot be timed is said.

A zone is judged by its share of what the rest of this body leads one to expect, so that a light person and an uncalibrated mat are
judged alike, and by `LEAST_N`, below which a sensor of this kind shows no contact at all.  Two thresholds each way keep a zone
at the edge from being told and taken back again.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from station.model import Limb, LimbKind, Mat, Phase, Side, Zone

Towards = Literal["head", "feet", "out", "in", "left", "right"]
"""Where a part is to slide; "out" and "in" are from and to the middle line of the body."""

OPPOSITE: Mapping[Towards, Towards] = {
    "head": "feet", "feet": "head", "out": "in", "in": "out", "left": "right", "right": "left",
}  # fmt: skip

TYPICAL_N: Mapping[str, float] = {
    "head": 20.0, "hand": 8.0, "elbow": 11.0, "chest": 40.0, "belly": 40.0,
    "pelvis": 46.0, "thigh": 32.0, "knee": 20.0, "foot": 11.0,
}  # fmt: skip
"""Newtons on a sensor under each part of a body of 70 kg; only their ratios are used.  Parts without a name here: 20."""
OTHER_N = 20.0

LEAST_N = 0.8
"""Less than this on a lead zone shows no reliable contact: an FSR of the 400 series breaks contact at 0.3-0.5 N."""
LIGHT_SHARE, GOOD_SHARE = 0.20, 0.35
"""A lead zone is too light below this share of what is expected, and good again above the other."""
BUILD = (0.3, 3.0)
"""How much lighter or heavier than 70 kg, sensors' spread included, is believed."""

STEADY_S = 1.0
STEADY_SHARE, STEADY_N = 0.25, 0.5
"""Nobody moves: over `STEADY_S` no lead zone changed by more than this share, or by so little."""
FIRST_SAID_AFTER_S = 3.0
"""Somebody who is still lying down is not spoken to."""
ANSWER_S = 1.5
"""After a movement it is awaited for so long that nothing changes any more."""
NO_ANSWER_S = 9.0
"""Who has not moved by then is told the next thing."""
MOST_PROMPTS, MOST_IN_ALL = 10, 16
"""For one place, and for one person."""
REST_LASTS_S = 10.0
"""In a practice a limb is judged only after it has rested for so long."""
NOT_AGAIN_S = 60.0
"""In a practice the same place is not spoken of again so soon."""
BETTER, WORSE = 1.25, 0.8
"""A load that grew or shrank by such a factor tells whether the way was right."""
CHANGED_N = 0.3
NEIGHBOUR_CM = 30.0
"""So near a zone may lie to have caught what another lacks."""
EXCESS = 2.0
"""A neighbour that carries this many times what is expected of it holds what is not its own; bodies differ by up to half."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to tell.

    zones: lead zones that lack load.  part: "foot", "elbow", ... or "body".  side: None for both.  towards: which way to slide it.
    far: by a hand's width rather than a little: the sensor feels nothing of it, so it lies well beside.
    load_at: the neighbour that carries what they lack, if one does.
    """

    zones: tuple[str, ...]
    part: str
    side: Side | None
    towards: Towards
    far: bool = False
    load_at: str | None = None


@dataclass(frozen=True, slots=True)
class PlacementView:
    """How the person lies now.

    light: lead zones that carry too little.  untimed: limbs that cannot be timed as they lie; untimed_limbs: kind and side of each.
    nothing_timed: that is all of them.  advice: what was asked last and is
    not done yet.  settled: nothing more will be asked before the practice begins.
    """

    light: tuple[str, ...] = ()
    untimed: tuple[str, ...] = ()
    advice: Advice | None = None
    settled: bool = False
    untimed_limbs: tuple[tuple[LimbKind, Side], ...] = ()
    nothing_timed: bool = False

    @property
    def may_begin(self) -> bool:
        """Whether "ready" is true: nothing more is asked, and some limb can be timed."""
        return (self.settled or not self.light) and not self.nothing_timed


Result = Literal["better", "worse", "same"]


def _line_search(way: Towards) -> Generator[Towards, Result, None]:
    """Steps along one line: on while it gets better, back when it got worse, one step to either side when nothing tells."""
    back = OPPOSITE[way]
    result = yield way
    if result != "better":
        yield back
        result = yield back
        way, back = back, way
        if result != "better":
            yield back
            return
    while result == "better":
        result = yield way
    if result == "worse":
        yield back


def _steps(ways: tuple[Towards, ...]) -> Generator[Towards, Result, None]:
    """Line after line, each beginning with the way given for it; twice, for the second line may have made the first worth while."""
    for _ in range(2):
        for way in ways:
            yield from _line_search(way)


@dataclass(slots=True)
class _Search:
    """What is tried for one place.  before_n: what the place carried when it was asked; moved: somebody moved since."""

    steps: Generator[Towards, Result, None]
    begun: bool = False
    prompts: int = 0
    before_n: float = 0.0
    asked_s: float = -math.inf
    moved: bool = False
    given_up: bool = False

    def next_way(self, now_n: float) -> Towards | None:
        """The way to ask for, given what the place carries after the last one was tried."""
        if not self.begun:
            self.begun = True
            return next(self.steps)
        result: Result = "same"
        if now_n > BETTER * self.before_n + CHANGED_N:
            result = "better"
        elif now_n < WORSE * self.before_n - CHANGED_N:
            result = "worse"
        try:
            return self.steps.send(result)
        except StopIteration:
            return None


class PlacementGuide:
    """Follows one person on one mat.  `reset` when the mat has become empty."""

    def __init__(self, mat: Mat) -> None:
        self._mat = mat
        self._names = mat.zone_names
        self._leads = {limb.zones[0]: limb for limb in mat.limb}
        self.reset()

    def reset(self) -> None:
        """Nobody is there."""
        self._recent: deque[tuple[float, tuple[float, ...]]] = deque()
        self._light: set[str] = set()
        self._unseen: set[str] = set()
        self._lay_well: set[str] = set()
        self._searches: dict[tuple[str, ...], _Search] = {}
        self._advice: Advice | None = None
        self._first_s: float | None = None
        self._steady_since_s: float | None = None
        self._rest_since_s: dict[str, float] = {}
        self._settled = False
        self._prompts = 0
        self._asked: dict[str, Towards] = {}

    @property
    def view(self) -> PlacementView:
        light = tuple(zone for zone in self._leads if zone in self._light)
        unseen = [limb for zone, limb in self._leads.items() if zone in self._unseen]
        return PlacementView(
            light,
            tuple(limb.name for limb in unseen),
            self._advice,
            self._settled,
            tuple((limb.kind, limb.side) for limb in unseen),
            nothing_timed=bool(unseen) and len(unseen) == len(self._leads),
        )

    def update(
        self,
        t_s: float,
        carried_n: Sequence[float | None],
        faulty: Collection[str] = (),
        phases: Mapping[str, Phase] | None = None,
        lifted: Collection[str] = (),
    ) -> Advice | None:
        """Take what each zone carries now (newtons, nominal where uncalibrated); returns what is to be said, if anything.

        faulty: zones that cannot be read; nobody is asked to move for them, and their limbs are not timed.
        phases: limb -> phase once the practice is under way; None while the person settles.
        lifted: limbs off the mat, as detection sees it; one that lay well before is lifted, and not beside its sensor.
        """
        now_n = tuple(0.0 if n is None or n != n else n for n in carried_n)
        if self._first_s is None:
            if max(now_n, default=0.0) < LEAST_N:
                return None
            self._first_s = t_s
        self._recent.append((t_s, now_n))
        while self._recent[0][0] < t_s - STEADY_S:
            self._recent.popleft()
        steady = self._is_steady(t_s)
        self._steady_since_s = (self._steady_since_s if self._steady_since_s is not None else t_s) if steady else None
        self._judge(t_s, now_n, faulty, phases, lifted)
        return self._say(t_s, now_n, faulty, phases)

    # Who is light ---------------------------------------------------------------------------------------------------------------

    def _judge(
        self,
        t_s: float,
        now_n: tuple[float, ...],
        faulty: Collection[str],
        phases: Mapping[str, Phase] | None,
        lifted: Collection[str],
    ) -> None:
        build = self._build(now_n)
        for zone, limb in self._leads.items():
            if phases is not None and not self._has_rested(t_s, limb, phases):
                continue
            if limb.name in lifted and zone in self._lay_well:
                continue
            carried_n = now_n[self._names.index(zone)]
            usual_n = build * _typical_n(zone)
            if zone in faulty:
                self._light.discard(zone)
                self._unseen.add(zone)
                continue
            if carried_n < max(LEAST_N, LIGHT_SHARE * usual_n):
                self._light.add(zone)
            elif carried_n > max(1.5 * LEAST_N, GOOD_SHARE * usual_n):
                self._light.discard(zone)
                if self._steady_since_s is not None:
                    self._lay_well.add(zone)
            if carried_n < LEAST_N:
                self._unseen.add(zone)
            elif carried_n > 1.25 * LEAST_N:
                self._unseen.discard(zone)

    def _has_rested(self, t_s: float, limb: Limb, phases: Mapping[str, Phase]) -> bool:
        """Whether a limb has lain still long enough that what its lead zone carries is where it lies, not what it does."""
        if phases.get(limb.name, "rest") != "rest":
            self._rest_since_s.pop(limb.name, None)
            return False
        return t_s - self._rest_since_s.setdefault(limb.name, t_s) >= REST_LASTS_S

    def _build(self, now_n: tuple[float, ...]) -> float:
        """How heavy this body is next to one of 70 kg: the middle of what its loaded zones say."""
        told = [n / _typical_n(name) for n, name in zip(now_n, self._names, strict=True) if n >= LEAST_N]
        return min(max(median(told), BUILD[0]), BUILD[1]) if len(told) >= 2 else 1.0

    def _is_steady(self, t_s: float) -> bool:
        if t_s - self._recent[0][0] < 0.8 * STEADY_S:
            return False
        for zone in self._leads:
            column = self._names.index(zone)
            values = [n[column] for _, n in self._recent]
            if max(values) - min(values) > max(STEADY_N, STEADY_SHARE * max(values)):
                return False
        return True

    # What to say ----------------------------------------------------------------------------------------------------------------

    def _say(
        self, t_s: float, now_n: tuple[float, ...], faulty: Collection[str], phases: Mapping[str, Phase] | None
    ) -> Advice | None:
        light = tuple(zone for zone in self._leads if zone in self._light)
        if not light:
            self._advice = None
            self._settled = self._steady_since_s is not None
            return None
        if self._advice is not None and not set(self._advice.zones) & self._light:
            self._advice = None
        if self._steady_since_s is None:
            for search in self._searches.values():
                search.moved = search.moved or t_s > search.asked_s + 0.3
            return None
        assert self._first_s is not None
        if t_s - self._first_s < FIRST_SAID_AFTER_S:
            return None
        place = self._place(light)
        if place is None:
            self._advice, self._settled = None, True
            return None
        if place not in self._searches:
            self._searches[place] = _Search(_steps(self._ways(place, now_n)))
        search = self._searches[place]
        waited_s = t_s - search.asked_s
        answered = search.moved and t_s - self._steady_since_s >= ANSWER_S
        if waited_s < NO_ANSWER_S and not (answered and waited_s > ANSWER_S):
            return None
        if phases is not None and waited_s < NOT_AGAIN_S:
            return None
        load_n = sum(now_n[self._names.index(zone)] for zone in place)
        holder = self._holder(place[0], now_n) if len(place) == 1 else None
        way = search.next_way(load_n) if search.prompts < MOST_PROMPTS and self._prompts < MOST_IN_ALL else None
        if way is None:
            search.given_up = True
            return self._say(t_s, now_n, faulty, phases)
        search.before_n, search.asked_s, search.moved = load_n, t_s, False
        search.prompts += 1
        self._prompts += 1
        self._asked |= dict.fromkeys(place, way)
        self._settled = False
        limb = self._leads[place[0]]
        whole = len({self._leads[zone].kind for zone in place}) > 1
        self._advice = Advice(
            zones=place,
            part="body" if whole else _part(place[0], limb),
            side=limb.side if len(place) == 1 else None,
            towards=way,
            far=all(now_n[self._names.index(zone)] < LEAST_N for zone in place),
            load_at=holder,
        )
        return self._advice

    def _place(self, light: tuple[str, ...]) -> tuple[str, ...] | None:
        """What to speak of: all of the body, both of a kind, or one; what was given up is passed over."""
        places: list[tuple[str, ...]] = [tuple(self._leads)] if len(light) >= 3 else []
        for kind in ("leg", "arm"):
            both = tuple(zone for zone in light if self._leads[zone].kind == kind)
            places += [both] if len(both) > 1 else []
        places += [(zone,) for zone in light]
        return next((place for place in places if place not in self._searches or not self._searches[place].given_up), None)

    def _ways(self, place: tuple[str, ...], now_n: tuple[float, ...]) -> tuple[Towards, Towards]:
        """The likelier way on the likelier line, and on the other line."""
        leg, whole = self._leads[place[0]].kind == "leg", len({self._leads[zone].kind for zone in place}) > 1
        across: Towards = "left" if whole else "in" if leg else "out"
        holder = self._holder(place[0], now_n) if len(place) == 1 else None
        first = self._way_from(holder, place[0]) if holder else None
        if first is None and len(place) == 1 and place[0] in self._asked:
            # The last way, asked of it together with others, did it no good.
            first = OPPOSITE[self._asked[place[0]]]
        if first is not None:
            return first, across if first in ("head", "feet") else "feet"
        return (across, "feet") if self._is_along_strip(place[0]) and not whole else ("feet", across)

    def _is_along_strip(self, zone: str) -> bool:
        """Whether the zone's strip points along the body, so that who misses it lies beside it."""
        angle_deg = self._zone(zone).angle_deg
        return angle_deg is not None and abs(angle_deg - 90.0) < 45.0

    def _holder(self, zone: str, now_n: tuple[float, ...]) -> str | None:
        """The neighbour that carries most above what is expected of it."""
        build, middle = self._build(now_n), self._zone(zone)
        found: list[tuple[float, str]] = []
        for other, n in zip(self._mat.zone, now_n, strict=True):
            near = math.dist((other.x_cm, other.y_cm), (middle.x_cm, middle.y_cm)) <= NEIGHBOUR_CM
            if other.name != zone and near and n > EXCESS * build * _typical_n(other.name) and n >= LEAST_N:
                found.append((n / _typical_n(other.name), other.name))
        return max(found)[1] if found else None

    def _way_from(self, holder: str, zone: str) -> Towards:
        """From where the load is to where it should be, in the nearest of the four words for it."""
        start, end = self._zone(holder), self._zone(zone)
        dx, dy = end.x_cm - start.x_cm, end.y_cm - start.y_cm
        if abs(dy) >= abs(dx):
            return "head" if dy > 0 else "feet"
        return "out" if (dx > 0) == (self._leads[zone].side == "right") else "in"

    def _zone(self, name: str) -> Zone:
        return self._mat.zone[self._names.index(name)]


def _typical_n(zone: str) -> float:
    return TYPICAL_N.get(zone.split("_")[0], OTHER_N)


def _part(zone: str, limb: Limb) -> str:
    part = zone.split("_")[0]
    return part if part in TYPICAL_N else limb.kind
