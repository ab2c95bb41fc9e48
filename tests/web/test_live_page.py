"""The live page in a real browser, as somebody lying on the floor meets it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Dashboard, until
from playwright.sync_api import Browser, Page, expect
from scripted_station import ScriptedStation

from station.locale.texts import Texts
from station.store import Store
from web.live.stream import FRESH_EVENTS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SIZES = {"tablet": (1024, 768), "tablet upright": (768, 1024), "telephone": (390, 844), "telephone flat": (844, 390)}


def lift(limb: str, *times_s: float) -> dict[str, Any]:
    return {"limb": limb, "kind": "lift"} | dict(zip(("prepare_start", "lift_off", "touch_down", "melt_end"), times_s, strict=True))


@pytest.fixture
def live(strict_page: Page, dashboard: Dashboard) -> Page:
    """The page open, somebody resting."""
    dashboard.station.state("rest")
    strict_page.goto(dashboard.url)
    expect(strict_page.locator("#phase")).to_have_text("Rest")
    return strict_page


def test_one_glance_tells_the_phase_the_limb_and_how_long(live: Page, dashboard: Dashboard) -> None:
    dashboard.station.state("aloft", "leg_l", since_s=time.monotonic() - 7.2)
    expect(live.locator("#phase")).to_have_text("Lifted")
    expect(live.locator("#limb")).to_have_text("left leg")
    expect(live.locator("#seconds")).to_have_text("7")
    expect(live.locator("#stage")).to_have_attribute("data-phase", "aloft")


def test_the_seconds_go_on_between_two_states(live: Page, dashboard: Dashboard) -> None:
    dashboard.station.state("melt", "leg_l", since_s=time.monotonic() - 2.8)
    expect(live.locator("#seconds")).to_have_text("2")
    expect(live.locator("#seconds")).to_have_text("3")


def test_a_melt_that_is_about_to_be_called_over_shows_no_seconds_that_are_taken_back(live: Page, dashboard: Dashboard) -> None:
    touch_down_s = time.monotonic() - 9.6
    dashboard.station.state("melt", "leg_l", since_s=touch_down_s)
    expect(live.locator("#seconds")).to_have_text("9")
    dashboard.station.state("melt", "leg_l", since_s=touch_down_s, checking_since_s=touch_down_s + 8.3)
    expect(live.locator("#limb")).to_have_text("left leg · checking…")
    expect(live.locator("#seconds")).to_have_text("8")
    live.wait_for_timeout(900)
    expect(live.locator("#seconds")).to_have_text("8")
    # The load moved on after all.
    dashboard.station.state("melt", "leg_l", since_s=touch_down_s)
    expect(live.locator("#limb")).to_have_text("left leg")
    until(live, "Number(document.querySelector('#seconds').textContent) >= 10")


def test_the_zones_breathe_with_their_load(live: Page, dashboard: Dashboard) -> None:
    radius = "Number(document.querySelector('[data-zone={}] .load').getAttribute('r'))"
    rest = live.evaluate(radius.format("foot_l"))
    dashboard.station.state("prepare", "leg_l")
    until(live, f"{radius.format('foot_l')} < {rest} * 0.85")
    # The area is the load: 0.6 of rest means sqrt(0.6) of the radius.
    assert live.evaluate(radius.format("foot_l")) == pytest.approx(5.4 * 0.6**0.5, abs=0.02)
    dashboard.station.state("aloft", "leg_l")
    until(live, f"{radius.format('foot_l')} === 0")


def test_the_repetition_before_stands_beside(live: Page, dashboard: Dashboard) -> None:
    dashboard.station.event(
        "repetition", kind="leg", side="left", lifts=[lift("leg_l", 10.0, 14.2, 19.7, 27.0)], reported_at_s=27.5
    )
    expect(live.locator("#before-title")).to_have_text("Last lift: left leg")
    for phase, seconds in (("prepare", "4.2 s"), ("aloft", "5.5 s"), ("melt", "7.3 s")):
        expect(live.locator(f"#before-{phase}")).to_have_text(seconds)


def test_a_time_nobody_can_tell_is_not_invented(live: Page, dashboard: Dashboard) -> None:
    dashboard.station.event(
        "repetition", kind="leg", side="left", lifts=[lift("leg_l", 10.0, 14.2, 19.7, None)], reported_at_s=27.5
    )
    expect(live.locator("#before-melt")).to_have_text("–")


def test_every_number_can_be_hidden_and_stays_hidden(live: Page) -> None:
    live.get_by_role("button", name="Hide numbers").tap()
    expect(live.locator("#seconds")).to_be_hidden()
    live.reload()
    expect(live.locator("#phase")).to_have_text("Rest")
    expect(live.locator("#seconds")).to_be_hidden()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("cheek", "degrees"), [("left", -90), ("right", 90)])
def test_the_lying_view_turns_the_page_in_one_touch(live: Page, size: str, cheek: str, degrees: int) -> None:
    width, height = SIZES[size]
    live.set_viewport_size({"width": width, "height": height})
    live.get_by_role("button", name=f"I lie on my {cheek} cheek").tap()
    matrix = live.evaluate("new DOMMatrix(getComputedStyle(document.body).transform)")
    assert (round(matrix["a"]), round(matrix["b"])) == (0, 1 if degrees == 90 else -1)
    # The turned page covers the screen exactly, and everything on it is reachable.
    box = live.evaluate("(({x, y, width, height}) => [x, y, width, height])(document.body.getBoundingClientRect())")
    assert [round(value) for value in box] == [0, 0, width, height]
    for name in ("Upright", "Hide numbers", "Pause"):
        button = live.get_by_role("button", name=name, exact=True).bounding_box()
        assert button and button["x"] >= 0 and button["y"] >= 0
        assert button["x"] + button["width"] <= width + 1 and button["y"] + button["height"] <= height + 1
    live.reload()
    expect(live.locator("html")).to_have_attribute("data-turn", cheek)
    live.get_by_role("button", name="Upright").tap()
    expect(live.locator("html")).not_to_have_attribute("data-turn", cheek)


def test_the_working_arm_turns_the_page_by_itself_if_wanted(live: Page, dashboard: Dashboard) -> None:
    live.context.add_cookies([{"name": "lie", "value": "auto", "url": dashboard.url}])
    live.reload()
    expect(live.locator("#phase")).to_have_text("Rest")
    for limb, cheek in (("arm_l", "right"), ("arm_r", "left")):
        dashboard.station.event("phase", kind="lift_off", limb=limb, t_s=1.0, reported_at_s=1.1)
        expect(live.locator("html")).to_have_attribute("data-turn", cheek)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off_at_any_size(live: Page, dashboard: Dashboard, size: str) -> None:
    width, height = SIZES[size]
    live.set_viewport_size({"width": width, "height": height})
    dashboard.station.event(
        "repetition", kind="leg", side="left", lifts=[lift("leg_l", 10.0, 14.2, 19.7, 31.0)], reported_at_s=27.5
    )
    dashboard.station.state("prepare", "arm_r")
    expect(live.locator("#phase")).to_have_text("Prepare")
    for selector in ("#phase", "#seconds", "#limb", "#before-melt", ".figure .flesh .limb >> nth=0", "#stop"):
        box = live.locator(selector).bounding_box()
        assert box and box["x"] >= 0 and box["y"] >= 0, selector
        assert box["x"] + box["width"] <= width + 1 and box["y"] + box["height"] <= height + 1, selector


def test_when_the_station_is_lost_it_says_so_and_comes_back_by_itself(
    strict_page: Page, own_dashboard: Dashboard, tmp_path: Path
) -> None:
    own_dashboard.station.state("rest")
    strict_page.goto(own_dashboard.url)
    lost = strict_page.locator("#lost")
    expect(strict_page.locator("#phase")).to_have_text("Rest")
    expect(lost).to_be_hidden()
    own_dashboard.station.close()
    expect(lost).to_be_visible()
    expect(lost).to_contain_text("reconnects automatically")
    another = ScriptedStation(tmp_path / "station.sock")
    another.state("melt", "leg_l")
    expect(lost).to_be_hidden(timeout=10_000)
    expect(strict_page.locator("#phase")).to_have_text("Melt")
    another.close()


def test_a_page_opened_in_mid_session_knows_the_repetition_before(strict_page: Page, dashboard: Dashboard) -> None:
    last = dashboard.reader.session(1).repetitions[-1].lifts[0]
    dashboard.station.state("rest", session_repetitions=4)
    strict_page.goto(dashboard.url)
    expect(strict_page.locator("#before-aloft")).to_have_text(f"{last.aloft_s:.1f} s")


def test_a_broken_line_is_said_at_once_and_nothing_is_missed(live: Page, dashboard: Dashboard) -> None:
    live.context.set_offline(True)
    expect(live.locator("#lost")).to_be_visible(timeout=3000)
    dashboard.live.interrupt()
    dashboard.station.event("repetition", kind="leg", side="left", lifts=[lift("leg_r", 1.0, 4.0, 9.0, 15.0)])
    for _ in range(FRESH_EVENTS + 10):
        # More than a page without a memory would be told.
        dashboard.station.event("phase", kind="prepare_start", limb="leg_r", t_s=1.0)
    live.context.set_offline(False)
    expect(live.locator("#lost")).to_be_hidden(timeout=15_000)
    expect(live.locator("#before-title")).to_have_text("Last lift: right leg")


def test_a_faulty_sensor_is_named_with_what_to_look_at(live: Page, dashboard: Dashboard) -> None:
    picture = dashboard.station.picture(time.monotonic(), "rest", None, "still", None)
    picture["zones"]["foot_l"]["fault"] = True
    dashboard.station.server.publish_state(picture)
    expect(live.locator("#health")).to_have_text("left foot: check its cable")
    expect(live.locator('[data-zone="foot_l"]')).to_have_class("spot faulty")
    where = {"zone": "foot_l", "board": 2, "pin": "A1"}
    picture["health"]["notices"] = [{"code": "zone_open", "params": where, "severity": "trouble"}]
    dashboard.station.server.publish_state(picture)
    expect(live.locator("#health")).to_have_text(
        "No signal from the sensor left foot: its wire at board 2, pin A1 is cut or touches ground."
    )


def test_pause_and_end_reach_the_station(live: Page, dashboard: Dashboard) -> None:
    live.get_by_role("button", name="Pause").tap()
    until(live, "!document.querySelector('#pause').disabled")
    live.get_by_role("button", name="End session").tap()
    until(live, "!document.querySelector('#stop').disabled")
    assert [name for name, _ in dashboard.station.commands if name in ("pause", "session_stop")] == ["pause", "session_stop"]


def test_a_busy_machine_is_said_in_passing_and_not_as_a_trouble(live: Page, dashboard: Dashboard) -> None:
    picture = dashboard.station.picture(time.monotonic(), "rest", None, "still", None)
    picture["health"]["notices"] = [{"code": "frames_late", "params": {}, "severity": "info"}]
    dashboard.station.server.publish_state(picture)
    expect(live.locator("#health")).to_have_text("The computer is busy; times are a little less exact.")
    expect(live.locator("#health")).not_to_have_class("trouble")


def test_only_what_happens_while_the_page_is_open_is_news(live: Page, dashboard: Dashboard) -> None:
    dashboard.station.state()
    dashboard.station.event("device", change="paired", name="Old tablet")
    expect(live.locator("#toast")).to_have_text("A device was paired: Old tablet")
    live.reload()
    dashboard.station.state()
    until(live, "document.querySelector('#stage').dataset.at")
    expect(live.locator("#toast")).to_have_count(0)
    dashboard.station.event("device", change="paired", name="New tablet")
    expect(live.locator("#toast")).to_have_text("A device was paired: New tablet")


def test_every_trouble_is_named(live: Page, dashboard: Dashboard) -> None:
    picture = dashboard.station.picture(time.monotonic(), "rest", None, "still", None)
    codes = ("not_saving", "bus_stuck", "weak_supply")
    picture["health"]["notices"] = [{"code": code, "params": {}, "severity": "trouble"} for code in codes]
    dashboard.station.server.publish_state(picture)
    for code in codes:
        expect(live.locator("#health")).to_contain_text(Texts("en")(f"notice.{code}"))


def test_after_the_session_it_says_kindly_how_it_was(live: Page, dashboard: Dashboard) -> None:
    dashboard.station.event("session", kind="ended", t_s=9.0, repetitions=3)
    dashboard.station.state(presence="empty")
    expect(live.locator("#summary")).to_be_visible()
    expect(live.locator("#summary-words")).not_to_be_empty()
    live.locator('#summary [data-face="4"]').tap()
    expect(live.locator('#summary [data-face="4"]')).to_have_attribute("aria-pressed", "true")
    assert once_sent(live, dashboard, "comfort_set") == [{"session": 1, "moment": "after", "face": 4}]
    expect(live.locator("#summary-go")).to_have_attribute("href", "/sessions/1")


def test_the_screen_is_kept_awake_or_the_page_tells_how(browser: Browser, dashboard: Dashboard) -> None:
    dashboard.station.state("rest")
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(
            "window.locks = []; navigator.wakeLock.request = async (kind) => { locks.push(kind); return {released: false}; }"
        )
        page.goto(dashboard.url)
        until(page, "locks.length > 0")
        assert page.evaluate("locks[0]") == "screen"
        expect(page.locator("#advice")).to_be_hidden()
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script("delete Navigator.prototype.wakeLock")
        page.goto(dashboard.url)
        expect(page.locator("#advice")).to_contain_text("Auto-Lock")
        page.get_by_role("button", name="Done").click()
        page.reload()
        expect(page.locator("#phase")).to_have_text("Rest")
        expect(page.locator("#advice")).to_be_hidden()


AUDIO = """
window.played = [];
window.contexts = [];
class Fake {
  constructor() { this.from = performance.now(); this.state = 'suspended'; this.destination = {}; contexts.push(this); }
  get currentTime() { return window.stands ? 1 : (performance.now() - this.from) / 1000; }
  async close() { this.state = 'closed'; }
  addEventListener(name, listener) { this.listener = listener; }
  async resume() { this.state = 'running'; this.listener?.(); }
  async decodeAudioData(bytes) { return {bytes: bytes.byteLength, duration: 0.5}; }
  createGain() { return {gain: {value: 1}, connect: (to) => to}; }
  createBufferSource() {
    const context = this;
    return {
      connect: (to) => to,
      start(at) { played.push({at: at - context.currentTime, bytes: this.buffer.bytes}); },
      stop() { played.push('stopped'); },
    };
  }
}
window.AudioContext = Fake;
"""


def test_cues_are_planned_on_the_audio_clock_after_the_first_touch(browser: Browser, dashboard: Dashboard) -> None:
    dashboard.station.state("rest")
    with browser.new_context(has_touch=True) as context:
        page = context.new_page()
        page.add_init_script(AUDIO)
        page.goto(dashboard.url)
        expect(page.locator("#silent")).to_be_visible()
        dashboard.station.cue("touch_down", time.monotonic())
        expect(page.locator("#phase")).to_have_text("Rest")
        assert page.evaluate("played.length") == 0
        with page.expect_response("**/api/v1/commands/ping"):
            page.locator("#stage").tap()
        expect(page.locator("#silent")).to_be_hidden()
        page.wait_for_timeout(300)
        at_s = time.monotonic() + 0.8
        dashboard.station.cue("count", at_s)
        until(page, "played.length === 1")
        planned = page.evaluate("played[0]")
        assert planned["bytes"] > 1000
        # Ahead of its time by what is left of 0.8 s: neither at once nor late.
        assert 0.2 < planned["at"] <= 0.8
        dashboard.station.cue("hush", time.monotonic())
        until(page, "played.includes('stopped')")
        dashboard.station.cue("ready", time.monotonic() - 5.0)
        dashboard.station.cue("lift_off", time.monotonic())
        until(page, "played.length === 3")
        page.wait_for_timeout(100)
        assert page.evaluate("played.length") == 3, "a stale cue must be dropped, not played late"


# Beginning on the tablet --------------------------------------------------------------------------------------------------------

BEGIN_SIZES = {"tablet": (1024, 768), "tablet upright": (768, 1024), "telephone": (390, 844)}


@pytest.fixture
def empty(strict_page: Page, dashboard: Dashboard) -> Page:
    """The page open, nobody there."""
    dashboard.station.state(presence="empty")
    strict_page.goto(dashboard.url)
    expect(strict_page.locator("#start")).to_be_visible()
    return strict_page


def sent(dashboard: Dashboard, name: str) -> list[dict[str, Any]]:
    return [args for command, args in dashboard.station.commands if command == name]


def once_sent(page: Page, dashboard: Dashboard, name: str) -> list[dict[str, Any]]:
    """What came with this command, once it has come."""
    for _ in range(200):
        if found := sent(dashboard, name):
            return found
        page.wait_for_timeout(25)
    raise AssertionError(f"never sent: {name}")


@pytest.mark.parametrize("size", BEGIN_SIZES)
def test_from_the_empty_mat_to_practice_by_touch(empty: Page, dashboard: Dashboard, size: str) -> None:
    width, height = BEGIN_SIZES[size]
    empty.set_viewport_size({"width": width, "height": height})
    assert empty.locator("#offers .offer").count() == 3
    empty.locator("#choose").tap()
    empty.locator("#chooser").get_by_role("button", name="Arch and Flatten").first.tap()
    expect(empty.locator("#chooser")).to_be_hidden()
    # It says which, and when: now, or with the next lying down.
    expect(empty.locator("#begins")).to_have_text("Arch and Flatten: begins when you lie down and are still.")
    expect(empty.locator("#offers .offer[aria-pressed=true]")).to_contain_text("Arch and Flatten")
    assert sent(dashboard, "guide_start")[-1]["exercise"] == "arch_and_flatten"
    assert {"key": "practice.exercise", "value": "arch_and_flatten"} in sent(dashboard, "setting_set")
    empty.locator('#arrival [data-face="2"]').tap()
    empty.locator("#start").tap()
    expect(empty.locator("#phase")).to_have_text("Lie down whenever you like")
    dashboard.station.state(presence="settling")
    dashboard.station.state("rest")
    expect(empty.locator("#phase")).to_have_text("Rest")
    # What was said before there was a session belongs to it.
    assert once_sent(empty, dashboard, "comfort_set") == [{"session": 1, "moment": "before", "face": 2}]


@pytest.mark.parametrize("size", BEGIN_SIZES)
def test_all_there_is_to_begin_can_be_reached_at_every_size(empty: Page, size: str) -> None:
    width, height = BEGIN_SIZES[size]
    empty.set_viewport_size({"width": width, "height": height})
    assert empty.evaluate("document.documentElement.scrollWidth <= innerWidth")
    start = empty.locator("#start").bounding_box()
    assert start and start["y"] + start["height"] <= height and start["height"] >= 56
    for selector in ("#offers .offer >> nth=0", "#choose", '#arrival [data-face="5"]', "#unlock"):
        empty.locator(selector).scroll_into_view_if_needed()
        box = empty.locator(selector).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width + 1 and box["height"] >= 50, selector


def test_who_hurts_is_offered_less_and_never_more(empty: Page) -> None:
    expect(empty.locator("#pain")).to_be_hidden()
    empty.locator('#arrival [data-face="1"]').tap()
    expect(empty.locator("#pain")).to_contain_text("Stop.")
    expect(empty.locator("#pain")).to_contain_text("just imagine it")
    empty.locator('#arrival [data-face="4"]').tap()
    expect(empty.locator("#pain")).to_be_hidden()


def guided(dashboard: Dashboard, phase: str = "rest", *, ended: bool = False, since_s: float | None = None, **more: Any) -> None:
    """Publish a state of somebody in the midst of the Back Lift."""
    limb = None if phase == "rest" else "arm_r"
    picture = dashboard.station.picture(time.monotonic(), phase, limb, "still", since_s)
    picture["ended"] = ended
    if ended:
        picture["session"] = None
    picture["guide"] = {
        "exercise": "back_lift",
        "title": "Back Lift, both sides",
        "step": 1,
        "steps": 8,
        "state": phase,
        "since_s": 0.0,
        "step_title": "Right elbow",
        "next_title": "Left leg",
        "repetition": 1,
        "repetitions": 3,
        "next": "Once more.",
        "words": [],
        "count": None,
        "count_of": None,
        "pace": {"prepare_s": 4.0, "aloft_s": 6.0, "melt_s": 8.0},
        "trunk": None,
        "may_grow": None,
        **more,
    }
    dashboard.station.server.publish_state(picture)


def test_one_line_says_where_one_is(live: Page, dashboard: Dashboard) -> None:
    guided(dashboard)
    expect(live.locator("#line")).to_have_text("Right elbow · 2 of 3 · then left leg")


def filled(page: Page) -> float:
    return float(page.locator("#pace-part").get_attribute("stroke-dasharray").split()[0]) / 100  # type: ignore[union-attr]


def test_the_ring_fills_with_prepare_stays_while_lifted_and_empties_with_the_melt(live: Page, dashboard: Dashboard) -> None:
    pace = {"prepare_s": 10.0, "aloft_s": 6.0, "melt_s": 20.0}
    for phase, since_s, low, high in (
        ("prepare", 4.0, 0.38, 0.6),
        ("aloft", 90.0, 1.0, 1.0),
        ("melt", 5.0, 0.65, 0.77),
        ("melt", 60.0, 0.0, 0.0),
    ):
        guided(dashboard, phase, since_s=time.monotonic() - since_s, pace=pace)
        expect(live.locator("#stage")).to_have_attribute("data-phase", phase)
        live.wait_for_timeout(150)
        assert low <= filled(live) <= high, (phase, since_s)


def test_a_minute_is_shown_as_a_minute(live: Page, dashboard: Dashboard) -> None:
    guided(dashboard, "aloft", since_s=time.monotonic() - 105.2)
    expect(live.locator("#seconds")).to_have_text("1:45")


@pytest.mark.parametrize("size", BEGIN_SIZES)
def test_the_figure_keeps_its_size_through_all_phases(live: Page, dashboard: Dashboard, size: str) -> None:
    width, height = BEGIN_SIZES[size]
    live.set_viewport_size({"width": width, "height": height})
    seen = set()
    for phase in ("rest", "prepare", "aloft", "melt", "rest"):
        guided(dashboard, phase, words=["A long sentence about the last release, which takes more than one line on a telephone."])
        expect(live.locator("#stage")).to_have_attribute("data-phase", phase)
        # Words are shown at rest only; measured once they have come or gone.
        expect(live.locator("#guide")).to_have_text(re.compile("^A long sentence" if phase == "rest" else "^$"))
        figure, word = live.locator(".figure").bounding_box(), live.locator("#phase").bounding_box()
        assert figure and word
        seen.add((round(figure["height"]), round(word["y"])))
    assert len(seen) == 1, seen


def test_hiding_the_numbers_leaves_the_ring(live: Page, dashboard: Dashboard) -> None:
    guided(dashboard, "melt", since_s=time.monotonic() - 3.0)
    live.get_by_role("button", name="Hide numbers").tap()
    expect(live.locator("#seconds")).to_be_hidden()
    expect(live.locator(".pace-ring")).to_be_visible()


def test_ended_while_lying_says_that_nothing_is_recorded_and_how_to_begin_again(live: Page, dashboard: Dashboard) -> None:
    guided(dashboard, ended=True)
    expect(live.locator("#phase")).to_have_text("Ended")
    expect(live.locator("#guide")).to_contain_text("Nothing is recorded")
    live.get_by_role("button", name="Start again").tap()
    until(live, "!document.querySelector('#again').disabled")
    assert sent(dashboard, "session_start")


def test_steps_are_skipped_repeated_and_gone_back_to(live: Page, dashboard: Dashboard) -> None:
    guided(dashboard)
    for name, command in (("Skip", "guide_skip"), ("Repeat", "guide_repeat"), ("Back", "guide_back")):
        live.get_by_role("button", name=name, exact=True).tap()
        once_sent(live, dashboard, command)


def test_after_a_lift_two_touches_say_how_it_was_and_growing_is_only_offered(live: Page, dashboard: Dashboard) -> None:
    guided(dashboard)
    expect(live.locator("#feel")).to_be_hidden()
    dashboard.station.event(
        "repetition", kind="leg", side="left", lifts=[lift("leg_l", 10.0, 14.2, 19.7, 27.0)], reported_at_s=27.5
    )
    guided(dashboard)
    expect(live.get_by_role("button", name="A little larger")).to_be_hidden()
    live.get_by_role("button", name="Too much").tap()
    assert once_sent(live, dashboard, "guide_feel") == [{"feel": "too_much"}]
    expect(live.locator("#feel")).to_be_hidden()


# The tablet's own ears ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def audible(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """A page with stubbed audio that has been touched, somebody practising."""
    dashboard.station.state("rest")
    with browser.new_context(has_touch=True) as context:
        page = context.new_page()
        page.add_init_script(AUDIO)
        page.goto(dashboard.url)
        expect(page.locator("#phase")).to_have_text("Rest")
        page.locator("#stage").tap()
        expect(page.locator("#silent")).to_be_hidden()
        page.wait_for_timeout(500)
        yield page


def test_a_lost_line_is_told_by_the_tablet_itself_once_and_its_return_too(audible: Page, dashboard: Dashboard) -> None:
    audible.context.set_offline(True)
    expect(audible.locator("#lost")).to_be_visible(timeout=3000)
    dashboard.live.interrupt()
    audible.wait_for_timeout(3500)
    assert audible.evaluate("played.length") == 0, "a short break is no news"
    until(audible, "played.length === 1", patience=150)
    audible.wait_for_timeout(3000)
    assert audible.evaluate("played.length") == 1, "told once"
    audible.context.set_offline(False)
    expect(audible.locator("#lost")).to_be_hidden(timeout=15_000)
    until(audible, "played.length === 2")


def test_an_audio_clock_that_stands_still_is_noticed_made_anew_and_said(audible: Page) -> None:
    audible.evaluate("window.stands = true")
    expect(audible.locator("#silent")).to_be_visible(timeout=6000)
    assert audible.evaluate("contexts.length") >= 2
    audible.evaluate("window.stands = false")
    expect(audible.locator("#silent")).to_be_hidden(timeout=6000)


def test_after_a_sleep_in_which_the_clock_stood_still_no_sound_is_late(audible: Page, dashboard: Dashboard) -> None:
    # The tablet slept for 300 s: the wall clock went on, performance.now did not.
    audible.evaluate("(() => { const real = performance.now.bind(performance); performance.now = () => real() - 300000; })()")
    audible.wait_for_timeout(1500)
    dashboard.station.cue("count", time.monotonic() + 0.8)
    until(audible, "played.length === 1")
    assert 0.1 < audible.evaluate("played[0].at") <= 0.81


@pytest.mark.parametrize(("size", "language"), [((1024, 768), "en"), ((1100, 700), "de")])
def test_with_people_to_choose_from_the_faces_stand_above_the_row_with_start(
    strict_page: Page, own_dashboard: Dashboard, size: tuple[int, int], language: str
) -> None:
    with Store(own_dashboard.app.extensions["backlift"].config.database) as store:
        for name in ("Anna", "Benedikt"):
            store.person_add(name)
    own_dashboard.station.state(presence="empty")
    strict_page.set_viewport_size({"width": size[0], "height": size[1]})
    strict_page.goto(f"{own_dashboard.url}/?lang={language}")
    expect(strict_page.locator("#who [data-person]")).to_have_count(3)
    # The page is laid out once it knows that nobody is there.
    expect(strict_page.locator("#begin")).to_be_visible()
    faces, start = (strict_page.locator(selector).bounding_box() for selector in ("#arrival", "#start"))
    assert faces and start and faces["y"] + faces["height"] <= start["y"]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [740, 768, 1024, 1280])
def test_on_a_tablet_every_icon_of_the_bar_has_a_word_that_fits(
    strict_page: Page, dashboard: Dashboard, width: int, language: str
) -> None:
    strict_page.set_viewport_size({"width": width, "height": 768})
    strict_page.goto(f"{dashboard.url}/?lang={language}")
    assert strict_page.locator("html").get_attribute("lang") == language
    boxes = strict_page.evaluate(
        "[...document.querySelectorAll('.bar nav a, .bar .tool')].map((one) => {"
        "  const box = one.getBoundingClientRect(), word = one.querySelector('span').getBoundingClientRect();"
        "  return [box.left, box.right, word.width, word.left, word.right] })"
    )
    assert len(boxes) == 11
    for (left, right, word_width, word_left, word_right), after in zip(boxes, [*boxes[1:], [width]], strict=True):
        assert word_width > 15 and left <= word_left and word_right <= right <= after[0] + 0.5
