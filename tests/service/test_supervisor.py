"""The supervisor keeps two children alive: real processes, small ones."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from station.service import supervisor
from station.service.supervisor import Child, PortInUseError, Supervisor, require_port

WORKS = """
import os, signal, sys, time
import sdnotify
say = sdnotify.SystemdNotifier().notify
open(sys.argv[1], "a").write(f"start {os.getpid()} {' '.join(sys.argv[2:])}\\n")
asked = []
# Only a note: an exit raised here could land inside a library that swallows it.
signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
say("READY=1"); say("WATCHDOG=1")
"""
STAYS = """
while not asked: time.sleep(0.02)
open(sys.argv[1], "a").write("ended well\\n")
"""


def child(name: str, diary: Path, then: str, **how: object) -> Child:
    argv = [sys.executable, "-c", WORKS + then, str(diary)]
    return Child(name, argv, **how)  # type: ignore[arg-type]


class Watched:
    """A supervisor in this process's main thread would need signals; here it runs beside, and is told to stop by hand."""

    def __init__(self, children: list[Child], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        self.ready: list[str] = []
        self.supervisor = Supervisor(children, folder, self.ready.append)
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.code = self.supervisor.run()

    def stop(self) -> int | None:
        self.supervisor._stop(signal.SIGTERM, None)
        self.thread.join(15)
        assert not self.thread.is_alive()
        return self.code


def until(condition: Callable[[], object]) -> None:
    """Wait for another process; gives up after ten seconds."""
    for _ in range(1000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never happened")


def lines(diary: Path) -> list[str]:
    return diary.read_text().splitlines() if diary.exists() else []


def starts(diary: Path) -> list[int]:
    return [int(line.split()[1]) for line in lines(diary) if line.startswith("start")]


def test_both_children_are_started_announced_and_stopped_cleanly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    watched = Watched([child("station", one, STAYS), child("dashboard", two, STAYS)], tmp_path, monkeypatch)
    until(lambda: len(watched.ready) == 2)
    assert sorted(watched.ready) == ["dashboard", "station"]
    assert watched.stop() == 0
    assert lines(one)[-1] == lines(two)[-1] == "ended well"
    assert not list(tmp_path.glob("*.notify"))


def test_a_child_that_is_killed_comes_back_and_the_other_notices_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    watched = Watched([child("station", one, STAYS), child("dashboard", two, STAYS)], tmp_path, monkeypatch)
    until(lambda: starts(one) and len(watched.ready) == 2)
    os.kill(starts(one)[0], signal.SIGKILL)
    until(lambda: len(starts(one)) == 2 and watched.ready.count("station") == 2)
    assert len(starts(two)) == 1
    watched.stop()


def test_a_child_that_falls_silent_is_ended_and_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [0.0]
    monkeypatch.setattr(supervisor, "time", type("FakeTime", (), {"monotonic": staticmethod(lambda: now_s[0])}))
    diary = tmp_path / "one"
    watched = Watched([child("station", diary, STAYS)], tmp_path, monkeypatch)
    until(lambda: watched.ready)
    until(lambda: watched.supervisor._children[0].heard_s is not None)
    now_s[0] = supervisor.SILENT_S + 1
    until(lambda: watched.supervisor._children[0].failures)
    now_s[0] += supervisor.LONGEST_PAUSE_S
    until(lambda: len(starts(diary)) == 2)
    watched.stop()


def test_one_that_says_it_cannot_start_ends_everything_with_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = tmp_path / "two"
    fails = Child("station", [sys.executable, "-c", "import sys; sys.exit(2)"])
    watched = Watched([fails, child("dashboard", two, STAYS)], tmp_path, monkeypatch)
    watched.thread.join(15)
    assert watched.code == 2
    assert len(starts(two)) <= 1


def test_pauses_grow_and_after_five_failures_in_a_row_the_safe_way_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [0.0]
    monkeypatch.setattr(supervisor, "time", type("FakeTime", (), {"monotonic": staticmethod(lambda: now_s[0])}))
    diary = tmp_path / "one"
    crashing = child("dashboard", diary, "sys.exit(1)\n")
    crashing.safe_argv = [*crashing.argv, "--safe-mode"]
    watched = Watched([crashing], tmp_path, monkeypatch)
    pauses = []
    for failures in range(1, supervisor.CRASHES_FOR_SAFE_MODE + 1):
        until(lambda failures=failures: crashing.failures == failures and crashing.start_at_s > now_s[0])
        pauses.append(crashing.start_at_s - now_s[0])
        now_s[0] = crashing.start_at_s
    until(lambda: any(line.endswith("--safe-mode") for line in lines(diary)))
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert [line.endswith("--safe-mode") for line in lines(diary) if line.startswith("start")] == [False] * 5 + [True]
    watched.stop()


def test_a_child_that_ends_well_by_itself_is_started_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diary = tmp_path / "one"
    again = f"if open(sys.argv[1]).read().count('start') < 2: sys.exit(0)\n{STAYS}"
    watched = Watched([child("station", diary, again)], tmp_path, monkeypatch)
    until(lambda: len(starts(diary)) == 2)
    watched.stop()


def test_a_port_in_use_is_one_line_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUseError, match="choose another one with --port"):
            require_port("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_the_whole_process_well(tmp_path: Path, signum: int) -> None:
    """The supervisor as a process of its own, as a person starts it."""
    diary = tmp_path / "one"
    script = f"""
import sys
from pathlib import Path
from station.service.supervisor import Child, Supervisor
argv = [sys.executable, "-c", {WORKS + STAYS!r}, {str(diary)!r}]
sys.exit(Supervisor([Child("station", argv)], Path({str(tmp_path)!r}), lambda name: print(name, "ready", flush=True)).run())
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "station ready\n"
    began_s = time.monotonic()
    process.send_signal(signum)
    assert process.wait(15) == 0
    assert time.monotonic() - began_s < supervisor.STOP_S + 5
    assert lines(diary)[-1] == "ended well"
