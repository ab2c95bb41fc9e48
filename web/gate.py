"""The dashboard's server: cheroot behind a gate, so that a connection costs a thread only once its request has arrived.

cheroot gives each connection to a worker at once, and the worker waits for the request.  Some hundred connections that send half
a header, by malice or over bad Wi-Fi, would hold all workers and lock the tablet out.  Here they wait together in one thread that
looks into the kernel's buffer without taking anything out (MSG_PEEK) until the header is whole.  Those that take too long are
closed, there may be only so many, and when more requests are whole than workers can take, the rest are told 503 at once.  With
https the buffer holds ciphertext: there the first byte has to do, and the handshake is the worker's, not the listener's.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter

HEADER_BYTES = 16 * 1024
HEADER_WITHIN_S = 5.0
MOST_WAITING = 500
READY_REQUESTS = 64
"""Whole requests that wait for a worker; at some 10 ms each the last of them still answers within a second."""
SLOW_PEER_S = 10
YOUNG_S, YOUNG_LOOK_S, OLD_LOOK_S = 0.1, 0.004, 0.05
"""A request usually follows its connection within milliseconds; later nobody hurries."""

log = logging.getLogger(__name__)
Header = Literal["whole", "part", "gone"]


def header(sock: socket.socket) -> Header:
    """How far a request's header has come; "gone": the peer left, or sends no end of it."""
    if not _readable(sock):
        # Asked first: a Python socket with a timeout waits for something to read, whatever the flags say.
        return "part"
    try:
        # The plain method: an SSLSocket's own knows no flags.
        seen = socket.socket.recv(sock, HEADER_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return "gone"
    if b"\r\n\r\n" in seen or (seen and isinstance(sock, ssl.SSLSocket)):
        return "whole"
    return "gone" if not seen or len(seen) >= HEADER_BYTES else "part"


def _readable(sock: socket.socket) -> bool:
    # poll(2), not select(2): that one ends at file descriptor 1024.
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(0))


class GatedServer(wsgi.Server):
    """A WSGI server on `address`; `threads` is how many requests and streams it serves at once.

    certificate: file with the certificate and its key, for https.
    """

    def __init__(self, address: tuple[str, int], app: Any, threads: int, certificate: Path | None = None) -> None:
        super().__init__(
            address,
            app,
            numthreads=threads,
            max=threads,
            timeout=SLOW_PEER_S,
            shutdown_timeout=2,
            server_name="backlift",
            request_queue_size=256,
            accepted_queue_size=READY_REQUESTS,
            accepted_queue_timeout=0.01,  # type: ignore[arg-type]  # handed to queue.Queue.put, which takes fractions
        )
        if certificate is not None:
            self.ssl_adapter = _LateHandshake(str(certificate), str(certificate))
        self._waiting: dict[Any, float] = {}
        self._changed = threading.Condition()
        self._gate = threading.Thread(target=self._watch, name="gate", daemon=True)

    def prepare(self) -> None:
        super().prepare()
        self._gate.start()

    def stop(self) -> None:
        super().stop()
        with self._changed:
            for conn in self._waiting:
                _close(conn)
            self._waiting.clear()
            self._changed.notify_all()

    def process_conn(self, conn: Any) -> None:
        """Where cheroot hands on a connection that is new, or has sent something after a pause."""
        if conn.rfile.has_data() or (isinstance(conn.socket, ssl.SSLSocket) and conn.socket.pending()):
            super().process_conn(conn)
            return
        with self._changed:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[conn] = time.monotonic()
                self._changed.notify_all()
                return
        _close(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """cheroot reports every browser that goes away; only real trouble is worth a line."""
        if level >= logging.ERROR:
            log.error("%s", msg, exc_info=traceback)

    def _watch(self) -> None:
        looked_s = 0.0
        while self.ready:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or not self.ready, timeout=1.0)
                waiting = list(self._waiting.items())
            now_s = time.monotonic()
            at_all = now_s - looked_s >= OLD_LOOK_S
            looked_s = now_s if at_all else looked_s
            for conn, since_s in waiting:
                if at_all or now_s - since_s < YOUNG_S:
                    self._look(conn, now_s - since_s)
            if waiting:
                time.sleep(YOUNG_LOOK_S)

    def _look(self, conn: Any, waited_s: float) -> None:
        state = header(conn.socket)
        if state == "part" and waited_s < HEADER_WITHIN_S:
            return
        with self._changed:
            self._waiting.pop(conn, None)
        if state == "whole":
            super().process_conn(conn)
        else:
            _close(conn)


class _LateHandshake(BuiltinSSLAdapter):
    """Leaves the TLS handshake to the first read, in a worker: a peer that sends nothing must not hold up who comes next."""

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        wrapped = self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}


def _close(conn: Any) -> None:
    with suppress(OSError):
        conn.close()
