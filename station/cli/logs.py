"""`backlift logs`: what the station said, and a bundle to send along when asking for help."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click

UNITS = ("backlift-station", "backlift-dashboard", "backlift-update")
LINES = 500


@click.command()
@click.option("--lines", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many of the newest lines.")
@click.option("--follow", is_flag=True, help="Go on showing new lines until Ctrl-C.")
@click.option("--bundle", type=click.Path(path_type=Path), metavar="FILE.zip", help="Pack logs, versions and health into a file.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", envvar="BACKLIFT_CONFIG", help="station.toml of this station."
)
@click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the station's socket.")
def logs(lines: int, follow: bool, bundle: Path | None, config: Path | None, runtime: Path | None) -> None:
    """Show the logs, or pack a support bundle without body data.

    The logs are systemd's, so they exist where the station was installed as a service. A bundle holds logs, versions, technical
    settings and health: no sessions, no notes, no sensor readings, no names, addresses or passwords.

    \b
    Example:
      backlift logs --follow
      backlift logs --bundle help-me.zip
    """
    if bundle:
        from station.service.runtime import runtime_dir
        from station.service.support_bundle import write_bundle

        folder = runtime or runtime_dir()
        click.echo(f"written: {write_bundle(bundle, config, folder, journal(LINES))}")
        return
    if follow:
        _journalctl("--follow", "--lines", str(lines), capture=False)
    else:
        click.echo(journal(lines), nl=False)


def journal(lines: int) -> str:
    """The newest lines of the services' logs; a sentence where there are none."""
    return _journalctl("--lines", str(lines))


def _journalctl(*options: str, capture: bool = True) -> str:
    argv = ["journalctl", "--no-pager", "--output", "short-iso", *options]
    for unit in UNITS:
        argv += ["--unit", unit]
    try:
        done = subprocess.run(argv, check=False, capture_output=capture, text=True)
    except FileNotFoundError:
        return "no logs: this machine has no systemd; 'backlift run' writes to the terminal it was started in\n"
    return done.stdout or done.stderr or ""
