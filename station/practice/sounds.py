"""The sounds of the station, made from data.

sounds.json says what each sound is: notes (which melody) and voices (which instrument; the "set" a person chooses).  It is
rendered here with numpy, always to the same bytes: the Pi's speaker plays them, and the page fetches the very same WAV files.

Quiet on purpose: at full volume the loudest tenth of a second of a sound stands some 20 dB below full scale, and every note
swells and fades along a cosine, so that nothing startles somebody who lies with closed eyes.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from hardware.errors import BackliftError
from station.practice.cue import HUSH, Cue
from station.practice.exercise import Text

Samples = NDArray[np.float64]
_Positive = Annotated[float, Meta(gt=0)]
LOUDEST_S = 0.1
"""The window over which loudness is judged."""


class UnknownSoundError(BackliftError, KeyError):
    """There is no sound or sound set of this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class Partial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sine of a voice: frequency and strength relative to the note's, and how fast it fades relative to the note."""

    ratio: _Positive
    gain: _Positive
    fade: _Positive


class Voice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An instrument."""

    attack_s: _Positive
    release_s: _Positive
    partials: tuple[Partial, ...]


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One note.  Without `to_hz` its pitch stays."""

    at_s: Annotated[float, Meta(ge=0)]
    hz: _Positive
    length_s: _Positive
    decay_s: _Positive
    to_hz: _Positive | None = None
    glide_s: _Positive = 0.3


class Melody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sound: what it means, how loud it is, and its notes."""

    meaning: Text
    level_db: Annotated[float, Meta(le=-12)]
    notes: Annotated[tuple[Note, ...], Meta(min_length=1)]

    @property
    def length_s(self) -> float:
        return max(note.at_s + note.length_s for note in self.notes)


class Design(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of sounds.json."""

    about: str
    sample_rate_hz: Annotated[int, Meta(ge=8000, le=48000)]
    voices: dict[str, Voice]
    sounds: dict[str, Melody]


def design_json() -> bytes:
    """The sound design as it stands in the file, for whoever wants to make the sounds elsewhere."""
    return (resources.files("station.practice") / "sounds.json").read_bytes()


@cache
def design() -> Design:
    """The sound design, read once."""
    return msgspec.json.decode(design_json(), type=Design)


def melody(sound: str) -> Melody:
    """One sound by name.  Raises UnknownSoundError."""
    try:
        return design().sounds[sound]
    except KeyError:
        raise UnknownSoundError(f"there is no sound '{sound}'; sounds are {', '.join(design().sounds)}") from None


def voice(sound_set: str) -> Voice:
    """One set's instrument by name.  Raises UnknownSoundError."""
    try:
        return design().voices[sound_set]
    except KeyError:
        raise UnknownSoundError(f"there is no sound set '{sound_set}'; sets are {', '.join(design().voices)}") from None


@cache
def rendered(sound: str, sound_set: str = "bowl") -> Samples:
    """Shape (n,), -1..1 at full volume, `design().sample_rate_hz` samples a second.  Do not write to it.

    Raises UnknownSoundError.
    """
    what, instrument, rate_hz = melody(sound), voice(sound_set), design().sample_rate_hz
    samples = np.zeros(round(what.length_s * rate_hz) + 1)
    for note in what.notes:
        tone = _tone(note, instrument, rate_hz)
        start = round(note.at_s * rate_hz)
        samples[start : start + len(tone)] += tone
    samples *= 10 ** (what.level_db / 20) / loudest_rms(samples, rate_hz)
    samples.flags.writeable = False
    return samples


@cache
def wav(sound: str, sound_set: str = "bowl", volume_percent: int = 100) -> bytes:
    """A WAV file (mono, 16 bit) of one sound.  volume_percent scales it, 0..100.  Raises UnknownSoundError."""
    return wav_of(rendered(sound, sound_set) * (volume_percent / 100))


def wav_of(samples: Samples, rate_hz: int | None = None) -> bytes:
    """A WAV file of samples -1..1, shape (n,) or (n, channels); beyond that they are clipped.  rate_hz: None: the sounds'."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(samples.shape[1] if samples.ndim == 2 else 1)
        out.setsampwidth(2)
        out.setframerate(rate_hz or design().sample_rate_hz)
        out.writeframes(np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def loudest_rms(samples: Samples, rate_hz: int) -> float:
    """Root mean square of the loudest `LOUDEST_S`."""
    window = min(round(LOUDEST_S * rate_hz), len(samples))
    energy = np.concatenate([[0.0], np.cumsum(samples**2)])
    return float(np.sqrt((energy[window:] - energy[:-window]).max() / window))


def beeps(sound: str) -> tuple[tuple[float, float], ...]:
    """The same sound for a buzzer that only knows on and off: (on_s, off_s) for each note; of a chord one."""
    notes = list({note.at_s: note for note in reversed(melody(sound).notes)}.values())[::-1]
    starts = [note.at_s for note in notes[1:]]
    on_s = [min(note.length_s, 0.15) if len(notes) > 1 else min(note.length_s, 0.3) for note in notes]
    off_s = [after - note.at_s - on for note, on, after in zip(notes, on_s, starts, strict=False)] + [0.0]
    return tuple(
        (on, round(max(off, 0.03), 3) if i < len(notes) - 1 else 0.0) for i, (on, off) in enumerate(zip(on_s, off_s, strict=True))
    )


def heard(cues: Iterable[Cue]) -> list[Cue]:
    """Cues in the order they were made, without HUSH and without what it took back: what lies after its `at_s`."""
    kept: list[Cue] = []
    for cue in cues:
        if cue.sound == HUSH:
            kept = [other for other in kept if other.at_s <= cue.at_s]
        else:
            kept.append(cue)
    return kept


def timeline(cues: Iterable[Cue], begin_s: float, end_s: float, sound_set: str = "bowl") -> Samples:
    """What somebody hears from begin_s to end_s: every cue at its own time; what HUSH took back is not heard.

    cues: in the order they were made; those taken back lie after their HUSH's `at_s`.
    """
    rate_hz = design().sample_rate_hz
    samples = np.zeros(max(round((end_s - begin_s) * rate_hz), 0))
    for cue in heard(cues):
        start = round((cue.at_s - begin_s) * rate_hz)
        if 0 <= start < len(samples):
            tone = rendered(cue.sound, sound_set)[: len(samples) - start] * cue.volume
            samples[start : start + len(tone)] += tone
    return samples


def _tone(note: Note, instrument: Voice, rate_hz: int) -> Samples:
    t_s = np.arange(round(note.length_s * rate_hz)) / rate_hz
    way = np.clip(t_s / note.glide_s, 0, 1)
    hz = note.hz * ((note.to_hz or note.hz) / note.hz) ** way
    turns = np.cumsum(hz) / rate_hz
    tone = np.zeros_like(t_s)
    for partial in instrument.partials:
        tone += partial.gain * np.sin(2 * np.pi * partial.ratio * turns) * np.exp(-t_s / (note.decay_s * partial.fade))
    rise = np.clip(t_s / instrument.attack_s, 0, 1)
    fall = np.clip((note.length_s - t_s) / instrument.release_s, 0, 1)
    swell: Samples = (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))
    return tone * swell
