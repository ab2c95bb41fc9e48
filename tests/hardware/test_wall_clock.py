"""Whether the machine's date can be believed."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hardware import wall_clock
from hardware.wall_clock import EARLIEST_WALL_S, clock_synchronised, is_believable


class Kernel:
    """adjtimex as the kernel answers it.  maxerror_us: None: the call fails."""

    def __init__(self, maxerror_us: int | None) -> None:
        self._maxerror_us = maxerror_us

    def adjtimex(self, timex: Any) -> int:
        if self._maxerror_us is None:
            return -1
        timex[24:32] = self._maxerror_us.to_bytes(8, "little", signed=True)
        return 0 if self._maxerror_us < 16_000_000 else 5


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    return lambda maxerror_us: monkeypatch.setattr(ctypes, "CDLL", lambda *args, **kw: Kernel(maxerror_us))


@pytest.mark.parametrize(("maxerror_us", "expected"), [(200_000, True), (15_999_999, True), (16_000_000, False), (None, None)])
def test_the_kernel_says_whether_the_clock_follows_a_time_server(
    kernel: Callable[[int | None], None], tmp_path: Path, maxerror_us: int | None, expected: bool | None
) -> None:
    kernel(maxerror_us)
    assert clock_synchronised(tmp_path) is expected


def test_the_file_that_systemd_leaves_is_enough(kernel: Callable[[int | None], None], tmp_path: Path) -> None:
    kernel(16_000_000)
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    (tmp_path / "run/systemd/timesync/synchronized").touch()
    assert clock_synchronised(tmp_path) is True


def test_a_machine_without_that_call_cannot_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *args, **kw: object())
    assert clock_synchronised(tmp_path) is None


def test_the_real_call_answers_without_changing_anything() -> None:
    assert wall_clock._kernel_synchronised() in (True, False, None)


def test_a_day_before_this_program_was_written_is_not_believed() -> None:
    assert not is_believable(EARLIEST_WALL_S - 1) and is_believable(EARLIEST_WALL_S)
