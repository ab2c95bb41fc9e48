"""Every text a person reads, one catalogue a language; templates and TypeScript take them from here by key.

A catalogue is a flat JSON object, key -> text, with `{name}` for what is filled in.  A text that depends on a number has two keys,
`key.one` and `key.other`.  English is complete by definition; a key another language lacks falls back to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from hardware.notices import Notice, Param

CATALOGUES = Path(__file__).parent
FALLBACK = "en"


@cache
def languages() -> Mapping[str, str]:
    """Code -> the language's own name, for every catalogue that is there."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))["language"] for path in sorted(CATALOGUES.glob("*.json"))}


class Texts:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in languages() else FALLBACK
        self._texts = _catalogue(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key`, filled in.  Raises KeyError for a key no catalogue has: a mistake of ours, caught by the tests."""
        return self._texts[key].format_map(values) if values else self._texts[key]

    def count(self, key: str, n: int, **values: object) -> str:
        """The text of `key` for `n` things."""
        return self(f"{key}.one" if n == 1 else f"{key}.other", n=n, **values)

    def notice(self, notice: Notice, group: str = "notice", named: Callable[[str, str], str] = lambda kind, name: name) -> str:
        """A notice in words.  named: how this language calls a zone or limb ("zone" or "limb", its name in the mat file).

        A code without a text (a newer station than this catalogue) is shown as it is.
        """
        key = f"{group}.{notice.code}"
        if not self.has(key):
            return notice.code
        return self(key, **{name: _shown(name, value, named) for name, value in notice.params.items()})

    def decimal(self, number: float, places: int = 1) -> str:
        """A number as this language writes it."""
        return f"{number:.{places}f}".replace(".", self._texts["decimal_point"])

    def with_prefixes(self, *prefixes: str) -> dict[str, str]:
        """The part of the catalogue that a page's script needs; `prefix` stands for `prefix.*`."""
        return {key: text for key, text in self._texts.items() if key.partition(".")[0] in prefixes}

    def has(self, key: str) -> bool:
        return key in self._texts


def _shown(name: str, value: Param, named: Callable[[str, str], str]) -> str:
    kind = name.removesuffix("s")
    if kind not in ("zone", "limb"):
        return str(value)
    return ", ".join(named(kind, one) for one in ((value,) if isinstance(value, str) else value))  # type: ignore[union-attr]


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    texts: dict[str, str] = json.loads((CATALOGUES / f"{FALLBACK}.json").read_text(encoding="utf-8"))
    if language != FALLBACK:
        texts |= json.loads((CATALOGUES / f"{language}.json").read_text(encoding="utf-8"))
    return texts
