"""Reads every zone of a mat through up to four ADS1115 at close to the speed of the bus, and never a wrong number without a flag.

**Why not the library's own reading.**  `adafruit_ads1x15.AnalogIn` starts one conversion and polls until it is over, so the other
three chips sleep and 16 channels come 36 times a second; its continuous mode never selects the channel.  Here all chips convert at
once: start each, then collect each and start its next channel at once.  Which number may be believed is told in hardware.chip, how
the calls look in hardware.ads1115, how long a conversion is waited for in hardware.pacing.

**A frame is one moment.**  A value belongs to the moment its conversion was started; what is not converted within `SPAN_S` of the
start of the frame is missing.  A missing reading is `MISSING`; the last value is never held.

**Joined calls.**  Through /dev/i2c-* one call may hold several messages to one chip.  Where it may, next config, pointer and result
go together, the read last, which every controller of a Pi can do.  Otherwise two calls of the library do the same.

**Back to back.**  A caller who comes back at once wants the highest rate; then each chip begins the first channel of the next frame
as soon as it has given the last of this one.  A caller with a pace gets a fresh start each time.

**A bus that gives nothing.**  A call that blocks, an error from every board, zeros, ones, numbers that cannot be: however it looks,
when no board has given a number for `SILENT_S` the bus is stuck.  From then on `read` raises, and `recover` opens it anew; it is no
longer stuck once a number has come.  One board that is lost is that board's matter.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from hardware.ads1115 import LONGEST_CONVERSION_S, RATE_HZ
from hardware.bus import I2CBus
from hardware.chip import Chip
from hardware.chip_setup import HELD_UP_S, ChipState, ChipStatus
from hardware.clock import Clock
from hardware.errors import BusError
from hardware.frames import MISSING, Frame
from hardware.mat import ADDRESSES, Mat
from hardware.plausibility import highest_code

__all__ = ["LONGEST_CONVERSION_S", "RATE_HZ", "ChipState", "ChipStatus", "Scanner", "ScannerStatus"]

SPAN_S = 0.025
"""A frame is one moment; a reading further than this from its start would be called by the wrong time."""
BACK_TO_BACK_S = 0.001
SILENT_S, SILENT_SCANS = 0.5, 4
"""No board has given a number for so long, in so many scans: that is the bus, not a board, and not a machine that was held up."""
LOOK_AGAIN_S = 0.2
STUCK = "the mat's I2C bus is stuck; recovering. If it stays so, unplug the mat and plug it in again"


@dataclass(frozen=True, slots=True)
class ScannerStatus:
    """All chips, and the bus.

    stuck: no board gives numbers; nothing is read until `recover` has helped.
    slow_calls: calls the machine held up, so that when they happened had to be found out.
    second_looks: readings that were asked for twice before they were believed.
    bus_words: why the bus cannot be opened; "" when it can.
    """

    chips: tuple[ChipStatus, ...]
    stuck: bool
    recoveries: int
    slow_calls: int
    second_looks: int
    bus_words: str = ""


class Scanner:
    """A mat on an I2C bus as a source of frames.

    bus: anything with the interface of `busio.I2C`; the scanner is its only user.  None: `reopen` gives it, when it is there.
    reopen: gives a working bus after the old one got stuck or was unplugged; closes the old one first.  Raises OSError.
    combined: join messages where bus and controller can (a bus with `transfer`, see hardware.bus.CombinedBus).
    """

    def __init__(
        self,
        bus: I2CBus | None,
        mat: Mat,
        clock: Clock,
        *,
        reopen: Callable[[], I2CBus] | None = None,
        combined: bool = False,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._reopen = reopen
        self._zones = mat.zone_names
        self._chips: list[Chip] = []
        for address in mat.chips:
            wired = sorted((zone.pin, column) for column, zone in enumerate(mat.zone) if zone.chip == address)
            chip = Chip(address, wired, len(self._chips), clock, combined, highest_code(mat.mat.supply_volts))
            self._chips.append(chip)
        self._returned_s = float("-inf")
        self._number_s: float | None = None
        self._stuck = self._blocked = self._came_at_once = False
        self._look_s = float("-inf")
        self._recoveries = self._silent_scans = self._working = 0
        self._bus_words = "" if bus is not None else "not opened yet"

    @property
    def zones(self) -> tuple[str, ...]:
        return self._zones

    @property
    def status(self) -> ScannerStatus:
        return ScannerStatus(
            tuple(chip.status for chip in self._chips),
            self._stuck,
            self._recoveries,
            sum(chip.port.slow_calls for chip in self._chips),
            sum(chip.second_looks for chip in self._chips),
            self._bus_words,
        )

    def read(self) -> Frame:
        """Scan every zone once.  Raises BusError when no chip can be read; the next call, or `recover`, may help."""
        now_s = self._clock.monotonic_s()
        if self._bus is None:
            raise BusError(self._bus_words)
        if self._number_s is None:
            self._number_s = now_s
        if self._stuck and (self._blocked or now_s < self._look_s):
            raise BusError(STUCK)
        for chip in self._chips:
            if not chip.answers:
                self._look_for(chip, self._bus)
        scan = self._scan()
        given_s = max(chip.number_s for chip in self._chips)
        if self._blocked:
            self._stuck = True
        elif given_s > self._number_s:
            self._number_s, self._stuck, self._silent_scans = given_s, False, 0
        elif self._silent_scans < SILENT_SCANS or self._clock.monotonic_s() - self._number_s < SILENT_S:
            self._silent_scans += 1
        else:
            self._stuck = True
            self._look_s = self._clock.monotonic_s() + LOOK_AGAIN_S
        if scan is None:
            self._returned_s = float("-inf")
            raise BusError(f"no sensor board answers on the I2C bus ({self._absentees()}): check the mat's plug")
        if self._stuck and not self._blocked:
            raise BusError(STUCK)
        return scan.frame()

    def _scan(self) -> _Scan | None:
        """One frame; None where no chip answers."""
        now_s = self._clock.monotonic_s()
        at_once = now_s - self._returned_s < BACK_TO_BACK_S
        scan = _Scan(now_s, len(self._zones), at_once and self._came_at_once)
        self._came_at_once = at_once
        for chip in self._chips:
            chip.begin_frame(scan)
        busy = [chip for chip in self._chips if chip.answers]
        if not busy:
            return None
        if len(busy) < self._working:
            for chip in busy:
                chip.doubt()
        self._working = len(busy)
        scan.begin_s = min([chip.started_s for chip in busy if chip.converting], default=now_s)
        while busy:
            chip = min(busy, key=lambda candidate: candidate.turn_s)
            wake_s = max(chip.due_s, self._clock.monotonic_s())
            self._clock.sleep_until_s(wake_s)
            woken_s = self._clock.monotonic_s()
            if woken_s - scan.begin_s > SPAN_S:
                break
            chip.step(scan)
            if max(woken_s - wake_s, chip.port.slower_by_s) > HELD_UP_S:
                # What one chip waited for, the others may have missed.
                for other in busy:
                    other.held_up()
            if chip.blocked:
                self._blocked = True
                break
            if chip.finished:
                busy.remove(chip)
        for given_up in busy:
            given_up.abandon(scan)
        self._returned_s = self._clock.monotonic_s()
        return scan

    def recover(self) -> None:
        """Open the bus anew, look for every chip, and see that numbers come.  Raises BusError when none does."""
        self._recoveries += 1
        if self._reopen is not None:
            try:
                self._bus = self._reopen()
            except Exception as error:
                # What was opened is closed; using it again would raise whatever its library likes.
                self._bus, self._bus_words = None, str(error) or type(error).__name__
                self._stuck = True
                raise BusError(f"the mat's I2C bus cannot be opened again: {error}") from None
        if self._bus is None:
            raise BusError(self._bus_words)
        self._bus_words = ""
        blocked = 0
        for chip in self._chips:
            chip.forget("the bus was opened again")
        for chip in self._chips:
            chip.open(self._bus)
            blocked += chip.blocked
            if blocked > 1:
                break
        self._blocked = blocked > 0 and not any(chip.answers for chip in self._chips)
        self._stuck = self._stuck or self._blocked
        begun_s = self._clock.monotonic_s()
        self._returned_s = float("-inf")
        if self._scan() is None or max(chip.number_s for chip in self._chips) < begun_s:
            raise BusError("the mat's I2C bus stays silent: unplug the mat and plug it in again")
        self._number_s, self._silent_scans = self._clock.monotonic_s(), 0
        self._stuck = self._blocked = False

    def strangers(self) -> tuple[int, ...]:
        """Addresses an ADS1115 can have that answer though the mat file does not name them: a wrong address strap?"""
        known = {chip.address for chip in self._chips}
        found = []
        if self._bus is not None and self._bus.try_lock():
            for address in ADDRESSES:
                with suppress(Exception):
                    if address not in known:
                        self._bus.readfrom_into(address, bytearray(1))
                        found.append(address)
            self._bus.unlock()
        return tuple(found)

    def close(self) -> None:
        """Let go of the bus."""
        if self._bus is not None:
            self._bus.deinit()

    def _look_for(self, chip: Chip, bus: I2CBus) -> None:
        if self._clock.monotonic_s() >= chip.due_s:
            chip.open(bus)
            self._blocked = self._blocked or (chip.blocked and not any(other.answers for other in self._chips))

    def _absentees(self) -> str:
        return ", ".join(f"0x{chip.address:02x}" for chip in self._chips)


class _Scan:
    """The frame in the making."""

    def __init__(self, begin_s: float, zones: int, back_to_back: bool) -> None:
        self.begin_s = begin_s
        self.back_to_back = back_to_back
        self.codes = np.full(zones, MISSING, np.int16)
        self._middle_s = [0.0] * zones

    def put(self, column: int, code: int, middle_s: float) -> None:
        self.codes[column] = code
        self._middle_s[column] = middle_s

    def blank(self, columns: list[int]) -> None:
        self.codes[columns] = MISSING

    def frame(self) -> Frame:
        t_us = round(self.begin_s * 1e6)
        skew_us = [round(middle_s * 1e6) - t_us if middle_s else 0 for middle_s in self._middle_s]
        return Frame(t_us, self.codes, np.array(skew_us, np.int32))
