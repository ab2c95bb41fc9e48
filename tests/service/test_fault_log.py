"""The log tells of faults once at first and once a minute from then on, and the machine's complaints reach the page."""

from __future__ import annotations

import doctest
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from station.service import fault_log as rounds
from station.service.fault_log import MACHINE_EVERY_S, PERIOD_S, FaultLog, MachineHealthLog


def test_the_example_in_the_documentation_is_true() -> None:
    assert doctest.testmod(rounds).failed == 0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=400))
def test_however_many_faults_a_minute_has_it_gets_one_line_and_none_is_forgotten(faults_each_second: list[int]) -> None:
    log, count, told, at_s = FaultLog(), 0, 0, []
    log.lines(0.0, {"x": 0})
    seconds = [*faults_each_second, *[0] * 61]
    for second, faults in enumerate(seconds, start=1):
        count += faults
        for line in log.lines(float(second), {"x": count}):
            told += int(line.removeprefix("x: ").split()[0])
            at_s.append(second)
    assert told == count
    assert all(later - earlier >= PERIOD_S for earlier, later in pairwise(at_s))


def test_a_weak_supply_is_said_while_it_lasts_and_asked_for_now_and_then() -> None:
    asked, low = [], [None, True, True, False]

    def undervoltage() -> bool | None:
        asked.append(True)
        return low[len(asked) - 1]

    machine, said = MachineHealthLog(undervoltage), []
    for second in range(int(4 * MACHINE_EVERY_S)):
        machine.look(float(second))
        said.append([notice.code for notice in machine.notices])
    assert len(asked) == 4
    assert said[0] == [] and said[-1] == []
    assert said[int(MACHINE_EVERY_S)] == said[int(3 * MACHINE_EVERY_S) - 1] == ["weak_supply"]
