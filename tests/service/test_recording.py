"""A recording is read exactly as it stands, or refused with the line that is wrong."""

from __future__ import annotations

import csv
import gzip
import io
import math
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.recording import RecordingError, read_recording

ZONES = ("head", "foot_l")
GOOD = b"time_s,head,foot_l\n0.0000,1.5,0.25\n0.0100,,0.250125\n0.0213,1.625,\n"


def written(tmp_path: Path, text: bytes, name: str = "r.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text)
    return path


def test_reads_volts_in_the_order_of_the_mat_and_empty_fields_as_missing(tmp_path: Path) -> None:
    block = read_recording(written(tmp_path, GOOD), ("foot_l", "head"))
    assert block.t_s.tolist() == [0.0, 0.01, 0.0213]
    np.testing.assert_array_equal(block.volts, [[0.25, 1.5], [0.250125, math.nan], [math.nan, 1.625]])


@pytest.mark.parametrize("form", [GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD.rstrip(b"\n"), b"\xef\xbb\xbf" + GOOD])
def test_line_ends_do_not_matter_nor_does_compression(tmp_path: Path, form: bytes) -> None:
    plain = read_recording(written(tmp_path, form), ZONES)
    packed = read_recording(written(tmp_path, gzip.compress(form), "r.csv.gz"), ZONES)
    for block in (plain, packed):
        np.testing.assert_array_equal(block.volts, [[1.5, 0.25], [math.nan, 0.250125], [1.625, math.nan]])


def test_a_gzip_of_several_members_is_read_whole(tmp_path: Path) -> None:
    head, tail = GOOD[:30], GOOD[30:]
    block = read_recording(written(tmp_path, gzip.compress(head) + gzip.compress(tail)), ZONES)
    assert len(block) == 3


BAD = {
    "empty file": (b"", "empty"),
    "blank file": (b"\n\n", "empty"),
    "header alone": (b"time_s,head,foot_l\n", "line 2: no frames"),
    "no time column": (b"head,foot_l\n1,2\n", "line 1: the first column must be 'time_s'"),
    "missing column": (b"time_s,head\n0,1\n", "line 1: column 'foot_l' is missing"),
    "extra column": (b"time_s,head,foot_l,tail\n0,1,1,1\n", "line 1: column 'tail' is no zone"),
    "column twice": (b"time_s,head,foot_l,head\n0,1,1,1\n", "line 1: column 'head' is there twice"),
    "binary": (b"\x89PNG\r\n\x1a\n\xff\xfe", "line 1"),
    "text": (GOOD + b"0.03,wide,1\n", "line 5: 'wide' is not a number"),
    "nan in letters": (GOOD + b"0.03,nan,1\n", "line 5: 'nan' is not a number"),
    "infinity": (GOOD + b"0.03,inf,1\n", "line 5: 'inf' is not a number"),
    "space": (GOOD + b"0.03, 1,1\n", "line 5: ' 1' is not a number"),
    "underscore": (GOOD + b"0.03,1_0,1\n", "line 5: '1_0' is not a number"),
    "half a number": (GOOD + b"0.03,1e,1\n", "line 5: '1e' is not a number"),
    "two signs": (GOOD + b"0.03,1-2,1\n", "line 5: '1-2' is not a number"),
    "hash": (GOOD + b"#0.03,1,1\n", "line 5: '#0.03' is not a number"),
    "time running back": (GOOD + b"0.0200,1,1\n", "line 5: time does not rise"),
    "time standing": (GOOD + b"0.0213,1,1\n", "line 5: time does not rise"),
    "no time": (GOOD + b",1,1\n", "line 5: the time is missing"),
    "endless time": (GOOD + b"1e999,1,1\n", "line 5: the time is missing"),
    "too few fields": (GOOD + b"0.03,1\n", "line 5: 2 fields, the header has 3"),
    "too many fields": (GOOD + b"0.03,1,1,1\n", "line 5: 4 fields, the header has 3"),
    "blank line inside": (GOOD + b"\n0.03,1,1\n", "line 5: 1 fields"),
    "blank lines inside": (GOOD + b"\n\n\n0.03,1,1\n", "line 5: 1 fields"),
    "a row of commas at the end": (GOOD + b",,\n", "line 5: the time is missing"),
    "line end of another age": (GOOD + b"0.03,1,1\r0.04,1,1\n", "line 5"),
    "volts nobody measured": (GOOD + b"0.03,1e300,1\n", "line 5: 1e300 V"),
    "below ground by far": (GOOD + b"0.03,-9,1\n", "line 5: -9 V"),
}


@pytest.mark.parametrize("text,words", BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_said_in_one_line_with_its_place(tmp_path: Path, text: bytes, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RecordingError) as caught:
        read_recording(path, ZONES)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_truncated_gzip_is_named_and_so_is_a_damaged_one(tmp_path: Path) -> None:
    packed = gzip.compress(GOOD * 50)
    with pytest.raises(RecordingError, match="ends too early"):
        read_recording(written(tmp_path, packed[:-9], "cut.csv.gz"), ZONES)
    with pytest.raises(RecordingError, match="damaged gzip"):
        read_recording(written(tmp_path, packed[:20] + b"\xff" * 20 + packed[40:], "bad.csv.gz"), ZONES)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such recording"):
        read_recording(tmp_path / "nowhere.csv", ZONES)
    with pytest.raises(RecordingError, match="cannot be read"):
        read_recording(tmp_path, ZONES)


codes = st.one_of(st.none(), st.integers(-4000, 32767))


@given(st.lists(st.tuples(st.integers(1, 10**6), codes, codes), min_size=1, max_size=30))
def test_every_field_comes_back_as_the_double_nearest_to_its_text(rows: list[tuple[int, int | None, int | None]]) -> None:
    """Against the standard library's reader and `float`, which know nothing of the bulk parser."""
    import tempfile

    t_us, lines = 0, ["time_s,head,foot_l"]
    for step, *pair in rows:
        t_us += step
        lines.append(",".join([f"{t_us / 1e6:.6f}", *("" if code is None else f"{code / 8000:.6f}" for code in pair)]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_text("\n".join(lines) + "\n")
        block = read_recording(path, ZONES)
    expected = [[float(f) if f else math.nan for f in row] for row in list(csv.reader(io.StringIO("\n".join(lines))))[1:]]
    np.testing.assert_array_equal(np.column_stack([block.t_s, block.volts]), expected)


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda junk: GOOD + junk) | st.binary(max_size=60).map(gzip.compress))
def test_no_bytes_whatever_bring_out_anything_but_frames_or_the_one_error(junk: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r"
        path.write_bytes(junk)
        try:
            block = read_recording(path, ZONES)
        except RecordingError as error:
            assert "\n" not in str(error)
        else:
            assert (np.diff(block.t_s) > 0).all() and block.volts.shape == (len(block), 2)


@pytest.mark.parametrize("end", [b"\n", b"\n\n", b"\r\n\r\n", b"\n \t\n", b"  ", b"\n" * 10_000])
def test_blank_lines_at_the_end_are_no_lines(tmp_path: Path, end: bytes) -> None:
    for packed in (False, True):
        text = gzip.compress(GOOD + end) if packed else GOOD + end
        assert len(read_recording(written(tmp_path, text), ZONES)) == 3


def test_a_recording_is_the_same_in_however_many_pieces_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"".join(b"%d.%02d,1.5,%d.25\r\n" % (n // 100, n % 100, n % 5) for n in range(3000))
    path = written(tmp_path, b"time_s,head,foot_l\r\n" + rows + b"\r\n\r\n")
    packed = written(tmp_path, gzip.compress(path.read_bytes()), "r.csv.gz")
    whole = read_recording(path, ZONES)
    assert len(whole) == 3000
    for size in (1, 7, 64, 4096):
        monkeypatch.setattr("station.recording._PIECE_BYTES", size)
        monkeypatch.setattr("station.recording._LONGEST_LINE", 100)
        if size > 1:
            for one in (path, packed):
                block = read_recording(one, ZONES)
                np.testing.assert_array_equal(block.t_s, whole.t_s)
                np.testing.assert_array_equal(block.volts, whole.volts)
    wrong = written(tmp_path, b"time_s,head,foot_l\n" + rows.replace(b"\r", b"") + b"29.99,1,1\n", "wrong.csv")
    with pytest.raises(RecordingError, match="line 3002: time does not rise"):
        read_recording(wrong, ZONES)


def bomb(head: bytes, piece: bytes, megabytes: int) -> bytes:
    """A gzip file of a few kilobytes that unpacks to so many megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = packer.compress(head)
    block = piece * (1_000_000 // len(piece))
    for _ in range(megabytes):
        out += packer.compress(block)
    return out + packer.flush()


HEAD = b"time_s,head,foot_l\n"
BOMBS = {
    "zeros": (b"", bytes(1000)),
    "blank lines": (b"", b"\n"),
    "blank lines after a frame": (HEAD + b"0,1,1\n", b"\n"),
    "spaces": (HEAD, b" "),
    "one endless number": (HEAD, b"1"),
    "one endless header": (b"time_s", b",a"),
    "the same row": (HEAD, b"0,1,1\n"),
    "rows of nothing": (HEAD + b"0,1,1\n", b",,\n"),
}


@pytest.mark.parametrize("head,piece", BOMBS.values(), ids=BOMBS)
def test_a_small_file_that_unpacks_to_gigabytes_is_found_out_in_little_memory(tmp_path: Path, head: bytes, piece: bytes) -> None:
    path = written(tmp_path, bomb(head, piece, 300), "bomb.csv.gz")
    assert path.stat().st_size < 1_300_000
    script = f"""
import resource
from pathlib import Path
from station.recording import RecordingError, read_recording
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_recording(Path({str(path)!r}), ("head", "foot_l"))
except RecordingError as error:
    assert "\\n" not in str(error) and len(str(error)) < 400
else:
    raise SystemExit("was read")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) < 60_000, "kB more than before"
