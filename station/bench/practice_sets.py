"""Sets of labelled recordings the detector is measured on: simulated ones, and real readings where their folder is found.

The folder `shared` (real readings, practice recordings of another simulator) does not come with the project; it is looked for
beside it and above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hardware.sim.labels import Recording
from hardware.sim.recorder import make
from station.analysis.labelled import labelled_names, read_labelled

SEED = 500

ORDINARY = (
    "clean", "breathy", "creepy", "noisy", "jerky", "full", "small4", "light", "half", "preload", "residual", "staircase", "bounce",
    "slow30", "late", "cough", "hips", "slide", "early", "headturn", "fidget", "mixed",
)  # fmt: skip
SETS: dict[str, tuple[tuple[str, int], ...]] = {
    "ordinary": tuple((kind, 1) for kind in ORDINARY),
    "slow": (("slow", 3), ("slowreal", 4), ("glacial", 3)),
    "off-mark, 4 zones": (("offmark4", 6),),
    "real sensors, simulated": tuple(
        (kind, 1)
        for kind in ("creep30", "coarse", "lowrate", "unequal", "unknown", "saturated", "linger", "offmark", "faint", "faint4")
    ),
    "held": (("held", 5),),
    "robot": (("robot", 5),),
    "stepping": (("stepping", 5),),
    "still": (("standing", 3), ("lying", 3), ("quiet", 2), ("empty", 1)),
    "faults": (("cutbefore", 3), ("cutduring", 3), ("loosewire", 2), ("gaps", 2)),
    "unusual": (("odd", 2), ("quick", 2), ("long", 1), ("atonce", 2)),
}
"""Name of the set -> (kind, how many seeds)."""

SLOW_FAMILIES = ("slow", "slowreal", "glacial")


@dataclass(frozen=True, slots=True)
class Source:
    """Where one recording comes from: simulated (kind, seed), or read from a folder."""

    set_name: str
    kind: str
    seed: int = 0
    folder: Path | None = None

    def get(self) -> Recording:
        return make(self.kind, self.seed) if self.folder is None else read_labelled(self.folder, self.kind)


def simulated(names: tuple[str, ...] | None = None, first_seed: int = SEED) -> list[Source]:
    """The simulated sets, all or some."""
    return [
        Source(name, kind, first_seed + number)
        for name, kinds in SETS.items()
        if names is None or name in names
        for kind, count in kinds
        for number in range(count)
    ]


def shared_folder() -> Path | None:
    """The folder with recordings that do not come with the project; None where there is none."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "lifts" / "score.py").is_file():
            return parent / "shared"
    return None


def from_shared() -> list[Source]:
    """Real readings and practice recordings, where they are found."""
    shared = shared_folder()
    if shared is None:
        return []
    sources = []
    for name in labelled_names(shared / "real"):
        real_set = "real insoles" if name.startswith("insole") else "real, lying and standing"
        sources.append(Source(real_set, name, folder=shared / "real"))
    for name in labelled_names(shared / "lifts" / "dev"):
        slow = name.split("-")[0] in SLOW_FAMILIES
        sources.append(Source("dev, slow" if slow else "dev, ordinary", name, folder=shared / "lifts" / "dev"))
    return sources
