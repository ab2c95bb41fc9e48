"""The system services: hardened as far as promised, and still able to do their work."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from station.cli import COMMANDS
from station.install.install_plan import CONFIG
from station.install.target_machine import PREFIX
from station.install.update_progress import PROGRESS, UPDATE_REQUESTED
from station.service.main import FRAMES_STALLED_S
from station.service.peers import DASHBOARD_USER

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
STATION = UNITS / "backlift-station.service"
DASHBOARD = UNITS / "backlift-dashboard.service"
UPDATE, UPDATE_PATH = UNITS / "backlift-update.service", UNITS / "backlift-update.path"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def settings(unit: Path) -> dict[str, list[str]]:
    """Every directive of a unit with all its values, in order."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@needs_systemd
@pytest.mark.parametrize(("unit", "limit"), [(STATION, 0.5), (DASHBOARD, 1.2)])
def test_exposure_stays_below_its_limit(unit: Path, limit: float):
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert exposure, told.stderr
    assert float(exposure[1]) <= limit


@needs_systemd
def test_systemd_finds_nothing_to_complain_about(tmp_path: Path):
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    for unit in (STATION, DASHBOARD, UPDATE, UPDATE_PATH):
        shutil.copy(unit, tmp_path / "usr/lib/systemd/system")
        if unit == UPDATE_PATH:
            continue
        program = tmp_path / settings(unit)["ExecStart"][0].split()[0].lstrip("/")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    names = [unit.name for unit in (STATION, DASHBOARD, UPDATE, UPDATE_PATH)]
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}", *names],
        capture_output=True,
        text=True,
    )
    ours = [line for line in (told.stdout + told.stderr).splitlines() if "backlift" in line]
    assert (told.returncode, ours) == (0, [])


@pytest.mark.parametrize("unit", [STATION, DASHBOARD])
def test_it_is_watched_and_always_comes_back(unit: Path):
    says = settings(unit)
    assert says["Type"] == ["notify"]
    assert says["Restart"] == ["always"]
    assert says["StartLimitIntervalSec"] == ["0"]
    assert "WatchdogSec" in says


def test_a_hang_of_the_station_is_over_within_fifteen_seconds():
    says = settings(STATION)
    until_killed_s = sum(int(says[key][0].removesuffix("s")) for key in ("WatchdogSec", "TimeoutAbortSec", "RestartSec"))
    # Signs of life go on for so long after the last frame.
    noticed_s = FRAMES_STALLED_S
    start_s = 1.5
    assert noticed_s + until_killed_s + start_s <= 15


@pytest.mark.parametrize(("unit", "name"), [(STATION, "station"), (DASHBOARD, "dashboard")])
def test_it_runs_a_command_the_program_has(unit: Path, name: str):
    program, *words = settings(unit)["ExecStart"][0].split()
    assert program == f"{PREFIX}/current/bin/backlift"
    assert words[0] == name and words[0] in COMMANDS
    assert words[1:] == ["--config", CONFIG]


def test_an_update_is_started_by_the_stations_file_and_its_progress_is_roots():
    says = settings(UPDATE)
    program, *words = says["ExecStart"][0].split()
    assert program == f"{PREFIX}/current/bin/backlift"
    assert words == ["upgrade", "--from-stick"], "nothing that the station could choose"
    assert settings(UPDATE_PATH)["PathExists"] == [f"/run/{settings(STATION)['RuntimeDirectory'][0]}/{UPDATE_REQUESTED}"]
    assert f"/run/{says['RuntimeDirectory'][0]}" == str(PROGRESS.parent)
    assert says["RuntimeDirectoryPreserve"] == ["yes"], "read after it ended"
    assert says["PrivateNetwork"] == ["yes"]


def test_the_station_has_one_door_and_its_devices():
    says = settings(STATION)
    assert says["PrivateNetwork"] == ["yes"]
    assert says["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert says["DeviceAllow"] == ["char-i2c rw", "char-gpiochip rw", "char-alsa rw"]
    assert says["CPUSchedulingPolicy"] == ["fifo"]
    assert "CPUSchedulingResetOnFork" not in says, "threads count as forks: the sampler would lose its priority"
    assert says["WorkingDirectory"] == ["%t/" + says["RuntimeDirectory"][0]], "lgpio must be able to write where it runs"


def test_the_dashboard_is_a_user_of_its_own_that_reads_sessions_and_runs_where_it_cannot_write():
    station, dashboard = settings(STATION), settings(DASHBOARD)
    assert dashboard["User"] == [DASHBOARD_USER] != station["User"]
    assert dashboard["Group"] == station["Group"], "the socket and the database are shared by group"
    assert dashboard["WorkingDirectory"] == ["/"]
    assert (station["UMask"], station["StateDirectoryMode"]) == (["0027"], ["0750"]), "the group reads, nobody else"
    assert f"u     {DASHBOARD_USER} " in (UNITS / "backlift.sysusers").read_text()


def test_the_dashboard_has_no_devices_and_cannot_write_sessions():
    says = settings(DASHBOARD)
    assert says["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in says
    assert says["ReadOnlyPaths"] == ["-/var/lib/" + settings(STATION)["StateDirectory"][0]]


@pytest.mark.parametrize("unit", [STATION, DASHBOARD])
def test_every_restriction_stands_below_a_reason(unit: Path):
    """Blocks of directives are opened by a comment; nothing restrictive stands in a block without one."""
    service = unit.read_text().split("[Service]")[1].split("[Install]")[0]
    for block in service.strip().split("\n\n"):
        assert block.startswith(("#", "Type=")), f"no reason given above: {block.splitlines()[0]}"


def test_bus_and_pins_belong_to_the_groups_the_station_is_in():
    rules = (UNITS / "60-backlift.rules").read_text()
    given = set(re.findall(r'GROUP="(\w+)"', rules))
    assert given <= set(settings(STATION)["SupplementaryGroups"][0].split())
    assert set(re.findall(r'MODE="(\d+)"', rules)) == {"0660"}


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed")
def test_the_service_user_is_made_with_its_groups(tmp_path: Path):
    (tmp_path / "etc").mkdir()
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", UNITS / "backlift.sysusers"], check=True, capture_output=True)
    groups = {line.split(":")[0]: line.split(":")[3] for line in (tmp_path / "etc/group").read_text().splitlines()}
    assert {"i2c", "gpio", "audio"} <= {name for name, members in groups.items() if "backlift" in members.split(",")}
    assert "backlift:" in (tmp_path / "etc/passwd").read_text()


def test_the_announcement_on_the_network_names_the_pages():
    service = ElementTree.parse(UNITS / "backlift.avahi-service").getroot().find("service")
    assert service is not None
    assert (service.findtext("type"), service.findtext("port")) == ("_http._tcp", "8080")


def test_the_dashboard_loads_nothing_of_the_bus():
    """Its unit hides /proc/cpuinfo, which the bus libraries read while they are imported: it would never start on a Pi."""
    assert settings(DASHBOARD)["ProcSubset"] == ["pid"]
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "web").rglob("*.py")
        if "bench" not in path.name and "node_modules" not in path.parts
    ]
    script = f"""
import sys, importlib
for name in {modules}:
    importlib.import_module(name.removesuffix(".__init__"))
bus = [name for name in sys.modules if name.partition(".")[0] in ("board", "busio", "digitalio") or name.startswith("adafruit_")]
assert not bus, bus
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]
