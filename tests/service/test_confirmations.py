"""What a paired device may not do alone, who may speak for whom on the socket, and names that hide something."""

from __future__ import annotations

import os
import pwd
import socket
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station import messages as m
from station.service import peers
from station.service.command_handlers import visible
from station.service.confirmations import HOLDS_S, WAITS_S, Confirmations
from station.service.declined import DeclinedError
from station.service.dispatcher import CommandDispatcher, Handler


class Clock:
    now_s = 100.0

    def monotonic_s(self) -> float:
        return self.now_s

    def wall_s(self) -> float:
        return 0.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[m.ConfirmEvent]:
    return []


@pytest.fixture
def confirmations(clock: Clock, told: list[m.ConfirmEvent]) -> Confirmations:
    return Confirmations(clock, told.append)  # type: ignore[arg-type]


def asks(confirmations: Confirmations, command: m.Command) -> str:
    try:
        confirmations.require(command)
    except DeclinedError as declined:
        return declined.notice.code
    return "done"


def test_it_is_done_once_after_somebody_confirmed_it(confirmations: Confirmations, told: list[m.ConfirmEvent]) -> None:
    assert asks(confirmations, m.DeleteEverything()) == "confirm"
    assert asks(confirmations, m.DeleteEverything()) == "confirm"
    assert confirmations.confirm() == m.DeleteEverything()
    assert asks(confirmations, m.DeleteEverything()) == "done"
    assert asks(confirmations, m.DeleteEverything()) == "confirm"
    assert [(each.command, each.confirmed) for each in told] == [
        ("delete_everything", False),
        ("delete_everything", True),
        ("delete_everything", False),
    ]


def test_nothing_else_can_be_slipped_under_the_hand(confirmations: Confirmations) -> None:
    assert asks(confirmations, m.PairingStart(role="looks")) == "confirm"
    for other in (m.PairingStart(role="owner"), m.DeleteEverything(), m.DeviceRevoke(device=1)):
        assert asks(confirmations, other) == "confirm_other"
    assert confirmations.confirm() == m.PairingStart(role="looks")
    assert asks(confirmations, m.PairingStart(role="owner")) != "done"


def test_what_nobody_confirms_is_forgotten(confirmations: Confirmations, clock: Clock) -> None:
    asks(confirmations, m.DeleteEverything())
    clock.now_s += WAITS_S
    assert confirmations.waiting() is None and confirmations.confirm() is None
    assert asks(confirmations, m.DeviceRevoke(device=1)) == "confirm"
    assert confirmations.confirm() is not None
    clock.now_s += HOLDS_S
    assert asks(confirmations, m.DeviceRevoke(device=1)) == "confirm"


def test_confirming_when_nothing_waits_confirms_nothing_later(confirmations: Confirmations) -> None:
    assert confirmations.confirm() is None
    assert asks(confirmations, m.DeleteEverything()) == "confirm"


FAR_REACHING = [
    m.PairingStart(),
    m.PairingStart(role="looks", by=3),
    m.DeviceRevoke(device=2),
    m.DeviceRevoke(device=2, by=1),
    m.DeviceChange(device=2, role="owner"),
    m.DeleteEverything(),
    m.DeleteEverything(settings_too=True),
    m.OpenNetwork(open=True),
    m.SettingSet(key="dashboard.open_network", value=True),
    m.SettingSet(key="dashboard.open_network", value=1),
]
NEAR = [m.DeviceRevoke(device=2, by=2), m.OpenNetwork(open=False), m.SettingSet(key="sound.volume", value=0.1), m.Pause()]


@pytest.mark.parametrize("command", FAR_REACHING, ids=str)
@pytest.mark.parametrize("sender", ["page", "dashboard", "broker"])
def test_what_reaches_far_is_confirmed_when_it_comes_from_afar(command: m.Command, sender: m.Sender) -> None:
    assert command.needs_confirmation(sender)
    assert not command.needs_confirmation("command_line") and not command.needs_confirmation("button")


@pytest.mark.parametrize("command", NEAR, ids=str)
def test_what_does_not_is_not(command: m.Command) -> None:
    assert not command.needs_confirmation("page") and not command.needs_confirmation("dashboard")


@pytest.mark.parametrize("name", ["device_add", "confirm", "confirm_get"])
def test_some_things_are_for_somebody_at_the_station_only(name: str) -> None:
    assert not m.COMMANDS[name].senders & {"page", "dashboard", "broker"}


def test_the_dispatcher_asks_before_any_handler_runs() -> None:
    done: list[m.Command] = []
    answers: list[str] = []

    def confirmed(command: m.Command) -> None:
        raise DeclinedError("confirm")

    handlers = {kind: Handler("at_once", done.append) for kind in m.COMMANDS.values()}
    dispatcher = CommandDispatcher(handlers, ask=lambda *_: None, wake=lambda: None, holds=lambda _: True, confirmed=confirmed)
    reply = SimpleNamespace(result=lambda value=None: answers.append("done"), error=lambda error: answers.append(error.notice.code))
    for command in FAR_REACHING:
        for sender in command.senders & {"page", "dashboard", "broker"}:
            dispatcher.dispatch(command, reply, sender)
    assert done == [] and set(answers) == {"confirm"}
    dispatcher.dispatch(m.PairingStart(), reply, "command_line")
    assert len(done) == 1


def test_the_kernel_says_who_connected() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert peers.credentials(here) == peers.PeerCredentials(os.getpid(), os.getuid())


def test_the_dashboards_user_speaks_for_nobody_at_the_station(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwnam", lambda name: SimpleNamespace(pw_uid=990))
    monkeypatch.setattr(os, "getuid", lambda: 991)
    assert peers.senders_of(990) == {"page", "dashboard", "broker"}
    assert peers.senders_of(1234) <= {"page"}
    for trusted in (0, 991):
        assert "command_line" in peers.senders_of(trusted)
        assert not peers.senders_of(trusted) & {"button", "station"}


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("Anna\u202egnp.exe", "Annagnp.exe"),
        ("\u2066iPad\u2069", "iPad"),
        ("Tab\u200blet\u200d\ufeff", "Tablet"),
        ("  two \t lines\n", "two lines"),
        ("\u3164\u2800\u115f", ""),
        ("Ta\x00b\x1b[31m", "Tab[31m"),
        ("Jürgens Fön", "Jürgens Fön"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_a_name_is_kept_as_it_can_be_seen(given: str, seen: str) -> None:
    assert visible(given) == seen


@given(st.text(max_size=300))
def test_no_name_hides_anything(text: str) -> None:
    name = visible(text)
    assert len(name) <= 80 and name == visible(name)
    assert not any(
        0x202A <= ord(letter) <= 0x202E or 0x2066 <= ord(letter) <= 0x2069 or letter in "\u200b\u200e\u200f" for letter in name
    )
