"""Lifts that belong together: an arm and the opposite leg, aloft at the same time, are one repetition."""

from __future__ import annotations

import pytest

from hardware.mat import Limb
from station.model import Lift
from station.signal.repetitions import Repetitions

LIMBS = tuple(
    Limb(name=f"{kind}_{side[0]}", kind=kind, side=side, zones=(f"{kind}_{side}",))  # type: ignore[arg-type]
    for kind in ("arm", "leg")
    for side in ("left", "right")
)


def lift(limb: str, lift_off: float, touch_down: float) -> Lift:
    return Lift(
        limb=limb, kind="lift", part="leg", prepare_start=lift_off - 1.0, lift_off=lift_off, touch_down=touch_down,
        melt_end=touch_down + 1.0, reported_at={}, extent=1.0,
    )  # fmt: skip


@pytest.mark.parametrize(("other", "kinds"), [("leg_r", ["full"]), ("leg_l", ["arm", "leg"]), ("arm_r", ["arm", "arm"])])
def test_only_an_arm_and_the_opposite_leg_are_one(other: str, kinds: list[str]) -> None:
    repetitions = Repetitions(LIMBS)
    done = repetitions.update(lift("arm_l", 10.0, 20.0), {other: 11.0}, 22.0)
    done += repetitions.update(lift(other, 11.0, 21.0), {}, 23.0)
    assert [one.kind for one in done] == kinds


def test_an_arm_and_a_leg_one_after_the_other_are_two() -> None:
    repetitions = Repetitions(LIMBS)
    done = repetitions.update(lift("arm_l", 10.0, 20.0), {}, 22.0) + repetitions.update(lift("leg_r", 21.0, 30.0), {}, 32.0)
    assert [one.kind for one in done] == ["arm", "leg"]


def test_a_lift_waits_for_the_other_limb_that_left_before_it_was_down() -> None:
    repetitions = Repetitions(LIMBS)
    assert repetitions.update(lift("arm_l", 10.0, 20.0), {"leg_r": 15.0}, 22.0) == []
    assert [one.kind for one in repetitions.update(lift("leg_r", 15.0, 90.0), {}, 92.0)] == ["full"]
