"""Is somebody lying still, and has somebody turned over?  From the loads of the zones, relative to rest."""

from __future__ import annotations

from collections.abc import Sequence

STILL_WITHIN = 0.3
"""Share of a zone's resting load: shifting the hips moves a pelvis zone by 0.3 to 1, breathing a belly zone by 0.05 to 0.15."""
SMOOTH_S = 0.5
TURNED_SHARE, TURNED_BY = 0.5, 0.5
"""Turned over: half of the loaded zones changed by half of their load."""

Zones = Sequence[float | None]


class Stillness:
    """Follows the loads; `since_s` is when they last changed by more than a breath (None: nothing is known yet)."""

    def __init__(self) -> None:
        self.since_s: float | None = None
        self._at_s = 0.0
        self._smooth: list[float | None] = []
        self._held: list[float | None] = []

    def update(self, t_s: float, loads: Zones) -> None:
        share = min(max(t_s - self._at_s, 0.0) / SMOOTH_S, 1.0)
        self._at_s = t_s
        if len(loads) != len(self._smooth):
            self._smooth = list(loads)
            self._hold(t_s)
            return
        for n, load in enumerate(loads):
            before = self._smooth[n]
            self._smooth[n] = load if load is None or before is None else before + share * (load - before)
        if self.since_s is None or any(
            now is not None and held is not None and abs(now - held) > STILL_WITHIN
            for now, held in zip(self._smooth, self._held, strict=True)
        ):
            self._hold(t_s)

    def _hold(self, t_s: float) -> None:
        self._held = list(self._smooth)
        self.since_s = t_s

    @property
    def loads(self) -> tuple[float | None, ...]:
        """The smoothed loads."""
        return tuple(self._smooth)


def changed_zones(before: Zones, now: Zones) -> set[int]:
    """Zones that carry half as much more or less than before."""
    return {n for n, (a, b) in enumerate(zip(before, now, strict=False)) if _loaded(a, b) and _changed(a, b)}


def turned(before: Zones, changed: set[int], *, over: bool = True) -> bool:
    """Whether somebody lies otherwise, from the zones that have changed since: over, half of them; only the knees bent, two."""
    known = sum(load is not None for load in before)
    return known >= 2 and len(changed) >= (max(2.0, TURNED_SHARE * known) if over else 2.0)


def _loaded(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and max(a, b) > 0.1


def _changed(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and abs(a - b) > TURNED_BY * max(a, b)
