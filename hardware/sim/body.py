"""A simulated person lying prone on a mat of sensors, with known truth (interface; the physics follows)."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.mat import Mat
from hardware.sim.script import FaultName, Script


@dataclass(frozen=True, slots=True)
class TrueLift:
    """What really happened in one lift, on the noise-free contact force; times in simulated seconds."""

    limb: str
    kind_of_limb: str
    prepare_start: float
    lift_off: float
    touch_down: float
    melt_end: float
    extent: float
    settled_ratio: float
    repetition: int


@dataclass(frozen=True, slots=True)
class TrueUnweighting:
    """The load fell by `depth` and returned without losing contact."""

    limb: str
    start: float
    end: float
    depth: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What happened so far; `ignore` are stretches in which a report is neither right nor wrong."""

    lifts: tuple[TrueLift, ...]
    unweightings: tuple[TrueUnweighting, ...]
    ignore: tuple[tuple[float, float], ...]


class SimulatedMat:
    """Volts at every channel of a mat somebody practises on.  Time begins at 0 and rises (0.2 s back is all right)."""

    def __init__(self, mat: Mat, script: Script, seed: int) -> None:
        raise NotImplementedError

    def volts(self, address: int, pin: int, t_s: float) -> float:
        """Volts at the divider node of a channel, before the ADC; a pin no zone uses reads 0."""
        raise NotImplementedError

    def fail(self, zone: str, fault: FaultName, twin: str | None = None) -> None:
        """Break a wire now, until `mend`."""
        raise NotImplementedError

    def mend(self, zone: str) -> None:
        """Undo `fail`."""
        raise NotImplementedError

    @property
    def truth(self) -> Truth:
        """What happened up to the latest time asked for."""
        raise NotImplementedError
