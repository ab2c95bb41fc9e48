"""kill -9 at any moment, many times over, on one and the same database.

    python tests/store/kill_nine.py 200        kills that many writers and says what was found

A writer runs in a process of its own, much faster than in life, and prints what each commit acknowledged.  It is killed somewhere
in the middle; then the database is opened and compared with everything that any writer so far was told is safe.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from store_world import HandClock, begin, block, lift, repetition

from station.store import Reader, Store

ZONES = ("a", "b", "c", "d")


def write_for_ever(path: Path, seed: int) -> None:
    """Practise, set, note, delete, checkpoint; one line for everything that is acknowledged."""
    import station.store.store

    station.store.store.COMMITS_PER_CHECKPOINT = 5
    chance = random.Random(seed)
    clock = HandClock()
    with Store(path, clock=clock, boot_id=f"boot {seed}") as store:
        while True:
            session, frames = begin(store, clock.now_s, zones=ZONES), 0
            for _ in range(chance.randint(3, 15)):
                store.add_frames(block(clock.now_s, 0.5, zones=len(ZONES), seed=frames))
                frames += 50
                clock.pass_s(0.5)
                if store.commit().acknowledged:
                    say(session=session, frames=frames)
            one = lift(off_s=clock.now_s - 2)
            store.add(one)
            store.add(repetition(one))
            store.end_session(clock.now_s)
            if store.commit().acknowledged:
                say(session=session, frames=frames, ended=True)
            value = chance.random()
            store.setting_set("practice.count", value)
            say(setting=value)
            store.note_set(session, f"note {value}")
            say(session=session, frames=frames, ended=True, note=f"note {value}")
            if chance.random() < 0.3:
                store.session_delete(session)
                say(deleted=session)


def say(**what: object) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


@dataclass
class Safe:
    """What the writers were told is on the card."""

    sessions: dict[int, dict] = field(default_factory=dict)
    setting: float | None = None
    lines: int = 0

    def hear(self, line: str) -> None:
        said = json.loads(line)
        self.lines += 1
        if "setting" in said:
            self.setting = said["setting"]
        elif "deleted" in said:
            self.sessions.pop(said["deleted"], None)
        else:
            self.sessions[said["session"]] = said


class Nursery:
    """A process that forks one writer at a time, says its number, and says "gone" after its end."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, __file__, "--nursery", str(path)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._ask, self._told = self._process.stdin, self._process.stdout

    def killed_writer(self, seed: int) -> list[bytes]:
        """Start a writer, kill it at some moment; what it had said until then."""
        chance = random.Random(seed)
        self._ask.write(f"{seed}\n".encode())
        self._ask.flush()
        number = int(self._told.readline())
        heard = [self._told.readline() for _ in range(chance.randint(1, 25))]
        time.sleep(chance.random() * 0.02)  # not to wait for something, but to kill at any moment between two lines
        os.kill(number, signal.SIGKILL)
        while not (line := self._told.readline()).endswith(b"gone\n"):
            heard.append(line)
        return [*heard, line.removesuffix(b"gone\n")]

    def close(self) -> None:
        self._ask.close()
        self._told.close()
        self._process.wait()


def nursery(path: Path) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.write(1, f"{os.getpid()}\n".encode())
            write_for_ever(path, int(line))
        _, status = os.waitpid(child, 0)
        if os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit("the writer ended by itself")
        os.write(1, b"gone\n")


def kill_and_look(nursery: Nursery, path: Path, seed: int, safe: Safe) -> None:
    """Kill a writer, open the database and compare.  Raises AssertionError."""
    for line in nursery.killed_writer(seed):
        if line.endswith(b"\n"):  # the last one may be half
            safe.hear(line.decode())
    with Store(path, clock=HandClock(), boot_id=f"after {seed}") as store, Reader(path) as reader:
        assert store._db is not None and store._db.run("PRAGMA integrity_check") == [("ok",)]
        assert len(store.recovered) <= 1
        assert reader.settings().get("practice.count", safe.setting) is not None or safe.setting is None
        there = {one.id: one for one in reader.sessions(limit=1_000_000)}
        newest = max([*there, *safe.sessions], default=0)
        for number, said in safe.sessions.items():
            # A deletion may have reached the card just before the kill kept it from being told: only the newest can be under way.
            if number not in there and number == newest and said.get("note"):
                continue
            assert number in there, f"session {number} is gone"
            frames = len(reader.frames(number)) if number >= newest - 2 else said["frames"]
            assert frames >= said["frames"], f"session {number} lost frames"
            if said.get("ended"):
                assert there[number].state == "ended" and there[number].repetitions == 1
            if "note" in said:
                assert there[number].note == said["note"]
        for one in store.recovered:
            record = reader.session(one.session_id)
            assert record.summary.state == "recovered" and one.missing_s == 2.0 and record.gaps == ()
            assert all(lift.lift.touch_down <= record.summary.ended_s for r in record.repetitions for lift in r.lifts)
        for number in [number for number in safe.sessions if number not in there]:
            del safe.sessions[number]


def kills(count: int, path: Path) -> Safe:
    """Kill `count` writers on one database."""
    safe = Safe()
    home = Nursery(path)
    try:
        for seed in range(count):
            kill_and_look(home, path, seed, safe)
    finally:
        home.close()
    return safe


if __name__ == "__main__":
    if sys.argv[1] == "--nursery":
        nursery(Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            safe = kills(int(sys.argv[1]), Path(folder) / "backlift.db")
            print(f"{sys.argv[1]} kills: {safe.lines} acknowledgements, {len(safe.sessions)} sessions, nothing lost")
