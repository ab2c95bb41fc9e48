"""`backlift bench`: figures about this machine and this version, measured now."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from station.bench import MEASUREMENTS, SENSITIVITY

if TYPE_CHECKING:
    from station.bench.figure import Figure, Measured, Table


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice(list(MEASUREMENTS)), help="Measure only this (may be given several times)."
)
@click.option("--sensitivity", is_flag=True, help="Vary each of the detector's parameters by a quarter, and show what it changes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document with every repetition.")
def bench(only: tuple[str, ...], sensitivity: bool, as_json: bool) -> None:
    """Measure this machine: speed, memory, start, wear.

    Everything is measured anew, several times; medians and spread are shown, and how noisy the machine is. Takes some minutes.
    What cannot be measured here is named with the reason; the rest is measured all the same.

    \b
    Example:
      backlift bench
      backlift bench --only scan --only start --json
      backlift bench --only accuracy
      backlift bench --sensitivity
    """
    from station.bench.figure import noise

    asked = [SENSITIVITY] if sensitivity else [MEASUREMENTS[name] for name in only or MEASUREMENTS]
    measured: list[Measured] = [noise()]
    for target, words in asked:
        click.echo(f"measuring {words} ...", err=True)
        measured += _measure(target, words)
    measured.append(noise())
    if as_json:
        click.echo(json.dumps([one.plain() for one in measured], indent=1))
        return
    from station.bench.figure import Figure

    figures = [one for one in measured if isinstance(one, Figure)]
    click.echo(_figures(figures))
    for one in measured:
        if not isinstance(one, Figure):
            click.echo("\n" + _table(one))


def _measure(target: str, words: str) -> list[Measured]:
    """What one measurement gives; where it fails, a figure without a value that says why."""
    from station.bench.figure import Figure

    module, _, function = target.partition(":")
    try:
        return list(getattr(importlib.import_module(module), function)())
    except Exception as error:
        # A part that cannot run here (no browser, a library that is not installed) must not cost the figures of the others.
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        return [Figure(words, "", (), why_missing=why)]


def _figures(figures: list[Figure]) -> str:
    rows = [("figure", "median", "min .. max", "n", "goal", "")]
    for figure in figures:
        sign = {"at_most": "<=", "at_least": ">="}[figure.sense]
        goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
        met = {None: "" if figure.values else "not measured", True: "met", False: "NOT met"}[figure.met]
        spread = f"{_short(min(figure.values))} .. {_short(max(figure.values))}" if figure.values else ""
        rows.append((figure.name, f"{_short(figure.median)} {figure.unit}", spread, str(len(figure.values)), goal, met))
    notes = [f"{figure.name}: {words}" for figure in figures if (words := figure.note or figure.why_missing)]
    return "\n".join([*_aligned(rows), "", *notes])


def _table(table: Table) -> str:
    lines = [table.name + (f" ({table.note})" if table.note else "")]
    if table.rows:
        header = list(dict.fromkeys(column for row in table.rows for column in row))
        lines += _aligned([tuple(header), *(tuple(_cell(row.get(column)) for column in header) for row in table.rows)])
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return "/".join(_cell(part) for part in value)
    return "-" if value is None else _short(value) if isinstance(value, float) else str(value)


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
