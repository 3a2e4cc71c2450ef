"""The exam screen's timer: lines 1 to 7."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from app.exam.clock import TimeOption
from app.store import tables
from tests.browser.conftest import Visit
from tests.browser.held import Held
from tests.browser.servers import ThreadServer
from tests.browser.sitting import Sitting
from tests.browser.test_ending import leave_seconds
from tests.browser.test_resume import TOLERANCE, seconds_left
from tests.browser.visitor import PASSWORD, Visitor


def shown(sitting: Sitting) -> int:
    """The seconds left that the page shows."""
    return seconds_left(sitting.page.locator("#clock").inner_text())


def at_server(sitting: Sitting, server: ThreadServer) -> float:
    """The seconds left that the server knows of."""
    left = server.attempt(sitting.attempt_id).clock.remaining(server.clock.now())
    assert left is not None
    return left.total_seconds()


def test_line_01_the_server_owns_the_deadline(visitor: Visitor, server: ThreadServer) -> None:
    sitting = visitor.start()
    deadline = server.attempt(sitting.attempt_id).clock.deadline_at
    server.clock.skip(minutes=10)
    second = visitor.resume(sitting.attempt_id)
    sitting.reload()
    for tab in (sitting, second):
        assert abs(shown(tab) - at_server(tab, server)) <= TOLERANCE
    assert server.attempt(sitting.attempt_id).clock.deadline_at == deadline


@pytest.mark.parametrize("hours", [-3, 3])
def test_line_01_f11_a_changed_clock_of_the_computer_does_not_move_the_deadline(
    visitor: Visitor, server: ThreadServer, hours: int
) -> None:
    sitting = visitor.start()
    with sitting.page.expect_response(lambda answer: answer.url.endswith("/state")):
        sitting.page.evaluate(
            "hours => { const real = Date.now; Date.now = () => real() + hours * 3600000; }", hours
        )
    sitting.choose(0)
    sitting.saved()
    assert abs(shown(sitting) - at_server(sitting, server)) <= TOLERANCE


def test_line_01_f15_a_slow_answer_does_not_bring_the_end_forward(
    visitor: Visitor, server: ThreadServer
) -> None:
    sitting = visitor.start()
    asked, end = Held(sitting.page, "**/state"), Held(sitting.page, "**/end")
    server.clock.skip(seconds=at_server(sitting, server) - 5)
    sitting.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    request = asked.next()
    sitting.page.wait_for_timeout(3000)
    request.continue_()
    expect(sitting.section.locator(".option input").first).to_be_disabled()
    assert at_server(sitting, server) == 0
    end.let_go()


def test_line_02_a_click_hides_and_shows_the_time(visitor: Visitor) -> None:
    page = visitor.start().page
    page.get_by_role("button", name="Hide the time left").click()
    expect(page.locator("#clock")).to_be_hidden()
    page.get_by_role("button", name="Show the time left").click()
    expect(page.locator("#clock")).to_be_visible()


def test_line_02_a_hidden_timer_comes_back_at_five_minutes(visitor: Visitor, server: ThreadServer) -> None:
    sitting = visitor.start()
    sitting.page.locator("#clock-toggle").click()
    leave_seconds(sitting, server, 360)
    expect(sitting.page.locator("#clock")).to_have_text(re.compile("0:0[56]:.."))
    expect(sitting.page.locator("#clock")).to_be_hidden()
    leave_seconds(sitting, server, 301)
    expect(sitting.page.locator("#clock")).to_be_visible()
    assert shown(sitting) <= 300


def test_line_03_warnings_at_30_15_5_and_1_minutes_are_never_modal(
    visitor: Visitor, server: ThreadServer
) -> None:
    sitting = visitor.start()
    warning = sitting.page.locator("#time-warning")
    expect(warning).to_have_attribute("role", "status")
    expect(warning).to_be_empty()
    sitting.section.locator(".option input").first.focus()
    for minutes in (30, 15, 5, 1):
        leave_seconds(sitting, server, minutes * 60 + 1)
        expect(warning).to_have_text("1 minute left" if minutes == 1 else f"{minutes} minutes left")
        expect(sitting.section.locator(".option input").first).to_be_focused()
    expect(sitting.page.locator("dialog[open]")).to_have_count(0)


def test_line_04_the_timer_is_not_announced_every_second(visitor: Visitor) -> None:
    clock = visitor.start().page.get_by_role("timer")
    expect(clock).to_have_accessible_name("Time left")
    live: list[str] = clock.evaluate(
        """timer => { const found = [];
            for (let at = timer; at; at = at.parentElement) {
                found.push(at.getAttribute("aria-live") ?? "off");
                if (["status", "alert", "log"].includes(at.getAttribute("role"))) found.push("polite");
            }
            return found; }"""
    )
    assert set(live) == {"off"}


@pytest.mark.parametrize("option", list(TimeOption))
def test_line_05_each_time_option_is_given_and_the_report_shows_it(
    visitor: Visitor, server: ThreadServer, option: TimeOption
) -> None:
    sitting = visitor.start(time=option.value)
    allowed = option.allowed(40)
    stored = server.attempt(sitting.attempt_id).clock
    assert allowed == (None if stored.deadline_at is None else stored.deadline_at - stored.started_at)
    if allowed is None:
        expect(sitting.page.locator(".clock")).to_have_text("Untimed")
    else:
        assert abs(shown(sitting) - allowed.total_seconds()) <= TOLERANCE
    sitting.end()
    expect(sitting.page.get_by_role("definition").filter(has_text=option.label)).to_be_visible()


def test_line_05_strict_is_the_default_and_has_no_pause(visitor: Visitor) -> None:
    page = visitor.open("/exams/quick")
    expect(page.locator("[name=mode][value=strict]")).to_be_checked()
    expect(page.locator("[name=time_option][value=standard]")).to_be_checked()
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/*")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_line_05_a_pause_stops_the_clock_and_the_report_says_so(
    visitor: Visitor, server: ThreadServer
) -> None:
    sitting = visitor.start(mode="pausable")
    before = shown(sitting)
    sitting.page.get_by_role("button", name="Pause").click()
    expect(sitting.page.get_by_role("heading", level=1)).to_have_text("Paused")
    expect(sitting.page.locator(".stem")).to_have_count(0)
    server.clock.skip(hours=3)
    sitting.page.get_by_role("button", name="Resume").click()
    visitor.sitting(sitting.page)
    assert abs(shown(sitting) - before) <= TOLERANCE
    sitting.end()
    expect(sitting.page.locator(".conditions")).to_contain_text("pausable")


def log_out_everywhere(server: ThreadServer, attempt_id: int) -> None:
    """The log-in of this candidate has expired."""
    person_id = server.attempt(attempt_id).person_id
    with server.database.writing() as tx:
        tx.execute(delete(tables.session).where(tables.session.c.person_id == person_id))


def test_line_07_f34_an_expired_log_in_loses_no_answer(visit: Visit, server: ThreadServer) -> None:
    visitor = visit()
    visitor.expect_complaint("status of 4(01|22)|Error Code 401")
    visitor.register("sleepy")
    sitting = visitor.start()
    sitting.go(3)
    sitting.saved()
    log_out_everywhere(server, sitting.attempt_id)
    token = sitting.choose(0)
    dialog = sitting.page.get_by_role("dialog", name="Log in again")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Name").fill("sleepy")
    dialog.get_by_label("Password").fill("not the password")
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.get_by_role("alert")).to_have_text("Name or password is wrong.")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog).to_be_hidden()
    sitting.shown(3)
    sitting.saved()
    assert server.choices(sitting.attempt_id) == {3: {token}}


def test_line_07_answers_wait_when_logging_in_is_put_off(visit: Visit, server: ThreadServer) -> None:
    visitor = visit()
    visitor.expect_complaint("status of 401|Error Code 401")
    visitor.register("dozy")
    sitting = visitor.start()
    position = sitting.single
    sitting.go(position)
    sitting.saved()
    log_out_everywhere(server, sitting.attempt_id)
    chosen = {position: {sitting.choose(0)}}
    dialog = sitting.page.get_by_role("dialog", name="Log in again")
    dialog.get_by_role("button", name="Not now").click()
    other = sitting.multiple
    chosen[other] = sitting.answer(other)
    expect(sitting.page.locator("#saved")).to_have_text("Not saved yet")
    sitting.page.locator("#notice").get_by_role("button", name="Log in").click()
    dialog.get_by_label("Name").fill("dozy")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    sitting.saved()
    assert server.choices(sitting.attempt_id) == chosen
