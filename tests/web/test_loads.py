"""What the review plots: decimated, yet with every extreme, and on one scale at every zoom."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.mats import find_mat
from station.store import Reader
from station.store.records import Trace
from web.api.traces import NOTHING, LoadTrace, Traces, conductance, pack


def unpacked(data: bytes) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Read the bytes as the page's script does; loads in thousandths, (points, zones)."""
    (length,) = struct.unpack_from("<I", data)
    head = json.loads(data[4 : 4 + length])
    n = head["points"]
    t_s = np.frombuffer(data, "<f4", n, 4 + length) + head["t0_s"]
    loads = np.frombuffer(data, "<i2", n * len(head["zones"]), 4 + length + 4 * n).reshape(len(head["zones"]), n).T
    return t_s, loads, head


@pytest.fixture
def traces(filled_database: Any) -> Any:
    with Reader(filled_database[0]) as reader:
        yield Traces(reader), reader, filled_database[1][0]


def conductance_by_hand(volts: float, ohms: float, supply_volts: float) -> float:
    """Ohm's law around the divider: the same current flows through the sensor and through the resistor to ground."""
    amperes = volts / ohms
    return amperes / (supply_volts - volts)


def test_conductance_is_what_ohm_says() -> None:
    mat, _ = find_mat("full-16")
    volts = np.linspace(0.05, 3.2, 16, dtype=np.float32)[None, :]
    values = conductance(Trace(np.zeros(1), volts, mat.zone_names, False), mat)
    expected = [conductance_by_hand(float(v), zone.resistor_ohms, 3.3) for v, zone in zip(volts[0], mat.zone, strict=True)]
    np.testing.assert_allclose(values[0], expected, rtol=1e-6)


def test_the_usual_load_of_every_zone_is_one(traces: Any) -> None:
    loads, reader, session = traces
    shown = loads.loads(reader.session(session), None, None, 1000)
    np.testing.assert_allclose(np.nanmedian(shown.load, axis=0), 1.0, rtol=1e-3)


def test_no_extreme_is_lost_or_invented_by_drawing_in_few_points(traces: Any) -> None:
    loads, reader, session = traces
    record = reader.session(session)
    few, all_of_it = loads.loads(record, None, None, 200), loads.loads(record, None, None, 4000)
    assert len(few.t_s) < len(all_of_it.t_s) / 5
    np.testing.assert_allclose(np.nanmin(few.load, axis=0), np.nanmin(all_of_it.load, axis=0), rtol=1e-6)
    np.testing.assert_allclose(np.nanmax(few.load, axis=0), np.nanmax(all_of_it.load, axis=0), rtol=1e-6)
    assert (np.diff(few.t_s) > 0).all()


def test_zooming_in_does_not_move_the_axis(traces: Any) -> None:
    loads, reader, session = traces
    record = reader.session(session)
    start_s = record.summary.started_s
    near = loads.loads(record, start_s + 60, start_s + 70, 4000)
    whole = loads.loads(record, None, None, 4000)
    inside = (whole.t_s >= near.t_s[0]) & (whole.t_s <= near.t_s[-1])
    assert np.nanmax(whole.load[inside]) == pytest.approx(np.nanmax(near.load), rel=1e-6)


@given(
    st.lists(st.lists(st.one_of(st.floats(0, 40), st.just(float("nan"))), min_size=3, max_size=3), min_size=0, max_size=30),
)
def test_packing_keeps_loads_to_a_thousandth_and_gaps_as_gaps(rows: list[list[float]]) -> None:
    load = np.array(rows, dtype=np.float32).reshape(-1, 3)
    t_s = 5000.0 + np.arange(len(load)) * 0.01
    back_t_s, back, head = unpacked(pack(LoadTrace(t_s, load, ("a", "b", "c"), True)))
    assert head["zones"] == ["a", "b", "c"]
    np.testing.assert_allclose(back_t_s, t_s, atol=1e-3)
    assert ((back == NOTHING) == np.isnan(load)).all()
    known = ~np.isnan(load)
    np.testing.assert_allclose(back[known] / 1000, np.minimum(load[known], 32.0), atol=6e-4)
