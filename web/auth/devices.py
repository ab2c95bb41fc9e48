"""Which devices are paired, and what each shows to be known again: 256 random bits, of which the station keeps only the SHA-256."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable

from flask import Response, request

from hardware.errors import BackliftError
from station.service.ipc import IpcClient
from station.store.records import DeviceRecord

COOKIE = "backlift_device"
TOKEN_BYTES = 32
COOKIE_AGE_S = 400 * 24 * 3600
"""As long as browsers let a cookie live; it begins anew with every page that is opened."""
DEVICES_FRESH_S = 1.0
"""The list of devices is asked for again after so long; a revoked one is out no later."""

log = logging.getLogger(__name__)


class Devices:
    """The paired devices, by the hash of their token.  While the database cannot be read the last list known goes on to hold."""

    def __init__(self, load: Callable[[], Iterable[DeviceRecord]], monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._by_hash: dict[bytes, DeviceRecord] = {}
        self._loaded_s: float | None = None
        self._trouble = ""

    def find(self, token: str | None) -> DeviceRecord | None:
        """The device that carries this token and has not been revoked."""
        if not token:
            return None
        with self._lock:
            if self._loaded_s is None or self._monotonic_s() - self._loaded_s >= DEVICES_FRESH_S:
                self._reload()
            return self._by_hash.get(token_hash(token))

    def known(self, token: str | None) -> int | None:
        """The id of the device that carries this token, from memory: never waits, and is at most a second or so behind."""
        device = self._by_hash.get(token_hash(token)) if token else None
        return device.id if device else None

    def refresh(self) -> None:
        """Bring the memory up to date, if it is not."""
        self.find("-")

    def forget(self) -> None:
        """Something changed: ask again at the next request."""
        with self._lock:
            self._loaded_s = None

    def _reload(self) -> None:
        self._loaded_s = self._monotonic_s()
        try:
            self._by_hash = {device.token_sha256: device for device in self._load() if not device.revoked}
            self._trouble = ""
        except BackliftError as error:
            # Once, not with every try: there is one a second.
            if str(error) != self._trouble:
                log.warning("the list of paired devices cannot be read, the last one known holds: %s", error)
            self._trouble = str(error)


def token_hash(token: str) -> bytes:
    """What the station keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def pair_directly(link: IpcClient, name: str) -> str:
    """Let a device in without an offer, for who already is at the station's own socket.  Returns its token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link.command("device_add", {"name": name, "token_sha256": token_hash(token).hex()})
    return token


def give_cookie(response: Response, token: str) -> None:
    response.set_cookie(COOKIE, token, max_age=COOKIE_AGE_S, httponly=True, samesite="Strict", secure=request.is_secure, path="/")
