"""The continuous tone on the station's own speaker: samples made just in time and piped into aplay.

A thread of its own writes a block every 20 ms and never far ahead, so the sound is late by the player's buffer and two blocks.
Where the player is missing, hangs or ends the tone is missing, nothing else.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
import time
from collections.abc import Callable

import numpy as np

from station.practice.follow_tone import FollowTone

RATE_HZ = 22_050
BLOCK_S = 0.02
AHEAD_S = 0.04
BUFFER_US = 40_000
IDLE_S = 2.0
"""After so much silence the player is let go of: somebody else may want the device."""
_log = logging.getLogger(__name__)


class ToneSpeaker:
    """`level` is what is asked for now, 0..1; set it as often as it changes."""

    def __init__(self, device: str = "default", open_player: Callable[[list[str]], subprocess.Popen[bytes]] | None = None) -> None:
        self.level = 0.0
        self._found = open_player is not None or shutil.which("aplay") is not None
        self._device = device
        self._open = open_player or _started
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="tone", daemon=True)

    @property
    def available(self) -> bool:
        return self._found

    def follow(self, level: float) -> None:
        """Take the level; never waits.  The thread is started by the first that is to be heard."""
        self.level = level
        if level > 0.0 and self.available:
            if not self._thread.is_alive() and not self._closing:
                self._thread.start()
            self._wake.set()

    def close(self) -> None:
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            if self._closing:
                return
            try:
                self._sound()
            except OSError as error:
                _log.warning("continuous tone: the player cannot be used: %s", error.strerror or error)
                time.sleep(5.0)

    def _sound(self) -> None:
        """Play until it has been silent for a while."""
        command = ["aplay", "-q", "-D", self._device, "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1"]
        player = self._open([*command, f"--buffer-time={BUFFER_US}"])
        tone, due_s, silent_s = FollowTone(RATE_HZ), time.monotonic(), 0.0
        assert player.stdin is not None
        try:
            while silent_s < IDLE_S and not self._closing:
                samples = tone.block(self.level, round(BLOCK_S * RATE_HZ))
                player.stdin.write(np.rint(samples * 32767).astype("<i2").tobytes())
                player.stdin.flush()
                silent_s = silent_s + BLOCK_S if tone.silent and self.level == 0.0 else 0.0
                due_s = max(due_s + BLOCK_S, time.monotonic() - AHEAD_S)
                time.sleep(max(0.0, due_s - AHEAD_S - time.monotonic()))
        finally:
            player.kill()
            player.wait()


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0)
