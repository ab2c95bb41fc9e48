"""The sessions as a month of days, and the sessions of the chosen day or week.  However many there are, a page is a month."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from station.locale.texts import Texts
from station.store import Reader
from station.store.records import Person, PracticeDay
from web.pages.review import Listed, day_name, listed

MOST_DOTS = 4
UNDATED_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the grid.  iso: as the address has it; dots: one for each session; other: of the month before or after."""

    iso: str
    day: int
    sessions: int
    dots: int
    label: str
    chosen: bool
    today: bool
    other: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A person to choose; `id` None: everybody."""

    id: int | None
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Month:
    """The page: the month's weeks, its neighbours with practice, and the list.

    before, after: the nearest months with practice, as "2025-09", or "" when there is none.
    """

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[Cell, ...], ...]
    before: str
    after: str
    total: str
    list_title: str
    entries: tuple[Listed, ...]
    undated: tuple[Listed, ...]
    people: tuple[Chip, ...]
    person: int | None


def month_page(
    reader: Reader, t: Texts, *, month: str = "", day: str = "", days: int = 1, person: int | None = None, today: date | None = None
) -> Month | None:
    """The month that was asked for, else the newest with practice; None when nobody has practised yet.

    month: "2025-10"; day: "2025-10-14"; days: how many are listed from that day on.  What is no date counts as not asked for.
    """
    practised = reader.practice_days(person_id=person)
    undated = tuple(listed(summary, t) for summary in reader.sessions_without_date(UNDATED_AT_MOST, person_id=person))
    people = reader.persons()
    if not practised and not undated and person is None:
        return None
    by_day = {_local(one): one for one in practised}
    newest = max(by_day, default=today or date.today())  # noqa: DTZ011 - the station's own calendar
    chosen = _date(day)
    shown = _date(f"{month}-01") or chosen or newest
    first = shown.replace(day=1)
    in_month = [one for one in by_day if (one.year, one.month) == (first.year, first.month)]
    # Without a wish the newest day with practice is listed; a month without any lists nothing.
    listed_from = chosen or max(in_month, default=None)
    stretch = [listed_from + timedelta(n) for n in range(days)] if listed_from else []
    earlier, later = [one for one in by_day if one < first], [one for one in by_day if one >= _next_month(first)]
    return Month(
        title=t("calendar.month", month=t(f"date.month_{first.month}"), year=first.year),
        weekdays=tuple(t(f"date.weekday_short_{n}") for n in range(7)),
        weeks=_weeks(first, by_day, set(stretch), today or date.today(), t),  # noqa: DTZ011
        before=f"{max(earlier):%Y-%m}" if earlier else "",
        after=f"{min(later):%Y-%m}" if later else "",
        total=t.count("calendar.total", sum(len(one.sessions) for one in practised) + len(undated)),
        list_title=_list_title(listed_from, days, t),
        entries=_entries(reader, stretch, person, t),
        undated=undated,
        people=_chips(people, person, t),
        person=person,
    )


def _weeks(first: date, by_day: dict[date, PracticeDay], chosen: set[date], today: date, t: Texts) -> tuple[tuple[Cell, ...], ...]:
    start = first - timedelta(first.weekday())
    weeks = []
    while start < _next_month(first):
        weeks.append(tuple(_cell(start + timedelta(n), first, by_day, chosen, today, t) for n in range(7)))
        start += timedelta(7)
    return tuple(weeks)


def _cell(day: date, first: date, by_day: dict[date, PracticeDay], chosen: set[date], today: date, t: Texts) -> Cell:
    practised = by_day.get(day)
    count = len(practised.sessions) if practised else 0
    label = f"{day_name(day.timetuple(), t)}: {t.count('calendar.sessions', count)}"
    return Cell(
        f"{day:%Y-%m-%d}", day.day, count, min(count, MOST_DOTS), label, day in chosen, day == today, day.month != first.month
    )


def _entries(reader: Reader, stretch: Sequence[date], person: int | None, t: Texts) -> tuple[Listed, ...]:
    if not stretch:
        return ()
    found = reader.sessions(
        limit=500, since_wall_s=_midnight_s(stretch[0]), until_wall_s=_midnight_s(stretch[-1] + timedelta(1)), person_id=person
    )
    return tuple(listed(summary, t) for summary in reversed(found))


def _list_title(day: date | None, days: int, t: Texts) -> str:
    if day is None:
        return ""
    name = day_name(day.timetuple(), t)
    return name if days == 1 else t("calendar.from_day", day=name, n=days)


def _chips(people: Sequence[Person], person: int | None, t: Texts) -> tuple[Chip, ...]:
    if len(people) < 2:
        return ()
    return (Chip(None, t("calendar.everybody"), person is None), *(Chip(one.id, one.name, one.id == person) for one in people))


def _local(practised: PracticeDay) -> date:
    at = time.localtime(practised.start_wall_s)
    return date(at.tm_year, at.tm_mon, at.tm_mday)


def _midnight_s(day: date) -> float:
    return time.mktime((day.year, day.month, day.day, 0, 0, 0, 0, 0, -1))


def _next_month(first: date) -> date:
    return (first + timedelta(32)).replace(day=1)


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1971 <= found.year <= 9000 else None
