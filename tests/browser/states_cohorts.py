"""States of the pages around cohorts: lists, invitations, assignments, and results."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.exam.assignment import Release
from app.exam.cohort import CONSENT
from app.exam.person import Person, Role
from app.pages.cohort_results import AT_ONCE
from app.pages.depends import hash_token
from app.pages.site import Site
from app.store import cohorts, people
from tests.browser.stage import Stage, state
from tests.browser.towers import QUICK
from tests.browser.visitor import Visitor
from tests.cohorts import Seated, seated


def person_of(stage: Stage, visitor: Visitor) -> Person:
    """Who is logged in there."""
    token = next(one["value"] for one in visitor.context.cookies() if one["name"] == "cutscore")
    with stage.server.database.reading() as tx:
        found = people.of_session(tx, hash_token(token), stage.server.clock.now())
    assert found
    return found.person


def kept(
    stage: Stage, size: int = 12, release: Release = Release.AFTER_WINDOW, *, same_form: bool = True
) -> tuple[Visitor, Seated]:
    """An instructor with a cohort whose members sat an exam."""
    visitor = stage.somebody(Role.INSTRUCTOR)
    owner = person_of(stage, visitor)
    site: Site = stage.server.app.state.site
    now = stage.server.clock.now()
    with stage.server.database.writing() as tx:
        made = seated(tx, site, owner.id, QUICK, now, size=size, same_form=same_form, release=release)
    return visitor, made


def member(stage: Stage, release: Release = Release.AFTER_WINDOW) -> tuple[Visitor, Seated]:
    """A member who has just joined a cohort with an exam assigned."""
    _, made = kept(stage, size=2, release=release)
    visitor = stage.somebody()
    now = stage.server.clock.now()
    with stage.server.database.writing() as tx:
        invitation, _ = cohorts.invited(tx, hash_token(made.token), now)
        cohorts.join(tx, invitation, person_of(stage, visitor).id, "\n".join(CONSENT), now)
    return visitor, made


@state("/cohorts")
def no_cohort(stage: Stage) -> Page:
    return stage.somebody().open("/cohorts")


@state("/cohorts")
def cohorts_kept_and_joined(stage: Stage) -> Page:
    visitor, _ = member(stage)
    with stage.server.database.writing() as tx:
        people.set_role(tx, person_of(stage, visitor).id, Role.INSTRUCTOR)
    page = visitor.open("/cohorts")
    page.get_by_label("Name of a new cohort").fill("Autumn class")
    page.get_by_role("button", name="Make a cohort").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Autumn class")
    page.goto(stage.server.address + "/cohorts")
    page.locator("summary").filter(has_text="Leave").click()
    return page


@state("/cohorts/{cohort_id}")
def cohort_of_nobody_with_a_new_link(stage: Stage) -> Page:
    page = stage.somebody(Role.INSTRUCTOR).open("/cohorts")
    page.get_by_label("Name of a new cohort").fill("Evening class")
    page.get_by_role("button", name="Make a cohort").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    return page


@state("/cohorts/{cohort_id}")
def cohort_with_members(stage: Stage) -> Page:
    visitor, made = kept(stage, size=6)
    page = visitor.open(f"/cohorts/{made.cohort_id}")
    page.get_by_label("Share with the instructor").fill("instructor")
    return page


@state("/cohorts/{cohort_id}/new-assignment")
def a_new_assignment(stage: Stage) -> Page:
    visitor, made = kept(stage, size=1)
    return visitor.open(f"/cohorts/{made.cohort_id}/new-assignment")


@state("/cohorts/{cohort_id}/new-assignment")
def a_new_assignment_refused(stage: Stage) -> Page:
    visitor, made = kept(stage, size=1)
    visitor.expect_complaint("422")
    page = visitor.open(f"/cohorts/{made.cohort_id}/new-assignment")
    page.get_by_label("Closes").fill("2020-01-01T00:00")
    page.get_by_label("In the time zone").fill("Nowhere")
    page.get_by_label("Attempts each").fill("0")
    page.get_by_role("button", name="Assign it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state("/assignments/{assignment_id}/window")
def a_window_to_move(stage: Stage) -> Page:
    visitor, made = kept(stage, size=6)
    visitor.expect_complaint("422")
    page = visitor.open(f"/assignments/{made.assignment_id}/window")
    page.get_by_label("Closes").fill("2020-01-01T00:00")
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state("/cohorts/{cohort_id}/close")
def a_cohort_about_to_be_closed(stage: Stage) -> Page:
    visitor, made = kept(stage, size=6, release=Release.BY_HAND)
    return visitor.open(f"/cohorts/{made.cohort_id}/close")


@state("/invitations/{token}")
def an_invitation_to_a_stranger(stage: Stage) -> Page:
    _, made = kept(stage, size=1)
    return stage.guest().open(f"/invitations/{made.token}")


@state("/invitations/{token}")
def an_invitation_to_an_account(stage: Stage) -> Page:
    _, made = kept(stage, size=1)
    return stage.somebody().open(f"/invitations/{made.token}")


@state("/")
def home_with_an_assigned_exam(stage: Stage) -> Page:
    visitor, _ = member(stage)
    page = visitor.open("/")
    expect(page.get_by_role("heading", name="Assigned to you")).to_be_visible()
    return page


@state("/assignments/{assignment_id}")
def before_the_start_of_an_assigned_exam(stage: Stage) -> Page:
    visitor, made = member(stage)
    return visitor.open(f"/assignments/{made.assignment_id}")


@state("/assignments/{assignment_id}")
def an_assigned_exam_that_has_closed(stage: Stage) -> Page:
    visitor, made = member(stage)
    stage.server.clock.skip(hours=9)
    return visitor.open(f"/assignments/{made.assignment_id}")


@state("/reports/{attempt_id}")
def results_that_do_not_show_yet(stage: Stage) -> Page:
    visitor, made = member(stage)
    page = visitor.open(f"/assignments/{made.assignment_id}")
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/*")
    sitting = visitor.sitting(page)
    sitting.answer(1)
    sitting.end()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your exam is over")
    return page


@state("/assignments/{assignment_id}/results")
def results_of_a_cohort(stage: Stage) -> Page:
    visitor, made = kept(stage, size=24)
    page = visitor.open(f"/assignments/{made.assignment_id}/results")
    page.get_by_label("How much").fill("10")
    page.get_by_role("button", name="Give it").click()
    expect(page.get_by_role("status")).to_contain_text("of extra time")
    page.get_by_text("The distribution as a table").click()
    page.get_by_text("Extra time that was given").click()
    return page


@state("/assignments/{assignment_id}/results")
def results_of_a_large_cohort(stage: Stage) -> Page:
    visitor, made = kept(stage, size=AT_ONCE + 3)
    page = visitor.open(f"/assignments/{made.assignment_id}/results")
    page.get_by_role("link", name="Next").first.click()
    expect(page.get_by_text(f"{AT_ONCE + 1} to {AT_ONCE + 3} of {AT_ONCE + 3}").first).to_be_visible()
    return page


@state("/assignments/{assignment_id}/results")
def results_of_nobody_yet(stage: Stage) -> Page:
    visitor, made = kept(stage, size=1, release=Release.BY_HAND)
    return visitor.open(f"/assignments/{made.assignment_id}/results")


@state("/assignments/{assignment_id}/results")
def results_of_an_empty_cohort(stage: Stage) -> Page:
    visitor, made = kept(stage, size=0)
    return visitor.open(f"/assignments/{made.assignment_id}/results")


@state("/assignments/{assignment_id}/members/{person_id}")
def the_result_of_a_member(stage: Stage) -> Page:
    visitor, made = kept(stage, size=4)
    return visitor.open(f"/assignments/{made.assignment_id}/members/{made.members[3]}")


@state("/assignments/{assignment_id}/members/{person_id}")
def a_member_who_sits(stage: Stage) -> Page:
    visitor, made = kept(stage, size=2)
    page = visitor.open(f"/assignments/{made.assignment_id}/members/{made.members[1]}")
    expect(page.get_by_text("Is sitting the exam now")).to_be_visible()
    return page
