"""Every error this project raises on purpose.

Each class is `BackliftError` plus the builtin it is, so that callers may catch either.  A message is one line that names the
likely cause and the way out; the command line prints it as it stands, without a traceback.
"""

import sys


class BackliftError(Exception):
    """Base of all errors the project raises on purpose."""


class MatFileError(BackliftError, ValueError):
    """The mat file is wrong: the message names file and key."""


class BusError(BackliftError, OSError):
    """The I2C bus or a chip on it cannot be reached."""


class OutputDeviceError(BackliftError, OSError):
    """A lamp, buzzer, button or speaker cannot be used."""


def pip_install(*packages: str) -> str:
    """The command that adds packages to the environment this program runs in, whichever that is."""
    return f"{sys.executable} -m pip install {' '.join(packages)}"
