"""Exercises as data: which limbs, in which order, how often, how slowly, in which words.

An exercise file is TOML, read strictly.  It either lists its own steps (`[[step]]`) or strings other exercises together
(`[[include]]`, one level deep).  Any floor exercise in which a limb leaves the mat, or a part of the body becomes lighter, can
be written this way without a line of code; docs/exercises.md shows one in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hardware.errors import BackliftError
from hardware.mat import Mat, Name
from hardware.strict_toml import decode, read_text
from station.practice.positions import Position, body_map, placed
from station.practice.trunk import TrunkMovement

Language = Literal["en", "de"]
Movement = Literal["lift", "unweighting", "lighten", "press", "roll_left", "roll_right"]
Measure = Literal["small", "large"]
ArmPart = Literal["elbow", "elbow_hand_head"]
Kind = Literal["exercise", "programme", "part"]
Words = Annotated[str, Meta(min_length=1, max_length=240)]
Counts = Annotated[tuple[Annotated[int, Meta(ge=2)], ...], Meta(min_length=1, max_length=12)]
TRUNK_MOVEMENTS: tuple[TrunkMovement, ...] = ("lighten", "press", "roll_left", "roll_right")
REPETITION_S, TURN_S, ARRIVE_S = 32.0, 30.0, 40.0
"""For the minutes on a card: four seconds of prepare, six lifted, a melt of eight, and a rest; turning over; lying down."""


class ExerciseFileError(BackliftError, ValueError):
    """An exercise file is wrong: the message names file and key."""


class UnknownExerciseError(BackliftError, LookupError):
    """There is no exercise of this name."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same words in every language the station speaks."""

    en: Words
    de: Words

    def in_(self, language: Language) -> str:
        return self.de if language == "de" else self.en


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One movement, a few times.

    limbs: what moves together, as the mat file (or, off the belly, station/practice/positions.py) names it; one part of the
        trunk for "lighten", "press" and "roll_…".
    movement: "lift" leaves the mat; "unweighting" grows lighter and need not lose contact; a trunk never leaves: it grows lighter,
        presses, or its weight rolls to the person's left or right.
    part: which part of an arm is meant, where a mat can tell; None: any.
    counts: the release of the first repetition is counted down from the first number, and so on.
    after_last: when the counts run out, "stay" at the last one or "slower": two more each time.
    measures: the extent of this step's lift is the person's "small" or "large" (personal range), else None.
    position: how the person lies for it; None: as the exercise says.
    """

    name: Name
    limbs: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=4)]
    title: Text
    say: Text
    movement: Movement = "lift"
    part: ArmPart | None = None
    repetitions: Annotated[int, Meta(ge=1, le=12)] = 3
    counts: Counts = (8, 10, 12)
    after_last: Literal["stay", "slower"] = "stay"
    measures: Measure | None = None
    position: Position | None = None


class Exercise(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in order, includes resolved.  No steps at all is the free practice: anything, in any order.

    kind: how the page sorts it.  counting: whether its releases are counted unless the person chose otherwise.
    """

    name: str
    title: Text
    about: Text
    position: Position
    steps: tuple[Step, ...]
    kind: Kind = "exercise"
    counting: bool = False

    @property
    def limbs(self) -> tuple[str, ...]:
        """What it moves, each once, in order."""
        return tuple(dict.fromkeys(limb for step in self.steps for limb in step.limbs))

    @property
    def minutes(self) -> int:
        """About how long it takes."""
        repetitions = sum(step.repetitions for step in self.steps)
        positions = [placed(step.position or self.position) for step in self.steps]
        turns = sum(one != other for one, other in pairwise(positions))
        return max(1, round((ARRIVE_S + REPETITION_S * repetitions + TURN_S * turns) / 60))


class _Include(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Steps of another exercise: all of them, or those named, in that order; `repetitions` instead of theirs."""

    exercise: str
    steps: tuple[Name, ...] = ()
    repetitions: Annotated[int, Meta(ge=1, le=12)] | None = None


class _ExerciseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    title: Text
    about: Text
    position: Position
    kind: Kind = "exercise"
    counting: bool = False
    step: Annotated[tuple[Step, ...], Meta(max_length=40)] = ()
    include: Annotated[tuple[_Include, ...], Meta(max_length=20)] = ()


def parse_exercises(texts: Mapping[str, str]) -> dict[str, Exercise]:
    """Exercises from TOML texts, keyed by file name without `.toml`.  Raises ExerciseFileError."""
    for name in texts:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
            raise ExerciseFileError(f"{name}.toml: name the file with small letters, digits, - and _, beginning with a letter")
    files = {name: _parse_file(name, text) for name, text in texts.items()}
    return {name: _resolve(name, files) for name in sorted(files)}


def load_exercises(own: Path | None = None, complain: Callable[[str], object] | None = None) -> dict[str, Exercise]:
    """The exercises that come with the station, and those in the directory `own` (which may replace some).

    A missing directory is no error: nobody has written an exercise yet.  complain: told of each file in `own` that is wrong, which
    is then left out, for a slip in one file must not stop a station; without it ExerciseFileError is raised.
    """
    shipped = resources.files("station.practice") / "exercises"
    texts = {entry.name[:-5]: entry.read_text(encoding="utf-8") for entry in shipped.iterdir() if entry.name.endswith(".toml")}
    for path in sorted(file for file in own.glob("*.toml") if file.is_file()) if own is not None else ():
        try:
            text = read_text(path, ExerciseFileError, "it was there a moment ago")
            parse_exercises({**texts, path.stem: text})
        except ExerciseFileError as error:
            if complain is None:
                raise
            complain(str(error))
        else:
            texts[path.stem] = text
    return parse_exercises(texts)


def find_exercise(name: str, exercises: Mapping[str, Exercise]) -> Exercise:
    """One exercise by name.  Raises UnknownExerciseError."""
    if name not in exercises:
        raise UnknownExerciseError(f"there is no exercise '{name}'; exercises are {', '.join(exercises)}")
    return exercises[name]


def missing_limbs(exercise: Exercise, mat: Mat) -> tuple[str, ...]:
    """Limbs and parts of the body the exercise moves and this mat cannot feel where they then lie; each once, in order."""
    body = body_map(mat)
    missing = []
    for step in exercise.steps:
        position = placed(step.position or exercise.position)
        for name in step.limbs:
            part = body.trunk[position].get(name)
            limb = body.limb(name, position)
            # With one zone a limb is on the mat or off it: how far it was lifted cannot be felt.
            felt = limb is not None and (step.measures is None or len(limb.zones) > 1)
            if step.movement in TRUNK_MOVEMENTS:
                felt = part is not None and part.can(step.movement)
            if not felt:
                missing.append(name)
    return tuple(dict.fromkeys(missing))


def for_mat(exercise: Exercise, mat: Mat) -> Exercise | None:
    """The exercise without the steps this mat cannot feel; None when nothing is left of it.

    A step that asks for one part of an arm keeps to it only where the mat has a zone that tells the parts apart.
    """
    if not exercise.steps:
        return exercise
    body = body_map(mat)
    steps = []
    for step in exercise.steps:
        if missing_limbs(msgspec.structs.replace(exercise, steps=(step,)), mat):
            continue
        position = placed(step.position or exercise.position)
        limbs = [body.limb(name, position) for name in step.limbs]
        tells = any(limb is not None and limb.kind == "arm" and len(limb.zones) > 1 for limb in limbs)
        steps.append(step if tells or step.part is None else msgspec.structs.replace(step, part=None))
    return msgspec.structs.replace(exercise, steps=tuple(steps)) if steps else None


def _parse_file(name: str, text: str) -> _ExerciseFile:
    file = decode(text, _ExerciseFile, f"{name}.toml", ExerciseFileError)
    if file.step and file.include:
        raise ExerciseFileError(f"{name}.toml: has both [[step]] and [[include]]; give it one kind only")
    names = [step.name for step in file.step]
    for step in file.step:
        if names.count(step.name) > 1:
            raise ExerciseFileError(f"{name}.toml: two steps are named '{step.name}'; give each its own name")
        if step.movement != "lift" and len(step.limbs) > 1:
            raise ExerciseFileError(f"{name}.toml: step '{step.name}' unweights several limbs; give each a step of its own")
        if len(set(step.limbs)) < len(step.limbs):
            raise ExerciseFileError(f"{name}.toml: step '{step.name}' names a limb twice")
    return file


def _resolve(name: str, files: Mapping[str, _ExerciseFile]) -> Exercise:
    file = files[name]
    steps = [msgspec.structs.replace(step, position=step.position or file.position) for step in file.step]
    for include in file.include:
        part = files.get(include.exercise)
        if part is None or part.include:
            known = ", ".join(sorted(other for other, each in files.items() if not each.include))
            raise ExerciseFileError(f"{name}.toml: cannot include '{include.exercise}'; exercises with steps of their own: {known}")
        by_name = {step.name: step for step in part.step}
        for wanted in include.steps or by_name:
            if wanted not in by_name:
                raise ExerciseFileError(f"{name}.toml: '{include.exercise}' has no step '{wanted}'; it has {', '.join(by_name)}")
            step = msgspec.structs.replace(by_name[wanted], position=by_name[wanted].position or part.position)
            steps.append(msgspec.structs.replace(step, repetitions=include.repetitions) if include.repetitions else step)
    return Exercise(
        name=name,
        title=file.title,
        about=file.about,
        position=file.position,
        steps=tuple(steps),
        kind=file.kind,
        counting=file.counting,
    )
