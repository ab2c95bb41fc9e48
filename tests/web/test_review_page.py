"""The review in a real browser: the trace, corrections by hand, melts over each other."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import Dashboard, until
from playwright.sync_api import Page, Response, expect

from hardware.errors import BackliftError
from station.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def dashboard(own_dashboard: Dashboard) -> Dashboard:
    return own_dashboard


@pytest.fixture
def review(strict_page: Page, dashboard: Dashboard) -> Page:
    """The first session, drawn."""
    strict_page.goto(f"{dashboard.url}/sessions/1")
    # Drawn coarsely, and then in the fineness of the screen.
    expect(strict_page.locator('#plot[data-finer="1"]')).to_be_visible()
    return strict_page


def test_from_the_list_to_a_session_and_back(strict_page: Page, dashboard: Dashboard) -> None:
    strict_page.goto(f"{dashboard.url}/sessions")
    # The newest day is listed; the others are a tap on their day away.
    expect(strict_page.locator(".entry")).to_have_count(1)
    days = strict_page.locator("a.cell")
    expect(days).to_have_count(len(dashboard.sessions))
    days.first.tap()
    strict_page.locator(".entry").tap()
    expect(strict_page.locator("#plot canvas")).to_be_visible()
    strict_page.get_by_role("link", name="Sessions").first.tap()
    expect(strict_page.locator(".calendar")).to_be_visible()


def test_zooming_fetches_finer_points_for_what_is_seen(review: Page) -> None:
    with review.expect_response("**/trace?t0_s=*") as answer:
        review.get_by_role("button", name="Zoom in", exact=True).tap()
    assert answer.value.ok and "pixels=" in answer.value.url


def test_pinching_zooms_in_around_the_fingers(review: Page) -> None:
    box = review.locator("#plot .u-over").bounding_box()
    assert box
    client = review.context.new_cdp_session(review)
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def touch(kind: str, *xs: float) -> None:
        client.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": i} for i, x in enumerate(xs)]}
        )

    def asked_s(answer: Response) -> float:
        query = parse_qs(urlsplit(answer.url).query)
        return float(query["t1_s"][0]) - float(query["t0_s"][0]) if "t0_s" in query else 0.0

    # Fingers from 80 to 400 px apart: a fifth of the session, and half of that again on either side.  What is asked for on
    # the way there is another matter.
    with review.expect_response(lambda answer: asked_s(answer) == pytest.approx(140.0 / 5 * 2, rel=0.2)):
        touch("touchStart", middle - 40, middle + 40)
        for spread in range(60, 220, 20):
            touch("touchMove", middle - spread, middle + spread)
        touch("touchEnd")


@pytest.fixture
def lift(review: Page) -> Page:
    """The session's first lift, opened by a tap."""
    review.locator(".lift-open").first.tap()
    expect(review.locator("#lift-view[data-drawn]")).to_be_visible()
    return review


def knob(page: Page, boundary: str) -> tuple[float, float]:
    box = page.locator(f".knob-{boundary}").bounding_box()
    assert box and min(box["width"], box["height"]) >= 44
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def corrections(dashboard: Dashboard) -> list[dict[str, object]]:
    return [args for name, args in dashboard.station.commands if name == "correction_add"]


def test_a_tap_opens_the_lift_in_full_and_back_closes_it(lift: Page, dashboard: Dashboard) -> None:
    assert lift.url.endswith(f"/sessions/1/lifts/{dashboard.reader.session(1).repetitions[0].lifts[0].id}")
    plot = lift.locator("#lift-plot").bounding_box()
    assert plot and plot["height"] >= 320
    expect(lift.locator("#session-page")).to_be_hidden()
    lift.go_back()
    expect(lift.locator("#session-page")).to_be_visible()
    expect(lift.locator("#lift-view")).to_have_count(0)
    expect(lift.locator(".lift-open").first).to_be_focused()


def test_a_lift_is_a_page_of_its_own_too(strict_page: Page, dashboard: Dashboard) -> None:
    strict_page.goto(f"{dashboard.url}/sessions/1/lifts/2")
    expect(strict_page.locator("#lift-view[data-drawn]")).to_be_visible()
    strict_page.keyboard.press("ArrowLeft")
    expect(strict_page.locator('#lift-view[data-lift="1"]')).to_be_visible()
    strict_page.locator("[data-lift-close]").tap()
    strict_page.wait_for_url("**/sessions/1")


def test_the_crosshair_reads_time_and_load(lift: Page, dashboard: Dashboard) -> None:
    box = lift.locator("#lift-plot .u-over").bounding_box()
    assert box
    landing_x, _ = knob(lift, "touch_down")
    lift.mouse.move(landing_x + 40, box["y"] + 100)
    expect(lift.locator("#lift-readout")).to_contain_text("after touch-down")
    expect(lift.locator("#lift-readout")).to_contain_text("%")
    lift.mouse.move(box["x"] + 2, box["y"] + 100)
    expect(lift.locator("#lift-readout")).to_contain_text("before it began")


def test_an_edge_is_moved_by_its_knob_and_everything_follows(lift: Page, dashboard: Dashboard) -> None:
    before = dashboard.reader.session(1).repetitions[0].lifts[0]
    sentence = lift.locator(".sentence").text_content()
    x, y = knob(lift, "melt_end")
    lift.mouse.move(x, y)
    lift.mouse.down()
    lift.mouse.move(x + 90, y, steps=6)
    expect(lift.locator("#lift-readout")).to_contain_text(f"(was {before.melt_s:.1f})")
    lift.mouse.up()
    expect(lift.locator("#lift-told")).to_contain_text("End of the melt moved by hand")
    expect(lift.locator("#lift-told")).to_contain_text(f"melt {before.melt_s:.1f} s")
    after = dashboard.reader.session(1).repetitions[0].lifts[0]
    assert after.lift.melt_end > before.lift.melt_end + 0.5
    assert after.original.melt_end == before.original.melt_end
    lift.go_back()
    expect(lift.locator(".sentence")).not_to_have_text(sentence or "")
    expect(lift.locator(".lift").first).to_contain_text("moved by hand")


def test_less_than_eight_pixels_and_straight_down_move_nothing(lift: Page, dashboard: Dashboard) -> None:
    x, y = knob(lift, "melt_end")
    lift.mouse.move(x, y)
    lift.mouse.down()
    lift.mouse.move(x + 7, y + 60, steps=4)
    lift.mouse.up()
    assert knob(lift, "melt_end") == (x, y)
    assert corrections(dashboard) == []


@pytest.mark.parametrize("ending", ["cancelled", "second finger", "escape"])
def test_what_was_not_meant_is_put_back_and_not_sent(lift: Page, dashboard: Dashboard, ending: str) -> None:
    client = lift.context.new_cdp_session(lift)
    x, y = knob(lift, "melt_end")

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    if ending == "escape":
        lift.locator(".knob-melt_end").press("ArrowRight")
        lift.keyboard.press("Escape")
    else:
        touch("touchStart", (x, y))
        for by in range(5, 60, 5):
            touch("touchMove", (x + by, y))
        if ending == "cancelled":
            touch("touchCancel")
        else:
            touch("touchStart", (x + 55, y), (300, 300))
            touch("touchMove", (x + 95, y), (340, 300))
            touch("touchEnd")
    expect(lift.locator("#toast")).to_contain_text("Put back")
    lift.wait_for_timeout(1500)
    assert knob(lift, "melt_end") == pytest.approx((x, y), abs=0.5)
    assert corrections(dashboard) == []


def test_an_edge_cannot_be_moved_past_its_neighbour(lift: Page, dashboard: Dashboard) -> None:
    x, y = knob(lift, "touch_down")
    lift.mouse.move(x, y)
    lift.mouse.down()
    lift.mouse.move(x - 900, y, steps=5)
    lift.mouse.up()
    expect(lift.locator("#lift-told")).to_contain_text("Touch-down moved by hand")
    times = dashboard.reader.session(1).repetitions[0].lifts[0].lift
    assert times.lift_off < times.touch_down < times.melt_end


def test_five_arrow_presses_are_one_correction_with_one_undo(lift: Page, dashboard: Dashboard) -> None:
    was = dashboard.reader.session(1).repetitions[0].lifts[0]
    handle = lift.locator(".knob-lift_off")
    handle.focus()
    for _ in range(5):
        lift.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", re.compile(r"\(was"))
    expect(lift.locator("#lift-told")).to_contain_text("Lift-off moved by hand")
    expect(handle).to_be_focused()
    assert [args["t_s"] for args in corrections(dashboard)] == [pytest.approx(was.lift.lift_off + 0.25, abs=1e-6)]
    assert float(handle.get_attribute("aria-valuemin") or "nan") < float(handle.get_attribute("aria-valuenow") or "nan")
    lift.locator("#lift-told [data-do=undo]").tap()
    expect(lift.locator("#lift-told")).not_to_contain_text("moved by hand")
    assert dashboard.reader.session(1).repetitions[0].lifts[0].lift == was.lift


def test_keys_go_through_phases_and_lifts(lift: Page, dashboard: Dashboard) -> None:
    places = []
    for key in "1234":
        lift.keyboard.press(key)
        places.append(float(lift.locator("#scrub-at").input_value()))
    assert places == sorted(places) and len(set(places)) == 4
    lift.keyboard.press("ArrowRight")
    second = dashboard.reader.session(1).repetitions[1].lifts[0].id
    expect(lift.locator(f'#lift-view[data-lift="{second}"][data-drawn]')).to_be_visible()
    lift.keyboard.press("Escape")
    expect(lift.locator("#session-page")).to_be_visible()


def test_a_replay_says_the_word_of_its_moment_and_sounds_the_cues(review: Page, dashboard: Dashboard) -> None:
    times = dashboard.reader.session(1).repetitions[0].lifts[0].lift
    review.locator(".lift-open").first.tap()
    expect(review.locator("#lift-view[data-drawn]")).to_be_visible()
    with review.expect_response("**/sounds/**/touch_down.wav"):
        review.locator('[data-speed="4"]').tap()
        review.locator("#play").tap()
        until(review, "document.querySelector('#replay-word').dataset.phase === 'aloft'", patience=800)
        until(review, "document.querySelector('#replay-word').dataset.phase === 'melt'", patience=800)
    assert times.touch_down is not None
    review.keyboard.press(" ")


def test_what_was_no_lift_is_struck_out_and_brought_back(lift: Page, dashboard: Dashboard) -> None:
    lift.locator("[data-do=strike]").tap()
    expect(lift.locator("[data-do=strike]")).to_have_count(0)
    assert dashboard.reader.session(1).repetitions[0].lifts[0].not_a_lift
    lift.locator("[data-do=undo]").tap()
    expect(lift.locator("[data-do=strike]")).to_be_visible()
    assert not dashboard.reader.session(1).repetitions[0].lifts[0].not_a_lift


def test_a_note_on_a_lift_and_one_on_the_session_are_kept(lift: Page, dashboard: Dashboard) -> None:
    lift.locator("#lift-note").fill("the jaw let go too")
    expect(lift.locator("#lift-note-state")).to_have_text("Saved")
    lift.go_back()
    expect(lift.locator(".lift").first).to_contain_text("the jaw let go too")
    # Without leaving the field: what is typed is kept.
    lift.locator("#note").fill("warm afterwards")
    expect(lift.locator("#note-state")).to_have_text("Saved")
    assert dashboard.reader.session(1).summary.note == "warm afterwards"


def test_when_the_station_declines_the_page_says_why(lift: Page, dashboard: Dashboard) -> None:
    def declines(_: object) -> None:
        raise ValueError("the card is full; free some room first")

    dashboard.station.answers["correction_add"] = declines
    lift.locator("[data-do=strike]").tap()
    expect(lift.locator("#toast")).to_contain_text("the card is full")


def test_nothing_entered_is_lost_while_nobody_answers(lift: Page, dashboard: Dashboard) -> None:
    lift.context.set_offline(True)
    lift.locator("#lift-note").fill("written in the dark")
    expect(lift.locator("#toast")).to_contain_text("kept here")
    lift.locator(".knob-melt_end").press("ArrowRight")
    lift.keyboard.press("Enter")
    lift.wait_for_timeout(300)
    assert "fetch" not in (lift.locator("#toast").text_content() or "")
    lift.context.set_offline(False)
    expect(lift.locator("#toast")).to_contain_text("is saved", timeout=10_000)
    record = dashboard.reader.session(1)
    assert [note.text for note in record.notes if note.limb] == ["written in the dark"]
    assert len(corrections(dashboard)) == 1


def test_melts_of_a_limb_are_laid_over_each_other(review: Page) -> None:
    review.locator("#melts").scroll_into_view_if_needed()
    buttons = review.locator("#melt-limbs button")
    expect(buttons.first).to_have_attribute("aria-pressed", "true")
    expect(review.locator("#melts canvas")).to_be_visible()
    buttons.last.tap()
    expect(buttons.last).to_have_attribute("aria-pressed", "true")


def test_deleting_asks_once_and_then_does_it(review: Page, dashboard: Dashboard) -> None:
    review.locator("#delete").tap()
    review.get_by_role("button", name="Keep it").tap()
    expect(review.locator("dialog")).to_be_hidden()
    review.locator("#delete").tap()
    review.locator("dialog").get_by_role("button", name="Delete").tap()
    review.wait_for_url("**/sessions")
    assert 1 not in [session.id for session in dashboard.reader.sessions()]


def test_a_session_is_given_to_another_person_and_a_refusal_takes_it_back(strict_page: Page, dashboard: Dashboard) -> None:
    strict_page.goto(f"{dashboard.url}/sessions/1")
    expect(strict_page.locator("#person")).to_have_count(0)  # nobody to choose from
    with Store(dashboard.app.extensions["backlift"].config.database) as store:
        anna, ben = (store.person_add(name).id for name in ("Anna", "Ben"))
    strict_page.reload()
    who = strict_page.get_by_label("Who practised")
    expect(who).to_have_value("")
    who.select_option("Ben")
    expect(strict_page.get_by_text("Saved", exact=True)).to_be_visible()
    assert dashboard.reader.session(1).summary.person_id == ben

    def declined(args: dict[str, object]) -> None:
        raise BackliftError("not now")

    dashboard.station.answers["session_person_set"] = declined
    who.select_option("Anna")
    expect(strict_page.get_by_text("not now")).to_be_visible()
    expect(who).to_have_value(str(ben))
    strict_page.reload()
    expect(who).to_have_value(str(ben))
    assert dashboard.reader.session(1).summary.person_id != anna
