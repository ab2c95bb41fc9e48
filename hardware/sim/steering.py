"""A simulated person who does what is asked of them, as it is asked: for trying every page without a mat.

The person is a script without an end.  While nothing is asked they lie still, or are away, second by second; what is asked is done
when the movement under way is over.  Thread-safe: asked from one thread, read by the one that scans.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import overload

from hardware.sim.script import Act, Away, GetUp, LieDown, LiftLimb, Rest, Roll, Script, Shift, Step, Unweight, practice_script

IDLE_S = 1.0
"""So soon something that is asked begins."""
SETTLE_S = 4.0
"""People rest a little before they do what they were told."""
ELBOW, ARM, LEG = (1.0, 0.15, 0.1), (1.0, 1.3, 1.3), (1.0, 0.8, 0.4)
"""How far each zone of a limb is lifted, distal first (`LiftLimb.depths`)."""
SLOWLY = 2.0


class SteeredPerson(Sequence[Step]):
    """The steps of a script, made when they are needed.  `script` is what a `SimulatedMat` takes.

    practises: go through the ordinary practice while nothing is asked; the first thing that is asked ends that.
    """

    def __init__(self, practises: bool = True) -> None:
        self._lock = threading.Lock()
        self._asked: deque[Step] = deque()
        self._lying = False
        self._slow = False
        self._own: Sequence[Step] = practice_script().steps if practises else ()
        self._next_own = 0
        self.script = Script(steps=self, variation=0.1)

    def __len__(self) -> int:
        return 2**31

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | Sequence[Step]:
        """The next step; asked for once each, in order.  The last one (-1) is never reached."""
        if isinstance(index, slice):
            raise TypeError("a steered person's steps have no slices")
        if index < 0:
            return ()
        with self._lock:
            step = self._take()
            for act in step:
                if isinstance(act, LieDown):
                    self._lying = True
                elif isinstance(act, GetUp | Away):
                    self._lying = False
            return step

    @property
    def lying(self) -> bool:
        with self._lock:
            return self._lying

    @property
    def idle(self) -> bool:
        """Nothing is asked that was not begun."""
        with self._lock:
            return not self._asked

    # What may be asked ----------------------------------------------------------------------------------------------------------

    def lie_down(self) -> None:
        with self._lock:
            self._own = ()
            self._asked.clear()
            if not self._lying:
                self._asked += [(LieDown(6.0),), (Rest(SETTLE_S),)]

    def get_up(self) -> None:
        with self._lock:
            self._own = ()
            self._asked.clear()
            if self._lying:
                self._asked.append((GetUp(4.0),))

    def practise(self) -> None:
        """The ordinary practice, over and over."""
        with self._lock:
            self._own, self._next_own = practice_script().steps, 0
            self._asked.clear()
            if self._lying:
                self._asked.append((GetUp(4.0),))

    def slowly(self, slow: bool) -> None:
        """From now on in twice the time."""
        with self._lock:
            self._slow = slow

    def lift(self, limbs: Sequence[str], elbow_only: bool = False) -> None:
        """Lift these limbs together, by their names in the simulated mat, and rest."""
        acts: list[Act] = []
        for n, limb in enumerate(limbs):
            part = limb.rpartition(":")[2]
            depths = ELBOW if elbow_only and part.startswith("arm") else ARM if part.startswith(("arm", "head")) else LEG
            acts.append(LiftLimb(limb, prepare_s=4.0, aloft_s=12.0, melt_s=8.0, depths=depths, engagement=(0.3,), delay_s=0.4 * n))
        self._do([tuple(acts), (Rest(SETTLE_S),)])

    def lighten(self, limb: str) -> None:
        """A part of the trunk, by its name in the simulated mat, grows lighter and comes back."""
        self._do([(Unweight(limb, depth=0.5, down_s=4.0, hold_s=2.0, up_s=5.0),), (Rest(SETTLE_S),)])

    def lean(self, more: Sequence[str], less: Sequence[str] = ()) -> None:
        """Weight moves onto some zones, off others, and back."""
        there = [(zone, 1.5) for zone in more] + [(zone, 0.5) for zone in less]
        back = tuple((zone, 1 / share) for zone, share in there)
        self._do([(Shift(tuple(there), duration_s=4.0),), (Rest(2.0),), (Shift(back, duration_s=5.0),), (Rest(SETTLE_S),)])

    def turn_over(self) -> None:
        self._do([(Roll(6.0),), (Rest(SETTLE_S),)])

    def _do(self, steps: Sequence[Step]) -> None:
        with self._lock:
            self._own = ()
            self._asked += steps

    def _take(self) -> Step:
        if self._asked:
            step = self._asked.popleft()
        elif self._own:
            step = self._own[self._next_own % len(self._own)]
            self._next_own += 1
        else:
            return (Rest(IDLE_S) if self._lying else Away(IDLE_S),)
        return Script(steps=(step,)).faster(1 / SLOWLY).steps[0] if self._slow else step
