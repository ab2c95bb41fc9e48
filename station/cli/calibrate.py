"""`backlift calibrate`: tell the mat what a newton is."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hardware.calibrate import Calibration
    from hardware.calibration import ZoneCalibration


@click.command()
@click.argument("zones", nargs=-1, metavar="[ZONE]...")
@click.option("--simulate", is_flag=True, help="A simulated mat, on which the weights you name are laid; no hardware needed.")
@click.option("--mat", metavar="FILE", help="Mat file, or the name of a mat that comes with the project.")
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the database (with --simulate: keep it).")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="BACKLIFT_CONFIG",
    help="station.toml; without it the defaults.",
)
@click.option(
    "--creep", "creep_s", type=click.FloatRange(0, 600), default=60.0, show_default=True, help="Seconds; 0: not measured."
)
def calibrate(
    zones: tuple[str, ...], simulate: bool, mat: str | None, data: Path | None, config: Path | None, creep_s: float
) -> None:
    """Calibrate zones with known weights.

    Asks for one weight after another; write what it is ("2 kg", "500 g", "20 N") once it lies on the zone. The first stays for a
    minute, to measure the creep. "done" ends a zone, "skip" leaves it out, "stop" ends everything. Earlier calibrations are kept.

    \b
    Example:
      backlift calibrate foot_l foot_r
      backlift calibrate --simulate --mat small-4
    """
    import msgspec

    from hardware.calibrate import Calibration
    from hardware.clock import SystemClock
    from hardware.mats import find_mat
    from station.cli.guided import Helper, Keyboard, Screen, guide, refuse_if_running, the_mat
    from station.config import load_config, overridden
    from station.store import Store

    chosen = overridden(load_config(config), simulate=simulate, mat=mat, data=data)
    wired, _ = find_mat(chosen.mat.file)
    screen = Screen()
    with ExitStack() as stack:
        store = None
        if not chosen.simulated:
            refuse_if_running()
        if not chosen.simulated or data is not None:
            # A calibration of simulated sensors must not be taken for one of the real mat.
            chosen.data_dir.mkdir(parents=True, exist_ok=True)
            store = stack.enter_context(Store(chosen.database))

        def save(calibration: ZoneCalibration) -> None:
            screen.say(_line(calibration))
            if store is not None:
                store.calibration_add(wired.mat.name, calibration.zone, msgspec.to_builtins(calibration))

        work = Calibration(wired, save, SystemClock().wall_s, zones or None, creep_s)
        scanner, clock, hands = stack.enter_context(the_mat(chosen, wired))
        heard = ""

        def show(prompt: object) -> None:
            nonlocal heard
            if work.words and work.words != heard:
                screen.say(f"  {work.words}")
            heard = work.words
            screen.draw(work.prompt.words, _picture(work) if screen.live else [])

        guide(work, scanner, clock, chosen.sampling.rate_hz, Keyboard(), Helper(hands), show)
        if work.saved and store is None:
            screen.say("Nothing was kept: these sensors are simulated. Give --data DIR to keep it all the same.")
    sys.exit(0 if work.saved else 1)


def _line(calibration: ZoneCalibration) -> str:
    again = "" if calibration.repeatability is None else f", the same weight again to {calibration.repeatability:.0%}"
    creep = "" if calibration.creep_per_decade is None else f", creep {calibration.creep_per_decade:.1%} a decade"
    law = f"{calibration.k * 1e6:.1f} uS x N^{calibration.gamma:.2f}"
    return f"{calibration.zone}: {law}; {calibration.weights} weights read to {calibration.residual:.0%}{again}{creep}"


def _picture(work: Calibration) -> list[str]:
    left_s = work.prompt.left_s
    reading = "no reading" if work.volts is None else f"{work.volts:.2f} V"
    return [f"  {reading}{'' if left_s is None else f'   {left_s:.0f} s'}"]
