"""The lead zone: what it reads at rest and under nothing, when contact is lost, and when it is regained.

A sensor that nothing touches need not read nothing: a tight cover, a folded mat or a sensor that recovers slowly leave a *floor*.
So contact is judged on r = (y - floor) / (rest - floor), with everything relative to this zone's own rest.  The higher the
reading, the more it takes to prove contact lost: below 5 % a tenth of a second does; near the floor half a second without tremor; a
higher level must be flat for a part of the time the fall took; and a zone that once read much less was not free.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from hardware.frame_rows import ROW_S
from station.signal.foam import Foam
from station.signal.history import Array, History
from station.signal.levels import Moment, crossing, smooth, without_lag
from station.signal.loads import ForceScale
from station.signal.params import Parameters

LOWEST_OF_ROWS = 10
MEAN_TO_SD = 1.25
"""From the mean size of noise to its standard deviation."""
FALL_LEVELS = (0.2, 0.3, 0.4, 0.5)
"""How long a fall takes is read between `fall_begins_share` and the lowest of these levels it has reached."""


class LeadZone:
    """Follows one lead zone's reading y (newtons, or nominal ones), row by row.

    mat_floors: by column, the floors of lead zones seen so far, as share of rest; all lead zones of a mat share and keep it.
    scale, zone: what a newton on this zone is in volts.
    """

    def __init__(
        self,
        parameters: Parameters,
        history: History,
        column: int,
        mat_floors: dict[int, float],
        scale: ForceScale,
        zone: int,
    ) -> None:
        self._p = parameters
        self._mat_floors = mat_floors
        self._history = history
        self._column = column
        self._scale, self._zone = scale, zone
        self._least_n = float(scale.above_empty(parameters.sensor.resolved_volts)[zone])
        self._still_volts = math.inf
        self.rest_n = 0.0
        self.floor_n: float | None = None
        self._floors = 0
        self.lowest_n = self._tare_n = math.inf
        self._recent: deque[float] = deque(maxlen=LOWEST_OF_ROWS)
        self._t_s: float | None = None
        self._rested_s = 0.0
        self._high_s = -math.inf
        self._below_s = [math.inf] * len(FALL_LEVELS)
        self._lost_s = self._near_s = self._bare_s = math.inf
        self._foam = Foam(parameters.sensor)
        self._before = 0.0
        self._step_s = 0.0
        self._off_s = 0.0
        self._noise_n = 0.0
        self._rest_noise_n = self._noisy_s = 0.0
        self._first_touch_s: float | None = None
        self.aloft_floor_n = 0.0
        self._accepted_n = self._slow_n = 0.0

    # ---- at rest ------------------------------------------------------------------------------------------------------------

    def follow(self, t_s: float, y: float) -> None:
        """One row while the limb lies on the mat: the rest follows up at once, down slowly."""
        step_s = min(t_s - self._t_s, 1.0) if self._t_s is not None else 0.0
        first = self._t_s is None
        self._t_s = t_s
        self._step_s = step_s
        self._recent.append(y)
        self._see_low()
        self._hear_noise(step_s)
        timing = self._p.timing
        if first:
            self.rest_n = y
        elif y > self.rest_n:
            self.rest_n += min(1.0, step_s / timing.rest_rises_s) * (y - self.rest_n)
        else:
            self.rest_n += min(1.0, step_s / timing.rest_sinks_s) * (y - self.rest_n)
        if self._rested_s < timing.rested_s and y - self._floor() > self._p.decision.touching_share * self.rest_n:
            self._rested_s += step_s

    def restart(self) -> None:
        """The zone can be believed again: nothing is known of its rest."""
        self._t_s = None
        self.rest_n = self._rested_s = self._rest_noise_n = 0.0
        self._recent.clear()
        self._high_s = -math.inf
        self._below_s = [math.inf] * len(FALL_LEVELS)
        self._lost_s = self._near_s = self._bare_s = math.inf

    def _hear_noise(self, step_s: float) -> None:
        """What rows differ by from the straight line through their neighbours: noise, tremor and movement."""
        if len(self._recent) < 3:
            self._noisy_s = 0.0
            return
        timing = self._p.timing
        self._noisy_s += step_s
        bend = abs(self._recent[-1] - 2.0 * self._recent[-2] + self._recent[-3]) * MEAN_TO_SD / 6.0**0.5
        self._rest_noise_n += min(1.0, step_s / min(timing.rest_rises_s, max(self._noisy_s, 1e-9))) * (bend - self._rest_noise_n)
        if self._recent[-1] < self._p.decision.fall_begins_share * self.rest_n or self._noisy_s < timing.rest_rises_s:
            return
        volts = self._rest_noise_n * self._scale.volts_per_newton(self._zone, self._recent[-1])
        volts = max(volts, self._p.sensor.quiet_volts)
        share = 1.0 if volts < self._still_volts else min(1.0, step_s / timing.rest_sinks_s)
        self._still_volts = volts if share == 1.0 else self._still_volts + share * (volts - self._still_volts)

    def _see_low(self) -> None:
        """The lowest level at which the zone stayed for a moment; a dropout or the edge of a movement is none."""
        if self._recent[-1] >= self.lowest_n:
            return
        high = max(self._recent)
        if high < self.lowest_n and len(self._recent) == LOWEST_OF_ROWS:
            self.lowest_n = high
            if high > self._p.decision.high_share * self.rest_n:
                self._tare_n = high

    def came_to_rest(self) -> None:
        """The first rest of a visit: what the zone read before anything lay on it is its floor."""
        if self.floor_n is None and self._tare_n < self._p.decision.high_share * self.rest_n:
            self.floor_n, self._floors = self._tare_n, 0

    @property
    def is_loaded(self) -> bool:
        """Whether the zone carries enough, for long enough, that losing it can be seen."""
        return self._rested_s >= self._p.timing.rested_s and self.rest_n > self._least_n

    def _floor(self) -> float:
        """The floor to expect: from earlier lifts, as far as it can be one."""
        return 0.0 if self.floor_n is None else min(self.floor_n, self._highest_floor())

    def _highest_floor(self) -> float:
        """Above this no level is a floor: the zone once read much less, or the mat presses on none of the other lead zones."""
        decision = self._p.decision
        own = decision.floor_growth * self.lowest_n + decision.floor_margin * self.rest_n
        others = [share for column, share in self._mat_floors.items() if column != self._column]
        return min(own, decision.others_growth * max(others) * self.rest_n) if others else own

    def lost(self, t_s: float, y: float) -> bool:
        """Whether contact is lost as of this row (which `follow` has had)."""
        p, timing, decision = self._p, self._p.timing, self._p.decision
        floor = self._floor()
        span = self.rest_n - floor
        if span <= 0.0:
            return False
        r = (y - floor) / span
        borne = self._borne(r)
        if r > decision.fall_begins_share:
            self._high_s = t_s
        for i, level in enumerate(FALL_LEVELS):
            self._below_s[i] = math.inf if r > level else min(self._below_s[i], t_s)
        self._lost_s = math.inf if borne >= decision.lost_share else min(self._lost_s, t_s)
        self._near_s = math.inf if r >= decision.near_share else min(self._near_s, t_s)
        self._bare_s = math.inf if r >= decision.bare_share else min(self._bare_s, t_s)
        if r >= decision.high_share or not self.is_loaded:
            return False
        fall_s = self.fall_s(t_s)
        lost_s = max(timing.lost_s, timing.lost_wait_ratio * fall_s)
        if t_s - self._lost_s >= lost_s - 1e-6 or t_s - self._bare_s >= timing.bare_s - 1e-6:
            return True
        known = floor > p.sensor.pressed_share * self.rest_n and y - floor > decision.known_growth * floor
        near_wait_s = lost_s + timing.near_wait_ratio * fall_s
        near_wait_s = 2.0 * near_wait_s if known else min(lost_s + timing.near_wait_s, near_wait_s)
        if t_s - self._near_s >= near_wait_s and self._trembles(self._since(t_s - timing.trembles_s)) is not True:
            return True
        if y > self._highest_floor():
            return False
        window_s = max(timing.shortest_high_flat_s, timing.high_flat_ratio * fall_s)
        if known:
            window_s *= 2.0
        if t_s - self._high_s < window_s:
            return False
        recent = self._since(t_s - window_s)
        if len(recent) < 5 or float(np.ptp(smooth(recent, 3))) >= decision.high_flat_share * span:
            return False
        return self._trembles(recent) is False

    def _borne(self, r: float) -> float:
        """The share of rest that the limb still bears when the reading stands at share r: a reading that falls exponentially, as
        fast as the foam recovers, shows the foam and no load."""
        before, self._before = self._before, r
        if not 0.0 < r < before or self._step_s <= 0.0:
            return r
        return r * (1.0 + self._p.sensor.lag_borne_share * self._foam.lag_s * math.log(r / before) / self._step_s)

    def _trembles(self, recent: Array) -> bool | None:
        """Whether a low level is uneasy beyond the noise of sensor and converter, as whatever a muscle holds is; None where the
        noise would hide it."""
        steep = self._scale.volts_per_newton(self._zone, float(recent[-1]))
        noise_volts = self._still_volts
        if len(recent) < 5 or noise_volts > self._p.decision.tremor_share * self.rest_n * steep:
            return None
        volts = float(np.sqrt(np.mean(np.diff(recent, 2) ** 2) / 6.0)) * steep
        return volts > self._p.decision.tremor_noise * noise_volts

    def fall_s(self, t_s: float) -> float:
        """How long the fall under way takes, or took, from rest to nothing."""
        if not math.isfinite(self._high_s):
            return 1.0
        begins = self._p.decision.fall_begins_share
        for level, since_s in zip(FALL_LEVELS, self._below_s, strict=True):
            if since_s <= t_s:
                return max(since_s - self._high_s, ROW_S) / (begins - level)
        return (t_s - self._high_s) / (begins - FALL_LEVELS[-1])

    def _since(self, t_s: float) -> Array:
        _, values = self._history.back(t_s)
        return values[:, self._column]

    # ---- losing it ----------------------------------------------------------------------------------------------------------

    def lift_off(self, t_s: float, rest_n: float) -> Moment:
        """Take the lead zone as aloft; returns when it left.  rest_n: its reading in the rest before."""
        begin_s = (self._high_s if math.isfinite(self._high_s) else t_s - 2.0) - 5 * ROW_S
        times, values = self._history.back(begin_s)
        leads = values[:, self._column]
        self.aloft_floor_n = float(leads[-3:].min())
        self._off_s = t_s
        # What is left when the foam has recovered.
        left_n = max(float(without_lag(times, leads, self._foam.lag_s)[-3:].min()), 0.0)
        bends = np.diff(leads[-8:], 2)
        self._noise_n = float(np.sqrt(np.median(bends**2) / 6.0)) if len(bends) else 0.0
        if math.isfinite(self._still_volts):
            self._noise_n = min(self._noise_n, self._still_volts / self._scale.volts_per_newton(self._zone, self.aloft_floor_n))
        self._first_touch_s = None
        left_n = min(left_n, self.aloft_floor_n)
        self._accepted_n = self._slow_n = left_n
        if self._floors:
            floor = min(left_n, self._floor())
        else:
            still_falls = left_n < self._p.decision.bare_share * self.rest_n
            floor = (0.5 if still_falls else 1.0) * left_n
        share = (leads - floor) / max(rest_n - floor, 1e-9)
        if len(times) < 3:
            return Moment(t_s, self._p.uncertainty.unclear_s)
        force = share + self._foam.lag_of(times, share) * np.gradient(smooth(share, 3), times)
        return self._contact_lost(times, force, t_s)

    def _contact_lost(self, times: Array, force: Array, t_s: float) -> Moment:
        """When the force under a lead zone (share of rest) was above the level of contact for the last time."""
        level, uncertainty = self._p.sensor.leaving_level, self._p.uncertainty
        above = np.flatnonzero(force > level)
        if len(above) == 0 or above[-1] >= len(force) - 1:
            return Moment(t_s, uncertainty.unclear_s)
        at = int(above[-1])
        begin = np.flatnonzero(force[: at + 1] > uncertainty.ramp_share)
        ramp_s = float(times[at] - times[begin[-1]]) if len(begin) else 0.0
        slope = (uncertainty.ramp_share - level) / max(ramp_s, 0.5 * ROW_S)
        sd_s = float(np.hypot(uncertainty.lift_off_s, uncertainty.contact_depth * level / slope))
        return Moment(crossing(times, force, at, level), sd_s)

    def level_share(self) -> float:
        """What the zone reads, as share of rest above its floor, when it carries the 2 % that count as contact."""
        sensor = self._p.sensor
        contact = self._p.definitions.contact_share
        broken = contact * self.rest_n / sensor.break_n
        if self.aloft_floor_n > sensor.pressed_share * self.rest_n:
            return sensor.pressed_level
        return contact if broken > 1.0 else sensor.below_break * broken * contact

    # ---- aloft --------------------------------------------------------------------------------------------------------------

    def was_not_off(self, y: float, rest_n: float) -> bool:
        """Whether the reading sinks from what was taken for a floor, faster than a sensor recovers: contact was not lost yet."""
        share = self._p.decision.sinks_share
        return self._accepted_n - y > share * rest_n and self._slow_n - y > 0.5 * share * rest_n

    def aloft(self, t_s: float, y: float, rest_n: float) -> Moment | None:
        """One row while aloft; returns when contact was regained, once that is sure."""
        decision, timing = self._p.decision, self._p.timing
        step_s = min(t_s - self._t_s, 1.0) if self._t_s is not None else ROW_S
        self._t_s = t_s
        self._recent.append(y)
        self._see_low()
        self._slow_n += min(1.0, step_s / timing.sinks_s) * (y - self._slow_n)
        floor = self.aloft_floor_n
        watch = floor + max(decision.touch_share * rest_n, decision.touch_noise * self._noise_n, decision.touch_floor * floor)
        since_s = max(t_s - self._off_s, ROW_S)
        if y < watch:
            self._first_touch_s = None
            before = self._recent[-2] if len(self._recent) > 1 else y
            self._noise_n += ROW_S / timing.aloft_noise_s * (MEAN_TO_SD * abs(y - before) - self._noise_n)
        elif self._first_touch_s is None:
            self._first_touch_s = t_s
        if y < floor:
            follows_s = max(timing.floor_sinks_s, timing.floor_sinks_ratio * since_s)
            self.aloft_floor_n += min(1.0, step_s / follows_s) * (y - floor)
        else:
            follows_s = timing.floor_rises_s + timing.floor_rises_ratio * since_s
            self.aloft_floor_n += min(1.0, step_s / follows_s) * (min(y, watch) - floor)
        sure = max(floor + decision.touch_sure_share * rest_n, watch)
        if self._first_touch_s is not None and 0.0 < t_s - self._first_touch_s <= timing.landing_s:
            sure = min(sure, floor + max(2.0 * (watch - floor), decision.landing_level * self.level_share() * rest_n))
        if y <= sure:
            return None
        return self._touch(t_s, rest_n)

    def _touch(self, t_s: float, rest_n: float) -> Moment:
        floor = self.aloft_floor_n
        span = max(rest_n - floor, 1e-9)
        times, values = self._history.back(self._off_s - self._p.sensor.fall_s)
        share = (values[:, self._column] - floor) / span
        self._foam.learn(times, share, self._off_s)
        times, share = times[times >= self._off_s], share[times >= self._off_s]
        level = max(self.level_share(), self._p.decision.noise_level * self._noise_n / span)
        below = np.flatnonzero(share < level)
        at = int(below[-1]) if len(below) else 0
        if at >= len(times) - 1:
            return Moment(float(times[-1]), self._p.uncertainty.unclear_s)
        logs = np.log(np.maximum(share, self._p.sensor.sensed_share * level))
        when = crossing(times, logs, at, math.log(level))
        before_n = self.floor_n if self.floor_n is not None and self._floors else floor
        self.floor_n = before_n + (floor - before_n) / (self._floors + 1)
        self._floors += 1
        self._mat_floors[self._column] = self.floor_n / max(rest_n, 1e-12)
        uncertainty = self._p.uncertainty
        rate = math.log(float(share[-1]) / level) / max(float(times[-1]) - when, ROW_S)
        spread_s = min(self._p.sensor.level_spread / max(rate, 1e-9), uncertainty.most_s)
        sd_s = float(np.hypot(uncertainty.contact_s, spread_s))
        return Moment(max(when - self._p.sensor.landing_lag_s, self._off_s), sd_s)

    def landed(self, t_s: float) -> None:
        """Contact is there again: from here on the zone rests."""
        self._high_s = -math.inf
        self._below_s = [math.inf] * len(FALL_LEVELS)
        self._lost_s = self._near_s = self._bare_s = math.inf
        self._rested_s = 0.0
        self._t_s = t_s
