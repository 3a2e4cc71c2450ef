"""States of the page where instructors make tokens for programs."""

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
