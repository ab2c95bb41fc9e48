"""The speaker plays what is due, drops what is stale, and a dead device costs a sound and nothing else."""

from __future__ import annotations

import errno
import wave
from pathlib import Path

import pytest

from station.practice.cue import HUSH, Cue
from station.service.speaker import AT_ONCE, RETRY_S, Speaker


class Program:
    """A program that runs until the test lets it end."""

    def __init__(self, command):
        self.command = list(command)
        self.code = None
        self.killed = False

    def poll(self):
        return self.code

    def kill(self):
        self.killed = True
        self.code = -9


class System:
    """Programs that are installed, and those that were started."""

    def __init__(self, *installed, ends_at_once=False):
        self.installed = installed
        self.started = []
        self.error = None
        self.ends_at_once = ends_at_once

    def which(self, name):
        return f"/usr/bin/{name}" if name in self.installed else None

    def run(self, command):
        if self.error:
            raise self.error
        program = Program(command)
        if command[0] == "espeak-ng":
            Path(command[command.index("-w") + 1]).write_bytes(b"RIFF")
            program.code = 0
        if self.ends_at_once:
            program.code = 0
        self.started.append(program)
        return program

    @property
    def played(self):
        return [Path(program.command[-1]).name for program in self.started if program.command[0] != "espeak-ng"]


def speaker_on(system, tmp_path, **how):
    return Speaker(tmp_path / "sounds", run=system.run, which=system.which, **how)


def cue(sound="ready", at_s=1.0, expires_s=None, say=None, volume=0.5):
    return Cue(sound, at_s, at_s + 0.5 if expires_s is None else expires_s, say, volume)


def test_a_cue_is_played_at_its_time_through_alsa_as_a_wav_of_its_volume(tmp_path):
    system = System("aplay", "pw-play")
    speaker = speaker_on(system, tmp_path, device="plughw:0")
    speaker.add(cue("touch_down", 1.0))
    speaker.pump(0.9)
    assert system.started == [] and speaker.next_s == 1.0
    speaker.pump(1.0)
    command = system.started[0].command
    assert command[:4] == ["aplay", "-q", "-D", "plughw:0"]
    with wave.open(command[4]) as file:
        assert file.getnframes() > 1000


def test_without_alsa_pipewires_player_is_used(tmp_path):
    system = System("pw-play")
    speaker = speaker_on(system, tmp_path)
    speaker.add(cue())
    speaker.pump(1.0)
    assert system.started[0].command[0] == "pw-play"


def test_stale_cues_are_dropped_not_played_late(tmp_path):
    system = System("aplay", ends_at_once=True)
    speaker = speaker_on(system, tmp_path)
    for n in range(50):
        speaker.add(cue("count", 1.0 + n, 1.4 + n))
    speaker.pump(30.1)  # the station had stalled for half a minute
    assert system.played == ["count-bowl-50.wav"]  # the one of second 30


def test_hush_takes_back_what_has_not_begun(tmp_path):
    system = System("aplay", ends_at_once=True)
    speaker = speaker_on(system, tmp_path)
    speaker.add(cue("count", 2.0))
    speaker.add(cue(HUSH, 1.5))
    speaker.pump(2.0)
    assert system.started == []


def test_no_player_is_said_in_words_and_costs_nothing(tmp_path):
    speaker = speaker_on(System(), tmp_path)
    speaker.add(cue(say="Ready."))
    speaker.pump(1.0)
    assert "alsa-utils" in speaker.words


def test_a_missing_device_is_told_left_alone_for_a_while_and_well_again_when_it_plays(tmp_path):
    system = System("aplay")
    speaker = speaker_on(system, tmp_path)
    speaker.add(cue())
    speaker.pump(1.0)
    system.started[0].code = 1  # aplay: audio open error: No such device
    speaker.pump(1.1)
    assert "is it connected" in speaker.words
    speaker.add(cue(at_s=2.0))
    speaker.pump(2.0)
    assert len(system.started) == 1
    later = 1.1 + RETRY_S
    speaker.add(cue(at_s=later))
    speaker.pump(later)
    system.started[1].code = 0
    speaker.pump(later + 1)
    assert speaker.words is None


@pytest.mark.parametrize(
    "error", [OSError(errno.ENODEV, "No such device"), FileNotFoundError(2, "gone"), PermissionError(13, "no")]
)
def test_a_player_that_cannot_be_started_never_raises(tmp_path, error):
    system = System("aplay")
    system.error = error
    speaker = speaker_on(system, tmp_path)
    speaker.add(cue())
    speaker.pump(1.0)
    assert "cannot be started" in speaker.words


def test_a_hung_player_is_ended_and_sounds_never_pile_up(tmp_path):
    system = System("aplay")
    speaker = speaker_on(system, tmp_path)
    for n in range(20):
        speaker.add(cue("ready", 1.0 + n / 10))
        speaker.pump(1.0 + n / 10)
    assert len(system.started) == AT_ONCE
    speaker.pump(20.0)
    assert all(program.killed for program in system.started)
    assert "hangs" in speaker.words


def test_a_folder_that_cannot_be_written_is_told_and_never_raises(tmp_path):
    (tmp_path / "sounds").write_text("a file where the folder should be")
    system = System("aplay")
    speaker = speaker_on(system, tmp_path)
    speaker.add(cue())
    speaker.pump(1.0)
    assert "cannot be written" in speaker.words and system.started == []


def test_silence_is_silent(tmp_path):
    system = System("aplay", "espeak-ng")
    speaker = speaker_on(system, tmp_path)
    speaker.add(cue(volume=0.0, say="Ready."))
    speaker.pump(1.0)
    assert system.started == []


def test_words_follow_their_sound_in_the_language_chosen(tmp_path):
    system = System("aplay", "espeak-ng")
    speaker = speaker_on(system, tmp_path, language="de")
    assert speaker.speaks
    speaker.add(cue("count", 1.0, say="acht"))
    speaker.pump(1.0)
    sound, voice = system.started
    assert voice.command[0] == "espeak-ng" and voice.command[-2:] == ["--", "acht"] and "de" in voice.command
    speaker.pump(1.1)
    assert len(system.started) == 2  # the sound is still playing
    sound.code = 0
    speaker.pump(1.2)
    assert system.played[-1].startswith("words-")


def test_words_make_way_for_the_next_sound_and_stale_words_are_dropped(tmp_path):
    system = System("aplay", "espeak-ng")
    speaker = speaker_on(system, tmp_path)
    speaker.say("a long sentence", 1.0)
    speaker.pump(1.0)
    speaker.pump(1.1)
    words = system.started[-1]
    speaker.add(cue("lift_off", 1.5))
    speaker.pump(1.5)
    assert words.killed and system.played[-1].startswith("lift_off")
    speaker.say("too late", 1.6)
    speaker.pump(9.0)  # the sound hung, the words' time has passed
    system.started[1].code = 0
    before = len(system.started)
    speaker.pump(9.1)
    assert len(system.started) == before


def test_words_said_once_leave_no_file(tmp_path):
    system = System("aplay", "espeak-ng", ends_at_once=True)
    speaker = speaker_on(system, tmp_path)
    (tmp_path / "sounds").mkdir()
    speaker.say("1 2 3 4 5 6", 1.0)
    for n in range(5):
        speaker.pump(1.0 + n / 10)
    assert [program.command[0] for program in system.started] == ["espeak-ng", "aplay"]
    assert list((tmp_path / "sounds").iterdir()) == []


def test_close_ends_what_still_plays(tmp_path):
    system = System("aplay")
    speaker = speaker_on(system, tmp_path)
    speaker.add(cue())
    speaker.pump(1.0)
    speaker.close()
    assert system.started[0].killed
