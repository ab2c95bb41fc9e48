"""Which sensors failed when, out of a session's fault events: what a time that was found without them must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from station.model import Lift
from station.store.records import EventRecord


@dataclass(frozen=True, slots=True)
class FaultSpan:
    """One fault of one zone (None: of the whole mat), from when to when; until_s None: to the session's end."""

    kind: str
    zone: str | None
    from_s: float
    until_s: float | None

    def touches(self, from_s: float, until_s: float) -> bool:
        return self.from_s < until_s and (self.until_s is None or self.until_s > from_s)


def fault_spans(events: Sequence[EventRecord]) -> tuple[FaultSpan, ...]:
    """The faults of a session, by when they began.  An end without a beginning is passed over."""
    open_: dict[tuple[str, str | None], float] = {}
    found = []
    for event in events:
        if event.type != "fault":
            continue
        key = (event.body["kind"], event.body["zone"])
        if not event.body["over"]:
            open_.setdefault(key, event.t_s)
        elif key in open_:
            found.append(FaultSpan(*key, from_s=open_.pop(key), until_s=event.t_s))
    found += [FaultSpan(kind, zone, from_s, None) for (kind, zone), from_s in open_.items()]
    return tuple(sorted(found, key=lambda span: span.from_s))


def missing_zones(lift: Lift, zones: Sequence[str], spans: Sequence[FaultSpan]) -> tuple[str, ...]:
    """The zones of a lift's limb that failed while it was timed, in the limb's order."""
    known = [t_s for t_s in (lift.prepare_start, lift.lift_off, lift.touch_down, lift.melt_end) if t_s is not None]
    if not known:
        return ()
    failed = {span.zone for span in spans if span.touches(min(known), max(known))}
    return tuple(zone for zone in zones if zone in failed)
