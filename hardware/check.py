"""The guided check of a mat: is every zone there, quiet, and where the mat file says it is?

A state machine and nothing else: frames and answers go in, what to tell the person and what was found come out.  The terminal and
the tablet drive the same one.  First the mat lies empty for a moment (rate, noise, faults that need no hands), then the zones are
pressed one after another; who answers a press tells which wires, or which whole boards, are exchanged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hardware.clock import Clock
from hardware.fault_list import FAULTS
from hardware.frames import CODES_PER_VOLT, MISSING, Frame
from hardware.health import RAIL_SHARE, HealthMonitor, bus_words, place
from hardware.mat import Mat, Zone
from hardware.scanner import Scanner, ScannerStatus

LOOK_S = 3.0
PRESS_VOLTS = 0.2
PRESSED_FOR_S = 0.5
GIVE_UP_S = 20.0
SMOOTH_FRAMES = 10
EMPTY_VOLTS = 0.5
RATE_SHARE = 0.98
LATE_SHARE = 0.01
TWIN_VOLTS = 0.02
"""Inputs that are joined read the same; a neighbour under the foam rises too, but to a level of its own."""

PRESSED_ALL_THE_SAME = (None, "zone_gaps", "zone_noisy", "zone_flickering", "zone_twin", "zone_saturated")
"""A zone with such a fault may still answer a press."""

SUPPLY_OFF, SUPPLY_MOST_OFF = 0.05, 0.2
"""Of the nominal supply: worth a note from here on; further off it is not the supply that is wrong."""

Grade = Literal["good", "note", "fault"]
PromptKind = Literal["wait", "press", "release", "weight", "unload", "leave", "done"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the person is asked to do now.

    zone: the one it is about.  answers: words that may be given instead of doing it.  left_s: seconds to wait, where that is known.
    """

    kind: PromptKind
    words: str
    zone: str | None = None
    answers: tuple[str, ...] = ()
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found out; zone None when it concerns the whole mat or the machine."""

    grade: Grade
    words: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneLevel:
    """A zone as it stands now, for a picture: volts (None: no reading) and whether it is pressed."""

    zone: str
    volts: float | None
    pressed: bool


@dataclass(frozen=True, slots=True)
class CheckResult:
    """All findings; unpressed: zones that were to be pressed and were not; zones: of the mat.

    passed: none is a fault.  complete: every zone was pressed as well.
    """

    findings: tuple[Finding, ...]
    unpressed: int = 0
    zones: int = 0

    @property
    def passed(self) -> bool:
        return all(finding.grade != "fault" for finding in self.findings)

    @property
    def complete(self) -> bool:
        return self.passed and not self.unpressed

    @property
    def verdict(self) -> str:
        faults = sum(finding.grade == "fault" for finding in self.findings)
        if faults:
            return f"{faults} thing{'s' if faults > 1 else ''} to mend."
        if self.unpressed:
            return f"Nothing to mend so far; {self.unpressed} of {self.zones} zones were not pressed and so not checked."
        return "The mat is well."


class Check:
    """One check of one mat.

    rate_hz: the rate frames ought to come at.  status: the scanner's state, asked for when the first look is over.
    scan_hz: how fast the bus can be read, where that was measured before (see `measure_scan_rate`).  strangers: addresses that
    answer though the mat file does not name them (see `Scanner.strangers`).
    """

    def __init__(
        self,
        mat: Mat,
        rate_hz: float,
        status: Callable[[], ScannerStatus],
        scan_hz: float | None = None,
        strangers: Sequence[int] = (),
    ) -> None:
        self._mat = mat
        self._unpressed = 0
        self._rate_hz = rate_hz
        self._scan_hz = scan_hz
        self._strangers = strangers
        self._status = status
        self._monitor = HealthMonitor(mat)
        self._findings: list[Finding] = []
        self._recent: deque[NDArray[np.float64]] = deque(maxlen=SMOOTH_FRAMES)
        self._rest = np.zeros(len(mat.zone))
        self._noise = np.zeros(len(mat.zone))
        self._t_s = 0.0
        self._stage: Literal["look", "press", "release", "done"] = "look"
        self._since_s: float | None = None
        self._pressed_since_s: float | None = None
        self._frames = self._late = 0
        self._to_press: deque[Zone] = deque()
        self._answered: dict[str, str] = {}

    @property
    def finished(self) -> bool:
        return self._stage == "done"

    @property
    def result(self) -> CheckResult:
        """What was found so far."""
        return CheckResult(tuple(self._findings), self._unpressed, len(self._mat.zone))

    @property
    def levels(self) -> tuple[ZoneLevel, ...]:
        """All zones as they stand now."""
        volts = self._smoothed()
        return tuple(
            ZoneLevel(zone.name, None if np.isnan(v) else float(v), bool(self._stage != "look" and v - rest > PRESS_VOLTS))
            for zone, v, rest in zip(self._mat.zone, volts, self._rest, strict=True)
        )

    @property
    def prompt(self) -> Prompt:
        if self._stage == "look":
            left_s = LOOK_S if self._since_s is None else max(0.0, LOOK_S - (self._t_s - self._since_s))
            return Prompt("wait", "Leave the mat empty for a moment.", left_s=left_s)
        if self._stage == "press":
            zone = self._to_press[0]
            return Prompt("press", f"Press on {zone.name} ({where_on_the_mat(zone)}).", zone.name, ("skip", "stop"))
        if self._stage == "release":
            return Prompt("release", "Thank you. Let go.", answers=("stop",))
        return Prompt("done", self.result.verdict)

    def feed(self, frame: Frame) -> None:
        """One frame, in order of time."""
        self._t_s = frame.t_us / 1e6
        if self._since_s is None:
            self._since_s = self._t_s
        self._monitor.feed([frame])
        volts = frame.codes / float(CODES_PER_VOLT)
        volts[frame.codes == MISSING] = np.nan
        self._recent.append(volts)
        if self._stage == "look":
            self._frames += 1
            self._late += frame.late
            if self._t_s - self._since_s >= LOOK_S:
                self._judge_the_empty_mat(self._t_s - self._since_s)
        elif self._stage == "press":
            self._wait_for_a_press()
        elif self._stage == "release" and np.nan_to_num(self._rise()).max() < PRESS_VOLTS / 2:
            self._next()

    def answer(self, words: str) -> None:
        """ "skip": not this zone; "stop": no further."""
        if self._stage in ("press", "release") and words == "stop":
            for zone in self._to_press:
                self._leave_out(zone)
            self._finish()
        elif self._stage == "press" and words == "skip":
            self._leave_out(self._to_press.popleft())
            self._next()

    def _leave_out(self, zone: Zone) -> None:
        self._unpressed += 1
        self._findings.append(Finding("note", f"{zone.name}: not pressed", zone.name))

    # The empty mat.

    def _judge_the_empty_mat(self, span_s: float) -> None:
        status = self._status()
        self._judge_the_rate((self._frames - 1) / span_s)
        answering = [f"0x{chip.address:02x}" for chip in status.chips if chip.state == "working"]
        self._findings.append(Finding("good", f"sensor boards that answer: {', '.join(answering) or 'none'}"))
        for address in self._strangers:
            words = f"a sensor board answers at 0x{address:02x}, which the mat file does not name: is its address strap right?"
            self._findings.append(Finding("fault" if len(answering) < len(self._mat.chips) else "note", words))
        self._findings += [Finding("fault", words) for words in bus_words(status, self._mat, self._t_s)]
        self._rest = np.nan_to_num(self._smoothed())
        silent_boards = {chip.address for chip in status.chips if chip.state != "working"}
        for zone, health, rest in zip(self._mat.zone, self._monitor.report(status), self._rest, strict=True):
            self._noise[self._mat.zone.index(zone)] = health.noise_volts or 0.0
            if health.fault is not None and zone.chip not in silent_boards:
                grade: Grade = "note" if FAULTS[health.fault].severity == "info" else "fault"
                self._findings.append(Finding(grade, health.words, zone.name))
            elif rest > EMPTY_VOLTS:
                self._findings.append(Finding("note", f"{zone.name}: something lies on it, or the cover presses", zone.name))
            if health.fault in PRESSED_ALL_THE_SAME:
                self._to_press.append(zone)
        self._judge_the_supply()
        self._next()

    def _judge_the_supply(self) -> None:
        """What the empty zones' end resistors tell of the voltage that feeds the sensors."""
        supply_volts = supply_from_end_resistors(self._mat, self._rest)
        nominal = self._mat.mat.supply_volts
        if supply_volts is not None and abs(supply_volts - nominal) > SUPPLY_OFF * nominal:
            words = (
                f"the sensors seem to be fed with {supply_volts:.2f} V, the mat file says {nominal:g} V: measure it, and correct "
                "the supply, or supply_volts in the mat file; until then newtons are wrong by a sixth to a third"
            )
            self._findings.append(Finding("note", words))

    def _judge_the_rate(self, achieved_hz: float) -> None:
        can = "" if self._scan_hz is None else f"; the bus could do {self._scan_hz:.0f}"
        words = f"{achieved_hz:.0f} frames/s of {self._rate_hz:g} asked for{can}"
        late_share = self._late / self._frames
        if achieved_hz < RATE_SHARE * self._rate_hz:
            self._findings.append(Finding("fault", f"{words}: is the I2C clock 400 kHz, and the machine idle?"))
        elif late_share > LATE_SHARE:
            self._findings.append(Finding("note", f"{words}, {late_share:.0%} of them late"))
        else:
            self._findings.append(Finding("good", words))

    # Presses.

    def _smoothed(self) -> NDArray[np.float64]:
        if not self._recent:
            return np.full(len(self._mat.zone), np.nan)
        volts = np.stack(self._recent)
        counts = np.count_nonzero(~np.isnan(volts), axis=0)
        return np.where(counts > 0, np.nansum(volts, axis=0) / np.maximum(counts, 1), np.nan)

    def _rise(self) -> NDArray[np.float64]:
        return self._smoothed() - self._rest

    def _wait_for_a_press(self) -> None:
        assert self._since_s is not None
        zone = self._to_press[0]
        rise = np.nan_to_num(self._rise())
        if rise.max() < max(PRESS_VOLTS, 10 * float(self._noise[int(rise.argmax())])):
            self._pressed_since_s = None
            if self._t_s - self._since_s > GIVE_UP_S:
                self._to_press.popleft()
                self._findings.append(
                    Finding(
                        "fault",
                        f"{zone.name}: dead, no answer to a press; check {place(self._mat, zone)} and the sensor",
                        zone.name,
                    )
                )
                self._next()
            return
        if self._pressed_since_s is None:
            self._pressed_since_s = self._t_s
        if self._t_s - self._pressed_since_s >= PRESSED_FOR_S:
            self._to_press.popleft()
            self._judge_the_press(zone, rise)
            self._stage, self._pressed_since_s = "release", None

    def _judge_the_press(self, zone: Zone, rise: NDArray[np.float64]) -> None:
        volts, strongest = self._smoothed(), int(rise.argmax())
        answering = self._mat.zone[strongest]
        together = [
            other.name
            for other, v, r in zip(self._mat.zone, volts, rise, strict=True)
            if r > PRESS_VOLTS and abs(v - volts[strongest]) < TWIN_VOLTS
        ]
        if len(together) > 1:
            words = f"{' and '.join(together)} answer together: look for wires that touch"
            self._findings.append(Finding("fault", words, zone.name))
            return
        self._answered[zone.name] = answering.name
        if volts[strongest] >= RAIL_SHARE * self._mat.mat.supply_volts:
            where = place(self._mat, answering)
            words = f"{answering.name}: saturated, reads its maximum when pressed; fit a smaller resistor at {where}"
            self._findings.append(Finding("note", words, answering.name))
        elif answering is zone:
            self._findings.append(Finding("good", f"{zone.name}: answers, {rise[strongest]:.2f} V", zone.name))

    def _next(self) -> None:
        self._since_s = self._t_s
        self._stage = "press"
        if not self._to_press:
            self._finish()

    def _finish(self) -> None:
        self._findings += exchanged(self._mat, self._answered)
        self._to_press.clear()
        self._stage = "done"


def supply_from_end_resistors(mat: Mat, rest_volts: NDArray[np.float64]) -> float | None:
    """The voltage that feeds an empty mat's sensors, from what their end resistors let through; None where that cannot be told.

    rest_volts: shape (zones,), each node's reading with nothing on it.  Good to some 3 %: end resistors of 1 %, and an ADC whose
    offset of 3 codes is 2 % of such a reading.  Zones that read far beside it carry something, or are cut.
    """
    end_ohms = mat.mat.end_resistors_ohms
    if end_ohms is None:
        return None
    ohms = np.array([zone.resistor_ohms for zone in mat.zone])
    told = rest_volts * (ohms + end_ohms) / ohms
    believed = told[np.abs(told - mat.mat.supply_volts) < SUPPLY_MOST_OFF * mat.mat.supply_volts]
    return float(np.median(believed)) if len(believed) >= max(2, len(told) / 2) else None


def exchanged(mat: Mat, answered: dict[str, str]) -> list[Finding]:
    """Which boards or wires are in each other's place.  answered: pressed zone -> zone that answered."""
    zones = {zone.name: zone for zone in mat.zone}
    wrong = {pressed: other for pressed, other in answered.items() if pressed != other}
    found = []
    for one, two in combinations(mat.chips, 2):
        moved = {p: a for p, a in wrong.items() if {zones[p].chip, zones[a].chip} == {one, two}}
        on_both = [p for p in answered if zones[p].chip in (one, two)]
        if len(moved) > 2 and len(moved) == len(on_both) and all(zones[p].pin == zones[a].pin for p, a in moved.items()):
            numbers = f"{mat.chips.index(one) + 1} (0x{one:02x}) and {mat.chips.index(two) + 1} (0x{two:02x})"
            found.append(Finding("fault", f"boards {numbers} are swapped: exchange their plugs or address straps"))
            wrong = {p: a for p, a in wrong.items() if p not in moved}
    for pressed, other in list(wrong.items()):
        if wrong.get(other) == pressed:
            if zones[pressed] is min((zones[pressed], zones[other]), key=mat.zone.index):
                here, there = place(mat, zones[pressed]), place(mat, zones[other])
                words = (
                    f"{pressed} and {other} are swapped: exchange the wires at {here} and {there}, or their names in the mat file"
                )
                found.append(Finding("fault", words, pressed))
        else:
            found.append(Finding("fault", f"pressing {pressed} moves {other}: is the wire at {place(mat, zones[other])}?", pressed))
    return found


def where_on_the_mat(zone: Zone) -> str:
    """In words for somebody who stands at the foot end."""
    side = "in the middle" if abs(zone.x_cm) < 3 else f"{abs(zone.x_cm):.0f} cm to the {'left' if zone.x_cm < 0 else 'right'}"
    return f"{zone.y_cm:.0f} cm from the foot end, {side}"


def measure_scan_rate(scanner: Scanner, clock: Clock, duration_s: float = 1.0) -> float:
    """Frames a second back to back.  Raises BusError when nothing answers."""
    for _ in range(10):
        scanner.read()
    began_s, frames = clock.monotonic_s(), 0
    while clock.monotonic_s() - began_s < duration_s:
        scanner.read()
        frames += 1
    return frames / (clock.monotonic_s() - began_s)
