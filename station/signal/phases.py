"""What is known of a limb in each of its phases, and how a finished movement is reported."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hardware.frame_rows import ROW_S
from station.model import Lift, Limb, Part
from station.signal.history import Array
from station.signal.levels import Moment, Rest
from station.signal.melt import Melt, Settled, Settling
from station.signal.params import Parameters


@dataclass(slots=True)
class Preparing:
    """The load has left its rest; what it will become is open."""

    began: Moment
    reported_s: float
    rest_n: float
    lowest_n: float
    quiet_rows: int = 0


@dataclass(slots=True)
class Aloft:
    """The lead zone has left the mat.  rested: whether there was a rest before, from which prepare could be told.

    lowest_n: the limb's total at the peak, with floor_n in it: what the lead zone reads under nothing.
    """

    rest: Rest
    lead_rest_n: float
    prepare_start: Moment
    rested: bool
    lift_off: Moment
    reported_s: float
    lowest_n: float
    floor_n: float = 0.0
    widened: float = 0.0
    looked_s: float = 0.0


@dataclass(slots=True)
class Melting:
    """The lead zone is back."""

    aloft: Aloft
    touch_down: Moment
    reported_s: float
    melt: Melt
    soft_share: float | None = None


@dataclass(slots=True)
class Resting:
    """The limb lies still.  zones_n: resting newtons by column."""

    zones_n: dict[int, float] = field(default_factory=dict)
    other: dict[int, tuple[float, int]] = field(default_factory=dict)
    away_rows: int = 0

    def adapt(self, force: list[float], p: Parameters) -> None:
        """Each zone's rest follows slowly; a new level is adopted when it has held for long enough."""
        for column, rest in self.zones_n.items():
            now = force[column]
            if abs(now - rest) < p.decision.follows_share * rest:
                self.zones_n[column] = rest + ROW_S / p.timing.rest_adapts_s * (now - rest)
                self.other.pop(column, None)
                continue
            level, rows = self.other.get(column, (now, 0))
            if abs(now - level) > p.decision.new_rest_share * level:
                self.other[column] = (now, 0)
            elif rows * ROW_S >= p.timing.rest_again_s:
                self.zones_n[column] = level
                self.other.pop(column, None)
            else:
                self.other[column] = (level + ROW_S / p.timing.rest_learns_s * (now - level), rows + 1)


def melt_after(aloft: Aloft, touch_down: Moment, lead_n: float, settling: Settling, parameters: Parameters) -> Melt:
    """The melt that begins with this touch-down; lead_n: the lead zone's creep-free load in the rest before."""
    prepare_s = aloft.lift_off.t_s - aloft.prepare_start.t_s
    aloft_s = touch_down.t_s - aloft.lift_off.t_s
    return Melt(parameters, settling, touch_down.t_s, aloft.rest.level_n, lead_n, prepare_s, aloft_s)


def unweighting(limb: Limb, state: Preparing, end_s: float, known_s: float, depth: float) -> Lift:
    """The load fell and returned, and contact was never lost."""
    never = "contact was never lost"
    return Lift(
        limb=limb.name,
        kind="unweighting",
        part=_part(limb, ()),
        prepare_start=state.began.t_s,
        lift_off=None,
        touch_down=None,
        melt_end=end_s,
        reported_at={"prepare_start": state.reported_s, "melt_end": known_s},
        extent=depth,
        why_null={"lift_off": never, "touch_down": never},
    )


def finished_lift(
    limb: Limb,
    state: Melting,
    parts: tuple[str, ...],
    settled: Settled | None,
    melt_end: Moment | None,
    known_s: float,
    why: dict[str, str],
) -> Lift:
    """A lift with everything known about it; why: for each time that is null, the reason."""
    aloft = state.aloft
    prepare = aloft.prepare_start if "prepare_start" not in why else None
    reported = {"prepare_start": aloft.reported_s, "lift_off": aloft.reported_s, "touch_down": state.reported_s}
    if melt_end is not None:
        reported["melt_end"] = known_s
    rest_n = aloft.rest.level_n
    return Lift(
        limb=limb.name,
        kind="lift",
        part=_part(limb, parts),
        prepare_start=prepare.t_s if prepare else None,
        lift_off=aloft.lift_off.t_s,
        touch_down=state.touch_down.t_s,
        melt_end=melt_end.t_s if melt_end else None,
        reported_at=reported,
        extent=min(1.0, max(0.0, (rest_n - aloft.lowest_n) / max(rest_n - aloft.floor_n, 1e-9))),
        settled_ratio=settled.level_n / rest_n if settled is not None else None,
        softness_share=state.soft_share,
        prepare_start_sd=prepare.sd_s if prepare else None,
        lift_off_sd=aloft.lift_off.sd_s,
        touch_down_sd=state.touch_down.sd_s,
        melt_end_sd=melt_end.sd_s if melt_end else None,
        parts=parts,
        why_null=why,
    )


def parts_that_left(
    state: Melting, columns: dict[str, int], lead: int, times: Array, values: Array, rest_n: dict[int, float], low_share: float
) -> tuple[str, ...]:
    """Zones that left the mat while the lead zone was off it, in the order they left.

    columns: by name of the zones that can be believed.  times (n,), values (n, columns): rows since shortly before the lift-off.
    """
    off_s = state.aloft.lift_off.t_s
    inside = (times >= state.aloft.prepare_start.t_s) & (times < state.touch_down.t_s)
    left = []
    for name, column in columns.items():
        low = values[inside, column] < low_share * rest_n.get(column, 0.0)
        if column == lead or low.any():
            left.append((float(times[inside][np.argmax(low)]) if low.any() else off_s, name))
    return tuple(name for _, name in sorted(left))


def _part(limb: Limb, parts: tuple[str, ...]) -> Part:
    if limb.kind == "leg":
        return "leg"
    return "elbow" if len(parts) <= 1 else "elbow_hand" if len(parts) == 2 else "elbow_hand_head"
