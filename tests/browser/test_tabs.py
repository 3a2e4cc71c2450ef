"""Two tabs on one attempt."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.held import Held
from tests.browser.visitor import Visitor


def test_line_35_f19_a_stale_save_is_refused_and_the_tab_shows_the_newest_answer(visitor: Visitor) -> None:
    visitor.expect_complaint("409")
    first = visitor.start()
    position = first.single
    first.go(position)
    second = visitor.resume(first.attempt_id)
    second.go(position)
    second.saved()
    newest = first.choose(0)
    first.saved()
    with second.page.expect_response(lambda answer: "/responses/" in answer.url and answer.status == 409):
        second.choose(1)
    expect(second.page.locator("#notice")).to_contain_text("Changed in another tab or device")
    assert second.checked(position) == {newest}
    assert second.server.choices(first.attempt_id) == {position: {newest}}


def test_after_a_conflict_the_same_tab_can_change_the_answer(visitor: Visitor) -> None:
    visitor.expect_complaint("409")
    first = visitor.start()
    position = first.single
    first.go(position)
    second = visitor.resume(first.attempt_id)
    second.go(position)
    second.saved()
    first.choose(0)
    first.saved()
    second.choose(1)
    expect(second.page.locator("#notice")).to_contain_text("Changed in another tab")
    wanted = second.choose(2)
    second.saved()
    assert second.server.choices(first.attempt_id) == {position: {wanted}}


def test_f18_a_tab_that_comes_to_the_front_shows_the_newest_answers(visitor: Visitor) -> None:
    first = visitor.start()
    second = visitor.resume(first.attempt_id)
    chosen = first.answer(4)
    first.saved()
    second.catch_up()
    expect(second.page.locator("#q4")).to_have_attribute("data-progress", "answered")
    assert second.checked(4) == chosen


def test_an_answer_that_another_tab_sent_is_shown_there_and_not_lost(visitor: Visitor) -> None:
    visitor.expect_complaint("409|^htmx:")
    first = visitor.start()
    second = visitor.resume(first.attempt_id)
    Held(first.page, "**/responses/*")
    chosen = first.answer(4)
    second.answer(2)
    second.saved()  # first could send nothing
    second.catch_up()
    expect(second.page.locator(".numbers a[href='#q4']")).to_have_attribute("data-progress", "answered")
    second.go(4)
    assert second.checked(4) == chosen
    second.page.locator("#flag").click()
    second.saved()
    assert second.server.choices(first.attempt_id)[4] == chosen


def test_f18_two_devices_that_answer_different_questions_both_keep_their_answers(visit: Visit) -> None:
    name = "twohands"
    one, two = visit(), visit()
    two.expect_complaint(
        "409"
    )  # both had question 1 on screen, so one of them hears that it was seen elsewhere
    one.register(name)
    first = one.start()
    two.log_in(name)
    second = two.resume(first.attempt_id)
    chosen = {1: first.answer(1)}
    first.saved()  # before the other device leaves question 1, which is a save, too
    chosen[2] = second.answer(2)
    second.saved()
    assert first.server.choices(first.attempt_id) == chosen
