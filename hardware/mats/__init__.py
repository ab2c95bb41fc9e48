"""The mat files that come with the project."""

from __future__ import annotations

from pathlib import Path

from hardware.errors import MatFileError
from hardware.mat import Mat, load_mat

SUFFIX = ".mat.toml"
_HERE = Path(__file__).parent


def shipped_mats() -> dict[str, Path]:
    """Name ("full-16") and file of every mat that comes with the project, largest first."""
    files = {path.name.removesuffix(SUFFIX): path for path in _HERE.glob("*" + SUFFIX)}
    return dict(sorted(files.items(), key=lambda item: -int(item[0].rpartition("-")[2])))


def find_mat(name_or_file: str) -> tuple[Mat, Path]:
    """The mat that ships under this name, or else the one in this file.  Raises MatFileError."""
    shipped = shipped_mats()
    path = shipped.get(name_or_file, Path(name_or_file))
    if name_or_file not in shipped and not path.exists() and not path.name.endswith(".toml"):
        raise MatFileError(f"{name_or_file}: no such file, and no mat of that name comes with the project: {', '.join(shipped)}")
    return load_mat(path), path
