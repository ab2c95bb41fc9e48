"""One limb's way through rest, prepare, aloft and melt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from station.model import Lift, Limb, Part, Phase, PhaseEvent
from station.signal.history import History

CONTACT_SHARE = 0.02
BAND_SHARE = 0.05
SHORTEST_ALOFT_S = 1.25
LONGEST_ALOFT_S = 40.0
LONGEST_MELT_S = 25.0
BOUNCE_S = 0.3


@dataclass(slots=True)
class Attempt:
    """What is known so far of a lift under way; times in s, loads in N."""

    rest_n: float
    lead_rest_n: float
    began_s: float
    reported_at: dict[str, float] = field(default_factory=dict)
    lowest_n: float = float("inf")
    prepare_start: float | None = None
    lift_off: float | None = None
    touch_down: float | None = None
    floor_n: float = 0.0
    settled_n: float | None = None
    soft_n: float | None = None


class LimbTracker:
    """Feed rows, get PhaseEvents and finished Lifts of one limb.

    columns: the limb's zones in a row, lead zone first.  history: the shared history, already holding the row given to `update`.
    """

    def __init__(self, limb: Limb, columns: tuple[int, ...], history: History) -> None:
        self.limb = limb
        self._columns = list(columns)
        self._lead = columns[0]
        self._history = history
        self.phase: Phase = "rest"
        self.since_s = 0.0
        self.load: float | None = None
        self._rest_n: float | None = None
        self._lead_rest_n = 0.0
        self._settled_since_s: float | None = None
        self._quiet_rows = 0
        self._away_rows = 0
        self._attempt: Attempt | None = None
        self._floor_n: float | None = None
        self._touching = 0
        self._lost = 0

    def update(self, t_s: float, last_s: float, force: list[float]) -> list[PhaseEvent | Lift]:
        """One row: its mean time, the time of its last frame, and the newtons of every zone of the mat."""
        total = 0.0
        for column in self._columns:
            total += force[column]
        lead = force[self._lead]
        if total != total:
            return []
        if self._settled_since_s is None:
            self._settled_since_s = t_s
            self.since_s = t_s
        if self.phase == "rest":
            return self._at_rest(t_s, last_s, total, lead)
        if self.phase == "prepare":
            return self._preparing(t_s, last_s, total, lead)
        if self.phase == "aloft":
            return self._aloft(t_s, last_s, total, lead)
        return self._melting(t_s, last_s, total, lead)

    def _totals(self, rows: int) -> NDArray[np.float64]:
        return self._history.values(rows)[:, self._columns].sum(axis=1)

    def _at_rest(self, t_s: float, last_s: float, total: float, lead: float) -> list[PhaseEvent | Lift]:
        if self._rest_n is None:
            recent = self._totals(25)
            if len(recent) == 25 and np.ptp(recent) < 0.04 * recent.mean() and total > 1.0:
                self._rest_n = float(recent.mean())
                self._lead_rest_n = float(self._history.values(25)[:, self._lead].mean())
            self.load = None
            return []
        self.load = total / self._rest_n
        away = abs(self.load - 1.0) > BAND_SHARE or lead < 0.8 * self._lead_rest_n
        if not away:
            self._away_rows = 0
            self._rest_n += 0.015 * (total - self._rest_n)
            self._lead_rest_n += 0.015 * (lead - self._lead_rest_n)
            return []
        self._away_rows += 1
        if self._away_rows < 3:
            return []
        start = self._walk_back(t_s)
        self._attempt = Attempt(self._rest_n, self._lead_rest_n, start, {"prepare_start": last_s}, prepare_start=start)
        self._enter("prepare", start)
        return [PhaseEvent("prepare_start", self.limb.name, start, last_s)]

    def _walk_back(self, t_s: float) -> float:
        """The last time, going back from now, at which the total was within the band of rest."""
        rows = self._history.since(self._settled_since_s or t_s)
        times, share = self._history.times(rows), self._totals(rows) / (self._rest_n or 1.0)
        inside = np.flatnonzero(np.abs(share - 1.0) <= BAND_SHARE)
        if len(inside) == 0:
            return float(times[0])
        last = int(inside[-1])
        if last + 1 >= len(times):
            return float(times[-1])
        edge = 1.0 + (BAND_SHARE if share[last + 1] > 1.0 else -BAND_SHARE)
        return _crossing(times[last], share[last], times[last + 1], share[last + 1], edge)

    def _preparing(self, t_s: float, last_s: float, total: float, lead: float) -> list[PhaseEvent | Lift]:
        attempt = self._attempt
        assert attempt is not None
        self.load = total / attempt.rest_n
        attempt.lowest_n = min(attempt.lowest_n, total)
        contact = lead / attempt.lead_rest_n
        floor = self._floor_n / attempt.lead_rest_n if self._floor_n is not None else 0.0
        lost = contact < 0.03 or contact < floor + 0.02
        if not lost and contact < 0.4:
            recent = self._history.values(16)[:, self._lead] / attempt.lead_rest_n
            lost = len(recent) == 16 and np.ptp(recent[-7:]) < 0.006 and recent[0] - recent[-1] > 0.03
        if lost:
            self._lost += 1
            if self._lost >= 2:
                return self._lift_off(t_s, last_s, lead)
            return []
        self._lost = 0
        if abs(self.load - 1.0) <= 0.04 and contact > 0.9:
            self._quiet_rows += 1
        else:
            self._quiet_rows = 0
        recent = self._totals(75)
        still = len(recent) == 75 and np.ptp(recent) < 0.03 * attempt.rest_n
        if self._quiet_rows >= 15 or (still and t_s - attempt.began_s > 8.0):
            depth = 1.0 - attempt.lowest_n / attempt.rest_n
            out: list[PhaseEvent | Lift] = []
            if self._quiet_rows >= 15 and depth >= 0.1 and t_s - attempt.began_s > 1.2:
                out.append(PhaseEvent("unweighting", self.limb.name, attempt.began_s, last_s))
                out.append(
                    Lift(
                        self.limb.name, "unweighting", self._part(), attempt.prepare_start, None, None, t_s - 0.6,
                        {"prepare_start": attempt.reported_at["prepare_start"], "melt_end": last_s}, extent=depth,
                        why_null={"lift_off": "contact was never lost", "touch_down": "contact was never lost"},
                    )
                )  # fmt: skip
            else:
                out.append(PhaseEvent("prepare_dropped", self.limb.name, attempt.began_s, last_s))
            self._rest_again(t_s, float(recent[-15:].mean()), lead)
            return out
        return []

    def _lift_off(self, t_s: float, last_s: float, lead: float) -> list[PhaseEvent | Lift]:
        attempt = self._attempt
        assert attempt is not None
        attempt.floor_n = lead
        rows = self._history.since(attempt.began_s)
        times = self._history.times(rows)
        contact = (self._history.values(rows)[:, self._lead] - lead) / attempt.lead_rest_n
        above = np.flatnonzero(contact > 0.06)
        last = int(above[-1]) if len(above) else 0
        at = float(times[min(last + 1, len(times) - 1)])
        attempt.lift_off = min(at, t_s)
        attempt.prepare_start = min(self._walk_back(t_s), attempt.lift_off)
        attempt.reported_at["lift_off"] = attempt.reported_at["prepare_start"] = last_s
        self._touching = 0
        self._enter("aloft", attempt.lift_off)
        return [PhaseEvent("lift_off", self.limb.name, attempt.lift_off, last_s)]

    def _aloft(self, t_s: float, last_s: float, total: float, lead: float) -> list[PhaseEvent | Lift]:
        attempt = self._attempt
        assert attempt is not None and attempt.lift_off is not None
        self.load = total / attempt.rest_n
        attempt.lowest_n = min(attempt.lowest_n, total)
        threshold = attempt.floor_n + 0.02 * attempt.lead_rest_n
        if lead < threshold:
            self._touching = 0
            share = 0.1 if lead < attempt.floor_n else 0.02
            attempt.floor_n += share * (lead - attempt.floor_n)
            if t_s - attempt.lift_off > LONGEST_ALOFT_S:
                return self._void(t_s, last_s, total, lead, "aloft for longer than a lift lasts")
            return []
        self._touching += 1
        if self._touching < 2:
            return []
        rows = self._history.since(attempt.lift_off)
        times, leads = self._history.times(rows), self._history.values(rows)[:, self._lead]
        below = np.flatnonzero(leads < threshold)
        last = int(below[-1]) if len(below) else 0
        after = min(last + 1, len(times) - 1)
        touch = _crossing(times[last], leads[last], times[after], leads[after], threshold)
        if touch - attempt.lift_off < SHORTEST_ALOFT_S:
            return self._void(t_s, last_s, total, lead, "aloft too briefly for a lift")
        attempt.touch_down = touch
        attempt.reported_at["touch_down"] = last_s
        self._floor_n = attempt.floor_n
        self._enter("melt", touch)
        return [PhaseEvent("touch_down", self.limb.name, touch, last_s)]

    def _void(self, t_s: float, last_s: float, total: float, lead: float, why: str) -> list[PhaseEvent | Lift]:
        attempt = self._attempt
        assert attempt is not None
        self._rest_again(t_s, attempt.rest_n, attempt.lead_rest_n)
        return [PhaseEvent("void", self.limb.name, t_s, last_s, why=why)]

    def _melting(self, t_s: float, last_s: float, total: float, lead: float) -> list[PhaseEvent | Lift]:
        attempt = self._attempt
        assert attempt is not None and attempt.touch_down is not None
        self.load = total / attempt.rest_n
        if attempt.soft_n is None and t_s >= attempt.touch_down + 0.5:
            attempt.soft_n = total
        rows = self._history.since(attempt.touch_down)
        if rows % 3:
            return []
        totals = self._totals(rows) / attempt.rest_n
        settled = None
        if rows >= 25:
            second = totals[-25:]
            slope = abs(second[-12:].mean() - second[:12].mean()) / 0.5
            level = float(second.mean())
            if (abs(level - 1.0) < 0.04 and slope < 0.015) or (rows >= 62 and level > 0.78 and np.ptp(totals[-62:]) < 0.02) or (rows >= 150 and level > 0.5 and np.ptp(totals[-150:]) < 0.025):
                settled = level
        if settled is None:
            if t_s - attempt.touch_down > LONGEST_MELT_S:
                return [*self._finish(t_s, last_s, None, total, lead)]
            return []
        attempt.settled_n = settled * attempt.rest_n
        outside = np.flatnonzero(np.abs(totals / settled - 1.0) > BAND_SHARE)
        times = self._history.times(rows)
        end = attempt.touch_down
        if len(outside):
            last = int(outside[-1])
            after = min(last + 1, len(times) - 1)
            edge = settled * (1.0 + (BAND_SHARE if totals[last] > settled else -BAND_SHARE))
            end = _crossing(times[last], totals[last], times[after], totals[after], edge)
        return self._finish(t_s, last_s, end, total, lead)

    def _finish(self, t_s: float, last_s: float, end: float | None, total: float, lead: float) -> list[PhaseEvent | Lift]:
        attempt = self._attempt
        assert attempt is not None
        why = {}
        if end is None:
            why["melt_end"] = "the load did not come to rest"
        else:
            attempt.reported_at["melt_end"] = last_s
        lift = Lift(
            limb=self.limb.name,
            kind="lift",
            part=self._part(),
            prepare_start=attempt.prepare_start,
            lift_off=attempt.lift_off,
            touch_down=attempt.touch_down,
            melt_end=end,
            reported_at=dict(attempt.reported_at),
            extent=min(1.0, max(0.0, 1.0 - attempt.lowest_n / attempt.rest_n)),
            settled_ratio=attempt.settled_n / attempt.rest_n if attempt.settled_n is not None else None,
            why_null=why,
        )
        out: list[PhaseEvent | Lift] = []
        if end is not None:
            out.append(PhaseEvent("melt_end", self.limb.name, end, last_s))
        out.append(lift)
        self._rest_again(end if end is not None else t_s, total, lead)
        return out

    def _part(self) -> Part:
        return "leg" if self.limb.kind == "leg" else "elbow" if len(self._columns) > 1 else "limb"

    def _rest_again(self, since_s: float, total: float, lead: float) -> None:
        self._attempt = None
        self._rest_n, self._lead_rest_n = total, lead
        self._settled_since_s = since_s
        self._quiet_rows = self._away_rows = self._lost = self._touching = 0
        self._enter("rest", since_s)

    def _enter(self, phase: Phase, since_s: float) -> None:
        self.phase, self.since_s = phase, since_s

    def finish(self, last_s: float) -> list[PhaseEvent | Lift]:
        """The recording ends: a melt under way is closed with its end unknown."""
        attempt = self._attempt
        if self.phase != "melt" or attempt is None:
            return []
        total = float(self._totals(1)[0])
        lift = self._finish(last_s, last_s, None, total, attempt.lead_rest_n)
        return lift


def _crossing(t0: float, y0: float, t1: float, y1: float, level: float) -> float:
    """When the straight line through two points passes `level` (the later point when it does not)."""
    if y0 == y1:
        return float(t1)
    share = (level - y0) / (y1 - y0)
    return float(t0 + min(1.0, max(0.0, share)) * (t1 - t0))
