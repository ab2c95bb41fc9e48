"""Pairing of a new device, and its removal.

The station opens a window of two minutes after a physical act or from its own terminal (station/service/pairing_window.py).  In it
a device shows either the six digits, five tries in all, or the 128-bit secret that the link or QR code carries behind its # (no
browser sends that part along, so it stands in no log).  Five wrong tries close the window; paired devices notice nothing.
"""

from __future__ import annotations

import threading
from hmac import compare_digest
from typing import Any, Literal, TypeVar

import msgspec
from flask import Blueprint, Response, abort, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from station.service.ipc import IpcClient
from station.store import Reader
from web.auth.devices import Devices, give_cookie, pair_directly
from web.context import texts

TRIES = 5
Outcome = Literal["paired", "closed", "wrong"]
Body = TypeVar("Body", bound=msgspec.Struct)


class Pair(msgspec.Struct, forbid_unknown_fields=True):
    """What a new device shows: the digits, or the secret of its link."""

    name: str = ""
    code: str | None = None
    secret: str | None = None


class Revoke(msgspec.Struct, forbid_unknown_fields=True):
    device: int


class Door:
    """Checks what a device shows against the station's offer, and counts wrong tries."""

    def __init__(self, link: IpcClient) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._tried: tuple[str, int] = ("", 0)

    def shown(self, code: str | None, secret: str | None) -> Outcome:
        """Whether a device that shows this may come in.  An offer is good for one device."""
        with self._lock:
            offer: dict[str, Any] | None = self._link.command("pairing_get")
            if offer is None:
                return "closed"
            if secret is not None:
                right = compare_digest(secret.encode(), offer["secret"].encode())
            else:
                right = compare_digest((code or "").encode(), offer["code"].encode())
            tried_with, wrong = self._tried
            wrong = (wrong if tried_with == offer["secret"] else 0) + (not right)
            self._tried = (offer["secret"], wrong)
            if right or wrong >= TRIES:
                self._link.command("pairing_end")
            return "paired" if right else "wrong" if wrong < TRIES else "closed"


def blueprint(link: IpcClient, reader: Reader, devices: Devices) -> Blueprint:
    """The pairing page, the list of devices, and what they ask of the station."""
    bp = Blueprint("pairing", __name__)
    door = Door(link)
    bp.add_url_rule("/pair", "page", page)

    @bp.post("/api/v1/pair")
    def pair() -> ResponseReturnValue:
        shown = _body(Pair)
        outcome = door.shown(shown.code, shown.secret)
        if outcome != "paired":
            return jsonify(error=outcome), 403
        name = " ".join(shown.name.split())[:80] or device_name(request.headers.get("User-Agent", ""))
        token = pair_directly(link, name)
        devices.forget()
        response = jsonify(paired=True)
        give_cookie(response, token)
        return response

    @bp.get("/devices")
    def listed() -> str:
        paired = [device for device in reader.devices() if not device.revoked]
        return render_template("devices.html", page="setup", devices=paired, this=g.device, boot=_boot("devices"))

    @bp.post("/api/v1/devices/revoke")
    def revoke() -> Response:
        link.command("device_revoke", {"device": _body(Revoke).device})
        devices.forget()
        return jsonify(revoked=True)

    @bp.post("/api/v1/devices/invite")
    def invite() -> Response:
        """A paired device opens the door for another one and shows the code itself."""
        offer = link.command("pairing_start")
        return jsonify(code=offer["code"], left_s=offer["left_s"])

    return bp


def page() -> str:
    """Where a new device types the code; with a secret behind the # of its address it is let in at once."""
    return render_template("pair.html", page="", boot=_boot("pair"))


def device_name(agent: str) -> str:
    """A name somebody will recognise in the list of devices, from a User-Agent header."""
    kinds = {
        "iPad": "iPad",
        "iPhone": "iPhone",
        "Android": "Android",
        "Macintosh": "Mac",
        "Windows": "Windows PC",
        "Linux": "Linux",
    }
    return next((name for word, name in kinds.items() if word in agent), "Device")


def _boot(prefix: str) -> dict[str, Any]:
    return {"texts": texts().with_prefixes("common", prefix), "language": texts().language, "data": None}


def _body(kind: type[Body]) -> Body:
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        abort(400, f"Not understood: {error}")
