"""`backlift check` and `backlift calibrate` as a person (or a script) runs them, on the simulated mat."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hardware.errors import BackliftError
from station.cli import backlift
from station.store import Reader


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(backlift, arguments, input=typed)


def test_check_finds_a_simulated_mat_well() -> None:
    result = run("check", "--simulate", "--mat", "small-4")
    assert result.exit_code == 0, result.output
    assert result.output.count("answers, ") == 4
    assert result.output.rstrip().endswith("The mat is well.")


def test_check_can_be_told_to_leave_zones_out() -> None:
    result = run("check", "--simulate", "--mat", "small-4", typed="skip\nstop\n")
    assert result.exit_code == 1, "what was not pressed was not checked"
    assert result.output.count(": not pressed") == 4
    assert "4 of 4 zones were not pressed" in result.output and "is well" not in result.output


def test_check_without_presses_asks_for_none() -> None:
    result = run("check", "--simulate", "--mat", "half-8", "--no-presses")
    assert result.exit_code == 0
    assert "answers, " not in result.output
    assert "frames/s" in result.output


@pytest.mark.skipif(Path("/dev/i2c-1").exists(), reason="this machine has a bus")
def test_check_without_a_bus_looks_at_the_machine_and_says_the_way_out() -> None:
    result = run("check", "--mat", "small-4")
    assert "FAULT no I2C bus /dev/i2c-1" in result.output
    assert isinstance(result.exception, BackliftError)


def test_calibrate_keeps_each_zone_beside_the_earlier_ones(tmp_path: Path) -> None:
    answers = "1 kg\nbrick\n3 kg\ndone\n" + "1 kg\n2 kg\ndone\n"
    arguments = ["calibrate", "--simulate", "--mat", "small-4", "--creep", "0", "--data", str(tmp_path), "elbow_l", "foot_r"]
    first = run(*arguments, typed=answers)
    assert first.exit_code == 0, first.output
    assert "'brick' is not a weight; write it like 2 kg, 500 g or 20 N" in first.output
    assert "Calibrated: elbow_l, foot_r." in first.output
    assert run(*arguments, typed=answers).exit_code == 0
    with Reader(next(tmp_path.glob("*.db"))) as reader:
        kept = reader.calibrations()
    assert [record.zone for record in kept] == ["elbow_l", "foot_r"] * 2
    assert all(record.body["gamma"] > 0.5 and record.body["weights"] == 2 for record in kept)


def test_calibrate_does_not_keep_simulated_sensors_unless_told_where() -> None:
    result = run("calibrate", "--simulate", "--mat", "small-4", "--creep", "0", "foot_l", typed="1 kg\n3 kg\ndone\n")
    assert result.exit_code == 0
    assert "Nothing was kept" in result.output


def test_calibrate_ends_when_nobody_answers_any_more() -> None:
    result = run("calibrate", "--simulate", "--mat", "small-4", typed="1 kg\n")
    assert result.exit_code == 1
    assert "Nothing was calibrated." in result.output


def test_calibrate_names_the_zones_there_are() -> None:
    result = run("calibrate", "--simulate", "--mat", "small-4", "nose")
    assert "zones are elbow_l, elbow_r, foot_l, foot_r" in str(result.exception)
