"""A newer version on the stick is said while nobody practises, and nothing else that lies there."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from hardware.sim.chips import SimulatedClock
from station.install import signed_release
from station.install.signed_release import ARCHITECTURES, SIGNATURE, SUMS, newer_on
from station.install.update_progress import UPDATE_REQUESTED, UpdateProgress, write_progress
from station.locale.texts import Texts
from station.service.declined import DeclinedError
from station.service.updates import LOOK_EVERY_S, UpdatePaths, Updates

DEB = "backlift-station_{}_arm64.deb"


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


def test_the_newest_that_is_newer_and_for_this_machine_is_found(tmp_path: Path) -> None:
    lay(tmp_path, DEB.format("0.9.1"), DEB.format("0.10.0"), DEB.format("0.10.0~rc2"), "backlift-station_0.11.0_amd64.deb")
    assert newer_on(tmp_path, "0.1.0", "aarch64") == ("0.10.0", tmp_path / DEB.format("0.10.0"))
    assert newer_on(tmp_path, "0.1.0", "x86_64") == ("0.11.0", tmp_path / "backlift-station_0.11.0_amd64.deb")
    assert newer_on(tmp_path, "0.10.0", "aarch64") is None
    assert newer_on(tmp_path, "0.10.0rc1", "aarch64") == ("0.10.0", tmp_path / DEB.format("0.10.0"))
    assert newer_on(tmp_path, "0.1.0", "riscv64") is None


@pytest.mark.parametrize(
    "name", [DEB.format("9;rm -rf $HOME"), DEB.format("9.0 --help"), DEB.format("9.0\n"), "x" + DEB.format("9.0")]
)
def test_nothing_that_a_shell_would_take_for_something_else_is_shown(tmp_path: Path, name: str) -> None:
    assert newer_on(lay(tmp_path, name), "0.1.0", "aarch64") is None


pytestmark = pytest.mark.skipif(platform.machine() not in ARCHITECTURES, reason="no .deb is made for this machine")


class Home:
    """A station of its own time with a stick; `signed` releases may be installed where systemd's unit is there."""

    def __init__(self, tmp_path: Path) -> None:
        self.clock = SimulatedClock()
        self.occupied = False
        self.runtime = tmp_path / "runtime"
        self.runtime.mkdir()
        self.paths = UpdatePaths(tmp_path / "stick", tmp_path / "progress.json", tmp_path / "backlift-update.path")
        self.updates = Updates("0.1.0", self.runtime, self.clock, lambda: self.occupied, self.paths)

    @property
    def asked(self) -> bool:
        return (self.runtime / UPDATE_REQUESTED).exists()

    def lay_release(self, *others: str) -> Path:
        self.paths.stick.mkdir(exist_ok=True)
        deb = f"backlift-station_0.2.0_{ARCHITECTURES[platform.machine()]}.deb"
        return lay(self.paths.stick, deb, *others) / deb

    def codes(self, after_s: float = LOOK_EVERY_S) -> list[str]:
        self.clock.advance(after_s)
        self.updates.poll()
        thread = self.updates._thread
        assert thread is not None
        thread.join(10.0)
        return [notice.code for notice in self.updates.notices]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This version carries a release key; what it signs is seen in tests/install/test_signed_release.py."""
    path = tmp_path / "release_key.pem"
    path.touch()
    monkeypatch.setattr(signed_release, "RELEASE_KEY", path)
    return path


def test_it_is_said_from_the_stick_until_it_is_pulled_and_not_to_who_practises(home: Home) -> None:
    assert home.codes() == [], "without a stick"
    home.paths.stick.mkdir()
    file = home.lay_release()
    assert home.codes(after_s=1.0) == [], "it looks once a minute"
    assert home.codes() == ["update_on_stick"]
    for language in ("en", "de"):
        assert f"sudo apt install {file}" in Texts(language).notice(home.updates.notices[0])
    home.occupied = True
    assert home.codes() == []
    home.occupied = False
    file.unlink()
    assert home.codes() == []


def test_a_signed_release_is_asked_for_where_it_can_be_installed(home: Home, key: Path) -> None:
    home.lay_release(SUMS, SIGNATURE)
    assert home.codes() == ["update_on_stick"], "no service that installs: a station that was not installed"
    with pytest.raises(DeclinedError, match="No signed release"):
        home.updates.install()
    home.paths.unit.touch()
    assert home.codes() == ["update_ready"]
    assert not home.asked
    home.updates.install()
    assert home.asked


@pytest.mark.parametrize("missing", [SUMS, SIGNATURE, "key"])
def test_without_a_signature_or_a_key_it_stays_a_command_for_the_terminal(home: Home, key: Path, missing: str) -> None:
    home.lay_release(SUMS, SIGNATURE)
    home.paths.unit.touch()
    (key if missing == "key" else home.paths.stick / missing).unlink()
    assert home.codes() == ["update_on_stick"]
    with pytest.raises(DeclinedError, match="No signed release"):
        home.updates.install()
    assert not home.asked


def test_how_it_goes_and_went_is_told(home: Home, key: Path) -> None:
    home.lay_release(SUMS, SIGNATURE)
    home.paths.unit.touch()
    home.codes()
    home.updates.install()
    assert home.codes(after_s=1.0) == ["update_running"], "from the moment it was asked for"
    (home.runtime / UPDATE_REQUESTED).unlink()
    write_progress(home.paths.progress, UpdateProgress("running", "0.2.0"))
    assert home.codes(after_s=1.0) == ["update_running"]
    with pytest.raises(DeclinedError, match="already being installed"):
        home.updates.install()
    write_progress(home.paths.progress, UpdateProgress("failed", "0.2.0", "SHA256SUMS is not signed"))
    assert home.codes(after_s=1.0) == ["update_ready", "update_failed"]
    assert "SHA256SUMS is not signed" in Texts("en").notice(home.updates.notices[1])
    home.updates.install()
    assert home.asked, "it may be tried again"


def test_a_progress_that_cannot_be_read_is_none(home: Home, key: Path) -> None:
    home.paths.progress.write_text("{")
    home.lay_release()
    assert home.codes() == ["update_on_stick"]
