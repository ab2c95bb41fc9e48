"""How the sensors are, zone by zone, seen from the bus: rate, last good reading, noise, saturation, and where to look.

What a reading means for the practice is judged elsewhere, from volts alone.  Here is what only the hardware knows: which board a
zone hangs on, whether that board answers, whether the bus does, and what a person should touch to mend it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hardware.fault_list import fault, words
from hardware.frames import CODES_PER_VOLT, MISSING, Frame
from hardware.mat import Mat, Zone
from hardware.notices import Notice, Param
from hardware.scanner import ChipStatus, ScannerStatus

WINDOW_S = 1.0
RAIL_SHARE = 0.995
"""Of the supply: a divider node cannot come nearer, whatever lies on the sensor."""
NORMAL_MEAN_TO_DEVIATION = 1.2533
DISTURBED_STEPS = 6
"""Second differences that two disturbed frames spoil."""
NEAR_SUPPLY_SHARE, FLAT_CODES, FLAT_READINGS = 0.9, 4, 50
"""3.0 V where 3.3 V are nominal.  Within half a millivolt for half a second nothing that breathes lies there."""
CUT_CODES = 16
"""2 mV: with an end resistor fitted even an empty zone reads tens of millivolts."""
NOISY_CODES = 40
"""5 mV of noise from one reading to the next, where a quiet divider has less than one."""
TWIN_MOVES_CODES, TWIN_LEAST_CODES = 25, 400
MANY_MISSING = 0.02
RESET_TOLD_FOR_S = 10.0
FOREIGN_LEAST, FOREIGN_TOLD_FOR_S = 2, 30.0
"""Settings that were not ours, found so often; and for how long that is told after the newest."""

Codes = NDArray[np.int32]
ZoneFault = Literal["no board", "board hangs", "no signal", "cut", "short to supply", "touching", "flickers", "noisy", "gaps"]


@dataclass(frozen=True, slots=True)
class ZoneHealth:
    """One zone over the last second.

    rate_hz: readings a second.  last_good_s: monotonic time of the newest reading; None when there never was one.
    volts: median.  noise_volts: standard deviation from one reading to the next, movement removed.
    saturated_share: share of readings at the supply.  fault, words: what is wrong and what to look at; None and "" when well.
    """

    zone: str
    rate_hz: float
    last_good_s: float | None
    volts: float | None
    noise_volts: float | None
    saturated_share: float
    fault: ZoneFault | None
    words: str


def place(mat: Mat, zone: Zone) -> str:
    """Where a zone's wire ends, counted as a person counts: boards and pins from 1."""
    return f"board {mat.chips.index(zone.chip) + 1}, pin {zone.pin + 1}"


class HealthMonitor:
    """Takes frames as they come, remembers a second of them, and judges when asked."""

    def __init__(self, mat: Mat) -> None:
        self._mat = mat
        self._frames: deque[Frame] = deque()
        self._last_good_us = np.full(len(mat.zone), -1, np.int64)
        self._lost: dict[str, tuple[int, int]] = {}

    def feed(self, frame: Frame) -> None:
        """One frame, in order of time."""
        self._frames.append(frame)
        while self._frames[0].t_us < frame.t_us - WINDOW_S * 1e6:
            self._frames.popleft()
        self._last_good_us[frame.codes != MISSING] = frame.t_us

    def _flat_near_the_supply(self, good: Codes) -> bool:
        """A short on a supply below its nominal voltage: a load that high would move with breath, creep and pulse."""
        least = NEAR_SUPPLY_SHARE * self._mat.mat.supply_volts * CODES_PER_VOLT
        return len(good) >= FLAT_READINGS and float(np.percentile(good, 10)) >= least and _spread(good) <= FLAT_CODES

    def _machine_lost_them(self, zone: Zone, chip: ChipStatus | None) -> bool:
        """Most of what was lost since the last report was lost because the machine was busy: no cable is blamed for that."""
        if chip is None:
            return False
        late, bus = self._lost.get(zone.name, (0, 0))
        self._lost[zone.name] = (chip.lost_late, chip.lost_bus)
        return chip.lost_late - late > chip.lost_bus - bus

    def report(self, status: ScannerStatus) -> tuple[ZoneHealth, ...]:
        """Every zone in the mat's order; empty before the first frame."""
        if not self._frames:
            return ()
        codes = np.stack([frame.codes for frame in self._frames]).astype(np.int32)
        span_s = max((self._frames[-1].t_us - self._frames[0].t_us) / 1e6, 1e-3)
        chips = {chip.address: chip for chip in status.chips}
        touching = twins(codes)
        return tuple(
            self._zone(column, codes[:, column], span_s, chips.get(zone.chip), touching.get(column))
            for column, zone in enumerate(self._mat.zone)
        )

    def _zone(self, column: int, codes: Codes, span_s: float, chip: ChipStatus | None, twin: int | None) -> ZoneHealth:
        zone, last_good_us = self._mat.zone[column], int(self._last_good_us[column])
        good = codes[codes != MISSING]
        noise = _noise(good) if len(good) > 8 else None
        rail = RAIL_SHARE * self._mat.mat.supply_volts * CODES_PER_VOLT
        fault_here, text = self._judge(zone, codes, good, noise, rail, chip)
        if fault_here is None and twin is not None:
            other = self._mat.zone[twin]
            fault_here, text = "touching", f"reads the same as {other.name}, look for wires that touch at {place(self._mat, zone)}"
        return ZoneHealth(
            zone=zone.name,
            rate_hz=max(0, len(good) - 1) / span_s,
            last_good_s=None if last_good_us < 0 else last_good_us / 1e6,
            volts=float(np.median(good)) / CODES_PER_VOLT if len(good) else None,
            noise_volts=None if noise is None else noise / CODES_PER_VOLT,
            saturated_share=float((good >= rail).mean()) if len(good) else 0.0,
            fault=fault_here,
            words=f"{zone.name}: {text}" if fault_here else "",
        )

    def _judge(
        self, zone: Zone, codes: Codes, good: Codes, noise: float | None, rail: float, chip: ChipStatus | None
    ) -> tuple[ZoneFault | None, str]:
        where = place(self._mat, zone)
        board = where.split(",")[0]
        if chip is not None and chip.state == "absent":
            return "no board", f"{board} (0x{zone.chip:02x}) does not answer, check its plug and its address strap"
        if chip is not None and chip.state in ("wrong", "conflict"):
            return "no board", f"{board} (0x{zone.chip:02x}) is not read: " + (
                "it is no ADS1115" if chip.state == "wrong" else "two boards answer at its address, check the ADDR wires"
            )
        if chip is not None and chip.state == "hung":
            return "board hangs", f"{board} (0x{zone.chip:02x}) hangs, unplug the mat and plug it in again"
        if not len(good):
            return "no signal", f"no signal, check the plug of {where}"
        if (good >= rail).mean() > 0.9 or self._flat_near_the_supply(good):
            return "short to supply", f"reads the full supply, look for a short or a crushed sensor at {where}"
        silent = np.abs(good) <= CUT_CODES
        if self._mat.mat.end_resistors_ohms is not None:
            if silent.mean() > 0.9:
                return "cut", f"no signal, check the plug of {where}: the wire is cut, or touches ground"
            if _cuts(silent) >= 2:
                return "flickers", f"comes and goes, a loose wire at {where}?"
        if noise is not None and noise > NOISY_CODES:
            return "noisy", f"noisy, {noise / CODES_PER_VOLT * 1e3:.0f} mV: a loose wire at {where}, or a mains cable beside it?"
        if 1 - len(good) / len(codes) > MANY_MISSING:
            lost = f"{1 - len(good) / len(codes):.0%}"
            if self._machine_lost_them(zone, chip):
                return None, ""
            return "gaps", f"{lost} of its readings are lost, check the cable of {board}"
        return None, ""


def bus_notices(status: ScannerStatus, mat: Mat, now_s: float) -> tuple[Notice, ...]:
    """What is wrong with boards and bus as a whole, the worst first."""
    if status.bus_words:
        return (fault("no_bus", reason=status.bus_words),)
    notices = []
    for number, chip in enumerate(status.chips, start=1):
        zones = tuple(zone.name for zone in mat.zone if zone.chip == chip.address)
        board: dict[str, Param] = {"board": number, "address": f"0x{chip.address:02x}", "zones": zones}
        code = _board_fault(chip, now_s)
        # Silent boards are the bus, once all are; what is known of another kind is said all the same.
        if code is not None and not (status.stuck and code in ("board_absent", "board_hung")):
            notices.append(fault(code, **board, kind=chip.kind) if code == "board_wrong" else fault(code, **board))
    if status.stuck:
        notices.insert(0, fault("bus_stuck"))
    order = ("trouble", "warning", "info")
    return tuple(sorted(notices, key=lambda notice: order.index(notice.severity)))


def _board_fault(chip: ChipStatus, now_s: float) -> str | None:
    states = {"absent": "board_absent", "hung": "board_hung", "wrong": "board_wrong", "conflict": "board_conflict"}
    if chip.state in states:
        return states[chip.state]
    kinds = {"ADS1015": "board_12_bit", "slow ADS1115": "board_slow"}
    if chip.kind in kinds:
        return kinds[chip.kind]
    if chip.last_reset_s is not None and now_s - chip.last_reset_s < RESET_TOLD_FOR_S:
        return "board_restarted"
    if chip.foreign >= FOREIGN_LEAST and chip.last_foreign_s is not None and now_s - chip.last_foreign_s < FOREIGN_TOLD_FOR_S:
        return "bus_foreign"
    return None


def bus_words(status: ScannerStatus, mat: Mat, now_s: float) -> tuple[str, ...]:
    """The same in English, for the command line."""
    return tuple(words(notice) for notice in bus_notices(status, mat, now_s))


def twins(codes: Codes) -> dict[int, int]:
    """Columns that move alike at the same level, each with the one it is like: two inputs joined by a short.

    codes: shape (frames, zones).  Two sensors may stand at the same voltage for a while; they do not move there together.  The
    channels of a frame are read up to 7 ms apart, so moving twins differ a little.
    """
    present = np.where(codes == MISSING, np.nan, codes.astype(float))
    with np.errstate(invalid="ignore"):
        moves, level = np.std(present, axis=0), np.mean(present, axis=0)
    found: dict[int, int] = {}
    candidates = [int(column) for column in np.flatnonzero((moves > TWIN_MOVES_CODES) & (level > TWIN_LEAST_CODES))]
    for position, one in enumerate(candidates):
        for other in candidates[position + 1 :]:
            apart = present[:, one] - present[:, other]
            if np.std(apart) < 0.1 * moves[one] and abs(np.mean(apart)) < 0.1 * moves[one]:
                found[one], found[other] = other, one
    return found


def _cuts(silent: NDArray[np.bool_]) -> int:
    """How often a zone fell silent for two frames or more: a single frame is a disturbance, never a cable."""
    padded = np.concatenate([[False], silent, [False]]).astype(int)
    begins, ends = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    return int(np.count_nonzero(ends - begins >= 2))


def _noise(codes: Codes) -> float:
    """Standard deviation from one reading to the next, movement removed, in codes; a few disturbed frames are no noise."""
    steps = np.sort(np.abs(np.diff(codes, 2)))
    return float(NORMAL_MEAN_TO_DEVIATION * steps[: max(1, len(steps) - DISTURBED_STEPS)].mean() / np.sqrt(6))


def _spread(codes: Codes) -> float:
    low, high = np.percentile(codes, [5, 95])
    return float(high - low)
