"""The structure of the code: imports point one way, detection is pure, importing opens nothing, module names are unique."""

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
PURE = {
    "__future__",
    "numpy",
    "math",
    "dataclasses",
    "typing",
    "collections",
    "hardware.divider",
    "hardware.frames",
    "hardware.frame_rows",
    "hardware.zone_faults",
    "station.model",
    "station.signal",
}
"""All that station/signal may import; hardware.frames is the frame itself, hardware.divider a formula,
hardware.frame_rows and hardware.zone_faults are pure as well."""


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
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_packages_import_only_what_lies_below_them(path: Path) -> None:
    own = name_of(path).partition(".")[0]
    others = {name.partition(".")[0] for name in imports(path)} & set(PACKAGES)
    assert others <= BELOW[own] | {own}


@pytest.mark.parametrize("path", sorted((ROOT / "station" / "signal").glob("*.py")), ids=name_of)
def test_signal_code_is_pure(path: Path) -> None:
    for name in imports(path):
        assert any(name == allowed or name.startswith(allowed + ".") for allowed in PURE), f"{path.name} imports {name}"


MAY_IMPORT = {
    "station.model": set(),
    "station.locale": set(),
    "station.messages": {"station.model", "station.practice"},
    "station.config": set(),
    "station.settings": {"station.config"},
    "station.recording": set(),
    "station.signal": {"station.model"},
    "station.practice": {"station.model", "station.signal", "station.locale"},
    "station.store": {"station.model", "station.messages"},
    "station.analysis": {"station.model", "station.store", "station.signal", "station.recording", "station.practice"},
}
"""Part of the station -> other parts it may import.  service, cli, bench and install stand above all of these."""


def part_of(name: str) -> str:
    return ".".join(name.split(".")[:2])


@pytest.mark.parametrize("path", sorted((ROOT / "station").rglob("*.py")), ids=name_of)
def test_inside_the_station_imports_point_from_command_line_to_model(path: Path) -> None:
    own = part_of(name_of(path))
    theirs = {part_of(name) for name in imports(path) if name.startswith("station.")} - {own}
    if own in MAY_IMPORT:
        assert theirs <= MAY_IMPORT[own], f"{name_of(path)} imports {theirs - MAY_IMPORT[own]}"
    if own not in ("station.cli", "station.__main__"):
        assert "station.cli" not in theirs, f"{name_of(path)} imports the command line"


def test_a_module_name_means_one_thing() -> None:
    """Two modules of one name make a newcomer open the wrong one.  Command and bench modules are named after their subject."""
    seen: dict[str, list[str]] = {}
    for path in modules():
        if path.stem not in ("__init__", "__main__") and path.parent.name not in ("cli", "bench"):
            seen.setdefault(path.stem, []).append(name_of(path))
    assert {stem: names for stem, names in seen.items() if len(names) > 1} == {}


LONGEST_MODULE = 450
"""Lines.  A longer module holds more than one idea."""


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_holds_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for types and inside functions count: a circle is a circle to its reader."""
    names = {name_of(path) for path in modules()}
    arrows = {name_of(path): set(imports(path)) & names - {name_of(path)} for path in modules()}
    while free := {name for name, theirs in arrows.items() if not theirs & set(arrows)}:
        arrows = {name: theirs for name, theirs in arrows.items() if name not in free}
    assert arrows == {}


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
