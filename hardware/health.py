"""How the sensors are, zone by zone: rate, last good reading, noise, saturation, what is wrong, and where to look.

One list: what the scanner knows of bus and boards, what hardware.zone_faults finds in the signal of a zone, and what only both
together tell (how many readings are lost, and whether the machine or a cable lost them).  All of it has a code of
hardware.fault_list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.fault_list import fault, words
from hardware.frame_rows import Grid
from hardware.frames import CODES_PER_VOLT, MISSING, Frame
from hardware.mat import Mat, Zone
from hardware.notices import Notice, Param
from hardware.scanner import ChipStatus, ScannerStatus
from hardware.zone_faults import ZoneFaults

WINDOW_S = 1.0
RAIL_SHARE = 0.995
"""Of the supply: a divider node cannot come nearer, whatever lies on the sensor."""
NORMAL_MEAN_TO_DEVIATION = 1.2533
DISTURBED_STEPS = 6
"""Second differences that two disturbed frames spoil."""
MANY_MISSING = 0.02
LOOK_EVERY_S = 0.5
RESET_TOLD_FOR_S = 10.0
FOREIGN_LEAST, FOREIGN_TOLD_FOR_S = 2, 30.0
"""Settings that were not ours, found so often; and for how long that is told after the newest."""
FOREIGN_KEEPS_BUSY_S = 2.0
"""Longer than the slowest conversions of an ADS1115, eight a second, and the time to find the board again."""
BOARD_FAULTS = {"absent": "board_absent", "hung": "board_hung", "wrong": "board_wrong", "conflict": "board_conflict"}

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ZoneHealth:
    """One zone over the last second.

    rate_hz: readings a second.  last_good_s: monotonic time of the newest reading; None when there never was one.
    volts: median.  noise_volts: standard deviation from one reading to the next, movement removed.
    saturated_share: share of readings at the supply.  fault: code of hardware.fault_list, of the zone or of its board; words: what
    to look at; None and "" when well.
    """

    zone: str
    rate_hz: float
    last_good_s: float | None
    volts: float | None
    noise_volts: float | None
    saturated_share: float
    fault: str | None
    words: str


def place(mat: Mat, zone: Zone) -> str:
    """Where a zone's wire ends, counted as a person counts: boards and pins from 1."""
    return f"board {mat.chips.index(zone.chip) + 1}, pin {zone.pin + 1}"


class HealthMonitor:
    """Takes frames as they come, remembers a second of them, and judges when asked."""

    def __init__(self, mat: Mat) -> None:
        self._mat = mat
        self._grid = Grid(len(mat.zone))
        self._faults = ZoneFaults(mat)
        self._frames: deque[Frame] = deque()
        self._last_good_us = np.full(len(mat.zone), -1, np.int64)
        self._lost: dict[str, deque[tuple[float, int, int]]] = {}
        self._zone_notices: tuple[Notice, ...] = ()
        self._looked_s = float("-inf")

    def feed(self, frames: Sequence[Frame], somebody: bool = False) -> None:
        """Frames in order of time.  somebody: a person lies there, so that no sensor should stand still."""
        if not frames:
            return
        codes = np.stack([frame.codes for frame in frames]).astype(float)
        codes[codes == MISSING] = np.nan
        times_s = np.array([frame.t_us for frame in frames], np.int64) / 1e6
        for row in self._grid.update(times_s, codes):
            self._faults.update(row, somebody)
        for frame in frames:
            self._frames.append(frame)
            self._last_good_us[frame.codes != MISSING] = frame.t_us
        while self._frames[0].t_us < frames[-1].t_us - WINDOW_S * 1e6:
            self._frames.popleft()

    def report(self, status: ScannerStatus) -> tuple[ZoneHealth, ...]:
        """Every zone in the mat's order; empty before the first frame."""
        return tuple(health for health, _ in self._report(status))

    def notices(self, status: ScannerStatus, now_s: float) -> tuple[Notice, ...]:
        """Everything that is wrong with bus, boards and zones, the worst first; a board that is named stands for its zones."""
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._zone_notices = tuple(notice for _, notice in self._report(status) if notice is not None)
        zones = () if status.stuck or status.bus_words else self._zone_notices
        return _worst_first([*bus_notices(status, self._mat, now_s), *zones])

    def _report(self, status: ScannerStatus) -> list[tuple[ZoneHealth, Notice | None]]:
        """Every zone's health, and the notice of what is wrong with the zone itself."""
        if not self._frames:
            return []
        codes = np.stack([frame.codes for frame in self._frames]).astype(np.int32)
        span_s = max((self._frames[-1].t_us - self._frames[0].t_us) / 1e6, 1e-3)
        chips = {chip.address: chip for chip in status.chips}
        return [self._zone(column, codes[:, column], span_s, chips.get(zone.chip)) for column, zone in enumerate(self._mat.zone)]

    def _zone(self, column: int, codes: Codes, span_s: float, chip: ChipStatus | None) -> tuple[ZoneHealth, Notice | None]:
        zone, last_good_us = self._mat.zone[column], int(self._last_good_us[column])
        good = codes[codes != MISSING]
        noise = _noise(good) if len(good) > 8 else None
        now_s = self._frames[-1].t_us / 1e6
        board = _board_fault(chip, now_s) if chip is not None and chip.state in BOARD_FAULTS else None
        notice = None if board is not None else self._zone_notice(column, zone, codes, noise, chip)
        told = notice if board is None or chip is None else _board_notice(chip, board, self._mat)
        rail = RAIL_SHARE * self._mat.mat.supply_volts * CODES_PER_VOLT
        health = ZoneHealth(
            zone=zone.name,
            rate_hz=max(0, len(good) - 1) / span_s,
            last_good_s=None if last_good_us < 0 else last_good_us / 1e6,
            volts=float(np.median(good)) / CODES_PER_VOLT if len(good) else None,
            noise_volts=None if noise is None else noise / CODES_PER_VOLT,
            saturated_share=float((good >= rail).mean()) if len(good) else 0.0,
            fault=told.code if told is not None else None,
            words=f"{zone.name}: {words(told)}" if told is not None else "",
        )
        return health, notice

    def _zone_notice(self, column: int, zone: Zone, codes: Codes, noise: float | None, chip: ChipStatus | None) -> Notice | None:
        """What is wrong with a zone whose board answers."""
        where: dict[str, Param] = {"zone": zone.name, "board": self._mat.chips.index(zone.chip) + 1, "pin": zone.pin + 1}
        machine = self._machine_lost_them(zone, chip)
        missing = float(np.mean(codes == MISSING))
        if chip is not None and column in chip.implausible:
            return fault("zone_implausible", **where)
        kind = self._faults.kinds[column]
        if missing == 1.0 and not machine:
            kind = "missing"
        elif kind == "missing" and (machine or missing < 1.0 - MANY_MISSING):
            # The machine has no time for it; or it reads again, and whether all of its readings come is told below.
            kind = None
        if kind == "noisy":
            return fault("zone_noisy", **where, noise_mv=round((noise or 0.0) / CODES_PER_VOLT * 1e3, 1))
        if kind == "twin":
            other = self._mat.zone[self._faults.twin_of.get(column, column)].name
            return fault("zone_twin", **where, zones=(zone.name, other), other=other)
        if kind is not None:
            return fault(f"zone_{kind}", **where)
        if missing > MANY_MISSING and not machine:
            return fault("zone_gaps", **where, percent=round(100.0 * missing))
        return None

    def _machine_lost_them(self, zone: Zone, chip: ChipStatus | None) -> bool:
        """Most of what is missing was lost because the machine was busy: no cable is blamed for that."""
        if chip is None:
            return False
        now_s = self._frames[-1].t_us / 1e6
        lost = self._lost.setdefault(zone.name, deque([(now_s, 0, 0)]))
        lost.append((now_s, chip.lost_late, chip.lost_bus))
        while len(lost) > 2 and lost[1][0] <= now_s - WINDOW_S:
            lost.popleft()
        _, late, bus = lost[0]
        return chip.lost_late - late > chip.lost_bus - bus


def bus_notices(status: ScannerStatus, mat: Mat, now_s: float) -> tuple[Notice, ...]:
    """What is wrong with boards and bus as a whole, the worst first."""
    if status.bus_words:
        return (fault("no_bus", reason=status.bus_words),)
    notices = [fault("bus_stuck")] if status.stuck else []
    for chip in status.chips:
        code = _board_fault(chip, now_s)
        # Silent boards are the bus, once all are; what is known of another kind is said all the same.
        if code is not None and not (status.stuck and code in ("board_absent", "board_hung")):
            notices.append(_board_notice(chip, code, mat))
    return _worst_first(notices)


def _board_notice(chip: ChipStatus, code: str, mat: Mat) -> Notice:
    zones = tuple(zone.name for zone in mat.zone if zone.chip == chip.address)
    board: dict[str, Param] = {
        "board": mat.chips.index(chip.address) + 1,
        "address": f"0x{chip.address:02x}",
        "zones": zones,
    }
    return fault(code, **board, kind=chip.kind) if code == "board_wrong" else fault(code, **board)


def _worst_first(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    order = ("trouble", "warning", "info")
    return tuple(sorted(notices, key=lambda notice: order.index(notice.severity)))


def _board_fault(chip: ChipStatus, now_s: float) -> str | None:
    foreign_s = float("inf") if chip.last_foreign_s is None else now_s - chip.last_foreign_s
    # A board that seems to hang may be busy with a slow conversion that somebody else has just started.
    busy = chip.state == "hung" and foreign_s < FOREIGN_KEEPS_BUSY_S
    if busy or (chip.state in ("working", "hung") and chip.foreign >= FOREIGN_LEAST and foreign_s < FOREIGN_TOLD_FOR_S):
        return "bus_foreign"
    if chip.state in BOARD_FAULTS:
        return BOARD_FAULTS[chip.state]
    kinds = {"ADS1015": "board_12_bit", "slow ADS1115": "board_slow"}
    if chip.kind in kinds:
        return kinds[chip.kind]
    if chip.last_reset_s is not None and now_s - chip.last_reset_s < RESET_TOLD_FOR_S:
        return "board_restarted"
    return None


def bus_words(status: ScannerStatus, mat: Mat, now_s: float) -> tuple[str, ...]:
    """The same in English, for the command line."""
    return tuple(words(notice) for notice in bus_notices(status, mat, now_s))


def _noise(codes: Codes) -> float:
    """Standard deviation from one reading to the next, movement removed, in codes; a few disturbed frames are no noise."""
    steps = np.sort(np.abs(np.diff(codes, 2)))
    return float(NORMAL_MEAN_TO_DEVIATION * steps[: max(1, len(steps) - DISTURBED_STEPS)].mean() / np.sqrt(6))
