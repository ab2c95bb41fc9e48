"""Troubles of the mat and of the station: shown until they are over, told once, and not into somebody's movement."""

from __future__ import annotations

from collections.abc import Callable

from station.model import Fault

QUIET_FAULTS = frozenset({"gap", "twin"})
"""Faults that are shown elsewhere and not sounded: nothing can be done about them lying down."""
FAULT_LASTS_S = 2.0
"""A fault that is over sooner is not sounded."""


class Troubles:
    """words_for(key, **values): the text of a trouble in the person's language, asked for when it is shown."""

    def __init__(self, words_for: Callable[..., str]) -> None:
        self._words_for = words_for
        self._keys: dict[str, tuple[str, str | None]] = {}
        self._untold: dict[str, float] = {}

    @property
    def words(self) -> list[str]:
        """What there is to show, each once."""
        return list(dict.fromkeys(self._say(*each) for each in self._keys.values()))

    def set(self, key: str) -> bool:
        """The station is in trouble; whether that is news."""
        if key in self._keys:
            return False
        self._keys[key] = (key, None)
        return True

    def clear(self, key: str) -> None:
        self._keys.pop(key, None)

    def fault(self, fault: Fault, now_s: float) -> None:
        key = f"{fault.zone} {fault.kind}"
        if fault.over:
            self._keys.pop(key, None)
            self._untold.pop(key, None)
        elif key not in self._keys and fault.kind not in QUIET_FAULTS:
            self._keys[key] = ("zone_trouble", fault.zone) if fault.zone else ("mat_trouble", None)
            self._untold[key] = now_s

    def to_tell(self, now_s: float) -> str | None:
        """Words about faults that have lasted and were not told yet; those count as told from now on."""
        lasting = [key for key, since_s in self._untold.items() if now_s - since_s >= FAULT_LASTS_S]
        if not lasting:
            return None
        for key in lasting:
            del self._untold[key]
        return self._say(*self._keys[lasting[0]])

    def _say(self, key: str, zone: str | None) -> str:
        return self._words_for(key, zone=zone) if zone else self._words_for(key)
