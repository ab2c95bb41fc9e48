"""`/metrics`: how the station is, in Prometheus' words.  About the machine only: nothing here tells what a body did.

Everything is read at the moment of asking: the newest health from the station's link, sizes from the file system, temperature and
supply from /sys.  What cannot be known is left out rather than set to 0, so that an alarm on a missing series works.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from hardware.supply import undervoltage

SYS = Path("/sys")
HEALTH_METRICS = {
    "rate_hz": ("backlift_frame_rate_hertz", "Frames read in the last whole second.", GaugeMetricFamily),
    "late": (
        "backlift_late_frames",
        "Frames that began more than half a period late, since the station started.",
        CounterMetricFamily,
    ),
    "late_share": ("backlift_late_frames_ratio", "Share of late frames in the last minute, 0 to 1.", GaugeMetricFamily),
    "bus_errors": ("backlift_bus_errors", "Readings of the mat's bus that failed, since the station started.", CounterMetricFamily),
    "queue_frames": ("backlift_queue_frames", "Frames read and not yet looked at.", GaugeMetricFamily),
    "dropped": ("backlift_dropped_frames", "Frames nobody took in time, since the station started.", CounterMetricFamily),
    "frames_lost": ("backlift_unsaved_frames", "Frames that could not be written, since the station started.", CounterMetricFamily),
}
"""Key of the station's health -> metric name, help, kind.  Counters get the ending `_total`."""
UNSAVED = ("events_only", "not_saving")


def metrics_view(newest_state: Callable[[], Mapping[str, Any] | None], data_dir: Path, sys: Path = SYS) -> Callable[[], Response]:
    """A Flask view.  newest_state: the newest state message of the link, None while the station is not there."""
    registry = CollectorRegistry()
    registry.register(_Collector(newest_state, data_dir, sys))

    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return metrics


class _Collector:
    def __init__(self, newest_state: Callable[[], Mapping[str, Any] | None], data_dir: Path, sys: Path) -> None:
        self._newest_state = newest_state
        self._data_dir = data_dir
        self._sys = sys

    def describe(self) -> list[Metric]:
        """Nothing ahead of time: what there is depends on the machine."""
        return []

    def collect(self) -> Iterator[Metric]:
        state = self._newest_state()
        yield _gauge("backlift_station_up", "Whether the station answers the dashboard, 0 or 1.", state is not None)
        if state is not None:
            health = state["health"]
            for key, (name, words, kind) in HEALTH_METRICS.items():
                if key in health:
                    yield kind(name, words, value=health[key])
            yield _gauge("backlift_not_saving", "Whether something cannot be saved, 0 or 1.", health.get("saving") in UNSAVED)
        yield from self._storage()
        yield from self._board()

    def _storage(self) -> Iterator[Metric]:
        if self._data_dir.is_dir():
            size = sum(path.stat().st_size for path in self._data_dir.glob("backlift.db*"))
            yield _gauge("backlift_database_bytes", "Size of the database with its journal.", size)
            yield _gauge(
                "backlift_storage_free_bytes", "Free space where the database lies.", shutil.disk_usage(self._data_dir).free
            )

    def _board(self) -> Iterator[Metric]:
        celsius = temperature_celsius(self._sys)
        if celsius is not None:
            yield _gauge("backlift_cpu_temperature_celsius", "Temperature of the processor.", celsius)
        low = undervoltage(self._sys.parent)
        if low is not None:
            yield _gauge("backlift_undervoltage", "Whether the supply is too weak now, 0 or 1.", low)


def temperature_celsius(sys: Path = SYS) -> float | None:
    """The processor's temperature; None where the kernel does not tell."""
    text = _read(sys / "class/thermal/thermal_zone0/temp")
    return int(text) / 1000 if text.lstrip("-").isdecimal() else None


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=float(value))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
