"""When a lead zone has left the mat: one sensor's readings, row by row, against a limb whose fate is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from hardware.frame_rows import ROW_S
from hardware.mat import Limb, Mat, MatFacts, Zone
from station.signal.history import History
from station.signal.lead_zone import LeadZone
from station.signal.loads import ForceScale
from station.signal.params import Parameters

REST_N = 20.0
QUIET_VOLTS, NOISY_VOLTS = 0.0002, 0.012
"""Standard deviation of a row at the divider."""
RESTED_S = 10.0


class Sensor:
    """One lead zone and the rows it has had."""

    def __init__(self, rest_n: float = REST_N, mat_floors: dict[int, float] | None = None) -> None:
        self._rest_n = rest_n
        zone = Zone(name="foot_l", chip=0x48, pin=0, x_cm=0, y_cm=0, resistor_ohms=10_000.0)
        limb = Limb(name="leg_l", kind="leg", side="left", zones=("foot_l",))
        scale = ForceScale(Mat(mat=MatFacts(name="one", supply_volts=3.3), zone=(zone,), limb=(limb,)), {})
        self.scale = scale
        self.history = History(1)
        self.lead = LeadZone(Parameters(), self.history, 0, mat_floors or {}, scale, 0)
        self._random = np.random.default_rng(1)
        self._rows = 0

    def readings(self, shares: np.ndarray, noise_volts: float = QUIET_VOLTS) -> Iterator[tuple[float, float]]:
        """Times and newtons of rows that read these shares of rest; each is in the history when it comes."""
        for share in shares.tolist():
            noise_n = noise_volts / self.scale.volts_per_newton(0, self._rest_n * share)
            y = max(self._rest_n * share + self._random.normal(0.0, noise_n), 0.0)
            t_s = self._rows * ROW_S
            self.history.append(t_s, np.array([y]))
            self._rows += 1
            yield t_s, y

    def lost_s(self, shares: np.ndarray, noise_volts: float = QUIET_VOLTS) -> float | None:
        """Lets the limb rest, then reads these shares of rest; when, from then on, contact is lost (None: never)."""
        for t_s, y in self.readings(np.ones(round(RESTED_S / ROW_S)), noise_volts):
            self.lead.follow(t_s, y)
            assert not self.lead.lost(t_s, y)
        fell_s = self._rows * ROW_S
        for t_s, y in self.readings(shares, noise_volts):
            self.lead.follow(t_s, y)
            if self.lead.lost(t_s, y):
                return t_s - fell_s
        return None


def falls_to(share: float, fall_s: float, stays_s: float) -> np.ndarray:
    t_s = np.arange(0.0, fall_s + stays_s, ROW_S)
    return np.interp(t_s, [0.0, fall_s], [1.0, share])


def test_a_reading_of_nothing_is_lost_contact_at_once() -> None:
    lost_s = Sensor().lost_s(falls_to(0.0, 0.5, 5.0))
    assert lost_s is not None and lost_s < 0.5 + 0.2


def test_near_the_floor_contact_is_lost_soon_however_slow_the_fall_was() -> None:
    """Above 5 % of rest nothing is sure at once, and a fall of 20 s would want eight seconds of a flat level."""
    lost_s = Sensor().lost_s(falls_to(0.055, 20.0, 10.0))
    assert lost_s == pytest.approx(20.0 + 1.52, abs=0.06)


def test_near_the_floor_contact_is_lost_a_third_of_the_time_after_a_quick_fall() -> None:
    assert Sensor().lost_s(falls_to(0.055, 1.0, 10.0)) == pytest.approx(1.0 + 0.48, abs=0.05)


@pytest.mark.parametrize("share", [0.085, 0.3])
def test_a_flat_level_is_a_floor_when_it_is_as_still_as_the_sensor(share: float) -> None:
    assert Sensor().lost_s(falls_to(share, 1.0, 20.0)) is not None


def test_a_sensor_whose_noise_would_hide_a_tremor_has_low_floors_only() -> None:
    """A limb may be held at a third of its load; at 7 % hardly anybody holds it."""
    assert Sensor().lost_s(falls_to(0.3, 1.0, 60.0), NOISY_VOLTS) is None
    assert Sensor().lost_s(falls_to(0.068, 1.0, 60.0), NOISY_VOLTS) is not None


@pytest.mark.parametrize("share", [0.065, 0.3])
def test_what_a_muscle_holds_trembles_and_is_no_floor(share: float) -> None:
    held = falls_to(share, 1.0, 6.0)
    assert Sensor().lost_s(held) is not None
    tremor = 0.004 * np.sin(2.0 * np.pi * 8.0 * ROW_S * np.arange(len(held)))
    assert Sensor().lost_s(held + np.where(held < share + 0.01, tremor, 0.0)) is None


def test_a_level_that_the_zone_once_read_much_less_than_is_no_floor() -> None:
    sensor = Sensor()
    for t_s, y in sensor.readings(np.full(50, 0.02)):
        sensor.lead.follow(t_s, y)
    for t_s, y in sensor.readings(np.concatenate([np.ones(500), falls_to(0.3, 1.0, 60.0)])):
        sensor.lead.follow(t_s, y)
        assert not sensor.lead.lost(t_s, y)


def test_a_zone_that_carries_its_load_only_for_a_moment_is_not_lost_when_it_leaves() -> None:
    sensor = Sensor()
    for t_s, y in sensor.readings(np.concatenate([np.zeros(50), np.ones(12), np.zeros(50)]), 0.0):
        sensor.lead.follow(t_s, y)
        assert not sensor.lead.lost(t_s, y)


def aloft(sensor: Sensor, floor_share: float) -> None:
    """Lets the limb rest and leave; the zone reads so much under nothing."""
    for t_s, y in sensor.readings(np.concatenate([np.ones(250), falls_to(floor_share, 0.5, 20.0)])):
        sensor.lead.follow(t_s, y)
        if sensor.lead.lost(t_s, y):
            sensor.lead.lift_off(t_s, REST_N)
            return
    pytest.fail("never lost")


@pytest.mark.parametrize(("within_s", "was_not_off"), [(0.5, True), (20.0, False)])
def test_what_sinks_from_its_floor_at_once_still_touched_and_a_sensor_that_recovers_did_not(
    within_s: float, was_not_off: bool
) -> None:
    sensor = Sensor()
    aloft(sensor, 0.2)
    said = []
    for t_s, y in sensor.readings(np.interp(np.arange(0.0, 30.0, ROW_S), [0.0, within_s], [0.2, 0.1])):
        said.append(sensor.lead.was_not_off(y, REST_N))
        sensor.lead.aloft(t_s, y, REST_N)
    assert any(said) == was_not_off


@pytest.mark.parametrize(("share", "fall_s", "wanted_s"), [(0.2, 1.0, 2.4), (0.154, 5.0, 3.0)])
def test_a_level_above_the_floor_of_the_lift_before_is_proved_twice_as_long(share: float, fall_s: float, wanted_s: float) -> None:
    """The zone read a tenth of its rest under nothing; what reads more now may well be a limb that still touches."""
    sensor = Sensor()
    aloft(sensor, 0.1)
    for t_s, y in sensor.readings(np.concatenate([np.full(100, 0.1), np.linspace(0.1, 1.0, 20)])):
        if sensor.lead.aloft(t_s, y, REST_N) is not None:
            break
    sensor.lead.landed(t_s)
    lost_s = sensor.lost_s(falls_to(share, fall_s, 10.0))
    assert lost_s is not None and lost_s > fall_s + wanted_s


def test_a_load_that_the_converter_hardly_resolves_is_never_lost() -> None:
    """A thousandth of a newton is one step of the converter or less: as it comes and goes nobody lifts anything."""
    assert Sensor(0.001).lost_s(falls_to(0.0, 0.5, 5.0), 0.0) is None


def test_a_zone_is_as_still_as_it_ever_was_at_rest() -> None:
    """Whoever fidgets before she lies still has not made the sensor noisy: its floor is recognised all the same."""
    sensor = Sensor()
    for t_s, y in sensor.readings(np.ones(250), NOISY_VOLTS):
        sensor.lead.follow(t_s, y)
    assert sensor.lost_s(falls_to(0.3, 1.0, 20.0)) is not None
