"""Backups on a schedule: when one is made, which are kept, and what is said when their place is gone."""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_time import Rig, rig
from hypothesis import given
from hypothesis import strategies as st

from hardware.sim.chips import SimulatedClock
from station.service import backup_schedule
from station.service.backup_schedule import DAY_S, MARK, QUIET_S, RETRY_S, STALLED_S, BackupSchedule, backups_in, file_name
from station.service.declined import DeclinedError
from station.store import Reader, Store
from station.store.restore import restore
from station.store.store_errors import CardFullError


class Home:
    """A station's schedule with its database, a stick, and a clock that is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.clock = SimulatedClock()
        self.database = folder / "data" / "backlift.db"
        Store(self.database, clock=self.clock).close()
        self.stick = folder / "stick"
        self.stick.mkdir()
        self.occupied = False
        self.settings: dict[str, Any] = {"backup.folder": None, "backup.every_days": 1, "backup.keep": 3, "backup.last": {}}
        self.schedule = self.start()

    def start(self) -> BackupSchedule:
        return BackupSchedule(self.database, "mat-1", self.clock, self.settings, self.settings.__setitem__, lambda: self.occupied)

    def poll(self) -> list[str]:
        """One look, and whatever it began, to its end; returns the codes of what is said now."""
        self.schedule.poll()
        if self.schedule._thread is not None:
            self.schedule._thread.join(20)
        return [notice.code for notice in self.schedule.notices]

    def wait(self, s: float) -> list[str]:
        self.clock.advance(s)
        return self.poll()

    @property
    def kept(self) -> list[str]:
        return [path.name for path in backups_in(self.stick, "mat-1")]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home(tmp_path)
    monkeypatch.setattr(backup_schedule.Path, "stat", elsewhere(made.stick))
    return made


def elsewhere(stick: Path) -> Callable[..., os.stat_result]:
    """`Path.stat` for which the stick is another file system than the data."""
    real = Path.stat

    def stat(self: Path, **how: Any) -> os.stat_result:
        found = real(self, **how)
        if self != stick:
            return found
        fields = list(found)
        fields[2] += 1
        return os.stat_result(fields)

    return stat


def test_a_folder_that_is_chosen_gets_a_backup_at_once_and_then_one_a_day(home: Home) -> None:
    assert home.poll() == [] and home.kept == []
    home.settings["backup.folder"] = str(home.stick)
    assert home.poll() == [] and len(home.kept) == 1
    assert home.settings["backup.last"]["wall_s"] == pytest.approx(home.clock.wall_s(), abs=1)
    assert home.wait(DAY_S - 60) == [] and len(home.kept) == 1
    assert home.wait(120) == [] and len(home.kept) == 2


def test_the_backup_can_be_put_back(home: Home, tmp_path: Path) -> None:
    with Store(home.database, clock=home.clock) as store:
        store.person_add("Ada")
    home.settings["backup.folder"] = str(home.stick)
    home.poll()
    restore(home.stick / home.kept[0], tmp_path / "other" / "backlift.db")
    with Reader(tmp_path / "other" / "backlift.db") as reader:
        assert [person.name for person in reader.persons()] == ["Ada"]


def test_the_newest_are_kept_and_nothing_else_is_touched(home: Home) -> None:
    others = ["backlift-mat-2-2020-01-01T00-00-00Z.db", "backlift-mat-1-holiday.db", "photo.jpg"]
    for name in others:
        (home.stick / name).write_text("not ours")
    home.settings["backup.folder"] = str(home.stick)
    made = []
    for _ in range(5):
        home.poll()
        made.append(home.kept[-1])
        home.wait(DAY_S + 1)
    assert home.kept == sorted(home.kept) and len(home.kept) == 3
    assert home.kept[:2] == made[-2:], "the two before the newest"
    assert {path.name for path in home.stick.iterdir()} == {*others, *home.kept, MARK}


@given(st.text(alphabet="abcxyz0189_-", min_size=1, max_size=32), st.floats(0, 4e9), st.floats(0, 4e9))
def test_names_sort_by_time_and_fit_on_a_fat_stick(station: str, one_s: float, other_s: float) -> None:
    one, other = file_name(station, one_s), file_name(station, other_s)
    assert not set(one) & set('<>:"/\\|?*')
    assert (one <= other) == (int(one_s) <= int(other_s))


def test_nothing_is_copied_while_somebody_lies_on_the_mat_nor_right_after(home: Home) -> None:
    home.settings |= {"backup.folder": str(home.stick)}
    home.poll()
    home.occupied = True
    assert home.wait(2 * DAY_S) == [] and len(home.kept) == 1
    home.occupied = False
    assert home.wait(1) == [] and len(home.kept) == 1
    assert home.wait(QUIET_S + 1) == [] and len(home.kept) == 2


def test_a_backup_gives_way_to_who_lies_down_and_is_made_afterwards(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.settings |= {"backup.folder": str(home.stick)}
    home.poll()
    real = backup_schedule.backup

    def lies_down(database: Path, target: Path, progress: Callable[[float], None]) -> None:
        home.occupied = True
        real(database, target, progress)

    monkeypatch.setattr(backup_schedule, "backup", lies_down)
    assert home.wait(DAY_S + QUIET_S) == [] and len(home.kept) == 1
    assert {path.name for path in home.stick.iterdir()} == {MARK, *home.kept}, "no half a file stays"
    monkeypatch.setattr(backup_schedule, "backup", real)
    home.occupied = False
    home.poll()
    assert home.wait(QUIET_S + 1) == [] and len(home.kept) == 2


def test_a_stick_that_is_not_plugged_in_gets_nothing_and_is_named(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Where a stick was mounted an empty folder is left: what is written there would fill the card."""
    home.settings["backup.folder"] = str(home.stick)
    home.poll()
    away = home.stick.rename(home.stick.with_name("pocket"))
    home.stick.mkdir()
    with caplog.at_level(logging.WARNING):
        assert home.wait(DAY_S + QUIET_S) == ["backup_gone"]
        assert [notice.severity for notice in home.schedule.notices] == ["info"], "one day late is no alarm"
        for _ in range(6):
            assert home.wait(RETRY_S + 1) == ["backup_gone"]
    assert len(caplog.records) == 1, "said once, not every ten minutes"
    assert list(home.stick.iterdir()) == []
    assert home.wait(2 * DAY_S) == ["backup_gone"]
    assert [notice.severity for notice in home.schedule.notices] == ["warning"]
    home.stick.rmdir()
    assert home.wait(RETRY_S + 1) == ["backup_gone"]
    away.rename(home.stick)
    assert home.wait(RETRY_S + 1) == [] and len(home.kept) == 2


def test_after_a_start_the_schedule_goes_on_and_adopts_no_other_folder(home: Home) -> None:
    home.settings["backup.folder"] = str(home.stick)
    home.poll()
    home.schedule = home.start()
    assert home.wait(60) == [] and len(home.kept) == 1
    (home.stick / MARK).unlink()
    assert home.wait(DAY_S) == ["backup_gone"]


def test_a_folder_that_is_not_there_is_named_when_it_is_chosen(home: Home) -> None:
    home.settings["backup.folder"] = "/nowhere/at/all"
    assert home.poll() == ["backup_gone"]
    home.settings["backup.folder"] = None
    assert home.poll() == []


@pytest.mark.parametrize(
    ("error", "code"), [(CardFullError("full"), "backup_full"), (OSError(errno.EIO, "Input/output error"), "backup_failed")]
)
def test_a_full_or_failing_stick_is_named_and_the_older_backups_stay(
    home: Home, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    home.settings |= {"backup.folder": str(home.stick), "backup.keep": 1}
    home.poll()
    before = home.kept

    def fails(*anything: Any) -> None:
        raise error

    monkeypatch.setattr(backup_schedule, "backup", fails)
    assert home.wait(DAY_S + QUIET_S) == [code]
    assert home.kept == before


def test_a_share_that_does_not_answer_is_named_and_not_waited_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(backup_schedule, "backup", lambda *anything: answers.wait(30))
    home.settings["backup.folder"] = str(home.stick)
    home.schedule.poll()
    try:
        home.clock.advance(STALLED_S + 1)
        home.schedule.poll()
        assert [notice.code for notice in home.schedule.notices] == ["backup_stalled"]
    finally:
        answers.set()


def test_a_clock_that_was_set_back_makes_no_backup(home: Home) -> None:
    home.settings |= {"backup.folder": str(home.stick), "backup.last": {"wall_s": home.clock.wall_s() + 30 * DAY_S}}
    home.schedule = home.start()
    (home.stick / MARK).touch()
    home.poll()
    assert home.wait(QUIET_S + 1) == [] and home.kept == []


def test_a_folder_on_the_same_card_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.settings["backup.folder"] = str(home.stick)
    assert home.poll() == ["backup_same_card"] and len(home.kept) == 1


def test_one_is_made_when_somebody_asks(home: Home) -> None:
    with pytest.raises(DeclinedError, match="folder"):
        home.schedule.now()
    home.settings["backup.folder"] = str(home.stick)
    home.poll()
    home.clock.advance(5)
    home.schedule.now()
    assert home.poll() == [] and len(home.kept) == 2


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def test_a_whole_station_backs_itself_up(station: Rig, tmp_path: Path) -> None:
    from hardware.errors import BackliftError
    from station.messages import BackupNow, SettingSet
    from station.service.dispatcher import NullReply

    folder = tmp_path / "stick"
    folder.mkdir()
    declined: list[BackliftError] = []

    class Answer(NullReply):
        def error(self, error: BackliftError) -> None:
            declined.append(error)

    station.station._command(BackupNow(), Answer(), "page")
    assert len(declined) == 1
    station.station._command(SettingSet(key="backup.folder", value=str(folder)), NullReply(), "page")
    station.settle()
    station.station.poll_system_health()
    thread = station.station.backups._thread
    assert thread is not None
    thread.join(20)
    station.settle()
    assert len(backups_in(folder, station.config.station.id)) == 1
    with Reader(station.config.database) as reader:
        assert reader.settings()["backup.last"]["size_mb"] > 0
    assert "backup_same_card" in [notice.code for notice in station.station._health().notices]
