"""`backlift run --simulate` as a person starts it: processes, sockets, a database, and an end that finishes the session."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.mats import find_mat
from station.service.ipc import IpcClient
from station.service.runtime import SOCKET_NAME, crashes
from station.store import Reader

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    port, folder = free_port(), tmp_path / "r"
    words = ["run", "--simulate", "--mat", "small-4", "--port", str(port), "--data", str(tmp_path / "d"), "--runtime", str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-m", "station", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, port, folder
    finally:
        process.terminate()
        process.communicate(timeout=30)


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_it_comes_up_prints_its_address_records_and_ends_well(
    running: tuple[subprocess.Popen[str], int, Path], tmp_path: Path
) -> None:
    process, port, folder = running
    assert process.stdout
    line = process.stdout.readline()
    assert re.search(rf"http://127\.0\.0\.1:{port}/", line), line
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert answer.status == 200

    mat, _ = find_mat("small-4")
    for message in IpcClient(folder / SOCKET_NAME).subscribe():
        if message["type"] == "state":
            assert list(message["zones"]) == list(mat.zone_names)
        if message["type"] == "event" and message["event"]["type"] == "session":
            assert message["event"]["kind"] == "started"
            break
    started = children(process.pid)
    assert len(started) == 2
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
    assert not (folder / SOCKET_NAME).exists()
    assert crashes(folder).count == 0
    with Reader(tmp_path / "d" / "backlift.db") as reader:
        (session,) = reader.sessions()
        assert session.state == "ended"
        assert len(reader.frames(session.id)) > 0


def test_a_dashboard_that_dies_comes_back_and_the_session_goes_on(running: tuple[subprocess.Popen[str], int, Path]) -> None:
    process, _, folder = running
    assert process.stdout
    process.stdout.readline()
    link = IpcClient(folder / SOCKET_NAME)
    run = next(link.subscribe())["run"]
    station, dashboard = sorted(children(process.pid))
    if b"web" not in Path(f"/proc/{dashboard}/cmdline").read_bytes():
        station, dashboard = dashboard, station
    os.kill(dashboard, signal.SIGKILL)
    for _ in range(300):
        now = children(process.pid)
        if len(now) == 2 and dashboard not in now:
            break
        link.command("ping")
        next(message for message in link.subscribe() if message["type"] == "state")
    assert station in now
    assert next(link.subscribe())["run"] == run
