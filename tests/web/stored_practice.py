"""Sessions as the station would have stored them: a simulated body, the real pipeline, the real store."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hardware.frames import FrameBlock, codes_from_volts, volts_from_codes
from hardware.mats import find_mat
from hardware.sim.body import SimulatedMat
from hardware.sim.script import Script, practice_script
from station.model import Lift, Repetition
from station.signal.detector import DETECTOR_VERSION, Detector
from station.store import Store

DAY_S = 86_400.0
NOON_WALL_S = 1_760_000_400.0


class WrittenClock:
    """A clock that stands where it was put."""

    def __init__(self, now_s: float, wall_s: float) -> None:
        self.now_s, self.now_wall_s = now_s, wall_s

    def monotonic_s(self) -> float:
        return self.now_s

    def wall_s(self) -> float:
        return self.now_wall_s

    def sleep_until_s(self, t_s: float) -> None:
        self.now_s = max(self.now_s, t_s)


def practice_frames(seed: int, start_s: float, lasts_s: float, rate_hz: float = 50.0, mat_name: str = "full-16") -> FrameBlock:
    """One visit to the mat out of the simulated body's practice, beginning at `start_s`."""
    mat, _ = find_mat(mat_name)
    whole = practice_script()
    body = SimulatedMat(mat, Script(whole.steps, variation=0.25), seed)
    t_us = np.round(np.arange(int(lasts_s * rate_hz)) * 1e6 / rate_hz).astype(np.int64)
    volts = volts_from_codes(codes_from_volts(body.volts_at(np.repeat(t_us[:, None], len(mat.zone), axis=1))))
    return FrameBlock((t_us + round(start_s * 1e6)) / 1e6, volts)


def store_session(store: Store, clock: WrittenClock, frames: FrameBlock, mat_name: str = "full-16", rate_hz: float = 50.0) -> int:
    """Run the pipeline over the frames and keep everything as one session; its id."""
    mat, path = find_mat(mat_name)
    pipeline = Detector(mat)
    offset_s = clock.wall_s() - clock.monotonic_s()
    session = store.begin_session(
        float(frames.t_s[0]),
        mat_text=path.read_text(encoding="utf-8"),
        zones=mat.zone_names,
        rate_hz=rate_hz,
        detector_version=DETECTOR_VERSION,
    )
    for start in range(0, len(frames), 1000):
        block = FrameBlock(frames.t_s[start : start + 1000], frames.volts[start : start + 1000])
        clock.now_s = float(block.t_s[-1])
        clock.now_wall_s = clock.now_s + offset_s
        store.add_frames(block)
        for announcement in pipeline.feed(block):
            store.add(announcement)
        store.commit()
    for announcement in pipeline.finish():
        store.add(announcement)
    store.end_session(float(frames.t_s[-1]))
    store.commit()
    return session


def fill(database: Path, sessions: int = 1, lasts_s: float = 150.0, days_between: float = 3.0) -> list[int]:
    """A database with sessions some days apart; returns their ids, oldest first."""
    start_s = 1000.0
    ids = []
    for number in range(sessions):
        clock = WrittenClock(start_s, NOON_WALL_S + number * days_between * DAY_S + (number % 3) * 3700)
        with Store(database, clock=clock, boot_id=f"00000000-0000-0000-0000-{number:012d}") as store:
            store.note_clock(synchronised=True)
            ids.append(store_session(store, clock, practice_frames(number + 1, start_s, lasts_s)))
            store.comfort_set(ids[-1], "before", 2 + number % 2)
            store.comfort_set(ids[-1], "after", 3 + number % 3)
            if number % 4 == 1:
                store.note_set(ids[-1], "Slept badly. The second leg felt heavy, then easier.")
    return ids


def fill_years(
    database: Path, ends_wall_s: float = NOON_WALL_S, sessions: int = 1500, days: float = 1095.0, repetitions: int = 8
) -> None:
    """Years of practice with lifts but without recordings: what the pages over weeks and months read."""
    mat, path = find_mat("full-16")
    rng = np.random.default_rng(5)
    began_wall_s = ends_wall_s - (days + 1) * DAY_S
    clock = WrittenClock(1000.0, began_wall_s + 1000.0)
    with Store(database, clock=clock, boot_id="00000000-0000-0000-0000-0000000000aa") as store:
        store.note_clock(synchronised=True)
        for number in range(sessions):
            start_s = 1000.0 + number * days / sessions * DAY_S + float(rng.uniform(0, 3 * 3600))
            clock.now_s, clock.now_wall_s = start_s, began_wall_s + start_s
            store.begin_session(
                start_s, mat_text=path.read_text("utf-8"), zones=mat.zone_names, rate_hz=100.0, detector_version=DETECTOR_VERSION
            )
            for index in range(repetitions):
                limb, part = [("leg_l", "leg"), ("leg_r", "leg"), ("arm_l", "elbow"), ("arm_r", "elbow_hand_head")][index % 4]
                at_s = start_s + 20 + 40 * index
                up_s, down_s = at_s + rng.uniform(2, 5), at_s + rng.uniform(8, 12)
                end_s = down_s + rng.normal(6 + 4 * number / sessions, 1.0)
                lift = Lift(limb, "lift", part, at_s, up_s, down_s, max(end_s, down_s + 1), {}, 0.6, melt_end_sd=0.3)
                store.add(lift)
                kind, side = ("leg" if part == "leg" else "arm"), ("left" if limb.endswith("l") else "right")
                store.add(Repetition(kind, side, (lift,), end_s + 2))
            store.end_session(start_s + 20 + 40 * repetitions)
            if number % 50 == 0:
                store.commit()
        store.commit()
