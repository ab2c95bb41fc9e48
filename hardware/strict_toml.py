"""Strict reading of TOML files: what is not known, missing or out of range is an error in the file's own words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from hardware.errors import BackliftError

T = TypeVar("T")


def read_text(path: Path, error: type[BackliftError], when_absent: str) -> str:
    """The text of a file.  Raises `error` with one line when it is absent (ending in `when_absent`) or not UTF-8 text."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error(f"{path}: no such file; {when_absent}") from None
    except (OSError, UnicodeDecodeError) as why:
        raise error(f"{path}: cannot be read: {why}") from None


def decode(text: str, as_type: type[T], source: str, error: type[BackliftError]) -> T:
    """Decode TOML text into a msgspec Struct.  Raises `error` with one line that names source, place and what is expected."""
    try:
        return msgspec.convert(tomllib.loads(text), as_type)
    except tomllib.TOMLDecodeError as why:
        raise error(f"{source}: not valid TOML: {why}") from None
    except msgspec.ValidationError as why:
        raise error(f"{source}: {_in_the_files_words(str(why))}") from None


def _in_the_files_words(message: str) -> str:
    """msgspec says "Expected `int` <= 75 - at `$.zone[2].chip`"; a person reads "zone 3, chip: expected int <= 75"."""
    what, _, where = message.partition(" - at `$")
    what = re.sub(r"Object contains unknown field `(.*)`", r"unknown key '\1'", what)
    what = re.sub(r"Object missing required field `(.*)`", r"key '\1' is missing", what)
    what = re.sub(r"Invalid enum value '(.*)'", r"'\1' is not one of the values allowed", what)
    what = (what[0].lower() + what[1:]).replace("`", "")
    places = [f"{name} {int(index) + 1}" if index else name for name, index in re.findall(r"\.([^.\[`]+)(?:\[(\d+)\])?", where)]
    return f"{', '.join(places)}: {what}" if places else what
