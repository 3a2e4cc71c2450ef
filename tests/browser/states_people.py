"""States of the pages around exams: attempts, reports, people, packs, errors."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from app.exam.person import Role
from app.pages.people import ON_A_PAGE
from app.store import people
from tests.browser.stage import Stage, state
from tests.browser.towers import QUICK
from tests.browser.visitor import Visitor

_crowds = count(1)

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
    for position, item in enumerate(stage.server.items(sitting.attempt_id), 1):
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


@state("/reports/{attempt_id}/debrief")
def debrief(stage: Stage) -> Page:
    sitting = stage.guest().start()
    for position in (1, 2, 3, 1, 2):
        sitting.answer(position)
    sitting.end()
    sitting.page.get_by_role("link", name="How you worked and thought").click()
    expect(sitting.page.get_by_role("heading", level=1)).to_have_text("How you worked")
    return sitting.page


@state("/reports/{attempt_id}/debrief")
def debrief_of_nothing(stage: Stage) -> Page:
    page = stage.ended().page
    page.goto(page.url + "/debrief")
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
def everybody_some_at_a_time(stage: Stage) -> Page:
    crowd = f"crowd{os.getpid()}-{next(_crowds)}-"
    with stage.server.database.writing() as tx:
        for number in range(ON_A_PAGE + 1):
            role, now = Role.CANDIDATE, datetime.now(UTC)
            name = f"{crowd}{number:03}"
            people.add(tx, name=name, password_hash=None, role=role, is_guest=False, now=now)
    page = stage.somebody(Role.ADMIN).open(f"/people?name={crowd}")
    expect(page.get_by_role("link", name="More accounts")).to_be_visible()
    return page


@state("/people")
def nobody_of_such_a_name(stage: Stage) -> Page:
    return stage.somebody(Role.ADMIN).open("/people?name=nobody-of-this-name")


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
