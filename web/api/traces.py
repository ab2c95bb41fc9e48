"""A session's loads, drawn in few points: what the review page plots.

The store decimates (minimum and maximum of each pixel, in time order); here volts become loads.  Conductance rises with volts, so
the extremes of one are the extremes of the other and decimating first is allowed.  A zone's load is shown relative to its own
usual load in this session (1.0 = its median over the whole session): the axis stays the same at every zoom.
"""

from __future__ import annotations

import json
import struct
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hardware.mat import Mat, parse_mat
from station.store import Reader
from station.store.records import SessionRecord, Trace

OVERVIEW_PIXELS = 1000
SCALES_KEPT = 16
NOTHING = -32768
"""The packed load of a zone that was not measured."""
HIGHEST = 32.0
"""Loads are packed as thousandths of the usual load in 16 bits."""
SILENT_S = 2e-7
"""Siemens.  A zone whose usual conductance is below this (5 MOhm) carries nobody; relative loads would be noise."""


@dataclass(frozen=True, slots=True)
class LoadTrace:
    """t_s: shape (m,); load: shape (m, zones), 1.0 = usual, NaN where nothing was measured."""

    t_s: NDArray[np.float64]
    load: NDArray[np.float32]
    zones: tuple[str, ...]
    decimated: bool


class Traces:
    """Traces of stored sessions as loads.  Remembers each session's usual loads; the sessions themselves stay with the reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._usual: OrderedDict[int, NDArray[np.float64]] = OrderedDict()
        self._lock = Lock()

    def loads(self, session: SessionRecord, t0_s: float | None, t1_s: float | None, pixels: int) -> LoadTrace:
        """The stretch t0_s..t1_s of a session (None: its end) in about 2 * pixels points."""
        mat = parse_mat(session.mat, f"mat of session {session.id}")
        with self._lock:
            usual = self._usual.get(session.id)
        trace = self._reader.trace(session.id, t0_s, t1_s, pixels)
        if usual is None:
            whole = trace if t0_s is None and t1_s is None else self._reader.trace(session.id, pixels=OVERVIEW_PIXELS)
            usual = usual_conductance(whole, mat)
            # An open session still grows: its usual load is not known yet.
            if session.summary.ended_s is not None:
                with self._lock:
                    self._usual[session.id] = usual
                    while len(self._usual) > SCALES_KEPT:
                        self._usual.popitem(last=False)
        load = (conductance(trace, mat) / usual).astype(np.float32)
        return LoadTrace(trace.t_s, load, trace.zones, trace.decimated)


def conductance(trace: Trace, mat: Mat) -> NDArray[np.float64]:
    """Siemens of each FSR, shape (m, zones): G = V / (R (Vcc - V)), never below zero."""
    by_name = {zone.name: zone for zone in mat.zone}
    ohms = np.array([by_name[zone].resistor_ohms for zone in trace.zones])
    volts = np.clip(trace.volts.astype(np.float64), 0.0, mat.mat.supply_volts - 0.01)
    return np.asarray(volts / (ohms * (mat.mat.supply_volts - volts)))


def usual_conductance(trace: Trace, mat: Mat) -> NDArray[np.float64]:
    """Each zone's median conductance in siemens, shape (zones,); infinite (so that loads become 0) for a zone nobody lies on."""
    values = conductance(trace, mat)
    usual = np.full(values.shape[1], np.inf)
    for column in range(values.shape[1]):
        measured = values[:, column][~np.isnan(values[:, column])]
        if len(measured) and np.median(measured) > SILENT_S:
            usual[column] = np.median(measured)
    return usual


def pack(trace: LoadTrace) -> bytes:
    """Compact bytes for the browser: uint32 length of a JSON head, the head, float32 seconds since `t0_s`, int16 thousandths.

    Little-endian; the arrays start at a multiple of four; loads are stored zone by zone.
    """
    t0_s = float(trace.t_s[0]) if len(trace.t_s) else 0.0
    head = json.dumps({"t0_s": t0_s, "points": len(trace.t_s), "zones": trace.zones, "decimated": trace.decimated}).encode()
    head += b" " * (-len(head) % 4)
    thousandths = np.rint(np.clip(np.nan_to_num(trace.load), 0.0, HIGHEST) * 1000).astype("<i2")
    thousandths[np.isnan(trace.load)] = NOTHING
    return b"".join(
        (
            struct.pack("<I", len(head)),
            head,
            (trace.t_s - t0_s).astype("<f4").tobytes(),
            np.ascontiguousarray(thousandths.T).tobytes(),
        )
    )
