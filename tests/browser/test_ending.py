"""The end: by the candidate, by the clock, and after it there is no way back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.held import Held
from tests.browser.servers import ThreadServer
from tests.browser.sitting import Sitting
from tests.browser.visitor import Visitor

NO_ANSWER = r"net::ERR_|^htmx:(sendError|afterRequest)"


def leave_seconds(sitting: Sitting, server: ThreadServer, seconds: float) -> None:
    """Let time pass until so much is left; the page hears of it."""
    left = server.attempt(sitting.attempt_id).clock.remaining(server.clock.now())
    assert left is not None
    server.clock.skip(seconds=left.total_seconds() - seconds)
    sitting.catch_up()


def test_line_06_at_zero_the_exam_ends_by_itself(visitor: Visitor, server: ThreadServer) -> None:
    sitting = visitor.start()
    chosen = {position: sitting.answer(position) for position in (2, 1)}
    leave_seconds(sitting, server, 2)
    probes = Held(
        sitting.page, "**/healthz"
    )  # the page asks before it ends the exam, which it is about to leave then
    expect(sitting.page.locator("#notice")).to_contain_text("Time is up")
    expect(sitting.section.locator(".option input").first).to_be_disabled()
    probes.let_go()
    sitting.page.wait_for_url(sitting.report_url)
    expect(sitting.page.locator("main")).to_contain_text("Ended by the clock")
    assert server.choices(sitting.attempt_id) == chosen
    assert server.closings(sitting.attempt_id) == 1


def test_line_06_f14_what_arrives_within_the_grace_is_scored(visitor: Visitor, server: ThreadServer) -> None:
    visitor.expect_complaint(NO_ANSWER)
    sitting = visitor.start()
    visitor.context.set_offline(True)
    chosen = sitting.answer(1)
    server.clock.skip(minutes=40, seconds=5)
    visitor.context.set_offline(False)
    sitting.page.wait_for_url(sitting.report_url)
    assert server.choices(sitting.attempt_id) == {1: chosen}
    expect(sitting.page.locator("main")).not_to_contain_text("not scored")


def test_line_06_f14_later_answers_are_kept_and_shown_as_late(visitor: Visitor, server: ThreadServer) -> None:
    visitor.expect_complaint(NO_ANSWER)
    visitor.expect_complaint("409")
    sitting = visitor.start()
    visitor.context.set_offline(True)
    sitting.answer(sitting.single, 1)
    server.clock.skip(minutes=45)
    visitor.context.set_offline(False)
    sitting.page.wait_for_url(sitting.report_url)
    assert server.choices(sitting.attempt_id) == {}
    page = sitting.page
    expect(page.locator(".conditions")).to_contain_text("late answer")
    page.goto(page.url + "/review")
    expect(page.get_by_text("Late, not scored:")).to_be_visible()


def test_line_24_a_double_click_on_end_makes_one_submission(visitor: Visitor, server: ThreadServer) -> None:
    sitting = visitor.start()
    sitting.answer(1)
    posted: list[str] = []
    sitting.page.on(
        "request", lambda request: posted.append(request.url) if request.method == "POST" else None
    )
    sitting.page.locator(".leave a[href='#end']").click()
    end = Held(sitting.page, "**/end")  # else the second click might meet the report
    sitting.page.locator("#end-button").dblclick()
    end.let_go()
    sitting.page.wait_for_url(sitting.report_url)
    assert posted == [f"{server.address}{sitting.path}/end"]
    assert server.closings(sitting.attempt_id) == 1


def test_line_25_f17_back_shows_the_saved_answer(visitor: Visitor) -> None:
    sitting = visitor.start()
    chosen = sitting.answer(1)
    sitting.answer(2)
    sitting.saved()
    sitting.page.go_back()
    sitting.shown(1)
    assert sitting.checked(1) == chosen
    sitting.page.goto(sitting.server.address + "/attempts")
    sitting.page.go_back()
    visitor.sitting(sitting.page)
    assert sitting.checked(1) == chosen


def test_line_25_f17_x07_back_after_the_end_never_reopens_the_exam(visitor: Visitor) -> None:
    sitting = visitor.start()
    sitting.answer(1)
    sitting.answer(2)
    sitting.end()
    for _ in range(3):
        sitting.page.go_back()
        expect_no_exam(sitting.page, sitting)


def expect_no_exam(page: Page, sitting: Sitting) -> None:
    """Not the exam, wherever Back may lead: the report, or a page from before the start."""
    page.wait_for_url(lambda url: f"/attempts/{sitting.attempt_id}" not in url)
    expect(page.locator("section.question")).to_have_count(0)


def test_a_second_tab_goes_to_the_report_after_the_end(visitor: Visitor) -> None:
    sitting = visitor.start()
    second = visitor.resume(sitting.attempt_id)
    sitting.end()
    second.catch_up()
    second.page.wait_for_url(sitting.report_url)


def test_an_answer_in_a_second_tab_after_the_end_is_late(visitor: Visitor, server: ThreadServer) -> None:
    visitor.expect_complaint("409")
    sitting = visitor.start()
    second = visitor.resume(sitting.attempt_id)
    sitting.end()
    second.choose(0)
    second.page.wait_for_url(sitting.report_url)
    assert server.choices(sitting.attempt_id) == {}


@pytest.mark.parametrize("way", ["Pause", "Abandon"])
def test_untimed_and_pausable_exams_have_ways_of_their_own(visitor: Visitor, way: str) -> None:
    if way == "Pause":
        sitting = visitor.start(mode="pausable")
        sitting.choose(0)
        sitting.page.get_by_role("button", name="Pause").click()
        expect(sitting.page.get_by_role("heading", level=1)).to_have_text("Paused")
        sitting.page.get_by_role("button", name="Resume").click()
        assert len(visitor.sitting(sitting.page).checked(1)) == 1
    else:
        sitting = visitor.start(time="untimed")
        sitting.page.locator(".leave a[href='#end']").click()
        sitting.page.get_by_text("Abandon it instead").click()
        sitting.page.get_by_role("button", name="Yes, abandon it").click()
        expect(sitting.page.get_by_role("cell", name="Abandoned")).to_be_visible()
