"""Every page in every state that a person can meet: how to get there, and which route it is.

A route of the application without a state here makes a test fail.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from app.exam.person import Role
from app.store import people
from tests.browser.conftest import Visit
from tests.browser.marking import mark_up
from tests.browser.servers import ThreadServer
from tests.browser.sitting import Sitting
from tests.browser.towers import EMPTY, QUICK
from tests.browser.visitor import PASSWORD, Visitor

NOT_PAGES = {
    "/healthz": "a word for probes",
    "/readyz": "JSON for probes",
    "/attempts/{attempt_id}/state": "JSON for the exam page",
    "/attempts/{attempt_id}/questions/{position}": "a fragment: it is on the exam page, see the state conflict",
}
_numbers = count(1)


@dataclass
class Stage:
    """What a state is made from: visitors, and the server they visit; `bare` has no packs."""

    visit: Visit
    server: ThreadServer
    bare: ThreadServer

    def somebody(self, role: Role = Role.CANDIDATE) -> Visitor:
        """A visitor with an account of this role."""
        made = self.visit()
        name = f"person{os.getpid()}-{next(_numbers)}"
        made.register(name)
        if role is not Role.CANDIDATE:
            with self.server.database.writing() as tx:
                known = people.by_name(tx, name)
                assert known
                people.set_role(tx, known[0].id, Role.ADMIN)  # somebody must always be one
                people.set_role(tx, known[0].id, role)
        return made

    def guest(self) -> Visitor:
        """A visitor without an account."""
        return self.visit()

    def ended(self, answered: int = 0) -> Sitting:
        """An attempt with so many answers that has ended; its report is on screen."""
        sitting = self.guest().start()
        for position in range(1, answered + 1):
            sitting.answer(position)
        sitting.end()
        return sitting


@dataclass(frozen=True)
class State:
    """One state: its name, the route that serves it, and how to get there."""

    name: str
    route: str
    reach: Callable[[Stage], Page]


STATES: list[State] = []


def state(route: str) -> Callable[[Callable[[Stage], Page]], Callable[[Stage], Page]]:
    """Register a state of a route under the name of its function."""

    def registered(reach: Callable[[Stage], Page]) -> Callable[[Stage], Page]:
        STATES.append(State(reach.__name__, route, reach))
        return reach

    return registered


# Home and the page before the start ----------------------------------------


@state("/")
def home_of_a_stranger(stage: Stage) -> Page:
    return stage.guest().open("/")


@state("/")
def home_with_an_open_exam(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.start()
    return visitor.open("/")


@state("/")
def home_without_exams(stage: Stage) -> Page:
    return stage.visit(stage.bare).open("/")


@state("/exams/{exam_id}")
def before_the_start(stage: Stage) -> Page:
    return stage.guest().open(f"/exams/{QUICK}")


@state("/exams/{exam_id}")
def before_the_start_with_an_open_exam(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.start()
    return visitor.open(f"/exams/{QUICK}")


@state("/exams/{exam_id}")
def an_exam_with_too_few_items(stage: Stage) -> Page:
    return stage.guest().open(f"/exams/{EMPTY}")


# The exam ----------------------------------------


@state("/attempts/{attempt_id}")
def question(stage: Stage) -> Page:
    sitting = stage.guest().start()
    sitting.go(sitting.single)
    return sitting.page


@state("/attempts/{attempt_id}")
def question_answered_and_marked(stage: Stage) -> Page:
    sitting = stage.guest().start()
    mark_up(sitting, sitting.multiple)
    sitting.choose(2)
    sitting.page.locator(".scratch summary").click()
    sitting.saved()
    return sitting.page


@state("/attempts/{attempt_id}")
def question_highlighted_by_keyboard(stage: Stage) -> Page:
    sitting = stage.guest().start()
    sitting.section.locator("button.highlight").click()
    sitting.section.locator(".sentence").first.press("Enter")
    return sitting.page


@state("/attempts/{attempt_id}")
def question_with_text_selected(stage: Stage) -> Page:
    sitting = stage.guest().start()
    sitting.select_text(4, 9)
    expect(sitting.page.locator("#selection-tools")).to_be_visible()
    return sitting.page


@state("/attempts/{attempt_id}")
def question_changed_in_another_tab(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("409")
    first = visitor.start()
    second = visitor.resume(first.attempt_id)
    first.choose(0)
    first.saved()
    second.choose(1)
    expect(second.page.locator("#notice")).to_contain_text("Changed in another tab")
    return second.page


@state("/attempts/{attempt_id}")
def question_with_largest_text(stage: Stage) -> Page:
    page = stage.guest().start().page
    page.get_by_role("button", name="Display").click()
    page.get_by_role("radio", name="Largest").check()
    page.get_by_role("button", name="Close").click()
    return page


@state("/attempts/{attempt_id}")
def question_with_a_warning(stage: Stage) -> Page:
    sitting = stage.guest().start()
    stage.server.clock.skip(minutes=40 - 14.9)
    sitting.catch_up()
    expect(sitting.page.locator("#time-warning")).to_have_text("15 minutes left")
    return sitting.page


@state("/attempts/{attempt_id}")
def question_without_a_network(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("net::ERR_|^htmx:(sendError|afterRequest)")
    sitting = visitor.start()
    visitor.context.set_offline(True)
    sitting.choose(0)
    expect(sitting.page.locator("#banner")).to_contain_text("No connection")
    return sitting.page


@state("/attempts/{attempt_id}")
def question_locked_at_zero(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("net::ERR_|^htmx:(sendError|afterRequest)")
    sitting = visitor.start()
    stage.server.clock.skip(minutes=40, seconds=-2)
    sitting.catch_up()
    visitor.context.set_offline(True)  # so that the page stays
    expect(sitting.page.locator("#notice")).to_contain_text("Time is up")
    return sitting.page


@state("/attempts/{attempt_id}")
def untimed_question(stage: Stage) -> Page:
    return stage.guest().start(time="untimed", mode="pausable").page


@state("/attempts/{attempt_id}")
def review_screen(stage: Stage) -> Page:
    sitting = stage.guest().start()
    sitting.answer(2)
    sitting.page.locator("#flag").click()
    sitting.page.locator(".leave a[href='#review']").click()
    return sitting.page


@state("/attempts/{attempt_id}")
def review_screen_with_an_empty_list(stage: Stage) -> Page:
    page = stage.guest().start().page
    page.locator(".leave a[href='#review']").click()
    page.get_by_role("group", name="Show").get_by_text("Flagged").click()
    expect(page.locator("#review-none")).to_be_visible()
    return page


@state("/attempts/{attempt_id}")
def end_screen(stage: Stage) -> Page:
    page = stage.guest().start(time="untimed").page
    page.locator(".leave a[href='#end']").click()
    page.get_by_text("Abandon it instead").click()
    return page


@state("/attempts/{attempt_id}")
def display_dialog(stage: Stage) -> Page:
    page = stage.guest().start().page
    page.get_by_role("button", name="Display").click()
    return page


@state("/attempts/{attempt_id}")
def log_in_dialog(stage: Stage) -> Page:
    visitor = stage.somebody()
    visitor.expect_complaint("status of 4(01|22)|Error Code 401")
    sitting = visitor.start()
    visitor.context.clear_cookies()
    sitting.choose(0)
    dialog = sitting.page.get_by_role("dialog", name="Log in again")
    dialog.get_by_label("Name").fill("nobody-at-all")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    return sitting.page


@state("/attempts/{attempt_id}")
def question_of_a_guest_who_lost_the_cookie(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("401")
    sitting = visitor.start()
    visitor.context.clear_cookies()
    sitting.choose(0)
    expect(sitting.page.locator("#notice")).to_contain_text("no longer known as the guest")
    return sitting.page


@state("/attempts/{attempt_id}")
def paused(stage: Stage) -> Page:
    page = stage.guest().start(mode="pausable").page
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Paused")
    page.get_by_text("Abandon this exam").click()
    return page


@state("/attempts/{attempt_id}/end")
def end_page_without_scripts(stage: Stage) -> Page:
    visitor = stage.guest()
    sitting = visitor.start()
    return visitor.open(f"{sitting.path}/end")


# Attempts and reports ----------------------------------------


@state("/attempts")
def no_attempts_yet(stage: Stage) -> Page:
    return stage.somebody().open("/attempts")


@state("/attempts")
def attempts_of_all_kinds(stage: Stage) -> Page:
    visitor = stage.guest()
    for _ in range(2):
        visitor.start().end()
    sitting = visitor.start(mode="pausable")
    sitting.page.get_by_role("button", name="Pause").click()
    expect(sitting.page.get_by_role("heading", level=1)).to_have_text("Paused")
    page = visitor.open("/attempts")
    page.get_by_text("The scores as a table").click()
    return page


@state("/reports/{attempt_id}")
def report(stage: Stage) -> Page:
    return stage.ended(6).page


@state("/reports/{attempt_id}")
def report_of_a_pass_with_conditions(stage: Stage) -> Page:
    sitting = stage.guest().start(time="times-2", mode="pausable")
    sheet = stage.server.attempt(sitting.attempt_id).sheet
    from tests.browser.test_journeys import items_of

    for position, item in enumerate(items_of(stage.server, sitting.attempt_id), 1):
        sitting.go(position)
        for index, option in enumerate(sheet.at(position).options):
            if option.option_id in item.key:
                sitting.choose(index)
    sitting.end()
    expect(sitting.page.get_by_role("heading", level=1)).to_contain_text("Pass")
    return sitting.page


@state("/reports/{attempt_id}/review")
def review(stage: Stage) -> Page:
    page = stage.ended(4).page
    page.goto(page.url + "/review")
    page.locator("nav.filters details summary").first.click()
    return page


@state("/reports/{attempt_id}/review")
def review_where_nothing_fits(stage: Stage) -> Page:
    page = stage.ended().page
    page.goto(page.url + "/review?show=flagged")
    expect(page.get_by_text("No question fits this choice")).to_be_visible()
    return page


# People ----------------------------------------


@state("/people/log-in")
def log_in(stage: Stage) -> Page:
    return stage.guest().open("/people/log-in")


@state("/people/log-in")
def log_in_refused(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("422")
    page = visitor.open("/people/log-in")
    page.get_by_label("Name").fill("nobody-at-all")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state("/people/register")
def register(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.start()
    return visitor.open("/people/register")


@state("/people/register")
def register_refused(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("422")
    page = visitor.open("/people/register")
    page.get_by_role("main").get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state("/people/account")
def account(stage: Stage) -> Page:
    return stage.somebody().open("/people/account")


@state("/people/account")
def account_refused(stage: Stage) -> Page:
    visitor = stage.somebody()
    visitor.expect_complaint("422")
    page = visitor.open("/people/account")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state("/people")
def everybody(stage: Stage) -> Page:
    return stage.somebody(Role.ADMIN).open("/people")


@state("/people")
def everybody_with_a_new_link(stage: Stage) -> Page:
    return _new_link(stage)[1]


def _new_link(stage: Stage) -> tuple[Visitor, Page]:
    admin = stage.somebody(Role.ADMIN)
    page = admin.open("/people")
    page.get_by_role("button", name="link").first.click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    return admin, page


@state("/people/links/{token}")
def a_password_link(stage: Stage) -> Page:
    return _password_link(stage)[1]


def _password_link(stage: Stage) -> tuple[Visitor, Page]:
    visitor, page = _new_link(stage)
    path = urlsplit(page.get_by_label("Link", exact=True).input_value()).path
    page.goto(stage.server.address + path)
    return visitor, page


@state("/people/links/{token}")
def a_password_link_refused(stage: Stage) -> Page:
    visitor, page = _password_link(stage)
    visitor.expect_complaint("422")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


# Packs ----------------------------------------


@state("/packs")
def packs(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open("/packs")


# Errors ----------------------------------------


@state("(error)")
def nothing_here(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("404")
    return visitor.open("/no/such/page")


@state("(error)")
def not_open_to_you(stage: Stage) -> Page:
    visitor = stage.somebody()
    visitor.expect_complaint("403")
    return visitor.open("/people")


@state("(error)")
def a_link_that_was_used(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("404|409|410")
    return visitor.open("/people/links/no-such-token")


@state("(error)")
def something_is_not_right(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("422")
    page = visitor.open(f"/exams/{QUICK}")
    page.locator("[name=time_option]").first.evaluate("input => { input.value = 'never'; }")
    page.get_by_role("button", name="Start the exam").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Something is not right")
    return page
