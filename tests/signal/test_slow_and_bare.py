"""What changes slowly is no movement, a zone left empty stops nobody, and a cut wire is no lift on a mat without end resistors."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from practised import announce, cut, lifts, recording
from test_presence import volts_of

from hardware.mat import Mat
from hardware.mats import find_mat
from station.model import Announcement, Fault, PhaseEvent

LONG_S = 150.0


def lying(seed: int = 5) -> tuple[Mat, np.ndarray, np.ndarray]:
    """Somebody who only breathes: mat, times (n,), forces (n, zones) in newtons."""
    mat, _ = find_mat("full-16")
    rng = np.random.default_rng(seed)
    t_s = np.arange(0.0, LONG_S, 0.02)
    breath = 1.0 + 0.01 * np.sin(2 * np.pi * 0.25 * t_s)[:, None]
    rest_n = rng.uniform(8.0, 40.0, len(mat.zone))
    return mat, t_s, rest_n * breath * (1.0 + rng.normal(0, 0.001, (len(t_s), len(mat.zone))))


def lift_offs(said: list[Announcement]) -> list[PhaseEvent]:
    return [item for item in said if isinstance(item, PhaseEvent) and item.kind == "lift_off"]


@pytest.mark.parametrize("share", [1.0, 1.3, 0.75])
def test_sensors_that_warm_up_or_creep_while_somebody_lies_still_are_no_lift(share: float) -> None:
    mat, t_s, force_n = lying()
    said = announce(mat, t_s, volts_of(mat, force_n * np.linspace(1.0, share, len(t_s))[:, None]))
    assert lifts(said) == [] and lift_offs(said) == []
    assert not [item for item in said if isinstance(item, Fault)]


@pytest.mark.parametrize("gone_after_s", [1.0, 20.0])
def test_a_zone_somebody_slid_off_for_good_stops_nothing(gone_after_s: float) -> None:
    """The lead zone ends at nothing and stays there; what the other limbs do is judged as before."""
    mat, t_s, force_n = lying()
    limb = mat.limb[0]
    column = mat.columns(limb)[0]
    force_n[:, column] *= np.clip(1.0 - (t_s - 30.0) / gone_after_s, 0.0, 1.0)
    said = announce(mat, t_s, volts_of(mat, force_n))
    assert [item.limb for item in lift_offs(said) if item.limb != limb.name] == []
    assert [lift.limb for lift in lifts(said) if lift.limb != limb.name] == []


def test_a_wire_cut_on_a_mat_without_end_resistors_is_named_and_no_lift() -> None:
    """There a cut wire and an unloaded zone read the same nothing; what tells them apart is how they got there."""
    one = cut(recording("quiet", 7), 10.0)
    mat = msgspec.structs.replace(one.mat, mat=msgspec.structs.replace(one.mat.mat, end_resistors_ohms=None))
    volts = one.volts.copy()
    middle_s = (one.t_s[0] + one.t_s[-1]) / 2
    lead = mat.limb[0].zones[0]
    volts[one.t_s >= middle_s, mat.zone_names.index(lead)] = 0.0
    said = announce(mat, one.t_s, volts)
    named = [item for item in said if isinstance(item, Fault) and not item.over]
    assert [(fault.kind, fault.zone) for fault in named] == [("open", lead)]
    assert named[0].reported_at_s - middle_s <= 1.0
    assert lifts(said) == []
    assert not [item for item in said if isinstance(item, PhaseEvent) and item.kind == "lift_off"]
