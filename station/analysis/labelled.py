"""Reading a recording with its truth: NAME.csv.gz (or .csv), NAME.mat.toml and NAME.truth.json in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from hardware.errors import BackliftError
from hardware.mat import load_mat
from hardware.sim.labels import Recording
from hardware.sim.truth import TrueLift, TrueRepetition, TrueUnweighting, Truth
from station.recording import read_recording

SUFFIX = ".truth.json"


class TruthFileError(BackliftError, ValueError):
    """A truth file is not what it should be: the message names the file."""


class _Lift(msgspec.Struct, frozen=True):
    limb: str
    kind_of_limb: str
    prepare_start: float
    lift_off: float
    touch_down: float
    melt_end: float
    extent: float
    repetition: int = 0
    settled_ratio: float = 1.0
    uncertain: tuple[str, ...] = ()
    optional: bool = False


class _Repetition(msgspec.Struct, frozen=True):
    kind: str
    limbs: tuple[str, ...]


class _Unweighting(msgspec.Struct, frozen=True):
    limb: str
    start: float
    end: float
    depth: float


class _TruthFile(msgspec.Struct, frozen=True):
    lifts: tuple[_Lift, ...]
    family: str = "recording"
    rate_hz: Annotated[float, Meta(gt=0)] = 100.0
    repetitions: tuple[_Repetition, ...] = ()
    unweightings: tuple[_Unweighting, ...] = ()
    ignore: tuple[tuple[float, float], ...] = ()


def labelled_names(folder: Path) -> list[str]:
    """Names of the recordings with a truth in a folder, in order."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))


def read_labelled(folder: Path, name: str) -> Recording:
    """One recording with its truth.  Raises TruthFileError, and what reading a mat or a recording raises."""
    path = folder / f"{name}{SUFFIX}"
    try:
        told = msgspec.json.decode(path.read_bytes(), type=_TruthFile)
    except OSError as error:
        raise TruthFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except msgspec.DecodeError as error:
        raise TruthFileError(f"{path}: not a truth file: {error}") from None
    mat = load_mat(folder / f"{name}.mat.toml")
    packed = folder / f"{name}.csv.gz"
    frames = read_recording(packed if packed.exists() else folder / f"{name}.csv", mat.zone_names)
    lifts = tuple(
        TrueLift(
            one.limb,
            one.kind_of_limb,
            one.prepare_start,
            one.lift_off,
            one.touch_down,
            one.melt_end,
            one.extent,
            one.settled_ratio,
            one.repetition,
        )
        for one in told.lifts
    )
    truth = Truth(
        lifts,
        tuple(TrueRepetition(one.kind, one.limbs) for one in told.repetitions),
        tuple(TrueUnweighting(one.limb, one.start, one.end, one.depth) for one in told.unweightings),
        told.ignore,
    )
    return Recording(
        name,
        told.family,
        mat,
        told.rate_hz,
        frames.t_s,
        frames.volts,
        truth,
        uncertain={i: one.uncertain for i, one in enumerate(told.lifts) if one.uncertain},
        optional=frozenset(i for i, one in enumerate(told.lifts) if one.optional),
    )
