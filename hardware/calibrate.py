"""The guided calibration: what each zone makes of known weights, and how much it creeps.

A state machine like the check: frames and answers in, prompts and calibrations out.  For each zone: empty it (tare), lay on known
weights one after another, as many and as often as one likes.  The first stays on for a minute, which shows the creep; it must be
the first, because a sensor that has been loaded remembers it for a long time.  A weight counts `READ_AFTER_S` after its answer,
always the same, because the reading creeps from the moment it is loaded.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hardware.calibration import CalibrationError, Fit, ZoneCalibration, fit_creep, fit_power_law
from hardware.check import Prompt
from hardware.divider import conductance_siemens
from hardware.frames import CODES_PER_VOLT, MISSING, Frame
from hardware.health import RAIL_SHARE, place
from hardware.mat import Mat, Zone

GRAVITY = 9.81
TARE_S = 2.0
READ_AFTER_S = 3.0
READ_FOR_S = 1.0
CREEP_S = 60.0
LOADED_VOLTS = 0.05
"""Above the tare: something lies on the zone."""
STEADY_SHARE = 0.05
TWIN_VOLTS = 0.02
LIGHTEST_N, HEAVIEST_N = 0.5, 300.0

Stage = Literal["tare", "weigh", "settle", "creep", "unload", "done"]

_WEIGHT = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(kg|g|n)?\s*", re.IGNORECASE)
_NEWTONS = {"kg": GRAVITY, "g": GRAVITY / 1000, "n": 1.0}


def newtons(words: str) -> float:
    """Force of a weight as a person writes it: "2", "2 kg", "500 g", "19.6 N".  Raises CalibrationError.

    >>> round(newtons("2 kg"), 2), round(newtons("500g"), 3), newtons("20 N")
    (19.62, 4.905, 20.0)
    """
    match = _WEIGHT.fullmatch(words)
    if match is None:
        raise CalibrationError(f"'{words}' is not a weight; write it like 2 kg, 500 g or 20 N")
    force_n = float(match[1].replace(",", ".")) * _NEWTONS[(match[2] or "kg").lower()]
    if not LIGHTEST_N <= force_n <= HEAVIEST_N:
        raise CalibrationError(f"{words.strip()} is too {'light' if force_n < LIGHTEST_N else 'heavy'}: use 0.2 to 20 kg")
    return force_n


class Calibration:
    """Calibrates zones of a mat one after another.

    save: keeps one calibration for good, beside the earlier ones; called once for each zone that was brought to its end.
    wall_s: the time of day, for the record.  zones: names; None for all, in the mat's order.  creep_s: 0 leaves the creep test out.
    """

    def __init__(
        self,
        mat: Mat,
        save: Callable[[ZoneCalibration], None],
        wall_s: Callable[[], float],
        zones: Sequence[str] | None = None,
        creep_s: float = CREEP_S,
    ) -> None:
        unknown = set(zones or ()) - set(mat.zone_names)
        if unknown:
            raise CalibrationError(f"no zone '{min(unknown)}' on this mat; zones are {', '.join(mat.zone_names)}")
        self._mat = mat
        self._save = save
        self._wall_s = wall_s
        self._creep_s = creep_s
        self._todo = deque(zone for zone in mat.zone if zones is None or zone.name in zones)
        self._recent: deque[tuple[float, NDArray[np.float64]]] = deque()
        self._t_s = 0.0
        self._stage: Stage = "tare"
        self._since_s: float | None = None
        self.saved: list[ZoneCalibration] = []
        self.words = ""
        self._begin_zone()

    # What the person sees.

    @property
    def finished(self) -> bool:
        return self._stage == "done"

    @property
    def prompt(self) -> Prompt:
        if self._stage == "done":
            names = ", ".join(calibration.zone for calibration in self.saved)
            return Prompt("done", f"Calibrated: {names}." if names else "Nothing was calibrated.")
        name, left_s = self._zone.name, self._left_s()
        if self._stage == "tare":
            return Prompt("unload", f"Take everything off the mat; {name} is next.", name, ("skip", "stop"), left_s)
        if self._stage == "weigh":
            so_far = f" ({len(self._forces)} so far; 'done' when that is enough)" if self._forces else ""
            return Prompt(
                "weight", f"Lay a known weight on {name} and say how heavy it is{so_far}.", name, ("done", "skip", "stop")
            )
        if self._stage == "settle":
            return Prompt("leave", "Leave it alone for a moment.", name, ("skip", "stop"), left_s)
        if self._stage == "unload":
            return Prompt("unload", f"Take it off {name} again.", name, ("done", "skip", "stop"))
        return Prompt(
            "leave", f"Leave {name} and its weight alone; its creep is being measured.", name, ("done", "skip", "stop"), left_s
        )

    @property
    def fit(self) -> Fit | None:
        """What the weights laid on so far would give; None while they give nothing."""
        try:
            return fit_power_law(self._forces, self._conductances)
        except CalibrationError:
            return None

    @property
    def weighed(self) -> tuple[tuple[float, float], ...]:
        """(newtons, siemens) of each weight laid on this zone so far, in their order."""
        return tuple(zip(self._forces, self._conductances, strict=True))

    @property
    def volts(self) -> float | None:
        """The zone's reading now."""
        if self._stage == "done" or not self._recent:
            return None
        volts = float(self._recent[-1][1][self._column])
        return None if np.isnan(volts) else volts

    # What happens.

    def answer(self, words: str) -> None:
        """A weight, or one of the prompt's answers.  What was wrong with it stands in `words` afterwards."""
        words = words.strip().lower()
        self.words = ""
        if self._stage == "done":
            return
        if words == "stop":
            self._stage = "done"
        elif words == "skip":
            self.words = f"{self._zone.name} was left out"
            self._next_zone()
        elif words == "done" and self._stage == "creep":
            self._end_the_creep()
        elif words == "done" and self._stage in ("weigh", "unload"):
            self._keep()
        elif self._stage == "weigh":
            try:
                self._weight_n = newtons(words)
            except CalibrationError as error:
                self.words = str(error)
            else:
                self._go("settle")
        else:
            self.words = f"'{words}' was not asked for just now"

    def feed(self, frame: Frame) -> None:
        """One frame, in order of time."""
        self._t_s = frame.t_us / 1e6
        if self._since_s is None:
            self._since_s = self._t_s
        volts = frame.codes / float(CODES_PER_VOLT)
        volts[frame.codes == MISSING] = np.nan
        self._recent.append((self._t_s, volts))
        while self._recent[0][0] < self._t_s - READ_FOR_S:
            self._recent.popleft()
        self._follow_the_load()
        if self._stage == "tare":
            self._take_the_tare()
        elif self._stage == "settle":
            self._take_a_weight()
        elif self._stage == "unload" and self._load_volts() < LOADED_VOLTS:
            self._go("weigh")
        elif self._stage == "creep":
            if self._loaded_since_s is None:
                self.words = "the weight was taken off too early; the creep was left out"
                self._go("weigh")
            elif self._t_s - self._loaded_since_s >= self._creep_s:
                self._end_the_creep()

    def _begin_zone(self) -> None:
        self._forces: list[float] = []
        self._conductances: list[float] = []
        self._loaded_since_s: float | None = None
        self._loading: list[tuple[float, float]] = []
        self._creep_per_decade: float | None = None
        self._tares = np.zeros(len(self._mat.zone))
        self._tare_siemens = self._weight_n = 0.0
        self._stage, self._since_s = "tare", None
        if not self._todo:
            self._stage = "done"
            return
        self._zone: Zone = self._todo[0]
        self._column = self._mat.zone.index(self._zone)

    def _next_zone(self) -> None:
        self._todo.popleft()
        self._begin_zone()

    def _go(self, stage: Stage) -> None:
        self._stage = stage
        self._since_s = self._t_s

    def _left_s(self) -> float | None:
        whole_s = {"tare": TARE_S, "settle": READ_AFTER_S + READ_FOR_S, "creep": self._creep_s}.get(self._stage)
        since_s = self._loaded_since_s if self._stage == "creep" else self._since_s
        if whole_s is None:
            return None
        return whole_s if since_s is None else max(0.0, whole_s - (self._t_s - since_s))

    def _for_s(self) -> float:
        assert self._since_s is not None
        return self._t_s - self._since_s

    def _window(self) -> NDArray[np.float64]:
        """Readings of the last second, shape (frames, zones)."""
        return np.stack([volts for _, volts in self._recent])

    def _siemens(self, volts: float) -> float:
        return float(conductance_siemens(volts, self._mat.mat.supply_volts, self._zone.resistor_ohms))

    def _load_volts(self) -> float:
        """How far the zone reads above its tare now; 0 where it cannot be read."""
        tail = self._window()[-10:, self._column]
        return 0.0 if np.isnan(tail).all() else float(np.nanmean(tail) - self._tares[self._column])

    def _take_the_tare(self) -> None:
        if self._for_s() < TARE_S:
            return
        readings = self._window()[:, self._column]
        if np.isnan(readings).all():
            self.words = f"{self._zone.name} cannot be read: check {place(self._mat, self._zone)}; it was left out"
            self._next_zone()
        elif np.nanstd(readings) > LOADED_VOLTS / 2:
            # Still moving: somebody is taking things off, or a wire is loose.
            self._since_s = self._t_s
        else:
            self._tares = np.nan_to_num(_means(self._window()))
            self._tare_siemens = self._siemens(float(self._tares[self._column]))
            self._go("weigh")

    def _take_a_weight(self) -> None:
        if self._for_s() < READ_AFTER_S + READ_FOR_S:
            return
        means = _means(self._window())
        volts, rises = float(means[self._column]), means - self._tares
        if not rises[self._column] >= LOADED_VOLTS:
            trouble = f"nothing was felt on {self._zone.name}; lay the weight on its middle and say again how heavy it is"
        elif volts >= RAIL_SHARE * self._mat.mat.supply_volts:
            trouble = "too heavy for this zone's resistor; take a lighter weight"
        elif self._unsteadiness() > STEADY_SHARE:
            trouble = "it moved; lay it on again and leave it alone"
        else:
            trouble = self._twin(means, rises)
        if trouble:
            self.words = trouble
            self._go("weigh")
            return
        self._forces.append(self._weight_n)
        self._conductances.append(self._siemens(volts) - self._tare_siemens)
        self.words = f"{self._weight_n:.1f} N read as {volts:.2f} V"
        self._go("creep" if len(self._forces) == 1 and self._creep_s > 0 else "unload")

    def _unsteadiness(self) -> float:
        """Standard deviation of the last second's conductance, as share of its mean."""
        siemens = [self._siemens(float(volts)) for volts in self._window()[:, self._column] if not np.isnan(volts)]
        return float(np.std(siemens) / np.mean(siemens))

    def _twin(self, means: NDArray[np.float64], rises: NDArray[np.float64]) -> str:
        for column, other in enumerate(self._mat.zone):
            same = abs(means[column] - means[self._column]) < TWIN_VOLTS
            if column != self._column and same and rises[column] >= LOADED_VOLTS:
                return f"{self._zone.name} and {other.name} read the same: look for wires that touch, then lay it on again"
        return ""

    def _follow_the_load(self) -> None:
        """Since when a weight lies on the zone, and its conductance ever since."""
        if self._stage == "tare" or self._load_volts() < LOADED_VOLTS:
            self._loaded_since_s = None
            self._loading.clear()
            return
        if self._loaded_since_s is None:
            self._loaded_since_s = self._t_s
        volts = float(self._recent[-1][1][self._column])
        if not np.isnan(volts):
            self._loading.append((self._t_s - self._loaded_since_s, self._siemens(volts) - self._tare_siemens))

    def _end_the_creep(self) -> None:
        since_s, conductances = zip(*self._loading, strict=True)
        try:
            self._creep_per_decade = fit_creep(since_s, conductances)
            self.words = f"{self._zone.name} creeps by {self._creep_per_decade:.1%} each time the waiting grows tenfold"
        except CalibrationError as error:
            self.words = f"{error}; the creep was left out"
        self._go("unload")

    def _keep(self) -> None:
        """The zone is done: fit, hand over, go on; or say what is lacking."""
        try:
            fit = fit_power_law(self._forces, self._conductances)
        except CalibrationError as error:
            self.words = f"{error} ({len(self._forces)} so far)"
            return
        calibration = ZoneCalibration(
            zone=self._zone.name,
            k=fit.k,
            gamma=fit.gamma,
            residual=fit.residual,
            repeatability=fit.repeatability,
            creep_per_decade=self._creep_per_decade,
            tare_siemens=self._tare_siemens,
            weights=len(self._forces),
            made_wall_s=self._wall_s(),
        )
        self._save(calibration)
        self.saved.append(calibration)
        self.words = f"{self._zone.name}: gamma {fit.gamma:.2f}, weights are read to {fit.residual:.0%}"
        self._next_zone()


def _means(window: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each column; NaN where there is no reading."""
    counts = np.count_nonzero(~np.isnan(window), axis=0)
    return np.where(counts > 0, np.nansum(window, axis=0) / np.maximum(counts, 1), np.nan)
