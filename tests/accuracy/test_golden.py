"""No output of the detector changes without a new DETECTOR_VERSION."""

from __future__ import annotations

from typing import Any

import golden
import pytest

from station.signal.detector import DETECTOR_VERSION


def alike(a: Any, b: Any) -> bool:
    """Equal, times and levels to a millionth."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float):
        return a == pytest.approx(b, rel=1e-6, abs=1e-6)
    return bool(a == b)


def test_there_are_recordings_with_lifts() -> None:
    lifts = [item for name in golden.names() for item in golden.kept(name) if item["type"] == "Lift" and item["kind"] == "lift"]
    assert len(golden.names()) == len(golden.RECORDINGS) and len(lifts) >= 12


@pytest.mark.parametrize("name", golden.names())
def test_the_output_is_what_this_version_always_said(name: str) -> None:
    try:
        before = golden.kept(name)
    except FileNotFoundError:
        pytest.fail(f"version {DETECTOR_VERSION} has no kept outputs yet: run 'python tests/accuracy/golden.py'")
    now = golden.output(name)
    first = next((i for i, (a, b) in enumerate(zip(before, now, strict=False)) if not alike(a, b)), min(len(before), len(now)))
    assert len(before) == len(now) == first, (
        f"the output for {name} changed from item {first} on ({before[first : first + 1]} -> {now[first : first + 1]}): "
        "bump DETECTOR_VERSION and run 'python tests/accuracy/golden.py'"
    )
