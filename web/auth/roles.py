"""What a paired device may do, by its role.

    owner       everything; what reaches beyond the practice somebody at the station confirms (station/service/confirmations.py)
    practises   begin and end sessions, follow the guide, notes, corrections, settings of practice, sound and light
    looks       open pages, change nothing

Each command says itself what the least role for it is (station/messages/commands.py); a new command is an owner's until it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.messages import COMMANDS, Role
from station.store.records import DeviceRecord

RANK: Mapping[Role, int] = {"looks": 0, "practises": 1, "owner": 2}
OWNER_ENDPOINTS = frozenset(
    {"pages.backup", "metrics", "pairing.listed", "pairing.invite", "pairing.change", "pairing.open_network"}
)
"""Routes beside commands that are an owner's.  Showing out is asked in the view: everybody may show out the own device."""
PRACTICE_SETTINGS = ("practice.", "sound.", "light.")
"""Beginnings of the settings a device that practises may set; the rest is an owner's."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OWN_POSTS = frozenset({"pairing.pair", "pairing.form", "pairing.revoke"})


BY_PERSON = frozenset({"pages.sessions", "pages.progress"})
"""Pages that show one person's sessions when asked with `?person=`."""
OF_NOBODY = frozenset(
    {
        "pages.live",
        "pages.setup",
        "pages.sound",
        "pages.sound_file",
        "api.command",
        "api.health",
        "api.live_now",
        "api.live_stream",
        "api.mat",
        "api.mats",
        "api.openapi_document",
        "api.settings",
        "pairing.revoke",
    }
)
"""Routes that tell nothing of stored sessions."""


def person_in_question(device: DeviceRecord, endpoint: str | None, arguments: Mapping[str, Any], person: int | None) -> int | None:
    """For a device that may see some people's sessions only: the person to show instead of the one asked for, None to go on.

    Raises PermissionError for a route that shows everybody's.  A route that nobody thought of is one of those.
    """
    if not device.person_ids or "session_id" in arguments or endpoint in OF_NOBODY:
        return None
    if endpoint not in BY_PERSON:
        raise PermissionError
    return None if person in device.person_ids else device.person_ids[0]


def may(device: DeviceRecord, endpoint: str | None, method: str, command: str | None, arguments: Any) -> bool:
    """Whether `device` may make this request.  command, arguments: of a command; None for other requests."""
    if device.role == "owner":
        return True
    if endpoint in OWNER_ENDPOINTS:
        return False
    if command is not None:
        kind = COMMANDS.get(command)
        if kind is None:
            return True  # there is no such command, and the view says so
        if RANK[device.role] < RANK[kind.least_role]:
            return False
        if command == "setting_set":
            key = arguments.get("key") if isinstance(arguments, dict) else None
            return isinstance(key, str) and key.startswith(PRACTICE_SETTINGS)
        return True
    return method in SAFE_METHODS or endpoint in OWN_POSTS
