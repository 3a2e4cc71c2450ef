"""Measurement pages: the chain of versions, proposals, adoption, and standards from ratings."""

from __future__ import annotations

import re

from app.exam.item import Item
from app.exam.person import Role
from app.store import packs, parameters
from tests.analyses import version_in_use
from tests.journeys.world import Browser, World
from tests.packs import SHORT

PATH = f"/exams/{SHORT}/measurement"


def instructor(world: World) -> Browser:
    """An instructor's browser, and a first version if the fixture's pack came without one."""
    with world.database.writing() as tx:
        version_in_use(tx, SHORT, world.clock.now())
    return world.visitor(Role.INSTRUCTOR)


def rated(world: World, low: float, high: float) -> str:
    """A sheet in which two raters rate every item the same."""
    with world.database.reading() as tx:
        items: list[Item] = list(packs.bank(tx, packs.exam(tx, SHORT).pack_version_id).values())
    return "item,ann,bob\n" + "".join(f"{item.id},{low},{high}\n" for item in items)


def test_the_page_says_what_is_in_use(world: World) -> None:
    text = instructor(world).get(PATH).text
    assert "cold-start-1" in text
    assert "In use" in text


def test_a_new_reference_is_proposed_and_adopted_with_a_reason(world: World) -> None:
    browser = instructor(world)
    answer = browser.post(f"{PATH}/reference")
    assert answer.status_code == 303
    proposal = answer.headers["location"]
    assert "only proposed" in browser.get(proposal).text
    assert browser.post(f"{proposal}/adopt", {"reason": " "}).status_code == 422
    assert browser.post(f"{proposal}/adopt", {"reason": "The bank has grown."}).status_code == 303
    with world.database.reading() as tx:
        used = parameters.in_use(tx, SHORT)
    assert used is not None
    assert used.label.startswith("reference-")
    assert "The bank has grown." in browser.get(PATH).text


def test_a_proposal_that_was_overtaken_cannot_be_adopted(world: World) -> None:
    browser = instructor(world)
    one = browser.post(f"{PATH}/reference").headers["location"]
    other = browser.post(f"{PATH}/reference").headers["location"]
    browser.post(f"{one}/adopt", {"reason": "First."})
    assert browser.post(f"{other}/adopt", {"reason": "Second."}).status_code == 409
    assert "out of date" in browser.get(other).text


def test_ratings_are_shown_and_then_proposed_as_a_standard(world: World) -> None:
    browser = instructor(world)
    sheet = rated(world, 0.6, 0.7)
    shown = browser.post(f"/exams/{SHORT}/standard", {"ratings": sheet})
    assert shown.status_code == 200
    assert "65.0 %" in shown.text
    answer = browser.post(
        f"/exams/{SHORT}/standard", {"ratings": sheet, "name": "Two keepers", "action": "propose"}
    )
    assert answer.status_code == 303
    page = browser.get(answer.headers["location"]).text
    assert "Two keepers" in page
    assert "2 raters" in page


def test_a_proposed_standard_changes_no_form_until_it_is_adopted(world: World) -> None:
    browser = instructor(world)
    sheet = rated(world, 0.6, 0.7)
    fields = {"ratings": sheet, "name": "Two keepers", "action": "propose"}
    proposal = browser.post(f"/exams/{SHORT}/standard", fields).headers["location"]
    with world.database.reading() as tx:
        before = parameters.in_use(tx, SHORT)
    assert before is not None
    assert not before.set_here
    browser.post(f"{proposal}/adopt", {"reason": "Agreed."})
    with world.database.reading() as tx:
        after = parameters.in_use(tx, SHORT)
    assert after is not None
    assert after.set_here
    assert after.cut.source == "Two keepers"


def test_wrong_ratings_come_back_with_every_problem(world: World) -> None:
    answer = instructor(world).post(f"/exams/{SHORT}/standard", {"ratings": "item,ann,bob\nx,2000,a\n"})
    assert answer.status_code == 422
    assert answer.text.count("the rating of") == 2
    assert "x,2000,a" in answer.text


def test_the_empty_sheet_has_every_item(world: World) -> None:
    browser = instructor(world)
    lines = browser.get(f"/exams/{SHORT}/standard/items.csv").text.splitlines()
    assert lines[0] == "item,rater 1,rater 2,rater 3"
    assert all(re.fullmatch(r"\w+,,,", line) for line in lines[1:])
    assert len(lines) > 10


def test_an_exam_that_is_not_there_is_not_found(world: World) -> None:
    assert instructor(world).get("/exams/nowhere/measurement").status_code == 404
