"""Writes station/install/requirements.lock and requirements-source.lock: every package of a station with the hashes of all files.

    make lock       needs the package index; the files are committed, and the wheel carries them

Universal: one lock for every Python from 3.11 and every machine.  What exists as source only stands in a file of its own, for the
installer builds it with the setuptools of the lock (station/install/wheel_source.py).
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "station" / "install"
EXTRAS = ("pi", "mqtt", "https")
SOURCE_ONLY = ("adafruit-extended-bus", "sdnotify")
"""Releases without a wheel; both are pure Python."""
BUILD_TOOLS = "setuptools\nsetuptools-scm\n"
"""What those are built with."""
HEAD = "# Made by `make lock`; do not edit.  Every package of a station, with the hashes of all files of its release.\n"


def entries(lock: str) -> list[str]:
    """The entries of a lock file: `name==version ; marker` and its hashes."""
    text = re.sub(r"^\s*#.*\n", "", lock, flags=re.M)
    return [entry.strip() for entry in re.split(r"\n(?=\S)", text) if entry.strip()]


def name_of(entry: str) -> str:
    return entry.partition("==")[0].strip()


def compiled() -> str:
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate"]
    # As pip does: a network with a certificate of its own is trusted where the system trusts it.
    command += ["--system-certs"]
    command += [f"--extra={extra}" for extra in EXTRAS]
    done = subprocess.run(
        [sys.executable, "-m", *command, "--no-header", "pyproject.toml", "-"],
        cwd=ROOT,
        input=BUILD_TOOLS,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def main() -> None:
    found = entries(compiled())
    for name, kept in (
        ("requirements.lock", [entry for entry in found if name_of(entry) not in SOURCE_ONLY]),
        ("requirements-source.lock", [entry for entry in found if name_of(entry) in SOURCE_ONLY]),
    ):
        (TARGET / name).write_text(HEAD + "".join(f"{entry}\n" for entry in kept), encoding="utf-8")
        print(f"{TARGET / name}: {len(kept)} packages")


if __name__ == "__main__":
    main()
