"""The check and the calibration of a mat, led from a tablet: commands and frames in, an event whenever something changed.

Lives in the detection thread, beside the practice: both see the same frames, and nobody practises while zones are pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Literal, TypeVar

from hardware.calibrate import Calibration
from hardware.calibration import ZoneCalibration
from hardware.check import Check
from hardware.frames import Frame
from hardware.mat import Mat
from hardware.scanner import ScannerStatus
from station.messages import (
    CalibrateEvent,
    CalibrateFinish,
    CalibrateStart,
    CalibrateStop,
    CalibrateWeight,
    CalibrationPoint,
    CheckAnswer,
    CheckEvent,
    CheckFinding,
    CheckStart,
    CheckStop,
    Command,
)
from station.service.declined import DeclinedError
from station.service.dispatcher import Handler

Work = TypeVar("Work", Check, Calibration)


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
        tell: Callable[[CheckEvent | CalibrateEvent], object],
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
        self._told: CheckEvent | CalibrateEvent | None = None

    @property
    def active(self) -> bool:
        return self._work is not None

    @property
    def handlers(self) -> dict[type[Command], Handler]:
        """The commands of check and calibration, for the detection thread; each answers with what everybody is told."""
        table: dict[type[Command], Callable[[Any], CheckEvent | CalibrateEvent]] = {
            CheckStart: lambda command: self._begin(Check(self._mat, self._rate_hz, self._status)),
            CheckAnswer: lambda command: self._answer(Check, command.answer),
            CheckStop: lambda command: self._stop(Check),
            CalibrateStart: lambda command: self._begin(Calibration(self._mat, self._keep, self._wall_s, zones=[command.zone])),
            CalibrateWeight: lambda command: self._answer(Calibration, f"{command.force_n:.3f} n"),
            CalibrateFinish: lambda command: self._answer(Calibration, "done"),
            CalibrateStop: lambda command: self._stop(Calibration),
        }
        return {kind: Handler("detection", run) for kind, run in table.items()}

    def _begin(self, work: Check | Calibration) -> CheckEvent | CalibrateEvent:
        self._work = work
        return self._continue()

    def _answer(self, kind: type[Work], answer: str) -> CheckEvent | CalibrateEvent:
        self._current(kind).answer(answer)
        return self._continue()

    def _stop(self, kind: type[Work]) -> CheckEvent | CalibrateEvent:
        event = _event(self._current(kind), self._mat)
        self._work = None
        return self._say(replace(event, state="stopped"))

    def feed(self, frames: Iterable[Frame]) -> None:
        """The frames that came since the last call."""
        if self._work is None:
            return
        for frame in frames:
            self._work.feed(frame)
        self._continue()

    def _current(self, kind: type[Work]) -> Work:
        if not isinstance(self._work, kind):
            raise DeclinedError("nothing_started", what=kind.__name__.lower())
        return self._work

    def _continue(self) -> CheckEvent | CalibrateEvent:
        assert self._work is not None
        event = self._say(_event(self._work, self._mat))
        if self._work.finished:
            self._work = None
        return event

    def _say(self, event: CheckEvent | CalibrateEvent) -> CheckEvent | CalibrateEvent:
        if event != self._told:
            self._told = event
            self._tell(event)
        return event


def _event(work: Check | Calibration, mat: Mat) -> CheckEvent | CalibrateEvent:
    return _check_event(work, mat) if isinstance(work, Check) else _calibrate_event(work)


def _check_event(check: Check, mat: Mat) -> CheckEvent:
    names, zone = mat.zone_names, check.prompt.zone
    return CheckEvent(
        state="done" if check.finished else "asking",
        zone=zone,
        words=check.prompt.words,
        step=len(names) if check.finished else names.index(zone) if zone else 0,
        steps=len(names),
        results=tuple(CheckFinding(found.zone, found.grade != "fault", found.words) for found in check.result.findings),
    )


def _calibrate_event(calibration: Calibration) -> CalibrateEvent:
    prompt, fit = calibration.prompt, calibration.fit
    state: Literal["waiting", "measuring", "ready", "done", "declined"]
    if calibration.finished:
        state = "done" if calibration.saved else "declined"
    elif prompt.kind != "weight":
        state = "measuring"
    else:
        state = "ready" if fit else "waiting"
    words = prompt.words if not calibration.words else f"{calibration.words[0].upper()}{calibration.words[1:]}. {prompt.words}"
    return CalibrateEvent(
        state=state,
        zone=prompt.zone,
        words=words,
        points=tuple(CalibrationPoint(force_n, siemens) for force_n, siemens in calibration.weighed),
        k=None if fit is None else fit.k,
        gamma=None if fit is None else fit.gamma,
        residual=None if fit is None else fit.residual,
    )
