"""The bundled front end, as the build left it: hashed names found through its manifest, sent gzipped where the browser takes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import NotFound

BUILT = Path(__file__).parent / "static" / "built"
KINDS = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One bundle: its file, and the shared parts it loads (named in the page, so that the browser fetches all at once)."""

    file: str
    parts: tuple[str, ...]


@cache
def manifest() -> dict[str, Asset]:
    """Bundle name -> asset; empty when the front end was not built (the pages then stay readable, without scripts and colours)."""
    try:
        entries = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: Asset(entry["file"], tuple(entry["parts"])) for name, entry in entries.items()}


def serve_assets(app: Flask) -> None:
    """Add the route `built` to `app`."""

    @app.get("/built/<name>")
    def built(name: str) -> Response:
        kind = KINDS.get(Path(name).suffix)
        if kind is None:
            raise NotFound
        if request.accept_encodings["gzip"] and (BUILT / f"{name}.gz").is_file():
            response = send_from_directory(BUILT, f"{name}.gz", mimetype=kind)
            response.headers["Content-Encoding"] = "gzip"
        else:
            response = send_from_directory(BUILT, name, mimetype=kind)
        response.headers["Vary"] = "Accept-Encoding"
        return response
