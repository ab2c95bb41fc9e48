"""What a person should know about mat, machine or station, as a code with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["info", "warning", "trouble"]
Param = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know.  station/locale has a text of this code in every language and fills in `params`.

    params: numbers and names; `zone`, `zones`, `limb` and `limbs` are names of the mat file, shown in the reader's words.
    severity: info (nothing to do), warning (times may suffer), trouble (practice or storage suffers now).
    """

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)
    severity: Severity = "warning"
