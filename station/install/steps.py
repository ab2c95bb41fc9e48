"""The kinds of step an installation is made of, and who carries them out.

Every step may be done again without harm: it says "already so" and changes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hardware.errors import BackliftError


class InstallError(BackliftError, RuntimeError):
    """The installation cannot be done, or stopped half way; the message says at which step and what to do."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Make a folder."""

    path: str
    mode: int = 0o755

    @property
    def words(self) -> str:
        return f"folder {self.path}"


@dataclass(frozen=True, slots=True)
class Write:
    """Write a file whole.  keep: a file that is there already is left as it is, whatever it says."""

    path: str
    text: str
    mode: int = 0o644
    keep: bool = False

    @property
    def words(self) -> str:
        return f"write {self.path}" + (" (kept if it is there)" if self.keep else "")


@dataclass(frozen=True, slots=True)
class Link:
    """Point a symbolic link at something, in one move: at no moment is there no link."""

    path: str
    target: str

    @property
    def words(self) -> str:
        return f"link {self.path} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a file, a link, or (whole) a folder."""

    path: str

    @property
    def words(self) -> str:
        return f"remove {self.path}"


@dataclass(frozen=True, slots=True)
class Run:
    """Run a command.  needed: False where its failing is no reason to stop."""

    command: tuple[str, ...]
    needed: bool = True

    @property
    def words(self) -> str:
        return "run " + " ".join(self.command)


Step = Folder | Write | Link | Remove | Run


class Runner(Protocol):
    """Runs a command, waits, returns its exit code and what it said."""

    def __call__(self, command: tuple[str, ...]) -> tuple[int, str]: ...


PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TERM", "http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_CERT")
"""What commands are given of the caller's environment: nothing that makes Python or pip load code from somewhere else."""
MOST_SAID = 200_000
"""Letters kept of what a command says, the last ones."""


def run_command(command: tuple[str, ...]) -> tuple[int, str]:
    """The real runner: in "/", for no program may load anything from the caller's folder, and with little of her environment.

    A program that is not there counts as one that failed.
    """
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            command,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return 127, f"{command[0]}: {error.strerror}"
    return done.returncode, done.stdout[-MOST_SAID:]


@dataclass(frozen=True, slots=True)
class Worker:
    """Carries steps out below `root` ("/" on a real machine), telling each in a line."""

    root: Path
    run: Runner
    tell: Callable[[str], None]
    changed: list[str] = field(default_factory=list)

    def carry_out(self, steps: Iterable[Step]) -> None:
        """Do every step in order.  Raises InstallError at the first that fails; what was done before stays done."""
        for step in steps:
            if isinstance(step, Run):
                self._run(step)
                continue
            try:
                new = self._change(step)
            except OSError as error:
                raise InstallError(f"{step.words}: {error.strerror}; what was done so far stays and does no harm") from None
            if new:
                self.changed.append(step.path)
            self.tell(step.words + ("" if new else ": already so"))

    def carry_out_or_go_back(self, forth: Iterable[Step], back: Iterable[Step]) -> None:
        """Do `forth`; if any of it fails, do `back` and raise InstallError with the reason."""
        try:
            self.carry_out(forth)
        except InstallError as error:
            self.tell(f"that failed: {error}")
            self.tell("going back")
            self.carry_out(back)
            raise InstallError(
                f"the new version did not report ready, so the one before runs again, with the data as they were ({error}); "
                "see: backlift logs"
            ) from None

    def _run(self, step: Run) -> None:
        self.tell(step.words)
        code, said = self.run(step.command)
        if code and step.needed:
            last = (said.strip().splitlines() or ["it said nothing"])[-1]
            raise InstallError(f"{step.words}: failed with code {code}: {last}")

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _change(self, step: Folder | Write | Link | Remove) -> bool:
        """Whether there was anything to do."""
        at = self._at(step.path)
        match step:
            case Folder():
                if at.is_dir() and at.stat().st_mode & 0o777 == step.mode:
                    return False
                at.mkdir(parents=True, exist_ok=True)
                at.chmod(step.mode)
            case Write():
                if at.exists() and (
                    step.keep or (at.read_text(encoding="utf-8") == step.text and at.stat().st_mode & 0o777 == step.mode)
                ):
                    return False
                at.parent.mkdir(parents=True, exist_ok=True)
                new = at.with_name(at.name + ".new")
                new.unlink(missing_ok=True)
                handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, step.mode)
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    os.fchmod(handle, step.mode)
                    file.write(step.text)
                new.replace(at)
            case Link():
                if at.is_symlink() and str(at.readlink()) == step.target:
                    return False
                at.parent.mkdir(parents=True, exist_ok=True)
                new = at.with_name(at.name + ".new")
                new.unlink(missing_ok=True)
                new.symlink_to(step.target)
                new.replace(at)
            case Remove():
                if not at.exists() and not at.is_symlink():
                    return False
                _remove(at)
        return True


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink()
    elif shutil.rmtree.avoids_symlink_attacks:
        # By directory descriptors: a folder that somebody swaps for a link meanwhile is not followed.
        shutil.rmtree(path)
    else:
        raise OSError(None, "this system cannot remove a folder without following links")
