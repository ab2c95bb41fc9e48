"""What every build document needs to know about a mat, worked out once."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.mat import Mat, Zone
from hardware.plans.footprint import reach_cm
from hardware.sim.contact import PAD_CM

STRAPS = {0x48: "GND", 0x49: "VDD", 0x4A: "SDA", 0x4B: "SCL"}
"""What the ADDR pin of an ADS1115 is tied to for each address (datasheet SBAS444, table 4)."""

PUCK_CM = PAD_CM
"""Diameter of the pad on each disc sensor."""

PAD_THICK_MM = 3.0
"""As deep as the sensor is sunk: the pad ends flush with the base."""

SERIES_OHMS = 1000
"""Between divider and ADC pin: keeps the current of a static discharge out of the chip."""

LARGEST_DIVIDER_OHMS = 10_000
"""Above this the ADC's own input resistance begins to show in the reading."""

SLACK_CM = 40
"""Added to each cable: strain relief at both ends, and something left for a second try."""

MARGIN_CM = 12
"""Mat around the outermost zones, where the file names no size."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One zone and its cable.  number: position in the mat file, from 1; cable_cm: mat to box, slack included."""

    number: int
    zone: Zone
    cable_cm: int


@dataclass(frozen=True, slots=True)
class Board:
    """One ADS1115 board.  number: counted from 1 by address, as the station names it; strap: where its ADDR pin goes."""

    number: int
    address: int
    strap: str
    channels: tuple[Channel, ...]

    @property
    def name(self) -> str:
        """As printed on its label: "Board 2"."""
        return f"Board {self.number}"

    @property
    def free_pins(self) -> tuple[int, ...]:
        used = {channel.zone.pin for channel in self.channels}
        return tuple(pin for pin in range(4) if pin not in used)


@dataclass(frozen=True, slots=True)
class Plan:
    """A mat, as its builder needs it.

    left_cm, right_cm: x of the edges; foot_cm, head_cm: y of the edges, on the axes of the mat file.
    box_cm: x, y where all cables leave the mat: a corner of the foot end, where nobody's arm comes down.
    """

    mat: Mat
    left_cm: float
    right_cm: float
    foot_cm: float
    head_cm: float
    box_cm: tuple[float, float]
    boards: tuple[Board, ...]
    cautions: tuple[str, ...]

    @property
    def title(self) -> str:
        """The mat's name on one line, of characters that can be printed."""
        return " ".join("".join(letter if letter.isprintable() else " " for letter in self.mat.mat.name).split()) or "mat"

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel, in the order of the mat file."""
        return tuple(sorted((channel for board in self.boards for channel in board.channels), key=lambda channel: channel.number))

    @property
    def width_cm(self) -> float:
        return self.right_cm - self.left_cm

    @property
    def length_cm(self) -> float:
        return self.head_cm - self.foot_cm

    def board_of(self, channel: Channel) -> Board:
        return next(board for board in self.boards if board.address == channel.zone.chip)


def plan_of(mat: Mat) -> Plan:
    """Work out boards, cables and cautions of any valid mat."""
    half_cm = mat.mat.width_cm / 2 if mat.mat.width_cm else max(abs(zone.x_cm) + reach_cm(zone)[0] for zone in mat.zone) + MARGIN_CM
    foot_cm = 0.0 if mat.mat.length_cm else min(0.0, min(zone.y_cm - reach_cm(zone)[1] for zone in mat.zone) - MARGIN_CM)
    head_cm = mat.mat.length_cm or max(zone.y_cm + reach_cm(zone)[1] for zone in mat.zone) + MARGIN_CM
    box_cm = (half_cm if mat.mat.box_side == "right" else -half_cm, foot_cm)
    channels = [
        Channel(number, zone, round(abs(zone.x_cm - box_cm[0]) + abs(zone.y_cm - box_cm[1]) + SLACK_CM))
        for number, zone in enumerate(mat.zone, start=1)
    ]
    boards = tuple(
        Board(
            number,
            address,
            STRAPS[address],
            tuple(sorted((channel for channel in channels if channel.zone.chip == address), key=lambda channel: channel.zone.pin)),
        )
        for number, address in enumerate(mat.chips, start=1)
    )
    edges_cm = (-half_cm, half_cm, foot_cm, head_cm)
    return Plan(mat, *edges_cm, box_cm, boards, _cautions(mat))


def _cautions(mat: Mat) -> tuple[str, ...]:
    """What a valid mat file asks for that its builder may come to regret, in plain words."""
    said = []
    if mat.mat.supply_volts > 3.3:
        said.append(
            f"The sensors are fed {mat.mat.supply_volts:g} V, but the boards run from 3.3 V: under a heavy load an input would "
            "rise above what they bear. Feed the sensors 3.3 V or less."
        )
    if mat.mat.end_resistors_ohms is None:
        said.append(
            "No end resistors: a cut wire cannot be told from a lifted limb. One resistor of 1 MΩ across each sensor mends that."
        )
    for zone in mat.zone:
        if zone.resistor_ohms > LARGEST_DIVIDER_OHMS:
            said.append(
                f"{zone.name}: a divider of {ohms(zone.resistor_ohms)} is more than the ADC can read exactly; "
                f"take {ohms(LARGEST_DIVIDER_OHMS)} or less."
            )
    return tuple(said)


def pin_name(zone: Zone) -> str:
    """A pin as the station counts it, and as the board has it printed: "3 (A2)"."""
    return f"{zone.pin + 1} (A{zone.pin})"


def ohms(value: float) -> str:
    """A resistance as it is printed on a bag: 680 Ω, 6.8 kΩ, 1 MΩ."""
    for step, unit in ((1e6, "MΩ"), (1e3, "kΩ")):
        if value >= step:
            return f"{value / step:.6g} {unit}"
    return f"{value:.6g} Ω"


def centimetres(value: float) -> str:
    """A coordinate with its sign, as a builder reads it off a tape: -13, 6, 12.5."""
    return f"{value:.4g}"
