"""Strict reading of TOML files: what is not known, missing or out of range is an error in the file's own words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from hardware.errors import BackliftError

T = TypeVar("T")
LONGEST_BYTES = 1_000_000
"""The longest file of ours has some ten kilobytes."""


def read_text(path: Path, error: type[BackliftError], when_absent: str) -> str:
    """The text of a file, without the byte order mark that some editors put before it.

    Raises `error` with one line when it is absent (ending in `when_absent`), not UTF-8 text, or longer than any file of ours.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_BYTES + 1)
        if len(content) > LONGEST_BYTES:
            raise error(f"{path}: larger than {LONGEST_BYTES // 1000} kB; is this the right file?")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise error(f"{path}: no such file; {when_absent}") from None
    except PermissionError:
        raise error(f"{path}: you may not read it; on a Pi, put sudo before the command") from None
    except (OSError, UnicodeDecodeError) as why:
        raise error(f"{path}: cannot be read: {why}") from None


def decode(text: str, as_type: type[T], source: str, error: type[BackliftError]) -> T:
    """Decode TOML text into a msgspec Struct.  Raises `error` with one line that names source, place and what is expected."""
    try:
        return msgspec.convert(tomllib.loads(text.removeprefix("\ufeff")), as_type)
    except tomllib.TOMLDecodeError as why:
        raise error(f"{source}: not valid TOML: {why}") from None
    except msgspec.ValidationError as why:
        raise error(f"{source}: {_in_the_files_words(str(why))}") from None
    except RecursionError:
        raise error(f"{source}: not valid TOML: brackets within brackets, too deep to read") from None
    except (ValueError, OverflowError):  # a date that is none, or a number of thousands of digits
        raise error(f"{source}: not valid TOML: a number or a date in it is out of any range") from None


def _in_the_files_words(message: str) -> str:
    """msgspec says "Expected `int` <= 75 - at `$.zone[2].chip`"; a person reads "zone 3, chip: expected int <= 75"."""
    what, _, where = message.partition(" - at `$")
    what = re.sub(r"Object contains unknown field `(.*)`", r"unknown key '\1'", what)
    what = re.sub(r"Object missing required field `(.*)`", r"key '\1' is missing", what)
    what = re.sub(r"Invalid enum value '(.*)'", r"'\1' is not one of the values allowed", what)
    what = (what[0].lower() + what[1:]).replace("`", "")
    places = [f"{name} {int(index) + 1}" if index else name for name, index in re.findall(r"\.([^.\[`]+)(?:\[(\d+)\])?", where)]
    return f"{', '.join(places)}: {what}" if places else what
