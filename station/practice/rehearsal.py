"""A whole practice played through the guide at once: what would have been heard, when, and what was said afterwards.

The same pipeline and the same guide as in the station, fed from a recording in the same small turns, without clock or sound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hardware.frames import FrameBlock
from station.model import Announcement, Lift, Repetition
from station.practice.cue import Cue
from station.practice.exercise import Language
from station.practice.follow_tone import FollowTone, Samples, work
from station.practice.guide import Guide, GuideView
from station.practice.positions import Position, placed
from station.practice.sounds import design
from station.practice.summary import session_words
from station.signal.detector import Detector

TURN_S = 0.04
"""The station's own pace (station/service/main.py)."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it; all times in seconds of the recording.

    cues: in the order they were made, HUSH among them.  announcements: what the pipeline said.
    view: the guide's last picture.  work: how much worked at each turn, for the continuous tone.
    """

    begin_s: float
    end_s: float
    cues: tuple[Cue, ...]
    announcements: tuple[Announcement, ...]
    view: GuideView
    work: tuple[tuple[float, float], ...] = ()

    def tone(self, n: int, volume: float) -> Samples:
        """The continuous tone of the whole rehearsal, n samples."""
        rate_hz = design().sample_rate_hz
        tone, blocks, made = FollowTone(rate_hz), [], 0
        for t_s, level in self.work:
            end = min(round((t_s - self.begin_s) * rate_hz), n)
            if end > made:
                blocks.append(tone.block(level * volume, end - made))
                made = end
        return np.concatenate([*blocks, np.zeros(n - made)])

    def words(self, language: Language = "en") -> str:
        """The sentence about this practice."""
        repetitions = [each.lifts for each in self.announcements if isinstance(each, Repetition)]
        unweightings = sum(isinstance(each, Lift) and each.kind == "unweighting" for each in self.announcements)
        return session_words(repetitions, language, unweightings=unweightings)


def rehearse(frames: FrameBlock, detector_in: Callable[[Position], Detector], guide: Guide) -> Rehearsal:
    """Play a recording through a fresh detector and guide, to its end and a little beyond.

    frames: at least one.  detector_in: a fresh detector for somebody who lies like that; asked again when the guide has seen them
    turn over.  After the last frame the guide is given two seconds more, so that what was begun is finished.
    """
    position = placed(guide.position)
    pipeline = detector_in(position)
    cues: list[Cue] = []
    announcements: list[Announcement] = []
    worked: list[tuple[float, float]] = []
    begin_s, end_s = float(frames.t_s[0]), float(frames.t_s[-1])
    turns = np.arange(begin_s + TURN_S, end_s + TURN_S, TURN_S)
    edges = np.concatenate([[0], np.searchsorted(frames.t_s, turns, side="right")])
    for turn_s, start, stop in zip(turns, edges, edges[1:], strict=False):
        if stop > start:
            news = pipeline.feed(FrameBlock(frames.t_s[start:stop], frames.volts[start:stop]))
            announcements += news
            for announcement in news:
                cues += guide.feed(announcement)
        cues += guide.tick(float(turn_s), pipeline.live)
        worked.append((float(turn_s), work(pipeline.live)))
        if placed(guide.position) != position:
            position = placed(guide.position)
            pipeline = detector_in(position)
    for announcement in pipeline.finish():
        announcements.append(announcement)
        cues += guide.feed(announcement)
    for turn_s in np.arange(end_s + TURN_S, end_s + 2.0, TURN_S):
        cues += guide.tick(float(turn_s))
    return Rehearsal(begin_s, end_s + 2.0, tuple(cues), tuple(announcements), guide.view, tuple(worked))
