"""The .deb: everything inside, installed and taken off by the installer itself."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "release"))

from build_deb import build, debian_version  # noqa: E402
from lock import entries, name_of  # noqa: E402

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed")
SHARE = "usr/share/backlift-station"


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A .deb of a wheel and three packages, taken apart; DEBIAN holds what dpkg runs."""
    packages = tmp_path / "packages"
    packages.mkdir()
    lock = ""
    for name in ("click", "msgspec", "segno", "numpy"):
        file = packages / f"{name}-1.0-py3-none-any.whl"
        file.write_text(name)
        lock += f"{name}==1.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"
    wheel = tmp_path / "backlift_station-0.2.0rc1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("station/__init__.py", "")
    deb = build(wheel, packages, lock, "arm64", tmp_path / "out")
    assert deb.name == "backlift-station_0.2.0~rc1_arm64.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tmp_path / "root"], check=True)
    return tmp_path / "root"


def test_it_says_what_it_is_and_needs_no_more_than_debian_has(unpacked: Path) -> None:
    control = dict(
        line.split(": ", 1) for line in (unpacked / "DEBIAN/control").read_text().splitlines() if not line.startswith(" ")
    )
    assert control["Package"] == "backlift-station" and control["Architecture"] == "arm64"
    assert control["Version"] == "0.2.0~rc1"
    assert {"python3-venv", "systemd"} <= set(control["Depends"].replace(",", "").split())


def test_it_carries_the_wheel_and_every_package_its_lock_names(unpacked: Path) -> None:
    share = unpacked / SHARE
    assert len(list(share.glob("backlift_station-*.whl"))) == 1
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in share.glob("*.whl")}
    for name in ("requirements.lock", "bootstrap.lock"):
        for entry in entries((share / name).read_text()):
            assert entry.partition("sha256:")[2] in hashes
    assert {name_of(entry) for entry in entries((share / "bootstrap.lock").read_text())} == {"click", "msgspec", "segno"}


@pytest.mark.parametrize("name", ["postinst", "prerm"])
def test_its_scripts_are_sound_and_leave_the_work_to_the_installer(unpacked: Path, name: str) -> None:
    script = unpacked / "DEBIAN" / name
    assert script.stat().st_mode & 0o777 == 0o755
    for shell in ("dash", "bash"):
        if shutil.which(shell):
            assert subprocess.run([shell, "-n", script], capture_output=True).returncode == 0
    text = script.read_text()
    assert "set -e" in text and "http" not in text and "apt" not in text
    assert ("install" if name == "postinst" else "uninstall --yes") in text


def test_removing_for_an_upgrade_takes_nothing_off(unpacked: Path) -> None:
    done = subprocess.run(["sh", unpacked / "DEBIAN/prerm", "upgrade", "0.3.0"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_nobody_but_root_can_change_what_is_installed_from(unpacked: Path) -> None:
    assert {path.stat().st_mode & 0o022 for path in unpacked.rglob("*") if not path.is_symlink()} == {0}


@pytest.mark.parametrize(("older", "newer"), [("0.2.0rc1", "0.2.0"), ("0.2.0.dev1", "0.2.0"), ("0.2.0", "0.10.0")])
def test_versions_sort_for_dpkg_as_they_do_for_python(older: str, newer: str) -> None:
    told = subprocess.run(["dpkg", "--compare-versions", debian_version(older), "lt", debian_version(newer)])
    assert told.returncode == 0
