"""Recordings the signal tests share, made once, and ways to run them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np

from hardware.frames import FrameBlock
from hardware.mat import Mat
from hardware.sim.labels import Recording
from hardware.sim.recorder import make
from station.model import Announcement, Lift
from station.signal.detector import Detector


@cache
def recording(kind: str, seed: int) -> Recording:
    return make(kind, seed)


def cut(one: Recording, until_s: float) -> Recording:
    """The same recording, ended early."""
    keep = one.t_s <= until_s
    return replace(one, t_s=one.t_s[keep], volts=one.volts[keep])


def announce(
    mat: Mat, t_s: np.ndarray, volts: np.ndarray, blocks: Iterable[int] = (500,), finish: bool = True
) -> list[Announcement]:
    """Feed everything in blocks whose sizes go round `blocks`."""
    pipeline, out, at, sizes = Detector(mat), [], 0, list(blocks)
    turn = 0
    while at < len(t_s):
        size = sizes[turn % len(sizes)]
        out += pipeline.feed(FrameBlock(t_s[at : at + size], volts[at : at + size]))
        at, turn = at + size, turn + 1
    return out + pipeline.finish() if finish else out


@cache
def announced(kind: str, seed: int) -> tuple[Announcement, ...]:
    one = recording(kind, seed)
    return tuple(announce(one.mat, one.t_s, one.volts))


def lifts(announcements: Iterable[Announcement], kind: str = "lift") -> list[Lift]:
    return [item for item in announcements if isinstance(item, Lift) and item.kind == kind]


def when(item: Announcement) -> float:
    """The frame an announcement rests on."""
    return max(item.reported_at.values()) if isinstance(item, Lift) else item.reported_at_s
