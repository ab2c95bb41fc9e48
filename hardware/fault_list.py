"""The one list of what can be wrong with mat, boards and bus: code, how bad it is, who can do something about it.

The scanner finds the faults of bus and boards, hardware.zone_faults what the signal of a zone shows, and hardware.health puts them
together.  station/locale puts them into words for people, `words` does so for the command line and the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hardware.notices import Notice, Param, Severity

Actor = Literal["person", "builder", "nobody"]
"""Who can act: the person on the mat (a plug), whoever built it (solder, a part), nobody (it passes, or the machine caused it)."""


@dataclass(frozen=True, slots=True)
class FaultType:
    """severity: as in a notice.  actor: who can act.  words: English, for the command line and the log."""

    severity: Severity
    actor: Actor
    words: str


FAULTS: dict[str, FaultType] = {
    # The bus as a whole.
    "no_bus": FaultType("trouble", "builder", "no mat: {reason}"),
    "bus_stuck": FaultType(
        "trouble", "person", "the mat's bus is stuck, recovering; if this stays, unplug the mat and plug it in again"
    ),
    "bus_foreign": FaultType(
        "warning", "builder", "another program uses sensor board {board} ({address}); stop it, or give it another bus"
    ),
    # One board.
    "board_absent": FaultType("trouble", "person", "sensor board {board} ({address}: {zones}) does not answer, check its plug"),
    "board_hung": FaultType(
        "trouble", "person", "sensor board {board} ({address}: {zones}) hangs, unplug the mat and plug it in again"
    ),
    "board_restarted": FaultType(
        "warning", "person", "sensor board {board} ({address}: {zones}) restarted: a weak supply or a loose plug?"
    ),
    "board_conflict": FaultType(
        "trouble", "builder", "two sensor boards answer at {address}: is the ADDR wire of one loose? Not read: {zones}"
    ),
    "board_wrong": FaultType("trouble", "builder", "what answers at {address} is no ADS1115 ({kind}); not read: {zones}"),
    "board_12_bit": FaultType(
        "warning",
        "builder",
        "sensor board {board} ({address}) is an ADS1015 with 12 bits, not an ADS1115; small lifts may be missed",
    ),
    "board_slow": FaultType(
        "info", "nobody", "sensor board {board} ({address}) is a slow copy of an ADS1115; it is read at its own pace"
    ),
    # One zone.
    "zone_missing": FaultType("trouble", "person", "no signal, check the plug of board {board}, pin {pin}"),
    "zone_open": FaultType(
        "trouble", "builder", "no signal, check the plug of board {board}, pin {pin}: the wire is cut, or touches ground"
    ),
    "zone_short": FaultType(
        "trouble", "builder", "reads the full supply, look for a short or a crushed sensor at board {board}, pin {pin}"
    ),
    "zone_stuck": FaultType("trouble", "builder", "always reads the same, check sensor and board at board {board}, pin {pin}"),
    "zone_implausible": FaultType(
        "trouble", "builder", "reads what cannot be, check sensor and supply at board {board}, pin {pin}"
    ),
    "zone_twin": FaultType(
        "trouble", "builder", "reads the same as {other}, look for wires that touch at board {board}, pin {pin}"
    ),
    "zone_flickering": FaultType("warning", "builder", "comes and goes, a loose wire at board {board}, pin {pin}?"),
    "zone_noisy": FaultType(
        "warning", "builder", "noisy, {noise_mv} mV: a loose wire at board {board}, pin {pin}, or a mains cable beside it?"
    ),
    "zone_saturated": FaultType(
        "info", "builder", "carries more than it can tell, fit a smaller resistor at board {board}, pin {pin}"
    ),
    "zone_gaps": FaultType("warning", "builder", "{percent} % of its readings are lost, check the cable of board {board}"),
}


def fault(code: str, **params: Param) -> Notice:
    """A fault as a notice, with the severity of its kind."""
    return Notice(code, params, FAULTS[code].severity)


def words(notice: Notice) -> str:
    """In English, for the command line and the log.

    >>> words(fault("zone_missing", zone="foot_l", board=1, pin=2))
    'no signal, check the plug of board 1, pin 2'
    """
    named = {key: ", ".join(value) if isinstance(value, tuple) else value for key, value in notice.params.items()}
    return FAULTS[notice.code].words.format(**named)
