"""States of the pages about programs: where instructors make tokens for them, and what the API can do."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.exam.person import Role
from tests.browser.stage import Stage, state


@state("/people/tokens")
def no_tokens(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open("/people/tokens")


@state("/people/tokens")
def token_just_made(stage: Stage) -> Page:
    page = stage.somebody(Role.INSTRUCTOR).open("/people/tokens")
    page.get_by_label("What the token is for").fill("Nightly checks")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_text("Copy it now")).to_be_visible()
    return page


@state("/api/v1/docs")
def the_api_described(stage: Stage) -> Page:
    page = stage.somebody(Role.INSTRUCTOR).open("/people/tokens")
    page.get_by_role("link", name="what it can do").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The API")
    return page
