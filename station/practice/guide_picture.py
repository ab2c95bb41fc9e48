"""The picture of the practice that the page shows, put together from the guide's parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.practice.cue import CueMaker
from station.practice.exercise import Exercise
from station.practice.exercise_progress import Progress
from station.practice.guide_view import GuideSettings, GuideState, GuideView
from station.practice.instructions import Instructions
from station.practice.movement import Movement
from station.practice.pace import PaceKeeper
from station.practice.range_feel import RangeFeel
from station.practice.release import ReleaseCounting
from station.practice.trunk import TrunkFollower
from station.practice.visit import Visit


@dataclass(frozen=True, slots=True)
class Parts:
    """What a guide is made of."""

    exercise: Exercise
    visit: Visit
    movement: Movement
    progress: Progress
    instructions: Instructions
    counting: ReleaseCounting
    trunk: TrunkFollower
    range: RangeFeel
    pace: PaceKeeper
    cues: CueMaker


def picture(parts: Parts, settings: GuideSettings, now_s: float, said: tuple[str, ...], words_for: Callable[..., str]) -> GuideView:
    """The picture at a time.  said: what there is to say now; words_for: a phrase in the person's language."""
    step, following, last = parts.progress.step, parts.progress.following, parts.cues.last
    left, of = parts.counting.shown(now_s) or (None, None)
    language = settings.language
    state = _state(parts)
    return GuideView(
        exercise=parts.exercise.name,
        title=parts.exercise.title.in_(language),
        step=parts.progress.index + 1 if step else None,
        steps=len(parts.exercise.steps),
        step_title=step.title.in_(language) if step else None,
        next_title=following.title.in_(language) if following else None,
        position=parts.instructions.position(parts.visit.position),
        limbs=step.limbs if step else (),
        repetition=parts.progress.made,
        repetitions=step.repetitions if step else 0,
        next=_next(parts, settings, words_for),
        state=state,
        since_s=_since_s(parts, state),
        count=of - left + 1 if left is not None and of is not None and settings.count_up else left,
        count_of=of,
        pace=parts.pace.pace(settings.pace),
        trunk=parts.trunk.progress if parts.visit.session == "on" else None,
        may_grow=parts.range.may_grow,
        last_sound=last.sound if last else None,
        last_sound_at_s=last.at_s if last else None,
        release=parts.counting.release,
        hurried=parts.movement.hurried,
        rests_s=tuple(parts.movement.rests_s),
        done=bool(parts.exercise.steps) and step is None,
        words=said,
    )


def _next(parts: Parts, settings: GuideSettings, words_for: Callable[..., str]) -> str:
    match parts.visit.session:
        case "away":
            return parts.instructions.lie_down()
        case "ended":
            return words_for("ended_not_recording")
        case "turning":
            return parts.instructions.turn_to()
        case "waiting":
            return words_for("be_still")
        case "paused":
            return words_for("paused")
        case "on":
            return parts.instructions.next(settings.language)


def _state(parts: Parts) -> GuideState:
    if parts.visit.session != "on":
        return parts.visit.session
    for phase in ("aloft", "melt", "prepare"):
        if parts.movement.in_phase(phase):
            return phase
    return "prepare" if parts.trunk.began_s is not None else "rest"


def _since_s(parts: Parts, state: GuideState) -> float:
    if state in ("aloft", "melt", "prepare"):
        return parts.movement.since_s(state) if parts.movement.in_phase(state) else parts.trunk.began_s or parts.visit.since_s
    rest_since_s = parts.movement.rest_since_s
    return rest_since_s if state == "rest" and rest_since_s is not None else parts.visit.since_s
