"""What moves without being a lift: a limb that is hardly on its sensor, a twitch, an unweighting."""

from __future__ import annotations

import numpy as np
import pytest
from practised import announce, lifts
from test_presence import volts_of
from test_slow_and_bare import bare

from hardware.mats import find_mat
from station.model import Announcement, PhaseEvent

DIP_S = 15.0


def said_of_a_dip(lasts_s: float, share: float, lead_n: float) -> list[Announcement]:
    """What is said of an arm whose zones, after 15 s of rest, read this share of their load for a while; lead_n: the elbow's."""
    mat = bare(find_mat("full-16")[0])
    limb = mat.limb[0]
    t_s = np.arange(0.0, 25.0, 0.02)
    breath = 1.0 + 0.01 * np.sin(2.0 * np.pi * 0.25 * t_s)[:, None]
    force_n = np.linspace(12.0, 30.0, len(mat.zone)) * breath
    columns = list(mat.columns(limb))
    force_n[:, columns[0]] *= lead_n / force_n[0, columns[0]]
    dips = np.interp(t_s, [DIP_S, DIP_S + 0.1, DIP_S + lasts_s - 0.1, DIP_S + lasts_s], [1.0, share, share, 1.0])
    force_n[:, columns] *= dips[:, None]
    return [item for item in announce(mat, t_s, volts_of(mat, force_n)) if getattr(item, "limb", None) == limb.name]


@pytest.mark.parametrize(("lasts_s", "unweightings"), [(0.4, 0), (3.0, 1)])
def test_a_load_that_falls_by_half_and_returns_is_an_unweighting_but_a_twitch_is_none(lasts_s: float, unweightings: int) -> None:
    said = said_of_a_dip(lasts_s, 0.5, 20.0)
    assert len(lifts(said, "unweighting")) == unweightings
    assert lifts(said) == []


def test_a_limb_that_lies_beside_its_sensor_is_not_said_to_prepare() -> None:
    """Its hand and head move, but without the elbow no lift of it can be seen."""
    assert [item for item in said_of_a_dip(3.0, 0.5, 20.0) if isinstance(item, PhaseEvent)]
    assert said_of_a_dip(3.0, 0.5, 0.0) == []
