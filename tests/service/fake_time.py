"""A whole station on a clock that moves only when the mat is read: simulated body, fake chips, real scanner, the rest real too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.clock import Clock
from hardware.mat import Mat
from hardware.scanner import Scanner
from hardware.sim.body import SimulatedMat
from hardware.sim.chips import FakeADS1115, SimulatedBus, SimulatedClock
from hardware.sim.lying import Lying
from hardware.sim.script import Away, GetUp, LieDown, LiftLimb, Rest, Script
from station.config import Config, MatChoice, Sampling, Storage
from station.model import Announcement
from station.service.main import Station

SHORT_PRACTICE = Script(
    (
        (Away(4.0),),
        (LieDown(4.0),),
        (Rest(10.0),),
        (LiftLimb("leg_l", depths=(1.0, 0.8, 0.4), prepare_s=3.0, aloft_s=4.0, melt_s=4.0),),
        (Rest(7.0),),
        (
            LiftLimb("leg_r", depths=(1.0, 0.8, 0.4), prepare_s=3.0, aloft_s=5.0, melt_s=4.0),
            LiftLimb("arm_l", depths=(1.0, 1.3, 1.3), prepare_s=3.0, aloft_s=4.0, melt_s=4.0, delay_s=0.6),
        ),
        (Rest(8.0),),
        (GetUp(3.0),),
        (Away(8.0),),
    )
)


class Rig:
    """A station, its clock, its chips and its bus, to be driven by hand.  announced: all that went to the database."""

    def __init__(
        self, folder: Path, mat: str = "half-8", script: Script = SHORT_PRACTICE, seed: int = 3, lying: Lying | None = None
    ) -> None:
        self.clock = SimulatedClock()
        self._script = script
        self._seed = seed
        self._lying = lying
        self.config = Config(
            mat=MatChoice(file=mat), sampling=Sampling(driver="simulated"), storage=Storage(directory=str(folder / "data"))
        )
        self.station = Station(self.config, folder, self._open, clock=self.clock)
        self.announced: list[Announcement] = []
        hand_on = self.station.writer.announce

        def announce(announcement: Announcement) -> None:
            self.announced.append(announcement)
            hand_on(announcement)

        self.station.writer.announce = announce  # type: ignore[method-assign]

    def _open(self, config: Config, mat: Mat, clock: Clock) -> Scanner:
        self.body = SimulatedMat(mat, self._script, self._seed, lying=self._lying)
        began_s = clock.monotonic_s()
        self.chips = {
            address: FakeADS1115(address, lambda address, pin, t_s: self.body.volts(address, pin, t_s - began_s))
            for address in mat.chips
        }
        self.bus = SimulatedBus(clock, self.chips)
        return Scanner(self.bus, mat, clock)

    def run(self, duration_s: float, frames_per_turn: int = 4) -> None:
        """Let time pass: the sampler samples, and every few frames the pipeline has its turn."""
        until_s = self.clock.monotonic_s() + duration_s
        turns = 0
        while self.clock.monotonic_s() < until_s:
            for _ in range(frames_per_turn):
                self.station.sampler.step()
            self.station.pump()
            turns += 1
            if turns % 100 == 0:
                self.settle()

    def settle(self) -> None:
        """Wait until the writer has put away what it was given; its thread lives in real time."""
        # What was given before the first question is committed before the second one is taken.
        self.ask(lambda store: None)
        self.ask(lambda store: None)

    def ask(self, do: Any) -> Any:
        answered = threading.Event()
        answers: list[Any] = []

        def done(result: Any, error: Exception | None) -> None:
            answers.append(result if error is None else error)
            answered.set()

        self.station.writer.ask(do, done)
        assert answered.wait(30)
        return answers[0]


@contextmanager
def rig(folder: Path, **how: Any) -> Iterator[Rig]:
    made = Rig(folder, **how)
    try:
        yield made
    finally:
        made.station.close()
