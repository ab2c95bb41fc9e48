"""What is true of a movement, measured on the force a body puts on the mat: no breath, no tremor, no sensor, no script parameter.

The definitions (a limb's *total* is the sum over its zones, its *lead* the first):
rest = force as the movement begins, settled = force when it is over; contact = lead above 2 % of its rest; lift-off and touch-down
bound the longest stretch without contact after those under 0.3 s (bounces) are taken as contact; prepare starts at the last time
before lift-off at which the total is within 5 % of its rest; the melt ends at the first time after touch-down from which the total
stays within 5 % of settled; extent = share of the total's rest that has left at the peak.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

EVENTS = ("prepare_start", "lift_off", "touch_down", "melt_end")
CONTACT_SHARE = 0.02
REST_BAND = 0.05
BOUNCE_S = 0.3
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrueLift:
    """What really happened in one lift; times in simulated seconds."""

    limb: str
    kind_of_limb: str
    prepare_start: float
    lift_off: float
    touch_down: float
    melt_end: float
    extent: float
    settled_ratio: float
    repetition: int = 0


@dataclass(frozen=True, slots=True)
class TrueRepetition:
    """Lifts that belong together."""

    kind: str
    limbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrueUnweighting:
    """The load fell by `depth` and returned without losing contact."""

    limb: str
    start: float
    end: float
    depth: float


@dataclass(frozen=True, slots=True)
class TrueFault:
    """A wire was bad; `twin` is the other zone when two channels touched."""

    zone: str
    fault: str
    start: float
    end: float
    twin: str | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """What happened; `ignore` are stretches in which a report is neither right nor wrong."""

    lifts: tuple[TrueLift, ...] = ()
    repetitions: tuple[TrueRepetition, ...] = ()
    unweightings: tuple[TrueUnweighting, ...] = ()
    ignore: tuple[tuple[float, float], ...] = ()
    faults: tuple[TrueFault, ...] = ()


def _cross(t: Array, y: Array, i: int, level: float) -> float:
    """Time between samples i and i + 1 at which y passes `level`."""
    if y[i + 1] == y[i]:
        return float(t[i])
    return float(t[i] + (t[i + 1] - t[i]) * np.clip((level - y[i]) / (y[i + 1] - y[i]), 0.0, 1.0))


def _aloft(t: Array, lead: Array, threshold: float) -> tuple[int, int] | None:
    """First and last sample of the longest stretch without contact, bounces taken as contact; None if there is none that ends."""
    off = lead <= threshold
    edges = np.flatnonzero(np.diff(off.astype(np.int8)))
    starts, ends = edges[off[edges + 1]] + 1, edges[off[edges]]
    if len(starts) == 0 or off[0] or off[-1]:
        return None
    lasting = [(int(a), int(b)) for a, b in zip(starts, ends, strict=True) if t[b] - t[a] >= BOUNCE_S]
    return max(lasting, key=lambda s: t[s[1]] - t[s[0]], default=None)


def measure_lift(t: Array, force: Array, limb: str, kind: str) -> TrueLift | None:
    """One lift from the force (n, zones of the limb, lead first), from its beginning until settled; None if it never left."""
    total, lead = force.sum(axis=1), force[:, 0]
    aloft = _aloft(t, lead, CONTACT_SHARE * lead[0])
    if aloft is None:
        return None
    first, last = aloft
    rest, settled = total[0], total[-1]
    resting = np.flatnonzero(np.abs(total[:first] - rest) <= REST_BAND * rest)
    moving = np.flatnonzero(np.abs(total[last + 1 :] - settled) > REST_BAND * settled) + last + 1
    i = int(resting[-1]) if len(resting) else 0
    side = 1.0 + REST_BAND * (1.0 if total[i + 1] > rest else -1.0)
    j = int(moving[-1]) if len(moving) else last
    edge = 1.0 + REST_BAND * (1.0 if total[j] > settled else -1.0)
    threshold = CONTACT_SHARE * lead[0]
    return TrueLift(
        limb=limb,
        kind_of_limb=kind,
        prepare_start=_cross(t, total, i, rest * side),
        lift_off=_cross(t, lead, first - 1, threshold),
        touch_down=_cross(t, lead, last, threshold),
        melt_end=_cross(t, total, j, settled * edge),
        extent=float(np.clip(1.0 - total.min() / rest, 0.0, 1.0)),
        settled_ratio=float(settled / rest),
    )


def measure_unweighting(t: Array, force: Array, limb: str) -> TrueUnweighting | None:
    """A fall and return from the force (n, zones of the limb, lead first); None if contact was lost or it stayed above 90 %."""
    total, lead = force.sum(axis=1), force[:, 0]
    outside = np.flatnonzero(np.abs(total - total[0]) > REST_BAND * total[0])
    depth = float(1.0 - total.min() / total[0])
    if lead.min() <= CONTACT_SHARE * lead[0] or depth < 0.1 or len(outside) == 0:
        return None
    return TrueUnweighting(limb, float(t[outside[0]]), float(t[outside[-1]]), depth)


def group_repetitions(lifts: list[TrueLift], side: dict[str, str]) -> tuple[tuple[TrueLift, ...], tuple[TrueRepetition, ...]]:
    """An arm and the opposite leg aloft at overlapping times are one repetition."""
    group: list[int] = []
    for i, lift in enumerate(lifts):
        mine = i
        for j, other in enumerate(lifts[:i]):
            overlap = min(lift.touch_down, other.touch_down) - max(lift.lift_off, other.lift_off)
            if overlap > 0 and lift.kind_of_limb != other.kind_of_limb and side[lift.limb] != side[other.limb]:
                mine = group[j]
        group.append(mine)
    order = sorted(set(group))
    repetitions = []
    for g in order:
        members = [lift for lift, of in zip(lifts, group, strict=True) if of == g]
        kinds = {lift.kind_of_limb for lift in members}
        repetitions.append(
            TrueRepetition("full" if len(kinds) > 1 else members[0].kind_of_limb, tuple(lift.limb for lift in members))
        )
    return tuple(replace(lift, repetition=order.index(g)) for lift, g in zip(lifts, group, strict=True)), tuple(repetitions)


def join_truths(truths: Iterable[Truth]) -> Truth:
    """One truth from those of consecutive steps; repetitions are counted through, touching stretches to ignore become one."""
    lifts: list[TrueLift] = []
    repetitions: list[TrueRepetition] = []
    unweightings: list[TrueUnweighting] = []
    ignore: list[tuple[float, float]] = []
    faults: list[TrueFault] = []
    for truth in truths:
        faults += truth.faults
        lifts += [replace(lift, repetition=lift.repetition + len(repetitions)) for lift in truth.lifts]
        repetitions += truth.repetitions
        unweightings += truth.unweightings
        for a, b in truth.ignore:
            if ignore and a <= ignore[-1][1]:
                ignore[-1] = (ignore[-1][0], max(b, ignore[-1][1]))
            else:
                ignore.append((a, b))
    return Truth(tuple(lifts), tuple(repetitions), tuple(unweightings), tuple(ignore), tuple(faults))
