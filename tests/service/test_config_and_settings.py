"""The config is strict and never written; settings fit their type or count as not set."""

from __future__ import annotations

import socket
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config import Config, ConfigError, load_config, overridden, parse_config
from station.settings import SETTINGS, SettingError, checked, in_force


def test_an_empty_file_gives_the_defaults_and_they_are_safe() -> None:
    config = parse_config("")
    assert config == Config() == load_config(None)
    assert config.dashboard.host == "127.0.0.1"
    assert not config.mqtt.enabled
    assert config.storage.budget_mb == 0


@pytest.mark.parametrize(
    "text,words",
    [
        ("[smapling]\n", ["smapling"]),
        ("[sampling]\nrate = 5\n", ["sampling", "'rate'"]),
        ("[sampling]\nrate_hz = 5\n", ["sampling", "rate_hz", "20"]),
        ("[sampling]\nrate_hz = 50\nidle_rate_hz = 60\n", ["idle_rate_hz"]),
        ('[sampling]\nbus = "/etc/passwd"\n', ["sampling", "bus"]),
        ("[pins]\nled = 40\n", ["pins", "led", "27"]),
        ('[dashboard]\nport = "8080"\n', ["dashboard", "port", "int"]),
        ("[storage]\ncommit_period_s = 0\n", ["storage", "commit_period_s"]),
        ("[station]\nid = 'Über mir'\n", ["station", "id"]),
        ("rate_hz = 3\n", ["rate_hz"]),
        ("[sampling\n", ["TOML"]),
    ],
)
def test_what_is_wrong_is_named_with_section_and_key(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "my.toml")
    said = str(caught.value)
    assert said.startswith("my.toml") and "\n" not in said
    assert all(word in said for word in words), said


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_no_text_whatever_gives_anything_but_a_config_or_one_line(text: str) -> None:
    try:
        assert isinstance(parse_config(text), Config)
    except ConfigError as error:
        assert str(error)


values = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats() | st.text(max_size=10) | st.lists(st.integers())
sections = {name: type(getattr(Config(), name)).__struct_fields__ for name in Config.__struct_fields__}


@given(st.sampled_from(sorted(sections)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(sections[name]))), values)
def test_any_value_for_any_key_is_taken_or_refused_with_its_place(place: tuple[str, str], value: Any) -> None:
    if value is None:
        return
    section, key = place
    try:
        text = f"[{section}]\n{key} = {_toml(value)}\n"
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError):
        return
    try:
        parse_config(text)
    except ConfigError as error:
        assert section in str(error)
        assert key in str(error)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("'", "").replace("\n", "") + "'"
    return repr(value)


def test_the_command_line_overrides_the_file_and_a_simulated_mat_keeps_to_its_own_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    real = load_config(None)
    play = overridden(real, simulate=True, mat="half-8", port=9000)
    assert (play.simulated, play.mat.file, play.dashboard.port) == (True, "half-8", 9000)
    assert real.database != play.database
    assert overridden(real, data=tmp_path / "x").database == tmp_path / "x" / "backlift.db"


def test_sparing_the_card_writes_less_often() -> None:
    spare = parse_config("[storage]\nspare_card = true\n").storage
    assert spare.period_s == 5.0 > Config().storage.period_s == 1.0


def test_every_default_is_a_value_of_its_own_setting() -> None:
    for key, setting in SETTINGS.items():
        assert checked(key, setting.default) == setting.default
    assert in_force({}) == {key: setting.default for key, setting in SETTINGS.items()}


@pytest.mark.parametrize(
    "key,value",
    [("sound.volume", 2), ("sound.volume", "loud"), ("practice.counts", [8, 1]), ("sound.voice", "pink"), ("no.such", 1)],
)
def test_a_value_that_does_not_fit_is_refused_with_its_key(key: str, value: Any) -> None:
    with pytest.raises(SettingError, match=key.replace(".", r"\.")):
        checked(key, value)


@given(st.dictionaries(st.sampled_from(sorted(SETTINGS)) | st.text(max_size=8), values, max_size=8))
def test_whatever_an_older_program_left_behind_the_settings_in_force_are_whole(stored: dict[str, Any]) -> None:
    force = in_force(stored)
    assert set(force) == set(SETTINGS)
    for key, value in force.items():
        assert checked(key, value) == value or value is None


def test_who_may_not_read_the_config_or_speak_to_the_station_is_told_of_sudo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from station.config import ConfigError, load_config
    from station.service.ipc import IpcClient, IpcError

    def forbidden(*anything: object, **how: object) -> None:
        raise PermissionError(13, "Permission denied")

    config = tmp_path / "station.toml"
    config.touch()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", forbidden)
        with pytest.raises(ConfigError, match="sudo"):
            load_config(config)

    class ClosedSocket(socket.socket):
        connect = forbidden  # type: ignore[assignment]

    monkeypatch.setattr("station.service.ipc_client.socket.socket", ClosedSocket)
    with pytest.raises(IpcError, match="sudo"):
        IpcClient(tmp_path / "socket").command("health")
