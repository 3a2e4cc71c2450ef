"""States of practice and study."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.store.tables import attempt, practice_set
from tests.analyses import version_in_use
from tests.browser.stage import Stage, state
from tests.browser.towers import MEASURED
from tests.browser.visitor import Visitor

MOST_MOCKS = 12
"""A form keeps away from what was met: it takes some until one has a question of a set."""
SET, QUESTION = "/practice/{set_id}", "/practice/{set_id}/{position}"


def _missed(stage: Stage) -> Visitor:
    """Somebody who has ended an exam with answers of all kinds."""
    visitor = stage.guest()
    sitting = visitor.start()
    for position in range(1, 7):
        sitting.answer(position, position % 2)
    sitting.saved()
    sitting.end()
    return visitor


def _begun(visitor: Visitor, **wanted: str) -> Page:
    """A set of ten, at its first question."""
    page = visitor.open("/practice")
    for name, value in wanted.items():
        page.locator(f"[name={name}][value='{value}']").check()
    if page.locator("[name=spend]").count():
        page.locator("[name=spend]").check()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/practice/*/1")
    return page


def _answered(page: Page) -> Page:
    """The question on screen, answered as the first options would have it."""
    asked = int(page.locator("#practice").get_attribute("data-select") or "1")
    for index in range(asked):
        page.locator(".pick").nth(index).click()
    page.get_by_label("Guessing").check()
    page.locator("button[value=check]").click()
    return page


@state("/practice")
def chooser_of_somebody_new(stage: Stage) -> Page:
    return stage.somebody().open("/practice")


@state("/practice")
def chooser_narrowed(stage: Stage) -> Page:
    visitor = _missed(stage)
    _begun(visitor)
    page = visitor.open("/practice")
    page.get_by_role("link", name="Light", exact=True).click()
    page.get_by_role("link", name="Missed only").click()
    expect(page.get_by_role("link", name="Remove Domain: Light")).to_be_visible()
    for summary in page.locator(".practice-columns summary").all():
        summary.click()
    return page


@state("/practice")
def chooser_while_an_exam_is_open(stage: Stage) -> Page:
    visitor = _missed(stage)
    visitor.start()
    page = visitor.open("/practice?show=nowhere")
    expect(page.get_by_text("An exam of yours is open.")).to_be_visible()
    return page


@state("/practice")
def chooser_without_exams(stage: Stage) -> Page:
    visitor = stage.visit(stage.bare)
    visitor.register("keeper-of-nothing")
    return visitor.open("/practice")


@state(QUESTION)
def practice_question(stage: Stage) -> Page:
    page = _begun(_missed(stage))
    page.keyboard.press("b")
    expect(page.locator(".pick input").nth(1)).to_be_checked()
    return page


@state(QUESTION)
def practice_question_with_a_clock_answered_too_soon(stage: Stage) -> Page:
    visitor = _missed(stage)
    visitor.expect_complaint("422")
    page = _begun(visitor, timed="1", at_once="0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("or say that you do not know")
    expect(page.locator(".time-left")).to_contain_text("left")
    return page


@state(QUESTION)
def practice_question_explained(stage: Stage) -> Page:
    page = _answered(_begun(_missed(stage)))
    expect(page.locator("#result")).to_be_focused()
    expect(page.get_by_text("In short")).to_be_visible()
    return page


@state(QUESTION)
def practice_question_kept_back(stage: Stage) -> Page:
    visitor = _missed(stage)
    page = _begun(visitor)
    path = page.url.rpartition("/")[0]
    for _ in range(MOST_MOCKS):
        sitting = visitor.start()
        shared = _shared(stage, int(path.rpartition("/")[2]), sitting.attempt_id)
        if shared:
            break
        sitting.end()
    for position in range(1, min(shared) + 1):
        page.goto(f"{path}/{position}")
        if position < min(shared):
            _answered(page)
            expect(page.locator("#result")).to_be_visible()
    expect(page.get_by_text("This question is kept back")).to_be_visible()
    return page


def _shared(stage: Stage, set_id: int, attempt_id: int) -> list[int]:
    """The positions of a set whose items are on an attempt."""
    drilled = select(practice_set.c.sheet).where(practice_set.c.id == set_id)
    sat = select(attempt.c.sheet).where(attempt.c.id == attempt_id)
    with stage.server.database.reading() as tx:
        on_mock = {at["item"] for at in tx.execute(sat).scalar_one()}
        return [n for n, at in enumerate(tx.execute(drilled).scalar_one(), 1) if at["item"] in on_mock]


@state(SET)
def practice_set_under_way(stage: Stage) -> Page:
    page = _answered(_begun(_missed(stage), at_once="0"))
    page.wait_for_url("**/practice/*/2")
    page.goto(page.url.rpartition("/")[0])
    expect(page.get_by_role("button", name="End it here")).to_be_visible()
    return page


@state(SET)
def practice_set_done(stage: Stage) -> Page:
    page = _begun(_missed(stage))
    for position in range(2, 5):
        _answered(page)
        expect(page.locator("#result")).to_be_focused()  # so that the page hears the key
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/practice/*/{position}")
    page.goto(page.url.rpartition("/")[0])
    page.get_by_role("button", name="End it here").click()
    expect(page.get_by_text("Practice is no measurement")).to_be_visible()
    return page


@state("/study")
def study_of_nothing(stage: Stage) -> Page:
    return stage.somebody().open("/study")


@state("/study")
def study_today(stage: Stage) -> Page:
    with stage.server.database.writing() as tx:
        version_in_use(tx, MEASURED, stage.server.clock.now())
    visitor = stage.guest()
    for answered in (2, 4):
        sitting = visitor.start(MEASURED)
        for position in range(1, answered + 1):
            sitting.answer(position)
        sitting.saved()
        sitting.end()
    page = visitor.open("/study/settings")
    soon = stage.server.clock.now().date() + timedelta(days=9)
    page.get_by_label("What do you study for?").select_option(MEASURED)
    page.get_by_label("When is your exam?").fill(soon.isoformat())
    page.get_by_role("button", name="Use this browser").click()
    expect(page.get_by_label("Where are you?")).not_to_have_value("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("svg.loads")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    return page


@state("/study")
def study_without_exams(stage: Stage) -> Page:
    visitor = stage.visit(stage.bare)
    visitor.register("studies-nothing")
    return visitor.open("/study")


@state("/study/settings")
def study_settings(stage: Stage) -> Page:
    return stage.somebody().open("/study/settings")


@state("/study/settings")
def study_settings_refused(stage: Stage) -> Page:
    visitor = stage.somebody()
    visitor.expect_complaint("422")
    page = visitor.open("/study/settings")
    page.get_by_label("Where are you?").fill("Atlantis")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("a place from the list")
    return page
