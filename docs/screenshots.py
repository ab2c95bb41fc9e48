"""Make the pictures of the pages in docs/images: `python docs/screenshots.py`; `--motion` makes the moving one of the README only.

A real station on the simulated mat, a real dashboard, headless Chromium; the session shown was practised by the simulated body.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page

from station.bench.processes import World, fresh_world
from web.page_bench import browser, paired_context

IMAGES = Path(__file__).parent / "images"
LONGEST_WAIT_S = 120.0
PRACTICE_S = 300.0
MOTION_S, MOTION_FPS = 10.0, 6
"""Length of the moving picture, whatever the lift took, and its pictures a second."""
CAPTION_PX = 46
CAPTIONS = {
    "rest": "lying still",
    "prepare": "the muscles engage, nothing has lifted yet",
    "aloft": "\u266a a rising note: the arm has left the mat",
    "melt": "\u266a a falling note: touched down; every muscle lets go",
    "done": "\u266a a soft chord: everything has been let go",
}
"""What is heard while the picture shows a phase."""
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


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
            motion(page, world)
            if "--motion" in sys.argv:
                return
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
        page.touchscreen.tap(512, 320)
        page.locator(f'#stage[data-phase="{phase}"] #before:not([hidden])').wait_for(timeout=LONGEST_WAIT_S * 1e3)
        # Some way into the phase: the number of seconds is part of the picture.
        time.sleep(2.2)
        page.screenshot(path=IMAGES / f"{name}.png")


def motion(page: Page, world: World) -> None:
    """One lift on the live page, from the last moment of rest until everything has been let go, in ten seconds."""
    page.set_viewport_size({"width": 1024, "height": 768})
    wish(page, world, "theme", "dark")
    page.goto(f"http://127.0.0.1:{world.port}/")
    page.touchscreen.tap(512, 320)
    stage = page.locator("#stage")
    page.locator('#stage[data-phase="prepare"]').wait_for(timeout=LONGEST_WAIT_S * 1e3)
    shots: list[tuple[str, bytes]] = []
    seen: list[str] = []
    end_s = time.monotonic() + 60.0
    while time.monotonic() < end_s:
        phase = stage.get_attribute("data-phase") or "rest"
        if seen and seen[-1] == "melt" and phase != "melt":
            seen.append("done")
        elif not seen or seen[-1] not in (phase, "done"):
            seen.append(phase)
        shots.append((seen[-1], page.screenshot(type="png")))
        if seen[-1] == "done" and [one for one, _ in shots].count("done") > 6:
            break
        page.wait_for_timeout(120)
    kept = [shots[round(i * (len(shots) - 1) / (MOTION_S * MOTION_FPS - 1))] for i in range(int(MOTION_S * MOTION_FPS))]
    pictures = [captioned(Image.open(io.BytesIO(png)), CAPTIONS[phase]) for phase, png in kept]
    pictures[0].save(
        IMAGES / "one-lift.webp", save_all=True, append_images=pictures[1:], duration=round(1000 / MOTION_FPS), loop=0, quality=70
    )


def captioned(picture: Image.Image, caption: str) -> Image.Image:
    """The picture at three quarters of its size, with a line below that says what is heard."""
    small = picture.convert("RGB").resize((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (small.width, small.height + CAPTION_PX), "#101413")
    whole.paste(small, (0, 0))
    ImageDraw.Draw(whole).text((20, small.height + 11), caption, fill="#e7efec", font=ImageFont.truetype(FONT, 19))
    return whole


def wish(page: Page, world: World, name: str, value: str) -> None:
    page.context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{world.port}"}])


if __name__ == "__main__":
    main()
