"""Commands: what a page, the terminal, the button, a broker or the dashboard may ask the station to do.

No command names a file: a dashboard that was taken over can make the station write only into its own database, and only this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from station.messages.command_base import (
    AT_THE_PI,
    DASHBOARD,
    EVERYBODY,
    FROM_AFAR,
    STATION,
    ClockAnswer,
    Command,
    DeviceName,
    MatChoice,
    MatText,
    Name,
    Persons,
    Role,
    RowId,
    Sender,
    TokenHash,
)


class SessionStart(Command, frozen=True):
    """Somebody is about to practise: end a pause, begin the guide anew."""

    least_role = "practises"
    senders = EVERYBODY


class SessionStop(Command, frozen=True):
    """End the running session now, though somebody still lies on the mat."""

    least_role = "practises"
    senders = EVERYBODY
    requires = "session"


class Pause(Command, frozen=True):
    """Stay quiet and do not guide until `resume`; recording goes on."""

    least_role = "practises"
    senders = EVERYBODY
    requires = "session"


class Resume(Command, frozen=True):
    """Take up guiding again."""

    least_role = "practises"
    senders = EVERYBODY
    requires = "session"


class Mark(Command, frozen=True):
    """Remember this moment in the running session."""

    least_role = "practises"
    senders = EVERYBODY
    requires = "session"

    text: Annotated[str, Meta(max_length=200)] = ""


class SettingSet(Command, frozen=True):
    """Keep one of the settings of station/settings.py; null goes back to its default."""

    least_role = "practises"

    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
    value: Any

    def needs_confirmation(self, sender: Sender) -> bool:
        return sender in FROM_AFAR and self.key == "dashboard.open_network" and bool(self.value)


class NoteSet(Command, frozen=True):
    """Write a note on a session or on one of its lifts; empty text removes it."""

    least_role = "practises"

    session: RowId
    text: Annotated[str, Meta(max_length=4000)]
    lift: RowId | None = None


class ComfortSet(Command, frozen=True):
    """How the body felt before or after a session, a face 1..5; null takes it back."""

    least_role = "practises"

    session: RowId
    moment: Literal["before", "after"]
    face: Annotated[int, Meta(ge=1, le=5)] | None


class CorrectionAdd(Command, frozen=True):
    """Move one boundary of a lift to `t_s` (monotonic seconds of its session), or say that it was no lift."""

    least_role = "practises"

    session: RowId
    lift: RowId
    boundary: Literal["prepare_start", "lift_off", "touch_down", "melt_end"] | None = None
    t_s: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    not_a_lift: bool = False


class CorrectionUndo(Command, frozen=True):
    """Take one correction back; without `correction` the latest."""

    least_role = "practises"

    session: RowId
    correction: RowId | None = None


class SessionDelete(Command, frozen=True):
    """Delete a session really."""

    session: RowId


class DeleteEverything(Command, frozen=True):
    """Delete all sessions really; with `settings_too` also settings, paired devices and calibrations."""

    settings_too: bool = False

    def needs_confirmation(self, sender: Sender) -> bool:
        return sender in FROM_AFAR


class DeviceAdd(Command, frozen=True):
    """Remember a paired device by the SHA-256 of its cookie, in hexadecimal, without an offer."""

    senders = AT_THE_PI

    name: DeviceName
    token_sha256: TokenHash


class DeviceTouch(Command, frozen=True):
    """A paired device was seen."""

    senders = DASHBOARD

    device: RowId


class DeviceRevoke(Command, frozen=True):
    """A paired device may not come in any more, nor may those it let in; `by`: the device that asks."""

    senders = DASHBOARD

    device: RowId
    by: RowId | None = None

    def needs_confirmation(self, sender: Sender) -> bool:
        return sender in FROM_AFAR and self.by != self.device


class DeviceChange(Command, frozen=True):
    """Give a paired device another name or role."""

    senders = DASHBOARD

    device: RowId
    name: DeviceName | None = None
    role: Role | None = None
    persons: Persons = ()

    def needs_confirmation(self, sender: Sender) -> bool:
        return sender in FROM_AFAR and self.role is not None


class Devices(Command, frozen=True):
    """The paired devices."""

    senders = DASHBOARD


class OpenNetwork(Command, frozen=True):
    """Let the dashboard listen in the private network, or on this machine only."""

    senders = AT_THE_PI | {"dashboard"}

    open: bool

    def needs_confirmation(self, sender: Sender) -> bool:
        return self.open and sender in FROM_AFAR


class PairingStart(Command, frozen=True):
    """Let one new device in within two minutes; answers with the code and the secret of this offer.

    role, persons: what the new device may do, and whose sessions it may see (none: everybody's).  by: the device that invites.
    """

    senders = DASHBOARD

    role: Role = "owner"
    persons: Persons = ()
    by: RowId | None = None

    def needs_confirmation(self, sender: Sender) -> bool:
        return sender in FROM_AFAR


class PairingTry(Command, frozen=True):
    """A new device shows the code or the secret of the offer, and the hash of the token it is to be known by.

    The station checks it, so that the dashboard needs to know no offer.  Answers "paired", "wrong" or "closed".
    """

    senders = DASHBOARD

    name: DeviceName
    token_sha256: TokenHash
    code: Annotated[str, Meta(max_length=200)] | None = None
    secret: Annotated[str, Meta(max_length=200)] | None = None


class Confirm(Command, frozen=True):
    """Confirm what a paired device asked for and somebody at the station has to allow; answers with what it was, or null."""

    senders = AT_THE_PI


class ConfirmGet(Command, frozen=True):
    """What waits for a confirmation, or null."""

    senders = AT_THE_PI


class CodeSay(Command, frozen=True):
    """Speak a pairing code through the station's speaker."""

    senders = STATION

    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]


class GuideStart(Command, frozen=True):
    """Guide through an exercise, from a step on; without a name the one that was chosen.

    Takes effect at once for somebody who lies there, else when they next lie down; the answer says which.
    """

    least_role = "practises"

    exercise: Name | None = None
    step: Annotated[int, Meta(ge=1, le=400)] = 1


class GuideSkip(Command, frozen=True):
    """Leave the rest of this step out."""

    least_role = "practises"
    senders = EVERYBODY


class GuideRepeat(Command, frozen=True):
    """Do this step again from its first repetition, and hear its instruction."""

    least_role = "practises"
    senders = EVERYBODY


class GuideBack(Command, frozen=True):
    """Go back to the step before."""

    least_role = "practises"
    senders = EVERYBODY


class GuideFeel(Command, frozen=True):
    """How the last lift was: the personal range gets smaller at once, and larger only when asked."""

    least_role = "practises"

    feel: Literal["comfortable", "too_much", "larger"]


class GuideStop(Command, frozen=True):
    """Stop guiding; phases are timed as before."""

    least_role = "practises"


class GuideCount(Command, frozen=True):
    """Begin the count of the release now."""

    least_role = "practises"
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

    least_role = "looks"
    answers = MatText


class Mats(Command, frozen=True):
    """The mats to choose from."""

    least_role = "looks"
    answers = list[MatChoice]


class Health(Command, frozen=True):
    """How the station is."""

    least_role = "looks"


class Ping(Command, frozen=True):
    """The station's monotonic time, to set another clock by."""

    least_role = "looks"
    answers = ClockAnswer


class BackupNow(Command, frozen=True):
    """Copy all data into the folder for backups now; the setting `backup.last` tells when it is done."""

    requires = "empty_mat"


class UpdateInstall(Command, frozen=True):
    """Install the signed release on the stick; the station starts again, and goes back if the new version does not run."""

    requires = "empty_mat"

    def needs_confirmation(self, sender: Sender) -> bool:
        return sender in FROM_AFAR


class Reanalyse(Command, frozen=True):
    """Analyse a stored session again with today's detector; the earlier result is kept."""

    requires = "empty_mat"

    session: RowId


class PersonAdd(Command, frozen=True):
    """Remember somebody who practises here; answers who it is."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]


class PersonRename(Command, frozen=True):
    """Give a person another name."""

    person: RowId
    name: Annotated[str, Meta(min_length=1, max_length=60)]


class PersonRemove(Command, frozen=True):
    """Forget a person and their settings; their sessions stay and are nobody's."""

    person: RowId


class SessionPersonSet(Command, frozen=True):
    """Give a session to a person, or to nobody."""

    session: RowId
    person: RowId | None


class DemoSteer(Command, frozen=True):
    """Ask the simulated person to do something, or break a wire of the simulated mat; a real mat declines."""

    least_role = "practises"

    act: Literal["lie_down", "get_up", "follow", "practise", "slowly", "normal", "slide", "cut", "mend"]


def wire_name(kind: type[Command]) -> str:
    """`GuideStart` is "guide_start"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


COMMANDS: Mapping[str, type[Command]] = {wire_name(kind): kind for kind in Command.__subclasses__()}
"""Name on the wire -> type of the arguments: `GuideStart` is "guide_start"."""
