"""Exercises as data: which limbs, in which order, how often, how slowly, in which words.

An exercise file is TOML, read strictly.  It either lists its own steps (`[[step]]`) or strings other exercises together
(`[[include]]`, one level deep).  Any floor exercise in which a limb leaves the mat, or a part of the body becomes lighter, can
be written this way without a line of code; docs/practice.md shows one in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hardware.errors import BackliftError
from hardware.mat import Mat, Name
from hardware.strict_toml import decode, read_text

Language = Literal["en", "de"]
Movement = Literal["lift", "unweighting"]
Measure = Literal["small", "large"]
Words = Annotated[str, Meta(min_length=1, max_length=240)]
Counts = Annotated[tuple[Annotated[int, Meta(ge=4, le=30)], ...], Meta(min_length=1, max_length=12)]


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

    limbs: what leaves the mat together, as the mat file names it; two for an arm and the opposite leg.
    movement: "lift" leaves the mat; "unweighting" grows lighter and need not lose contact.
    counts: the release of the first repetition is counted down from the first number, and so on.
    after_last: when the counts run out, "stay" at the last one or "slower": two more each time, up to 30.
    measures: the extent of this step's lift is the person's "small" or "large" (personal range), else None.
    """

    name: Name
    limbs: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=4)]
    title: Text
    say: Text
    movement: Movement = "lift"
    repetitions: Annotated[int, Meta(ge=1, le=12)] = 3
    counts: Counts = (8, 10, 12)
    after_last: Literal["stay", "slower"] = "stay"
    measures: Measure | None = None


class Exercise(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in order, includes resolved.  No steps at all is the free practice: anything, in any order."""

    name: str
    title: Text
    about: Text
    position: Literal["prone", "supine", "side", "any"]
    steps: tuple[Step, ...]


class _Include(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Steps of another exercise: all of them, or those named, in that order; `repetitions` instead of theirs."""

    exercise: str
    steps: tuple[Name, ...] = ()
    repetitions: Annotated[int, Meta(ge=1, le=12)] | None = None


class _ExerciseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    title: Text
    about: Text
    position: Literal["prone", "supine", "side", "any"]
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
    for path in sorted(own.glob("*.toml")) if own is not None else ():
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
    """Limbs the exercise asks for and the mat does not have, each once, in the exercise's order."""
    there = {limb.name for limb in mat.limb}
    return tuple(dict.fromkeys(limb for step in exercise.steps for limb in step.limbs if limb not in there))


def _parse_file(name: str, text: str) -> _ExerciseFile:
    file = decode(text, _ExerciseFile, f"{name}.toml", ExerciseFileError)
    if file.step and file.include:
        raise ExerciseFileError(f"{name}.toml: has both [[step]] and [[include]]; give it one kind only")
    names = [step.name for step in file.step]
    for step in file.step:
        if names.count(step.name) > 1:
            raise ExerciseFileError(f"{name}.toml: two steps are named '{step.name}'; give each its own name")
        if step.movement == "unweighting" and len(step.limbs) > 1:
            raise ExerciseFileError(f"{name}.toml: step '{step.name}' unweights several limbs; give each a step of its own")
        if len(set(step.limbs)) < len(step.limbs):
            raise ExerciseFileError(f"{name}.toml: step '{step.name}' names a limb twice")
    return file


def _resolve(name: str, files: Mapping[str, _ExerciseFile]) -> Exercise:
    file = files[name]
    steps = list(file.step)
    for include in file.include:
        part = files.get(include.exercise)
        if part is None or part.include:
            known = ", ".join(sorted(other for other, each in files.items() if not each.include))
            raise ExerciseFileError(f"{name}.toml: cannot include '{include.exercise}'; exercises with steps of their own: {known}")
        by_name = {step.name: step for step in part.step}
        for wanted in include.steps or by_name:
            if wanted not in by_name:
                raise ExerciseFileError(f"{name}.toml: '{include.exercise}' has no step '{wanted}'; it has {', '.join(by_name)}")
            step = by_name[wanted]
            steps.append(msgspec.structs.replace(step, repetitions=include.repetitions) if include.repetitions else step)
    return Exercise(name=name, title=file.title, about=file.about, position=file.position, steps=tuple(steps))
