"""Whatever is wrong from outside is one line on stderr that says where and what to do, exit code 2, and nothing is overwritten."""

from __future__ import annotations

import gzip
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.mats import find_mat, shipped_mats
from station.service import runtime
from station.store import Store

ROOT = Path(__file__).parent.parent.parent
MAT = shipped_mats()["small-4"].read_text()
ZONES = find_mat("small-4")[0].zone_names


def backlift(*words: str, cwd: Path, code: int | None = 2) -> str:
    """Run the command as a person does; the one line it says."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(cwd), "XDG_RUNTIME_DIR": str(cwd)}
    done = subprocess.run(
        [sys.executable, "-m", "station", *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
    )
    if code is not None:
        assert done.returncode == code, done.stderr
    lines = done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("backlift: ")
    return lines[0]


@pytest.fixture
def mat(tmp_path: Path) -> Callable[..., str]:
    def write(old: str = "", new: str = "", name: str = "my.mat.toml") -> str:
        assert old in MAT
        (tmp_path / name).write_text(MAT.replace(old, new, 1))
        return str(tmp_path / name)

    return write


def recording(tmp_path: Path, change: Callable[[str], str] = lambda text: text, name: str = "r.csv") -> str:
    rows = "".join(f"{n / 50:.4f}" + ",1.0" * len(ZONES) + "\n" for n in range(100))
    (tmp_path / name).write_text(change(",".join(["time_s", *ZONES]) + "\n" + rows))
    return str(tmp_path / name)


def test_a_mat_file_with_an_unknown_key_names_file_and_key(tmp_path: Path, mat: Callable[..., str]) -> None:
    said = backlift("replay", recording(tmp_path), "--mat", mat("[mat]\n", "[mat]\ncolour = 3\n"), cwd=tmp_path)
    assert "my.mat.toml" in said and "colour" in said


def test_a_mat_file_with_a_pin_used_twice_names_both_zones(tmp_path: Path, mat: Callable[..., str]) -> None:
    pins = [line for line in MAT.splitlines() if line.startswith("pin")]
    said = backlift("replay", recording(tmp_path), "--mat", mat(pins[1], pins[0]), cwd=tmp_path)
    assert "my.mat.toml" in said and "pin 0" in said and ZONES[0] in said and ZONES[1] in said


def test_a_limb_that_names_an_absent_zone_is_named(tmp_path: Path, mat: Callable[..., str]) -> None:
    limb = MAT.split("[[limb]]")[1]
    zones = next(line for line in limb.splitlines() if line.startswith("zones"))
    said = backlift("replay", recording(tmp_path), "--mat", mat(zones, 'zones = ["tail"]'), cwd=tmp_path)
    assert "my.mat.toml" in said and "'tail'" in said


@pytest.mark.parametrize(
    "change,words",
    [
        (lambda text: text.replace("," + ZONES[1], "", 1), ["line 1", ZONES[1]]),
        (lambda text: text.replace("0.0400,1.0", "0.0400,one", 1), ["line 4", "'one'"]),
        (lambda text: text.replace("0.0400,", "0.0100,", 1), ["line 4", "rise"]),
        (lambda text: "", ["empty"]),
    ],
    ids=["missing column", "text", "time running back", "empty"],
)
def test_a_recording_that_is_wrong_names_file_and_line(
    tmp_path: Path, mat: Callable[..., str], change: Callable[[str], str], words: list[str]
) -> None:
    said = backlift("replay", recording(tmp_path, change), "--mat", mat(), "--json", cwd=tmp_path)
    assert "r.csv" in said
    assert all(word in said for word in words), said


def test_a_truncated_gzip_prints_no_lift_at_all(tmp_path: Path, mat: Callable[..., str]) -> None:
    whole = gzip.compress(Path(recording(tmp_path)).read_bytes())
    (tmp_path / "r.csv.gz").write_bytes(whole[: len(whole) // 2])
    said = backlift("replay", str(tmp_path / "r.csv.gz"), "--mat", mat(), "--json", cwd=tmp_path)
    assert "r.csv.gz" in said and "ends too early" in said


def test_files_that_are_not_there_are_named(tmp_path: Path, mat: Callable[..., str]) -> None:
    assert "gone.csv" in backlift("replay", "gone.csv", "--mat", mat(), cwd=tmp_path)
    assert "gone.mat.toml" in backlift("replay", recording(tmp_path), "--mat", "gone.mat.toml", cwd=tmp_path)
    assert "gone.toml" in backlift("station", "--config", "gone.toml", cwd=tmp_path)


def test_a_config_with_an_unknown_key_or_a_value_out_of_range_names_section_and_key(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text("[sampling]\nrate = 100\n")
    said = backlift("station", "--config", str(config), cwd=tmp_path)
    assert "station.toml" in said and "sampling" in said and "'rate'" in said
    config.write_text("[dashboard]\nport = 70000\n")
    said = backlift("run", "--config", str(config), cwd=tmp_path)
    assert "dashboard" in said and "port" in said and "65535" in said
    assert config.read_text() == "[dashboard]\nport = 70000\n"


def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = backlift("run", "--simulate", "--port", str(port), "--data", str(tmp_path / "d"), cwd=tmp_path)
    assert str(port) in said and "--port" in said
    assert not (tmp_path / "d").exists()


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    database = tmp_path / "d" / "backlift.db"
    database.parent.mkdir()
    Store(database).close()
    with sqlite3.connect(database) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version + 7}")
    connection.close()
    before = database.read_bytes()
    said = backlift("station", "--simulate", "--data", str(tmp_path / "d"), "--runtime", str(tmp_path / "r"), cwd=tmp_path)
    assert "update the program" in said
    assert database.read_bytes() == before


@pytest.mark.skipif(Path("/dev/i2c-1").exists(), reason="this machine has the bus that must be missing here")
def test_a_machine_without_a_bus_says_so_and_names_the_simulator(tmp_path: Path) -> None:
    said = backlift("check", "--no-presses", cwd=tmp_path)
    assert "i2c" in said.lower() and "--simulate" in said


def test_a_second_station_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path / "d" / "backlift.db"):
        said = backlift("station", "--simulate", "--data", str(tmp_path / "d"), "--runtime", str(tmp_path / "r"), cwd=tmp_path)
    assert "running" in said and "backlift.db" in said


def test_five_starts_that_fail_in_a_row_are_safe_mode_and_what_was_said_is_kept(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text("[sampling]\nrate = 100\n")
    folder = tmp_path / "r"
    for count in range(1, 6):
        backlift("station", "--config", str(config), "--runtime", str(folder), cwd=tmp_path)
        assert runtime.crashes(folder).count == count
        assert runtime.crashes(folder).safe_mode == (count >= 5)
    assert "'rate'" in runtime.crashes(folder).words


def test_one_start_that_goes_well_ends_the_count(tmp_path: Path) -> None:
    for _ in range(3):
        runtime.note_start(tmp_path)
    runtime.note_well(tmp_path)
    assert runtime.crashes(tmp_path).count == 0
    (tmp_path / runtime.CRASH_NOTE).write_bytes(b"\xff not json")
    assert runtime.crashes(tmp_path).count == 0
