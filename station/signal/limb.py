"""One limb's way through rest, prepare, aloft and melt, with the zones that can be believed.

A moment is announced as soon as the rows after it leave no other reading, and is dated back from stored history: contact of the
lead zone in `lead_zone`, the rest before in `prepare`, the end of the melt in `melt`, the crossing of levels in `levels`.
What cannot be told is not told: a time that fell in a gap of the readings is null, a lift whose lead zone failed is void.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from hardware.frame_rows import ROW_S
from station.model import EventKind, Lift, Limb, Phase, PhaseEvent
from station.signal.company import Common
from station.signal.creep import Growth, Landing
from station.signal.gaps import Gaps
from station.signal.history import Array, History
from station.signal.lead_zone import LeadZone
from station.signal.levels import NO_BREATH, Moment, Rest, left_band
from station.signal.loads import ForceScale
from station.signal.melt import Melt, Settled, date_end
from station.signal.params import Parameters
from station.signal.phases import Aloft, Melting, Preparing, Resting, finished_lift, melt_after, parts_that_left, unweighting
from station.signal.prepare import Past, candidates, left_rest, rests_again
from station.signal.silent import came_back

FIRST_REST_ROWS = 25
LOOK_S = 1.0
"""A lead zone that may have fallen silent is looked for once a second."""
PAST = 4
"""Where the limb spent its time is asked over this many `dwelling_s`: before that it counts for less than 2 %."""

IN_A_GAP = "it fell in a gap of the readings"
News = list["PhaseEvent | Lift"]


class LimbTracker:
    """Feed rows, get PhaseEvents and finished Lifts of one limb.

    columns: the limb's zones in a row, lead zone first.  torso: columns of zones that belong to no limb.
    shared: columns that belong to other limbs too.  history: the shared history, already holding the row given to `update`:
    creep-free newtons of all zones, then newtons as read.  common: with the other limbs.  scale: newtons in volts.
    """

    def __init__(
        self,
        limb: Limb,
        columns: tuple[int, ...],
        zones: int,
        torso: tuple[int, ...],
        shared: tuple[int, ...],
        history: History,
        parameters: Parameters,
        common: Common,
        scale: ForceScale,
    ) -> None:
        self.limb = limb
        self._p = parameters
        self._all = list(columns)
        self._columns = list(columns)
        self._shared = frozenset(shared)
        self._own = [column for column in columns if column not in shared] or list(columns)
        self._torso = list(torso)
        self._zones = zones
        self._lead = columns[0]
        self._history = history
        self._contact = LeadZone(parameters, history, zones + columns[0], common.floors, scale, columns[0])
        self._common = common
        self._bad: frozenset[int] = frozenset()
        self._gaps = Gaps()
        self._resting = Resting()
        self._state: Preparing | Aloft | Melting | None = None
        self._since_s: float | None = None
        self._lay_still = False
        self._growth = Growth(parameters.sensor.least_decades)
        self._landing: Landing | None = None
        self._sums: deque[float] = deque(maxlen=5)
        self.phase: Phase = "rest"
        self.since_s = 0.0
        self.load: float | None = None

    def update(
        self,
        t_s: float,
        known_s: float,
        force: list[float],
        reading: list[float],
        bad: frozenset[int],
        gap_s: tuple[float, float] | None,
    ) -> News:
        """One row: its mean time, the time it was known, the newtons of every zone of the mat, with creep taken out (`force`) and
        as read (`reading`), the columns that cannot be believed, and the gap before this row, if any."""
        out: News = []
        self._gaps.add(gap_s)
        if bad != self._bad:
            out += self._zones_changed(t_s, known_s, bad)
        if not self._columns or self._lead in self._bad:
            return out
        if self._since_s is None:
            self._since_s = self.since_s = t_s
        total = 0.0
        for column in self._columns:
            total += force[column]
        lead, state = reading[self._lead], self._state
        if isinstance(state, Aloft):
            return out + self._aloft(state, t_s, known_s, total, lead)
        self._contact.follow(t_s, lead)
        if self._contact.lost(t_s, lead):
            news = self._lift_off(t_s, known_s)
            if news is not None:
                return out + news
        if isinstance(state, Melting):
            return out + self._melting(state, t_s, known_s, total, force[self._lead])
        if isinstance(state, Preparing):
            return out + self._preparing(state, t_s, known_s, total, force)
        return out + self._at_rest(t_s, known_s, total, force)

    def settle(self, t_s: float, still_since_s: float) -> None:
        """The person has just come to lie still: what was learned while she arranged herself counts no more."""
        self._lay_still = True
        if self.phase in ("rest", "prepare"):
            self._state = None
            self._resting = Resting()
            self._since_s = still_since_s
            self._enter("rest", t_s)

    @property
    def lift_off_s(self) -> float | None:
        """When the lift under way left the mat; None at rest and while preparing."""
        state = self._state
        aloft = state.aloft if isinstance(state, Melting) else state
        return aloft.lift_off.t_s if isinstance(aloft, Aloft) else None

    @property
    def rest_n(self) -> dict[int, float]:
        """Resting newtons by column, as far as known."""
        return dict(self._resting.zones_n)

    # ---- what cannot be seen ------------------------------------------------------------------------------------------------

    def _zones_changed(self, t_s: float, known_s: float, bad: frozenset[int]) -> News:
        """Go on with the zones that can be believed; a zone that comes back joins again at rest."""
        usable = [column for column in self._all if column not in bad]
        state = self._state
        if state is not None and set(usable) - set(self._columns):
            return []
        self._bad = bad
        if usable == self._columns:
            return []
        out: News = []
        lost = [column for column in self._columns if column not in usable]
        gained = set(usable) - set(self._columns)
        self._columns = usable
        self._own = [column for column in usable if column not in self._shared] or usable
        if isinstance(state, Melting) and usable:
            self._without(state, lost)
        elif isinstance(state, Melting):
            out = self._finish(state, t_s, known_s, None, None, f"{self._name(lost[0])} cannot be believed")
        elif state is not None and self._lead in lost:
            out = self._void(t_s, known_s, f"{self._name(self._lead)} cannot be believed")
        elif isinstance(state, Aloft):
            self._narrow(state, lost)
        if gained or not usable or self._state is None:
            self._resting = Resting()
            self._since_s = t_s
        if self._lead in gained:
            self._contact.restart()
        return out

    def _name(self, column: int) -> str:
        return self.limb.zones[self._all.index(column)]

    def _narrow(self, aloft: Aloft, lost: list[int]) -> None:
        """The rest before, without the zones that failed."""
        gone = sum(self._resting.zones_n.get(column, 0.0) for column in lost)
        before = aloft.rest.level_n
        level = max(before - gone, self._p.definitions.band_share * before)
        aloft.widened += 1.0 - level / before
        aloft.rest = Rest(level, aloft.rest.sd_n, aloft.rest.noise_n, NO_BREATH)

    def _without(self, melting: Melting, lost: list[int]) -> None:
        """A melt goes on with the zones that are left, from its beginning."""
        self._narrow(melting.aloft, lost)
        melting.melt = self._follow_melt(melting.aloft, melting.touch_down)

    def _follow_melt(self, aloft: Aloft, touch_down: Moment) -> Melt:
        """The melt since a touch-down, with the zones there are."""
        melt = melt_after(aloft, touch_down, self._resting.zones_n.get(self._lead, 0.0), self._common.settling, self._p)
        times, values = self._history.back(touch_down.t_s)
        totals, leads = values[:, self._columns].sum(axis=1), values[:, self._lead]
        for t_s, total, lead in zip(times.tolist(), totals.tolist(), leads.tolist(), strict=True):
            melt.update(t_s, total, lead)
        return melt

    # ---- rest ---------------------------------------------------------------------------------------------------------------

    def _at_rest(self, t_s: float, known_s: float, total: float, force: list[float]) -> News:
        resting = self._resting
        if not resting.zones_n:
            recent = self._history.values(FIRST_REST_ROWS)[:, self._columns]
            sums = recent.sum(axis=1).reshape(-1, 5).mean(axis=1) if len(recent) == FIRST_REST_ROWS else np.zeros(1)
            if sums[0] > 0.0 and float(np.ptp(sums)) < self._p.decision.first_rest_share * float(sums.mean()):
                resting.zones_n = dict(zip(self._columns, recent.mean(axis=0).tolist(), strict=True))
                self._contact.came_to_rest()
            return []
        resting.adapt(force, self._p)
        rest_n = sum(resting.zones_n.values())
        if rest_n <= 0.0:
            return []
        self.load = total / rest_n
        own = sum(force[column] for column in self._own)
        own_rest = sum(resting.zones_n[column] for column in self._own)
        lead_rest = resting.zones_n[self._lead]
        band = self._p.definitions.band_share
        decision = self._p.decision
        lead_calm = decision.lead_low_share * lead_rest <= force[self._lead] <= decision.lead_high_share * lead_rest
        calm = lead_calm and abs(own - own_rest) <= band * own_rest
        resting.away_rows = 0 if calm else resting.away_rows + 1
        if resting.away_rows * ROW_S < self._p.timing.away_s - 1e-9 or own_rest <= 0.0 or not self._contact.is_loaded:
            return []
        times, values = self._history.back(self._since_s or t_s)
        totals = values[:, self._columns].sum(axis=1)
        began = left_band(times, totals / rest_n, self._p.uncertainty.provisional_share, len(times) - 1, band)
        self._state = Preparing(began, known_s, rest_n, total)
        self._enter("prepare", began.t_s)
        return [PhaseEvent("prepare_start", self.limb.name, began.t_s, known_s, began.sd_s)]

    def _preparing(self, state: Preparing, t_s: float, known_s: float, total: float, force: list[float]) -> News:
        zones_n = self._resting.zones_n
        self.load = total / state.rest_n
        self._sums.append(total)
        state.lowest_n = min(state.lowest_n, sum(self._sums) / len(self._sums))
        own_rest = sum(zones_n[column] for column in self._own)
        own = sum(force[column] for column in self._own)
        near = abs(own - own_rest) <= self._p.definitions.band_share * own_rest
        lead_back = force[self._lead] > self._p.decision.lead_low_share * zones_n[self._lead]
        state.quiet_rows = state.quiet_rows + 1 if near and lead_back else 0
        back = state.quiet_rows * ROW_S >= self._p.timing.quiet_s - 1e-9
        if not back and not self._rests_elsewhere(state, t_s):
            return []
        depth = 1.0 - state.lowest_n / state.rest_n
        out: News = []
        if back and depth >= self._p.definitions.unweighting_depth and t_s - state.began.t_s > self._p.definitions.shortest_aloft_s:
            out.append(PhaseEvent("unweighting", self.limb.name, state.began.t_s, known_s))
            out.append(unweighting(self.limb, state, t_s - self._p.timing.quiet_s, known_s, depth))
            self._common.company.left(self.limb.name, state.began.t_s)
        else:
            out.append(PhaseEvent("prepare_dropped", self.limb.name, state.began.t_s, known_s))
        self._rest_again(t_s - self._p.timing.quiet_s)
        return out

    def _rests_elsewhere(self, state: Preparing, t_s: float) -> bool:
        """Whether the load has found another level and kept it for much longer than it took to get there."""
        if t_s - state.began.t_s < self._p.timing.rest_again_s:
            return False
        times, values = self._history.back(max(state.began.t_s, t_s - self._p.timing.new_rest_s))
        return rests_again(times, values[:, self._columns].sum(axis=1), state.began.t_s, t_s, self._p)

    def _lift_off(self, t_s: float, known_s: float) -> News | None:
        """Contact is lost: date it, and the beginning of its prepare.  None when there was no rest before it."""
        out: News = []
        melting = self._state if isinstance(self._state, Melting) else None
        assert self._since_s is not None
        times, values = self._history.back(melting.touch_down.t_s if melting else self._since_s)
        leads = values[:, self._zones + self._lead]
        pressed = np.flatnonzero(leads > self._p.decision.pressed_before_share * leads.max()) if len(leads) else np.zeros(0)
        if len(pressed) == 0 or pressed[-1] < 3:
            self._contact.landed(t_s)
            return self._end_melt(melting, t_s, known_s, melting.melt.plateau) if melting else None
        until = int(pressed[-1])
        totals = values[:, self._columns].sum(axis=1)
        spent = self._past(*self._history.back(t_s - PAST * self._p.timing.dwelling_s))
        found = candidates(self._past(times[:until], values[:until]), t_s, spent, self._p)
        rows = slice(found[0].begin, found[0].end)
        if melting:
            level_n, rested = float(totals[rows].mean()), found[0].calm and float(totals[rows].mean()) > 0.0
            between = Settled(level_n, float(times[rows][0]), float(times[rows][-1]), 0.0) if rested else melting.melt.plateau
            out += self._end_melt(melting, t_s, known_s, between)
        lead_rest_n = float(values[rows, self._zones + self._lead].mean())
        lift_off = self._gaps.seen(self._contact.lift_off(t_s, lead_rest_n)) if lead_rest_n > 0.0 else None
        left = left_rest(times, totals, values[:, self._torso], found, lift_off.t_s, self._p) if lift_off else None
        if lift_off is None or left is None or not (found[0].calm or self._lay_still):
            self._contact.landed(t_s)
            return out or None
        rest, prepare = left
        if self._landing is not None:
            crept = (times > self._since_s) & (times < min(prepare.t_s, float(times[found[0].end - 1])))
            self._growth.learn(times[crept], totals[crept], self._landing)
            self._landing = None
        means = values[rows, self._columns].mean(axis=0)
        self._resting.zones_n = dict(zip(self._columns, means.tolist(), strict=True))
        if not isinstance(self._state, Preparing):
            out.append(PhaseEvent("prepare_start", self.limb.name, prepare.t_s, known_s, prepare.sd_s))
        self._sums.clear()
        self._state = Aloft(rest, lead_rest_n, prepare, found[0].calm, lift_off, known_s, float(totals[-1]))
        self._enter("aloft", lift_off.t_s)
        self._common.company.left(self.limb.name, prepare.t_s)
        return [*out, PhaseEvent("lift_off", self.limb.name, lift_off.t_s, known_s, lift_off.sd_s)]

    def _past(self, times: Array, values: Array) -> Past:
        counts = self._common.company.counts(self.limb.name, times, self._p.decision.accompanied_share)
        return Past(times, values[:, self._columns].sum(axis=1), counts)

    # ---- aloft --------------------------------------------------------------------------------------------------------------

    def _aloft(self, state: Aloft, t_s: float, known_s: float, total: float, lead: float) -> News:
        self.load = total / state.rest.level_n
        self._sums.append(total)
        state.lowest_n = min(state.lowest_n, sum(self._sums) / len(self._sums))
        if self._contact.was_not_off(lead, state.lead_rest_n):
            return self._was_not_off(state, t_s, known_s, lead)
        found = self._contact.aloft(t_s, lead, state.lead_rest_n)
        if found is None:
            return self._look_at_others(state, t_s, known_s)
        touch = self._gaps.seen(found)
        state.floor_n = self._contact.aloft_floor_n
        self._contact.landed(t_s)
        if any(self._gaps.longest_s(one) > self._p.definitions.longest_gap_s for one in (found, state.lift_off)):
            return self._void(t_s, known_s, "a gap in the readings")
        if touch.t_s - state.lift_off.t_s < self._p.definitions.shortest_aloft_s:
            return self._void(t_s, known_s, "aloft too briefly for a lift")
        self._state = Melting(state, touch, known_s, self._follow_melt(state, touch))
        self._enter("melt", touch.t_s)
        return [PhaseEvent("touch_down", self.limb.name, touch.t_s, known_s, touch.sd_s)]

    def _look_at_others(self, state: Aloft, t_s: float, known_s: float) -> News:
        """Whether the limb's other zones have come back, so that it is the lead zone that fails."""
        others = [column for column in self._own if column != self._lead]
        if not others or t_s < state.looked_s + LOOK_S:
            return []
        state.looked_s = t_s
        times, values = self._history.back(state.lift_off.t_s)
        rest_n = sum(self._resting.zones_n.get(column, 0.0) for column in others)
        back = came_back(times, values[:, others].sum(axis=1), rest_n, self._p)
        if back is None:
            return []
        self._contact.restart()
        melting = Melting(state, back, known_s, self._follow_melt(state, back))
        silent = self._finish(melting, t_s, known_s, None, None, f"{self._name(self._lead)} fell silent while aloft")
        return [PhaseEvent("touch_down", self.limb.name, back.t_s, known_s, back.sd_s), *silent]

    def _was_not_off(self, state: Aloft, t_s: float, known_s: float, lead: float) -> News:
        """What was taken for a floor was a limb that still touched: it prepares."""
        self._state = Preparing(state.prepare_start, state.reported_s, state.rest.level_n, state.lowest_n)
        self._contact.follow(t_s, lead)
        self._enter("prepare", state.prepare_start.t_s)
        return [PhaseEvent("void", self.limb.name, t_s, known_s, why="it had not left the mat yet")]

    def _void(self, t_s: float, known_s: float, why: str) -> News:
        kind: EventKind = "prepare_dropped" if isinstance(self._state, Preparing) else "void"
        self._state = None
        self._resting = Resting()
        self._enter("rest", t_s)
        return [PhaseEvent(kind, self.limb.name, t_s, known_s, why=why)]

    # ---- melt ---------------------------------------------------------------------------------------------------------------

    def _melting(self, state: Melting, t_s: float, known_s: float, total: float, lead: float) -> News:
        aloft = state.aloft
        self.load = total / aloft.rest.level_n
        if state.soft_share is None and t_s >= state.touch_down.t_s + self._p.definitions.soft_s:
            state.soft_share = (total - aloft.lowest_n) / aloft.rest.level_n
        settled = state.melt.update(t_s, total, lead)
        return self._end_melt(state, t_s, known_s, settled) if settled is not None else []

    def _end_melt(self, state: Melting, t_s: float, known_s: float, settled: Settled | None) -> News:
        """The melt is over: it settled, or the next movement began from where it had come to rest."""
        moment: Moment | None = None
        if settled is not None:
            loaded_s = 0.5 * (state.touch_down.t_s + settled.since_s)
            aloft_s = state.touch_down.t_s - state.aloft.lift_off.t_s
            self._common.settling.learn(settled.level_n / state.aloft.rest.level_n - 1.0)
            self._landing = Landing(loaded_s, aloft_s, self._p.sensor.creep_soonest_s)
            times, values = self._history.back(state.touch_down.t_s)
            clean = values[:, self._columns].sum(axis=1) - state.aloft.rest.breath.of(times, values[:, self._torso])
            clean = self._growth.taken_out(times, clean, self._landing)
            moment = date_end(times, clean, settled, self._p)
        return self._finish(state, t_s, known_s, settled, moment, "the next movement began before the load came to rest")

    def _finish(
        self,
        state: Melting,
        t_s: float,
        known_s: float,
        settled: Settled | None,
        melt_end: Moment | None,
        reason: str | None = None,
    ) -> News:
        out: News = []
        aloft = state.aloft
        why = self._why_null(aloft, melt_end, reason)
        if melt_end is not None and "melt_end" not in why:
            melt_s = melt_end.t_s - state.touch_down.t_s
            melt_end = Moment(melt_end.t_s, float(np.hypot(melt_end.sd_s, 0.5 * aloft.widened * melt_s)))
            out.append(PhaseEvent("melt_end", self.limb.name, melt_end.t_s, known_s, melt_end.sd_s))
        else:
            melt_end = None
        out.append(finished_lift(self.limb, state, self._parts(state), settled, melt_end, known_s, why))
        self._since_s = melt_end.t_s if melt_end else state.touch_down.t_s
        self._rest_again(self._since_s)
        return out

    def _why_null(self, aloft: Aloft, melt_end: Moment | None, reason: str | None) -> dict[str, str]:
        """For each time that cannot be told, the reason."""
        why: dict[str, str] = {}
        if not aloft.rested:
            why["prepare_start"] = "there was no rest before it"
        elif self._gaps.of(aloft.prepare_start):
            why["prepare_start"] = IN_A_GAP
        if melt_end is None:
            why["melt_end"] = reason or "the load did not come to rest"
        elif self._gaps.of(melt_end):
            why["melt_end"] = IN_A_GAP
        return why

    def _parts(self, state: Melting) -> tuple[str, ...]:
        columns = {name: column for name, column in zip(self.limb.zones, self._all, strict=True) if column in self._columns}
        times, values = self._history.back(state.aloft.prepare_start.t_s)
        return parts_that_left(
            state, columns, self._lead, times, values, self._resting.zones_n, self._p.definitions.part_left_share
        )

    def _rest_again(self, since_s: float) -> None:
        """At rest, at the level of the last rows."""
        self._state = None
        levels: Array = self._history.values(round(self._p.timing.quiet_s / ROW_S))[:, self._columns].mean(axis=0)
        known = bool(np.isfinite(levels).all())
        self._resting = Resting(dict(zip(self._columns, levels.tolist(), strict=True)) if known else {})
        self._enter("rest", since_s)

    def _enter(self, phase: Phase, since_s: float) -> None:
        self.phase, self.since_s = phase, since_s
        if phase in ("rest", "melt"):
            self._common.company.came_back(self.limb.name, since_s)

    @property
    def checking_since_s(self) -> float | None:
        """Since when the load of a melt is flat that is about to be called over."""
        return self._state.melt.checking_since_s if isinstance(self._state, Melting) else None

    def finish(self, last_s: float) -> News:
        """Nothing more will come: a melt under way is closed with its end unknown, anything else under way is given up."""
        state = self._state
        if state is None:
            return []
        if isinstance(state, Melting):
            return self._finish(state, last_s, last_s, None, None)
        return self._void(last_s, last_s, "it was not over when the readings ended")
