"""`backlift delete`, `recover` and `reanalyse`: what one rarely does to stored sessions."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.sessions import database_options


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
        _ask_station(database, runtime, session, settings_too)
    click.echo(f"Deleted {what}.")


def _ask_station(database: Path, runtime: Path | None, session: int | None, settings_too: bool) -> None:
    """A running station is the one writer: let it delete."""
    from station.link import LinkClient
    from station.runtime import SOCKET_NAME, runtime_dir

    folder = runtime or runtime_dir("backlift-simulated" if database.parent.name == "simulated" else "backlift")
    client = LinkClient(folder / SOCKET_NAME)
    if session is not None:
        client.command("session_delete", {"session": session}, timeout_s=120)
    else:
        client.command("delete_everything", {"settings_too": settings_too}, timeout_s=600)


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
    click.echo(f"{found.sessions} sessions, {found.lifts} lifts and {found.frames} frames were read into {path}.")
    if found.rebuilt:
        click.echo(f"{found.rebuilt} sessions had lost all but their frames; their date and mat are unknown.")
    if found.damaged_chunks or found.unplaced:
        click.echo(f"Lost: {found.damaged_chunks} stretches of raw frames (about a second each), {found.unplaced} other entries.")


@click.command()
@click.argument("session", type=click.IntRange(min=1), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All sessions that were not looked at by the present detector.")
@database_options
def reanalyse(database: Path, session: tuple[int, ...], everything: bool) -> None:
    """Look at stored sessions again with the present detector.

    Earlier results, the raw recording and everything corrected by hand stay. Stop the station before: it is the one that writes.

    \b
    Example:
      backlift reanalyse 7
      backlift reanalyse --all
    """
    from station.pipeline import DETECTOR_VERSION
    from station.store import Reader, Store, StoreError
    from station.store.reanalyse import reanalyse as look_again

    if bool(session) == everything:
        raise click.UsageError("Name sessions by number, or give --all.")
    with Reader(database) as reader:
        reader.sessions(limit=1)  # there must be something; a Store would make an empty database
    with Store(database) as store, Reader(database) as reader:
        for number in session or [one.id for one in reversed(reader.sessions(limit=1_000_000))]:
            now = next((one for one in reader.session(number).analyses if one.current), None)
            if everything and now is not None and now.detector_version == DETECTOR_VERSION:
                continue
            try:
                look_again(store, reader, number)
            except StoreError as error:
                if not everything:
                    raise
                click.echo(f"Left as it is: {error}")
                continue
            lifts = next(one.lifts for one in reader.session(number).analyses if one.current)
            before = f"{now.lifts} lifts with detector {now.detector_version} before" if now else "not analysed before"
            click.echo(f"Session {number}: {lifts} lifts with detector {DETECTOR_VERSION} ({before}).")
