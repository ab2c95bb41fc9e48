"""Varying a parameter over what the limbs were given says what the whole way says."""

from __future__ import annotations

import pytest

from hardware.sim.recorder import make
from station.bench.sensitivity import again, announce, before_limbs, shortened, taped
from station.model import Announcement, Fault, Presence
from station.signal.params import Parameters, replace, table


@pytest.mark.parametrize("kind", ["small4", "gaps", "empty"])
def test_from_what_the_limbs_were_given_the_same_is_said_as_from_frames(kind: str) -> None:
    one = shortened(make(kind, 800))
    tapes = taped(one)
    for parameters in (Parameters(), replace(Parameters(), "timing.lost_s", 0.2)):
        assert again(tapes, parameters) == of_limbs(announce(one, parameters))


def of_limbs(said: list[Announcement]) -> list[Announcement]:
    return [item for item in said if not isinstance(item, Presence | Fault)]


def test_parameters_of_what_comes_before_the_limbs_take_the_whole_way() -> None:
    names = {entry.name for entry in table() if before_limbs(entry.name)}
    assert {"presence.empty_s", "sensor.creep_per_decade", "sensor.most_volts"} <= names
    assert not {name for name in names if name.startswith(("timing.", "decision."))}
