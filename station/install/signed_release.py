"""A release on the stick that may be installed because the project's maintainers signed it.

A release is a .deb, `SHA256SUMS` with its name and hash, and `SHA256SUMS.sig`: the Ed25519 signature (RFC 8032) of that list.  The
public key is part of the program that runs, so only what the same maintainers made follows it.  The stick belongs to the station's
user, who must not become root by it: everything is copied to a folder of root's first, and only the copies are looked at.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from pathlib import Path

from station.install.steps import InstallError
from station.install.version_order import is_older

STICK = Path("/media/backlift")
SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
RELEASE_KEY = Path(__file__).with_name("release_key.pem")
"""The maintainers' public key; docs/releasing.md says how it is made.  Without it no release is taken from the stick."""
ARCHITECTURES = {"aarch64": "arm64", "x86_64": "amd64"}
"""Machine as Python names it -> as Debian does."""
LARGEST_BYTES = 1_000_000_000
_VERSION = r"\d+(?:\.\d+){1,3}(?:~(?:a|b|rc|dev)\d+)?"


def newer_on(folder: Path, running: str, machine: str) -> tuple[str, Path] | None:
    """The newest .deb of this program for this machine in a folder, and its version; None unless it is newer than what runs.

    Raises OSError where the folder cannot be read.
    """
    name = re.compile(rf"backlift-station_({_VERSION})_{ARCHITECTURES.get(machine, '-')}\.deb")
    best = None
    for path in folder.iterdir():
        if (found := name.fullmatch(path.name)) and is_older(best[0] if best else running, found[1]):
            best = found[1], path
    return best


def is_offered(package: Path) -> bool:
    """Whether the maintainers' key is known and a signature lies beside the package; it is checked at the installation."""
    return RELEASE_KEY.exists() and all((package.parent / name).is_file() for name in (SUMS, SIGNATURE))


def signed_copy(package: Path, into: Path) -> Path:
    """Copy a release into a folder of root's and check the copy; returns the copied package.  Raises InstallError."""
    if not RELEASE_KEY.exists():
        raise InstallError(f"this version carries no key of a release; install it by hand: sudo apt install {package}")
    for name in (package.name, SUMS, SIGNATURE):
        _copy(package.parent / name, into / name)
    _check(into / package.name, (into / SUMS).read_bytes(), (into / SIGNATURE).read_bytes())
    return into / package.name


def _copy(source: Path, target: Path) -> None:
    try:
        # Not through a link, and a pipe must not hold root up.
        with open(source, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_BYTES:
                raise InstallError(f"{source}: is not a file of a release")
            with target.open("xb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
    except OSError as error:
        raise InstallError(f"{source}: cannot be read ({error.strerror}); is the stick still in?") from None


def _check(package: Path, sums: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(RELEASE_KEY.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise InstallError(f"{RELEASE_KEY.name}: is not an Ed25519 key")
    try:
        key.verify(signature, sums)
    except InvalidSignature:
        raise InstallError(f"{SUMS} is not signed by the makers of this program; nothing was installed") from None
    with package.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    listed = {tuple(line.split(maxsplit=1)) for line in sums.decode(errors="replace").splitlines()}
    if not listed & {(digest, package.name), (digest, f"*{package.name}"), (digest, f"dist/{package.name}")}:
        raise InstallError(f"{package.name}: its hash is not in {SUMS}; was it copied completely? Nothing was installed")
