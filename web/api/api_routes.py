"""The JSON API the pages themselves use: `/api/v1/...`, described by `/api/v1/openapi.json`.

Reading goes to the database, read-only; every write is a command to the station, which alone decides and keeps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec
from flask import Blueprint, Response, current_app, g, request, stream_with_context
from werkzeug.exceptions import BadRequest, NotFound, ServiceUnavailable, UnsupportedMediaType

from station.analysis.export import zip_stream
from station.analysis.melts import melt_curves
from station.messages import COMMANDS
from web.api import openapi
from web.api.traces import OVERVIEW_PIXELS, Traces, pack
from web.context import current_mat, services, settings_in_force, texts
from web.live.stream import LONGEST_EVENT_ID, STREAM_KEY, EventStream, StreamPlaces
from web.pages.faults import fault_spans
from web.pages.review import sentence

MELT_EVERY = 2
"""A melt is drawn 10 times a second: finer than the line is wide."""

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

OPEN_COMMANDS = tuple(name for name, kind in COMMANDS.items() if "page" in kind.senders)
"""What a paired device may ask for; who is paired is decided by the pairing pages, not by devices that are paired already."""


def encoded(value: Any, status: int = 200) -> Response:
    """An answer in JSON; dataclasses and structs become objects, NaN becomes null."""
    return Response(msgspec.json.encode(value), status, content_type="application/json")


@blueprint.record_once
def _prepare(state: Any) -> None:
    service = state.app.extensions["backlift"]
    state.app.extensions["backlift_traces"] = Traces(service.reader)
    state.app.extensions["backlift_streams"] = StreamPlaces()


@blueprint.get("/openapi.json")
def openapi_document() -> Response:
    return encoded(openapi.document(OPEN_COMMANDS))


# Now --------------------------------------------------------------------------------------------------------------------------


@blueprint.get("/live")
def live_now() -> Response:
    live = services().live
    return encoded({"link_up": live.link_up, "state": live.state})


@blueprint.get("/stream")
def live_stream() -> Response:
    """Server-sent events.  The guard has let the device in; the server writes the events (web/serving/wsgi_bridge.py)."""
    seen = request.headers.get("Last-Event-ID") or request.args.get("after")
    if seen and len(seen) > LONGEST_EVENT_ID:
        raise BadRequest("Last-Event-ID is an id of this stream")
    live = services().live
    cursor = live.cursor(seen)
    places: StreamPlaces = current_app.extensions["backlift_streams"]
    device = g.device.id if g.get("device") else 0
    if not places.take(device):
        raise ServiceUnavailable("As many tablets as there is room for are listening; ask /api/v1/live now and then.")
    response = Response(content_type="text/event-stream")
    response.call_on_close(lambda: places.give_back(device))
    request.environ[STREAM_KEY] = EventStream(live, cursor, g.get("still_welcome") or (lambda: True))
    return response


@blueprint.get("/mat")
def mat() -> Response:
    return encoded(current_mat())


@blueprint.get("/health")
def health() -> Response:
    return encoded(services().link.command("health"))


@blueprint.get("/mats")
def mats() -> Response:
    return encoded(services().link.command("mats"))


# Sessions ---------------------------------------------------------------------------------------------------------------------


@blueprint.get("/sessions")
def sessions() -> Response:
    return encoded(services().reader.sessions(_whole("limit", 1, 500) or 50, _whole("before", 1, 2**31 - 1)))


@blueprint.get("/sessions/<int(max=2147483647):session_id>")
def session(session_id: int) -> Response:
    return encoded(services().reader.session(session_id))


@blueprint.get("/sessions/<int(max=2147483647):session_id>/trace")
def trace(session_id: int) -> Response:
    t0_s, t1_s = _number("t0_s"), _number("t1_s")
    pixels = _whole("pixels", 10, 4000) or OVERVIEW_PIXELS
    traces: Traces = current_app.extensions["backlift_traces"]
    loads = traces.loads(services().reader.session(session_id), t0_s, t1_s, pixels)
    return Response(pack(loads), content_type="application/octet-stream")


@blueprint.get("/sessions/<int(max=2147483647):session_id>/melts")
def melts(session_id: int) -> Response:
    curves = melt_curves(services().reader, session_id)
    return encoded(
        [
            {
                "repetition": curve.repetition,
                "limb": curve.limb,
                "lift_id": curve.lift_id,
                "melt_s": curve.melt_s,
                "after_s": [round(value, 2) for value in curve.after_s[::MELT_EVERY].tolist()],
                "share": [None if math.isnan(value) else round(value, 3) for value in curve.share[::MELT_EVERY].tolist()],
            }
            for curve in curves
        ]
    )


@blueprint.get("/sessions/<int(max=2147483647):session_id>/events")
def events(session_id: int) -> Response:
    return encoded(services().reader.events(session_id, since=_whole("since", 0, 2**53) or 0))


@blueprint.get("/sessions/<int(max=2147483647):session_id>/words")
def words(session_id: int) -> Response:
    """The session in a few kind sentences, in the language of the request."""
    reader = services().reader
    faults = fault_spans(reader.events(session_id))
    return encoded({"words": sentence(reader.session(session_id), reader.sessions(20, before=session_id), texts(), faults)})


@blueprint.get("/sessions/<int(max=2147483647):session_id>/export.zip")
def export(session_id: int) -> Response:
    reader = services().reader
    reader.session(session_id)
    pieces: Iterator[bytes] = stream_with_context(zip_stream(reader, [session_id]))
    headers = {"Content-Disposition": f'attachment; filename="session-{session_id}.zip"'}
    return Response(pieces, content_type="application/zip", headers=headers)


@blueprint.get("/progress")
def progress() -> Response:
    period = request.args.get("period", "week")
    if period not in ("day", "week"):
        raise BadRequest("period is 'day' or 'week'")
    return encoded(services().reader.progress("day" if period == "day" else "week", _number("since_wall_s")))


@blueprint.get("/settings")
def settings() -> Response:
    return encoded(settings_in_force())


# Commands ---------------------------------------------------------------------------------------------------------------------


@blueprint.post("/commands/<name>")
def command(name: str) -> Response:
    if name not in OPEN_COMMANDS:
        raise NotFound(f"There is no command '{name[:40]}'; /api/v1/openapi.json lists them.")
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the arguments as application/json; {} when there are none.")
    try:
        arguments = msgspec.structs.asdict(msgspec.json.decode(request.get_data(), type=COMMANDS[name]))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"{name}: {error}") from None
    return encoded({"result": services().link.command(name, arguments, sender="page")})


# Arguments of a query ---------------------------------------------------------------------------------------------------------


def _whole(name: str, lowest: int, highest: int) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and lowest <= int(text) <= highest):
        raise BadRequest(f"{name} is a whole number from {lowest} to {highest}")
    return int(text)


def _number(name: str) -> float | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) < 1e12:
        raise BadRequest(f"{name} is a number of seconds")
    return value
