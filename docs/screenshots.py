"""Make the pictures of the pages in docs/images: `python docs/screenshots.py`; `--motion` makes the moving one of the README only.

A real station on the simulated mat, a real dashboard, headless Chromium; the session shown was practised by the simulated body.

A picture of the live page is kept only when the station has no complaint about this machine: while it is too busy to be on time,
the page says so.  Then the next occasion is waited for, and after `MOST_OCCASIONS` the program gives up.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page

from station.bench.processes import World, fresh_world
from station.store import Reader, Store
from web.page_bench import browser, paired_context

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "web"))
from stored_practice import DAY_S, WrittenClock, practice_frames, store_session

IMAGES = Path(__file__).parent / "images"
SESSIONS, DAYS_BETWEEN = 10, 5.5
LONGEST_WAIT_S = 120.0
MOST_OCCASIONS = 5
PRACTICE_S = 300.0
THE_FIGURE = (220, 400)
"""Where a touch lets the page sound and does nothing else."""
MOTION_S, MOTION_FPS = 10.0, 6
"""Length of the moving picture, whatever the lift took, and its pictures a second."""
SHOT_EVERY_S = 0.25
"""Of the moving picture: a lift takes some 15 s, and taking pictures must not keep the station from being on time."""
CAPTION_PX = 56
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
        session, lift = practised_weeks(world.database)
        world.start_station()
        world.start_dashboard()
        token = world.paired()
        world.page("/", token)  # until the dashboard knows the device
        world.link.command("setting_set", {"key": "station.setup_done", "value": True})
        with paired_context(chromium, world, token) as context:
            page = context.new_page()
            beginning(page, world)
            motion(page, world)
            if "--motion" in sys.argv:
                return
            moments(page, world)
            for language, ending in (("en", ""), ("de", "-de")):
                wish(page, world, "lang", language)
                still(page, world, "light", f"/sessions/{session}", f"review{ending}", (1024, 1100))
                still(page, world, "light", "/setup", f"setup{ending}", (1024, 1000))
            wish(page, world, "lang", "en")
            still(page, world, "dark", f"/sessions/{session}/lifts/{lift}", "lift", (1024, 1100))
            still(page, world, "light", "/progress?span=3m", "progress", (1024, 1000))


def practised_weeks(database: Path) -> tuple[int, int]:
    """Ten sessions of a simulated body over seven weeks, the last one longer and today; that session, and one of its lifts."""
    database.parent.mkdir(parents=True, exist_ok=True)
    for number in range(SESSIONS):
        last = number == SESSIONS - 1
        start_s = 1000.0
        clock = WrittenClock(start_s, time.time() - 3600.0 - (SESSIONS - 1 - number) * DAYS_BETWEEN * DAY_S)
        with Store(database, clock=clock, boot_id=f"00000000-0000-0000-0000-{number:012d}") as store:
            store.note_clock(synchronised=True)
            session = store_session(store, clock, practice_frames(number + 1, start_s, PRACTICE_S if last else PRACTICE_S / 2))
            store.comfort_set(session, "before", 2 + number % 2)
            store.comfort_set(session, "after", 3 + number % 3)
    with Reader(database) as reader:
        return session, reader.session(session).repetitions[2].lifts[0].id


def still(page: Page, world: World, theme: str, path: str, name: str, size: tuple[int, int]) -> None:
    """One page, when everything on it is drawn."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    wish(page, world, "theme", theme)
    page.goto(f"http://127.0.0.1:{world.port}{path}")
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / f"{name}.png")


def open_live(page: Page, world: World) -> None:
    """The live page as on a station with a mat: without the panel that steers the simulated person."""
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"http://127.0.0.1:{world.port}/")
    page.evaluate("document.querySelector('#demo')?.remove()")


def on_time(world: World) -> bool:
    """Whether the station has nothing to say about this machine."""
    state = next(message for message in world.link.subscribe(0) if message["type"] == "state")
    return not state["health"]["notices"]


def beginning(page: Page, world: World) -> None:
    """The live page while nobody is on the mat."""
    world.link.command("demo_steer", {"act": "get_up"})
    for language, ending in (("en", ""), ("de", "-de")):
        wish(page, world, "lang", language)
        wish(page, world, "theme", "light")
        open_live(page, world)
        page.locator("#begin:not([hidden])").wait_for(timeout=LONGEST_WAIT_S * 1e3)
        for occasion in occasions():
            page.wait_for_timeout(500 + 15_000 * occasion)
            picture = page.screenshot()
            if on_time(world):
                (IMAGES / f"live-begin{ending}.png").write_bytes(picture)
                break
    wish(page, world, "lang", "en")
    world.link.command("demo_steer", {"act": "practise"})


def moments(page: Page, world: World) -> None:
    """The live page in the phases somebody lying on the mat goes through."""
    # Some way into the phase, for the number of seconds is part of the picture; the shortest prepare lasts two.
    for language, theme, lie, phase, after_s, name in (
        ("en", "dark", "up", "prepare", 1.1, "live-prepare"),
        ("en", "light", "up", "aloft", 2.2, "live-aloft"),
        ("en", "dark", "left", "melt", 2.2, "live-lying"),
        ("de", "dark", "up", "prepare", 1.1, "live-prepare-de"),
    ):
        wish(page, world, "lang", language)
        wish(page, world, "theme", theme)
        wish(page, world, "lie", lie)
        open_live(page, world)
        # The first touch lets the page sound.
        page.touchscreen.tap(*THE_FIGURE)
        for _ in occasions():
            page.locator(f'#stage:not([data-phase="{phase}"])').wait_for(timeout=LONGEST_WAIT_S * 1e3)
            page.locator(f'#stage[data-phase="{phase}"] #before:not([hidden])').wait_for(timeout=LONGEST_WAIT_S * 1e3)
            time.sleep(after_s)
            picture = page.screenshot()
            if on_time(world):
                (IMAGES / f"{name}.png").write_bytes(picture)
                break
    wish(page, world, "lie", "up")


def motion(page: Page, world: World) -> None:
    """One lift on the live page, from the last moment of rest until everything has been let go, in ten seconds."""
    wish(page, world, "theme", "dark")
    open_live(page, world)
    page.touchscreen.tap(*THE_FIGURE)
    for _ in occasions():
        page.locator('#stage[data-phase="rest"]').wait_for(timeout=LONGEST_WAIT_S * 1e3)
        shots = one_lift(page)
        if on_time(world):
            break
    kept = [shots[round(i * (len(shots) - 1) / (MOTION_S * MOTION_FPS - 1))] for i in range(int(MOTION_S * MOTION_FPS))]
    pictures = [captioned(Image.open(io.BytesIO(png)), CAPTIONS[phase]) for phase, png in kept]
    pictures[0].save(
        IMAGES / "one-lift.webp", save_all=True, append_images=pictures[1:], duration=round(1000 / MOTION_FPS), loop=0, quality=70
    )


def one_lift(page: Page) -> list[tuple[str, bytes]]:
    """(phase, picture) from a moment of rest until two seconds after the melt of the next lift."""
    stage = page.locator("#stage")
    shots: list[tuple[str, bytes]] = []
    phase = "rest"
    done_at_s = float("inf")
    while time.monotonic() < done_at_s + 2.0:
        began_s = time.monotonic()
        before, phase = phase, "done" if phase == "done" else stage.get_attribute("data-phase") or "rest"
        if phase == before == "rest":
            del shots[: -round(1.0 / SHOT_EVERY_S)]
        if before == "melt" and phase != "melt":
            phase, done_at_s = "done", began_s
        shots.append((phase, page.screenshot()))
        page.wait_for_timeout(max(0.0, 1e3 * (began_s + SHOT_EVERY_S - time.monotonic())))
    return shots


def occasions() -> Iterator[int]:
    """Each time something is tried again; ends the program when it was tried too often."""
    yield from range(MOST_OCCASIONS)
    sys.exit("This machine is too busy: the live page says that times are less exact. Try again when it is idle.")


def captioned(picture: Image.Image, caption: str) -> Image.Image:
    """The picture at three quarters of its size, with a line below that says what is heard."""
    small = picture.convert("RGB").resize((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (small.width, small.height + CAPTION_PX), "#101413")
    whole.paste(small, (0, 0))
    ImageDraw.Draw(whole).text((20, small.height + 12), caption, fill="#e7efec", font=ImageFont.truetype(FONT, 24))
    return whole


def wish(page: Page, world: World, name: str, value: str) -> None:
    page.context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{world.port}"}])


if __name__ == "__main__":
    main()
