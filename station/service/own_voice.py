"""A teacher's own voice: recorded sentences, one WAV file each, heard instead of the synthesised ones.

`<folder>/<language>/<key>.wav`; a key is `<exercise>.<step>` for what a step says, the name of a guide phrase (`ready`, `be_still`;
`practice-<key>` in station/locale), or `count_8` for a number of the count.  What the guide says may be several sentences; each one
that is recorded is played, the others are synthesised.

Not thread-safe: it belongs to the thread of the speaker.
"""

from __future__ import annotations

import logging
import wave
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from station.locale.texts import Texts
from station.practice.exercise import Exercise, Language
from station.practice.phrases import number
from station.practice.sounds import loudest_rms

MAX_BYTES: Final = 6_000_000
MAX_S: Final = 30.0
RATES_HZ: Final = (8_000, 48_000)
LOUDNESS: Final = 0.1
"""Root mean square of the loudest tenth of a second at full volume: 20 dB below full scale, as the sounds."""
PEAK: Final = 0.9
"""No sample becomes larger."""
COUNTED: Final = range(1, 31)
ENDS: Final = (".", "!", "?")

_log = logging.getLogger(__name__)


class OwnVoiceError(ValueError):
    """A file cannot be used; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A part of what is said.  path: its recording, None where there is none."""

    text: str
    path: Path | None


class OwnVoice:
    """Finds recordings.

    folder: holds one folder per language; need not exist.
    exercises: reads the exercises, by name; asked when a language is first spoken, and when its folder has changed.
    """

    def __init__(self, folder: Path, exercises: Callable[[], Mapping[str, Exercise]]) -> None:
        self._folder = folder
        self._exercises = exercises
        self._known: dict[Language, tuple[int, dict[str, Path]]] = {}
        self._refused: dict[Path, int] = {}

    def parts(self, text: str, language: Language) -> list[Spoken]:
        """What is said, sentence by sentence where one is recorded, and the rest between them."""
        recorded = self._recorded(language)
        found: list[Spoken] = []
        rest, left = "", text.strip()
        while left:
            at_start = not rest or rest.rstrip().endswith(ENDS)
            own = max((known for known in recorded if _begins(left, known)), key=len, default=None) if at_start else None
            if own is None:
                word, _, left = left.partition(" ")
                rest = f"{rest} {word}".strip()
                continue
            if rest:
                found.append(Spoken(rest, None))
                rest = ""
            found.append(Spoken(own, recorded[own]))
            left = left[len(own) :].strip()
        return [*found, Spoken(rest, None)] if rest else found

    def samples(self, path: Path) -> tuple[NDArray[np.float64], int, int] | None:
        """Samples -1..1, shape (n, channels), at the loudness of the sounds; rate in Hz; a number that changes with the file.

        None where the file cannot be used; the log says why, once.
        """
        stamp = -1
        try:
            stamp = path.stat().st_mtime_ns
            if self._refused.get(path) == stamp:
                return None
            samples, rate_hz = read_recorded_voice(path)
        except (OSError, OwnVoiceError) as error:
            if self._refused.get(path) != stamp:
                self._refused[path] = stamp
                reason = error.strerror or error if isinstance(error, OSError) else error
                _log.warning("%s: %s; the synthesised voice speaks instead", path, reason)
            return None
        return samples, rate_hz, stamp

    def _recorded(self, language: Language) -> Mapping[str, Path]:
        folder = self._folder / language
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return {}
        known = self._known.get(language)
        if known is None or known[0] != changed:
            known = changed, self._read(folder, language)
            self._known[language] = known
        return known[1]

    def _read(self, folder: Path, language: Language) -> dict[str, Path]:
        texts = Texts(language)
        keys = {f"count_{n}": number(n, language) for n in COUNTED}
        for key in texts.keys("practice."):
            # What is filled in is different each time: nobody can record it.
            with suppress(KeyError):
                keys[key.removeprefix("practice.")] = texts(key)
        for exercise in self._exercises().values():
            keys |= {f"{exercise.name}.{step.name}": step.say.in_(language) for step in exercise.steps}
        found: dict[str, Path] = {}
        for path in sorted(folder.glob("*.wav")):
            if path.stem in keys:
                found[keys[path.stem]] = path
            else:
                _log.warning("%s: no step or phrase has this name; it is not played", path)
        return found


def read_recorded_voice(path: Path) -> tuple[NDArray[np.float64], int]:
    """The samples -1..1, shape (n, channels), at the loudness of the sounds, and the rate in Hz.  Raises OwnVoiceError, OSError."""
    if not path.is_file():
        raise OwnVoiceError("not a file")
    if path.stat().st_size > MAX_BYTES:
        raise OwnVoiceError(f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate_hz, frames = file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()
            data = file.readframes(frames)
    except (wave.Error, EOFError) as error:
        raise OwnVoiceError(f"not a WAV file with PCM samples ({error or 'it ends too early'})") from None
    if width != 2 or channels not in (1, 2) or not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        raise OwnVoiceError("save it with 16 bit, mono or stereo, at 8 to 48 kHz")
    if frames > MAX_S * rate_hz:
        raise OwnVoiceError(f"longer than {MAX_S:.0f} s")
    if len(data) < frames * channels * width:
        raise OwnVoiceError("it ends too early")
    samples = np.frombuffer(data, "<i2").reshape(-1, channels) / 32768
    loud = max((loudest_rms(samples[:, n], rate_hz) for n in range(channels)), default=0.0) if len(samples) else 0.0
    if loud < 1e-4:
        raise OwnVoiceError("there is nothing to hear in it")
    return samples * min(LOUDNESS / loud, PEAK / float(np.abs(samples).max())), rate_hz


def _begins(text: str, known: str) -> bool:
    """Whether `text` begins with this whole sentence."""
    return text == known or (known.endswith(ENDS) and text.startswith(known + " "))
