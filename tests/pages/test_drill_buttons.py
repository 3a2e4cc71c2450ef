"""Drill buttons: from what went wrong, one click to a practice set of just that."""

from __future__ import annotations

import pytest

from app import loading
from app.exam.practice import WAYS
from app.settings import ROOT
from app.store import parameters
from tests import packs
from tests.journeys.world import Sitting, World
from tests.packs import NOON
from tests.pages.drills import begun, offered


@pytest.fixture
def ended(fresh_world: World) -> Sitting:
    """An attempt with nothing right, in a world whose exams are measured by their ratings."""
    with fresh_world.database.writing() as tx:
        for exam in packs.pack().exams:
            parameters.follow_pack(tx, exam, lambda: packs.pack().items, "1.0.0", NOON)
    sitting = fresh_world.browser().start()
    sitting.answer(0)
    sitting.end()
    return sitting


@pytest.mark.parametrize(
    ("path", "ways"),
    [("", {"domain", "topic"}), ("/debrief", {"trap"}), ("study", {"domain", "topic"})],
)
def test_each_button_starts_a_set_of_just_what_it_names(ended: Sitting, path: str, ways: set[str]) -> None:
    browser = ended.browser
    page = browser.get("/study" if path == "study" else ended.report + path).text
    buttons = offered(page)
    assert {way for _, fields in buttons for way in fields} - {"exam"} == ways
    for named, fields in buttons:
        (way,) = fields.keys() - {"exam"}
        drill = begun(browser.post("/practice", fields), browser)
        assert all(fields[way] in WAYS[way](item) for item in drill.items), named
        assert drill.length >= 1


def test_the_topics_to_study_next_can_be_drilled_in_the_order_of_their_gain(ended: Sitting) -> None:
    page = ended.browser.get(ended.report).text
    next_steps = page[page.index('class="study"') : page.index("</ol>")]
    assert [way for _, fields in offered(next_steps) for way in fields if way != "exam"] == ["topic"] * 2


def test_the_tutorial_offers_no_drills(fresh_world: World) -> None:
    loading.load(fresh_world.database, ROOT / "questions" / "tutorial", NOON)
    sitting = fresh_world.browser().start("tutorial")
    sitting.answer(0)
    sitting.end()
    assert offered(sitting.browser.get(sitting.report).text) == []
    assert offered(sitting.browser.get(sitting.report + "/debrief").text) == []
