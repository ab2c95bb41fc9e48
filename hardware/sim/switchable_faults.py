"""Faults of a simulated mat that can be switched on and off while it runs, by name: what each does, and what the product says then.

    switches = FaultSwitches(bus, mat)
    chips = [FakeADS1115(address, switches.volts(body_volts)) for address in mat.chips]
    switches.turn_on(parse_fault("cut-wire:foot_l", mat))

A fault is written NAME, NAME:WHERE or NAME:WHERE@SECONDS; where is a zone's name, or a board's number, counted from 1, or its
address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hardware.errors import BackliftError
from hardware.mat import Mat
from hardware.sim.chips import FakeADS1115, FakeThermometer, SimulatedBus, Volts
from hardware.sim.corruption import BadWire, ForeignProgram

Target = Literal["zone", "board", "bus"]


class FaultNameError(BackliftError, ValueError):
    """A fault that is not in the list, or a place that is not on the mat."""


@dataclass(frozen=True, slots=True)
class SwitchableFault:
    """target: what it is about.  does: what happens on the simulated mat.  says: code of the fault the product should name."""

    target: Target
    does: str
    says: str


SWITCHABLE: dict[str, SwitchableFault] = {
    "cut-wire": SwitchableFault("zone", "the wire of a zone is cut", "zone_open"),
    "short": SwitchableFault("zone", "a zone's wire touches the supply", "zone_short"),
    "weak-short": SwitchableFault("zone", "the same on a supply of 3.1 V", "zone_short"),
    "stuck": SwitchableFault("zone", "a zone gives one and the same voltage", "zone_stuck"),
    "flicker": SwitchableFault("zone", "a wire holds by a thread", "zone_flickering"),
    "noise": SwitchableFault("zone", "a zone is noisy", "zone_noisy"),
    "twin": SwitchableFault("zone", "a zone's wire touches the next zone's", "zone_twin"),
    "pull-board": SwitchableFault("board", "a board is pulled", "board_absent"),
    "two-boards": SwitchableFault("board", "the ADDR wire of the next board is loose: two answer here", "board_conflict"),
    "ads1015": SwitchableFault("board", "a board has an ADS1015", "board_12_bit"),
    "thermometer": SwitchableFault("board", "a thermometer answers in a board's place", "board_wrong"),
    "slow-clone": SwitchableFault("board", "a board has a copy that is 30 % slow", "board_slow"),
    "hang": SwitchableFault("board", "conversions of a board never end", "board_hung"),
    "brown-out": SwitchableFault("board", "a board's supply dips once", "board_restarted"),
    "swap-boards": SwitchableFault("board", "a board and the next one are exchanged", "found by check"),
    "foreign-program": SwitchableFault("board", "another program starts conversions of a board", "bus_foreign"),
    "hold-sda": SwitchableFault("bus", "SDA is held low", "bus_stuck"),
    "block-bus": SwitchableFault("bus", "every call blocks", "bus_stuck"),
    "no-bus": SwitchableFault("bus", "the bus device is gone", "bus_stuck"),
    "bad-wire": SwitchableFault("bus", "one read in twenty is corrupted", "counted, no word"),
}


@dataclass(frozen=True, slots=True)
class ChosenFault:
    """A fault, where it is (a zone's column, a board's address; None: the bus), and how many seconds after the start it begins."""

    name: str
    column: int | None
    address: int | None
    after_s: float = 0.0


def parse_fault(text: str, mat: Mat) -> ChosenFault:
    """Reads NAME[:WHERE][@SECONDS].  Raises FaultNameError naming what there is."""
    head, _, seconds = text.partition("@")
    name, _, where = head.partition(":")
    known = SWITCHABLE.get(name)
    if known is None:
        raise FaultNameError(f"there is no fault '{name}' to simulate; there are {', '.join(SWITCHABLE)}")
    try:
        after_s = float(seconds or 0)
    except ValueError:
        raise FaultNameError(f"'{seconds}' in '{text}' is no number of seconds") from None
    if known.target == "zone":
        if where and where not in mat.zone_names:
            raise FaultNameError(f"there is no zone '{where}' on this mat; zones are {', '.join(mat.zone_names)}")
        column = mat.zone_names.index(where) if where else 0
        return ChosenFault(name, column, mat.zone[column].chip, after_s)
    if known.target == "bus":
        return ChosenFault(name, None, None, after_s)
    try:
        number = int(where or "1", 0)
        address = number if number in mat.chips else mat.chips[number - 1 if number > 0 else len(mat.chips)]
    except (ValueError, IndexError):
        boards = ", ".join(f"{number} (0x{address:02x})" for number, address in enumerate(mat.chips, start=1))
        raise FaultNameError(f"there is no board '{where}' on this mat; boards are {boards}") from None
    return ChosenFault(name, None, address, after_s)


class FaultSwitches:
    """Turns faults of one simulated bus on and off.

    bus: its chips may be exchanged while it runs.  on: names and places of what is on.
    """

    def __init__(self, bus: SimulatedBus, mat: Mat) -> None:
        self._bus = bus
        self._mat = mat
        self._undo: dict[ChosenFault, Callable[[], None]] = {}
        self._volts: Volts = lambda address, pin, t_s: 0.0
        self._zones: dict[tuple[int, int], str] = {}
        self._place = {(zone.chip, zone.pin): column for column, zone in enumerate(mat.zone)}

    @property
    def on(self) -> tuple[ChosenFault, ...]:
        return tuple(self._undo)

    def volts(self, volts: Volts) -> Volts:
        """What the chips are to be given: the body's voltages, with the faults of zones."""
        self._volts = volts
        return self._faulty_volts

    def turn_on_in_time(self, fault: ChosenFault) -> None:
        """`after_s` from now."""
        self._bus.at(self._bus.clock.monotonic_s() + fault.after_s, lambda: self.turn_on(fault))

    def turn_on(self, fault: ChosenFault) -> None:
        if fault in self._undo:
            return
        bus, address = self._bus, fault.address
        if fault.column is not None:
            zone = self._mat.zone[fault.column]
            self._zones[zone.chip, zone.pin] = fault.name
            self._undo[fault] = lambda: self._zones.__delitem__((zone.chip, zone.pin))
        elif address is None:
            self._undo[fault] = self._break_bus(fault.name)
        elif fault.name == "two-boards":
            other = self._next_board(address)
            wanderer = bus.chips.pop(other)
            bus.joined[address] = [wanderer]

            def part() -> None:
                bus.joined.pop(address)
                bus.chips[other] = wanderer

            self._undo[fault] = part
        elif fault.name == "swap-boards":
            other = self._next_board(address)
            bus.swap(address, other)
            self._undo[fault] = lambda: bus.swap(address, other)
        elif fault.name == "foreign-program":
            program = ForeignProgram(bus, address, 0.05)
            self._undo[fault] = lambda: setattr(program, "running", False)
        else:
            self._undo[fault] = self._break_board(fault.name, address)

    def turn_off(self, fault: ChosenFault) -> None:
        undo = self._undo.pop(fault, None)
        if undo is not None:
            undo()

    def turn_all_off(self) -> None:
        for fault in self.on:
            self.turn_off(fault)

    def _next_board(self, address: int) -> int:
        chips = self._mat.chips
        return chips[(chips.index(address) + 1) % len(chips)]

    def _break_bus(self, name: str) -> Callable[[], None]:
        bus = self._bus
        if name == "hold-sda":
            bus.sda_low = True
            return lambda: setattr(bus, "sda_low", False)
        if name == "block-bus":
            bus.stuck = True
            return lambda: setattr(bus, "stuck", False)
        if name == "no-bus":
            bus.broken = AttributeError("the bus was closed")
            return lambda: setattr(bus, "broken", None)
        bus.corrupt_read = BadWire("flipped bit", 0.05)
        return lambda: setattr(bus, "corrupt_read", None)

    def _break_board(self, name: str, address: int) -> Callable[[], None]:
        bus, was = self._bus, self._bus.chips[address]
        if isinstance(was, FakeADS1115) and name == "brown-out":
            was.brown_out()
            return lambda: None
        if isinstance(was, FakeADS1115) and name == "hang":
            was.never_ends = True

            def end() -> None:
                was.never_ends = False
                was.brown_out()

            return end
        if name == "pull-board":
            was.present = False
        elif name == "ads1015":
            bus.chips[address] = FakeADS1115(address, self._faulty_volts, bits=12)
        elif name == "slow-clone":
            bus.chips[address] = FakeADS1115(address, self._faulty_volts, oscillator=0.77)
        else:
            bus.chips[address] = FakeThermometer(address)

        def undo() -> None:
            if isinstance(was, FakeADS1115):
                was.plug_in()
            bus.chips[address] = was

        return undo

    def _faulty_volts(self, address: int, pin: int, t_s: float) -> float:
        volts = self._volts(address, pin, t_s)
        kind = self._zones.get((address, pin))
        if kind is None:
            before = self._neighbour(address, pin, -1)
            return self._joined(before, (address, pin), t_s) if self._zones.get(before) == "twin" else volts
        supply = self._mat.mat.supply_volts
        fixed = {"cut-wire": 0.0, "short": supply, "weak-short": min(3.1, supply), "stuck": 1.1}
        if kind in fixed:
            return fixed[kind]
        if kind == "flicker":
            return 0.0 if t_s * 7.3 % 1.0 < 0.25 else volts
        if kind == "noise":
            return max(0.0, volts + 0.03 * (((t_s * 9973.0) % 1.0) + ((t_s * 7919.0) % 1.0) - 1.0))
        return self._joined((address, pin), self._neighbour(address, pin, 1), t_s)

    def _neighbour(self, address: int, pin: int, step: int) -> tuple[int, int]:
        """Board and pin of the zone that stands so many further in the mat file; of an unused pin, itself."""
        column = self._place.get((address, pin))
        if column is None:
            return address, pin
        zone = self._mat.zone[(column + step) % len(self._mat.zone)]
        return zone.chip, zone.pin

    def _joined(self, one: tuple[int, int], other: tuple[int, int], t_s: float) -> float:
        """Two nodes that touch stand between both."""
        return (self._volts(*one, t_s) + self._volts(*other, t_s)) / 2
