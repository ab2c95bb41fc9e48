"""What a browser sees.  Needs what the page tests need: Debian's Chromium and the `dev` extra."""

from __future__ import annotations

from station.bench.dashboard_process import figures
from station.bench.figure import Figure


def measure() -> list[Figure]:
    return figures("web.page_bench", "pages", "is Chromium there, and the 'dev' extra?")
