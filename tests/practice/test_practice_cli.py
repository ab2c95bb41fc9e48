"""The command line: choosing, starting, stopping, and hearing what a practice sounds like."""

from __future__ import annotations

import wave

import numpy as np
import pytest
from click.testing import CliRunner

from station.cli.practice import practice, sounds
from station.practice.exercise import load_exercises
from station.practice.sounds import design
from station.service.ipc import IpcClient, IpcError


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a command; what it would ask a station is in `run.asked`."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def command(self, name, args=None, timeout_s=None):
        asked.append((name, dict(args or {})))

    asked = []
    monkeypatch.setattr(IpcClient, "command", command)

    def run(group, *words, fails=False):
        result = CliRunner().invoke(group, [*words])
        if not fails:
            assert result.exception is None, result.output
        return result

    run.asked = asked
    run.folder = tmp_path
    return run


def test_the_list_shows_every_exercise_its_steps_and_what_a_mat_lacks(run):
    shown = run(practice, "list", "--mat", "small-4").output
    for name, exercise in load_exercises().items():
        assert name in shown and exercise.title.en in shown
    assert "this mat does not feel lower_back: so it cannot be guided on it" in shown
    assert "the other steps are guided" in shown
    assert "Rechter Ellbogen" in run(practice, "list", "--german").output


def test_ones_own_exercise_is_listed_and_a_broken_one_is_told(run):
    folder = run.folder / "data" / "backlift" / "exercises"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('position = "any"\ntitle = { en = "My way", de = "x" }\nabout = { en = "y", de = "y" }\n')
    (folder / "slip.toml").write_text("position = 3\n")
    shown = run(practice, "list").output
    assert "My way" in shown and "left out: slip.toml" in shown
    assert str(folder) in shown.splitlines()[-1]


def test_the_simulated_station_has_a_folder_of_its_own_and_the_list_reads_that_one(run):
    folder = run.folder / "data" / "backlift" / "simulated" / "exercises"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('position = "any"\ntitle = { en = "My way", de = "x" }\nabout = { en = "y", de = "y" }\n')
    shown = run(practice, "list", "--simulate").output
    assert "My way" in shown and str(folder) in shown
    assert "My way" not in run(practice, "list").output


def test_each_command_asks_the_station_for_one_thing(run):
    where = ("--runtime", str(run.folder))
    run(practice, "start", "leg", *where)
    run(practice, "start", *where)
    run(practice, "start", "leg", "--step", "2", *where)
    for word in ("stop", "pause", "resume", "count", "skip", "repeat", "back", "smaller", "larger"):
        run(practice, word, *where)
    assert run.asked == [
        ("guide_start", {"exercise": "leg"}),
        ("guide_start", {}),
        ("guide_start", {"exercise": "leg", "step": 2}),
        ("session_stop", {}),
        ("pause", {}),
        ("resume", {}),
        ("guide_count", {}),
        ("guide_skip", {}),
        ("guide_repeat", {}),
        ("guide_back", {}),
        ("guide_feel", {"feel": "too_much"}),
        ("guide_feel", {"feel": "larger"}),
    ]


def test_watching_shows_sounds_and_words_as_they_come(run, monkeypatch):
    def subscribe(self, since=0):
        yield {"type": "hello", "run": "x", "seq": 0, "oldest": 0}
        yield {"type": "event", "seq": 1, "session": 1, "event": {"type": "session", "kind": "started", "t_s": 3.0}}
        yield {"type": "cue", "seq": 2, "sound": "ready", "at_s": 8.0, "expires_s": 9.0, "say": "Ready.", "volume": 0.5}
        yield {"type": "state", "seq": 2}

    monkeypatch.setattr(IpcClient, "subscribe", subscribe)
    shown = run(practice, "watch", "--runtime", str(run.folder)).output.splitlines()
    assert [line.split() for line in shown] == [["3.00", "session", "started"], ["8.00", "ready", "Ready."]]


def test_without_a_station_it_says_so(tmp_path):
    result = CliRunner().invoke(practice, ["pause", "--runtime", str(tmp_path)])
    assert isinstance(result.exception, IpcError) and "is it running?" in str(result.exception)


def test_sounds_are_listed_with_their_meaning_and_written_as_wav(run):
    shown = run(sounds).output
    for name, melody in design().sounds.items():
        assert name in shown and melody.meaning.en in shown
    run(sounds, "--out", str(run.folder / "wav"), "--set", "wood")
    assert {path.stem for path in (run.folder / "wav").glob("*.wav")} == set(design().sounds)


def test_a_simulated_practice_can_be_heard_as_one_file(run):
    path = run.folder / "practice.wav"
    shown = run(sounds, "--timeline", str(path), "--mat", "small-4", "--counting").output.splitlines()
    with wave.open(str(path)) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
        rate_hz = file.getframerate()
    at_s = [float(line.split()[0]) for line in shown if len(line.split()) >= 2 and line.split()[1] == "touch_down"]
    assert len(at_s) >= 3
    for t_s in at_s:
        assert np.abs(heard[int((t_s + 0.05) * rate_hz) : int((t_s + 0.4) * rate_hz)]).max() > 0.01
    assert any("melts took" in line for line in shown)


@pytest.mark.parametrize(
    "words, error",
    [
        (["--set", "brass"], "no sound set 'brass'"),
        (["--play", "bang"], "no sound 'bang'"),
        (["--timeline", "/proc/nowhere.wav", "--exercise", "jump"], "no exercise 'jump'"),
        (["--out", "/proc/nowhere"], "cannot be written"),
    ],
)
def test_mistakes_are_one_line(run, words, error):
    result = run(sounds, *words, fails=True)
    assert error in str(result.exception) and "\n" not in str(result.exception)
