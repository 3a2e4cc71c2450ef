"""States of the technical report, and of what belongs to a report: one question, notes, published results."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from app.exam.person import Role
from app.store import parameters
from app.store.database import Database
from tests.analyses import analysed
from tests.browser.stage import Stage, state
from tests.browser.towers import QUICK, now, towers


@state("/exams/{exam_id}/measurement/report")
def technical_report_of_an_analysis(stage: Stage) -> Page:
    analysed(stage.server.database, QUICK, stage.server.clock.now(), "cold-start-1")
    page = stage.somebody(Role.ADMIN).open(f"/exams/{QUICK}/measurement/report")
    expect(page.get_by_role("heading", name="Item statistics")).to_be_visible()
    return page


def measured(database: Database) -> None:
    """Let the quick exam be measured by its ratings, so that reports say what their scores mean."""
    made = towers()
    (quick,) = [exam for exam in made.exams if exam.id == QUICK]
    with database.writing() as tx:
        parameters.follow_pack(tx, quick, lambda: made.items, made.version, now())


def _guessed(stage: Stage) -> Page:
    """The report of somebody who said before the start what they expect."""
    measured(stage.server.database)
    visitor = stage.guest()
    page = visitor.open(f"/exams/{QUICK}")
    page.get_by_label("How sure are you to pass?").fill("90")
    page.get_by_label("Which score will you get?").fill("960")
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/*")
    sitting = visitor.sitting(page)
    for position in (1, 2, 3, 4):
        sitting.answer(position)
    sitting.end()
    expect(page.get_by_role("heading", name="Would you pass again?")).to_be_visible()
    return page


@state("/reports/{attempt_id}")
def report_that_says_what_the_score_means(stage: Stage) -> Page:
    return _guessed(stage)


@state("/reports/{attempt_id}/debrief")
def debrief_that_says_how_good_a_guess_was(stage: Stage) -> Page:
    page = _guessed(stage)
    page.get_by_role("link", name="How good a guess it was").click()
    expect(page.get_by_role("heading", name="What you expected")).to_be_visible()
    return page


def _ended_with_notes(stage: Stage) -> Page:
    """An attempt that is over, with a note and a bookmark; its second question is on screen."""
    page = stage.ended(3).page
    page.goto(page.url + "/questions/2")
    page.get_by_label("What you want to remember").fill("The lamp, not the fog.")
    page.get_by_label("Bookmark this question").check()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_label("Bookmark this question")).to_be_checked()
    return page


@state("/reports/{attempt_id}/questions/{position}")
def question_with_its_history_and_a_note(stage: Stage) -> Page:
    return _ended_with_notes(stage)


@state("/reports/{attempt_id}/questions/{position}")
def question_never_opened(stage: Stage) -> Page:
    page = stage.ended().page
    page.goto(page.url + "/questions/6")
    expect(page.get_by_text("You did nothing on this question")).to_be_visible()
    return page


@state("/notes")
def no_notes_yet(stage: Stage) -> Page:
    return stage.somebody().open("/notes")


@state("/notes")
def notes_found(stage: Stage) -> Page:
    page = _ended_with_notes(stage)
    page.get_by_role("link", name="All your bookmarks and notes").click()
    page.get_by_role("searchbox").fill("lamp fog")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("The lamp, not the fog.")).to_be_visible()
    return page


@state("/reports/{attempt_id}/verification")
def result_not_published(stage: Stage) -> Page:
    visitor = stage.somebody()
    sitting = visitor.start()
    sitting.end()
    return visitor.open(f"/reports/{sitting.attempt_id}/verification")


def _published(stage: Stage) -> Page:
    page = stage.ended(2).page
    page.goto(page.url + "/verification")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    return page


@state("/reports/{attempt_id}/verification")
def result_published(stage: Stage) -> Page:
    return _published(stage)


@state("/verify/{token}")
def result_verified(stage: Stage) -> Page:
    found = re.search(r"/verify/[^\"]+", _published(stage).content())
    assert found
    page = stage.guest().open(found[0])
    expect(page.get_by_text("It matches.")).to_be_visible()
    return page


@state("/people/account/delete")
def deletion_of_an_account(stage: Stage) -> Page:
    visitor = stage.somebody()
    visitor.start()
    return visitor.open("/people/account/delete")


@state("/people/account/delete")
def deletion_by_a_guest_who_is_not_sure(stage: Stage) -> Page:
    visitor = stage.guest()
    visitor.expect_complaint("422")
    visitor.start().end()
    page = visitor.open("/people/account/delete")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page
