"""The parts list: what to buy for one mat, with quantities worked out from the mat file and what to take instead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from hardware.mat import Mat
from hardware.plans.plan import PUCK_CM, SERIES_OHMS, Plan, ohms, plan_of


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the list.  quantity: a number with its unit in words ("16", "19 m")."""

    group: str
    quantity: str
    what: str
    instead: str = ""


def parts_of(mat: Mat) -> tuple[Part, ...]:
    """Everything that goes into this mat and its box; spares are named as such."""
    plan = plan_of(mat)
    return (*_sensors(plan), *_electronics(plan), *_cables(plan), *_layers(plan))


def parts_markdown(mat: Mat) -> str:
    """The list as Markdown tables."""
    lines = [
        f"# {plan_of(mat).title}: parts",
        "",
        "Made from the mat file; change the file and print it again rather than this list.",
        "",
    ]
    group = ""
    for part in parts_of(mat):
        if part.group != group:
            group = part.group
            lines += ["", f"## {group}", "", "| quantity | part | instead |", "|---:|---|---|"]
        lines.append(f"| {part.quantity} | {part.what} | {part.instead} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _sensors(plan: Plan) -> list[Part]:
    count = len(plan.channels)
    group = "Sensors"
    parts = [
        Part(
            group,
            f"{count}",
            "force-sensitive resistor FSR 406 (38 mm square)",
            "FSR 402 (13 mm round) with a puck of 11 mm; it forgives less when the body lies a little beside it",
        ),
        Part(group, f"{max(1, count // 8)}", "the same sensor as a spare"),
        Part(
            group,
            f"{count}",
            f"puck: firm disc, {10 * PUCK_CM:.0f} mm across, 3 mm thick, edges rounded (acrylic, plywood)",
            "printed in PLA or PETG; a round felt-backed furniture glide that does not give",
        ),
    ]
    if plan.mat.mat.end_resistors_ohms:
        parts.append(
            Part(
                group,
                f"{count}",
                f"end resistor {ohms(plan.mat.mat.end_resistors_ohms)}, 1 %, small (1/8 W), at the sensor",
                "5 % will do: it only has to be told from nothing",
            )
        )
    return parts


def _electronics(plan: Plan) -> list[Part]:
    group = "Box"
    straps = ", ".join(f"{board.name}: ADDR to {board.strap} (0x{board.address:02x})" for board in plan.boards)
    dividers = Counter(channel.zone.resistor_ohms for channel in plan.channels)
    return [
        Part(group, "1", "Raspberry Pi 4 with supply and card (16 GB or more)", "Pi Zero 2 W, 3B+ or 5; 64-bit system"),
        Part(
            group,
            f"{len(plan.boards)}",
            f"ADS1115 board; {straps}",
            "any make with ADDR brought out; not the ADS1015, which has 12 bits",
        ),
        *(
            Part(group, f"{count}", f"divider resistor {ohms(value)}, 1 %, metal film", "the next smaller value of the E12 row")
            for value, count in sorted(dividers.items())
        ),
        Part(group, f"{len(plan.channels)}", f"series resistor {ohms(SERIES_OHMS)}, 5 %, before each ADC pin", "470 Ω to 2.2 kΩ"),
        Part(group, "1", "perforated board, about 10 x 16 cm", "stripboard"),
        Part(group, "1", "plastic box with room for Pi and board, and holes for the cables"),
        Part(group, "1", "four-wire cable from the Pi to the boards, at most 30 cm", "Qwiic/STEMMA QT cables with such boards"),
    ]


def _cables(plan: Plan) -> list[Part]:
    group = "Cables"
    metres = ceil(sum(channel.cable_cm for channel in plan.channels) / 100)
    count = len(plan.channels)
    return [
        Part(
            group,
            f"{metres} m",
            "two-wire cable, stranded, thin and soft (2 x 0.14 mm²)",
            "flat ribbon cable split in pairs; not solid-core wire, which breaks",
        ),
        Part(
            group,
            f"{count}",
            "pair of two-pin plugs that lock (JST-SM or XH)",
            "screw terminals on the board; one DB-25 for the whole mat if you solder well",
        ),
        Part(group, f"{count}", "strain relief at the sensor: textile tape, 5 cm", "a drop of flexible glue and a loop of cable"),
        Part(group, "1", "cable clamp where the cables leave the mat"),
        Part(group, "1 m", "heat-shrink tube, 2 to 3 mm"),
    ]


def _layers(plan: Plan) -> list[Part]:
    group = "Mat"
    size = f"{plan.width_cm:.4g} x {plan.length_cm:.4g} cm"
    return [
        Part(group, "1", f"base that does not stretch, {size}: EVA foam of 3 mm, dense", "vinyl flooring, 2 mm"),
        Part(group, "1", f"cover over sensors and pucks, {size}: exercise mat of 4 to 6 mm", "felt of 5 mm under a cotton cover"),
        Part(group, "1 roll", "double-sided tape, thin (not the foam kind)", "contact adhesive at the sensor's rim"),
        Part(group, "1 roll", "textile tape to lay the cables flat"),
    ]
