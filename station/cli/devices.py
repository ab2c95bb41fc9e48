"""`backlift devices` and `backlift confirm`: who may see the pages, decided at the station itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.service.ipc import IpcClient


def station_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the station's socket."),
        click.option("--simulate", is_flag=True, help="The station that runs on a simulated mat."),
        click.option(
            "--config",
            envvar="BACKLIFT_CONFIG",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="station.toml; without it the defaults.",
        ),
    ):
        command = option(command)
    return command


def station_link(config: Path | None, simulate: bool, runtime: Path | None) -> IpcClient:
    from station.config import load_config, overridden
    from station.service.ipc import IpcClient
    from station.service.runtime import SOCKET_NAME, runtime_dir

    chosen = overridden(load_config(config), simulate=simulate)
    return IpcClient((runtime or runtime_dir("backlift-simulated" if chosen.simulated else "backlift")) / SOCKET_NAME)


@click.command()
@click.option("--revoke", type=int, metavar="N", help="Remove this device, and those it paired.")
@click.option("--revoke-all", is_flag=True, help="Remove all devices.")
@click.option("--role", type=(int, click.Choice(["owner", "practises", "looks"])), metavar="N ROLE", help="What a device may do.")
@station_options
def devices(
    revoke: int | None, revoke_all: bool, role: tuple[int, str] | None, config: Path | None, simulate: bool, runtime: Path | None
) -> None:
    """List the devices that can see the pages, or remove one.

    \b
    Example:
      backlift devices
      backlift devices --revoke 3
      backlift devices --role 2 practises
    """
    link = station_link(config, simulate, runtime)
    if role is not None:
        link.command("device_change", {"device": role[0], "role": role[1]})
    for number in [each["id"] for each in link.command("devices")] if revoke_all else [] if revoke is None else [revoke]:
        gone = link.command("device_revoke", {"device": number})
        if gone:
            click.echo(f"Removed: {', '.join(map(str, gone))}.")
    _list(link.command("devices"))


def _list(paired: list[dict[str, Any]]) -> None:
    import datetime

    if not paired:
        click.echo("No device is paired. To pair one: backlift pair")
        return
    click.echo(f"{'N':>4}  {'name':<32}  {'may':<9}  {'paired':<10}  {'last seen':<10}  invited by")
    for device in paired:
        days = [
            datetime.datetime.fromtimestamp(device[key]).astimezone().date().isoformat() for key in ("paired_wall_s", "seen_wall_s")
        ]
        encoding = sys.stdout.encoding or "ascii"
        name = device["name"].encode(encoding, "replace").decode(encoding)
        by = "" if device["invited_by"] is None else str(device["invited_by"])
        click.echo(f"{device['id']:>4}  {name[:32]:<32}  {device['role']:<9}  {days[0]}  {days[1]}  {by}".rstrip())


QUESTIONS = {
    "pairing_start": "A paired device wants to pair another device.",
    "device_revoke": "A paired device wants to remove another one.",
    "device_change": "A paired device wants to change what a device may do.",
    "delete_everything": "A paired device wants to DELETE ALL SESSIONS.",
    "open_network": "A paired device wants to let devices in the home network open the pages.",
    "setting_set": "A paired device wants to let devices in the home network open the pages.",
}


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@station_options
def confirm(yes: bool, config: Path | None, simulate: bool, runtime: Path | None) -> None:
    """Confirm what a paired device asked for and may not do alone.

    \b
    Example:
      backlift confirm
    """
    link = station_link(config, simulate, runtime)
    waiting = link.command("confirm_get")
    if waiting is None:
        click.echo("Nothing waits to be confirmed.")
        return
    click.echo(QUESTIONS.get(waiting, waiting))
    if yes or click.confirm("Allow it?"):
        # What waits may have become something else while the question stood there.
        if link.command("confirm_get") != waiting:
            click.echo("That no longer waits.")
            return
        link.command("confirm")
        click.echo("Allowed, once, within a minute.")
