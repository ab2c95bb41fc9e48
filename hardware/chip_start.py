"""Starting a conversion: whether it was obeyed, and when it began.  Why, is told in hardware.chip."""

from __future__ import annotations

from hardware.ads1115 import POWER_ON, READY, SINGLE_SHOT, config_for, conversion_s
from hardware.chip_setup import (
    ASK_EVERY_S,
    EXPECTED_NEAR_CODES,
    KNOWN_WITHIN_S,
    LEARN_EVERY_S,
    QUICK_QUESTIONS,
    SLOWEST_CLONE_S,
    TEST_EVERY_S,
    TEST_SOON_S,
    TRIES,
    UNCERTAIN_START_S,
    KnownChip,
    Scan,
)
from hardware.plausibility import TEST_LEAST_CODES, TESTS


class StartingChip(KnownChip):
    """A board whose conversions are started, where need be for certain."""

    def _near_the_one_before(self, position: int) -> bool:
        before, here = self._last[position - 1], self._last[position]
        return before is None or here is None or abs(here - before) <= EXPECTED_NEAR_CODES

    def _must_look(self, position: int) -> bool:
        """Whether the number of this channel, or that of the next, could not prove itself."""
        return (
            self._force_look
            or self._wary
            or self._near_the_one_before(position)
            or self._near_the_one_before((position + 1) % len(self._columns))
        )

    def _start(self, scan: Scan) -> None:
        if self._testing is None and self._next >= len(self._columns):
            return
        position = self._next if self._testing is None else self._testing
        config = self._configs[position] if self._testing is None else config_for(self._pins[position], other_gain=True)
        register, last = self._register, self._last[position]
        first = position == 0 and not self._idle and not scan.back_to_back
        look = self._testing is not None or first or register is None or last is None or self._must_look(position)
        if not look and register is not None and last is not None and abs(last - register) <= EXPECTED_NEAR_CODES:
            look = True
        if look and not self._idle and not self._is_idle(scan):
            return
        if look:
            seen = self.port.start_and_look(READY | config)
            slower_by_s, begun_s = self.port.slower_by_s, self.port.begun_s
            started_s, surely_s = self.port.started_s, self.port.ended_s
            if seen & ~READY != config:
                seen = self._confirmed_config(config)
                if seen & ~READY != config:
                    self._is_another(seen, config, scan)
                    return
            if seen & READY:
                self._start_was_lost(scan, slower_by_s)
                return
        else:
            self.port.start(READY | config)
            slower_by_s, begun_s = self.port.slower_by_s, self.port.begun_s
            started_s, surely_s = self.port.started_s, self.port.ended_s
        self._lost_in_a_row = 0
        self._begun(position, config, look, begun_s, started_s, surely_s)
        if slower_by_s > UNCERTAIN_START_S:
            self._narrow_down(scan)

    def _begun(self, position: int, config: int, looked: bool, begun_s: float, started_s: float, surely_s: float) -> None:
        """A start was given: by a call that began at begun_s, as far as one can tell at started_s, at surely_s at the latest."""
        self._surely_s = surely_s
        self._written, self._idle = config, False
        self._started_configs = (*self._started_configs[-2:], config)
        self._verified = looked
        self.started_s, self.converting = started_s, True
        self._still_s = begun_s + self._shortest_s
        self._ask = (
            self._testing is None
            and position == self._ask_at
            and started_s - self._asked_s > (self._learning_every_s if self._pace.learning else ASK_EVERY_S)
        )
        if self._ask:
            wait_s = self._pace.ask_after_s
        elif looked and (self._testing is not None or self._register in (None, self._last[position])):
            wait_s = self._longest_s + surely_s - started_s
        else:
            wait_s = self._pace.wait_s
        self.due_s = started_s + wait_s

    def _start_was_lost(self, scan: Scan, slower_by_s: float) -> None:
        self.converting = False
        if slower_by_s > self._shortest_s / 2:
            # Held up for so long that the conversion may be over.
            self.held_up()
        else:
            self._lost_starts += 1
            self._lost_in_a_row += 1
            self._become_wary()
        self._idle = True
        self._register = None
        if self._lost_in_a_row > TRIES:
            self.port.fail("starts are not obeyed")
        self._try_again(scan)

    def _narrow_down(self, scan: Scan) -> None:
        """The start was held up: find out when the conversion began, or start once more."""
        self.held_up()
        begun_s, ended_s = self.port.begun_s, self._surely_s
        seen, seen_by_s = self.port.read_config(), self.port.ended_s
        # Read twice: one flipped bit would move the reading by a whole conversion.
        proven = self.port.read_config() == seen and seen & ~READY == self._written
        ready = bool(seen & READY)
        earliest_s = begun_s if ready else max(begun_s, self.port.begun_s - self._longest_s)
        latest_s = min(ended_s, seen_by_s - self._shortest_s) if ready else ended_s
        if not proven or latest_s - earliest_s > KNOWN_WITHIN_S:
            self._leave_alone()
            self._try_again(scan)
            return
        self.started_s = (earliest_s + max(earliest_s, latest_s)) / 2
        self._surely_s = latest_s
        self.due_s = max(self._clock.monotonic_s(), min(self.due_s, latest_s + self._longest_s))

    def _is_idle(self, scan: Scan) -> bool:
        """Whether the chip is idle and as it was left; if not, what follows from that is done."""
        seen = self._confirmed_config(self._written)
        if seen & ~READY != self._written and (self._written is not None or seen & ~READY == POWER_ON & ~READY):
            self._is_another(seen, self._written or self._configs[0], scan)
            return False
        if seen in (0x0000, 0xFFFF):
            self.port.fail(f"the line gives only {'ones' if seen else 'zeros'}")
        if seen & READY:
            self._idle, self._busy_since_s = True, None
            return True
        now_s = self._clock.monotonic_s()
        if self.port.read_config() != seen:
            # It has just ended, or the read was corrupted: look again.
            return False
        if self._busy_since_s is None:
            self._busy_since_s = now_s
            if not self._is_ours(seen):
                self._is_foreign(now_s)
        self._leave_alone()
        if now_s - self._busy_since_s > max(SLOWEST_CLONE_S, 1.3 * conversion_s(seen)):
            self._busy_since_s = None
            self._hangs_now(scan)
        elif not seen & SINGLE_SHOT:
            # Converting on and on: a config without a start ends it.
            self.port.start(self._configs[self._next % len(self._configs)])
            self._busy_since_s = None
        return False

    @property
    def _learning_every_s(self) -> float:
        return 0.0 if self._questions < QUICK_QUESTIONS else LEARN_EVERY_S

    def _choose_test(self, now_s: float) -> None:
        """Where in this frame a pin is read through two gains; nowhere in most."""
        self._test_at = -1
        perhaps_two = now_s < self._perhaps_two_until_s
        every_s = TEST_SOON_S if self._gain_test.pending else TEST_EVERY_S
        if not perhaps_two and (now_s - self._tested_s < every_s or self._pace.learning):
            return
        loaded = [position for position, code in enumerate(self._last) if code is not None and code > TEST_LEAST_CODES]
        if loaded:
            one_by_one = self._gain_test.failed or not (perhaps_two or self._gain_test.pending)
            turn = self._tests if one_by_one else self._tests // TESTS
            self._test_at = loaded[turn % len(loaded)]
