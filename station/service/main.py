"""The station's process: which thread does what, and what it owns.

    thread      does                                             owns                      hands on, and how it is bounded
    main        signals, systemd's watchdog, once a second       start and end             -
    sampler     reads the mat on absolute deadlines              bus, chips                frames: 30 s, then the oldest are dropped
    detection   frames -> phases -> session, guide, cues, state  detector, guide, session  to writer, link, outputs; never waits
    writer      commits about once a second                      database                  frames: 30 s, then the oldest are dropped
    backup      copies the database to a stick or share          -                         only while it copies; never waited for
    link        one Unix socket, every reader (asyncio)          socket, readers           events: ring of 1000; states: the newest
    outputs     begins sounds at their time                      lamp, buzzer, speaker     200 cues; one that is too late is dropped

The sampler does nothing else and no thread can make it wait: what is slow (the card, a tablet, a long answer) lives behind a bound
in another thread, and what is slow and computes lives in another process.  The garbage collector would stop all threads at once,
so objects made at the start are frozen (`gc.freeze`) and young objects are collected rarely.

systemd (or `backlift run`) gets its watchdog signal only while every one of these threads is alive and makes progress.  A thread
that ended or hangs leads to a restart within 15 s; the writer has longer, because a card may stall for the half minute of frames
that wait in memory, and a restart would lose just those.
"""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import sdnotify

from hardware.calibration import ZoneCalibration
from hardware.clock import Clock, SystemClock
from hardware.errors import BackliftError
from hardware.health import HealthMonitor
from hardware.mat import Mat
from hardware.supply import undervoltage
from station.config import Config
from station.messages import (
    BackupNow,
    ClockAnswer,
    Command,
    Confirm,
    ConfirmGet,
    Event,
    GuideSkip,
    Health,
    HealthState,
    Mark,
    OpenNetwork,
    Ping,
    Reanalyse,
    Requirement,
    Resume,
    Sender,
    SessionStart,
    SessionStop,
    UpdateInstall,
    wire_name,
)
from station.practice.exercise import load_exercises
from station.service import runtime
from station.service.backup_schedule import BackupSchedule
from station.service.command_handlers import DevicesHandler, MatHandler, SettingsHandler, reanalysis_handler, stored_data_handlers
from station.service.confirmations import Confirmations
from station.service.cue_player import CuePlayer
from station.service.demo import DemoPerson, demo_handler
from station.service.dispatcher import CommandDispatcher, Handler, NullReply, Reply
from station.service.fault_log import FaultLog, MachineHealthLog
from station.service.ipc import IpcServer
from station.service.mat_setup import MatSetup
from station.service.mat_source import MatSource, SimulatedSource
from station.service.peers import senders_of
from station.service.sampler import Pace, Sampler
from station.service.saved_choices import read_what_was_chosen
from station.service.session import MatInUse, SessionController
from station.service.updates import Updates
from station.settings import in_force, in_force_for
from station.store import MissingDatabaseError, Reader, Store
from station.store.records import DeviceRecord
from station.store.writer_thread import WriterThread

PUMP_S, IDLE_PUMP_S, NO_MAT_PUMP_S = 0.04, 0.1, 0.5
"""How often the detection thread has its turn: somebody lies there, nobody does, no mat answers."""
FRAMES_STALLED_S = 3.0
STORAGE_STALLED_S = 35.0
MAT_SILENT_S, MAT_LOST_S = 1.0, 10.0
"""Reading fails for so long: it is said; a person is asked to help."""
SWITCH_INTERVAL_S = 0.001
"""How long a busy thread keeps the interpreter while the sampler is due (Python's own default is 5 ms)."""
TWICE_S = 0.8
"""Presses of the button that follow one another within so long belong together."""
_log = logging.getLogger(__name__)


class Station:
    """All of it, on one clock.  Making one may raise any BackliftError: a newer database, no bus, another station.

    open_source: what the mat is; given from outside, because on one machine it is real and on another simulated.
    synchronised: whether the machine's clock follows a time server.

    Nothing that was stored or chosen keeps it from starting: what cannot be used is left out, and a notice says so.
    """

    def __init__(
        self,
        config: Config,
        folder: Path,
        open_source: Callable[[Config, Mat, Clock], MatSource],
        clock: Clock | None = None,
        synchronised: Callable[[], bool | None] = lambda: None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._config = config
        rate_hz = config.sampling.rate_hz
        # First of all, for opening the database brings it up to date, and whether this station is the only one shows there.
        self.writer = WriterThread(
            lambda queue: Store(
                config.database,
                clock=self._clock,
                budget_mb=config.storage.budget_mb or None,
                forget=lambda session: self.ipc.forget(session),
                queue=queue,
                synchronised=synchronised,
            ),
            self._clock,
            self._commit_period_s,
        )
        self._values = in_force({})
        self.writer.start()
        stored = read_what_was_chosen(config)
        person = in_force(stored.settings)["practice.person"]
        self._values.update(_settings_of(config, person) if person is not None else in_force(stored.settings))
        mat = stored.mat
        self._mat = MatInUse(mat, stored.mat_text, stored.calibration)
        self._left_out = stored.left_out
        self.done = threading.Event()
        self._wake = threading.Event()
        self._pumped_s = self._clock.monotonic_s()
        self._pressed_s = float("-inf")
        self._presses = 0
        self._stopping = False

        self.pace = Pace(rate_hz, config.sampling.idle_rate_hz)
        self.source = open_source(config, mat, self._clock)
        self.sampler = Sampler(self.source, self._clock, self.pace, rate_hz)
        self.outputs = CuePlayer(config, self._clock, self._values, self._button_pressed, self._button_held)
        self.ipc = IpcServer(folder / runtime.SOCKET_NAME, self._command, senders_of=senders_of)
        self.session = SessionController(
            mat_in_use=lambda: self._mat,
            writer=self.writer,
            link=self.ipc,
            outputs=self.outputs,
            settings=self._values,
            exercises=lambda: load_exercises(config.data_dir / "exercises", _log.warning),
            exercise=config.practice.exercise,
            rate_hz=rate_hz,
            now_s=self._clock.monotonic_s,
            keep=lambda key, value: self._settings.keep(key, value),
            health=self._health,
        )
        self.demo: DemoPerson | None = None
        if isinstance(self.source, SimulatedSource):
            self.demo = DemoPerson(self.source.person, self.source.body, mat, lambda: self.session.guide.exercise)
        self._monitor = HealthMonitor(mat)
        self._machine = MachineHealthLog(undervoltage)
        self._faults = FaultLog()
        self.mat_setup = MatSetup(
            mat,
            rate_hz,
            status=lambda: self.source.status,
            tell=self._tell,
            keep=self._keep_calibration,
            wall_s=self._clock.wall_s,
        )
        ask = self.writer.ask
        self._settings = SettingsHandler(self._values, ask, self._tell, lambda person: _settings_of(config, person))
        self.devices = DevicesHandler(
            self._clock, self._values, ask, self._tell, lambda say: self._give(say, "station"), lambda: _devices(config)
        )
        self.backups = BackupSchedule(
            config.database, config.station.id, self._clock, self._values, self._settings.keep, lambda: self.session.occupied
        )
        self.updates = Updates(version("backlift-station"), folder, self._clock, lambda: self.session.occupied)
        self.confirmations = Confirmations(self._clock, self._tell)
        self.dispatcher = CommandDispatcher(
            {
                **self.session.handlers,
                **self.mat_setup.handlers,
                **stored_data_handlers(),
                **self._settings.handlers,
                **self.devices.handlers,
                **MatHandler(mat.mat.name, self._mat.text, self._settings, self.done.set).handlers,
                Reanalyse: reanalysis_handler(config.database, ask),
                BackupNow: Handler("at_once", lambda c: self.backups.now()),
                UpdateInstall: Handler("at_once", lambda c: self.updates.install()),
                Confirm: Handler("at_once", lambda c: _name(self.confirmations.confirm())),
                ConfirmGet: Handler("at_once", lambda c: _name(self.confirmations.waiting())),
                Ping: Handler("at_once", lambda c: ClockAnswer(self._clock.monotonic_s(), self._clock.wall_s())),
                **demo_handler(self.demo),
                Health: Handler("detection", lambda c: self._whole_health()),
            },
            ask=ask,
            wake=self._wake.set,
            holds=self._holds,
            confirmed=self.confirmations.require,
        )
        self._threads = [
            threading.Thread(target=self.sampler.run, name="sampler", daemon=True),
            threading.Thread(target=self._pump_until_stopped, name="detection", daemon=True),
        ]

    def start(self) -> None:
        self.ipc.start()
        self.outputs.start()
        for thread in self._threads:
            thread.start()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 1000)

    def close(self) -> None:
        """Finish the session, write what there is, let go of everything."""
        self._stopping = True
        self.sampler.stop()
        self._wake.set()
        self.backups.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(3.0)
        self.session.pump(self.sampler.take(), self._clock.monotonic_s())
        self.session.finish()
        self.writer.close()
        self.ipc.close()
        self.outputs.close()
        with suppress(OSError):
            self.source.close()

    def poll_system_health(self) -> None:
        """Once a second, from the main thread: what only the log and the machine know."""
        now_s = self._clock.monotonic_s()
        self._machine.look(now_s)
        self.backups.poll()
        self.updates.poll()
        counts = {f"board 0x{chip.address:02x}: bus errors": chip.errors for chip in self.source.status.chips}
        counts |= {
            "mat: readings that failed": self.sampler.failures,
            "frames that came late": self.sampler.late,
            "frames nobody took in time": self.sampler.dropped,
            "frames that could not be written": self.writer.frames_lost,
        }
        for line in self._faults.lines(now_s, counts):
            _log.warning("%s", line)

    @property
    def stalled(self) -> tuple[str, ...]:
        """Names of the threads that ended or make no progress; empty while all is well."""
        now_s = self._clock.monotonic_s()
        since_s = {
            "sampler": (self.sampler.last_frame_s, FRAMES_STALLED_S),
            "detection": (self._pumped_s, FRAMES_STALLED_S),
            "writer": (self.writer.progress_s, STORAGE_STALLED_S),
        }
        stalled = {name for name, (at_s, limit_s) in since_s.items() if now_s - at_s >= limit_s}
        stalled |= {thread.name for thread in self._threads if not thread.is_alive()}
        alive = {"writer": self.writer.alive, "link": self.ipc.alive, "outputs": self.outputs.alive}
        return tuple(sorted(stalled | {name for name, ok in alive.items() if not ok}))

    def pump(self) -> None:
        """One turn of the detection thread."""
        now_s = self._clock.monotonic_s()
        self.dispatcher.run_waiting()
        self._tell_troubles(now_s)
        frames = self.sampler.take()
        self._monitor.feed(frames, self.session.occupied)
        self.mat_setup.feed(frames)
        self.session.pump(frames, now_s)
        if self.demo is not None:
            self.demo.watch(self.session.guide.view, now_s, self.session.placement.state)
        self.pace.occupied = self.session.occupied or self.mat_setup.active
        self._pumped_s = now_s

    def _holds(self, requirement: Requirement) -> bool:
        return self.session.in_session if requirement == "session" else not self.session.occupied

    def _tell_troubles(self, now_s: float) -> None:
        since_s = self.sampler.failing_since_s
        failing_s = 0.0 if since_s is None else now_s - since_s
        self.session.trouble("not_saving", self.writer.saving == "not_saving", now_s)
        self.session.trouble("mat_trouble", failing_s > MAT_SILENT_S, now_s)
        self.session.trouble("unplug", failing_s > MAT_LOST_S, now_s)

    @property
    def _pump_pause_s(self) -> float:
        if self.session.occupied:
            return PUMP_S
        return IDLE_PUMP_S if self.sampler.failing_since_s is None else NO_MAT_PUMP_S

    def _pump_until_stopped(self) -> None:
        while not self._stopping:
            self._wake.wait(self._pump_pause_s)
            self._wake.clear()
            try:
                self.pump()
            except Exception:
                # Whatever was wrong with these frames, the next ones get a fresh detector; a fault never stops the station.
                _log.exception("detection: unhandled exception, detector reset")
                self.session.begin_anew()

    def _command(self, command: Command, reply: Reply, sender: Sender) -> None:
        self.dispatcher.dispatch(command, reply, sender)

    def _give(self, command: Command, sender: Sender) -> None:
        self.dispatcher.dispatch(command, NullReply(), sender)

    def _keep_calibration(self, calibration: ZoneCalibration) -> None:
        """Onto the card first; the pipeline uses it from the next visit on."""
        mat_name, body = self._mat.mat.mat.name, msgspec.to_builtins(calibration)

        def done(result: Any, error: BackliftError | None) -> None:
            if error is None:
                self._mat = replace(self._mat, calibration={**self._mat.calibration, calibration.zone: calibration})
            else:
                _log.warning("a calibration was not kept: %s", error)

        self.writer.ask(lambda store: store.calibration_add(mat_name, calibration.zone, body), done)

    def _button_pressed(self) -> None:
        """Once: begin a session that was ended, go on after a pause, else mark the moment, which begins a count or says again what
        comes.  Twice: skip the step, or in free practice end the session.  Three times: end it.
        """
        now_s = self._clock.monotonic_s()
        self._presses = self._presses + 1 if now_s - self._pressed_s < TWICE_S else 1
        self._pressed_s = now_s
        guided = bool(self.session.guide.exercise.steps)
        if not self.session.in_session:
            self._give(SessionStart(), "button")
        elif self._presses >= (3 if guided else 2):
            self._give(SessionStop(), "button")
        elif self._presses == 2:
            self._give(GuideSkip(), "button")
        else:
            self._give(Resume() if self.session.paused else Mark(), "button")

    def _button_held(self) -> None:
        """Confirm what a device asked for; when nothing waits, open the pages to the home network and let one new device in."""
        if self.confirmations.confirm() is not None:
            return
        self._give(OpenNetwork(open=True), "button")
        self.devices.offer()

    def _commit_period_s(self) -> float:
        storage, spare = self._config.storage, self._values["storage.spare_card"]
        return storage.period_s if spare is None else msgspec.structs.replace(storage, spare_card=spare).period_s

    def _tell(self, event: Event) -> None:
        self.ipc.publish_event(event, None)

    def _whole_health(self) -> dict[str, Any]:
        """For whoever asks; what every state message carries, and each zone as the bus sees it."""
        zones = self._monitor.report(self.source.status)
        return {**msgspec.to_builtins(self.session.health()), "zones": msgspec.to_builtins(zones)}

    def _health(self) -> HealthState:
        now_s = self._clock.monotonic_s()
        return HealthState(
            rate_hz=0.0,
            late_share=0.0,
            saving="ok",
            late=self.sampler.late,
            dropped=self.sampler.dropped,
            queue_frames=self.sampler.waiting,
            bus_errors=self.sampler.failures,
            frames_lost=self.writer.frames_lost,
            notices=(
                *self._monitor.notices(self.source.status, now_s),
                *self.writer.news(now_s),
                *self._left_out,
                *self.outputs.notices,
                *self._machine.notices,
                *self.backups.notices,
                *self.updates.notices,
            ),
        )


def run_station(station: Station, folder: Path) -> int:
    """Run until SIGTERM or Ctrl-C; the exit code of the process."""

    def end(signum: int, frame: FrameType | None) -> None:
        station.done.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, end)
    notify = sdnotify.SystemdNotifier().notify
    started_s = station.sampler.last_frame_s
    station.start()
    while not station.sampler.frames and not station.done.wait(0.005):
        pass
    notify("READY=1")
    noted = False
    reported: tuple[str, ...] = ()
    while not station.done.wait(1.0):
        station.poll_system_health()
        stalled = station.stalled
        if stalled != reported:
            reported = stalled
            _log.error("watchdog: no progress in: %s", ", ".join(stalled) or "none, all threads are well again")
        if not stalled:
            notify("WATCHDOG=1")
            if not noted and station.sampler.last_frame_s - started_s > runtime.WELL_AFTER_S:
                noted = True
                runtime.note_well(folder)
    notify("STOPPING=1")
    station.close()
    runtime.note_well(folder)
    return 0


def _settings_of(config: Config, person: int | None) -> dict[str, Any]:
    """All settings in force while this person is on the mat."""
    try:
        with Reader(config.database) as reader:
            return in_force_for(person, reader.settings(), reader.person_settings(person) if person is not None else {})
    except MissingDatabaseError:
        return in_force_for(person, {}, {})


def _devices(config: Config) -> list[DeviceRecord]:
    try:
        with Reader(config.database) as reader:
            return reader.devices()
    except MissingDatabaseError:
        return []


def _name(command: Command | None) -> str | None:
    return wire_name(type(command)) if command is not None else None
