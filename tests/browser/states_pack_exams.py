"""States of the pages where instructors edit the exams of a pack."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.exam.person import Role
from tests.browser.stage import Stage, state
from tests.browser.towers import EMPTY, QUICK

EXAM, NEW = "/packs/{pack_id}/exams/{exam_id}", "/packs/{pack_id}/new-exam"
PATH = "/packs/towers/exams/"


@state(EXAM)
def exam_of_a_pack(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open(PATH + QUICK)


@state(EXAM)
def exam_that_the_bank_is_too_small_for(stage: Stage) -> Page:
    page = stage.somebody(Role.INSTRUCTOR).open(PATH + EMPTY)
    expect(page.get_by_text("No form can be made yet.")).to_be_visible()
    return page


@state(EXAM)
def exam_with_a_cut_on_a_whole_count(stage: Stage) -> Page:
    page = stage.somebody(Role.INSTRUCTOR).open(PATH + QUICK)
    page.get_by_label("Cut", exact=True).fill("4")
    page.get_by_role("button", name="Show what it comes to").click()
    expect(page.get_by_text("not on a half point")).to_be_visible()
    return page


@state(EXAM)
def exam_that_cannot_be_saved(stage: Stage) -> Page:
    visitor = stage.somebody(Role.INSTRUCTOR)
    visitor.expect_complaint("422")
    page = visitor.open(PATH + QUICK)
    page.get_by_label("Minutes", exact=True).fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state(EXAM)
def exam_that_somebody_else_saved_meanwhile(stage: Stage) -> Page:
    visitor = stage.somebody(Role.INSTRUCTOR)
    page = visitor.open(PATH + QUICK)
    page.locator("input[name=based_on]").evaluate("one => { one.value = '0' }")
    page.get_by_label("Title").fill("My title")
    visitor.expect_complaint("409")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else saved this exam meanwhile")).to_be_visible()
    return page


@state(NEW)
def new_exam(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open(f"/packs/towers/new-exam?like={QUICK}")
