"""The guard before every route: only paired devices of the own network get an answer.

A station holds data of somebody's body in somebody's home.  So every request passes these guards, in this order, before anything
else looks at it, and a route that nobody thought of is closed like all the others:

    peer     from this machine or the private network, or 403: a router that forwards the port by mistake finds nobody
    host     an IP literal, localhost, the station's own name in a home network, or one of [dashboard] names, or 421: a rebound name
             of somebody else's gets nothing
    origin   a write comes from our own pages, or 403, as JSON (the form of the pairing page apart), or 415: forms and scripts of
             other sites change nothing
    device   a paired one, or 401; everybody may see only the pairing page, its requests, static files and /healthz
    role     what the device's role allows (web/auth/roles.py), or 403

Pairing (web/auth/pairing.py) gives a device 256 random bits as a cookie; only their SHA-256 is stored.  No clock is asked: a device
stays paired until it is revoked, however the date jumps, and as long as it is seen once in 400 days, the longest life browsers
allow a cookie.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import msgspec
from flask import Flask, Response, abort, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MisdirectedRequest

from hardware.errors import BackliftError
from station.service.ipc import IpcClient
from station.service.network_address import names_own_host
from station.store import Reader
from station.store.records import DeviceRecord
from web.auth import pairing
from web.auth.devices import COOKIE, Devices, give_cookie
from web.auth.roles import may, person_in_question
from web.context import services, texts

TOUCH_EVERY_S = 24 * 3600.0

_PRIVATE = tuple(
    ipaddress.ip_network(block)
    for block in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fe80::/10",
        "fc00::/7",
    )
)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PUBLIC_ENDPOINTS = ("static", "built", "pages.healthz", "pairing.page", "pairing.pair", "pairing.form")

log = logging.getLogger(__name__)


def require_paired_device(link: IpcClient, reader: Reader, names: Iterable[str] = ()) -> Callable[[Flask], None]:
    """The guard to be given to `create_app`.  names: host names of this machine beside localhost, e.g. "mat.local"."""
    devices = Devices(reader.devices)
    known_hosts = frozenset({"localhost", *(name.lower() for name in names)})

    def guard(app: Flask) -> None:
        touched: dict[int, float] = {}
        app.extensions["backlift_devices"] = devices

        @app.before_request
        def check() -> ResponseReturnValue | None:
            if not is_private(request.remote_addr):
                abort(403, "This station answers in its own home only.")
            if not is_own_host(request.host, known_hosts):
                raise MisdirectedRequest(f"This station does not go by that name. Open {own_address()} instead.")
            if request.method not in _SAFE_METHODS:
                check_origin()
            token = shown_token()
            device = devices.find(token)
            g.device = device
            # A stream asks again whenever it has news: revoked means cut.
            g.still_welcome = lambda: devices.known(token) is not None
            if device is None:
                return None if request.endpoint in PUBLIC_ENDPOINTS else stranger()
            if request.endpoint not in PUBLIC_ENDPOINTS:
                check_role(device)
                if (elsewhere := other_person(device)) is not None:
                    return redirect(elsewhere)
            _touch(link, device, touched)
            return None

        @app.after_request
        def slide(response: Response) -> Response:
            """Each page that is opened keeps the device paired for another 400 days."""
            token = request.cookies.get(COOKIE)
            if token and getattr(g, "device", None) is not None and response.mimetype == "text/html":
                give_cookie(response, token)
            return response

        app.register_blueprint(pairing.blueprint(link, reader, devices))

    return guard


def is_private(peer: str | None) -> bool:
    """Whether the other end is this machine or in a private network (RFC 1918, 3927, 4193, 4291)."""
    try:
        address = ipaddress.ip_address((peer or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in block for block in _PRIVATE if block.version == mapped.version)


def is_own_host(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header, with or without a port, names this station: an IP literal, or one of `names` as networks write it."""
    matched = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?", host)
    if matched is None:
        return False
    name = matched[1].strip("[]")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        name = name.lower().removesuffix(".")
        return name in names or any(names_own_host(name, own) for own in names if "." not in own and own != "localhost")
    return True


def own_address() -> str:
    """Where this connection came in: an address that works from where the asker is."""
    host, port = request.environ.get("SERVER_NAME", ""), request.environ.get("SERVER_PORT", "")
    return f"{request.scheme}://{f'[{host}]' if ':' in host else host}:{port}/"


def check_origin() -> None:
    """A write must come from our own pages, as JSON.  Browsers name the origin of every POST; other programs may leave it out."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        abort(403, "Only this station's own pages may change anything here.")
    if request.endpoint == "pairing.form":
        # A form can come from any site, so here the browser has to say that it comes from ours.
        if origin is None or request.mimetype != "application/x-www-form-urlencoded":
            abort(415, "Open the pairing page and send its form.")
    elif request.mimetype != "application/json":
        abort(415, "Send JSON: content type application/json.")


def check_role(device: DeviceRecord) -> None:
    """What the device asks for must be its role's, and about somebody whose sessions it may see."""
    arguments = request.view_args or {}
    command, body = None, None
    if request.endpoint == "api.command":
        command = str(arguments.get("name"))
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            body = msgspec.json.decode(request.get_data())
    if not may(device, request.endpoint, request.method, command, body):
        abort(403, texts()("declined.role"))
    asked = arguments.get("session_id") or (body.get("session") if isinstance(body, dict) else None)
    if device.person_ids and isinstance(asked, int) and services().reader.session(asked).summary.person_id not in device.person_ids:
        abort(404)


def other_person(device: DeviceRecord) -> str | None:
    """Where to go instead, for a device that may not see the sessions of the person it asked for; None to go on."""
    try:
        person = person_in_question(device, request.endpoint, request.view_args or {}, request.args.get("person", None, int))
    except PermissionError:
        abort(403, texts()("declined.role"))
    return None if person is None else f"{request.path}?person={person}"


def shown_token() -> str | None:
    """What the device shows: its cookie, or for programs without one an Authorization header."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return request.cookies.get(COOKIE) or (token.strip() if kind.lower() == "bearer" else None)


def stranger() -> ResponseReturnValue:
    """What somebody unpaired is told: the way to the pairing page, or a plain 401."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if wants_page and not request.path.startswith("/api/"):
        return pairing.page(), 401
    abort(401, "This device is not paired with the station. Open /pair in a browser.")


def _touch(link: IpcClient, device: DeviceRecord, touched: dict[int, float]) -> None:
    """Note once a day that a device was seen; that it cannot be noted now is no reason to keep it waiting."""
    now_s = time.monotonic()
    if now_s - touched.get(device.id, -TOUCH_EVERY_S) < TOUCH_EVERY_S:
        return
    touched[device.id] = now_s
    try:
        link.command("device_touch", {"device": device.id}, timeout_s=0.5)
    except BackliftError as error:
        log.info("could not note that device %d was seen: %s", device.id, error)
