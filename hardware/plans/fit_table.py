"""Who is caught how well: statures and placements against mats, as in docs/build.md.  A test holds that page current."""

from __future__ import annotations

from hardware.mat import Mat
from hardware.plans.anthropometry import part_of
from hardware.plans.design import LEADS, SHIPPED_CM, Wish, design, least_share

OFF_CM = (
    ("on the hip line", (0.0, 0.0)),
    ("2 cm to the head", (0.0, 2.0)),
    ("2 cm to the feet", (0.0, -2.0)),
    ("2 cm aside", (2.0, 0.0)),
    ("5 cm to the head", (0.0, 5.0)),
)


def fit_tables() -> str:
    """Both tables as Markdown."""
    statures = [150.0, 155.0, 160.0, 165.0, 170.0, 175.0, 180.0, 185.0, 190.0, 195.0]
    one = [design(Wish((stature, stature), 16)) for stature in statures]
    several = design(Wish(SHIPPED_CM, 16))
    return (
        "The mat for 155 to 185 cm (`full-16`): smallest share of the usual load, of elbows and feet / of any zone.\n\n"
        + _table(statures, [several] * len(statures), 0.0)
        + "\n\nA mat made for each height (`--height`), for people 3 cm shorter to 3 cm taller:\n\n"
        + _table(statures, one, 3.0)
    )


def _table(statures: list[float], mats: list[Mat], spread_cm: float) -> str:
    lines = ["| height cm | " + " | ".join(words for words, _ in OFF_CM) + " |", "|---:|" + "---:|" * len(OFF_CM)]
    for stature, mat in zip(statures, mats, strict=True):
        cells = [
            f"{_least(mat, stature, spread_cm, off, True)} / {_least(mat, stature, spread_cm, off, False)}" for _, off in OFF_CM
        ]
        lines.append(f"| {stature:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _least(mat: Mat, stature: float, spread_cm: float, off_cm: tuple[float, float], leads: bool) -> str:
    """In per cent."""
    hip_cm = mat.mat.hip_line_cm or 0.0
    served = stature - spread_cm, stature + spread_cm
    zones = [zone for zone in mat.zone if not leads or part_of(zone.name) in LEADS]
    return f"{100 * min(least_share(zone, served, hip_cm, off_cm) for zone in zones):.0f}"
