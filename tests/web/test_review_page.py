"""The review in a real browser: the trace, corrections by hand, melts over each other."""

from __future__ import annotations

import pytest
from conftest import Dashboard
from playwright.sync_api import Page, expect

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


def first_lift(page: Page) -> str:
    return str(page.locator("[data-lift]").first.get_attribute("data-lift"))


def test_from_the_list_to_a_session_and_back(strict_page: Page, dashboard: Dashboard) -> None:
    strict_page.goto(f"{dashboard.url}/sessions")
    strict_page.locator(".entry").last.tap()
    expect(strict_page.locator("#plot canvas")).to_be_visible()
    strict_page.get_by_role("link", name="Sessions").first.tap()
    expect(strict_page.locator(".entry")).to_have_count(len(dashboard.sessions))


def test_zooming_fetches_finer_points_for_what_is_seen(review: Page) -> None:
    with review.expect_response("**/trace?t0_s=*") as answer:
        review.get_by_role("button", name="Closer", exact=True).tap()
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

    with review.expect_response("**/trace?t0_s=*") as answer:
        touch("touchStart", middle - 40, middle + 40)
        for spread in range(60, 220, 20):
            touch("touchMove", middle - spread, middle + spread)
        touch("touchEnd")
    query = dict(part.split("=") for part in answer.value.url.partition("?")[2].split("&"))
    asked_s = float(query["t1_s"]) - float(query["t0_s"])
    # Fingers from 80 to 400 px apart: a fifth of the session, and half of that again on either side.
    assert asked_s == pytest.approx(140.0 / 5 * 2, rel=0.2)


def test_a_boundary_is_dragged_and_the_original_stays_visible(review: Page, dashboard: Dashboard) -> None:
    lift = first_lift(review)
    before = dashboard.reader.session(1).repetitions[0].lifts[0]
    review.locator(f"#lift-{lift} [data-do=closer]").tap()
    handle = review.locator(".handle-melt_end")
    expect(handle).to_be_visible()
    box = handle.bounding_box()
    assert box and box["width"] >= 44
    review.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    review.mouse.down()
    review.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2, steps=5)
    review.mouse.up()
    row = review.locator(f"#lift-{lift}")
    expect(row).to_contain_text("End of the melt moved by hand")
    expect(row).to_contain_text(f"melt {before.melt_s:.1f} s")
    after = dashboard.reader.session(1).repetitions[0].lifts[0]
    assert after.lift.melt_end > before.lift.melt_end + 0.2
    assert after.original.melt_end == before.original.melt_end
    row.locator("[data-do=undo]").tap()
    expect(row).not_to_contain_text("moved by hand")
    assert dashboard.reader.session(1).repetitions[0].lifts[0].lift == before.lift


def test_a_boundary_cannot_be_dragged_past_its_neighbour(review: Page, dashboard: Dashboard) -> None:
    lift = first_lift(review)
    review.locator(f"#lift-{lift} [data-do=closer]").tap()
    handle = review.locator(".handle-touch_down")
    box = handle.bounding_box()
    assert box
    review.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    review.mouse.down()
    review.mouse.move(box["x"] - 900, box["y"] + 40, steps=5)
    review.mouse.up()
    expect(review.locator(f"#lift-{lift}")).to_contain_text("Touch-down moved by hand")
    times = dashboard.reader.session(1).repetitions[0].lifts[0].lift
    assert times.lift_off < times.touch_down < times.melt_end


def test_handles_move_with_the_keyboard_too(review: Page, dashboard: Dashboard) -> None:
    lift = first_lift(review)
    was = dashboard.reader.session(1).repetitions[0].lifts[0].lift.lift_off
    review.locator(f"#lift-{lift} [data-do=closer]").tap()
    review.locator(".handle-lift_off").press("ArrowRight")
    expect(review.locator(f"#lift-{lift}")).to_contain_text("Lift-off moved by hand")
    assert dashboard.reader.session(1).repetitions[0].lifts[0].lift.lift_off == pytest.approx(was + 0.05, abs=0.011)


def test_what_was_no_lift_is_struck_out_and_brought_back(review: Page, dashboard: Dashboard) -> None:
    lift = first_lift(review)
    row = review.locator(f"#lift-{lift}")
    row.locator("[data-do=closer]").tap()
    row.locator("[data-do=strike]").tap()
    expect(row).to_contain_text("not a lift")
    assert dashboard.reader.session(1).repetitions[0].lifts[0].not_a_lift
    row.locator("[data-do=undo]").tap()
    expect(row.locator("[data-do=strike]")).to_be_visible()
    assert not dashboard.reader.session(1).repetitions[0].lifts[0].not_a_lift


def test_a_note_on_a_lift_and_one_on_the_session_are_kept(review: Page, dashboard: Dashboard) -> None:
    lift = first_lift(review)
    row = review.locator(f"#lift-{lift}")
    row.locator("[data-do=closer]").tap()
    row.locator("[data-do=note]").tap()
    row.locator("textarea").fill("the jaw let go too")
    row.locator("textarea").blur()
    expect(row.locator(".lift-note")).to_have_text("the jaw let go too")
    review.locator("#note").fill("warm afterwards")
    review.locator("#note").blur()
    expect(review.locator("#note-state")).to_have_text("Saved")
    assert dashboard.reader.session(1).summary.note == "warm afterwards"


def test_when_the_station_declines_the_page_says_why(review: Page, dashboard: Dashboard) -> None:
    def declines(_: object) -> None:
        raise ValueError("the card is full; free some room first")

    dashboard.station.answers["correction_add"] = declines
    lift = first_lift(review)
    review.locator(f"#lift-{lift} [data-do=closer]").tap()
    review.locator(f"#lift-{lift} [data-do=strike]").tap()
    expect(review.locator("#toast")).to_contain_text("the card is full")


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
