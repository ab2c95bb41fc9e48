"""Every text a person reads, one Fluent file per language; templates and TypeScript take them from here by key.

A key `live.paused` is the message `live-paused` of `en.ftl` and `de.ftl`; what is filled in stands as `{ $name }`, and a text that
depends on a number selects on `$n` by the language's own plural rules (https://projectfluent.org).  English is complete by
definition; a key another language lacks falls back to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import format_decimal
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number
from fluent.syntax import FluentParser, FluentSerializer, ast

from hardware.notices import Notice, Param

CATALOGUES = Path(__file__).parent
FALLBACK = "en"


@cache
def languages() -> Mapping[str, str]:
    """Code -> the language's own name, for every catalogue that is there."""
    codes = sorted(path.stem for path in CATALOGUES.glob("*.ftl"))
    return {code: Texts._of(code)("language") for code in codes}


class Texts:
    """The texts of one language; an unknown language is English."""

    def __init__(self, language: str) -> None:
        self.language = language if (CATALOGUES / f"{language}.ftl").is_file() and language.isalpha() else FALLBACK
        self._sources, self._bundle = _catalogue(self.language)

    @classmethod
    def _of(cls, code: str) -> Texts:
        return cls(code)

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key`, filled in.  Raises KeyError for a key no catalogue has, or a value that is missing."""
        text, errors = self._formatted(key, values)
        if errors:
            raise KeyError(f"{key}: {errors[0]}")
        return text

    def count(self, key: str, n: int, **values: object) -> str:
        """The text of `key` for `n` things."""
        return self(key, n=n, **values)

    def notice(self, notice: Notice, group: str = "notice", named: Callable[[str, str], str] = lambda kind, name: name) -> str:
        """A notice in words.  named: how this language calls a zone or limb ("zone" or "limb", its name in the mat file).

        A code without a text (a newer station than this catalogue) is shown as it is.
        """
        key = f"{group}.{notice.code}"
        if not self.has(key):
            return notice.code
        return self._formatted(key, {name: _shown(name, value, named) for name, value in notice.params.items()})[0]

    def decimal(self, number: float, places: int = 1) -> str:
        """A number as this language writes it."""
        return format_decimal(number, format=f"0.{'0' * places}" if places else "0", locale=self.language)

    def with_prefixes(self, *prefixes: str) -> str:
        """The part of the catalogue that a page's script needs, as Fluent source; `prefix` stands for `prefix.*`."""
        return "".join(source for key, source in self._sources.items() if key.partition(".")[0] in prefixes)

    def keys(self, prefix: str = "") -> list[str]:
        """All keys that begin so, in the catalogue's order."""
        return [key for key in self._sources if key.startswith(prefix)]

    def has(self, key: str) -> bool:
        return key in self._sources

    def source(self, key: str) -> str:
        """The Fluent source of a message."""
        return self._sources[key]

    def _formatted(self, key: str, values: Mapping[str, object]) -> tuple[str, list[Any]]:
        if key not in self._sources:
            raise KeyError(key)
        pattern = self._bundle.get_message(_message_id(key)).value
        assert pattern is not None, "a message of ours has a text, not attributes alone"
        given = {name: fluent_number(value, useGrouping=False) if type(value) is int else value for name, value in values.items()}
        text, errors = self._bundle.format_pattern(pattern, given)
        return str(text), errors


def _message_id(key: str) -> str:
    return key.replace(".", "-")


def _shown(name: str, value: Param, named: Callable[[str, str], str]) -> str:
    kind = name.removesuffix("s")
    if kind not in ("zone", "limb"):
        return str(value)
    return ", ".join(named(kind, one) for one in ((value,) if isinstance(value, str) else value))  # type: ignore[union-attr]


@cache
def _catalogue(language: str) -> tuple[Mapping[str, str], FluentBundle]:
    """Key -> Fluent source of its message, and the bundle that formats them."""
    bundle = FluentBundle([language, FALLBACK], use_isolating=False)
    sources: dict[str, str] = {}
    serializer = FluentSerializer()
    for code in (FALLBACK, language):
        text = (CATALOGUES / f"{code}.ftl").read_text(encoding="utf-8")
        parsed = FluentParser().parse(text)
        for entry in parsed.body:
            if isinstance(entry, ast.Junk):
                raise ValueError(f"{code}.ftl: not a Fluent message: {(entry.content or '').splitlines()[0]}")
            if isinstance(entry, ast.Message):
                sources[entry.id.name.replace("-", ".")] = serializer.serialize_entry(entry)
        bundle.add_resource(FluentResource(text), allow_overrides=True)
    return sources, bundle
