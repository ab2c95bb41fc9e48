"""The real server against clients that are slow, greedy, silent or rude: paired devices are answered, and nothing grows.

Deadlines are made short where a test waits for one; what must not happen is waited for by what happens instead.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from test_strangers import Clock, Station

from station.config import Config
from web.__main__ import start_server
from web.app import create_app
from web.auth.certificate import own_certificate
from web.auth.devices import COOKIE, pair_directly
from web.auth.guard import require_paired_device
from web.serving import connections, dashboard_server
from web.serving.admission import MOST_UNPROVEN_OF_A_PEER
from web.serving.dashboard_server import DashboardServer
from web.serving.wsgi_bridge import LARGEST_BODY_BYTES

PATIENCE_S = 10.0
ANSWERED_WITHIN_S = 3.0
"""Generous for a busy test machine; a page that waits for a deadline of the server would take longer."""
ANNOUNCED = b"POST /api/v1/pair HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Served:
    server: DashboardServer
    station: Station
    live: Any
    token: str
    tls: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        return self.server.address[1]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def page(self, path: str = "/sound", **headers: str) -> tuple[int, float]:
        """Status of a page for the paired device, and how long it took."""
        began_s = time.monotonic()
        if self.tls:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "localhost", self.port, timeout=PATIENCE_S, context=self.tls
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", path, headers={"Cookie": f"{COOKIE}={self.token}", **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, time.monotonic() - began_s


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Served]]:
    monkeypatch.setattr(connections, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(dashboard_server, "LOOK_EVERY_S", 0.05)
    with ExitStack() as running:

        def begin(certificate: Path | None = None, extend: Callable[[Any], None] = lambda app: None) -> Served:
            station = Station(Clock())
            app = create_app(Config(), station, station, guard=require_paired_device(station, station))
            extend(app)
            token = pair_directly(station, "tablet")
            server = start_server("127.0.0.1", 0, app, certificate)
            running.callback(server.stop)
            tls = ssl.create_default_context(cafile=str(certificate)) if certificate else None
            return Served(server, station, app.extensions["backlift"].live, token, tls)

        yield begin


HEAD = b"GET /pair HTTP/1.1\r\nHost: 127.0.0.1\r\n"
RUDE = {
    "nothing": b"",
    "half a request line": b"GET / HT",
    "half a header": HEAD + b"X-Slow: ",
    "an announced body": ANNOUNCED,
    "half a body": ANNOUNCED + b"{",
    "half a chunk": ANNOUNCED.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked") + b"ff\r\nx",
    "an endless chunk extension": ANNOUNCED.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked") + b"1;" + b"a" * 500,
    "a wait for 100": ANNOUNCED.replace(b"Host:", b"Expect: 100-continue\r\nHost:"),
    "a body for another name": ANNOUNCED.replace(b"127.0.0.1", b"evil.example"),
    "a body for a page": ANNOUNCED.replace(b"/api/v1/pair", b"/sessions"),
    "a byte after a request": HEAD + b"\r\nG",
    "half a request after a request": HEAD + b"\r\n" + ANNOUNCED,
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another protocol": b"\x00\xff\x00\xff PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("sent", RUDE.values(), ids=RUDE)
def test_ninety_of_a_kind_lock_no_paired_device_out(serve: Callable[..., Served], sent: bytes) -> None:
    served = serve()
    with ExitStack() as held:
        for _ in range(90):
            rude = held.enter_context(served.connect())
            with suppress(OSError):
                rude.sendall(sent)
        for _ in range(3):
            status, took_s = served.page()
            assert status == 200 and took_s < ANSWERED_WITHIN_S


@pytest.mark.parametrize("sent", RUDE.values(), ids=RUDE)
def test_each_of_them_is_over_when_its_time_is_up(
    serve: Callable[..., Served], sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_WITHIN_S", 0.3)
    served = serve()
    with served.connect() as rude:
        rude.sendall(sent)
        with suppress(ConnectionError):
            while rude.recv(65_536):
                pass


def test_trickling_does_not_put_the_deadline_off(serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_WITHIN_S", 0.5)
    served = serve()
    for start in (b"GET /pair HTTP/1.1\r\nX: ", ANNOUNCED):
        with served.connect() as slow, suppress(OSError):
            slow.sendall(start)
            slow.settimeout(0.05)
            for _ in range(int(PATIENCE_S / 0.05)):
                slow.sendall(b"a")
                with suppress(TimeoutError):
                    if slow.recv(100) == b"":
                        break
            else:
                pytest.fail("still open: every byte put the deadline off")


def test_a_request_in_pieces_is_answered_once_it_is_whole(serve: Callable[..., Served]) -> None:
    served = serve()
    with served.connect() as slow:
        for piece in (b"GET /pai", b"r HTTP/1.1\r\nHost: 127.0", b".0.1\r\nConnection: close\r\n", b"\r\n"):
            slow.sendall(piece)
            assert served.page()[0] == 200
        assert slow.makefile("rb").read().startswith(b"HTTP/1.1 200")


def test_requests_in_one_go_are_answered_in_order(serve: Callable[..., Served]) -> None:
    served = serve()
    last = b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with served.connect() as hasty:
        hasty.sendall((HEAD + b"\r\n") * 3 + last)
        answers = hasty.makefile("rb").read()
    assert re.findall(rb"HTTP/1.1 (\d{3}) ", answers) == [b"200", b"200", b"200", b"401"]


def test_one_connection_may_ask_many_times(serve: Callable[..., Served]) -> None:
    served = serve()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    for _ in range(5):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize("length", [LARGEST_BODY_BYTES + 1, 160_000_000, 10**30])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(serve: Callable[..., Served], length: int) -> None:
    served = serve()
    with served.connect() as greedy:
        greedy.sendall(ANNOUNCED.replace(b"1000", str(length).encode()))
        assert greedy.makefile("rb").readline().split()[1] in (b"413", b"400")


def test_a_chunked_body_is_cut_where_it_gets_too_large(serve: Callable[..., Served]) -> None:
    served = serve()
    with served.connect() as greedy:
        greedy.sendall(ANNOUNCED.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked"))
        sent = 0
        with suppress(OSError):
            while sent < 50_000_000:
                greedy.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
                sent += 0x4000
    assert sent < 5_000_000


@pytest.mark.parametrize("path", [b"/", b"/sessions", b"/api/v1/commands/pause", b"/nowhere"])
def test_who_is_turned_away_is_turned_away_before_its_body_and_let_go(serve: Callable[..., Served], path: bytes) -> None:
    served = serve()
    with served.connect() as stranger:
        stranger.sendall(ANNOUNCED.replace(b"/api/v1/pair", path).replace(b"1000", b"160000000"))
        answer = stranger.makefile("rb").read()
    assert answer.split()[1] in (b"401", b"404", b"405")


def test_a_stranger_has_only_so_many_connections_and_its_newest_are_kept(serve: Callable[..., Served]) -> None:
    served = serve()
    with ExitStack() as held:
        crowd = [held.enter_context(served.connect()) for _ in range(2 * MOST_UNPROVEN_OF_A_PEER)]
        for one in crowd[:MOST_UNPROVEN_OF_A_PEER]:
            with suppress(ConnectionError):
                assert one.recv(1) == b""
        crowd[-1].sendall(HEAD + b"\r\n")
        assert crowd[-1].recv(15) == b"HTTP/1.1 200 OK"


def test_paired_connections_are_not_the_ones_that_give_way(serve: Callable[..., Served]) -> None:
    served = serve()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    with ExitStack() as held:
        for number in range(3 * MOST_UNPROVEN_OF_A_PEER):
            if number % 40 == 0:
                connection.request("GET", "/sound", headers={"Cookie": f"{COOKIE}={served.token}"})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200 and connection.sock is not None
            held.enter_context(served.connect())
    connection.close()


def test_a_paired_device_never_waits_behind_strangers(serve: Callable[..., Served]) -> None:
    """Strangers' requests hang in their worker threads; the tablet's page comes."""
    hang = threading.Event()

    def extend(app: Any) -> None:
        pairing_page = app.view_functions["pairing.page"]
        app.view_functions["pairing.page"] = lambda: (hang.wait(PATIENCE_S), pairing_page())[1]

    served = serve(extend=extend)
    with ExitStack() as held:
        held.callback(hang.set)
        first = []
        for _ in range(40):
            stranger = held.enter_context(served.connect())
            stranger.sendall(HEAD + b"\r\n")
            first.append(stranger)
        status, took_s = served.page()
        assert status == 200 and took_s < ANSWERED_WITHIN_S
        # Those for whom there is no room are told so, not kept waiting.
        assert any(_status(stranger) == b"503" for stranger in first[20:])


def _status(sock: socket.socket) -> bytes:
    sock.settimeout(0.5)
    try:
        return sock.recv(15)[9:12]
    except OSError:
        return b""


def test_a_reader_that_stops_reading_is_let_go_and_costs_little(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "STALLED_S", 0.3)
    served = serve()
    served.live.feed({"type": "hello", "run": "a"})
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.settimeout(PATIENCE_S)
        stuck.connect(("127.0.0.1", served.port))
        stuck.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={served.token}\r\n\r\n".encode())
        assert stuck.recv(8) == b"HTTP/1.1"
        connection = next(iter(served.server.connections()))
        until_s = time.monotonic() + PATIENCE_S
        number, most = 0, 0
        while not connection.gone and time.monotonic() < until_s:
            number += 1
            served.live.feed({"type": "event", "seq": number, "event": {"text": "x" * 10_000}})
            most = max(most, connection.transport.get_write_buffer_size())
            time.sleep(0.002)
        assert connection.gone
        # What is being written and what was waiting: the ring once, never more.
        assert most < 12_000_000
        assert served.page()[0] == 200


def test_a_hundred_streams_are_served_and_a_revoked_device_is_cut_off(serve: Callable[..., Served]) -> None:
    served = serve()
    served.live.feed({"type": "hello", "run": "a"})
    with ExitStack() as held:
        readers = []
        for _ in range(100):
            sock = held.enter_context(served.connect())
            sock.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={served.token}\r\n\r\n".encode())
            readers.append(held.enter_context(sock.makefile("rb")))
        for reader in readers:
            assert reader.readline().split()[1] == b"200"
        status, took_s = served.page()
        assert status == 200 and took_s < ANSWERED_WITHIN_S
        served.station.kept.clear()
        for reader in readers:
            reader.read()


def test_sigterm_is_followed_within_a_second_whoever_hangs_on(serve: Callable[..., Served]) -> None:
    served = serve()
    with ExitStack() as held:
        for sent in (
            *RUDE.values(),
            f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={served.token}\r\n\r\n".encode(),
        ):
            rude = held.enter_context(served.connect())
            rude.sendall(sent)
        began_s = time.monotonic()
        served.live.close()
        served.server.stop()
        assert not served.server.alive and time.monotonic() - began_s < 2.0


def test_https_also_while_others_finish_no_handshake(serve: Callable[..., Served], tmp_path: Path) -> None:
    certificate = own_certificate(tmp_path, ["mat", "mat.local"], datetime.now(UTC))
    served = serve(certificate)
    with ExitStack() as held:
        for number in range(90):
            silent = held.enter_context(served.connect())
            silent.sendall(RUDE["a TLS hello"][: number % 12])
        for _ in range(3):
            status, took_s = served.page("/healthz")
            assert status == 200 and took_s < ANSWERED_WITHIN_S


def test_a_handshake_has_a_deadline(serve: Callable[..., Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_WITHIN_S", 0.3)
    served = serve(own_certificate(tmp_path, ["mat.local"], datetime.now(UTC)))
    with served.connect() as silent:
        silent.sendall(RUDE["a TLS hello"])
        with suppress(ConnectionError):
            assert silent.recv(100)[:1] in (b"", b"\x15")


def test_odd_requests_are_answered_as_http_says(serve: Callable[..., Served]) -> None:
    served = serve()
    for method, path, status in (
        ("HEAD", "/healthz", 200),
        ("OPTIONS", "/healthz", 200),
        ("TRACE", "/", 401),
        ("GET", "/%ff%00", 401),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
        connection.request(method, path)
        assert connection.getresponse().status in (status, 405, 415)
        connection.close()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    connection.request("POST", "/api/v1/pair", json.dumps({"code": "000000"}), {"Content-Type": "application/json"})
    assert connection.getresponse().status == 403
    connection.close()


def test_a_certificate_is_kept_until_its_time_is_nearly_over_and_readable_by_nobody_else(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    path = own_certificate(tmp_path, ["mat.local"], now)
    first = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert own_certificate(tmp_path, ["mat.local"], now + timedelta(days=700)).read_bytes() == first
    assert own_certificate(tmp_path, ["mat.local"], now + timedelta(days=790)).read_bytes() != first


def test_the_certificate_is_no_authority_and_covers_names_and_addresses(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    path = own_certificate(tmp_path, ["mat", "mat.local"], now, ["192.168.1.7"])
    first = path.read_bytes()
    made = x509.load_pem_x509_certificate(first)
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not made.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    covered = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"mat", "mat.local", "localhost"} == set(covered.get_values_for_type(x509.DNSName))
    assert {"192.168.1.7", "127.0.0.1", "::1"} == {str(each) for each in covered.get_values_for_type(x509.IPAddress)}
    assert own_certificate(tmp_path, ["mat"], now, ["192.168.1.7"]).read_bytes() == first
    assert own_certificate(tmp_path, ["mat"], now, ["192.168.1.8"]).read_bytes() != first, "another address of the router's"
