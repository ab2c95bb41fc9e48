"""However many windows a browser has open, one of them holds the stream, and all of them live on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from conftest import Dashboard, until
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COUNT = """
window.sources = [];
const Plain = window.EventSource;
window.EventSource = class extends Plain { constructor(...given) { super(...given); sources.push(this); } };
"""
WITHOUT_LOCKS = "Object.defineProperty(navigator, 'locks', {value: undefined});"
WITHOUT_CHANNELS = "delete window.BroadcastChannel;"
ALWAYS_SEEN = "Object.defineProperty(document, 'hidden', {get: () => Boolean(window.putAway)});"
OPEN = "sources.filter((one) => one.readyState !== 2).length"


@pytest.fixture(params=["locks", "a lease"])
def windows(context: BrowserContext, own_dashboard: Dashboard, request: pytest.FixtureRequest) -> Iterator[Callable[[], Page]]:
    """Opens live pages of one browser; without Web Locks as on plain http in the home network."""
    context.add_init_script(COUNT + ALWAYS_SEEN + (WITHOUT_LOCKS if request.param == "a lease" else ""))

    def opened() -> Page:
        page = context.new_page()
        page.goto(own_dashboard.url)
        return page

    own_dashboard.station.state("rest")
    yield opened


def holders(pages: list[Page]) -> list[Page]:
    return [page for page in pages if page.evaluate(OPEN)]


def settled(pages: list[Page]) -> Page:
    """The one window that holds the stream, once exactly one does."""
    until(pages[0], "true")
    give_up_s = time.monotonic() + 10
    while time.monotonic() < give_up_s:
        found = holders(pages)
        if len(found) == 1:
            return found[0]
        pages[0].wait_for_timeout(50)
    raise AssertionError(f"{len(holders(pages))} windows hold a stream")


def test_eight_windows_work_on_one_stream(windows: Callable[[], Page], own_dashboard: Dashboard) -> None:
    pages = [windows() for _ in range(8)]
    settled(pages)
    own_dashboard.station.state("melt", "leg_l")
    for page in pages:
        expect(page.locator("#phase")).to_have_text("Melt")
        expect(page.locator("#lost")).to_be_hidden()
    # A browser has six connections to a host: were the streams as many as the windows, this would hang.
    pages[7].goto(f"{own_dashboard.url}/sessions")
    expect(pages[7].locator(".entry").first).to_be_visible()


def test_when_the_window_with_the_stream_closes_another_takes_over(windows: Callable[[], Page], own_dashboard: Dashboard) -> None:
    pages = [windows() for _ in range(3)]
    first = settled(pages)
    first.close()
    rest = [page for page in pages if page is not first]
    settled(rest)
    own_dashboard.station.state("prepare", "leg_l")
    for page in rest:
        expect(page.locator("#phase")).to_have_text("Prepare", timeout=12_000)


def test_a_window_put_away_without_sound_lets_go(windows: Callable[[], Page], own_dashboard: Dashboard) -> None:
    pages = [windows() for _ in range(2)]
    first = settled(pages)
    other = next(page for page in pages if page is not first)
    first.evaluate(
        "localStorage.setItem('sound', 'off'); window.putAway = true; document.dispatchEvent(new Event('visibilitychange'))"
    )
    until(other, f"{OPEN} === 1")
    assert not first.evaluate(OPEN)
    first.evaluate("window.putAway = false; document.dispatchEvent(new Event('visibilitychange'))")
    own_dashboard.station.state("aloft", "leg_l")
    for page in pages:
        expect(page.locator("#stage")).to_have_attribute("data-phase", "aloft")
    assert settled(pages) is other


def test_coming_back_to_a_kept_page_leaves_no_second_stream(windows: Callable[[], Page], own_dashboard: Dashboard) -> None:
    """What WebKit does when Back finds the page whole: `pagehide`, then `pageshow` with `persisted`."""
    page = windows()
    settled([page])
    for number in range(1, 4):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
        assert page.evaluate(OPEN) == 0
        # The old source speaks once more, as it does in WebKit: nobody listens.
        page.evaluate("sources.forEach((one) => one.onerror && one.onerror(new Event('error')))")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        until(page, f"{OPEN} === 1")
        own_dashboard.station.state("melt" if number % 2 else "rest", "leg_l" if number % 2 else None)
        expect(page.locator("#phase")).to_have_text("Melt" if number % 2 else "Rest")
        expect(page.locator("#lost")).to_be_hidden()


def test_a_first_load_opens_one_stream(windows: Callable[[], Page]) -> None:
    page = windows()
    page.wait_for_timeout(1500)
    assert page.evaluate("sources.length") == 1


def test_a_browser_without_channels_has_its_own_stream(context: BrowserContext, own_dashboard: Dashboard) -> None:
    context.add_init_script(COUNT + WITHOUT_CHANNELS)
    own_dashboard.station.state("rest")
    page = context.new_page()
    page.goto(own_dashboard.url)
    expect(page.locator("#phase")).to_have_text("Rest")
    assert page.evaluate(OPEN) == 1
