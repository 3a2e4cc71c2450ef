"""The journey of a cohort: an instructor invites, assigns and watches; a candidate joins and sits."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from app.exam.assignment import ExtraTime, Release, Unit
from app.exam.person import Role
from app.store import assignments
from tests.browser.conftest import Visit
from tests.browser.held import Held
from tests.browser.servers import ThreadServer
from tests.browser.stage import Stage
from tests.browser.states_cohorts import member
from tests.browser.test_resume import TOLERANCE
from tests.browser.test_timer import at_server, shown
from tests.browser.towers import MINUTES
from tests.browser.visitor import Visitor

WITHIN = 10_000  # ms


def instructor(stage: Stage) -> Visitor:
    """Somebody who teaches."""
    return stage.somebody(Role.INSTRUCTOR)


def invited(page: Page) -> str:
    """Make a cohort; the path of its link."""
    page.get_by_role("link", name="Cohorts").click()
    page.get_by_label("Name of a new cohort").fill("Keepers of autumn")
    page.get_by_role("button", name="Make a cohort").click()
    page.get_by_label("For how many people").fill("2")
    page.get_by_role("button", name="Make a link").click()
    return urlsplit(page.get_by_label("Link", exact=True).input_value()).path


def assigned(page: Page) -> None:
    """Assign the quick exam, open for a week from the hour before."""
    page.get_by_role("link", name="Assign an exam").click()
    page.get_by_label("Exam", exact=True).select_option("quick")
    page.get_by_label("Opens").fill(
        page.evaluate("""() => {
        const at = new Date(Date.now() - 3600000), two = (n) => String(n).padStart(2, "0");
        return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:00`;
    }""")
    )
    page.get_by_role("button", name="Assign it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The quick exam")
    expect(page.locator(".lead")).to_contain_text("Nobody has joined")


def test_an_instructor_and_a_candidate_from_the_link_to_the_results(
    visit: Visit, server: ThreadServer
) -> None:
    teacher = instructor(Stage(visit, server, server))
    desk = teacher.open("/")
    link = invited(desk)
    assigned(desk)

    candidate = visit()
    page = candidate.open(link)
    page.get_by_role("link", name="Register").last.click()
    page.get_by_label("Name").fill("keeper-of-autumn")
    page.get_by_label("Password").fill("a good long password")
    page.get_by_role("main").get_by_role("button", name="Register").click()
    page.get_by_label("I agree to this").check()
    page.get_by_role("button", name="Join the cohort").click()
    page.get_by_role("link", name="To the start").click()
    expect(page.get_by_text("0 of 1 used")).to_be_visible()
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/*")
    sitting = candidate.sitting(page)
    second = candidate.resume(sitting.attempt_id)

    desk.reload()
    expect(desk.locator(".lead")).to_contain_text("0 not started, 1 sitting, 0 ended")
    desk.get_by_label("How much").fill("10")
    desk.get_by_role("button", name="Give it").click()
    expect(desk.get_by_role("status")).to_contain_text("10 minutes of extra time")
    assert at_server(sitting, server) > MINUTES * 60
    for tab in (sitting, second):
        tab.page.bring_to_front()
        tab.page.wait_for_function(
            "least => { const [h, m, s] = document.getElementById('clock').textContent.split(':').map(Number);"
            "  return h * 3600 + m * 60 + s > least; }",
            arg=MINUTES * 60,
            timeout=WITHIN,
        )

    for position in range(1, sitting.length + 1):
        sitting.answer(position)
    sitting.end()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your exam is over")
    expect(page.get_by_text("Results show after")).to_be_visible()

    desk.get_by_role("link", name="look again").click()
    expect(desk.locator(".lead")).to_contain_text("0 not started, 0 sitting, 1 ended")
    desk.get_by_role("link", name="keeper-of-autumn").click()
    expect(desk.locator("h1")).to_have_text("keeper-of-autumn")
    expect(desk.locator("main")).to_contain_text("of 6 right")
    desk.go_back()
    desk.get_by_role("button", name="Release the results now").click()
    expect(desk.get_by_text("released on")).to_be_visible()
    page.reload()
    expect(page.locator("main")).to_contain_text("of 6 right")


def test_times_are_told_where_one_is_and_assigned_from_there(visit: Visit, server: ThreadServer) -> None:
    teacher = visit(timezone_id="Asia/Tokyo")
    stage = Stage(lambda: teacher, server, server)
    desk = instructor(stage).open("/")
    invited(desk)
    desk.get_by_role("link", name="Assign an exam").click()
    zone = desk.get_by_label("In the time zone")
    expect(zone).to_have_value("Asia/Tokyo")
    opens = desk.get_by_label("Opens")
    suggested = opens.get_attribute("data-instant")
    assert suggested
    there = datetime.fromisoformat(suggested).astimezone(ZoneInfo("Asia/Tokyo"))
    expect(opens).to_have_value(there.strftime("%Y-%m-%dT%H:%M"))
    zone.fill("America/New_York")
    desk.get_by_role("button", name="Assign it").click()
    shown = desk.locator("time[data-zone='America/New_York']").first
    expect(shown).to_contain_text("(America/New_York)")
    expect(shown).to_contain_text("where you are")


def test_f29_extra_time_given_after_zero_reopens_the_page(visit: Visit, server: ThreadServer) -> None:
    visitor, made = member(Stage(visit, server, server), Release.AT_ONCE)
    page = visitor.open(f"/assignments/{made.assignment_id}")
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/*")
    sitting = visitor.sitting(page)
    end = Held(page, "**/end")
    server.clock.skip(seconds=at_server(sitting, server) + 1)
    sitting.catch_up()
    request = end.next()  # its clock stood at zero
    person_id = server.attempt(sitting.attempt_id).person_id
    with server.database.writing() as tx:
        task = assignments.kept(tx, made.assignment_id, [made.cohort_id])
        given = ExtraTime(10, Unit.MINUTES)
        assert assignments.grant(tx, task, person_id, given, person_id, server.clock.now())
    with page.expect_navigation():
        request.continue_()
    assert abs(shown(visitor.sitting(page)) - at_server(sitting, server)) <= TOLERANCE
    assert at_server(sitting, server) > 500
    expect(sitting.section.locator(".option input").first).to_be_enabled()
