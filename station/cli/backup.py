"""`backlift backup`, `backups` and `restore`: the whole database as one file, now or on a schedule, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.cli.devices import station_link, station_options
from station.cli.sessions import database_options

if TYPE_CHECKING:
    from station.service.ipc import IpcClient


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
@click.option("--discard-present", is_flag=True, hidden=True, help="As an upgrade that goes back: delete what was set aside.")
@database_options
def restore(database: Path, source: Path, devices_too: bool, yes: bool, discard_present: bool) -> None:
    """Put a backup in the place of the present data.

    The backup is checked first; the present data are set aside under a dated name, not deleted. Paired devices and network settings
    stay the present ones. Stop the station before.

    \b
    Example:
      backlift restore /media/usb/backlift-2026-11.db
    """
    from station.store.files import SIDE_SUFFIXES, side_file
    from station.store.restore import restore as put_back

    if not yes and database.exists():
        click.confirm(f"Replace the data in {database} by {source}? They will be set aside, not deleted.", abort=True)
    aside = put_back(source, database, security_too=devices_too)
    if aside is not None and discard_present:
        for suffix in ("", *SIDE_SUFFIXES):
            side_file(aside, suffix).unlink(missing_ok=True)
        aside = None
    click.echo(f"{source} is in use now." + (f" The data before are in {aside}." if aside else ""))


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", help="On a stick, a share or another disk.")
@click.option("--off", is_flag=True, help="Make no more backups.")
@click.option("--every", type=click.IntRange(1, 90), metavar="DAYS", help="Days from one to the next (1).")
@click.option("--keep", type=click.IntRange(1, 365), metavar="N", help="So many are kept, the newest (14).")
@click.option("--now", is_flag=True, help="Make one now.")
@station_options
def backups(
    folder: Path | None,
    off: bool,
    every: int | None,
    keep: int | None,
    now: bool,
    config: Path | None,
    simulate: bool,
    runtime: Path | None,
) -> None:
    """Backups on a schedule: show, choose the folder, make one now. The station makes them while the mat is empty.

    \b
    Example:
      backlift backups
      backlift backups --to /media/backlift --every 1 --keep 14
      backlift backups --now
    """
    link = station_link(config, simulate, runtime)
    changes = {"backup.folder": str(folder.absolute()) if folder else None, "backup.every_days": every, "backup.keep": keep}
    for key, value in changes.items():
        if value is not None or (key == "backup.folder" and off):
            link.command("setting_set", {"key": key, "value": value})
    if now:
        link.command("backup_now")
    _show_backups(link, _settings(config, simulate))


def _settings(config: Path | None, simulate: bool) -> dict[str, Any]:
    from station.config import load_config, overridden
    from station.settings import in_force
    from station.store import Reader

    with Reader(overridden(load_config(config), simulate=simulate).database) as reader:
        return in_force(reader.settings())


def _show_backups(link: IpcClient, settings: dict[str, Any]) -> None:
    import datetime

    import msgspec

    from hardware.notices import Notice
    from station.locale.texts import Texts

    if settings["backup.folder"] is None:
        click.echo("No backups. Choose a folder on a stick or a share:  backlift backups --to /media/backlift")
        return
    days, keep = settings["backup.every_days"], settings["backup.keep"]
    click.echo(f"Every {days} day(s) to {settings['backup.folder']}; the newest {keep} stay.")
    if last := settings["backup.last"]:
        made = datetime.datetime.fromtimestamp(last["wall_s"]).astimezone()
        click.echo(f"Last backup: {made:%Y-%m-%d %H:%M}, {last['size_mb']} MB.")
    else:
        click.echo("No backup yet; the first is made as soon as the mat is empty.")
    for notice in link.command("health")["notices"]:
        if notice["code"].startswith("backup_"):
            click.echo(Texts("en").notice(msgspec.convert(notice, Notice)))
