"""What a row of each table looks like: how a row is known without a schema, and told from one that is damaged or was forged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from station.model import Lift, RepetitionKind, Side
from station.store.records import Boundary, CorrectionKind, Raw, Role, SessionState

# Of each table its columns in order of the file: n null, i integer, r real (whole reals are kept as integers), t text, b blob.
SHAPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "boot": (("id", "boot_id", "wall_offset_s", "sure"), ("n", "t", "nri", "i")),
    "person": (("id", "name", "made_wall_s"), ("n", "t", "nri")),
    "session": (
        (
            *("id", "started_s", "ended_s", "zones", "rate_hz", "mat", "boot", "wall_offset_s", "state", "missing_s"),
            *("commit_period_s", "raw", "raw_bytes", "calibration", "comfort_before", "comfort_after", "person_id"),
        ),
        ("n", "ri", "nri", "t", "ri", "t", "ni", "nri", "t", "nri", "ri", "t", "ri", "t", "ni", "ni", "ni"),
    ),
    "analysis": (("id", "session_id", "detector_version", "live", "current", "made_wall_s"), ("n", "i", "t", "i", "i", "nri")),
    "repetition": (("id", "analysis_id", "kind", "side", "reported_at_s"), ("n", "i", "t", "t", "ri")),
    "lift": (
        ("id", "analysis_id", "repetition_id", "limb", "side", "lift_off_s", "body", "part", "prepare_s", "melt_s"),
        ("n", "i", "ni", "t", "nt", "nri", "t", "nt", "nri", "nri"),
    ),
    "correction": (
        ("id", "session_id", "kind", "limb", "from_s", "to_s", "boundary", "t_s", "undoes", "made_wall_s"),
        ("n", "i", "t", "nt", "nri", "nri", "nt", "nri", "ni", "nri"),
    ),
    "note": (
        ("id", "session_id", "limb", "from_s", "to_s", "text", "changed_wall_s"),
        ("n", "i", "nt", "nri", "nri", "t", "nri"),
    ),
    "device": (
        ("id", "name", "token_sha256", "paired_wall_s", "seen_wall_s", "revoked", "role", "person_ids", "invited_by"),
        ("n", "t", "b", "ri", "ri", "i", "t", "t", "ni"),
    ),
    "person_setting": (("person_id", "key", "value"), ("i", "t", "t")),
    "calibration": (("id", "mat_name", "zone", "body", "made_wall_s"), ("n", "t", "t", "t", "ri")),
    "event": (("id", "type", "t_s", "body"), ("n", "t", "ri", "t")),
    "chunk": (
        ("id", "t0_us", "t1_us", "frames", "crc", "overview_crc", "overview", "data"),
        ("n", "i", "i", "i", "i", "i", "b", "b"),
    ),
    "setting": (("key", "value"), ("t", "t")),
}
ADDED: dict[str, tuple[Any, ...]] = {"session": (None,), "lift": (None, None, None), "device": ("owner", "[]", None)}
"""Columns that an update added at the end, and what they hold in a row written before it, which ends without them."""
NO_ROWID = {"setting": 1, "person_setting": 2}
"""Tables whose first so many columns are the key."""


ALLOWED: dict[tuple[str, str], tuple[Any, ...]] = {
    ("session", "state"): get_args(SessionState),
    ("session", "raw"): get_args(Raw),
    ("session", "comfort_before"): (None, 1, 2, 3, 4, 5),
    ("session", "comfort_after"): (None, 1, 2, 3, 4, 5),
    ("correction", "kind"): get_args(CorrectionKind),
    ("correction", "boundary"): (None, *get_args(Boundary)),
    ("repetition", "kind"): get_args(RepetitionKind),
    ("repetition", "side"): get_args(Side),
    ("device", "role"): get_args(Role),
}
"""Columns with few values."""
_JSON: dict[tuple[str, str], msgspec.json.Decoder[Any]] = {
    ("session", "zones"): msgspec.json.Decoder(tuple[str, ...]),
    ("session", "calibration"): msgspec.json.Decoder(dict[str, Any]),
    ("lift", "body"): msgspec.json.Decoder(Lift),
    ("event", "body"): msgspec.json.Decoder(dict[str, Any]),
    ("calibration", "body"): msgspec.json.Decoder(dict[str, Any]),
    ("device", "person_ids"): msgspec.json.Decoder(tuple[int, ...]),
    ("setting", "value"): msgspec.json.Decoder(Any),
    ("person_setting", "value"): msgspec.json.Decoder(Any),
}


_BY_LENGTH: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
for _name, (_, _shape) in SHAPES.items():
    for _length in sorted({len(_shape), len(_shape) - len(ADDED.get(_name, ()))}):
        _BY_LENGTH.setdefault(_length, []).append((_name, _shape))


def table_of(values: tuple[Any, ...]) -> str | None:
    """The table whose shape a row has."""
    return next((name for name, shape in _BY_LENGTH.get(len(values), ()) if _has_shape(values, shape)), None)


def complete(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row with the columns that were added after it was written."""
    return values if len(values) == len(SHAPES[name][0]) else (*values, *ADDED.get(name, ()))


def is_readable(name: str, values: tuple[Any, ...]) -> bool:
    """Whether readers can use a row: its numbers finite, its JSON what it should be, its words among those that there are.

    values: as in the file, where a rowid stands as None, or as a query gives them.
    """
    columns, shape = SHAPES[name]
    if len(values) != len(columns) or not _has_shape(values[1:], shape[1:]):
        return False
    if any(isinstance(value, float) and not math.isfinite(value) for value in values):
        return False
    for column, value in zip(columns, values, strict=True):
        if value not in ALLOWED.get((name, column), (value,)):
            return False
        decoder = _JSON.get((name, column))
        if decoder is not None:
            try:
                decoder.decode(value)
            except (ValueError, RecursionError, msgspec.MsgspecError):
                return False
    return True


def _has_shape(values: Sequence[Any], shape: Sequence[str]) -> bool:
    kinds = (
        "n" if v is None else "i" if isinstance(v, int) else "r" if isinstance(v, float) else "t" if isinstance(v, str) else "b"
        for v in values
    )
    return all(kind in allowed for kind, allowed in zip(kinds, shape, strict=False))
