"""The running station as Lab Streaming Layer streams: each zone's load, and phases as markers.

LSL's clock on Linux is the monotonic clock, which is the station's own: what is sent carries the time of its frame, not of its
sending, and recorders align it with other instruments to the millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from hardware.errors import pip_install
from station.store.store_errors import StoreError

LOADS, MARKERS = "BackLiftLoads", "BackLiftPhases"


class Outlet(Protocol):
    """What of `pylsl.StreamOutlet` is used."""

    def push_sample(self, x: Sequence[Any], timestamp: float = 0.0) -> None: ...


def open_outlets(zones: Sequence[str], station_id: str) -> tuple[Outlet, Outlet]:
    """Loads (one channel a zone, share of rest, irregular rate) and markers, announced on the network.

    Needs the extra 'study'; raises StoreError without it or without the liblsl library.
    """
    try:
        import pylsl
    except (ImportError, RuntimeError) as error:
        raise StoreError(f"LSL needs one more package: {pip_install('pylsl')} ({error})") from None
    loads = pylsl.StreamInfo(LOADS, "Force", len(zones), pylsl.IRREGULAR_RATE, pylsl.cf_float32, f"{station_id}-loads")
    channels = loads.desc().append_child("channels")
    for zone in zones:
        channel = channels.append_child("channel")
        channel.append_child_value("label", zone)
        channel.append_child_value("unit", "share of rest")
    markers = pylsl.StreamInfo(MARKERS, "Markers", 1, pylsl.IRREGULAR_RATE, pylsl.cf_string, f"{station_id}-phases")
    return pylsl.StreamOutlet(loads), pylsl.StreamOutlet(markers)


def forward(messages: Iterable[Mapping[str, Any]], zones: Sequence[str], loads: Outlet, markers: Outlet) -> None:
    """Pass the station's messages on until they end.  A load that is not known is NaN; a marker is "melt_end leg_l".

    What lies in the station's memory from before this began is passed over: a recorder would take it for now.
    """
    live = False
    for message in messages:
        if state := message.get("state"):
            live = True
            known = (state["zones"].get(zone, {}).get("load") for zone in zones)
            loads.push_sample([float("nan") if load is None else load for load in known], state["t_s"])
        event = message.get("event")
        if live and event and event.get("type") == "phase":
            markers.push_sample([f"{event['kind']} {event['limb']}"], event["t_s"])
