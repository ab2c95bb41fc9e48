"""`backlift check`: is the mat wired as its file says, and is the machine fit for it?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hardware.check import Check, Finding

MARKS = {"good": "ok   ", "note": "note ", "fault": "FAULT"}
BAR = 32


@click.command()
@click.option("--simulate", is_flag=True, help="A simulated mat, which presses its zones itself; no hardware needed.")
@click.option("--mat", metavar="FILE", help="Mat file, or the name of a mat that comes with the project.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="BACKLIFT_CONFIG",
    help="station.toml; without it the defaults.",
)
@click.option("--no-presses", is_flag=True, help="Look at machine, boards and empty mat only.")
def check(simulate: bool, mat: str | None, config: Path | None, no_presses: bool) -> None:
    """Check wiring, sensors and the machine.

    Looks at the machine, finds the boards, measures how fast they can be read, and asks you to press one zone after another. While
    it asks, "skip" leaves a zone out and "stop" ends the check. The exit code is 0 when nothing needs mending and every zone
    was pressed (with --no-presses: when nothing needs mending), else 1.

    \b
    Example:
      backlift check --simulate
      backlift check --mat half-8 --no-presses
    """
    from hardware.check import Check, measure_scan_rate
    from hardware.clock import SystemClock
    from hardware.machine import look_at_machine, pin_finding
    from hardware.mats import find_mat
    from station.cli.guided import Helper, Keyboard, Screen, guide, refuse_if_running, the_mat
    from station.config import load_config, overridden

    chosen = overridden(load_config(config), simulate=simulate, mat=mat)
    wired, _ = find_mat(chosen.mat.file)
    screen = Screen()
    if not chosen.simulated:
        refuse_if_running()
        pins = {"led": chosen.pins.led, "buzzer": chosen.pins.buzzer, "button": chosen.pins.button}
        about_pins = pin_finding(pins)
        machine = look_at_machine(chosen.sampling.bus, chosen.data_dir, SystemClock())
        for finding in [*machine, *([about_pins] if about_pins else [])]:
            screen.say(_line(finding))
    with the_mat(chosen, wired) as (scanner, clock, hands):
        work = Check(wired, chosen.sampling.rate_hz, lambda: scanner.status, measure_scan_rate(scanner, clock), scanner.strangers())
        told = 0

        def show(prompt: object) -> None:
            nonlocal told
            for finding in work.result.findings[told:]:
                screen.say(_line(finding))
            told = len(work.result.findings)
            screen.draw(work.prompt.words, _picture(work))
            if no_presses and work.prompt.kind == "press":
                work.answer("stop")

        guide(work, scanner, clock, chosen.sampling.rate_hz, Keyboard(), Helper(hands), show)
    result = work.result
    sys.exit(0 if result.complete or (no_presses and result.passed) else 1)


def _line(finding: Finding) -> str:
    return f"{MARKS[finding.grade]} {finding.words}"


def _picture(check: Check) -> list[str]:
    """One line a zone: its reading as a bar."""
    lines = []
    for level in check.levels:
        bar = "" if level.volts is None else "█" * round(BAR * min(1.0, level.volts / 3.3))
        reading = "no reading" if level.volts is None else f"{level.volts:5.2f} V"
        lines.append(f"{level.zone:>14} {bar:<{BAR}} {reading}{'  pressed' if level.pressed else ''}")
    return lines
