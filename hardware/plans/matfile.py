"""The text of a mat file, with what its maker should know as comments."""

from __future__ import annotations

from textwrap import wrap

from hardware.mat import Mat, Zone

WHAT_IT_CAN = {
    4: "The two elbows and the two feet: the least that times arm and leg lifts.  Nothing lies under the trunk, so presence is "
    "known from elbows and feet alone.  It cannot tell how much of a limb was lifted, for each limb has one sensor.",
    8: "Both elbows, the head, and two zones along each leg, with the belly for presence and breathing.  It tells a lift of the "
    "foot from one that takes the knee along.  It cannot tell whether the hand rose with the elbow.",
    16: "Everything the station can show.  Head and hand lie on one another, so the head is a zone between the two hands and "
    "belongs to both arms.  Chest, belly and pelvis never lift: they show presence, load that moves across, and breathing.",
}

AXES = (
    "Places follow from stature (`backlift mat --height` or `--range`): lie with the front of the hip bones on the hip line.  "
    "The origin is the middle of the foot end; x runs across, the person's left is negative (seen from above, lying on the belly, "
    "head up the page, left is left); y runs towards the head.  A zone with strip_cm is a strip sensor of that length; angle_deg "
    "says where it points, 0 across and 90 along the body."
)


def mat_file_text(mat: Mat) -> str:
    """A mat file that `parse_mat` reads back as this mat."""
    facts = mat.mat
    lines = [*_comment(f"{facts.name}."), "#"]
    if len(mat.zone) in WHAT_IT_CAN:
        lines += [*_comment(WHAT_IT_CAN[len(mat.zone)]), "#"]
    lines += [*_comment(AXES), "", "[mat]", f'name = "{facts.name}"', f"supply_volts = {facts.supply_volts:g}"]
    if facts.end_resistors_ohms:
        lines.append(
            f"end_resistors_ohms = {facts.end_resistors_ohms:.0f}     # across each sensor, in its plug: a cut wire reads zero"
        )
    if facts.width_cm:
        lines.append(f"width_cm = {facts.width_cm:g}")
    if facts.length_cm:
        lines.append(f"length_cm = {facts.length_cm:g}")
    if facts.box_side:
        lines.append(f'box_side = "{facts.box_side}"                 # corner of the foot end where cables leave')
    if facts.stature_cm:
        lines.append(f"stature_cm = [{facts.stature_cm[0]:g}, {facts.stature_cm[1]:g}]")
    if facts.hip_line_cm is not None:
        lines.append(f"hip_line_cm = {facts.hip_line_cm:g}")
    for zone in mat.zone:
        lines += _zone(zone)
    for limb in mat.limb:
        zones = ", ".join(f'"{zone}"' for zone in limb.zones)
        lines += ["", "[[limb]]", f'name = "{limb.name}"', f'kind = "{limb.kind}"', f'side = "{limb.side}"', f"zones = [{zones}]"]
    return "\n".join(lines) + "\n"


def _zone(zone: Zone) -> list[str]:
    lines = ["", "[[zone]]", f'name = "{zone.name}"', f"chip = 0x{zone.chip:02x}", f"pin = {zone.pin}"]
    lines += [f"x_cm = {zone.x_cm:g}", f"y_cm = {zone.y_cm:g}", f"resistor_ohms = {zone.resistor_ohms:g}"]
    for key in ("strip_cm", "angle_deg", "k", "gamma"):
        value = getattr(zone, key)
        if value is not None:
            lines.append(f"{key} = {value:g}")
    return lines


def _comment(words: str) -> list[str]:
    return ["# " + line for line in wrap(words, 130)]
