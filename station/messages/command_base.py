"""What all commands have in common: who may give one, what it requires, what it answers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

RowId = Annotated[int, Meta(ge=1, le=2**53)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Role = Literal["owner", "practises", "looks"]
DeviceName = Annotated[str, Meta(min_length=1, max_length=80)]
TokenHash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Persons = Annotated[tuple[RowId, ...], Meta(max_length=50)]

# Answers ----------------------------------------------------------------------------------------------------------------------


class ClockAnswer(msgspec.Struct, frozen=True):
    """The station's clocks at the moment of the answer."""

    t_s: float
    wall_s: float


class MatChoice(msgspec.Struct, frozen=True):
    """A mat that comes with the project."""

    name: str
    title: str


class MatText(msgspec.Struct, frozen=True):
    """A mat file."""

    name: str
    text: str


# Commands ---------------------------------------------------------------------------------------------------------------------

Sender = Literal["page", "command_line", "button", "broker", "dashboard", "station"]
"""Who gives a command: a paired device, the terminal, the mat's button, an MQTT broker, the dashboard's process, the station."""
PEOPLE: frozenset[Sender] = frozenset(("page", "command_line"))
EVERYBODY: frozenset[Sender] = frozenset(("page", "command_line", "button", "broker"))
DASHBOARD: frozenset[Sender] = frozenset(("dashboard", "command_line"))
AT_THE_PI: frozenset[Sender] = frozenset(("command_line", "button"))
FROM_AFAR: frozenset[Sender] = frozenset(("page", "dashboard", "broker"))
"""Senders that need not stand beside the station."""
STATION: frozenset[Sender] = frozenset(("station",))

Requirement = Literal["session", "empty_mat"]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all commands; the arguments are the fields.

    senders: who may give it.  least_role: what a paired device has to be at least to give it from a page.
    requires: what must be so, else the command is declined.  answers: type of the result, None for none.
    """

    senders: ClassVar[frozenset[Sender]] = PEOPLE
    least_role: ClassVar[Role] = "owner"
    requires: ClassVar[Requirement | None] = None
    answers: ClassVar[Any] = None

    def needs_confirmation(self, sender: Sender) -> bool:
        """Whether somebody at the station has to confirm it first (station/service/confirmations.py)."""
        return False
