"""How one device wants its pages: theme, language, which way the head lies, numbers or none.

Kept in plain cookies that the page's own script writes (nothing secret, nothing about the body), so that the server renders the
page as it will stay and nothing flashes.  Anything unknown in a cookie counts as not chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from flask import Request

from station.locale.texts import languages

Theme = Literal["auto", "light", "dark"]
Lie = Literal["up", "left", "right", "auto"]
"""Which cheek lies down: the page turns so that it is upright for those eyes.  "auto" follows the arm that works."""
Numbers = Literal["shown", "hidden"]

Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True, slots=True)
class View:
    """One device's wishes."""

    language: str
    theme: Theme
    lie: Lie
    numbers: Numbers


def view_of(request: Request, station_language: str) -> View:
    """The wishes in a request's cookies; the language also by `?lang=`, else as the browser asks, else the station's."""
    cookies = request.cookies
    asked = request.args.get("lang") or cookies.get("lang") or ""
    best = request.accept_languages.best_match(list(languages())) if request.accept_languages else None
    language = asked if asked in languages() else best or station_language
    return View(
        language=language,
        theme=_choice(cookies, "theme", get_args(Theme), "auto"),
        lie=_choice(cookies, "lie", get_args(Lie), "up"),
        numbers=_choice(cookies, "numbers", get_args(Numbers), "shown"),
    )


def _choice(cookies: Mapping[str, str], name: str, allowed: tuple[Choice, ...], otherwise: Choice) -> Choice:
    found = cookies.get(name, "")
    return next((choice for choice in allowed if choice == found), otherwise)
