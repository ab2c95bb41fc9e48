"""The house stands: arrows point one way, the signal code is pure, and importing opens nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("hardware", "station", "web", "systemd")
BELOW = {"hardware": set(), "station": {"hardware"}, "web": {"station", "hardware"}, "systemd": set()}
"""Package -> packages of ours it may import."""
PURE = {"__future__", "numpy", "math", "dataclasses", "typing", "collections", "station.model", "station.signal"}
"""All that station/signal may import."""


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules imported anywhere in a file, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where an arrow points"
            yield node.module or ""


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_packages_import_only_what_lies_below_them(path: Path) -> None:
    own = name_of(path).partition(".")[0]
    others = {name.partition(".")[0] for name in imports(path)} & set(PACKAGES)
    assert others <= BELOW[own] | {own}


@pytest.mark.parametrize("path", sorted((ROOT / "station" / "signal").glob("*.py")), ids=name_of)
def test_signal_code_is_pure(path: Path) -> None:
    for name in imports(path):
        assert any(name == allowed or name.startswith(allowed + ".") for allowed in PURE), f"{path.name} imports {name}"


INSIDE_STATION = ("station.signal", "station.pipeline", "station.daemon", "station.cli")
"""Lowest first; none may import one that stands later."""


@pytest.mark.parametrize("path", sorted((ROOT / "station").rglob("*.py")), ids=name_of)
def test_inside_the_station_arrows_point_from_command_line_to_signal(path: Path) -> None:
    own = name_of(path)

    def level(name: str) -> int | None:
        return next((n for n, layer in enumerate(INSIDE_STATION) if name == layer or name.startswith(layer + ".")), None)

    mine = level(own)
    if own == "station.model":
        assert all(level(name) is None for name in imports(path))
    if own in ("station.__main__",):
        return
    for name in imports(path):
        theirs = level(name)
        if theirs is None:
            continue
        assert theirs != level("station.cli") or mine == theirs, f"{own} imports the command line"
        assert mine is None or theirs <= mine, f"{own} imports {name}"


IMPORTS_NOTHING_OPENS = """
import importlib, sys, threading
from pathlib import Path

sys.dont_write_bytecode = True
allowed_reads = (sys.prefix, sys.base_prefix, {root!r}, "/usr/", "/etc/", "/proc/", "/sys/", "/dev/urandom", "/dev/null", "/lib")
watching = False
opened = []

def watch(event, args):
    if not watching:
        return
    if event in ("socket.bind", "socket.connect", "subprocess.Popen", "os.system", "sqlite3.connect", "os.mkdir"):
        opened.append((event, args[:1]))
    if event == "open" and isinstance(args[0], str):
        writes = isinstance(args[1], str) and any(letter in args[1] for letter in "wax+")
        if writes or not args[0].startswith(allowed_reads):
            opened.append((event, args[:2]))

sys.addaudithook(watch)
threads = threading.active_count()
watching = True
for name in {names!r}:
    importlib.import_module(name)
watching = False
assert not opened, opened
assert threading.active_count() == threads, threading.enumerate()
"""


def test_importing_opens_no_bus_file_thread_or_socket() -> None:
    names = [name_of(path) for path in modules() if not name_of(path).endswith("__main__")]
    script = IMPORTS_NOTHING_OPENS.format(root=str(ROOT), names=names)
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr


def test_every_command_has_an_example_and_its_summary_stands_in_the_table() -> None:
    from click import Context

    from station.cli import COMMANDS, backlift

    context = Context(backlift, info_name="backlift")
    for name, (_, summary) in COMMANDS.items():
        command = backlift.get_command(context, name)
        assert command is not None and command.help
        assert command.help.strip().splitlines()[0] == summary, name
        assert "Example" in command.help and f"backlift {name}" in command.help, name


def test_help_imports_none_of_the_heavy_modules() -> None:
    script = "import sys; sys.argv = ['backlift', '--help']\nfrom station.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    script += "heavy = {'numpy', 'msgspec', 'flask', 'sqlite3', 'adafruit_ads1x15'} & set(sys.modules); assert not heavy, heavy"
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert "replay" in result.stdout
