"""The command line `backlift`.

A command's module is imported when the command is asked for, not before: `backlift --help` on a Pi must not wait for numpy.  So the
table below carries each command's one-line summary too; a test holds that it is the first line of the command's own help.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from hardware.errors import BackliftError
from hardware.private_files import keep_files_private

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("station.cli.run:run", "Start station and dashboard, and watch over both."),
    "station": ("station.cli.run:station", "Start the station alone (what the system service does)."),
    "dashboard": ("station.cli.run:dashboard", "Start the dashboard alone (what the system service does)."),
    "pair": (
        "station.cli.pair:pair",
        "Pair a tablet, so that it can see the pages; for two minutes, by a code, a link or its QR code.",
    ),
    "devices": ("station.cli.devices:devices", "List the devices that can see the pages, or remove one."),
    "confirm": ("station.cli.devices:confirm", "Confirm what a paired device asked for and may not do alone."),
    "replay": ("station.cli.replay:replay", "Find the lifts in a recording."),
    "sessions": ("station.cli.sessions:sessions", "List the stored sessions, or show one."),
    "export": ("station.cli.export:export", "Write sessions as a zip of CSV, mat file and JSON."),
    "study": ("station.cli.study:study", "Lifts as a table, sessions as EDF+ or BIDS, a live LSL stream."),
    "backup": ("station.cli.backup:backup", "Copy all data into one file, also while the station runs."),
    "backups": (
        "station.cli.backup:backups",
        "Backups on a schedule: show, choose the folder, make one now. The station makes them while the mat is empty.",
    ),
    "restore": ("station.cli.backup:restore", "Put a backup in the place of the present data."),
    "reanalyse": ("station.cli.data:reanalyse", "Look at stored sessions again with the present detector."),
    "recover": ("station.cli.data:recover", "Read what can still be read from a damaged database."),
    "delete": ("station.cli.data:delete", "Delete a session, or everything, really."),
    "check": ("station.cli.check:check", "Check wiring, sensors and the machine."),
    "calibrate": ("station.cli.calibrate:calibrate", "Calibrate zones with known weights."),
    "mat": (
        "station.cli.mat:mat",
        "List the mats, make one for your height, check a mat file, make build documents.",
    ),
    "bench": ("station.cli.bench:bench", "Measure this machine: speed, memory, start, wear."),
    "practice": ("station.cli.practice:practice", "Choose an exercise; begin, pause and end a session from here."),
    "sounds": ("station.cli.practice:sounds", "List the sounds, write or play them, or let a whole practice be heard."),
    "install": ("station.cli.install:install", "Set this Pi up: service user, bus, services, name on the network."),
    "upgrade": (
        "station.cli.install:upgrade",
        "Bring the installed station to a newer version, or stay with the old one if it fails.",
    ),
    "uninstall": ("station.cli.install:uninstall", "Take the station off this Pi; sessions and settings stay."),
    "logs": ("station.cli.logs:logs", "Show the logs, or pack a support bundle without body data."),
}
"""Command name -> ("module:function", one-line summary)."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), function)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{function} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="backlift-station", prog_name="backlift")
def backlift() -> None:
    """Back Lift Station: a practice mat that times how softly you lift and let go.

    \b
    Try it without hardware:   backlift run --simulate
    Analyse a recording:       backlift replay lesson.csv.gz --mat my.mat.toml
    """


def main() -> None:
    """Entry point: every error the project raises on purpose becomes one line and exit code 2."""
    keep_files_private()
    try:
        backlift(prog_name="backlift")
    except BackliftError as error:
        click.echo(f"backlift: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # The reader of a pipe went away (`backlift replay ... | head`); nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
