"""One limb's way through rest, prepare, aloft and melt.

**What is asked.**  Four moments of the force a limb puts on the mat: when its total left the band of 5 % around rest for the
last time before lift-off; when the lead zone lost contact (2 % of its rest) and regained it; when the total entered the band of
5 % around the level it settles at, for good.  None of them can be read off a threshold on the sensors' readings:

    force F -> foam: y' = (F - y) / lag -> FSR: G = k y**gamma (nothing below a break force) -> creep -> divider -> ADC

**The order of things undone.**  `loads` turns volts into newtons; `creep` takes the sensors' memory out; `without_lag` gives F
= y + lag y'; `rest_before` takes the breath out with what the torso's zones show of it.  Then each moment is a crossing of a
known level by a clean curve, and its uncertainty is (uncertainty of the level) / (slope of the curve) beside a floor for the
model's own error.

**Deciding late, dating back.**  Nothing is announced at the moment it seems to happen: a fidget, an unweighting and a lift
begin alike.  A moment is announced as soon as the rows after it leave no other reading, and is dated back from stored history:

* *rest* is the last calm stretch of `ADOPT_S` before the movement; shorter plateaus are steps of the engagement;
* *prepare* begins, provisionally, when the own zones of the limb leave the band (a head shared with the other arm proves
  nothing), is dropped when they come back, and is dated anew at lift-off by walking back from it;
* *lift-off*: the force behind the lag, y + lag y', is at the lead zone's floor for `LOST_ROWS` rows.  The floor (a tight or
  folded mat presses on the sensor) is known from the empty mat or from the lift before; if not, a stretch that never rises
  shows it (`plateaus`). The moment is the corner of a straight fall seen through the lag, weighed over lag, break force and
  floor (`contact_lost`);
* *touch-down*: the reading leaves the floor's own noise on a log scale; below the break force the reading is faint, not
  nothing;
* *melt end*: the total is calm, near the old rest after a second, further from it after several, and not while the lead zone
  has not taken its part back: a plateau of a staircase is not a rest.

**What cannot be told is not told**: a boundary inside a gap, a melt that never comes to rest within `LONGEST_MELT_S`, a lift
whose lead zone failed.  Such times are null (`why_null`) or the lift is void.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np

from station.model import Lift, Limb, Part, Phase, PhaseEvent
from station.signal.boundaries import (
    BAND_SHARE,
    CONFIRM,
    LAG_S,
    NO_BREATH,
    Array,
    Moment,
    Rest,
    contact_lost,
    left_band,
    reading_at_contact,
    rest_before,
    smooth,
    touched,
    without_lag,
)
from station.signal.grid import ROW_S
from station.signal.history import History
from station.signal.plateaus import ADOPT_S, calm, dead_flat, entered_band, last_rest, never_rises, settled

SHORTEST_ALOFT_S = 1.25
BOUNCE_S = 0.3
LONGEST_ALOFT_S = 25.0
LONGEST_MELT_S = 17.0
REST_ADAPTS_S = 3.0
REST_SHARE = 0.04
LIFTED_SHARE = 0.2
CALM_SHARE = 0.03
LONGEST_GAP_S = 6.0
LEAST_N = 0.1
LIGHTEST_REST_N = 0.5
"""A sensor of this kind lets go between 0.2 and 0.5 N: a lead zone that rests with less is not rested on."""
PRELOAD_SHARE = 0.06
NEAR_NOTHING = 0.03
LOOK_BACK_ROWS = 50
LOST_ROWS = 4
ALIVE_SHARE = 0.006
FLOOR_ROWS = 27
FLAT_ROWS = 12
LOW_FLOOR = 0.12
HIGHEST_FLOOR = 0.42

News = list["PhaseEvent | Lift"]


@dataclass(slots=True)
class Attempt:
    """What is known so far of a lift under way; times in s, loads in N."""

    rest: Rest
    lead_rest_n: float
    began_s: float
    reported_at: dict[str, float] = field(default_factory=dict)
    lowest_n: float = float("inf")
    prepare_start: Moment | None = None
    lift_off: Moment | None = None
    touch_down: Moment | None = None
    melt_end: Moment | None = None
    lowest_share: float = float("inf")
    alive_share: float = float("inf")
    floor_n: float = 0.0
    offset_n: float = 0.0
    floor_var: float = 0.0
    before_n: tuple[float, float] = (0.0, 0.0)
    settled_n: float | None = None
    soft_share: float | None = None


class LimbTracker:
    """Feed rows, get PhaseEvents and finished Lifts of one limb.

    columns: the limb's zones in a row, lead zone first.  torso: columns of zones that belong to no limb.
    shared: columns that belong to other limbs too.  history: the shared history, already holding the row given to `update`.
    """

    def __init__(
        self, limb: Limb, columns: tuple[int, ...], zones: int, torso: tuple[int, ...], shared: tuple[int, ...], history: History
    ) -> None:
        self.limb = limb
        self._all = list(columns)
        self._columns = list(columns)
        self._zones = zones
        self._shared = frozenset(shared)
        self._bad: frozenset[int] = frozenset()
        self._gaps: deque[tuple[float, float]] = deque(maxlen=8)
        self._torso = list(torso)
        self._own = [column for column in columns if column not in shared]
        self._lead = columns[0]
        self._lead_reading = zones + columns[0]
        self._history = history
        self.phase: Phase = "rest"
        self.since_s = 0.0
        self.load: float | None = None
        self._rest: dict[int, float] = {}
        self._other: dict[int, tuple[float, int]] = {}
        self._rest_since_s: float | None = None
        self._quiet_rows = self._away_rows = self._touching = self._lost = self._rows = 0
        self._attempt: Attempt | None = None
        self._floor_n: float | None = None
        self._empty_n: float | None = None
        self._first_touch_s: float | None = None
        self._lag_s = LAG_S
        self._lag_spread = 0.5

    def update(
        self,
        t_s: float,
        last_s: float,
        force: list[float],
        reading: list[float],
        bad: frozenset[int],
        gap_s: tuple[float, float] | None,
        somebody: bool = True,
    ) -> News:
        """One row: its mean time, the time of its last frame, the newtons of every zone of the mat, with creep taken out (`force`)
        and as read (`reading`), the columns that cannot be believed, the gap before this row, if any, and whether
        somebody is on the mat."""
        out: News = []
        if gap_s is not None:
            out += self._after_gap(t_s, last_s, gap_s)
        if bad != self._bad:
            out += self._zones_changed(t_s, last_s, bad)
        if not self._columns:
            return out
        if not somebody and self._attempt is None:
            self._on_empty_mat(t_s, reading[self._lead])
            return out
        total = 0.0
        for column in self._columns:
            total += force[column]
        return out + self._step(t_s, last_s, total, force, reading[self._lead])

    def _on_empty_mat(self, t_s: float, lead: float) -> None:
        """What the lead zone reads under nothing is its floor."""
        self._forget(t_s)
        self._empty_n = lead if self._empty_n is None else self._empty_n + 0.1 * (lead - self._empty_n)

    def settle(self, t_s: float) -> None:
        """The person has just come to lie still: what was learned while she arranged herself counts no more."""
        if self.phase in ("rest", "prepare"):
            self._attempt = None
            self._forget(t_s)
            self._enter("rest", t_s)

    def _step(self, t_s: float, last_s: float, total: float, force: list[float], lead: float) -> News:
        if self._rest_since_s is None:
            self._rest_since_s = self.since_s = t_s
        if self.phase == "rest":
            return self._at_rest(t_s, last_s, total, force, lead)
        attempt = self._attempt
        assert attempt is not None
        total -= attempt.offset_n
        self.load = total / attempt.rest.level_n
        attempt.lowest_n = min(attempt.lowest_n, total)
        if self.phase == "prepare":
            return self._preparing(attempt, t_s, last_s, force, lead)
        if self.phase == "aloft":
            return self._aloft(attempt, t_s, last_s, lead)
        return self._melting(attempt, t_s, last_s, total, force)

    @property
    def lift_off_s(self) -> float | None:
        """When the lift under way left the mat; None at rest and while preparing."""
        return self._attempt.lift_off.t_s if self._attempt is not None and self._attempt.lift_off is not None else None

    @property
    def rest_n(self) -> dict[int, float]:
        """Resting newtons by column, as far as known."""
        return dict(self._rest)

    # ---- what cannot be seen ------------------------------------------------------------------------------------------------

    def _after_gap(self, t_s: float, last_s: float, gap_s: tuple[float, float]) -> News:
        if gap_s[1] - gap_s[0] <= LONGEST_GAP_S:
            self._gaps.append(gap_s)
            return []
        out = self._void(t_s, last_s, "a gap in the readings") if self._attempt is not None else []
        self._forget(t_s)
        return out

    def _zones_changed(self, t_s: float, last_s: float, bad: frozenset[int]) -> News:
        """Go on with the zones that can be believed; a zone that comes back joins again at rest."""
        usable = [column for column in self._all if column not in bad]
        attempt = self._attempt
        if attempt is not None and set(usable) - set(self._columns):
            return []
        self._bad = bad
        if usable == self._columns:
            return []
        out: News = []
        lost = [column for column in self._columns if column not in usable]
        if attempt is not None and (not usable or usable[0] != self._lead):
            out = self._void(t_s, last_s, f"{self.limb.zones[self._all.index(self._lead)]} cannot be believed")
        elif attempt is not None:
            gone_n = sum(self._rest[column] for column in lost)
            attempt.rest = replace(attempt.rest, level_n=max(attempt.rest.level_n - gone_n, LEAST_N))
        gained = set(usable) - set(self._columns)
        self._columns = usable
        self._own = [column for column in usable if column not in self._shared] or usable
        if usable:
            self._lead, self._lead_reading = usable[0], self._zones + usable[0]
        if gained or not usable or self._attempt is None:
            self._forget(t_s)
        return out

    def _forget(self, t_s: float) -> None:
        """Learn the rest anew from here on."""
        self._rest.clear()
        self._other.clear()
        self._rest_since_s = t_s

    def _seen(self, moment: Moment) -> Moment:
        """A moment that fell in a gap is only known to lie somewhere in it."""
        for begin, end in self._gaps:
            if begin - ROW_S < moment.t_s < end + ROW_S:
                return Moment((begin + end) / 2.0, (end - begin) / 12.0**0.5)
        return moment

    def _in_gap(self, moment: Moment | None) -> bool:
        return moment is not None and any(begin - ROW_S < moment.t_s < end + ROW_S for begin, end in self._gaps)

    # ---- looking back -------------------------------------------------------------------------------------------------------

    def _back(self, since_s: float) -> tuple[Array, Array, Array]:
        """Times, limb totals and lead loads of the rows since a time."""
        rows = self._history.since(since_s)
        values = self._history.values(rows)
        return self._history.times(rows), values[:, self._columns].sum(axis=1), values[:, self._lead_reading]

    def _torso_since(self, since_s: float) -> Array:
        return self._history.values(self._history.since(since_s))[:, self._torso]

    # ---- rest ---------------------------------------------------------------------------------------------------------------

    def _at_rest(self, t_s: float, last_s: float, total: float, force: list[float], lead: float) -> News:
        if not self._rest:
            recent = self._history.values(25)[:, self._columns]
            sums = recent.sum(axis=1)
            if len(recent) == 25 and calm(sums, 0.04 * float(sums.mean())) and total > 1.0:
                self._rest = {c: max(x, LEAST_N) for c, x in zip(self._columns, recent.mean(axis=0).tolist(), strict=True)}
                self._rest_since_s = float(self._history.times(25)[0])
                if self._empty_n is not None and self._empty_n < HIGHEST_FLOOR * self._rest[self._lead]:
                    self._floor_n = self._empty_n
            return []
        self._adapt(force)
        rest_n = sum(self._rest.values())
        self.load = total / rest_n
        if self._rest[self._lead] < LIGHTEST_REST_N:
            # Somebody slid off the lead zone and stayed away: there is no contact that could be lost.
            self._away_rows = 0
            return []
        own = sum(force[column] for column in self._own)
        own_rest = sum(self._rest[column] for column in self._own)
        lead_share = force[self._lead] / self._rest[self._lead]
        if abs(own / own_rest - 1.0) <= BAND_SHARE and 0.85 < lead_share < 1.3:
            self._away_rows = 0
            return []
        self._away_rows += 1
        if self._away_rows < 3:
            return []
        times, totals, _ = self._back(self._rest_since_s or t_s)
        began = left_band(times, totals / rest_n, 0.01, len(times) - 1)
        self._attempt = Attempt(
            Rest(rest_n, 0.01 * rest_n, 0.005 * rest_n, NO_BREATH), self._rest[self._lead], began.t_s, {"prepare_start": last_s}
        )
        self._attempt.prepare_start = began
        self._quiet_rows = self._lost = 0
        self._enter("prepare", began.t_s)
        return [PhaseEvent("prepare_start", self.limb.name, began.t_s, last_s, began.sd_s)]

    def _adapt(self, force: list[float]) -> None:
        """Each zone's rest follows slowly; a new level is adopted when it has held for ADOPT_S."""
        for column, rest in self._rest.items():
            now = force[column]
            if abs(now - rest) < REST_SHARE * rest:
                self._rest[column] = rest + ROW_S / REST_ADAPTS_S * (now - rest)
                self._other.pop(column, None)
                continue
            level, rows = self._other.get(column, (now, 0))
            if abs(now - level) > 0.03 * max(level, 0.1 * rest):
                self._other[column] = (now, 0)
            elif rows * ROW_S >= ADOPT_S:
                self._rest[column] = max(level, LEAST_N)
                self._other.pop(column, None)
            else:
                self._other[column] = (level + 0.05 * (now - level), rows + 1)

    # ---- prepare ------------------------------------------------------------------------------------------------------------

    def _preparing(self, attempt: Attempt, t_s: float, last_s: float, force: list[float], lead: float) -> News:
        assert self.load is not None
        contact = lead / attempt.lead_rest_n
        if self._contact_is_lost(attempt, contact, force):
            return self._lift_off(attempt, t_s, last_s)
        own = sum(force[column] for column in self._own) / sum(self._rest[column] for column in self._own)
        self._quiet_rows = self._quiet_rows + 1 if abs(own - 1.0) <= 0.05 and contact > 0.85 else 0
        back = self._quiet_rows >= 15
        self._rows += 1
        still = False
        if self._rows % 5 == 0 and contact > HIGHEST_FLOOR:
            recent = self._history.values(round(ADOPT_S / ROW_S))[:, self._columns].sum(axis=1)
            still = t_s - attempt.began_s > ADOPT_S and calm(recent, CALM_SHARE * attempt.rest.level_n)
        if not back and not still:
            return []
        depth = 1.0 - attempt.lowest_n / attempt.rest.level_n
        out: News = []
        if back and depth >= 0.1 and t_s - attempt.began_s > 1.2:
            out.append(PhaseEvent("unweighting", self.limb.name, attempt.began_s, last_s))
            never = "contact was never lost"
            out.append(
                Lift(
                    limb=self.limb.name,
                    kind="unweighting",
                    part=self._part(()),
                    prepare_start=attempt.began_s,
                    lift_off=None,
                    touch_down=None,
                    melt_end=t_s - 15 * ROW_S,
                    reported_at={"prepare_start": attempt.reported_at["prepare_start"], "melt_end": last_s},
                    extent=depth,
                    why_null={"lift_off": never, "touch_down": never},
                )
            )
        else:
            out.append(PhaseEvent("prepare_dropped", self.limb.name, attempt.began_s, last_s))
        self._rest_again(t_s - 15 * ROW_S, self._history.values(15)[:, self._columns].mean(axis=0))
        return out

    def _contact_is_lost(self, attempt: Attempt, contact: float, force: list[float]) -> bool:
        """Two rows with the lead zone at its floor: near nothing, at the floor known from before, or on a floor that shows itself.

        What the sensor reads under nothing (a tight or folded mat presses on it) is flat: the foam relaxes, so it may sink, but it
        never rises.  A limb that still touches shows the body: breath and tremor make it rise now and then.  The higher the floor,
        the longer it must not rise before it is believed.
        """
        lost = contact < NEAR_NOTHING
        if not lost and contact < HIGHEST_FLOOR:
            if self._floor_n is not None and contact < self._floor_n / attempt.lead_rest_n - 0.05:
                self._floor_n = None
            recent = self._history.values(30)[:, self._lead_reading] / attempt.lead_rest_n
            floor = self._floor_n / attempt.lead_rest_n if self._floor_n is not None else 0.03
            behind = contact + self._lag_s * (recent[-1] - recent[-3]) / (2.0 * ROW_S)
            lost = contact < floor + 0.11 and behind < floor + 0.03
            if not lost and self._floor_n is None:
                rows = 7 if contact < LOW_FLOOR else FLOOR_ROWS
                alive = contact > 0.06 and self._is_alive(attempt, recent)
                flat = never_rises(recent, rows) or dead_flat(recent[-FLAT_ROWS:])
                lost = not alive and flat and (contact < LOW_FLOOR or self._felt_elsewhere(force))
        self._lost = self._lost + 1 if lost else 0
        return self._lost >= LOST_ROWS

    def _is_alive(self, attempt: Attempt, recent: Array) -> bool:
        """Whether the lead zone has risen at about this level since it came down to it: then something living presses on it."""
        now = float(recent[-3:].mean())
        attempt.lowest_share = min(attempt.lowest_share, now)
        if now > attempt.lowest_share + ALIVE_SHARE:
            attempt.alive_share = attempt.lowest_share
        return now > attempt.alive_share - 0.04

    def _felt_elsewhere(self, force: list[float]) -> bool:
        """Whether the limb's other zones changed too: a limb that leaves the mat is felt there, a sensor slid off is not."""
        others = self._columns[1:]
        return not others or any(abs(force[column] / self._rest[column] - 1.0) > 0.05 for column in others)

    def _lift_off(self, attempt: Attempt, t_s: float, last_s: float) -> News:
        times, totals, leads = self._back(self._rest_since_s or attempt.began_s)
        attempt.floor_n = float(leads[-3:].min())
        attempt.before_n = (float(leads[-2]), float(leads[-1]))
        attempt.floor_var = float(np.median(np.diff(leads[-6:], 2) ** 2)) / 6.0
        share = leads / attempt.lead_rest_n
        now = max(float(share[-3:].min()), 0.0)
        floors: tuple[float, ...]
        if self._floor_n is not None:
            floors = (min(self._floor_n / attempt.lead_rest_n, now),)
        else:
            floors = tuple(part * now for part in (0.0, 0.25, 0.5, 0.75, 0.95))
        high = np.flatnonzero(share > floors[-1] + 0.35)
        near = np.flatnonzero(share > floors[-1] + 0.03)
        begin = max(int(high[-1]) + 1 if len(high) else 0, (int(near[-1]) if len(near) else 0) - 8, 0)
        begin = min(max(begin, len(times) - LOOK_BACK_ROWS), len(times) - 5)
        lost = contact_lost(times[begin:], share[begin:], self._lag_s, self._lag_spread, floors)
        attempt.lift_off = self._seen(Moment(min(lost.t_s, t_s), lost.sd_s))
        attempt.prepare_start = self._prepare_start(attempt, times, totals)
        attempt.lowest_n -= attempt.offset_n
        attempt.reported_at["lift_off"] = attempt.reported_at["prepare_start"] = last_s
        self._touching, self._first_touch_s = 0, None
        self._enter("aloft", attempt.lift_off.t_s)
        return [PhaseEvent("lift_off", self.limb.name, attempt.lift_off.t_s, last_s, attempt.lift_off.sd_s)]

    def _prepare_start(self, attempt: Attempt, times: Array, totals: Array) -> Moment:
        """Fit the rest before the movement, then walk back from lift-off."""
        assert attempt.lift_off is not None
        off = max(int(np.searchsorted(times, attempt.lift_off.t_s)), 12)
        begin, end = last_rest(times[:off], totals[:off], CALM_SHARE * attempt.rest.level_n)
        torso = self._torso_since(float(times[0]))
        attempt.rest = rest_before(times[begin:end], totals[begin:end], torso[begin:end])
        rows = self._history.since(float(times[0]))
        attempt.lead_rest_n = max(float(self._history.values(rows)[begin:end, self._lead].mean()), LEAST_N)
        if attempt.floor_n > PRELOAD_SHARE * attempt.lead_rest_n:
            attempt.offset_n = min(attempt.floor_n * len(self._columns), 0.5 * attempt.rest.level_n)
            attempt.rest = replace(attempt.rest, level_n=attempt.rest.level_n - attempt.offset_n)
        clean = totals - attempt.rest.breath.of(times, torso) - attempt.offset_n
        force = smooth(without_lag(times, smooth(clean, 3), self._lag_s), 3)
        last = min(off, len(times) - 1)
        found = left_band(times, force / attempt.rest.level_n, attempt.rest.sd_n / attempt.rest.level_n, last)
        return Moment(min(found.t_s, attempt.lift_off.t_s), found.sd_s)

    # ---- aloft --------------------------------------------------------------------------------------------------------------

    def _aloft(self, attempt: Attempt, t_s: float, last_s: float, lead: float) -> News:
        assert attempt.lift_off is not None
        rest_n = attempt.lead_rest_n
        level = reading_at_contact(rest_n, attempt.floor_n / rest_n)
        noise = 4.0 * attempt.floor_var**0.5 / rest_n
        confirmed = max(min(CONFIRM * level, 0.02), level, 2.0 * noise, 0.0005)
        if lead < attempt.floor_n + confirmed * rest_n:
            if self._first_touch_s is not None and t_s - self._first_touch_s > BOUNCE_S:
                self._first_touch_s, self._touching = None, 0
            if lead < attempt.floor_n - 0.08 * rest_n:
                return self._floor_was_none(attempt, t_s, last_s)
            bend = lead - 2.0 * attempt.before_n[1] + attempt.before_n[0]
            attempt.floor_var += 0.05 * (min(bend * bend / 6.0, 4.0 * attempt.floor_var + 1e-9) - attempt.floor_var)
            attempt.floor_n += (0.25 if lead < attempt.floor_n else 0.02) * (lead - attempt.floor_n)
            attempt.before_n = (attempt.before_n[1], lead)
            if t_s - attempt.lift_off.t_s > LONGEST_ALOFT_S:
                # How the limb rested before is no measure any more, or the same lift would be found again and again.
                self._forget(t_s)
                return self._void(t_s, last_s, "aloft for longer than a lift lasts")
            return []
        attempt.before_n = (attempt.before_n[1], lead)
        if self._first_touch_s is None:
            self._first_touch_s = t_s
        self._touching += 1
        if self._touching < 2:
            return []
        times, _, leads = self._back(self._first_touch_s - 1.0)
        until = int(np.searchsorted(times, self._first_touch_s)) + 2
        share = (leads[:until] - attempt.floor_n) / rest_n
        touch = self._seen(touched(times[:until], share, max(level, noise, 0.0002)))
        if touch.t_s - attempt.lift_off.t_s < SHORTEST_ALOFT_S:
            return self._void(t_s, last_s, "aloft too briefly for a lift")
        attempt.touch_down = touch
        attempt.reported_at["touch_down"] = last_s
        self._floor_n = attempt.floor_n
        self._enter("melt", touch.t_s)
        return [PhaseEvent("touch_down", self.limb.name, touch.t_s, last_s, touch.sd_s)]

    def _floor_was_none(self, attempt: Attempt, t_s: float, last_s: float) -> News:
        """The lead zone sinks below what was taken for its floor: it had not left the mat yet."""
        self._floor_n = None
        self._lost = 0
        attempt.rest = replace(attempt.rest, level_n=attempt.rest.level_n + attempt.offset_n)
        attempt.lowest_n += attempt.offset_n
        attempt.lift_off, attempt.offset_n = None, 0.0
        self._enter("prepare", attempt.began_s)
        return [PhaseEvent("void", self.limb.name, t_s, last_s, why="it had not left the mat yet")]

    def _void(self, t_s: float, last_s: float, why: str) -> News:
        self._attempt = None
        self._quiet_rows = self._away_rows = self._lost = self._touching = 0
        self._enter("rest", t_s)
        return [PhaseEvent("void", self.limb.name, t_s, last_s, why=why)]

    # ---- melt ---------------------------------------------------------------------------------------------------------------

    def _melting(self, attempt: Attempt, t_s: float, last_s: float, total: float, force: list[float]) -> News:
        assert attempt.touch_down is not None
        if attempt.soft_share is None and t_s >= attempt.touch_down.t_s + 0.5:
            attempt.soft_share = (total - attempt.lowest_n) / attempt.rest.level_n
        rows = self._history.since(attempt.touch_down.t_s)
        if rows % 3:
            return []
        if rows >= 25:
            times, totals, _ = self._back(attempt.touch_down.t_s)
            clean = totals - attempt.rest.breath.of(times, self._torso_since(attempt.touch_down.t_s)) - attempt.offset_n
            share = smooth(without_lag(times, smooth(clean, 3), self._lag_s), 3) / attempt.rest.level_n
            lead_share = force[self._lead] / attempt.lead_rest_n
            end = settled(times, share, lead_share / max(float(share[-1]), 0.05))
            if end is not None:
                level, sd = end
                attempt.settled_n = level * attempt.rest.level_n
                attempt.melt_end = entered_band(times, share / level, sd)
                return self._finish(attempt, t_s, last_s, force)
        if t_s - attempt.touch_down.t_s > LONGEST_MELT_S:
            return self._finish(attempt, t_s, last_s, force)
        return []

    def _finish(self, attempt: Attempt, t_s: float, last_s: float, force: list[float]) -> News:
        out: News = []
        why = {}
        if self._in_gap(attempt.prepare_start):
            attempt.prepare_start, why["prepare_start"] = None, "it fell in a gap of the readings"
        if self._in_gap(attempt.melt_end):
            attempt.melt_end, why["melt_end"] = None, "it fell in a gap of the readings"
        elif attempt.melt_end is None:
            why["melt_end"] = "the load did not come to rest"
        if attempt.melt_end is not None:
            attempt.reported_at["melt_end"] = last_s
            out.append(PhaseEvent("melt_end", self.limb.name, attempt.melt_end.t_s, last_s, attempt.melt_end.sd_s))
        assert attempt.lift_off is not None and attempt.touch_down is not None
        parts = self._parts(attempt)
        out.append(
            Lift(
                limb=self.limb.name,
                kind="lift",
                part=self._part(parts),
                prepare_start=attempt.prepare_start.t_s if attempt.prepare_start else None,
                lift_off=attempt.lift_off.t_s,
                touch_down=attempt.touch_down.t_s,
                melt_end=attempt.melt_end.t_s if attempt.melt_end else None,
                reported_at=dict(attempt.reported_at),
                extent=min(1.0, max(0.0, 1.0 - attempt.lowest_n / attempt.rest.level_n)),
                settled_ratio=attempt.settled_n / attempt.rest.level_n if attempt.settled_n is not None else None,
                softness_share=attempt.soft_share,
                prepare_start_sd=attempt.prepare_start.sd_s if attempt.prepare_start else None,
                lift_off_sd=attempt.lift_off.sd_s,
                touch_down_sd=attempt.touch_down.sd_s,
                melt_end_sd=attempt.melt_end.sd_s if attempt.melt_end else None,
                parts=parts,
                why_null=why,
            )
        )
        since = attempt.melt_end.t_s if attempt.melt_end else t_s
        self._rest_again(since, self._history.values(10)[:, self._columns].mean(axis=0))
        return out

    def _parts(self, attempt: Attempt) -> tuple[str, ...]:
        """Zones that left the mat while the lead zone was off it, in the order they left."""
        assert attempt.lift_off is not None and attempt.touch_down is not None
        rows = self._history.since(attempt.lift_off.t_s - 3.0)
        times, values = self._history.times(rows), self._history.values(rows)
        inside = times < attempt.touch_down.t_s
        left = []
        for name, column in zip(self.limb.zones, self._all, strict=True):
            if column not in self._columns:
                continue
            low = values[inside, column] < LIFTED_SHARE * self._rest[column]
            if column == self._lead or low.any():
                left.append((float(times[inside][np.argmax(low)]) if low.any() else attempt.lift_off.t_s, name))
        return tuple(name for _, name in sorted(left))

    def _part(self, parts: tuple[str, ...]) -> Part:
        if self.limb.kind == "leg":
            return "leg"
        return "elbow" if len(parts) <= 1 else "elbow_hand" if len(parts) == 2 else "elbow_hand_head"

    def _rest_again(self, since_s: float, levels: Array) -> None:
        self._attempt = None
        self._rest = {c: max(x, LEAST_N) for c, x in zip(self._columns, levels.tolist(), strict=True)}
        self._other.clear()
        self._rest_since_s = since_s
        self._quiet_rows = self._away_rows = self._lost = self._touching = 0
        self._enter("rest", since_s)

    def _enter(self, phase: Phase, since_s: float) -> None:
        self.phase, self.since_s = phase, since_s

    def finish(self, last_s: float) -> News:
        """Nothing more will come: a melt under way is closed with its end unknown, anything else under way is given up."""
        if self._attempt is None:
            return []
        if self.phase != "melt":
            return self._void(last_s, last_s, "it was not over when the readings ended")
        return self._finish(self._attempt, last_s, last_s, [])
