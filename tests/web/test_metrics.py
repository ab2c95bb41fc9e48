"""What Prometheus reads: the machine's health, nothing of anybody's body."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from web.live.metrics import HEALTH_METRICS, metrics_view, temperature_celsius

HEALTH = {
    "rate_hz": 99.0,
    "late": 7,
    "late_share": 0.01,
    "bus_errors": 312,
    "queue_frames": 3,
    "dropped": 1,
    "frames_lost": 2,
    "saving": "ok",
    "notices": [],
}
STATE = {"health": HEALTH, "presence": "still", "phase": "melt", "limb": "leg_l", "zones": {"foot_l": {"load": 0.97}}}


def read(state: Mapping[str, Any] | None, data: Path, sys: Path) -> dict[str, float]:
    """Scrape once, and parse it as Prometheus does."""
    app = Flask(__name__)
    app.add_url_rule("/metrics", view_func=metrics_view(lambda: state, data, sys))
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    assert all(not sample.labels for sample in samples)
    return {sample.name: sample.value for sample in samples}


def raspberry(sys: Path, alarm: str) -> Path:
    for name, text in {
        "class/thermal/thermal_zone0/temp": "48312\n",
        "class/hwmon/hwmon0/name": "cpu_thermal\n",
        "class/hwmon/hwmon1/name": "rpi_volt\n",
        "class/hwmon/hwmon1/in0_lcrit_alarm": alarm,
    }.items():
        (sys / name).parent.mkdir(parents=True, exist_ok=True)
        (sys / name).write_text(text)
    return sys


def test_everything_is_there_on_a_pi(tmp_path: Path):
    (tmp_path / "backlift.db").write_bytes(b"x" * 1000)
    (tmp_path / "backlift.db-wal").write_bytes(b"x" * 24)
    told = read(STATE, tmp_path, raspberry(tmp_path / "sys", "1\n"))
    assert told["backlift_station_up"] == 1
    assert told["backlift_frame_rate_hertz"] == 99
    assert told["backlift_late_frames_total"] == 7
    assert told["backlift_late_frames_ratio"] == 0.01
    assert told["backlift_bus_errors_total"] == 312
    assert told["backlift_queue_frames"] == 3
    assert told["backlift_not_saving"] == 0
    assert told["backlift_database_bytes"] == 1024
    assert told["backlift_storage_free_bytes"] > 0
    assert told["backlift_cpu_temperature_celsius"] == 48.312
    assert told["backlift_undervoltage"] == 1


def test_nothing_of_the_body_is_told(tmp_path: Path):
    one = read(STATE, tmp_path, tmp_path)
    other = read({**STATE, "presence": "empty", "phase": "aloft", "limb": None, "zones": {}}, tmp_path, tmp_path)
    del one["backlift_storage_free_bytes"], other["backlift_storage_free_bytes"]
    assert one == other


def test_without_the_station_its_series_are_missing_rather_than_zero(tmp_path: Path):
    told = read(None, tmp_path, tmp_path)
    assert told["backlift_station_up"] == 0
    assert not {name for name, _, _ in HEALTH_METRICS.values()} & {name.removesuffix("_total") for name in told}


def test_a_machine_that_is_no_pi_leaves_out_what_it_cannot_know(tmp_path: Path):
    assert temperature_celsius(tmp_path) is None
    assert "backlift_undervoltage" not in read(STATE, tmp_path, tmp_path)


def test_what_is_not_saved_shows(tmp_path: Path):
    for saving, shown in (("ok", 0), ("idle", 0), ("events_only", 1), ("not_saving", 1)):
        assert read({**STATE, "health": {**HEALTH, "saving": saving}}, tmp_path, tmp_path)["backlift_not_saving"] == shown
