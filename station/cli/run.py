"""`backlift run`, and its two halves `backlift station` and `backlift dashboard`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hardware.errors import BackliftError

if TYPE_CHECKING:
    from hardware.mat import Mat
    from station.config import Config


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What all three take; the children are given the same options again."""
    for option in (
        click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the station's socket."),
        click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the database."),
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            metavar="FILE",
            envvar="BACKLIFT_CONFIG",
            help="station.toml; without it the defaults.",
        ),
        click.option("--mat", metavar="FILE", help="Mat file, or the name of a mat that comes with the project."),
        click.option("--simulate", is_flag=True, help="Somebody practises on a simulated mat; no hardware needed."),
    ):
        function = option(function)
    return function


_fault = click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[:WHERE][@SECONDS]",
    help="With --simulate: something is wrong with a zone, a board or the bus; may be given several times. 'list' lists them.",
)
_port = click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port of the pages (default 8080).")


@click.command()
@_options
@_fault
@_port
def run(
    simulate: bool,
    mat: str | None,
    config: Path | None,
    data: Path | None,
    runtime: Path | None,
    faults: tuple[str, ...],
    port: int | None,
) -> None:
    """Start station and dashboard, and watch over both.

    Prints the address to open. Ctrl-C ends both and finishes the session.

    \b
    Example:
      backlift run --simulate
      backlift run --simulate --fault cut-wire:foot_l@30 --fault pull-board:2@60
      backlift run --config /etc/backlift/station.toml
    """
    from hardware.mats import find_mat
    from station.config import load_config, overridden
    from station.service.runtime import runtime_dir
    from station.service.supervisor import Child, Supervisor, require_port

    chosen = overridden(load_config(config), simulate=simulate, mat=mat, data=data, port=port)
    _check_faults(faults, chosen, find_mat(chosen.mat.file)[0])
    require_port(chosen.dashboard.host, chosen.dashboard.port)
    folder = runtime or runtime_dir("backlift-simulated" if chosen.simulated else "backlift")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = ["--runtime", str(folder), *_given(simulate, mat, config, data)]
    dashboard = [sys.executable, "-P", "-m", "web", *given, "--port", str(chosen.dashboard.port)]
    wrong = [word for fault in faults for word in ("--fault", fault)]
    children = (
        Child("station", [sys.executable, "-P", "-m", "station", "station", *given, *wrong]),
        # As in its unit: pages never take the sampler's time.
        Child("dashboard", dashboard, [*dashboard, "--safe-mode"], nice=5),
    )
    up: set[str] = set()

    def ready(name: str) -> None:
        up.add(name)
        if len(up) == len(children):
            click.echo(_invitation(chosen, folder))

    sys.exit(Supervisor(children, folder, ready).run())


def _invitation(config: Config, folder: Path) -> str:
    """The line with the address to open.  While the station answers, the address also pairs the browser that opens it."""
    from station.service.ipc import IpcClient
    from station.service.network_address import addresses
    from station.service.runtime import SOCKET_NAME

    address = addresses(config, everywhere=False)[0]
    try:
        offer = IpcClient(folder / SOCKET_NAME).command("pairing_start")
    except BackliftError:
        return f"Back Lift Station: open {address}   (Ctrl-C ends)"
    link = f"{address}pair#{offer['secret']}"
    more = "backlift pair --simulate" if config.simulated else "backlift pair"
    return f"Back Lift Station: open {link}\nIt pairs one browser, within two minutes. For another one: {more}. Ctrl-C ends."


@click.command()
@_options
@_fault
def station(
    simulate: bool, mat: str | None, config: Path | None, data: Path | None, runtime: Path | None, faults: tuple[str, ...]
) -> None:
    """Start the station alone (what the system service does).

    \b
    Example:
      backlift station --config /etc/backlift/station.toml
    """
    from station.config import load_config, overridden
    from station.service import runtime as meeting

    _log_to_stderr()
    folder = runtime or meeting.runtime_dir("backlift-simulated" if simulate else "backlift")
    meeting.note_start(folder)
    try:
        from hardware.wall_clock import clock_synchronised
        from station.service.main import Station, run_station
        from station.service.mat_source import open_mat

        chosen = overridden(load_config(config), simulate=simulate, mat=mat, data=data, faults=faults)
        sys.exit(run_station(Station(chosen, folder, open_mat, synchronised=clock_synchronised), folder))
    except Exception as error:
        meeting.note_words(folder, str(error))
        raise


@click.command()
@_options
@_port
def dashboard(
    simulate: bool, mat: str | None, config: Path | None, data: Path | None, runtime: Path | None, port: int | None
) -> None:
    """Start the dashboard alone (what the system service does).

    \b
    Example:
      backlift dashboard --config /etc/backlift/station.toml
    """
    # The station's side of the house must not import the web's, so the process becomes it.
    # -P: nothing is imported from the working directory, which may be anybody's.
    argv = [sys.executable, "-P", "-m", "web", *_given(simulate, mat, config, data)]
    argv += ["--runtime", str(runtime)] if runtime else []
    argv += ["--port", str(port)] if port else []
    try:
        os.execv(argv[0], argv)
    except OSError as error:
        raise BackliftError(f"the dashboard cannot be started: {error.strerror}") from None


def _check_faults(faults: tuple[str, ...], config: Config, mat: Mat) -> None:
    """Before anything starts: are these faults of a simulated mat, and on this mat?"""
    from hardware.sim.switchable_faults import SWITCHABLE, FaultNameError, parse_fault

    if "list" in faults:
        for name, one in SWITCHABLE.items():
            click.echo(f"{name:<16} {one.does}")
        sys.exit(0)
    if faults and not config.simulated:
        raise FaultNameError("--fault is for a simulated mat: add --simulate")
    for fault in faults:
        parse_fault(fault, mat)


def _given(simulate: bool, mat: str | None, config: Path | None, data: Path | None) -> list[str]:
    """The options a child is to be given, so that it sees the same config."""
    words = ["--simulate"] if simulate else []
    for name, value in (("--mat", mat), ("--config", config), ("--data", data)):
        words += [name, str(value)] if value else []
    return words


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
