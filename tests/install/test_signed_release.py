"""Root installs what the maintainers signed and nothing else, whatever somebody lays on the stick."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from station.cli import install as command
from station.install import signed_release, update_progress
from station.install.signed_release import SIGNATURE, SUMS, signed_copy
from station.install.steps import InstallError, Worker
from station.install.target_machine import look
from station.install.update_progress import UPDATE_REQUESTED, UpdateProgress, read_progress

ROOT = Path(__file__).parents[2]
DEB = "backlift-station_0.2.0_arm64.deb"


class Stick:
    """A stick with a release, signed with a key of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = Ed25519PrivateKey.generate()
        self.package = folder / DEB
        self.package.write_bytes(b"a program")
        self.sign(f"{hashlib.sha256(b'a program').hexdigest()}  {DEB}\n")

    def sign(self, sums: str) -> None:
        (self.folder / SUMS).write_text(sums)
        (self.folder / SIGNATURE).write_bytes(self.key.sign(sums.encode()))


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stick:
    (tmp_path / "stick").mkdir()
    stick = Stick(tmp_path / "stick")
    trust(stick.key.public_key(), tmp_path, monkeypatch)
    return stick


@pytest.fixture
def safe(tmp_path: Path) -> Path:
    """The folder of root's."""
    folder = tmp_path / "safe"
    folder.mkdir()
    return folder


def trust(public_key: object, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "release_key.pem"
    path.write_bytes(public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))  # type: ignore[attr-defined]
    monkeypatch.setattr(signed_release, "RELEASE_KEY", path)


def test_a_signed_release_is_taken_as_a_copy(stick: Stick, safe: Path) -> None:
    copy = signed_copy(stick.package, safe)
    stick.package.write_bytes(b"something else, laid there after it was checked")
    assert copy.parent == safe and copy.read_bytes() == b"a program"


def change_program(stick: Stick) -> None:
    stick.package.write_bytes(b"b program")


def change_list(stick: Stick) -> None:
    stick.package.write_bytes(b"b program")
    (stick.folder / SUMS).write_text(f"{hashlib.sha256(b'b program').hexdigest()}  {DEB}\n")


def sign_with_another_key(stick: Stick) -> None:
    stick.key = Ed25519PrivateKey.generate()
    stick.sign((stick.folder / SUMS).read_text())


def give_an_old_one_a_new_name(stick: Stick) -> None:
    stick.sign((stick.folder / SUMS).read_text().replace("0.2.0", "0.0.9"))


def cut_signature(stick: Stick) -> None:
    (stick.folder / SIGNATURE).write_bytes((stick.folder / SIGNATURE).read_bytes()[:-1])


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (change_program, "hash is not in"),
        (change_list, "not signed by the makers"),
        (sign_with_another_key, "not signed by the makers"),
        (give_an_old_one_a_new_name, "hash is not in"),
        (cut_signature, "not signed by the makers"),
    ],
)
def test_anything_else_is_declined(stick: Stick, safe: Path, attack: Callable[[Stick], None], words: str) -> None:
    attack(stick)
    with pytest.raises(InstallError, match=words):
        signed_copy(stick.package, safe)


def lay_link(path: Path) -> None:
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))


def lay_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("name", [DEB, SUMS, SIGNATURE])
@pytest.mark.parametrize("lay", [lay_link, lay_pipe, Path.unlink])
def test_a_link_or_a_pipe_in_place_of_a_file_is_declined_at_once(
    stick: Stick, safe: Path, name: str, lay: Callable[[Path], None]
) -> None:
    lay(stick.folder / name)
    with pytest.raises(InstallError, match=name):
        signed_copy(stick.package, safe)


def test_a_file_too_large_for_a_release_is_not_copied(stick: Stick, safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_release, "LARGEST_BYTES", 8)
    with pytest.raises(InstallError, match="not a file of a release"):
        signed_copy(stick.package, safe)
    assert list(safe.iterdir()) == []


def test_without_a_key_the_way_by_hand_is_said(stick: Stick, safe: Path) -> None:
    signed_release.RELEASE_KEY.unlink()
    with pytest.raises(InstallError, match=f"sudo apt install {stick.package}"):
        signed_copy(stick.package, safe)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_what_the_release_page_tells_to_type_makes_a_key_and_a_signature_that_are_taken(
    stick: Stick, safe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = re.findall(r"openssl [^\n`]+", (ROOT / "docs/releasing.md").read_text(encoding="utf-8"))
    sign, *make_key = typed
    assert len(make_key) == 2 and "-sign" in sign
    (tmp_path / "station/install").mkdir(parents=True)
    (tmp_path / "dist").symlink_to(stick.folder)
    for line in (*make_key, sign):
        subprocess.run(line.split(), cwd=tmp_path, check=True)
    monkeypatch.setattr(signed_release, "RELEASE_KEY", tmp_path / "station/install/release_key.pem")
    assert signed_copy(stick.package, safe).read_bytes() == b"a program"


def test_only_the_kind_of_key_the_release_page_makes_is_taken(
    stick: Stick, safe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(generate_private_key(65537, 2048).public_key(), tmp_path, monkeypatch)
    with pytest.raises(InstallError, match="not an Ed25519 key"):
        signed_copy(stick.package, safe)


class Dpkg:
    """What root runs: the running version is 0.1.0, and dpkg may fail."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.ran: list[tuple[str, ...]] = []
        self.told_meanwhile: UpdateProgress | None = None

    def __call__(self, command: tuple[str, ...]) -> tuple[int, str]:
        self.ran.append(command)
        if "-c" in command:
            return 0, "0.1.0\n"
        self.told_meanwhile = read_progress(update_progress.PROGRESS)
        return (1, "postinst failed\n") if self.fails else (0, "")


@pytest.fixture
def machine(tmp_path: Path, stick: Stick, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed Pi with the stick in it, on which an update was asked for."""
    root = tmp_path / "root"
    (root / "run/backlift").mkdir(parents=True)
    (root / "run/backlift" / UPDATE_REQUESTED).touch()
    monkeypatch.setattr(command, "ROOT", root)
    monkeypatch.setattr(signed_release, "STICK", stick.folder)
    monkeypatch.setattr(update_progress, "PROGRESS", root / "run/backlift-update/progress.json")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    return root


def upgrade(root: Path, runner: Dpkg, monkeypatch: pytest.MonkeyPatch) -> Result:
    found = look(root, lambda words: (1, ""), is_root=True)
    monkeypatch.setattr(command, "_begin", lambda: (found, Worker(root, runner, lambda line: None)))
    return CliRunner().invoke(command.upgrade, ["--from-stick"])


def test_setups_request_installs_a_copy_once_and_says_how_it_goes(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Dpkg()
    done = upgrade(machine, runner, monkeypatch)
    assert (done.exit_code, done.output) == (0, "Version 0.2.0 runs.\n")
    *_, (program, verb, package) = runner.ran
    assert (program, verb, Path(package).name) == ("dpkg", "--install", DEB)
    assert Path(package).parent.parent == Path("/var/tmp") and not Path(package).exists(), "root's own copy, gone afterwards"
    assert runner.told_meanwhile == UpdateProgress("running", "0.2.0")
    assert read_progress(update_progress.PROGRESS) == UpdateProgress("done", "0.2.0")
    assert not (machine / "run/backlift" / UPDATE_REQUESTED).exists(), "else systemd would start it again and again"


def test_an_update_that_fails_or_is_not_signed_says_why_to_the_station(
    machine: Path, stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    for runner, attack, words in ((Dpkg(fails=True), None, "postinst failed"), (Dpkg(), change_program, "hash is not in")):
        if attack:
            attack(stick)
        failed = upgrade(machine, runner, monkeypatch)
        assert isinstance(failed.exception, InstallError)
        progress = read_progress(update_progress.PROGRESS)
        assert progress is not None
        assert (progress.state, progress.version) == ("failed", "0.2.0")
        assert words in progress.words
    assert not any("dpkg" in ran for ran in runner.ran), "what is not signed is not handed to dpkg"


def test_an_older_release_is_not_installed_however_well_it_is_signed(
    machine: Path, stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick.package = stick.package.rename(stick.folder / DEB.replace("0.2.0", "0.0.9"))
    stick.sign(f"{hashlib.sha256(b'a program').hexdigest()}  {stick.package.name}\n")
    runner = Dpkg()
    failed = upgrade(machine, runner, monkeypatch)
    assert "newer than 0.1.0" in str(failed.exception)
    assert not any("dpkg" in ran for ran in runner.ran)
    assert not (machine / "run/backlift" / UPDATE_REQUESTED).exists()


def test_without_a_stick_that_is_said(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_release, "STICK", machine / "no-stick")
    assert "a stick named BACKLIFT" in str(upgrade(machine, Dpkg(), monkeypatch).exception)
