"""The station's own speaker: sounds through the system's player, words through espeak-ng where it is installed.

Sounds are rendered once into WAV files and handed to a player program (ALSA's `aplay`, else PipeWire's `pw-play`), which is started
and not waited for: a device that is missing, busy or hung costs a sound, never a session.  A player still running long after its
sound should be over is ended.  Words are rendered to a file first, and played after the sound they belong to; where a teacher has
recorded a sentence, the recording is played instead.

Not thread-safe: one thread owns a speaker, adds cues and calls `pump` about every 20 ms, or at `next_s`.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from hardware.notices import Notice
from station.practice.cue import Cue, CuePlan
from station.practice.exercise import Language
from station.practice.sounds import design, melody, wav, wav_of
from station.service.own_voice import OwnVoice, Spoken

PLAYERS = ("aplay", "pw-play")
HUNG_AFTER_S = 3.0
"""A player may take so much longer than its sound."""
RETRY_S = 10.0
"""After a failure the device is left alone for so long."""
AT_ONCE = 2
"""Players running at the same time."""
VOICE_AMPLITUDE = 40
"""espeak-ng's amplitude (0..200) at which words are about as loud as the sounds at full volume."""
SYNTHESISED_S = 15.0
"""Synthesised words may take so long."""
LATE_WORDS_S = 2.0
"""Words may begin so much later than their cue's expiry: they wait for the sound before them, and take time to make."""


class Process(Protocol):
    """A started program (`subprocess.Popen` is one)."""

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...


Run = Callable[[Sequence[str]], Process]
"""Starts a program without waiting for it; raises OSError when it cannot be started."""


@dataclass(slots=True)
class _Running:
    process: Process
    what: Literal["sound", "words", "making"]
    path: Path
    kill_at_s: float


@dataclass(slots=True)
class _Words:
    """parts: files still to be played in order, each with how long it may take; there once they are made."""

    parts: list[tuple[Path, float]]
    expires_s: float
    keep: bool
    begun: bool = False


class Speaker:
    """Plays cues.

    folder: where rendered files are kept (made if absent; may be thrown away at any time).
    device: ALSA device name, for aplay.
    own_voice: recorded sentences; None: there are none.
    run, which: how programs are started and found.
    """

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "default",
        sound_set: str = "bowl",
        language: Language = "en",
        own_voice: OwnVoice | None = None,
        run: Run | None = None,
        which: Callable[[str], str | None] = shutil.which,
    ) -> None:
        self.sound_set = sound_set
        self.language: Language = language
        self._folder = folder
        self._device = device
        self._own_voice = own_voice
        self._run = run or _start
        self._player = next((name for name in PLAYERS if which(name)), None)
        self._voice = "espeak-ng" if which("espeak-ng") else None
        self._plan = CuePlan()
        self._running: list[_Running] = []
        self._words: _Words | None = None
        self._thrown_away: set[Path] = set()
        self._quiet_until_s = float("-inf")
        self._trouble: str | None = None

    @property
    def words(self) -> str | None:
        """What is wrong, for a person; None when all is well."""
        if self._player is None:
            return "no player program for the speaker: install alsa-utils (aplay)"
        return self._trouble

    @property
    def notice(self) -> Notice | None:
        """The same as a code; None when all is well."""
        if self._player is None:
            return Notice("speaker_no_player")
        return None if self._trouble is None else Notice("speaker_failed", {"reason": self._trouble})

    @property
    def speaks(self) -> bool:
        """Whether words can be heard."""
        return self._player is not None and self._voice is not None

    @property
    def busy(self) -> bool:
        """Whether something sounds, or waits to."""
        return bool(self._running or self._words or self._plan.next_s is not None)

    @property
    def next_s(self) -> float | None:
        """When the next cue is to begin; None: nothing planned."""
        return self._plan.next_s

    def add(self, cue: Cue) -> None:
        """Take a cue; it begins at its time in a later `pump`."""
        self._plan.add(cue)

    def pump(self, now_s: float) -> None:
        """Begin what is due, look after what runs.  Never waits, never raises."""
        self._look_after(now_s)
        for cue in self._plan.due(now_s):
            if cue.volume > 0:
                self._play(cue, now_s)
        self._say_waiting(now_s)

    def prepare(self, volume: float) -> None:
        """Render all sounds at this volume now, so that the first of them is not late."""
        for sound in design().sounds:
            self._file(Cue(sound, 0.0, 0.0, None, volume), float("-inf"))  # type: ignore[arg-type]

    def say(self, text: str, now_s: float, volume: float = 0.5) -> None:
        """Speak `text` when no sound is playing; newer words replace older ones that have not begun.  Nothing of it is kept."""
        self._say(text, now_s, volume, now_s, keep=False)

    def close(self) -> None:
        """End what still plays."""
        for running in list(self._running):
            self._kill(running)

    def _play(self, cue: Cue, now_s: float) -> None:
        if self._player is None or now_s < self._quiet_until_s:
            return
        for running in [r for r in self._running if r.what == "words"]:
            # Words must not drown a sound that has its moment now.
            self._kill(running)
            if self._words is not None and self._words.begun:
                self._words = None
        if sum(running.what != "making" for running in self._running) < AT_ONCE:
            path = self._file(cue, now_s)
            if path is not None:
                self._begin(self._player_command(path), "sound", path, now_s, melody(cue.sound).length_s)
        if cue.say is not None:
            self._say(cue.say, now_s, cue.volume, cue.expires_s, keep=True)

    def _say(self, text: str, now_s: float, volume: float, expires_s: float, keep: bool) -> None:
        if self._player is None or volume <= 0 or now_s < self._quiet_until_s:
            return
        said = self._own_voice.parts(text, self.language) if self._own_voice else [Spoken(text, None)]
        parts = [part for part in (self._part(each, volume, now_s) for each in said) if part is not None]
        self._words = _Words(parts, expires_s + LATE_WORDS_S, keep) if parts else None

    def _part(self, said: Spoken, volume: float, now_s: float) -> tuple[Path, float] | None:
        """The file of a part of what is said, and how long it may take; None where nothing can say it."""
        recorded = self._own_voice.samples(said.path) if self._own_voice and said.path else None
        if recorded is not None:
            samples, rate_hz, stamp = recorded
            percent = min(max(round(volume * 100), 1), 100)
            path = self._folder / f"voice-{_named(f'{said.path} {stamp} {percent}')}.wav"
            made = self._written(path, lambda: wav_of(samples * (percent / 100), rate_hz), now_s)
            return None if made is None else (made, len(samples) / rate_hz)
        if self._voice is None:
            return None
        amplitude = str(max(round(volume * VOICE_AMPLITUDE), 1))
        path = self._folder / f"words-{_named(f'{self.language} {amplitude} {said.text}')}.wav"
        if not path.exists() and self._has_folder(now_s):
            part = str(path.with_suffix(".part"))
            command = [self._voice, "-v", self.language, "-s", "130", "-a", amplitude, "-w", part, "--", said.text]
            self._begin(command, "making", path, now_s, 5.0)
        return path, SYNTHESISED_S

    def _say_waiting(self, now_s: float) -> None:
        words = self._words
        if words is None:
            return
        path, length_s = words.parts[0]
        if now_s > words.expires_s:
            self._words = None
        elif not self._running and path.exists():
            del words.parts[0]
            # What has begun is said to its end.
            words.begun, words.expires_s = True, now_s + length_s + SYNTHESISED_S
            if not words.parts:
                self._words = None
            self._begin(self._player_command(path), "words", path, now_s, length_s)
            if not words.keep and self._running and path.name.startswith("words-"):
                self._thrown_away.add(path)

    def _file(self, cue: Cue, now_s: float) -> Path | None:
        percent = min(max(round(cue.volume * 20) * 5, 5), 100)
        path = self._folder / f"{cue.sound}-{self.sound_set}-{percent}.wav"
        return self._written(path, lambda: wav(cue.sound, self.sound_set, percent), now_s)

    def _written(self, path: Path, content: Callable[[], bytes], now_s: float) -> Path | None:
        if path.exists():
            return path
        if not self._has_folder(now_s):
            return None
        try:
            part = path.with_suffix(".part")
            part.write_bytes(content())
            part.replace(path)
        except OSError as error:
            self._failed(f"sounds cannot be written to {self._folder}: {error.strerror or error}", now_s)
            return None
        return path

    def _has_folder(self, now_s: float) -> bool:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._failed(f"sounds cannot be written to {self._folder}: {error.strerror or error}", now_s)
            return False
        return True

    def _player_command(self, path: Path) -> list[str]:
        return ["aplay", "-q", "-D", self._device, str(path)] if self._player == "aplay" else ["pw-play", str(path)]

    def _begin(
        self, command: Sequence[str], what: Literal["sound", "words", "making"], path: Path, now_s: float, length_s: float
    ) -> None:
        try:
            process = self._run(command)
        except OSError as error:
            self._failed(f"{command[0]} cannot be started: {error.strerror or error}", now_s)
            return
        self._running.append(_Running(process, what, path, now_s + length_s + HUNG_AFTER_S))

    def _look_after(self, now_s: float) -> None:
        for running in list(self._running):
            code = running.process.poll()
            if code is None:
                if now_s >= running.kill_at_s:
                    self._kill(running)
                    self._failed("the speaker does not take sounds (its player hangs): is it connected?", now_s)
                continue
            self._forget(running)
            if code != 0 and running.what == "making":
                self._failed(f"words cannot be spoken (espeak-ng ended with code {code})", now_s)
            elif code != 0:
                self._failed(
                    f"the speaker does not play (its player ended with code {code}): is it connected, is the device right?", now_s
                )
            elif running.what == "making":
                with suppress(FileNotFoundError):
                    running.path.with_suffix(".part").replace(running.path)
            else:
                self._trouble = None

    def _kill(self, running: _Running) -> None:
        with suppress(OSError):
            running.process.kill()
        self._forget(running)

    def _forget(self, running: _Running) -> None:
        self._running.remove(running)
        if running.path in self._thrown_away:
            self._thrown_away.discard(running.path)
            with suppress(OSError):
                running.path.unlink(missing_ok=True)

    def _failed(self, words: str, now_s: float) -> None:
        self._trouble = words
        self._words = None
        self._quiet_until_s = now_s + RETRY_S


def _named(text: str) -> str:
    """A short file name that stands for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _start(command: Sequence[str]) -> Process:
    """Start a program with nothing to read and nowhere to complain."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
