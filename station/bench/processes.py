"""What only whole processes show: start, memory, CPU while idle, and whether the pages disturb the sampling.

The processes are started as a person or systemd would start them, on the simulated mat and a database in a temporary folder.  The
simulated chips and body run inside the station and are part of its figures; on a Pi the bus takes their place.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from hardware.errors import BackliftError
from hardware.frames import FrameBlock
from hardware.mats import find_mat
from station.bench.figure import Figure, timed
from station.bench.pipeline import MAT, RATE_HZ, practice
from station.service.ipc import IpcClient
from station.service.runtime import SOCKET_NAME
from station.signal.detector import DETECTOR_VERSION, Detector
from station.store import Reader, Store

PATIENCE_S = 60.0
KNOWN_AFTER_S = 5.0


class BenchError(BackliftError, RuntimeError):
    """A measurement could not be made."""


def help_time() -> list[Figure]:
    argv = [sys.executable, "-m", "station", "--help"]
    took_s = timed(lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL), 10)
    return [Figure("backlift --help", "s", took_s, goal=0.4)]


def start() -> list[Figure]:
    first_frame_s, first_frame_cpu_s, first_page_s = [], [], []
    for _ in range(5):
        with fresh_world() as world:
            began_s = time.perf_counter()
            station = world.start_station()
            first_frame_s.append(time.perf_counter() - began_s)
            first_frame_cpu_s.append(_cpu_s(station))
            token = world.paired()
            began_s = time.perf_counter()
            world.start_dashboard()
            world.page("/", token)
            first_page_s.append(time.perf_counter() - began_s)
    return [
        Figure("station, exec to first frame", "s", tuple(first_frame_s), goal=1.5),
        Figure("station, CPU until then", "s", tuple(first_frame_cpu_s)),
        Figure("dashboard, exec to first page", "s", tuple(first_page_s), goal=2.5),
    ]


def memory_and_idle() -> list[Figure]:
    station_mb, dashboard_mb = [], []
    idle_percent: list[float] = []
    dashboard_percent: list[float] = []
    for _ in range(3):
        with fresh_world() as world:
            station = world.start_station()
            dashboard = world.start_dashboard()
            token = world.paired()
            for path in ("/", "/sessions", "/"):
                world.page(path, token)
            time.sleep(25.0)
            station_mb.append(_rss_mb(station))
            dashboard_mb.append(_rss_mb(dashboard))
        with fresh_world(script="empty") as world:
            station = world.start_station()
            dashboard = world.start_dashboard()
            # The sampler stays awake for some seconds after its start.
            time.sleep(8.0)
            both = (station, dashboard)
            before_s, began_s = [_cpu_s(each) for each in both], time.perf_counter()
            time.sleep(15.0)
            span_s = time.perf_counter() - began_s
            for each, used, values in zip(both, before_s, (idle_percent, dashboard_percent), strict=True):
                values.append(100 * (_cpu_s(each) - used) / span_s)
    return [
        Figure("station, memory (RSS) in practice", "MB", tuple(station_mb), goal=80),
        Figure("dashboard, memory (RSS)", "MB", tuple(dashboard_mb), goal=90),
        Figure("station, CPU with nobody on the mat", "% of a core", tuple(idle_percent), goal=8, note="simulated chips included"),
        Figure("dashboard, CPU with nobody on the mat", "% of a core", tuple(dashboard_percent)),
    ]


def gaps() -> list[Figure]:
    """Frame times of a running practice while a 30-minute session of 16 channels is opened and zoomed again and again."""
    quiet_ms, busy_ms, busy_share, pages = [], [], [], 0
    for _ in range(3):
        with fresh_world() as world:
            session = world.store_session(1800.0)
            world.start_station()
            world.start_dashboard()
            token = world.paired()
            time.sleep(14.0)
            began_s = time.monotonic()
            time.sleep(8.0)
            between_s = time.monotonic()
            while time.monotonic() - between_s < 16.0:
                world.page(f"/sessions/{session}", token)
                for t1_s in (1800, 600, 60, 5):
                    world.page(f"/api/v1/sessions/{session}/trace?t0_s=0&t1_s={t1_s}&pixels=1500", token)
                pages += 1
            ended_s = time.monotonic()
            time.sleep(3.0)
            with Reader(world.database) as reader:
                t_s = reader.frames(session + 1).t_s
            # Gaps belong to the frame that ends them; the last second may not be stored yet.
            steps_ms = np.diff(t_s) * 1e3
            quiet = (t_s[1:] >= began_s) & (t_s[1:] < between_s)
            busy = (t_s[1:] >= between_s) & (t_s[1:] < ended_s)
            quiet_ms.append(float(steps_ms[quiet].max()))
            busy_ms.append(float(steps_ms[busy].max()))
            busy_share.append(float(busy.sum() / (ended_s - between_s)))
    return [
        Figure("longest gap between frames, nobody looks", "ms", tuple(quiet_ms), goal=50),
        Figure(
            "longest gap between frames, a 30-minute session is rendered",
            "ms",
            tuple(busy_ms),
            goal=50,
            note=f"100 Hz, 16 channels; {pages} times the page and four zooms of its trace",
        ),
        Figure("rate meanwhile", "frames/s", tuple(busy_share)),
    ]


@dataclass(slots=True)
class World:
    """A folder with config and database, and the processes in it."""

    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.folder / "data" / "backlift.db"

    @property
    def link(self) -> IpcClient:
        return IpcClient(self.folder / SOCKET_NAME)

    def start_station(self) -> subprocess.Popen[bytes]:
        """Returns when the first frame was read."""
        return self._start([sys.executable, "-m", "station", "station"])

    def start_dashboard(self) -> subprocess.Popen[bytes]:
        """Returns when it listens."""
        # As the supervisor and its unit start it: behind the station.
        return self._start([sys.executable, "-m", "web", "--port", str(self.port)], nice=5)

    def paired(self) -> str:
        """The token of a device that may see pages."""
        token = secrets.token_urlsafe(32)
        self.link.command("device_add", {"name": "bench", "token_sha256": hashlib.sha256(token.encode()).hexdigest()})
        return token

    def page(self, path: str, token: str) -> bytes:
        """The body of a page.  Raises BenchError unless it is answered with 200."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        give_up_s = time.monotonic() + KNOWN_AFTER_S
        while True:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                    body: bytes = answer.read()
                break
            except (OSError, urllib.error.HTTPError) as error:
                # The dashboard looks for new devices about once a second.
                if isinstance(error, urllib.error.HTTPError) and error.code == 401 and time.monotonic() < give_up_s:
                    time.sleep(0.1)
                    continue
                raise BenchError(f"{path}: the dashboard does not give this page: {error}") from None
        return body

    def store_session(self, duration_s: float) -> int:
        """Put a session of simulated practice into the database, with what the detector finds in it."""
        mat, path = find_mat(MAT)
        self.database.parent.mkdir(parents=True, exist_ok=True)
        frames = practice(duration_s)
        pipeline = Detector(mat)
        with Store(self.database) as store:
            number = store.begin_session(
                0.0,
                mat_text=path.read_text(encoding="utf-8"),
                zones=mat.zone_names,
                rate_hz=RATE_HZ,
                detector_version=DETECTOR_VERSION,
            )
            for begin in range(0, len(frames), 1000):
                block = FrameBlock(frames.t_s[begin : begin + 1000], frames.volts[begin : begin + 1000])
                store.add_frames(block)
                for announcement in pipeline.feed(block):
                    store.add(announcement)
                store.commit()
            store.end_session(duration_s)
            store.commit()
        return number

    def _start(self, argv: list[str], nice: int = 0) -> subprocess.Popen[bytes]:
        number = len(self.processes)
        notify_path, log_path = self.folder / f"notify{number}", self.folder / f"log{number}"
        argv = [*argv, "--config", str(self.folder / "station.toml"), "--runtime", str(self.folder)]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, log_path.open("wb") as log:
            notify.bind(str(notify_path))
            notify.settimeout(1.0)
            process = subprocess.Popen(
                argv,
                env={**os.environ, "NOTIFY_SOCKET": str(notify_path)},
                stdout=log,
                stderr=log,
                preexec_fn=partial(os.nice, nice),
            )
            self.processes.append(process)
            give_up_s = time.monotonic() + PATIENCE_S
            while time.monotonic() < give_up_s and process.poll() is None:
                with suppress(TimeoutError):
                    if b"READY=1" in notify.recv(4096):
                        return process
        said = log_path.read_text(errors="replace").splitlines()
        raise BenchError(f"'{' '.join(argv[1:4])}' did not get ready: {said[-1] if said else 'it said nothing'}")


@contextmanager
def fresh_world(script: str = "practice") -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="backlift-bench-") as name:
        folder = Path(name)
        config = f'[mat]\nfile = "{MAT}"\n[sampling]\ndriver = "simulated"\nrate_hz = {RATE_HZ}\n'
        config += f'[simulation]\nscript = "{script}"\n[storage]\ndirectory = "{folder / "data"}"\n'
        (folder / "station.toml").write_text(config)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        world = World(folder, port)
        try:
            yield world
        finally:
            for process in world.processes:
                process.terminate()
            for process in world.processes:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _rss_mb(process: subprocess.Popen[bytes]) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise BenchError("this kernel does not tell how much memory a process has")


def _cpu_s(process: subprocess.Popen[bytes]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
