"""kill -9 of the writer; `python tests/store/kill_nine.py 200` does the same ten times as often."""

from __future__ import annotations

from pathlib import Path

from kill_nine import kills


def test_killed_writers_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    safe = kills(20, tmp_path / "backlift.db")
    assert safe.lines > 100
