"""`backlift export`: sessions as files for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.sessions import database_options


@click.command()
@click.argument("session", type=click.IntRange(min=1), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All sessions.")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), metavar="FILE", help="File to write; default: a name made from the session."
)
@click.option("--parquet", is_flag=True, help="The frames of one session as Parquet instead (needs the extra 'parquet').")
@database_options
def export(database: Path, session: tuple[int, ...], everything: bool, target: Path | None, parquet: bool) -> None:
    """Write sessions as a zip of CSV, mat file and JSON.

    The frames and the mat file in it are what `backlift replay` reads. The station may go on running.

    \b
    Example:
      backlift export 7
      backlift export --all --to practice.zip
      backlift export 7 --parquet --to session.parquet
    """
    from station.analysis.export import export_parquet, export_zip
    from station.store import Reader

    if bool(session) == everything:
        raise click.UsageError("Name sessions by number, or give --all.")
    if parquet and len(session) != 1:
        raise click.UsageError("--parquet takes one session.")
    with Reader(database) as reader:
        chosen = session or tuple(one.id for one in reversed(reader.sessions(limit=1_000_000)))
        if not chosen:
            click.echo("There are no sessions to export yet.")
            return
        stem = f"session-{chosen[0]:04d}" if len(chosen) == 1 else "sessions"
        path = target or Path(f"{stem}.{'parquet' if parquet else 'zip'}")
        if parquet:
            export_parquet(reader, chosen[0], path)
        else:
            export_zip(reader, chosen, path)
    click.echo(f"{len(chosen)} {'session' if len(chosen) == 1 else 'sessions'} written to {path}")
