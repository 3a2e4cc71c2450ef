"""States of the instructors' pages of a pack."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.exam.person import Role
from tests.browser.stage import Stage, state
from tests.packs import secret

PACK = "/packs/towers"
ITEM = secret("tower01", "item")


@state("/packs/{pack_id}")
def pack(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open(PACK)


@state("/packs/{pack_id}/items")
def bank(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open(f"{PACK}/items")


@state("/packs/{pack_id}/items")
def bank_where_nothing_fits(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open(f"{PACK}/items?text=nowhere")


@state("/packs/{pack_id}/items")
def bank_after_a_step_that_could_not_be_taken(stage: Stage) -> Page:
    visitor = stage.somebody(Role.INSTRUCTOR)
    visitor.expect_complaint("409")
    page = visitor.open(f"{PACK}/items")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Step").select_option("submit")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
    return page


@state("/packs/{pack_id}/items/{item_id}")
def item_of_the_bank(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open(f"{PACK}/items/{ITEM}")
