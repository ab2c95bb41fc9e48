"""Every session can be reached, however many there are, and no page of years is long or heavy."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from stored_practice import DAY_S, NOON_WALL_S, WrittenClock, fill_years

from station.config import Config, overridden
from station.locale.texts import Texts
from station.service.ipc import IpcClient
from station.store import Reader, Store
from web.app import create_app
from web.pages.calendar import Month, month_page

ENGLISH = Texts("en")
HEAVIEST = 150_000


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("years") / "backlift.db"
    fill_years(path, ends_wall_s=time.time(), sessions=300, repetitions=4)
    return path


@pytest.fixture
def reader(years: Path) -> Iterator[Reader]:
    with Reader(years) as reader:
        yield reader


@pytest.fixture
def client(years: Path, tmp_path: Path) -> FlaskClient:
    app = create_app(overridden(Config(), data=years.parent), IpcClient(tmp_path / "nobody.sock", 0.2), Reader(years))
    return app.test_client()


def month(reader: Reader, **asked: Any) -> Month:
    shown = month_page(reader, ENGLISH, **asked)
    assert shown is not None
    return shown


def cells(shown: Month) -> dict[date, int]:
    return {date.fromisoformat(cell.iso): cell.sessions for week in shown.weeks for cell in week if not cell.other}


def test_from_month_to_month_and_day_to_day_every_session_is_reached(reader: Reader) -> None:
    shown, reached, steps = month(reader), set(), 0
    while True:
        for day, count in cells(shown).items():
            if count:
                listed = [one.id for one in month(reader, day=day.isoformat()).entries]
                assert len(listed) == count
                reached.update(listed)
        if not shown.before:
            break
        shown, steps = month(reader, month=shown.before), steps + 1
    assert reached == {one.id for one in reader.sessions(limit=1000)}
    assert 30 <= steps <= 37
    assert shown.total == "300 sessions in all"


def test_without_a_wish_the_newest_day_is_listed(reader: Reader) -> None:
    shown = month(reader)
    newest = reader.sessions(limit=1)[0]
    assert shown.entries[-1].id == newest.id and shown.after == ""
    chosen = [cell for week in shown.weeks for cell in week if cell.chosen]
    assert len(chosen) == 1 and chosen[0].label.startswith(shown.list_title)


def test_a_week_is_listed_whole(reader: Reader) -> None:
    day = max(day for day, count in cells(month(reader)).items() if count)
    listed = {one.id for one in month(reader, day=day.isoformat(), days=7).entries}
    assert {one.id for one in month(reader, day=day.isoformat()).entries} <= listed


@pytest.mark.parametrize("asked", [{"month": "2025-13"}, {"month": "soon"}, {"day": "0000-00-00"}, {"day": "99999-01-01"}])
def test_what_is_no_date_counts_as_not_asked_for(reader: Reader, asked: dict[str, str]) -> None:
    assert month(reader, **asked) == month(reader)


def test_a_month_without_practice_is_empty_and_leads_on(reader: Reader) -> None:
    shown = month(reader, month="1999-05")
    assert not any(cells(shown).values()) and shown.entries == () and shown.before == "" and shown.after


def test_a_session_without_a_date_is_listed_too(tmp_path: Path) -> None:
    """A Pi that never saw a clock: its sessions are in no month."""
    path = tmp_path / "backlift.db"
    clock = WrittenClock(50.0, 86_400.0)  # 1970
    with Store(path, clock=clock, boot_id="00000000-0000-0000-0000-0000000000bb") as store:
        store.begin_session(50.0, mat_text="", zones=("a",), rate_hz=50.0, detector_version="1")
        store.end_session(60.0)
        store.commit()
    with Reader(path) as reader:
        shown = month(reader)
    assert [one.day for one in shown.undated] == ["date unknown"] and shown.entries == ()


def test_of_several_people_each_has_a_calendar(tmp_path: Path) -> None:
    path = tmp_path / "backlift.db"
    clock = WrittenClock(1000.0, NOON_WALL_S)
    with Store(path, clock=clock, boot_id="00000000-0000-0000-0000-0000000000cc") as store:
        store.note_clock(synchronised=True)
        people = [store.person_add(name) for name in ("Ada", "Ben")]
        for number in range(4):
            at_s = 1000.0 + number * DAY_S
            clock.now_s, clock.now_wall_s = at_s, NOON_WALL_S + number * DAY_S
            who = people[number == 3].id
            store.begin_session(at_s, mat_text="", zones=("a",), rate_hz=50.0, detector_version="1", person_id=who)
            store.end_session(at_s + 60)
            store.commit()
    with Reader(path) as reader:
        shown = month(reader, person=people[1].id)
        assert sum(cells(shown).values()) == 1
        assert [(chip.name, chip.chosen) for chip in shown.people] == [("Everybody", False), ("Ada", False), ("Ben", True)]


@pytest.mark.parametrize(
    "path", ["/sessions", "/progress?span=4w", "/progress?span=3m", "/progress?span=all", "/progress?span=ever"]
)
def test_pages_over_years_stay_light_and_every_dot_leads_somewhere(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200 and len(answer.data) < HEAVIEST
    links = set(re.findall(r'href="(/sessions(?:/\d+|\?day=[^"]+))"', answer.text.replace("&amp;", "&")))
    assert links
    for link in sorted(links)[:5]:
        page = client.get(link)
        assert page.status_code == 200
        assert "/sessions/" in link or 'class="entry"' in page.text, f"{link} lists nothing"
