"""The pages on a screen of 320 px, and with text twice as large (WCAG 1.4.4 and 1.4.10): nothing is beside the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import CHROMIUM, QUIET, Dashboard
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = ("/", "/sessions", "/sessions/1", "/sessions/1/lifts/1", "/progress", "/setup")

CUT = """() => {
    const cut = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const within = texts.currentNode.parentElement;
        if (within.closest('script, svg, .skip, .unseen, .scroll, nav, .u-hz') || !within.checkVisibility()) continue;
        const words = document.createRange();
        words.selectNodeContents(texts.currentNode);
        const {left, right, width} = words.getBoundingClientRect();
        const edge = (within.closest('button, a, .card, .offer') ?? document.documentElement).getBoundingClientRect().right;
        if (width && (left < -1 || right > Math.min(edge, innerWidth) + 1)) cut.push(texts.currentNode.data.trim());
    }
    return cut;
}"""
"""Words that reach beyond the screen, or beyond the card or button they stand in.  The bar keeps its icons only."""


@pytest.fixture(scope="module")
def large_text(browser: Browser) -> Iterator[Browser]:
    """A browser in whose settings text is 32 px instead of 16 px."""
    found = browser.browser_type.launch(
        executable_path=str(CHROMIUM), args=[*QUIET, "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"]
    )
    yield found
    found.close()


def beside(page: Page, dashboard: Dashboard, word: str = "Melt") -> dict[str, list[object]]:
    """What lies beside the screen, by page.  What scrolls by itself (a wide table) may be wide."""
    found: dict[str, list[object]] = {}
    for path in PAGES:
        page.goto(dashboard.url + path)
        page.locator("main h1").first.wait_for(state="attached")
        page.wait_for_timeout(300)
        if path == "/":
            # Who practises sees the word.
            expect(page.locator("#phase")).to_have_text(word)
            expect(page.locator("#phase")).to_be_in_viewport(ratio=1)
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        pages_end = page.evaluate(
            "Math.max(...[...document.querySelectorAll('nav a')].map((one) => one.getBoundingClientRect().right))"
        )
        cut = page.evaluate(CUT)
        if wide[0] > wide[1] or pages_end > wide[1] or cut:
            found[path] = [*wide, pages_end, cut]
    return found


def test_nothing_is_beside_a_screen_of_320_px(browser: Browser, dashboard: Dashboard) -> None:
    dashboard.station.state("melt", "leg_l")
    with browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True) as context:
        assert beside(context.new_page(), dashboard) == {}


@pytest.mark.parametrize(("size", "language"), [((390, 844), "de"), ((768, 1024), "en"), ((1024, 768), "de")], ids=str)
def test_nothing_is_beside_the_screen_with_text_twice_as_large(
    large_text: Browser, dashboard: Dashboard, size: tuple[int, int], language: str
) -> None:
    with large_text.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=True) as context:
        page = context.new_page()
        dashboard.station.state(presence="empty")
        context.add_cookies([{"name": "lang", "value": language, "url": dashboard.url}])
        page.goto(dashboard.url)
        expect(page.locator("#begin")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        assert page.evaluate(CUT) == []
        dashboard.station.state("melt", "leg_l")
        found = [{"zone": "foot_r", "ok": False, "words": "does not answer; cable?"}]
        done = {"state": "done", "zone": None, "words": "One zone needs a look.", "step": 16, "steps": 16, "results": found}
        dashboard.station.event("check", **done)
        assert beside(page, dashboard, "Loslassen" if language == "de" else "Melt") == {}
