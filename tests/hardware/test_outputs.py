"""Lamp, buzzer and button on gpiozero's mock pins: what they do, and that none of them can stop anything."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware.errors import OutputDeviceError
from hardware.outputs import GpioOutputs, pin_factory, why_no_pins


@pytest.fixture
def pins():
    factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.reset()


def test_nothing_fitted_is_nothing_wrong() -> None:
    outputs = GpioOutputs()
    outputs.light(1.0)
    outputs.breathe(4.0)
    outputs.play([(440, 0.1)], 0.0)
    outputs.pump(1.0)
    assert outputs.words == ()
    assert not outputs.sounding
    outputs.close()


def test_the_lamp_shines_as_told(pins: MockFactory) -> None:
    outputs = GpioOutputs(led=17, factory=pins)
    outputs.light(0.25)
    assert pins.pin(17).state == pytest.approx(0.25)
    outputs.light(7)
    assert pins.pin(17).state == 1.0
    outputs.light(0)
    assert pins.pin(17).state == 0


def test_a_melody_is_played_note_by_note_and_then_there_is_silence(pins: MockFactory) -> None:
    outputs = GpioOutputs(buzzer=18, factory=pins)
    heard = []
    t_s = 100.0
    outputs.play([(440.0, 0.1), (0.0, 0.05), (660.0, 0.1)], t_s)
    while outputs.sounding:
        pin = pins.pin(18)
        heard.append((round(t_s - 100, 2), round(pin.frequency) if pin.frequency and pin.state else 0))
        t_s += 0.01
        outputs.pump(t_s)
    assert {hz for t, hz in heard if t < 0.095} == {440}
    assert {hz for t, hz in heard if 0.105 < t < 0.145} == {0}
    assert {hz for t, hz in heard if 0.165 < t < 0.245} == {660}
    assert pins.pin(18).state == 0


def test_shrill_and_rumbling_notes_are_brought_into_range(pins: MockFactory) -> None:
    outputs = GpioOutputs(buzzer=18, factory=pins)
    outputs.play([(4000.0, 0.1)], 0.0)
    assert round(pins.pin(18).frequency) == 880
    assert outputs.words == ()


def test_a_press_is_told_when_the_button_is_let_go(pins: MockFactory) -> None:
    happened = []
    GpioOutputs(button=22, on_press=lambda: happened.append("press"), on_hold=lambda: happened.append("hold"), factory=pins)
    pins.pin(22).drive_low()
    assert happened == []
    pins.pin(22).drive_high()
    assert happened == ["press"]


def test_a_hold_is_told_once_and_letting_go_is_no_press(pins: MockFactory) -> None:
    happened = []
    held = threading.Event()
    outputs = GpioOutputs(
        button=22,
        on_press=lambda: happened.append("press"),
        on_hold=lambda: (happened.append("hold"), held.set()),
        hold_s=0.0,
        factory=pins,
    )
    pins.pin(22).drive_low()
    assert held.wait(10)
    pins.pin(22).drive_high()
    assert happened == ["hold"]
    outputs.close()


def test_a_pin_used_twice_costs_one_device_and_is_named(pins: MockFactory) -> None:
    outputs = GpioOutputs(led=17, buzzer=17, factory=pins)
    outputs.light(1.0)
    assert len(outputs.words) == 1
    assert "buzzer on GPIO 17" in outputs.words[0]


def test_a_device_that_dies_never_raises_and_says_so_once(pins: MockFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = GpioOutputs(led=17, buzzer=18, factory=pins)

    def dead(*args, **kwargs):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(MockPWMPin, "_set_state", dead)
    for t_s in range(3):
        outputs.light(0.5)
        outputs.play([(440, 0.1)], float(t_s))
        outputs.pump(t_s + 0.5)
    assert sorted(word.split()[1] for word in outputs.words) == ["buzzer", "lamp"]
    assert all("goes on without it" in word for word in outputs.words)
    outputs.close()


def test_a_machine_without_pins_says_why_and_only_a_simulated_one_gets_mock_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    from gpiozero.exc import BadPinFactory

    def none_here(*args):
        raise BadPinFactory("Unable to load any default pin factory!")

    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setattr(Device, "ensure_pin_factory", staticmethod(none_here))
    with pytest.raises(OutputDeviceError):
        pin_factory()
    outputs = GpioOutputs(led=17)
    assert outputs.words[0].startswith("the lamp on GPIO 17 cannot be used")
    assert isinstance(pin_factory(simulated=True), MockFactory)


def test_the_reason_why_there_are_no_pins_is_the_true_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no GPIO pins" in why_no_pins(tmp_path)
    (tmp_path / "gpiochip0").touch()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "may not use" in why_no_pins(tmp_path) and "gpiochip0" in why_no_pins(tmp_path)
    monkeypatch.setattr("os.access", lambda path, mode: True)
    monkeypatch.setattr("hardware.outputs.find_spec", lambda name: None)
    assert "lgpio library is missing" in why_no_pins(tmp_path)


def test_where_nothing_may_be_written_the_pins_library_gets_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It makes a FIFO in the working directory, and prints a line of its own where it may not: `backlift` is run in / as well."""
    monkeypatch.setattr(os, "access", lambda path, mode: path != ".")
    monkeypatch.setattr(Device, "pin_factory", MockFactory())
    monkeypatch.setenv("LG_WD", "")
    monkeypatch.delenv("LG_WD")
    pin_factory(simulated=True)
    assert Path(os.environ["LG_WD"]).is_dir()
    monkeypatch.setenv("LG_WD", str(tmp_path))
    pin_factory(simulated=True)
    assert os.environ["LG_WD"] == str(tmp_path), "what somebody chose stays"
