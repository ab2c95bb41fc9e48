"""Pages for everybody: no accessibility violation on any page in either theme, large targets, calm motion, no flash."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import axe_playwright_python
import pytest
from conftest import Dashboard
from playwright.sync_api import Browser, Page, expect

from station.service.declined import DeclinedError

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PAGES = ("/", "/sessions", "/sessions/1", "/sessions/1/lifts/1", "/sessions/1/print", "/progress", "/setup", "/sound", "/nowhere")


@pytest.fixture
def themed(browser: Browser, dashboard: Dashboard, request: pytest.FixtureRequest) -> Iterator[Page]:
    dashboard.station.state("rest")
    with browser.new_context(viewport={"width": 1024, "height": 768}, color_scheme=request.param, bypass_csp=True) as context:
        yield context.new_page()


@pytest.mark.parametrize("themed", ["light", "dark"], indirect=True)
def test_axe_finds_nothing(themed: Page, dashboard: Dashboard) -> None:
    found = {}
    for path in PAGES:
        themed.goto(dashboard.url + path, wait_until="networkidle" if path != "/" else "load")
        themed.evaluate(AXE)
        result = themed.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
        for violation in result["violations"]:
            found[f"{path} {violation['id']}"] = [node["html"][:160] for node in violation["nodes"]][:3]
    assert found == {}


@pytest.mark.parametrize("phase", ["rest", "prepare", "aloft", "melt"])
@pytest.mark.parametrize("themed", ["light", "dark"], indirect=True)
def test_axe_finds_nothing_in_any_phase(themed: Page, dashboard: Dashboard, phase: str) -> None:
    themed.goto(dashboard.url)
    dashboard.station.state(phase, "leg_l")
    expect(themed.locator("#stage")).to_have_attribute("data-phase", phase)
    themed.wait_for_timeout(450)
    themed.evaluate(AXE)
    result = themed.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa']})")
    assert [violation["id"] for violation in result["violations"]] == []


def test_what_is_pressed_lying_down_is_at_least_56_px_large(strict_page: Page, dashboard: Dashboard) -> None:
    """Seven days of a week do not fit a telephone at that width: a day of the month is at least 44 px wide."""
    dashboard.station.state("rest")
    for path in ("/", "/sessions", "/sessions/1", "/progress", "/setup", "/sound"):
        for size in ((1024, 768), (390, 844)):
            strict_page.set_viewport_size({"width": size[0], "height": size[1]})
            strict_page.goto(dashboard.url + path)
            small = strict_page.evaluate(
                """() => [...document.querySelectorAll('button, a, select, input:not([type=checkbox]), textarea')]
                    .filter((one) => one.offsetParent && !one.closest('.skip') && !one.matches('.skip, .handle'))
                    .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
                    .filter(([html, box]) => box.height < 55.5 || box.width < (html.includes('class="cell') ? 44 : 55.5))
                    .map(([html]) => html)"""
            )
            assert small == [], (path, size)


def test_reduced_motion_is_respected(browser: Browser, dashboard: Dashboard) -> None:
    dashboard.station.state("rest")
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(dashboard.url)
        moving = page.evaluate(
            """() => [...document.querySelectorAll('*')].filter((one) => {
                const style = getComputedStyle(one);
                return style.animationName !== 'none' || style.transitionDuration.split(', ').some((each) => parseFloat(each) > 0);
            }).map((one) => one.className)"""
        )
        assert moving == []


def test_the_theme_is_there_with_the_first_paint(browser: Browser, dashboard: Dashboard) -> None:
    with browser.new_context(java_script_enabled=False, color_scheme="light") as context:
        context.add_cookies([{"name": "theme", "value": "dark", "url": dashboard.url}])
        page = context.new_page()
        page.goto(f"{dashboard.url}/sessions")
        assert page.evaluate is not None
        ground = page.locator("html").evaluate("(one) => getComputedStyle(one).backgroundColor")
        assert ground == "rgb(14, 20, 19)"


def test_settings_reach_the_station_and_stay(strict_page: Page, dashboard: Dashboard) -> None:
    strict_page.goto(f"{dashboard.url}/setup")
    strict_page.locator('[data-setting="practice.counting"]', has_text="always").tap()
    expect(strict_page.locator("#toast")).to_have_text("Saved")
    strict_page.locator('[data-setting="practice.settling_s"]').fill("9")
    strict_page.locator('[data-setting="practice.settling_s"]').blur()
    strict_page.locator("#exercise").select_option("back_lift")
    expect(strict_page.locator("#toast")).to_have_text("Back Lift, both sides: begins when you lie down and are still.")
    assert {key: dashboard.reader.settings()[key] for key in ("practice.counting", "practice.settling_s", "practice.exercise")} == {
        "practice.counting": True,
        "practice.settling_s": 9.0,
        "practice.exercise": "back_lift",
    }
    strict_page.reload()
    always = strict_page.locator('[data-setting="practice.counting"]', has_text="always")
    expect(always).to_have_attribute("aria-pressed", "true")


def test_the_check_leads_from_zone_to_zone(strict_page: Page, dashboard: Dashboard) -> None:
    asking = {"state": "asking", "zone": "foot_l", "words": "Press the left foot zone.", "step": 1, "steps": 16, "results": []}
    dashboard.station.answers["check_start"] = asking
    strict_page.goto(f"{dashboard.url}/setup")
    strict_page.get_by_role("button", name="Begin the check").tap()
    expect(strict_page.locator("#check-words")).to_have_text("Press the left foot zone.")
    expect(strict_page.locator('.spot[data-zone="foot_l"]')).to_have_class("spot asked")
    found = [
        {"zone": "foot_l", "ok": True, "words": "answers well"},
        {"zone": "foot_r", "ok": False, "words": "does not answer; cable?"},
    ]
    dashboard.station.event(
        "check", **(asking | {"state": "done", "zone": None, "words": "One zone needs a look.", "results": found})
    )
    expect(strict_page.locator("#check-results li")).to_have_text(
        ["left foot: answers well", "right foot: does not answer; cable?"]
    )
    expect(strict_page.get_by_role("button", name="Begin the check")).to_be_visible()


def test_a_calibration_is_kept_only_with_enough_weights(strict_page: Page, dashboard: Dashboard) -> None:
    points: list[dict[str, float]] = []

    def weighed(args: dict[str, float]) -> dict[str, object]:
        points.append({"force_n": args["force_n"], "siemens": 1e-5})
        state = "ready" if len(points) >= 3 else "waiting"
        return {"state": state, "zone": "head", "words": "Put the next weight on.", "points": list(points)}

    dashboard.station.answers["calibrate_start"] = {"state": "waiting", "zone": "head", "words": "Put a weight on.", "points": []}
    dashboard.station.answers["calibrate_weight"] = weighed
    strict_page.goto(f"{dashboard.url}/setup")
    strict_page.locator("#calibrate-start").tap()
    for count, kg in enumerate(("1", "2.5", "5"), 1):
        expect(strict_page.locator("#calibrate-keep")).to_be_disabled()
        strict_page.locator("#calibrate-kg").fill(kg)
        strict_page.locator("#calibrate-add").tap()
        expect(strict_page.locator("#calibrate-points li")).to_have_count(count)
    expect(strict_page.locator("#calibrate-keep")).to_be_enabled()
    assert [point["force_n"] for point in points] == pytest.approx([9.80665, 24.516625, 49.03325])


def test_backups_are_set_up_begun_and_told(strict_page: Page, dashboard: Dashboard) -> None:
    strict_page.goto(f"{dashboard.url}/setup")
    state = strict_page.locator("#backup-state")
    expect(state).to_have_text("No backup yet.")
    folder = strict_page.locator('[data-setting="backup.folder"]')
    for typed, kept in ((" /media/backlift ", "/media/backlift"), ("", None)):
        folder.fill(typed)
        folder.blur()
        expect(strict_page.locator("#toast")).to_have_text("Saved")
        strict_page.wait_for_timeout(50)
        assert ("setting_set", {"key": "backup.folder", "value": kept}) in dashboard.station.commands
    strict_page.locator("#backup-now").tap()
    expect(strict_page.locator("#toast")).to_have_text("The backup has started.")
    assert ("backup_now", {}) in dashboard.station.commands
    dashboard.station.event("setting", key="backup.last", value={"wall_s": 1_795_000_000, "size_mb": 12.5})
    expect(state).to_contain_text("Last backup: Nov 18, 2026")
    expect(state).to_contain_text("12.5 MB.")


def test_a_signed_release_is_installed_after_somebody_at_the_mat_allowed_it(strict_page: Page, dashboard: Dashboard) -> None:
    tries: list[object] = []

    def install(args: object) -> None:
        tries.append(args)
        if len(tries) == 1:
            raise DeclinedError("confirm")

    def say(*notices: dict[str, object]) -> None:
        picture = dashboard.station.picture(time.monotonic(), "rest", None, "empty", None)
        picture["health"]["notices"] = list(notices)
        dashboard.station.server.publish_state(picture)

    ready = {"code": "update_ready", "params": {"version": "9.8.7"}, "severity": "info"}
    dashboard.station.answers["update_install"] = install
    strict_page.on("dialog", lambda dialog: dialog.accept())
    strict_page.goto(f"{dashboard.url}/setup")
    button, state = strict_page.locator("#update"), strict_page.locator("#update-state")
    expect(strict_page.get_by_text(f"This is version {version('backlift-station')}", exact=True)).to_be_visible()
    expect(button).to_be_hidden()
    say(ready)
    expect(button).to_have_text("Install version 9.8.7")
    button.tap()
    expect(state).to_contain_text("hold the mat's button for three seconds")
    say(ready)
    expect(state).to_contain_text("hold the mat's button for three seconds")
    expect(button).to_be_enabled()
    assert tries == [{}, {}]
    say({"code": "update_running", "params": {"version": "9.8.7"}, "severity": "info"})
    expect(state).to_have_text("Version 9.8.7 is being installed. The station starts again by itself in a few minutes.")
    expect(button).to_be_hidden()
    say(ready, {"code": "update_failed", "params": {"version": "9.8.7", "reason": "SHA256SUMS is not signed"}, "severity": "info"})
    expect(state).to_contain_text("the station runs as before: SHA256SUMS is not signed.")
    expect(button).to_be_visible()
