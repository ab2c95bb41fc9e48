"""`backlift delete`, `recover` and `reanalyse`: what one rarely does to stored sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.sessions import database_options

if TYPE_CHECKING:
    from station.service.ipc import IpcClient


@click.command()
@click.argument("session", type=click.IntRange(min=1), required=False)
@click.option("--everything", is_flag=True, help="All sessions, and databases that were set aside.")
@click.option("--settings-too", is_flag=True, help="With --everything: also settings, paired tablets and calibrations.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of a running station's socket.")
@database_options
def delete(database: Path, session: int | None, everything: bool, settings_too: bool, yes: bool, runtime: Path | None) -> None:
    """Delete a session, or everything, really.

    What is deleted is overwritten and cannot be brought back, except from a backup of your own.

    \b
    Example:
      backlift delete 7
      backlift delete --everything
    """
    from station.store import MissingDatabaseError, Store, WriterBusyError

    if (session is not None) == everything or (settings_too and not everything):
        raise click.UsageError("Name one session by number, or give --everything.")
    what = (
        "all sessions" + (", settings, paired tablets and calibrations" if settings_too else "")
        if everything
        else f"session {session}"
    )
    if not database.exists():
        raise MissingDatabaseError(f"{database}: no database yet, nothing to delete")
    if not yes:
        click.confirm(f"Delete {what} for good?", abort=True)
    try:
        with Store(database) as store:
            if session is not None:
                store.session_delete(session)
            else:
                store.delete_everything(settings_too=settings_too)
    except WriterBusyError:
        station = _station(database, runtime)
        if session is not None:
            station.command("session_delete", {"session": session}, timeout_s=120)
        else:
            station.command("delete_everything", {"settings_too": settings_too}, timeout_s=600)
    click.echo(f"Deleted {what}.")


@click.command()
@click.argument("damaged", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Path(path_type=Path), metavar="FILE", help="Fresh database to make.")
def recover(damaged: Path, target: Path | None) -> None:
    """Read what can still be read from a damaged database.

    DAMAGED is left as it is. What was read is in a fresh database, which `backlift restore` puts in place, and
    `backlift export --data` reads when it is named backlift.db in a folder of its own.

    \b
    Example:
      backlift recover backlift.corrupt-2026-11-22T10-05-09.db
    """
    from station.store.recover import recover as read

    path = target or damaged.with_name(f"{damaged.stem}.recovered{damaged.suffix}")
    found = read(damaged, path)
    click.echo(f"Read into {path}: sessions {found.sessions}, lifts {found.lifts}, frames {found.frames}.")
    if found.rebuilt:
        click.echo(f"Sessions of which only the frames were left, their date and mat unknown: {found.rebuilt}.")
    if found.damaged_chunks or found.unplaced:
        click.echo(f"Lost: stretches of raw frames of about a second {found.damaged_chunks}, other entries {found.unplaced}.")


@click.command()
@click.argument("session", type=click.IntRange(min=1), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All sessions that were not looked at by the present detector.")
@click.option("--runtime", type=click.Path(path_type=Path), metavar="DIR", help="Folder of a running station's socket.")
@database_options
def reanalyse(database: Path, session: tuple[int, ...], everything: bool, runtime: Path | None) -> None:
    """Look at stored sessions again with the present detector.

    Earlier results, the raw recording and everything corrected by hand stay. A running station does it itself, while nobody lies
    on the mat.

    \b
    Example:
      backlift reanalyse 7
      backlift reanalyse --all
    """
    from contextlib import ExitStack

    from station.analysis.reanalysis import reanalyse as look_again
    from station.signal.detector import DETECTOR_VERSION
    from station.store import Reader, Store, StoreError, WriterBusyError

    if bool(session) == everything:
        raise click.UsageError("Name sessions by number, or give --all.")
    with ExitStack() as opened:
        reader = opened.enter_context(Reader(database))
        numbers = session or [one.id for one in reversed(reader.sessions(limit=1_000_000))]
        try:
            store = opened.enter_context(Store(database))
        except WriterBusyError:
            store = None
        for number in numbers:
            now = next((one for one in reader.session(number).analyses if one.current), None)
            if everything and now is not None and now.detector_version == DETECTOR_VERSION:
                continue
            try:
                if store is None:
                    _station(database, runtime).command("reanalyse", {"session": number}, timeout_s=600)
                else:
                    look_again(store, reader, number)
            except StoreError as error:
                if not everything:
                    raise
                click.echo(f"Left as it is: {error}")
                continue
            lifts = next(one.lifts for one in reader.session(number).analyses if one.current)
            before = f"before, detector {now.detector_version}: {now.lifts}" if now else "not analysed before"
            click.echo(f"Session {number}, lifts found by detector {DETECTOR_VERSION}: {lifts} ({before}).")


def _station(database: Path, runtime: Path | None) -> IpcClient:
    """The running station, which is the one writer."""
    from station.service.ipc import IpcClient
    from station.service.runtime import SOCKET_NAME, runtime_dir

    folder = runtime or runtime_dir("backlift-simulated" if database.parent.name == "simulated" else "backlift")
    return IpcClient(folder / SOCKET_NAME)
