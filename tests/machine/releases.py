"""The files of two releases, for the commands of docs/install.md: what was built, and the same under the next version's number."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

SHARE = "usr/share/backlift-station"


def make(deb: Path, into: Path, versions: list[str]) -> None:
    """A .deb and a wheel of each version, their SHA256SUMS, and in `packages` all wheels they need, as a folder for pip.

    deb: of any version; it is relabelled as each of `versions`, those that the documents name.
    """
    into.mkdir(parents=True, exist_ok=True)
    for version in versions:
        with tempfile.TemporaryDirectory() as work:
            root = Path(work) / "root"
            subprocess.run(["dpkg-deb", "--raw-extract", deb, root], check=True)
            (wheel,) = (root / SHARE).glob("backlift_station-*.whl")
            made = relabelled(wheel, version, into)
            wheel.unlink()
            shutil.copytree(root / SHARE, into / "packages", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.lock"))
            shutil.copy(made, root / SHARE)
            control = root / "DEBIAN/control"
            control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
            named = into / f"backlift-station_{version}_{deb.stem.rpartition('_')[2]}.deb"
            subprocess.run(
                ["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, named], check=True, stdout=subprocess.DEVNULL
            )
    files = [path for path in sorted(into.iterdir()) if path.suffix in (".deb", ".whl")]
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (into / "SHA256SUMS").write_text("".join(sums))


def relabelled(wheel: Path, version: str, into: Path) -> Path:
    """The same wheel under another version's number."""
    old = wheel.name.split("-")[1]
    target = into / wheel.name.replace(f"-{old}-", f"-{version}-")
    with zipfile.ZipFile(wheel) as present, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in present.namelist():
            data = present.read(name)
            if name.endswith(".dist-info/RECORD"):
                data = data.replace(f"backlift_station-{old}.dist-info".encode(), f"backlift_station-{version}.dist-info".encode())
            if name.endswith(".dist-info/METADATA"):
                data = data.replace(f"\nVersion: {old}\n".encode(), f"\nVersion: {version}\n".encode(), 1)
            new.writestr(name.replace(f"-{old}.dist-info/", f"-{version}.dist-info/"), data)
    return target
