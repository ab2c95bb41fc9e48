"""The connection to the owner's broker: paho, with bounds a hostile broker cannot pass and a password that is looked after.

The broker belongs to the home, but what listens on its address may be anything.  paho takes packets of up to 256 MB and keeps
thousands of half-finished exchanges; a station needs receipts, pings and, if the owner wants commands, a word or two.  So a packet
over `LARGEST_PACKET_BYTES`, or more than `RECEIVED_A_MINUTE_BYTES`, ends the connection, and what a connection left behind is
forgotten with it (clean session).
"""

from __future__ import annotations

import ipaddress
import logging
import stat
import time
from pathlib import Path
from typing import Any

from hardware.errors import BackliftError, pip_install
from station.config import Mqtt

LARGEST_PACKET_BYTES = 4096
RECEIVED_A_MINUTE_BYTES = 64 * 1024
MOST_UNSENT = 64
"""Messages that paho may hold; what waits longer waits in our own bounded queue."""

log = logging.getLogger(__name__)


class MqttError(BackliftError, RuntimeError):
    """The bridge to the broker cannot be set up; the message says what to mend in [mqtt]."""


def broker_client(settings: Mqtt, client_id: str) -> Any:
    """A paho client that is set up but not connected.  Raises MqttError."""
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise MqttError(f"paho-mqtt is not installed; add it with: {pip_install('paho-mqtt')}") from None

    class BoundedClient(Client):
        """Gives a connection up that brings more than a station needs."""

        _minute_began_s = float("-inf")
        _received = 0

        def _sock_recv(self, bufsize: int) -> bytes:
            # Where paho reads, with the length the broker announced: the one place before anything is kept.
            if bufsize > LARGEST_PACKET_BYTES:
                raise ConnectionError(f"the broker announced a packet of {bufsize} bytes")
            now_s = time.monotonic()
            if now_s - self._minute_began_s > 60.0:
                self._minute_began_s, self._received = now_s, 0
            data: bytes = super()._sock_recv(bufsize)
            self._received += len(data)
            if self._received > RECEIVED_A_MINUTE_BYTES:
                raise ConnectionError(f"the broker sent more than {RECEIVED_A_MINUTE_BYTES} bytes in a minute")
            return data

    client = BoundedClient(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=True)
    client.reconnect_delay_set(1, 30)
    client.max_queued_messages_set(MOST_UNSENT)
    if settings.username:
        password = _password(settings)
        if password is not None and not settings.tls and not _is_this_machine(settings.host):
            if not settings.allow_plain_password:
                raise MqttError(
                    "[mqtt] the password would cross the network in clear; set tls = true, or allow_plain_password = true "
                    "where you trust everybody in it"
                )
            log.warning("mqtt: the password crosses the network in clear, as [mqtt] allow_plain_password says")
        client.username_pw_set(settings.username, password)
    if settings.tls:
        try:
            client.tls_set(ca_certs=settings.ca_file or None)
        except OSError as error:
            raise MqttError(f"[mqtt] ca_file {settings.ca_file} cannot be read: {error.strerror}") from None
    return client


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _password(settings: Mqtt) -> str | None:
    if not settings.password_file:
        return None
    path = Path(settings.password_file)
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & stat.S_IRWXO:
                raise MqttError(f"[mqtt] everybody on this machine may read {path}; first: sudo chmod o-rwx {path}")
            return file.read(1024).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MqttError(f"[mqtt] password_file {path} cannot be read: {error}") from None
