"""Labelled recordings of simulated practice, in the format the detector is judged by.

    python -m hardware.sim.recorder OUTDIR --kind creepy --seed 7 --count 3

writes NAME.csv.gz, NAME.mat.toml and NAME.truth.json.  A kind is one way in which bodies, mats, sensors or wires make life hard.
Persons, mats (16, 8 or 4 zones, calibrated or not), resistors, rates and repetitions are drawn from the seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.errors import BackliftError
from hardware.frames import codes_from_volts, volts_from_codes
from hardware.sim.body import SimulatedMat, draw_person
from hardware.sim.draft import Draft, draw_mat, write_script
from hardware.sim.kinds import ORDINARY_KINDS
from hardware.sim.labels import Recording, write
from hardware.sim.sensor_kinds import SENSOR_KINDS
from hardware.sim.sensors import draw_traits
from hardware.sim.slow_kinds import SLOW_KINDS
from hardware.sim.truth import EVENTS

Array = NDArray[np.float64]

KINDS: dict[str, Callable[[Draft], None]] = ORDINARY_KINDS | SLOW_KINDS | SENSOR_KINDS


class BadKindError(BackliftError, ValueError):
    """No such kind of recording."""


def make(kind: str, seed: int, name: str | None = None) -> Recording:
    """A labelled recording of one kind; the same every time.  Raises BadKindError for a kind that does not exist."""
    if kind not in KINDS:
        raise BadKindError(f"no such kind of recording: '{kind}'; there are {', '.join(KINDS)}")
    name = name or f"{kind}-{seed:03d}"
    rng = np.random.default_rng([seed, *kind.encode()])
    mat = draw_mat(rng, name, int(rng.choice([16, 8, 4], p=[0.7, 0.15, 0.15])), bool(rng.random() < 0.5))
    draft = Draft(
        rng, mat, draw_person(rng, mat), draw_traits(rng, mat), rate_hz=float(rng.choice([50.0, 80.0, 100.0, 100.0, 125.0])),
        repetitions=int(rng.integers(3, 6)),
    )  # fmt: skip
    KINDS[kind](draft)
    script = (draft.script or write_script)(draft)
    body = SimulatedMat(draft.mat, script, int(rng.integers(2**31)), draft.person, draft.traits)
    ends_s = script.lasts_s + float(rng.uniform(2.0, 5.0))
    t_us = _frame_times(draft, ends_s)
    pins = np.array([zone.pin for zone in draft.mat.zone])
    skew = (pins * 1250 + 600) * (1.0 if draft.rate_hz <= 150 else 0.6)
    volts = body.volts_at(t_us[:, None] + skew.astype(np.int64)[None, :])
    if draft.step_v:
        volts = np.rint(volts / draft.step_v) * draft.step_v
    volts = volts_from_codes(codes_from_volts(np.minimum(volts, draft.mat.mat.supply_volts)))
    volts[rng.random(volts.shape) < draft.missing_share] = np.nan
    kept = np.ones(len(t_us), dtype=bool)
    gaps = []
    for gap_s in draft.gaps_s:
        start = float(rng.uniform(5.0, ends_s - 5.0))
        gaps.append((start, start + gap_s))
        kept &= ~((t_us >= start * 1e6) & (t_us < (start + gap_s) * 1e6))
    recording = Recording(name, kind, draft.file_mat or draft.mat, draft.rate_hz, t_us[kept] / 1e6, volts[kept], body.truth)
    return _judged(recording, gaps)


def _frame_times(draft: Draft, ends_s: float) -> NDArray[np.int64]:
    """Frame times in whole tenths of milliseconds: jittered around the rate, now and then a late one."""
    rng, period_s = draft.rng, 1.0 / draft.rate_hz
    n = int(ends_s * draft.rate_hz)
    t = np.arange(n) * period_s + rng.uniform(-1.0, 1.0, n) * draft.jitter * period_s
    late = rng.random(n) < draft.late_share
    t[late] += rng.uniform(0.3, 1.0, int(late.sum())) * rng.choice([period_s, 0.03, 0.1], int(late.sum()))
    tenths = np.maximum.accumulate(np.round((t - t[0]) * 1e4).astype(np.int64))
    return np.unique(tenths) * 100


def _judged(recording: Recording, gaps: list[tuple[float, float]]) -> Recording:
    """Say which times cannot be judged: in a gap, or while the lead zone's wire was bad; short or shallow lifts are optional."""
    uncertain: dict[int, tuple[str, ...]] = {}
    optional = set()
    lead = {limb.name: limb.zones[0] for limb in recording.mat.limb}
    for i, lift in enumerate(recording.truth.lifts):
        blind = gaps + [(fault.start, fault.end) for fault in recording.truth.faults if lead[lift.limb] in (fault.zone, fault.twin)]
        hidden = tuple(e for e in EVENTS if any(a - 0.05 <= getattr(lift, e) <= b + 0.05 for a, b in blind))
        if hidden:
            uncertain[i] = hidden
        short = lift.touch_down - lift.lift_off < 1.3 or lift.extent < 0.15
        if short or any(a <= lift.lift_off + 0.1 and b >= lift.touch_down - 0.1 for a, b in blind):
            optional.add(i)
    return replace(recording, uncertain=uncertain, optional=frozenset(optional))


def _make_and_write(directory: Path, kind: str, seed: int) -> Path:
    return write(make(kind, seed), directory)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line, see the head of the module."""
    parser = argparse.ArgumentParser(
        prog="python -m hardware.sim.recorder", description="Write labelled recordings of simulated practice."
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument(
        "--kind", choices=[*KINDS, "all"], default="all", help="what is hard about them (default: one of each kind)"
    )
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=1, help="recordings per kind")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    asked = parser.parse_args(arguments)
    kinds = list(KINDS) if asked.kind == "all" else [asked.kind]
    work = [(asked.directory, kind, asked.seed + i) for kind in kinds for i in range(asked.count)]
    if asked.jobs > 1:
        with ProcessPoolExecutor(asked.jobs) as pool:
            for path in pool.map(_make_and_write, *zip(*work, strict=True)):
                print(path)
    else:
        for item in work:
            print(_make_and_write(*item))


if __name__ == "__main__":
    main()
