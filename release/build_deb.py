"""Makes a .deb of a wheel with every package it needs inside: `apt install ./backlift-station_0.2.0_arm64.deb` is one line and
needs no package index.

    make deb                                   wheel, then a .deb each for arm64 (a Pi) and amd64, in dist/
    python release/build_deb.py dist/X.whl --architecture arm64

The packages are fetched by the hashes of requirements.lock, for the Pythons of bookworm and trixie.  The few that exist as source
are built here, and the lock inside the .deb names their hashes.  What happens on the machine is the installer's work (deb/postinst
calls `backlift install` or `backlift upgrade`), so a version that does not get ready goes back here as well.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from pathlib import Path

from lock import entries, name_of
from packaging.markers import Marker

ROOT = Path(__file__).parents[1]
TEMPLATES = Path(__file__).parent / "deb"
LOCKS = ROOT / "station" / "install"
SHARE = "usr/share/backlift-station"
MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}
PYTHONS = ("3.11", "3.13")
"""Of Debian bookworm and trixie."""
GLIBC = range(17, 37)
"""manylinux_2_N that bookworm's glibc 2.36 can load."""
BOOTSTRAP = ("click", "msgspec", "segno")
"""What the installer itself imports."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a .deb of a wheel.")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--architecture", choices=MACHINES, action="append")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    asked = parser.parse_args()
    for architecture in asked.architecture or MACHINES:
        with tempfile.TemporaryDirectory() as work:
            packages = Path(work) / "packages"
            lock = fetch(architecture, packages)
            print(build(asked.wheel, packages, lock, architecture, asked.out))


def fetch(architecture: str, into: Path) -> str:
    """Fetch what both Pythons need on this architecture; the lock of exactly that."""
    found = entries((LOCKS / "requirements.lock").read_text(encoding="utf-8"))
    used: dict[str, None] = {}
    for python in PYTHONS:
        mine = [entry for entry in found if holds(entry, python, MACHINES[architecture])]
        used |= dict.fromkeys(mine)
        _pip_download(mine, python, MACHINES[architecture], into)
    return "".join(f"{entry}\n" for entry in [*used, *build_source_packages(into)])


def holds(entry: str, python: str, machine: str) -> bool:
    """Whether an entry of the lock is for this Python on this machine."""
    requirement = entry.partition("\\")[0]
    _, separated, marker = requirement.partition(";")
    of_python = {"python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython"}
    return not separated or Marker(marker.strip()).evaluate(
        of_python | {"platform_machine": machine, "sys_platform": "linux", "platform_python_implementation": "CPython"}
    )


def _pip_download(mine: Iterable[str], python: str, machine: str, into: Path) -> None:
    # The markers were evaluated for that machine: pip would evaluate them for this one.
    text = "".join(re.sub(r";[^\\\n]*", "", entry, count=1) + "\n" for entry in mine)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in GLIBC] + [f"--platform=manylinux2014_{machine}"]
        _pip("download", "--no-deps", "--require-hashes", "--only-binary=:all:", *platforms, f"--python-version={python}",
             "--implementation=cp", f"--dest={into}", f"--requirement={file.name}")  # fmt: skip


def build_source_packages(into: Path) -> list[str]:
    """Build the packages that exist as source only, with the locked tools; their entries, with the hashes of what was built."""
    sources = entries((LOCKS / "requirements-source.lock").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as work:
        venv.create(work, with_pip=True)
        own = f"{work}/bin/python"
        common = ("install", "--no-deps", "--require-hashes")
        _pip(*common, "--only-binary=:all:", f"--requirement={LOCKS / 'requirements.lock'}", python=own)
        _pip("wheel", "--no-deps", "--require-hashes", "--no-build-isolation", f"--wheel-dir={work}/built",
             f"--requirement={LOCKS / 'requirements-source.lock'}", python=own)  # fmt: skip
        made = []
        for entry in sources:
            requirement = entry.partition("\\")[0].strip()
            (wheel,) = Path(work, "built").glob(f"{name_of(entry).replace('-', '_')}-*-none-any.whl")
            shutil.copy(wheel, into)
            made.append(f"{requirement} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    return made


def _pip(*words: str, python: str = sys.executable) -> None:
    subprocess.run([python, "-m", "pip", words[0], "--quiet", "--disable-pip-version-check", *words[1:]], check=True)


def build(wheel: Path, packages: Path, lock: str, architecture: str, out: Path) -> Path:
    """Put together the .deb; its path."""
    version = debian_version(wheel.name.split("-")[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        root = Path(work) / "root"
        share, documents = root / SHARE, root / "usr/share/doc/backlift-station"
        (root / "DEBIAN").mkdir(parents=True, mode=0o755)
        documents.mkdir(parents=True)
        shutil.copytree(packages, share)
        shutil.copy(wheel, share)
        (share / "requirements.lock").write_text(lock, encoding="utf-8")
        first = [entry for entry in entries(lock) if name_of(entry) in BOOTSTRAP]
        (share / "bootstrap.lock").write_text("".join(f"{entry}\n" for entry in first), encoding="utf-8")
        shutil.copy(TEMPLATES / "copyright", documents)
        with gzip.GzipFile(documents / "changelog.gz", "wb", 9, mtime=0) as file:
            file.write((ROOT / "CHANGELOG.md").read_bytes())
        size_kb = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) // 1024
        control = (TEMPLATES / "control").read_text(encoding="utf-8")
        (root / "DEBIAN/control").write_text(control.format(version=version, architecture=architecture, size_kb=size_kb))
        for name in ("postinst", "prerm"):
            shutil.copy(TEMPLATES / name, root / "DEBIAN")
            (root / "DEBIAN" / name).chmod(0o755)
        for path in share.iterdir():
            path.chmod(0o644)
        target = out / f"backlift-station_{version}_{architecture}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, target], check=True, stdout=subprocess.DEVNULL)
    return target


def debian_version(version: str) -> str:
    """PEP 440 to Debian: what comes before a release sorts before it there too.

    >>> debian_version("0.2.0rc1"), debian_version("0.2.0.dev3"), debian_version("0.2.0")
    ('0.2.0~rc1', '0.2.0~dev3', '0.2.0')
    """
    return re.sub(r"\.?(a|b|rc|dev)(\d+)", r"~\1\2", version)


if __name__ == "__main__":
    main()
