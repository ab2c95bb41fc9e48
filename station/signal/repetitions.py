"""Which lifts belong together."""

from __future__ import annotations

from station.model import Lift, Limb, Repetition


class Repetitions:
    """Joins an arm and the opposite leg that were aloft at overlapping times into one repetition.

    `began` and `ended` tell it which limbs are under way, so that it knows when nothing more can join.
    """

    def __init__(self, limbs: tuple[Limb, ...]) -> None:
        self._limbs = {limb.name: limb for limb in limbs}
        self._waiting: list[Lift] = []

    def update(self, lift: Lift | None, under_way: dict[str, float], t_s: float) -> list[Repetition]:
        """A finished lift (or None) and the lift-off times of limbs not finished yet."""
        if lift is not None and lift.kind == "lift":
            self._waiting.append(lift)
        out = []
        for first in list(self._waiting):
            if first not in self._waiting:
                continue
            group = [first]
            for other in self._waiting:
                if other is not first and any(self._together(other, member) for member in group):
                    group.append(other)
            if any(self._could_join(member, name, off) for member in group for name, off in under_way.items()):
                continue
            for member in group:
                self._waiting.remove(member)
            out.append(self._repetition(group, t_s))
        return out

    def finish(self, t_s: float) -> list[Repetition]:
        """Nothing more will come."""
        return self.update(None, {}, t_s)

    def _opposite(self, a: str, b: str) -> bool:
        one, two = self._limbs[a], self._limbs[b]
        return one.kind != two.kind and one.side != two.side

    def _together(self, a: Lift, b: Lift) -> bool:
        assert a.lift_off is not None and a.touch_down is not None and b.lift_off is not None and b.touch_down is not None
        overlap = min(a.touch_down, b.touch_down) - max(a.lift_off, b.lift_off)
        return self._opposite(a.limb, b.limb) and overlap > 0

    def _could_join(self, done: Lift, name: str, lift_off: float) -> bool:
        assert done.touch_down is not None
        return self._opposite(done.limb, name) and lift_off < done.touch_down

    def _repetition(self, group: list[Lift], t_s: float) -> Repetition:
        group = sorted(group, key=lambda lift: lift.lift_off or 0.0)
        kinds = {self._limbs[lift.limb].kind for lift in group}
        side = next((self._limbs[x.limb].side for x in group if self._limbs[x.limb].kind == "arm"), self._limbs[group[0].limb].side)
        return Repetition("full" if len(kinds) == 2 else next(iter(kinds)), side, tuple(group), t_s)
