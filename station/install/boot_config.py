"""The bus at 400 kHz, in Raspberry Pi OS's config.txt.

At the system's own 100 kHz sixteen zones come at some 40 frames a second; at 400 kHz at 150.
"""

from __future__ import annotations

import re

WANTED = {"i2c_arm": "on", "i2c_arm_baudrate": "400000"}
_SETTING = re.compile(r"^\s*dtparam\s*=\s*(?P<list>[^#]*)")
_FILTER = re.compile(r"^\s*\[(?P<name>[^\]]*)\]")


def bus_settings(text: str) -> dict[str, str]:
    """What config.txt says of the bus for every Pi: the last value of each wanted parameter, in sections that hold for all."""
    found: dict[str, str] = {}
    everywhere = True
    for line in text.splitlines():
        if section := _FILTER.match(line):
            everywhere = section["name"].strip() == "all"
        elif everywhere and (setting := _SETTING.match(line)):
            for parameter in setting["list"].strip().split(","):
                name, _, value = parameter.partition("=")
                if name.strip() in WANTED:
                    found[name.strip()] = value.strip() or "on"
    return found


def with_fast_bus(text: str) -> str:
    """The same config.txt with the bus on and fast; unchanged when it is so already.  Lines of the user's stay untouched."""
    if bus_settings(text) == WANTED:
        return text
    lines = ["", "# The mat's bus, switched on by Back Lift Station.", "[all]"]
    lines += [f"dtparam={name}={value}" for name, value in WANTED.items()]
    return text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
