"""Many stations on one broker: `python -m web.fleet_bench` in a process of its own."""

from __future__ import annotations

from station.bench.dashboard_process import figures
from station.bench.figure import Figure


def measure() -> list[Figure]:
    return figures("web.fleet_bench", "fleet", "is Mosquitto there, and the 'mqtt' extra?")
