"""`backlift study`: sessions in the formats of those who study movement, and a live stream for their recorders."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.sessions import database_options


@click.group()
def study() -> None:
    """Lifts as a table, sessions as EDF+ or BIDS, a live LSL stream.

    \b
    Example:
      backlift study lifts lifts.csv
      backlift study edf 7 session-7.edf
      backlift study bids dataset
    """


@study.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@database_options
def lifts(database: Path, target: Path) -> None:
    """Write one CSV row per lift over all sessions.

    \b
    Example:
      backlift study lifts lifts.csv
    """
    from station.analysis.study import lift_table
    from station.store import Reader
    from station.store.files import atomic_write

    with Reader(database) as reader, atomic_write(target) as part, part.open("wb") as file:
        lines = 0
        for piece in lift_table(reader, [one.id for one in reversed(reader.sessions(limit=1_000_000))]):
            file.write(piece)
            lines += 1
    click.echo(f"{lines - 1} {'lift' if lines == 2 else 'lifts'} written to {target}")


@study.command()
@click.argument("session", type=click.IntRange(min=1))
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@database_options
def edf(database: Path, session: int, target: Path) -> None:
    """Write one session as EDF+ with phases as annotations (needs the extra 'study').

    \b
    Example:
      backlift study edf 7 session-7.edf
    """
    from station.analysis.study import export_edf
    from station.store import Reader

    with Reader(database) as reader:
        export_edf(reader, session, target)
    click.echo(f"session {session} written to {target}")


@study.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.argument("session", type=click.IntRange(min=1), nargs=-1)
@database_options
def bids(database: Path, folder: Path, session: tuple[int, ...]) -> None:
    """Write sessions, all unless named, as a BIDS dataset.

    \b
    Example:
      backlift study bids dataset
      backlift study bids dataset 7 8
    """
    from station.analysis.study import export_bids
    from station.store import Reader

    with Reader(database) as reader:
        chosen = session or tuple(one.id for one in reversed(reader.sessions(limit=1_000_000)))
        export_bids(reader, chosen, folder)
    click.echo(f"{len(chosen)} {'session' if len(chosen) == 1 else 'sessions'} written to {folder}")


@study.command()
@click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the running station's socket.")
@click.option("--simulate", is_flag=True, help="The station that was started with --simulate.")
def lsl(runtime: Path | None, simulate: bool) -> None:
    """Send the running station's loads and phases as Lab Streaming Layer streams, until Ctrl-C (needs the extra 'study').

    \b
    Example:
      backlift study lsl
    """
    from hardware.mat import parse_mat
    from station.analysis.lsl_outlet import LOADS, MARKERS, forward, open_outlets
    from station.service.ipc import IpcClient
    from station.service.runtime import SOCKET_NAME, runtime_dir

    folder = runtime or runtime_dir("backlift-simulated" if simulate else "backlift")
    link = IpcClient(folder / SOCKET_NAME)
    zones = parse_mat(link.command("mat_get")["text"], "the station's mat").zone_names
    loads, markers = open_outlets(zones, "backlift")
    click.echo(f"Streams {LOADS} ({len(zones)} zones) and {MARKERS} are on the network. Ctrl-C ends them.")
    forward(link.subscribe(0), zones, loads, markers)
