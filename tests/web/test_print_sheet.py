"""The print view on paper: one page for a short session, white, with the phases told apart without colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Dashboard, until
from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_short_session_is_one_white_sheet(browser: Browser, dashboard: Dashboard, tmp_path: Path, theme: str, paper: str) -> None:
    with browser.new_context(viewport={"width": 1024, "height": 768}, color_scheme=theme) as context:
        context.add_cookies([{"name": "theme", "value": theme, "url": dashboard.url}])
        page = context.new_page()
        page.goto(f"{dashboard.url}/sessions/1/print")
        until(page, "document.querySelector('#plot canvas') !== null")
        page.wait_for_timeout(400)
        written = page.pdf(format=paper, path=tmp_path / "sheet.pdf")
        page.emulate_media(media="print")
        ground = page.evaluate("[document.documentElement, document.body].map((one) => getComputedStyle(one).backgroundColor)")
    assert len(re.findall(rb"/Type\s*/Page\b", written)) == 1
    assert set(ground) <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
