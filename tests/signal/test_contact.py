"""When contact is lost and regained, on one lead zone whose force is known: slow foam, sensors with a break force."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.frame_rows import ROW_S
from hardware.mat import Limb, Mat, MatFacts, Zone
from station.signal.history import History
from station.signal.lead_zone import LeadZone
from station.signal.levels import Moment
from station.signal.loads import ForceScale
from station.signal.params import Parameters

REST_S = 10.0
BREAK_N = 0.45
FINE_S = 0.002


def lead_zone() -> tuple[LeadZone, History]:
    zone = Zone(name="foot_l", chip=0x48, pin=0, x_cm=0, y_cm=0, resistor_ohms=10_000.0)
    limb = Limb(name="leg_l", kind="leg", side="left", zones=("foot_l",))
    mat = Mat(mat=MatFacts(name="one", supply_volts=3.3), zone=(zone,), limb=(limb,))
    history = History(1)
    return LeadZone(Parameters(), history, 0, {}, ForceScale(mat, {}), 0), history


def readings(knots_s: list[float], force_n: list[float], recovers_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows of what a zone reads: foam that recovers with a time constant, then a sensor of which a third of the reading is left at
    its break force, falling to nothing with the load."""
    fine_s = np.arange(0.0, knots_s[-1], FINE_S)
    force = np.interp(fine_s, knots_s, force_n) * (1.0 + 0.002 * np.random.default_rng(3).normal(size=len(fine_s)))
    foam = np.empty_like(force)
    level = force[0]
    for i, now in enumerate(force):
        level += (now - level) * FINE_S / (recovers_s if now < level else 0.02)
        foam[i] = level
    reading = np.where(foam > BREAK_N, foam, 0.33 * foam**2 / BREAK_N)
    rows = round(ROW_S / FINE_S)
    count = len(fine_s) // rows
    return fine_s[: count * rows].reshape(count, rows).mean(axis=1), reading[: count * rows].reshape(count, rows).mean(axis=1)


def contact(times: np.ndarray, rows: np.ndarray, zone: LeadZone, history: History) -> tuple[Moment | None, float, Moment | None]:
    """When contact was lost, what part of rest was still read when that was said, and when it was regained."""
    lost: Moment | None = None
    still_read = 0.0
    rest_n = float(rows[: round(REST_S / ROW_S) - 25].mean())
    for t_s, y in zip(times.tolist(), rows.tolist(), strict=True):
        history.append(t_s, np.array([y]))
        if lost is None:
            zone.follow(t_s, y)
            if zone.lost(t_s, y):
                lost, still_read = zone.lift_off(t_s, rest_n), y / rest_n
            continue
        regained = zone.aloft(t_s, y, rest_n)
        if regained is not None:
            return lost, still_read, regained
    return lost, still_read, None


@pytest.mark.parametrize("recovers_s", [0.05, 0.09, 0.12])
def test_a_limb_that_leaves_fast_is_aloft_while_only_the_foam_still_presses(recovers_s: float) -> None:
    """From 14 N to nothing within 0.3 s; slow foam keeps a third of the load in the reading at the moment of the lift-off."""
    times, rows = readings([0.0, REST_S, REST_S + 0.3, REST_S + 2.0], [14.0, 14.0, 0.0, 0.0], recovers_s)
    zone, history = lead_zone()
    lost, still_read, _ = contact(times, rows, zone, history)
    assert lost is not None
    assert lost.t_s == pytest.approx(REST_S + 0.3 * 0.98, abs=0.1)
    if recovers_s > 0.1:
        assert still_read > 0.05


def test_a_limb_that_drops_fast_to_a_seventh_of_its_load_has_not_left() -> None:
    times, rows = readings([0.0, REST_S, REST_S + 0.15, REST_S + 2.0], [14.0, 14.0, 2.0, 2.0], 0.13)
    lost, _, _ = contact(times, rows, *lead_zone())
    assert lost is None


def lift_offs(times: np.ndarray, rows: np.ndarray, zone: LeadZone, history: History) -> list[float]:
    """Every lift-off of readings in which the limb rests, leaves and lands again and again."""
    out = []
    aloft = False
    rest_n = float(rows[: round(REST_S / ROW_S) - 25].mean())
    for t_s, y in zip(times.tolist(), rows.tolist(), strict=True):
        history.append(t_s, np.array([y]))
        if aloft:
            if zone.aloft(t_s, y, rest_n) is not None:
                zone.landed(t_s)
                aloft = False
            continue
        zone.follow(t_s, y)
        if zone.lost(t_s, y):
            out.append(zone.lift_off(t_s, rest_n).t_s)
            aloft = True
    return out


@pytest.mark.parametrize("recovers_s", [0.03, 0.06, 0.12])
def test_how_a_zone_let_go_dates_its_next_lift_off(recovers_s: float) -> None:
    """The first fall is quick and shows the zone's lag, the second one takes three seconds and shows nothing."""
    later_s = REST_S + 12.0
    knots = [0.0, REST_S, REST_S + 0.6, REST_S + 3.0, REST_S + 4.0, later_s, later_s + 3.0, later_s + 5.0]
    times, rows = readings(knots, [14.0, 14.0, 0.0, 0.0, 14.0, 14.0, 0.0, 0.0], recovers_s)
    first_s, second_s = lift_offs(times, rows, *lead_zone())
    assert first_s == pytest.approx(REST_S + 0.6 * 0.98, abs=0.1)
    assert second_s == pytest.approx(later_s + 3.0 * 0.98, abs=0.05)


def test_a_slow_fall_is_not_called_over_before_it_is() -> None:
    """Over 12 s, and the last tenth over 1.5 of them: what is read a tenth of a second below 5 % of rest is still on its way."""
    knots = [0.0, REST_S, REST_S + 10.5, REST_S + 12.0, REST_S + 25.0]
    times, rows = readings(knots, [14.0, 14.0, 1.4, 0.0, 0.0], 0.06)
    lost, still_read, _ = contact(times, rows, *lead_zone())
    assert lost is not None
    assert still_read < 0.03
    assert lost.t_s == pytest.approx(REST_S + 12.0 - 0.2 * 1.5, abs=0.3)


@pytest.mark.parametrize("rest_n", [3.0, 8.0, 30.0])
def test_a_slow_landing_is_dated_by_what_its_sensor_reads_below_its_break_force(rest_n: float) -> None:
    """A fiftieth of the rest after 0.2 s of a landing that takes ten: a light limb hardly reads there, a heavy one reads it all."""
    knots = [0.0, REST_S, REST_S + 1.0, REST_S + 6.0, REST_S + 16.0]
    times, rows = readings(knots, [rest_n, rest_n, 0.0, 0.0, rest_n], 0.05)
    _, _, regained = contact(times, rows, *lead_zone())
    assert regained is not None
    assert regained.t_s == pytest.approx(REST_S + 6.2, abs=0.1)
