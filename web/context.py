"""What a request works with: the services of its app, the texts and wishes of its device.

Pages and API ask here, so that they need to know nothing of the app they are put into.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from flask import current_app, g

from hardware.errors import BackliftError
from hardware.mat import Mat, parse_mat
from hardware.mats import find_mat
from station.config import Config
from station.locale.texts import Texts
from station.service.ipc import IpcClient
from station.service.runtime import Crashes, crashes
from station.settings import in_force, in_force_for
from station.store import MissingDatabaseError, Reader
from web.live.stream import LiveBroadcaster
from web.pages.display_preferences import View

DEFAULT_MAT = "full-16"


@dataclass(frozen=True, slots=True)
class Services:
    """What the pages and the API work with."""

    config: Config
    link: IpcClient
    live: LiveBroadcaster
    reader: Reader
    folder: Path | None
    """Where the station notes its crashes."""
    safe_mode: bool
    """The dashboard itself did not get going: only the page that says what is wrong."""

    @property
    def safe_mode_words(self) -> str | None:
        """What the station said last, when it does not get going and safe mode is called for; None when all is well."""
        note = crashes(self.folder) if self.folder else Crashes()
        if self.safe_mode or (note.safe_mode and not self.live.link_up):
            return note.words
        return None


def services() -> Services:
    """The services of the app that handles this request."""
    return cast(Services, current_app.extensions["backlift"])


def settings_in_force() -> dict[str, Any]:
    """Every setting as it is in force for whoever is on the mat."""
    reader = services().reader
    try:
        stored = reader.settings()
        person = in_force(stored)["practice.person"]
        return in_force_for(person, stored, reader.person_settings(person) if person is not None else {})
    except MissingDatabaseError:
        return in_force({})


def texts() -> Texts:
    return cast(Texts, g.texts)


def view() -> View:
    return cast(View, g.view)


def current_mat() -> Mat:
    """The mat the station uses now; the configured one while the station does not answer."""
    try:
        return parse_mat(services().link.command("mat_get", timeout_s=1.0)["text"], "the station's mat")
    except (BackliftError, KeyError, TypeError):
        return find_mat(services().config.mat.file or DEFAULT_MAT)[0]
