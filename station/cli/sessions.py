"""`backlift sessions`: what was practised, and what one session was made of; and the options all commands on stored data share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from station.model import Lift
    from station.store.records import LiftRecord, SessionRecord, SessionSummary

MOVED = {"arm": "arm", "leg": "leg", "full": "arm and leg"}
"""Kind of a repetition -> in words."""


def database_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Which database: as `backlift run` chooses it, from the same options; the command gets `database`, a path."""
    import functools

    @click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        envvar="BACKLIFT_CONFIG",
        help="station.toml; without it the defaults.",
    )
    @click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the database.")
    @click.option("--simulate", is_flag=True, help="The data of the simulated mat.")
    @functools.wraps(function)
    def with_database(config: Path | None, data: Path | None, simulate: bool, **others: Any) -> Any:
        from station.config import load_config, overridden

        return function(database=overridden(load_config(config), simulate=simulate, data=data).database, **others)

    return with_database


@click.command()
@click.argument("session", type=click.IntRange(min=1), required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many to list.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
@database_options
def sessions(database: Path, session: int | None, limit: int, as_json: bool) -> None:
    """List the stored sessions, or show one.

    \b
    Example:
      backlift sessions
      backlift sessions 7
    """
    import msgspec

    from station.store import Reader

    with Reader(database) as reader:
        if session is None:
            found = reader.sessions(limit)
            if as_json:
                for summary in found:
                    click.echo(msgspec.json.encode(summary))
            else:
                click.echo(_listed(found))
        else:
            record = reader.session(session)
            click.echo(msgspec.json.encode(record) if as_json else _shown(record))


def _listed(summaries: list[SessionSummary]) -> str:
    if not summaries:
        return "No sessions yet."
    rows: list[tuple[str, ...]] = [("", "date", "minutes", "repetitions", "median melt", "")]
    for one in summaries:
        kinds = ", ".join(f"{count} {MOVED[kind]}" for kind, count in sorted(one.repetitions_by_kind.items())) or "none"
        rows.append((str(one.id), date_words(one), _minutes(one), kinds, _seconds(one.median_melt_s), _remarks(one)))
    return table(rows)


def _shown(record: SessionRecord) -> str:
    one = record.summary
    lasted = "still running" if one.duration_s is None else f"{one.duration_s / 60:.1f} minutes"
    remarks = _remarks(one)
    lines = [f"Session {one.id}, {date_words(one)}, {lasted}{f'; {remarks}' if remarks else ''}."]
    rows: list[tuple[str, ...]] = [("", "limb", "prepare", "lifted", "melt", "weight lifted", "")]
    for repetition in record.repetitions:
        rows += [_lift_row(str(repetition.number), lift) for lift in repetition.lifts]
    rows += [_lift_row("", lift) for lift in record.other_lifts]
    lines.append(table(rows) if len(rows) > 1 else "No lifts.")
    lines += [f"Gap of {end - start:.1f} s, {start - one.started_s:.1f} s after the start." for start, end in record.gaps]
    lines += [f"Note: {note.text}" for note in record.notes]
    return "\n".join(lines)


def _lift_row(number: str, one: LiftRecord) -> tuple[str, ...]:
    remark = "not a lift" if one.not_a_lift else "corrected by hand" if one.corrections else lift_remark(one.lift)
    extent = "" if one.lift.extent is None else f"{one.lift.extent:.0%}"
    return number, limb_name(one.lift.limb), _seconds(one.prepare_s), _seconds(one.aloft_s), _seconds(one.melt_s), extent, remark


def limb_name(limb: str) -> str:
    """As the pages say it."""
    from station.locale.texts import Texts

    return Texts("en")(f"limb.{limb}")


def lift_remark(lift: Lift) -> str:
    """What sets it apart from a lift, in words."""
    return "became lighter without leaving the mat" if lift.kind == "unweighting" else ""


def date_words(one: SessionSummary) -> str:
    """The session's date as a person reads it."""
    import time

    if one.started_wall_s is None:
        return "date unknown"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(one.started_wall_s))


def table(rows: list[tuple[str, ...]]) -> str:
    """Columns under their headings; the first row is the headings."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(field.ljust(width) for field, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _minutes(one: SessionSummary) -> str:
    return "running" if one.duration_s is None else f"{one.duration_s / 60:.1f}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _remarks(one: SessionSummary) -> str:
    words = []
    if one.state == "recovered":
        words.append("recovered" if one.missing_s is None else f"recovered, at most {one.missing_s:.0f} s missing")
    if one.raw != "whole":
        words.append({"partial": "raw recording has gaps", "thinned": "raw recording let go"}[one.raw])
    return "; ".join(words)
