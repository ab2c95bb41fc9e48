"""The build guide: one mat from bare parts to the first reading, with the reason beside each step.  Its words are in guide.md."""

from __future__ import annotations

from pathlib import Path
from string import Template

from hardware.mat import Mat
from hardware.plans.footprint import SENSOR_CM
from hardware.plans.plan import PUCK_CM, SERIES_OHMS, SLACK_CM, Channel, Plan, centimetres, ohms, pin_name, plan_of
from hardware.plans.template import tiles_of

WORDS = Path(__file__).with_name("guide.md")


def guide_markdown(mat: Mat) -> str:
    """The guide as Markdown, with this mat's own numbers."""
    plan = plan_of(mat)
    longest = max(plan.channels, key=lambda channel: channel.cable_cm)
    sheets = len(tiles_of(plan))
    own = ", the Pi's own" if mat.mat.supply_volts == 3.3 else ""
    return Template(WORDS.read_text(encoding="utf-8")).substitute(
        name=plan.title,
        power=f"The sensors run from {mat.mat.supply_volts:g} V{own}.",
        cautions=_cautions(plan),
        count=len(plan.channels),
        sheets=f"{sheets} sheet{'s' if sheets > 1 else ''}",
        size=f"{plan.width_cm:.4g} x {plan.length_cm:.4g} cm",
        sensor_mm=f"{10 * SENSOR_CM:.0f}",
        puck_mm=f"{10 * PUCK_CM:.0f}",
        ends=_end_resistors(mat),
        box_side=mat.mat.box_side or "left",
        slack_cm=SLACK_CM,
        longest=longest.zone.name,
        longest_cm=longest.cable_cm,
        straps="\n".join(f"| {board.number} | 0x{board.address:02x} | {board.strap} |" for board in plan.boards),
        supply=f"{mat.mat.supply_volts:g}",
        series=ohms(SERIES_OHMS),
        channels="\n".join(_row(plan, channel) for channel in plan.channels),
    )


def _cautions(plan: Plan) -> str:
    if not plan.cautions:
        return ""
    told = "\n".join(f"- {words}" for words in plan.cautions)
    return f"## Before you start\n\nThe mat file asks for something you may come to regret:\n\n{told}\n\n"


def _end_resistors(mat: Mat) -> str:
    if mat.mat.end_resistors_ohms is None:
        return (
            "This mat has none. Consider 1 MΩ across the tails of each sensor: without it a broken cable looks like a lifted\n"
            "  limb. If you fit them, say so in the mat file: `end_resistors_ohms = 1000000`."
        )
    return (
        f"Solder {ohms(mat.mat.end_resistors_ohms)} across the two tails at the sensor, not in the box. An empty zone then\n"
        "  still reads some millivolts, and a cut wire reads zero. Without it both look the same, and a broken cable looks like a\n"
        "  lifted limb."
    )


def _row(plan: Plan, channel: Channel) -> str:
    zone = channel.zone
    cells = (
        channel.number,
        zone.name,
        plan.board_of(channel).number,
        f"0x{zone.chip:02x}",
        pin_name(zone),
        ohms(zone.resistor_ohms),
        centimetres(zone.x_cm),
        centimetres(zone.y_cm),
        channel.cable_cm,
    )
    return "| " + " | ".join(map(str, cells)) + " |"
