"""The oldest browser the pages are made for, Safari of iPadOS 15.4: nothing newer is used, and an older one is told so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Dashboard
from playwright.sync_api import Page, expect

import web

BUILT = Path(web.__file__).parent / "static" / "built"
NEWER = {
    r"\bObject\.groupBy\b|\bMap\.groupBy\b": "17.4",
    r"\bPromise\.withResolvers\b": "17.4",
    r"\bPromise\.try\b": "18.2",
    r"\bArray\.fromAsync\b": "16.4",
    r"\.toSorted\(|\.toReversed\(|\.toSpliced\(": "16.0",
    r"\bAbortSignal\.(timeout|any)\b": "16.0",
    r"\(\?<[=!]": "16.4; an older one refuses the whole script",
    r"\bnew (?:De)?[cC]ompressionStream\b": "16.4",
    r"\bOffscreenCanvas\b": "16.4",
    r"\bURL\.canParse\b": "17.0",
    r"\.checkVisibility\(": "17.4",
    r"\.showPopover\(": "17.0",
    r"\bstartViewTransition\b": "18.0",
    r"\bscheduler\.": "none yet",
    r"\bCSSStyleSheet\(": "16.4",
    r"\bisWellFormed\b": "16.4",
}
"""What scripts may not use -> the first Safari that has it (MDN's compatibility tables)."""
NEWER_STYLES = {
    r"@container\b": "16.0",
    r"@property\b": "16.4",
    r"@scope\b": "17.4",
    r"@starting-style\b": "17.5",
    r"[{;}]\s*&": "16.5",
    r":user-(in)?valid\b": "16.5",
    r"\bsubgrid\b": "16.0",
}
WITH_SOMETHING_BEFORE = r"color-mix\(|oklch\(|light-dark\(|\d(?:lh|cqw|cqh|cqi)\b|\d[sld]v[hw]\b"
"""Values an older browser passes over: fine where the same property was given in plain words before."""


def built(ending: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in BUILT.glob(f"*{ending}")}


@pytest.mark.parametrize("pattern", NEWER)
def test_the_built_scripts_use_nothing_newer(pattern: str) -> None:
    scripts = built(".js")
    assert scripts
    assert [name for name, text in scripts.items() if re.search(pattern, text)] == [], NEWER[pattern]


@pytest.mark.parametrize("pattern", NEWER_STYLES)
def test_the_built_styles_use_nothing_newer(pattern: str) -> None:
    styles = built(".css")
    assert styles
    assert [name for name, text in styles.items() if re.search(pattern, text)] == [], NEWER_STYLES[pattern]


def without_fallback(style: str) -> list[str]:
    """Declarations with a newer value whose property was not given before in the same rule."""
    found = []
    for block in re.findall(r"\{([^{}]*)\}", style):
        given = set()
        for declaration in block.split(";"):
            name, _, value = declaration.partition(":")
            if re.search(WITH_SOMETHING_BEFORE, value) and name.strip() not in given:
                found.append(declaration.strip())
            given.add(name.strip())
    return found


def test_newer_values_stand_behind_plain_ones() -> None:
    assert [one for text in built(".css").values() for one in without_fallback(text)] == []
    assert without_fallback("a{color:color-mix(in srgb,red,blue)}") == ["color:color-mix(in srgb,red,blue)"]
    assert without_fallback("a{height:100vh;height:100dvh}") == []


SUPPORTS_RULE = """() => {
    for (const sheet of document.styleSheets)
        for (let i = sheet.cssRules.length - 1; i >= 0; i--)
            if (sheet.cssRules[i] instanceof CSSSupportsRule && /accent-color/.test(sheet.cssRules[i].conditionText))
                sheet.deleteRule(i);
}"""


def test_only_an_older_browser_reads_that_it_is_too_old(strict_page: Page, dashboard: Dashboard) -> None:
    strict_page.goto(f"{dashboard.url}/sessions")
    told = strict_page.locator("#old-browser")
    expect(told).to_be_hidden()
    # A browser that does not know accent-color, as Safari before 15.4, passes the rule over that hides the sentence.
    strict_page.evaluate(SUPPORTS_RULE)
    expect(told).to_be_visible()
    expect(told).to_contain_text("iPadOS 15.4")
