"""A newer version on the stick is said while nobody practises, and nothing else that lies there."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from hardware.sim.chips import SimulatedClock
from station.locale.texts import Texts
from station.service.update_notice import ARCHITECTURES, LOOK_EVERY_S, UpdateNotice, newer_on

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


class Home:
    """The notice of a machine of its own time, on whose mat somebody lies or not."""

    def __init__(self, stick: Path) -> None:
        self.clock = SimulatedClock()
        self.occupied = False
        self.notice = UpdateNotice("0.1.0", self.clock, lambda: self.occupied, stick)

    def codes(self, after_s: float = LOOK_EVERY_S) -> list[str]:
        self.clock.advance(after_s)
        self.notice.poll()
        thread = self.notice._thread
        assert thread is not None
        thread.join(10.0)
        return [notice.code for notice in self.notice.notices]


@pytest.mark.skipif(platform.machine() not in ARCHITECTURES, reason="no .deb is made for this machine")
def test_it_is_said_from_the_stick_until_it_is_pulled_and_not_to_who_practises(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    home = Home(stick)
    assert home.codes() == [], "without a stick"
    stick.mkdir()
    file = stick / f"backlift-station_0.2.0_{ARCHITECTURES[platform.machine()]}.deb"
    file.touch()
    assert home.codes(after_s=1.0) == [], "it looks once a minute"
    assert home.codes() == ["update_on_stick"]
    for language in ("en", "de"):
        assert f"sudo apt install {file}" in Texts(language).notice(home.notice.notices[0])
    home.occupied = True
    assert home.codes() == []
    home.occupied = False
    file.unlink()
    assert home.codes() == []
