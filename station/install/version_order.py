"""Which of two versions of the program comes first (PEP 440, as far as this project uses it)."""

from __future__ import annotations

import re


def is_older(new: str, old: str) -> bool:
    """Whether version `new` comes before `old`."""
    return _order(new) < _order(old)


def _order(version: str) -> tuple[tuple[int, ...], int]:
    """The numbers, and 0 for what comes before the release of those numbers; a version that is not known comes before all."""
    found = re.fullmatch(r"(\d+(?:\.\d+)*)(.*)", version)
    if found is None:
        return (), 0
    before = re.match(r"[.~]?(a|b|rc|dev)", found[2]) is not None
    return tuple(map(int, found[1].split("."))), 0 if before else 1
