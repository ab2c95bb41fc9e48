"""Every command in the documentation is run, page by page and line by line, and what it prints is what the page shows.

In an empty home folder, on a station that runs on the simulated mat.  `sudo` is left out, `/media` is a folder of the home.
Where a page shows output, `…` stands for what varies (alone on a line: for any lines).  What cannot run here is in EXCUSED, with
the reason.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import click
import pytest
from click.testing import CliRunner

from hardware.mats import find_mat
from station.analysis.export import export_zip
from station.bench.processes import World
from station.cli import backlift
from station.service.ipc import IpcClient
from station.service.runtime import SOCKET_NAME
from station.store import Reader, Store

pytestmark = pytest.mark.xdist_group("docs-commands")

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
READING_ORDER = re.findall(
    r"^([\w/-]+)$", "\n".join(re.findall(r"```{toctree}(.*?)```", (DOCS / "index.md").read_text(), re.S)), re.M
)
PAGES = [
    ROOT / "README.md",
    DOCS / "index.md",
    *(DOCS / f"{name}.md" for name in READING_ORDER),
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
]

EXCUSED = {
    r"git clone ": "the address of the repository is not known here",
    r"make |\S+python -m pytest|python docs/": "builds or tests the whole project: CI does, from an empty environment",
    r"sha256sum |python3 -m (zipfile -e backlift|venv)|first/bin/pip": "needs a release: tests/release makes and installs one",
    r"openssl ": "makes the maintainers' key: tests/install/test_signed_release.py does so in a folder of its own",
    r"pipx ": "installs for the user of this machine: tests/release installs the wheel into an empty environment",
    r"sudo (apt|systemctl|debootstrap|chroot|cp|chown|chmod|mosquitto_passwd) |echo .* sudo tee ": "changes the system",
    r"mosquitto_sub ": "listens until Ctrl-C: tests/web/test_studio.py runs the studio of that page on a real broker",
    r"backlift (install|upgrade|uninstall)": "changes the system: tests/install carries the steps out in a folder",
    r"backlift bench": "measures for minutes: tests/bench runs its parts",
    r"backlift calibrate$": "waits a minute for each sensor to creep: tests/hardware/test_calibration.py",
    r"backlift sounds --play ": "needs a speaker",
    r"backlift sounds --timeline practice.wav --follow": "is the line with --counting and one more tone: tests/practice hears it",
    r"backlift (practice watch|logs)$": "goes on until Ctrl-C, or reads the journal of systemd",
    r"backlift pair --open-network": "opens this machine's pages to its network: tests/web/test_strangers.py",
    r"backlift (station|dashboard)$": "a half of `backlift run`, which runs",
    r"backlift COMMAND": "stands for any command",
}
"""Start of a command -> why it is not run here.  Each entry matches some command in the documentation."""

ALONE = r"backlift (delete|restore|recover)\b"
"""Run on a copy of the home folder in which no station runs: they end or replace what other pages show."""
FOR_THE_SIMULATOR = ("quickstart", "contributing")
"""Pages for a reader without a mat; on all others `backlift` without --simulate is the station of a mat."""
SHOWN_PORT = 8080
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, and the output the page shows for it; None: it shows none."""

    line: str
    shown: str | None = None

    @property
    def excuse(self) -> str | None:
        return next((pattern for pattern in EXCUSED if re.match(pattern, self.bare) or re.match(pattern, self.line)), None)

    @property
    def bare(self) -> str:
        """Without sudo and without the folder of the program."""
        return re.sub(r"^(sudo )?(\S*/)?(?=backlift\b)", "", self.line)

    @property
    def is_mention(self) -> bool:
        """`backlift replay` in a sentence names the command; it cannot run without what it works on."""
        words = self.bare.split()
        command = backlift.get_command(click.Context(backlift), words[1]) if len(words) == 2 and words[0] == "backlift" else None
        needed = [each for each in command.params if each.required] if command else []
        return isinstance(command, click.Group) or bool(needed) or self.bare == "backlift run"


def commands(markdown: str) -> Iterator[Command]:
    """In the order of the page: `bash` blocks (commands alone), `console` blocks (`$ `, then output), `backlift ...` in text."""
    text = re.sub(r"<!-- commands: made by.*?<!-- commands: end -->", "", markdown, flags=re.S)
    for block in re.finditer(r"^```(\w+)[^\n]*\n(.*?)^```|`((?:sudo )?(?:\S*/)?backlift [^`]+)`", text, re.M | re.S):
        kind, body, span = block.groups()
        if span:
            yield Command(re.sub(r"\s+", " ", span))
        elif kind == "bash":
            yield from (Command(re.sub(r"\s+#.*", "", line)) for line in body.splitlines())
        elif kind == "console":
            for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
                line, _, shown = part.partition("\n")
                yield Command(line, shown)


def pattern(shown: str) -> str:
    """A regular expression for the whole output, from how a page shows it; how far columns stand apart does not count."""
    lines = (re.sub(r"(\\ )+", " +", re.escape(line.rstrip())).replace("…", ".*?") + r"\n" for line in shown.splitlines())
    return "".join(r"(?:.*\n)*?" if line.strip() == r".*?\n" else line for line in lines)


@dataclass(slots=True)
class Terminal:
    """A home folder, a station that runs in it, and what its terminal has said already."""

    home: Path
    port: int
    process: subprocess.Popen[str] | None = None
    said: dict[str, str] = field(default_factory=dict)

    def environment(self, home: Path, has_mat: bool) -> dict[str, str]:
        return {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home / ("run-mat" if has_mat else "run")),
            "BACKLIFT_CONFIG": str(home / ("mat.toml" if has_mat else "station.toml")),
            "PATH": os.environ["PATH"],
        }

    @property
    def link(self) -> IpcClient:
        return IpcClient(self.home / "run/backlift-simulated" / SOCKET_NAME)

    def run(self, line: str, has_mat: bool) -> str:
        """What it prints.  Fails unless it ends well.  has_mat: the reader has a mat, so the station of the mat is meant."""
        if re.match(r"backlift run\b(?!.* list)", line):
            return self._start(shlex.split(line)[1:])
        if self.process is None:
            self._start(["run", "--simulate"])
        if re.match(r"backlift practice (pause|start)", line):
            self._somebody_lies_there()
        # The same sounds, mat or check again, on another page.
        if line in self.said and re.match(r"backlift (sounds|mat|check|practice list)", line):
            return self.said[line]
        self.said[line] = said = self._python(line) if line.startswith("python3 ") else self._backlift(line, has_mat)
        return said

    def _backlift(self, line: str, has_mat: bool) -> str:
        home = self.home
        if re.match(ALONE, line):
            home = self.home.parent / f"alone-{len(self.said)}"
            shutil.copytree(self.home, home, ignore=shutil.ignore_patterns("run*"))
        words = [word.replace("/media/", f"{home}/media/") for word in shlex.split(line)[1:]]
        with contextlib.chdir(home), mock.patch.dict(os.environ, self.environment(home, has_mat), clear=True):
            done = CliRunner().invoke(backlift, words, prog_name="backlift", input="y\n")
        assert done.exit_code == 0, f"{line}: {done.exception!r}\n{done.output}"
        return done.output

    def _python(self, line: str) -> str:
        done = subprocess.run([sys.executable, *shlex.split(line)[1:]], cwd=self.home, capture_output=True, text=True, check=True)
        return done.stdout

    def _start(self, words: list[str]) -> str:
        """Ends the station that runs, as Ctrl-C does, and starts another."""
        self.close()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "station", *words],
            cwd=self.home,
            env=self.environment(self.home, has_mat=False) | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        # The address, and what may be done with it.
        said = self.process.stdout.readline() + self.process.stdout.readline()
        assert said, f"backlift {' '.join(words)} ended without a word"
        return said.replace(f":{self.port}/", f":{SHOWN_PORT}/")

    def _somebody_lies_there(self) -> None:
        # The simulated person lies down some seconds after the start; pytest's own timeout ends this if nobody does.
        next(message for message in self.link.subscribe() if message["type"] == "state" and message["session"])

    def close(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.communicate(timeout=PATIENCE_S)
            self.process = None


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A home in which somebody has practised: seven sessions, three devices, and the files the pages speak of."""
    home = tmp_path_factory.mktemp("docs") / "home"
    (home / "run/backlift-simulated").mkdir(parents=True, mode=0o700)
    (home / "media/usb").mkdir(parents=True)
    (home / "media/backlift").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    # Who reads a page for people with a mat means the station of the mat: here that is the simulated one, under both names.
    (home / "station.toml").write_text(f"[dashboard]\nport = {port}\n")
    (home / "mat.toml").write_text(f'[sampling]\ndriver = "simulated"\n[dashboard]\nport = {port}\n')
    (home / "run-mat").mkdir()
    for name in ("backlift", "backlift-simulated"):
        (home / "run-mat" / name).symlink_to(home / "run/backlift-simulated")
    _practise(home)
    terminal = Terminal(home, port)
    yield terminal
    terminal.close()


def _practise(home: Path) -> None:
    world = World(home / "earlier", 0)
    for lasts_s in (50.0, *[2.0] * 5, 50.0):
        world.store_session(lasts_s)
    with Store(world.database) as store:
        for name in ("Anna's tablet", "Laptop", "Guest"):
            store.device_add(name, hashlib.sha256(name.encode()).digest())
    with Reader(world.database) as reader:
        export_zip(reader, [1], home / "lesson.zip")
    with zipfile.ZipFile(home / "lesson.zip") as archive, gzip.open(home / "lesson.csv.gz", "wb") as lesson:
        lesson.write(archive.read("session-0001/frames.csv"))
        (home / "events.jsonl").write_bytes(archive.read("session-0001/events.jsonl"))
    _, mat = find_mat("full-16")
    shutil.copy(mat, home / "my.mat.toml")
    shutil.copy(world.database, home / "media/backlift/backlift-mat-1-2026-11-24T03-10-00Z.db")
    damaged = bytearray(world.database.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 4096] = bytes(4096)
    (home / "backlift.corrupt-2026-11-22T10-05-09.db").write_bytes(damaged)
    (home / ".local/share/backlift").mkdir(parents=True)
    shutil.move(world.database.parent, home / ".local/share/backlift/simulated")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_it_says(path: Path, terminal: Terminal) -> None:
    for command in commands(path.read_text(encoding="utf-8")):
        if command.excuse or command.is_mention:
            continue
        assert re.match(r"backlift |python3 ", command.bare), f"{path.name}: neither run nor excused: {command.line}"
        said = terminal.run(command.bare, has_mat=path.stem not in FOR_THE_SIMULATOR)
        if os.environ.get("SHOW"):
            print(f"$ {command.line}\n{said}")
        if command.shown is not None:
            assert re.fullmatch(pattern(command.shown), said), f"{path.name}: {command.line} prints\n{said}\nnot\n{command.shown}"


def test_every_excuse_is_still_needed() -> None:
    found = [command for page in PAGES for command in commands(page.read_text(encoding="utf-8"))]
    assert {command.excuse for command in found} - {None} == set(EXCUSED)


def test_every_page_is_in_the_reading_order() -> None:
    assert {path.resolve() for path in DOCS.rglob("*.md")} <= {path.resolve() for path in PAGES} | set(
        (DOCS / "plans").glob("*.md")
    )


def test_no_command_hides_in_an_indented_block() -> None:
    for page in PAGES:
        outside = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
        assert re.findall(r"^ {4}(?:sudo |\S*/)?backlift .*", outside, re.M) == [], page.name
