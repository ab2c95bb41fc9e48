"""A station whose happenings a test writes: the real link server, with a person made of a few formulas behind it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from hardware.mat import Mat
from hardware.mats import find_mat
from station.messages import COMMANDS, Command, Sender
from station.service.ipc import CommandError, IpcServer, Reply

NAMES = {kind: name for name, kind in COMMANDS.items()}
LEAD = {"leg_l": "foot_l", "leg_r": "foot_r", "arm_l": "elbow_l", "arm_r": "elbow_r"}


class ScriptedStation:
    """Answers every command, remembers them, and publishes what it is told to.

    answers: command name -> what to answer (a value, or a callable of the arguments).
    """

    def __init__(self, socket: Path, mat_name: str = "full-16") -> None:
        self.mat: Mat
        self.mat, path = find_mat(mat_name)
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {
            "mat_get": {"name": mat_name, "path": str(path), "text": path.read_text(encoding="utf-8")},
            "ping": lambda _: {"t_s": time.monotonic()},
            "guide_start": lambda args: {"exercise": args["exercise"] or "free", "begins": "lying_down"},
        }
        self.server = IpcServer(socket, self._handle)
        self.server.start()

    def close(self) -> None:
        self.server.close()

    def _handle(self, command: Command, reply: Reply, sender: Sender) -> None:
        name = NAMES[type(command)]
        args = msgspec.structs.asdict(command)
        self.commands.append((name, args))
        answer = self.answers.get(name)
        try:
            reply.result(answer(args) if callable(answer) else answer)
        except ValueError as error:
            reply.error(CommandError(str(error)))

    def state(
        self,
        phase: str = "rest",
        limb: str | None = None,
        presence: str = "still",
        since_s: float | None = None,
        session_repetitions: int = 0,
        checking_since_s: float | None = None,
    ) -> None:
        """Publish a state: everybody at rest but `limb`, which is in `phase`."""
        picture = self.picture(time.monotonic(), phase, limb, presence, since_s)
        for one in picture["limbs"]:
            one["checking_since_s"] = checking_since_s if one["limb"] == limb else None
        if presence != "empty":
            picture["session"]["repetitions"] = session_repetitions
        self.server.publish_state(picture)

    def picture(self, now_s: float, phase: str, limb: str | None, presence: str, since_s: float | None) -> dict[str, Any]:
        """The state message of session 1."""
        since_s = now_s if since_s is None else since_s
        share = {"rest": 1.0, "prepare": 0.6, "aloft": 0.0, "melt": 0.7}[phase]
        moving = next((one.zones for one in self.mat.limb if one.name == limb), ())
        loads = {
            zone: (share if zone in moving else 1.0 + 0.06 * math.sin(now_s * 1.6 + index)) if presence != "empty" else 0.0
            for index, zone in enumerate(self.mat.zone_names)
        }
        return {
            "t_s": now_s,
            "presence": presence,
            "phase": phase,
            "limb": limb,
            "since_s": since_s,
            "zones": {zone: {"load": round(load, 3), "load_n": None, "fault": False} for zone, load in loads.items()},
            "limbs": [
                {"limb": one.name, "phase": phase if one.name == limb else "rest", "since_s": since_s, "load": 1.0}
                for one in self.mat.limb
            ],
            "session": None if presence == "empty" else {"id": 1, "started_t_s": now_s - 60, "repetitions": 0},
            "paused": False,
            "guide": None,
            "health": {"rate_hz": 100.0, "late": 0, "late_share": 0.0, "bus_errors": 0, "saving": "ok", "notices": []},
        }

    def event(self, type: str, **fields: Any) -> int:
        return self.server.publish("event", {"session": 1, "event": {"type": type, **fields}})

    def cue(self, sound: str, at_s: float, **fields: Any) -> int:
        more: Mapping[str, Any] = {"expires_s": at_s + 1.0, "say": None, "volume": 0.5} | fields
        return self.server.publish("cue", {"sound": sound, "at_s": at_s, **more})


def practise(station: ScriptedStation, stop: threading.Event, sleep: Callable[[float], object]) -> None:
    """Lift the left leg and the right arm in turn until told to stop; 25 states a second."""
    script = (("rest", 4.0), ("prepare", 4.0), ("aloft", 5.0), ("melt", 6.0))
    limbs = ("leg_l", "arm_r")
    number = 0
    while not stop.is_set():
        limb = limbs[number % 2]
        times: dict[str, float] = {}
        for phase, lasts_s in script:
            since_s = time.monotonic()
            times[phase] = since_s
            while time.monotonic() < since_s + lasts_s and not stop.is_set():
                station.state(phase, limb, since_s=since_s)
                sleep(0.04)
        lift = {
            "limb": limb,
            "kind": "lift",
            "prepare_start": times["prepare"],
            "lift_off": times["aloft"],
            "touch_down": times["melt"],
            "melt_end": time.monotonic(),
        }
        station.event("repetition", kind=limb[:3], side="left", lifts=[lift], reported_at_s=time.monotonic())
        number += 1
