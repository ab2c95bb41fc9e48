"""Make the pictures of the pages in docs/images: `python docs/screenshots.py`.

A real station on the simulated mat, a real dashboard, headless Chromium; the session shown was practised by the simulated body.
"""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page

from station.bench.processes import World, fresh_world
from web.page_bench import browser, paired_context

IMAGES = Path(__file__).parent / "images"
LONGEST_WAIT_S = 120.0
PRACTICE_S = 300.0


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with fresh_world() as world, browser() as chromium:
        session = world.store_session(PRACTICE_S)
        world.start_station()
        world.start_dashboard()
        token = world.paired()
        world.link.command("setting_set", {"key": "station.setup_done", "value": True})
        with paired_context(chromium, world, token) as context:
            page = context.new_page()
            still(page, world, "dark", f"/sessions/{session}", "review-dark", (1024, 1100))
            still(page, world, "light", f"/sessions/{session}", "review", (1024, 1100))
            still(page, world, "light", "/setup", "setup", (1024, 1000))
            moments(page, world)


def still(page: Page, world: World, theme: str, path: str, name: str, size: tuple[int, int]) -> None:
    """One page, when everything on it is drawn."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    wish(page, world, "theme", theme)
    page.goto(f"http://127.0.0.1:{world.port}{path}")
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / f"{name}.png")


def moments(page: Page, world: World) -> None:
    """The live page in the phases somebody lying on the mat goes through."""
    page.set_viewport_size({"width": 1024, "height": 768})
    for theme, lie, phase, name in (
        ("dark", "up", "prepare", "live-prepare"),
        ("light", "up", "aloft", "live-aloft"),
        ("dark", "left", "melt", "live-lying"),
    ):
        wish(page, world, "theme", theme)
        wish(page, world, "lie", lie)
        page.goto(f"http://127.0.0.1:{world.port}/")
        # The first touch lets the page sound.
        page.locator("#stage").tap()
        page.locator(f'#stage[data-phase="{phase}"] #before:not([hidden])').wait_for(timeout=LONGEST_WAIT_S * 1e3)
        # Some way into the phase: the number of seconds is part of the picture.
        time.sleep(2.2)
        page.screenshot(path=IMAGES / f"{name}.png")


def wish(page: Page, world: World, name: str, value: str) -> None:
    page.context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{world.port}"}])


if __name__ == "__main__":
    main()
