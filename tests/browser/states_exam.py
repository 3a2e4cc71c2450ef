"""States of the pages up to the end of an exam: home, the start, and the exam itself."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.marking import mark_up
from tests.browser.stage import Stage, state
from tests.browser.towers import EMPTY, MINUTES, QUICK
from tests.browser.visitor import PASSWORD

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
    visitor.context.clock.install()
    sitting = visitor.start()
    visitor.context.set_offline(True)  # so that the page stays
    sitting.page.clock.fast_forward(MINUTES * 60_000)
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
