"""Coverage-guided fuzzing of restore and recover: `python tests/fuzz/fuzz_restore.py [-max_total_time=600]`.

Needs `pip install atheris`.  A sound backup is damaged in places that the fuzzer chooses.  Whatever comes of it: restore and
recover either raise one of the project's own errors in one line, or give a database that a station opens and whose every session
can be read, with the devices and the network settings that were there before.
"""

import os
import shutil
import struct
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["station.store"]):
    from station.store import Reader, Store
    from station.store.backup import backup
    from station.store.recover import recover
    from station.store.restore import restore

from hardware.errors import BackliftError

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
from store_world import HandClock, practise

FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
WHOLE = FOLDER / "whole.db"
PRESENT = FOLDER / "present.db"


def prepare() -> None:
    clock = HandClock()
    with Store(FOLDER / "source.db", clock=clock) as store:
        for _ in range(2):
            store.note_set(practise(store, clock, 20), "note")
        store.device_add("stranger", b"\x02" * 32)
        store.setting_set("dashboard.open_network", True)
        store.person_setting_set(store.person_add("Anna").id, "practice.count_s", 1.5)
    backup(FOLDER / "source.db", WHOLE)
    with Store(FOLDER / "now.db", clock=clock) as store:
        practise(store, clock, 5)
        store.device_add("tablet", b"\x01" * 32)
        store.setting_set("dashboard.open_network", False)
    backup(FOLDER / "now.db", PRESENT)


def damaged(whole: bytes, data: bytes) -> bytes:
    """Up to 32 stretches written over: place (4 bytes), length (1 byte), content."""
    out = bytearray(whole)
    at = 0
    for _ in range(32):
        if len(data) - at < 6:
            break
        place, length = struct.unpack_from("<IB", data, at)
        piece = data[at + 5 : at + 5 + length % 32 + 1]
        at += 5 + len(piece)
        place %= len(out)
        out[place : place + len(piece)] = piece
    return bytes(out[: len(whole)])


def one_line(error: BackliftError) -> None:
    if "\n" in str(error):
        raise RuntimeError("an error of more than one line") from error


def read_all(path: Path) -> None:
    try:
        with Reader(path) as reader:
            for one in reader.sessions():
                reader.session(one.id), reader.frames(one.id), reader.trace(one.id), reader.events(one.id)
            reader.progress(), reader.practice_days(), reader.settings(), reader.calibrations(), reader.persons()
    except BackliftError as error:
        one_line(error)


def one_input(data: bytes) -> None:
    for file in FOLDER.glob("run*"):
        file.unlink()
    archive, database, rescued = FOLDER / "run-archive.db", FOLDER / "run.db", FOLDER / "run-rescued.db"
    archive.write_bytes(damaged(whole, data))
    shutil.copy(PRESENT, database)
    try:
        restore(archive, database)
    except BackliftError as error:
        one_line(error)
    else:
        read_all(database)
        with Reader(database) as reader:
            if [one.name for one in reader.devices()] != ["tablet"] or reader.settings().get("dashboard.open_network") is not False:
                raise RuntimeError("somebody was let in")
        Store(database, clock=HandClock()).close()
    try:
        recover(archive, rescued)
    except BackliftError as error:
        one_line(error)
    else:
        read_all(rescued)


if __name__ == "__main__":
    prepare()
    whole = WHOLE.read_bytes()
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    (corpus / "0").write_bytes(struct.pack("<IB", 5000, 3) + b"abcd")
    limit = [] if any(argument.startswith("-max_total_time") for argument in sys.argv) else ["-max_total_time=600"]
    atheris.Setup([*sys.argv, *limit, "-rss_limit_mb=2048", "-max_len=1200", str(corpus)], one_input)
    atheris.Fuzz()
