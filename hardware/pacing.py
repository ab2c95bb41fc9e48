"""How long one chip's conversions take, learned from questions whether it is ready.

The datasheet allows 1.06 to 1.32 ms at 860 samples a second; one chip keeps its own speed within a fraction of a percent, and
drifts a little with its temperature.  Waiting for the worst case would cost a tenth of the rate.  A wait that is too short can
never give a wrong number (hardware.chip), only a second look, so that the bounds may be narrow.
"""

from __future__ import annotations

SETTLED_SHARE = 0.012
"""Of the wait: closer than this the bounds need not come; the goal is 3 % above the best wait."""
STEP_SHARE = 0.15
"""Of the wait: how far below it is looked where a chip has become faster; where it has become slower, up to the worst case."""
CONTRADICTIONS_UNTIL_UNSETTLED = 3.0
FORGOTTEN_PER_ANSWER = 0.8
WORST_CASE_ANSWERS = 20
"""Answers for which an oscillator that is never the same gets the worst case; then it is learned anew."""


class Pace:
    """Bounds on the time from the return of a start to the call that finds the result ready.

    shortest_s, longest_s: between these the truth lies for certain.

    >>> pace = Pace(0.0007, 0.0013)
    >>> pace.saw(0.0010, ready=False); pace.saw(0.0011, ready=True)
    >>> round(pace.wait_s * 1e6), round(pace.ask_after_s * 1e6), pace.learning
    (1100, 1050, True)
    >>> pace.saw(0.0012, ready=False)  # it has become slower
    >>> round(pace.wait_s * 1e6), pace.learning
    (1300, True)
    """

    def __init__(self, shortest_s: float, longest_s: float) -> None:
        self._least_s, self._most_s = shortest_s, longest_s
        self._not_yet_s, self._ready_s = shortest_s, longest_s
        self._contradictions = 0.0
        self._worst_case_left = 0
        self._lower_edge = False

    @property
    def learning(self) -> bool:
        return not self._worst_case_left and self._ready_s - self._not_yet_s > SETTLED_SHARE * self._ready_s

    @property
    def wait_s(self) -> float:
        """After this time the result is there, as far as anybody knows."""
        return self._most_s if self._worst_case_left else self._ready_s

    @property
    def ask_after_s(self) -> float:
        """When asking is most useful: halfway while learning; then at the edges by turns, which shows that the chip has changed."""
        if self.learning:
            return (self._not_yet_s + self._ready_s) / 2
        lower_s = self._not_yet_s * (1 - SETTLED_SHARE)
        return lower_s if self._lower_edge and not self._worst_case_left else self.wait_s

    def saw(self, elapsed_s: float, ready: bool) -> None:
        """The chip was, or was not, ready for a call that began so long after its start."""
        self._lower_edge = not self._lower_edge
        if self._worst_case_left:
            self._worst_case_left -= 1
            if not self._worst_case_left:
                self._not_yet_s, self._ready_s, self._contradictions = self._least_s, self._most_s, 0.0
            return
        contradicts = elapsed_s <= self._not_yet_s if ready else elapsed_s >= self._ready_s
        if ready:
            self._ready_s = max(self._least_s, min(self._ready_s, elapsed_s))
            if contradicts and elapsed_s < self._not_yet_s * (1 - SETTLED_SHARE / 2):
                self._contradictions += 1
            if contradicts:
                self._not_yet_s = max(self._least_s, self._ready_s * (1 - STEP_SHARE))
        else:
            self._not_yet_s = min(self._most_s, max(self._not_yet_s, elapsed_s))
            if contradicts:
                self._contradictions += 1
                self._ready_s = self._most_s
        if self._contradictions > CONTRADICTIONS_UNTIL_UNSETTLED:
            self._worst_case_left = WORST_CASE_ANSWERS
        self._contradictions *= FORGOTTEN_PER_ANSWER
