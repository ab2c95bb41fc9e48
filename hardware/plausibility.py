"""What a number must look like before it is believed.

Nothing on the wire protects a reading: no checksum, no ready flag beside it.  What protects it is physics.  A divider node stands
between ground and the supply; what lies on a mat moves smoothly at the scale of a frame; a converter that is asked the same thing
with another gain gives the same volts; its last bits are as often 1 as 0.
"""

from __future__ import annotations

from hardware.frames import CODES_PER_VOLT

LOWEST_CODE = -16
"""2 mV below ground: an ADS1115's offset is within 3 codes (datasheet SBAS444, section 5.5); a node above ground gives no less."""
SUPPLY_MARGIN = 1.06
"""Of the nominal supply: a node above that cannot be.  A Pi's 3.3 V rail is within 5 %."""
WITHIN_CODES = 3.0
"""A quiet divider's reading is foreseen this well."""
WITHIN_DEVIATIONS = 4.0
"""Mean deviations that count as ordinary noise; of Gaussian noise one in seven hundred is outside."""
MOST_EXPECTED_CODES = 400.0
JUMP_CODES = 64
"""8 mV beside what was foreseen: a second conversion has to agree."""
LAST_BITS = 0xF
"""A line that is let go before a byte is over gives ones to its end.  Four of them move a reading by 2 mV at most, hardly more than
noise does: what ends so is read twice where the wire has corrupted something lately."""
LONG_AGO_S = 0.3
PATTERNS = frozenset((0, -1, 0x7FFF, -0x8000))
"""What a line gives that nobody drives, or that is held."""
TEST_LEAST_CODES = 400
TEST_TOLERANCE_CODES = 60.0
TEST_TOLERANCE_SHARE = 0.004
"""Datasheet: gain error 0.15 % at most, a gain's match with another 0.1 %."""
TEST_MOVES_S, TEST_MOVES_MOST = 0.002, 150.0
TESTS, TESTS_LEAST, TEST_ERRORS = 6, 4, 6.0
"""Tests that are remembered, that are needed, and standard errors of their mean that are no chance."""
TESTS_UNTIL_ONE = 24
"""So many that agree in a row, on all channels by turns, say that a chip is alone again; two chips agree now and then by chance."""
TEST_GAIN = 1.5
"""6.144 V full scale against 4.096 V."""
DISTINCT_FOR_TWELVE_BITS = 6

_LEVEL, _RATE, _SPREAD = 0.7, 0.4, 0.125
"""An alpha-beta filter, critically damped: beta = 2 (2 - alpha) - 4 sqrt(1 - alpha)."""


def highest_code(supply_volts: float) -> int:
    """The highest code a divider on this supply can give; full scale is believed only where the supply reaches it."""
    return min(0x7FFF, round(SUPPLY_MARGIN * supply_volts * CODES_PER_VOLT))


class Expectation:
    """What one channel will read next, and how exactly that is known.

    >>> quiet = Expectation()
    >>> for i in range(100): quiet.take(5000 + i % 2, i / 100)
    >>> [quiet.off_by(code, 1.0) > 0 for code in (5001, 5003, 5008, 5064, 0, 2500)]
    [False, False, True, True, True, True]
    """

    __slots__ = ("_code", "_rate", "_spread", "_t_s")

    def __init__(self) -> None:
        self._code: float | None = None
        self._rate = 0.0
        self._spread = 4.0
        self._t_s = 0.0

    @property
    def code(self) -> float | None:
        """The newest, None before the first."""
        return self._code

    @property
    def codes_per_s(self) -> float:
        return self._rate

    def off_by(self, code: int, t_s: float, least: float = WITHIN_CODES) -> float:
        """How far a reading is beside what was foreseen, in codes; 0 where that is ordinary.  Infinite without a past."""
        if self._code is None or t_s - self._t_s > LONG_AGO_S:
            return float("inf")
        off = abs(code - self._code - self._rate * (t_s - self._t_s))
        return off if off > min(MOST_EXPECTED_CODES, max(least, WITHIN_DEVIATIONS * self._spread)) else 0.0

    def take(self, code: int, t_s: float) -> None:
        """A reading that was believed."""
        elapsed_s = t_s - self._t_s
        if self._code is None or not 0 < elapsed_s <= LONG_AGO_S:
            self._code, self._t_s, self._rate = code, t_s, 0.0
            return
        foreseen = self._code + self._rate * elapsed_s
        off = code - foreseen
        self._spread = min(self._spread + (abs(off) - self._spread) * _SPREAD, 2 * self._spread + 1)
        self._rate += _RATE * max(-JUMP_CODES, min(JUMP_CODES, off)) / elapsed_s
        self._code = foreseen + _LEVEL * off if abs(off) <= WITHIN_DEVIATIONS * self._spread else code
        self._t_s = t_s


class TwelveBits:
    """Whether a chip gives only multiples of 16: an ADS1015 in an ADS1115's place.

    >>> seen = TwelveBits()
    >>> for code in (0, 16, 32, 32, 160, 4000, 8000, 16): seen.take(code)
    >>> seen.certain
    False
    >>> seen.take(8016); seen.certain
    True
    """

    def __init__(self) -> None:
        self._distinct: set[int] | None = set()

    @property
    def certain(self) -> bool:
        return self._distinct is not None and len(self._distinct) >= DISTINCT_FOR_TWELVE_BITS

    def take(self, code: int) -> None:
        if self._distinct is None or code == 0 or (self.certain and not code & 15):
            return
        if code & 15:
            self._distinct = None
        else:
            self._distinct.add(code)


class GainTest:
    """Whether one chip drives the wire: the same pin through two gains must be the same volts.

    Two chips at one address obey both; the wire carries the AND of their bits, and that of two numbers is not proportional to them.
    Noise averages out and movement is allowed for; what remains on one channel is the two chips.

    >>> test = GainTest(4)
    >>> for _ in range(9): test.compare(0, 8003, round(8003 / 1.5), 0.0)
    >>> test.failed, test.pending
    (False, False)
    >>> for _ in range(5): test.compare(1, 8003 & 5001, round(8003 / 1.5) & round(5001 / 1.5), 0.0)
    >>> test.failed, test.pending
    (True, True)
    >>> for _ in range(TESTS_UNTIL_ONE): test.compare(0, 8003, round(8003 / 1.5), 0.0)
    >>> test.failed, test.pending
    (False, False)
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._forget()

    def _forget(self) -> None:
        self.failed = self._off = False
        self._means = [0.0] * self._channels
        self._variances = [0.0] * self._channels
        self._counts = [0] * self._channels
        self._agreeing = 0

    @property
    def pending(self) -> bool:
        """The newest did not agree, or the conflict may be over: test again soon."""
        return self._off or self.failed

    @staticmethod
    def tolerance(code: float, codes_per_s: float) -> float:
        """How far apart the two may be, in codes of gain 1, because of gain errors and movement in between."""
        return TEST_TOLERANCE_CODES + TEST_TOLERANCE_SHARE * abs(code) + min(abs(codes_per_s) * TEST_MOVES_S, TEST_MOVES_MOST)

    def compare(self, channel: int, code: float, code_other_gain: int, codes_per_s: float) -> None:
        """One test.  code: gain 1; code_other_gain: the gain that reaches further, a moment later."""
        tolerance = self.tolerance(code, codes_per_s)
        off_by = TEST_GAIN * code_other_gain - code
        self._off = abs(off_by) > tolerance
        self._agreeing = 0 if self._off else self._agreeing + 1
        if self.failed and self._agreeing >= TESTS_UNTIL_ONE:
            self._forget()
            return
        if not self._off:
            off_by = 0.0
        count = self._counts[channel] = min(self._counts[channel] + 1, TESTS)
        before = self._means[channel]
        mean = self._means[channel] = before + (off_by - before) / count
        self._variances[channel] += ((off_by - before) * (off_by - mean) - self._variances[channel]) / count
        error = (self._variances[channel] / count) ** 0.5
        if count >= TESTS_LEAST and abs(mean) > max(tolerance, TEST_ERRORS * error):
            self.failed = True
