"""`python -m web`: the dashboard as a process of its own, beside the station."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path

import click
from cheroot import wsgi
from sdnotify import SystemdNotifier

from hardware.errors import BackliftError
from station.config import Config, load_config, overridden
from station.link import LinkClient
from station.runtime import SOCKET_NAME, runtime_dir
from station.store import Reader
from web.app import create_app

THREADS = 24
STREAMS = THREADS - 4
"""Each stream holds a thread; four are left for pages, or a hall full of tablets would lock everybody out."""
SLOW_PEER_S = 10
WATCHDOG_S = 5.0


class DashboardError(BackliftError, OSError):
    """The dashboard cannot serve."""


@click.command()
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="station.toml")
@click.option("--simulate", is_flag=True, help="The station runs on a simulated mat.")
@click.option("--mat", help="The mat file the station was given.")
@click.option("--data", type=click.Path(path_type=Path), help="The folder of the database.")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--runtime", type=click.Path(path_type=Path), help="The folder of the station's socket.")
@click.option("--socket", type=click.Path(path_type=Path), help="The station's socket itself.")
@click.option("--safe-mode", is_flag=True, help="Only a page that says what is wrong.")
def main(
    config_file: Path | None,
    simulate: bool,
    mat: str | None,
    data: Path | None,
    host: str | None,
    port: int | None,
    runtime: Path | None,
    socket: Path | None,
    safe_mode: bool,
) -> None:
    """Serve the dashboard until SIGTERM."""
    try:
        config = overridden(load_config(config_file), simulate=simulate, mat=mat, data=data, port=port)
        folder = runtime or runtime_dir("backlift-simulated" if config.simulated else "backlift")
        serve(config, host or config.dashboard.host, socket or folder / SOCKET_NAME, folder, safe_mode=safe_mode)
    except BackliftError as error:
        click.echo(f"dashboard: {error}", err=True)
        sys.exit(2)


def serve(config: Config, host: str, socket: Path, folder: Path, *, safe_mode: bool = False) -> None:
    """Serve until SIGTERM or SIGINT.  Raises DashboardError when the port cannot be had.

    folder: where the station notes its crashes.
    """
    link = LinkClient(socket)
    app = create_app(config, link, Reader(config.database), streams=STREAMS, folder=folder, safe_mode=safe_mode)
    live = app.extensions["backlift"].live
    server = _Server(
        (host, config.dashboard.port),
        app,
        numthreads=THREADS,
        max=THREADS,
        timeout=SLOW_PEER_S,
        shutdown_timeout=2,
        server_name="backlift",
    )
    try:
        server.prepare()
    except OSError as error:
        raise DashboardError(
            f"cannot listen on {host} port {config.dashboard.port}: {error.strerror or error}; "
            f"is another dashboard running? choose another port with --port"
        ) from None
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    live.start()
    serving = threading.Thread(target=server.serve, name="server")
    serving.start()
    notifier = SystemdNotifier()
    notifier.notify("READY=1")
    while not stopping.wait(WATCHDOG_S) and serving.is_alive():
        notifier.notify("WATCHDOG=1")
    notifier.notify("STOPPING=1")
    # Streams first: a stream that still waits would hold the server's thread.
    live.close()
    link.close()
    server.stop()
    serving.join(timeout=3)


class _Server(wsgi.Server):
    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """cheroot reports every browser that goes away; only real trouble is worth a line."""
        if level >= logging.ERROR:
            click.echo(f"dashboard: {msg}", err=True)


if __name__ == "__main__":
    main()
