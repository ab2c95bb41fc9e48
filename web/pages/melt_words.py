"""What a melt is like, in words: one line and one sentence each, with what is known of its error.  Nothing here is a score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from station.analysis.breath import side_at
from station.analysis.lift_window import LiftWindow
from station.analysis.melt_shape import Measured, MeltShape
from station.locale.texts import Texts
from station.model import Lift

VAGUE = 0.5
"""A number whose error is larger than this share of it tells nothing, and is left out."""
SMOOTH_VAGUE = 0.7
"""The same for the smoothness, in its own unit: people's melts differ by about one."""


@dataclass(frozen=True, slots=True)
class Fact:
    """name: what it is; value: the number or the word; about: one sentence that explains it."""

    name: str
    value: str
    about: str


def shape_facts(shape: MeltShape | None, row: Any, t: Texts) -> Iterator[Fact]:
    """The facts of one melt that are known well enough."""
    if shape is None or row.missing:
        return
    for key, told in (("half", shape.half_s), ("most", shape.most_s)):
        if told and told.sd <= max(VAGUE * told.value, 0.3):
            yield Fact(t(f"melt.{key}"), _seconds(told, t), t(f"melt.{key}_about"))
    if shape.holds is not None:
        value = t.count("melt.holds_n", shape.holds) if shape.holds else t("melt.none")
        if shape.holds and shape.hold_s and shape.hold_s.sd <= VAGUE * shape.hold_s.value:
            value += " · " + t("melt.hold_longest", seconds=_seconds(shape.hold_s, t))
        yield Fact(t("melt.holds"), value, t("melt.holds_about"))
    if shape.regrips is not None:
        yield Fact(
            t("melt.regrips"),
            t.count("melt.regrips_n", shape.regrips) if shape.regrips else t("melt.none"),
            t("melt.regrips_about"),
        )
    if shape.last_zone and shape.last_by_s:
        zone = t(f"zone.{shape.last_zone}") if t.has(f"zone.{shape.last_zone}") else shape.last_zone.replace("_", " ")
        yield Fact(t("melt.last"), t("melt.last_by", zone=zone, seconds=_seconds(shape.last_by_s, t)), t("melt.last_about"))
    if shape.sparc and shape.sparc.sd <= SMOOTH_VAGUE:
        value = f"{t.decimal(shape.sparc.value)} ± {t.decimal(max(shape.sparc.sd, 0.1))}".replace("-", "−")
        yield Fact(t("melt.smooth"), value, t("melt.smooth_about"))


def breath_fact(window: LiftWindow, lift: Lift, t: Texts) -> Iterator[Fact]:
    """Whether this lift began on the in-breath and its release on the out-breath, as far as the line tells."""
    if window.breath is None:
        return
    parts = []
    for at_s, key in ((lift.lift_off, "lift"), (lift.touch_down, "release")):
        side = None if at_s is None else side_at(window.t_s, window.breath, at_s)
        if side:
            parts.append(t(f"breath.{key}_{side}"))
    if parts:
        yield Fact(t("breath.name"), " · ".join(parts), t("breath.about"))


def _seconds(told: Measured, t: Texts) -> str:
    """Rounded to what the error allows: tenths below half a second, whole seconds above."""
    if told.sd >= 0.5:
        return f"{told.value:.0f}\u00a0±\u00a0{told.sd:.0f}\u00a0s"
    return f"{t.decimal(told.value)}\u00a0±\u00a0{t.decimal(max(told.sd, 0.1))}\u00a0s"
