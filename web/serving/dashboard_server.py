"""The web server as the process uses it: an event loop in a thread of its own, started and stopped from the main thread."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flask import Flask

from web.live.stream import LiveBroadcaster
from web.serving.admission import Admission
from web.serving.connections import LOOK_EVERY_S, Connection, Listener
from web.serving.worker_lanes import Lane
from web.serving.wsgi_bridge import Pulse, WsgiBridge

DEVICE_THREADS, DEVICE_JOBS, DEVICE_JOBS_OF_ONE = 6, 256, 192
STRANGER_THREADS, STRANGER_JOBS, STRANGER_JOBS_OF_ONE = 2, 24, 8
CLOSE_WITHIN_S = 0.5
"""Streams and answers that are under way have so long to end after SIGTERM."""

log = logging.getLogger(__name__)


class DashboardServer:
    """Serves a Flask app on `address` (port 0: any free one).

    known: the id of the paired device whose token this is, from memory; refresh: brings that memory up to date, may wait.
    certificate: file with the certificate and its key, for https.
    """

    def __init__(
        self,
        address: tuple[str, int],
        app: Flask,
        live: LiveBroadcaster,
        known: Callable[[str | None], int | None],
        refresh: Callable[[], None],
        certificate: Path | None = None,
    ) -> None:
        self._address = address
        self._app = app
        self._live = live
        self._known = known
        self._refresh = refresh
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._listener: Listener | None = None
        self._opened = threading.Event()
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="web-server", daemon=True)

    def start(self) -> None:
        """Serve.  Raises OSError when it cannot be had."""
        self._thread.start()
        self._opened.wait()
        if self._failed is not None:
            raise self._failed

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self._address

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def connections(self) -> tuple[Connection, ...]:
        """Those that are open, for whoever wants to look."""
        return self._listener.connections() if self._listener else ()

    def stop(self) -> None:
        """End all connections; returns within a second."""
        if self._loop is not None and self._stopping is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(2 * CLOSE_WITHIN_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:
            log.exception("web server: ended by an unexpected error")
        finally:
            self._opened.set()

    async def _serve(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        pulse = Pulse()
        devices = Lane("web-device", DEVICE_THREADS, DEVICE_JOBS, DEVICE_JOBS_OF_ONE)
        strangers = Lane("web-stranger", STRANGER_THREADS, STRANGER_JOBS, STRANGER_JOBS_OF_ONE)
        bridge = WsgiBridge(self._app.wsgi_app, self._known, pulse, devices, strangers)
        listener = self._listener = Listener(bridge, self._address, self._tls, Admission())
        try:
            self._address = listener.open()
        except OSError as error:
            self._failed = error
            return
        finally:
            self._opened.set()

        def beat() -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(pulse.beat)

        self._live.listeners.append(beat)
        refreshing: asyncio.Task[None] | None = None
        try:
            while not self._stopping.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY_S)
                listener.look()
                if refreshing is None or refreshing.done():
                    refreshing = loop.create_task(devices.run("refresh", self._refresh))
        finally:
            self._live.listeners.remove(beat)
            listener.close()
            pulse.beat()
            await asyncio.sleep(CLOSE_WITHIN_S / 2)
            listener.abort_all()
            devices.close()
            strangers.close()
