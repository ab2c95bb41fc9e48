"""What was chosen and learned before, read at the start.  What cannot be used is left out and named: nothing may stop a station."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from hardware.calibration import ZoneCalibration
from hardware.errors import BackliftError
from hardware.mat import Mat, parse_mat
from hardware.mats import find_mat, shipped_mats
from hardware.notices import Notice
from hardware.strict_toml import read_text
from station.config import Config
from station.settings import in_force, left_out
from station.store import MissingDatabaseError, Reader, StoreError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SavedChoices:
    """settings: as stored, without those that cannot be read.  mat_text: of its file.  calibration: zone -> the one in use.
    left_out: what a person should know."""

    settings: Mapping[str, Any]
    mat: Mat
    mat_text: str
    calibration: Mapping[str, ZoneCalibration]
    left_out: tuple[Notice, ...]


def read_what_was_chosen(config: Config) -> SavedChoices:
    """Settings, mat and calibration.  Raises MatFileError only when not even a mat of the project can be read."""
    notices: list[Notice] = []
    settings: dict[str, Any] = {}
    records = []
    try:
        with Reader(config.database) as reader:
            settings = reader.settings()
            damaged = reader.damaged_settings()
            records = reader.calibrations()
        notices += [Notice("setting_left_out", {"setting": key}) for key in (*damaged, *left_out(settings))]
    except MissingDatabaseError:
        pass
    except StoreError as error:
        _log.error("start: stored settings and calibrations cannot be read: %s", error)
        notices.append(Notice("settings_unread"))
    mat, text = _mat(str(in_force(settings)["station.mat"] or ""), config.mat.file, notices)
    calibration = {}
    for record in records:
        if record.mat_name == mat.mat.name:
            try:
                calibration[record.zone] = msgspec.convert(record.body, ZoneCalibration)
            except (ValueError, OverflowError):
                notices.append(Notice("calibration_left_out", {"zone": record.zone}))
    for notice in notices:
        _log.warning("start: left out: %s %s", notice.code, dict(notice.params))
    return SavedChoices(settings, mat, text, calibration, tuple(notices))


def _mat(chosen: str, configured: str, notices: list[Notice]) -> tuple[Mat, str]:
    """The mat that was chosen on the page, else the one in station.toml, else the first that comes with the project."""
    names = list(dict.fromkeys(name for name in (chosen, configured, *shipped_mats()) if name))
    failed: list[tuple[str, BackliftError]] = []
    for name in names:
        try:
            mat, path = find_mat(name)
            text = read_text(path, BackliftError, "it was there a moment ago")
            found = parse_mat(text, str(path)), text
        except BackliftError as error:
            failed.append((name, error))
            continue
        for left, why in failed:
            _log.error("start: the mat '%s' cannot be used, '%s' is used instead: %s", left, name, why)
            notices.append(Notice("mat_left_out", {"mat": left, "used": mat.mat.name}, "trouble"))
        return found
    raise failed[-1][1]
