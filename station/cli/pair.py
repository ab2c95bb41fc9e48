"""`backlift pair`: pair a tablet, from the station's own terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.option("--open-network", is_flag=True, help="Also open the pages to the private network, for other devices than this one.")
@click.option("--close-network", is_flag=True, help="Let the pages listen on this machine only again; pairs nobody.")
@click.option(
    "--config",
    envvar="BACKLIFT_CONFIG",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="station.toml; without it the defaults.",
)
@click.option("--simulate", is_flag=True, help="The station that runs on a simulated mat.")
@click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the station's socket.")
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="Port of the pages, where they were started with another one."
)
def pair(
    open_network: bool, close_network: bool, config: Path | None, simulate: bool, runtime: Path | None, port: int | None
) -> None:
    """Pair a tablet, so that it can see the pages; for two minutes, by a code, a link or its QR code.

    \b
    Example:
      backlift pair --open-network
      backlift pair --config /etc/backlift/station.toml
    """
    from station.config import load_config, overridden
    from station.service.ipc import IpcClient
    from station.service.network_address import addresses, qr_text
    from station.service.runtime import SOCKET_NAME, runtime_dir

    chosen = overridden(load_config(config), simulate=simulate, port=port)
    folder = runtime or runtime_dir("backlift-simulated" if chosen.simulated else "backlift")
    link = IpcClient(folder / SOCKET_NAME)
    if close_network:
        link.command("open_network", {"open": False})
        click.echo("The pages now listen on this machine only.")
        return
    if open_network:
        link.command("open_network", {"open": True})
    offer = link.command("pairing_start")
    opened = offer["open_network"]
    links = [f"{address}pair#{offer['secret']}" for address in addresses(chosen, everywhere=opened)]
    code, left_s = offer["code"], round(offer["left_s"])
    click.echo(f"Open the page and type {code[:3]} {code[3:]}. Good for {left_s} seconds and one device. Or open one of these:\n")
    for address in links:
        click.echo(f"  {address}")
    qr = qr_text(links[0], sys.stdout.encoding or "ascii")
    if qr is not None:
        click.echo(f"\n{qr}")
    if not opened and chosen.dashboard.host.startswith("127."):
        click.echo("Only this machine can open the pages. For a tablet: backlift pair --open-network")
