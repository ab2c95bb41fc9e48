"""Each thread of the station's process is watched: whichever ends, the watchdog is told no more that all is well."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.clock import SystemClock
from station.config import Config, MatChoice, Pins, Sampling, Storage
from station.service.main import Station
from station.service.mat_source import simulated_mat

THREADS = ("detection", "link", "outputs", "sampler", "writer")


class EndThreadError(BaseException):
    """Raised inside a thread by the test; nothing of ours may catch it."""


def until(holds: Callable[[], bool], longest_s: float = 8.0) -> bool:
    end_s = time.monotonic() + longest_s
    while time.monotonic() < end_s:
        if holds():
            return True
        time.sleep(0.02)
    return False


def end_thread(name: str, others: set[threading.Thread]) -> None:
    """Raise in the thread; it sees the exception when it next runs Python code.  others: threads that are not this station's."""
    (thread,) = (thread for thread in set(threading.enumerate()) - others if thread.name == name)
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(EndThreadError))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("name", THREADS)
def test_a_thread_that_ends_is_named_and_the_watchdog_hears_nothing_more(name: str, tmp_path: Path) -> None:
    config = Config(
        mat=MatChoice(file="small-4"),
        sampling=Sampling(driver="simulated", rate_hz=50.0),
        storage=Storage(directory=str(tmp_path / "data")),
        pins=Pins(led=17),
    )
    others = set(threading.enumerate())
    station = Station(config, tmp_path, simulated_mat, SystemClock())
    station.start()
    try:
        assert until(lambda: station.stalled == () and station.sampler.frames > 5), station.stalled
        assert {thread.name for thread in threading.enumerate()} >= set(THREADS)
        end_thread(name, others)
        assert until(lambda: name in station.stalled)
    finally:
        station.close()
