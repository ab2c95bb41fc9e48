"""A teacher's recordings are heard where there are some; a bad file costs one line in the log and nothing else."""

from __future__ import annotations

import logging
import os
import struct
import tempfile
import wave
from pathlib import Path

import numpy as np
import pytest
from test_speaker import System, cue

from station.practice.exercise import load_exercises
from station.service.own_voice import MAX_BYTES, OwnVoice
from station.service.speaker import Speaker

STILL = "Lie still for a moment. A soft tone says when the mat is ready."
"""practice-be_still."""


def recorded(
    path: Path, *, seconds: float = 1.0, rate_hz: int = 16_000, channels: int = 1, width: int = 2, loud: float = 0.5
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    n = round(seconds * rate_hz)
    tone = np.repeat(loud * np.sin(np.arange(n) * 0.2), channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes((tone * 32767).astype("<i2").tobytes() if width == 2 else bytes(n * channels * width))
    return path


def heard(tmp_path: Path, text: str, *installed: str, language: str = "en", volume: float = 0.5) -> list[str]:
    """What is played for these words, in order: "own" or the synthesised words."""
    system = System("aplay", *installed, ends_at_once=True)
    own = OwnVoice(tmp_path / "voice", load_exercises)
    sounds = Path(tempfile.mkdtemp(prefix="sounds", dir=tmp_path))
    speaker = Speaker(sounds, language=language, own_voice=own, run=system.run, which=system.which)
    speaker.add(cue("ready", 1.0, say=text, volume=volume))
    for n in range(12):
        speaker.pump(1.0 + n / 10)
    made = {
        Path(program.command[program.command.index("-w") + 1]).with_suffix(".wav").name: program.command[-1]
        for program in system.started
        if program.command[0] == "espeak-ng"
    }
    return ["own" if name.startswith("voice-") else made[name] for name in system.played[1:]]


def step_words(exercise: str, step: str) -> str:
    return next(each.say.en for each in load_exercises()[exercise].steps if each.name == step)


def test_a_recorded_phrase_is_played_also_without_a_synthesiser(tmp_path: Path) -> None:
    recorded(tmp_path / "voice/en/be_still.wav")
    assert heard(tmp_path, STILL, "espeak-ng") == ["own"]
    assert heard(tmp_path, STILL) == ["own"]


def test_where_nothing_is_recorded_words_are_synthesised_as_ever(tmp_path: Path) -> None:
    assert heard(tmp_path, STILL, "espeak-ng") == [STILL]
    recorded(tmp_path / "voice/de/be_still.wav")
    assert heard(tmp_path, STILL, "espeak-ng") == [STILL]  # the other language


def test_a_step_is_recorded_by_exercise_and_name_and_the_rest_of_what_is_said_is_synthesised(tmp_path: Path) -> None:
    words = step_words("leg", "leg_left")
    recorded(tmp_path / "voice/en/leg.leg_left.wav")
    assert heard(tmp_path, f"Ready. {words} You have time.", "espeak-ng") == ["Ready.", "own", "You have time."]
    assert heard(tmp_path, f"Ready. {words}") == ["own"]


def test_a_recording_stands_for_a_whole_sentence_only(tmp_path: Path) -> None:
    recorded(tmp_path / "voice/en/slide_foot_left.wav")  # "your left foot", a part of sentences
    recorded(tmp_path / "voice/en/count_8.wav")
    assert heard(tmp_path, "Slide your left foot a little outwards.", "espeak-ng") == ["Slide your left foot a little outwards."]
    assert heard(tmp_path, "eight", "espeak-ng") == ["own"]
    assert heard(tmp_path, "eight more", "espeak-ng") == ["eight more"]


@pytest.mark.parametrize("loud", [0.02, 0.9])
def test_quiet_and_loud_recordings_are_played_alike_at_the_volume_chosen(tmp_path: Path, loud: float) -> None:
    recorded(tmp_path / "voice/en/be_still.wav", loud=loud, channels=2)
    heard(tmp_path, STILL, volume=0.5)
    (played,) = tmp_path.glob("sounds*/voice-*.wav")
    with wave.open(str(played)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 16_000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert 20 * np.log10(np.sqrt(np.mean(samples**2))) == pytest.approx(-26.0, abs=0.5)  # 20 dB below full scale, and half of that


def broken_text(path: Path) -> None:
    path.write_text("not a sound")


def float_samples(path: Path) -> None:
    form = struct.pack("<HHIIHH", 3, 1, 16_000, 64_000, 4, 32)
    path.write_bytes(
        b"RIFF" + struct.pack("<I", 1000) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 4) + bytes(4)
    )


def cut_off(path: Path) -> None:
    recorded(path)
    path.write_bytes(path.read_bytes()[:-5000])


def too_large(path: Path) -> None:
    recorded(path)
    with path.open("r+b") as file:
        file.truncate(MAX_BYTES + 1)


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil",
    [
        broken_text,
        float_samples,
        cut_off,
        too_large,
        pipe,
        lambda path: path.write_bytes(b""),
        lambda path: recorded(path, width=3),
        lambda path: recorded(path, loud=0.0),
        lambda path: recorded(path, seconds=31.0, rate_hz=8_000),
        lambda path: recorded(path, rate_hz=4_000),
        lambda path: path.symlink_to("nowhere.wav"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_once_and_the_words_are_synthesised(
    tmp_path: Path, spoil: object, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "voice/en/be_still.wav"
    path.parent.mkdir(parents=True)
    spoil(path)  # type: ignore[operator]
    assert heard(tmp_path, f"{STILL} {STILL}", "espeak-ng") == [STILL, STILL]
    (line,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert str(path) in line.message and "\n" not in line.message and "synthesised" in line.message


def test_a_file_without_a_sentence_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    recorded(tmp_path / "voice/en/be_stil.wav")
    recorded(tmp_path / "voice/en/limb_untimed.wav")  # a limb is filled in: nobody can record it
    assert heard(tmp_path, STILL, "espeak-ng") == [STILL]
    assert sum("no step or phrase" in record.message for record in caplog.records) == 2


def test_a_file_added_while_the_station_runs_counts_from_the_next_sentence_on(tmp_path: Path) -> None:
    (tmp_path / "voice/en").mkdir(parents=True)
    own = OwnVoice(tmp_path / "voice", load_exercises)
    assert [part.path for part in own.parts(STILL, "en")] == [None]
    added = recorded(tmp_path / "voice/en/be_still.wav")
    os.utime(added.parent, ns=(1, 1))
    assert [part.path for part in own.parts(STILL, "en")] == [added]


def test_a_sound_ends_what_is_left_of_the_words(tmp_path: Path) -> None:
    recorded(tmp_path / "voice/en/be_still.wav")
    recorded(tmp_path / "voice/en/ready.wav")
    system = System("aplay")
    own = OwnVoice(tmp_path / "voice", load_exercises)
    speaker = Speaker(tmp_path / "sounds", own_voice=own, run=system.run, which=system.which)
    speaker.say(f"{STILL} Ready.", 1.0)
    speaker.pump(1.0)
    speaker.add(cue("lift_off", 1.5))
    speaker.pump(1.5)
    system.started[-1].code = 0
    speaker.pump(2.5)
    assert [name[:5] for name in system.played] == ["voice", "lift_"]
