"""States of the technical report."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.exam.person import Role
from tests.analyses import analysed
from tests.browser.stage import Stage, state
from tests.browser.towers import QUICK


@state("/exams/{exam_id}/measurement/report")
def technical_report_of_an_analysis(stage: Stage) -> Page:
    analysed(stage.server.database, QUICK, stage.server.clock.now(), "cold-start-1")
    page = stage.somebody(Role.ADMIN).open(f"/exams/{QUICK}/measurement/report")
    expect(page.get_by_role("heading", name="Item statistics")).to_be_visible()
    return page
