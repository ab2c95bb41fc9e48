"""The number of the pins' controller differs between models and kernels; the lamp does not care."""

from __future__ import annotations

import os
import sys
from importlib import import_module, reload
from types import ModuleType

import pytest

from hardware.outputs import GpioOutputs

PI_4, PI_5 = 0xC03111, 0xC04170


@pytest.mark.parametrize(
    ("revision", "chips", "expected"),
    [(PI_4, {0}, 0), (PI_5, {0, 4}, 4), (PI_5, {0, 10, 11}, 0)],
    ids=["Pi 4", "Pi 5 as it was delivered", "Pi 5 with a newer kernel"],
)
def test_the_pins_are_found_under_whatever_number_their_chip_has(
    monkeypatch: pytest.MonkeyPatch, revision: int, chips: set[int], expected: int
) -> None:
    """gpiozero's own way to the pins, on chips that are not there."""
    opened, claimed = [], []

    class FakeError(Exception):
        pass

    def open_chip(number: int) -> int:
        if number not in chips:
            raise FakeError("can not open gpiochip")
        opened.append(number)
        return 7

    fake = ModuleType("lgpio")
    fake.error = FakeError
    fake.gpiochip_open = open_chip
    fake.gpiochip_close = lambda handle: None
    fake.gpio_get_mode = lambda handle, pin: lgpio_pins.LGPIOPin.GPIO_IS_OUT if (handle, pin) in claimed else 0
    fake.gpio_free = lambda handle, pin: None
    fake.gpio_claim_output = lambda handle, pin, state=0, flags=0: claimed.append((handle, pin))
    fake.gpio_claim_input = lambda *args, **kwargs: 0
    fake.tx_pwm = lambda *args: 0
    fake.gpio_write = lambda *args: 0
    fake.gpio_read = lambda *args: 0
    for name in ("SET_PULL_NONE", "SET_PULL_UP", "SET_PULL_DOWN", "BOTH_EDGES", "RISING_EDGE", "FALLING_EDGE", "SET_ACTIVE_LOW"):
        setattr(fake, name, 0)
    monkeypatch.setitem(sys.modules, "lgpio", fake)
    exists = os.path.exists
    monkeypatch.setattr(
        os.path, "exists", lambda path: int(str(path)[13:]) in chips if str(path).startswith("/dev/gpiochip") else exists(path)
    )
    lgpio_pins = reload(import_module("gpiozero.pins.lgpio"))
    monkeypatch.setattr(lgpio_pins.LGPIOFactory, "_get_revision", lambda factory: revision)
    factory = lgpio_pins.LGPIOFactory()
    assert opened == [expected]
    outputs = GpioOutputs(led=17, factory=factory)
    outputs.light(1.0)
    assert outputs.words == ()
    assert (7, 17) in claimed
    outputs.close()
