"""States of the pages for operators: the audit log and the status of the server."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.exam.person import Role
from app.pages.tally import Fault
from app.store import audit, jobs
from tests.browser.stage import Stage, state
from tests.browser.visitor import Visitor


def _somebody_who_did_something(stage: Stage) -> Visitor:
    admin = stage.somebody(Role.ADMIN)
    with stage.server.database.writing() as tx:
        before, after, now = {"role": "candidate"}, {"role": "instructor"}, stage.server.clock.now()
        audit.record(tx, now, None, "role changed", "person 1", before=before, after=after)
    page = admin.open("/people/tokens")
    page.get_by_label("What the token is for").fill("Nightly checks of the question repository")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_text("Copy it now")).to_be_visible()
    return admin


@state("/audit")
def audit_log(stage: Stage) -> Page:
    return _somebody_who_did_something(stage).open("/audit")


@state("/audit")
def audit_log_that_was_checked(stage: Stage) -> Page:
    page = _somebody_who_did_something(stage).open("/audit")
    page.get_by_role("button", name="Check the whole log").click()
    expect(page.get_by_text("entries hold together")).to_be_visible()
    return page


@state("/audit")
def audit_log_where_nothing_fits(stage: Stage) -> Page:
    page = stage.somebody(Role.ADMIN).open("/audit")
    page.get_by_label("Who").fill("nobody-at-all")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No entry fits this choice")).to_be_visible()
    return page


@state("/status")
def status(stage: Stage) -> Page:
    return stage.somebody(Role.ADMIN).open("/status")


@state("/status")
def status_with_faults_and_work(stage: Stage) -> Page:
    admin, now = stage.somebody(Role.ADMIN), stage.server.clock.now()
    route = "/attempts/{attempt_id}/responses/{position}"
    stage.server.app.state.site.tally.faults.append(Fault(now, "PUT", route, 503))
    with stage.server.database.writing() as tx:
        jobs.start(tx, "calibration", "an-exam", {}, None, now)
        jobs.end(tx, jobs.start(tx, "import", "a-file", {}, None, now), "It could not be read.", None, now)
    page = admin.open("/status")
    expect(page.get_by_role("cell", name="503").first).to_be_visible()
    return page
