"""Whether pages and sampling hold while somebody in the network tries to keep the dashboard busy.

All at once, for `HOLD_S` seconds: requests that announce a body and never send it, connections that never finish their header,
bodies that trickle, a byte after a finished request, large bodies for a name the station does not have, event streams that are
read, and clients that ask for a page and a stream and stop reading.  What the server closes is opened again, so the pressure stays.

All of it on loopback, from a process of its own, bounded in count (`MOST_CONNECTIONS`), and over after half a minute.
"""

from __future__ import annotations

import multiprocessing
import selectors
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from station.bench.figure import Figure
from station.bench.processes import BenchError, World, fresh_world

HOLD_S = 15.0
PAGE_EVERY_S = 0.08
TRICKLE_EVERY_S = 0.4
REOPEN_EVERY_S = 1.0
MOST_CONNECTIONS = 20_000
"""Connections opened in one siege, those opened again included."""
TURNED_AWAY = b"HTTP/1.1 503"
_HEAD = b"POST /api/v1/pair HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
_EVIL_HEAD = _HEAD.replace(b"127.0.0.1", b"evil.example").replace(b"1000", b"16000000")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of unwanted connection.  first: sent at once; then: sent again and again, every `TRICKLE_EVERY_S`."""

    name: str
    count: int
    first: bytes
    then: bytes = b""
    reads: bool = False


def kinds(token: str) -> tuple[Kind, ...]:
    """The connections of the siege; the counts asked for and, in the second half, those that locked earlier versions out."""
    shown = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n".encode()
    return (
        Kind("a body announced and never sent", 40, _HEAD),
        Kind("half a header", 400, b"GET /sessions HTTP/1.1\r\nHost: x"),
        Kind("event stream", 100, b"GET /api/v1/stream HTTP/1.1\r\n" + shown + b"\r\n", reads=True),
        Kind("stream that is not read", 5, b"GET /api/v1/stream HTTP/1.1\r\n" + shown + b"\r\n"),
        Kind("page that is not read", 5, (b"GET / HTTP/1.1\r\n" + shown + b"\r\n") * 20),
        Kind("body that trickles", 90, _HEAD, b"x"),
        Kind("a byte after a request", 90, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nG"),
        Kind(
            "large body for another name",
            10,
            _HEAD.replace(b"127.0.0.1", b"evil.example").replace(b"1000", b"16000000"),
            b"x" * 65_536,
        ),
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What the attack saw.  first_bytes: stream number -> beginning of its answer."""

    opened: int
    first_bytes: dict[int, bytes]


class Attack:
    """Keeps the connections of `kinds` open, from a process of its own: it must not slow down who measures."""

    def __init__(self, port: int, kinds: tuple[Kind, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_attack, args=(port, kinds, there), daemon=True)
        self._process.start()
        if not self._here.poll(30.0):
            raise BenchError("the process that besieges the dashboard does not start")
        self._here.recv()

    def stop(self) -> Report:
        self._here.send("stop")
        if not self._here.poll(30.0):
            raise BenchError("the process that besieges the dashboard does not end")
        report: Report = self._here.recv()
        self._process.join(10.0)
        return report


def _attack(port: int, kinds: tuple[Kind, ...], parent: Connection) -> None:
    parent.send("ready")
    parent.send(_Attacker(port, kinds, parent).run())


@dataclass(slots=True)
class _Attacker:
    port: int
    kinds: tuple[Kind, ...]
    parent: Connection
    opened: int = 0
    first_bytes: dict[int, bytes] = field(default_factory=dict)
    _sockets: dict[tuple[int, int], socket.socket] = field(default_factory=dict)

    def run(self) -> Report:
        selector = selectors.DefaultSelector()
        reopen_s = trickle_s = 0.0
        while not self.parent.poll():
            now_s = time.monotonic()
            if now_s >= reopen_s:
                self._open_missing(selector)
                reopen_s = time.monotonic() + REOPEN_EVERY_S
            if now_s >= trickle_s:
                trickle_s = now_s + TRICKLE_EVERY_S
                self._trickle(selector)
            for key, _ in selector.select(timeout=0.05):
                self._read(selector, key.data)
        for sock in self._sockets.values():
            sock.close()
        selector.close()
        return Report(self.opened, self.first_bytes)

    def _open_missing(self, selector: selectors.BaseSelector) -> None:
        for number, kind in enumerate(self.kinds):
            for index in range(kind.count):
                if (number, index) in self._sockets or self.opened >= MOST_CONNECTIONS:
                    continue
                with suppress(OSError):
                    sock = socket.create_connection(("127.0.0.1", self.port), timeout=2.0)
                    self.opened += 1
                    if not kind.reads and b"GET" in kind.first[:3]:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    self._sockets[number, index] = sock
                    sock.setblocking(False)
                    sock.send(kind.first)
                    selector.register(sock, selectors.EVENT_READ, (number, index))

    def _trickle(self, selector: selectors.BaseSelector) -> None:
        for (number, index), sock in list(self._sockets.items()):
            if self.kinds[number].then:
                try:
                    sock.send(self.kinds[number].then)
                except BlockingIOError:
                    continue
                except OSError:
                    self._drop(selector, number, index)

    def _read(self, selector: selectors.BaseSelector, place: tuple[int, int]) -> None:
        number, index = place
        sock = self._sockets[place]
        kind = self.kinds[number]
        if not kind.reads and kind.first.startswith(b"GET") and kind.count <= 5:
            # Stops reading, and does not even look whether there is something.
            selector.unregister(sock)
            return
        try:
            data = sock.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(selector, number, index)
        elif kind.reads:
            self.first_bytes.setdefault(index, data[:15])

    def _drop(self, selector: selectors.BaseSelector, number: int, index: int) -> None:
        sock = self._sockets.pop((number, index))
        with suppress(KeyError, ValueError):
            selector.unregister(sock)
        sock.close()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one siege did.  Times in seconds, memory (RSS) in MB."""

    page_s: tuple[float, ...]
    rss_before_mb: float
    rss_peak_mb: float
    stop_s: float
    late_before: int
    late: int
    streams: int
    turned_away: int
    opened: int


def besiege(world: World, token: str, dashboard: subprocess.Popen[bytes], hold_s: float = HOLD_S) -> Outcome:
    """Besiege a running dashboard for `hold_s`, ask for pages meanwhile, then stop it by SIGTERM in the middle of it."""
    count = world.link.command("health")["late"]
    for _ in range(int(hold_s / PAGE_EVERY_S / 4)):
        world.page("/sessions", token)
        time.sleep(PAGE_EVERY_S)
    late_before = world.link.command("health")["late"] - count
    rss_before_mb = peak_mb = _rss_mb(dashboard)
    attack = Attack(world.port, kinds(token))
    page_s: list[float] = []
    try:
        time.sleep(2.0)
        count = world.link.command("health")["late"]
        until_s = time.monotonic() + hold_s
        while time.monotonic() < until_s:
            began_s = time.perf_counter()
            try:
                world.page("/sessions", token)
            except BenchError:
                # Refused or broken off: as good as never.
                page_s.append(float("inf"))
            else:
                page_s.append(time.perf_counter() - began_s)
            peak_mb = max(peak_mb, _rss_mb(dashboard))
            time.sleep(PAGE_EVERY_S)
        late = world.link.command("health")["late"] - count
        began_s = time.perf_counter()
        dashboard.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            dashboard.wait(30.0)
        stop_s = time.perf_counter() - began_s
    finally:
        report = attack.stop()
    first = list(report.first_bytes.values())
    return Outcome(
        tuple(page_s),
        rss_before_mb,
        peak_mb,
        stop_s,
        late_before,
        late,
        sum(b" 200" in line for line in first),
        sum(line.startswith(TURNED_AWAY) for line in first),
        report.opened,
    )


def measure() -> list[Figure]:
    outcomes = []
    for _ in range(2):
        with fresh_world() as world:
            world.start_station()
            dashboard = world.start_dashboard()
            token = world.paired()
            # Somebody has lain down by then: the station samples at its full rate.
            time.sleep(14.0)
            outcomes.append(besiege(world, token, dashboard))
    note = f"{sum(kind.count for kind in kinds(''))} connections at once, {HOLD_S:g} s"
    pages_s = tuple(each for outcome in outcomes for each in outcome.page_s)
    return [
        Figure("siege: late frames before it", "frames", tuple(float(each.late_before) for each in outcomes), note="pages only"),
        Figure("siege: late frames", "frames", tuple(float(each.late) for each in outcomes), goal=0, note=note),
        Figure("siege: an ordinary page", "s", pages_s),
        Figure("siege: an ordinary page, 99th percentile", "s", tuple(_p99(each.page_s) for each in outcomes), goal=1.0),
        Figure("siege: memory grows by", "MB", tuple(each.rss_peak_mb - each.rss_before_mb for each in outcomes), goal=20),
        Figure("siege: SIGTERM to the end", "s", tuple(each.stop_s for each in outcomes), goal=2.0),
        Figure("siege: streams served", "streams", tuple(float(each.streams) for each in outcomes), note="of 100"),
    ]


def _p99(values: tuple[float, ...]) -> float:
    return float(np.quantile(values, 0.99, method="higher"))


def _rss_mb(process: subprocess.Popen[bytes]) -> float:
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        raise BenchError("the dashboard ended during the siege") from None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
