"""One listener, its connections, and the deadlines they keep.

uvicorn's protocol speaks HTTP/1.1; what it leaves open is decided here, once for http and https:

    handshake, head and body    together within `REQUEST_WITHIN_S`, from accepting the connection or the request's first byte on
    the answer                  must move: nothing taken for `STALLED_S` ends it; one to a stranger is over within `ANSWER_WITHIN_S`
    between requests            `IDLE_S`
    how many                    web/serving/admission.py

A look once a second over all connections keeps these; a timer for each would say the same in more places.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from web.serving.admission import Admission, Place

REQUEST_WITHIN_S = 5.0
ANSWER_WITHIN_S = 20.0
STALLED_S = 8.0
IDLE_S = 15.0
LOOK_EVERY_S = 1.0
HEAD_BYTES = 16 * 1024
REQUEST_BYTES = 256 * 1024
"""A request that sends more than this before it is answered is cut: four times the largest body that is accepted."""
WRITE_BUFFER_BYTES = 32 * 1024
RECEIVE_BUFFER_BYTES = 32 * 1024
"""In the kernel: nothing large is ever sent to a station, and what waits there counts as its memory too."""
BACKLOG = 4096
"""A burst of connections must not make the kernel drop a tablet's: it would try again only after a second."""
ACCEPT_AT_ONCE = 24
"""So few per turn of the loop: what one sent is looked at some three turns later, before as many others came as a peer may have."""
NO_FILES_PAUSE_S = 0.1


class Connection(H11Protocol):
    """One connection.  `begin_answer` is called by the application once it has the whole request."""

    def __init__(self, config: Config, server_state: ServerState, place: Place, admission: Admission, accepted_s: float) -> None:
        super().__init__(config, server_state, {"connection": self})
        self.place = place
        self.admission = admission
        self.gone = False
        self._arriving_since_s: float | None = accepted_s
        self._answering_since_s: float | None = None
        self._received = 0
        self._unsent = 0
        self._moved_s = accepted_s

    def begin_answer(self) -> None:
        """The request is whole: its deadline is met."""
        self._arriving_since_s = None
        self._answering_since_s = time.monotonic()
        self._received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > REQUEST_BYTES:
            self.abort()
            return
        if self._arriving_since_s is None and self._answering_since_s is None:
            self._arriving_since_s = time.monotonic()
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self.admission.release(self.place)
        super().connection_lost(exc)
        # What points back at this object is let go, so that a flood of short connections is freed at once and not by the
        # garbage collector some day.
        self.app_state = {}
        self.scope = self.cycle = None  # type: ignore[assignment]
        self.place.give_up = _already_closed

    def on_response_complete(self) -> None:
        self._answering_since_s = None
        # Bytes of a next request may be here already; their deadline begins now.
        pipelined = self.conn.trailing_data[0] or self.conn.their_state is not h11.DONE
        self._arriving_since_s = time.monotonic() if pipelined else None
        super().on_response_complete()

    def abort(self) -> None:
        self.transport.abort()

    def overdue(self, now_s: float) -> bool:
        """Whether one of the deadlines has passed."""
        if self._arriving_since_s is not None and now_s - self._arriving_since_s > REQUEST_WITHIN_S:
            return True
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._moved_s = unsent, now_s
        if now_s - self._moved_s > STALLED_S:
            return True
        stranger = self.place.device is None
        return stranger and self._answering_since_s is not None and now_s - self._answering_since_s > ANSWER_WITHIN_S


class Listener:
    """Accepts connections on one socket.  Lives in the event loop; `open` may raise OSError."""

    def __init__(self, app: Any, address: tuple[str, int], tls: ssl.SSLContext | None, admission: Admission) -> None:
        self._app = app
        self._address = address
        self._tls = tls
        self._admission = admission
        self._config = Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            h11_max_incomplete_event_size=HEAD_BYTES,
            timeout_keep_alive=round(IDLE_S),
        )
        self._state = ServerState()
        self._handshakes: dict[Place, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sock: socket.socket | None = None

    def open(self) -> tuple[str, int]:
        """Listen; returns the address in use."""
        # To uvicorn every malformed request is worth a line, and so a way to fill the log for anybody.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self._config.load()
        sock = socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.bind(self._address)
            sock.listen(BACKLOG)
            sock.setblocking(False)
        except OSError:
            sock.close()
            raise
        self._sock = sock
        asyncio.get_running_loop().add_reader(sock.fileno(), self._accept)
        name: tuple[str, int] = sock.getsockname()[:2]
        return name

    def close(self) -> None:
        """Accept nobody any more."""
        if self._sock is not None:
            asyncio.get_running_loop().remove_reader(self._sock.fileno())
            self._sock.close()
            self._sock = None

    def connections(self) -> tuple[Connection, ...]:
        return tuple(each for each in self._state.connections if isinstance(each, Connection))

    def abort_all(self) -> None:
        for place in tuple(self._handshakes):
            place.give_up()
        for connection in self.connections():
            connection.abort()

    def look(self) -> None:
        """Give up what is overdue."""
        now_s = time.monotonic()
        for place, since_s in tuple(self._handshakes.items()):
            if now_s - since_s > REQUEST_WITHIN_S:
                place.give_up()
        for connection in self.connections():
            if connection.overdue(now_s):
                connection.abort()

    def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(ACCEPT_AT_ONCE):
            if self._sock is None:
                return
            try:
                sock, peer = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    raise
                self._admission.make_room()
                loop.remove_reader(self._sock.fileno())
                loop.call_later(NO_FILES_PAUSE_S, self._accept_again)
                return
            sock.setblocking(False)
            task = loop.create_task(self._begin(sock, peer[0]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _accept_again(self) -> None:
        if self._sock is not None:
            asyncio.get_running_loop().add_reader(self._sock.fileno(), self._accept)

    async def _begin(self, sock: socket.socket, peer: str) -> None:
        accepted_s = time.monotonic()
        place = self._admission.admit(peer, lambda: _shut(sock))
        self._handshakes[place] = accepted_s
        made: list[Connection] = []

        def protocol() -> Connection:
            made.append(Connection(self._config, self._state, place, self._admission, accepted_s))
            return made[0]

        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                protocol,
                sock,
                ssl=self._tls,
                ssl_handshake_timeout=REQUEST_WITHIN_S if self._tls else None,
                ssl_shutdown_timeout=1.0 if self._tls else None,
            )
            if not made[0].gone:
                place.give_up = made[0].abort
        except (OSError, ConnectionError, TimeoutError):
            # The peer left, or its handshake failed: no concern of ours.
            self._admission.release(place)
            sock.close()
        finally:
            self._handshakes.pop(place, None)


def _already_closed() -> None:
    """Give up a connection that is gone."""


def _shut(sock: socket.socket) -> None:
    """End a connection whose handshake is still under way; whoever waits for it sees the end."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
