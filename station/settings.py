"""What people change on the tablet: a typed table.  Values live in the database's `setting` table, never in station.toml.

A stored value that no longer fits (an older or newer program wrote it) counts as not set: a setting must never stop a station.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hardware.errors import BackliftError

Volume = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class SettingError(BackliftError, ValueError):
    """No such setting, or not a value for it: the message names the key."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing people may choose.  type: what msgspec accepts for it; words: what it does."""

    type: Any
    default: Any
    words: str


SETTINGS: Mapping[str, Setting] = {
    "practice.person": Setting(
        Annotated[int, Meta(ge=1, le=2**53)] | None, None, "Who is on the mat, of the people known here; null: nobody was chosen."
    ),
    "practice.exercise": Setting(Name | None, None, "Which exercise is guided; null: the one in station.toml."),
    "practice.settling_s": Setting(Annotated[float, Meta(ge=1, le=60)], 5.0, "Lie still for so long before 'ready'."),
    "practice.rest_s": Setting(Annotated[float, Meta(ge=0, le=120)], 8.0, "A rest after a melt is complete after so many seconds."),
    "practice.counting": Setting(bool | None, None, "Count the release; null: as the exercise says."),
    "practice.count_at": Setting(Literal["hold", "button"], "hold", "The count begins after the hold, or at the button only."),
    "practice.hold_s": Setting(Annotated[float, Meta(ge=0, le=60)], 3.0, "Count so long after lift-off."),
    "practice.count_up": Setting(bool, False, "Count up instead of down."),
    "practice.count_s": Setting(Annotated[float, Meta(ge=0.5, le=3)], 1.0, "How long one count takes."),
    "practice.counts": Setting(
        Annotated[tuple[Annotated[int, Meta(ge=2)], ...], Meta(min_length=1, max_length=12)] | None,
        None,
        "Counts of the repetitions, such as 8, 10, 12; null: the exercise's own.",
    ),
    "practice.prepare_sound": Setting(bool, False, "A sound when the muscles engage."),
    "practice.ranges": Setting(dict[Name, Volume], {}, "Limb -> share that is still a micromovement to you."),
    "practice.range_sound": Setting(bool, True, "A tone when a lift goes beyond that."),
    "practice.pace": Setting(
        dict[Literal["prepare_s", "aloft_s", "melt_s"], Annotated[float, Meta(ge=0.5, le=600)]],
        {},
        "Your usual pace, which the ring on the page follows; empty: not known yet.",
    ),
    "sound.volume": Setting(Volume, 0.5, "How loud sounds are."),
    "sound.voice": Setting(Literal["off", "counts", "all"], "all", "What is spoken."),
    "sound.set": Setting(Literal["bowl", "wood"], "bowl", "What the sounds sound like."),
    "sound.tablet": Setting(bool, True, "Sounds come from the tablet."),
    "sound.speaker": Setting(bool, True, "Sounds come from the station's speaker, where one is fitted."),
    "sound.buzzer": Setting(bool, True, "The buzzer gives short signals, where one is fitted."),
    "sound.follow": Setting(bool, False, "A quiet continuous tone follows the load while you prepare and let go."),
    "sound.follow_sessions": Setting(Annotated[int, Meta(ge=0, le=100_000)], 0, "Sessions that had it; it fades out over them."),
    "light.lamp": Setting(bool, True, "The lamp shows the phase, where one is fitted."),
    "station.language": Setting(Literal["en", "de"], "en", "The language of words and pages."),
    "station.mat": Setting(Name | None, None, "Which of the mats that come with the project; null: the one in station.toml."),
    "station.setup_done": Setting(bool, False, "The first-run page was gone through."),
    "storage.spare_card": Setting(bool | None, None, "Write in batches of several seconds; null: as in station.toml."),
    "storage.budget_mb": Setting(
        Annotated[int, Meta(ge=0, le=1_000_000)] | None, None, "Room for raw traces; 0: no limit; null: as in station.toml."
    ),
    "storage.budget_asked": Setting(bool, False, "The question about a budget was put."),
    "backup.folder": Setting(
        Annotated[str, Meta(pattern=r"^/[^\x00-\x1f]{1,199}$")] | None,
        None,
        "Folder on a stick, a share or another disk that gets a copy of all data; null: no backups.",
    ),
    "backup.every_days": Setting(Annotated[int, Meta(ge=1, le=90)], 1, "Days from one backup to the next."),
    "backup.keep": Setting(Annotated[int, Meta(ge=1, le=365)], 14, "So many backups are kept, the newest; older ones are deleted."),
    "backup.last": Setting(
        dict[Literal["wall_s", "size_mb"], Annotated[float, Meta(ge=0)]], {}, "The latest backup; the station sets it itself."
    ),
    "dashboard.open_network": Setting(bool, False, "The pages may be opened from the private network."),
}
"""Every setting there is."""


def is_own(key: str) -> bool:
    """Whether each person has a setting for themselves: exercise, pace, range, counting and language."""
    return (key.startswith("practice.") and key != "practice.person") or key in ("station.language", "sound.follow_sessions")


def checked(key: str, value: Any) -> Any:
    """The value in its own type, or None for "back to the default".  Raises SettingError."""
    if key not in SETTINGS:
        raise SettingError(f"there is no setting '{key}'")
    if value is None:
        return None
    try:
        return msgspec.convert(value, SETTINGS[key].type)
    except (ValueError, OverflowError, RecursionError) as error:
        raise SettingError(f"setting '{key}': {error}") from None


def in_force(stored: Mapping[str, Any]) -> dict[str, Any]:
    """All settings: what was stored where it fits, the default elsewhere."""
    values = {}
    for key, setting in SETTINGS.items():
        try:
            value = checked(key, stored.get(key))
        except SettingError:
            value = None
        values[key] = setting.default if value is None else value
    return values


def left_out(stored: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of stored values that do not fit and so count as not set; keys that no setting has any more are no news."""

    def is_left_out(key: str) -> bool:
        try:
            checked(key, stored[key])
        except SettingError:
            return True
        return False

    return tuple(key for key in SETTINGS if key in stored and is_left_out(key))


def in_force_for(person: int | None, stored: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """All settings while this person is on the mat: their `own` where they have some, else the station's."""
    theirs = {key: value for key, value in own.items() if is_own(key)} if person is not None else {}
    return in_force({**stored, **theirs, "practice.person": person})
