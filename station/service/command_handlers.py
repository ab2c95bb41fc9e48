"""The handlers of commands that touch neither the practice nor the mat: stored data, settings, pairing, the choice of a mat."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from hardware.clock import Clock
from hardware.errors import BackliftError
from hardware.mats import find_mat, shipped_mats
from station import messages as m
from station.analysis.reanalysis import analyse
from station.service.declined import DeclinedError
from station.service.dispatcher import Handler, NullReply, Reply, answer_when_done
from station.service.pairing_window import Offer, PairingWindow
from station.settings import SETTINGS, checked, is_own
from station.signal.detector import DETECTOR_VERSION
from station.store import Reader, Store
from station.store.records import DeviceRecord
from station.store.write_queue import Done

Ask = Callable[[Callable[[Store], Any], Done], None]


def stored_data_handlers() -> dict[type[m.Command], Handler]:
    """What a person changes in stored sessions."""
    table: dict[type[m.Command], Callable[[Store, Any], Any]] = {
        m.NoteSet: lambda store, c: store.note_set(c.session, c.text, lift_id=c.lift),
        m.ComfortSet: lambda store, c: store.comfort_set(c.session, c.moment, c.face),
        m.CorrectionAdd: lambda store, c: store.correction_add(
            c.session, c.lift, boundary=c.boundary, t_s=c.t_s, not_a_lift=c.not_a_lift
        ),
        m.CorrectionUndo: lambda store, c: store.correction_undo(c.session, c.correction),
        m.PersonAdd: lambda store, c: store.person_add(c.name),
        m.PersonRename: lambda store, c: store.person_rename(c.person, c.name),
        m.PersonRemove: lambda store, c: store.person_remove(c.person),
        m.SessionPersonSet: lambda store, c: store.session_person_set(c.session, c.person),
        m.SessionDelete: lambda store, c: store.session_delete(c.session),
        m.DeleteEverything: lambda store, c: store.delete_everything(settings_too=c.settings_too),
        m.DeviceTouch: lambda store, c: store.device_touch(c.device),
    }
    return {kind: Handler("storage", run) for kind, run in table.items()}


class SettingsHandler:
    """Keeps settings: on the card first, then in force, then told.

    values: the settings in force, by key; replaced one by one.  in_force_of: those of a person (None: of nobody), from the card.
    """

    def __init__(
        self,
        values: dict[str, Any],
        ask: Ask,
        tell: Callable[[m.Event], object],
        in_force_of: Callable[[int | None], Mapping[str, Any]],
    ) -> None:
        self._values = values
        self._ask = ask
        self._tell = tell
        self._in_force_of = in_force_of

    @property
    def handlers(self) -> Mapping[type[m.Command], Handler]:
        return {
            m.SettingSet: Handler("answers_later", lambda c, reply: self.set(c.key, checked(c.key, c.value), reply)),
            m.OpenNetwork: Handler("answers_later", lambda c, reply: self.set("dashboard.open_network", c.open, reply)),
        }

    def keep(self, key: str, value: Any) -> None:
        """Set a setting for the station itself: nobody waits for the answer."""
        self.set(key, checked(key, value), NullReply())

    def set(self, key: str, value: Any, reply: Reply, then: Callable[[], None] = lambda: None) -> None:
        person = self._values["practice.person"] if is_own(key) else None

        def done(result: Any, error: BackliftError | None) -> None:
            if error is None:
                self._take(key, value)
                self._tell(m.SettingEvent(key, self._values[key]))
            answer_when_done(reply)(result, error)
            if error is None:
                then()

        if person is not None:
            self._ask(lambda store: store.person_setting_set(person, key, value), done)
        else:
            self._ask(lambda store: store.setting_set(key, value), done)

    def _take(self, key: str, value: Any) -> None:
        """What is on the card is in force; with another person on the mat their own settings are."""
        if key == "practice.person":
            self._values.update(self._in_force_of(value))
        self._values[key] = SETTINGS[key].default if value is None else value


class DevicesHandler:
    """Who may see the pages: offers to new devices, and what becomes of paired ones.

    say: speaks a code through the station's speaker.  devices: the paired devices, as stored.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Mapping[str, Any],
        ask: Ask,
        tell: Callable[[m.Event], object],
        say: Callable[[m.CodeSay], None],
        devices: Callable[[], list[DeviceRecord]],
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._ask = ask
        self._tell = tell
        self._say = say
        self._devices = devices
        self._window = PairingWindow(clock)

    @property
    def handlers(self) -> Mapping[type[m.Command], Handler]:
        return {
            m.PairingStart: Handler("at_once", lambda c: self._answer(self.offer(c.role, c.persons, c.by))),
            m.PairingTry: Handler("answers_later", self._try),
            m.DeviceAdd: Handler("answers_later", lambda c, reply: self._add(c.name, c.token_sha256, None, reply)),
            m.DeviceRevoke: Handler("answers_later", self._revoke),
            m.DeviceChange: Handler("answers_later", self._change),
            m.Devices: Handler("at_once", lambda c: [_plain(each) for each in self._devices() if not each.revoked]),
        }

    def current(self) -> Offer | None:
        """The offer that holds now."""
        return self._window.current()

    def offer(self, role: m.Role = "owner", persons: tuple[int, ...] = (), by: int | None = None) -> Offer:
        """Let one new device in.  The secret stays out of the event: everybody who listens hears that, not what, is offered."""
        offer = self._window.open(role, persons, by)
        self._tell(m.PairingEvent(self._clock.monotonic_s(), offer.left_s))
        if offer.code:
            self._say(m.CodeSay(code=offer.code))
        return offer

    def _answer(self, offer: Offer) -> dict[str, Any]:
        return {
            "code": offer.code,
            "secret": offer.secret,
            "left_s": offer.left_s,
            "open_network": self._settings["dashboard.open_network"],
        }

    def _try(self, command: m.PairingTry, reply: Reply) -> None:
        outcome, offer = self._window.accept(command.code, command.secret)
        if offer is None:
            reply.result(outcome)
        else:
            self._add(command.name, command.token_sha256, offer, reply)

    def _add(self, name: str, token_sha256: str, offer: Offer | None, reply: Reply) -> None:
        offer = offer or Offer(None, "", 0.0)
        name = visible(name) or "Device"
        self._ask(
            lambda store: store.device_add(
                name, bytes.fromhex(token_sha256), role=offer.role, person_ids=offer.persons, invited_by=offer.by
            ),
            self._then(reply, "paired", name, "paired"),
        )

    def _revoke(self, command: m.DeviceRevoke, reply: Reply) -> None:
        name = next((each.name for each in self._devices() if each.id == command.device), "")
        self._ask(lambda store: store.device_revoke(command.device), self._then(reply, "revoked", name, None))

    def _change(self, command: m.DeviceChange, reply: Reply) -> None:
        def change(store: Store) -> None:
            if command.name is not None:
                store.device_rename(command.device, visible(command.name) or "Device")
            if command.role is not None:
                store.device_role_set(command.device, command.role, command.persons)

        name = next((each.name for each in self._devices() if each.id == command.device), "")
        self._ask(change, self._then(reply, "changed", name, None))

    def _then(self, reply: Reply, change: Literal["paired", "revoked", "changed"], name: str, answer: str | None) -> Done:
        def done(result: Any, error: BackliftError | None) -> None:
            if error is not None:
                reply.error(error)
                return
            self._tell(m.DeviceEvent(self._clock.monotonic_s(), change, name))
            reply.result(result if answer is None else answer)

        return done


BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters to Unicode, nothing to the eye."""


def visible(name: str) -> str:
    """A name as it can be seen: without what is invisible or turns the writing direction (categories C, blank letters)."""
    kept = (" " if letter.isspace() else letter for letter in name if letter.isspace() or unicodedata.category(letter)[0] != "C")
    return " ".join("".join(letter for letter in kept if letter not in BLANK_LETTERS).split())[:80]


def _plain(device: DeviceRecord) -> dict[str, Any]:
    """A device as others may see it: everything but the hash of its token."""
    return {key: value for key, value in asdict(device).items() if key != "token_sha256"}


class MatHandler:
    """Which mat is in use.  restart: starts the station anew, with the mat chosen."""

    def __init__(self, name: str, text: str, settings: SettingsHandler, restart: Callable[[], None]) -> None:
        self._name = name
        self._text = text
        self._settings = settings
        self._restart = restart

    @property
    def handlers(self) -> Mapping[type[m.Command], Handler]:
        return {
            m.Mats: Handler("at_once", lambda c: [m.MatChoice(name, find_mat(name)[0].mat.name) for name in shipped_mats()]),
            m.MatGet: Handler("at_once", lambda c: m.MatText(self._name, self._text)),
            m.MatChoose: Handler("answers_later", self._choose),
        }

    def _choose(self, command: m.MatChoose, reply: Reply) -> None:
        if command.name not in shipped_mats():
            raise DeclinedError("no_such_mat", name=command.name, mats=", ".join(shipped_mats()))
        self._settings.set("station.mat", command.name, reply, then=self._restart)


def reanalysis_handler(database: Path, ask: Ask) -> Handler:
    """Analysing a session again takes seconds: in a thread of its own, for neither the link nor the writer may wait for it."""

    def start(command: m.Reanalyse, reply: Reply) -> None:
        threading.Thread(target=work, args=(command.session, reply), name="reanalysis", daemon=True).start()

    def work(session: int, reply: Reply) -> None:
        try:
            with Reader(database) as reader:
                found = analyse(reader, session)
        except BackliftError as error:
            reply.error(error)
        except Exception as error:
            reply.error(DeclinedError("internal"))
            raise error
        else:
            ask(lambda store: store.analysis_add(session, DETECTOR_VERSION, found), answer_when_done(reply))

    return Handler("answers_later", start)
