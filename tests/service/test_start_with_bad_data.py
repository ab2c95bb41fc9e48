"""Nothing that was stored, chosen or written by hand keeps a station from starting: it says what it left out."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import msgspec
import pytest
from fake_time import SHORT_PRACTICE, Rig

from hardware.calibration import ZoneCalibration
from hardware.errors import MatFileError
from hardware.mat import load_mat
from hardware.mats import shipped_mats
from hardware.strict_toml import decode, read_text
from station.config import Config, ConfigError, MatChoice, Sampling, Storage, load_config
from station.locale.texts import Texts
from station.practice.exercise import load_exercises
from station.service.saved_choices import read_what_was_chosen
from station.settings import SETTINGS
from station.store import Store
from station.store.connection import SqliteConnection

DEEP = "x = " + "[" * 3000 + "]" * 3000
LONG = "x = " + "9" * 6000
GOOD_MAT = shipped_mats()["small-4"].read_text(encoding="utf-8")
BAD_TOML = {
    "deep": DEEP,
    "deep tables": "x = " + "{a = " * 3000 + "1" + "}" * 3000,
    "dotted": ".".join("a" * 1 for _ in range(5000)) + " = 1",
    "long number": LONG,
    "long float": "x = 1e" + "9" * 6000,
    "no date": "x = 2026-02-31T25:00:00",
    "typo": GOOD_MAT.replace("resistor_ohms", "resistor_ohm"),
    "not TOML": "what is this",
    "empty": "",
    "control characters": "\x00\x01",
    "huge": "# " + "x" * 2_000_000,
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    storage = Storage(directory=str(tmp_path / "data"))
    made = Config(sampling=Sampling(driver="simulated"), storage=storage, mat=MatChoice(file="half-8"))
    Store(made.database).close()
    return made


@pytest.mark.parametrize("text", BAD_TOML.values(), ids=BAD_TOML)
def test_a_file_that_is_no_mat_or_config_is_an_error_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text)
    with pytest.raises(MatFileError) as error:
        load_mat(path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 500
    if text:
        with pytest.raises(ConfigError) as error:
            load_config(path)
        assert "\n" not in str(error.value) and len(str(error.value)) < 500


@pytest.mark.parametrize("text", BAD_TOML.values(), ids=BAD_TOML)
def test_a_mat_file_that_went_wrong_is_left_out_and_named(tmp_path: Path, config: Config, text: str) -> None:
    (tmp_path / "my.mat.toml").write_text(text)
    wrong = Config(sampling=config.sampling, storage=config.storage, mat=MatChoice(file=str(tmp_path / "my.mat.toml")))
    chosen = read_what_was_chosen(wrong)
    [notice] = chosen.left_out
    assert notice.code == "mat_left_out" and notice.params["mat"] == str(tmp_path / "my.mat.toml")
    assert chosen.mat.mat.name == notice.params["used"]


def test_a_mat_that_is_gone_gives_way_to_the_one_in_the_config(config: Config) -> None:
    with Store(config.database) as store:
        store.setting_set("station.mat", "no-such-mat")
    chosen = read_what_was_chosen(config)
    assert chosen.mat == load_mat(shipped_mats()["half-8"])
    assert [notice.params["mat"] for notice in chosen.left_out] == ["no-such-mat"]


def test_a_byte_order_mark_is_no_error_anywhere(tmp_path: Path) -> None:
    for name, text in (("my.mat.toml", GOOD_MAT), ("station.toml", "[station]\r\nname = 'Mat'\r\n")):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_mat(tmp_path / "my.mat.toml") == load_mat(shipped_mats()["small-4"])
    assert load_config(tmp_path / "station.toml").station.name == "Mat"
    assert not read_text(tmp_path / "my.mat.toml", MatFileError, "").startswith("\ufeff")
    assert decode("\ufeff" + GOOD_MAT, dict, "x", MatFileError)


DAMAGED = ["[" * 5000, "9" * 6000, '"', "", "NaN", "1e999", "{}", '"a"', "-1", "[[1]]", "\x00", "[1," * 100_000]


@pytest.mark.parametrize("value", DAMAGED, ids=lambda value: repr(value[:6]))
def test_a_damaged_row_of_any_setting_is_left_out_and_the_rest_counts(config: Config, value: str) -> None:
    for key in SETTINGS:
        db = SqliteConnection(config.database)
        db.run("DELETE FROM setting")
        db.run("INSERT INTO setting VALUES (?, ?)", (key, value))
        db.run("INSERT OR IGNORE INTO setting VALUES ('sound.volume', '0.25')")
        db.close()
        chosen = read_what_was_chosen(config)
        if key != "sound.volume":
            assert chosen.settings["sound.volume"] == 0.25, key
        for notice in chosen.left_out:
            assert notice.code in ("setting_left_out", "mat_left_out")
            for language in ("en", "de"):
                assert notice.code not in Texts(language).notice(notice)


def calibration(zone: str) -> dict:
    whole = ZoneCalibration(zone=zone, k=1e-5, gamma=0.9, residual=0.02, creep_per_decade=0.1, tare_siemens=0.0, made_wall_s=1.8e9)
    return msgspec.to_builtins(whole)


def test_a_damaged_calibration_is_left_out_and_the_others_count(config: Config) -> None:
    with Store(config.database) as store:
        mat = load_mat(shipped_mats()["half-8"])
        zones = mat.zone_names
        for zone in zones[:3]:
            store.calibration_add(mat.mat.name, zone, calibration(zone))
    db = SqliteConnection(config.database)
    db.run("UPDATE calibration SET body = '{\"zone\": 7}' WHERE zone = ?", (zones[0],))
    db.run("UPDATE calibration SET body = ? WHERE zone = ?", ("[" * 5000, zones[1]))
    db.close()
    chosen = read_what_was_chosen(config)
    assert {notice.params["zone"] for notice in chosen.left_out if notice.code == "calibration_left_out"} == set(zones[:2])
    assert zones[0] not in chosen.calibration and zones[1] not in chosen.calibration


def test_a_database_that_cannot_be_read_means_defaults(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    from station.store import CardFailingError, Reader

    def fail(reader: Reader) -> None:
        raise CardFailingError("input/output error")

    monkeypatch.setattr(Reader, "settings", fail)
    chosen = read_what_was_chosen(config)
    assert chosen.settings == {} and [notice.code for notice in chosen.left_out] == ["settings_unread"]


def test_a_station_starts_with_all_of_it_at_once_and_says_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    Store(data / "backlift.db").close()
    with sqlite3.connect(data / "backlift.db") as db:
        db.execute("INSERT INTO setting VALUES ('station.mat', '\"gone\"')")
        db.execute("INSERT INTO setting VALUES ('practice.counts', ?)", ("[" * 5000,))
        db.execute("INSERT INTO setting VALUES ('practice.exercise', '\"mine\"')")
        db.execute("INSERT INTO setting VALUES ('sound.volume', '17')")
    db.close()
    (data / "exercises").mkdir()
    (data / "exercises" / "mine.toml").write_text(DEEP)
    (data / "exercises" / "other.toml").write_text(LONG)
    made = Rig(tmp_path, script=SHORT_PRACTICE)
    try:
        made.run(2.0)
        codes = [notice.code for notice in made.station.session.state(made.clock.monotonic_s()).health.notices]
        assert codes.count("setting_left_out") == 2 and codes.count("mat_left_out") == 1 and codes.count("exercise_left_out") == 1
        assert made.station._values["sound.volume"] == SETTINGS["sound.volume"].default
    finally:
        made.station.close()


def test_a_pipe_among_the_exercises_holds_up_nothing(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    os.mkfifo(tmp_path / "exercises" / "pipe.toml")
    assert "free" in load_exercises(tmp_path / "exercises")
