"""The page of one lift.  It is whole without the session's page, and the same piece is laid over that page by its script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from web.context import services, texts
from web.pages.body_outline import spots
from web.pages.lift_view import lift_page
from web.pages.side_by_side import Align, compared

blueprint = Blueprint("lifts", __name__)


@blueprint.get("/sessions/<int(max=2147483647):session_id>/lifts/<int(max=9007199254740992):lift_id>")
def lift(session_id: int, lift_id: int) -> str:
    """One lift in full; `?part=view`: only what changes from lift to lift, `?part=told`: only what a correction changes."""
    reader = services().reader
    shown = lift_page(reader, reader.session(session_id), lift_id, texts())
    part = {"view": "_lift.html", "told": "_lift_told.html"}.get(request.args.get("part", ""), "lift.html")
    boot: dict[str, Any] = {
        "texts": texts().with_prefixes("common", "review", "lift", "limb", "phase", "zone"),
        "language": texts().language,
        "data": None,
    }
    return render_template(part, page="sessions", lift=shown, spots=spots(shown.mat) if shown.mat else (), boot=boot)


@blueprint.get("/compare")
def compare() -> str:
    """Two lifts (`?a=1.3&b=2.7`: session.lift) or two sessions (`?a=1&b=2`) side by side; `&align=lift_off`."""
    one, other = request.args.get("a", ""), request.args.get("b", "")
    align: Align = "lift_off" if request.args.get("align") == "lift_off" else "touch_down"
    shown = compared(services().reader, one, other, align, texts())
    return render_template("compare.html", page="sessions", shown=shown, a=one, b=other, align=align)
