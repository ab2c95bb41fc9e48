"""The sounds: quiet, without clicks, told apart with eyes closed, and heard when they should be."""

from __future__ import annotations

import io
import itertools
import wave
from typing import get_args

import numpy as np
import pytest

from station.practice import sounds
from station.practice.cue import HUSH, Cue, Sound

RATE_HZ = sounds.design().sample_rate_hz
NAMES = [name for name in get_args(Sound) if name != HUSH]
SETS = list(sounds.design().voices)
EACH = [(name, sound_set) for name in NAMES for sound_set in SETS]


def read(data: bytes):
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


def pitches(samples, step_s=0.05):
    """The strongest frequency of each twentieth of a second that is not silent, in Hz."""
    step, found = round(step_s * RATE_HZ), []
    for start in range(0, len(samples) - 2 * step, step):
        piece = samples[start : start + 2 * step]
        if np.sqrt(np.mean(piece**2)) < 0.01:
            continue
        spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 14))
        found.append(np.fft.rfftfreq(1 << 14, 1 / RATE_HZ)[spectrum.argmax()])
    return np.array(found)


def test_every_sound_the_guide_makes_is_designed_and_nothing_else():
    assert set(NAMES) == set(sounds.design().sounds)


@pytest.mark.parametrize("name, sound_set", EACH)
def test_each_sound_is_quiet_even_at_full_volume(name, sound_set):
    samples = read(sounds.wav(name, sound_set))
    window = round(0.1 * RATE_HZ)
    loudest_db = 10 * np.log10(np.convolve(samples**2, np.ones(window) / window, "valid").max())
    assert -30 <= loudest_db <= -19.5
    assert np.abs(samples).max() < 0.25  # no peak above -12 dB


@pytest.mark.parametrize("name, sound_set", EACH)
def test_no_sound_clicks(name, sound_set):
    samples = read(sounds.wav(name, sound_set))
    assert abs(samples[0]) < 1e-3 and abs(samples[-1]) < 1e-3
    # A click is energy far above the notes: hardly any may lie above 5 kHz in any 10 ms.
    above = np.fft.rfft(samples)
    above[np.fft.rfftfreq(len(samples), 1 / RATE_HZ) < 5000] = 0
    high = np.fft.irfft(above, len(samples))
    assert np.abs(high).max() < 0.03 * np.abs(samples).max()


@pytest.mark.parametrize("sound_set", SETS)
def test_lift_off_goes_up_and_touch_down_goes_down(sound_set):
    up, down = (pitches(sounds.rendered(name, sound_set)) for name in ("lift_off", "touch_down"))
    assert up[-1] > 1.4 * up[0] and np.all(np.diff(up) > -6)
    assert down[-1] < 0.6 * down[0] and np.all(np.diff(down) < 6)


@pytest.mark.parametrize("sound_set", SETS)
def test_ready_rises_end_falls_a_pause_knocks_and_a_melt_that_is_done_is_a_chord(sound_set):
    def melody(name):
        found = pitches(sounds.rendered(name, sound_set))
        return [
            round(float(np.median(list(group))))
            for _, group in itertools.groupby(found, key=lambda hz: round(12 * np.log2(hz / 440)))
        ]

    assert len(melody("ready")) == 2 and melody("ready")[1] > melody("ready")[0]
    assert len(melody("end")) == 4 and melody("end") == sorted(melody("end"), reverse=True)
    assert len(melody("pause")) == 1 and len(sounds.melody("pause").notes) == 2
    assert {note.at_s for note in sounds.melody("melt_done").notes} == {0.0}


@pytest.mark.parametrize("name", NAMES)
def test_a_small_loudspeaker_on_the_floor_can_play_every_note(name):
    for note in sounds.melody(name).notes:
        for hz in (note.hz, note.to_hz or note.hz):
            assert 430 <= hz <= 900, "tablets hardly play below 400 Hz; above 900 a quiet tone becomes sharp"


@pytest.mark.parametrize("sound_set", SETS)
def test_any_two_sounds_differ_in_melody(sound_set):
    contours = {}
    for name in NAMES:
        notes = sounds.melody(name).notes
        contours[name] = [
            (round(note.at_s, 1), round(12 * np.log2(note.hz / 440)), round(12 * np.log2((note.to_hz or note.hz) / 440)))
            for note in notes
        ]
    for one, other in itertools.combinations(NAMES, 2):
        assert contours[one] != contours[other]
        # and the ones that may follow one another closely differ at their very first note, by two semitones or a glide
        if {one, other} <= {"lift_off", "touch_down", "melt_done", "rest_done", "count", "count_last", "beyond_range"}:
            assert abs(contours[one][0][1] - contours[other][0][1]) >= 2 or contours[one][0][2] != contours[other][0][2]


def test_the_same_bytes_always_and_less_at_less_volume():
    assert sounds.wav("ready") == sounds.wav_of(sounds.rendered("ready") * 1.0)
    loud, soft = read(sounds.wav("ready")), read(sounds.wav("ready", "bowl", 25))
    assert soft == pytest.approx(loud * 0.25, abs=1e-4)
    assert np.abs(read(sounds.wav("ready", "bowl", 0))).max() == 0


def test_an_unknown_sound_is_a_clear_error():
    with pytest.raises(sounds.UnknownSoundError, match="no sound 'bang'; sounds are ready"):
        sounds.wav("bang")
    with pytest.raises(sounds.UnknownSoundError, match="no sound set 'brass'; sets are bowl"):
        sounds.wav("ready", "brass")


@pytest.mark.parametrize("name", NAMES)
def test_a_buzzer_gets_one_beep_a_note_and_stays_short(name):
    pattern = sounds.beeps(name)
    assert len(pattern) == len({note.at_s for note in sounds.melody(name).notes})
    assert all(0 < on_s <= 0.3 and off_s >= 0 for on_s, off_s in pattern)
    assert sum(on_s + off_s for on_s, off_s in pattern) <= sounds.melody(name).length_s


# On a time line -----------------------------------------------------------------------------------------------------------------


def onsets(samples):
    """When sound begins after at least 50 ms of silence, in seconds."""
    loud = np.abs(samples) > 1e-4
    window = round(0.05 * RATE_HZ)
    silent_before = np.convolve(loud, np.ones(window), "full")[: len(loud)] - loud == 0
    return np.flatnonzero(loud & silent_before) / RATE_HZ


def test_on_a_time_line_each_cue_is_heard_at_its_own_time_to_the_millisecond():
    at_s = [3.0, 7.25, 11.1, 14.987]
    cues = [
        Cue(name, t_s, t_s + 1, None, 0.5) for name, t_s in zip(["lift_off", "touch_down", "melt_done", "count"], at_s, strict=True)
    ]
    heard = read(sounds.wav_of(sounds.timeline(cues, 1.0, 20.0)))
    found = onsets(heard)
    assert len(found) == 4
    assert found + 1.0 == pytest.approx(at_s, abs=0.003)


def test_what_was_hushed_is_not_heard():
    cues = [Cue("count", 2.0, 3.0), Cue("count", 4.5, 5.0), Cue(HUSH, 2.5, 5.0), Cue("touch_down", 2.6, 3.0)]
    assert onsets(sounds.timeline(cues, 0.0, 6.0)) == pytest.approx([2.0, 2.6], abs=0.003)


def test_a_whole_second_of_the_most_cues_there_can_be_does_not_clip():
    cues = [
        Cue(name, 1.0 + 0.1 * n, 9.0, None, 1.0) for n, name in enumerate(["trouble", "not_saving", "ready", "end", "melt_done"])
    ]
    assert np.abs(sounds.timeline(cues, 0.0, 5.0)).max() < 1.0
