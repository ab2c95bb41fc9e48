"""What is installed: a wheel file, and the exact packages it needs, each with its hash.

Nothing is taken from a package index by its name alone.  `requirements.lock` names every package with its version and the hashes of
all files of that release (made by `make lock`, carried in the wheel), and pip refuses what differs.  The few packages that exist as
source only stand in `requirements-source.lock`; the setuptools of the lock builds them, so pip fetches nothing else for them.

Where the folder of the wheel holds a `requirements.lock` of its own (the .deb brings one), everything comes from that folder,
without a network.  Where /etc/pip.conf closes the index (`no-index = true`), its owner vouches for the packages in her own folder.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from station.install.steps import InstallError, Run, Step, Write

EXTRAS = "[pi,mqtt,https]"
LOCK, SOURCE_LOCK = "requirements.lock", "requirements-source.lock"
_INSIDE = "station/install"


@dataclass(frozen=True, slots=True)
class WheelSource:
    """wheel: its whole path.  version: of the program in it.  lock, source_lock: texts, empty where somebody vouches otherwise.
    folder: where all packages lie; None: they come from the index."""

    wheel: str
    version: str
    lock: str
    source_lock: str = ""
    folder: str | None = None

    def steps(self, home: str) -> tuple[Step, ...]:
        """Install everything into the virtual environment `home`, the packages it needs first."""
        # -I: no module from the working directory, the environment or a home folder.  TMPDIR lies on the disk: on trixie /tmp is a
        # small file system in memory.
        pip = ("env", "TMPDIR=/var/tmp", f"{home}/bin/python", "-I", "-m", "pip", "install", "--disable-pip-version-check")
        if not self.lock:
            return (Run((*pip, "--no-index", f"{self.wheel}{EXTRAS}")),)
        origin = () if self.folder is None else ("--no-index", "--find-links", self.folder)
        hashed = (*pip, *origin, "--require-hashes", "--no-deps")
        steps: list[Step] = [
            Write(f"{home}/{LOCK}", self.lock),
            Run((*hashed, "--only-binary", ":all:", "-r", f"{home}/{LOCK}")),
        ]
        if self.source_lock:
            steps.append(Write(f"{home}/{SOURCE_LOCK}", self.source_lock))
            steps.append(Run((*hashed, "--no-build-isolation", "-r", f"{home}/{SOURCE_LOCK}")))
        return (*steps, Run((*pip, "--no-index", "--no-deps", self.wheel)))


def wheel_source(wheel: Path, *, index_closed: bool = False) -> WheelSource:
    """What a wheel file brings.  index_closed: pip on this machine has its packages from a folder of its owner's.

    Raises InstallError when it is no wheel of this program.
    """
    parts = wheel.name.split("-")
    if wheel.suffix != ".whl" or parts[0] != "backlift_station" or len(parts) < 5:
        raise InstallError(f"{wheel}: is not a wheel file of this program; it is called backlift_station-VERSION-py3-none-any.whl")
    try:
        with zipfile.ZipFile(wheel) as archive:
            inside = {name: archive.read(f"{_INSIDE}/{name}").decode() for name in (LOCK, SOURCE_LOCK)}
    except (OSError, zipfile.BadZipFile) as error:
        raise InstallError(f"{wheel}: cannot be read ({error}); was it downloaded completely?") from None
    except KeyError:
        raise InstallError(f"{wheel}: names no packages with hashes; take a wheel of a newer version") from None
    path = str(wheel.absolute())
    beside = wheel.parent / LOCK
    if beside.is_file():
        return WheelSource(path, parts[1], beside.read_text(encoding="utf-8"), folder=str(wheel.parent.absolute()))
    if index_closed:
        return WheelSource(path, parts[1], "")
    return WheelSource(path, parts[1], inside[LOCK], inside[SOURCE_LOCK])


def own_wheel() -> Path | None:
    """The wheel file from which the running program was installed, as pip noted it (PEP 610); None where it is gone."""
    try:
        noted = distribution("backlift-station").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    url = urlsplit(json.loads(noted)["url"]) if noted else urlsplit("")
    path = Path(unquote(url.path))
    return path if url.scheme == "file" and path.suffix == ".whl" and path.is_file() else None
