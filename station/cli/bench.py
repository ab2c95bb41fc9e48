"""`backlift bench`: figures about this machine and this version, measured now."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING

import click

from station.bench import MEASUREMENTS

if TYPE_CHECKING:
    from station.bench.figure import Figure


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice(list(MEASUREMENTS)), help="Measure only this (may be given several times)."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document with every repetition.")
def bench(only: tuple[str, ...], as_json: bool) -> None:
    """Measure this machine: speed, memory, start, wear.

    Everything is measured anew, several times; medians and spread are shown, and how noisy the machine is. Takes some minutes.

    \b
    Example:
      backlift bench
      backlift bench --only scan --only start --json
    """
    from station.bench.figure import noise

    figures = [noise()]
    for name in only or MEASUREMENTS:
        target, words = MEASUREMENTS[name]
        click.echo(f"measuring {words} ...", err=True)
        module, _, function = target.partition(":")
        figures += getattr(importlib.import_module(module), function)()
    figures.append(noise())
    if as_json:
        click.echo(json.dumps([figure.plain() for figure in figures], indent=1))
    else:
        click.echo(_table(figures))


def _table(figures: list[Figure]) -> str:
    rows = [("figure", "median", "min .. max", "n", "goal", "")]
    for figure in figures:
        sign = {"at_most": "<=", "at_least": ">="}[figure.sense]
        goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
        met = {None: "", True: "met", False: "NOT met"}[figure.met]
        spread = f"{_short(min(figure.values))} .. {_short(max(figure.values))}"
        rows.append((figure.name, f"{_short(figure.median)} {figure.unit}", spread, str(len(figure.values)), goal, met))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [f"{figure.name}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, "", *notes])


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
