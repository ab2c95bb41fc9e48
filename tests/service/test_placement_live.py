"""A whole station and a person who lies beside the sensors: what she hears, when she is told "ready", what her tablet shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_time import Rig, rig

from hardware.sim.lying import Direction, Lying
from hardware.sim.script import Away, LieDown, LiftLimb, Rest, Script
from station.practice.cue import Cue

LYING = Script(((Away(4.0),), (LieDown(4.0),), (Rest(900.0),)))
WORDS = {
    "your left foot": "foot_l",
    "your right foot": "foot_r",
    "your left elbow": "elbow_l",
    "your right elbow": "elbow_r",
    "both feet": "foot_l foot_r",
    "both elbows": "elbow_l elbow_r",
}


def hear(made: Rig) -> list[Cue]:
    """Every cue from now on."""
    heard: list[Cue] = []
    hand_on = made.station.session._outputs.cue  # type: ignore[attr-defined]

    def cue(cue: Cue) -> None:
        heard.append(cue)
        hand_on(cue)

    made.station.session._outputs.cue = cue  # type: ignore[attr-defined, method-assign]
    return heard


def obey(made: Rig, words: str) -> None:
    """Understand the sentence that was said, and do it."""
    far = "hand's width" in words
    for part, zones in WORDS.items():
        if part not in words:
            continue
        for zone in zones.split():
            left = zone.endswith("_l")
            way: Direction
            if "away from your head" in words:
                way = "feet"
            elif "towards your head" in words:
                way = "head"
            else:
                way = "left" if ("outwards" in words) == left else "right"
            made.body.told(zone, way, far)
        return
    raise AssertionError(f"nobody could do this: {words}")


def said(heard: list[Cue], sound: str) -> list[Cue]:
    return [cue for cue in heard if cue.sound == sound]


def test_a_person_who_does_what_the_voice_says_ends_up_ready(tmp_path: Path) -> None:
    with rig(tmp_path, mat="small-4", script=LYING, lying=Lying(170.0, parts_cm={"foot_l": (-6.0, 0.0)})) as made:
        heard = hear(made)
        done = 0
        for _ in range(120):
            made.run(0.5)
            for cue in said(heard, "misplaced")[done:]:
                assert not said(heard, "ready"), "nobody is ready who lies beside a sensor"
                obey(made, cue.say or "")
                done += 1
            if said(heard, "ready"):
                break
        assert 1 <= done <= 8
        (ready,) = said(heard, "ready")
        assert "not timed" not in (ready.say or "")
        assert made.station.session.state(made.clock.monotonic_s()).placement is None


def test_who_does_not_move_is_told_what_is_not_timed_and_the_rest_is_timed(tmp_path: Path) -> None:
    lift = LiftLimb("arm_r", depths=(1.0, 1.3, 1.3), prepare_s=3.0, aloft_s=5.0, melt_s=4.0)
    script = Script(((Away(4.0),), (LieDown(4.0),), (Rest(150.0),), (lift,), (Rest(60.0),)))
    with rig(tmp_path, mat="small-4", script=script, lying=Lying(170.0, parts_cm={"foot_r": (9.0, 0.0)})) as made:
        heard = hear(made)
        made.run(30.0)
        shown = made.station.session.state(made.clock.monotonic_s())
        assert shown.placement is not None and shown.placement.advice is not None
        assert shown.placement.light == ("foot_r",) and shown.placement.untimed == ("leg_r",)
        assert shown.placement.advice.zones == ("foot_r",)
        assert any("Slide your right foot" in words for words in shown.guide.words)
        assert not said(heard, "ready")
        made.run(160.0)
        (ready,) = said(heard, "ready")
        assert "The right leg is not on its sensor and is not timed." in (ready.say or "")
        assert len(said(heard, "misplaced")) <= 16
        assert [cue.sound for cue in heard if cue.sound in ("lift_off", "touch_down")] == ["lift_off", "touch_down"]


def test_whoever_lies_on_the_marks_hears_ready_as_ever(tmp_path: Path) -> None:
    with rig(tmp_path, mat="small-4", script=LYING, lying=Lying(170.0)) as made:
        heard = hear(made)
        made.run(25.0)
        assert len(said(heard, "ready")) == 1 and not said(heard, "misplaced")


@pytest.mark.parametrize("mat", ["small-4", "half-8"])
def test_without_any_limb_on_a_sensor_ready_never_sounds(tmp_path: Path, mat: str) -> None:
    beside = dict.fromkeys(("foot_l", "foot_r", "elbow_l", "elbow_r"), (0.0, 40.0))
    with rig(tmp_path, mat=mat, script=LYING, lying=Lying(170.0, parts_cm=beside)) as made:
        heard = hear(made)
        made.run(220.0)
        assert not said(heard, "ready")
