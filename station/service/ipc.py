"""The link between the station and whoever watches it: one Unix socket, one JSON object per line, both ways.

    client -> {"op": "subscribe", "since": SEQ}
    server -> {"type": "hello", "run": HEX, "seq": NEWEST, "oldest": OLDEST}      a new `run`: the station was restarted, seq too
              {"type": "state", "seq": N, ...}        the newest picture; N is the newest event it knows of
              {"type": "event" | "cue", "seq": N, ...}
    client -> {"op": "command", "id": 1, "name": "mark", "args": {}}
    server -> {"type": "reply", "id": 1, "ok": true, "result": ...} or {"type": "reply", "id": 1, "ok": false, "error": "one line"}

Why one thread and no queues per reader: a tablet that stops reading must cost nothing.  Of states a reader gets the newest one when
it has taken everything before (never a backlog); of events and cues it gets every one, straight from a ring that all readers share,
and a reader that falls out of the ring or takes nothing for `STALLED_S` is let go: it may come back and resume by `since`.
"""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from hardware.errors import BackliftError
from station.messages import COMMANDS, Command

__all__ = ["COMMANDS", "CommandError", "IpcClient", "IpcError", "IpcServer", "Reply"]

RING = 1000
"""So many events and cues can be resumed."""
STALLED_S = 5.0
MAX_CLIENTS = 64
MAX_LINE = 65_536
_MAX_PATH = 107
"""Bytes of a Unix socket's path (unix(7), sun_path)."""


class IpcError(BackliftError, OSError):
    """The station cannot be reached, or its socket cannot be made."""


class CommandError(BackliftError, ValueError):
    """The station declined a command; the message says why."""


class _Subscribe(msgspec.Struct, tag_field="op", tag="subscribe", forbid_unknown_fields=True):
    since: int = 0


class _Order(msgspec.Struct, tag_field="op", tag="command", forbid_unknown_fields=True):
    id: int
    name: str
    args: msgspec.Raw = msgspec.Raw(b"{}")


_log = logging.getLogger(__name__)
_MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_request = msgspec.json.Decoder(_Subscribe | _Order)
_arguments = {name: msgspec.json.Decoder(kind) for name, kind in COMMANDS.items()}


@dataclass(eq=False, slots=True)
class _Peer:
    """One connection.  cursor: seq of the last ring entry sent, None while not subscribed."""

    sock: socket.socket
    moved_s: float
    received: bytearray = field(default_factory=bytearray)
    sending: bytes = b""
    replies: deque[bytes] = field(default_factory=deque)
    cursor: int | None = None
    state_version: int = 0
    writing: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Where the answer to one command goes; may be used from any thread, once."""

    server: IpcServer
    peer: _Peer
    id: int

    def result(self, value: Any = None) -> None:
        self.server.answer(self.peer, {"type": "reply", "id": self.id, "ok": True, "result": value})

    def error(self, words: str) -> None:
        self.server.answer(self.peer, {"type": "reply", "id": self.id, "ok": False, "error": " ".join(words.split())})


class IpcServer:
    """The station's end.

    path: of the socket, made with mode 0660.
    handle: called in the link's thread with each well-formed command and the place for its answer; must not block.

    The `publish_*` methods may be called from any thread and never block on a reader.
    """

    def __init__(self, path: Path, handle: Callable[[Command, Reply], None]) -> None:
        self._path = path
        self._handle = handle
        self._run = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._ring: deque[bytes] = deque(maxlen=RING)
        self._seq = 0
        self._state = b""
        self._state_version = 0
        self._selector = selectors.DefaultSelector()
        self._peers: set[_Peer] = set()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._closing = False
        self._listener = _listen(path)
        self._thread = threading.Thread(target=self._serve, name="link", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Send what is due, let all readers go, remove the socket."""
        self._closing = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    @property
    def readers(self) -> int:
        return sum(1 for peer in tuple(self._peers) if peer.cursor is not None)

    def publish_state(self, message: Mapping[str, Any]) -> None:
        """Replace the newest state; readers who are behind never see the ones between."""
        with self._lock:
            self._state = msgspec.json.encode({"type": "state", "seq": self._seq, **message}) + b"\n"
            self._state_version += 1
        self._wake()

    def publish(self, type: str, message: Mapping[str, Any]) -> int:
        """Append an event or cue to the ring; returns its seq."""
        with self._lock:
            self._seq += 1
            self._ring.append(msgspec.json.encode({"type": type, "seq": self._seq, **message}) + b"\n")
            seq = self._seq
        self._wake()
        return seq

    def answer(self, peer: _Peer, message: Mapping[str, Any]) -> None:
        """Queue a reply for a peer; a peer that is gone is no error."""
        peer.replies.append(msgspec.json.encode(message) + b"\n")
        self._wake()

    # The link's thread --------------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        # A full pipe already holds a wake-up that was not taken yet.
        with suppress(BlockingIOError, OSError):
            self._wake_in.send(b"\0")

    def _serve(self) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        while not self._closing:
            for key, mask in self._selector.select(timeout=1.0):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._wake_out:
                    with suppress(BlockingIOError):
                        self._wake_out.recv(4096)
                elif mask & selectors.EVENT_READ:
                    self._receive(key.data)
            now_s = time.monotonic()
            for peer in tuple(self._peers):
                self._send(peer, now_s)
        for peer in tuple(self._peers):
            self._send(peer, time.monotonic())
            self._drop(peer)
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return
        if len(self._peers) >= MAX_CLIENTS:
            sock.close()
            return
        sock.setblocking(False)
        # A small kernel buffer, or a slow reader would see states that are seconds old.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_LINE)
        peer = _Peer(sock, time.monotonic())
        self._peers.add(peer)
        self._selector.register(sock, selectors.EVENT_READ, peer)

    def _drop(self, peer: _Peer) -> None:
        if peer in self._peers:
            self._peers.remove(peer)
            self._selector.unregister(peer.sock)
            peer.sock.close()

    def _receive(self, peer: _Peer) -> None:
        try:
            data = peer.sock.recv(MAX_LINE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(peer)
            return
        peer.received += data
        *lines, rest = peer.received.split(b"\n")
        peer.received = bytearray(rest)
        for line in lines:
            self._take(peer, bytes(line))
        if len(peer.received) > MAX_LINE or len(peer.replies) > RING:
            self._drop(peer)

    def _take(self, peer: _Peer, line: bytes) -> None:
        try:
            request = _request.decode(line)
        except _MALFORMED as error:
            self.answer(peer, {"type": "reply", "id": None, "ok": False, "error": f"not understood: {error}"})
            return
        if isinstance(request, _Subscribe):
            self._subscribe(peer, request.since)
            return
        reply = Reply(self, peer, request.id)
        if request.name not in _arguments:
            reply.error(f"unknown command '{request.name[:40]}'")
            return
        try:
            command = _arguments[request.name].decode(request.args)
        except _MALFORMED as error:
            reply.error(f"{request.name}: {error}")
            return
        try:
            self._handle(command, reply)
        except BackliftError as error:
            reply.error(str(error))
        except Exception:
            _log.exception("the command %s failed", request.name)
            reply.error("the station could not do this; the logs say why ('backlift logs')")

    def _subscribe(self, peer: _Peer, since: int) -> None:
        with self._lock:
            oldest = self._seq - len(self._ring) + 1
            # Somebody who knows of a later event than there is has it from an earlier run of the station.
            peer.cursor = max(since, oldest - 1) if since <= self._seq else oldest - 1
            hello = {"type": "hello", "run": self._run, "seq": self._seq, "oldest": oldest}
        self.answer(peer, hello)

    def _send(self, peer: _Peer, now_s: float) -> None:
        """Write until the peer has everything or takes no more; let it go when it has taken nothing for too long."""
        while True:
            if not peer.sending:
                peer.sending = self._next(peer)
                if not peer.sending:
                    peer.moved_s = now_s
                    break
            if peer not in self._peers:
                return
            try:
                sent = peer.sock.send(peer.sending)
            except BlockingIOError:
                break
            except OSError:
                self._drop(peer)
                return
            peer.sending = peer.sending[sent:]
            peer.moved_s = now_s
        if peer.sending and now_s - peer.moved_s > STALLED_S:
            self._drop(peer)
            return
        if bool(peer.sending) != peer.writing:
            peer.writing = bool(peer.sending)
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.writing else 0)
            self._selector.modify(peer.sock, events, peer)

    def _next(self, peer: _Peer) -> bytes:
        """What to send next: replies, then events and cues, then the newest state; empty when the peer has all."""
        if peer.replies:
            return peer.replies.popleft()
        if peer.cursor is None:
            return b""
        with self._lock:
            oldest = self._seq - len(self._ring) + 1
            if peer.cursor < oldest - 1:
                self._drop(peer)
                return b""
            if peer.cursor < self._seq:
                pieces = list(itertools.islice(self._ring, peer.cursor + 1 - oldest, peer.cursor + 101 - oldest))
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


class IpcClient:
    """Another process's end.  Nothing is opened until something is asked; may be shared by threads.

    Each subscription and each command has a connection of its own, so a station that was restarted in between is no error.
    """

    def __init__(self, path: Path, timeout_s: float = 5.0) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._open: set[socket.socket] = set()

    def command(self, name: str, args: Mapping[str, Any] | None = None, timeout_s: float | None = None) -> Any:
        """Give a command and wait for its result.  Raises CommandError (declined), IpcError (not there)."""
        with self._connect(timeout_s) as sock:
            lines = self._lines(sock, {"op": "command", "id": 1, "name": name, "args": dict(args or {})})
            answer = next(lines, None)
        if answer is None:
            raise IpcError("the station went away before it answered; look at the page again in a moment")
        if not answer["ok"]:
            raise CommandError(answer["error"])
        return answer["result"]

    def subscribe(self, since: int = 0) -> Iterator[dict[str, Any]]:
        """States, events and cues as they come, events from `since` on; ends or raises IpcError when the station stops."""
        with self._connect(None) as sock:
            self._open.add(sock)
            try:
                yield from self._lines(sock, {"op": "subscribe", "since": since})
            finally:
                self._open.discard(sock)

    def close(self) -> None:
        """End all subscriptions, also those another thread is waiting in."""
        for sock in tuple(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _connect(self, timeout_s: float | None) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(self._timeout_s if timeout_s is None else timeout_s)
        try:
            sock.connect(str(self._path))
        except OSError as error:
            sock.close()
            raise IpcError(f"{self._path}: the station does not answer ({error.strerror or error}); is it running?") from None
        return sock

    def _lines(self, sock: socket.socket, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        received = bytearray()
        try:
            sock.sendall(msgspec.json.encode(request) + b"\n")
            while data := sock.recv(MAX_LINE):
                received += data
                *lines, rest = received.split(b"\n")
                received = bytearray(rest)
                for line in lines:
                    yield msgspec.json.decode(line, type=dict[str, Any])
        except OSError as error:
            raise IpcError(f"{self._path}: the station does not answer ({error}); is it running?") from None
