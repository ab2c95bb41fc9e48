"""Commands: what a page, the terminal, the button, a broker or the dashboard may ask the station to do.

No command names a file: a dashboard that was taken over can make the station write only into its own database, and only this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

RowId = Annotated[int, Meta(ge=1, le=2**53)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]

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
OWNER_AT_THE_PI: frozenset[Sender] = frozenset(("command_line", "button"))
STATION: frozenset[Sender] = frozenset(("station",))

Requirement = Literal["session", "empty_mat"]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all commands; the arguments are the fields.

    senders: who may give it.  requires: what must be so, else the command is declined.  answers: type of the result, None for none.
    """

    senders: ClassVar[frozenset[Sender]] = PEOPLE
    requires: ClassVar[Requirement | None] = None
    answers: ClassVar[Any] = None


class SessionStart(Command, frozen=True):
    """Somebody is about to practise: end a pause, begin the guide anew."""

    senders = EVERYBODY


class SessionStop(Command, frozen=True):
    """End the running session now, though somebody still lies on the mat."""

    senders = EVERYBODY
    requires = "session"


class Pause(Command, frozen=True):
    """Stay quiet and do not guide until `resume`; recording goes on."""

    senders = EVERYBODY
    requires = "session"


class Resume(Command, frozen=True):
    """Take up guiding again."""

    senders = EVERYBODY
    requires = "session"


class Mark(Command, frozen=True):
    """Remember this moment in the running session."""

    senders = EVERYBODY
    requires = "session"

    text: Annotated[str, Meta(max_length=200)] = ""


class SettingSet(Command, frozen=True):
    """Keep one of the settings of station/settings.py; null goes back to its default."""

    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
    value: Any


class NoteSet(Command, frozen=True):
    """Write a note on a session or on one of its lifts; empty text removes it."""

    session: RowId
    text: Annotated[str, Meta(max_length=4000)]
    lift: RowId | None = None


class ComfortSet(Command, frozen=True):
    """How the body felt before or after a session, a face 1..5; null takes it back."""

    session: RowId
    moment: Literal["before", "after"]
    face: Annotated[int, Meta(ge=1, le=5)] | None


class CorrectionAdd(Command, frozen=True):
    """Move one boundary of a lift to `t_s` (monotonic seconds of its session), or say that it was no lift."""

    session: RowId
    lift: RowId
    boundary: Literal["prepare_start", "lift_off", "touch_down", "melt_end"] | None = None
    t_s: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    not_a_lift: bool = False


class CorrectionUndo(Command, frozen=True):
    """Take one correction back; without `correction` the latest."""

    session: RowId
    correction: RowId | None = None


class SessionDelete(Command, frozen=True):
    """Delete a session really."""

    session: RowId


class DeleteEverything(Command, frozen=True):
    """Delete all sessions really; with `settings_too` also settings, paired devices and calibrations."""

    settings_too: bool = False


class DeviceAdd(Command, frozen=True):
    """Remember a paired device by the SHA-256 of its cookie, in hexadecimal."""

    senders = DASHBOARD

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    token_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class DeviceTouch(Command, frozen=True):
    """A paired device was seen."""

    senders = DASHBOARD

    device: RowId


class DeviceRevoke(Command, frozen=True):
    """A paired device may not come in any more."""

    senders = DASHBOARD

    device: RowId


class OpenNetwork(Command, frozen=True):
    """Let the dashboard listen in the private network, or on this machine only."""

    senders = OWNER_AT_THE_PI

    open: bool


class PairingStart(Command, frozen=True):
    """Let one new device in within two minutes; answers with the code and the secret of this offer."""

    senders = DASHBOARD


class PairingGet(Command, frozen=True):
    """The offer that holds now, or null.  For the dashboard's own eyes."""

    senders = DASHBOARD


class PairingEnd(Command, frozen=True):
    """Take the offer back: it was used, or tried too often."""

    senders = DASHBOARD


class CodeSay(Command, frozen=True):
    """Speak a pairing code through the station's speaker."""

    senders = STATION

    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]


class GuideStart(Command, frozen=True):
    """Guide through an exercise, from a step on; without a name the one that was chosen.

    Takes effect at once for somebody who lies there, else when they next lie down; the answer says which.
    """

    exercise: Name | None = None
    step: Annotated[int, Meta(ge=1, le=400)] = 1


class GuideSkip(Command, frozen=True):
    """Leave the rest of this step out."""

    senders = EVERYBODY


class GuideRepeat(Command, frozen=True):
    """Do this step again from its first repetition, and hear its instruction."""

    senders = EVERYBODY


class GuideBack(Command, frozen=True):
    """Go back to the step before."""

    senders = EVERYBODY


class GuideFeel(Command, frozen=True):
    """How the last lift was: the personal range gets smaller at once, and larger only when asked."""

    feel: Literal["comfortable", "too_much", "larger"]


class GuideStop(Command, frozen=True):
    """Stop guiding; phases are timed as before."""


class GuideCount(Command, frozen=True):
    """Begin the count of the release now."""

    senders = EVERYBODY


class CheckStart(Command, frozen=True):
    """Begin the check of wiring and sensors."""

    requires = "empty_mat"


class CheckAnswer(Command, frozen=True):
    """Answer the check's question."""

    answer: Annotated[str, Meta(max_length=80)]


class CheckStop(Command, frozen=True):
    """End the check."""


class CalibrateStart(Command, frozen=True):
    """Begin to calibrate one zone with known weights."""

    requires = "empty_mat"

    zone: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class CalibrateWeight(Command, frozen=True):
    """So many newtons now rest on the zone."""

    force_n: Annotated[float, Meta(ge=0, le=2000)]


class CalibrateFinish(Command, frozen=True):
    """Keep the calibration, if it is a good one."""


class CalibrateStop(Command, frozen=True):
    """Give the calibration up."""


class MatChoose(Command, frozen=True):
    """Use another of the mats that come with the project, from the next empty mat on."""

    requires = "empty_mat"

    name: Name


class MatGet(Command, frozen=True):
    """Which mat is in use: its name and the text of its file."""

    answers = MatText


class Mats(Command, frozen=True):
    """The mats to choose from."""

    answers = list[MatChoice]


class Health(Command, frozen=True):
    """How the station is."""


class Ping(Command, frozen=True):
    """The station's monotonic time, to set another clock by."""

    answers = ClockAnswer


class Reanalyse(Command, frozen=True):
    """Analyse a stored session again with today's detector; the earlier result is kept."""

    requires = "empty_mat"

    session: RowId


class DemoSteer(Command, frozen=True):
    """Ask the simulated person to do something, or break a wire of the simulated mat; a real mat declines."""

    act: Literal["lie_down", "get_up", "follow", "practise", "slowly", "normal", "slide", "cut", "mend"]


def _wire_name(kind: type[Command]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


COMMANDS: Mapping[str, type[Command]] = {_wire_name(kind): kind for kind in Command.__subclasses__()}
"""Name on the wire -> type of the arguments: `GuideStart` is "guide_start"."""
