"""Each format is read back by its own reader, and says what the store says."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from station.analysis.lsl_outlet import forward, open_outlets
from station.analysis.study import COLUMNS, bids_files, even_frames, export_bids, export_edf, lift_rows, lift_table
from station.cli.study import study
from station.store import Reader, Store
from station.store.records import SessionRecord
from station.store.store_errors import StoreError

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))
from stored_practice import fill

# What is made once serves all: nobody writes to it.


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "backlift.db"
    fill(path, sessions=2, lasts_s=90.0)
    with Store(path) as store:
        store.note_set(1, "warm\tafterwards", lift_id=1)
    return path


@pytest.fixture
def reader(database: Path) -> Iterator[Reader]:
    with Reader(database) as reader:
        yield reader


@pytest.fixture
def record(reader: Reader) -> SessionRecord:
    return reader.session(1)


def test_one_row_a_lift_over_all_sessions(reader: Reader) -> None:
    text = b"".join(lift_table(reader, [1, 2])).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    lifts = [(id, lift) for id in (1, 2) for one in reader.session(id).repetitions for lift in one.lifts]
    assert len(rows) == len(lifts) > 3
    assert list(rows[0]) == list(COLUMNS)
    for row, (session, lift) in zip(rows, lifts, strict=True):
        assert (row["session"], row["limb"], row["part"]) == (str(session), lift.lift.limb, lift.lift.part)
        for name in ("prepare_s", "aloft_s", "melt_s"):
            value = getattr(lift, name)
            assert row[name] == "" if value is None else float(row[name]) == pytest.approx(value, abs=0.001)
    assert rows[0]["started_utc"].endswith("+00:00")


def test_a_correction_is_in_the_table_and_named(database: Path, tmp_path: Path) -> None:
    own = Path(shutil.copy(database, tmp_path / "backlift.db"))
    with Reader(own) as reader:
        lift = reader.session(1).repetitions[0].lifts[0]
        with Store(own) as store:
            store.correction_add(1, lift.id, boundary="melt_end", t_s=lift.lift.melt_end + 1.0)
        row = next(iter(lift_rows(reader, [1])))
    assert row["corrected"] == "melt_end" and row["melt_sd_s"] is None
    assert row["melt_s"] == pytest.approx(lift.melt_s + 1.0, abs=0.002)


def test_the_even_grid_shows_frames_where_they_were_and_gaps_as_gaps(reader: Reader, record: SessionRecord) -> None:
    frames, block = even_frames(reader, record), reader.frames(1)
    assert frames.rate_hz == record.rate_hz
    for place in (0, 1234, len(frames.volts) - 1):
        nearest = int(np.argmin(np.abs(block.t_s - (frames.first_s + place / frames.rate_hz))))
        assert np.allclose(frames.volts[place], block.volts[nearest], equal_nan=True)
    thin = _Thinned(reader, keep=lambda t_s: (t_s < block.t_s[0] + 10) | (t_s > block.t_s[0] + 12))
    gone = np.isnan(even_frames(thin, record).volts).all(axis=1)
    assert gone.sum() / frames.rate_hz == pytest.approx(2.0, abs=0.1)
    with pytest.raises(StoreError, match="raw recording"):
        even_frames(_Thinned(reader, keep=lambda t_s: t_s < 0), record)


class _Thinned(Reader):
    """A reader whose recording lacks some frames."""

    def __init__(self, inner: Reader, keep: object) -> None:
        self.inner, self.keep = inner, keep

    def frames(self, session_id: int, t0_s: float | None = None, t1_s: float | None = None) -> object:
        block = self.inner.frames(session_id, t0_s, t1_s)
        mask = self.keep(block.t_s)  # type: ignore[operator]
        return type(block)(block.t_s[mask], block.volts[mask])


def test_pyedflib_reads_the_edf_back(reader: Reader, record: SessionRecord, tmp_path: Path) -> None:
    pyedflib = pytest.importorskip("pyedflib")
    export_edf(reader, 1, tmp_path / "s.edf")
    with pyedflib.EdfReader(str(tmp_path / "s.edf")) as edf:
        assert tuple(edf.getSignalLabels()) == record.zones
        assert set(edf.getSampleFrequencies()) == {record.rate_hz}
        assert edf.getPhysicalDimension(0) == "mV"
        frames = even_frames(reader, record)
        for column in (0, 5):
            read = edf.readSignal(column)[: len(frames.volts)]
            assert np.abs(read - frames.volts[:, column] * 1000).max() < 0.1, "as fine as the ADC's own steps of 0.125 mV"
        onsets, durations, texts = edf.readAnnotations()
    lift = record.repetitions[0].lifts[0]
    melt = list(texts).index(f"melt {lift.lift.limb} repetition 1")
    assert onsets[melt] == pytest.approx(lift.lift.touch_down - frames.first_s, abs=1e-3)
    assert float(durations[melt]) == pytest.approx(lift.melt_s, abs=1e-3)


def test_the_reference_validator_accepts_the_bids_dataset(reader: Reader, tmp_path: Path) -> None:
    program = shutil.which("bids-validator-deno") or str(Path(sys.executable).with_name("bids-validator-deno"))
    if not Path(program).exists():
        pytest.skip("no bids-validator-deno: its wheel exists for some machines only")
    export_bids(reader, [1, 2], tmp_path / "dataset")
    done = subprocess.run([program, "--json", str(tmp_path / "dataset")], capture_output=True, text=True, timeout=120)
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        pytest.skip(f"the validator did not run here (it fetches the schema from the network): {done.stderr.strip()[-200:]}")
    wrong = [issue for issue in found["issues"]["issues"] if issue.get("severity") == "error"]
    assert wrong == []


def test_physio_and_events_of_bids_hold_what_was_measured(reader: Reader, record: SessionRecord) -> None:
    files = dict(bids_files(reader, [1]))
    stem = "sub-01/ses-0001/beh/sub-01_ses-0001_task-backlift"
    facts = json.loads(files[f"{stem}_physio.json"])
    rows = gzip.decompress(files[f"{stem}_physio.tsv.gz"]).decode().splitlines()
    frames = even_frames(reader, record)
    assert facts["Columns"] == list(record.zones) and facts["SamplingFrequency"] == frames.rate_hz
    assert len(rows) == len(frames.volts) and len(rows[0].split("\t")) == len(record.zones)
    assert float(rows[100].split("\t")[3]) == pytest.approx(float(frames.volts[100, 3]), abs=1e-6)
    events = list(csv.DictReader(io.StringIO(files[f"{stem}_events.tsv"].decode()), delimiter="\t"))
    kinds = {event["trial_type"] for event in events}
    assert kinds >= {"prepare", "aloft", "melt", "note"} and kinds <= set(
        json.loads(files[f"{stem}_events.json"])["trial_type"]["Levels"]
    )
    assert [float(event["onset"]) for event in events] == sorted(float(event["onset"]) for event in events)
    assert next(event["text"] for event in events if event["trial_type"] == "note") == "warm afterwards", "no tab breaks the table"


def test_a_dataset_is_not_written_over_something_else(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(StoreError, match="not empty"):
        export_bids(reader, [1], tmp_path)


def test_a_recorder_on_the_network_receives_loads_and_markers() -> None:
    pylsl = pytest.importorskip("pylsl", exc_type=(ImportError, RuntimeError))
    name = uuid.uuid4().hex
    loads, markers = open_outlets(("foot_l", "head"), name)
    [info] = pylsl.resolve_byprop("source_id", f"{name}-loads", timeout=10) or pytest.skip("no multicast on this machine")
    [marker_info] = pylsl.resolve_byprop("source_id", f"{name}-phases", timeout=10)
    inlet, marked = pylsl.StreamInlet(info), pylsl.StreamInlet(marker_info)
    inlet.open_stream(10)
    marked.open_stream(10)
    now_s = pylsl.local_clock()
    old = {"event": {"type": "phase", "kind": "melt_end", "limb": "arm_l", "t_s": 1.0}}
    state = {"state": {"t_s": now_s, "zones": {"foot_l": {"load": 0.5}, "head": {"load": None}}}}
    event = {"event": {"type": "phase", "kind": "lift_off", "limb": "leg_l", "t_s": now_s - 0.2}}
    forward([old, state, event], ("foot_l", "head"), loads, markers)
    sample, at_s = inlet.pull_sample(timeout=10)
    assert sample[0] == pytest.approx(0.5) and math.isnan(sample[1]) and at_s == pytest.approx(now_s, abs=1e-6)
    words, at_s = marked.pull_sample(timeout=10)
    assert words == ["lift_off leg_l"] and at_s == pytest.approx(now_s - 0.2, abs=1e-6), "what was before is passed over"


def test_the_commands_write_the_same(database: Path, reader: Reader, tmp_path: Path) -> None:
    run = CliRunner()
    for arguments in (
        ["lifts", str(tmp_path / "l.csv")],
        ["edf", "1", str(tmp_path / "s.edf")],
        ["bids", str(tmp_path / "d"), "1"],
    ):
        result = run.invoke(study, [*arguments, "--data", str(database.parent)])
        assert result.exit_code == 0, result.output
    assert (tmp_path / "l.csv").read_bytes() == b"".join(lift_table(reader, [1, 2]))
    assert (tmp_path / "s.edf").stat().st_size > 10_000
    assert (tmp_path / "d" / "dataset_description.json").exists()
