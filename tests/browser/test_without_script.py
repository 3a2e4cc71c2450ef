"""Without JavaScript the exam is a plain form."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.servers import ThreadServer
from tests.browser.towers import QUICK


@pytest.fixture
def page(visit: Visit) -> Page:
    """An exam page in a browser that runs no scripts."""
    made = visit(java_script_enabled=False).open(f"/exams/{QUICK}")
    made.get_by_role("button", name="Start the exam").click()
    made.wait_for_url("**/attempts/*")
    return made


def attempt_of(page: Page) -> int:
    """The attempt that the address names."""
    return int(page.url.partition("/attempts/")[2].partition("#")[0])


def choose(page: Page, position: int) -> set[str]:
    """Choose the first options of a question, as many as it asks for."""
    section = page.locator(f"#q{position}")
    asked = int(section.get_attribute("data-select") or "1")
    options = section.locator(".option").all()[:asked]
    for option in options:
        option.locator("label").click()
    return {option.locator("input").get_attribute("value") or "" for option in options}


def test_line_17_f35_save_and_end_work_without_scripts(page: Page, server: ThreadServer) -> None:
    attempt_id = attempt_of(page)
    expect(page.locator("#q1")).to_be_visible()
    expect(page.locator("#q2")).to_be_hidden()
    chosen = {1: choose(page, 1)}
    page.locator("#q1").get_by_role("link", name="Next").click()
    chosen[2] = choose(page, 2)
    page.locator("#q2").get_by_label("Flag for review").check()
    with page.expect_navigation(url="**#q2"):
        page.locator("#q2").get_by_role("button", name="Save", exact=True).click()
    assert server.choices(attempt_id) == chosen
    assert server.responses(attempt_id)[2].marks.flagged
    page.locator("#q2").get_by_role("link", name="Next").click()
    chosen[3] = choose(page, 3)
    page.locator("#q3").get_by_role("button", name="Save and end").click()
    expect(page.locator("h1")).to_have_text("End the exam?")
    expect(page.locator("main")).to_contain_text("3 unanswered, 1 flagged")
    page.get_by_role("button", name="End exam").click()
    page.wait_for_url("**/reports/*")
    assert server.choices(attempt_id) == chosen
    expect(page.locator("h1")).to_contain_text("with")


def test_line_17_the_deadline_is_printed(page: Page) -> None:
    expect(page.locator("header .deadline")).to_contain_text("Ends on")
    expect(page.locator("header .deadline")).to_contain_text("minutes were left")


def test_without_scripts_return_leads_back_to_the_saved_answers(page: Page) -> None:
    chosen = choose(page, 1)
    page.locator("#q1").get_by_role("button", name="Save and end").click()
    page.get_by_role("link", name="Return to the exam").click()
    checked = page.locator("#q1 .option input:checked")
    expect(checked).to_have_count(len(chosen))
    assert {one.get_attribute("value") for one in checked.all()} == chosen


def test_without_scripts_nothing_is_offered_that_needs_them(page: Page) -> None:
    for needs_script in page.locator(".with-js").all():
        expect(needs_script).to_be_hidden()


def test_when_scripts_do_not_load_the_plain_form_appears(visit: Visit) -> None:
    visitor = visit()
    visitor.expect_complaint("Failed to load resource|ERR_FAILED")
    visitor.context.route("**/*.js", lambda route: route.abort())
    page = visitor.open(f"/exams/{QUICK}")
    page.get_by_role("button", name="Start the exam").click()
    expect(page.locator("#q1").get_by_role("button", name="Save", exact=True)).to_be_visible()
