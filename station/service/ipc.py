"""The link between the station and whoever watches it: one Unix socket, one JSON object per line, both ways.

    client -> {"op": "subscribe", "since": SEQ}
    server -> {"type": "hello", "run": HEX, "seq": NEWEST, "oldest": OLDEST}      a new `run`: the station was restarted, seq too
              {"type": "state", "seq": N, ...}        the newest state; N is the newest event it knows of
              {"type": "event" | "cue", "seq": N, ...}
              {"type": "forget", "seq": N, "session": S | null}   session S (null: every one) was deleted: drop what is kept of it
    client -> {"op": "command", "id": 1, "name": "mark", "args": {}, "sender": "page"}
    server -> {"type": "reply", "id": 1, "ok": true, "result": ...}
              {"type": "reply", "id": 1, "ok": false, "error": "one line", "notice": {"code": ..., "params": {...}} or null}

All of it is one thread with an asyncio loop: a task reads and a task writes for each connection, so what one connection does ends
that connection and nothing else.  There are no queues per reader: of states a reader gets the newest one when it has taken all
before; of events and cues it gets every one, straight from a ring that all readers share.  A reader that falls out of the ring,
or takes nothing for `STALLED_S`, is disconnected: it may come back and resume by `since`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import secrets
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from hardware.errors import BackliftError
from station.messages import COMMANDS, Command, Event, Sender, event_body
from station.service.declined import DeclinedError
from station.service.ipc_client import CommandError, IpcClient, IpcError
from station.service.peers import EVERY_SENDER, credentials

__all__ = ["COMMANDS", "CommandError", "IpcClient", "IpcError", "IpcServer", "Reply"]

RING = 1000
"""So many events and cues can be resumed."""
STALLED_S = 5.0
HEARTBEAT_S = 1.0
MAX_CLIENTS = 64
MAX_LINE = 65_536
PIECES = 100
"""Events written at once, so that a reader far behind gets its replies in between."""
_MAX_PATH = 107
"""Bytes of a Unix socket's path (unix(7), sun_path)."""


class _Subscribe(msgspec.Struct, tag_field="op", tag="subscribe", forbid_unknown_fields=True):
    since: int = 0


class _CommandLine(msgspec.Struct, tag_field="op", tag="command", forbid_unknown_fields=True):
    id: int
    name: str
    args: msgspec.Raw = msgspec.Raw(b"{}")
    sender: Sender = "command_line"


_log = logging.getLogger(__name__)
_MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_request = msgspec.json.Decoder(_Subscribe | _CommandLine)
_arguments = {name: msgspec.json.Decoder(kind) for name, kind in COMMANDS.items()}


@dataclass(eq=False, slots=True)
class _Peer:
    """One connection.  cursor: seq of the last ring entry sent, None while not subscribed.  news: there may be more to send."""

    writer: asyncio.StreamWriter
    pid: int
    senders: frozenset[Sender]
    news: asyncio.Event = field(default_factory=asyncio.Event)
    replies: deque[bytes] = field(default_factory=deque)
    cursor: int | None = None
    state_version: int = 0
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Where the answer to one command goes; may be used from any thread, once."""

    server: IpcServer
    peer: _Peer
    id: int

    def result(self, value: Any = None) -> None:
        self.server.answer(self.peer, {"type": "reply", "id": self.id, "ok": True, "result": value})

    def error(self, error: BackliftError) -> None:
        words = " ".join(str(error).split())
        notice = getattr(error, "notice", None)
        self.server.answer(self.peer, {"type": "reply", "id": self.id, "ok": False, "error": words, "notice": notice})


class IpcServer:
    """The station's end.

    path: of the socket, made with mode 0660.
    handle: called in the link's thread with each well-formed command, the place for its answer, and who sent it; must not block.
    stalled_s: a reader that takes nothing for so long is disconnected.
    senders_of: for whom a process of this user id may speak; a command from anybody else is declined.

    `publish`, `publish_state` and `answer` may be called from any thread and never block on a reader.
    """

    def __init__(
        self,
        path: Path,
        handle: Callable[[Command, Reply, Sender], None],
        stalled_s: float = STALLED_S,
        senders_of: Callable[[int], frozenset[Sender]] = lambda uid: EVERY_SENDER,
    ) -> None:
        self._path = path
        self._handle = handle
        self._stalled_s = stalled_s
        self._senders_of = senders_of
        self._run = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._ring: deque[bytes] = deque(maxlen=RING)
        self._seq = 0
        self._state = b""
        self._state_version = 0
        # In the order in which they came.
        self._peers: dict[_Peer, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._notified = False
        self._closed = asyncio.Event()
        self._listener = _listen(path)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="link", daemon=True)
        self.heartbeat_s = time.monotonic()

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Send what is due, disconnect all readers, remove the socket."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._closed.set)
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    @property
    def readers(self) -> int:
        return sum(1 for peer in tuple(self._peers) if peer.cursor is not None)

    @property
    def alive(self) -> bool:
        """The link's thread runs, and its loop has turned lately."""
        return self._thread.is_alive() and time.monotonic() - self.heartbeat_s < STALLED_S

    def publish_state(self, state: Any) -> None:
        """Replace the newest state (a dataclass or mapping); readers who are behind never see the ones between."""
        body = msgspec.to_builtins(state)
        with self._lock:
            self._state = msgspec.json.encode({"type": "state", "seq": self._seq, **body}) + b"\n"
            self._state_version += 1
        self._notify()

    def publish_event(self, event: Event, session: int | None) -> int:
        """Append an event to the ring; returns its seq.  session: the running session, if any."""
        return self.publish("event", {"session": session, "event": event_body(event)})

    def publish(self, type: str, message: Mapping[str, Any]) -> int:
        """Append an event or cue to the ring; returns its seq."""
        with self._lock:
            self._seq += 1
            self._ring.append(msgspec.json.encode({"type": type, "seq": self._seq, **message}) + b"\n")
            seq = self._seq
        self._notify()
        return seq

    def answer(self, peer: _Peer, message: Mapping[str, Any]) -> None:
        """Queue a reply for a peer; a peer that is gone is no error."""
        peer.replies.append(msgspec.json.encode(message) + b"\n")
        self._notify()

    def forget(self, session: int | None) -> None:
        """Remove a deleted session's events (None: those of every session) from the ring; their places stay, so that seq still
        counts.  Who listens is told, and forgets them too."""
        with self._lock:
            for place, line in enumerate(self._ring):
                message = msgspec.json.decode(line)
                if message["type"] == "event" and message.get("session") is not None and session in (None, message["session"]):
                    gone = {"type": "event", "seq": message["seq"], "session": None, "event": {"type": "forgotten"}}
                    self._ring[place] = msgspec.json.encode(gone) + b"\n"
        self.publish("forget", {"session": session})

    # The link's thread --------------------------------------------------------------------------------------------------------

    def _notify(self) -> None:
        """Wake the writers; one wake-up stands for all news until the loop has taken it."""
        if self._loop is not None and not self._notified:
            self._notified = True
            # The loop may be closed already: then nobody is left to be told.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake_writers)

    def _wake_writers(self) -> None:
        self._notified = False
        for peer in self._peers:
            peer.news.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        beat = asyncio.create_task(self._beat())
        # On the line limit a connection is ended by its own read task; asyncio keeps at most twice as much of it.
        server = await asyncio.start_unix_server(self._connected, sock=self._listener, limit=MAX_LINE)
        await self._closed.wait()
        beat.cancel()
        server.close()
        for peer in self._peers:
            peer.closing = True
            peer.news.set()
        deadline_s = time.monotonic() + 1.0
        while self._peers and time.monotonic() < deadline_s:
            await asyncio.sleep(0.01)

    async def _beat(self) -> None:
        while True:
            self.heartbeat_s = time.monotonic()
            await asyncio.sleep(HEARTBEAT_S)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        try:
            who = credentials(sock)
        except OSError:
            writer.close()
            return
        if len(self._peers) >= MAX_CLIENTS:
            self._make_room()
        # A small kernel buffer and none of asyncio's, or a slow reader would see states that are seconds old.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_LINE)
        writer.transport.set_write_buffer_limits(high=0)
        peer = _Peer(writer, who.pid, self._senders_of(who.uid))
        self._peers[peer] = None
        reading = asyncio.create_task(self._read(peer, reader))
        try:
            await self._write(peer)
        except (OSError, TimeoutError):
            pass
        finally:
            self._peers.pop(peer, None)
            reading.cancel()
            writer.transport.abort() if not peer.closing else writer.close()

    def _make_room(self) -> None:
        """End the oldest connection of the process that holds most: no process keeps the terminal out."""
        pid, _ = Counter(peer.pid for peer in self._peers).most_common(1)[0]
        oldest = next(peer for peer in self._peers if peer.pid == pid)
        self._peers.pop(oldest)
        oldest.writer.transport.abort()

    async def _read(self, peer: _Peer, reader: asyncio.StreamReader) -> None:
        """Take lines until the connection ends, sends a line without end, or asks without reading the answers."""
        try:
            while len(peer.replies) <= RING:
                line = await reader.readuntil(b"\n")
                self._take(peer, line[:-1])
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        except Exception:
            _log.exception("link: unhandled exception, connection closed")
        peer.closing = True
        peer.news.set()

    async def _write(self, peer: _Peer) -> None:
        """Write until the connection closes; raises TimeoutError when the reader takes nothing for too long."""
        while True:
            while data := self._next(peer):
                peer.writer.write(data)
                await asyncio.wait_for(peer.writer.drain(), self._stalled_s)
            if peer.closing:
                return
            await peer.news.wait()
            peer.news.clear()

    def _take(self, peer: _Peer, line: bytes) -> None:
        try:
            request = _request.decode(line)
        except _MALFORMED as error:
            words = " ".join(f"not understood: {error}".split())
            self.answer(peer, {"type": "reply", "id": None, "ok": False, "error": words, "notice": None})
            return
        if isinstance(request, _Subscribe):
            self._subscribe(peer, request.since)
            return
        reply = Reply(self, peer, request.id)
        if request.name not in _arguments:
            return reply.error(CommandError(f"unknown command '{request.name[:40]}'"))
        try:
            command = _arguments[request.name].decode(request.args)
        except _MALFORMED as error:
            return reply.error(CommandError(f"{request.name}: {error}"))
        if request.sender not in peer.senders:
            return reply.error(DeclinedError("sender", sender=request.sender))
        try:
            self._handle(command, reply, request.sender)
        except BackliftError as error:
            reply.error(error)
        except Exception:
            _log.exception("link: unhandled exception in command %s", request.name)
            reply.error(CommandError("the station could not do this; the logs say why ('backlift logs')"))

    def _subscribe(self, peer: _Peer, since: int) -> None:
        with self._lock:
            oldest = self._seq - len(self._ring) + 1
            # Somebody who knows of a later event than there is has it from an earlier run of the station.
            peer.cursor = max(since, oldest - 1) if since <= self._seq else oldest - 1
            hello = {"type": "hello", "run": self._run, "seq": self._seq, "oldest": oldest}
        self.answer(peer, hello)

    def _next(self, peer: _Peer) -> bytes:
        """What to send next: replies, then events and cues, then the newest state; empty when the peer has all."""
        if peer.replies:
            return peer.replies.popleft()
        if peer.cursor is None:
            return b""
        with self._lock:
            oldest = self._seq - len(self._ring) + 1
            if peer.cursor < oldest - 1:
                peer.closing = True
                return b""
            if peer.cursor < self._seq:
                pieces = list(itertools.islice(self._ring, peer.cursor + 1 - oldest, peer.cursor + 1 + PIECES - oldest))
                peer.cursor += len(pieces)
                return b"".join(pieces)
            if peer.state_version < self._state_version:
                peer.state_version = self._state_version
                return self._state
        return b""


def _listen(path: Path) -> socket.socket:
    """The listening socket, mode 0660.  A socket that nobody answers at any more is replaced."""
    if len(os.fsencode(path)) > _MAX_PATH:
        raise IpcError(f"{path}: the path of a socket may have {_MAX_PATH} bytes; choose a shorter runtime folder")
    listener = socket.socket(socket.AF_UNIX)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_socket():
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(path)) == 0:
                    raise IpcError(f"{path}: another station is running here; stop it first")
            path.unlink()
        # By umask, not chmod afterwards: there must be no moment in which others may connect.
        mask = os.umask(0o117)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        listener.listen(MAX_CLIENTS)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if isinstance(error, IpcError):
            raise
        raise IpcError(f"{path}: cannot make the station's socket: {error.strerror or error}") from None
    return listener
