"""Letting a tablet in, as the person at the tablet does it: in a real browser, against the guarded pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from test_everybody import AXE
from test_strangers import Clock, Station

from station.config import Config
from web.__main__ import start_server
from web.app import create_app
from web.auth.guard import require_paired_device

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


class Guarded:
    """The guarded pages, served, and the station behind them."""

    def __init__(self) -> None:
        self.station = Station(Clock())
        app = create_app(Config(), self.station, self.station, guard=require_paired_device(self.station, self.station))
        self.server = start_server("127.0.0.1", 0, app, None)
        self.url = f"http://127.0.0.1:{self.server.address[1]}"

    def close(self) -> None:
        self.server.stop()


@pytest.fixture
def guarded() -> Iterator[Guarded]:
    running = Guarded()
    yield running
    running.close()


def test_the_link_from_the_terminal_lets_the_browser_in_and_leaves_no_secret_behind(page: Page, guarded: Guarded) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    secret = guarded.station.window.open().secret
    page.goto(f"{guarded.url}/pair#{secret}")
    page.wait_for_url(f"{guarded.url}/")
    expect(page.locator("#stage")).to_be_visible()
    assert [device.name for device in guarded.station.kept] != []
    assert not any(secret in url.partition("#")[0] for url in asked)


def test_whoever_opens_any_page_is_asked_for_the_digits_first(page: Page, guarded: Guarded) -> None:
    code = guarded.station.window.open().code
    page.goto(f"{guarded.url}/progress")
    page.get_by_label("Six-digit code").fill(f"{(int(code) + 1) % 10**6:06d}")
    page.get_by_role("button", name="Pair", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("not right")
    page.get_by_label("Six-digit code").fill(code)
    page.get_by_role("button", name="Pair", exact=True).click()
    page.wait_for_url(f"{guarded.url}/")


def test_with_no_digits_about_the_page_says_how_to_get_some(page: Page, guarded: Guarded) -> None:
    page.goto(f"{guarded.url}/pair")
    page.get_by_label("Six-digit code").fill("123456")
    page.get_by_role("button", name="Pair", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("This code has expired")
    expect(page.locator("main")).to_contain_text("backlift pair")


def test_a_device_lets_another_in_and_can_be_shown_out(page: Page, browser: Browser, guarded: Guarded) -> None:
    page.goto(f"{guarded.url}/pair#{guarded.station.window.open().secret}")
    page.wait_for_url(f"{guarded.url}/")
    page.goto(f"{guarded.url}/devices")
    page.get_by_role("button", name="Pair another device").click()
    offer = page.locator("#offer")
    expect(offer).to_contain_text("The code is")
    digits = "".join(letter for letter in (offer.text_content() or "") if letter.isdigit())
    with browser.new_context() as other:
        guest = other.new_page()
        guest.goto(f"{guarded.url}/pair")
        guest.get_by_label("Six-digit code").fill(digits)
        guest.get_by_role("button", name="Pair", exact=True).click()
        guest.wait_for_url(f"{guarded.url}/")
        page.reload()
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator('[data-device="2"]').click()
        expect(page.locator("[data-device]")).to_have_count(1)
        assert guest.goto(f"{guarded.url}/sessions").status == 401


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_pages_are_for_everybody(browser: Browser, guarded: Guarded, theme: str) -> None:
    with browser.new_context(color_scheme=theme, viewport={"width": 390, "height": 844}, bypass_csp=True) as context:
        page = context.new_page()
        for path in ("/pair", "/devices"):
            if path == "/devices":
                page.goto(f"{guarded.url}/pair#{guarded.station.window.open().secret}")
                page.wait_for_url(f"{guarded.url}/")
            page.goto(guarded.url + path)
            page.evaluate(AXE)
            result = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
            assert [violation["id"] for violation in result["violations"]] == []
            targets = "[...document.querySelectorAll('button, input, select')].filter((one) => !one.hidden)"
            small = page.evaluate(f"{targets}.filter((one) => one.offsetHeight < 55.5).length")
            assert small == 0
