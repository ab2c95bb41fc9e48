"""A session that was put together from its frames alone opens on every page, like any other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import scripted_app
from flask.testing import FlaskClient

from station.analysis.reanalysis import analyse
from station.store import Reader, StoreError
from station.store.lost_mats import NAME
from station.store.recover import recover

LOSSES = {
    "the session's row": "DELETE FROM session",
    "the mat's text": "UPDATE session SET mat = ''",
    "a byte of the mat": "UPDATE session SET mat = replace(mat, '[mat]', '[mat')",
    "zones of the mat": "UPDATE session SET mat = replace(mat, 'name = \"', 'name = \"x')",
}


@pytest.fixture(params=LOSSES.values(), ids=LOSSES)
def damaged(filled_database: tuple[Path, list[int]], tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A recovered database whose sessions lost that."""
    source, data = tmp_path / "damaged.db", tmp_path / "data"
    data.mkdir()
    source.write_bytes(filled_database[0].read_bytes())
    with sqlite3.connect(source) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(request.param)
    db.close()
    recover(source, data / "backlift.db")
    return data / "backlift.db"


@pytest.fixture
def client(tmp_path: Path, damaged: Path) -> Iterator[FlaskClient]:
    with scripted_app(tmp_path, damaged) as (app, _):
        yield app.test_client()


def test_every_page_and_answer_about_it_opens(client: FlaskClient, damaged: Path) -> None:
    with Reader(damaged) as reader:
        numbers = [one.id for one in reader.sessions()]
        assert numbers
        for number in numbers:
            for what in ("", "/rows", "/print"):
                assert client.get(f"/sessions/{number}{what}").status_code == 200, what
            for what in ("", "/trace", "/melts", "/events", "/words", "/export.zip"):
                answer = client.get(f"/api/v1/sessions/{number}{what}")
                assert answer.status_code == 200 and answer.data, what
            record = reader.session(number)
            assert NAME in record.mat and not record.mat_known
            with pytest.raises(StoreError, match="mat file was lost"):
                analyse(reader, number)
    for page in ("/sessions", "/progress"):
        assert client.get(page).status_code == 200
