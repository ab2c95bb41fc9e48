"""What the tests of the store share: a clock to turn by hand, a mat, frames like a person's, lifts with known times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from hardware.frames import FrameBlock, volts_from_codes
from hardware.mat import parse_mat
from station.model import Lift, PhaseEvent, Repetition
from station.store import Store
from station.store.chunks import chunks_of
from station.store.connection import SqliteConnection
from station.store.schema import migrate

MAT_TEXT = (Path(__file__).parents[2] / "hardware/mats/full-16.mat.toml").read_text(encoding="utf-8")
ZONES = parse_mat(MAT_TEXT).zone_names


@dataclass
class HandClock:
    """Monotonic and wall time, moved by the test."""

    now_s: float = 1000.0
    date_s: float = 1_790_000_000.0

    def monotonic_s(self) -> float:
        return self.now_s

    def wall_s(self) -> float:
        return self.date_s

    def sleep_until_s(self, t_s: float) -> None:
        self.pass_s(t_s - self.now_s)

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.date_s += seconds


def codes_like_a_person(n: int, zones: int, seed: int) -> np.ndarray:
    """Slow movement plus noise of a few steps, a missing sample now and then; shape (n, zones), int16."""
    random = np.random.default_rng(seed)
    slow = 9000 + 3000 * np.sin(np.arange(n)[:, None] / 170 + np.arange(zones))
    codes = np.rint(slow + random.normal(0, 2, (n, zones))).astype(np.int16)
    codes[random.random((n, zones)) < 0.002] = -32768
    return codes


def block(t0_s: float, seconds: float, *, zones: int = len(ZONES), rate_hz: float = 100.0, seed: int = 0) -> FrameBlock:
    """Frames from t0_s on, unevenly spaced by some tens of microseconds as real ones are."""
    n = round(seconds * rate_hz)
    jitter_us = np.random.default_rng(seed + 1).integers(0, 60, n)
    t_us = np.rint((t0_s + np.arange(n) / rate_hz) * 1e6).astype(np.int64) + jitter_us
    return FrameBlock(t_us / 1e6, volts_from_codes(codes_like_a_person(n, zones, seed)))


def lift(limb: str = "leg_l", off_s: float = 1010.0, *, aloft_s: float = 4.0, melt_s: float | None = 6.0) -> Lift:
    """A lift of known times: three seconds of prepare before it."""
    down_s = off_s + aloft_s
    return Lift(
        limb=limb,
        kind="lift",
        part="leg" if limb.startswith("leg") else "elbow",
        prepare_start=off_s - 3.0,
        lift_off=off_s,
        touch_down=down_s,
        melt_end=None if melt_s is None else down_s + melt_s,
        reported_at={"lift_off": off_s + 0.1, "touch_down": down_s + 0.1},
        extent=0.7,
        why_null={} if melt_s is not None else {"melt_end": "below the creep floor"},
    )


def repetition(of: Lift) -> Repetition:
    """A repetition of this one lift."""
    kind = "leg" if of.limb.startswith("leg") else "arm"
    return Repetition(kind=kind, side="left", lifts=(of,), reported_at_s=(of.melt_end or of.touch_down or 0.0) + 1.0)


def lift_off(t_s: float, limb: str = "leg_l") -> PhaseEvent:
    return PhaseEvent("lift_off", limb, t_s, t_s + 0.1)


def begin(store: Store, t_s: float, **changes: object) -> int:
    """Begin an ordinary session."""
    facts: dict = {"mat_text": MAT_TEXT, "zones": ZONES, "rate_hz": 100.0, "detector_version": "1"}
    return store.begin_session(t_s, **(facts | changes))


def practise(store: Store, clock: HandClock, seconds: int, *, lifts: int = 1, seed: int = 0) -> int:
    """A whole session, committed every second; its lifts follow one another every 20 s."""
    start_s = clock.now_s
    session_id = begin(store, start_s)
    for second in range(seconds):
        store.add_frames(block(start_s + second, 1.0, seed=seed + second))
        clock.pass_s(1.0)
        if second % 20 == 19 and second // 20 < lifts:
            one = lift(off_s=start_s + second - 15, aloft_s=4.0, melt_s=6.0)
            store.add(lift_off(one.lift_off))
            store.add(one)
            store.add(repetition(one))
        store.commit()
    store.end_session(clock.now_s)
    store.commit()
    return session_id


def make_version_1(path: Path) -> None:
    """A database as the first version of the program left it, with two sessions."""
    db = SqliteConnection(path)
    migrate(db, up_to=1)
    for session in (1, 2):
        start_s = 500.0 * session
        db.run(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (session, start_s, start_s + 12, 1_790_000_000.0 + session, '["a", "b", "c"]', 50.0, MAT_TEXT, "0.9"),
        )
        for second in range(12):
            for chunk in chunks_of(block(start_s + second, 1.0, zones=3, rate_hz=50, seed=second)):
                db.run(
                    "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?)",
                    ((session << 32) + second * 1000, chunk.t0_us, chunk.t1_us, chunk.frames, chunk.crc, chunk.data),
                )
        for n in range(3):
            one = lift("leg_l", start_s + 4 + 3 * n, aloft_s=1.0, melt_s=1.0)
            db.run("INSERT INTO repetition VALUES (NULL, ?, 'leg', 'left', ?)", (session, one.melt_end))
            db.run(
                "INSERT INTO lift VALUES (NULL, ?, last_insert_rowid(), ?, ?, ?)",
                (session, one.limb, one.lift_off, msgspec.json.encode(one).decode()),
            )
        db.run("INSERT INTO event VALUES (?, 'phase', ?, '{}')", ((session << 32) + 1, start_s + 4))
    db.run("INSERT INTO setting VALUES ('practice.count', '8')")
    db.close()
