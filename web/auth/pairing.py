"""Pairing of a new device, the list of paired ones, and what is asked of the station for it.

The station opens a window of two minutes after a physical act, from its own terminal, or for an owner's device once somebody at the
station confirmed it.  In it a new device shows the six digits, or the 128-bit secret that the link or QR code carries behind its #
(no browser sends that part along, so it stands in no log).  The station checks what is shown (station/service/pairing_window.py).
"""

from __future__ import annotations

import datetime
import io
import secrets
from typing import Annotated, Any, TypeVar

import msgspec
import segno
from flask import Blueprint, Response, abort, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from msgspec import Meta

from station.messages import Persons, Role
from station.service.ipc import IpcClient
from station.service.network_address import addresses
from station.store import Reader
from station.store.records import DeviceRecord
from web.auth.device_names import device_name
from web.auth.devices import TOKEN_BYTES, Devices, give_cookie, token_hash
from web.context import services, texts

Body = TypeVar("Body", bound=msgspec.Struct)
Shown = Annotated[str, Meta(max_length=200)]


class Pair(msgspec.Struct, forbid_unknown_fields=True):
    """What a new device shows: the digits, or the secret of its link."""

    name: Annotated[str, Meta(max_length=400)] = ""
    code: Shown | None = None
    secret: Shown | None = None


class Revoke(msgspec.Struct, forbid_unknown_fields=True):
    device: int


class Change(msgspec.Struct, forbid_unknown_fields=True):
    device: int
    name: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    role: Role | None = None
    persons: Persons = ()


class Invite(msgspec.Struct, forbid_unknown_fields=True):
    role: Role = "owner"
    persons: Persons = ()


class PairingVerifier:
    """Shows the station what a new device shows, and keeps the token it gets."""

    def __init__(self, link: IpcClient, devices: Devices) -> None:
        self._link = link
        self._devices = devices

    def verify(self, shown: Pair) -> tuple[str, str]:
        """Outcome ("paired", "wrong" or "closed") and the new device's token."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        name = " ".join(shown.name.split())[:80] or device_name(request.headers.get("User-Agent", ""))
        arguments = {"name": name, "token_sha256": token_hash(token).hex(), "code": shown.code, "secret": shown.secret}
        outcome: str = self._link.command("pairing_try", arguments)
        if outcome == "paired":
            self._devices.forget()
        return outcome, token


def blueprint(link: IpcClient, reader: Reader, devices: Devices) -> Blueprint:
    """The pairing page, the list of devices, and what they ask of the station."""
    bp = Blueprint("pairing", __name__)
    verifier = PairingVerifier(link, devices)
    bp.add_url_rule("/pair", "page", page)

    @bp.post("/api/v1/pair")
    def pair() -> ResponseReturnValue:
        outcome, token = verifier.verify(_body(Pair))
        if outcome != "paired":
            return jsonify(error=outcome), 403
        response = jsonify(paired=True)
        give_cookie(response, token)
        return response

    @bp.post("/pair")
    def form() -> ResponseReturnValue:
        """The same from a browser without scripts."""
        outcome, token = verifier.verify(Pair(code=request.form.get("code", "")[:200]))
        if outcome != "paired":
            return page(outcome), 403
        response = redirect("/", 303)
        give_cookie(response, token)  # type: ignore[arg-type]  # Werkzeug's response has all that is used
        return response

    @bp.get("/devices")
    def listed() -> str:
        paired = [device for device in reader.devices() if not device.revoked]
        names = {device.id: device.name for device in paired}
        return render_template(
            "devices.html", page="setup", devices=paired, names=names, this=g.device, day=_day, boot=_boot("devices")
        )

    @bp.post("/api/v1/devices/revoke")
    def revoke() -> Response:
        asked, own = _body(Revoke).device, _own()
        if own is not None and own.role != "owner" and asked != own.id:
            abort(403, texts()("declined.role"))
        gone = link.command("device_revoke", {"device": asked, "by": own.id if own else None})
        devices.forget()
        return jsonify(revoked=gone)

    @bp.post("/api/v1/devices/change")
    def change() -> Response:
        asked = _body(Change)
        link.command("device_change", msgspec.structs.asdict(asked))
        devices.forget()
        return jsonify(changed=True)

    @bp.post("/api/v1/devices/invite")
    def invite() -> Response:
        """An owner's device opens the door for another one, once that is confirmed at the station, and shows the code itself."""
        asked, own = _body(Invite), _own()
        offer = link.command("pairing_start", {**msgspec.structs.asdict(asked), "by": own.id if own else None})
        where = _reachable(opened=offer["open_network"])
        return jsonify(
            code=offer["code"],
            left_s=offer["left_s"],
            address=f"{where}pair" if where else None,
            qr=_qr(f"{where}pair#{offer['secret']}") if where else None,
        )

    @bp.post("/api/v1/devices/open-network")
    def open_network() -> Response:
        """Let the pages be opened from the private network, once that is confirmed at the station."""
        link.command("open_network", {"open": True})
        return jsonify(opened=True)

    return bp


def page(outcome: str = "") -> str:
    """Where a new device types the code; with a secret behind the # of its address it is let in at once."""
    return render_template("pair.html", page="", outcome=outcome, boot=_boot("pair"))


def _own() -> DeviceRecord | None:
    device: DeviceRecord | None = g.get("device")
    return device


def _reachable(*, opened: bool) -> str | None:
    """An address of the pages that works from another device; None while they listen on this machine only."""
    found = addresses(services().config, everywhere=opened)[0]
    return None if any(f"//{host}" in found for host in ("127.", "localhost", "[::1]")) else found


def _day(wall_s: float) -> str:
    """A date as YYYY-MM-DD; the page's script writes it as the reader's language does."""
    return datetime.datetime.fromtimestamp(wall_s).astimezone().date().isoformat()


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=4, border=4, xmldecl=False, svgns=True, light="#fff", dark="#000")
    return out.getvalue().decode("utf-8")


def _boot(prefix: str) -> dict[str, Any]:
    return {"texts": texts().with_prefixes("common", prefix), "language": texts().language, "data": None}


def _body(kind: type[Body]) -> Body:
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        abort(400, f"Not understood: {error}")
