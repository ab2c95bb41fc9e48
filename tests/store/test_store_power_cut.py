"""The plug is pulled at any moment: what was acknowledged is there, whole, and nothing else is.

The workload runs once with a diary of every write (torn_card.py); then hundreds of its moments are cut, and each resulting folder
is opened as a station would after the power came back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from store_world import MAT_TEXT, HandClock, block, lift, lift_off, make_version_1, repetition
from torn_card import Diary, diary_of, images

from station.store import Store
from station.store.chunks import Chunk, decode

ZONES = ("a", "b", "c")
CUTS = {"practice": 320, "settings": 80, "delete": 80, "migration": 60}


def state(run: Any) -> dict[str, Any]:
    """Everything in a database that a person would miss, read without the product's reader."""
    chunks: dict[int, list[tuple[int, int, int]]] = {}
    for key, *fields in run("SELECT id, t0_us, t1_us, frames, crc, data, overview_crc, overview FROM chunk ORDER BY id"):
        chunk = Chunk(*fields)
        if chunk.data:
            t_us, codes = decode(chunk)
            chunks.setdefault(key >> 32, []).append((int(t_us[0]), len(t_us), int(codes.astype(int).sum())))
    return {
        "frames": chunks,
        "sessions": [id for (id,) in run("SELECT id FROM session ORDER BY id")],
        "ended": run("SELECT id, ended_s FROM session WHERE state = 'ended' ORDER BY id"),
        "events": run("SELECT id, body FROM event WHERE type <> 'recovered' ORDER BY id"),
        "raw": run("SELECT id, raw FROM session ORDER BY id"),
        "analyses": run("SELECT id, detector_version, current FROM analysis ORDER BY id"),
        "lifts": run("SELECT analysis_id, repetition_id, body FROM lift ORDER BY id"),
        "corrections": run("SELECT kind, limb, t_s, undoes FROM correction ORDER BY id"),
        "notes": run("SELECT session_id, text FROM note ORDER BY id"),
        "comfort": run("SELECT id, comfort_before FROM session WHERE comfort_before IS NOT NULL"),
        "settings": run("SELECT key, value FROM setting ORDER BY key"),
        "devices": run("SELECT name, revoked FROM device ORDER BY id"),
    }


def practise_with_diary(store: Store, clock: HandClock, diary: Diary, seconds: int, seed: int) -> int:
    """A session in which every commit is noted down as acknowledged."""
    start_s = clock.now_s
    number = store.begin_session(start_s, mat_text=MAT_TEXT, zones=ZONES, rate_hz=50, detector_version="1")
    for second in range(seconds):
        store.add_frames(block(start_s + second, 1.0, zones=len(ZONES), rate_hz=50, seed=seed + second))
        clock.pass_s(1.0)
        if second % 8 == 7:
            one = lift("leg_l", start_s + second - 6, aloft_s=1.0, melt_s=1.0)
            store.add(lift_off(start_s + second))
            store.add(one)
            store.add(repetition(one))
        assert store.commit().acknowledged
        diary.mark(state(store._db.run))
    store.end_session(clock.now_s)
    store.commit()
    diary.mark(state(store._db.run))
    return number


def check(diary: Diary, start: dict[str, bytes], kind: str, tmp_path: Path, clock: HandClock, first_state: Any = None) -> None:
    """Cut the diary in many places spread over it; every folder must open to a state that was promised, or to the one under way."""
    target = tmp_path / "after"
    target.mkdir(exist_ok=True)
    busy = [n for n, entry in enumerate(diary.entries) if entry[0] not in ("acknowledged", "doing")]
    wanted = [busy[i * len(busy) // CUTS[kind]] for i in range(CUTS[kind])]
    assert len(set(wanted)) == CUTS[kind], "the run is too short for so many different cuts"
    count = 0
    for cut in images(diary, start, wanted, seed=7, target=target):
        count += 1
        promised = cut.promised if cut.promised is not None else first_state
        with Store(target / "backlift.db", clock=clock, boot_id="after") as store:
            found = state(store._db.run)
            where = f"{kind}: cut {cut.at} while busy with {cut.doing}"
            assert found in (promised, cut.next), where
            assert store._db.run("PRAGMA integrity_check") == [("ok",)], where
            assert store._db.run("PRAGMA foreign_key_check") == [], where
            assert store._db.run("SELECT count(*) FROM session WHERE state = 'open'") == [(0,)], where
            recovered = store._db.run("SELECT id, missing_s FROM session WHERE state = 'recovered'")
            assert [(one.session_id, one.missing_s) for one in store.recovered] == recovered, where
            assert all(missing_s == 2.0 for _, missing_s in recovered), where
        assert not list(target.glob("*.corrupt-*")), "a power cut never damages the database"
    assert count == CUTS[kind]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    folder = tmp_path / "before"
    folder.mkdir()
    return folder


EMPTY: dict[str, Any] = {
    "frames": {}, "sessions": [], "ended": [], "events": [], "raw": [], "analyses": [], "lifts": [], "corrections": [],
    "notes": [], "comfort": [], "settings": [], "devices": [],
}  # fmt: skip


def test_a_cut_during_practice_and_checkpoints_costs_only_what_was_not_acknowledged(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.store.store.COMMITS_PER_CHECKPOINT", 7)  # many checkpoints in a short run
    clock = HandClock()
    with diary_of(before) as (diary, connect), Store(before / "backlift.db", clock=clock, connect=connect) as store:
        for round in range(2):
            practise_with_diary(store, clock, diary, 16, seed=100 * round)
    check(diary, {}, "practice", tmp_path, clock, EMPTY)


def test_a_cut_while_a_setting_is_changed_leaves_the_old_or_the_new_one(before: Path, tmp_path: Path) -> None:
    clock = HandClock()
    with diary_of(before) as (diary, connect), Store(before / "backlift.db", clock=clock, connect=connect) as store:
        number = practise_with_diary(store, clock, diary, 9, seed=0)
        diary.entries.clear()  # the practice was cut elsewhere; here the files as they are begin the run
        start = {
            file.name: file.read_bytes() for file in before.iterdir() if file.suffix != ".lock" and not file.name.endswith("-shm")
        }
        first = state(store._db.run)
        [(lift_id,)] = store._db.run("SELECT id FROM lift")
        for n in range(6):
            for doing, do in {
                "setting": lambda n=n: store.setting_set(f"practice.count{n % 3}", n),
                "note": lambda n=n: store.note_set(number, f"softer {n}"),
                "comfort": lambda n=n: store.comfort_set(number, "before", n % 5 + 1),
                "correction": lambda n=n: store.correction_add(number, lift_id, not_a_lift=True),
                "undo": lambda: store.correction_undo(number),
                "analysis": lambda n=n: store.analysis_add(number, str(n), [repetition(lift("leg_l", 1003.0 + n / 10))]),
                "device": lambda n=n: store.device_add(f"tablet {n}", bytes([n]) * 32),
            }.items():
                diary.doing(doing)
                do()
                diary.mark(state(store._db.run))
        diary.doing("thin")
        assert store.thin(0) == 1
        diary.mark(state(store._db.run))
    check(diary, start, "settings", tmp_path, clock, first)


def test_a_cut_while_a_session_is_deleted_leaves_it_whole_or_not_at_all(before: Path, tmp_path: Path) -> None:
    clock = HandClock()
    with diary_of(before) as (diary, connect), Store(before / "backlift.db", clock=clock, connect=connect) as store:
        numbers = [practise_with_diary(store, clock, diary, 9, seed=10 * n) for n in range(3)]
        store.commit()
    diary.entries.clear()
    start = {"backlift.db": (before / "backlift.db").read_bytes()}
    with diary_of(before) as (diary, connect), Store(before / "backlift.db", clock=clock, connect=connect) as store:
        first = state(store._db.run)
        for number in numbers[:2]:
            diary.doing("delete")
            store.session_delete(number)
            diary.mark(state(store._db.run))
        store.delete_everything()
        diary.mark(state(store._db.run))
    check(diary, start, "delete", tmp_path, clock, first)


def test_a_cut_during_a_migration_leaves_the_old_or_the_new_database(before: Path, tmp_path: Path) -> None:
    clock = HandClock()
    old = before / "backlift.db"
    make_version_1(old)
    start = {"backlift.db": old.read_bytes()}
    with diary_of(before) as (diary, connect), Store(old, clock=clock, connect=connect) as store:
        expected = state(store._db.run)
        assert expected["sessions"] == [1, 2] and len(expected["lifts"]) == 6
    check(diary, start, "migration", tmp_path, clock, expected)
