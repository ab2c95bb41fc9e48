"""The other end of the station's socket (station/service/ipc.py): commands, and what is told to whoever watches."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from hardware.errors import BackliftError
from hardware.notices import Notice
from station.messages import Sender

PIECE_BYTES = 65_536
LONGEST_ANSWER_BYTES = 4 * 1024 * 1024
"""Far beyond what a station says in one line; whoever answers in its place must not fill the asker's memory."""


class IpcError(BackliftError, OSError):
    """The station cannot be reached, or its socket cannot be made."""


class CommandError(BackliftError, ValueError):
    """The station declined a command; the message says why.  notice: the same as a code with parameters, where there is one."""

    def __init__(self, message: str, notice: Notice | None = None) -> None:
        super().__init__(message)
        self.notice = notice


class IpcClient:
    """Another process's end.  Nothing is opened until something is asked; may be shared by threads.

    Each subscription and each command has a connection of its own, so a station that was restarted in between is no error.
    """

    def __init__(self, path: Path, timeout_s: float = 5.0, sender: Sender = "command_line") -> None:
        self._path = path
        self._sender = sender
        self._timeout_s = timeout_s
        self._open: set[socket.socket] = set()

    def command(
        self, name: str, args: Mapping[str, Any] | None = None, timeout_s: float | None = None, sender: Sender | None = None
    ) -> Any:
        """Give a command, for `sender` if not for oneself, and wait for its result.  Raises CommandError (declined), IpcError."""
        with self._connect(timeout_s) as sock:
            request = {"op": "command", "id": 1, "name": name, "args": dict(args or {}), "sender": sender or self._sender}
            lines = self._lines(sock, request)
            answer = next(lines, None)
        if answer is None:
            raise IpcError("the station went away before it answered; look at the page again in a moment")
        try:
            ok, result, error, notice = answer["ok"], answer.get("result"), str(answer.get("error")), answer.get("notice")
            declined = None if ok else CommandError(error, msgspec.convert(notice, Notice) if notice else None)
        except (KeyError, msgspec.ValidationError):
            raise IpcError(f"{self._path}: what answers there is no station; is another program using this socket?") from None
        if declined is not None:
            raise declined
        return result

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
        except PermissionError:
            sock.close()
            raise IpcError(f"{self._path}: you may not speak to the station; put sudo before the command") from None
        except OSError as error:
            sock.close()
            raise IpcError(f"{self._path}: the station does not answer ({error.strerror or error}); is it running?") from None
        return sock

    def _lines(self, sock: socket.socket, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        received = bytearray()
        try:
            sock.sendall(msgspec.json.encode(request) + b"\n")
            while data := sock.recv(PIECE_BYTES):
                received += data
                *lines, rest = received.split(b"\n")
                received = bytearray(rest)
                if len(received) > LONGEST_ANSWER_BYTES:
                    raise IpcError(f"{self._path}: what answers there sends more than {LONGEST_ANSWER_BYTES} bytes in one line")
                for line in lines:
                    yield msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise IpcError(f"{self._path}: what answers there is no station; is another program using this socket?") from None
        except IpcError:
            raise
        except OSError as error:
            raise IpcError(f"{self._path}: the station does not answer ({error}); is it running?") from None
