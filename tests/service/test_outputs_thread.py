"""Outputs never hold anybody up, and what is broken or not fitted costs only itself."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware.clock import SystemClock
from hardware.mats import find_mat
from station.config import Config, Pins, Sound, Storage
from station.locale.texts import Texts
from station.model import LiveLimb
from station.practice.cue import Cue
from station.service.cue_player import BRIGHTNESS, CuePlayer
from station.settings import in_force
from station.signal.detector import Detector

LED, BUZZER, BUTTON = 17, 18, 27


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> MockFactory:
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(Device, "pin_factory", factory)
    return factory


def made(folder: Path, pins: Pins = Pins(), speaker: bool = False, **how: Any) -> CuePlayer:  # noqa: B008
    config = Config(pins=pins, sound=Sound(speaker=speaker), storage=Storage(directory=str(folder)))
    how = {"on_press": lambda: None, "on_hold": lambda: None, **how}
    return CuePlayer(config, SystemClock(), in_force({}), **how)


def now_s() -> float:
    return SystemClock().monotonic_s()


def test_where_nothing_is_fitted_there_is_no_thread_and_nothing_happens(tmp_path: Path) -> None:
    before = threading.active_count()
    outputs = made(tmp_path)
    outputs.start()
    outputs.cue(Cue("ready", now_s(), now_s() + 1))
    outputs.say("one")
    assert threading.active_count() == before
    assert outputs.notices == ()
    outputs.close()


def test_the_lamp_is_brighter_the_further_one_is_and_dark_when_nobody_is_there(tmp_path: Path, pins: MockFactory) -> None:
    outputs = made(tmp_path, Pins(led=LED))
    mat, _ = find_mat("half-8")
    empty = Detector(mat).live
    lying = dataclasses.replace(empty, presence="still")

    def shown(live: Any, paused: bool = False) -> float:
        outputs.show(live, paused)
        outputs._turn()
        return float(pins.pin(LED).state)

    def limb(phase: Any) -> Any:
        return dataclasses.replace(lying, limbs=(LiveLimb("leg_l", "rest", 0.0, 1.0), LiveLimb("arm_r", phase, 0.0, 0.5)))

    assert shown(empty) == 0.0
    levels = [shown(lying), shown(limb("prepare")), shown(limb("aloft"))]
    assert levels == pytest.approx([BRIGHTNESS["rest"], BRIGHTNESS["prepare"], BRIGHTNESS["aloft"]])
    assert 0 < levels[0] < levels[1] < levels[2]
    assert shown(limb("aloft"), paused=True) == 0.0
    outputs.close()


def test_the_buzzer_plays_a_cue_at_its_time_and_never_a_stale_one(tmp_path: Path, pins: MockFactory) -> None:
    outputs = made(tmp_path, Pins(buzzer=BUZZER))
    outputs.cue(Cue("ready", now_s() - 9, now_s() - 8))
    outputs._turn()
    assert not outputs._pins.sounding
    outputs.cue(Cue("ready", now_s() - 0.01, now_s() + 1))
    outputs._turn()
    assert outputs._pins.sounding
    outputs.close()


def test_the_button_is_pressed_or_held(tmp_path: Path, pins: MockFactory) -> None:
    pressed = threading.Event()
    outputs = made(tmp_path, Pins(button=BUTTON), on_press=pressed.set)
    pins.pin(BUTTON).drive_low()
    pins.pin(BUTTON).drive_high()
    assert pressed.wait(5)
    outputs.close()


def test_a_speaker_that_is_not_there_is_told_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    outputs = made(tmp_path, speaker=True)
    outputs.start()
    outputs.cue(Cue("ready", now_s(), now_s() + 1))
    outputs.say("one, two")
    assert [notice.code for notice in outputs.notices] == ["speaker_no_player"]
    outputs.close()


def test_a_pin_that_cannot_be_had_is_told_and_the_rest_goes_on(tmp_path: Path, pins: MockFactory) -> None:
    pins.pin(LED)
    taken = made(tmp_path, Pins(led=LED))
    second = made(tmp_path, Pins(led=LED, buzzer=BUZZER))
    (notice,) = second.notices
    for language, lamp in (("en", "lamp"), ("de", "Lampe")):
        assert lamp in Texts(language).notice(notice) and f"GPIO {LED}" in Texts(language).notice(notice)
    second.cue(Cue("ready", now_s() - 0.01, now_s() + 1))
    second._turn()
    assert second._pins.sounding
    for outputs in (taken, second):
        outputs.close()
