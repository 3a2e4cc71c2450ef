"""Forms elsewhere: line 33."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import PASSWORD, Visitor


@pytest.mark.parametrize(("path", "button"), [("/people/register", "Register"), ("/people/log-in", "Log in")])
def test_line_33_a_form_says_what_is_wrong_and_where(visitor: Visitor, path: str, button: str) -> None:
    visitor.expect_complaint("status of 422")
    page = visitor.open(path)
    page.get_by_label("Name").fill("x")
    page.get_by_label("Password").fill("short")
    page.get_by_role("main").get_by_role("button", name=button).click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is a problem")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("Name")).to_have_value("x")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Name")).to_have_accessible_description(re.compile("Error: "))


def test_line_33_the_log_in_allows_paste_and_password_managers(visit: Visit) -> None:
    visit().register("paster")
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.open("/people/log-in")
    name, password = page.get_by_label("Name"), page.get_by_label("Password")
    expect(name).to_have_attribute("autocomplete", "username")
    expect(password).to_have_attribute("autocomplete", "current-password")
    for box, text in ((name, "paster"), (password, PASSWORD)):
        page.evaluate("text => navigator.clipboard.writeText(text)", text)
        box.press("Control+V")
        expect(box).to_have_value(text)
    password.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
