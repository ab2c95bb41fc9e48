"""A hundred times: a recording that ends earlier gives exactly what had been announced by then, and nothing else with a time."""

from __future__ import annotations

import copy
from functools import cache

import golden
import numpy as np
import pytest

from hardware.frames import FrameBlock
from hardware.mat import load_mat
from hardware.sim.truth import EVENTS
from station.model import Announcement, Lift, PhaseEvent
from station.recording import read_recording
from station.signal.detector import Detector

CUTS = 100
NAMES = golden.names()


def said_by(item: Announcement) -> float:
    return max(item.reported_at.values(), default=0.0) if isinstance(item, Lift) else item.reported_at_s


def moments(said: list[Announcement], until_s: float) -> set[tuple[str, str, float, float]]:
    """(limb, moment, time, announced) of what was announced by a time of all lifts that had landed by then.

    A limb still aloft has no lift to tell of yet, only events.
    """
    landed = [
        item
        for item in said
        if isinstance(item, Lift) and item.kind == "lift" and item.reported_at.get("touch_down", np.inf) <= until_s
    ]
    return {
        (item.limb, event, round(time_s, 6), round(item.reported_at[event], 6))
        for item in landed
        for event in EVENTS[1:]
        if (time_s := getattr(item, event)) is not None and item.reported_at[event] <= until_s
    }


@cache
def cut_up(name: str) -> tuple[list[Announcement], list[tuple[float, list[Announcement], list[Announcement]]]]:
    """Everything announced over a recording; and for each cut its time, what had been announced, and what ending there adds."""
    mat = load_mat(golden.FOLDER / f"{name}.mat.toml")
    frames = read_recording(golden.FOLDER / f"{name}.csv.gz", mat.zone_names)
    rng = np.random.default_rng(len(name))
    cuts = sorted(rng.choice(np.arange(1, len(frames)), -(-CUTS // len(NAMES)), replace=False).tolist())
    detector, said, ends = Detector(mat), [], []
    for start, stop in zip([0, *cuts], [*cuts, len(frames)], strict=True):
        said = said + detector.feed(FrameBlock(frames.t_s[start:stop], frames.volts[start:stop]))
        if stop < len(frames):
            ends.append((float(frames.t_s[stop - 1]), said, copy.deepcopy(detector).finish()))
    return said + detector.finish(), ends


def test_there_are_a_hundred_cuts() -> None:
    assert sum(len(cut_up(name)[1]) for name in NAMES) >= CUTS


@pytest.mark.parametrize("name", NAMES)
def test_what_was_announced_by_a_time_is_what_a_recording_that_ends_there_gives(name: str) -> None:
    whole, ends = cut_up(name)
    for until_s, said, _ in ends:
        assert said == whole[: len(said)]
        assert all(said_by(item) <= until_s for item in said), "nothing is announced before its frame"
        late = [item for item in whole[len(said) :] if isinstance(item, PhaseEvent) and item.reported_at_s <= until_s]
        assert late == [], f"dated before the frame it became known with (cut at {until_s})"


@pytest.mark.parametrize("name", NAMES)
def test_the_lifts_of_a_cut_recording_have_the_moments_that_were_announced_and_no_others(name: str) -> None:
    whole, ends = cut_up(name)
    for until_s, said, added in ends:
        assert moments([*said, *added], np.inf) == moments(whole, until_s), f"cut at {until_s}"
