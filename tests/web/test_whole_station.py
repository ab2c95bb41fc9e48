"""From the simulated body to the screen, with nothing scripted: station and dashboard as `backlift run` starts them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from station.bench.processes import fresh_world
from web.auth.devices import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_somebody_lies_down_and_the_tablet_shows_it(browser: Browser) -> None:
    with fresh_world() as world:
        world.start_station()
        world.start_dashboard()
        url = f"http://127.0.0.1:{world.port}"
        with browser.new_context(has_touch=True) as context:
            page = context.new_page()
            assert page.request.get(f"{url}/sessions").status == 401
            context.add_cookies([{"name": COOKIE, "value": world.paired(), "url": url}])
            for _ in range(50):
                # The dashboard learns of a new device within a second or two.
                if page.request.get(url).ok:
                    break
                page.wait_for_timeout(100)
            page.goto(url)
            # The simulated body lies down after four seconds and practises; a busy machine shows the page only then.
            expect(page.locator("#stop")).to_be_visible(timeout=60_000)
            expect(page.locator("#phase")).to_have_text(re.compile("Rest|Prepare|Lifted|Melt"), timeout=60_000)
            page.get_by_role("button", name="End session").tap()
            expect(page.locator("#stop")).to_be_hidden()
            page.goto(f"{url}/sessions")
            page.locator(".entry").first.tap()
            expect(page.locator("#plot canvas")).to_be_visible(timeout=10_000)
