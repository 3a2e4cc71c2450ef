"""States of the instructors' pages about measurement: the bank, its items, parameter versions, standards, long work.

Three exams of one bank: QUICK has nothing, EMPTY is at work, and MEASURED has an analysis and calibrations.
"""

from __future__ import annotations

from itertools import count

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.exam.item import Item
from app.exam.item_analysis import Line
from app.exam.person import SESSION_LIFETIME
from app.pages.depends import hash_token
from app.store import jobs, packs, people, regrades, tables
from app.store.database import Transaction
from app.store.packs import StoredExam
from tests.analyses import analysed, proposed, version_in_use
from tests.browser.stage import Stage, state
from tests.browser.towers import EMPTY, INSTRUCTOR, MEASURED, QUICK, SPARE
from tests.browser.visitor import Visitor

BANK, ITEM = "/exams/{exam_id}/items", "/exams/{exam_id}/items/{item_version_id}"
REGRADE = ITEM + "/regrade"
MEASUREMENT, VERSION = "/exams/{exam_id}/measurement", "/exams/{exam_id}/measurement/{version_id}"
STANDARD, JOB = "/exams/{exam_id}/standard", "/jobs/{job_id}"
_numbers = count(1)


def _instructor(stage: Stage) -> Visitor:
    """The instructor of this server, who is logged in already: quicker than by the forms."""
    made, token = stage.guest(), f"instructor-{next(_numbers)}"
    with stage.server.database.writing() as tx:
        now = stage.server.clock.now()
        people.open_session(tx, _instructor_id(tx), hash_token(token), "", now, SESSION_LIFETIME)
    name = stage.server.app.state.site.cookie_name()
    made.context.add_cookies([{"name": name, "value": token, "url": stage.server.address}])
    return made


def _instructor_id(tx: Transaction) -> int:
    found: int = tx.execute(select(tables.person.c.id).where(tables.person.c.name == INSTRUCTOR)).scalar_one()
    return found


def _analysed(stage: Stage) -> list[Line]:
    return analysed(stage.server.database, MEASURED, stage.server.clock.now())


def _proposed(stage: Stage) -> int:
    return proposed(stage.server.database, MEASURED, stage.server.clock.now())


def _bank(stage: Stage) -> tuple[StoredExam, dict[int, Item]]:
    with stage.server.database.reading() as tx:
        stored = packs.exam(tx, MEASURED)
        return stored, packs.bank(tx, stored.pack_version_id)


# The bank and its items ----------------------------------------


@state(BANK)
def bank_before_the_first_analysis(stage: Stage) -> Page:
    return _instructor(stage).open(f"/exams/{QUICK}/items")


@state(BANK)
def bank_with_flags(stage: Stage) -> Page:
    _analysed(stage)
    return _instructor(stage).open(f"/exams/{MEASURED}/items?sort=p&down=1")


@state(BANK)
def bank_where_nothing_fits(stage: Stage) -> Page:
    _analysed(stage)
    page = _instructor(stage).open(f"/exams/{MEASURED}/items?flag=key-check&domain=D9")
    expect(page.get_by_text("No item fits")).to_be_visible()
    return page


@state(ITEM)
def item_before_the_first_analysis(stage: Stage) -> Page:
    return _instructor(stage).open(f"/exams/{QUICK}/items/{min(_bank(stage)[1])}")


@state(ITEM)
def item_whose_key_must_be_checked(stage: Stage) -> Page:
    line = _analysed(stage)[0]
    page = _instructor(stage).open(f"/exams/{MEASURED}/items/{line.item_version_id}")
    expect(page.get_by_role("heading", name="Check the key")).to_be_visible()
    expect(page.locator("polyline.trace-key").first).to_be_attached()
    page.get_by_text("The same as a table").click()
    page.locator("details summary").first.click()
    return page


@state(ITEM)
def item_without_responses(stage: Stage) -> Page:
    line = next(line for line in _analysed(stage) if not line.count)
    return _instructor(stage).open(f"/exams/{MEASURED}/items/{line.item_version_id}")


@state(ITEM)
def item_withdrawn(stage: Stage) -> Page:
    _analysed(stage)
    version_id = next(found for found, item in _bank(stage)[1].items() if item.id == SPARE)
    now = stage.server.clock.now()
    with stage.server.database.writing() as tx:
        regrades.add(tx, version_id, None, None, "Nobody can tell.", now, _instructor_id(tx))
    page = _instructor(stage).open(f"/exams/{MEASURED}/items/{version_id}")
    expect(page.get_by_role("heading", name="Corrections")).to_be_visible()
    return page


@state(REGRADE)
def correction_asked_for_without_a_reason(stage: Stage) -> Page:
    visitor = _instructor(stage)
    visitor.expect_complaint("422")
    page = visitor.open(f"/exams/{MEASURED}/items/{min(_bank(stage)[1])}/regrade")
    page.get_by_label("Why").fill(" ")
    page.get_by_role("button", name="Withdraw the item").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state(REGRADE)
def correction_to_be_confirmed(stage: Stage) -> Page:
    page = _instructor(stage).open(f"/exams/{MEASURED}/items/{min(_bank(stage)[1])}/regrade")
    page.get_by_label("Why").fill("No option is right any more.")
    page.get_by_role("button", name="Withdraw the item").click()
    see, touched = page.get_by_role("link", name="See the result"), page.get_by_text("Attempts touched")
    expect(see.or_(touched)).to_be_visible()
    if see.is_visible():  # the work was done before its page was there
        see.click()
    expect(touched).to_be_visible()
    return page


# Parameter versions and standards ----------------------------------------


@state(MEASUREMENT)
def measurement_of_an_exam_without_a_version(stage: Stage) -> Page:
    return _instructor(stage).open(f"/exams/{QUICK}/measurement")


@state(MEASUREMENT)
def measurement_before_the_first_analysis(stage: Stage) -> Page:
    return _instructor(stage).open("/exams/tutorial/measurement")


@state(MEASUREMENT)
def measurement_at_work(stage: Stage) -> Page:
    now = stage.server.clock.now()
    with stage.server.database.writing() as tx:
        version_in_use(tx, EMPTY, now)
        jobs.start(tx, "calibration", EMPTY, {}, None, now)
    page = _instructor(stage).open(f"/exams/{EMPTY}/measurement")
    expect(page.get_by_text("At work.")).to_be_visible()
    return page


@state(VERSION)
def version_proposed(stage: Stage) -> Page:
    page = _instructor(stage).open(f"/exams/{MEASURED}/measurement/{_proposed(stage)}")
    expect(page.locator("circle.dot").first).to_be_attached()
    return page


@state(VERSION)
def version_out_of_date(stage: Stage) -> Page:
    earlier, later = _proposed(stage), _proposed(stage)
    visitor = _instructor(stage)
    _adopt(visitor, later)
    page = visitor.open(f"/exams/{MEASURED}/measurement/{earlier}")
    expect(page.get_by_text("This proposal is out of date.")).to_be_visible()
    return page


@state(MEASUREMENT)
def measurement_with_a_version_adopted(stage: Stage) -> Page:
    _analysed(stage)
    return _adopt(_instructor(stage), _proposed(stage))


def _adopt(visitor: Visitor, version_id: int) -> Page:
    page = visitor.open(f"/exams/{MEASURED}/measurement/{version_id}")
    page.get_by_label("Why").fill("It rests on more responses.")
    page.get_by_role("button", name="Adopt").click()
    page.wait_for_url(f"**/exams/{MEASURED}/measurement")
    return page


@state(STANDARD)
def standard_of_a_panel(stage: Stage) -> Page:
    rated = [item for item in _bank(stage)[1].values() if item.id != SPARE]
    lines = [f"{item.id},0.6,{0.5 + place / 100},70 %" for place, item in enumerate(rated)]
    page = _instructor(stage).open(f"/exams/{MEASURED}/standard")
    page.get_by_label("Ratings").fill("\n".join(["item,rater 1,rater 2,rater 3", *lines]))
    page.get_by_role("button", name="Show what they come to").click()
    expect(page.get_by_role("button", name="Propose this cut")).to_be_visible()
    return page


@state(STANDARD)
def standard_that_cannot_be_read(stage: Stage) -> Page:
    visitor = _instructor(stage)
    visitor.expect_complaint("422")
    page = visitor.open(f"/exams/{MEASURED}/standard")
    page.get_by_role("button", name="Show what they come to").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


# Long work ----------------------------------------


@state(JOB)
def work_going_on(stage: Stage) -> Page:
    visitor, now = _instructor(stage), stage.server.clock.now()
    with stage.server.database.writing() as tx:
        job_id = jobs.start(tx, "analysis", "of the tests", {}, None, now)
        jobs.progress(tx, job_id, 120, 1000, "Reading the responses", now)
    page = visitor.open(f"/jobs/{job_id}")
    expect(page.get_by_role("progressbar")).to_be_visible()
    return page


@state(JOB)
def work_done(stage: Stage) -> Page:
    page = _ended(stage, "", {"see": f"/exams/{MEASURED}/items"})
    expect(page.get_by_role("link", name="See the result")).to_be_visible()
    return page


@state(JOB)
def work_that_failed(stage: Stage) -> Page:
    page = _ended(stage, "There is nothing to calibrate from yet.", None)
    expect(page.get_by_text("It was not done.")).to_be_visible()
    return page


def _ended(stage: Stage, note: str, result: dict[str, str] | None) -> Page:
    visitor, now = _instructor(stage), stage.server.clock.now()
    with stage.server.database.writing() as tx:
        job_id = jobs.start(tx, "calibration", "of the tests", {}, None, now)
        jobs.end(tx, job_id, note, result, now)
    return visitor.open(f"/jobs/{job_id}")
