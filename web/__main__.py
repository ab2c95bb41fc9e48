"""`python -m web`: the dashboard as a process of its own, beside the station."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask
from sdnotify import SystemdNotifier

from hardware.errors import BackliftError
from hardware.private_files import keep_files_private
from station.config import Config, load_config, overridden
from station.service.ipc import IpcClient
from station.service.network_address import own_ip, own_names
from station.service.runtime import SOCKET_NAME, runtime_dir
from station.settings import in_force
from station.store import Reader
from web.app import create_app
from web.auth.certificate import own_certificate
from web.auth.devices import Devices
from web.auth.guard import require_paired_device
from web.live.mqtt import start_mqtt
from web.serving.dashboard_server import DashboardServer

LOOK_S = 2.0
"""So often systemd is told that all is well, and the setting that opens the pages is looked at."""
EVERYWHERE = "0.0.0.0"


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
    keep_files_private()
    try:
        config = overridden(load_config(config_file), simulate=simulate, mat=mat, data=data, port=port)
        folder = runtime or runtime_dir("backlift-simulated" if config.simulated else "backlift")
        serve(config, host or config.dashboard.host, socket or folder / SOCKET_NAME, folder, safe_mode=safe_mode)
    except BackliftError as error:
        click.echo(f"dashboard: {error}", err=True)
        sys.exit(2)


def serve(config: Config, host: str, socket: Path, folder: Path, *, safe_mode: bool = False) -> None:
    """Serve until SIGTERM or SIGINT.  Raises DashboardError when the port cannot be had.

    host: where to listen while the pages are not opened to the private network.
    folder: where the station notes its crashes.
    """
    link, reader = IpcClient(socket, sender="dashboard"), Reader(config.database)
    names = (*own_names(), *config.dashboard.names)
    app = create_app(config, link, reader, folder=folder, safe_mode=safe_mode, guard=require_paired_device(link, reader, names))
    live = app.extensions["backlift"].live
    certificate = _certificate(names) if config.dashboard.https else None
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    listening = wanted_host(host, reader)
    server = start_server(listening, config.dashboard.port, app, certificate)
    live.start()
    bridge = start_mqtt(config, socket, state_folder())
    notifier = SystemdNotifier()
    notifier.notify("READY=1")
    while not stopping.wait(LOOK_S) and server.alive and live.alive and (bridge is None or bridge.alive):
        notifier.notify("WATCHDOG=1")
        if (wanted := wanted_host(host, reader)) != listening:
            # The pages were opened to the home's network, or closed again: the tablets come back by themselves.
            live.interrupt()
            server.stop()
            listening = wanted
            server = start_server(listening, config.dashboard.port, app, certificate)
    notifier.notify("STOPPING=1")
    live.close()
    link.close()
    server.stop()
    if bridge:
        bridge.stop()


def _certificate(names: Iterable[str]) -> Path:
    ip = own_ip()
    return own_certificate(state_folder(), names, datetime.now(UTC), (ip,) if ip else ())


def wanted_host(host: str, reader: Reader) -> str:
    """Where to listen now: everywhere once the owner opened the pages to the private network (web/auth/guard.py asks who comes)."""
    try:
        opened = in_force(reader.settings())["dashboard.open_network"]
    except BackliftError:
        opened = False
    return EVERYWHERE if opened else host


def start_server(host: str, port: int, app: Flask, certificate: Path | None) -> DashboardServer:
    """A server that serves in threads of its own.  Raises DashboardError when the port cannot be had."""
    devices: Devices | None = app.extensions.get("backlift_devices")
    known = devices.known if devices else lambda token: 0
    refresh = devices.refresh if devices else lambda: None
    refresh()
    server = DashboardServer((host, port), app, app.extensions["backlift"].live, known, refresh, certificate)
    try:
        server.start()
    except OSError as error:
        raise DashboardError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; "
            f"is another dashboard running? choose another port with --port"
        ) from None
    return server


def state_folder() -> Path:
    """Where the dashboard keeps what is its own: the folder systemd gives it, else the user's."""
    given = os.environ.get("STATE_DIRECTORY")
    return Path(given) if given else Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "backlift"


if __name__ == "__main__":
    main()
