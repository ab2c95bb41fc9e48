"""Lamp, buzzer and button on the Pi's pins, through gpiozero.

All three are optional, and none of them may ever stop a session: a device that cannot be opened, or fails later, is set aside, and
`words` says so.  Mock pins stand in on a simulated mat only; elsewhere a machine
without pins says which device cannot be used, and why.  Calls come from one thread, except that
gpiozero calls `on_press` and `on_hold` from threads of its own: they should only hand something over.
"""

from __future__ import annotations

import getpass
import logging
import os
import sys
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hardware.errors import OutputDeviceError, pip_install
from hardware.notices import Notice

HOLD_S = 3.0
BOUNCE_S = 0.03
LOWEST_HZ, HIGHEST_HZ = 220.0, 880.0
"""What a small piezo buzzer plays without shrieking: two octaves around A4."""

_log = logging.getLogger(__name__)

Note = tuple[float, float]
"""(frequency in Hz, 0 for silence; duration in seconds)."""


def pin_factory(simulated: bool = False) -> Any:
    """gpiozero's way to the pins of this machine; mock pins where it is simulated.  Raises OutputDeviceError with the reason."""
    from gpiozero import Device
    from gpiozero.exc import BadPinFactory
    from gpiozero.pins.mock import MockFactory, MockPWMPin

    if not os.access(".", os.W_OK):
        # lgpio makes a FIFO where it stands (or in LG_WD), and prints a line of its own where it may not.
        os.environ.setdefault("LG_WD", tempfile.gettempdir())
    with warnings.catch_warnings():
        # On the way to the factory that works, gpiozero warns about each that does not.
        warnings.simplefilter("ignore")
        if simulated and Device.pin_factory is None:
            Device.pin_factory = MockFactory(pin_class=MockPWMPin)
        with suppress(BadPinFactory):
            Device.ensure_pin_factory()
    if Device.pin_factory is None:
        raise OutputDeviceError(why_no_pins())
    return Device.pin_factory


def why_no_pins(dev: Path = Path("/dev")) -> str:
    """Why gpiozero found no way to the pins, and what to do."""
    chips = sorted(dev.glob("gpiochip*"))
    if not chips:
        return "this machine has no GPIO pins (no /dev/gpiochip0)"
    if not any(os.access(chip, os.R_OK | os.W_OK) for chip in chips):
        user = getpass.getuser()
        return f"{user} may not use {chips[0]}: 'sudo usermod -aG gpio {user}' and 'sudo backlift install' for its udev rule"
    if find_spec("lgpio") is None:
        return f"the lgpio library is missing: {pip_install('lgpio' if sys.version_info < (3, 13) else 'adafruit-lgpio')}"
    return "lgpio cannot be used here: is the working directory writable?"


class GpioOutputs:
    """What is fitted of lamp, buzzer and button.

    led, buzzer, button: GPIO numbers (BCM); None for what is not fitted.
    on_press: the button was pressed and let go.  on_hold: it was held for `hold_s`; letting go then is no press.
    factory: gpiozero's pin factory; None for that of this machine.  simulated: mock pins will do.
    """

    def __init__(
        self,
        led: int | None = None,
        buzzer: int | None = None,
        button: int | None = None,
        *,
        on_press: Callable[[], None] = lambda: None,
        on_hold: Callable[[], None] = lambda: None,
        hold_s: float = HOLD_S,
        factory: Any = None,
        simulated: bool = False,
    ) -> None:
        self._words: dict[str, str] = {}
        self._reasons: dict[str, str] = {}
        self._on_press = on_press
        self._on_hold = on_hold
        self._was_held = False
        self._notes: deque[Note] = deque()
        self._note_ends_s = 0.0
        self._sounding = False
        self._factory = factory
        self._simulated = simulated
        self._led = self._open("lamp", led, self._make_led)
        self._buzzer = self._open("buzzer", buzzer, self._make_buzzer)
        self._button = self._open("button", button, lambda pin, pins: self._make_button(pin, pins, hold_s))

    @property
    def words(self) -> tuple[str, ...]:
        """What does not work, for a person."""
        return tuple(self._words.values())

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The same as codes: lamp_failed, buzzer_failed, button_failed; reason: as the system gives it."""
        return tuple(Notice(f"{name}_failed", {"reason": reason}) for name, reason in self._reasons.items())

    @property
    def has_buzzer(self) -> bool:
        return self._buzzer is not None

    def light(self, brightness: float) -> None:
        """Let the lamp shine, 0 (dark) to 1."""
        if self._led is not None:
            self._do("lamp", lambda: setattr(self._led, "value", min(1.0, max(0.0, brightness))))

    def breathe(self, period_s: float) -> None:
        """Let the lamp come and go slowly, until `light` is called."""
        if self._led is not None:
            self._do("lamp", lambda: self._led.pulse(fade_in_time=period_s / 2, fade_out_time=period_s / 2))

    def play(self, notes: Sequence[Note], t_s: float) -> None:
        """Begin a melody now, instead of the one that sounds.  `pump` carries it on."""
        if self._buzzer is not None:
            self._notes = deque(notes)
            self._note_ends_s = t_s
            self.pump(t_s)

    def pump(self, t_s: float) -> None:
        """Change notes when it is time; call it every 20 ms or so while `sounding`."""
        if self._buzzer is None or t_s < self._note_ends_s:
            return
        if not self._notes:
            if self._sounding:
                self._sounding = False
                self._do("buzzer", self._buzzer.stop)
            return
        frequency_hz, duration_s = self._notes.popleft()
        self._note_ends_s = t_s + duration_s
        self._sounding = True
        if frequency_hz <= 0:
            self._do("buzzer", self._buzzer.stop)
        else:
            self._do("buzzer", lambda: self._sound(min(HIGHEST_HZ, max(LOWEST_HZ, frequency_hz))))

    @property
    def sounding(self) -> bool:
        """A melody is not over yet."""
        return self._buzzer is not None and self._sounding

    def close(self) -> None:
        """Dark and silent."""
        for device in (self._button, self._buzzer, self._led):
            if device is not None:
                with suppress(Exception):
                    device.close()
        self._led = self._buzzer = self._button = None

    def _sound(self, frequency_hz: float) -> None:
        from gpiozero.tones import Tone

        self._buzzer.play(Tone.from_frequency(frequency_hz))

    def _open(self, name: str, pin: int | None, make: Callable[[int, Any], Any]) -> Any:
        if pin is None:
            return None
        try:
            return make(pin, self._factory or pin_factory(self._simulated))
        except Exception as error:
            # gpiozero and what lies below it raise whatever they like: GPIOZeroError, OSError, lgpio.error, ImportError.
            words = f"the {name} on GPIO {pin} cannot be used ({error}): is the pin free and right?"
            self._set_aside(name, f"GPIO {pin}: {error}", OutputDeviceError(words))
            return None

    def _do(self, name: str, act: Callable[[], Any]) -> None:
        try:
            act()
        except Exception as error:
            self._set_aside(
                name, str(error), OutputDeviceError(f"the {name} no longer works ({error}); the practice goes on without it")
            )

    def _set_aside(self, name: str, reason: str, error: OutputDeviceError) -> None:
        _log.warning("%s", error)
        self._words[name] = str(error)
        self._reasons[name] = reason
        if name == "lamp":
            self._led = None
        elif name == "buzzer":
            self._buzzer, self._sounding = None, False

    @staticmethod
    def _make_led(pin: int, pins: Any) -> Any:
        from gpiozero import PWMLED

        return PWMLED(pin, pin_factory=pins)

    @staticmethod
    def _make_buzzer(pin: int, pins: Any) -> Any:
        from gpiozero import TonalBuzzer

        return TonalBuzzer(pin, octaves=1, pin_factory=pins)

    def _make_button(self, pin: int, pins: Any, hold_s: float) -> Any:
        from gpiozero import Button

        # Mock pins have no bounce to wait for, and refuse to be asked.
        bounce_s = None if type(pins).__name__ == "MockFactory" else BOUNCE_S
        button = Button(pin, bounce_time=bounce_s, hold_time=hold_s, pin_factory=pins)
        button.when_held = self._held
        button.when_released = self._released
        return button

    def _held(self) -> None:
        self._was_held = True
        self._on_hold()

    def _released(self) -> None:
        held, self._was_held = self._was_held, False
        if not held:
            self._on_press()
