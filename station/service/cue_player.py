"""Lamp, buzzer and speaker together, in a thread of their own: whatever a device does, the pipeline's thread has moved on."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from hardware.clock import Clock
from hardware.notices import Notice
from hardware.outputs import GpioOutputs
from station.config import Config
from station.model import LiveState, Phase
from station.practice.cue import HUSH, Cue, CuePlan
from station.practice.exercise import load_exercises
from station.practice.follow_tone import fading, work
from station.practice.sounds import melody
from station.service.own_voice import OwnVoice
from station.service.speaker import Speaker
from station.service.tone_speaker import ToneSpeaker

TURN_S, IDLE_TURN_S = 0.02, 1.0
BREATH_S = 5.0
"""How slowly the lamp comes and goes during a melt."""
BRIGHTNESS: Mapping[Phase | None, float] = {None: 0.0, "rest": 0.08, "prepare": 0.35, "aloft": 1.0}
LONGEST_BEEP_S = 0.25
_log = logging.getLogger(__name__)


class CuePlayer:
    """All outputs of one station.  Handing something over never waits; what is not fitted is not there.

    on_press, on_hold: of the button; called in threads of gpiozero.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock,
        settings: Mapping[str, Any],
        on_press: Callable[[], None],
        on_hold: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._settings = settings
        pins = config.pins
        self._fitted = config.sound.speaker or any(pin is not None for pin in (pins.led, pins.buzzer, pins.button))
        own_voice = OwnVoice(config.data_dir / "voice", lambda: load_exercises(config.data_dir / "exercises", _log.warning))
        self._speaker = (
            Speaker(config.data_dir / "sounds", device=config.sound.device, own_voice=own_voice) if config.sound.speaker else None
        )
        self._pins = GpioOutputs(pins.led, pins.buzzer, pins.button, on_press=on_press, on_hold=on_hold, simulated=config.simulated)
        self._tone = ToneSpeaker(config.sound.device) if config.sound.speaker else None
        self._buzzes = CuePlan()
        self._shown: Phase | None = None
        self._orders: deque[Callable[[], None]] = deque(maxlen=200)
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="outputs", daemon=True)

    def start(self) -> None:
        if self._fitted:
            self._thread.start()

    def close(self) -> None:
        """Dark and silent."""
        self._closing = True
        if self._tone is not None:
            self._tone.close()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._pins.close()

    @property
    def alive(self) -> bool:
        """The thread runs, or there is nothing for it to do."""
        return not self._fitted or self._thread.is_alive()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is wrong with an output, for the pages."""
        spoken = self._speaker.notice if self._speaker else None
        return (*self._pins.notices, *((spoken,) if spoken else ()))

    def cue(self, cue: Cue) -> None:
        """Take a sound; it begins at its time, or never when that has passed."""
        self._hand(lambda: self._take(cue))

    def say(self, words: str) -> None:
        """Speak words that are not part of the practice."""
        if self._speaker:
            speaker = self._speaker
            self._hand(lambda: speaker.say(words, self._clock.monotonic_s(), self._settings["sound.volume"]))

    def show(self, live: LiveState, paused: bool) -> None:
        """Let the lamp show where the person is: dark when away, brighter the further, breathing while they let go."""
        phase: Phase | None = None
        if live.presence != "empty" and not paused and self._settings["light.lamp"]:
            phases = [limb.phase for limb in live.limbs]
            phase = next((each for each in ("aloft", "melt", "prepare") if each in phases), "rest")
        if self._tone is not None:
            there = live.presence != "empty" and not paused
            wanted = there and self._settings["sound.follow"] and self._settings["sound.speaker"]
            loud = self._settings["sound.volume"] * fading(self._settings["sound.follow_sessions"])
            self._tone.follow(work(live) * loud if wanted else 0.0)
        if phase != self._shown:
            self._shown = phase
            self._hand(lambda: self._pins.breathe(BREATH_S) if phase == "melt" else self._pins.light(BRIGHTNESS[phase]))

    def _hand(self, order: Callable[[], None]) -> None:
        if self._fitted:
            self._orders.append(order)
            self._wake.set()

    # The thread ---------------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        if self._speaker:
            self._speaker.prepare(self._settings["sound.volume"])
        while not self._closing:
            self._wake.wait(TURN_S if self._busy else IDLE_TURN_S)
            self._wake.clear()
            try:
                self._turn()
            except Exception:
                _log.exception("cue output: unhandled exception, the practice goes on")
        if self._speaker:
            self._speaker.close()

    @property
    def _busy(self) -> bool:
        return self._pins.sounding or self._buzzes.next_s is not None or (self._speaker is not None and self._speaker.busy)

    def _turn(self) -> None:
        while self._orders:
            self._orders.popleft()()
        now_s = self._clock.monotonic_s()
        for cue in self._buzzes.due(now_s):
            self._buzz(cue, now_s)
        self._pins.pump(now_s)
        if self._speaker:
            self._speaker.sound_set = self._settings["sound.set"]
            self._speaker.language = self._settings["station.language"]
            self._speaker.pump(now_s)

    def _take(self, cue: Cue) -> None:
        if self._speaker and (self._settings["sound.speaker"] or cue.sound == HUSH):
            self._speaker.add(cue)
        if self._pins.has_buzzer and (self._settings["sound.buzzer"] or cue.sound == HUSH):
            self._buzzes.add(cue)

    def _buzz(self, cue: Cue, now_s: float) -> None:
        """The melody of a sound, note by note; a buzzer has no loudness, so volume 0 alone means anything to it."""
        if cue.volume <= 0:
            return
        notes, at_s = [], 0.0
        for note in melody(cue.sound).notes:
            if note.at_s > at_s:
                notes.append((0.0, note.at_s - at_s))
            length_s = min(note.length_s, LONGEST_BEEP_S)
            notes.append((note.hz, length_s))
            at_s = max(at_s, note.at_s) + length_s
        self._pins.play(notes, now_s)
