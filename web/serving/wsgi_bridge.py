"""From uvicorn's connections to Flask: the whole request first, then a worker thread, then the answer, piece by piece.

A worker thread is held only while Flask computes.  It waits neither for a request that comes slowly nor for a reader who takes the
answer slowly: of a long answer the next piece is made when the last one was taken.  Event streams hold no thread at all: the view
checks who asks and leaves an `EventStream` in the WSGI environ, and its events are written from the event loop.

A stranger's body is read for the pairing request only, the one thing a stranger may send; every other request of a stranger is
answered by the guard as if it had none, and its connection is closed instead of read to the end.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import cookies
from typing import Any, cast

from web.auth.devices import COOKIE
from web.live.stream import STREAM_KEY, EventStream
from web.serving.connections import Connection
from web.serving.worker_lanes import Lane, LaneFullError

LARGEST_BODY_BYTES = 64 * 1024
PIECE_BYTES = 64 * 1024
PAIRING_PATHS = ("/api/v1/pair", "/pair")
HEARTBEAT_S = 4.0
"""A stream with no news is written to so often: else a reader that is gone is noticed after half a minute only."""

log = logging.getLogger(__name__)
Headers = list[tuple[bytes, bytes]]
Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]


class _RefusedError(Exception):
    """The request is not going to be read to its end."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words


@dataclass(slots=True)
class _Answer:
    """What Flask made of a request."""

    status: int
    headers: Headers
    pieces: Iterator[bytes]
    close: Callable[[], None]
    first: bytes
    more: bool
    stream: EventStream | None


class Pulse:
    """Wakes every coroutine that waits for the next beat.  `beat` belongs to the event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def next(self, timeout_s: float) -> None:
        event = self._event
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), timeout_s)


class WsgiBridge:
    """The ASGI application.

    known: the id of the paired device whose token this is, None for a stranger; asked in the event loop, so it must not wait.
    pulse: beats when there is news for the event streams.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        known: Callable[[str | None], int | None],
        pulse: Pulse,
        devices: Lane,
        strangers: Lane,
    ) -> None:
        self._app = app
        self._known = known
        self._pulse = pulse
        self._devices = devices
        self._strangers = strangers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = cast(Connection, scope["state"]["connection"])
        try:
            await self._answer(connection, scope, receive, send)
        except Exception:
            log.exception("web server: %s %s failed", scope["method"], scope["path"])
            connection.abort()

    async def _answer(self, connection: Connection, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        device = self._known(shown_token(headers))
        if device is not None:
            connection.admission.prove(connection.place, device)
        announced = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        wanted = device is not None or scope["path"] in PAIRING_PATHS
        try:
            body = await _body(headers, receive) if announced and wanted else b""
        except _RefusedError as refused:
            await _say(send, refused.status, refused.words)
            return
        connection.begin_answer()
        lane, asker = (self._strangers, connection.place.peer) if device is None else (self._devices, device)
        environ = _environ(scope, headers, body)
        context = contextvars.copy_context()
        try:
            answer = await lane.run(asker, lambda: context.run(self._ask, environ))
        except LaneFullError:
            await _say(send, 503, "The station is busy; try again in a moment.")
            return
        try:
            if answer.stream is not None or (announced and not wanted):
                # A body that is not read leaves nothing to follow it on this connection; behind a stream nothing should.
                answer.headers.append((b"connection", b"close"))
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            if answer.stream is not None:
                await self._stream(answer.stream, connection, send)
            else:
                piece, more = answer.first, answer.more
                while more and not connection.gone:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    piece, more = await lane.run(asker, lambda: context.run(_piece, answer.pieces))
                await send({"type": "http.response.body", "body": piece})
        except LaneFullError:
            # In the middle of a long answer: cut off, the reader sees that it is not whole.
            connection.abort()
        finally:
            context.run(answer.close)

    async def _stream(self, stream: EventStream, connection: Connection, send: Send) -> None:
        piece: bytes | None = stream.begin()
        while piece is not None and not connection.gone:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if not stream.has_news():
                await self._pulse.next(HEARTBEAT_S)
            piece = stream.news()
        await send({"type": "http.response.body", "body": b""})

    def _ask(self, environ: dict[str, Any]) -> _Answer:
        """Call Flask; in a worker thread."""
        begun: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], None]:
            encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            begun.append((int(status.split(" ", 1)[0]), encoded))
            return _no_write

        iterable = self._app(environ, start_response)
        pieces = iter(iterable)
        close = getattr(iterable, "close", lambda: None)
        try:
            first, more = _piece(pieces)
        except BaseException:
            close()
            raise
        status, headers = begun[-1]
        stream = environ.get(STREAM_KEY)
        if stream is not None:
            headers = [(name, value) for name, value in headers if name != b"content-length"]
        return _Answer(status, headers, pieces, close, first, more, stream)


def shown_token(headers: dict[str, str]) -> str | None:
    """What the device shows: its cookie, or for programs without one an Authorization header."""
    with suppress(cookies.CookieError):
        morsel = cookies.SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        if morsel is not None:
            return morsel.value
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    """The whole body.  Its deadline is the connection's; its size is bounded before and while it comes."""
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 9 or int(length) > LARGEST_BODY_BYTES):
        raise _RefusedError(413, "That is more than this station takes.")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _RefusedError(400, "The request ended early.")
        body += message["body"]
        if len(body) > LARGEST_BODY_BYTES:
            raise _RefusedError(413, "That is more than this station takes.")
        if not message["more_body"]:
            return bytes(body)


async def _say(send: Send, status: int, words: str) -> None:
    """A line from the server itself; the connection closes behind it."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), (b"connection", b"close")]
    if status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})


def _piece(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The next `PIECE_BYTES` or so, and whether there may be more."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= PIECE_BYTES:
            return bytes(gathered), True
    return bytes(gathered), False


def _environ(scope: Scope, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """PEP 3333."""
    client, server = scope["client"] or ("", 0), scope["server"] or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        if key == "CONTENT_TYPE":
            environ[key] = text
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _no_write(data: bytes) -> None:
    raise NotImplementedError("write() of PEP 3333 is not served; return an iterable")
