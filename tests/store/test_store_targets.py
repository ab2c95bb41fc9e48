"""What a copy may write to, and what it leaves behind: no device replaced, no planted link followed, no card filled, nothing that
others can read."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from store_world import HandClock, practise

from station.analysis.export import export_zip
from station.cli import backlift
from station.store import CardFailingError, CardFullError, Reader, Store, StoreError
from station.store.backup import backup
from station.store.files import atomic_write
from station.store.store_errors import BadTargetError, NotClosedError


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "backlift.db"
    with Store(path, clock=HandClock()) as store:
        practise(store, HandClock(), 20)
    return path


def to_backup(database: Path, target: Path) -> None:
    backup(database, target)


def to_export(database: Path, target: Path) -> None:
    with Reader(database) as reader:
        export_zip(reader, [1], target)


COPIES = (to_backup, to_export)
Copy = Callable[[Path, Path], None]


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: copy.__name__)
@pytest.mark.parametrize("kind", ["fifo", "link to a fifo", "device", "link to a device", "folder", "socket"])
def test_what_is_no_file_is_refused_and_stays_what_it_is(database: Path, tmp_path: Path, copy: Copy, kind: str) -> None:
    target = tmp_path / "target"
    match kind.removeprefix("link to a "):
        case "fifo":
            os.mkfifo(tmp_path / "it")
        case "device":
            (tmp_path / "it").symlink_to("/dev/null")
        case "folder":
            (tmp_path / "it").mkdir()
        case "socket":
            import socket

            socket.socket(socket.AF_UNIX).bind(str(tmp_path / "it"))
    target.symlink_to(tmp_path / "it") if kind.startswith("link") else (tmp_path / "it").rename(target)
    before = target.stat().st_mode, target.is_symlink()
    with pytest.raises(BadTargetError, match="name a file") as error:
        copy(database, target)
    assert "\n" not in str(error.value) and (target.stat().st_mode, target.is_symlink()) == before
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: copy.__name__)
def test_a_link_stays_a_link_and_the_file_it_leads_to_is_written(database: Path, tmp_path: Path, copy: Copy) -> None:
    (tmp_path / "usb").mkdir()
    link, real = tmp_path / "link", tmp_path / "usb" / "real"
    link.symlink_to(real)
    for _ in range(2):  # first it leads to nothing yet
        copy(database, link)
        assert link.is_symlink() and real.stat().st_size > 1000 and not real.is_symlink()


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: copy.__name__)
@pytest.mark.parametrize("suffix", [".part", ".part-journal", ".part-wal"])
def test_a_link_planted_in_the_place_of_the_temporary_file_is_not_followed(
    database: Path, tmp_path: Path, copy: Copy, suffix: str
) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "copies"
    victim.write_text("precious")
    folder.mkdir()
    (folder / f"copy{suffix}").symlink_to(victim)
    copy(database, folder / "copy")
    assert victim.read_text() == "precious" and (folder / "copy").stat().st_size > 1000


def test_a_folder_of_somebodys_own_is_not_taken_for_a_leftover(database: Path, tmp_path: Path) -> None:
    mine = tmp_path / "copy.part"
    mine.mkdir()
    (mine / "letters.txt").write_text("dear")
    with pytest.raises(BadTargetError, match="in the way"):
        backup(database, tmp_path / "copy")
    assert (mine / "letters.txt").read_text() == "dear"


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EACCES])
@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: copy.__name__)
def test_a_share_that_cannot_sync_a_folder_has_the_file_whole(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copy: Copy, code: int
) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    copy(database, tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_size > 1000


def test_a_card_that_fails_to_sync_a_folder_is_still_said_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(CardFailingError), atomic_write(tmp_path / "copy") as part:
        part.write_text("x")


class Card:
    """Free bytes as told; what is written to the target is taken off them."""

    def __init__(self, free_bytes: int) -> None:
        self.free_bytes = free_bytes
        self.asked = 0

    def usage(self, folder: Path) -> object:
        self.asked += 1
        return shutil._ntuple_diskusage(32 * 10**9, 32 * 10**9 - self.free_bytes, self.free_bytes)


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: copy.__name__)
def test_a_nearly_full_card_is_asked_for_room_before_the_first_byte(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copy: Copy
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", Card(24 * 1024 * 1024 + 1000).usage)
    made: list[str] = []
    real = Path.mkdir
    monkeypatch.setattr(Path, "mkdir", lambda path, *args, **kw: (made.append(path.name), real(path, *args, **kw)))
    with pytest.raises(CardFullError, match="MB"):
        copy(database, tmp_path / "copy")
    assert made == [] and sorted(file.name for file in tmp_path.iterdir()) == ["data"]


def test_an_export_that_turns_out_longer_than_thought_stops_before_the_reserve(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(10**9)

    def shrinking(folder: Path) -> object:
        if card.asked == 1:  # before the first byte there was enough
            card.free_bytes = 24 * 1024 * 1024 - 1
        return card.usage(folder)

    monkeypatch.setattr(shutil, "disk_usage", shrinking)
    monkeypatch.setattr("station.analysis.export.CHECK_EVERY_BYTES", 10_000)
    with pytest.raises(CardFullError):
        to_export(database, tmp_path / "copy")
    assert card.asked == 2 and sorted(file.name for file in tmp_path.iterdir()) == ["data"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space"), StoreError("no"), KeyboardInterrupt(), ValueError("no")])
def test_after_a_failure_the_old_file_is_there_and_no_piece_of_the_new_one(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "copy"
    target.write_text("old")
    with pytest.raises(BaseException), atomic_write(target) as part:  # noqa: B017
        part.write_text("half")
        part.with_name(part.name + "-journal").write_text("half")
        raise error
    assert [file.name for file in tmp_path.iterdir()] == ["copy"] and target.read_text() == "old"


# Modes ------------------------------------------------------------------------------------------------------------------------


def readable_by_others(folder: Path) -> list[str]:
    files = [file for file in (folder, *folder.rglob("*")) if not file.is_symlink()]
    return sorted(str(file.relative_to(folder)) for file in files if file.lstat().st_mode & 0o077)


@pytest.fixture
def generous_umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("generous_umask")
def test_after_every_command_nothing_in_the_data_folder_or_in_a_copy_is_readable_by_others(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    out.mkdir(mode=0o700)
    clock = HandClock()
    with Store(data / "backlift.db", clock=clock) as store:
        practise(store, clock, 20)
        practise(store, clock, 20)
        assert readable_by_others(data) == []
        store.commit()
    commands = [
        ["sessions"],
        ["sessions", "1"],
        ["export", "1", "--to", str(out / "one.zip")],
        ["export", "--all", "--to", str(out / "all.zip")],
        ["backup", str(out / "copy.db")],
        ["reanalyse", "1"],
        ["restore", str(out / "copy.db"), "--yes"],
        ["delete", "1", "--yes"],
        ["delete", "--everything", "--yes"],
    ]
    for command in commands:
        result = CliRunner().invoke(backlift, [*command, "--data", str(data)])
        assert result.exit_code == 0, (command, result.output, result.exception)
        assert readable_by_others(data) == [], command
        assert readable_by_others(out) == [], command
    result = CliRunner().invoke(backlift, ["recover", str(out / "copy.db"), "--to", str(out / "recovered.db")])
    assert result.exit_code == 0 and readable_by_others(out) == []


@pytest.mark.usefixtures("generous_umask")
def test_files_made_by_an_earlier_version_are_closed_to_others_at_the_next_start(database: Path) -> None:
    for file in database.parent.iterdir():
        file.chmod(0o644)
    Store(database, clock=HandClock()).close()
    assert readable_by_others(database.parent) == []


@pytest.mark.usefixtures("generous_umask")
def test_a_database_brought_up_to_date_and_the_copy_made_before_are_private(tmp_path: Path) -> None:
    from test_store_old_versions import make_version_2

    tmp_path.chmod(0o700)
    make_version_2(tmp_path / "backlift.db")
    (tmp_path / "backlift.db").chmod(0o644)
    Store(tmp_path / "backlift.db", clock=HandClock()).close()
    assert len(list(tmp_path.iterdir())) >= 2 and readable_by_others(tmp_path) == []


def test_a_umask_that_shares_with_one_group_is_respected(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Store(tmp_path / "backlift.db", clock=HandClock()).close()
    finally:
        os.umask(before)
    assert (tmp_path / "backlift.db").stat().st_mode & 0o777 == 0o640


# Reading where nothing can be written --------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_with_a_log_and_no_index_says_that_the_station_has_to_start_once(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a power cut, on a card that is then mounted read-only."""
    import station.store.connection as module

    log = database.with_name("backlift.db-wal")
    with Store(database, clock=HandClock()) as store:
        practise(store, HandClock(), 3)
        kept = log.read_bytes() or b"x" * 4152
    log.write_bytes(kept)
    database.with_name("backlift.db-shm").unlink(missing_ok=True)
    real = module.SqliteConnection.run

    def run(self: object, sql: str, parameters: tuple = ()) -> list:
        raise CardFailingError("unable to open database file")

    monkeypatch.setattr(module.SqliteConnection, "run", run)
    with Reader(database) as reader, pytest.raises(NotClosedError, match="start it once"):
        reader.sessions()
    monkeypatch.setattr(module.SqliteConnection, "run", real)


def test_two_copies_at_a_time_to_different_files_do_not_disturb_each_other(database: Path, tmp_path: Path) -> None:
    threads = [threading.Thread(target=backup, args=(database, tmp_path / f"copy{n}")) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(tmp_path / f"copy{n}").read_bytes() for n in range(3)}) == 1
