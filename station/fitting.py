"""The check of a mat as a tablet leads through it: commands in, frames in, and an event whenever there is something new to say.

Lives in the pipeline's thread, beside the practice: both see the same frames, and nobody practises while zones are pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from hardware.check import Check
from hardware.errors import BackliftError
from hardware.frames import Frame
from hardware.mat import Mat
from hardware.scanner import ScannerStatus
from station.commands import CheckAnswer, CheckStart, CheckStop, Command


class NothingToAnswerError(BackliftError, RuntimeError):
    """An answer came while no check was going on."""


class Fitting:
    """At most one check at a time.

    status: the scanner's, asked when the check looks at the boards.  tell: publishes an event.
    """

    def __init__(
        self, mat: Mat, rate_hz: float, status: Callable[[], ScannerStatus], tell: Callable[[Mapping[str, Any]], object]
    ) -> None:
        self._mat = mat
        self._rate_hz = rate_hz
        self._status = status
        self._tell = tell
        self._check: Check | None = None
        self._told: Mapping[str, Any] = {}

    @property
    def active(self) -> bool:
        return self._check is not None

    def order(self, command: Command) -> Mapping[str, Any]:
        """Do what the tablet asks; the answer is what everybody is told.  Raises NothingToAnswerError."""
        if isinstance(command, CheckStart):
            self._check = Check(self._mat, self._rate_hz, self._status)
            return self._say("asking")
        if self._check is None:
            raise NothingToAnswerError("no check is going on; start one first")
        if isinstance(command, CheckAnswer):
            self._check.answer(command.answer)
            return self._go_on()
        assert isinstance(command, CheckStop)
        said = self._say("stopped")
        self._check = None
        return said

    def feed(self, frames: Iterable[Frame]) -> None:
        """The frames that came since the last call."""
        if self._check is None:
            return
        for frame in frames:
            self._check.feed(frame)
        self._go_on()

    def _go_on(self) -> Mapping[str, Any]:
        assert self._check is not None
        done = self._check.finished
        said = self._say("done" if done else "asking")
        if done:
            self._check = None
        return said

    def _say(self, state: Literal["asking", "done", "stopped"]) -> Mapping[str, Any]:
        """Tell everybody where the check is, if that is new."""
        assert self._check is not None
        prompt = self._check.prompt
        names = self._mat.zone_names
        said = {
            "type": "check",
            "state": state,
            "zone": prompt.zone,
            "words": prompt.words,
            "step": len(names) if state == "done" else names.index(prompt.zone) if prompt.zone else 0,
            "steps": len(names),
            "results": [
                {"zone": found.zone, "ok": found.grade != "fault", "words": found.words} for found in self._check.result.findings
            ],
        }
        if said != self._told:
            self._told = said
            self._tell(said)
        return said
