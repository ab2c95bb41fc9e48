"""What a practice needs, in the engines that tablets have: pairing, live, Back, review, print.

The page tests run in Chromium; this is the short way through the same pages in WebKit (every iPad) and Firefox.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Dashboard, running
from other_browsers import Driver, missing, opened
from test_pairing_page import Guarded

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("other browsers")]


@pytest.fixture(scope="module", params=["webkit", "firefox"])
def browser_here(request: pytest.FixtureRequest) -> Iterator[Driver]:
    if words := missing(request.param):
        pytest.skip(words)
    with opened(request.param) as driver:
        yield driver


@pytest.fixture(scope="module")
def here(browser_here: Driver, tmp_path_factory: pytest.TempPathFactory, filled_database: Any) -> Iterator[Dashboard]:
    """A dashboard for one browser."""
    with running(tmp_path_factory.mktemp(browser_here.name), filled_database) as dashboard:
        yield dashboard


def until(driver: Driver, expression: str, patience_s: float = 15.0) -> Any:
    """The expression's value once it is true."""
    give_up_s = time.monotonic() + patience_s
    while time.monotonic() < give_up_s:
        if value := driver.run(f"return {expression}"):
            return value
        time.sleep(0.05)
    raise AssertionError(f"never true in {driver.name}: {expression}")


def text_of(selector: str) -> str:
    return f"(document.querySelector({selector!r}) || {{}}).textContent"


def streams(dashboard: Dashboard) -> int:
    """How many are open, as the server counts."""
    return int(sum(dashboard.app.extensions["backlift_streams"]._taken.values()))


def test_the_digits_let_the_browser_in(browser_here: Driver) -> None:
    guarded = Guarded()
    try:
        code = guarded.station.window.open().code
        browser_here.get(f"{guarded.url}/sessions")
        until(browser_here, "document.querySelector('#code')")
        browser_here.type("#code", code)
        browser_here.click("#pair button")
        until(browser_here, "location.pathname === '/' && document.querySelector('#stage')")
    finally:
        guarded.close()


def test_the_live_page_follows_the_station(browser_here: Driver, here: Dashboard) -> None:
    here.station.state("rest")
    browser_here.get(here.url)
    until(browser_here, f"{text_of('#phase')} === 'Rest'")
    here.station.state("melt", "leg_l", since_s=time.monotonic() - 3)
    until(browser_here, f"{text_of('#phase')} === 'Melt'")
    assert browser_here.run("return document.querySelector('#lost').hidden")


def test_three_times_back_leaves_one_stream_and_one_start_a_cue(browser_here: Driver, here: Dashboard) -> None:
    """WebKit keeps pages whole for Back; each used to leave one more stream, and one cue started once for each."""
    here.station.state("rest")
    browser_here.get(here.url)
    until(browser_here, f"{text_of('#phase')} === 'Rest'")
    browser_here.run(
        """window.started = 0;
        const start = AudioBufferSourceNode.prototype.start;
        AudioBufferSourceNode.prototype.start = function (...given) { window.started++; return start.apply(this, given); };"""
    )
    for _ in range(3):
        browser_here.get(f"{here.url}/sessions")
        until(browser_here, "document.querySelector('.entry')")
        browser_here.back()
        until(browser_here, f"{text_of('#phase')} === 'Rest'")
    give_up_s = time.monotonic() + 15
    while streams(here) != 1 and time.monotonic() < give_up_s:
        time.sleep(0.1)
    assert streams(here) == 1
    until(browser_here, "document.querySelector('#lost').hidden")
    here.station.state("prepare", "leg_l")
    until(browser_here, f"{text_of('#phase')} === 'Prepare'")
    if browser_here.run("return window.started === undefined"):
        return  # the page was loaded anew, or (Firefox) its script is not ours to watch: no kept page that could start a cue twice
    browser_here.click("#stage")
    time.sleep(1.0)
    here.station.cue("touch_down", time.monotonic() + 0.2)
    time.sleep(1.5)
    assert browser_here.run("return window.started") <= 1


def test_a_lift_is_drawn_and_put_right(browser_here: Driver, here: Dashboard) -> None:
    lift = here.reader.session(1).repetitions[0].lifts[0]
    browser_here.get(f"{here.url}/sessions/1")
    until(browser_here, "document.querySelector('#plot').dataset.drawn === 'yes'")
    browser_here.click(".lift-open")
    until(browser_here, "document.querySelector('#lift-view[data-drawn]')")
    painted = """(() => {
        const canvas = document.querySelector('#lift-plot canvas');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set([...data].filter((_, i) => i % 401 === 0)).size > 4;
    })()"""
    assert browser_here.run(f"return {painted}"), "an empty canvas"
    browser_here.run(
        """const knob = document.querySelector('.knob-melt_end');
        knob.focus();
        const press = {key: 'ArrowRight', bubbles: true, cancelable: true};
        for (let i = 0; i < 5; i++) knob.dispatchEvent(new KeyboardEvent('keydown', press));
        """
    )
    until(browser_here, "document.querySelector('#lift-told').textContent.includes('moved by hand')")
    moved = here.reader.session(1).repetitions[0].lifts[0].lift
    assert moved.melt_end == pytest.approx(lift.original.melt_end + 0.25, abs=0.01)
    browser_here.click("[data-do=undo]")
    until(browser_here, "!document.querySelector('#lift-told').textContent.includes('moved by hand')")


def test_the_print_view_draws_its_trace(browser_here: Driver, here: Dashboard) -> None:
    browser_here.get(f"{here.url}/sessions/1/print")
    until(browser_here, "document.querySelector('#plot canvas')")
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert browser_here.run(f"return {wide}")


@pytest.mark.parametrize("path", ["/", "/sessions", "/sessions/2", "/sessions/2/lifts/7", "/progress?span=all", "/setup", "/sound"])
def test_pages_open_without_an_error(browser_here: Driver, here: Dashboard, path: str, tmp_path: Path) -> None:
    here.station.state("rest")
    browser_here.get(here.url + path)
    until(browser_here, "document.querySelector('main') && document.readyState === 'complete'")
    assert browser_here.run("return document.querySelector('h1') !== null")
    (tmp_path / f"{browser_here.name}.png").write_bytes(browser_here.picture())


def test_every_file_the_base_page_and_the_manifest_name_is_there(here: Dashboard) -> None:
    client = here.app.test_client()
    named = set(re.findall(r'(?:href|src)="(/(?:static|built)/[^"#]+)', client.get("/").text))
    manifest = client.get("/static/app.webmanifest").get_json(force=True)
    named |= {f"/static/{icon['src']}" for icon in manifest["icons"]}
    assert any(name.endswith("icon-180.png") for name in named)
    for name in sorted(named):
        assert client.get(name).status_code == 200, name
