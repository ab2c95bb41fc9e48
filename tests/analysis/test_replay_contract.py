"""`backlift replay --json` keeps the output contract: over practice recordings where they are at hand, over a simulated one always.

The recordings are looked for in $BACKLIFT_LIFTS, or in ../shared/lifts beside the checkout.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hardware.mats import find_mat, shipped_mats
from station.bench.pipeline import practice, write_recording
from station.cli import backlift

ROOT = Path(__file__).parent.parent.parent
LIFTS = Path(os.environ.get("BACKLIFT_LIFTS", ROOT.parent / "shared" / "lifts")) / "dev"
RECORDINGS = sorted(LIFTS.glob("*.csv.gz"))
TIMES = ("prepare_start", "lift_off", "touch_down", "melt_end")
CONTRACT = {"limb", "kind", *TIMES, "extent", "reported_at"}


def replayed(recording: Path, mat: Path) -> list[dict[str, Any]]:
    result = CliRunner().invoke(backlift, ["replay", str(recording), "--mat", str(mat), "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stderr == ""
    # Strict: NaN and Infinity are no JSON.
    return [
        json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} in the output")) for line in result.stdout.splitlines()
    ]


def keeps_the_contract(lift: dict[str, Any], limbs: set[str], last_s: float) -> None:
    assert set(lift) >= CONTRACT
    assert lift["limb"] in limbs
    assert lift["kind"] in ("lift", "unweighting")
    known = [lift[name] for name in TIMES if lift[name] is not None]
    assert all(isinstance(t_s, float) for t_s in known)
    assert known == sorted(known)
    assert all(t_s <= last_s for t_s in known)
    assert lift["extent"] is None or 0 <= lift["extent"] <= 1
    for name, reported_s in lift["reported_at"].items():
        assert name in TIMES
        assert reported_s <= last_s
        assert lift[name] is None or reported_s >= lift[name], "announced before it happened"
    if lift["kind"] == "lift":
        assert all(lift[name] is not None or name in lift["why_null"] for name in TIMES), "a null without a reason"


@pytest.mark.parametrize("recording", RECORDINGS or [None], ids=lambda path: path.name.split(".")[0] if path else "none")
def test_practice_recordings(recording: Path | None) -> None:
    if recording is None:
        pytest.skip(f"no practice recordings in {LIFTS}; set BACKLIFT_LIFTS to the folder that holds 'dev'")
    mat = recording.with_name(recording.name.replace(".csv.gz", ".mat.toml"))
    limbs = {limb.name for limb in find_mat(str(mat))[0].limb}
    for lift in replayed(recording, mat):
        keeps_the_contract(lift, limbs, last_s=1e4)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("r") / "practice.csv"
    write_recording(path, practice(100.0), find_mat("full-16")[0].zone_names)
    return path


def test_a_simulated_practice(simulated: Path) -> None:
    lifts = replayed(simulated, shipped_mats()["full-16"])
    assert len(lifts) >= 3
    for lift in lifts:
        keeps_the_contract(lift, {limb.name for limb in find_mat("full-16")[0].limb}, last_s=100.0)


def test_columns_may_stand_in_any_order(simulated: Path, tmp_path: Path) -> None:
    rows = [line.split(",") for line in simulated.read_text().splitlines()[:6000]]
    turned = tmp_path / "turned.csv"
    turned.write_text("".join(",".join([row[0], *row[:0:-1]]) + "\n" for row in rows))
    straight = tmp_path / "straight.csv"
    straight.write_text("".join(",".join(row) + "\n" for row in rows))
    mat = shipped_mats()["full-16"]
    assert replayed(turned, mat) == replayed(straight, mat) != []


def test_without_json_a_table_for_people(simulated: Path) -> None:
    result = CliRunner().invoke(backlift, ["replay", str(simulated), "--mat", "full-16"], catch_exceptions=False)
    header, first, *_ = result.stdout.splitlines()
    assert "melt" in header and "lift-off" in header
    assert re.split(r"\s{2,}", first.strip())[0] in {"left arm", "right arm", "left leg", "right leg"}
    assert not result.stdout.lstrip().startswith("{")


def test_a_recording_without_lifts_prints_nothing_in_json_and_a_sentence_otherwise(simulated: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    short.write_text("\n".join(simulated.read_text().splitlines()[:200]) + "\n")
    assert replayed(short, shipped_mats()["full-16"]) == []
    result = CliRunner().invoke(backlift, ["replay", str(short), "--mat", "full-16"], catch_exceptions=False)
    assert result.stdout == "No lifts found.\n"


def test_a_calibration_is_used_and_a_file_that_is_none_is_named(simulated: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "calibration.json", tmp_path / "bad.json"
    zones = find_mat("full-16")[0].zone_names
    good.write_text(json.dumps({zone: {"zone": zone, "k": 6e-5, "gamma": 0.8, "residual": 0.02} for zone in zones}))
    bad.write_text('{"head": {"k": "much"}}')
    command = ["replay", str(simulated), "--mat", "full-16", "--json", "--calibration"]
    calibrated = CliRunner().invoke(backlift, [*command, str(good)], catch_exceptions=False)
    assert [json.loads(line)["limb"] for line in calibrated.stdout.splitlines()]
    assert calibrated.stdout != CliRunner().invoke(backlift, command[:-1]).stdout
    refused = CliRunner().invoke(backlift, [*command, str(bad)])
    assert refused.exit_code != 0 and "bad.json" in str(refused.exception)


def test_a_recording_that_ends_during_a_melt_still_gives_the_lift_and_no_invented_end(simulated: Path, tmp_path: Path) -> None:
    mat = shipped_mats()["full-16"]
    first = next(lift for lift in replayed(simulated, mat) if lift["kind"] == "lift")
    rows = simulated.read_text().splitlines()
    cut = tmp_path / "cut.csv"
    end_s = first["reported_at"]["touch_down"] + 0.2
    cut.write_text("\n".join([rows[0], *(row for row in rows[1:] if float(row.split(",")[0]) <= end_s)]) + "\n")
    (lift,) = replayed(cut, mat)
    assert [lift[name] for name in TIMES[:3]] == [first[name] for name in TIMES[:3]]
    assert lift["melt_end"] is None and lift["why_null"]["melt_end"]
