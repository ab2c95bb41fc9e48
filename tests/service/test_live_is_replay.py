"""What was detected live is what a replay of the stored frames detects: to the bit, and however the frames are cut into blocks."""

from __future__ import annotations

import csv
import gzip
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from fake_time import SHORT_PRACTICE, rig

from hardware.mats import find_mat, shipped_mats
from station.analysis.replay import announcements, lift_line
from station.cli import backlift
from station.model import Announcement, Lift, PhaseEvent, Presence, Repetition
from station.recording import read_recording
from station.signal.detector import Detector
from station.store import Reader
from station.store.records import SessionRecord

LENGTH_S = 62.0


@dataclass(frozen=True)
class Practised:
    """A folder in which somebody has practised, on fake time, with everything real behind the chips."""

    folder: Path
    announced: list[Announcement]


@pytest.fixture(scope="module")
def practised(tmp_path_factory: pytest.TempPathFactory) -> Practised:
    folder = tmp_path_factory.mktemp("s")
    with rig(folder) as made:
        made.run(LENGTH_S)
    return Practised(folder, made.announced)


@pytest.fixture(scope="module")
def reader(practised: Practised) -> Reader:
    return Reader(practised.folder / "data" / "backlift.db")


@pytest.fixture(scope="module")
def session(reader: Reader) -> SessionRecord:
    (summary,) = reader.sessions()
    return reader.session(summary.id)


@pytest.fixture(scope="module")
def exported(practised: Practised, reader: Reader, session: SessionRecord) -> Path:
    """The stored frames as a recording, written by a few lines that know nothing of the project's own export."""
    frames = reader.frames(session.id)
    path = practised.folder / "session.csv.gz"
    with gzip.open(path, "wt", newline="") as file:
        table = csv.writer(file)
        table.writerow(["time_s", *session.zones])
        for t_s, volts in zip(frames.t_s.tolist(), frames.volts.tolist(), strict=True):
            table.writerow([f"{t_s:.6f}", *("" if math.isnan(v) else f"{v:.6f}" for v in volts)])
    return path


def test_the_practice_was_seen_at_all(session: SessionRecord) -> None:
    assert session.summary.state == "ended"
    assert [repetition.kind for repetition in session.repetitions] == ["leg", "full"]
    assert sorted(lift.original.limb for repetition in session.repetitions for lift in repetition.lifts) == [
        "arm_l",
        "leg_l",
        "leg_r",
    ]


def test_the_stored_frames_are_what_the_recording_says(exported: Path, reader: Reader, session: SessionRecord) -> None:
    stored = reader.frames(session.id)
    read = read_recording(exported, session.zones)
    np.testing.assert_array_equal(stored.t_s, read.t_s)
    np.testing.assert_array_equal(stored.volts, read.volts)
    assert len(stored) > 45 * 100


@pytest.mark.parametrize("block", [1, 7, 100, 10**6])
def test_a_replay_announces_exactly_what_was_announced_live(exported: Path, practised: Practised, block: int) -> None:
    mat, _ = find_mat("half-8")
    replayed = list(announcements(Detector(mat), read_recording(exported, mat.zone_names), block))
    for kind in (Presence, PhaseEvent, Lift, Repetition):
        assert [a for a in replayed if isinstance(a, kind)] == [a for a in practised.announced if isinstance(a, kind)], kind


def test_the_command_line_prints_the_same_lifts_and_nothing_else(exported: Path, practised: Practised) -> None:
    result = CliRunner().invoke(backlift, ["replay", str(exported), "--mat", str(shipped_mats()["half-8"]), "--json"])
    assert result.exit_code == 0
    printed = [json.loads(line) for line in result.stdout.splitlines()]
    live = [a for a in practised.announced if isinstance(a, Lift) and a.kind != "void"]
    assert printed == json.loads(json.dumps([lift_line(lift) for lift in live]))
    assert len(printed) >= 3


def test_how_the_live_frames_were_cut_into_turns_changes_nothing(tmp_path: Path, practised: Practised) -> None:
    with rig(tmp_path) as made:
        made.run(LENGTH_S, frames_per_turn=9)
    assert [a for a in made.announced if isinstance(a, Lift)] == [a for a in practised.announced if isinstance(a, Lift)]


def test_the_truth_of_the_simulated_body_is_found(practised: Practised) -> None:
    """Not an accuracy test (there is one elsewhere): the times are on the right axis and belong to the right limbs."""
    began_s = 1000.0
    truth = {"leg_l": 4 + 4 + 10 + 3, "leg_r": 4 + 4 + 10 + 11 + 7 + 3}
    for lift in (a for a in practised.announced if isinstance(a, Lift) and a.limb in truth):
        assert lift.lift_off is not None
        assert abs(lift.lift_off - began_s - truth[lift.limb]) < 1.5
    assert len(SHORT_PRACTICE.steps) == 9
