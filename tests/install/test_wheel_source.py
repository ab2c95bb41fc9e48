"""What is installed comes from a wheel file and from packages that are named with their hashes, from nowhere else."""

from __future__ import annotations

import json
import re
import sys
import tomllib
import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from station.install import wheel_source as module
from station.install.steps import InstallError, Run
from station.install.wheel_source import own_wheel, wheel_source

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "station" / "install"
sys.path.insert(0, str(ROOT / "release"))

from build_deb import MACHINES, PYTHONS, holds  # noqa: E402
from lock import EXTRAS, SOURCE_ONLY, entries, name_of  # noqa: E402

LOCKED = [entry for name in ("requirements.lock", "requirements-source.lock") for entry in entries((LOCKS / name).read_text())]


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "wheels" / "backlift_station-1.2.3-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("station/install/requirements.lock", "click==8.1 --hash=sha256:00\n")
        archive.writestr("station/install/requirements-source.lock", "sdnotify==0.3.2 --hash=sha256:11\n")
    return path


def pip_lines(wheel: Path, **how: bool) -> list[str]:
    return [step.words.partition(" -m ")[2] for step in wheel_source(wheel, **how).steps("/env") if isinstance(step, Run)]


def test_every_package_is_fetched_by_its_hash_and_the_program_from_its_file(wheel: Path) -> None:
    fetched, built, own = pip_lines(wheel)
    for line in (fetched, built):
        assert "--require-hashes" in line and "--no-deps" in line
    assert "--only-binary :all:" in fetched and "--no-build-isolation" in built
    assert "--no-index --no-deps" in own and own.endswith(str(wheel))
    assert wheel_source(wheel).version == "1.2.3"


def test_a_lock_beside_the_wheel_takes_everything_from_its_folder(wheel: Path) -> None:
    (wheel.parent / "requirements.lock").write_text("click==8.1 --hash=sha256:22\n")
    fetched, own = pip_lines(wheel)
    assert "--no-index" in fetched and f"--find-links {wheel.parent}" in fetched and "--require-hashes" in fetched
    assert "--no-index" in own


def test_where_pip_has_no_index_its_owner_vouches(wheel: Path) -> None:
    (line,) = pip_lines(wheel, index_closed=True)
    assert "--no-index" in line and line.endswith("[pi,mqtt,https]")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("backlift-station", "wheel file"),
        ("backlift_station-1.2.3.tar.gz", "wheel file"),
        ("requests-2.0-py3-none-any.whl", "wheel file"),
        ("backlift_station-1.2.4-py3-none-any.whl", "completely"),
    ],
)
def test_what_is_no_wheel_of_this_program_is_declined(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"half a download")
    with pytest.raises(InstallError, match=words):
        wheel_source(tmp_path / name)


def test_a_wheel_without_hashes_is_declined(tmp_path: Path) -> None:
    old = tmp_path / "backlift_station-0.0.9-py3-none-any.whl"
    with zipfile.ZipFile(old, "w") as archive:
        archive.writestr("station/__init__.py", "")
    with pytest.raises(InstallError, match="hashes"):
        wheel_source(old)


def test_the_wheel_this_program_came_from_is_found_while_it_is_there(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Noted(Distribution):
        def read_text(self, filename: str) -> str:
            return json.dumps({"url": wheel.as_uri(), "archive_info": {}})

        def locate_file(self, path: object) -> Path:
            raise AssertionError

    monkeypatch.setattr(module, "distribution", lambda name: Noted())
    assert own_wheel() == wheel
    wheel.unlink()
    assert own_wheel() is None


def test_every_locked_package_has_a_version_and_hashes() -> None:
    for entry in LOCKED:
        assert re.match(r"[a-z0-9-]+==[0-9][^\s;]*", entry), entry
        assert re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry), entry
    assert {name_of(entry) for entry in LOCKED if entry not in entries((LOCKS / "requirements.lock").read_text())} == set(
        SOURCE_ONLY
    )


@pytest.mark.parametrize("machine", MACHINES.values())
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_is_of_the_present_dependencies(python: str, machine: str) -> None:
    """After a change of pyproject.toml: make lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for extra in EXTRAS for one in project["optional-dependencies"][extra])]
    mine = {name_of(entry): entry.split("==")[1].split()[0] for entry in LOCKED if holds(entry, python, machine)}
    for text in asked:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"python_version": python}):
            continue
        version = mine[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), f"{text}: the lock has {version}"
