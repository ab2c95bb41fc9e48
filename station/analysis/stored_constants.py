"""The calibration a session was recorded with, as detection needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from station.store.records import SessionRecord


@dataclass(frozen=True, slots=True)
class StoredConstants:
    """See `hardware.calibration.ZoneCalibration`."""

    k: float
    gamma: float
    tare_siemens: float
    creep_per_decade: float | None


def stored_constants(record: SessionRecord) -> dict[str, StoredConstants]:
    """Zone -> constants of then; zones that were not calibrated are left out."""
    return {zone: _constants(body) for zone, body in record.calibration.items()}


def _constants(body: Mapping[str, Any]) -> StoredConstants:
    # The first sessions were stored without a tare.
    return StoredConstants(float(body["k"]), float(body["gamma"]), float(body.get("tare_s") or 0.0), body.get("creep_per_decade"))
