"""Progress over weeks and years as small multiples: one picture per part and side, with medians and spread.  No goals, no scores.

The pictures are SVG made here: they need no script, print well, and every point says its numbers.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from station.locale.texts import Texts
from station.store import Reader
from station.store.records import Person, PracticeDay, ProgressPoint, Spread
from station.store.trends import Period

WIDTH, HEIGHT = 420.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 16.0, 12.0, 28.0
STEPS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
DAY_S = 86_400.0
_PERIOD_DAYS: dict[Period, int] = {"day": 1, "week": 7, "month": 31}
Measure = Literal["prepare", "melt"]
MEASURES: tuple[Measure, ...] = ("prepare", "melt")


@dataclass(frozen=True, slots=True)
class Dot:
    """One day, week or month of one measure: median, quartiles, what it says in words, and where a tap leads.  SVG units."""

    x: float
    y: float
    low_y: float
    high_y: float
    words: str
    to: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure of one part and side.  line: the `points` of a polyline through the medians."""

    measure: Measure
    dots: tuple[Dot, ...]
    line: str
    band: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Multiple:
    """One part and side, with all its charts."""

    title: str
    lifts: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Comfort:
    """Comfort before and after over the same time: positions of faces 1..5."""

    before: tuple[Dot, ...]
    after: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The progress page.  period: what one dot stands for."""

    multiples: tuple[Multiple, ...]
    comfort: Comfort | None
    period: Period
    people: tuple[Person, ...] = ()


EMPTY = Shown((), None, "day")
Span = Literal["4w", "3m", "all"]
SPANS: tuple[Span, ...] = ("4w", "3m", "all")
_SPAN_DAYS: dict[Span, int | None] = {"4w": 28, "3m": 92, "all": None}
WEEKS_AT_MOST = 60
"""A longer history is shown month by month: more dots than this cannot be told apart, or touched."""


def span_of(text: str) -> Span:
    """The span asked for; three months when it is none."""
    return text if text in SPANS else "3m"


def page(reader: Reader, span: Span, person: int | None, t: Texts, now_wall_s: float) -> Shown:
    """The page of one span, of one person or of all.  Raises MissingDatabaseError."""
    days = _SPAN_DAYS[span]
    since_wall_s = None if days is None else now_wall_s - days * DAY_S
    practised = reader.practice_days(since_wall_s, now_wall_s + DAY_S, person_id=person)
    period: Period = "day" if span == "4w" else "week"
    if practised and practised[-1].start_wall_s - practised[0].start_wall_s > WEEKS_AT_MOST * 7 * DAY_S:
        period = "month"
    points = reader.progress(period, since_wall_s, until_wall_s=now_wall_s + DAY_S, person_id=person)
    people = tuple(reader.persons())
    return replace(shown(points, period, t, practised), people=people if len(people) > 1 else ())


def shown(points: Sequence[ProgressPoint], period: Period, t: Texts, practised: Sequence[PracticeDay] = ()) -> Shown:
    """What the page shows of the store's points.  All pictures share their axes, so that sides and parts can be compared."""
    if not points:
        return Shown((), None, period)
    starts = sorted({point.start_wall_s for point in points})
    axis = _TimeAxis(starts[0], starts[-1], period, t, practised)
    multiples = []
    for part, side in sorted({(point.part, point.side) for point in points}):
        mine = [point for point in points if (point.part, point.side) == (part, side)]
        name = t(f"part.{part}") if t.has(f"part.{part}") else part
        charts = tuple(chart for measure in MEASURES if (chart := _chart(measure, mine, _highest(points, measure), axis, t)))
        lifts = t.count("progress.lifts", sum(point.lifts for point in mine))
        multiples.append(Multiple(t("progress.part_side", part=name, side=t(f"side.{side}")), lifts, charts))
    return Shown(tuple(multiples), _comfort(points, axis, t), period)


class _TimeAxis:
    def __init__(self, first_s: float, last_s: float, period: Period, t: Texts, practised: Sequence[PracticeDay]) -> None:
        self._first_s = first_s
        self._span_s = max(last_s - first_s, DAY_S)
        self._alone = first_s == last_s
        self._period = period
        self._t = t
        self._practised = practised
        self._starts = [one.start_wall_s for one in practised]
        self._long = self._span_s > 300 * DAY_S
        count = min(4, 1 + round(self._span_s / (_PERIOD_DAYS[period] * DAY_S)))
        marks = [first_s] if self._alone else [first_s + self._span_s * i / (count - 1) for i in range(count)]
        self.ticks = tuple(Tick(round(self.at(mark), 1), self.label(mark)) for mark in marks)

    def at(self, wall_s: float) -> float:
        share = 0.5 if self._alone else (wall_s - self._first_s) / self._span_s
        return LEFT + 8 + share * (WIDTH - LEFT - RIGHT - 16)

    def label(self, wall_s: float) -> str:
        local = time.localtime(wall_s)
        if self._long:
            return self._t("date.short_year", month=self._t(f"date.month_short_{local.tm_mon}"), year=local.tm_year)
        return self._t("date.short", day=local.tm_mday, month=self._t(f"date.month_short_{local.tm_mon}"))

    def to(self, wall_s: float) -> str:
        """The address of what a dot stands for: its one session, or the list of its day, week or month."""
        days = _PERIOD_DAYS[self._period]
        first = bisect_left(self._starts, wall_s)
        last = bisect_left(self._starts, wall_s + (days + 0.1) * DAY_S)
        sessions = [session for one in self._practised[first:last] for session in one.sessions]
        if len(sessions) == 1:
            return f"/sessions/{sessions[0]}"
        return f"/sessions?day={time.strftime('%Y-%m-%d', time.localtime(wall_s))}&days={days}"


def _highest(points: Sequence[ProgressPoint], measure: str) -> float:
    spreads: list[Spread | None] = [getattr(point, measure) for point in points]
    return max((spread.high_s for spread in spreads if spread), default=1.0) * 1.1


def _chart(measure: Measure, points: Sequence[ProgressPoint], highest_s: float, axis: _TimeAxis, t: Texts) -> Chart | None:
    def y(value_s: float) -> float:
        return round(HEIGHT - BOTTOM - value_s / highest_s * (HEIGHT - TOP - BOTTOM), 1)

    dots = []
    for point in sorted(points, key=lambda one: one.start_wall_s):
        spread: Spread | None = getattr(point, measure)
        if spread is None:
            continue
        words = t(
            "progress.dot",
            when=axis.label(point.start_wall_s),
            median=t.decimal(spread.median_s),
            low=t.decimal(spread.low_s),
            high=t.decimal(spread.high_s),
            n=spread.n,
        )
        x = round(axis.at(point.start_wall_s), 1)
        dots.append(Dot(x, y(spread.median_s), y(spread.low_s), y(spread.high_s), words, axis.to(point.start_wall_s)))
    if not dots:
        return None
    step_s = next((step for step in STEPS_S if highest_s / step <= 4), STEPS_S[-1])
    marks = [step_s * i for i in range(int(highest_s / step_s) + 1)]
    return Chart(
        measure=measure,
        dots=tuple(dots),
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        band=" ".join([*(f"{dot.x},{dot.high_y}" for dot in dots), *(f"{dot.x},{dot.low_y}" for dot in reversed(dots))]),
        x_ticks=axis.ticks,
        y_ticks=tuple(Tick(y(mark), f"{mark:.0f} s") for mark in marks),
    )


def _comfort(points: Sequence[ProgressPoint], axis: _TimeAxis, t: Texts) -> Comfort | None:
    def dots(name: Literal["comfort_before", "comfort_after"]) -> tuple[Dot, ...]:
        by_start = {point.start_wall_s: getattr(point, name) for point in points if getattr(point, name) is not None}
        made = []
        for start_s, face in sorted(by_start.items()):
            y = round(HEIGHT - BOTTOM - (face - 1) / 4 * (HEIGHT - TOP - BOTTOM), 1)
            words = t(f"progress.{name}", when=axis.label(start_s), face=f"{face:g}")
            made.append(Dot(round(axis.at(start_s), 1), y, y, y, words, axis.to(start_s)))
        return tuple(made)

    before, after = dots("comfort_before"), dots("comfort_after")
    return Comfort(before, after, axis.ticks) if before or after else None
