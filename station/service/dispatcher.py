"""Hands each command to its one handler, in the thread that owns what it touches.

place         the handler is called                                          the command is answered
at_once       in the thread that received it; must not wait                  with what the handler returns
answers_later in the thread that received it, with the reply                 by the handler
detection     in the detection thread, with its next turn                    with what the handler returns
storage       in the writer's thread, with the store                         when the result is on the card

Before a handler is called, its sender, its confirmation and its requirement (station/messages/commands.py) are checked.  Whatever
a handler raises becomes the answer: a command never ends a thread or a session.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, Literal, Protocol

from hardware.errors import BackliftError
from station.messages import COMMANDS, Command, Requirement, Sender
from station.service.declined import DeclinedError
from station.store import Store
from station.store.write_queue import Done

_log = logging.getLogger(__name__)

Place = Literal["at_once", "answers_later", "detection", "storage"]


class Reply(Protocol):
    """Where the answer to one command goes (station.service.ipc.Reply)."""

    def result(self, value: Any = None) -> None: ...
    def error(self, error: BackliftError) -> None: ...


class NullReply:
    """The reply to a command whose sender does not wait, such as the button; an error is logged."""

    def result(self, value: Any = None) -> None: ...

    def error(self, error: BackliftError) -> None:
        _log.warning("command: declined: %s", error)


@dataclass(frozen=True, slots=True)
class Handler:
    """How one command is done.  run: called as the table in this module's docstring says."""

    place: Place
    run: Callable[..., Any]


class CommandDispatcher:
    """The table of handlers, and the queue of the detection thread.

    handlers: exactly one for each command.  ask: hands work to the writer's thread.  wake: the detection thread has a command.
    holds: whether a requirement is met now.  confirmed: returns when somebody at the station confirmed the command, else raises.
    """

    def __init__(
        self,
        handlers: Mapping[type[Command], Handler],
        *,
        ask: Callable[[Callable[[Store], Any], Done], None],
        wake: Callable[[], None],
        holds: Callable[[Requirement], bool],
        confirmed: Callable[[Command], None],
    ) -> None:
        if missing := set(COMMANDS.values()) ^ set(handlers):
            raise TypeError(f"commands and handlers differ: {sorted(kind.__name__ for kind in missing)}")
        self._handlers = handlers
        self._ask = ask
        self._wake = wake
        self._holds = holds
        self._confirmed = confirmed
        self._waiting: deque[tuple[Command, Reply]] = deque()

    def dispatch(self, command: Command, reply: Reply, sender: Sender) -> None:
        """Take one command; never waits, never raises."""
        handler = self._handlers[type(command)]
        if sender not in command.senders:
            reply.error(DeclinedError("sender", sender=sender))
            return
        if command.needs_confirmation(sender):
            try:
                self._confirmed(command)
            except BackliftError as error:
                reply.error(error)
                return
        match handler.place:
            case "at_once":
                self._run(command, reply, handler)
            case "answers_later":
                try:
                    self._require(command)
                    handler.run(command, reply)
                except Exception as error:
                    reply.error(_as_answer(command, error))
            case "detection":
                self._waiting.append((command, reply))
                self._wake()
            case "storage":
                self._ask(lambda store: handler.run(store, command), answer_when_done(reply))

    def run_waiting(self) -> None:
        """Do what waits for the detection thread, in order."""
        while self._waiting:
            command, reply = self._waiting.popleft()
            self._run(command, reply, self._handlers[type(command)])

    def _run(self, command: Command, reply: Reply, handler: Handler) -> None:
        try:
            self._require(command)
            result = handler.run(command)
        except Exception as error:
            reply.error(_as_answer(command, error))
        else:
            reply.result(result)

    def _require(self, command: Command) -> None:
        if command.requires and not self._holds(command.requires):
            raise DeclinedError(command.requires)


def _as_answer(command: Command, error: Exception) -> BackliftError:
    if isinstance(error, BackliftError):
        return error
    _log.error("command %s: unhandled exception", type(command).__name__, exc_info=error)
    return DeclinedError("internal")


def answer_when_done(reply: Reply) -> Done:
    """A callback for the writer that answers `reply` with what it was told."""

    def done(result: Any, error: BackliftError | None) -> None:
        if error is None:
            reply.result(asdict(result) if is_dataclass(result) and not isinstance(result, type) else result)
        else:
            reply.error(error)

    return done
