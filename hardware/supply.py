"""Whether the Pi's supply is strong enough.  The dashboard asks as well, so this imports nothing of the bus."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_UNDERVOLTAGE_NOW, _UNDERVOLTAGE_SINCE_START = 0x1, 0x10000


def undervoltage(root: Path = Path("/"), *, since_start: bool = False) -> bool | None:
    """Whether the Pi's supply is too weak now, or (since_start) has been since it started; None where the machine cannot tell."""
    throttled = root / "sys/devices/platform/soc/soc:firmware/get_throttled"
    asked = _UNDERVOLTAGE_NOW | (_UNDERVOLTAGE_SINCE_START if since_start else 0)
    with suppress(OSError, ValueError):
        return bool(int(throttled.read_text(encoding="ascii"), 16) & asked)
    for monitor in sorted((root / "sys/class/hwmon").glob("hwmon*")):
        with suppress(OSError):
            if (monitor / "name").read_text(encoding="ascii").strip() == "rpi_volt":
                return (monitor / "in0_lcrit_alarm").read_text(encoding="ascii").strip() == "1"
    return None
