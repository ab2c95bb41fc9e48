"""`backlift backup` and `backlift restore`: the whole database as one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.sessions import database_options


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@database_options
def backup(database: Path, target: Path) -> None:
    """Copy all data into one file, also while the station runs.

    \b
    Example:
      backlift backup /media/usb/backlift-2026-11.db
    """
    from station.store.backup import backup as copy

    copy(database, target)
    click.echo(f"Everything is in {target} ({target.stat().st_size / 1e6:.1f} MB), and was checked.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--devices-too", is_flag=True, help="Also its paired devices and network settings; else the present ones stay.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_options
def restore(database: Path, source: Path, devices_too: bool, yes: bool) -> None:
    """Put a backup in the place of the present data.

    The backup is checked first; the present data are set aside under a dated name, not deleted. Paired devices and network settings
    stay the present ones. Stop the station before.

    \b
    Example:
      backlift restore /media/usb/backlift-2026-11.db
    """
    from station.store.restore import restore as put_back

    if not yes and database.exists():
        click.confirm(f"Replace the data in {database} by {source}? They will be set aside, not deleted.", abort=True)
    aside = put_back(source, database, security_too=devices_too)
    click.echo(f"{source} is in use now." + (f" The data before are in {aside}." if aside else ""))
