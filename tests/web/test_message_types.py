"""The front end's types are those of the station's messages."""

from __future__ import annotations

import hashlib

from web.api.message_schema import SCHEMA_FILE, as_text, message_schema


def test_the_schema_file_is_what_the_message_types_give() -> None:
    """Stale?  `python -m web.api.message_schema` and `npm --prefix web/frontend run types`."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == as_text()


def test_the_typescript_types_were_made_from_this_schema() -> None:
    types = (SCHEMA_FILE.parent / "src" / "messages.ts").read_text(encoding="utf-8")
    assert f"// schema sha256: {hashlib.sha256(SCHEMA_FILE.read_bytes()).hexdigest()}" in types
    missing = [name for name in message_schema()["definitions"] if f"export interface {name} " not in types]
    assert missing == []
