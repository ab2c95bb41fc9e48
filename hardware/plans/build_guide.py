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
        strips=_strips(plan),
        hip=f", {mat.mat.hip_line_cm:g} cm from the foot end" if mat.mat.hip_line_cm is not None else "",
        made_for=_made_for(mat),
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
    return f"## This mat file\n\nIt asks for something you may come to regret:\n\n{told}\n\n"


def _strips(plan: Plan) -> str:
    """How long each strip is cut, as a table; nothing where there are none."""
    strips = [channel for channel in plan.channels if channel.zone.strip_cm is not None]
    if not strips:
        return "This mat has no strips."
    rows = "\n".join(f"| {c.number} | {c.zone.name} | {c.zone.strip_cm:g} | {c.zone.angle_deg:g}° |" for c in strips)
    return f"| number | strip | cut to cm | points to (0 across, 90 along) |\n|---:|---|---:|---:|\n{rows}"


def _made_for(mat: Mat) -> str:
    if mat.mat.stature_cm is None:
        return ""
    low, high = mat.mat.stature_cm
    people = f"people from {low:g} to {high:g} cm" if low != high else f"somebody of {low:g} cm"
    return f"The places are made for {people}."


def _end_resistors(mat: Mat) -> str:
    if mat.mat.end_resistors_ohms is None:
        return (
            "This mat has none. Consider 1 MΩ across each sensor, in its plug: without it a broken cable looks like a lifted\n"
            "  limb. If you fit them, say so in the mat file: `end_resistors_ohms = 1000000`."
        )
    return (
        f"Put {ohms(mat.mat.end_resistors_ohms)} across the two wires in the plug at the sensor, not in the box.\n"
        "  An empty zone then still reads some millivolts, and a cut wire reads zero.\n"
        "  Without it both look the same, and a broken cable looks like a lifted limb."
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
