"""Whether pages and sampling hold when far more knocks at the door than a home has: 40 streams, 390 requests that never end.

All of it on loopback, bounded in count, and over after a quarter of a minute.
"""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

from station.bench.figure import Figure
from station.bench.processes import BenchError, World, fresh_world

STREAMS = 40
HALF_OPEN = 390
HOLD_S = 10.0
PAGES_EVERY_S = 0.25
TURNED_AWAY = b"HTTP/1.1 503"


def measure() -> list[Figure]:
    late, late_before, page_s, open_streams, turned_away = [], [], [], [], []
    for _ in range(2):
        with fresh_world() as world:
            world.start_station()
            world.start_dashboard()
            token = world.paired()
            # Somebody has lain down by then: the station samples at its full rate.
            time.sleep(14.0)
            count = world.link.command("health")["late"]
            time.sleep(HOLD_S)
            late_before.append(world.link.command("health")["late"] - count)
            with ExitStack() as siege:
                answers = [_ask(siege, world, token) for _ in range(STREAMS)]
                for number in range(HALF_OPEN):
                    half = siege.enter_context(socket.create_connection(("127.0.0.1", world.port), timeout=5))
                    half.sendall(b"GET /sessions HTTP/1.1\r\nHost: x"[: number % 30])
                until_s = time.monotonic() + HOLD_S
                while time.monotonic() < until_s:
                    began_s = time.perf_counter()
                    world.page("/sessions", token)
                    page_s.append(time.perf_counter() - began_s)
                    time.sleep(PAGES_EVERY_S)
                first = [_first_bytes(answer) for answer in answers]
            late.append(world.link.command("health")["late"] - count - late_before[-1])
            open_streams.append(sum(b"200" in line[:15] for line in first))
            turned_away.append(sum(line.startswith(TURNED_AWAY) for line in first))
            if open_streams[-1] + turned_away[-1] != STREAMS:
                raise BenchError(
                    f"of {STREAMS} streams {open_streams[-1]} were served and {turned_away[-1]} turned away; the rest hang"
                )
    note = f"{STREAMS} streams asked for, {HALF_OPEN} half-open connections, {HOLD_S:g} s"
    return [
        Figure("siege: late frames before it", "frames", tuple(map(float, late_before)), note=f"nobody looks, {HOLD_S:g} s"),
        Figure("siege: late frames", "frames", tuple(map(float, late)), goal=0, note=note),
        Figure("siege: an ordinary page, slowest", "s", (max(page_s),), goal=1.0),
        Figure("siege: an ordinary page", "s", tuple(page_s)),
        Figure("siege: streams served", "streams", tuple(map(float, open_streams)), note="the rest are told 503 and poll"),
    ]


def _ask(siege: ExitStack, world: World, token: str) -> socket.socket:
    answer = siege.enter_context(socket.create_connection(("127.0.0.1", world.port), timeout=5))
    answer.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return answer


def _first_bytes(answer: socket.socket) -> bytes:
    try:
        return answer.recv(64)
    except OSError:
        return b""
