"""Draws the pictures of docs/detection.md from simulated practice, by the detector as it is.

python docs/detection_figures.py            (needs matplotlib, which the station itself does not)
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from hardware.frames import FrameBlock
from hardware.sim.labels import Recording
from hardware.sim.recorder import make
from station.model import Lift
from station.signal.detector import Detector
from station.signal.loads import ForceScale

IMAGES = Path(__file__).parent / "images"
COLOURS = {"prepare_start": "#4477aa", "lift_off": "#228833", "touch_down": "#ee6677", "melt_end": "#aa3377"}
WORDS = {"prepare_start": "prepare", "lift_off": "lift-off", "touch_down": "touch-down", "melt_end": "melt end"}
EVENTS = tuple(COLOURS)


def detect(recording: Recording) -> list[Lift]:
    pipeline = Detector(recording.mat)
    said = [*pipeline.feed(FrameBlock(recording.t_s, recording.volts)), *pipeline.finish()]
    return [item for item in said if isinstance(item, Lift)]


def force_of(recording: Recording, limb: str) -> tuple[np.ndarray, np.ndarray]:
    """Newtons of the limb's zones, shape (frames, zones), and of the lead zone alone."""
    mat = recording.mat
    force = ForceScale(mat, {}).force(recording.volts)
    columns = mat.columns(next(one for one in mat.limb if one.name == limb))
    return force[:, columns], force[:, columns[0]]


def shade(axes: plt.Axes, lift: Lift, events: tuple[str, ...] = EVENTS) -> None:
    """A line where each moment is dated, a band of one standard deviation, a tick where it was announced."""
    for event in events:
        at, sd = getattr(lift, event), getattr(lift, f"{event}_sd")
        if at is None:
            continue
        axes.axvline(at, color=COLOURS[event], lw=1.4, label=WORDS[event])
        axes.axvspan(at - sd, at + sd, color=COLOURS[event], alpha=0.15, lw=0)
        said = lift.reported_at.get(event)
        if said is not None:
            axes.plot([said], [axes.get_ylim()[1]], marker="v", color=COLOURS[event], clip_on=False)


def style(axes: plt.Axes, title: str, ylabel: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_ylabel(ylabel)
    axes.grid(alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def save(figure: plt.Figure, name: str) -> None:
    figure.tight_layout()
    figure.savefig(IMAGES / name, dpi=80)
    plt.close(figure)


def one_lift(recording: Recording, lift: Lift) -> None:
    zones, _ = force_of(recording, lift.limb)
    t = recording.t_s
    span = (t > lift.prepare_start - 3) & (t < lift.melt_end + 3)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(9, 5), sharex=True)
    names = next(one for one in recording.mat.limb if one.name == lift.limb).zones
    for column, name in enumerate(names):
        top.plot(t[span], zones[span, column], lw=0.9, label=name)
    top.plot(t[span], zones[span].sum(axis=1), color="black", lw=1.2, label="total")
    style(top, "One lift: what the zones read, where its moments are dated, and when they were announced (triangles)", "newtons")
    top.set_ylim(0)
    shade(top, lift)
    top.legend(fontsize=7, ncol=4, loc="upper center")
    share = zones[span].sum(axis=1) / np.median(zones[(t > lift.prepare_start - 3) & (t < lift.prepare_start - 0.5)].sum(axis=1))
    bottom.plot(t[span], share, color="black", lw=1)
    bottom.axhspan(0.95, 1.05, color="#4477aa", alpha=0.12, lw=0)
    bottom.set_ylim(0.85, 1.12)
    style(
        bottom,
        "The same close to rest: prepare leaves the band of 5 % for the last time, the melt enters it for good",
        "share of rest",
    )
    shade(bottom, lift, ("prepare_start", "melt_end"))
    bottom.set_xlabel("seconds")
    save(figure, "detection-lift.png")


def contact(recording: Recording, lift: Lift) -> None:
    _, lead = force_of(recording, lift.limb)
    t = recording.t_s
    rest = np.median(lead[(t > lift.prepare_start - 3) & (t < lift.prepare_start - 0.5)])
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    for axes, event in ((left, "lift_off"), (right, "touch_down")):
        at = getattr(lift, event)
        span = (t > at - 0.7) & (t < at + 0.9)
        floor = np.median(lead[(t > lift.lift_off + 0.6) & (t < lift.touch_down - 0.4)])
        axes.semilogy(t[span], np.maximum((lead[span] - floor) / rest * 100, 1e-3), ".-", ms=3, lw=0.6, color="black")
        axes.axhline(2, color="grey", lw=0.8)
        style(axes, f"Lead zone at {WORDS[event]}, % of rest, log scale", "")
        shade(axes, lift, (event,))
        axes.set_xlabel("seconds")
    save(figure, "detection-contact.png")


def two_plateaus(recording: Recording, lift: Lift) -> None:
    zones, lead = force_of(recording, lift.limb)
    t = recording.t_s
    span = (t > lift.touch_down - 1.5) & (t < lift.melt_end + 4)
    rest = zones[(t > lift.prepare_start - 3) & (t < lift.prepare_start - 0.5)].mean(axis=0)
    figure, axes = plt.subplots(figsize=(9, 3))
    axes.plot(t[span], zones[span].sum(axis=1) / rest.sum(), color="black", lw=1.2, label="total")
    axes.plot(t[span], lead[span] / rest[0], color="#ccbb44", lw=1.2, label="lead zone")
    style(axes, "A plateau is not a rest: the melt goes on in steps, and the lead zone tells", "share of rest")
    axes.set_ylim(0)
    shade(axes, lift, ("touch_down", "melt_end"))
    axes.legend(fontsize=7, loc="lower right")
    axes.set_xlabel("seconds")
    save(figure, "detection-staircase.png")


def half_lift(recording: Recording, report: Lift) -> None:
    zones, lead = force_of(recording, report.limb)
    t = recording.t_s
    span = (t > report.prepare_start - 2) & (t < report.melt_end + 2)
    figure, axes = plt.subplots(figsize=(9, 3))
    axes.plot(t[span], zones[span].sum(axis=1), color="black", lw=1.2, label="total")
    axes.plot(t[span], lead[span], color="#ccbb44", lw=1.2, label="lead zone")
    style(axes, "Not a lift: the lead zone keeps contact and lives (breath, tremor); reported as an unweighting", "newtons")
    axes.set_ylim(0)
    axes.legend(fontsize=7, loc="lower right")
    axes.set_xlabel("seconds")
    save(figure, "detection-unweighting.png")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    clean = make("clean", 7)
    lifts = [lift for lift in detect(clean) if lift.kind == "lift" and lift.melt_end is not None]
    chosen = max(lifts, key=lambda lift: len(lift.parts))
    one_lift(clean, chosen)
    contact(clean, chosen)
    steps = make("staircase", 12)
    lifts = [lift for lift in detect(steps) if lift.kind == "lift" and lift.melt_end is not None]
    two_plateaus(steps, max(lifts, key=lambda lift: lift.melt_end - lift.touch_down))
    half = make("half", 7)
    half_lift(half, max((x for x in detect(half) if x.kind == "unweighting"), key=lambda report: report.extent))


if __name__ == "__main__":
    main()
