"""One sensor board: what its chip is doing, and which of its numbers are believed.

The chip has no sample-and-hold and no ready flag beside the result.  Who reads too early gets the previous pin's value; who starts
too early is ignored; a start may be acknowledged and lost; a lost MODE bit leaves it converting one pin on and on; after a
brown-out it is another chip with plausible numbers.  Asking each time costs a third of the rate, so a number is believed without a
question only where the number itself is the proof:

1. *It is another one.*  The result register changes only when a conversion ends.  A number clearly apart from the one before it on
   this chip is a new conversion, and not of the pin before, whose value would be about the same again.
2. *It was started for certain.*  Where neighbours stand at nearly the same voltage (also: both at zero), or where anything was odd
   lately, the config register is read back together with the start: converting now, this pin, one shot.  Equality is then believed
   after the longest conversion there can be, and lets no frame go before the chip was seen to be ready.
3. *It was foreseen.*  A number beside what this channel was expected to read (hardware.plausibility) is read again, which finds
   what the wire corrupted; the config or the mark is looked at, which finds a reset; a large surprise is converted again.
4. *It is possible.*  Below ground or above the supply there is nothing on a divider.

After any error the chip is left alone for a whole conversion, because a start written into a running one is ignored.  What cannot
be believed is tried again within the frame; after that the channel is missing, and whether the machine or the bus cost it is
counted.
"""

from __future__ import annotations

from hardware.ads1115 import LONGEST_CONVERSION_S, RATE_HZ, READY, WAKE_UP_S, CallFailedError
from hardware.chip_setup import (
    FAILURES_UNTIL_ABSENT,
    HELD_UP_S,
    LONGEST_STEP_S,
    LOOK_FOR_MARK_EVERY_S,
    NEAR_CODES,
    RECONVERSIONS,
    SEPARATE_CALLS_FOR_S,
    SLOWEST_CLONE_S,
    TEST_EVERY_S,
    TEST_SOON_S,
    TEST_WITHIN_S,
    Scan,
)
from hardware.chip_start import StartingChip
from hardware.plausibility import JUMP_CODES, LAST_BITS, LOWEST_CODE, PATTERNS, TEST_GAIN, TEST_LEAST_CODES, Expectation


class Chip(StartingChip):
    """A board that is read frame by frame: `begin_frame`, then `step` whenever `due_s` has come, until `finished`."""

    def begin_frame(self, scan: Scan) -> None:
        if self.converting and not scan.back_to_back:
            # Begun for a caller who did not come at once: its result is from before this frame.
            self.converting, self._register = False, None
            self.due_s = self._surely_s + self._longest_s
        if not scan.back_to_back:
            # It was idle for a while: is it still as it was left?
            self._idle = False
        self._next = self._tries = self._reconversions = 0
        self._failed_here = self._force_look = False
        self._testing = self._doubted = None
        self._on_time_only.clear()
        self._zeros.clear()
        self._choose_test(scan.begin_s)
        if not self.converting and self.answers:
            self.due_s = max(self.due_s, scan.begin_s)

    def abandon(self, scan: Scan) -> None:
        """Give the rest of the frame up: its time is over."""
        self.held_up()
        self._lose(len(self._columns) - self._next)
        self._next, self._testing = len(self._columns), None
        scan.blank([self._columns[position] for position in (*self._on_time_only, *self._zeros)])
        if self.converting:
            self._leave_alone()

    def step(self, scan: Scan) -> None:
        """Do what is due."""
        try:
            if not self.converting:
                self._start(scan)
            else:
                self._collect(scan)
        except CallFailedError:
            self._failed_here = True
            scan.blank([self._columns[position] for position in (*self._on_time_only, *self._zeros)])
            self._leave_alone()
            if self.port.failures >= FAILURES_UNTIL_ABSENT or self.port.blocked:
                self._lose(len(self._columns) - self._next)
                self._set_aside("absent", LONGEST_CONVERSION_S)
            elif not self.finished:
                self._try_again(scan)

    @property
    def turn_s(self) -> float:
        """Who has the earliest turn gets the bus.  A question that teaches something is kept clear of the others' calls."""
        return self.due_s - LONGEST_STEP_S if self._ask else self.due_s

    def _collect(self, scan: Scan) -> None:
        if self._marked and self.started_s - self._mark_seen_s > LOOK_FOR_MARK_EVERY_S and not self._mark_is_there():
            self._start_over(scan)
            return
        ready = False
        if self._ask and not self._ask_whether_ready(scan):
            return
        if self._ask:
            self._ask, ready = False, True
        if self._testing is not None:
            self._collect_test(scan)
            return
        joined = self._following(scan)
        if joined is None:
            code = self.port.read_result()
            self._still_s = float("inf")
        else:
            code = self.port.result_and_start(READY | self._configs[joined])
            self._still_s = self.port.begun_s + self._shortest_s
            if self.port.slower_by_s > HELD_UP_S:
                # The result may have been that of the next conversion already.
                self.held_up()
                self._separate_until_s = self.port.ended_s + SEPARATE_CALLS_FOR_S
                self._leave_alone()
                self._try_again(scan)
                return
        self._consider(code, joined, ready, scan)

    def _following(self, scan: Scan) -> int | None:
        """The channel whose conversion may be started in the same call that reads this one's result."""
        if not self.port.can_join or self.started_s < self._separate_until_s or self._wary or self._test_follows:
            return None
        following = self._next + 1
        if following == len(self._columns):
            if not scan.back_to_back or self._on_time_only or self._zeros:
                return None
            following = 0
        if self._verified and self._register in (None, self._last[self._next]):
            return None
        return None if self._must_look(following) else following

    @property
    def _test_follows(self) -> bool:
        return self._test_at == self._next

    def _ask_whether_ready(self, scan: Scan) -> bool:
        expected = self._written
        seen = self._confirmed_config(expected)
        self._asked_s = self.port.begun_s
        if expected is not None and seen & ~READY != expected:
            self._is_another(seen, expected, scan)
            return False
        self._questions += 1
        # Always at the same place in a frame the same call of another chip might come between.
        self._ask_at = (self._ask_at + 1) % len(self._columns)
        ready = bool(seen & READY)
        if self.port.slower_by_s < 0.25 * self.port.took_s:
            self._pace.saw(self._asked_s - self.started_s, ready)
        return ready or self._not_ready(scan)

    def _not_ready(self, scan: Scan) -> bool:
        """Not over yet: wait on, or it hangs."""
        elapsed_s = self.port.begun_s - self.started_s
        if elapsed_s < self._pace.wait_s:
            self._ask = False
            self.due_s = self.started_s + self._pace.wait_s
        elif self.port.begun_s < self._surely_s + self._longest_s:
            self.due_s = self._surely_s + self._longest_s
        elif elapsed_s < SLOWEST_CLONE_S:
            self.due_s = self.started_s + SLOWEST_CLONE_S
        else:
            self._hangs_now(scan)
        return False

    def _consider(self, code: int, joined: int | None, ready: bool, scan: Scan) -> None:
        """Believe a number, or find out why not."""
        begun_s, started_s, ended_s = self.port.begun_s, self.port.started_s, self.port.ended_s
        position, expected = self._next, self._expected[self._next]
        if not self._verified and self._register is not None and abs(code - self._register) <= NEAR_CODES and not ready:
            self._is_fresh(code, begun_s, joined, ready, scan)
            return
        off_by = expected.off_by(code, self.started_s)
        ends_in_ones = code & LAST_BITS == LAST_BITS and self.started_s < self._disturbed_until_s
        if off_by or ends_in_ones or not LOWEST_CODE <= code <= self._highest:
            seen = self._read_again(code, expected)
            if seen is None:
                self._disbelieve(position, scan)
                return
            code, off_by = seen, expected.off_by(seen, self.started_s)
        else:
            self._implausible.discard(self._columns[position])
        if not self._is_fresh(code, begun_s, joined, ready, scan):
            return
        if (off_by or self._wary) and not self._is_itself(joined, scan):
            return
        if JUMP_CODES < off_by < float("inf") and not self._agrees(code, off_by, scan):
            return
        self._believe(code, scan)
        if joined is None:
            self.converting = False
            self._idle = self._verified
            self._continue(scan)
        elif not self.finished or self._close_frame(scan):
            self._begun(joined, self._configs[joined], False, begun_s, started_s, ended_s)

    def _read_again(self, first: int, expected: Expectation) -> int | None:
        """The result register once more, until what it holds is certain; None when it never is."""
        self.second_looks += 1
        reads = [first]
        needed = 3 if first in PATTERNS or self.started_s < self._disturbed_until_s else 2
        for _ in range(4):
            code = self.port.read_result()
            if self.port.ended_s > self._still_s:
                return None
            reads.append(code)
            possible = LOWEST_CODE <= code <= self._highest
            if code != first:
                self._was_disturbed()
            if possible and not expected.off_by(code, self.started_s):
                return code
            if reads.count(code) >= needed:
                if not possible:
                    self._implausible.add(self._columns[self._next])
                return code if possible else None
        return None

    def _disbelieve(self, position: int, scan: Scan) -> None:
        if self._columns[position] in self._implausible:
            # The same impossible number each time: asking again in this frame would only cost the others.
            self._lose(1)
            self._leave_alone()
            self._advance()
        else:
            self._leave_alone()
            self._try_again(scan)

    def _is_fresh(self, code: int, begun_s: float, joined: int | None, ready: bool, scan: Scan) -> bool:
        """Whether this is this conversion's own number; if not, what follows from that is done."""
        register = self._register
        if self._verified:
            if register is not None and code not in (register, 0):
                self._on_time_only.clear()
                return True
            if ready:
                return True
            if joined is not None:
                self._leave_alone()
                self._try_again(scan)
                return False
            if begun_s < self._surely_s + self._longest_s:
                self.second_looks += 1
                self.due_s = self._surely_s + self._longest_s
                return False
            self._on_time_only.append(self._next)
            return True
        if register is not None and abs(code - register) > NEAR_CODES:
            self._on_time_only.clear()
            return True
        self.second_looks += 1
        if joined is not None:
            if code == register:
                self._pace.saw(begun_s - self.started_s, False)
            self._leave_alone()
            self._try_again(scan)
            return False
        written = self._written
        seen = self._confirmed_config(written)
        if written is not None and seen & ~READY != written:
            self._is_another(seen, written, scan)
        elif seen & READY:
            again = self.port.read_result()
            if register is not None and abs(again - register) > NEAR_CODES:
                # It was not over when the result was read, and is now.
                self._pace.saw(begun_s - self.started_s, False)
                self._consider(again, None, True, scan)
                return False
            if again == register:
                self._become_wary()
            self._idle, self.converting, self._register = True, False, again
            self._try_again(scan)
        else:
            self._pace.saw(begun_s - self.started_s, False)
            self._not_ready(scan)
        return False

    def _is_itself(self, joined: int | None, scan: Scan) -> bool:
        """Whether the chip is still the one that was set up, and nobody else uses it."""
        if joined is not None:
            # The config was written in the same call; a reset shows in the mark.
            if self._marked and not self._mark_is_there():
                self._start_over(scan)
                return False
            return True
        written = self._written
        seen = self._confirmed_config(written)
        if written is not None and seen & ~READY != written:
            self._is_another(seen, written, scan)
            return False
        if not seen & READY:
            # Somebody started it, or a MODE bit was lost.
            self._become_wary()
            self._leave_alone()
            self._try_again(scan)
            return False
        return True

    def _agrees(self, code: int, off_by: float, scan: Scan) -> bool:
        """A large surprise is believed when a second conversion says about the same."""
        self._tested_s = min(self._tested_s, self.started_s - TEST_EVERY_S + TEST_SOON_S)
        if self._doubted is not None:
            agrees = abs(code - self._doubted) <= max(JUMP_CODES, 0.25 * off_by)
            if agrees:
                return True
        elif self._reconversions >= RECONVERSIONS and not self._wary:
            return True
        self._doubted = code
        self._reconversions += 1
        if self._still_s != float("inf"):
            self._leave_alone()
        else:
            self.converting, self._idle, self._register = False, self._verified, code
        self._try_again(scan)
        return False

    def _believe(self, code: int, scan: Scan) -> None:
        position = self._next
        self._register = self._last[position] = code
        self._implausible.discard(self._columns[position])
        self._expected[position].take(code, self.started_s)
        self._twelve_bits.take(code)
        self.port.failures = 0
        if code == 0:
            self._zeros.append(position)
        self.number_s = self._believed_s = self.started_s
        if not self._gain_test.failed:
            middle_s = WAKE_UP_S + 0.5 / RATE_HZ if self._kind != "ADS1015" else 0.5 * self._shortest_s
            scan.put(self._columns[position], code, self.started_s + middle_s)
        else:
            self._lost_bus += 1
        if self._test_follows:
            self._testing = position
        self._advance()

    def _continue(self, scan: Scan) -> None:
        """The chip is idle: begin the next conversion, or close the frame."""
        if not self.finished:
            self._start(scan)
            return
        if not self._close_frame(scan):
            return
        if scan.back_to_back:
            self._next = self._tries = 0
            try:
                self._start(scan)
            finally:
                # Whatever became of it, this frame is over.
                self._next, self._tries = len(self._columns), 0

    def _close_frame(self, scan: Scan) -> bool:
        """Nothing leaves on the strength of time alone, and no zero that a reset may have left."""
        if self._on_time_only:
            seen = self._confirmed_config(self._written)
            if self._written is not None and seen & ~READY != self._written:
                self._is_another(seen, self._written, scan)
                return False
            if not seen & READY:
                self._hangs_now(scan)
                return False
            self._on_time_only.clear()
        if self._zeros and self._marked and not self._mark_is_there():
            self._start_over(scan)
            return False
        if self._zeros and self.started_s < self._disturbed_until_s and not self._reads_well():
            scan.blank([self._columns[position] for position in self._zeros])
            self._lose(len(self._zeros))
        return True

    def _collect_test(self, scan: Scan) -> None:
        position = self._testing
        assert position is not None, "a test is collected only while one runs"
        code = self.port.read_result()
        last, before = self._last[position], self._register
        self._testing, self.converting = None, False
        self._idle, self._register = True, code
        self._tested_s = self.started_s
        comparable = last is not None and self.started_s - self._believed_s < TEST_WITHIN_S
        if last is not None and comparable and (code != before or last < 2 * TEST_LEAST_CODES):
            was, rate = self._gain_test.failed, self._expected[position].codes_per_s
            agrees = abs(TEST_GAIN * code - last) <= self._gain_test.tolerance(last, rate)
            if agrees or code == self.port.read_result():
                self._gain_test.compare(position, last, code, rate)
                self._tests += 1
            if self._gain_test.failed != was:
                self._since_s = self.started_s
            if self._gain_test.failed:
                scan.blank(self._columns)
        self._continue(scan)
