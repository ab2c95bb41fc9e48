"""Lamp, buzzer and speaker together, as the pipeline's thread uses them.  What is not fitted is simply not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardware.clock import Clock
from station.config import Config
from station.model import LiveState
from station.practice.guide import Cue


class StationOutputs:
    """All outputs of one station."""

    def __init__(self, config: Config, clock: Clock, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def cue(self, cue: Cue) -> None:
        """Take a sound; it begins at its time, or never when that has passed."""

    def show(self, live: LiveState, paused: bool) -> None:
        """Let the lamp show where the person is."""

    def tick(self, now_s: float) -> None:
        """Begin what is due."""
