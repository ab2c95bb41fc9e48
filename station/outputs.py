"""Lamp, buzzer and speaker together, in a thread of their own: whatever a device does, the pipeline's thread has moved on."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from hardware.clock import Clock
from station.config import Config
from station.model import LiveState
from station.practice.guide import HUSH, Cue
from station.speaker import Speaker

TURN_S = 0.02
_log = logging.getLogger(__name__)


class StationOutputs:
    """All outputs of one station.  Handing something over never waits; what is not fitted is not there."""

    def __init__(self, config: Config, clock: Clock, settings: Mapping[str, Any]) -> None:
        self._clock = clock
        self._settings = settings
        self._speaker: Speaker | None = None
        if config.sound.speaker:
            self._speaker = Speaker(config.data_dir / "sounds", device=config.sound.device)
        self._orders: deque[Callable[[Speaker], None]] = deque(maxlen=200)
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="outputs", daemon=True)

    def start(self) -> None:
        if self._speaker:
            self._thread.start()

    def close(self) -> None:
        """Fall silent."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    @property
    def words(self) -> tuple[str, ...]:
        """What is wrong with an output, for a person."""
        return tuple(filter(None, [self._speaker and self._speaker.words]))

    def cue(self, cue: Cue) -> None:
        """Take a sound; it begins at its time, or never when that has passed."""
        if self._settings["sound.speaker"] or cue.sound == HUSH:
            self._hand(lambda speaker: speaker.add(cue))

    def say(self, words: str) -> None:
        """Speak words that are not part of the practice."""
        self._hand(lambda speaker: speaker.say(words, self._clock.monotonic_s(), self._settings["sound.volume"]))

    def show(self, live: LiveState, paused: bool) -> None:
        """Let the lamp show where the person is."""

    def _hand(self, order: Callable[[Speaker], None]) -> None:
        if self._speaker:
            self._orders.append(order)
            self._wake.set()

    def _run(self) -> None:
        speaker = self._speaker
        assert speaker is not None
        speaker.prepare(self._settings["sound.volume"])
        while not self._closing:
            self._wake.wait(TURN_S if speaker.busy else None)
            self._wake.clear()
            try:
                self._turn(speaker)
            except Exception:
                _log.exception("the speaker stumbled; the practice goes on")
        speaker.close()

    def _turn(self, speaker: Speaker) -> None:
        speaker.sound_set = self._settings["sound.set"]
        speaker.language = self._settings["station.language"]
        while self._orders:
            self._orders.popleft()(speaker)
        speaker.pump(self._clock.monotonic_s())
