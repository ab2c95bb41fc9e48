"""`station.toml`: what the owner of a station decides once.

Read strictly (an unknown key is an error that names section and key) and never written: what people change on the tablet lives in
the database (station/settings.py), what the machine learns lives in the database too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hardware.errors import BackliftError
from hardware.strict_toml import decode, read_text

DATABASE_NAME = "backlift.db"
SOCKET_NAME = "station.sock"

GpioPin = Annotated[int, Meta(ge=0, le=27, description="BCM number of a GPIO pin")]
Port = Annotated[int, Meta(ge=1, le=65535)]
HostName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,200}[A-Za-z0-9])?$")]
Text = Annotated[str, Meta(min_length=1, max_length=80)]


class ConfigError(BackliftError, ValueError):
    """station.toml is wrong: the message names file, section and key."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class StationFacts(_Section, frozen=True):
    """Who this station is, among several in a studio."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")] = "mat-1"
    name: Text = "Back Lift Station"
    language: Literal["en", "de"] = "en"


class MatChoice(_Section, frozen=True):
    """Which mat lies on the floor: the name of one that comes with the project, or a file."""

    file: str = "full-16"


class Sampling(_Section, frozen=True):
    """How the mat is read.  At idle_rate_hz while nobody lies on it, at rate_hz from 200 ms after somebody does."""

    driver: Literal["ads1115", "simulated"] = "ads1115"
    bus: Annotated[str, Meta(pattern=r"^/dev/i2c-\d{1,3}$")] = "/dev/i2c-1"
    rate_hz: Annotated[float, Meta(ge=20, le=200)] = 100.0
    idle_rate_hz: Annotated[float, Meta(ge=10, le=200)] = 10.0


class Simulation(_Section, frozen=True):
    """Who lies on the simulated mat: somebody practising for ever, or nobody."""

    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 1
    script: Literal["practice", "empty"] = "practice"
    faults: tuple[str, ...] = ()
    """Faults of the simulated mat: NAME, NAME:WHERE or NAME:WHERE@SECONDS (see `backlift run --help`)."""
    stature_cm: Annotated[float, Meta(ge=120, le=220)] | None = None
    """How tall they are; left out, they fit the mat."""
    off_cm: tuple[Annotated[float, Meta(ge=-40, le=40)], Annotated[float, Meta(ge=-40, le=40)]] = (0.0, 0.0)
    """How far they lie beside the marks: to the right, and towards the head."""


class Pins(_Section, frozen=True):
    """GPIO pins (BCM numbers) of what is fitted; leave out what is not."""

    led: GpioPin | None = None
    buzzer: GpioPin | None = None
    button: GpioPin | None = None


class Sound(_Section, frozen=True):
    """Where the station's own sound comes out; the tablet's sound is chosen on the tablet."""

    speaker: bool = False
    device: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_:,=.-]{1,60}$")] = "default"


class Practice(_Section, frozen=True):
    """What the station guides through when nothing else was chosen on the tablet."""

    exercise: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] = "free"


class Storage(_Section, frozen=True):
    """Where sessions are kept and how gently the card is treated.

    spare_card writes in batches of spare_card_period_s; budget_mb 0 means no budget (old raw traces are never thinned unasked).
    """

    directory: str = ""
    commit_period_s: Annotated[float, Meta(ge=0.2, le=5)] = 1.0
    spare_card: bool = False
    spare_card_period_s: Annotated[float, Meta(ge=1, le=20)] = 5.0
    budget_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 0

    @property
    def period_s(self) -> float:
        return self.spare_card_period_s if self.spare_card else self.commit_period_s


class Dashboard(_Section, frozen=True):
    """The pages.  A fresh install listens on this machine only.  names: further host names by which browsers may open them."""

    host: Annotated[str, Meta(pattern=r"^[0-9A-Za-z:.-]{1,60}$")] = "127.0.0.1"
    port: Port = 8080
    https: bool = False
    names: Annotated[tuple[HostName, ...], Meta(max_length=20)] = ()


class Mqtt(_Section, frozen=True):
    """A broker of your own, if you run one.  Off unless enabled.

    allow_plain_password: send the password without tls to another machine; whoever is in the network can read it.
    commands: let whoever may write to the broker begin, end and pause a session and mark a moment.
    """

    enabled: bool = False
    host: Text = "localhost"
    port: Port = 1883
    username: str = ""
    password_file: str = ""
    allow_plain_password: bool = False
    tls: bool = False
    ca_file: str = ""
    prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_/-]{1,60}$")] = "backlift"
    discovery: bool = True
    discovery_prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_/-]{1,60}$")] = "homeassistant"
    commands: bool = False


class Config(_Section, frozen=True):
    """The whole of station.toml; every section and key may be left out."""

    station: StationFacts = StationFacts()
    mat: MatChoice = MatChoice()
    sampling: Sampling = Sampling()
    simulation: Simulation = Simulation()
    pins: Pins = Pins()
    sound: Sound = Sound()
    practice: Practice = Practice()
    storage: Storage = Storage()
    dashboard: Dashboard = Dashboard()
    mqtt: Mqtt = Mqtt()

    @property
    def simulated(self) -> bool:
        return self.sampling.driver == "simulated"

    @property
    def data_dir(self) -> Path:
        """Where the database lives.  A simulated mat keeps to a folder of its own, so that play never mixes with practice."""
        if self.storage.directory:
            return Path(self.storage.directory).expanduser()
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "backlift"
        return base / "simulated" if self.simulated else base

    @property
    def database(self) -> Path:
        return self.data_dir / DATABASE_NAME


def parse_config(text: str, source: str = "station.toml") -> Config:
    """Parse and check the text of a config file; `source` is named in errors.  Raises ConfigError."""
    config = decode(text, Config, source, ConfigError)
    if config.sampling.idle_rate_hz > config.sampling.rate_hz:
        raise ConfigError(
            f"{source}: [sampling] idle_rate_hz is above rate_hz; the mat is read slower, not faster, while nobody lies on it"
        )
    return config


def load_config(path: Path | None) -> Config:
    """Read a config file; None gives the defaults.  Raises ConfigError, also when it is absent or not text."""
    if path is None:
        return Config()
    text = read_text(path, ConfigError, "leave out --config to use the defaults")
    return parse_config(text, str(path))


def overridden(
    config: Config,
    *,
    simulate: bool = False,
    mat: str | None = None,
    data: Path | None = None,
    port: int | None = None,
    faults: tuple[str, ...] = (),
) -> Config:
    """The config with what the command line says instead."""
    changes: dict[str, Any] = {}
    if simulate:
        changes["sampling"] = msgspec.structs.replace(config.sampling, driver="simulated")
    if faults:
        changes["simulation"] = msgspec.structs.replace(config.simulation, faults=faults)
    if mat is not None:
        changes["mat"] = MatChoice(file=mat)
    if data is not None:
        changes["storage"] = msgspec.structs.replace(config.storage, directory=str(data))
    if port is not None:
        changes["dashboard"] = msgspec.structs.replace(config.dashboard, port=port)
    return msgspec.structs.replace(config, **changes)
