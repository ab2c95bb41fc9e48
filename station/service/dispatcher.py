"""Takes commands from the link and gives each to the thread that owns what it touches.

ping, health, mats, pairing        answered at once, in the link's thread
session, guide, pause, mark        the pipeline's thread, with its next turn
what changes data                  the writer's thread; answered when it is on the card
reanalyse                          a thread of its own, then the writer's
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Protocol

from hardware.clock import Clock
from hardware.errors import BackliftError
from hardware.mats import find_mat, shipped_mats
from station import messages as c
from station.analysis.reanalysis import analyse
from station.service.pairing_window import Offer, PairingWindow
from station.settings import SETTINGS, checked
from station.signal.detector import DETECTOR_VERSION
from station.store import Reader, Store
from station.store.write_queue import Done

_log = logging.getLogger(__name__)


class Answer(Protocol):
    """Where the answer to a command goes (station.service.ipc.Reply)."""

    def result(self, value: Any = None) -> None: ...
    def error(self, words: str) -> None: ...


class DeclinedError(BackliftError, RuntimeError):
    """A command that cannot be done now; the message says why and what would help."""


Order = tuple[c.Command, Answer]


class CommandDispatcher:
    """Sorts commands.

    ask: hands work to the writer's thread.  tell: publishes an event to everybody.  wake: the pipeline's thread has an order.
    values: the settings in force, changed here when the card has them.  restart: the station is to start anew (another mat).
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ask: Callable[[Callable[[Store], Any], Done], None],
        tell: Callable[[Mapping[str, Any]], object],
        wake: Callable[[], None],
        occupied: Callable[[], bool],
        restart: Callable[[], None],
        values: dict[str, Any],
        mat_name: str,
        mat_text: str,
        database: Path,
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._tell = tell
        self._wake = wake
        self._occupied = occupied
        self._restart = restart
        self._values = values
        self._mat_name = mat_name
        self._mat_text = mat_text
        self._database = database
        self._pairing = PairingWindow(clock)
        self.orders: deque[Order] = deque()
        """For the pipeline's thread."""

    def take(self, command: c.Command, answer: Answer) -> None:
        """One command; never waits.  Raises BackliftError, which declines it."""
        match command:
            case c.Ping():
                answer.result({"t_s": self._clock.monotonic_s(), "wall_s": self._clock.wall_s()})
            case c.Mats():
                answer.result([{"name": name, "title": find_mat(name)[0].mat.name} for name in shipped_mats()])
            case c.MatGet():
                answer.result({"name": self._mat_name, "text": self._mat_text})
            case c.MatChoose():
                self._choose_mat(command.name, answer)
            case c.SettingSet():
                self._set(command.key, checked(command.key, command.value), answer)
            case c.OpenNetwork():
                self._set("dashboard.open_network", command.open, answer)
            case c.PairingStart():
                answer.result({**asdict(self._offer()), "open_network": self._values["dashboard.open_network"]})
            case c.PairingGet():
                offer = self._pairing.current()
                answer.result(asdict(offer) if offer else None)
            case c.PairingEnd():
                self._pairing.end()
                answer.result()
            case (
                c.SessionStart()
                | c.SessionStop()
                | c.Pause()
                | c.Resume()
                | c.Mark()
                | c.GuideStart()
                | c.GuideStop()
                | c.GuideCount()
                | c.GuideSkip()
                | c.GuideRepeat()
                | c.GuideBack()
                | c.GuideFeel()
                | c.CodeSay()
                | c.CheckStart()
                | c.CheckAnswer()
                | c.CheckStop()
                | c.CalibrateStart()
                | c.CalibrateWeight()
                | c.CalibrateFinish()
                | c.CalibrateStop()
                | c.Health()
            ):
                self.orders.append((command, answer))
                self._wake()
            case c.Reanalyse():
                self._reanalyse(command.session, answer)
            case _:
                self._ask(lambda store: _stored(store, command), _answered(answer))

    def open_pairing_window(self) -> None:
        """The button was held: open the pages to the home network and let one new device in."""
        self.take(c.OpenNetwork(open=True), NullReply())
        self._offer()

    def _offer(self) -> Offer:
        offer = self._pairing.open()
        # The secret stays out of the event: everybody who listens hears that, not what, is offered.
        self._tell({"type": "pairing", "t_s": self._clock.monotonic_s(), "left_s": offer.left_s})
        self.orders.append((c.CodeSay(code=offer.code), NullReply()))
        self._wake()
        return offer

    def _set(self, key: str, value: Any, answer: Answer, then: Callable[[], None] = lambda: None) -> None:
        def done(result: Any, error: BackliftError | None) -> None:
            if error is None:
                self._values[key] = SETTINGS[key].default if value is None else value
                self._tell({"type": "setting", "key": key, "value": self._values[key]})
            _answered(answer)(result, error)
            if error is None:
                then()

        self._ask(lambda store: store.setting_set(key, value), done)

    def keep(self, key: str, value: Any) -> None:
        """Set a setting for the station itself: nobody waits for the answer."""
        self._set(key, checked(key, value), NullReply())

    def _reanalyse(self, session: int, answer: Answer) -> None:
        if self._occupied():
            raise DeclinedError("somebody lies on the mat; a session is analysed again when it is empty")

        def work() -> None:
            # In a thread of its own: it takes seconds, and neither the link nor the writer may wait for it.
            try:
                with Reader(self._database) as reader:
                    found = analyse(reader, session)
            except BackliftError as error:
                answer.error(str(error))
                return
            self._ask(lambda store: store.analysis_add(session, DETECTOR_VERSION, found), _answered(answer))

        threading.Thread(target=work, name="reanalysis", daemon=True).start()

    def _choose_mat(self, name: str, answer: Answer) -> None:
        if name not in shipped_mats():
            raise DeclinedError(f"no mat '{name}' comes with the project; there are {', '.join(shipped_mats())}")
        if self._occupied():
            raise DeclinedError("somebody lies on the mat; choose another one when it is empty")
        self._set("station.mat", name, answer, then=self._restart)


class NullReply:
    """Where answers go that nobody waits for."""

    def result(self, value: Any = None) -> None: ...

    def error(self, words: str) -> None:
        _log.warning("%s", words)


def _answered(answer: Answer) -> Done:
    def done(result: Any, error: BackliftError | None) -> None:
        if error is None:
            answer.result(asdict(result) if is_dataclass(result) and not isinstance(result, type) else result)
        else:
            answer.error(str(error))

    return done


def _stored(store: Store, command: c.Command) -> Any:
    """Do to the store what the command says; on the card when this returns."""
    match command:
        case c.NoteSet():
            return store.note_set(command.session, command.text, lift_id=command.lift)
        case c.ComfortSet():
            return store.comfort_set(command.session, command.moment, command.face)
        case c.CorrectionAdd():
            return store.correction_add(
                command.session, command.lift, boundary=command.boundary, t_s=command.t_s, not_a_lift=command.not_a_lift
            )
        case c.CorrectionUndo():
            return store.correction_undo(command.session, command.correction)
        case c.SessionDelete():
            return store.session_delete(command.session)
        case c.DeleteEverything():
            return store.delete_everything(settings_too=command.settings_too)
        case c.DeviceAdd():
            return store.device_add(command.name, bytes.fromhex(command.token_sha256))
        case c.DeviceTouch():
            return store.device_touch(command.device)
        case c.DeviceRevoke():
            return store.device_revoke(command.device)
        case _:
            raise DeclinedError(f"this station does not know how to do '{type(command).__name__}'")
