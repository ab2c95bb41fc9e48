"""The recipes for a ready card: sound scripts, and what they name is what the program uses."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from station.install.boot_config import WANTED, bus_settings
from station.install.target_machine import PREFIX

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "release" / "image"
STAGE = IMAGE / "stage-backlift"
SCRIPTS = [IMAGE / "firstrun.sh", STAGE / "prerun.sh", STAGE / "00-backlift/01-run.sh"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_read_by_their_shell_and_started(script: Path) -> None:
    shell = Path(script.read_text().splitlines()[0].removeprefix("#!").split()[0]).name
    assert subprocess.run([shutil.which(shell) or shell, "-n", script], capture_output=True).returncode == 0
    assert script.stat().st_mode & 0o111


def test_the_image_has_the_bus_as_the_installer_wants_it() -> None:
    text = SCRIPTS[2].read_text()
    added = text.partition("<<'LINES'\n")[2].partition("LINES")[0]
    assert bus_settings(added) == WANTED, "so that the installer changes nothing and no second start is needed"


def test_the_first_start_installs_once() -> None:
    unit = (STAGE / "00-backlift/files/backlift-first-boot.service").read_text()
    assert f"ConditionPathExists=!{PREFIX}/current" in unit
    assert "backlift-first-boot/backlift-station_*.deb" in unit
    assert "backlift-first-boot/" in SCRIPTS[2].read_text() and "backlift-first-boot.service" in SCRIPTS[2].read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_reads_the_unit() -> None:
    unit = STAGE / "00-backlift/files/backlift-first-boot.service"
    told = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    assert "first-boot" not in told.stdout + told.stderr, told.stderr


def test_cloud_init_gets_a_user_a_network_and_the_package() -> None:
    text = (IMAGE / "user-data").read_text()
    assert text.startswith("#cloud-config\n")
    asked = yaml.safe_load(text)
    assert any("backlift-station_*_arm64.deb" in words for command in asked["runcmd"] for words in command)
    assert asked["power_state"]["condition"] == f"test -x {PREFIX}/current/bin/backlift"
    network = yaml.safe_load((IMAGE / "network-config").read_text())
    assert network["network"]["version"] == 2 and "wlan0" in network["network"]["wifis"]


def test_firstrun_takes_itself_out_of_the_command_line(tmp_path: Path) -> None:
    line = "console=tty1 root=PARTUUID=1-02 rootwait systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot"
    file = tmp_path / "cmdline.txt"
    file.write_text(line + "\n")
    command = next(one.strip() for one in SCRIPTS[0].read_text().splitlines() if one.strip().startswith("sed "))
    subprocess.run(["sh", "-c", command.replace("/boot/firmware/cmdline.txt", str(file))], check=True)
    assert file.read_text() == "console=tty1 root=PARTUUID=1-02 rootwait\n"
