"""The dashboard's app factory: what it is given, what it is made of, in which order a request passes through it.

    request -> the device's wishes -> the guards (`guard`, web/auth/guard.py) -> page or API -> headers (web/headers.py)

Nothing here opens a socket, a thread or a file: `web/__main__.py` does, with what `create_app` returns.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from hardware.errors import BackliftError
from station.config import Config
from station.locale.texts import Texts
from station.practice.exercise import Language
from station.practice.phrases import words
from station.service.ipc import CommandError, IpcClient
from station.store import MissingDatabaseError, NotStoredError, Reader
from web import assets, headers
from web.api import api_routes
from web.context import Services, services, texts, view
from web.live.metrics import metrics_view
from web.live.stream import LiveBroadcaster
from web.pages import lift_routes, page_routes
from web.pages.display_preferences import view_of
from web.serving.wsgi_bridge import LARGEST_BODY_BYTES


def create_app(
    config: Config,
    link: IpcClient,
    reader: Reader,
    *,
    folder: Path | None = None,
    safe_mode: bool = False,
    guard: Callable[[Flask], None] | None = None,
) -> Flask:
    """The dashboard as a WSGI app.

    folder: where the station notes its crashes; safe_mode: serve only the page that says what is wrong.
    guard: adds what keeps strangers out (web/auth/guard.py).  It sees a request before anything but the device's wishes, for it
    turns people away in their language.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    app.extensions["backlift"] = Services(config, link, LiveBroadcaster(link.subscribe), reader, folder, safe_mode)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.before_request
    def read_wishes() -> None:
        g.view = view_of(request, config.station.language)
        g.texts = Texts(g.view.language)

    if guard is not None:
        guard(app)

    @app.before_request
    def keep_safe() -> ResponseReturnValue | None:
        last_words = services().safe_mode_words
        if last_words is None or request.blueprint != "pages" or request.endpoint in page_routes.IN_SAFE_MODE:
            return None
        return page_routes.safe_page(last_words), 503

    headers.set_headers(app)
    assets.serve_assets(app)
    app.register_blueprint(page_routes.blueprint)
    app.register_blueprint(lift_routes.blueprint)
    app.register_blueprint(api_routes.blueprint)
    app.add_url_rule("/metrics", "metrics", metrics_view(lambda: services().live.state, config.data_dir))
    app.register_error_handler(Exception, _answer_error)
    app.context_processor(_for_templates)
    return app


def _for_templates() -> dict[str, Any]:
    t = texts()
    language: Language = "de" if t.language == "de" else "en"
    return {
        "t": t,
        "tn": t.count,
        "say": lambda key: words(key, language),
        "view": view(),
        "bundles": assets.manifest(),
        "station_name": services().config.station.name,
    }


def _answer_error(error: Exception) -> ResponseReturnValue:
    """One line for the person, a status for the program; the details are for the log only."""
    status, line = _status_and_words(error)
    if status >= 500:
        current_app.logger.error("%s %s: %s", request.method, request.path, line, exc_info=None if status == 503 else error)
    if request.path.startswith("/api/"):
        notice = error.notice if isinstance(error, CommandError) else None
        return jsonify(error=line, code=notice.code if notice else None), status
    return page_routes.error_page(status, line), status


def _status_and_words(error: Exception) -> tuple[int, str]:
    if isinstance(error, HTTPException):
        return error.code or 500, error.description or error.name
    if isinstance(error, CommandError):
        return 409, texts().notice(error.notice, "declined") if error.notice else str(error)
    if isinstance(error, (NotStoredError, MissingDatabaseError)):
        return 404, str(error)
    if isinstance(error, BackliftError):
        return 503, str(error)
    return 500, "Something went wrong here. The station itself goes on; the log of the dashboard says more."
