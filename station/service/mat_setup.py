"""The check and the calibration of a mat as a tablet leads through them: commands and frames in, an event whenever there is news.

Lives in the pipeline's thread, beside the practice: both see the same frames, and nobody practises while zones are pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from hardware.calibrate import Calibration
from hardware.calibration import ZoneCalibration
from hardware.check import Check
from hardware.errors import BackliftError
from hardware.frames import Frame
from hardware.mat import Mat
from hardware.scanner import ScannerStatus
from station.messages import (
    CalibrateFinish,
    CalibrateStart,
    CalibrateStop,
    CalibrateWeight,
    CheckAnswer,
    CheckStart,
    CheckStop,
)

MatSetupCommand = CheckStart | CheckAnswer | CheckStop | CalibrateStart | CalibrateWeight | CalibrateFinish | CalibrateStop
Work = TypeVar("Work", Check, Calibration)


class NothingToAnswerError(BackliftError, RuntimeError):
    """An answer came while nothing was asked."""


class MatSetup:
    """At most one check or calibration at a time.

    status: the scanner's, asked when the check looks at the boards.  tell: publishes an event.  keep: keeps a calibration for good.
    """

    def __init__(
        self,
        mat: Mat,
        rate_hz: float,
        *,
        status: Callable[[], ScannerStatus],
        tell: Callable[[Mapping[str, Any]], object],
        keep: Callable[[ZoneCalibration], None],
        wall_s: Callable[[], float],
    ) -> None:
        self._mat = mat
        self._rate_hz = rate_hz
        self._status = status
        self._tell = tell
        self._keep = keep
        self._wall_s = wall_s
        self._work: Check | Calibration | None = None
        self._told: Mapping[str, Any] = {}

    @property
    def active(self) -> bool:
        return self._work is not None

    def order(self, command: MatSetupCommand) -> Mapping[str, Any]:
        """Do what the tablet asks; the answer is what everybody is told.  Raises NothingToAnswerError, CalibrationError."""
        match command:
            case CheckStart():
                self._work = Check(self._mat, self._rate_hz, self._status)
            case CalibrateStart():
                self._work = Calibration(self._mat, self._keep, self._wall_s, zones=[command.zone])
            case CheckAnswer():
                self._going_on(Check).answer(command.answer)
            case CalibrateWeight():
                self._going_on(Calibration).answer(f"{command.force_n:.3f} n")
            case CalibrateFinish():
                self._going_on(Calibration).answer("done")
            case CheckStop() | CalibrateStop():
                picture = _picture(
                    self._going_on(Check) if isinstance(command, CheckStop) else self._going_on(Calibration), self._mat
                )
                self._work = None
                return self._say({**picture, "state": "stopped"})
        return self._go_on()

    def feed(self, frames: Iterable[Frame]) -> None:
        """The frames that came since the last call."""
        if self._work is None:
            return
        for frame in frames:
            self._work.feed(frame)
        self._go_on()

    def _going_on(self, kind: type[Work]) -> Work:
        if not isinstance(self._work, kind):
            raise NothingToAnswerError(f"no {kind.__name__.lower()} is going on; start one first")
        return self._work

    def _go_on(self) -> Mapping[str, Any]:
        assert self._work is not None
        said = self._say(_picture(self._work, self._mat))
        if self._work.finished:
            self._work = None
        return said

    def _say(self, picture: Mapping[str, Any]) -> Mapping[str, Any]:
        if picture != self._told:
            self._told = picture
            self._tell(picture)
        return picture


def _picture(work: Check | Calibration, mat: Mat) -> dict[str, Any]:
    return _check_picture(work, mat) if isinstance(work, Check) else _calibration_picture(work)


def _check_picture(check: Check, mat: Mat) -> dict[str, Any]:
    """state: asking or done.  step of steps: how far; results: what was found so far."""
    names, zone = mat.zone_names, check.prompt.zone
    return {
        "type": "check",
        "state": "done" if check.finished else "asking",
        "zone": zone,
        "words": check.prompt.words,
        "step": len(names) if check.finished else names.index(zone) if zone else 0,
        "steps": len(names),
        "results": [{"zone": found.zone, "ok": found.grade != "fault", "words": found.words} for found in check.result.findings],
    }


def _calibration_picture(calibration: Calibration) -> dict[str, Any]:
    """state: waiting for a weight, measuring, ready (it would do), done (kept) or declined."""
    prompt, fit = calibration.prompt, calibration.fit
    if calibration.finished:
        state = "done" if calibration.saved else "declined"
    elif prompt.kind != "weight":
        state = "measuring"
    else:
        state = "ready" if fit else "waiting"
    words = prompt.words if not calibration.words else f"{calibration.words[0].upper()}{calibration.words[1:]}. {prompt.words}"
    return {
        "type": "calibrate",
        "state": state,
        "zone": prompt.zone,
        "words": words,
        "points": [{"force_n": force_n, "siemens": siemens} for force_n, siemens in calibration.weighed],
        "k": fit and fit.k,
        "gamma": fit and fit.gamma,
        "residual": fit and fit.residual,
    }
