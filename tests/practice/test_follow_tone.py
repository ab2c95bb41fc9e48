"""The continuous tone: follows what works, silent at rest, without clicks, soon enough, and gone after some weeks."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest

from station.model import LiveLimb, LiveState, Loads
from station.practice.follow_tone import FADES_OVER, SMOOTH_S, FollowTone, fading, work
from station.service.tone_speaker import BLOCK_S, RATE_HZ, ToneSpeaker


def live(*limbs):
    seen = tuple(LiveLimb(f"leg_{n}", phase, 0.0, load) for n, (phase, load) in enumerate(limbs))
    return LiveState(0.0, "still", Loads(0.0, (), ()), seen, ())


def played(levels, block_s=0.04):
    tone = FollowTone(RATE_HZ)
    return np.concatenate([tone.block(level, round(block_s * RATE_HZ)) for level in levels])


@pytest.mark.parametrize(
    "limbs, level",
    [
        ([("rest", 0.4)], 0.0),
        ([("melt", 0.97)], 0.0),  # within 5 % of rest: it has let go
        ([("prepare", 0.5)], 0.474),
        ([("aloft", 0.0)], 1.0),
        ([("melt", 0.8), ("melt", 0.4)], 0.579),
        ([("prepare", None)], 0.0),
        ([], 0.0),
    ],
)
def test_what_still_works_is_the_largest_change_of_a_limb_that_is_not_at_rest(limbs, level):
    assert work(live(*limbs)) == pytest.approx(level, abs=0.001)


def test_it_is_silent_at_rest_to_the_last_bit():
    assert not np.rint(played([0.0] * 20) * 32767).any()


def test_ninety_percent_of_a_step_is_heard_within_150_ms():
    loud = np.abs(played([1.0] * 20))
    envelope = np.array([loud[n : n + 441].max() for n in range(0, len(loud) - 441, 441)])
    assert (np.argmax(envelope > 0.9 * envelope[-1]) + 1) * 0.02 <= 0.15
    assert SMOOTH_S * 2 <= 0.1


def test_steps_of_the_level_make_no_zipper_noise():
    rng = np.random.default_rng(1)
    steady, stepping = played([0.5] * 100), played(rng.uniform(0.2, 1.0, 100))
    for samples in (steady, stepping):
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
        assert spectrum[hz > 2500].sum() < 1e-6 * spectrum.sum()


def test_it_does_not_matter_how_the_blocks_are_cut():
    whole = FollowTone(RATE_HZ)
    parts = FollowTone(RATE_HZ)
    one = whole.block(0.7, 2000)
    two = np.concatenate([parts.block(0.7, n) for n in (1, 499, 1500)])
    assert one == pytest.approx(two, abs=1e-9)


def test_it_fades_out_over_the_sessions_that_had_it():
    assert fading(0) == 1.0 and fading(FADES_OVER) == fading(FADES_OVER * 9) == 0.0
    assert [fading(n) for n in range(FADES_OVER)] == sorted((fading(n) for n in range(FADES_OVER)), reverse=True)


class Player:
    """A player that keeps what it is given."""

    def __init__(self):
        self.stdin = io.BytesIO()
        self.killed = False

    def kill(self):
        self.killed = True

    def wait(self):
        return 0


def test_the_speaker_is_given_the_tone_block_by_block_and_let_go_of_afterwards(monkeypatch):
    monkeypatch.setattr("station.service.tone_speaker.IDLE_S", 0.1)
    made = []
    speaker = ToneSpeaker(open_player=lambda command: made.append(Player()) or made[-1])
    speaker.follow(1.0)
    for _ in range(200):
        if made and len(made[0].stdin.getvalue()) > 10 * BLOCK_S * RATE_HZ:
            break
        time.sleep(0.01)
    speaker.follow(0.0)
    for _ in range(300):
        if made[0].killed:
            break
        time.sleep(0.01)
    assert made[0].killed
    samples = np.frombuffer(made[0].stdin.getvalue(), "<i2")
    assert np.abs(samples).max() > 300 and not samples[-100:].any()
    speaker.close()
