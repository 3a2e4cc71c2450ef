"""States of the instructors' pages of a pack."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, expect

from app.exam.item import Status
from app.exam.person import Role
from app.store import packs as stored_packs
from tests import packs
from tests.browser.stage import Stage, state
from tests.browser.visitor import Visitor
from tests.packs import item, secret

PACK = "/packs/shelf"
ITEM = secret("shelf1", "item")


def _keeper(stage: Stage) -> Visitor:
    """An instructor's browser; there is a pack that no exam is sat from."""
    with stage.server.database.writing() as tx:
        items = [item(f"shelf{number}", f"D{number % 2 + 1}") for number in range(4)]
        items[0] = replace(items[0], status=Status.DRAFT, verified_on=None)
        new = replace(packs.pack(items=items), id="shelf", title="A shelf of lamps", exams=())
        if "shelf" not in {one.id for one in stored_packs.loaded(tx)}:
            packs.load(tx, new)
    return stage.somebody(Role.INSTRUCTOR)


@state("/packs/{pack_id}")
def pack(stage: Stage) -> Page:
    return _keeper(stage).open(PACK)


@state("/packs/{pack_id}/items")
def bank(stage: Stage) -> Page:
    return _keeper(stage).open(f"{PACK}/items")


@state("/packs/{pack_id}/items")
def bank_where_nothing_fits(stage: Stage) -> Page:
    return _keeper(stage).open(f"{PACK}/items?text=nowhere")


@state("/packs/{pack_id}/items")
def bank_after_a_step_that_could_not_be_taken(stage: Stage) -> Page:
    visitor = _keeper(stage)
    visitor.expect_complaint("409")
    page = visitor.open(f"{PACK}/items")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Step").select_option("restore")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
    return page


@state("/packs/{pack_id}/items/{item_id}")
def item_of_the_bank(stage: Stage) -> Page:
    return _keeper(stage).open(f"{PACK}/items/{ITEM}")


@state("/packs/{pack_id}/items/{item_id}/edit")
def item_edited(stage: Stage) -> Page:
    page = _keeper(stage).open(f"{PACK}/items/{ITEM}/edit")
    with page.expect_response("**/preview"):
        page.get_by_label("Stem").fill("Is **this** a lamp?")
    expect(page.locator("#preview strong").first).to_have_text("this")
    return page


@state("/packs/{pack_id}/items/{item_id}/edit")
def item_that_could_not_be_saved(stage: Stage) -> Page:
    visitor = _keeper(stage)
    visitor.expect_complaint("422")
    page = visitor.open(f"{PACK}/items/{ITEM}/edit")
    page.get_by_label("Rating").fill("often")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Rating")
    return page


@state("/packs/{pack_id}/items/{item_id}/edit")
def item_that_somebody_else_saved_meanwhile(stage: Stage) -> Page:
    first, second = _keeper(stage), _keeper(stage)
    second.expect_complaint("409")
    path = f"{PACK}/items/{secret('shelf3', 'item')}/edit"
    theirs, mine = first.open(path), second.open(path)
    for page, text in ((theirs, "What they think."), (mine, "What I think.")):
        page.get_by_label("Rationale").fill(f"{text} {id(stage)}")  # another one each time
        page.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("alert")).to_contain_text("Somebody else saved this item")
    return mine


@state("/packs/{pack_id}/new-item")
def new_item(stage: Stage) -> Page:
    return _keeper(stage).open(f"{PACK}/new-item")


@state("/reports/{attempt_id}/questions/{position}/problem")
def question_to_report(stage: Stage) -> Page:
    page = stage.ended().page
    page.goto(f"{page.url}/questions/1/problem")
    return page


@state("/reports/{attempt_id}/questions/{position}/problem")
def question_reported(stage: Stage) -> Page:
    page = question_to_report(stage)
    page.get_by_label("What is wrong?").select_option("wrong-key")
    page.get_by_label("In your words").fill("The lamp is a horn.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("You said")).to_be_visible()
    return page


@state("/item-reports")
def reported_items(stage: Stage) -> Page:
    question_reported(stage)
    page = _keeper(stage).open("/item-reports")
    expect(page.get_by_text("The lamp is a horn.").first).to_be_visible()
    return page


@state("/item-reports")
def answered_items(stage: Stage) -> Page:
    page = reported_items(stage)
    page.get_by_role("checkbox").first.check()
    page.get_by_label("What came of it").fill("It was mended.")
    page.get_by_role("button", name="Answer").click()
    page.get_by_label("State").select_option("answered")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("It was mended.").first).to_be_visible()
    return page
