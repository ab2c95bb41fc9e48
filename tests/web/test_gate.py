"""The server's gate: half a request costs no worker, a slow one is let go, a whole one is answered meanwhile."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from web import gate
from web.auth.certificate import own_certificate
from web.gate import GatedServer

THREADS = 4
PATIENCE_S = 8.0
"""Less than cheroot's own timeout: a server without the gate would not have answered by then."""


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


@contextmanager
def serving(app=hello, certificate=None):
    server = GatedServer(("127.0.0.1", 0), app, THREADS, certificate)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.stop()
        thread.join(5)


def get(port, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_hundreds_of_half_sent_requests_lock_nobody_out():
    with serving() as port, ExitStack() as open_ones:
        for number in range(390):
            half = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
            half.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow:"[: number % 33])
        assert get(port) == (200, b"hello")


def test_a_request_in_pieces_is_answered_once_it_is_whole():
    with serving() as port, socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as slow:
        for piece in (b"GET / HTT", b"P/1.1\r\nHost: 127.0", b".0.1\r\nConnection: close\r\n", b"\r\n"):
            slow.sendall(piece)
            assert get(port) == (200, b"hello")
        assert slow.makefile("rb").read().endswith(b"hello")


def test_one_connection_may_ask_many_times():
    with serving() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        for _ in range(5):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"hello"
        connection.close()


def test_who_takes_too_long_is_let_go(monkeypatch):
    monkeypatch.setattr(gate, "HEADER_WITHIN_S", 0.2)
    with serving() as port, socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        assert slow.recv(100) == b""


def test_a_header_without_end_is_let_go():
    with serving() as port, socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * (2 * gate.HEADER_BYTES))
        with pytest.raises((ConnectionError, TimeoutError)):
            while endless.recv(100):
                pass
            raise ConnectionError("closed in order")
        assert get(port) == (200, b"hello")


def test_more_than_there_is_room_for_are_turned_away_at_once(monkeypatch):
    monkeypatch.setattr(gate, "MOST_WAITING", 3)
    with serving() as port, ExitStack() as open_ones:
        halves = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)) for _ in range(3)]
        for half in halves:
            half.sendall(b"GET")
        turned_away = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
        assert turned_away.recv(100) == b""


def test_when_all_workers_are_busy_the_rest_are_told_so_instead_of_waiting(monkeypatch):
    monkeypatch.setattr(gate, "READY_REQUESTS", 2)
    go_on = threading.Event()

    def slow(environ, start_response):
        go_on.wait(PATIENCE_S)
        return hello(environ, start_response)

    with serving(slow) as port:
        answers = []
        askers = [threading.Thread(target=lambda: answers.append(get(port)[0])) for _ in range(THREADS + 8)]
        for asker in askers:
            asker.start()
        while 503 not in answers and any(asker.is_alive() for asker in askers):
            threading.Event().wait(0.01)
        go_on.set()
        for asker in askers:
            asker.join(PATIENCE_S)
        assert set(answers) == {200, 503}
        assert answers.count(200) >= THREADS


def test_https_with_a_certificate_of_our_own_also_while_others_send_nothing(tmp_path):
    certificate = own_certificate(tmp_path, ["mat", "mat.local"], datetime.now(UTC))
    trusting = ssl.create_default_context(cafile=str(certificate))
    with serving(certificate=certificate) as port, ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
        connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_S, context=trusting)
        for _ in range(2):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"hello"
        connection.close()


def test_a_certificate_is_kept_until_its_time_is_nearly_over_and_readable_by_nobody_else(tmp_path):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    path = own_certificate(tmp_path, ["mat.local"], now)
    first = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert own_certificate(tmp_path, ["mat.local"], now + timedelta(days=700)).read_bytes() == first
    assert own_certificate(tmp_path, ["mat.local"], now + timedelta(days=790)).read_bytes() != first
