"""The parts list: what to buy for one mat, with part numbers, quantities worked out from the mat file, and what to take instead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from hardware.mat import Mat
from hardware.plans.plan import PUCK_CM, SERIES_OHMS, Plan, ohms, plan_of

PRICES_NOTED = "November 2026"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the list.  quantity: a number with its unit ("16", "19 m").  instead: two others that do.  usd: each, a range."""

    group: str
    quantity: str
    what: str
    instead: str = ""
    usd: str = ""


def parts_of(mat: Mat) -> tuple[Part, ...]:
    """Everything that goes into this mat and its box; spares are named as such."""
    plan = plan_of(mat)
    return (*_sensors(plan), *_box(plan), *_people(), *_cables(plan), *_layers(plan))


def parts_markdown(mat: Mat) -> str:
    """The list as Markdown tables."""
    lines = [
        f"# {plan_of(mat).title}: parts",
        "",
        "Made from the mat file; change the file and print it again rather than this list.",
        f"Prices are rough ranges in US dollars for single pieces, noted in {PRICES_NOTED} without a quotation.",
        "Look before you order.",
        "",
    ]
    group = ""
    for part in parts_of(mat):
        if part.group != group:
            group = part.group
            lines += ["", f"## {group}", "", "| quantity | part | instead | each |", "|---:|---|---|---:|"]
        lines.append(f"| {part.quantity} | {part.what} | {part.instead} | {part.usd} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _sensors(plan: Plan) -> list[Part]:
    group = "Sensors"
    strips = [channel for channel in plan.channels if channel.zone.strip_cm is not None]
    discs = len(plan.channels) - len(strips)
    parts = []
    if strips:
        lengths = ", ".join(f"{channel.zone.name} {channel.zone.strip_cm:g} cm" for channel in strips)
        parts += [
            Part(
                group,
                f"{len(strips)}",
                f"strip sensor Interlink FSR 408 with solder tabs (30-61710), 60 cm, cut to length: {lengths}",
                "the same strip sold under a shop's own number (Pololu 1697, SparkFun SEN-09674); two FSR 406 side by side on one "
                "channel, in parallel. One strip makes one sensor: what is cut off has no tail",
                "15-25",
            ),
            Part(
                group,
                f"{len(strips)}",
                "lath over the strip, 40 mm wide, 2 mm thick, as long as the strip, with a felt ridge of 8 mm along its middle",
                "two layers of 1 mm polypropylene sheet; plywood 3 mm under the cover, edges rounded (elbows and feet only)",
                "1-3",
            ),
        ]
    if discs:
        parts += [
            Part(
                group,
                f"{discs}",
                "disc sensor Interlink FSR 406 with solder tabs (30-73258), 38 mm square",
                "the same sensor under a shop's own number (Pololu 1645, Adafruit 1075); FSR 402 (30-81794) with a pad of 12 mm, "
                "which forgives less",
                "8-14",
            ),
            Part(
                group,
                f"{discs}",
                f"pad: soft disc, {10 * PUCK_CM:.0f} mm across, 3 mm thick (silicone or cellular rubber, 40 Shore A)",
                "printed in TPU 85A from the STL; wool felt of 3 mm",
                "0.2-1",
            ),
        ]
    parts.append(Part(group, f"{max(1, len(plan.channels) // 8)}", "spare of the sensor you use most"))
    if plan.mat.mat.end_resistors_ohms:
        parts.append(
            Part(
                group,
                f"{len(plan.channels)}",
                f"end resistor {ohms(plan.mat.mat.end_resistors_ohms)}, 1 %, 1/8 W, in the plug at the sensor",
                "5 %; 1/4 W: it only has to be told from nothing",
                "0.05",
            )
        )
    return parts


def _box(plan: Plan) -> list[Part]:
    group = "Box"
    straps = ", ".join(f"{board.name}: ADDR to {board.strap} (0x{board.address:02x})" for board in plan.boards)
    dividers = Counter(channel.zone.resistor_ohms for channel in plan.channels)
    return [
        Part(
            group,
            "1",
            "Raspberry Pi 4 with supply and card of 16 GB or more",
            "Pi Zero 2 W with header; Pi 3B+ or 5 (64-bit)",
            "45-90",
        ),
        Part(
            group,
            f"{len(plan.boards)}",
            f"ADS1115 board (Adafruit 1085); {straps}",
            "SparkFun or DFRobot ADS1115 with ADDR brought out; any unbranded one. Not the ADS1015, which has 12 bits",
            "4-15",
        ),
        *(
            Part(
                group,
                f"{count}",
                f"divider resistor {ohms(value)}, 1 %, metal film, 1/4 W",
                "the next smaller value of the E12 row; 5 % once calibrated",
                "0.05",
            )
            for value, count in sorted(dividers.items())
        ),
        Part(
            group,
            f"{len(plan.channels)}",
            f"series resistor {ohms(SERIES_OHMS)}, 5 %, before each ADC pin",
            "470 Ω; 2.2 kΩ",
            "0.05",
        ),
        Part(group, "1", "resistor 10 Ω, 1/4 W, in the 3.3 V wire where it leaves the Pi", "4.7 Ω; 15 Ω", "0.05"),
        Part(
            group,
            "1",
            "TVS diode for 3.3 V lines (SMAJ3.3A or SA5.0A), from the 3.3 V wire to GND behind the 10 Ω",
            "P6KE6.8A; a Zener diode of 3.9 V, 1 W",
            "0.3-1",
        ),
        Part(group, "1", "capacitor 10 µF, 10 V, ceramic, beside the TVS diode", "electrolytic 10 µF; 22 µF", "0.1-0.5"),
        Part(group, "1", "strip-board, 100 x 160 mm, 2.54 mm", "perforated board; solderless breadboard", "4-8"),
        Part(group, "1", "plastic box, 160 x 100 x 60 mm, rounded, with cable glands", "lunch box; printed box", "5-12"),
        Part(group, "1", "four-wire cable, Pi to boards, at most 30 cm", "Qwiic or STEMMA QT cables; jumper wires", "2-5"),
    ]


def _people() -> list[Part]:
    """What one presses, sees and hears; all of it may be left out, and is named in station.toml."""
    group = "Button, lamp, sound (each may be left out)"
    return [
        Part(group, "1", "push button, 16 mm, normally open, between its pin and GND", "arcade button; microswitch", "1-4"),
        Part(group, "1", "LED 5 mm, warm white, with 330 Ω in series, between its pin and GND", "yellow LED; 470 Ω", "0.5"),
        Part(
            group,
            "1",
            "passive piezo buzzer (TDK PS1240), between its pin and GND",
            "Murata PKM13EPYH4000; any passive piezo, not an active buzzer",
            "1-2",
        ),
        Part(
            group,
            "1",
            "small speaker on the Pi's audio jack",
            "USB speaker (Pi 5 and Zero 2 W have no jack); I2S amplifier MAX98357 with 3 W speaker",
            "8-20",
        ),
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
            "flat ribbon cable split in pairs; silicone wire AWG 26. Not solid-core wire, which breaks",
            "0.4-1",
        ),
        Part(
            group,
            f"{count}",
            "Amphenol FCI Clincher, 2 positions, female, or the sensor's own solder tabs in a 2-pin socket housing, 2.54 mm",
            "two-pole lever terminal (Wago 221-412); screw terminal block. No solder on the printed tail",
            "0.5-2",
        ),
        Part(
            group,
            f"{count}",
            "JST XH plug and counterpart, 2 pins: housing XHP-2 with SXH-001T contacts on the cable, header B2B-XH-A in the box",
            "JST SM pair (SMP-02V-BC, SMR-02V-B); screw terminals on the board",
            "0.4-1",
        ),
        Part(group, f"{count}", "strain relief at the sensor: textile tape, 5 cm", "a cable tie base; a sewn loop", "0.1"),
        Part(
            group,
            "1",
            "cable clamp where the cables leave the mat at the foot end",
            "cable gland; two screws and a strip of wood",
            "1",
        ),
        Part(group, "1 m", "heat-shrink tube, 2 to 3 mm", "textile tape; silicone tape", "1"),
    ]


def _layers(plan: Plan) -> list[Part]:
    group = "Mat"
    size = f"{plan.width_cm:.4g} x {plan.length_cm:.4g} cm"
    return [
        Part(
            group,
            "1",
            f"base, {size}: dense EVA foam of 6 mm, cut out 3 mm deep where sensors lie",
            "3 mm EVA with a second 3 mm layer that has windows; vinyl flooring of 2 mm under felt with windows",
            "20-45",
        ),
        Part(
            group,
            "1",
            f"firm layer over all sensors, {size}: dense felt or EVA of 5 mm",
            "exercise mat of 5 to 6 mm, free of latex; two blankets, stitched",
            "15-40",
        ),
        Part(
            group,
            "1",
            f"cover that can be wiped or washed, {size} and 10 cm more each way: cotton with a zip",
            "polyurethane-coated fabric (wipe); fitted sheet",
            "15-35",
        ),
        Part(
            group,
            "1 roll",
            "double-sided tape, thin, acrylic",
            "textile tape over the rim; spray adhesive on foam only",
            "5",
        ),
        Part(group, "1 roll", "textile tape to lay the cables flat", "sewn channel; cable duct of felt", "6"),
    ]
